"""What was done to the slice and when: the injuries, blocks, treatments, clamps, knock-outs of a run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .runs import Run, RunError
from .words import day, plain

Role = Literal["injury", "stimulus", "block", "sham", "treatment", "knock-out", "clamp"]

DAYS = {
    "ms": 1 / 86400e3,
    "s": 1 / 86400,
    "min": 1 / 1440,
    "h": 1 / 24,
    "d": 1.0,
    "weeks": 7.0,
    "months": 30.4375,
}
SINGULAR = {"week": "weeks", "month": "months"}
TIME = re.compile(r"\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*([a-z]+)\s*")
ROLES: dict[str, Role] = {
    "nerve_block": "block",
    "sham": "sham",
    "innocuous_brush": "stimulus",
    "pinch": "stimulus",
    "pinprick": "stimulus",
    "c_volley": "stimulus",
    "electric_shock": "stimulus",
    "a_beta_volley": "stimulus",
    "high_frequency_burst": "stimulus",
    "tonic": "stimulus",
}
"""kinds that are no injury; every other kind is one"""
CAUSES: tuple[Role, ...] = ("injury", "stimulus")


@dataclass(frozen=True)
class Event:
    """One thing done to the slice.  `stop_d` is None when it lasts to the end or ends by itself."""

    role: Role
    what: str
    start_d: float
    stop_d: float | None = None

    @property
    def span(self) -> str:
        """The span in words: `day 2 to 16`, `from day 2`."""
        if self.stop_d is None:
            return f"from {day(self.start_d)}"
        start, stop = day(self.start_d), day(self.stop_d)
        if start.startswith("day ") and stop.startswith("day "):
            stop = stop.removeprefix("day ")
        return start if self.stop_d <= self.start_d else f"{start} to {stop}"

    @property
    def label(self) -> str:
        """What it is and when, for a mark in a figure."""
        return f"{'injury: ' if self.role == 'injury' else ''}{self.what}, {self.span}"


def days(time: Any) -> float:
    """A time of a scenario file in days: a number with a unit, or a plain number of days.

    >>> days("2 weeks"), days("12 h"), days(3)
    (14.0, 0.5, 3.0)

    Raises `RunError` for anything else.
    """
    if isinstance(time, (int, float)) and not isinstance(time, bool):
        return float(time)
    found = TIME.fullmatch(str(time))
    unit = SINGULAR.get(found[2], found[2]) if found else ""
    if found is None or unit not in DAYS:
        raise RunError(f"{time!r} is not a time; a time is a number with one of the units {' '.join(DAYS)}")
    return float(found[1]) * DAYS[unit]


def events(run: Run) -> tuple[Event, ...]:
    """Everything that was done to the slice, injuries first, each group by its start."""
    return events_of(run.scenario, run.info.get("stimuli"))


def events_of(
    scenario: Mapping[str, Any], stimuli: Sequence[Mapping[str, Any]] | None = None
) -> tuple[Event, ...]:
    """The same from a scenario's tables; `stimuli` knows when a cause that heals by itself was gone."""
    return tuple(sorted(_events(scenario, stimuli), key=lambda e: (ORDER.index(e.role), e.start_d)))


ORDER: tuple[Role, ...] = ("injury", "stimulus", "sham", "block", "treatment", "clamp", "knock-out")


def first_start(done: Sequence[Event]) -> float | None:
    """Day of the first stimulus, which ends the naive baseline; None when there was none."""
    return min((e.start_d for e in done if e.role in (*CAUSES, "sham", "block")), default=None)


def last_stop(done: Sequence[Event]) -> float | None:
    """Day on which the last injury's cause was gone; None without an injury or while one has no end."""
    stops = [e.stop_d for e in done if e.role in CAUSES]
    known = [stop for stop in stops if stop is not None]
    return max(known) if known and len(known) == len(stops) else None


def _events(scenario: Mapping[str, Any], stimuli: Sequence[Mapping[str, Any]] | None) -> Iterator[Event]:
    # the scenario file may only say when a cause that heals by itself began
    for stimulus in stimuli or scenario.get("stimulus", ()):
        start, stop = _span(stimulus)
        kind = str(stimulus["kind"])
        yield Event(ROLES.get(kind, "injury"), plain(kind), start, stop)
    for treatment in scenario.get("treatment", ()):
        dose = treatment.get("dose", 1.0)
        what = plain(str(treatment["name"])) + ("" if dose == 1.0 else f" (dose {dose:g})")
        what += f" every {treatment['every']}" if "every" in treatment else ""
        what += f" tapered over {treatment['taper']}" if "taper" in treatment else ""
        yield Event("treatment", what, *_span(treatment))
    for clamp in scenario.get("clamp", ()):
        how = f"held at {clamp['value']}" if "value" in clamp else f"times {clamp.get('factor', 1):g}"
        yield Event("clamp", f"{plain(str(clamp['target']))} {how}", *_span(clamp))
    for knockout in scenario.get("knockout", ()):
        yield Event("knock-out", f"without {plain(str(knockout['mechanism']))}", *_span(knockout))


def _span(entry: Mapping[str, Any]) -> tuple[float, float | None]:
    start = entry.get("start_d", entry.get("start", 0.0))
    stop = entry.get("stop_d", entry.get("stop"))
    return days(start), None if stop is None else days(stop)
