"""The three panels of a run's figure; each draws on one axis and names its own lines."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from . import style
from .axes import grams_axis, line, rate_axis
from .cascade import State, recorded
from .labels import EndLabel, label_ends
from .measures import BACK, DRIVE, HALF, THRESHOLD, Measures, Outcome, smooth
from .timeline import Scale
from .words import length, number, percent

RATES = (
    ("pinch_hz", "output: pinched", style.NAVY),
    ("brush_hz", "output: lightly brushed", style.SKY),
    ("spontaneous_hz", "output: unprovoked", style.VERMILLION),
)
ROW_FILL = 0.86
ROOM_FOR_WORDS = 2.0
GROUP_NAMES = {"receptors": "receptors", "glia": "glia", "radicals": "mitochon-\ndria and\nradicals"}
SHARE_TOPS = (0.25, 0.5, 0.75, 1.0)
LEVEL_TOPS = (1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0, 128.0, 256.0)


def drive_panel(ax: Axes, ts: pd.DataFrame, scale: Scale) -> None:
    """Afferent drive (filled) and the firing of projection neurons, in Hz."""
    shown = [(c, n, colour) for c, n, colour in RATES if c in ts and ts[c].notna().any()]
    rate_axis(ax, [ts[DRIVE], *(ts[c] for c, _, _ in shown)], "firing (Hz),\nroot scale")
    time, drive = [scale(t) for t in ts.index], ts[DRIVE].to_numpy()
    ax.fill_between(time, 0.0, drive, color=style.MUTED, alpha=0.30, lw=0)
    ax.plot(time, drive, color=style.MUTED, lw=1.6)
    labels = [EndLabel(time[-1], float(drive[-1]), "input: afferent fibres", style.MUTED)]
    labels += [EndLabel(*line(ax, ts[c], scale, colour), name, colour) for c, name, colour in shown]
    label_ends(ax, labels)


def threshold_panel(ax: Axes, ts: pd.DataFrame, scale: Scale, m: Measures) -> None:
    """Withdrawal threshold in grams on a log axis, with its naive level and the half of it."""
    low = grams_axis(ax, [ts[THRESHOLD]], "withdrawal\nthreshold (g)")
    if m.outcome is Outcome.UNMEASURED:
        words = "the withdrawal threshold was not tested in this run"
        ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", color=style.MUTED)
        return
    naive = m["threshold_naive"]
    threshold_bands(ax, naive, low)
    x, _ = line(ax, ts[THRESHOLD], scale, style.INK, width=2.6)
    y = m["threshold_end"]
    ax.plot([scale(m.end_start_d), x], [y, y], color=style.INK, lw=1.2, ls=(0, (1, 2)))
    end = f"{number(y)} g: {percent(m['threshold_end_ratio'])} of naive"
    over = f"(median of the last {length(m.last_d - m.end_start_d)})"
    labels = [
        EndLabel(x, naive, f"naive {number(naive)} g", style.GREEN),
        EndLabel(x, HALF * naive, "half of naive", style.VERMILLION),
        EndLabel(x, y, f"{end}\n{over}", style.INK),
    ]
    label_ends(ax, labels)


def threshold_bands(ax: Axes, naive_g: float, low_g: float) -> None:
    """The naive level with its band of recovery, and the allodynic half below."""
    ax.axhspan(BACK * naive_g, naive_g / BACK, color=style.HEALTHY, alpha=0.75, lw=0, zorder=0.2)
    ax.axhspan(low_g, HALF * naive_g, color=style.ALLODYNIA, alpha=0.55, lw=0, zorder=0.2)
    ax.axhline(naive_g, color=style.GREEN, lw=1.0)
    ax.axhline(HALF * naive_g, color=style.VERMILLION, lw=1.0, ls=(0, (4, 3)))
    if HALF * naive_g < ROOM_FOR_WORDS * low_g:
        return
    words = "allodynia: a touch that was harmless makes the paw withdraw"
    foot = ax.text(0.006, low_g * 1.08, words, transform=ax.get_yaxis_transform(), va="bottom")
    foot.set(color=style.VERMILLION, fontsize=10.5)


def cascade_panel(ax: Axes, ts: pd.DataFrame, scale: Scale, m: Measures) -> None:
    """One row a state, in the order of the cascade: its course, its naive value (dashes), its change."""
    states = recorded(ts)
    ax.set_ylim(-len(states), 0.0)
    ax.tick_params(axis="y", length=0, labelleft=False)
    ax.yaxis.set_major_locator(NullLocator())
    ax.spines["left"].set_visible(False)
    time = np.asarray([scale(t) for t in ts.index])
    labels = []
    for row, state in enumerate(states):
        floor, colour = -(row + 1.0) + 0.06, style.GROUPS[state.group]
        naive = float(m.naive[state.column])
        values = state.values(smooth(ts[state.column]), naive).to_numpy()
        base = naive if state.share else 1.0
        height = ROW_FILL / row_top(state, float(np.nanmax(values)))
        ax.fill_between(time, floor + base * height, floor + values * height, color=colour, alpha=0.30, lw=0)
        ax.plot(time, floor + values * height, color=colour, lw=1.9)
        ax.plot(time[[0, -1]], [floor + base * height] * 2, color=colour, lw=0.9, ls=(0, (2, 2)), alpha=0.8)
        ax.axhline(floor, color=style.FAINT, lw=0.6, zorder=0.3)
        change = state.change(naive, float(m.end[state.column]))
        labels.append(EndLabel(time[-1], floor + 0.45, f"{state.name}  {change}", colour))
    label_ends(ax, labels, size=10.5)
    _brackets(ax, states)


def row_top(state: State, highest: float) -> float:
    """Value at the top of a state's row: round, and never so small that noise fills the row."""
    tops = SHARE_TOPS if state.share else LEVEL_TOPS
    return next((top for top in tops if highest <= top), highest)


def _brackets(ax: Axes, states: list[State]) -> None:
    """Name the groups of rows at the left."""
    for group, name in GROUP_NAMES.items():
        rows = [row for row, state in enumerate(states) if state.group == group]
        if rows:
            low, high = -(rows[-1] + 1.0) + 0.08, -rows[0] - 0.08
            ax.plot(
                [-0.008, -0.008],
                [low, high],
                transform=ax.get_yaxis_transform(),
                color=style.GROUPS[group],
                lw=3,
                clip_on=False,
                solid_capstyle="butt",
            )
            ax.text(
                -0.016,
                (low + high) / 2,
                name,
                transform=ax.get_yaxis_transform(),
                ha="right",
                va="center",
                multialignment="right",
                color=style.GROUPS[group],
                fontsize=10.5,
                clip_on=False,
            )
