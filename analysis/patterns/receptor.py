"""P01-P04: the NMDA receptor under voltage clamp, by the receptors of single neurons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...agents.receptor import GLUN2A, GLUN2B, GLUN2D
from ...model.patch_clamp import PatchClamp
from ...scenarios.patterns import published
from .protocol import Preparation, Values, protocol

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

SUBUNITS = {"2a": GLUN2A, "2b": GLUN2B, "2d": GLUN2D}
SMALL = ("slice.scale=0.01", "slice.receptors_per_neuron=50")
"""few neurons, but many receptors each: one neuron's are the whole sample"""


@protocol("P01")
def magnesium_block(slice: Preparation) -> Values:
    """Current-voltage relation of one neuron over the published grid of voltages and magnesium."""
    cells = pd.read_csv(published("patterns/P01_nmda_mg_block.csv"))
    horn = slice.horn("naive", *SMALL, "parameters.nmdar.share_2d=0.0")
    rig = PatchClamp(horn, richest(horn))
    off = np.abs(_unblocked(rig, cells) - cells.unblocked_fraction.to_numpy())
    return {
        "worst_cell": float(off.max()),
        "half_block_mm": _half_block(rig, slice.numbers["half_at_mv"]),
        "table_error": _table_error(rig, slice.numbers["step_mv"]),
    }


@protocol("P02")
def unblock_in_time(slice: Preparation) -> Values:
    """NMDA current after a jump of the voltage at several times after glutamate, APV's rest subtracted."""
    horn = slice.horn("naive", 'parameters.epoch.step="0.1 ms"')
    rows = richest(horn)
    rig, neuron = PatchClamp(horn, rows), int(horn.receptors.neuron[rows[0]])
    n, step_ms = slice.numbers, horn.parameters.epoch_step
    shares, times = [], []
    for delay_ms in (n["first_ms"], n["second_ms"], n["third_ms"], n["last_ms"]):
        jump = (neuron, n["from_mv"], n["to_mv"], delay_ms, n["watched_ms"])
        with rig.bath():
            current = rig.step(*jump)
        with rig.bath(nmdar_conductance=0.0):
            current = current - rig.step(*jump)
        peak = current.max()
        shares.append(current[: round(n["fast_ms"] / step_ms)].max() / peak)
        times.append((np.argmax(current >= n["reached"] * peak) + 1) * step_ms)
    return {"fast_share": float(min(shares)), "fast_time_ms": float(max(times))}


@protocol("P03")
def block_by_subunit(slice: Preparation) -> Values:
    """Half-blocking magnesium at a fixed voltage for the receptors of each subunit."""
    horn = slice.horn("naive", *SMALL)
    half = {
        name: _half_block(PatchClamp(horn, of_subunit(horn, unit)), slice.numbers["at_mv"])
        for name, unit in SUBUNITS.items()
    }
    return {"ratio_2b_2a": half["2b"] / half["2a"], "ratio_2d_2a": half["2d"] / half["2a"]}


@protocol("P04")
def coagonist_curve(slice: Preparation) -> Values:
    """Dose-response to D-serine without glycine; D-serine on top of saturating glycine."""
    horn, n = slice.horn("naive", *SMALL), slice.numbers
    rig = PatchClamp(horn, richest(horn))
    doses = np.geomspace(n["lowest_um"], n["highest_um"], round(n["doses"]))

    def peak(d_serine_um: float, glycine_um: float) -> float:
        with rig.bath(d_serine_um, coagonist_glycine=glycine_um):
            return rig.conductance(n["at_mv"])

    response = np.array([peak(dose, 0.0) for dose in doses]) / peak(n["saturating_um"], 0.0)
    tenth, half, nine_tenths = np.interp([0.1, 0.5, 0.9], response, np.log10(doses))
    saturated = peak(0.0, n["saturating_um"])
    return {
        "ec50_um": float(10.0**half),
        # of a Hill curve: the doses of 10 and 90 % lie 81^(1/n) apart
        "hill": float(np.log10(81.0) / (nine_tenths - tenth)),
        "without_coagonist": peak(0.0, 0.0) / saturated,
        "added_to_saturated": peak(n["added_um"], n["saturating_um"]) / saturated - 1.0,
    }


def richest(horn: DorsalHorn) -> np.ndarray:
    """Rows of the surface receptors of the excitatory interneuron that has most of them."""
    r, neurons = horn.receptors, horn.neurons
    up = r.alive & (r.surface == 1)
    count = np.bincount(r.neuron[up], minlength=len(neurons))
    count[(neurons.inhibitory == 1) | (neurons.projection == 1)] = 0
    return np.flatnonzero(up & (r.neuron == int(np.argmax(count))))


def of_subunit(horn: DorsalHorn, subunit: int) -> np.ndarray:
    """Rows of the surface receptors of one subunit, not phosphorylated, as recombinant ones are studied."""
    r = horn.receptors
    return np.flatnonzero(r.alive & (r.surface == 1) & (r.subunit == subunit) & (r.serine == 0))


def _unblocked(rig: PatchClamp, cells: pd.DataFrame) -> np.ndarray:
    """Share of the conductance that magnesium leaves, for each voltage and concentration."""
    left = np.empty(len(cells))
    for magnesium in np.unique(cells.Mg_out_mM):
        rows = np.flatnonzero(cells.Mg_out_mM == magnesium)
        left[rows] = _block(rig, cells.membrane_potential_mV.to_numpy()[rows], float(magnesium))
    return left


def _block(rig: PatchClamp, voltages: Iterable[float], magnesium_mm: float) -> list[float]:
    with rig.bath(nmdar_magnesium=0.0):
        free = [rig.conductance(v) for v in voltages]
    with rig.bath(nmdar_magnesium=magnesium_mm):
        return [rig.conductance(v) / whole for v, whole in zip(voltages, free, strict=True)]


def _half_block(rig: PatchClamp, v_mv: float) -> float:
    """Magnesium (mM) that halves the conductance at a voltage."""
    low, high = -6.0, 3.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _block(rig, [v_mv], 10.0**middle)[0] > 0.5 else (low, middle)
    return float(10.0**middle)


def _table_error(rig: PatchClamp, step_mv: float) -> float:
    """Largest difference between what the electrical clock reads and the sum over the receptors."""
    from ...model.circuit import TABLE_LOW_MV, TABLE_SIZE, TABLE_STEP_MV

    voltages = np.arange(TABLE_LOW_MV, TABLE_LOW_MV + (TABLE_SIZE - 1) * TABLE_STEP_MV, step_mv)
    with rig.bath(nmdar_magnesium=0.0):
        whole = rig.conductance(0.0)
    with rig.bath():
        exact = np.array([rig.conductance(v) for v in voltages])
        return float(np.abs(rig.table(voltages) - exact).max() / whole)
