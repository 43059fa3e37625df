"""Voltage clamp: the NMDA current of single neurons, as a patch pipette would measure it.

The bath is the experimenter's: magnesium and co-agonist are set, glutamate saturates.  What is measured is
the sum over the neuron's own receptors at the surface; the slice is put back as it was afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..agents.curves import magnesium_pull, magnesium_unblock
from ..agents.membrane import decays
from .circuit import look_up, sum_receptors
from .horn import Horn

Array = np.ndarray
NEVER_MV = 1e6
"""a spike threshold that no step reaches: the clamped cell does not fire"""


class PatchClamp:
    """Measures receptors of one slice.

    Args:
        horn: the slice.
        receptors: rows of the receptors under the pipette; all at the surface if not given.
    """

    def __init__(self, horn: Horn, receptors: Array | None = None):
        self.horn = horn
        living = horn.receptors.alive & (horn.receptors.surface == 1)
        self.rows = np.flatnonzero(living) if receptors is None else receptors

    @contextmanager
    def bath(self, d_serine_um: float | None = None, **parameters: float) -> Iterator[PatchClamp]:
        """The slice in a bath: D-serine everywhere at this level, parameters at these values."""
        horn, p = self.horn, self.horn.parameters
        d_serine, opened = horn.cells.columns["d_serine"], ("conductance", "block", "held_open")
        before = (p.array.copy(), d_serine.copy(), {c: horn.receptors.columns[c].copy() for c in opened})
        p.update(parameters)
        if d_serine_um is not None:
            d_serine[:] = d_serine_um
        horn.receptors.do("open", p)
        try:
            yield self
        finally:
            p.array[:], d_serine[:] = before[0], before[1]
            for name, values in before[2].items():
                horn.receptors.columns[name][:] = values

    def conductance(self, v_mv: float) -> float:
        """Conductance of the receptors clamped at `v_mv`, each with its own block (healthy GluN2A = 1)."""
        p, r = self.horn.parameters, self.horn.receptors
        pull = magnesium_pull(v_mv, p.nmdar_block_slope)
        half: Any = p.nmdar_block_half * r.block[self.rows]
        free = magnesium_unblock(pull, p.nmdar_magnesium, half)
        return float((r.conductance[self.rows] * free).sum())

    def table(self, voltages: Array) -> Array:
        """The same by the neurons' current-voltage tables, which the electrical clock reads."""
        horn = self.horn
        tables, held = np.zeros_like(horn.circuit.tables), np.zeros(len(horn.neurons))
        r = horn.receptors
        sum_receptors(r, self.rows, r.neuron, 1.0, tables, held, horn.parameters)
        neurons = np.unique(r.neuron[self.rows])
        return np.array([sum(look_up(tables, i, v) for i in neurons) for v in voltages])

    def step(self, neuron: int, from_mv: float, to_mv: float, before_ms: float, after_ms: float) -> Array:
        """Current (pA) of one neuron in each electrical step after its voltage jumped, glutamate at time 0.

        Steps `Neuron.integrate` with the voltage put back after every step, as a clamp does; the current is
        what the clamp has to supply.
        """
        horn, p = self.horn, self.horn.parameters
        tables, held = np.zeros_like(horn.circuit.tables), np.zeros(len(horn.neurons))
        sum_receptors(
            horn.receptors, self.rows, horn.receptors.neuron, float(self.rows.size), tables, held, p
        )
        cell = horn.neurons.detached()[neuron]
        cell.excitation_ns = cell.inhibitory_ns = cell.peptide_ns = 0.0
        cell.threshold_mv, cell.refractory_ms = NEVER_MV, 0.0
        cell.nmda_arriving_ns = p.nmdar_synaptic_max
        left = decays(p)
        currents = []
        jump, end = round(before_ms / p.epoch_step), round((before_ms + after_ms) / p.epoch_step)
        for t in range(end):
            held_at = from_mv if t < jump else to_mv
            cell.v_mv = held_at
            cell.unblocked = look_up(tables, neuron, held_at)
            cell.integrate(p, left)
            cell.nmda_arriving_ns = 0.0
            if t >= jump:
                currents.append(p.membrane_capacitance * (held_at - cell.v_mv) / p.epoch_step)
        return np.array(currents)
