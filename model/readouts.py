"""The columns of a run's time series: each defined once, with unit and meaning.

Laboratory columns come from `Laboratory.measure`; the others are read off the state here.  Read-outs may
average over populations; rules may not.  `_relative` columns are relative to the start of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..agents.curves import magnesium_pull, magnesium_unblock
from .horn import Horn


class Readout(NamedTuple):
    """One column: how it is named, its unit, its meaning, and how it is read (None: by the laboratory)."""

    name: str
    unit: str
    doc: str
    read: Callable[[Horn], float] | None = None
    relative: bool = False
    """reported relative to its value at the start of the run"""


REPORT_MV = -60.0


def _mean(population: str, column: str) -> Callable[[Horn], float]:
    return lambda m: float(getattr(m, population).living(column).mean())


def _field(name: str) -> Callable[[Horn], float]:
    return lambda m: float(m.cells.columns[name].mean())


def _superficial(name: str) -> Callable[[Horn], float]:
    return lambda m: float(m.cells.columns[name][m.superficial].mean())


def _excitatory(column: str) -> Callable[[Horn], float]:
    return lambda m: float(getattr(m.neurons, column)[m.neurons.inhibitory == 0].mean())


def _surface(column: str) -> Callable[[Horn], float]:
    def read(m: Horn) -> float:
        r = m.receptors
        up = (r.surface == 1) & r.alive
        return float(r.columns[column][up].mean()) if up.any() else 0.0

    return read


def _unblocked(m: Horn) -> float:
    p, r = m.parameters, m.receptors
    up = (r.surface == 1) & r.alive
    if not up.any():
        return 0.0
    pull = magnesium_pull(REPORT_MV, p.nmdar_block_slope)
    free: Any = magnesium_unblock(pull, p.nmdar_magnesium, p.nmdar_block_half * r.block[up])
    weight = r.conductance[up]
    return float(np.average(free, weights=weight)) if weight.sum() > 0 else float(free.mean())


def _drive(m: Horn) -> float:
    inside = np.abs(m.afferents.skin - m.laboratory.site) <= 0.5 * m.site_width
    return float(m.afferents.rate_hz[inside].mean())


COLUMNS: tuple[Readout, ...] = (
    Readout("afferent_drive_hz", "Hz", "mean ongoing discharge of the afferents of the test site", _drive),
    Readout("withdrawal_threshold_g", "g", "von Frey threshold by the up-down method at the test site"),
    Readout(
        "spontaneous_hz",
        "Hz",
        "output of lamina I projection neurons without a stimulus",
        lambda m: float(m.neurons.rate_hz[m.laboratory.lamina_1].mean()),
    ),
    Readout("brush_hz", "Hz", "output to brushing the test site"),
    Readout("pinch_hz", "Hz", "output to pinching the test site"),
    Readout("afterdischarge_s", "s", "time that the output outlasts a pinch"),
    Readout(
        "receptive_field_um", "um", "width of the map from which a firm touch reaches the test site's output"
    ),
    Readout("substance_p_nm", "nM", "substance P, laminae I-II", _superficial("substance_p")),
    Readout("glutamate_um", "uM", "ambient glutamate, mean of the slice", _field("glutamate")),
    Readout("d_serine_um", "uM", "D-serine, mean of the slice", _field("d_serine")),
    Readout("nmdar_total", "1", "NMDA receptors in the slice", lambda m: float(len(m.receptors))),
    Readout(
        "nmdar_surface",
        "1",
        "NMDA receptors at the surface",
        lambda m: float(m.receptors.living("surface").sum()),
    ),
    Readout(
        "nmdar_phosphorylated_fraction",
        "1",
        "surface receptors phosphorylated at the PKC sites",
        _surface("serine"),
    ),
    Readout("nmdar_nitrated_fraction", "1", "surface receptors nitrated", _surface("nitrated")),
    Readout("nmdar_unblocked_fraction", "1", "surface conductance free of magnesium at -60 mV", _unblocked),
    Readout("calcium_nm", "nM", "mean calcium of neurons", _mean("neurons", "calcium_nm")),
    Readout(
        "kinase_activity", "1", "activity of PKC, PKA and CaMKII in excitatory neurons", _excitatory("kinase")
    ),
    Readout(
        "alpha2delta1_relative",
        "1",
        "alpha-2-delta-1 of the horn, neurons and terminals, relative to the start",
        lambda m: float(0.5 * (m.neurons.alpha2delta1.mean() + m.afferents.alpha2delta1.mean())),
        True,
    ),
    Readout(
        "ampa_weight_relative",
        "1",
        "AMPA weight of excitatory neurons, relative to the start",
        _excitatory("ampa_weight"),
        True,
    ),
    Readout("chloride_reversal_mv", "mV", "mean chloride reversal", _mean("neurons", "chloride_reversal_mv")),
    Readout("microglia_count", "1", "microglia in the slice", lambda m: float(len(m.microglia))),
    Readout("microglia_activation", "1", "mean activation of microglia", _mean("microglia", "activation")),
    Readout("microglia_resolving", "1", "mean resolving state of microglia", _mean("microglia", "resolving")),
    Readout("tnf_relative", "1", "TNF relative to the start", _field("tnf"), True),
    Readout("il1b_relative", "1", "IL-1 beta relative to the start", _field("il1b"), True),
    Readout("bdnf_relative", "1", "BDNF relative to the start", _field("bdnf"), True),
    Readout("astrocyte_reactivity", "1", "mean reactivity of astrocytes", _mean("astrocytes", "reactivity")),
    Readout(
        "glt1_relative",
        "1",
        "working glutamate transport relative to the start",
        _mean("astrocytes", "glt1"),
        True,
    ),
    Readout(
        "mitochondrial_damage",
        "1",
        "mean damage of neuronal mitochondria",
        _mean("neurons", "mitochondrial_damage"),
    ),
    Readout("atp_relative", "1", "neuronal ATP relative to the start", _mean("neurons", "atp"), True),
    Readout(
        "superoxide_relative", "1", "superoxide relative to the start", _mean("neurons", "superoxide"), True
    ),
    Readout(
        "nitric_oxide_relative",
        "1",
        "nitric oxide relative to the start",
        _mean("neurons", "nitric_oxide"),
        True,
    ),
    Readout(
        "peroxynitrite_relative",
        "1",
        "peroxynitrite relative to the start",
        _mean("neurons", "peroxynitrite"),
        True,
    ),
    Readout("mnsod_active_fraction", "1", "active share of MnSOD", _mean("neurons", "mnsod_active")),
    Readout(
        "opioid_tone", "1", "constitutive opioid tone on the afferents", _mean("afferents", "opioid_tone")
    ),
)
