"""Measures of the article's claims: pure functions of the time series of the arms that a claim compares.

All arms belong to one seed.  The first is the one compared with, the last the one that the claim is about;
they may be the same.  Thresholds are shares of the first arm's naive threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from .measures import OUTPUT, THRESHOLD, end_state, just_before, naive_state, smooth

FORTNIGHT_D = 14.0
"""growth is from the two weeks after the drive's end to the last two of the run (half that time at most)"""
BRUSH, PINCH = "brush_hz", "pinch_hz"


@dataclass(frozen=True, eq=False)
class Arms:
    """The runs of one seed that a claim compares."""

    runs: Sequence[pd.DataFrame]
    """time series in the order of the claim's arms, indexed by time_d"""
    start_d: float
    """day on which the injury comes"""
    ends_d: float
    """day on which its drive ends"""
    column: str = ""
    """the read-out that is asked about, for the measures that take one"""

    def naive(self, arm: int = 0) -> pd.Series:
        """Median of every column before the injury."""
        return naive_state(self.runs[arm], self.start_d)

    def end(self, arm: int = -1) -> pd.Series:
        """Median of every column over the end of the run."""
        return end_state(self.runs[arm], self.ends_d)

    def threshold(self, arm: int = -1) -> float:
        """Withdrawal threshold over the end of a run, as a share of the first arm's naive one."""
        return _over(self.end(arm)[THRESHOLD], self.naive()[THRESHOLD])


def threshold_end(arms: Arms) -> float:
    """Threshold over the end of the run."""
    return arms.threshold()


def threshold_lowest(arms: Arms) -> float:
    """Lowest running threshold of the run."""
    return _over(smooth(arms.runs[-1][THRESHOLD]).min(), arms.naive()[THRESHOLD])


def threshold_before(arms: Arms) -> float:
    """Threshold just before the injury."""
    return _over(just_before(arms.runs[-1], arms.start_d)[THRESHOLD], arms.naive()[THRESHOLD])


def threshold_change(arms: Arms) -> float:
    """Threshold over the end, less that of the first arm."""
    return arms.threshold() - arms.threshold(0)


def threshold_best(arms: Arms) -> float:
    """Threshold over the end in the best of all arms but the first."""
    return max(arms.threshold(k) for k in range(1, len(arms.runs)))


def prevented(arms: Arms) -> float:
    """Share of the first arm's fall in threshold that the last arm does without: (out - in) / (1 - in)."""
    there = arms.threshold(0)
    return _over(arms.threshold() - there, 1.0 - there)


def growth(arms: Arms) -> float:
    """Rise of the output after the drive's end, less that of the first arm."""
    first, last = (_grown(ts, arms.ends_d) for ts in (arms.runs[0], arms.runs[-1]))
    return last - first


def end_ratio(arms: Arms) -> float:
    """A read-out over the end, over that of the first arm."""
    return _over(arms.end()[arms.column], arms.end(0)[arms.column])


def highest_ratio(arms: Arms) -> float:
    """The highest running value of a read-out, over that of the first arm."""
    return _over(*(smooth(arms.runs[k][arms.column]).max() for k in (-1, 0)))


def lowest_ratio(arms: Arms) -> float:
    """The lowest running value of a read-out, over that of the first arm."""
    return _over(*(smooth(arms.runs[k][arms.column]).min() for k in (-1, 0)))


def end_change(arms: Arms) -> float:
    """A read-out over the end, less its own value before the injury."""
    return float(arms.end()[arms.column] - arms.naive(-1)[arms.column])


def end_difference(arms: Arms) -> float:
    """A read-out over the end, less that of the first arm."""
    return float(arms.end()[arms.column] - arms.end(0)[arms.column])


def answer_change(arms: Arms) -> float:
    """What a stimulus adds to the spontaneous output, over the end, less the same before the injury."""
    end, naive = arms.end(), arms.naive(-1)
    return float((end[arms.column] - end[OUTPUT]) - (naive[arms.column] - naive[OUTPUT]))


def naive_value(arms: Arms) -> float:
    """A read-out before the injury."""
    return float(arms.naive(-1)[arms.column])


def touch_share(arms: Arms) -> float:
    """Response to brushing, over that to pinching, before the injury."""
    naive = arms.naive(-1)
    return _over(naive[BRUSH], naive[PINCH])


def _grown(ts: pd.DataFrame, ends_d: float) -> float:
    """Output in the last two weeks, less that in the two weeks after the drive's end (Hz)."""
    after = ts[OUTPUT][ts.index > ends_d]
    if after.empty:
        return float("nan")
    span = min(FORTNIGHT_D, 0.5 * (float(ts.index[-1]) - ends_d))
    early, late = after[after.index <= ends_d + span], after[after.index > ts.index[-1] - span]
    return float(late.median() - early.median())


def _over(value: float, other: float) -> float:
    """A quotient; not a number where there is nothing to divide by."""
    return float(value / other) if other else float("nan")


class ClaimMeasure(NamedTuple):
    """A measure by name: its unit, its meaning, and how it is taken of one seed's arms."""

    unit: str
    doc: str
    take: Callable[[Arms], float]
    reads: bool = False
    """it takes a column"""


MEASURES = {
    "threshold_end": ClaimMeasure("1", "threshold at the end, share of naive", threshold_end),
    "threshold_lowest": ClaimMeasure("1", "lowest threshold, share of naive", threshold_lowest),
    "threshold_before": ClaimMeasure(
        "1", "threshold before the injury, share of the intact slice's", threshold_before
    ),
    "threshold_change": ClaimMeasure(
        "1", "change of the threshold at the end, share of naive", threshold_change
    ),
    "threshold_best": ClaimMeasure(
        "1", "threshold at the end of each seed's best arm, share of naive", threshold_best
    ),
    "prevented": ClaimMeasure("1", "share of the fall in threshold that is prevented", prevented),
    "growth": ClaimMeasure(
        "Hz", "growth of the output from the drive's end to the run's end, beyond the sham's", growth
    ),
    "end_ratio": ClaimMeasure("1", "{column} at the end, ratio", end_ratio, True),
    "highest_ratio": ClaimMeasure("1", "highest {column}, ratio", highest_ratio, True),
    "lowest_ratio": ClaimMeasure("1", "lowest {column}, ratio", lowest_ratio, True),
    "end_change": ClaimMeasure("", "{column} at the end, change from naive", end_change, True),
    "end_difference": ClaimMeasure("", "{column} at the end, difference", end_difference, True),
    "answer_change": ClaimMeasure(
        "Hz", "{column} above the spontaneous output, change from naive to the end", answer_change, True
    ),
    "naive_value": ClaimMeasure("", "{column} before the injury", naive_value, True),
    "touch_share": ClaimMeasure("1", "response to brush over that to pinch, before the injury", touch_share),
}
"""every measure a claim can name; without a unit it is the column's"""
