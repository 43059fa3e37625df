"""What there is to choose from, as rows: for tables in the terminal and for `--json`."""

from __future__ import annotations

import math
import shutil
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .load import shipped
from .registry import registry
from .sweep_file import shipped_sweeps, whole_sweep

Row = dict[str, Any]
WIDE = 110


def rows(what: str) -> list[Row]:
    """Everything of one kind; the keys of the first row are the columns of its table."""
    return _LISTS[what]()


def table(what: str) -> str:
    """The same, to be read: name first, the long text in the last column."""
    found = rows(what)
    if not found:
        return "nothing"
    if what == "mechanisms":
        knockouts = [r for r in found if r["kind"] == "knock-out"]
        claims = [r for r in found if r["kind"] == "row"]
        parts = [
            "Mechanisms that can be knocked out or clamped",
            _laid_out(knockouts, ("name", "sets", "doc")),
            "What the article says (M) and leaves out (L), and what became of it here",
            _laid_out(claims, ("name", "literature", "status", "switch", "doc")),
        ]
        return "\n\n".join(parts)
    return _laid_out(found, COLUMNS[what])


COLUMNS = {
    "scenarios": ("name", "biology", "duration", "stimuli", "title"),
    "sweeps": ("name", "scenario", "axes", "seeds", "title"),
    "measures": ("name", "unit", "doc"),
    "stimuli": ("name", "needs", "doc"),
    "treatments": ("name", "grade", "route", "onset", "offset", "effects"),
    "switches": ("name", "row", "literature", "article", "choices", "doc"),
    "parameters": ("name", "value", "unit", "range", "status", "source", "doc"),
    "patterns": ("name", "rank", "biology", "evidence", "criteria", "doc"),
    "claims": ("name", "group", "rows", "measure", "doc"),
    "clamps": ("name", "kind", "unit", "doc"),
}


def _scenarios() -> list[Row]:
    found = []
    for name, path in shipped().items():
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        stimuli = [
            s["kind"] + (f" until {s['stop']}" if "stop" in s else "") for s in content.get("stimulus", [])
        ]
        found.append(
            {
                "name": name,
                "title": content["title"],
                "biology": content["biology"],
                "mode": content.get("mode", "chronic"),
                "duration": content["duration"],
                "stimuli": stimuli,
            }
        )
    return found


def _sweeps() -> list[Row]:
    found = []
    for name, path in shipped_sweeps().items():
        content = whole_sweep(path, path.name)
        axes = [axis.get("name", axis["path"]) for axis in content.get("axis", [])]
        axes += ["arms"] if "arm" in content or "course" in content else []
        found.append(
            {"name": name, "scenario": content["scenario"], "axes": axes}
            | {"seeds": content["seeds"], "title": content["title"]}
        )
    return found


def _measures() -> list[Row]:
    from ..analysis.measures import NOTES, WORDS
    from ..model.readouts import COLUMNS as READOUTS
    from .sweep_schema import END

    found = [{"name": name, "unit": "word", "doc": doc} for name, doc in WORDS.items()]
    found += [{"name": name, "unit": unit, "doc": doc} for name, (unit, doc) in NOTES.items()]
    return found + [
        {"name": f"{END}{c.name}", "unit": c.unit, "doc": f"end of the run: {c.doc}"} for c in READOUTS
    ]


def _claims() -> list[Row]:
    from .claims import claims

    return [
        {"name": c.name, "group": c.group, "rows": list(c.rows), "arms": list(c.arms)}
        | {"measure": c.measure or "not represented", "needed": c.needed, "doc": c.says}
        for c in claims().claims.values()
    ]


def _stimuli() -> list[Row]:
    return [
        {"name": k.name, "needs": list(k.needs), "source": k.source, "drive": _finite(k.drive), "doc": k.doc}
        for k in registry().stimuli.values()
    ]


def _treatments() -> list[Row]:
    return [
        {
            "name": t.name,
            "grade": t.grade,
            "evidence": t.evidence,
            "route": t.route,
            "topical": t.topical,
            "follows": t.follows,
            "onset": t.onset,
            "offset": t.offset,
            "evenly": t.evenly,
            "effects": {key: effect.factor for key, effect in t.effects.items()},
            "details": {b: {k: asdict(e) for k, e in t.under(b).items()} for b in registry().presets},
            "sources": list(t.sources),
            "doc": t.doc,
        }
        for t in registry().treatments.values()
    ]


def _switches() -> list[Row]:
    data = registry()
    chosen = {biology: data.switches_of(biology, {}) for biology in data.presets}
    return [
        {
            "name": s.key,
            "row": s.row,
            "default": s.default,
            **{biology: settings[s.key] for biology, settings in chosen.items()},
            "choices": {c.name: c.doc for c in s.choices.values()},
            "doc": s.doc,
        }
        for s in data.switches.values()
    ]


def _parameters() -> list[Row]:
    return [
        {
            "name": p.key,
            "value": p.value,
            "unit": p.unit,
            "range": list(p.range),
            "status": p.status,
            "source": p.source,
            "doc": p.doc,
        }
        for p in registry().parameters.values()
    ]


def _mechanisms() -> list[Row]:
    data = registry()
    found: list[Row] = [
        {"name": m.name, "kind": "knock-out", "sets": dict(m.knockout), "doc": m.doc}
        for m in data.mechanisms.values()
    ]
    found += [
        {
            "name": c.id,
            "kind": "row",
            "literature": c.literature,
            "status": c.status,
            "switch": c.switch,
            "rule": c.rule,
            "sources": list(c.sources),
            "doc": c.says + (f" - absent: {c.reason}" if c.reason else ""),
        }
        for c in data.claims.values()
    ]
    return found


def _patterns() -> list[Row]:
    from .patterns import fitted_to, patterns

    return [
        {
            "name": p.id,
            "rank": p.rank,
            "score": p.score,
            "veto": p.veto,
            "share_of_seeds": p.share,
            "biology": p.biology,
            "evidence": p.evidence,
            "numbers": p.numbers,
            "criteria": {
                c.name: {
                    "low": None if c.low == -math.inf else c.low,
                    "high": None if c.high == math.inf else c.high,
                    "unit": c.unit,
                    "doc": c.doc,
                }
                for c in p.criteria.values()
            },
            "experiment": p.experiment,
            "run": p.run,
            "sources": list(p.sources),
            "fitted_to_it": fitted_to(p),
            "doc": p.title,
        }
        for p in patterns().values()
    ]


def _clamps() -> list[Row]:
    from .vocabulary import read_vocabulary

    names = read_vocabulary(registry())
    found = []
    for name, target in names.held.items():
        parameter = names.clamped_parameter(name)
        unit, doc = (parameter.unit, parameter.doc) if parameter else names.column_of(name)
        found.append({"name": name, "kind": target.kind, "unit": unit, "doc": doc})
    return found


def _finite(drive: Mapping[str, float]) -> dict[str, float | None]:
    """JSON knows no infinity: null stands for `never ends`."""
    return {key: None if value == float("inf") else value for key, value in drive.items()}


_LISTS = {
    "scenarios": _scenarios,
    "sweeps": _sweeps,
    "measures": _measures,
    "stimuli": _stimuli,
    "treatments": _treatments,
    "switches": _switches,
    "parameters": _parameters,
    "mechanisms": _mechanisms,
    "patterns": _patterns,
    "clamps": _clamps,
    "claims": _claims,
}
KINDS = tuple(_LISTS)


def _laid_out(found: Sequence[Row], columns: Sequence[str]) -> str:
    """Aligned columns, the last one wrapped to the terminal."""
    cells = [[_cell(row.get(column, "")) for column in columns] for row in found]
    widths = [max(len(c), *(len(line[i]) for line in cells)) for i, c in enumerate(columns)]
    left = sum(widths[:-1]) + 2 * (len(columns) - 1)
    room = max(30, shutil.get_terminal_size((WIDE, 24)).columns - left)
    lines = []
    for line in [[c.upper() for c in columns], *cells]:
        *first, last = line
        start = "".join(f"{cell:<{width}}  " for cell, width in zip(first, widths, strict=False))
        wrapped = textwrap.wrap(last, room, break_on_hyphens=False) or [""]
        lines.append((start + wrapped[0]).rstrip())
        lines += [" " * left + more for more in wrapped[1:]]
    return "\n".join(lines)


def _cell(value: object) -> str:
    """A value as it stands in a table."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return " | ".join(
            f"{key} = {entry:g}" if isinstance(entry, float) else str(key) for key, entry in value.items()
        )
    if isinstance(value, list):
        between = ".." if value and all(isinstance(v, float) for v in value) else ", "
        return between.join(_cell(v) for v in value)
    return str(value)
