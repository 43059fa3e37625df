"""A small world for the tests of the engine: plants in beds, bees that belong to plants, on a grid."""

from __future__ import annotations

import math

import mesa
import numpy as np
from mesa.discrete_space import OrthogonalMooreGrid

from dorsalhorn.agents.engine import (
    ArrayAgent,
    Cells,
    Parameters,
    Population,
    column,
    compiled,
    exp,
    helper,
    link,
    rule,
    uniform,
)

SHAPE = (7, 5)


@helper
def toward(x, target, share):
    return x + share * (target - x)


@helper
def thirst(plant, p):
    return p.dry - plant.cell.water + 0.1 * plant.height


class Growing:
    """A mixin with a column and a rule."""

    height = column(1.0, unit="cm", doc="height above ground", low=0.0, high=500.0)

    @rule
    def grow(self, p):
        want = thirst(self, p)
        # Before the condition, not inside it: few processors read memory under a mask, and vectors need that.
        gain = p.growth * self.cell.light * exp(-want * want)
        self.height += gain if self.height < p.tall else p.growth


class Plant(Growing, ArrayAgent):
    cell = link("its bed")
    nectar = column(0.5, unit="mg", doc="nectar on offer")
    leaves = column(3, dtype=int)
    open = column(False, dtype=bool)

    @rule
    def bloom(self, p):
        u = uniform(p.seed, self.uid, p.tick, 1)
        self.open = u < 0.5 and self.height > 1.0
        self.leaves += 1 if u < 0.2 else -1 if u > 0.9 else 0
        self.nectar = toward(self.nectar, 1.0 / (1.0 + math.exp(-self.height)), p.share) if self.open else 0.0

    @rule
    def live(self, p):
        self.grow(p)
        self.bloom(p)

    @rule
    def drink(self, amount):
        self.nectar -= amount
        return self.nectar < 0.0


class Bee(ArrayAgent):
    mortal = True
    plant = link("where it feeds")
    cell = link("where it sleeps")
    load = column(0.0, unit="mg", doc="honey", low=0.0)
    trips = column(0, dtype=int)

    @rule
    def feed(self, p):
        flower = self.plant
        taken = p.share * flower.nectar * flower.cell.light
        self.load += taken if flower.open else 0.0
        self.trips += 1 if flower.open and uniform(p.seed, self.uid, p.tick, 2) < self.cell.water else 0


@compiled
def season(plants, bees, p, drinks, days):
    """A loop over two populations, as an electrical epoch is: counts the plants that ran dry."""
    dry = 0
    for _ in range(days):
        for i in range(plants.size):
            plants[i].live(p)
            dry += 1 if plants[i].drink(drinks[i]) else 0
        for j in range(bees.size):
            if bees[j].alive:
                bees[j].feed(p)
                bees[j].load += 0.001 * bees[j].plant.height
    return dry


def parameters(**values):
    known = {"dry": 0.4, "growth": 0.3, "tall": 4.0, "share": 0.25, "seed": 11.0, "tick": 3.0} | values
    return Parameters(known, known.values())


class Garden(mesa.Model):
    def __init__(self, seed=1, plants=40, bees=60, **how):
        super().__init__(rng=seed)
        self.grid = OrthogonalMooreGrid(SHAPE, torus=False, random=self.random)
        self.grid.create_property_layer("water", 0.0)
        self.grid.create_property_layer("light", 0.0)
        self.cells = Cells(self.grid)
        rng = np.random.default_rng(seed)
        n = self.cells.size
        self.grid.water.data[...] = rng.random(SHAPE)
        self.grid.light.data[...] = rng.random(SHAPE)
        self.plants = Population(
            self,
            Plant,
            plants,
            links={"cell": self.cells},
            cell=rng.integers(n, size=plants),
            height=rng.random(plants) * 5,
        )
        self.bees = Population(
            self,
            Bee,
            bees,
            links={"plant": self.plants, "cell": self.cells},
            plant=rng.integers(plants, size=bees),
            cell=rng.integers(n, size=bees),
            **how,
        )


def same(a, b):
    """Whether two populations hold the same bits."""
    return {k for k in a.columns if a.columns[k].tobytes() != b.columns[k].tobytes()} == set()
