"""Responses of an acute run: to each pulse of a train, and while other stimuli last.

Counts are per neuron of the stimulated part of the skin map, silent neurons included.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from .events import CAUSES, ROLES
from .runs import Run
from .words import length, plain

KINDS = ("projection", "excitatory", "inhibitory")
OUTPUT_KIND = KINDS[0]
MS_A_DAY = 86400e3
SUPERFICIAL = 2
"""laminae I and II; those below are deep"""
LEAST_MS = 1.0
"""a run stopped before its first epoch still has an axis"""
BINS_A_WINDOW = 14
WHOLE_MAP = (0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Train:
    """One train of volleys: when its pulses came, and what each of them drew."""

    kind: str
    site: tuple[float, float]
    evoked: pd.DataFrame
    slow: bool
    """whether the response to a pulse is over before the next one comes"""

    @property
    def pulses_ms(self) -> np.ndarray:
        """Times of the pulses."""
        return np.asarray(self.evoked.time_ms.unique())

    @property
    def mean(self) -> tuple[float, float]:
        """Mean response of the projection neurons to a pulse, and its standard error (nan of one pulse)."""
        curve: np.ndarray = np.asarray(self.curve(), float)
        size = len(curve)
        error = float(curve.std(ddof=1)) / math.sqrt(size) if size > 1 else math.nan
        return float(curve.mean()), error

    @property
    def interval_ms(self) -> float:
        """Shortest time between two pulses; infinite for a single one."""
        return float(np.diff(self.pulses_ms).min()) if len(self.pulses_ms) > 1 else math.inf

    @property
    def label(self) -> str:
        """What it is and when it began: `c volley, 2 s`."""
        return f"{plain(self.kind)}, {length(self.pulses_ms[0] / MS_A_DAY)}"

    def curve(self, kind: str = OUTPUT_KIND, window: str = "spikes_per_neuron") -> pd.Series:
        """Spikes of a neuron of a kind after each pulse (or in a latency window), by the pulse's number."""
        mine = self.evoked[self.evoked.kind == kind]
        return mine.set_index("stimulus_number")[window]

    def growth(self, kind: str = OUTPUT_KIND) -> tuple[float, float, float]:
        """Spikes a neuron after the first pulse and after the last, and their ratio (nan from nothing)."""
        curve = self.curve(kind)
        first, last = float(curve.iloc[0]), float(curve.iloc[-1])
        return first, last, last / first if first else math.nan


@dataclass(frozen=True)
class Span:
    """A stretch of the run (ms) and what was done to the skin in it."""

    name: str
    start_ms: float
    stop_ms: float


class Responses:
    """What an acute run's neurons did, by kind and depth; `site` is the stimulated part of the map."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.stimuli = [
            s for s in run.info.get("stimuli", ()) if ROLES.get(s["kind"], "injury") in (*CAUSES, "sham")
        ]
        self.windows: dict[str, tuple[float, float]] = {
            name: (float(low), float(high)) for name, (low, high) in run.info["windows_ms"].items()
        }
        self.site = tuple(self.stimuli[0]["site"]) if self.stimuli else WHOLE_MAP
        self.end_ms = max(LEAST_MS, float(run.info["simulated_d"]) * MS_A_DAY)

    @cached_property
    def trains(self) -> tuple[Train, ...]:
        """The trains of volleys in the order of their first pulse.

        Pulses whose response the run's end cuts off are left out: a half-seen answer is no small answer.
        """
        given = self.run.info["stimuli"]
        apart = self.windows["c"][1]
        heard = self.run.evoked[self.run.evoked.time_ms + apart <= self.end_ms]
        found = []
        for number, evoked in heard.groupby("stimulus"):
            stimulus = given[int(str(number))]
            times = evoked.time_ms.unique()
            slow = len(times) == 1 or float(np.diff(times).min()) >= apart
            found.append(Train(stimulus["kind"], tuple(stimulus["site"]), evoked, slow))
        return tuple(sorted(found, key=lambda t: float(t.pulses_ms[0])))

    @property
    def slow(self) -> tuple[Train, ...]:
        """The trains whose single responses can be told apart."""
        return tuple(train for train in self.trains if train.slow)

    def neurons(self, kind: str, deep: bool | None = None, site: Sequence[float] | None = None) -> np.ndarray:
        """The neurons of a kind in the stimulated part (or `site`): all, the deep or the superficial."""
        r, (low, high) = self.run.roster, site or self.site
        chosen = (r.kind == kind) & r.place.between(low, high)
        if deep is not None:
            chosen &= (r.lamina > SUPERFICIAL) == deep
        return np.asarray(r.neuron[chosen])

    def spikes_of(self, neurons: np.ndarray) -> np.ndarray:
        """Times (ms) of all spikes of these neurons, in order."""
        wanted = np.zeros(int(self.run.roster.neuron.max()) + 1, bool)
        wanted[neurons] = True
        spikes = self.run.spikes
        return np.asarray(spikes.time_ms.to_numpy(float)[wanted[spikes.neuron.to_numpy(int)]])

    def edges_ms(self, trains: Sequence[Train]) -> np.ndarray:
        """Bins after a pulse, so many a latency window, as far as no train of these has its next pulse."""
        until = min(train.interval_ms for train in trains)
        parts = [np.linspace(low, high, BINS_A_WINDOW + 1) for low, high in self.windows.values()]
        edges = np.unique(np.round(np.concatenate(parts), 6))
        return edges[edges <= until + 1e-6]

    def histogram(self, neurons: np.ndarray, pulses_ms: np.ndarray, edges_ms: np.ndarray) -> np.ndarray:
        """Mean firing of these neurons (Hz) in each bin after the pulses."""
        times = self.spikes_of(neurons)
        found = [np.diff(np.searchsorted(times, pulse + edges_ms)) for pulse in pulses_ms]
        seconds = np.diff(edges_ms) * 1e-3 * max(1, len(neurons)) * max(1, len(pulses_ms))
        return np.asarray(np.sum(found, axis=0) / seconds)

    def rate(self, neurons: np.ndarray, span: Span) -> float:
        """Mean firing of these neurons (Hz) over a span."""
        low, high = np.searchsorted(self.spikes_of(neurons), (span.start_ms, span.stop_ms))
        return float(high - low) / max(1, len(neurons)) / max(1e-9, (span.stop_ms - span.start_ms) * 1e-3)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Before the first stimulus, each stimulus, after the last one: as far as the run went."""
        found = [
            Span(
                plain(s["kind"]),
                s["start_d"] * MS_A_DAY,
                self.end_ms if s["stop_d"] is None else min(self.end_ms, s["stop_d"] * MS_A_DAY),
            )
            for s in self.stimuli
            if s["start_d"] * MS_A_DAY < self.end_ms
        ]
        if not found:
            return (Span("the whole run", 0.0, self.end_ms),)
        if len({s.name for s in found}) < len(found):
            found = [replace(s, name=f"{s.name}, {length(s.start_ms / MS_A_DAY)}") for s in found]
        before = Span("before", 0.0, min(s.start_ms for s in found))
        after = Span("after", max(s.stop_ms for s in found), self.end_ms)
        return tuple(s for s in (before, *found, after) if s.stop_ms > s.start_ms)
