"""The figure of gain margins: a bar a feedback, on a logarithmic axis, what the state needs most on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from . import style
from .page import frame
from .words import number, plain

Bar = tuple[str, float, float, float]
"""a mechanism and its margin: the lowest that is left open, the middle, the highest"""
LEFT_IN, RIGHT_IN, TOP_IN, BOTTOM_IN = 2.5, 0.6, 1.1, 1.2
ROOM = 1.6
"""the axis goes on by this factor beyond the longest bar"""
LEAST_MOST = 4.0
"""it shows margins up to this at least"""
TICKS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
THICK, PALE = 0.62, 0.25
LABEL_PT = 10.5
STAYS = "How far can one feedback be weakened before the pain no longer stays?"
GOES = "The pain goes: how much stronger would one feedback have to be for it to stay? (0.5: twice)"


def margin_figure(title: str, bars: Sequence[Bar], facts: str, least: float) -> Figure:
    """Draw the margins; `least` is the lowest that could be found, where an endless fall is drawn."""
    with style.talk():
        figure = Figure(figsize=style.SIZE_IN)
        width, height = figure.get_size_inches()
        wide, tall = width - LEFT_IN - RIGHT_IN, height - TOP_IN - BOTTOM_IN
        ax = figure.add_axes((LEFT_IN / width, BOTTOM_IN / height, wide / width, tall / height))
        finite = [v for bar in bars for v in bar[1:] if math.isfinite(v) and v > 0.0]
        right = ROOM * max([LEAST_MOST, *finite])
        left = min([1.0 / ROOM, *(v / ROOM for v in finite), *(least for bar in bars if bar[2] == 0.0)])
        for row, bar in enumerate(bars):
            _bar(ax, row, bar, left, right)
        ax.set_xscale("log")
        ax.set_xlim(left, right)
        ax.set_ylim(len(bars) - 0.4, -0.6)
        ax.set_yticks(range(len(bars)), [plain(bar[0]) for bar in bars])
        ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if left <= t <= right]))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.axvline(1.0, color=style.INK, linewidth=1.2)
        ax.set_xlabel("gain margin: how many times stronger than the pain needs", labelpad=8)
        ax.tick_params(length=0, pad=5)
        ax.grid(axis="x", color=style.FAINT, linewidth=0.7)
        ax.set_axisbelow(True)
        ax.spines["left"].set_visible(False)
        frame(figure, title, STAYS if any(bar[2] >= 1.0 for bar in bars) else GOES, facts)
    return figure


def save_margin_figure(path: Path, title: str, bars: Sequence[Bar], facts: str, least: float) -> None:
    """Write the figure (`margin_figure`) as PNG.  Raises OSError."""
    margin_figure(title, bars, facts, least).savefig(path, dpi=style.DPI)


def _bar(ax: Axes, row: int, bar: Bar, left: float, right: float) -> None:
    """From 1 to the margin, a line over what is left open, the number at its end."""
    _, low, middle, high = bar
    if math.isinf(middle):
        ax.barh(row, right - 1.0, left=1.0, height=THICK, color=style.blend(style.MUTED, 0.0))
        _say(ax, row, 1.0, "  stands without it", style.MUTED)
        return
    if middle == 0.0:
        ax.barh(row, left - 1.0, left=1.0, height=THICK, color=style.blend(style.MUTED, 0.0))
        _say(ax, row, 1.0, "  not at any strength tried", style.MUTED)
        return
    colour = style.VERMILLION if middle >= 1.0 else style.BLUE
    ax.barh(row, middle - 1.0, left=1.0, height=THICK, color=colour)
    start, end = max(low, left), min(high, right)
    if end > start:
        ax.plot([start, end], [row, row], color=style.INK, linewidth=1.6)
    _say(ax, row, max(end, 1.0), f"  {number(middle)}", style.INK)


def _say(ax: Axes, row: int, x: float, text: str, colour: str) -> None:
    ax.text(x, row, text, va="center", ha="left", fontsize=LABEL_PT, color=colour)
