"""The raster of an acute run: every spike, by lamina and kind of neuron."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from . import style
from .page import size_in
from .responses import KINDS, MS_A_DAY
from .timeline import Scale

COLOURS = {"projection": style.VERMILLION, "excitatory": style.BLUE, "inhibitory": style.GREEN}
ROMAN = ("", "I", "II", "III", "IV", "V")
MOST_MARKS = 20_000
"""so many spikes are drawn one by one; more are counted into pixels"""
PIXELS_AN_INCH = 70
LEAST_SHARE = 0.55
FAINTEST = 0.5
MARK_PT = (2.2, 6.0)
GAP = 0.012


@dataclass(frozen=True)
class Band:
    """The neurons of one lamina and kind, and the part of the panel's height they have (0 is the foot)."""

    lamina: int
    kind: str
    neurons: np.ndarray
    low: float
    high: float


def bands(roster: pd.DataFrame) -> list[Band]:
    """From the dorsal side down; large groups are pressed together, so that small ones can be read."""
    found = []
    for lamina in sorted(roster.lamina.unique()):
        for kind in KINDS:
            mine = roster[(roster.lamina == lamina) & (roster.kind == kind)]
            if len(mine):
                found.append((int(lamina), kind, mine.sort_values("place").neuron.to_numpy()))
    weights = np.array([np.sqrt(len(neurons)) for _, _, neurons in found])
    weights = np.maximum(weights, LEAST_SHARE * weights.mean())
    heights = weights / weights.sum() * (1.0 - GAP * (len(found) - 1))
    top, laid = 1.0, []
    for (lamina, kind, neurons), height in zip(found, heights, strict=True):
        laid.append(Band(lamina, kind, neurons, top - float(height), top))
        top -= float(height) + GAP
    return laid


def raster(ax: Axes, spikes: pd.DataFrame, roster: pd.DataFrame, scale: Scale, end_d: float) -> bool:
    """Draw every spike, one by one unless there are too many; returns whether they had to be counted."""
    laid = bands(roster)
    size = int(roster.neuron.max()) + 1
    time = spikes.time_ms.to_numpy(float) / MS_A_DAY
    who = spikes.neuron.to_numpy(int)
    wide, tall = size_in(ax)
    ax.set_ylim(0.0, 1.0)
    for band in laid:
        row = np.full(size, -1)
        row[band.neurons] = np.arange(len(band.neurons))
        mine = row[who] >= 0
        x, y = time[mine], (row[who[mine]] + 0.5) / len(band.neurons)
        ax.axhspan(band.low, band.high, color=COLOURS[band.kind], alpha=0.05, lw=0)
        if len(spikes) <= MOST_MARKS:
            height_pt = 72.0 * tall * (band.high - band.low) / len(band.neurons)
            ax.plot(
                [scale(t) for t in x],
                band.low + y * (band.high - band.low),
                ls="",
                marker="|",
                ms=float(np.clip(height_pt, *MARK_PT)),
                mew=0.7,
                color=COLOURS[band.kind],
                gid="spikes",
            )
        else:
            shape = (
                max(2, min(len(band.neurons), round(tall * (band.high - band.low) * PIXELS_AN_INCH))),
                max(2, round(wide * PIXELS_AN_INCH)),
            )
            counted, _, _ = np.histogram2d(y, x, bins=shape, range=((0.0, 1.0), (0.0, end_d)))
            picture = np.empty((*shape, 4))
            picture[..., :3] = to_rgb(COLOURS[band.kind])
            full = max(1.0, float(np.quantile(counted[counted > 0], 0.9))) if counted.any() else 1.0
            shade = FAINTEST + (1.0 - FAINTEST) * np.clip(counted / full, 0.0, 1.0)
            picture[..., 3] = np.where(counted > 0, shade, 0.0)
            place = (0.0, scale(end_d), band.low, band.high)
            ax.imshow(picture, extent=place, aspect="auto", origin="lower", gid="spikes")
    ax.set_ylim(0.0, 1.0)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    names = {lamina: [b for b in laid if b.lamina == lamina] for lamina in {b.lamina for b in laid}}
    middle = {lamina: 0.5 * (own[0].high + own[-1].low) for lamina, own in names.items()}
    ax.set_yticks([*middle.values()], [ROMAN[lamina] for lamina in middle])
    ax.set_ylabel("lamina", labelpad=8)
    for own in names.values():
        if own[-1].low > GAP:
            ax.axhline(own[-1].low - 0.5 * GAP, color=style.MUTED, lw=0.6)
    return len(spikes) > MOST_MARKS
