"""The page a figure stands on: panels over one another, title, one line of message, footer."""

from __future__ import annotations

from textwrap import shorten

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import style

LEFT_IN, RIGHT_IN, BOTTOM_IN, TITLE_IN, GAP_IN = 1.15, 3.85, 0.85, 0.86, 0.36
"""margins and the room between panels; the right one holds the names of the lines"""
TITLE_PT, TITLE_LETTERS, LONGEST_TITLE = 19.0, 60, 110
MESSAGE_PT, MESSAGE_LETTERS = 13.0, 112


def stack(
    figure: Figure,
    top_in: float,
    heights: tuple[float, ...],
    bottom_in: float = BOTTOM_IN,
    gap_in: float = GAP_IN,
) -> list[Axes]:
    """Panels one over the other between the margins (inches), their heights in the given proportions."""
    width, height = figure.get_size_inches()
    free = height - top_in - bottom_in - gap_in * (len(heights) - 1)
    axes, y = [], height - top_in
    for share in heights:
        tall = free * share / sum(heights)
        y -= tall
        axes.append(figure.add_axes((LEFT_IN / width, y / height, inner(figure) / width, tall / height)))
        y -= gap_in
    return axes


def row(figure: Figure, count: int, bottom_in: float, tall_in: float, gap_in: float) -> list[Axes]:
    """Panels side by side over the whole width, their feet `bottom_in` above the edge."""
    width, height = figure.get_size_inches()
    wide = (width - LEFT_IN - gap_in - gap_in * (count - 1)) / max(count, 1)
    feet = [LEFT_IN + i * (wide + gap_in) for i in range(count)]
    return [figure.add_axes((x / width, bottom_in / height, wide / width, tall_in / height)) for x in feet]


def inner(figure: Figure) -> float:
    """Width between the margins, in inches."""
    return float(figure.get_figwidth()) - LEFT_IN - RIGHT_IN


def size_in(ax: Axes) -> tuple[float, float]:
    """Width and height of a panel, in inches."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("the panel stands on no figure")
    box = ax.get_position()
    return float(box.width * figure.get_figwidth()), float(box.height * figure.get_figheight())


def frame(figure: Figure, title: str, message: str, facts: str = "", note: str = "") -> None:
    """Write the title with the facts at its right, the message under it, and the footer with a note."""
    width, height = figure.get_size_inches()
    left, right = (LEFT_IN - 0.05) / width, 1.0 - 0.25 / width
    title = shorten(title, LONGEST_TITLE, placeholder=" ...")
    size = TITLE_PT * min(1.0, TITLE_LETTERS / max(len(title), 1))
    figure.text(left, 1 - 0.36 / height, title, fontsize=size, fontweight="bold", va="center")
    size = MESSAGE_PT * min(1.0, MESSAGE_LETTERS / max(len(message), 1))
    figure.text(left, 1 - 0.70 / height, message, fontsize=size, va="center")
    figure.text(right, 1 - 0.36 / height, facts, fontsize=11, va="center", ha="right", color=style.MUTED)
    figure.text(left, 0.14 / height, style.FOOTER, fontsize=9.5, color=style.MUTED, va="bottom")
    figure.text(right, 0.14 / height, note, fontsize=9.5, va="bottom", ha="right", color=style.MUTED)
