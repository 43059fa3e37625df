"""What is done to the slice over time.

Stimuli drive afferents, knock-outs and treatments change parameters, clamps hold columns and maps.
A treatment changes rates, never outputs.
"""

from __future__ import annotations

import math

import numpy as np

from ..agents.afferent import A_BETA, A_DELTA, C_NONPEPTIDERGIC, C_PEPTIDERGIC
from ..agents.engine import Parameters, Population, rule_card, uniform
from .scenario import Clamp, Course, Override, Scenario, Stimulus
from .slice import Sheet
from .targets import CLAMP_TARGETS, Target

CHOSEN = 301


def identifier(key: str) -> str:
    """The name under which rules read a registry key."""
    return key.replace(".", "_")


def active(start_d: float, stop_d: float, time_d: float) -> bool:
    """Whether a span covers this moment (its stop not included)."""
    return start_d <= time_d < stop_d


class Drives:
    """The declared input: which fibres each stimulus takes, and how hard it drives them now."""

    def __init__(self, stimuli: tuple[Stimulus, ...], afferents: Population, seed: int):
        self.stimuli = stimuli
        self.afferents = afferents
        self._hz, self._site = [], []
        for number, s in enumerate(stimuli):
            d = s.drive
            share = {
                C_PEPTIDERGIC: (d.c_fraction, d.c_hz),
                C_NONPEPTIDERGIC: (d.c_fraction, d.c_hz),
                A_DELTA: (d.a_delta_fraction, d.a_delta_hz),
                A_BETA: (d.a_beta_fraction, d.a_beta_hz),
            }
            inside = (afferents.skin >= s.site[0]) & (afferents.skin <= s.site[1])
            hz = np.zeros(len(afferents))
            for row in np.flatnonzero(inside):
                fraction, rate = share[int(afferents.kind[row])]
                hz[row] = rate if uniform(seed, int(afferents.uid[row]), number, CHOSEN) < fraction else 0.0
            self._hz.append(hz)
            self._site.append(inside)

    def fibres(self, number: int) -> np.ndarray:
        """Which fibres stimulus `number` takes."""
        return np.asarray(self._hz[number] > 0.0)

    def apply(self, start_d: float, stop_d: float) -> None:
        """Write the drive of the tick from `start_d` to `stop_d` into the afferents' inputs."""
        a = self.afferents
        for column in (a.drive_hz, a.volley_hz, a.inflammation, a.nerve_injury, a.blocked):
            column[:] = 0.0
        for s, hz, inside in zip(self.stimuli, self._hz, self._site, strict=True):
            level = s.mean_level(start_d, stop_d)
            if level <= 0.0:
                continue
            a.drive_hz[:] += level * hz
            if s.drive.volleys:
                a.volley_hz[:] += level * hz
            a.inflammation[inside] = np.minimum(1.0, a.inflammation[inside] + level * s.drive.inflammation)
            a.nerve_injury[inside] = np.minimum(1.0, a.nerve_injury[inside] + level * s.drive.nerve_injury)
            a.blocked[inside] = np.minimum(1.0, a.blocked[inside] + level * s.drive.silences)


class Regimen:
    """Keeps the parameters at what knock-outs, clamps and treatments make of them at this moment."""

    def __init__(self, scenario: Scenario, parameters: Parameters):
        self.base = dict(scenario.parameters)
        held = [c for c in scenario.clamps if CLAMP_TARGETS[c.target].kind == "parameter"]
        self.overrides = scenario.overrides + tuple(
            Override(c.start_d, c.stop_d, CLAMP_TARGETS[c.target].where, c.factor, c.value, c.target)
            for c in held
        )
        self.courses = scenario.courses
        self.parameters = parameters

    def apply(self, time_d: float) -> None:
        """Set every touched parameter for the tick that begins at `time_d`."""
        now = {key: self.base[key] for key in self._touched()}
        for c in self.courses:
            now[c.parameter] *= course_factor(c, time_d)
        for o in self.overrides:
            if active(o.start_d, o.stop_d, time_d):
                now[o.parameter] = o.value if o.value is not None else now[o.parameter] * (o.factor or 0.0)
        for key, value in now.items():
            self.parameters.set(identifier(key), value)

    def _touched(self) -> list[str]:
        return sorted({o.parameter for o in self.overrides} | {c.parameter for c in self.courses})


def course_factor(c: Course, time_d: float) -> float:
    """Factor of a treatment at a moment: it comes on and wears off with its own time constants."""
    if time_d < c.start_d:
        return 1.0
    lasted = min(time_d, c.stop_d) - c.start_d
    reached = 1.0 - math.exp(-lasted / c.onset_d) if c.onset_d > 0 else 1.0
    left = 1.0
    if time_d >= c.stop_d:
        left = math.exp(-(time_d - c.stop_d) / c.offset_d) if c.offset_d > 0 else 0.0
    return 1.0 + (c.factor - 1.0) * reached * left


class Holds:
    """Clamps of columns: what others see is held, while the agent's own rule goes on from the truth."""

    def __init__(self, clamps: tuple[Clamp, ...], populations: dict[str, Population], sheet: Sheet):
        self.clamps = [
            (c, CLAMP_TARGETS[c.target]) for c in clamps if CLAMP_TARGETS[c.target].kind == "column"
        ]
        self.populations = populations
        self.sheet = sheet
        self._truth: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def _inside(self, clamp: Clamp, population: Population) -> np.ndarray:
        if clamp.site is None:
            return np.ones(population.size, bool)
        place = population.skin if "skin" in population.columns else self.sheet.place_of(population.cell)
        return (place >= clamp.site[0]) & (place <= clamp.site[1])

    def lift(self, population: str, rule: str) -> None:
        """Give a rule's agents their true values back before it runs."""
        for k, (_, target) in reversed(list(enumerate(self.clamps))):  # last held, first let go
            if self._concerns(target, population, rule) and k in self._truth:
                truth, shown = self._truth.pop(k)
                column = self.populations[population].columns[target.name]
                n = truth.size  # newborns have no other truth than what they show
                same = column[:n] == shown
                column[:n] = np.where(same, truth, column[:n])

    def press(self, population: str, rule: str, time_d: float) -> None:
        """Hold the columns again after it has run."""
        for k, (clamp, target) in enumerate(self.clamps):
            if not self._concerns(target, population, rule) or not active(
                clamp.start_d, clamp.stop_d, time_d
            ):
                continue
            here = self.populations[population]
            column = here.columns[target.name]
            inside = self._inside(clamp, here)
            truth = column.copy()
            held = clamp.value if clamp.value is not None else column[inside] * (clamp.factor or 0.0)
            column[inside] = held
            self._truth[k] = (truth, column.copy())

    def _concerns(self, target: Target, population: str, rule: str) -> bool:
        if target.where != population:
            return False
        return target.name in rule_card(self.populations[population].agent_class, rule).writes
