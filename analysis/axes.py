"""What several figures share: axes of firing rates and of grams, and a series with its running median."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from . import style
from .measures import smooth
from .timeline import Scale

GRAMS = (0.1, 0.4, 1.0, 2.0, 4.0, 8.0, 15.0)
LOWEST_G, HIGHEST_G = 0.17, 27.0
"""the filaments in use reach from 0.4 to 26 g; the axis leaves room below them for words"""
LEAST_G = 0.05
LEAST_TOP_HZ = 1.0
TICK_SPACE = 0.17


def line(ax: Axes, series: pd.Series, scale: Scale, colour: str, width: float = 2.2) -> tuple[float, float]:
    """Readings as a faint line, their running median as a bold one; returns where the bold one ends."""
    time, running = np.asarray([scale(t) for t in series.index]), smooth(series)
    ax.plot(time, series.to_numpy(), color=colour, lw=0.7, alpha=0.28)
    ax.plot(time, running.to_numpy(), color=colour, lw=width)
    known = running.dropna()
    return float(time[-1]), float(known.iloc[-1]) if len(known) else float("nan")


def rate_axis(ax: Axes, series: Sequence[pd.Series], label: str) -> None:
    """Firing rates in Hz from 0 up, on a square-root scale.

    Rates of tenths and of tens of Hz share a panel: the square root shows both and keeps the zero.
    """
    top = max([LEAST_TOP_HZ, *(1.12 * float(s.max()) for s in series if s.notna().any())])
    ax.set_yscale("function", functions=(lambda v: np.sqrt(np.clip(v, 0.0, None)), np.square))
    ax.set_ylim(0.0, top)
    ax.yaxis.set_major_locator(FixedLocator(root_ticks(top)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    style.calm(ax, label)


def root_ticks(top: float) -> list[float]:
    """A few round values from 0 to `top`, evenly spread to the eye on a square-root axis.

    >>> root_ticks(30.0)
    [0.0, 1.0, 5.0, 20.0]
    """
    chosen = [0.0]
    for value in (m * 10.0**e for e in range(-2, 5) for m in (1, 2, 5)):
        if value <= top and np.sqrt(value) - np.sqrt(chosen[-1]) >= TICK_SPACE * np.sqrt(top):
            chosen.append(value)
    return chosen


def grams_axis(ax: Axes, series: Sequence[pd.Series], label: str) -> float:
    """Grams on a log axis that shows at least the filaments in use; returns its lower end."""
    known = pd.concat([s.dropna() for s in series])
    low = max(LEAST_G, min([LOWEST_G, *(0.5 * known)])) if len(known) else LOWEST_G
    high = max([HIGHEST_G, *(1.05 * known)]) if len(known) else HIGHEST_G
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    ax.yaxis.set_major_locator(FixedLocator([g for g in GRAMS if g >= low]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    style.calm(ax, label)
    ax.grid(visible=False)
    return low
