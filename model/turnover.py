"""Births and deaths: receptors are finished and degraded, microglia divide and die.

The rules decide (each agent for itself); here the population's books are kept.
"""

from __future__ import annotations

import numpy as np

from ..agents.engine import compiled, uniform
from .horn import Horn
from .slice import SUBUNITS, UID_STRIDE, share_at_surface, subunit_shares

SUBUNIT_DRAW = 205
INHERITED = ("cell", "activation", "resolving", "csf1_receptor", "inflammasome")
"""what a daughter has from her mother"""


@compiled
def draw(seed: int, who: np.ndarray, what: int, luck: np.ndarray) -> None:
    """One keyed uniform for each of `who`, whatever the tick."""
    for i in range(who.size):
        luck[i] = uniform(seed, who[i], 0, what)


def turn_over_receptors(model: Horn) -> None:
    """Remove what is degraded, finish what was built, and tell each neuron what it has at its surface."""
    receptors, neurons, p = model.receptors, model.neurons, model.parameters
    receptors.remove(np.flatnonzero(receptors.alive & (receptors.degrades == 1)))
    finished = np.floor(neurons.receptors_due).astype(np.int64)
    host = np.repeat(np.arange(len(neurons)), finished)
    if host.size:
        neurons.receptors_due[:] -= finished
        # a receptor is numbered within its neuron, so a birth elsewhere moves nobody's luck
        first = np.repeat(np.cumsum(finished) - finished, finished)
        serial = int(p.receptors_per_neuron) + neurons.receptors_built[host] + np.arange(host.size) - first
        neurons.receptors_built[:] += finished
        uid = host * UID_STRIDE + serial
        luck = np.empty(host.size)
        draw(model.seed, uid, SUBUNIT_DRAW, luck)
        first_two = np.cumsum(subunit_shares(p))[:2]
        subunit = np.array(SUBUNITS)[np.searchsorted(first_two, luck, side="right")]
        receptors.add(host.size, neuron=host, cell=neurons.cell[host], uid=uid, subunit=subunit)
    up = np.bincount(receptors.neuron[receptors.alive & (receptors.surface == 1)], minlength=len(neurons))
    neurons.surface_receptors[:] = up / (p.receptors_per_neuron * share_at_surface(p))


def turn_over_microglia(model: Horn) -> None:
    """Daughters take their mother's place and state."""
    g = model.microglia
    mothers = np.flatnonzero(g.alive & (g.divides == 1))
    dying = np.flatnonzero(g.alive & (g.dies == 1) & (g.divides == 0))
    if mothers.size:
        inherited = {name: g.columns[name][mothers].copy() for name in INHERITED}
        g.add(mothers.size, **inherited)
    if dying.size:
        g.remove(dying)
