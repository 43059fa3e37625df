"""The figures of a sweep, one a measure: maps for two axes, lines for one, dots or bars for arms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from . import style
from .events import DAYS, SINGULAR
from .measures import WORDS
from .page import frame
from .runs import RunError
from .sweep_folder import ARM, SEED, Sweep

QUANTITY = re.compile(r"\s*([\d.]+(?:[eE][+-]?\d+)?)\s*([a-z]+)\s*")
FIGURES = "figures"
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")

Place = Mapping[str, str | float]


@dataclass(frozen=True, eq=False)
class View:
    """One measure of a sweep, and how its cells are laid out."""

    sweep: Sweep
    measure: str
    ordered: tuple[str, ...]
    """axes of numbers or times"""
    named: tuple[str, ...]
    """axes of names, and the arms"""

    @property
    def word(self) -> bool:
        """Whether the measure is a word, shown by its shares."""
        return self.measure in WORDS

    @property
    def label(self) -> str:
        """The measure with its unit, for an axis."""
        unit, _ = self.sweep.note(self.measure)
        name = self.measure.replace("_", " ").replace("end.", "at the end: ")
        return name if unit in ("", "1") else f"{name} ({unit})"

    @property
    def values(self) -> list[str]:
        """The values a word takes, in the order in which they are shown."""
        there = set(self.sweep.runs[self.measure].astype(str))
        return sorted(there, key=lambda v: (style.severity(v), v))

    def places(self, names: Sequence[str]) -> list[dict[str, str | float]]:
        """Every combination of the values of some coordinates."""
        chosen = product(*(self.sweep.values(name) for name in names))
        return [dict(zip(names, each, strict=True)) for each in chosen]

    def summary(self, place: Place) -> pd.DataFrame:
        """The rows of the summary at a place."""
        table = self.sweep.summary
        return at(table[table["measure"] == self.measure], place)

    def runs(self, place: Place) -> pd.DataFrame:
        """The runs at a place."""
        return at(self.sweep.runs, place)


def at(table: pd.DataFrame, place: Place) -> pd.DataFrame:
    """The rows of a table at a place."""
    for name, value in place.items():
        table = table[table[name] == value]
    return table


def called(place: Place) -> str:
    """A place in words: the arm by its name, an axis by name and value."""
    return ", ".join(
        f"{value}" if name == ARM or isinstance(value, str) else f"{name} {value:g}"
        for name, value in place.items()
    )


def tick(value: str | float) -> str:
    """A value under an axis."""
    return value if isinstance(value, str) else f"{value:g}"


def is_ordered(values: Sequence[str | float]) -> bool:
    """Whether values are numbers or times, in the order in which they grow.

    >>> is_ordered(["12 h", "1 d", "2 weeks"]), is_ordered(["article", "literature"]), is_ordered([1.0, 2.0])
    (True, False, True)
    """
    sizes = [_size(value) for value in values]
    known = [size for size in sizes if size is not None]
    return len(known) == len(values) > 1 and sorted(known) in (known, known[::-1])


def _size(value: str | float) -> float | None:
    if isinstance(value, (int, float)):
        return float(value)
    found = QUANTITY.fullmatch(value)
    unit = SINGULAR.get(found[2], found[2]) if found else ""
    return float(found[1]) * DAYS[unit] if found and unit in DAYS else None


def view(sweep: Sweep, measure: str) -> View:
    """How a measure is shown."""
    ordered = [name for name in sweep.dimensions if is_ordered(sweep.values(name))]
    named = [name for name in sweep.dimensions if name not in ordered]
    named += [ARM] if sweep.info["arms"] else []
    return View(sweep, measure, tuple(ordered), tuple(named))


def sweep_figure(sweep: Sweep, measure: str) -> Figure:
    """The figure of one measure."""
    from .sweep_maps import draw_maps
    from .sweep_rows import draw_lines, draw_rows

    shown = view(sweep, measure)
    with style.talk():
        figure = Figure(figsize=style.SIZE_IN)
        if len(shown.ordered) > 1:
            draw_maps(figure, shown)
        elif shown.ordered:
            draw_lines(figure, shown)
        else:
            draw_rows(figure, shown)
        frame(figure, str(sweep.info["title"]), _message(shown), _facts(sweep))
    return figure


def save_sweep_figures(sweep: Sweep) -> list[Path]:
    """Write `figures/MEASURE.png` for each measure into the sweep's folder."""
    folder, saved = sweep.folder / FIGURES, []
    try:
        folder.mkdir(exist_ok=True)
        for measure in sweep.measures:
            target = folder / f"{UNSAFE.sub('_', measure)}.png"
            sweep_figure(sweep, measure).savefig(target, dpi=style.DPI)
            saved.append(target)
    except OSError as problem:
        raise RunError(f"{folder} cannot be written to: {problem}") from problem
    return saved


def _message(shown: View) -> str:
    _, doc = shown.sweep.note(shown.measure)
    seeds = len(shown.sweep.info["seeds"])
    if shown.word:
        how = "share of the seeds" if seeds > 1 else "one seed"
    else:
        how = "median and 10-90 % of the seeds" if seeds > 1 and len(shown.ordered) < 2 else "median"
    return f"{doc[:1].upper()}{doc[1:]}: {how}"


def _facts(sweep: Sweep) -> str:
    count, info = sweep.runs[SEED].nunique(), sweep.info
    seeds = f"{count} seed{'s' if count != 1 else ''}"
    unfinished = "" if sweep.complete else f" \N{MIDDLE DOT} {info['finished']} of {info['runs']} runs"
    return f"{info['scenario']} \N{MIDDLE DOT} {seeds}{unfinished}"
