"""The time axis that panels share, and the marks of what was done to the slice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MultipleLocator

from . import style
from .events import CAUSES, Event
from .page import size_in

MOST_TICKS = 12
MOST_LANES = 5
LANE_IN = 0.25
LANE_FOOT_IN = 0.40
LANE_PT = 11.0
BAR_PT = 15.0
CHARACTER_IN = 0.09
LABEL_IN, LABEL_DROP_IN = 0.3, 0.085
LEAST_BAR = 0.004
WEEK = 7
COLOURS = {
    "injury": "#a87413",
    "stimulus": "#a87413",
    "block": style.SKY,
    "sham": style.MUTED,
    "treatment": style.GREEN,
    "clamp": style.PURPLE,
    "knock-out": style.PURPLE,
}


@dataclass(frozen=True)
class Scale:
    """The unit in which a figure's time is read, and how many days it has."""

    unit: str
    days: float
    steps: tuple[float, ...]

    def __call__(self, time_d: float) -> float:
        """A time of the run, in this unit."""
        return time_d / self.days


SCALES = (
    Scale("days", 1.0, (1, 2, 7, 14, 28, 56, 84, 168, 364)),
    Scale("hours", 1 / 24, (1, 2, 3, 6, 12, 24)),
    Scale("minutes", 1 / 1440, (1, 2, 5, 10, 15, 30, 60)),
    Scale("seconds", 1 / 86400, (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120)),
)
LEAST_UNITS = 3.0


def scale_for(span_d: float) -> Scale:
    """The largest unit of which the span has at least three."""
    return next((s for s in SCALES if span_d >= LEAST_UNITS * s.days), SCALES[-1])


def time_axis(ax: Axes, scale: Scale, start_d: float, stop_d: float, most_ticks: int = MOST_TICKS) -> None:
    """Ticks at whole weeks (or days, hours, minutes, seconds), weeks named under the days."""
    low, high = scale(start_d), scale(stop_d)
    span = high - low
    step = next((s for s in scale.steps if span / s <= most_ticks), scale.steps[-1])
    step *= max(1, math.ceil(span / step / most_ticks))
    ax.set_xlim(low, high if span > 0.0 else low + 1.0)
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.tick_params(axis="x", length=4, pad=4)
    if scale.unit == "days" and step % WEEK == 0:
        ticks = [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
        ax.xaxis.set_major_locator(FixedLocator(ticks))
        ax.set_xticklabels([f"{t:g}\nweek {t / WEEK:g}" if t else "0" for t in ticks])
    # at the end of the axis, on the line of the numbers: below it there is only the footer
    ax.set_xlabel(scale.unit, ha="left", va="top")
    ax.xaxis.set_label_coords(1.0 + LABEL_IN / size_in(ax)[0], -LABEL_DROP_IN / size_in(ax)[1])


def span(ax: Axes, event: Event, scale: Scale, end_d: float) -> tuple[float, float]:
    """Where an event begins and ends on the axis, cut to what the axis shows."""
    low = ax.get_xlim()[0]
    stop = end_d if event.stop_d is None else min(event.stop_d, end_d)
    return max(scale(event.start_d), low), max(scale(stop), low)


def shade(ax: Axes, done: Sequence[Event], scale: Scale, end_d: float) -> None:
    """Shade the windows of injuries and blocks; rule off the spans of everything else."""
    for event in done:
        if event.start_d > end_d:
            continue
        start, stop = span(ax, event, scale, end_d)
        if event.role in CAUSES:
            ax.axvspan(start, stop, color=style.INJURY, alpha=0.5, lw=0, zorder=0, gid=event.role)
        elif event.role in ("block", "treatment", "clamp", "knock-out"):
            for edge in {start, stop} - {scale(0.0), scale(end_d)}:
                ax.axvline(edge, color=COLOURS[event.role], lw=0.9, ls=(0, (3, 3)), zorder=0.5)


@dataclass(frozen=True)
class Mark:
    """A bar above a panel: what it stands for, what is written on it, its colour."""

    event: Event
    text: str
    colour: str


def marks(done: Sequence[Event], end_d: float) -> list[Mark]:
    """A mark for each thing done by `end_d`, as many as there is room for; the last one counts the rest."""
    return most([Mark(event, event.label, COLOURS[event.role]) for event in done if event.start_d <= end_d])


def most(shown: list[Mark]) -> list[Mark]:
    """The first few marks, the last of them saying how many more there are."""
    if len(shown) <= MOST_LANES:
        return shown
    last = shown[MOST_LANES - 1]
    rest = len(shown) - MOST_LANES
    return [*shown[: MOST_LANES - 1], Mark(last.event, f"{last.text} (and {rest} more)", last.colour)]


def lanes(ax: Axes, shown: Sequence[Mark], scale: Scale, end_d: float) -> None:
    """Draw the marks as bars above the panel, the text inside its bar where it fits, else beside it."""
    low, high = ax.get_xlim()
    across = ax.get_xaxis_transform()
    for lane, mark in enumerate(reversed(shown)):
        event = mark.event
        y = 1.0 + (LANE_FOOT_IN + LANE_IN * lane) / size_in(ax)[1]
        start, stop = span(ax, event, scale, end_d)
        stop = max(stop, start + LEAST_BAR * (high - low))
        bar = Line2D([start, stop], [y, y], transform=across, color=mark.colour, lw=BAR_PT)
        bar.set(solid_capstyle="butt", clip_on=False, gid=event.role)
        ax.add_line(bar)
        gap = 0.006 * (high - low)
        room = CHARACTER_IN * (len(mark.text) + 2) / size_in(ax)[0] * (high - low)
        if stop - start >= room:
            x, align, colour = start + gap, "left", style.PAPER
        elif stop + room <= high or start - room < low:
            x, align, colour = stop + gap, "left", mark.colour
        else:
            x, align, colour = start - gap, "right", mark.colour
        text = ax.text(x, y, mark.text, transform=across, color=colour, ha=align, va="center_baseline")
        text.set(fontsize=LANE_PT, clip_on=False)


def lanes_height_in(shown: Sequence[Mark]) -> float:
    """Room that `lanes` needs above the panel, in inches."""
    return LANE_FOOT_IN + LANE_IN * len(shown)
