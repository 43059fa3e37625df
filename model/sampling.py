"""When to sample the horn's activity anew.

Biology moves in weeks; most ticks an epoch would tell what the last one told.  The last sample stands
while everything the circuit feels - each neighbourhood's receptors, synapses and chloride, each fibre's
discharge - has moved by less than a tolerance since it was taken (heterogeneous multiscale method).
This is numerics: no rule reads it.
"""

from __future__ import annotations

import numpy as np

from .circuit import TABLE_LOW_MV, TABLE_STEP_MV
from .horn import Horn

NEIGHBOURHOODS = 10
"""stretches of the map in which a group of neurons is taken together"""
FELT = ("ampa_weight", "inhibition_gain", "chloride_reversal_mv", "spillover")
SEEN_AT_MV = (-60.0, -40.0)


class Sampler:
    """Remembers what the circuit felt at the last epoch."""

    def __init__(self, model: Horn):
        self.model = model
        n, a, width = model.neurons, model.afferents, model.parameters.slice_width
        self._neuron_place = n.group * NEIGHBOURHOODS + (n.x_um / width * NEIGHBOURHOODS).astype(np.int64)
        self._fibre_place = a.kind * NEIGHBOURHOODS + (a.skin * NEIGHBOURHOODS).astype(np.int64)
        self._last: list[np.ndarray] | None = None

    def due(self) -> bool:
        """Whether the circuit has moved beyond the tolerance; if so, what it feels now is remembered."""
        now = self._felt()
        if self._last is not None and self._change(now) < self.model.parameters.epoch_tolerance:
            return False
        self._last = now
        return True

    def _felt(self) -> list[np.ndarray]:
        n, a = self.model.neurons, self.model.afferents
        columns = [
            self.model.circuit.tables[:, round((v - TABLE_LOW_MV) / TABLE_STEP_MV)] for v in SEEN_AT_MV
        ]
        p = self.model.parameters
        tonic = p.membrane_leak + n.held_open_ns + n.slow_potassium_ns + n.calming_ns
        tonic += p.nmdar_extrasynaptic * n.ambient_glutamate * columns[0]
        columns += [tonic, p.plateau_calcium_half + n.plateau_shift_nm, *(n.columns[name] for name in FELT)]
        felt = [np.bincount(self._neuron_place, weights=c) for c in columns]
        felt += [np.bincount(self._fibre_place, weights=c) for c in (a.rate_hz, a.release)]
        # what a treatment or clamp turns at once and no column shows
        return felt + [
            np.array([f]) for f in (p.ampa_conductance, p.inhibition_conductance, p.nk1_conductance)
        ]

    def _change(self, now: list[np.ndarray]) -> float:
        """Largest relative change among the quantities, each over all neighbourhoods."""
        assert self._last is not None
        changes = [
            np.abs(new - old).sum() / max(np.abs(old).sum(), np.finfo(float).tiny)
            for new, old in zip(now, self._last, strict=True)
            if np.abs(new).sum() > 0.0 or np.abs(old).sum() > 0.0
        ]
        return float(max(changes))
