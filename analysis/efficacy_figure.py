"""The figure of treatments and timing: a row a treatment with its grade, columns for each course."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from . import style
from .efficacy import NOT_GRADED, by_effect
from .page import frame
from .words import places, plain

ROW_IN, GAP_ROWS, NAMES_IN, GRADE_IN, RIGHT_IN, TOP_IN, BOTTOM_IN, BETWEEN_IN = (
    *(0.265, 0.7, 3.0, 1.15),
    *(0.35, 1.9, 0.75, 0.4),
)
LEAST_IN = 5.0
GRADE_COLOURS = {
    "strong": style.GREEN,
    "moderate": style.BLUE,
    "weak": style.ORANGE,
    "unsupported": style.VERMILLION,
    NOT_GRADED: style.MUTED,
}
MARK = "\N{BLACK CIRCLE}"
READS = (("relief", "threshold"), ("output", "output"), ("reset", "after"))
"""columns of the summary, and how the figure calls them"""
NAME_PT, CELL_PT, HEAD_PT = 10.5, 9.0, 10.5
DARK = 0.6
"""cells of a stronger colour carry light numbers"""
MOST_SEEDS = 0.5
UNREAD = "#f2f3f5"
MESSAGE = (
    "Share of the lost threshold, and of the risen output, that is back in the last week of a course; after: "
    f"of the threshold, once it has worn off; {MARK} lasts"
)


def efficacy_figure(title: str, summary: pd.DataFrame, facts: str) -> Figure:
    """Draw a summary (`efficacy.summarised`), a panel a preset; combinations stand above the treatments."""
    rows = order(summary)
    together = sum(combined for _, combined in rows)
    gap = GAP_ROWS if 0 < together < len(rows) else 0.0
    at = {name: i + (0.0 if combined else gap) for i, (name, combined) in enumerate(rows)}
    panels = list(dict.fromkeys(summary["biology"]))
    with style.talk():
        width = style.SIZE_IN[0]
        tall = max(ROW_IN * (len(rows) + gap), 1.0)
        height = max(tall + TOP_IN + BOTTOM_IN, LEAST_IN)
        figure = Figure(figsize=(width, height))
        left = NAMES_IN + GRADE_IN
        free = width - left - RIGHT_IN - BETWEEN_IN * (len(panels) - 1)
        wide = free / len(panels)
        for number, biology in enumerate(panels):
            x = left + number * (wide + BETWEEN_IN)
            box = (x / width, (height - TOP_IN - tall) / height, wide / width, tall / height)
            ax = figure.add_axes(box)
            _panel(ax, summary[summary["biology"] == biology], at)
            ax.set_title(f"preset {biology}", fontsize=12.5, fontweight="bold", loc="left", pad=48)
            if number == 0:
                _names(ax, summary, rows, at, wide)
        frame(figure, title, MESSAGE, facts, "grade: evidence that it relieves chronic pain in this way")
    return figure


def save_efficacy_figure(path: Path, title: str, summary: pd.DataFrame, facts: str) -> None:
    """Write the figure (`efficacy_figure`) as PNG.  Raises OSError."""
    efficacy_figure(title, summary, facts).savefig(path, dpi=style.DPI)


def order(summary: pd.DataFrame) -> list[tuple[str, bool]]:
    """Every treatment and whether it is a combination: these first, then the order of `by_effect`."""
    grades = summary.groupby("gives", sort=False)["grade"].first()
    named = [(name, grades[name] == NOT_GRADED) for name in by_effect(summary)]
    return sorted(named, key=lambda each: not each[1])


def _panel(ax: Axes, part: pd.DataFrame, at: dict[str, float]) -> None:
    columns = [(course, *read) for course in _courses(part) for read in READS]
    cells = {(row["gives"], row["course"]): row for _, row in part.iterrows()}
    for x, (course, column, head) in enumerate(columns):
        for name, y in at.items():
            row = cells.get((name, course))
            if row is not None:
                _cell(ax, x, y, float(row[column]), column == "reset" and row["lasting"] > MOST_SEEDS)
        ax.text(x, -0.75, head, ha="center", va="bottom", fontsize=HEAD_PT, color=style.MUTED)
        if column == READS[0][0]:
            middle = x + (len(READS) - 1) / 2
            ax.text(middle, -1.75, _when(part, course), ha="center", va="bottom", fontsize=HEAD_PT)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(max(at.values()) + 0.5, -0.5)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)


def _courses(part: pd.DataFrame) -> Sequence[str]:
    return list(part.sort_values("start_d", kind="stable")["course"].drop_duplicates())


def _when(part: pd.DataFrame, course: str) -> str:
    rows = part[part["course"] == course]
    start, stop = rows["start_d"].min(), rows["stop_d"].max()
    return f"{course}, day {start:g} to {stop:g}" if math.isfinite(stop) else f"{course}, from day {start:g}"


def _cell(ax: Axes, x: float, y: float, value: float, lasts: bool) -> None:
    known = math.isfinite(value)
    strength = min(abs(value), 1.0) if known else 0.0
    colour = style.GREEN if value >= 0.0 else style.VERMILLION
    face = _faded(colour, strength) if known else UNREAD
    ax.add_patch(Rectangle((x - 0.48, y - 0.45), 0.96, 0.9, facecolor=face, edgecolor="none"))
    ink = style.PAPER if strength > DARK else style.INK
    text = places(value) if known else "\N{EN DASH}"
    ax.text(x, y, f"{MARK} {text}" if lasts else text, ha="center", va="center", fontsize=CELL_PT, color=ink)


def _faded(colour: str, strength: float) -> str:
    """White at 0, the colour itself at 1: `style.blend` without its palest share."""
    return style.blend(colour, (strength - style.PALEST) / (1.0 - style.PALEST))


def _names(
    ax: Axes, summary: pd.DataFrame, rows: Sequence[tuple[str, bool]], at: dict[str, float], wide: float
) -> None:
    """Names and grades to the left of the first panel."""
    grades = summary.groupby("gives", sort=False)["grade"].first()
    where = ax.get_yaxis_transform()
    for name, combined in rows:
        grade = str(grades[name])
        weight = "bold" if combined else "normal"
        ax.text(
            -(GRADE_IN + 0.1) / wide,
            at[name],
            plain(name),
            transform=where,
            ha="right",
            va="center",
            fontsize=NAME_PT,
            fontweight=weight,
        )
        ax.text(
            -GRADE_IN / wide,
            at[name],
            "combination" if combined else grade,
            transform=where,
            ha="left",
            va="center",
            fontsize=NAME_PT,
            color=GRADE_COLOURS.get(grade, style.MUTED),
        )
    ax.text(
        -GRADE_IN / wide, -0.75, "grade", transform=where, va="bottom", fontsize=HEAD_PT, color=style.MUTED
    )
