"""What a treatment does to the threshold: how much comes back, how soon, for how long, and what lasts.

The one definition, for early and for late courses: the *reversal* at some time is

    log(treated / untreated) / log(naive / untreated)

with the withdrawal thresholds of the run with the treatment and of the untreated run of the same seed over
the **same days**, and the naive threshold of that untreated run.  0: nothing of what the untreated slice has
lost comes back; 1: all of it; below 0: the treatment makes it worse.  It is not a number where the untreated
slice has lost nothing.  After a late course, where the untreated threshold stays, it is the published
log(MT_drug/MT_before) / log(MT0/MT_before).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .measures import DRIVE, DRIVE_BACK, FELL, OUTPUT, THRESHOLD, WEEK_D, naive_state, smooth

LEAST = 0.3
"""a smaller reversal is none to be timed: scatter reaches it"""
RESET = 0.7
"""a reversal of this much counts as (nearly) full"""
HALF_OF = 0.5
"""onset and duration are counted at this share of the reversal"""
RUNNING_D = 3.0
AFTER_WASHOUT_D = 14.0
TIME_CONSTANTS = 3.0
"""so many time constants after its course a treatment has worn off, all but 5 %"""
LEAST_HZ = 0.5
"""an untreated output that has risen by less leaves nothing to be lowered"""


@dataclass(frozen=True)
class Relief:
    """One run with a treatment against the untreated run of its seed.  Not a number: could not be read."""

    relief: float
    """reversal over the last week of the course"""
    output: float
    """share of the rise in spontaneous output that is gone in that week"""
    onset_d: float
    """days from the start of the course to half of its greatest reversal; none below `LEAST`"""
    lasts_d: float
    """days from the end of the course until less than half of its relief is left"""
    to_the_end: bool
    """half of the relief was never lost: `lasts_d` is as long as it could be watched"""
    reset: float
    """reversal in the second week after it has worn off (`worn_off_d`)"""
    drive_unchanged: bool
    """the afferent drive then is within 10 % of the untreated run's"""

    @property
    def lasting(self) -> float:
        """1 for a lasting reset (reversal of 0.7 or more at an unchanged drive), else 0; or not a number."""
        if math.isnan(self.reset):
            return math.nan
        return float(self.reset >= RESET and self.drive_unchanged)


def reversal(treated_g: float, untreated_g: float, naive_g: float, fell: float = FELL) -> float:
    """The share of a lost threshold that is back, on the logarithmic scale of filaments.

    An untreated threshold of `fell` of naive or above has lost nothing.

    >>> round(reversal(6.0, 2.0, 18.0), 2), reversal(9.0, 17.0, 18.0)
    (0.5, nan)
    """
    if not (treated_g > 0.0 and untreated_g > 0.0 and untreated_g < fell * naive_g):
        return math.nan
    return math.log(treated_g / untreated_g) / math.log(naive_g / untreated_g)


def worn_off_d(stop_d: float, offset_d: float, evenly: bool = False) -> float:
    """The day on which a treatment has worn off.

    >>> worn_off_d(56.0, 2.0), worn_off_d(56.0, 30.0, evenly=True)
    (62.0, 86.0)

    Args:
        stop_d: day on which its course ends.
        offset_d: time constant (days) with which it then wears off; with `evenly` the whole time.
        evenly: it wears off at a constant rate.
    """
    return stop_d + (offset_d if evenly else TIME_CONSTANTS * offset_d)


def all_worn_off_d(given: Iterable[Mapping[str, Any]]) -> float:
    """The day on which the last of what a run was given has worn off; infinite if something is never stopped.

    `given` are entries of what a run folder says of its treatments (`stop_d`, `offset_d`, `evenly`).
    """
    return max(
        worn_off_d(
            math.inf if entry["stop_d"] is None else float(entry["stop_d"]),
            float(entry["offset_d"]),
            bool(entry.get("evenly", False)),  # folders of older versions do not say
        )
        for entry in given
    )


def read_d(worn_off: float) -> float:
    """The day until which a run must go on so that what lasts can be read, from when all has worn off."""
    return worn_off + AFTER_WASHOUT_D


def relief_of(
    treated: pd.DataFrame,
    untreated: pd.DataFrame,
    start_d: float,
    stop_d: float,
    worn_off: float,
    first_injury_d: float | None = None,
) -> Relief:
    """Compare a run with the untreated run of its seed.

    Args:
        treated: its time series, indexed by time_d in days.
        untreated: that of the untreated run.
        start_d: day on which the course begins.
        stop_d: day on which it ends; beyond the run, or infinite, for one that does not.
        worn_off: day on which all that was given has worn off (`all_worn_off_d`).
        first_injury_d: the naive state lies before it.
    """
    last = float(min(treated.index[-1], untreated.index[-1]))
    end = min(stop_d, last)
    naive = naive_state(untreated, first_injury_d)
    grams = float(naive[THRESHOLD])

    def over(first_d: float, last_d: float, column: str = THRESHOLD) -> tuple[float, float]:
        return tuple(  # type: ignore[return-value]
            float(ts[column][(ts.index > first_d) & (ts.index <= last_d)].median())
            for ts in (treated, untreated)
        )

    week = max(start_d, end - WEEK_D), end
    relief = reversal(*over(*week), grams)
    ill, naive_hz = over(*week, OUTPUT), float(naive[OUTPUT])
    rise = ill[1] - naive_hz
    output = 1.0 - (ill[0] - naive_hz) / rise if rise >= LEAST_HZ else math.nan
    running = _running(treated, untreated, grams)
    onset = _onset(running[(running.index > start_d) & (running.index <= end)], start_d)
    lasts, to_the_end = _lasts(running[running.index > end], end, relief)
    read = read_d(worn_off)
    fortnight = read - WEEK_D, read
    reset = reversal(*over(*fortnight), grams) if read <= last else math.nan
    one, other = over(*fortnight, DRIVE)
    unchanged = abs(one - other) <= DRIVE_BACK * other
    return Relief(relief, output, onset, lasts, to_the_end, reset, unchanged)


def _running(treated: pd.DataFrame, untreated: pd.DataFrame, naive_g: float) -> pd.Series:
    """The reversal at every record, of running medians over `RUNNING_D`."""
    with_, without = (smooth(ts[THRESHOLD], RUNNING_D) for ts in (treated, untreated))
    pairs = zip(with_, without.reindex(with_.index), strict=True)
    return pd.Series([reversal(a, b, naive_g) for a, b in pairs], index=with_.index, dtype=float)


def _onset(course: pd.Series, start_d: float) -> float:
    known = course.dropna()
    if known.empty or known.max() < LEAST:
        return math.nan
    return float(known.index[int(np.argmax(known >= HALF_OF * known.max()))] - start_d)


def _lasts(after: pd.Series, end_d: float, relief: float) -> tuple[float, bool]:
    known = after.dropna()
    if known.empty or not relief >= LEAST:
        return math.nan, False
    lost = known.index[known < HALF_OF * relief]
    return float((lost[0] if len(lost) else known.index[-1]) - end_d), not len(lost)
