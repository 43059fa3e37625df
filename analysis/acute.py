"""The figure of an acute run: every spike, the time course of the responses, and how they grow."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from . import style
from .acute_words import WINDOW, acute_takeaway, told
from .axes import rate_axis
from .events import CAUSES, events
from .labels import EndLabel, label_ends
from .page import BOTTOM_IN, LEFT_IN, TITLE_IN, frame, size_in
from .raster import COLOURS, raster
from .responses import KINDS, MS_A_DAY, OUTPUT_KIND, Responses, Train
from .runs import Run
from .timeline import COLOURS as MARK_COLOURS
from .timeline import Mark, Scale, lanes, lanes_height_in, most, scale_for, shade, time_axis
from .words import length

LOWER_IN, BETWEEN_IN, HISTOGRAM_IN = 2.4, 1.25, 5.7
CURVE_RIGHT_IN, RASTER_RIGHT_IN, SIDE_GAP_IN = 1.35, 1.2, 2.1
WINDOW_NAMES = {"a_beta": "A\u03b2", "a_delta": "A\u03b4", "c": "C", "late": "late"}
MOST_RULES = 60
"""more pulses than this are a shaded span"""
BINS_MS, MOST_BINS = (10.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4), 60
LEGEND_IN = 0.32
LINE_STYLES = {False: "-", True: (0, (3, 1.5))}
DEPTHS = {False: "I\N{EN DASH}II", True: "III\N{EN DASH}V"}
TRAIN_COLOURS = (style.MUTED, style.VERMILLION, style.PURPLE, style.NAVY, style.ORANGE)


def acute_figure(run: Run) -> Figure:
    """Raster by lamina and kind; firing after a pulse (or over the run); responses pulse by pulse."""
    r = Responses(run)
    end_d = r.end_ms / MS_A_DAY
    done, scale = events(run), scale_for(end_d)
    shown = most([Mark(e, told(e), MARK_COLOURS[e.role]) for e in done if e.start_d <= end_d])
    with style.talk():
        figure = Figure(figsize=style.SIZE_IN)
        width, height = figure.get_size_inches()
        top = height - TITLE_IN - lanes_height_in(shown)
        foot = BOTTOM_IN + LOWER_IN + BETWEEN_IN

        def panel(left_in: float, bottom_in: float, right_in: float, top_in: float) -> Axes:
            box = (left_in / width, bottom_in / height, (right_in - left_in) / width)
            return figure.add_axes((*box, (top_in - bottom_in) / height))

        upper = panel(LEFT_IN, foot, width - RASTER_RIGHT_IN, top)
        left = panel(LEFT_IN, BOTTOM_IN, LEFT_IN + HISTOGRAM_IN, BOTTOM_IN + LOWER_IN)
        right = panel(
            LEFT_IN + HISTOGRAM_IN + SIDE_GAP_IN, BOTTOM_IN, width - CURVE_RIGHT_IN, BOTTOM_IN + LOWER_IN
        )
        time_axis(upper, scale, 0.0, end_d)
        shade(upper, [e for e in done if not _slow(r, e.start_d)], scale, end_d)
        dense = raster(upper, run.spikes, run.roster, scale, end_d)
        _pulses(upper, r, scale)
        lanes(upper, shown, scale, end_d)
        also = "; where they are many, darker is more" if dense else ""
        _caption(upper, f"Every spike of {len(run.roster):,} neurons, by lamina{also}", pad=11)
        _legend(upper)
        if r.slow:
            _after_a_pulse(left, r)
            _growth(right, r)
        else:
            _over_the_run(left, r, scale, end_d)
            _by_span(right, r)
        frame(figure, str(run.scenario.get("title", run.name)), acute_takeaway(r), _facts(run, end_d))
    return figure


def _slow(r: Responses, start_d: float) -> bool:
    """Whether a slow train begins then: its pulses are ruled one by one, not shaded."""
    return any(math.isclose(t.pulses_ms[0], start_d * MS_A_DAY, abs_tol=1e-3) for t in r.slow)


def _pulses(ax: Axes, r: Responses, scale: Scale) -> None:
    """A hairline and a wedge for each pulse of the slow trains."""
    times = [scale(t / MS_A_DAY) for train in r.slow for t in train.pulses_ms]
    if len(times) <= MOST_RULES:
        for x in times:
            ax.axvline(x, color=MARK_COLOURS["stimulus"], lw=0.6, alpha=0.5, zorder=0.5, gid="pulse")
    across = ax.get_xaxis_transform()
    ax.plot(times, [1.015] * len(times), "v", ms=4.5, color=MARK_COLOURS["stimulus"], mew=0,
            transform=across, clip_on=False, gid="pulses")  # fmt: skip


def _legend(ax: Axes) -> None:
    handles = [Line2D([], [], color=COLOURS[k], lw=5, label=f"{k} neurons") for k in KINDS]
    place = (0.5, -LEGEND_IN / size_in(ax)[1])
    ax.legend(
        handles=handles, loc="upper center", bbox_to_anchor=place, ncols=len(KINDS), frameon=False,
        fontsize=11, handlelength=1.0, columnspacing=1.4, borderaxespad=0.1,
    )  # fmt: skip


def _after_a_pulse(ax: Axes, r: Responses) -> None:
    """Firing after a pulse, mean of all pulses: by kind and depth, or of the output train by train."""
    trains = r.slow
    edges = r.edges_ms(trains)
    curves: list[tuple[str, np.ndarray, str, bool]] = []
    if len(trains) == 1:
        for kind in KINDS:
            for deep in (False, True):
                cells = r.neurons(kind, deep, trains[0].site)
                if len(cells):
                    name = f"{kind}, {DEPTHS[deep]}"
                    hz = r.histogram(cells, trains[0].pulses_ms, edges)
                    curves.append((name, hz, COLOURS[kind], deep))
        what = f"Firing after a pulse, mean of {len(trains[0].pulses_ms)}"
    else:
        for train, colour in zip(trains, _train_colours(trains), strict=True):
            cells = r.neurons(OUTPUT_KIND, None, train.site)
            curves.append((train.label, r.histogram(cells, train.pulses_ms, edges), colour, False))
        what = "Firing of the projection neurons after a pulse, train by train"
    top = [pd.Series(hz) for _, hz, _, _ in curves]
    rate_axis(ax, top, "firing (Hz),\nroot scale")
    _window_axis(ax, r, float(edges[-1]))
    for _, hz, colour, deep in curves:
        ax.stairs(hz, edges, color=colour, lw=1.9, ls=LINE_STYLES[deep], baseline=None)
    if len(trains) == 1:
        _depths(ax)
    else:
        _beside(ax, [Line2D([], [], color=c, label=n.replace(", ", ",\nfrom ")) for n, _, c, _ in curves])
    _caption(ax, what, pad=20)


def _depths(ax: Axes) -> None:
    """Which lines are superficial and which are deep; the colours are named above."""
    lines = {f"laminae\n{name}": LINE_STYLES[deep] for deep, name in DEPTHS.items()}
    _beside(ax, [Line2D([], [], color=style.INK, lw=1.9, ls=ls, label=name) for name, ls in lines.items()])


def _beside(ax: Axes, handles: list[Line2D]) -> None:
    """A legend at the right of the panel."""
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=10.5,
        handlelength=1.6, borderaxespad=0.0, labelspacing=0.8,
    )  # fmt: skip


def _window_axis(ax: Axes, r: Responses, until_ms: float) -> None:
    """Milliseconds after the pulse on a root scale, the latency windows of the fibre classes shaded."""
    ax.set_xscale("function", functions=(lambda v: np.sqrt(np.clip(v, 0.0, None)), np.square))
    ax.set_xlim(0.0, until_ms)
    marks = [low for low, _ in r.windows.values()] + [high for _, high in r.windows.values()]
    ax.xaxis.set_major_locator(FixedLocator(sorted({m for m in marks if m <= until_ms})))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    ax.set_xlabel("ms after the pulse, root scale")
    across = ax.get_xaxis_transform()
    for count, (name, (low, high)) in enumerate(r.windows.items()):
        high = min(high, until_ms)
        if low >= until_ms:
            continue
        if count % 2 == 0:
            ax.axvspan(low, high, color=style.FAINT, alpha=0.45, lw=0, zorder=0, gid=f"window {name}")
        middle = (0.5 * (math.sqrt(low) + math.sqrt(high))) ** 2
        text = ax.text(middle, 1.02, WINDOW_NAMES.get(name, name), transform=across, ha="center")
        text.set(fontsize=11, color=style.MUTED, va="bottom")


def _growth(ax: Axes, r: Responses) -> None:
    """Spikes per pulse: by pulse number and kind, or train by train over the run."""
    trains = r.slow
    if len(trains) == 1:
        train = trains[0]
        labels = []
        for kind in KINDS:
            curve = train.curve(kind)
            ax.plot(curve.index, curve.to_numpy(), "o-", ms=5, color=COLOURS[kind], gid=kind)
            labels.append(EndLabel(float(curve.index[-1]), float(curve.iloc[-1]), kind, COLOURS[kind]))
        direct, colour = train.curve(OUTPUT_KIND, WINDOW), COLOURS[OUTPUT_KIND]
        ax.plot(direct.index, direct.to_numpy(), color=colour, lw=1.4, ls=(0, (2, 2)), gid="direct")
        labels.append(
            EndLabel(float(direct.index[-1]), float(direct.iloc[-1]), "of them in\nC window", colour)
        )
        _per_neuron(ax, "Response to each pulse")
        ax.set_xlabel("pulse")
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        label_ends(ax, labels, size=10.5)
        return
    first = float(min(t.pulses_ms[0] for t in trains))
    for train, colour in zip(trains, _train_colours(trains), strict=True):
        curve = train.curve()
        ax.plot((train.pulses_ms - first) * 1e-3, curve.to_numpy(), "o-", ms=5, color=colour)
        mean = float(curve.mean())
        ax.plot((train.pulses_ms[[0, -1]] - first) * 1e-3, [mean, mean], color=colour, lw=5, alpha=0.25)
    for train in r.trains:
        if not train.slow:
            start, stop = (train.pulses_ms[[0, -1]] - first) * 1e-3
            ax.axvspan(start, max(stop, start + 0.1), color=style.INJURY, lw=0, gid="conditioning")
    _per_neuron(ax, "Projection neurons, pulse by pulse")
    ax.set_xlabel("s after the first pulse")


def _per_neuron(ax: Axes, caption: str) -> None:
    style.calm(ax, "spikes per neuron")
    ax.set_ylim(0.0, max(1.0, 1.08 * ax.get_ylim()[1]))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    _caption(ax, caption)


def _train_colours(trains: Sequence[Train]) -> list[str]:
    return [TRAIN_COLOURS[i % len(TRAIN_COLOURS)] for i in range(len(trains))]


def _over_the_run(ax: Axes, r: Responses, scale: Scale, end_d: float) -> None:
    """Firing over the run, by kind and depth, of the stimulated part."""
    # round bins, drawn as steps: a slope would seem to rise before the stimulus
    bin_ms = next((b for b in BINS_MS if r.end_ms / b <= MOST_BINS), r.end_ms / MOST_BINS)
    edges = np.arange(0.0, r.end_ms + 0.5 * bin_ms, bin_ms)
    edges = np.append(edges[edges < r.end_ms - 1e-6], r.end_ms)
    curves = []
    for kind in KINDS:
        for deep in (False, True):
            cells = r.neurons(kind, deep)
            if len(cells):
                hz = r.histogram(cells, np.zeros(1), edges)
                curves.append((f"{kind}, {DEPTHS[deep]}", hz, COLOURS[kind], deep))
    rate_axis(ax, [pd.Series(hz) for _, hz, _, _ in curves], "firing (Hz),\nroot scale")
    time_axis(ax, scale, 0.0, end_d, most_ticks=7)
    shade(ax, [e for e in events(r.run) if e.role in CAUSES], scale, end_d)
    at = [scale(t / MS_A_DAY) for t in edges]
    for _, hz, colour, deep in curves:
        ax.stairs(hz, at, color=colour, lw=1.7, ls=LINE_STYLES[deep], baseline=None)
    _depths(ax)
    _caption(ax, f"Firing of the {'stimulated part' if r.stimuli else 'slice'}, by kind and lamina")


def _by_span(ax: Axes, r: Responses) -> None:
    """Mean firing before, during and after the stimuli, by kind."""
    wide = 0.8 / len(KINDS)
    for k, kind in enumerate(KINDS):
        cells = r.neurons(kind)
        hz = [r.rate(cells, span) for span in r.spans]
        x = np.arange(len(hz)) + (k - 1) * wide
        ax.bar(x, hz, 0.92 * wide, color=COLOURS[kind], gid=kind)
    rates = pd.Series([r.rate(r.neurons(k), s) for k in KINDS for s in r.spans])
    rate_axis(ax, [rates], "firing (Hz),\nroot scale")
    names = [s.name.replace(" ", "\n") for s in r.spans]
    ax.set_xticks(range(len(names)), names, fontsize=10.5)
    _caption(ax, "Mean firing, by kind")


def _caption(ax: Axes, text: str, pad: float = 6) -> None:
    ax.set_title(text, loc="left", fontsize=11, color=style.MUTED, pad=pad)


def _facts(run: Run, end_d: float) -> str:
    facts = [
        f"{run.scenario.get('biology', 'unknown')} preset",
        f"seed {run.info.get('seed', 'unknown')}",
        length(end_d) if run.complete else f"{run.info.get('status', 'unfinished')} after {length(end_d)}",
    ]
    return " \N{MIDDLE DOT} ".join(facts)
