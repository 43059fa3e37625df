"""How fast it is: each figure beside its peer, in one run, as a ratio of medians.

    make bench

1. The same local rule on 20,000 receptors: ordinary Mesa agents, our agents one by one, our agents compiled.
2. The electrical epoch of the default slice: simulated seconds per second of work.
3. A tick of the default slice, and its slowest parts.

Times on shared machines are noisy: quote ratios, and medians of several batches.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import mesa
import numpy as np

import dorsalhorn as dh
from dorsalhorn.agents.engine import ArrayAgent, Parameters, Population, column, rule

AGENTS, BATCHES = 20_000, 7


class Columns(ArrayAgent):
    """A bound and opening channel, as columns."""

    bound = column(0.1)
    opened = column(0.1)

    @rule
    def gate(self, p):
        """Two first-order steps."""
        self.bound += p.dt * (p.on * (1.0 - self.bound) - p.off * self.bound)
        self.opened += p.dt * (p.alpha * self.bound * (1.0 - self.opened) - p.beta * self.opened)


class Plain(mesa.Agent):
    """The same channel as Mesa teaches it."""

    def __init__(self, model: mesa.Model):
        super().__init__(model)
        self.bound = 0.1
        self.opened = 0.1

    gate = Columns.gate


def median(work: Callable[[], object], batches: int = BATCHES) -> float:
    """Median seconds of one call, after a first one that is not counted."""
    work()
    times = []
    for _ in range(batches):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def rules() -> None:
    """One rule, three ways."""
    p = Parameters(["dt", "on", "off", "alpha", "beta"], [0.1, 0.3, 0.02, 0.5, 0.05])
    ours = Population(mesa.Model(rng=1), Columns, AGENTS)
    theirs = mesa.Model(rng=1)
    Plain.create_agents(theirs, AGENTS)
    compiled = median(lambda: ours.do("gate", p))
    plain = median(lambda: ours.do("gate", p, compiled=False), 3)
    simple = SimpleNamespace(**dict(p.items()))  # what a Mesa modeller would pass
    peer = median(lambda: theirs.agents.do("gate", simple), 3)
    print(f"one rule on {AGENTS:,} receptors, agent-steps per second")
    print(f"  ordinary Mesa agents       {AGENTS / peer / 1e6:8.2f} M   1 x")
    print(f"  ours, one by one           {AGENTS / plain / 1e6:8.2f} M   {peer / plain:.2f} x")
    print(f"  ours, compiled             {AGENTS / compiled / 1e6:8.2f} M   {peer / compiled:.0f} x")


def slice_of_horn() -> None:
    """The default slice."""
    quiet = replace(dh.load("injury_heals_pain_stays"), duration_d=1.0)
    start = time.perf_counter()
    horn = dh.DorsalHorn(quiet)
    print(f"default slice: {len(horn.neurons)} neurons, {horn.circuit.synapses:,} contacts,")
    print(f"  {len(horn.receptors):,} receptors; built and settled in {time.perf_counter() - start:.1f} s")
    length_s = horn.parameters.epoch_length * 1e-3

    def epoch() -> None:
        horn.sampler = type(horn.sampler)(horn)  # so that it is due
        horn._epoch(1)

    speed = length_s / median(epoch)
    print(f"  electrical epoch           {speed:8.1f} simulated s per s (naive slice, one thread)")
    print(f"  a tick of one hour         {median(horn.step) * 1e3:8.1f} ms")
    print(f"  all laboratory tests       {median(horn.laboratory.measure, 3) * 1e3:8.1f} ms (two threads)")


if __name__ == "__main__":
    np.seterr(all="raise")
    rules()
    slice_of_horn()
