"""What each mechanism is worth: a scenario without it, from day 0 and, separately, from the drive's end.

The slice settles before day 0 with everything in place, so "from day 0" acts from the first tick on.  What
a knock-out does is always compared with the untouched run of the same seed, and thresholds are shares of
that run's naive threshold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from ..analysis.measures import THRESHOLD, end_state, just_before, naive_state
from .ensemble import Job, run_jobs
from .errors import InputError
from .expectations import DAY_0, DRIVE_END, Verdict, judge
from .load import find
from .quantities import written_time
from .registry import registry
from .toml_text import read_toml

if TYPE_CHECKING:
    import pandas as pd

    from ..model.scenario import Scenario, Stimulus

EVERY = "2 d"
"""interval of the records: the tests of the laboratory are what takes time"""
STATES = (
    "spontaneous_hz",
    "microglia_activation",
    "glt1_relative",
    "nmdar_nitrated_fraction",
    "mnsod_active_fraction",
)
UNTOUCHED, SHAM = "untouched", "sham"


@dataclass(frozen=True)
class Ended:
    """Figures of one run: the threshold (g) before the injury, and every column's median at the end."""

    naive_g: float
    early_g: float
    """over the second half of the time before the injury, its first moment included: what a knock-out alone
    has done by then"""
    end: dict[str, float]


def ended(frame: pd.DataFrame, scenario: Scenario) -> Ended:
    """Measure one run; the end is its last 6 weeks (`analysis.measures.end_start_d`)."""
    injury = scenario.own_stimuli[0]
    cause_ends = injury.cause_ends_d if injury.cause_ends_d < scenario.duration_d else None
    early = float(just_before(frame, injury.start_d)[THRESHOLD])
    naive = float(naive_state(frame, injury.start_d)[THRESHOLD])
    end = end_state(frame, cause_ends)
    figures = {name: float(end[name]) for name in (THRESHOLD, *STATES)}
    return Ended(naive, naive if math.isnan(early) else early, figures)


@dataclass(frozen=True)
class Row:
    """One line of the table: the runs of all seeds with one mechanism out from one moment on."""

    name: str
    moment: str
    early: tuple[float, ...]
    """threshold before the injury, a share of the untouched run's, for each seed"""
    threshold: tuple[float, ...]
    """the same at the end"""
    states: dict[str, float]
    """median over the seeds of each state at the end"""
    verdict: Verdict | None = None
    absent: bool = False
    """the scenario's biology already does without the mechanism: the untouched run stands in"""


@dataclass(frozen=True)
class Knockouts:
    """All that came out for one scenario."""

    scenario: Scenario
    source: str
    """what was asked for: a name or a file"""
    seeds: int
    tick: str
    sets: tuple[str, ...]
    untouched: Row
    sham: Row
    rows: tuple[Row, ...]

    @property
    def drive_end_d(self) -> float:
        """Day on which the first injury's drive ends (infinite if it never does)."""
        return self.scenario.own_stimuli[0].cause_ends_d

    def at(self, moment: str) -> list[Row]:
        """The knock-outs from one moment on."""
        return [row for row in self.rows if row.moment == moment]


def study(
    source: str | Path,
    seeds: int = 1,
    workers: int = 1,
    tick: str = "4 h",
    sets: Sequence[str] = (),
    mechanisms: Sequence[str] | None = None,
    done: Callable[[Job, Ended], None] | None = None,
    quiet: bool = False,
) -> Knockouts:
    """Run a scenario untouched, as a sham, and without each mechanism.

    Args:
        source: a shipped scenario's name or a file; its first stimulus is the injury.
        seeds: how many; they are 1, 2, ...
        workers: number of processes.
        tick: the tick of all runs.
        sets: further changes to all runs, as for `--set`.
        mechanisms: which to knock out; all that the registry has if not given.
        done: called with each job and its figures as it ends.
        quiet: no progress bar.

    Raises:
        InputError: a scenario that cannot be run or has no injury.
    """
    if seeds < 1:
        raise InputError(f"seeds = {seeds}: give 1 or more")
    shared = (f'tick="{tick}"', f'record.every="{EVERY}"', *sets)
    scenario = Job(source, 1, shared).load()
    if not scenario.own_stimuli:
        raise InputError(f"{source} has no stimulus: there is no injury to take a mechanism out of")
    known = registry().mechanisms
    chosen = list(known) if mechanisms is None else list(mechanisms)
    variants = _variants(source, scenario, chosen)
    absent = {m for m in chosen if is_absent(m, scenario)}
    wanted = [key for key in variants if key[0] not in absent]
    jobs = [
        Job(source, seed, (*shared, *variants[key]), " ".join(key))
        for key in wanted
        for seed in range(1, seeds + 1)
    ]
    results = run_jobs(jobs, workers, ended, done, quiet)
    runs = {key: results[k * seeds : (k + 1) * seeds] for k, key in enumerate(wanted)}
    whole = runs[UNTOUCHED, ""]
    untouched = _row(UNTOUCHED, "", whole, whole)
    rows = [
        _row(name, moment, runs.get((name, moment), whole), whole, untouched, name in absent)
        for name, moment in variants
        if moment
    ]
    sham = _row(SHAM, "", runs[SHAM, ""], whole)
    return Knockouts(scenario, str(source), seeds, tick, tuple(sets), untouched, sham, tuple(rows))


def _variants(
    source: str | Path, scenario: Scenario, mechanisms: Sequence[str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """The changes that make each variant, by name and moment."""
    content, _ = read_toml(find(source))
    free = len(content.get("knockout", []))
    injury = scenario.own_stimuli[0]
    variants: dict[tuple[str, str], tuple[str, ...]] = {
        (UNTOUCHED, ""): (),
        (SHAM, ""): (sham_instead(injury),),
    }
    moments = {DAY_0: 0.0}
    if injury.cause_ends_d < scenario.duration_d:
        moments[DRIVE_END] = injury.cause_ends_d
    for moment, start_d in moments.items():
        for name in mechanisms:
            out = f'knockout.{free}={{mechanism="{name}", start={written_time(start_d)}}}'
            variants[name, moment] = (out,)
    return variants


def sham_instead(injury: Stimulus) -> str:
    """The change that puts a sham, at the same time and place, in an injury's stead."""
    low, high = injury.site
    return f'stimulus=[{{kind="sham", start={written_time(injury.start_d)}, site=[{low!r}, {high!r}]}}]'


def is_absent(mechanism: str, scenario: Scenario) -> bool:
    """Whether every parameter already has its knocked-out value."""
    knockout = registry().mechanisms[mechanism].knockout
    return all(scenario.parameters[key] == value for key, value in knockout.items())


def _row(
    name: str,
    moment: str,
    runs: Sequence[Ended],
    whole: Sequence[Ended],
    untouched: Row | None = None,
    absent: bool = False,
) -> Row:
    """Thresholds as shares of the untouched run's naive one, seed by seed; medians give the verdict."""
    early = tuple(run.early_g / ref.naive_g for run, ref in zip(runs, whole, strict=True))
    threshold = tuple(run.end[THRESHOLD] / ref.naive_g for run, ref in zip(runs, whole, strict=True))
    states = {state: median(run.end[state] for run in runs) for state in STATES}
    verdict = None
    if untouched is not None and not math.isnan(median(threshold)):
        verdict = judge(moment, median(early), median(threshold), median(untouched.threshold))
    return Row(name, moment, early, threshold, states, verdict, absent)
