"""The electrical epoch beside Brian2: the same network, step and input, on one thread, in one run.

    make bench-brian2

Both sides are first held against each other, spike by spike and group by group; where the groups' rates
differ by more than chance the run ends with an error.  Then they are timed in turn.  Figures are processor
times of the loop over steps: compiling, building and writing results are left out on both sides.  The table
goes to docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import brian2 as b2
import llvmlite.binding as llvm
import numpy as np
from bounds import HASH_OPERATIONS, NEAR, Bounds, bounds, parts
from brian2_network import build, standalone
from network import (
    STREAM,
    Network,
    Raster,
    at_rest,
    by_group,
    compare,
    naive,
    pinched,
    raster,
    rates,
    table,
)

import dorsalhorn as dh

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
PLAIN_FLAGS = ["-w", "-O3", "-march=native", "-std=c++11"]
OURS = "dorsalhorn"
FAST, PLAIN, DRAWS = "C++ standalone", "C++ standalone, no fast-math", "C++ standalone, draws its own input"
CYTHON = "Cython, runtime"
PEERS = (FAST, PLAIN, DRAWS, CYTHON)
TARGET = 2.0
REPEATS = 5
"""runs in a batch; its figure is their median"""
EPOCHS = 12
"""epochs with other random numbers, to see how much the spikes of a group scatter"""
NOISE = 5.0
"""standard deviations of that scatter by which a group may differ"""


@dataclass
class Contest:
    """One state of the network, its runners and their times (s, one a batch)."""

    network: Network
    input: Raster
    ours: np.ndarray
    scatter: np.ndarray
    """standard deviation of each group's spikes between epochs with other random numbers"""
    mean: np.ndarray
    """their mean"""
    counts: dict[str, np.ndarray] = field(default_factory=dict)
    shared: tuple[int, int, int] = (0, 0, 0)
    """spikes at the same step in both, only in ours, only in Brian2's (Cython)"""
    programs: dict[str, Path] = field(default_factory=dict)
    runtime: Any = None
    times: dict[str, list[float]] = field(default_factory=dict)

    def ratio(self, peer: str) -> tuple[float, float, float]:
        """Time of a peer over ours: of medians, and the least and the largest of a batch."""
        each = [a / b for a, b in zip(self.times[peer], self.times[OURS], strict=True)]
        return median(self.times[peer]) / median(self.times[OURS]), min(each), max(each)

    def apart(self, peer: str) -> float:
        """Largest difference of a group's spikes in standard deviations of their scatter.

        From the very same input where it was played, from the mean epoch where it was not.
        """
        theirs = by_group(self.network, self.counts[peer])
        ours = self.mean if peer == DRAWS else by_group(self.network, self.ours)
        return float(np.max(np.abs(theirs - ours) / np.maximum(self.scatter, 1.0)))

    @property
    def events(self) -> int:
        """Contacts that a spike has passed."""
        degree = np.diff(self.network.circuit.start)
        fibres = self.network.circuit.fibres
        return int(degree[self.input.fibre].sum() + (degree[fibres:] * self.ours).sum())


class Stopwatch:
    """Brian2's progress report, used to time its loop over steps alone."""

    seconds = 0.0

    def __call__(self, _elapsed: Any, completed: float, _start: Any, _duration: Any) -> None:
        if completed == 0.0:
            self._begin = process_time()
        elif completed == 1.0:
            self.seconds = process_time() - self._begin


def run_program(folder: Path) -> float:
    """Run a compiled network again; seconds of its loop, as Brian2 takes them."""
    results = folder / "results"
    subprocess.run(
        ["./main", "--results_dir", f"{results}/"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    return float((results / "last_run_info.txt").read_text().split()[0])


def run_runtime(built: Any) -> float:
    """Run the network in this process from its start; seconds of its loop."""
    built.network.restore()
    watch = Stopwatch()
    built.network.run(built.duration, report=watch, report_period=1e6 * b2.second)
    return watch.seconds


def prepare(network: Network, folder: Path, peers: tuple[str, ...]) -> Contest:
    """Build the runners of a network and note who fired in each."""
    spikes = network.play(network.p.epoch_step).spikes
    others = [
        by_group(network, network.play(stream=STREAM + 1 + k).spikes.sum(axis=0)) for k in range(EPOCHS)
    ]
    contest = Contest(
        network, raster(network), spikes.sum(axis=0), np.std(others, axis=0, ddof=1), np.mean(others, axis=0)
    )
    for name in peers:
        say(f"{network.name}: compiling {name}")
        if name == CYTHON:
            seen = build(network, contest.input)
            trains = b2.SpikeMonitor(seen.neurons)
            seen.network.add(trains)
            seen.network.run(seen.duration)
            contest.counts[name] = np.array(seen.counts.count[:])
            steps = np.array(trains.t / b2.ms) / network.p.epoch_step
            contest.shared = compare(spikes, steps, np.array(trains.i))
            contest.runtime = build(network, contest.input)
            contest.runtime.network.store()
        else:
            place = folder / f"{network.name} {PEERS.index(name)}".replace(" ", "_")
            given, flags = None if name == DRAWS else contest.input, PLAIN_FLAGS if name == PLAIN else None
            contest.counts[name], _ = standalone(network, given, place, flags)
            contest.programs[name] = place
    return contest


def time_in_turn(contests: list[Contest], batches: int) -> None:
    """Ours, theirs, ours, theirs ..., the order turned round in every second batch."""
    for batch in range(batches):
        say(f"batch {batch + 1} of {batches}")
        for c in contests:
            runners = {OURS: lambda c=c: c.network.play().seconds}
            runners |= {n: lambda place=place: run_program(place) for n, place in c.programs.items()}
            runners[CYTHON] = lambda c=c: run_runtime(c.runtime)
            if batch == 0:
                for run in runners.values():
                    run()
            seen: dict[str, list[float]] = {name: [] for name in runners}
            for repeat in range(REPEATS):
                for name in list(runners)[:: -1 if (batch + repeat) % 2 else 1]:
                    seen[name].append(runners[name]())
            for name, times in seen.items():
                c.times.setdefault(name, []).append(median(times))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def machine() -> str:
    """Processor, caches, compiler and versions, without names or dates."""
    facts = dict.fromkeys(("model name", "cache size"), "?")
    cpu = Path("/proc/cpuinfo")
    for line in cpu.read_text().splitlines() if cpu.exists() else ():
        name, _, value = (part.strip() for part in line.partition(":"))
        if name in facts:
            facts[name] = value
    gcc = subprocess.run(
        ["g++", "-dumpfullversion"], capture_output=True, text=True, check=False
    ).stdout.strip()
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("brian2", "cython", "numpy", "numba", "llvmlite")
    )
    return (
        f"{platform.machine()}, {facts['model name']}, L2 {facts['cache size']}, "
        f"taken by LLVM for `{llvm.get_host_cpu_name()}`; "
        f"Python {platform.python_version()}, {packages}, g++ {gcc}, dorsalhorn {dh.__version__}."
    )


def speeds(contests: list[Contest]) -> str:
    """Times and ratios."""
    rows = []
    for c in contests:
        steps = c.network.steps * c.network.neurons.size
        for name, times in c.times.items():
            ratio, low, high = c.ratio(name)
            beside = ["1", ""] if name == OURS else [f"**{ratio:.2f}**", f"{low:.2f} to {high:.2f}"]
            took = [f"{1e3 * median(times):.1f}", spread(times), f"{1e9 * median(times) / steps:.1f}"]
            rows.append([c.network.name, name, *took, *beside])
    head = ["state", "simulator", "ms", "of batches", "ns a neuron-step", "time over ours", "of batches"]
    return table(head, rows)


def spread(times: list[float]) -> str:
    return f"{1e3 * min(times):.1f} to {1e3 * max(times):.1f}"


def same_network(contests: list[Contest]) -> str:
    """How alike the spikes are."""
    rows = []
    for c in contests:
        both, ours, theirs = c.shared
        for peer in c.counts:
            steps = f"{both} ({ours} only ours, {theirs} only its)" if peer == CYTHON else ""
            counts = f"{int((c.counts[peer] == c.ours).sum())} of {c.ours.size}" if peer != DRAWS else ""
            total = [f"{c.ours.sum()}", f"{c.counts[peer].sum()}"]
            rows.append([c.network.name, peer, *total, steps, counts, f"{c.apart(peer):.1f}"])
    head = ["state", "simulator", "spikes, ours", "its", "at the same step", "neurons with the same count"]
    return table([*head, "largest difference of a group, SD"], rows)


def group_rates(c: Contest) -> str:
    found = {name: rates(c.network, counts) for name, counts in ({OURS: c.ours} | c.counts).items()}
    rows = [[group, *(f"{found[name][k]:.2f}" for name in found)] for k, group in enumerate(c.network.groups)]
    return table(["group, Hz", *found], rows)


def work_done(c: Contest) -> str:
    seconds, n = median(c.times[OURS]), c.network.neurons.size
    return (
        f"{c.network.name}: {c.network.steps * n / seconds / 1e6:.0f} million neuron-steps, "
        f"{c.events / seconds / 1e6:.2f} million synaptic events, "
        f"{c.network.steps * (n + c.network.circuit.fibres) / seconds / 1e6:.0f} million random numbers a "
        f"second of processor time ({c.events:,} events in the epoch)."
    )


def limits(c: Contest, b: Bounds, shares: dict[str, float]) -> str:
    step_ns = 1e9 * median(c.times[OURS]) / (c.network.steps * c.network.neurons.size)
    rest = step_ns - sum(shares.values())
    rows = [[name, f"{ns:.1f}", f"{ns / step_ns:.0%}"] for name, ns in shares.items()]
    rows += [["inbox, spikes and what is lost between them", f"{rest:.1f}", f"{rest / step_ns:.0%}"]]
    rows += [["**the epoch**", f"{step_ns:.1f}", "100%"]]
    integrate = shares["`Neuron.integrate`"]
    lines = [
        f"- {what}: {b.needs[need]:.0f} {need}, the machine does {b.gives[what] / 1e9:.1f} "
        f"{unit}: {b.nanoseconds[what]:.1f} ns"
        for what, need, unit in (
            ("memory", "bytes", "GB/s (copy of as much data)"),
            ("arithmetic", "flops", "Gflop/s (no fused multiply-add: it would change bits)"),
            ("division", "divisions", "G/s"),
        )
    ]
    return "\n\n".join(
        [
            "A neuron's step (`Neuron.integrate` and its table), counted with numbers that count:",
            "\n".join(lines),
            f"The longest of them, {b.bound_ns:.1f} ns, is the bound if all three overlap: the rule alone "
            f"reaches {b.bound_ns / integrate:.0%} of it, the epoch {b.bound_ns / step_ns:.0%}, "
            f"with terminals, spikes and random numbers ({HASH_OPERATIONS} integer operations each, one "
            "a neuron and fibre). Arithmetic and division one after the other take "
            f"{b.computing_ns:.1f} ns; of that the rule alone reaches {b.computing_ns / integrate:.0%}. "
            f"Over {NEAR} neurons, whose columns stay in the nearest cache, it takes {b.near_ns:.1f} ns "
            f"a neuron against {integrate:.1f} over all: the nearer the two, the less memory holds it up.",
            table(["part, run on its own", "ns a neuron-step", "share"], rows),
        ]
    )


def document(contests: list[Contest], batches: int) -> str:
    """The page, as Markdown."""
    c = contests[0].network
    busiest = max(contests, key=lambda one: int(one.ours.sum()))
    worst = min(one.ratio(FAST)[0] for one in contests)
    return "\n\n".join(
        [
            "# Benchmarks",
            "Made by `make bench-brian2`. Times on shared machines are noisy: compare ratios.",
            machine(),
            "## The epoch beside Brian2",
            f"{c.neurons.size} neurons, {c.circuit.fibres} fibres, {c.circuit.synapses:,} contacts, step "
            f"{c.p.epoch_step} ms, {c.duration_s:g} s of life, one thread. Processor time of the loop over "
            f"steps, medians of {batches} batches of {REPEATS} runs in turn; compiling and building are left "
            "out on both sides. Ours draws the spikes of fibres and background itself; Brian2 is played the "
            f"same ones, except where it `{DRAWS.split(', ')[1]}`. Brian2's usual flags include `-O3 "
            "-march=native -ffast-math`; without fast-math it keeps the order of operations, as ours does.",
            speeds(contests),
            f"Target: at most half of what C++ standalone needs. Least ratio: {worst:.2f}, "
            f"{'met' if worst >= TARGET else 'not met'}.",
            "## The same network",
            "The same neurons, contacts, delays, tables, initial state and input; arithmetic of a step as in "
            "the rules, in another order where the compiler likes (see `benchmarks/brian2_network.py`). A "
            "group's difference is in standard deviations of its spikes between epochs with other random "
            "numbers.",
            same_network(contests),
            f"Rates in the state `{busiest.network.name}`:",
            group_rates(busiest),
            "## What limits it",
            "\n".join(f"- {work_done(one)}" for one in contests),
            limits(contests[0], bounds(c), parts(c)),
        ]
    )


def main() -> int:
    """Compare, time, write."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--scale", type=float, default=None, help="share of the neurons (default: as shipped)")
    ask.add_argument("--seconds", type=float, default=1.0, help="simulated seconds of an epoch")
    ask.add_argument("--batches", type=int, default=7)
    ask.add_argument("--out", type=Path, default=DOCUMENT)
    given = ask.parse_args()
    b2.prefs["codegen.target"] = "cython"
    say("settling the slice")
    horn = naive(given.scale)
    networks = [
        at_rest(horn, given.seconds),
        pinched(horn, given.seconds),
        pinched(horn, given.seconds, whole=True),
    ]
    with tempfile.TemporaryDirectory() as folder:
        some = (FAST, CYTHON)
        contests = [prepare(n, Path(folder), PEERS if n is networks[1] else some) for n in networks]
        for c in contests:
            for peer in c.counts:
                if c.apart(peer) > NOISE:
                    print(f"{c.network.name}, {peer}: another network\n{group_rates(c)}")
                    return 1
        time_in_turn(contests, given.batches)
        text = document(contests, given.batches)
    print(text)
    given.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
