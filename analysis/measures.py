"""Measures of a run: pure functions of its time series, each with its unit.

A *ratio* is a value over its own naive value.  Withdrawal thresholds are read by the up-down method and
scatter by a filament or so; where a single reading must not decide, the running median (`smooth`) does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

THRESHOLD = "withdrawal_threshold_g"
DRIVE = "afferent_drive_hz"
OUTPUT = "spontaneous_hz"

HALF = 0.5
"""a threshold at or below this ratio counts as allodynia"""
FELL = 0.7
"""a running threshold below this ratio has fallen; above it, it is scatter"""
BACK = 0.85
"""a threshold at or above this ratio counts as recovered"""
DRIVE_BACK = 0.1
"""a drive at most this share above its naive rate counts as back ..."""
DRIVE_LEFT = 0.02
"""... and so does one that has lost all but this share of its rise"""
BASELINE_D = 1.5
END_D = 42.0
SMOOTH_D = 1.0
WEEK_D = 7.0


class Outcome(StrEnum):
    """What became of the withdrawal threshold by the end of the run."""

    UNAFFECTED = "unaffected"
    RECOVERED = "recovered"
    PARTLY = "partly recovered"
    STAYS = "stays"
    UNMEASURED = "not tested"


class Fate(StrEnum):
    """What became of an injury, where the run ends with a challenge: the opioid tone taken away."""

    HEALS = "heals"
    LATENT = "latent"
    PARTLY = "partly heals"
    STAYS = "stays"
    UNMEASURED = "not tested"


def span_d(ts: pd.DataFrame) -> float:
    """Length of the records, in days."""
    return float(ts.index[-1] - ts.index[0])


def smooth(series: pd.Series, window_d: float = SMOOTH_D) -> pd.Series:
    """Running median over `window_d`, or over a twentieth of a short run; same index and unit."""
    window_d = min(window_d, 0.05 * float(series.index[-1] - series.index[0]))
    if window_d <= 0.0:
        return series
    timed = series.set_axis(pd.to_timedelta(series.index.to_numpy(), unit="D"))
    median = timed.rolling(pd.Timedelta(days=window_d), center=True, min_periods=1).median()
    return pd.Series(median.to_numpy(), index=series.index, name=series.name)


def naive_state(ts: pd.DataFrame, first_injury_d: float | None = None) -> pd.Series:
    """Median of every column before the first injury, in the column's unit.

    Without an injury: over the first 1.5 d, or the first quarter of a run shorter than 6 d.
    An injury at the very start leaves the first record.
    """
    until = ts.index[0] + min(BASELINE_D, 0.25 * span_d(ts)) if first_injury_d is None else first_injury_d
    before = ts[ts.index < until]
    return (before if len(before) else ts.iloc[:1]).median()


def just_before(ts: pd.DataFrame, injury_d: float) -> pd.Series:
    """Median of every column over the second half of the time before the injury, its first moment included.

    In the column's unit; not a number if nothing was recorded then.
    """
    return ts[(ts.index >= 0.5 * injury_d) & (ts.index <= injury_d)].median()


def end_start_d(ts: pd.DataFrame, cause_ends_d: float | None = None) -> float:
    """Day on which the end of the run begins: the last 6 weeks, or the last quarter of a run under 12 weeks.

    It begins no earlier than the injury ended, if the run goes on beyond that.
    """
    last = float(ts.index[-1])
    start = last - (END_D if span_d(ts) >= 2.0 * END_D else 0.25 * span_d(ts))
    return max(start, cause_ends_d) if cause_ends_d is not None and cause_ends_d < last else start


def end_state(ts: pd.DataFrame, cause_ends_d: float | None = None) -> pd.Series:
    """Median of every column over the end of the run (`end_start_d`), in the column's unit."""
    return _end(ts, cause_ends_d).median()


def ratio(ts: pd.DataFrame, naive: pd.Series) -> pd.DataFrame:
    """Every column over its naive value (unit 1); not a number where the naive value is 0."""
    return ts / naive.where(naive != 0.0)


def time_below(ts: pd.DataFrame, fraction: float, naive_g: float) -> float:
    """Days that the withdrawal threshold spent at or below `fraction` of naive.

    A reading holds until the next one; the last one counts for nothing.
    """
    held = pd.Series(ts.index, index=ts.index).diff().shift(-1).fillna(0.0)
    return float(held[ts[THRESHOLD] <= fraction * naive_g].sum())


def share_below(
    ts: pd.DataFrame, fraction: float, naive_g: float, cause_ends_d: float | None = None
) -> float:
    """Share of the readings of the end of the run at or below `fraction` of naive (1: throughout)."""
    readings = _end(ts, cause_ends_d)[THRESHOLD].dropna()
    return float((readings <= fraction * naive_g).mean())


def recovery_day(ts: pd.DataFrame, naive_g: float) -> float:
    """Day after the lowest point on which the threshold is back at 0.85 of naive, and stays back by the week.

    Back is judged by the running median of a day, staying back by that of a week.  Not a number if it
    never fell below 0.85, or does not stay back.
    """
    running, weekly = smooth(ts[THRESHOLD]).dropna(), smooth(ts[THRESHOLD], WEEK_D)
    if running.empty or running.min() >= BACK * naive_g:
        return float("nan")
    relapses = weekly.index[weekly < BACK * naive_g]
    since = max([_lowest_day(running), *relapses[-1:]])
    back = running.index[(running.index >= since) & (running >= BACK * naive_g)]
    return float(back[0]) if len(back) and since < ts.index[-1] else float("nan")


def outcome(ts: pd.DataFrame, naive_g: float, cause_ends_d: float | None = None) -> Outcome:
    """What became of the threshold, judged by its median over the end of the run.

    Recovered at 0.85 of naive or above (unaffected if it never fell below 0.7), stays at half or below,
    partly recovered between.  It says nothing about why: a threshold that stays low under a persistent
    drive (`drive_is_back`) proves nothing about the slice.
    """
    if ts[THRESHOLD].notna().sum() == 0:
        return Outcome.UNMEASURED
    end = float(_end(ts, cause_ends_d)[THRESHOLD].median()) / naive_g
    if end >= BACK:
        return Outcome.UNAFFECTED if smooth(ts[THRESHOLD]).min() >= FELL * naive_g else Outcome.RECOVERED
    return Outcome.STAYS if end <= HALF else Outcome.PARTLY


def fate(outcome: Outcome, challenged: pd.Series, naive_g: float) -> Fate:
    """The outcome before a challenge, and what the challenge showed (P40; corder2013).

    Latent: the threshold was back, and falls to half of naive or below (median of `challenged`) when the
    constitutive opioid tone is taken away.  Without readings under a challenge nothing latent can be seen.
    """
    if outcome in (Outcome.RECOVERED, Outcome.UNAFFECTED):
        unmasked = challenged.notna().any() and float(challenged.median()) <= HALF * naive_g
        return Fate.LATENT if unmasked else Fate.HEALS
    return {Outcome.STAYS: Fate.STAYS, Outcome.PARTLY: Fate.PARTLY}.get(outcome, Fate.UNMEASURED)


def drive_is_back(ts: pd.DataFrame, naive: pd.Series, cause_ends_d: float | None = None) -> bool:
    """Whether the drive ends at its naive rate: at most 10 % above, or all but 2 % of its rise gone."""
    before, end = float(naive[DRIVE]), float(_end(ts, cause_ends_d)[DRIVE].median())
    return end - before <= max(DRIVE_BACK * before, DRIVE_LEFT * (float(ts[DRIVE].max()) - before))


def output_minus_drive(ts: pd.DataFrame, naive: pd.Series) -> pd.Series:
    """Rise of the projection neurons' spontaneous output over naive, less that of the afferent drive (Hz).

    Near 0 while the slice passes on what comes in; above 0 when it fires by itself.
    """
    output, drive = ts[OUTPUT].to_numpy() - naive[OUTPUT], ts[DRIVE].to_numpy() - naive[DRIVE]
    return pd.Series(output - drive, index=ts.index, name="output_minus_drive_hz")


def _end(ts: pd.DataFrame, cause_ends_d: float | None) -> pd.DataFrame:
    return ts[ts.index >= end_start_d(ts, cause_ends_d)]


def _lowest_day(running: pd.Series) -> float:
    known = running.dropna()
    return float(known.index[int(known.to_numpy().argmin())]) if len(known) else float("nan")


NOTES = {
    "threshold_naive": ("g", "withdrawal threshold before the first injury"),
    "threshold_lowest": ("g", "lowest running withdrawal threshold"),
    "threshold_lowest_day": ("d", "day of the lowest running withdrawal threshold"),
    "threshold_end": ("g", "withdrawal threshold over the end of the run"),
    "threshold_end_ratio": ("1", "withdrawal threshold over the end of the run, as a share of naive"),
    "threshold_end_highest_ratio": (
        "1",
        "highest single reading over the end of the run, as a share of naive",
    ),
    "share_below_half": ("1", "share of the end's readings at half of naive or below"),
    "time_below_half": ("d", "time that the withdrawal threshold spent at or below half of naive"),
    "recovery_day": ("d", "day from which the withdrawal threshold is back at 0.85 of naive"),
    "drive_naive": ("Hz", "afferent drive before the first injury"),
    "drive_highest": ("Hz", "highest afferent drive"),
    "drive_end": ("Hz", "afferent drive over the end of the run"),
    "drive_is_back": ("1", "1 if the drive ends at its naive rate"),
    "output_naive": ("Hz", "spontaneous output before the first injury"),
    "output_highest": ("Hz", "highest running spontaneous output"),
    "output_end": ("Hz", "spontaneous output over the end of the run"),
    "output_minus_drive_end": ("Hz", "rise of the output less the rise of the drive, at the end"),
}
"""unit and meaning of every measure that is a number"""
WORDS = {
    "outcome": "what became of the withdrawal threshold by the end of the run",
    "fate": "what became of the injury; latent: healed, but unmasked without opioid tone",
}
"""meaning of every measure that is a word"""


@dataclass(frozen=True, eq=False)
class Measures:
    """All measures of one run: naive and end state of every column, the outcome, and a table of numbers."""

    naive: pd.Series
    end: pd.Series
    outcome: Outcome
    drive_back: bool
    end_start_d: float
    """day on which the end of the run begins"""
    last_d: float
    """day of the last record"""
    table: pd.DataFrame
    """value, unit and doc of each measure"""

    def __getitem__(self, name: str) -> float:
        """The value of a measure."""
        return float(self.table["value"].loc[name])


def measure(
    ts: pd.DataFrame, first_injury_d: float | None = None, cause_ends_d: float | None = None
) -> Measures:
    """Measure a time series; the baseline ends at `first_injury_d`, the cause was gone on `cause_ends_d`."""
    naive, end, last = naive_state(ts, first_injury_d), end_state(ts, cause_ends_d), _end(ts, cause_ends_d)
    grams, running = float(naive[THRESHOLD]), smooth(ts[THRESHOLD])
    back = drive_is_back(ts, naive, cause_ends_d)
    low = share_below(ts, HALF, grams, cause_ends_d)
    highest = last[THRESHOLD].max() / grams
    excess = output_minus_drive(last, naive).median()
    values = {
        "threshold_naive": grams,
        "threshold_lowest": running.min(),
        "threshold_lowest_day": _lowest_day(running),
        "threshold_end": end[THRESHOLD],
        "threshold_end_ratio": end[THRESHOLD] / grams,
        "threshold_end_highest_ratio": highest,
        "share_below_half": low,
        "time_below_half": time_below(ts, HALF, grams),
        "recovery_day": recovery_day(ts, grams),
        "drive_naive": naive[DRIVE],
        "drive_highest": ts[DRIVE].max(),
        "drive_end": end[DRIVE],
        "drive_is_back": float(back),
        "output_naive": naive[OUTPUT],
        "output_highest": smooth(ts[OUTPUT]).max(),
        "output_end": end[OUTPUT],
        "output_minus_drive_end": excess,
    }
    table = pd.DataFrame.from_dict(NOTES, orient="index", columns=["unit", "doc"])
    table.insert(0, "value", pd.Series(values, dtype=float))
    fate, start = outcome(ts, grams, cause_ends_d), end_start_d(ts, cause_ends_d)
    return Measures(naive, end, fate, back, start, float(ts.index[-1]), table)
