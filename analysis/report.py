"""A run or a sweep as one HTML file that needs nothing beside it: pictures and style are inside."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd

from .events import events, first_start, last_stop
from .figures import save_run_figure
from .measures import WORDS, measure
from .runs import Run, RunError, open_run
from .summary import CAUTION, summarise
from .sweep_folder import ARM, Sweep, is_sweep, open_sweep
from .sweep_tables import cells
from .words import number, percent

REPORT = "report.html"
TEMPLATE = "report.template.html"
CAVEAT = "A research and teaching model, not medical advice."
MOST_ROWS = 400
"""a longer table is left to the files beside the report"""
Sections = Mapping[str, Sequence[str]]


def write_report(folder: str | Path, sections: Sections, out: str | Path | None = None) -> Path:
    """Write the report about a run's or a sweep's folder; returns the file.

    Args:
        folder: of a run or a sweep.
        sections: lists under a heading, such as the settings that differ from the preset.
        out: the file; `report.html` in the folder if not given.

    Raises:
        RunError: the folder is neither, or the file cannot be written.
    """
    content = _sweep(open_sweep(folder), sections) if is_sweep(folder) else _run(open_run(folder), sections)
    target = Path(out) if out is not None else Path(folder) / REPORT
    page = Template(files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.substitute(content, caveat=escape(CAVEAT)), encoding="utf-8")
    except OSError as problem:
        reason = problem.strerror or problem
        raise RunError(f"{target} cannot be written: {reason}") from problem
    return target


def _run(run: Run, sections: Sections) -> dict[str, str]:
    done = events(run)
    m = measure(run.timeseries, first_start(done), last_stop(done))
    if not list(run.folder.glob("figures/*.png")):
        save_run_figure(run.folder)
    rows = [(doc, _amount(value, unit)) for value, unit, doc in m.table.itertuples(index=False)]
    told = [line for line in summarise(run.folder) if line != CAUTION]
    facts = [f"{run.scenario.get('biology', 'unknown')} preset", f"seed {run.info.get('seed', 'unknown')}"]
    body = [
        _list([event.label for event in done] or ["nothing"], "What was done to the slice"),
        _paragraphs("What came of it", told),
        *_pictures(run.folder),
        _table("Key numbers", ("measure", "value"), rows),
        *(_list(lines, heading) for heading, lines in sections.items()),
    ]
    return _page(str(run.scenario.get("title", run.name)), facts, run.complete, run.info, body)


def _sweep(sweep: Sweep, sections: Sections) -> dict[str, str]:
    info = sweep.info
    axes = [f"{name}: {', '.join(map(_text, sweep.values(name)))}" for name in sweep.coordinates]
    seeds = len(info["seeds"])
    did = [
        f"the scenario {info['scenario']}" + (", changed along:" if axes else ", unchanged"),
        *axes,
        f"{seeds} seed{'s' if seeds != 1 else ''}: {info['finished']} of {info['runs']} runs are finished",
        *(f"in all runs: {change}" for change in sweep.design.get("set", [])),
    ]
    body = [_list(did, "What was done")]
    if info["finished"]:
        body += [
            *_pictures(sweep.folder),
            _cells(sweep),
            _differences(sweep),
        ]
    body += [_list(_arms(sweep), "Arms"), *(_list(lines, heading) for heading, lines in sections.items())]
    return _page(str(info["title"]), [f"{info['finished']} runs"], sweep.complete, info, body)


def _page(
    title: str, facts: Sequence[str], complete: bool, info: Mapping[str, Any], body: Sequence[str]
) -> dict[str, str]:
    state = [] if complete else [f"{info.get('status', 'unfinished')}: this is what there is of it"]
    versions = [f"{name} {version}" for name, version in info.get("versions", {}).items()]
    versions += [f"source {info['revision']}"] if info.get("revision") else []
    versions += [f"wall time {info['wall_s']:.0f} s"] if "wall_s" in info else []
    return {
        "title": escape(title),
        "facts": escape(" \N{MIDDLE DOT} ".join([*facts, *state])),
        "body": "\n".join(part for part in body if part),
        "versions": escape(" \N{MIDDLE DOT} ".join(versions or ["dorsalhorn, of unknown version"])),
    }


def _pictures(folder: Path) -> list[str]:
    """Every figure of a folder, as data in the page."""
    found = []
    for file in sorted(folder.glob("figures/*.png")):
        data = base64.b64encode(file.read_bytes()).decode()
        name = escape(file.stem.replace("_", " "))
        found.append(f'<figure><img alt="{name}" src="data:image/png;base64,{data}"></figure>')
    return found


def _paragraphs(heading: str, lines: Sequence[str]) -> str:
    return f"<h2>{escape(heading)}</h2>\n" + "\n".join(f"<p>{escape(line)}</p>" for line in lines)


def _list(lines: Sequence[str], heading: str) -> str:
    if not lines:
        return ""
    items = "\n".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{escape(heading)}</h2>\n<ul>\n{items}\n</ul>"


def _table(heading: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> str:
    """A table whose first column names the row."""
    if not rows:
        return ""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[:MOST_ROWS]
    )
    more = (
        f"; {len(rows) - MOST_ROWS} more rows are in the tables of the folder"
        if len(rows) > MOST_ROWS
        else ""
    )
    said = f"<p class=note>{escape(note + more)}</p>\n" if note or more else ""
    return (
        f"<h2>{escape(heading)}</h2>\n{said}<div class=wide><table><thead><tr>{top}</tr></thead>\n"
        f"<tbody>\n{lines}\n</tbody></table></div>"
    )


def _amount(value: float, unit: str) -> str:
    known = pd.notna(value)
    return f"{number(value)} {unit}" if known and unit != "1" else number(value)


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _cells(sweep: Sweep) -> str:
    """One row a cell, one column a measure."""
    names, rows = sweep.coordinates, []
    for place, cell in cells(sweep.summary, names):
        shown = [_cell(cell[cell["measure"] == name], name, sweep) for name in sweep.measures]
        rows.append([*map(_text, place.values()), *shown])
    note = "Median over the seeds, 10-90 % in parentheses; for a word the share of the seeds"
    return _table("Key numbers", [*names, *(name.replace("_", " ") for name in sweep.measures)], rows, note)


def _cell(rows: pd.DataFrame, name: str, sweep: Sweep) -> str:
    if name in WORDS:
        there = rows[rows["share"] > 0.0].sort_values("share", ascending=False, kind="stable")
        return ", ".join(f"{v} {percent(s)}" for v, s in zip(there["value"], there["share"], strict=True))
    if rows.empty:
        return ""
    row, (unit, _) = rows.iloc[0], sweep.note(name)
    if pd.isna(row["median"]):
        return "not measured"
    return f"{_amount(row['median'], unit)} ({number(row['p10'])} to {number(row['p90'])})"


def _differences(sweep: Sweep) -> str:
    table = sweep.differences
    if table is None or table.empty:
        return ""
    names = [name for name in sweep.coordinates if name != ARM] + [ARM]
    rows = []
    for _, row in table.iterrows():
        sign = "+" if row["difference"] > 0 else ""
        difference = f"{sign}{number(row['difference'])}"
        band = "" if pd.isna(row["ci_low"]) else f"{number(row['ci_low'])} to {number(row['ci_high'])}"
        what = str(row["measure"]).replace("_", " ") + (f" is {row['value']}" if row["value"] else "")
        rows.append([*(_text(row[n]) for n in names), what, difference, band, str(row["n"])])
    note = (
        f"Each arm less {sweep.info['reference']}, paired by seed: mean and 95 % bootstrap interval; "
        "for a word the difference of its share"
    )
    return _table("Differences", [*names, "measure", "difference", "95 % interval", "pairs"], rows, note)


def _arms(sweep: Sweep) -> list[str]:
    return [f"{arm['name']}: {'; '.join(arm['set']) or 'unchanged'}" for arm in sweep.design.get("arm", [])]
