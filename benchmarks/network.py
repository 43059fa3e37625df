"""One electrical network in a given state, and the spikes that come into it: what the simulators are given.

A `Network` is what `run_epoch` works on, copied, with nothing on its way yet.  `play` runs it in this
package; `Raster` holds the spikes that the fibres and the background of the same epoch make, found with the
same keyed numbers, so that another simulator can be played the very same input.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import process_time
from typing import Any

import numpy as np

import dorsalhorn as dh
from dorsalhorn.agents.afferent import A_BETA, A_DELTA, C_NONPEPTIDERGIC, C_PEPTIDERGIC
from dorsalhorn.agents.engine import compiled, uniform
from dorsalhorn.model.circuit import play as play_epoch

STREAM = 9000
"""addresses random numbers that no test of the laboratory uses"""


@dataclass
class Played:
    """What an epoch gave: spikes per bin and neuron, processor time, and the cells after it."""

    spikes: np.ndarray
    seconds: float
    neurons: Any
    afferents: Any


@dataclass
class Network:
    """A circuit, its cells and the discharge of its fibres, steady over one epoch."""

    name: str
    groups: tuple[str, ...]
    circuit: Any
    neurons: Any
    afferents: Any
    p: Any
    rates_hz: np.ndarray
    steps: int
    seed: int

    @property
    def duration_s(self) -> float:
        """Simulated seconds of the epoch."""
        return float(self.steps * self.p.epoch_step * 1e-3)

    def play(self, bin_ms: float = 50.0, stream: int = STREAM) -> Played:
        """Run the epoch on a copy."""
        circuit, neurons, afferents = (
            self.circuit.copied(),
            self.neurons.detached(),
            self.afferents.detached(),
        )
        rates, segment = self.rates_hz[None, :].copy(), np.zeros(self.steps, np.int64)
        start = process_time()
        spikes = play_epoch(
            circuit,
            neurons,
            neurons.size,
            afferents,
            self.p,
            rates,
            segment,
            self.seed,
            0,
            stream,
            bin_ms=bin_ms,
        )
        return Played(spikes, process_time() - start, neurons, afferents)

    def source(self) -> np.ndarray:
        """The sender of each contact: fibres first, then neurons."""
        return np.repeat(np.arange(self.circuit.start.size - 1), np.diff(self.circuit.start))


@dataclass
class Raster:
    """Spikes of fibres (when they reach the terminal) and background events of neurons: step and who."""

    fibre_step: np.ndarray
    fibre: np.ndarray
    background_step: np.ndarray
    neuron: np.ndarray


@compiled
def draw_input(limits: np.ndarray, steps: int, seed: int, stream: int, fires: np.ndarray) -> None:
    """Whether each fibre and each neuron's background fires in each step, as `run_epoch` draws it."""
    for t in range(steps):
        for j in range(limits.size):
            fires[t, j] = uniform(seed, j, t, stream) < limits[j]


def raster(network: Network) -> Raster:
    """The input of the epoch that `Network.play` runs."""
    p, fibres = network.p, network.circuit.fibres
    chance = p.epoch_step * 0.001
    background = np.full(network.neurons.size, p.membrane_background_hz * chance)
    limits = np.concatenate((network.rates_hz * chance, background))
    fires = np.zeros((network.steps, limits.size), np.bool_)
    draw_input(limits, network.steps, network.seed, STREAM, fires)
    fibre_step, fibre = np.nonzero(fires[:, :fibres])
    background_step, neuron = np.nonzero(fires[:, fibres:])
    return Raster(fibre_step, fibre, background_step, neuron)


def naive(scale: float | None = None) -> dh.DorsalHorn:
    """The shipped slice, settled and healthy; `scale` takes a share of its neurons."""
    scenario = replace(dh.load("injury_heals_pain_stays"), duration_d=1.0)
    horn = dh.DorsalHorn(scenario if scale is None else replace(scenario, scale=scale))
    horn._sum_receptors()
    return horn


def at_rest(horn: dh.DorsalHorn, duration_s: float, name: str = "rest") -> Network:
    """The horn as it stands, its fibres at their ongoing discharge."""
    circuit = horn.circuit.copied()
    circuit.inbox[:] = 0.0
    return Network(
        name=name,
        groups=tuple(g.name for g in horn.scenario.anatomy.groups),
        circuit=circuit,
        neurons=horn.neurons.detached(),
        afferents=horn.afferents.detached(),
        p=horn.parameters.copy(),
        rates_hz=horn.afferents.rate_hz.copy(),
        steps=round(duration_s * 1e3 / horn.parameters.epoch_step),
        seed=horn.seed,
    )


def pinched(horn: dh.DorsalHorn, duration_s: float, whole: bool = False) -> Network:
    """The same while the test site is pinched as the laboratory does it, or the `whole` map."""
    network = at_rest(horn, duration_s, "pinch of the whole map" if whole else "pinch of the test site")
    a, p = horn.afferents, horn.parameters
    touched = np.full(a.size, True) if whole else horn.laboratory.site_fibres(horn.laboratory.site)
    for kind, hz in (
        (C_PEPTIDERGIC, p.laboratory_pinch_c_hz),
        (C_NONPEPTIDERGIC, p.laboratory_pinch_c_hz),
        (A_DELTA, p.laboratory_pinch_a_delta_hz),
        (A_BETA, p.laboratory_pinch_a_beta_hz),
    ):
        network.rates_hz[touched & (a.kind == kind)] += hz
    return network


def compare(spikes: np.ndarray, steps: np.ndarray, who: np.ndarray) -> tuple[int, int, int]:
    """Spikes (steps x neurons) against a list of them: in both, only in the first, only in the second."""
    first = set(zip(*(a.tolist() for a in np.nonzero(spikes)), strict=True))
    second = set(zip(np.rint(steps).astype(int).tolist(), who.tolist(), strict=True))
    return len(first & second), len(first - second), len(second - first)


def rates(network: Network, counts: np.ndarray) -> np.ndarray:
    """Mean rate of each group (Hz)."""
    size = np.bincount(network.neurons.group, minlength=len(network.groups))
    return np.asarray(by_group(network, counts) / np.maximum(size, 1) / network.duration_s)


def by_group(network: Network, counts: np.ndarray) -> np.ndarray:
    """Spikes of each group."""
    return np.bincount(network.neurons.group, weights=counts, minlength=len(network.groups))


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *rows])
