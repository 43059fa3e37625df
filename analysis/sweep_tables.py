"""The tables of a sweep: a row a run, a row a cell, and each arm against the reference, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .events import events_of, first_start, last_stop
from .intervals import interval
from .measures import THRESHOLD, WORDS, fate, measure
from .runs import RunError
from .sweep_folder import ARM, DIFFERENCES, END, RUNS, SEED, SUMMARY, CellRun, Sweep, open_sweep

LOW, HIGH = 0.1, 0.9
"""the band of a cell: from the 10th to the 90th percentile of its seeds"""
CHALLENGE = "opioid tone"
"""the clamp that is a challenge, as events call it (P40)"""
FRACTION = "1"


def write_sweep(folder: str | Path) -> Sweep:
    """Measure every finished run in a sweep's folder; write its tables and figures, and open it."""
    from .sweep_figures import save_sweep_figures

    sweep = open_sweep(folder)
    done = sweep.cell_runs()
    if done:
        runs = measured(sweep, done)
        notes = _notes(sweep, done)
        _write(runs, notes, sweep.folder / RUNS)
        _write(summarised(sweep, runs), notes, sweep.folder / SUMMARY)
        if sweep.info["reference"]:
            _write(compared(sweep, runs), notes, sweep.folder / DIFFERENCES)
        save_sweep_figures(sweep)
    return sweep


def measured(sweep: Sweep, done: Sequence[CellRun]) -> pd.DataFrame:
    """One row a run: the coordinates of its cell, its seed, and the measures."""
    rows = [
        {**{name: run.coordinates[name] for name in sweep.coordinates}, SEED: run.seed}
        | measures_of(run, sweep.measures)
        for run in done
    ]
    return pd.DataFrame(rows)


def measures_of(run: CellRun, names: Sequence[str]) -> dict[str, str | float]:
    """The named measures of one run.

    Where the run ends with a challenge, a clamp of the opioid tone, what comes after its start is no part
    of any measure but `fate`.
    """
    done = events_of(run.scenario, run.stimuli)
    starts = [e.start_d for e in done if e.role == "clamp" and e.what.startswith(CHALLENGE)]
    challenge_d = min(starts, default=math.inf)
    ts = run.timeseries
    calm = ts[ts.index <= challenge_d]
    m = measure(calm, first_start(done), last_stop(done))
    words = {
        "outcome": str(m.outcome),
        "fate": str(fate(m.outcome, ts[ts.index > challenge_d][THRESHOLD], m["threshold_naive"])),
    }
    return {
        name: words[name]
        if name in words
        else float(m.end[name.removeprefix(END)])
        if name.startswith(END)
        else m[name]
        for name in names
    }


def summarised(sweep: Sweep, runs: pd.DataFrame) -> pd.DataFrame:
    """One row a cell and measure: runs, median, 10-90 %; for a word one row a value, with its share."""
    rows = []
    for place, cell in cells(runs, sweep.coordinates):
        for name in sweep.measures:
            head = {**place, "measure": name}
            if name in WORDS:
                for value in sorted(set(runs[name])):
                    share = float((cell[name] == value).mean())
                    rows.append(head | {"value": value, "n": len(cell), "share": share})
            else:
                known = cell[name].dropna()
                low, median, high = known.quantile([LOW, 0.5, HIGH]) if len(known) else [math.nan] * 3
                rows.append(head | {"value": "", "n": len(known), "median": median, "p10": low, "p90": high})
    columns = [*sweep.coordinates, "measure", "value", "n", "median", "p10", "p90", "share"]
    return pd.DataFrame(rows, columns=columns)


def compared(sweep: Sweep, runs: pd.DataFrame) -> pd.DataFrame:
    """Each arm less the reference, paired by seed: mean difference with its bootstrap interval.

    A word counts as its share: 1 where the run came to that value, 0 where not.
    """
    reference = sweep.info["reference"]
    others = [name for name in sweep.coordinates if name != ARM]
    rows = []
    for place, part in cells(runs, others):
        arms = {arm: cell.set_index(SEED) for arm, cell in part.groupby(ARM, sort=False)}
        if reference not in arms:
            continue
        for arm, cell in arms.items():
            if arm == reference:
                continue
            for name, value in _numbers(sweep, runs):
                one, other = (_as_number(frame, name, value) for frame in (cell, arms[reference]))
                pairs = (one - other).dropna().to_numpy(float)
                mean, low, high = interval(pairs)
                head = {**place, ARM: arm, "reference": reference, "measure": name, "value": value}
                rows.append(head | {"n": len(pairs), "difference": mean, "ci_low": low, "ci_high": high})
    columns = [*others, ARM, "reference", "measure", "value", "n", "difference", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)


def _numbers(sweep: Sweep, runs: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Every measure as numbers: a word once for each value it takes."""
    for name in sweep.measures:
        if name in WORDS:
            yield from ((name, value) for value in sorted(set(runs[name])))
        else:
            yield name, ""


def _as_number(frame: pd.DataFrame, name: str, value: str) -> pd.Series:
    return (frame[name] == value).astype(float) if value else frame[name]


def cells(runs: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[dict[str, str | float], pd.DataFrame]]:
    """The runs of each cell, in the order of the sweep."""
    if not names:
        yield {}, runs
        return
    for place, cell in runs.groupby(list(names), sort=False):
        yield dict(zip(names, cast(tuple[Any, ...], place), strict=True)), cell


def _notes(sweep: Sweep, done: Sequence[CellRun]) -> dict[str, tuple[str, str]]:
    """Unit and meaning of every measure, for the metadata of the tables."""
    attrs = done[0].timeseries.attrs
    notes = {}
    for name in sweep.measures:
        column = name.removeprefix(END)
        doc = f"end of the run: {attrs['docs'].get(column) or column}"
        notes[name] = (attrs["units"].get(column, FRACTION), doc) if column != name else sweep.note(name)
    return notes


def _write(frame: pd.DataFrame, notes: dict[str, tuple[str, str]], path: Path) -> None:
    """As parquet with units in the metadata, and as csv."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        field.with_metadata({b"unit": notes[field.name][0].encode(), b"doc": notes[field.name][1].encode()})
        if field.name in notes
        else field
        for field in table.schema
    ]
    try:
        pq.write_table(table.cast(pa.schema(fields)), path)
        frame.to_csv(path.with_suffix(".csv"), index=False)
    except OSError as problem:
        raise RunError(f"{path} cannot be written: {problem}") from problem
