"""The slice as the browser page shows it: a chemical's map, the laminae, and each cell by what it does.

Drawn from the arrays of the populations; nothing here changes the model.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm, Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, Locator, LogLocator, MaxNLocator, NullLocator

from ..analysis import style
from ..model.chemistry import FIELDS
from .page import HEIGHT_IN, SLICE_IN, heading, injuries

if TYPE_CHECKING:
    from ..model.dorsalhorn import DorsalHorn

NAMES = {
    "atp": "ATP",
    "csf1": "CSF1",
    "igf1": "IGF1",
    "tnf": "TNF",
    "il1b": "IL-1\N{GREEK SMALL LETTER BETA}",
    "bdnf": "BDNF",
    "substance_p": "substance P",
    "d_serine": "D-serine",
    "clearance": "glutamate clearance",
    "activity": "nearby firing",
}
UNITS = {"uM": "\N{MICRO SIGN}M", "1": "relative"}
LAYERS = ("neurons", "microglia", "astrocytes")
LEFT_IN, WIDE_IN = 0.72, 6.83
TOP_HZ, ROOT = 20.0, 0.5
GROWTH, HIGH_PERCENTILE = 1.5, 99.0
PEAKED = ("substance_p", "atp", "csf1", "nitric_oxide", "peroxynitrite", "activity")
"""maps that span orders of magnitude: their colours are logarithmic, from the healthy level up"""
LEAST_LEVEL, LEAST_RATIO, FEW_DECADES = 0.01, 10.0, 50.0
MOST_TICKS = 3
DAY_EPSILON = 1e-9


def ramp(name: str, *colours: str) -> Colormap:
    """A colour map from light to dark, so that its order is seen in any colour vision."""
    return LinearSegmentedColormap.from_list(name, colours)


FIELD_COLOURS = ramp("field", "#ffffff", "#e6dff0", "#b7a3d3", "#7559a6")
FIRING_COLOURS = ramp("firing", "#fffbe6", "#fdd663", "#f28a1c", "#b8330f", "#5c0a0a")
OUTLINES = ramp("outlines", "#7f8898", "#444b5c", "#1f2430")
GLIA_COLOURS = ramp("glia", "#eef7fd", "#8cc4e8", "#2f86c1", "#0b3c6f")


class Kind(NamedTuple):
    """How one kind of cell is drawn: its name, its marker, its size at rest in points squared."""

    name: str
    marker: str
    size: float


EXCITATORY = Kind("excitatory", "o", 13.0)
INHIBITORY = Kind("inhibitory", "v", 15.0)
PROJECTION = Kind("projection", "D", 26.0)
MICROGLIA = Kind("microglia", "*", 46.0)
ASTROCYTE = Kind("astrocyte", "P", 28.0)


def field_label(field: str) -> str:
    """The name of a chemical's map with its unit, for people."""
    return f"{NAMES.get(field, field.replace('_', ' '))} ({UNITS.get(FIELDS[field], FIELDS[field])})"


def upper(horn: DorsalHorn, field: str) -> float:
    """The level of a map that only one cell in a hundred exceeds: a lone hot spot shall not pale the rest."""
    return float(np.percentile(horn.cells.columns[field], HIGH_PERCENTILE))


class Ranges:
    """What each map's colours span, in its unit: set by the healthy slice; the upper end only ever rises."""

    def __init__(self, horn: DorsalHorn):
        self.spans: dict[str, tuple[float, float]] = {}
        for name in FIELDS:
            healthy = upper(horn, name)
            low = max(healthy, LEAST_LEVEL)
            self.spans[name] = (low, LEAST_RATIO * low) if name in PEAKED else (0.0, GROWTH * healthy or 1.0)

    def follow(self, horn: DorsalHorn) -> None:
        """Make room for what has risen."""
        for name, (low, high) in self.spans.items():
            self.spans[name] = (low, max(high, upper(horn, name)))

    def __getitem__(self, field: str) -> tuple[float, float]:
        return self.spans[field]


def draw_slice(
    horn: DorsalHorn, field: str, span: tuple[float, float], layers: Collection[str] = LAYERS
) -> Figure:
    """The slice as it is now.

    Args:
        horn: The model.
        field: Which map, one of `dorsalhorn.model.chemistry.FIELDS`.
        span: What the map's colours span, in the field's unit (`Ranges`).
        layers: Which cells are drawn, of `LAYERS`.
    """
    with style.talk():
        figure = Figure(figsize=(SLICE_IN, HEIGHT_IN))
        deep = max(bottom for _, bottom in horn.sheet.bands.values())
        wide = horn.parameters.slice_width
        ax = figure.add_axes((LEFT_IN / SLICE_IN, 1.58 / HEIGHT_IN, WIDE_IN / SLICE_IN, 4.34 / HEIGHT_IN))
        ax.set(xlim=(0.0, wide), ylim=(deep, 0.0))
        maps = horn.cells.columns[field].reshape(horn.sheet.columns, horn.sheet.rows).T
        extent = (0.0, horn.sheet.columns * horn.sheet.cell_um, horn.sheet.rows * horn.sheet.cell_um, 0.0)
        norm = LogNorm(*span, clip=True) if field in PEAKED else Normalize(*span)
        colours: dict[str, Any] = {"cmap": FIELD_COLOURS, "norm": norm}
        image = ax.imshow(maps, extent=extent, aspect="auto", interpolation="bilinear", zorder=0, **colours)
        _laminae(ax, horn)
        firing, state = PowerNorm(ROOT, 0.0, TOP_HZ), Normalize(0.0, 1.0)
        if "astrocytes" in layers:
            _glia(ax, horn, "astrocytes", "reactivity", ASTROCYTE, state)
        if "neurons" in layers:
            _neurons(ax, horn, firing)
        if "microglia" in layers:
            _glia(ax, horn, "microglia", "activation", MICROGLIA, state)
        _skin(ax, horn)
        _bars(figure, image, field, firing, state)
        _key(figure)
        heading(figure, "The slice", f"day {horn.time_d:.1f}")
    return figure


def _laminae(ax: Axes, horn: DorsalHorn) -> None:
    bands = horn.sheet.bands
    for _, bottom in list(bands.values())[:-1]:
        ax.axhline(bottom, color=style.INK, lw=0.9, ls=(0, (4, 3)), alpha=0.65, zorder=1)
    ax.set_yticks([(top + bottom) / 2 for top, bottom in bands.values()], list(bands), fontweight="bold")
    ax.set_ylabel("lamina, from the surface down", labelpad=6)
    ax.set_xlabel("\N{MICRO SIGN}m from medial to lateral", labelpad=1)
    ax.tick_params(length=0, pad=5)
    for spine in ax.spines.values():
        spine.set_visible(True)


def _dots(
    ax: Axes, kind: Kind, x: np.ndarray, y: np.ndarray, level: np.ndarray, norm: Normalize, colours: Colormap
) -> PathCollection:
    """Cells of a kind; the busier the darker, the larger and the nearer to the eye."""
    order = np.argsort(level, kind="stable")
    shade = np.asarray(norm(np.clip(level[order], 0.0, norm.vmax)), dtype=float)
    return ax.scatter(
        x[order],
        y[order],
        s=kind.size * (1.0 + 1.3 * shade),
        c=colours(shade),
        marker=kind.marker,
        edgecolors=OUTLINES(shade),
        linewidths=0.5,
        clip_on=False,
        zorder=3,
    )


def _neurons(ax: Axes, horn: DorsalHorn, norm: Normalize) -> None:
    n = horn.neurons
    groups = (
        (EXCITATORY, (n.inhibitory == 0) & (n.projection == 0)),
        (INHIBITORY, n.inhibitory == 1),
        (PROJECTION, n.projection == 1),
    )
    for kind, chosen in groups:
        _dots(ax, kind, n.x_um[chosen], n.y_um[chosen], n.rate_hz[chosen], norm, FIRING_COLOURS)


def _glia(ax: Axes, horn: DorsalHorn, name: str, column: str, kind: Kind, norm: Normalize) -> None:
    cells = horn.populations[name]
    place, who = cells.living("cell"), cells.living("uid")
    # glia are placed by grid cell: shown at a fixed spot of their own inside it
    x = (place // horn.sheet.rows + 0.1 + 0.8 * ((who * 0.7548777) % 1.0)) * horn.sheet.cell_um
    y = (place % horn.sheet.rows + 0.1 + 0.8 * ((who * 0.5698403) % 1.0)) * horn.sheet.cell_um
    _dots(ax, kind, x, y, cells.living(column), norm, GLIA_COLOURS)


def _skin(ax: Axes, horn: DorsalHorn) -> None:
    """The skin map as a strip along the surface, with the injured site: filled while the injury drives it."""
    wide, across = horn.parameters.slice_width, ax.get_xaxis_transform()
    foot, tall = 1.022, 0.032
    strip: dict[str, Any] = {"transform": across, "clip_on": False}
    ax.add_patch(
        Rectangle((0.0, foot), wide, tall, facecolor="#f4e6dc", edgecolor=style.MUTED, lw=0.7, **strip)
    )
    above = foot + tall + 0.014
    words: dict[str, Any] = {"transform": across, "fontsize": 10, "va": "bottom", "color": style.MUTED}
    ax.text(0.0, above, "skin map: toes", ha="left", **words)
    ax.text(wide, above, "thigh", ha="right", **words)
    names = []
    for s in injuries(horn):
        low, high = s.site
        now, kind = horn.time_d, s.kind.replace("_", " ")
        active = s.start_d <= now + DAY_EPSILON and now < s.cause_ends_d - DAY_EPSILON
        fill = style.VERMILLION if active else "none"
        mark: dict[str, Any] = {"facecolor": fill, "edgecolor": style.VERMILLION, "lw": 1.8, "zorder": 5}
        ax.add_patch(Rectangle((low * wide, foot), (high - low) * wide, tall, **mark, **strip))
        tense = "now" if active else ("to come" if now < s.start_d else "its cause has gone")
        names.append((0.5 * (low + high) * wide, f"{kind}: {tense}"))
    if not names:
        names = [(0.5 * wide, "no injury")]
    for x, text in names:
        ax.text(x, above, text, ha="center", **words | {"color": style.VERMILLION, "fontsize": 11})


def _bars(figure: Figure, image: AxesImage, field: str, firing: Normalize, state: Normalize) -> None:
    """Three colour bars side by side, each with its unit."""
    label = field_label(field).replace(")", ", log)") if field in PEAKED else field_label(field)
    low, high = image.get_clim()
    steps: Locator = MaxNLocator(MOST_TICKS)
    if field in PEAKED:
        steps = LogLocator(subs=(1.0, 2.0, 5.0) if (high or 1.0) < FEW_DECADES * (low or 1.0) else (1.0,))
    shown = (
        (image, label, steps),
        (ScalarMappable(firing, FIRING_COLOURS), "neurons: firing (Hz)", FixedLocator([0, 1, 5, 10, 20])),
        (ScalarMappable(state, GLIA_COLOURS), "glia: activation, reactivity", FixedLocator([0, 0.5, 1])),
    )
    wide, gap = 2.03, 0.37
    for i, (mappable, text, ticks) in enumerate(shown):
        x = LEFT_IN + i * (wide + gap)
        ax = figure.add_axes((x / SLICE_IN, 0.28 / HEIGHT_IN, wide / SLICE_IN, 0.15 / HEIGHT_IN))
        bar = figure.colorbar(mappable, cax=ax, orientation="horizontal", ticks=ticks)
        bar.ax.xaxis.set_minor_locator(NullLocator())
        bar.ax.xaxis.set_major_formatter(FuncFormatter(lambda level, _: f"{level:g}"))
        bar.outline.set_linewidth(0.6)
        ax.tick_params(length=0, pad=3, labelsize=10)
        ax.set_title(text, loc="left", fontsize=10, pad=4)


def _key(figure: Figure) -> None:
    """What the shapes mean."""
    marks = []
    for kind in (EXCITATORY, INHIBITORY, PROJECTION, MICROGLIA, ASTROCYTE):
        colour = GLIA_COLOURS(0.55) if kind in (MICROGLIA, ASTROCYTE) else FIRING_COLOURS(0.45)
        size = 1.5 * kind.size**0.5
        name = f"{kind.name} neuron" if kind is PROJECTION else kind.name
        mark = Line2D([], [], ls="", marker=kind.marker, markersize=size, color=colour, label=name)
        mark.set(markeredgecolor="#3a4152", markeredgewidth=0.5)
        marks.append(mark)
    centre = (LEFT_IN + WIDE_IN / 2) / SLICE_IN
    figure.legend(
        handles=marks,
        loc="center",
        bbox_to_anchor=(centre, 0.93 / HEIGHT_IN),
        ncols=5,
        frameon=False,
        fontsize=10.5,
        handletextpad=0.2,
        columnspacing=1.5,
    )
