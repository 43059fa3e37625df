"""The electrical circuit: who is wired to whom, and the epoch that runs it.

An epoch is one compiled loop over steps of half a millisecond: fibres and background fire by keyed
chance, every neuron follows `Neuron.integrate`, spikes travel to their targets with their delays.
The same function runs, step by step and agent by agent, in plain Python (`run_epoch.plain`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..agents.afferent import Afferent
from ..agents.curves import magnesium_pull, magnesium_unblock
from ..agents.engine import Parameters, Population, address, compiled, drawn, helper
from ..agents.membrane import decays
from ..agents.neuron import Neuron
from .anatomy import Anatomy

Array = np.ndarray

EXCITES, INHIBITS, PEPTIDE, NMDA = range(4)
TABLE_LOW_MV, TABLE_STEP_MV, TABLE_SIZE = -90.0, 2.0, 61
BIN_MS = 50.0
STRETCH = 64
"""neurons asked together, in SIMD code, whether any of them fires"""

integrate = Neuron.integrate
transmit = Afferent.transmit


@dataclass
class Circuit:
    """Synapses in compressed rows by source: fibres first, then neurons."""

    fibres: int
    start: np.ndarray
    target: np.ndarray
    weight_ns: np.ndarray
    nmda_ns: np.ndarray
    """NMDA conductance of each contact, without block, on a healthy complement of receptors"""
    delay: np.ndarray
    channel: np.ndarray
    peptide: np.ndarray
    potentiates: np.ndarray
    """fibres: 1 if the potentiation of the target cell acts on their synapses"""
    latency: np.ndarray
    """conduction time of each fibre in steps"""
    inbox: np.ndarray
    """what is on its way: slots x (AMPA, inhibition, substance P, NMDA) x neurons"""
    head: np.ndarray
    """one number: the slot of the present step"""
    tables: np.ndarray
    """neurons x voltages: conductance of each neuron's own receptors, healthy and unblocked = 1"""

    @property
    def lead(self) -> int:
        """How many steps of the skin's past the slowest fibre still has on its way."""
        return int(self.latency.max(initial=0))

    def copied(self) -> Circuit:
        """The same wiring with its own spikes on the way, for tests that must leave no trace."""
        return replace(self, inbox=self.inbox.copy(), head=self.head.copy())

    @property
    def synapses(self) -> int:
        """Number of contacts."""
        return int(self.target.size)


@helper
def look_up(tables: np.ndarray, i: int, v_mv: float) -> float:
    """Conductance of neuron `i`'s NMDA receptors at `v_mv`, by linear interpolation."""
    x = (v_mv - TABLE_LOW_MV) / TABLE_STEP_MV
    x = min(max(x, 0.0), TABLE_SIZE - 1.001)
    k = int(x)
    low = tables[i, k]
    return low + (x - k) * (tables[i, k + 1] - low)  # type: ignore[no-any-return]


@compiled
def sum_receptors(
    receptors: Any, rows: Array, host: Array, healthy: float, tables: Array, held: Array, p: Any
) -> None:
    """Add every surface receptor into its neuron's current-voltage table.

    `rows` living receptors, `host` their neurons, `healthy` the summed conductance of a healthy
    neuron's receptors with the block off; `held` gets what needs neither glutamate nor voltage (nS).
    """
    pulls = np.empty(TABLE_SIZE)
    for k in range(TABLE_SIZE):
        pulls[k] = magnesium_pull(TABLE_LOW_MV + k * TABLE_STEP_MV, p.nmdar_block_slope)
    tables[:, :] = 0.0
    held[:] = 0.0
    for j in rows:
        receptor = receptors[j]
        share = receptor.conductance / healthy
        if share > 0.0:
            half = p.nmdar_block_half * receptor.block
            i = host[j]
            for k in range(TABLE_SIZE):
                tables[i, k] += share * magnesium_unblock(pulls[k], p.nmdar_magnesium, half)
            held[i] += p.nmdar_extrasynaptic * receptor.held_open / healthy


@compiled
def run_epoch(
    neurons: Any,
    count: int,
    afferents: Any,
    fibres: int,
    p: Any,
    start: Array,
    target: Array,
    weight: Array,
    nmda: Array,
    delay: Array,
    channel: Array,
    peptide: Array,
    potentiates: Array,
    latency: Array,
    inbox: Array,
    head: Array,
    tables: Array,
    rates: Array,
    segment: Array,
    lead: int,
    seed: int,
    base: int,
    stream: int,
    spikes: Array,
    bin_steps: int,
) -> None:
    """Run the steps of `segment`; count the spikes of each neuron per bin; sum calcium into the neurons.

    `rates` (segments x fibres, Hz) with `segment` giving the row of each step at the skin.  A fibre lives
    its own conduction time behind, so `segment` begins `lead` steps before the epoch.  `base` and `stream`
    address the random numbers; `spikes` (bins x neurons).
    """
    left = decays(p)
    slots = inbox.shape[0]
    chance = p.epoch_step * 0.001
    background = p.membrane_background_hz * chance
    luck = np.empty(fibres + count)
    at = np.empty(fibres + count, np.uint64)
    for j in range(fibres + count):
        at[j] = address(seed, j)
    for i in range(count):
        neurons[i].calcium_sum = 0.0
        neurons[i].kinase_drive_sum = 0.0
    for t in range(segment.size - lead):
        h = head[0]
        for j in range(fibres + count):
            luck[j] = drawn(at[j], base + t, stream)
        arrived_any = 0
        for f in range(fibres):
            fires = luck[f] < rates[segment[t + lead - latency[f]], f] * chance
            afferents[f].arrives = 1.0 if fires else 0.0
            arrived_any |= int(fires)
        for f in range(fibres):
            transmit(afferents[f], p, left)
        for f in range(fibres if arrived_any else 0):
            given_off = afferents[f].given_off
            if given_off > 0.0:
                for k in range(start[f], start[f + 1]):
                    arrives = (h + delay[k]) % slots
                    amount = weight[k] * given_off
                    raised = potentiates[f] * (neurons[target[k]].ampa_weight - 1.0)
                    inbox[arrives, EXCITES, target[k]] += amount * (1.0 + raised)
                    inbox[arrives, PEPTIDE, target[k]] += amount * peptide[f]
                    inbox[arrives, NMDA, target[k]] += nmda[k] * given_off
        arrived = inbox[h]
        for i in range(count):
            neuron = neurons[i]
            neuron.unblocked = look_up(tables, i, neuron.v_mv)
            by_itself = p.membrane_background if luck[fibres + i] < background else 0.0
            neuron.excitation_ns = arrived[EXCITES, i] + by_itself
            neuron.inhibitory_ns = arrived[INHIBITS, i]
            neuron.peptide_ns = arrived[PEPTIDE, i]
            neuron.nmda_arriving_ns = arrived[NMDA, i]
        for i in range(count):
            integrate(neurons[i], p, left)
        arrived[:, :] = 0.0
        for low in range(0, count, STRETCH):
            high = min(low + STRETCH, count)
            fired = 0
            for i in range(low, high):
                fired |= int(neurons[i].fires > 0.0)
            for i in range(low, high if fired else low):
                if neurons[i].fires > 0.0:
                    spikes[t // bin_steps, i] += 1
                    s = fibres + i
                    for k in range(start[s], start[s + 1]):
                        arrives = (h + delay[k]) % slots
                        inbox[arrives, channel[s], target[k]] += weight[k]
                        inbox[arrives, NMDA, target[k]] += nmda[k]
        head[0] = (h + 1) % slots


def wire(
    anatomy: Anatomy, neurons: Population, afferents: Population, p: Parameters, rng: np.random.Generator
) -> Circuit:
    """Draw the contacts of the wiring table.

    Each neuron takes `in_degree` partners, the nearer the likelier: exponential in distance between
    neurons, Gaussian in the somatotopic map for a fibre's arbor.  Weights share out the connection's
    conductance, so the sum does not depend on the scale of the slice.
    """
    fibre_index = {c.name: k for k, c in enumerate(anatomy.fibres)}
    group_index = {g.name: k for k, g in enumerate(anatomy.groups)}
    n_fibres = len(afferents)
    sources, targets, weights, slow = [], [], [], []
    for c in anatomy.connections:
        post = np.flatnonzero(neurons.group == group_index[c.post])
        if c.pre in fibre_index:
            pre = np.flatnonzero(afferents.kind == fibre_index[c.pre])
            reach = anatomy.fibres[fibre_index[c.pre]].arbor_um
            away = (afferents.skin[pre] * p.slice_width)[None, :] - neurons.x_um[post][:, None]
            closeness = -0.5 * (away / reach) ** 2
            offset = 0
        else:
            pre = np.flatnonzero(neurons.group == group_index[c.pre])
            dx = neurons.x_um[pre][None, :] - neurons.x_um[post][:, None]
            dy = neurons.y_um[pre][None, :] - neurons.y_um[post][:, None]
            closeness = -np.sqrt(dx * dx + dy * dy) / c.reach_um
            offset = n_fibres
        if not pre.size or not post.size:
            continue
        # Gumbel keys: the largest k are a draw without replacement in proportion to closeness
        keys = closeness + rng.gumbel(size=closeness.shape)
        if offset:
            keys[pre[None, :] == post[:, None]] = -np.inf
        k = min(c.in_degree, pre.size - (1 if offset and np.array_equal(pre, post) else 0))
        chosen = np.argsort(-keys, axis=1, kind="stable")[:, :k]
        sources.append((pre[chosen] + offset).ravel())
        targets.append(np.repeat(post, k))
        weights.append(np.full(post.size * k, c.conductance_ns / k))
        slow.append(np.full(post.size * k, c.nmda * p.nmdar_synaptic_ratio * c.conductance_ns / k))
    source, target = np.concatenate(sources), np.concatenate(targets)
    weight, nmda = np.concatenate(weights), np.concatenate(slow)
    order = np.argsort(source, kind="stable")
    source, target, weight, nmda = source[order], target[order], weight[order], nmda[order]
    total = n_fibres + len(neurons)
    spread = rng.uniform(p.synapse_delay_minimum, p.synapse_delay_maximum, source.size)
    delay = np.maximum(1, np.rint(spread / p.epoch_step)).astype(np.int64)
    channel = np.zeros(total, np.int64)
    channel[n_fibres:] = np.where(neurons.inhibitory == 1, INHIBITS, EXCITES)
    nmda[channel[source] == INHIBITS] = 0.0
    return Circuit(
        fibres=n_fibres,
        start=np.searchsorted(source, np.arange(total + 1)).astype(np.int64),
        target=target.astype(np.int64),
        weight_ns=weight,
        nmda_ns=nmda,
        delay=delay,
        channel=channel,
        peptide=afferents.peptidergic * p.nk1_unitary,
        potentiates=np.array([float(c.potentiates) for c in anatomy.fibres])[afferents.kind],
        latency=np.rint(afferents.latency_ms / p.epoch_step).astype(np.int64),
        inbox=np.zeros((int(delay.max()) + 1, 4, len(neurons))),
        head=np.zeros(1, np.int64),
        tables=np.zeros((len(neurons), TABLE_SIZE)),
    )


def play(
    circuit: Circuit,
    neurons: Any,
    count: int,
    afferents: Any,
    p: Parameters,
    rates: Array,
    segment: Array,
    seed: int,
    base: int,
    stream: int,
    before: Array | None = None,
    bin_ms: float = BIN_MS,
) -> Array:
    """Run an epoch on a circuit; returns spikes per bin and neuron.

    `before` is the skin's past as rows of `rates`, `circuit.lead` steps of it; row 0 if not given.
    """
    bin_steps = max(1, round(bin_ms / p.epoch_step))
    spikes = np.zeros((-(-segment.size // bin_steps), count), np.int32)
    before = np.zeros(circuit.lead, np.int64) if before is None else before
    run_epoch(
        neurons,
        count,
        afferents,
        circuit.fibres,
        p,
        circuit.start,
        circuit.target,
        circuit.weight_ns,
        circuit.nmda_ns,
        circuit.delay,
        circuit.channel,
        circuit.peptide,
        circuit.potentiates,
        circuit.latency,
        circuit.inbox,
        circuit.head,
        circuit.tables,
        rates,
        np.concatenate((before, segment)),
        circuit.lead,
        seed,
        base,
        stream,
        spikes,
        bin_steps,
    )
    return spikes
