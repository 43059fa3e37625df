"""The figure of a comparison: threshold, output, and the states in which the runs part most, overlaid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from . import style
from .axes import grams_axis, line, rate_axis
from .cascade import CASCADE, State, recorded
from .events import Event
from .labels import EndLabel, label_ends
from .measures import OUTPUT, THRESHOLD, Measures, smooth
from .page import BOTTOM_IN, TITLE_IN, frame, row, stack
from .panels import threshold_bands
from .timeline import Mark, Scale, lanes, lanes_height_in, marks, most, scale_for, shade, time_axis
from .words import listed, percent

STATES = 3
FEW_TICKS = 5
HEIGHTS = (1.25, 1.0)
SMALL_IN, SMALL_GAP_IN, BETWEEN_IN = 1.5, 0.75, 1.0
LONGEST_TITLE, LONGEST_MESSAGE, LONGEST_NOTE, LONGEST_NAME = 50, 150, 100, 34


@dataclass(frozen=True, eq=False)
class Curve:
    """One run of a comparison, over the common span."""

    name: str
    ts: pd.DataFrame
    done: tuple[Event, ...]
    m: Measures


def overlay_figure(curves: Sequence[Curve], differ: str, notes: Sequence[str]) -> Figure:
    """Overlay runs: withdrawal threshold (g), unprovoked output (Hz), and three states of the cascade."""
    start, end = float(curves[0].ts.index[0]), max(float(c.ts.index[-1]) for c in curves)
    scale, states = scale_for(end - start), parting(curves)
    colours = [style.RUNS[i % len(style.RUNS)] for i in range(len(curves))]
    shared = all(c.done == curves[0].done for c in curves)
    shown = marks(curves[0].done, end) if shared else _own_marks(curves, colours, end)
    with style.talk():
        figure = Figure(figsize=style.SIZE_IN)
        bottom = BOTTOM_IN + (SMALL_IN + BETWEEN_IN if states else 0.0)
        large = stack(figure, TITLE_IN + lanes_height_in(shown), HEIGHTS, bottom)
        small = row(figure, len(states), BOTTOM_IN, SMALL_IN, SMALL_GAP_IN)
        for ax in [*large, *small]:
            time_axis(ax, scale, start, end, *([FEW_TICKS] if ax in small else []))
            shade(ax, curves[0].done if shared else (), scale, end)
        _threshold(large[0], curves, colours, scale)
        _output(large[1], curves, colours, scale)
        for ax, state in zip(small, states, strict=True):
            _state(ax, state, curves, colours, scale)
            ax.set_xlabel("")
        large[0].tick_params(axis="x", labelbottom=False, length=0)
        large[0].set_xlabel("")
        lanes(large[0], shown, scale, end)
        message = shorten(differ, LONGEST_MESSAGE, placeholder=" ...")
        note = shorten(" ".join(notes), LONGEST_NOTE, placeholder=" ...")
        frame(figure, _title(curves), message, note=note)
    return figure


def _title(curves: Sequence[Curve]) -> str:
    names = listed([c.name for c in curves])
    return f"{names if len(names) <= LONGEST_TITLE else f'{len(curves)} runs'} compared"


def parting(curves: Sequence[Curve]) -> list[State]:
    """The states of the cascade in which the runs end furthest apart, in the order of the cascade."""
    common = [s for s in recorded(curves[0].ts) if all(s in recorded(c.ts) for c in curves)]

    def apart(state: State) -> float:
        ends = [float(c.m.end[state.column]) for c in curves]
        return max(state.distance(ends[0], end) for end in ends)

    widest = sorted(common, key=apart, reverse=True)[:STATES]
    return sorted(widest, key=CASCADE.index)


def _own_marks(curves: Sequence[Curve], colours: Sequence[str], end_d: float) -> list[Mark]:
    """Marks in the colours of the runs, for runs to which different things were done."""
    return most(
        [
            Mark(event, f"{short(c.name)}: {event.label.removeprefix('injury: ')}", colour)
            for c, colour in zip(curves, colours, strict=True)
            for event in c.done
            if event.start_d <= end_d
        ]
    )


def short(name: str) -> str:
    """A run's name that fits beside its line; the end of a long name tells more than its middle."""
    return name if len(name) <= LONGEST_NAME else f"{name[:10]}...{name[-(LONGEST_NAME - 13) :]}"


def _threshold(ax: Axes, curves: Sequence[Curve], colours: Sequence[str], scale: Scale) -> None:
    low = grams_axis(ax, [c.ts[THRESHOLD] for c in curves], "withdrawal\nthreshold (g)")
    naive = float(np.nanmedian([c.m["threshold_naive"] for c in curves]))
    if np.isfinite(naive):
        threshold_bands(ax, naive, low)
    labels = []
    for c, colour in zip(curves, colours, strict=True):
        end = line(ax, c.ts[THRESHOLD], scale, colour)
        labels.append(EndLabel(*end, f"{short(c.name)}, {percent(c.m['threshold_end_ratio'])}", colour))
    _caption(ax, "Withdrawal threshold; at the right, what is left of naive over the end of the run")
    label_ends(ax, labels, size=11.0)


def _output(ax: Axes, curves: Sequence[Curve], colours: Sequence[str], scale: Scale) -> None:
    rate_axis(ax, [c.ts[OUTPUT] for c in curves], "firing (Hz),\nroot scale")
    ends = [line(ax, c.ts[OUTPUT], scale, colour) for c, colour in zip(curves, colours, strict=True)]
    _caption(ax, "Unprovoked output of the projection neurons")
    names = [EndLabel(*end, short(c.name), col) for end, c, col in zip(ends, curves, colours, strict=True)]
    label_ends(ax, names, size=11.0)


def _state(ax: Axes, state: State, curves: Sequence[Curve], colours: Sequence[str], scale: Scale) -> None:
    """One state of the cascade; the colours are named above."""
    for c, colour in zip(curves, colours, strict=True):
        values = state.values(smooth(c.ts[state.column]), float(c.m.naive[state.column]))
        ax.plot([scale(t) for t in values.index], values.to_numpy(), color=colour, lw=1.9)
    style.calm(ax, "")
    ax.set_ylim(bottom=0.0)
    ax.yaxis.set_major_locator(MaxNLocator(4))
    if state.share:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v)))
    _caption(ax, state.name if state.share else f"{state.name}, times naive")


def _caption(ax: Axes, text: str) -> None:
    ax.set_title(text, loc="left", fontsize=11, color=style.MUTED, pad=4)
