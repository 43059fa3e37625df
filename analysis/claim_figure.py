"""The scorecard of claims as one picture: each claim's value against what it needs, one colour a preset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from . import style
from .claim_verdicts import Verdict, position

COLOURS = (style.PURPLE, style.BLUE, style.ORANGE)
"""one a preset, in their order"""
FURTHEST = 2.0
"""what lies further out is drawn here, as an arrow"""
ROW_IN, HEAD_IN, FOOT_IN = 0.29, 1.6, 1.1
NAME_IN, STRIP_IN, VERDICT_IN, MARGIN_IN = 6.0, 4.2, 1.55, 0.3
ROW_PT, LETTERS = 10.5, 90
APART = 0.18
"""distance of the presets from the middle of a row, in rows"""
SHORT = {
    Verdict.SUPPORTED: "supported",
    Verdict.NOT_SUPPORTED: "not supported",
    Verdict.NOT_REPRESENTED: "not represented",
}
UNTESTED = "nothing to test"
"""not supported, since there was nothing to be prevented or treated"""
STRADDLES = "straddles"
"""not supported, but a part of the interval lies on the claimed side"""
NOTE = (
    "All measures stand on one scale, from the value that would plainly stand against a claim to the edge of "
    "what it needs and beyond.\n"
    "Bars: 95 % interval of the mean over seeds (under 3 seeds: their range). Arrow: beyond the frame. "
    "Supported: the whole bar lies in the green part.\n"
    "Straddles: not supported, but a part of the bar lies there. Nothing to test: no pain stayed that could "
    "be prevented or treated.\n"
    "Values and units are on the page beside this figure."
)


def save_claims_figure(table: pd.DataFrame, path: Path) -> Path:
    """Draw the scorecard from its table (one row a claim and preset) and write it."""
    claims_figure(table).savefig(path, dpi=style.DPI)
    return path


def claims_figure(table: pd.DataFrame) -> Figure:
    """One row a claim, in groups; a filled sign is supported, a hollow one is not."""
    presets = list(dict.fromkeys(table["biology"]))
    groups, names = table["group"].nunique(), table["claim"].nunique()
    rows = names + 1.6 * groups
    tall = HEAD_IN + FOOT_IN + ROW_IN * rows
    wide = MARGIN_IN + NAME_IN + STRIP_IN + VERDICT_IN * len(presets) + MARGIN_IN
    with style.talk():
        figure = Figure(figsize=(wide, tall))
        strip = (MARGIN_IN + NAME_IN) / wide, FOOT_IN / tall, STRIP_IN / wide, ROW_IN * rows / tall
        ax = figure.add_axes(strip)
        ax.axvspan(0.0, 1.2 * FURTHEST, color=style.HEALTHY, lw=0)
        ax.axvline(-1.0, color=style.MUTED, lw=0.8, ls=(0, (2, 3)))
        for y, group, claim in _lines(table):
            if claim is None:
                at = -NAME_IN / STRIP_IN
                ax.text(at, y, group, transform=ax.get_yaxis_transform(), va="center", fontweight="bold")
                ax.axhline(y + 0.5, color=style.FAINT, lw=0.8, zorder=0)
            else:
                _row(ax, claim, y, presets)
        ax.set(xlim=(-1.2 * FURTHEST, 1.2 * FURTHEST), ylim=(rows - 0.2, -0.2))
        ax.set_yticks([])
        ax.set_xticks([])
        for x, word, side in ((-1.0, "stands\nagainst", "center"), (0.1, "as claimed", "left")):
            ax.text(x, -0.4, word, ha=side, va="bottom", color=style.MUTED, linespacing=1.1)
        for spine in ax.spines.values():
            spine.set_visible(False)
        _words(figure, ax, table, presets)
    return figure


def _lines(table: pd.DataFrame) -> Iterator[tuple[float, str, pd.DataFrame | None]]:
    """Height of every line: the heading of a group, then its claims."""
    y = 0.0
    for group, part in table.groupby("group", sort=False):
        y += 1.0
        yield y - 0.1, str(group), None
        for _, claim in part.groupby("claim", sort=False):
            y += 1.0
            yield y - 0.1, str(group), claim
        y += 0.6


def _row(ax: Axes, claim: pd.DataFrame, y: float, presets: list[str]) -> None:
    across = ax.get_yaxis_transform()
    says = shorten(str(claim["says"].iloc[0]), LETTERS, placeholder=" ...")
    ax.text(-0.02, y, says, transform=across, ha="right", va="center", fontsize=ROW_PT)
    for row in claim.to_dict("records"):
        number = presets.index(row["biology"])
        colour, supported = COLOURS[number % len(COLOURS)], row["verdict"] == Verdict.SUPPORTED
        at = y + (2 * APART * (number - 0.5 * (len(presets) - 1)) if len(presets) > 1 else 0.0)
        if row["n"]:
            ends = [_place(row, name) for name in ("ci_low", "ci_high")]
            ax.plot(ends, [at, at], color=colour, lw=2, alpha=0.7, solid_capstyle="butt", zorder=2)
            spot = _place(row, "value")
            sign = {FURTHEST: ">", -FURTHEST: "<"}.get(spot, "o")
            face = colour if supported else style.PAPER
            ax.plot([spot], [at], sign, color=colour, mfc=face, ms=6.5, mew=1.5, zorder=3)
        word = SHORT[Verdict(row["verdict"])]
        if row["verdict"] == Verdict.NOT_SUPPORTED and not row["n"]:
            word = UNTESTED
        elif row["straddles"]:
            word = STRADDLES
        ax.text(
            1.0 + (0.1 + VERDICT_IN * number) / STRIP_IN,
            y,
            word,
            transform=across,
            va="center",
            fontsize=ROW_PT,
            color=colour if supported else style.MUTED,
            fontweight="bold" if supported else "normal",
        )


def _place(row: dict, name: str) -> float:
    found = position(row[name], row["low"], row["high"], row["against"])
    return min(max(found, -FURTHEST), FURTHEST)


def _words(figure: Figure, ax: Axes, table: pd.DataFrame, presets: list[str]) -> None:
    """Title, count, legend, the heads of the verdicts, notes and footer."""
    wide, tall = figure.get_size_inches()
    left = MARGIN_IN / wide
    figure.text(
        left,
        1 - 0.35 / tall,
        "The article's claims against the model",
        fontsize=19,
        fontweight="bold",
        va="center",
    )
    figure.text(left, 1 - 0.7 / tall, counted(table), fontsize=13, va="center")
    signs = [
        Line2D([], [], color=style.MUTED, marker="o", mfc=face, mew=1.5, ms=6.5, lw=2, label=label)
        for face, label in ((style.MUTED, "supported"), (style.PAPER, "not supported"))
    ]
    box = (left, 1 - 1.28 / tall)
    figure.legend(
        handles=signs,
        loc="lower left",
        bbox_to_anchor=box,
        frameon=False,
        ncols=2,
        borderpad=0,
        borderaxespad=0,
        fontsize=11,
    )
    for number, preset in enumerate(presets):
        x = (MARGIN_IN + NAME_IN + STRIP_IN + 0.1 + VERDICT_IN * number) / wide
        colour = COLOURS[number % len(COLOURS)]
        figure.text(x, 1 - 1.25 / tall, preset, color=colour, fontweight="bold", fontsize=13, va="center")
    figure.text(left, 0.4 / tall, NOTE, fontsize=9.5, color=style.MUTED, va="bottom")
    figure.text(left, 0.14 / tall, style.FOOTER, fontsize=9.5, color=style.MUTED, va="bottom")


def counted(table: pd.DataFrame) -> str:
    """How many claims are supported under each preset, in words."""
    parts = []
    for preset, part in table.groupby("biology", sort=False):
        tested = part[part["verdict"] != Verdict.NOT_REPRESENTED]
        supported = int((tested["verdict"] == Verdict.SUPPORTED).sum())
        parts.append(f"{preset}: {supported} of {len(tested)} supported")
    return "; ".join(parts)
