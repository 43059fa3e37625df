"""Acute runs side by side: what the projection neurons answered, pulse by pulse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import shorten

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from . import style
from .acute_words import WINDOW
from .labels import EndLabel, label_ends
from .overlay import LONGEST_MESSAGE, LONGEST_NOTE, LONGEST_TITLE, short
from .page import TITLE_IN, frame, stack
from .responses import KINDS, OUTPUT_KIND, Responses
from .words import listed, plain

SHARES = (1.5, 1.0)
GAP_IN = 0.75


def acute_table(responses: Sequence[Responses], names: Sequence[str]) -> pd.DataFrame:
    """One row a measure: first and last response and their ratio by kind, every pulse, firing by span."""
    columns = [dict(_measures(r)) for r in responses]
    rows = dict.fromkeys(key for column in columns for key in column)
    found = {key: next(column[key] for column in columns if key in column) for key in rows}
    table = pd.DataFrame(index=pd.Index([*rows], name="measure"))
    table["unit"] = [found[key][1] for key in rows]
    table["doc"] = [found[key][2] for key in rows]
    for name, column in zip(names, columns, strict=True):
        table[name] = [float(column[key][0]) if key in column else math.nan for key in rows]
    return table


def _measures(r: Responses) -> list[tuple[str, tuple[float, str, str]]]:
    found = []
    for number, train in enumerate(r.slow):
        of = f"train {number + 1} ({plain(train.kind)})"
        start = f"train.{number}" if len(r.slow) > 1 else "train"
        for kind in KINDS:
            first, last, ratio = train.growth(kind)
            who = f"spikes per {kind} neuron"
            found.append((f"{start}.{kind}.first", (first, "1", f"{of}: {who} after the first pulse")))
            found.append((f"{start}.{kind}.last", (last, "1", f"{of}: {who} after the last pulse")))
            found.append((f"{start}.{kind}.ratio", (ratio, "1", f"{of}: {who}, last over first")))
        for place, which in ((0, "first"), (-1, "last")):
            direct = float(train.curve(OUTPUT_KIND, WINDOW).iloc[place])
            doc = f"{of}: spikes per {OUTPUT_KIND} neuron after the {which} pulse, as C fibres arrive"
            found.append((f"{start}.{OUTPUT_KIND}.c_window.{which}", (direct, "1", doc)))
        for pulse, spikes in train.curve().items():
            doc = f"{of}: spikes per {OUTPUT_KIND} neuron after pulse {pulse}"
            found.append((f"{start}.pulse.{pulse}", (float(spikes), "1", doc)))
    for number, span in enumerate(r.spans):
        for kind in KINDS:
            doc = f"mean firing of {kind} neurons: {span.name}"
            found.append((f"span.{number}.{kind}", (r.rate(r.neurons(kind), span), "Hz", doc)))
    return found


def acute_overlay(
    responses: Sequence[Responses], names: Sequence[str], differ: str, notes: Sequence[str]
) -> Figure:
    """Overlay runs: spikes per pulse of the projection neurons, and the same over the first response.

    Without trains: firing of the projection neurons before, during and after the stimuli.
    """
    colours = [style.RUNS[i % len(style.RUNS)] for i in range(len(names))]
    trains = any(r.slow for r in responses)
    with style.talk():
        figure = Figure(figsize=style.SIZE_IN)
        axes = stack(figure, TITLE_IN + 0.3, SHARES if trains else (1.0,), gap_in=GAP_IN)
        if trains:
            _pulses(axes[0], responses, names, colours, relative=False)
            _pulses(axes[1], responses, names, colours, relative=True)
            axes[1].set_xlabel("pulse")
        else:
            _spans(axes[0], responses, names, colours)
        title = listed(list(names))
        title = title if len(title) <= LONGEST_TITLE else f"{len(names)} runs"
        message = shorten(differ, LONGEST_MESSAGE, placeholder=" ...")
        note = shorten(" ".join(notes), LONGEST_NOTE, placeholder=" ...")
        frame(figure, f"{title} compared", message, note=note)
    return figure


def _pulses(
    ax: Axes, responses: Sequence[Responses], names: Sequence[str], colours: Sequence[str], relative: bool
) -> None:
    """One line a run; the pulses of several trains one after the other, each train a line of its own."""
    labels = []
    for r, name, colour in zip(responses, names, colours, strict=True):
        if not r.slow:
            continue
        first, at = float(r.slow[0].curve().iloc[0]), 0
        x, y = np.zeros(1), np.zeros(1)
        for train in r.slow:
            values = train.curve().to_numpy(float)
            y = values / first if relative and first else values * (math.nan if relative else 1.0)
            x = np.arange(at + 1.0, at + 1.0 + len(values))
            at += len(values)
            ax.plot(x, y, "o-", ms=5, color=colour, gid=name)
        labels.append(EndLabel(float(x[-1]), float(np.nan_to_num(y[-1])), short(name), colour))
    style.calm(ax, "times the first" if relative else "spikes per\nprojection neuron")
    ax.set_ylim(0.0, max(1.0, 1.08 * ax.get_ylim()[1]))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_locator(MaxNLocator(12, integer=True, min_n_ticks=1))
    if relative:
        ax.axhline(1.0, color=style.MUTED, lw=0.8, ls=(0, (3, 3)))
    what = (
        "The same over the first response" if relative else "Response of the projection neurons to each pulse"
    )
    ax.set_title(what, loc="left", fontsize=11, color=style.MUTED, pad=6)
    label_ends(ax, labels, size=11.0)


def _spans(ax: Axes, responses: Sequence[Responses], names: Sequence[str], colours: Sequence[str]) -> None:
    """Firing before, during and after the stimuli; runs of other stimuli stand beside one another."""
    wide = 0.8 / len(names)
    spans = list(dict.fromkeys(span.name for r in responses for span in r.spans))
    spans.sort(key=lambda name: (name == "after", name != "before"))
    for k, (r, name, colour) in enumerate(zip(responses, names, colours, strict=True)):
        cells = r.neurons(OUTPUT_KIND)
        hz = {span.name: r.rate(cells, span) for span in r.spans}
        x = [spans.index(span) + (k - 0.5 * (len(names) - 1)) * wide for span in hz]
        ax.bar(x, [*hz.values()], 0.92 * wide, color=colour, label=short(name))
    style.calm(ax, "firing (Hz)")
    ax.set_xticks(range(len(spans)), [span.replace(" ", "\n") for span in spans])
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, borderaxespad=0.0)
    what = "Mean firing of the projection neurons of the stimulated part"
    ax.set_title(what, loc="left", fontsize=11, color=style.MUTED, pad=6)
