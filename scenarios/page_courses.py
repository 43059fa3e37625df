"""The course of a run as the browser page shows it while it grows: three plots over one time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MultipleLocator

from ..analysis import style
from ..analysis.axes import grams_axis, rate_axis
from ..analysis.cascade import State
from ..analysis.labels import EndLabel, label_ends
from ..analysis.measures import DRIVE, HALF, THRESHOLD
from ..analysis.panels import row_top
from ..analysis.words import number, percent
from .page import COURSES_IN, HEADING_IN, HEIGHT_IN, heading, injuries, naive_values

if TYPE_CHECKING:
    from ..model.dorsalhorn import DorsalHorn
    from ..model.scenario import Clamp, Given, Override

FIRST_SPAN_D = (7.0, 14.0, 28.0, 42.0, 56.0)
"""the time axis grows in these steps, so that a young run does not cling to the left edge"""
TICKS_D, MOST_TICKS = (1, 2, 7, 14, 28, 56, 112, 364), 8
GRAMS = (0.4, 1.0, 4.0, 15.0)
STATES = (
    State("nmdar_phosphorylated_fraction", "NMDAR phosphorylated", "receptors", share=True),
    State("nmdar_nitrated_fraction", "NMDAR nitrated", "radicals", share=True),
    State("mnsod_active_fraction", "MnSOD active", "radicals", share=True),
    State("microglia_activation", "microglia activated", "glia", share=True),
    State("astrocyte_reactivity", "astrocytes reactive", "glia", share=True),
    State("glt1_relative", "GLT-1", "glia", share=False),
    State("d_serine_um", "D-serine", "glia", share=False),
)
OUTPUTS = (
    ("pinch_hz", "pinched", style.NAVY),
    ("brush_hz", "brushed", style.SKY),
    ("spontaneous_hz", "unprovoked", style.VERMILLION),
)


def draw_courses(horn: DorsalHorn) -> Figure:
    """Three live plots: drive and output (Hz), withdrawal threshold (g), states of the cascade."""
    ts = pd.DataFrame(horn.records).set_index("time_d")
    now, end = horn.time_d, horn.scenario.duration_d
    shown = min(end, next((span for span in FIRST_SPAN_D if now <= span), end))
    naive = naive_values(horn)
    with style.talk():
        figure = Figure(figsize=(COURSES_IN, HEIGHT_IN))
        left, wide = 0.98, 3.55
        axes = []
        for low, tall in ((4.80, 1.38), (3.13, 1.24), (0.52, 2.20)):
            box = (left / COURSES_IN, low / HEIGHT_IN, wide / COURSES_IN, tall / HEIGHT_IN)
            axes.append(figure.add_axes(box))
        for ax in axes:
            ax.set_xlim(0.0, shown)
            _windows(ax, horn, shown)
        _drive(axes[0], ts)
        _threshold(axes[1], ts, float(naive[THRESHOLD]))
        _states(axes[2], ts, naive)
        captions = (
            "Spikes in and out",
            "The touch that makes the paw withdraw",
            "States of the cascade (dashes: start)",
        )
        for ax, caption in zip(axes, captions, strict=True):
            ax.set_title(caption, loc="left", fontsize=11, color=style.MUTED, pad=4)
            ax.tick_params(axis="x", length=3, pad=3, labelbottom=ax is axes[-1])
        for ax in axes:
            ax.xaxis.set_major_locator(
                MultipleLocator(next(s for s in (1, 2, 7, 14, 28, 56) if shown <= 8 * s))
            )
        axes[-1].set_xlabel("days", labelpad=2)
        heading(figure, "Its course so far")
        _window_key(figure, horn)
    return figure


def _windows(ax: Axes, horn: DorsalHorn, shown: float) -> None:
    """Shade the injuries; rule off what else is done to the slice."""
    for s in injuries(horn):
        ax.axvspan(s.start_d, min(s.cause_ends_d, shown), color=style.INJURY, alpha=0.55, lw=0, zorder=0)
    for day in _deeds(horn):
        if 0.0 < day < shown:
            ax.axvline(day, color=style.PURPLE, lw=0.9, ls=(0, (3, 3)), zorder=0.5)


def _deeds(horn: DorsalHorn) -> list[float]:
    """Days on which a knock-out, treatment, clamp or nerve block begins or ends."""
    plan = horn.scenario
    deeds: list[Override | Given | Clamp] = [*plan.overrides, *plan.treatments, *plan.own_clamps]
    spans = [(deed.start_d, deed.stop_d) for deed in deeds]
    spans += [(s.start_d, s.cause_ends_d) for s in plan.own_stimuli if s.drive.silences]
    return sorted({day for span in spans for day in span})


def _window_key(figure: Figure, horn: DorsalHorn) -> None:
    marks: list[Any] = []
    if injuries(horn):
        marks.append(Rectangle((0, 0), 1, 1, color=style.INJURY, alpha=0.55, label="injury"))
    if _deeds(horn):
        marks.append(
            Line2D([], [], color=style.PURPLE, lw=0.9, ls=(0, (3, 3)), label="treatment, block, clamp")
        )
    if marks:
        spot = (1.0, 1 - HEADING_IN / HEIGHT_IN)
        figure.legend(
            handles=marks, loc="center right", bbox_to_anchor=spot, ncols=2, frameon=False, fontsize=10.5
        )


def _drive(ax: Axes, ts: pd.DataFrame) -> None:
    drive = ts[DRIVE]
    rate_axis(ax, [drive, *(ts[c] for c, _, _ in OUTPUTS)], "firing (Hz)\nroot scale")
    ax.fill_between(ts.index, 0.0, drive, color=style.MUTED, alpha=0.3, lw=0)
    ax.plot(ts.index, drive, color=style.MUTED, lw=1.5)
    edge = float(ax.get_xlim()[1])
    labels = [EndLabel(edge, float(drive.iloc[-1]), f"afferents {number(drive.iloc[-1])} Hz", style.MUTED)]
    for column, name, colour in OUTPUTS:
        ax.plot(ts.index, ts[column], color=colour, lw=1.6, marker="o", markersize=3 if len(ts) < 3 else 0)
        labels.append(
            EndLabel(edge, float(ts[column].iloc[-1]), f"{name} {number(ts[column].iloc[-1])} Hz", colour)
        )
    label_ends(ax, labels, size=10.5)


def _threshold(ax: Axes, ts: pd.DataFrame, naive: float) -> None:
    grams = ts[THRESHOLD]
    grams_axis(ax, [grams], "withdrawal\nthreshold (g)")
    ax.set_yticks(GRAMS)
    ax.axhline(naive, color=style.GREEN, lw=1.1)
    ax.axhline(HALF * naive, color=style.VERMILLION, lw=1.0, ls=(0, (4, 3)))
    ax.plot(ts.index, grams, color=style.INK, lw=1.9, marker="o", markersize=4 if len(ts) < 3 else 0)
    edge = float(ax.get_xlim()[1])
    labels = [
        EndLabel(edge, naive, f"naive {number(naive)} g", style.GREEN),
        EndLabel(edge, HALF * naive, "half of naive", style.VERMILLION),
        EndLabel(edge, float(grams.iloc[-1]), f"now {number(grams.iloc[-1])} g", style.INK),
    ]
    label_ends(ax, labels, size=10.5)


def _states(ax: Axes, ts: pd.DataFrame, naive: pd.Series) -> None:
    """One row a state: its course above the row's foot, its start dashed, its value now beside it."""
    ax.set(ylim=(-len(STATES), 0.0), yticks=[])
    ax.spines["left"].set_visible(False)
    labels = []
    for row, state in enumerate(STATES):
        base = float(naive[state.column])
        values = state.values(ts[state.column], base).to_numpy()
        start = base if state.share else 1.0
        foot, colour = -(row + 1.0) + 0.07, style.GROUPS[state.group]
        high = 0.84 / row_top(state, max(float(values.max()), start))
        ax.fill_between(ts.index, foot, foot + values * high, color=colour, alpha=0.28, lw=0)
        ax.plot(ts.index, foot + values * high, color=colour, lw=1.7)
        ax.axhline(foot + start * high, color=colour, lw=0.8, ls=(0, (2, 2)), alpha=0.8)
        ax.axhline(foot, color=style.FAINT, lw=0.6, zorder=0.3)
        said = percent(values[-1]) if state.share else f"\N{MULTIPLICATION SIGN} {number(values[-1])}"
        labels.append(EndLabel(float(ax.get_xlim()[1]), foot + 0.4, f"{state.name} {said}", colour))
    label_ends(ax, labels, size=10.5)
