"""Names written at the ends of lines, kept apart from one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.text import Annotation

from .page import size_in

POINTS_PER_INCH = 72.0
LINE_HEIGHT = 1.25
OFFSET_IN = 0.14
MOVED = 0.25
"""once a label lies further than this from its line's end (in lines of text), all get a hairline"""
HAIRLINE = {"arrowstyle": "-", "lw": 0.7, "alpha": 0.6, "shrinkA": 2, "shrinkB": 2}


@dataclass(frozen=True)
class EndLabel:
    """A name for the point (x, y) at which a line ends."""

    x: float
    y: float
    text: str
    colour: str


def spread(wanted: Sequence[float], gaps: Sequence[float], low: float, high: float) -> list[float]:
    """Positions as near as can be to those wanted, in the same order, with room for each.

    `gaps` is the height each needs; all are kept inside `low`..`high` while there is room for all.

    >>> spread([1.0, 1.0, 5.0], [2.0, 2.0, 2.0], 0.0, 10.0)
    [1.0, 3.0, 5.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    # neighbours that touch become one block that stands at the mean of what its members want
    blocks: list[tuple[float, list[int]]] = []

    def foot(centre: float, members: list[int]) -> float:
        height = sum(gaps[i] for i in members)
        return max(low, min(centre - height / 2, high - height))

    for i in order:
        centre, members = float(wanted[i]), [i]
        while blocks:
            above, under = foot(centre, members), blocks[-1]
            if foot(*under) + sum(gaps[j] for j in under[1]) <= above:
                break
            blocks.pop()
            count = len(under[1]) + len(members)
            centre = (under[0] * len(under[1]) + centre * len(members)) / count
            members = under[1] + members
        blocks.append((centre, members))
    placed = [0.0] * len(wanted)
    for centre, members in blocks:
        at = foot(centre, members)
        for i in members:
            placed[i] = at + gaps[i] / 2
            at += gaps[i]
    return placed


def label_ends(ax: Axes, labels: Sequence[EndLabel], size: float = 11.5) -> list[Annotation]:
    """Write each label to the right of its line's end, none over another; with hairlines if any had to move.

    Call it when the limits and scales of `ax` are final.
    """
    wide, tall = size_in(ax)
    line = size * LINE_HEIGHT / POINTS_PER_INCH / tall
    to_axes = (ax.transData + ax.transAxes.inverted()).transform
    points = [to_axes((label.x, label.y)) for label in labels]
    gaps = [line * (1 + label.text.count("\n")) for label in labels]
    wanted = [min(max(float(y), 0.0), 1.0) for _, y in points]
    heights = spread(wanted, gaps, -0.5 * line, 1.0 + 0.5 * line)
    moved = any(abs(height - y) > MOVED * line for height, y in zip(heights, wanted, strict=True))
    away = 1.0 + (2.0 if moved else 1.0) * OFFSET_IN / wide
    written = []
    for label, (x, y), height in zip(labels, points, heights, strict=True):
        hair = {**HAIRLINE, "color": label.colour} if moved else None
        note = ax.annotate(label.text, (x, y), (away, height), "axes fraction", "axes fraction", hair)
        note.set(va="center", ha="left", color=label.colour, fontsize=size, annotation_clip=False)
        note.set_linespacing(1.1)
        written.append(note)
    return written
