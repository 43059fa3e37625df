"""Runs side by side: what differs in their scenarios, and in what came of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from . import style
from .acute_overlay import acute_overlay, acute_table
from .acute_words import acute_takeaway
from .events import events, first_start, last_stop
from .measures import Measures, measure
from .overlay import Curve, overlay_figure
from .responses import Responses
from .runs import Run, RunError, open_run
from .words import day, number, percent

ABSENT = "not set"
SAYS_NOTHING = frozenset({"title", "name", "description"})
LONGEST_MESSAGE = 120


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two or more runs over their common span; the first is what the others are compared with."""

    names: tuple[str, ...]
    table: pd.DataFrame
    """one row a measure: unit, doc, the value in each run, and for every run but the first its
    difference from and ratio to the first"""
    differences: pd.DataFrame
    """one row a key in which the scenarios differ, one column a run"""
    outcomes: dict[str, str]
    """what became of the withdrawal threshold in each run; of an acute run, how the output answered"""
    notes: tuple[str, ...]
    """what a reader has to know: the span compared, runs that are unfinished"""
    paths: dict[str, Path]
    """files written, by name; empty when none were asked for"""
    figure: Figure

    def lines(self) -> list[str]:
        """The comparison as plain lines: what differs, what came of it, and the notes."""
        told = [f"Differs: {key}: {', '.join(values)}" for key, values in self.differences.iterrows()]
        told = told or ["The scenarios are the same."]
        if "threshold_end" not in self.table.index:
            return [*told, *(f"{name}: {self.outcomes[name]}" for name in self.names), *self.notes]
        for name in self.names:
            grams, kept = self.table.loc[["threshold_end", "threshold_end_ratio"], name].to_numpy(float)
            at = "" if math.isnan(grams) else f" ({number(grams)} g, {percent(kept)} of naive)"
            told.append(f"{name}: withdrawal threshold {self.outcomes[name]}{at}.")
        return [*told, *self.notes]


def compare_runs(paths: Sequence[str | Path], out: str | Path | None = None) -> Comparison:
    """Compare the runs in the folders `paths` with the first of them.

    With `out`, writes `comparison.csv`, `comparison.parquet` and `comparison.png` there.  Runs of
    different length are compared over the span they share, and `notes` says so.  Of acute runs, the
    responses are overlaid pulse by pulse.  Raises `RunError` for fewer than two runs, the same folder
    twice, acute runs beside chronic ones, or runs that share no span.
    """
    runs = _open(paths)
    names = unique_names([run.folder for run in runs])
    if any(run.acute for run in runs):
        return _compare_acute(runs, names, out)
    start = max(float(run.timeseries.index[0]) for run in runs)
    stop = min(float(run.timeseries.index[-1]) for run in runs)
    if stop <= start:
        raise RunError(f"these runs share no span of time: the shortest ends on {day(stop)}")
    frames = [run.timeseries.loc[start:stop] for run in runs]
    done = [events(run) for run in runs]
    measured = [
        measure(frame, first_start(each), last_stop(each)) for frame, each in zip(frames, done, strict=True)
    ]
    differences = scenario_differences({n: run.scenario for n, run in zip(names, runs, strict=True)})
    notes = tuple(_notes(runs, names, start, stop))
    curves = [Curve(*each) for each in zip(names, frames, done, measured, strict=True)]
    figure = overlay_figure(curves, _differ(differences), notes)
    table = _table(names, measured, runs[0])
    outcomes = {name: str(m.outcome) for name, m in zip(names, measured, strict=True)}
    written = {} if out is None else _write(table, figure, Path(out))
    return Comparison(names, table, differences, outcomes, notes, written, figure)


def _compare_acute(runs: Sequence[Run], names: tuple[str, ...], out: str | Path | None) -> Comparison:
    """Compare what the projection neurons of acute runs answered."""
    chronic = [name for name, run in zip(names, runs, strict=True) if not run.acute]
    if chronic:
        acute = [name for name in names if name not in chronic]
        raise RunError(
            f"acute and chronic runs have no measure in common: {', '.join(acute)} acute, "
            f"{', '.join(chronic)} chronic; compare like with like"
        )
    responses = [Responses(run) for run in runs]
    differences = scenario_differences({n: run.scenario for n, run in zip(names, runs, strict=True)})
    notes = tuple(_unfinished(runs, names))
    table = _against_first(acute_table(responses, names), names)
    outcomes = {name: acute_takeaway(r) for name, r in zip(names, responses, strict=True)}
    figure = acute_overlay(responses, names, _differ(differences), notes)
    written = {} if out is None else _write(table, figure, Path(out))
    return Comparison(names, table, differences, outcomes, notes, written, figure)


def _open(paths: Sequence[str | Path]) -> list[Run]:
    if isinstance(paths, (str, Path)) or len(paths) < 2:
        raise RunError("a comparison needs at least two run folders")
    runs = [open_run(path) for path in paths]
    seen: dict[Path, str | Path] = {}
    for path in paths:
        real = Path(path).resolve()
        if real in seen:
            raise RunError(
                f"{path} is the same run folder as {seen[real]}; a run cannot be compared with itself"
            )
        seen[real] = path
    return runs


def unique_names(folders: Sequence[Path]) -> tuple[str, ...]:
    """The folders' names, with as many parents as it takes to tell them apart."""
    parts = [folder.resolve().parts for folder in folders]
    depth = 1
    while len({part[-depth:] for part in parts}) < len(parts):
        depth += 1
    return tuple("/".join(part[-depth:]) for part in parts)


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of nested tables and lists of tables, with its dotted path: `stimulus.0.stop`."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for index, inner in enumerate(value):
            yield from flat(inner, f"{path}.{index}")
    else:
        yield path, value


def scenario_differences(scenarios: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The keys (rows) in which scenarios differ, with the value of each as text; titles do not count."""
    leaves = {name: dict(flat(scenario)) for name, scenario in scenarios.items()}
    keys = dict.fromkeys(key for leaf in leaves.values() for key in leaf if key not in SAYS_NOTHING)
    rows = {key: [leaf.get(key, ABSENT) for leaf in leaves.values()] for key in keys}
    told = {key: [str(value) for value in row] for key, row in rows.items() if any(v != row[0] for v in row)}
    return pd.DataFrame.from_dict(told, orient="index", columns=list(scenarios), dtype=str)


def _differ(differences: pd.DataFrame) -> str:
    """What differs, in one line for the figure: as many keys as fit, and how many more."""
    if differences.empty:
        return "The scenarios are the same."
    told: list[str] = []
    for key, values in differences.iterrows():
        item = f"{key} ({' / '.join(values)})"
        if told and len("; ".join([*told, item])) > LONGEST_MESSAGE:
            break
        told.append(item)
    rest = len(differences) - len(told)
    return f"They differ in {'; '.join(told)}" + (f"; and {rest} more." if rest else ".")


def _notes(runs: Sequence[Run], names: Sequence[str], start: float, stop: float) -> Iterator[str]:
    ends = {name: float(run.timeseries.index[-1]) for name, run in zip(names, runs, strict=True)}
    longer = [f"{name} ({day(end)})" for name, end in ends.items() if end > stop]
    if longer:
        yield f"Compared over the common span, {day(start)} to {day(stop)}; longer: {', '.join(longer)}."
    yield from _unfinished(runs, names)


def _unfinished(runs: Sequence[Run], names: Sequence[str]) -> Iterator[str]:
    for name, run in zip(names, runs, strict=True):
        if not run.complete:
            yield f"{name} is not complete ({run.info.get('status', 'status unknown')})."


def _table(names: Sequence[str], measured: Sequence[Measures], first: Run) -> pd.DataFrame:
    """Measures, then the state at the end of every recorded column (`end.` before its name)."""
    base = measured[0].table
    units, docs = first.timeseries.attrs["units"], first.timeseries.attrs["docs"]
    columns = [c for c in measured[0].end.index if all(c in m.end for m in measured)]
    rows = [*base.index, *(f"end.{c}" for c in columns)]
    table = pd.DataFrame(index=pd.Index(rows, name="measure"))
    table["unit"] = [*base["unit"], *(units.get(c, "") for c in columns)]
    table["doc"] = [*base["doc"], *(f"end of the run: {docs.get(c) or c}" for c in columns)]
    for name, m in zip(names, measured, strict=True):
        table[name] = [*m.table["value"], *(float(m.end[c]) for c in columns)]
    return _against_first(table, names)


def _against_first(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Add each other run's difference from the first, and ratio to it."""
    reference = table[names[0]]
    for name in names[1:]:
        table[f"{name} difference"] = table[name] - reference
        table[f"{name} ratio"] = table[name] / reference.where(reference != 0.0)
    return table


def _write(table: pd.DataFrame, figure: Figure, out: Path) -> dict[str, Path]:
    paths = {kind: out / f"comparison.{kind}" for kind in ("csv", "parquet", "png")}
    try:
        out.mkdir(parents=True, exist_ok=True)
        table.to_csv(paths["csv"])
        table.to_parquet(paths["parquet"])
        figure.savefig(paths["png"], dpi=style.DPI)
    except OSError as problem:
        raise RunError(f"{out} cannot be written to: {problem}") from problem
    return paths
