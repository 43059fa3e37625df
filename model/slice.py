"""The slice: grid, laminae, and the populations that live in them.

A 2-D sheet, medial to lateral by dorsal to ventral; the third dimension (the slice's depth) counts
only in how many cells there are.  Numbers scale with the scenario's `scale`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import mesa
import numpy as np
from mesa.discrete_space import OrthogonalMooreGrid

from ..agents.afferent import Afferent
from ..agents.astrocyte import Astrocyte
from ..agents.curves import saturate
from ..agents.engine import Cells, Parameters, Population
from ..agents.microglia import Microglia
from ..agents.neuron import Neuron
from ..agents.receptor import GLUN2A, GLUN2B, GLUN2D, NMDAReceptor
from .anatomy import LAMINAE, Anatomy
from .chemistry import FIELDS


@dataclass
class Sheet:
    """The grid in micrometres."""

    columns: int
    rows: int
    cell_um: float
    bands: dict[str, tuple[float, float]]
    """top and bottom of each lamina"""

    def cell_at(self, x_um: np.ndarray, y_um: np.ndarray) -> np.ndarray:
        """Flat index of the grid cells at these places."""
        i = np.clip((np.asarray(x_um) / self.cell_um).astype(np.int64), 0, self.columns - 1)
        j = np.clip((np.asarray(y_um) / self.cell_um).astype(np.int64), 0, self.rows - 1)
        return i * self.rows + j

    def place_of(self, cell: np.ndarray) -> np.ndarray:
        """Place of grid cells on the skin map, 0 medial to 1 lateral."""
        return np.asarray((cell // self.rows + 0.5) / self.columns)

    @property
    def volume_mm3(self) -> float:
        """Area of the laminae in mm2 (times the depth in mm gives the volume)."""
        return self.columns * self.cell_um * max(b for _, b in self.bands.values()) * 1e-6


def lay_out(anatomy: Anatomy, p: Parameters) -> Sheet:
    """Grid dimensions and laminar bands."""
    bands, top = {}, 0.0
    for lamina in anatomy.laminae:
        bands[lamina.name] = (top, top + lamina.thickness_um)
        top += lamina.thickness_um
    return Sheet(math.ceil(p.slice_width / p.slice_cell), math.ceil(top / p.slice_cell), p.slice_cell, bands)


def make_grid(model: mesa.Model, sheet: Sheet) -> tuple[OrthogonalMooreGrid, Cells]:
    """Mesa's grid with one property layer for each chemical."""
    grid = OrthogonalMooreGrid((sheet.columns, sheet.rows), torus=False, random=model.random)
    for name in FIELDS:
        grid.create_property_layer(name, 0.0)
    return grid, Cells(grid)


def even(rng: np.random.Generator, n: int) -> np.ndarray:
    """`n` places in 0..1, evenly spread with a jitter, so that no stretch of the map stays empty."""
    return np.asarray((np.arange(n) + rng.random(n)) / n)


def make_afferents(
    model: mesa.Model,
    anatomy: Anatomy,
    sheet: Sheet,
    cells: Cells,
    scale: float,
    p: Parameters,
    rng: np.random.Generator,
) -> Population:
    """Fibres of every class along the skin map."""
    parts = []
    for kind, c in enumerate(anatomy.fibres):
        n = max(2, round(c.fibres * scale))
        skin = even(rng, n)
        top, bottom = sheet.bands[c.lamina]
        speed = c.conduction_m_per_s * np.exp(c.conduction_spread * rng.standard_normal(n))
        parts.append(
            {
                "kind": np.full(n, kind),
                "peptidergic": np.full(n, float(c.peptidergic)),
                "skin": skin,
                "threshold_g": c.threshold_g * np.exp(c.threshold_spread * rng.standard_normal(n)),
                "max_hz": np.full(n, c.max_hz),
                "resting_hz": np.full(n, c.resting_hz),
                "depression": np.full(n, c.depression),
                "facilitation_step": np.full(n, c.facilitation),
                "latency_ms": p.afferent_path / speed,
                "cell": sheet.cell_at(skin * p.slice_width, np.full(n, 0.5 * (top + bottom))),
            }
        )
    values: dict[str, Any] = {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}
    return Population(model, Afferent, len(values["kind"]), links={"cell": cells}, **values)


def apportion(n: int, shares: list[float]) -> np.ndarray:
    """Whole numbers that add up to `n` in proportion to the shares."""
    ends = np.rint(np.cumsum(shares) / sum(shares) * n).astype(np.int64)
    return np.diff(ends, prepend=0)


def make_neurons(
    model: mesa.Model,
    anatomy: Anatomy,
    sheet: Sheet,
    cells: Cells,
    scale: float,
    p: Parameters,
    rng: np.random.Generator,
) -> Population:
    """Neurons of every group, each in its lamina."""
    parts = []
    lamina_of = {lamina.name: lamina for lamina in anatomy.laminae}
    for index, g in enumerate(anatomy.groups):
        least = int(p.slice_projection_minimum) if g.projection and g.lamina == "I" else 1
        n = max(least, round(lamina_of[g.lamina].neurons * g.share * scale))
        top, bottom = sheet.bands[g.lamina]
        x, y = even(rng, n) * p.slice_width, rng.uniform(top, bottom, n)
        names = [f.name for f in anatomy.firings]
        firing = np.repeat([names.index(f) for f in g.firing], apportion(n, list(g.firing.values())))
        rng.shuffle(firing)
        fires = [anatomy.firings[k] for k in firing]
        nk1 = (rng.random(n) < g.nk1).astype(float)
        own_mv = p.membrane_threshold_spread * rng.standard_normal(n)
        # a cell's excitability shifts threshold and reset together, so that its class stays what it is
        parts.append(
            {
                "group": np.full(n, index),
                "lamina": np.full(n, LAMINAE.index(g.lamina) + 1),
                "inhibitory": np.full(n, int(g.inhibitory)),
                "projection": np.full(n, int(g.projection)),
                "nk1_receptor": nk1,
                "firing": firing,
                "adaptation_step_ns": np.array([f.adaptation_ns for f in fires]),
                "adaptation_ms": np.array([f.adaptation_ms for f in fires]),
                "subthreshold_ns": np.array([f.subthreshold_ns for f in fires]),
                "a_type_max_ns": np.array([f.a_type_ns for f in fires]),
                "a_type_ns": np.array([f.a_type_ns for f in fires]),
                "slow_potassium_max_ns": np.array([f.slow_potassium_ns for f in fires]),
                "plateau_ns": np.full(n, g.plateau_ns),
                "rest_mv": p.membrane_rest + np.array([f.depolarised_mv for f in fires]),
                "reset_mv": p.membrane_reset + own_mv + np.array([f.after_potential_mv for f in fires]),
                "threshold_mv": p.membrane_threshold + own_mv,
                "x_um": x,
                "y_um": y,
                "cell": sheet.cell_at(x, y),
            }
        )
    values: dict[str, Any] = {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}
    n = len(values["group"])
    return Population(
        model,
        Neuron,
        n,
        links={"cell": cells},
        place=True,
        v_mv=values["rest_mv"],
        chloride_reversal_mv=np.full(n, p.chloride_healthy),
        **values,
    )


def make_glia(
    model: mesa.Model, sheet: Sheet, cells: Cells, scale: float, p: Parameters, rng: np.random.Generator
) -> tuple[Population, Population]:
    """Microglia and astrocytes at their healthy densities."""
    made = []
    for kind, density in ((Microglia, p.slice_microglia_density), (Astrocyte, p.slice_astrocyte_density)):
        n = max(4, round(density * sheet.volume_mm3 * p.slice_depth * 1e-3 * scale))
        deepest = max(b for _, b in sheet.bands.values())
        cell = sheet.cell_at(even(rng, n) * p.slice_width, rng.uniform(0.0, deepest, n))
        made.append(Population(model, kind, n, links={"cell": cells}, place=True, cell=cell))
    return made[0], made[1]


SUBUNITS = (GLUN2A, GLUN2B, GLUN2D)


def subunit_shares(p: Parameters) -> tuple[float, float, float]:
    """Share of GluN2A, GluN2B and GluN2D among receptors built."""
    return p.nmdar_share_2a, 1.0 - p.nmdar_share_2a - p.nmdar_share_2d, p.nmdar_share_2d


def share_at_surface(p: Parameters) -> float:
    """Share of a healthy neuron's receptors that are at its surface."""
    return float(p.receptor_insertion_rate / (p.receptor_insertion_rate + p.receptor_internalisation_rate))


def healthy_complement(p: Parameters) -> float:
    """Summed conductance of the receptors of a healthy neuron with the block off: the unit of its table."""
    serine = p.phosphorylation_serine_basal / (p.phosphorylation_serine_basal + p.phosphorylation_serine_loss)
    each = (
        (p.nmdar_conductance_2a, p.coagonist_half_2a),
        (p.nmdar_conductance_2b, p.coagonist_half_2b),
        (p.nmdar_conductance_2d, p.coagonist_half_2d),
    )
    mean = sum(
        share * unit * saturate(p.d_serine_release + p.coagonist_glycine, half)
        for share, (unit, half) in zip(subunit_shares(p), each, strict=True)
    )
    return float(
        p.receptors_per_neuron * share_at_surface(p) * mean * (1.0 + p.phosphorylation_gating_gain * serine)
    )


def make_receptors(
    model: mesa.Model, neurons: Population, cells: Cells, p: Parameters, rng: np.random.Generator
) -> Population:
    """The receptors of a healthy slice, in neuron order."""
    each = int(p.receptors_per_neuron)
    host = np.repeat(np.arange(len(neurons)), each)
    n = host.size
    return Population(
        model,
        NMDAReceptor,
        n,
        links={"neuron": neurons, "cell": cells},
        neuron=host,
        cell=neurons.cell[host],
        uid=host * UID_STRIDE + np.tile(np.arange(each), len(neurons)),
        subunit=rng.choice(SUBUNITS, size=n, p=subunit_shares(p)),
        surface=(rng.random(n) < share_at_surface(p)).astype(int),
        age_d=rng.exponential(1.0 / p.receptor_degradation_rate, n),
    )


UID_STRIDE = 1_000_000
"""receptors of a neuron are numbered from its number times this, so a birth elsewhere moves no one's luck"""
