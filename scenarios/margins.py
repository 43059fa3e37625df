"""The gain margin of each feedback: how far it can be weakened before the pain no longer stays.

One mechanism at a time runs at a share of its strength from the day the injury's drive ends: each parameter
of its knock-out is moved from its own value towards its knocked-out one.  Bisection finds the smallest share
at which the pain stays.  A scenario whose pain does not stay is asked the reverse, how many times stronger
a feedback would have to be; and so is, if wanted, a sham, from day 0.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..analysis.measures import HALF
from .bracket import OWN, Bracket
from .ensemble import Job, run_jobs
from .errors import InputError
from .expectations import DAY_0, Verdict, expectations
from .knockouts import EVERY, is_absent, sham_instead
from .margins_log import RunLog
from .names import did_you_mean, spoken
from .reading import Reading, reading
from .registry import registry
from .strength import free_clamp, held

if TYPE_CHECKING:
    from ..model.scenario import Scenario

INJURY, NAIVE = "injury", "naive"
"""the two ends: after the injury, from the day its drive ends; a sham, from day 0"""
Key = tuple[str, str, int]
"""end, mechanism, seed"""


@dataclass(frozen=True)
class Asked:
    """What a study is asked to do."""

    source: str | Path
    """a shipped scenario's name or a file; its first stimulus is the injury"""
    seeds: int = 1
    """how many; they are 1, 2, ..."""
    steps: int = 4
    """how often each stretch of strengths is halved"""
    tick: str = "4 h"
    """of all runs"""
    sets: tuple[str, ...] = ()
    """further changes to all runs, as for `--set`"""
    mechanisms: tuple[str, ...] = ()
    """which to weaken; empty: all feedbacks that the registry has"""
    naive: bool = False
    """whether to strengthen each in a sham, too"""

    def command(self) -> str:
        """The command that asks for the same."""
        words = ["dorsalhorn", "margins", str(self.source), "--seeds", str(self.seeds)]
        words += ["--steps", str(self.steps), "--tick", self.tick, *(["--naive"] if self.naive else [])]
        words += [word for name in self.mechanisms for word in ("--only", name)]
        return shlex.join([*words, *(word for change in self.sets for word in ("--set", change))])


@dataclass(frozen=True)
class Margins:
    """All that came out for one scenario."""

    asked: Asked
    scenario: Scenario
    untouched: Mapping[tuple[str, int], float]
    """threshold in the last week of the untouched runs, a share of naive, by end and seed"""
    brackets: Mapping[Key, Bracket]
    absent: tuple[str, ...]
    """what the scenario's biology does without"""
    runs: int

    @property
    def ends(self) -> list[str]:
        """The ends that were studied."""
        return list(dict.fromkeys(end for end, _ in self.untouched))

    @property
    def drive_end_d(self) -> float:
        """Day on which the injury's drive ends."""
        return self.scenario.own_stimuli[0].cause_ends_d

    def of(self, end: str) -> dict[str, list[Bracket]]:
        """The brackets of each mechanism at one end, seed by seed."""
        found: dict[str, list[Bracket]] = {}
        for (where, name, _), bracket in self.brackets.items():
            if where == end:
                found.setdefault(name, []).append(bracket)
        return found


@dataclass(frozen=True)
class Plan:
    """A study that can be run: everything in it was read and checked."""

    asked: Asked
    scenario: Scenario
    shared: tuple[str, ...]
    """the changes that all runs have"""
    ends: tuple[str, ...]
    present: tuple[str, ...]
    absent: tuple[str, ...]

    def job(self, key: Key, strength: float) -> Job:
        """The run of a mechanism at a strength, a share of its own; at its own it is the untouched run."""
        end, name, seed = key
        injury = self.scenario.own_stimuli[0]
        sets = self.shared + ((sham_instead(injury),) if end == NAIVE else ())
        if strength != OWN:
            start_d = injury.cause_ends_d if end == INJURY else 0.0
            sets += tuple(
                held(self.scenario, name, strength, start_d, free_clamp(self.asked.source, self.shared))
            )
        return Job(self.asked.source, seed, sets, f"{name} {end} at {strength:g}")


def plan(asked: Asked) -> Plan:
    """Check everything about a study; raises the same errors as `study`."""
    for name in ("seeds", "steps"):
        if getattr(asked, name) < 1:
            raise InputError(f"{name} = {getattr(asked, name)}: give 1 or more")
    source = asked.source
    chosen = _chosen(asked.mechanisms)
    shared = (f'tick="{asked.tick}"', f'record.every="{EVERY}"', *asked.sets)
    scenario = Job(source, 1, shared).load()
    if not scenario.own_stimuli:
        raise InputError(f"{source} has no stimulus: there is no injury whose pain could stay")
    end_d = scenario.own_stimuli[0].cause_ends_d
    if end_d >= scenario.duration_d:
        raise InputError(
            f"the drive of {source} does not end during the run: give the stimulus a stop, for example "
            "--set 'stimulus.0.stop=\"16 d\"'"
        )
    absent = tuple(name for name in chosen if is_absent(name, scenario))
    present = tuple(name for name in chosen if name not in absent)
    ends = (INJURY, NAIVE) if asked.naive else (INJURY,)
    return Plan(asked, scenario, shared, ends, present, absent)


def study(
    asked: Asked,
    workers: int = 1,
    told: Callable[[str], None] = lambda words: None,
    log: RunLog | None = None,
    quiet: bool = False,
) -> Margins:
    """Find the gain margin of each mechanism, all bisections round by round.

    Args:
        asked: what to study.
        workers: number of processes.
        told: called with a line of words before each round.
        log: runs that it knows are taken over, others are added to it.
        quiet: no progress bar.

    Raises:
        InputError: a scenario that cannot be run, has no injury or one that never ends; an unknown mechanism;
            seeds or steps below 1; a threshold that was never read.
    """
    made = plan(asked)
    whole = [(end, seed) for end in made.ends for seed in range(1, asked.seeds + 1)]
    told(f"round 0: {len(whole)} untouched")
    runs = _ended([made.job((end, "untouched", seed), OWN) for end, seed in whole], workers, log, quiet)
    first = dict(zip(whole, runs, strict=True))
    naive_g = {seed: first[INJURY, seed].naive_g for _, seed in whole}
    untouched = {(end, seed): _ratio(run, naive_g[seed]) for (end, seed), run in first.items()}
    brackets = {
        (end, name, seed): Bracket().learned(OWN, untouched[end, seed] <= HALF)
        for end in made.ends
        for name in made.present
        for seed in range(1, asked.seeds + 1)
    }
    count, number = len(whole), 0
    while tried := {key: s for key, b in brackets.items() if (s := b.next(asked.steps)) is not None}:
        number += 1
        told(f"round {number}: {len(tried)} runs")
        found = _ended([made.job(key, s) for key, s in tried.items()], workers, log, quiet)
        for (key, strength), run in zip(tried.items(), found, strict=True):
            pain = _ratio(run, naive_g[key[2]]) <= HALF
            brackets[key] = brackets[key].learned(strength, pain)
        count += len(tried)
    return Margins(asked, made.scenario, untouched, brackets, made.absent, count)


def _ended(jobs: list[Job], workers: int, log: RunLog | None, quiet: bool) -> list[Reading]:
    """What each job gives: known from the log, or run."""
    known = [log.get(job) if log is not None else None for job in jobs]
    todo = [job for job, run in zip(jobs, known, strict=True) if run is None]
    made = iter(run_jobs(todo, workers, reading, log.add if log is not None else None, quiet))
    return [next(made) if run is None else run for run in known]


def _chosen(mechanisms: Sequence[str]) -> list[str]:
    """Known mechanisms, or all that are feedbacks: what holds a naive slice back is none."""
    known = registry().mechanisms
    for name in mechanisms:
        if name not in known:
            raise InputError(
                f"{name!r} is not a mechanism{did_you_mean(name, known) or f'; give {spoken(known)}'}"
            )
    brakes = [name for name, e in expectations().items() if Verdict.ALONE in e.literature.verdicts[DAY_0]]
    return list(dict.fromkeys(mechanisms)) or [name for name in known if name not in brakes]


def _ratio(run: Reading, naive_g: float) -> float:
    """Threshold of the last week, as a share of the untouched run's naive one."""
    share = run.last_g / naive_g if naive_g > 0.0 else math.nan
    if math.isnan(share):
        raise InputError("the withdrawal threshold was not read before the injury, or not in the last week")
    return share
