"""Maps of a sweep over two axes: a colour and a number in every cell, a panel for each further value."""

from __future__ import annotations

import math

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from . import style
from .sweep_figures import Place, View, called, tick
from .words import number

MOST_ACROSS = 3
LEFT_IN, RIGHT_IN, TOP_IN, BOTTOM_IN, GAP_IN, UNDER_IN = 1.35, 0.5, 1.35, 1.75, 0.55, 1.0
LEGEND_IN = 0.72
NUMBER_COLOURS = "cividis"
DARK = 0.45
"""cells darker than this share of white carry light numbers"""
LETTER_IN = 0.0085
"""width of a letter by its size in points"""
LEAST_PT, USUAL_PT = 6.5, 11.5
EMPTY = "#f2f3f5"


def draw_maps(figure: Figure, shown: View) -> None:
    """A panel for each combination of what is not on the two axes."""
    x, y, *rest = shown.ordered
    panels = shown.places([*rest, *shown.named])
    norm = _norm(shown)
    for ax, place in zip(_grid(figure, len(panels)), panels, strict=True):
        _map(ax, shown, x, y, place, norm)
        ax.set_title(called(place), loc="left", fontsize=12.5, fontweight="bold", pad=8)
    if shown.word:
        patches = [Patch(color=style.fate_colour(v), label=v) for v in shown.values]
        figure.legend(
            handles=patches,
            loc="lower center",
            ncols=len(patches),
            frameon=False,
            bbox_to_anchor=(0.5, (LEGEND_IN - 0.4) / figure.get_figheight()),
        )


def _norm(shown: View) -> Normalize | None:
    """One scale of colours for all panels of a number."""
    if shown.word:
        return None
    medians = shown.summary({})["median"].dropna()
    low, high = (float(medians.min()), float(medians.max())) if len(medians) else (0.0, 1.0)
    return Normalize(low, high if high > low else low + 1.0)


def _grid(figure: Figure, count: int) -> list[Axes]:
    """Panels in rows of at most three."""
    width, height = figure.get_size_inches()
    across = min(count, MOST_ACROSS)
    down = math.ceil(count / across)
    wide = (width - LEFT_IN - RIGHT_IN - GAP_IN * (across - 1)) / across
    tall = (height - TOP_IN - BOTTOM_IN - UNDER_IN * (down - 1)) / down
    axes = []
    for i in range(count):
        column, row = i % across, i // across
        left = LEFT_IN + column * (wide + GAP_IN)
        foot = height - TOP_IN - tall - row * (tall + UNDER_IN)
        axes.append(figure.add_axes((left / width, foot / height, wide / width, tall / height)))
        axes[-1].set_gid("first" if column == 0 else "")
    return axes


def _map(ax: Axes, shown: View, x: str, y: str, place: Place, norm: Normalize | None) -> None:
    across, up = shown.sweep.values(x), shown.sweep.values(y)
    room = _cell_in(ax, len(across))
    for i, right in enumerate(across):
        for j, high in enumerate(up):
            colour, text = _cell(shown, {**place, x: right, y: high}, norm)
            ax.add_patch(
                mpl.patches.Rectangle((i - 0.5, j - 0.5), 1, 1, facecolor=colour, edgecolor="w", lw=1.5)
            )
            light = sum(to_rgb(colour)) / 3.0 < DARK
            longest = max(map(len, text.split("\n")), default=1) or 1
            size = min(USUAL_PT, max(LEAST_PT, 0.92 * room / (LETTER_IN * longest)))
            ink = style.PAPER if light else style.INK
            ax.text(i, j, text, ha="center", va="center", fontsize=size, color=ink, linespacing=1.15)
    ax.set_xlim(-0.5, len(across) - 0.5)
    ax.set_ylim(-0.5, len(up) - 0.5)
    ax.set_xticks(range(len(across)), [tick(v) for v in across])
    ax.set_xlabel(x, labelpad=7)
    first = ax.get_gid() == "first"
    ax.set_yticks(range(len(up)), [tick(v) for v in up] if first else [""] * len(up))
    ax.set_ylabel(y if first else "", labelpad=8)
    ax.tick_params(length=0, pad=5)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _cell_in(ax: Axes, columns: int) -> float:
    figure = ax.get_figure(root=True)
    width = figure.get_figwidth() if figure else style.SIZE_IN[0]
    return float(ax.get_position().width * width / columns)


def _cell(shown: View, place: Place, norm: Normalize | None) -> tuple[str, str]:
    """Colour and text of one cell: the commonest word, paler the fewer seeds agree; or the median.

    Of two words as common it is the worse, the later one of the legend.
    """
    rows = shown.summary(place)
    if shown.word:
        rows = rows[rows["share"] > 0.0]
        severity = rows["value"].astype(str).map(style.severity)
        rows = rows.assign(severity=severity).sort_values(["share", "severity"], ascending=False)
        if rows.empty:
            return EMPTY, ""
        best, n = rows.iloc[0], int(rows.iloc[0]["n"])
        colour = style.blend(style.fate_colour(str(best["value"])), float(best["share"]))
        words = str(best["value"]).replace(" ", "\n")
        return colour, words if n == 1 else f"{words}\n{round(float(best['share']) * n)}/{n}"
    if rows.empty or norm is None or math.isnan(float(rows.iloc[0]["median"])):
        return EMPTY, "" if rows.empty else "-"
    median = float(rows.iloc[0]["median"])
    return mpl.colors.to_hex(mpl.colormaps[NUMBER_COLOURS](norm(median))), number(median)
