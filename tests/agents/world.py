"""A small world for the tests of the rules: a few agents of every kind, wired, in states drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import mesa
import numpy as np
from mesa.discrete_space import OrthogonalMooreGrid

import dorsalhorn.agents
from dorsalhorn.agents.engine import ArrayAgent, Cells, Column, Parameters, Population
from dorsalhorn.agents.engine.columns import Link
from dorsalhorn.model.chemistry import FIELDS
from dorsalhorn.model.schedule import identifier
from dorsalhorn.scenarios.registry import registry

PRESETS = ("literature", "article")
KINDS: dict[str, type[ArrayAgent]] = {
    found.__name__: found
    for found in map(dorsalhorn.agents.__dict__.get, dorsalhorn.agents.__all__)
    if isinstance(found, type) and issubclass(found, ArrayAgent)
}
"""every kind of agent: a new one is tested as soon as the package exports it"""
RULES = [(kind, rule) for kind, cls in KINDS.items() for rule in cls.rules]

OWN = {"dt": 1.0 / 6.0, "seed": 7.0, "tick": 3.0, "receptors_per_neuron": 10.0}
"""what a run adds to the registry's parameters"""

SHAPE = (4, 3)
SIZE = {"Afferent": 6, "Neuron": 8, "NMDAReceptor": 14, "Microglia": 7, "Astrocyte": 5}
DEAD = {"NMDAReceptor": [2, 9], "Microglia": [3]}

# What columns without bounds of their own may hold in a random state.
BY_NAME = {
    "kind": (0, 3),
    "subunit": (0, 2),
    "lamina": (1, 5),
    "group": (0, 14),
    "receptors_built": (0, 1000),
    **dict.fromkeys(("peptidergic", "nk1_receptor", "fires", "blocked", "nerve_injury"), (0, 1)),
    **dict.fromkeys(
        ("inflammation", "ambient_glutamate", "presynaptic_nmdar", "sampled_kinase_drive"), (0, 1)
    ),
}
BY_UNIT = {
    "mV": (-95.0, 20.0),
    "nM": (0.0, 3000.0),
    "uM": (0.0, 5.0),
    "Hz": (0.0, 100.0),
    "nS": (0.0, 20.0),
    "ms": (0.0, 200.0),
    "um": (0.0, 1000.0),
    "g": (0.1, 30.0),
    "d": (0.0, 60.0),
    "1": (0.0, 5.0),
}


def span(column: Column) -> tuple[float, float]:
    """Least and greatest value of a column in a random state."""
    low, high = BY_NAME.get(column.name, (0, 1) if column.dtype.kind == "i" else BY_UNIT[column.unit])
    return low if column.low is None else column.low, high if column.high is None else column.high


def drawn(rng: np.random.Generator, low: float, high: float, n: int) -> np.ndarray:
    """Numbers between two bounds; every third lies on one of them."""
    numbers = rng.uniform(low, high, n)
    numbers[rng.random(n) < 0.15] = low
    numbers[rng.random(n) < 0.15] = high
    return numbers


def settings(biology: str = "literature", **switches: str) -> Parameters:
    """The parameters of a preset under the names that rules use, in the order in which a model keeps them."""
    chosen = {key.replace("__", "."): choice for key, choice in switches.items()}
    values = {identifier(k): v for k, v in registry().resolve(biology, chosen, {}).items()} | OWN
    return Parameters(list(values), list(values.values()))


def random_settings(biology: str, rng: np.random.Generator) -> Parameters:
    """Parameters of a preset, about half of them moved within the ranges that the registry allows."""
    p = settings(biology)
    for key, entry in registry().parameters.items():
        if rng.random() < 0.5:
            p.set(identifier(key), float(drawn(rng, *entry.range, n=1)[0]))
    p.update({"dt": float(rng.choice([1 / 24, 1 / 6, 1.0])), "seed": float(rng.integers(1000))})
    p.set("tick", float(rng.integers(1_000_000)))
    return p


class World:
    """Every kind of agent on a small grid; `populations` by the name of the class."""

    def __init__(self, sizes: Mapping[str, int] = SIZE) -> None:
        self.model = mesa.Model(rng=1)
        self.grid = OrthogonalMooreGrid(SHAPE, torus=False, random=self.model.random)
        for name in FIELDS:
            self.grid.create_property_layer(name, 0.0)
        self.cells = Cells(self.grid)
        self.populations: dict[str, Population[Any]] = {}
        waiting = dict(KINDS)
        while waiting:
            for name, cls in list(waiting.items()):
                links = [c.name for c in cls.schema.values() if isinstance(c, Link)]
                targets = {link: self.target(link) for link in links}
                if None not in targets.values():
                    n = sizes.get(name, 4)
                    rows: dict[str, Any] = {k: np.arange(n) % t.size for k, t in targets.items()}
                    self.populations[name] = Population(self.model, cls, n, links=targets, **rows)
                    del waiting[name]

    def target(self, link: str) -> Any:
        """What a link of this name points into."""
        return self.cells if link == "cell" else self.populations.get(link.capitalize())

    def scatter(self, rng: np.random.Generator) -> None:
        """Give every column and every map random values, and every link a random end."""
        for layer in self.cells.columns.values():
            layer[:] = drawn(rng, 0.0, float(rng.choice([0.1, 3.0, 100.0])), layer.size)
        for population in self.populations.values():
            for name, column in population.agent_class.schema.items():
                values = population.columns[name]
                if isinstance(column, Link):
                    values[:] = rng.integers(population.links[name].size, size=values.size)
                elif name == "uid":
                    values[:] = rng.permutation(10 * values.size)[: values.size]
                elif name != "alive":
                    numbers = drawn(rng, *span(column), n=values.size)
                    values[:] = np.rint(numbers) if column.dtype.kind == "i" else numbers

    def copy_from(self, other: World) -> None:
        """Take over the state of another world of the same size."""
        for name, layer in self.cells.columns.items():
            layer[:] = other.cells.columns[name]
        for name, population in self.populations.items():
            for key, values in population.columns.items():
                values[:] = other.populations[name].columns[key]

    def bits(self) -> dict[str, bytes]:
        """Every column and every map, as bytes."""
        columns = {
            f"{k}.{c}": v.tobytes() for k, herd in self.populations.items() for c, v in herd.columns.items()
        }
        return columns | {f"cell.{name}": layer.tobytes() for name, layer in self.cells.columns.items()}


@cache
def twins() -> tuple[World, World]:
    """Two worlds with the same dead; made once, filled anew by every test."""
    pair = World(), World()
    for world in pair:
        for name, rows in DEAD.items():
            world.populations[name].remove(rows)
    return pair


def differences(a: World, b: World) -> list[str]:
    """Names of the columns whose bits differ."""
    others = b.bits()
    return [name for name, bits in a.bits().items() if bits != others[name]]


def lone(kind: str, n: int = 1, **values: Any) -> tuple[World, Population[Any]]:
    """A world with `n` agents of one kind and single ones of the others, in their default state."""
    world = World(dict.fromkeys(KINDS, 1) | {kind: n})
    population = world.populations[kind]
    for name, value in values.items():
        population.columns[name][:] = value
    return world, population
