"""From sweeps of treatments to tables: a row a run, a row a treatment and course with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from .claim_verdicts import judge
from .events import events_of, first_start
from .interaction import JOINED, interactions
from .relief import all_worn_off_d, relief_of
from .runs import RunError
from .sweep_folder import ARM, CellRun, Sweep

PLACE = ("biology", "gives", "course")
"""what names a row of the summary"""
NOT_GRADED = "not graded"
"""the grade of a combination: the catalogue grades treatments alone"""
RUN_COLUMNS = (
    *("biology", "gives", "members", "course", "grade", "evidence", "start_d", "stop_d", "seed"),
    *("relief", "output", "onset_d", "lasts_d", "to_the_end", "reset", "lasting"),
)
UNITS = {
    "relief": "reversal of the threshold in the last week of the course; 1 full, 0 none",
    "output": "share of the rise in spontaneous output that is gone in that week",
    "onset_d": "days from the start to half of the greatest reversal",
    "lasts_d": "days from the end until less than half of the relief is left",
    "reset": "reversal in the second week after it has worn off",
    "lasting": "1 where that is 0.7 or more at an unchanged drive",
}


def measured(sweep: Sweep) -> pd.DataFrame:
    """One row a run with a treatment: what it gives, when, its grade, and what it does (`Relief`).

    Raises:
        RunError: the sweep has axes, no reference or no courses, nothing that was finished can be compared,
            or its runs do not say what was given.
    """
    where, reference = sweep.folder, sweep.info.get("reference")
    if sweep.info["axes"] or not reference:
        raise RunError(
            f"{where} is no sweep of courses against an untreated arm: "
            "run `dorsalhorn sweep treatment_timing`, or one with [[course]], `reference` and no [[axis]]"
        )
    arms = {arm["name"]: arm for arm in sweep.design.get(ARM, ()) if arm.get("gives") and arm.get("course")}
    runs = sweep.cell_runs()
    untreated = {run.seed: run for run in runs if run.coordinates[ARM] == reference}
    rows = []
    for run in runs:
        arm = arms.get(str(run.coordinates[ARM]))
        if arm is not None and run.seed in untreated:
            rows.append(_row(sweep, run, untreated[run.seed], str(arm["gives"]), str(arm["course"])))
    if not rows:
        raise RunError(f"{where} holds no finished run of a course beside the untreated run of its seed")
    return pd.DataFrame(rows, columns=list(RUN_COLUMNS))


def _row(sweep: Sweep, run: CellRun, untreated: CellRun, gives: str, course: str) -> list[object]:
    before = len(untreated.scenario.get("treatment", ()))
    given = run.treatments[before:]
    if not given or "offset_d" not in given[0]:
        raise RunError(
            f"{sweep.folder}: the run of {run.coordinates[ARM]} does not say what was given; it was made by "
            "an older version: sweep again into another folder"
        )
    start = min(float(entry["start_d"]) for entry in given)
    stop = max(math.inf if entry["stop_d"] is None else float(entry["stop_d"]) for entry in given)
    first = first_start(events_of(untreated.scenario, untreated.stimuli))
    r = relief_of(run.timeseries, untreated.timeseries, start, stop, all_worn_off_d(given), first)
    members = JOINED.join(str(entry["name"]) for entry in given)
    one = given[0] if len(given) == 1 else {"grade": NOT_GRADED, "evidence": ""}
    about = [run.scenario["biology"], gives, members, course, one["grade"], one["evidence"], start, stop]
    found = [r.relief, r.output, r.onset_d, r.lasts_d, r.to_the_end, r.reset, r.lasting]
    return [*about, run.seed, *found]


def summarised(table: pd.DataFrame) -> pd.DataFrame:
    """One row a preset, treatment and course, in the order of `by_effect`.

    The mean over the seeds of relief, output relief and reset, each with its 95 % bootstrap interval (of
    under 3 seeds the lowest and the highest value); medians of onset and duration; the share of the seeds
    with a lasting reset; how many could be read.
    """
    rows = []
    for place, part in table.groupby(list(PLACE), sort=False):
        row = dict(zip(PLACE, place, strict=True)) | {
            name: part[name].iloc[0] for name in ("members", "grade", "evidence", "start_d", "stop_d")
        }
        for name in ("relief", "output", "reset"):
            found = judge(part[name].to_list())
            row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
            row[f"{name}_n"] = found.count
        row |= {name: float(part[name].median()) for name in ("onset_d", "lasts_d")}
        row["to_the_end"] = bool(part.loc[part["lasts_d"].notna(), "to_the_end"].mean() > 0.5)
        row["lasting"] = float(part["lasting"].mean())
        rows.append(row)
    summary = pd.DataFrame(rows)
    rank = {name: number for number, name in enumerate(by_effect(summary))}
    return summary.sort_values("gives", key=lambda names: names.map(rank), kind="stable", ignore_index=True)


def by_effect(summary: pd.DataFrame) -> list[str]:
    """Treatments and combinations, that with the most relief first (mean of all courses and presets).

    Of two that are the same to two places the one with more relief of the output; last what was not read.
    """
    means = summary.groupby("gives", sort=False)[["relief", "output"]].mean().fillna(-math.inf)
    keys = {str(name): (round(row["relief"], 2), row["output"]) for name, row in means.iterrows()}
    return sorted(keys, key=lambda name: keys[name], reverse=True)


def interaction_summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row a read-out, preset, combination and course: mean excess over Bliss with its interval."""
    rows = []
    key = [*PLACE, "read"]
    for place, part in interactions(table).groupby(key, sort=False):
        found, over = judge(part["excess"].to_list()), judge(part["over_best"].to_list())
        means = {name: float(part[name].mean()) for name in ("observed", "expected", "best")}
        rows.append(
            dict(zip(key, place, strict=True))
            | {"members": part["members"].iloc[0], "n": found.count}
            | means
            | {"excess": found.value, "excess_low": found.low, "excess_high": found.high}
            | {"over_best": over.value, "over_best_low": over.low, "over_best_high": over.high}
        )
    return pd.DataFrame(rows, columns=None if rows else [*key, "members"])


def both(sweeps: Sequence[Sweep]) -> pd.DataFrame:
    """The runs of several sweeps in one table (`measured`).

    Raises RunError if two are of one preset.
    """
    tables = [measured(sweep) for sweep in sweeps]
    seen: set[str] = set()
    for sweep, table in zip(sweeps, tables, strict=True):
        there = set(table["biology"])
        if there & seen:
            raise RunError(f"{sweep.folder}: a second sweep of the preset {sorted(there & seen)[0]}")
        seen |= there
    return pd.concat(tables, ignore_index=True)
