"""What the machine allows an electrical step: operations and bytes counted, rates measured.

Operations are counted by running the rule itself on numbers that count; only what differs between neurons
counts (what depends on parameters alone is worked out once).  Rates are those of loops that do one thing, on
one thread and compiled as the rules are, over data of the size that the epoch works on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from time import process_time
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from network import Network, draw_input

from dorsalhorn.agents import Afferent, Neuron
from dorsalhorn.agents.engine import Column, compiled, rule_card
from dorsalhorn.agents.membrane import Decays, decays
from dorsalhorn.model.circuit import look_up

WORD = 8
STEPS = 400
"""steps in a call; over all calls too few for conductances without input to become denormal numbers"""
NEAR = 64
"""neurons whose columns fit into the nearest cache"""
HASH_OPERATIONS = 42
"""integer operations of a keyed random number: four words absorbed, ten each, and two to make a number"""


integrate = Neuron.integrate
transmit = Afferent.transmit


class Counting(float):
    """A number that counts what is done with it, if it or its partner belongs to an agent."""

    own = True
    tally: ClassVar[Counter[str]] = Counter()

    def _done(self, what: str, other: Any, value: float) -> Any:
        own = self.own or getattr(other, "own", False)
        if own:
            Counting.tally[what] += 1
        return (Counting if own else Shared)(value)

    def __add__(self, o: Any) -> Any:
        return self._done("add", o, float(self) + float(o))

    def __radd__(self, o: Any) -> Any:
        return self._done("add", o, float(o) + float(self))

    def __sub__(self, o: Any) -> Any:
        return self._done("add", o, float(self) - float(o))

    def __rsub__(self, o: Any) -> Any:
        return self._done("add", o, float(o) - float(self))

    def __mul__(self, o: Any) -> Any:
        return self._done("multiply", o, float(self) * float(o))

    def __rmul__(self, o: Any) -> Any:
        return self._done("multiply", o, float(o) * float(self))

    def __truediv__(self, o: Any) -> Any:
        return self._done("divide", o, float(self) / float(o))

    def __rtruediv__(self, o: Any) -> Any:
        return self._done("divide", o, float(o) / float(self))

    def __neg__(self) -> Any:
        return self._done("add", None, -float(self))

    def _compared(self, o: Any, answer: bool) -> bool:
        self._done("compare", o, 0.0)
        return answer

    def __lt__(self, o: Any) -> bool:
        return self._compared(o, float(self) < float(o))

    def __le__(self, o: Any) -> bool:
        return self._compared(o, float(self) <= float(o))

    def __gt__(self, o: Any) -> bool:
        return self._compared(o, float(self) > float(o))

    def __ge__(self, o: Any) -> bool:
        return self._compared(o, float(self) >= float(o))

    __hash__ = float.__hash__


class Shared(Counting):
    """A parameter: arithmetic among parameters is done once, not for every neuron."""

    own = False


class _Table:
    def __getitem__(self, _where: Any) -> Counting:
        return Counting(0.3)


def operations(p: Any) -> Counter[str]:
    """Operations on floats of one neuron in one step: its own table looked up, and `Neuron.integrate`.

    The most that any of several states needs: where a level is zero or a limit is reached, a plain number
    takes over and nothing more is counted, but compiled code works it out for all.
    """
    shared = SimpleNamespace(**{name: Shared(value) for name, value in p.items()})
    left = Decays(*map(Shared, decays(p)))
    most: Counter[str] = Counter()
    for v_mv in range(-80, -45, 3):
        state = {name: c.default for name, c in Neuron.schema.items() if isinstance(c, Column)}
        state |= {"v_mv": v_mv, "calcium_now_nm": 500.0, "nmda_fast_ns": 1.0, "nk1_ns": 0.1}
        me = SimpleNamespace(**{name: Counting(value) for name, value in state.items()})
        Counting.tally = Counter()
        look_up(_Table(), 0, Counting(v_mv))
        Neuron.integrate(me, shared, left)
        most |= Counting.tally
    return most


def columns_touched() -> tuple[int, int]:
    """Columns that a step reads and writes."""
    card = rule_card(Neuron, "integrate")
    return len(card.reads), len(card.writes)


@compiled
def multiply_add(x: np.ndarray, rounds: int) -> None:
    """Sixteen multiplications and sixteen additions for each number, a round."""
    for _ in range(rounds):
        for i in range(x.size):
            a = x[i]
            b = a * 0.5 + 1.0
            for _k in range(7):
                a = a * 0.999 + 0.001
                b = b * 0.998 + 0.002
            x[i] = a * 0.5 + b * 0.25


@compiled
def divide(x: np.ndarray, y: np.ndarray, rounds: int) -> None:
    """Four divisions for each number, a round."""
    for r in range(rounds):
        for i in range(x.size):
            a, b = x[i], x[i] + r
            y[i] = (1.0 / a + 2.0 / b) + (a / (b + 1.0) + b / (a + 1.0))


@compiled
def copy(x: np.ndarray, y: np.ndarray, rounds: int) -> None:
    """Read one, write one."""
    for r in range(rounds):
        for i in range(x.size):
            y[i] = x[i] + r


def seconds(work: Any, *arguments: Any) -> float:
    """Median processor time of seven calls after a first one."""
    work(*arguments)
    times = []
    for _ in range(7):
        start = process_time()
        work(*arguments)
        times.append(process_time() - start)
    return median(times)


@dataclass
class Bounds:
    """What a neuron's step needs, what the machine gives, and nanoseconds of each on its own."""

    needs: dict[str, float]
    gives: dict[str, float]
    nanoseconds: dict[str, float]
    near_ns: float
    """the rule's time over so few neurons that their columns stay in the nearest cache"""

    @property
    def computing_ns(self) -> float:
        """Arithmetic and division one after the other."""
        return self.nanoseconds["arithmetic"] + self.nanoseconds["division"]

    @property
    def bound_ns(self) -> float:
        """The least a neuron's step can take: whatever of memory, arithmetic and divider takes longest."""
        return max(self.nanoseconds[k] for k in ("memory", "arithmetic", "division"))


def bounds(network: Network) -> Bounds:
    """Bounds of a neuron's step on this machine, without random numbers."""
    did = operations(network.p)
    reads, writes = columns_touched()
    flops = did["add"] + did["multiply"] + did["compare"]
    moved = WORD * (reads + writes)
    small, rounds = np.full(1024, 1.5), 4000
    arithmetic = 32 * small.size * rounds / seconds(multiply_add, small.copy(), rounds)
    division = 4 * small.size * rounds / seconds(divide, small, small.copy(), rounds)
    size = network.neurons.size * (reads + writes) // 2
    large = np.ones(size)
    near = 1e9 * seconds(step_neurons, network.neurons.detached(), NEAR, network.p, STEPS)
    memory = 2 * WORD * size * 200 / seconds(copy, large, large.copy(), 200)
    return Bounds(
        needs={"bytes": moved, "flops": flops, "divisions": did["divide"]},
        gives={"memory": memory, "arithmetic": arithmetic, "division": division},
        nanoseconds={
            "memory": 1e9 * moved / memory,
            "arithmetic": 1e9 * flops / arithmetic,
            "division": 1e9 * did["divide"] / division,
        },
        near_ns=near / (NEAR * STEPS),
    )


@compiled
def step_neurons(neurons: Any, count: int, p: Any, steps: int) -> None:
    """Nothing but the neurons' rule."""
    left = decays(p)
    for _ in range(steps):
        for i in range(count):
            integrate(neurons[i], p, left)


@compiled
def step_fibres(afferents: Any, count: int, p: Any, steps: int) -> None:
    """Nothing but the terminals' rule."""
    left = decays(p)
    for _ in range(steps):
        for f in range(count):
            transmit(afferents[f], p, left)


@compiled
def step_tables(neurons: Any, count: int, tables: np.ndarray, steps: int) -> None:
    """Nothing but each neuron's table."""
    for _ in range(steps):
        for i in range(count):
            neuron = neurons[i]
            neuron.unblocked = look_up(tables, i, neuron.v_mv)


def parts(network: Network) -> dict[str, float]:
    """Nanoseconds a neuron and step of what an epoch consists of, each run on its own."""
    p, c, steps = network.p, network.circuit, STEPS
    neurons, afferents = network.neurons.detached(), network.afferents.detached()
    n = neurons.size
    limits = np.full(c.fibres + n, 0.01)
    fires = np.zeros((steps, limits.size), np.bool_)
    took = {
        "`Neuron.integrate`": seconds(step_neurons, neurons, n, p, steps),
        "tables of the receptors": seconds(step_tables, neurons, n, c.tables, steps),
        "`Afferent.transmit`": seconds(step_fibres, afferents, c.fibres, p, steps),
        "random numbers": seconds(draw_input, limits, steps, 1, 1, fires),
    }
    return {name: 1e9 * time / (n * steps) for name, time in took.items()}
