"""The pictures of the browser page, drawn from a running model: the slice as it is now, and its course so far.

`app.py` shows them.  Everything is read from the arrays of the populations; nothing here changes the model.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ..analysis import style
from ..analysis.axes import grams_axis, rate_axis
from ..analysis.cascade import State
from ..analysis.labels import EndLabel, label_ends
from ..analysis.panels import row_top
from ..analysis.words import number, percent
from ..model.chemistry import FIELDS

if TYPE_CHECKING:
    from ..model.dorsalhorn import DorsalHorn
    from ..model.scenario import Stimulus

DPI = 110
HEIGHT_IN, SLICE_IN, COURSES_IN = 6.75, 7.8, 6.9
NAMES = {
    "atp": "ATP",
    "csf1": "CSF1",
    "tnf": "TNF",
    "il1b": "IL-1\N{GREEK SMALL LETTER BETA}",
    "bdnf": "BDNF",
    "substance_p": "substance P",
    "d_serine": "D-serine",
    "clearance": "glutamate clearance",
    "activity": "firing of the surroundings",
}
UNITS = {"uM": "\N{MICRO SIGN}M", "1": "relative"}
LAYERS = ("neurons", "microglia", "astrocytes")
FIRST_SPAN_D = (7.0, 14.0, 28.0, 42.0, 56.0)
"""the time axis grows in these steps, so that a young run does not cling to the left edge"""
GRAMS = (0.4, 1.0, 4.0, 15.0)
TOP_HZ, GROWTH, PEAK_GROWTH, ROOT = 20.0, 1.5, 4.0, 0.5
PEAKED = ("substance_p", "atp", "csf1", "nitric_oxide", "peroxynitrite", "activity")
"""maps with steep peaks over a low ground: their colours follow the square root"""
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


def field_label(field: str) -> str:
    """The name of a chemical's map with its unit, for people."""
    return f"{NAMES.get(field, field.replace('_', ' '))} ({UNITS.get(FIELDS[field], FIELDS[field])})"


def injuries(horn: DorsalHorn) -> list[Stimulus]:
    """The stimuli that drive or damage fibres (not sham, not nerve blocks)."""
    return [s for s in horn.scenario.stimuli if not s.drive.silences and _harms(s)]


def _harms(stimulus: Stimulus) -> bool:
    drive = stimulus.drive
    rates = (drive.c_hz, drive.a_delta_hz, drive.a_beta_hz, drive.inflammation, drive.nerve_injury)
    return stimulus.intensity > 0.0 and any(rates)


class Tops:
    """The upper end of each map's colours: well above its healthy peak at first, and never coming down."""

    def __init__(self, horn: DorsalHorn):
        self.tops = {}
        for name in FIELDS:
            growth = PEAK_GROWTH if name in PEAKED else GROWTH
            self.tops[name] = growth * float(horn.cells.columns[name].max()) or 1.0

    def follow(self, horn: DorsalHorn) -> None:
        """Make room for what has risen."""
        for name in FIELDS:
            self.tops[name] = max(self.tops[name], float(horn.cells.columns[name].max()))

    def __getitem__(self, field: str) -> float:
        return self.tops[field]


# ---------------------------------------------------------------------------------------- the slice
def draw_slice(horn: DorsalHorn, field: str, top: float, layers: Collection[str] = LAYERS) -> Figure:
    """The slice as it is now: a chemical's map, the laminae, and each cell by what it does.

    Args:
        horn: The model.
        field: Which map, one of `dorsalhorn.model.chemistry.FIELDS`.
        top: Upper end of the map's colours, in the field's unit.
        layers: Which cells are drawn, of `LAYERS`.
    """
    with style.talk():
        figure = Figure(figsize=(SLICE_IN, HEIGHT_IN))
        deep = max(bottom for _, bottom in horn.sheet.bands.values())
        wide = horn.parameters.slice_width
        ax = figure.add_axes((0.72 / SLICE_IN, 1.58 / HEIGHT_IN, 6.83 / SLICE_IN, 4.34 / HEIGHT_IN))
        ax.set(xlim=(0.0, wide), ylim=(deep, 0.0))
        maps = horn.cells.columns[field].reshape(horn.sheet.columns, horn.sheet.rows).T
        extent = (0.0, horn.sheet.columns * horn.sheet.cell_um, horn.sheet.rows * horn.sheet.cell_um, 0.0)
        colours: dict[str, Any] = {"cmap": FIELD_COLOURS, "norm": PowerNorm(ROOT if field in PEAKED else 1.0, 0.0, top)}
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
        _bars(figure, image, field_label(field), firing, state)
        _key(figure)
        _title(figure, "The slice", f"day {horn.time_d:.1f}")
    return figure


def _title(figure: Figure, left: str, right: str = "") -> None:
    high = 1 - 0.22 / HEIGHT_IN
    figure.text(0.012, high, left, fontsize=14, fontweight="bold", va="center")
    figure.text(0.985, high, right, fontsize=13, va="center", ha="right")


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


def _bars(figure: Figure, image: Any, label: str, firing: Normalize, state: Normalize) -> None:
    """Three colour bars side by side, each with its unit."""
    from matplotlib.cm import ScalarMappable

    shown = (
        (image, label, None),
        (ScalarMappable(firing, FIRING_COLOURS), "neurons: firing (Hz)", [0, 1, 5, 10, 20]),
        (ScalarMappable(state, GLIA_COLOURS), "glia: activation, reactivity", [0, 0.5, 1]),
    )
    wide, gap = 2.03, 0.37
    for i, (mappable, text, ticks) in enumerate(shown):
        x = 0.72 + i * (wide + gap)
        ax = figure.add_axes((x / SLICE_IN, 0.28 / HEIGHT_IN, wide / SLICE_IN, 0.15 / HEIGHT_IN))
        bar = figure.colorbar(mappable, cax=ax, orientation="horizontal", ticks=ticks)
        if ticks is None:
            ax.xaxis.get_major_locator().set_params(nbins=4)
        bar.outline.set_linewidth(0.6)  # type: ignore[operator]
        ax.tick_params(length=0, pad=3, labelsize=10)
        ax.set_title(text, loc="left", fontsize=10.5, pad=4)


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
    centre = (0.72 + 6.83 / 2) / SLICE_IN
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


# -------------------------------------------------------------------------------------- the course
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
        _threshold(axes[1], ts, float(naive["withdrawal_threshold_g"]))
        _states(axes[2], ts, naive)
        captions = (
            "Spikes in and out",
            "The touch that makes the paw withdraw",
            "States of the cascade (dashes: start)",
        )
        for ax, caption in zip(axes, captions, strict=True):
            ax.set_title(caption, loc="left", fontsize=11, color=style.MUTED, pad=4)
            ax.tick_params(axis="x", length=3, pad=3, labelbottom=ax is axes[-1])
        axes[-1].set_xlabel("days", labelpad=2)
        _title(figure, "Its course so far")
        _window_key(figure, horn)
    return figure


def naive_values(horn: DorsalHorn) -> pd.Series:
    """Median of every record before the first injury (without one, of the first day): the run's own baseline."""
    start = min((s.start_d for s in injuries(horn)), default=1.0)
    rows = [r for r in horn.records if r["time_d"] <= start] or horn.records[:1]
    return pd.DataFrame(rows).median()


def _windows(ax: Axes, horn: DorsalHorn, shown: float) -> None:
    """Shade the injuries; rule off what else is done to the slice."""
    for s in injuries(horn):
        ax.axvspan(s.start_d, min(s.cause_ends_d, shown), color=style.INJURY, alpha=0.55, lw=0, zorder=0)
    for deed in _deeds(horn):
        for day in (deed.start_d, deed.stop_d):
            if 0.0 < day < shown:
                ax.axvline(day, color=style.PURPLE, lw=0.9, ls=(0, (3, 3)), zorder=0.5)


def _deeds(horn: DorsalHorn) -> Sequence[Any]:
    """Knock-outs, treatments and clamps of the scenario."""
    return (*horn.scenario.overrides, *horn.scenario.courses, *horn.scenario.clamps)


def _window_key(figure: Figure, horn: DorsalHorn) -> None:
    marks: list[Any] = []
    if injuries(horn):
        marks.append(Rectangle((0, 0), 1, 1, color=style.INJURY, alpha=0.55, label="injury"))
    if _deeds(horn):
        marks.append(Line2D([], [], color=style.PURPLE, lw=0.9, ls=(0, (3, 3)), label="treatment, clamp"))
    if marks:
        spot = (1.0, 1 - 0.22 / HEIGHT_IN)
        figure.legend(
            handles=marks, loc="center right", bbox_to_anchor=spot, ncols=2, frameon=False, fontsize=10.5
        )


def _drive(ax: Axes, ts: pd.DataFrame) -> None:
    drive = ts["afferent_drive_hz"]
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
    grams = ts["withdrawal_threshold_g"]
    grams_axis(ax, [grams], "withdrawal\nthreshold (g)")
    ax.set_yticks(GRAMS)
    ax.axhline(naive, color=style.GREEN, lw=1.1)
    ax.axhline(0.5 * naive, color=style.VERMILLION, lw=1.0, ls=(0, (4, 3)))
    ax.plot(ts.index, grams, color=style.INK, lw=1.9, marker="o", markersize=4 if len(ts) < 3 else 0)
    edge = float(ax.get_xlim()[1])
    labels = [
        EndLabel(edge, naive, f"naive {number(naive)} g", style.GREEN),
        EndLabel(edge, 0.5 * naive, "half of naive", style.VERMILLION),
        EndLabel(edge, float(grams.iloc[-1]), f"now {number(grams.iloc[-1])} g", style.INK),
    ]
    label_ends(ax, labels, size=10.5)


def _states(ax: Axes, ts: pd.DataFrame, naive: pd.Series) -> None:
    """One row a state: its course from the row's foot, its value at the start dashed, its value now beside it."""
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
