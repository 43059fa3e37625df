"""What the model is asked to do: plain frozen values, every number resolved.

A scenario file is read, checked and resolved elsewhere (`dorsalhorn.scenarios`); the model only
ever sees these values.  Times are days since the start, everything else is in the unit of the
parameter registry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from .anatomy import Anatomy

SECONDS_A_DAY = 86400.0
ALL_FIBRES, C_FIBRES, INJURED, INFLAMED = "all", "c", "injured", "inflamed"
"""which afferents a treatment takes: the last two as far as each is injured or inflamed"""


@dataclass(frozen=True)
class Drive:
    """How a kind of stimulus drives the afferents of its site (the kind's published course).

    The level rises over `onset_d`, stays until the plateau ends or the stimulus is stopped,
    and then heals with the time constant `healing_d`.
    """

    c_fraction: float = 0.0
    """share of the C fibres of the site that fire"""
    c_hz: float = 0.0
    a_delta_fraction: float = 0.0
    a_delta_hz: float = 0.0
    a_beta_fraction: float = 0.0
    a_beta_hz: float = 0.0
    inflammation: float = 0.0
    """0..1, sensitises the fibres of the site"""
    nerve_injury: float = 0.0
    """0..1, share of the nerve's damage: alpha-2-delta-1 and CSF1 of its fibres"""
    onset_d: float = 0.05
    plateau_d: float = math.inf
    healing_d: float = 0.5
    silences: float = 0.0
    """1: conduction in the fibres of the site is blocked"""
    spares_a_fibres: float = 0.0
    """1: only C fibres are silenced"""
    volleys: bool = False
    """its fibres fire together, one spike at each pulse, instead of each in its own time"""


@dataclass(frozen=True)
class Stimulus:
    """One injury or stimulus: where, when, how strong, and the course of its kind."""

    kind: str
    start_d: float
    stop_d: float | None = None
    site: tuple[float, float] = (0.35, 0.65)
    intensity: float = 1.0
    rate_hz: float | None = None
    count: int | None = None
    drive: Drive = field(default_factory=Drive)
    course: Course | None = None
    """of a treatment at the nerve or skin: conduction follows it, not the course of a kind"""
    label: str = ""
    """empty for a stimulus of the file, else the treatment it comes from"""

    @property
    def cause_ends_d(self) -> float:
        """The day on which the cause is gone (infinite for an injury that never heals)."""
        end = self.start_d + self.drive.plateau_d
        return end if self.stop_d is None else self.stop_d

    @property
    def pulse_hz(self) -> float:
        """Pulses a second of a train of volleys; 0 if its fibres fire each in its own time."""
        d = self.drive
        return max(d.c_hz, d.a_delta_hz, d.a_beta_hz) if d.volleys else 0.0

    @property
    def pulses_d(self) -> list[float]:
        """The days on which each pulse of a train is given."""
        rate = self.pulse_hz * SECONDS_A_DAY
        if rate <= 0.0 or math.isinf(self.cause_ends_d):
            return []
        number = round((self.cause_ends_d - self.start_d) * rate)
        return [self.start_d + k / rate for k in range(number)]

    def mean_level(self, start_d: float, stop_d: float) -> float:
        """Mean share of the full drive between two days (0 before the start), times the intensity."""
        return self.intensity * (self._area(stop_d) - self._area(start_d)) / (stop_d - start_d)

    def _area(self, time_d: float) -> float:
        """Integral of the share from the start to `time_d`: rise, plateau, then an exponential fall."""
        onset, healing = self.drive.onset_d, self.drive.healing_d
        lasts = max(0.0, self.cause_ends_d - self.start_d)
        t = time_d - self.start_d
        if t <= 0.0:
            return 0.0
        on = min(t, lasts)
        area = on * on / (2.0 * onset) if on < onset else on - 0.5 * onset
        if t > lasts and healing > 0.0:
            reached = min(1.0, lasts / onset) if onset > 0.0 else 1.0
            area += reached * healing * (1.0 - math.exp(-(t - lasts) / healing))
        return area


@dataclass(frozen=True)
class Override:
    """A parameter held at another value over a span: a knock-out, or a clamp of a parameter."""

    start_d: float
    stop_d: float
    parameter: str
    factor: float | None = None
    value: float | None = None
    label: str = ""


@dataclass(frozen=True)
class Course:
    """A treatment's effect on one parameter: a factor reached with its own kinetics."""

    start_d: float
    stop_d: float
    parameter: str
    """registry key, or what of the fibres of a site"""
    factor: float = 1.0
    """at the dose that is given"""
    onset_d: float = 0.0
    offset_d: float = 0.0
    label: str = ""
    ceiling: float | None = None
    """the factor beyond which no dose goes; without one each further dose acts on what is left"""
    every_d: float | None = None
    """interval between doses; without one it is given without pause"""
    lasts_d: float | None = None
    """how long each dose is there"""
    taper_d: float = 0.0
    """over how long before the stop the dose goes down to nothing"""
    evenly: bool = False
    """it wears off at a constant rate: the full effect within `offset_d`"""


@dataclass(frozen=True)
class Given:
    """A treatment as the file asks for it; courses, stimuli and clamps of its label say what it does."""

    name: str
    start_d: float
    stop_d: float = math.inf
    dose: float = 1.0
    site: tuple[float, float] | None = None
    every_d: float | None = None
    lasts_d: float | None = None
    taper_d: float = 0.0


@dataclass(frozen=True)
class Clamp:
    """A column or a field held over a span, by a factor or at a value, in a part of the skin map."""

    start_d: float
    stop_d: float
    target: str
    factor: float | None = None
    value: float | None = None
    site: tuple[float, float] | None = None
    fibres: str = ALL_FIBRES
    """which afferents: all, C fibres, or each as far as it is injured or inflamed"""
    course: Course | None = None
    """of a treatment: the factor follows it"""
    label: str = ""
    """empty for a clamp of the file, else the treatment it comes from"""


@dataclass(frozen=True)
class Record:
    """What is kept of a run."""

    every_d: float = 0.25
    agents: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """Everything a run needs to know; `parameters` and `switches` are complete."""

    title: str
    biology: str
    mode: str
    duration_d: float
    tick_d: float
    seed: int
    scale: float
    receptors_per_neuron: int
    parameters: dict[str, float]
    anatomy: Anatomy
    switches: dict[str, str] = field(default_factory=dict)
    stimuli: tuple[Stimulus, ...] = ()
    overrides: tuple[Override, ...] = ()
    courses: tuple[Course, ...] = ()
    clamps: tuple[Clamp, ...] = ()
    treatments: tuple[Given, ...] = ()
    definitions: dict[str, Any] = field(default_factory=dict)
    """what the scenario itself brings of the treatments it names"""
    record: Record = field(default_factory=Record)
    name: str = ""
    sample_quiet: bool = False
    """acute: of ticks long after the last stimulus, only a sample of electricity is played"""

    @property
    def acute(self) -> bool:
        """Whether epochs run end to end: a tick is an epoch, and electricity misses nothing."""
        return self.mode == "acute"

    def played_d(self, start_d: float) -> float:
        """How much electricity of the tick that begins at `start_d` an acute run plays, in days.

        All of it, unless quiet ticks are sampled and this is one: no stimulus falls into it, nor into the
        time before it that slow rules average over.  So nothing is left out of what a stimulus does, only
        of waiting for the next.
        """
        if not self.sample_quiet:
            return self.tick_d
        since_d = start_d - self.parameters["epoch.memory_acute"]
        stop_d = start_d + self.tick_d
        stirred = any(
            any(since_d <= pulse < stop_d for pulse in s.pulses_d)
            if s.pulses_d
            else s.mean_level(since_d, stop_d) > 0.0
            for s in self.stimuli
        )
        sample_d = self.parameters["epoch.length"] * 1e-3 / SECONDS_A_DAY
        return self.tick_d if stirred else min(self.tick_d, sample_d)

    @property
    def ticks(self) -> int:
        """Number of ticks of the run."""
        return max(1, round(self.duration_d / self.tick_d))

    @property
    def own_stimuli(self) -> tuple[Stimulus, ...]:
        """The stimuli of the file, without what treatments do to the nerve."""
        return tuple(s for s in self.stimuli if not s.label)

    @property
    def own_clamps(self) -> tuple[Clamp, ...]:
        """The clamps of the file, without what treatments do to the afferents."""
        return tuple(c for c in self.clamps if not c.label)
