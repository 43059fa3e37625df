"""How our pictures look: one palette, one set of sizes, one footer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb

FOOTER = "dorsalhorn \N{MIDDLE DOT} model output; research and teaching, not medical advice"
DPI = 160
SIZE_IN = (13.6, 8.5)
"""16:10, fills a slide"""

INK = "#1f2430"
MUTED = "#6b7280"
FAINT = "#d5d9e0"
PAPER = "#ffffff"
INJURY = "#f6dfb8"
HEALTHY = "#cfe6dd"
ALLODYNIA = "#f4d3cd"

# Okabe and Ito's colours, darkened a little where thin lines and words must carry on a projector
BLUE, GREEN, VERMILLION, PURPLE, SKY, ORANGE = (
    "#0067a8",
    "#00805c",
    "#c24a00",
    "#a5467f",
    "#2a8ac4",
    "#c98500",
)
NAVY = "#003f6b"
GROUPS = {"receptors": BLUE, "glia": GREEN, "radicals": VERMILLION}
RUNS = (INK, BLUE, PURPLE, ORANGE, SKY, NAVY, MUTED)
"""colours of overlaid runs, none of them a colour of the bands behind; the first is the reference"""

FATES = {
    "unaffected": "#5b8f7b",
    "heals": GREEN,
    "recovered": GREEN,
    "latent": ORANGE,
    "partly heals": SKY,
    "partly recovered": SKY,
    "stays": VERMILLION,
    "not tested": MUTED,
}
"""colours of what became of an injury, from well to ill"""
PALEST = 0.25
"""what is left of a colour when nothing speaks for it"""

_RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 11.5,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 11.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "lines.linewidth": 2.2,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "hatch.linewidth": 0.6,
}


def severity(value: str) -> int:
    """The place of what became of an injury from well to ill; a word that is none of these comes last."""
    return list(FATES).index(value) if value in FATES else len(FATES)


def fate_colour(value: str) -> str:
    """The colour of what became of an injury."""
    return FATES.get(value, MUTED)


def blend(colour: str, share: float) -> str:
    """A colour on paper, the paler the smaller the share."""
    kept = PALEST + (1.0 - PALEST) * share
    red, green, blue = (
        kept * c + (1.0 - kept) * p for c, p in zip(to_rgb(colour), to_rgb(PAPER), strict=True)
    )
    return to_hex((red, green, blue))


@contextmanager
def talk() -> Iterator[None]:
    """Draw inside this for pictures that carry to the last row of a lecture hall."""
    with mpl.rc_context(_RC):
        yield


def calm(ax: Axes, ylabel: str) -> None:
    """Take away what does not inform: tick marks and the vertical spine; name the axis and its unit."""
    ax.set_ylabel(ylabel, labelpad=8)
    ax.tick_params(length=0, pad=5)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="y", color=FAINT, linewidth=0.7)
    ax.set_axisbelow(True)
