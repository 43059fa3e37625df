"""Sweeps over one axis or over names: lines with bands, dots with intervals, bars of shares."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from . import style
from .labels import EndLabel, label_ends
from .page import BOTTOM_IN, LEFT_IN, RIGHT_IN, TITLE_IN, stack
from .sweep_figures import Place, View, at, called, tick
from .words import number, percent

ROW_IN, AROUND_IN = 0.75, 0.85
"""height of a row, and room above and below them"""
NAMES_IN, TEXT_IN = 3.1, 3.3
LONGEST = 36
SHARE_WORTH_WORDS = 0.08


def draw_lines(figure: Figure, shown: View) -> None:
    """One axis: medians as lines with their band, a line for each name; for a word its shares."""
    (x,) = shown.ordered
    places = shown.places(shown.named)
    values = shown.sweep.values(x)
    at_x = _positions(values)
    axes = stack(figure, TITLE_IN + 0.35, (1.0,) * (len(places) if shown.word else 1), gap_in=0.65)
    if shown.word:
        for ax, place in zip(axes, places, strict=True):
            _shares(ax, shown, x, place, at_x)
            ax.set_title(called(place), loc="left", fontsize=12.5, fontweight="bold", pad=8)
    else:
        labels = []
        for i, place in enumerate(places):
            colour = style.RUNS[i % len(style.RUNS)]
            rows = [shown.summary({**place, x: value}) for value in values]
            low, middle, high = (_column(rows, name) for name in ("p10", "median", "p90"))
            axes[0].fill_between(at_x, low, high, color=colour, alpha=0.16, lw=0)
            axes[0].plot(at_x, middle, color=colour, marker="o", ms=5)
            known = [k for k, y in enumerate(middle) if not math.isnan(y)]
            if place and known:
                labels.append(EndLabel(at_x[known[-1]], middle[known[-1]], called(place), colour))
        style.calm(axes[0], shown.label)
        label_ends(axes[0], labels)
    for ax in axes:
        ax.set_xticks(at_x, [tick(v) for v in values])
    axes[-1].set_xlabel(x, labelpad=8)


def _positions(values: list[str | float]) -> list[float]:
    """Numbers stand where they belong, times with their units at equal steps."""
    if all(isinstance(v, (int, float)) for v in values):
        return [float(v) for v in values]
    return [float(i) for i in range(len(values))]


def _column(rows: list[pd.DataFrame], name: str) -> list[float]:
    return [float(row[name].iloc[0]) if len(row) else math.nan for row in rows]


def _shares(ax: Axes, shown: View, x: str, place: Place, at_x: list[float]) -> None:
    """The share of the seeds that came to each value, along the axis."""
    labels = []
    for value in shown.values:
        rows = [shown.summary({**place, x: v, "value": value}) for v in shown.sweep.values(x)]
        shares, colour = _column(rows, "share"), style.fate_colour(value)
        ax.plot(at_x, shares, color=colour, marker="o", ms=5)
        if not math.isnan(shares[-1]):
            labels.append(EndLabel(at_x[-1], shares[-1], value, colour))
    ax.set_ylim(-0.04, 1.04)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v)))
    style.calm(ax, "share of the seeds")
    label_ends(ax, labels)


def draw_rows(figure: Figure, shown: View) -> None:
    """Names only: a row each, with the runs as dots, median and 10-90 %; for a word a bar of shares."""
    places = shown.places(shown.named)
    width, most = figure.get_size_inches()
    over = TITLE_IN + BOTTOM_IN + AROUND_IN
    tall = min(most - over, ROW_IN * len(places) + 0.4)
    height = tall + over
    figure.set_size_inches(width, height)
    left = NAMES_IN if any(places) else LEFT_IN
    wide = width - left - (RIGHT_IN if shown.word else TEXT_IN)
    foot = height - TITLE_IN - 0.35 - tall
    ax = figure.add_axes((left / width, foot / height, wide / width, tall / height))
    for row, place in enumerate(places):
        (_bar if shown.word else _dots)(ax, shown, place, row)
    ax.set_ylim(len(places) - 0.5, -0.5)
    ax.set_yticks(range(len(places)), [_short(called(place)) for place in places])
    ax.tick_params(length=0, pad=6)
    ax.spines["left"].set_visible(False)
    ax.set_axisbelow(True)
    if shown.word:
        ax.set_xlim(0.0, 1.0)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v)))
        ax.set_xlabel("share of the runs", labelpad=8)
        patches = [Patch(color=style.fate_colour(v), label=v) for v in shown.values]
        ax.legend(handles=patches, loc="upper left", bbox_to_anchor=(1.02, 1.0), frameon=False)
    else:
        ax.grid(axis="x", color=style.FAINT, linewidth=0.7)
        ax.xaxis.set_major_locator(MaxNLocator(7))
        ax.set_xlabel(shown.label, labelpad=8)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 3]}..."


def _bar(ax: Axes, shown: View, place: Place, row: int) -> None:
    start = 0.0
    for value in shown.values:
        rows = shown.summary({**place, "value": value})
        share = float(rows["share"].iloc[0]) if len(rows) else 0.0
        ax.barh(row, share, left=start, height=0.62, color=style.fate_colour(value))
        if share >= SHARE_WORTH_WORDS:
            ax.text(start + share / 2, row, percent(share), ha="center", va="center", color=style.PAPER)
        start += share


def _dots(ax: Axes, shown: View, place: Place, row: int) -> None:
    values = shown.runs(place)[shown.measure].dropna().to_numpy(float)
    table = shown.summary(place)
    if table.empty or not len(values):
        return
    low, middle, high = (float(table[name].iloc[0]) for name in ("p10", "median", "p90"))
    steps = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else [0.0]
    ax.plot(values, [row + step for step in steps], "o", ms=4, color=style.SKY, alpha=0.45, mew=0)
    ax.plot([low, high], [row, row], color=style.NAVY, lw=2.4)
    ax.plot([middle], [row], "o", ms=10, color=style.NAVY)
    text = number(middle) + _difference(shown, place)
    note = ax.annotate(text, (1.0, row), (12, 0), ax.get_yaxis_transform(), "offset points", va="center")
    note.set(annotation_clip=False, fontsize=11)


def _difference(shown: View, place: Place) -> str:
    """The difference to the reference arm with its interval."""
    table = shown.sweep.differences
    if table is None:
        return ""
    rows = at(table[table["measure"] == shown.measure], place)
    if rows.empty:
        return " (reference)"
    mean, low, high = (float(rows[name].iloc[0]) for name in ("difference", "ci_low", "ci_high"))
    sign = "+" if mean > 0 else ""
    band = "" if math.isnan(low) else f" [{number(low)} to {number(high)}]"
    return f"  {sign}{number(mean)}{band}"
