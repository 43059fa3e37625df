"""The claims put to the test: every arm run once for each preset and seed, and shared by all claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..analysis.claim_measures import MEASURES, Arms, threshold_end
from ..analysis.claim_verdicts import Judged, Verdict, judge
from ..analysis.measures import HALF
from .claim_arms import Runs, runs_of
from .claim_kept import make_runs
from .claims import UNTOUCHED, Claim, claims
from .errors import InputError
from .names import did_you_mean, spoken
from .registry import registry

if TYPE_CHECKING:
    import pandas as pd

PRESETS = ("article", "literature")
ABSENT = "not in this preset"
Frames = Mapping[tuple[str, int], "pd.DataFrame"]


@dataclass(frozen=True)
class Asked:
    """What a study is asked to do: all that its numbers depend on."""

    seeds: int = 3
    """how many; they are 1, 2, ..."""
    tick: str = "4 h"
    """of all runs"""
    biology: str | None = None
    """one preset; both if not given"""
    only: tuple[str, ...] = ()
    """names of claims; empty: all"""
    sets: tuple[str, ...] = ()
    """further changes to all runs, as for `--set`"""

    def command(self) -> str:
        """The command that asks for the same."""
        words = [f'dorsalhorn claims --seeds {self.seeds} --tick "{self.tick}"']
        words += [f"--biology {self.biology}"] if self.biology else []
        words += ["--only " + " ".join(self.only)] if self.only else []
        return " ".join([*words, *(f"--set '{assignment}'" for assignment in self.sets)])


@dataclass(frozen=True)
class Tested:
    """One claim under one preset."""

    claim: Claim
    biology: str
    judged: Judged
    values: Mapping[int, float]
    """by seed; only seeds in which it could be tested"""
    note: str = ""


@dataclass(frozen=True)
class Scorecard:
    """All that came out."""

    asked: Asked
    claims: tuple[Claim, ...]
    tested: Mapping[tuple[str, str], Tested]
    """by name of the claim and preset"""
    presets: tuple[str, ...]
    runs: Mapping[str, int]
    """how many were made, by preset"""
    duration_d: float

    def of(self, claim: Claim) -> list[Tested]:
        """What became of a claim under each preset."""
        return [self.tested[claim.name, biology] for biology in self.presets]


def put_to_test(
    asked: Asked, workers: int = 1, keep: str | Path | None = None, quiet: bool = False
) -> Scorecard:
    """Run what the claims compare, and judge them.

    Args:
        asked: what to study.
        workers: number of processes.
        keep: a folder in which each run is kept as it ends; what it has of them is not run again.
        quiet: no progress bar.

    Raises:
        FolderError: `keep` cannot be written.
        InputError: an unknown claim or preset, no seeds, or changes that cannot be made; nothing was run.
    """
    plans = plan(asked)
    chosen = claims().chosen(asked.only)
    numbers = range(1, asked.seeds + 1)
    frames: dict[str, dict[tuple[str, int], pd.DataFrame]] = {name: {} for name in plans}

    def make(wanted: Sequence[tuple[Runs, str, int]]) -> None:
        made = make_runs([runs.job(arm, seed) for runs, arm, seed in wanted], workers, keep, quiet)
        for (runs, arm, seed), frame in zip(wanted, made, strict=True):
            frames[runs.biology][arm, seed] = frame

    first = [claim for claim in chosen if not claim.if_stays]
    later = [claim for claim in chosen if claim.if_stays]
    make([(r, arm, s) for r in plans.values() for arm in _needs(first, r, bool(later)) for s in numbers])
    stayed = {name: _stayed(runs, frames[name], numbers) for name, runs in plans.items()} if later else {}
    make(
        [
            (runs, arm, seed)
            for name, runs in plans.items()
            if later
            for arm in _needs(later, runs)
            for seed in stayed[name]
            if (arm, seed) not in frames[name]
        ]
    )
    tested = {
        (claim.name, name): _test(claim, runs, frames[name], stayed[name] if claim.if_stays else numbers)
        for name, runs in plans.items()
        for claim in chosen
    }
    counts = {name: len(found) for name, found in frames.items()}
    duration_d = next(iter(plans.values())).base.duration_d
    return Scorecard(asked, tuple(chosen), tested, tuple(plans), counts, duration_d)


def plan(asked: Asked) -> dict[str, Runs]:
    """What is to be run, by preset; raises the InputErrors of `put_to_test`, and runs nothing."""
    if asked.seeds < 1:
        raise InputError(f"seeds = {asked.seeds}: give 1 or more")
    biology = asked.biology
    if biology is not None and biology not in registry().presets:
        known = registry().presets
        remedy = did_you_mean(biology, known) or f"; give {spoken(known)}"
        raise InputError(f"there is no preset {biology!r}{remedy}")
    found = claims()
    names = {arm for claim in found.chosen(asked.only) for arm in claim.arms} | {UNTOUCHED}
    arms = [arm for name, arm in found.arms.items() if name in names]
    presets = [biology] if biology else PRESETS
    return {name: runs_of(name, arms, asked.tick, asked.sets) for name in presets}


def _needs(asked: Iterable[Claim], runs: Runs, untouched: bool = False) -> list[str]:
    """The runs that claims need under a preset."""
    arms = [arm for claim in asked if not _absent(claim, runs) for arm in claim.arms]
    return list(dict.fromkeys(runs.same[arm] for arm in ([UNTOUCHED] if untouched else []) + arms))


def _absent(claim: Claim, runs: Runs) -> bool:
    """Whether all that a claim compares with the untouched run comes to the same under a preset."""
    others = {runs.same[arm] for arm in claim.arms if arm != UNTOUCHED}
    return UNTOUCHED in claim.arms and others == {UNTOUCHED}


def _stayed(runs: Runs, frames: Frames, seeds: Iterable[int]) -> list[int]:
    """The seeds in which the untouched pain stays: a threshold at half of naive or below."""
    return [
        seed
        for seed in seeds
        if threshold_end(Arms([frames[UNTOUCHED, seed]], runs.start_d, runs.ends_d)) <= HALF
    ]


def _test(claim: Claim, runs: Runs, frames: Frames, seeds: Sequence[int]) -> Tested:
    """Judge one claim under one preset by the seeds in which it can be tested."""
    if claim.why or _absent(claim, runs):
        return Tested(claim, runs.biology, Judged(Verdict.NOT_REPRESENTED), {}, claim.why or ABSENT)
    if not seeds:
        note = f"nothing stayed to be {claim.if_stays}"
        return Tested(claim, runs.biology, Judged(Verdict.NOT_SUPPORTED), {}, note)
    values = {
        seed: MEASURES[claim.measure].take(
            Arms(
                [frames[runs.same[arm], seed] for arm in claim.arms], runs.start_d, runs.ends_d, claim.column
            )
        )
        for seed in seeds
    }
    judged = judge(list(values.values()), claim.low, claim.high)
    notes = ["straddles what is needed"] if judged.straddles else []
    total = max((seed for _, seed in frames), default=0)
    if len(seeds) < total:
        notes.append(f"in {len(seeds)} of {total} seeds; in the others nothing stayed")
    if not judged.count:
        notes.append("could not be measured")
    return Tested(claim, runs.biology, judged, values, "; ".join(notes))
