"""The scorecard as one picture: every criterion's seeds against its band, drawn as one strip for all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import style
from .judge import Judged, Verdict, score

EDGE = 1.0
"""the strip reaches from -1 to 1"""
INSIDE = 0.9
"""with one bound there is no far edge: what lies deeper inside than this is drawn here"""
FURTHEST = 3.0
"""what lies further out is drawn here, as an arrow"""
ROW_IN, HEAD_IN, FOOT_IN = 0.3, 1.2, 0.95
NAME_IN, VERDICT_IN, WIDE_IN = 5.2, 2.6, 13.6
PASS_SIGN, FAIL_SIGN = "o", "X"
NOTE = (
    "Green strip: the band, scaled alike for all (with one bound, only that edge of it counts).  "
    "Bar: 10 to 90 % of the seeds.  Arrow: beyond the frame."
)
GAP = 0.6
"""rows between two patterns"""


def place(value: float, low: float, high: float) -> float:
    """Where a value stands in units of the strip, which is -1 to 1.

    With both bounds the middle of the band is 0.  With one bound the distance to it counts in units of the
    bound itself (of 1 if it is 0).

    >>> place(1.5, 1.0, 2.0), place(3.0, 1.0, 2.0), place(5.0, -math.inf, 10.0), place(1.0, 2.0, math.inf)
    (0.0, 3.0, 0.5, -1.5)
    """
    if math.isnan(value):
        return FURTHEST
    if math.isinf(low):
        found = max(EDGE + (value - high) / (abs(high) or 1.0), -INSIDE)
    elif math.isinf(high):
        found = min(-EDGE + (value - low) / (abs(low) or 1.0), INSIDE)
    elif low == high:
        found = EDGE + abs(value - low) if value != low else 0.0
    else:
        found = (2.0 * value - low - high) / (high - low)
    return min(max(found, -FURTHEST), FURTHEST)


def save_figure(verdicts: Sequence[Verdict], path: Path) -> Path:
    """Draw the scorecard and write it."""
    score_figure(verdicts).savefig(path, dpi=style.DPI)
    return path


def score_figure(verdicts: Sequence[Verdict]) -> Figure:
    """One row a criterion, grouped by pattern; passed: green disc, failed: vermillion cross."""
    rows = sum(len(v.criteria) for v in verdicts) + GAP * len(verdicts)
    tall = HEAD_IN + FOOT_IN + ROW_IN * rows
    with style.talk():
        figure = Figure(figsize=(WIDE_IN, tall))
        ax = figure.add_axes(
            (
                NAME_IN / WIDE_IN,
                FOOT_IN / tall,
                1.0 - (NAME_IN + VERDICT_IN) / WIDE_IN,
                ROW_IN * rows / tall,
            )
        )
        ax.axvspan(-EDGE, EDGE, color=style.HEALTHY, lw=0)
        y = 0.0
        for verdict in verdicts:
            y = _draw(ax, verdict, y)
        ax.set(xlim=(-FURTHEST - 0.2, FURTHEST + 0.2), ylim=(y, 0.0))
        ax.set_yticks([])
        ax.set_xticks([-EDGE, EDGE], ["edge of the band", "edge of the band"])
        ax.tick_params(length=0)
        for side in ax.spines.values():
            side.set_visible(False)
        text = figure.text
        text(
            0.02,
            1 - 0.4 / tall,
            "Published patterns against the model",
            fontsize=19,
            fontweight="bold",
            va="center",
        )
        text(0.02, 1 - 0.75 / tall, str(score(verdicts)), fontsize=13, va="center")
        text(0.02, 0.42 / tall, NOTE, fontsize=10, color=style.MUTED)
        text(0.02, 0.14 / tall, style.FOOTER, fontsize=9.5, color=style.MUTED)
    return figure


def _draw(ax: Axes, verdict: Verdict, top: float) -> float:
    """The rows of one pattern; returns where the next one begins."""
    pattern, y = verdict.pattern, top + 0.5 * GAP
    colour = _colour(verdict.passed)
    ax.axhline(top, color=style.FAINT, lw=0.8, zorder=0)
    head = f"{pattern.id}  {pattern.rank}  {verdict.biology}: {'passed' if verdict.passed else 'FAILED'}"
    beside: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center"}
    for number, judged in enumerate(verdict.criteria):
        y += 1.0 if number else 0.5
        _seeds(ax, judged, y)
        if number == 0:
            ax.text(
                -0.02 - NAME_IN / (WIDE_IN - NAME_IN - VERDICT_IN) + 0.06,
                y,
                head,
                color=colour,
                fontweight="bold",
                fontsize=10.5,
                **beside,
            )
        ax.text(-0.02, y, judged.criterion.name.replace("_", " "), ha="right", fontsize=10.5, **beside)
        said = f"{judged.median:.3g} ({judged.criterion.band})"
        ax.text(1.02, y, said, color=_colour(judged.passed), fontsize=10, **beside)
    return y + 0.5 + 0.5 * GAP


def _seeds(ax: Axes, judged: Judged, y: float) -> None:
    """Every seed as a faint dot, the 10-90 % range as a bar, the median as a sign."""
    low, high = judged.criterion.low, judged.criterion.high
    colour = _colour(judged.passed)
    spots = [place(value, low, high) for value in judged.values.values()]
    ax.plot(spots, [y] * len(spots), ".", color=colour, alpha=0.35, ms=5, zorder=2)
    ends = [place(judged.low, low, high), place(judged.high, low, high)]
    ax.plot(ends, [y, y], color=colour, lw=2, alpha=0.7, solid_capstyle="butt", zorder=2)
    at = place(judged.median, low, high)
    beyond = {FURTHEST: ">", -FURTHEST: "<"}.get(at)
    sign = beyond or (PASS_SIGN if judged.passed else FAIL_SIGN)
    ax.plot([at], [y], sign, color=colour, ms=8, mec="white", mew=0.8, zorder=3)


def _colour(passed: bool) -> str:
    return style.GREEN if passed else style.VERMILLION
