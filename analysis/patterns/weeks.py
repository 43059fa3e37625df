"""What protocols of days to weeks share: one slice, settled once, whose copies meet different fates.

    subject = Subject(slice)
    ligated = stimuli(injury("spinal_nerve_ligation"))
    pain = subject.course(ligated, at=(3.0, 7.0, 14.0), keep=(7.0,))
    drug = treatments(given("gabapentin", 7.0))
    later = subject.course(ligated, drug, at=(7.0, 7.1, 8.0), since=pain.moment(7.0))
    pain.mt(14.0), later.mt(7.1), later.reversal(7.1, before_d=7.0)

Day 0 is when the slice has settled.  Ticks are long while nothing changes and short after every change.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..measures import THRESHOLD
from .protocol import Preparation

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn
    from ...model.scenario import Scenario

MT, REST = "mt", "rest_hz"
"""columns of `Course.table` beside those of a run: threshold over naive, output without a stimulus"""
BASELINE_D = (0.0, 0.5, 1.0, 1.5, 2.0)
"""when the naive slice is tested"""
PACE = ((2.0, 2.0), (14.0, 4.0), (math.inf, 8.0))
"""until which day ticks are at most so long (h)"""
AFTER_CHANGE = ((2.0, 0.5), (8.0, 1.0))
"""until how many hours after a change they are at most so long (h)"""
TICKS_H = (8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 1.0 / 12.0, 1.0 / 60.0)
DAY_S, DAY_MIN = 86400.0, 1440
HOUR_D = 1.0 / 24.0
REST_MS = 4000.0
REST_STREAM = 5000
"""address of the random numbers of the test without a stimulus"""
NEAR = 1e-6
"""days taken as the same moment"""

Watch = Mapping[str, Callable[["DorsalHorn"], float]]
"""further numbers to be read at every tick, by their names"""


@dataclass(frozen=True)
class Moment:
    """A slice at one time, from which other courses can go on."""

    day: float
    scenario: Scenario
    state: dict[str, np.ndarray]


@dataclass(frozen=True)
class Course:
    """What came out of one fate."""

    table: pd.DataFrame
    """the tests asked for: columns of a run, `mt` and `rest_hz`, by time_d"""
    states: pd.DataFrame
    """every tick: what can be read without a test"""
    moments: tuple[Moment, ...] = ()

    @property
    def last(self) -> Moment:
        """The end of it."""
        return self.moments[-1]

    def moment(self, day: float) -> Moment:
        """The slice on a day that was to be kept."""
        return next(m for m in self.moments if abs(m.day - day) < NEAR)

    def mt(self, *days: float) -> float:
        """Threshold over naive: median over the tests of these days."""
        return self.value(MT, *days)

    def value(self, column: str, *days: float) -> float:
        """Median of a column over the tests of these days."""
        return float(np.median([_at(self.table[column], day) for day in days]))

    def state(self, column: str, day: float) -> float:
        """What could be read without a test on the last tick up to a day."""
        return float(self.states[column].loc[: day + NEAR].iloc[-1])

    def between(self, start_d: float, stop_d: float) -> Course:
        """The part from one day to another, both included."""
        span = slice(start_d - NEAR, stop_d + NEAR)
        return Course(self.table.loc[span], self.states.loc[span], self.moments)

    def after(self, earlier: Course) -> Course:
        """This course with the one it went on from before it."""
        tables = [pd.concat(parts) for parts in ((earlier.table, self.table), (earlier.states, self.states))]
        table, states = (t[~t.index.duplicated(keep="last")].sort_index() for t in tables)
        return Course(table, states, earlier.moments + self.moments)

    def reversal(self, day: float, before_d: float | None = None, before: float | None = None) -> float:
        """Share of the lost log-threshold that is back; before: the day of this course, or an MT."""
        low = self.mt(before_d) if before_d is not None else before
        return reversal(self.mt(day), math.nan if low is None else low)

    def back_d(self, level: float) -> float:
        """First tested day after the lowest from which the threshold stays at a level; infinite if never."""
        mt = self.table[MT]
        low = mt.index[mt < level]
        if not len(low):
            return float(mt.index[0])
        later = mt.index[mt.index > low[-1]]
        return float(later[0]) if len(later) else math.inf


def reversal(mt: float, before: float) -> float:
    """Log of what was gained over log of what was lost: 1 full, 0 none.

    >>> round(reversal(0.5, 0.25), 3), reversal(1.0, 0.25)
    (0.5, 1.0)
    """
    return math.log(mt / before) / -math.log(before) if 0.0 < before < 1.0 and mt > 0.0 else math.nan


class Subject:
    """One animal: a settled slice, its naive threshold, and the fates that its copies meet."""

    def __init__(self, slice: Preparation, *changes: str):
        from ...model.checkpoint import state_of

        self.slice, self.changes = slice, changes
        self.horn = slice.horn("weeks", *changes)
        self.settled = Moment(0.0, self.horn.scenario, state_of(self.horn))
        self.naive_g = math.nan
        self.naive = self.course(at=BASELINE_D)
        """the slice to which nothing is done"""
        self.naive_g = float(self.naive.table[THRESHOLD].median())
        self.naive.table[MT] = self.naive.table[THRESHOLD] / self.naive_g

    def course(
        self,
        *changes: str,
        at: Sequence[float] = (),
        keep: Sequence[float] = (),
        since: Moment | None = None,
        until: float = 0.0,
        watch: Watch | None = None,
        after_change: Sequence[tuple[float, float]] = AFTER_CHANGE,
    ) -> Course:
        """Live through stimuli, clamps and treatments; test on the days asked for.

        Args:
            changes: what is done, as for `--set`, with the earlier part repeated if `since` is given.
            at: days to test on; a test takes a second.
            keep: days from which other courses shall go on (the end is always kept).
            since: where it goes on from; the settled slice if not given.
            until: how long it lasts beyond the last of those days.
            watch: further numbers read at each tick.
            after_change: how short ticks are after a change, if not as usual.
        """
        start = since or self.settled
        horn = self._back_to(start)
        scenario = self.slice.scenario("weeks", *self.changes, *changes)
        tests, kept = {_minute(day) for day in at}, {_minute(day) for day in keep}
        end = max((*tests, *kept, _minute(until), start.day))
        if min((*tests, *kept, end)) < start.day - NEAR:
            raise ValueError(f"a course from day {start.day:g} on has no earlier days")
        turns = _turns(scenario, end)
        rows, states, moments = [], [], []
        horn.follow(replace(scenario, tick_d=horn.scenario.tick_d))
        for stop in sorted({*tests, *kept, end, *(day for day in turns if start.day < day)}):
            while horn.time_d < stop - NEAR:
                tick_d = _tick(turns, horn.time_d, stop, after_change)
                if tick_d != horn.scenario.tick_d:
                    horn.follow(replace(scenario, tick_d=tick_d))
                horn.step()
                states.append(_state(horn, watch or {}))
            if stop in tests:
                rows.append(self._tested(horn))
            if stop in kept or stop == end:
                moments.append(self._moment(horn))
        return Course(_frame(rows), _frame(states), tuple(moments))

    def beside(self, moment: Moment, place: float) -> float:
        """Threshold (g) at another place of the skin map: other fibres, other output neurons."""
        from ...model.laboratory import Laboratory

        horn = self._back_to(moment)
        horn.record()  # brings the neurons' receptors up to date
        horn.records.pop(), horn.record_times.pop()
        return Laboratory(horn, place).threshold()

    def _tested(self, horn: DorsalHorn) -> dict[str, float]:
        """All tests of the laboratory, as they are now."""
        horn.record()
        found = dict(horn.records.pop())
        horn.record_times.pop()
        lab = horn.laboratory
        rest = lab.present(horn.afferents.rate_hz.copy(), REST_MS, 0.0, REST_STREAM)
        return found | {MT: found[THRESHOLD] / self.naive_g, REST: lab.output(rest, REST_MS)}

    def _moment(self, horn: DorsalHorn) -> Moment:
        from ...model.checkpoint import state_of

        return Moment(horn.time_d, horn.scenario, state_of(horn))

    def _back_to(self, moment: Moment) -> DorsalHorn:
        from ...model.checkpoint import restore
        from ...model.schedule import Holds

        horn = self.horn
        horn.scenario = moment.scenario
        horn.holds = Holds(moment.scenario.clamps, horn.populations, horn.sheet)
        restore(horn, moment.state)
        return horn


def _state(horn: DorsalHorn, watch: Watch) -> dict[str, float]:
    from ...model.readouts import COLUMNS

    found = {c.name: horn.latest[c.name] for c in COLUMNS if c.read}
    return {"time_d": horn.time_d} | found | {name: read(horn) for name, read in watch.items()}


def _frame(rows: list[dict[str, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=None if rows else ["time_d"]).set_index("time_d")


# ---------------------------------------------------------------------- what is done, times in days
def injury(kind: str, start_d: float = 0.0, stop_d: float | None = None, **more: Any) -> dict[str, Any]:
    """An injury or stimulus, for `stimuli`."""
    return {"kind": kind} | _span(start_d, stop_d) | more


def clamp(
    target: str, factor: float, start_d: float, stop_d: float | None = None, **more: Any
) -> dict[str, Any]:
    """A clamp by a factor, for `clamps`; a mechanism's name may be its target."""
    return {"target": target, "factor": factor} | _span(start_d, stop_d) | more


def given(
    name: str, start_d: float, stop_d: float | None = None, every_d: float | None = None, **more: Any
) -> dict[str, Any]:
    """Something given, for `treatments`."""
    every = {} if every_d is None else {"every": every_d * DAY_S}
    return {"name": name} | _span(start_d, stop_d) | every | more


def _span(start_d: float, stop_d: float | None) -> dict[str, Any]:
    return {"start": start_d * DAY_S} | ({} if stop_d is None else {"stop": stop_d * DAY_S})


# ---------------------------------------------------------------------- time
def _minute(day: float) -> float:
    """The nearest whole minute: every tick is a number of minutes."""
    return round(day * DAY_MIN) / DAY_MIN


def _at(series: pd.Series, day: float) -> float:
    near = int(np.abs(series.index.to_numpy() - day).argmin())
    if abs(series.index[near] - day) > NEAR:
        raise ValueError(f"nothing was tested on day {day:g}")
    return float(series.iloc[near])


def _turns(scenario: Scenario, until_d: float) -> list[float]:
    """When anything starts or stops, each dose included."""
    from ...model.courses import doses

    spans: list[tuple[float, float | None]] = []
    courses = [w.course for w in (*scenario.stimuli, *scenario.clamps) if w.course is not None]
    for course in (*scenario.courses, *courses):
        if course.every_d is None:
            spans.append((course.start_d, course.stop_d))
        else:
            spans += [(start, stop) for start, stop, _ in doses(course, until_d)]
    spans += [(w.start_d, w.stop_d) for w in (*scenario.stimuli, *scenario.clamps, *scenario.overrides)]
    found = {_minute(day) for span in spans for day in span if day is not None and day <= until_d}
    return sorted(found)


def _tick(
    turns: Sequence[float], now_d: float, stop_d: float, after_change: Sequence[tuple[float, float]]
) -> float:
    """Length of the next tick (d): short after a change, and so that it ends no later than the next stop."""
    most_h = next(tick for until, tick in PACE if now_d < until - NEAR)
    last = bisect_right(turns, now_d + NEAR)
    since_h = (now_d - turns[last - 1]) * 24.0 if last else math.inf
    most_h = min([most_h, *(tick for until, tick in after_change if since_h < until - NEAR)])
    for tick_h in TICKS_H:
        tick_d = tick_h / 24.0
        aligned = abs(now_d / tick_d - round(now_d / tick_d)) < NEAR * 100.0
        if tick_h <= most_h and aligned and now_d + tick_d <= stop_d + NEAR:
            return tick_d
    return TICKS_H[-1] / 24.0
