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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .. import relief
from ..measures import THRESHOLD
from .protocol import Preparation
from .rig import DAY_S, HOUR_D, clamp, given, injury
from .ticking import AFTER_CHANGE, NEAR, minute, next_tick, turns

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn
    from ...model.scenario import Scenario

__all__ = [
    "AFTER_CHANGE",
    "DAY_S",
    "HOUR_D",
    "MT",
    "NEAR",
    "REST",
    "Course",
    "Moment",
    "Subject",
    "Watch",
    "clamp",
    "given",
    "injury",
    "reversal",
]

MT, REST = "mt", "rest_hz"
"""columns of `Course.table` beside those of a run: threshold over naive, output without a stimulus"""
BASELINE_D = (0.0, 0.5, 1.0, 1.5, 2.0)
"""when the naive slice is tested"""
REST_MS = 4000.0
"""length of the test without a stimulus"""
FADES_MS = 10000.0
"""wait before that test: what the last epoch left in slow currents takes seconds to fade"""
REST_STREAM = 5000
"""address of the random numbers of the test without a stimulus"""

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


def last_tests(end_d: float, n: Mapping[str, float]) -> list[float]:
    """Days of `tests` tests over the last `averaged_d` up to a day, the latest first.

    The threshold of a single test swings: it lasts for seconds, and few output cells are at the site.
    """
    return list(end_d - np.linspace(0.0, n["averaged_d"], round(n["tests"])))


def reversal(mt: float, before: float) -> float:
    """Log of what was gained over log of what was lost: 1 full, 0 none.

    >>> round(reversal(0.5, 0.25), 3), reversal(1.0, 0.25)
    (0.5, 1.0)
    """
    return relief.reversal(mt, before, naive_g=1.0, fell=1.0)


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
        tests, kept = {minute(day) for day in at}, {minute(day) for day in keep}
        end = max((*tests, *kept, minute(until), start.day))
        if min((*tests, *kept, end)) < start.day - NEAR:
            raise ValueError(f"a course from day {start.day:g} on has no earlier days")
        changed = turns(scenario, end)
        rows, states, moments = [], [], []
        horn.follow(replace(scenario, tick_d=horn.scenario.tick_d))
        for stop in sorted({*tests, *kept, end, *(day for day in changed if start.day < day)}):
            while horn.time_d < stop - NEAR:
                tick_d = next_tick(changed, horn.time_d, stop, after_change)
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
        from ...model.circuit import BIN_MS

        horn.record()
        found = dict(horn.records.pop())
        horn.record_times.pop()
        lab = horn.laboratory
        rest = lab.present(horn.afferents.rate_hz.copy(), FADES_MS + REST_MS, 0.0, REST_STREAM)
        faded = rest[round(FADES_MS / BIN_MS) :]
        return found | {MT: found[THRESHOLD] / self.naive_g, REST: lab.output(faded, REST_MS)}

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


def _at(series: pd.Series, day: float) -> float:
    near = int(np.abs(series.index.to_numpy() - day).argmin())
    if abs(series.index[near] - day) > NEAR:
        raise ValueError(f"nothing was tested on day {day:g}")
    return float(series.iloc[near])


def _state(horn: DorsalHorn, watch: Watch) -> dict[str, float]:
    from ...model.readouts import COLUMNS

    found = {c.name: horn.latest[c.name] for c in COLUMNS if c.read}
    return {"time_d": horn.time_d} | found | {name: read(horn) for name, read in watch.items()}


def _frame(rows: list[dict[str, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=None if rows else ["time_d"], dtype=float).set_index("time_d")
