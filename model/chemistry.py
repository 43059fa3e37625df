"""Chemicals on the grid.

A mediator is made, lost and spread by diffusion.  Left alone its map comes to rest at its sources spread
over its reach, the square root of diffusion coefficient times lifetime; on the way there each cosine wave
of the map closes in at its own rate.  Both are exact on the grid, with no flux through its borders, so a
tick may be as long as it likes: in a tick of an hour most mediators, which live for seconds to an hour,
come to rest, in one of a second substance P only begins to rise.  A source of level 1 in every cell of a
healthy density makes a map of level 1.
"""

from __future__ import annotations

import math

import numpy as np

from ..agents.engine import compiled

FIELDS = {
    "glutamate": "uM",
    "substance_p": "nM",
    "atp": "1",
    "csf1": "1",
    "tnf": "1",
    "il1b": "1",
    "bdnf": "1",
    "igf1": "1",
    "d_serine": "uM",
    "nitric_oxide": "1",
    "peroxynitrite": "1",
    "clearance": "1",
    "activity": "Hz",
    "microglia_density": "1",
}
"""name of each map and its unit"""


@compiled
def multiply(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Matrix product with a fixed order of additions: the same bits on every machine."""
    out[:, :] = 0.0
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            factor = a[i, k]
            for j in range(b.shape[1]):
                out[i, j] += factor * b[k, j]


def cosines(n: int) -> np.ndarray:
    """Orthonormal cosine transform of length n; rounded, so that no libm shows in the bits."""
    rows = [
        [
            round(math.sqrt((1 if k == 0 else 2) / n) * math.cos(math.pi * k * (j + 0.5) / n), 12)
            for j in range(n)
        ]
        for k in range(n)
    ]
    return np.array(rows)


class Diffusion:
    """Spreads sources over a grid of `shape` cells of edge `cell_um`."""

    def __init__(self, shape: tuple[int, int], cell_um: float):
        self.shape = shape
        self.cell_um = cell_um
        self.rows, self.columns = cosines(shape[0]), cosines(shape[1])
        self.rows_back, self.columns_back = self.rows.T.copy(), self.columns.T.copy()
        self._filters: dict[float, np.ndarray] = {}
        self._left: dict[tuple[float, float], np.ndarray] = {}
        self._buffers = [np.empty(shape) for _ in range(3)]

    def _filter(self, reach_um: float) -> np.ndarray:
        if reach_um not in self._filters:
            squared = (reach_um / self.cell_um) ** 2
            wave = [
                np.array([round(2 - 2 * math.cos(math.pi * k / n), 12) for k in range(n)]) for n in self.shape
            ]
            self._filters[reach_um] = 1.0 / (1.0 + squared * (wave[0][:, None] + wave[1][None, :]))
        return self._filters[reach_um]

    def _remains(self, reach_um: float, lifetimes: float) -> np.ndarray:
        """What is left of each wave's distance from rest after so many lifetimes; short waves go first."""
        key = reach_um, lifetimes
        if key not in self._left:
            self._left[key] = np.round(np.exp(-lifetimes / self._filter(reach_um)), 12)
        return self._left[key]

    def spread(
        self,
        sources: np.ndarray,
        reach_um: float,
        before: np.ndarray | None = None,
        lifetimes: float = math.inf,
    ) -> np.ndarray:
        """The map after some of the mediator's lifetimes, never negative; at rest without an earlier one.

        It solves d(level)/d(lifetimes) = sources - level + reach^2 laplacian(level) from `before` on, with
        sources that stay as they are.  Flat in, flat out.
        """
        a, b, out = self._buffers
        waves = self._forward(sources) * self._filter(reach_um)
        if before is not None and (left := self._remains(reach_um, lifetimes)).any():
            waves += (self._forward(before) - waves) * left
        b[:] = waves
        multiply(self.rows_back, b, a)
        multiply(a, self.columns, out)
        return np.maximum(out, 0.0).reshape(-1).copy()

    def _forward(self, level: np.ndarray) -> np.ndarray:
        """The waves of a map."""
        a, b, _ = self._buffers
        multiply(self.rows, level.reshape(self.shape), a)
        multiply(a, self.columns_back, b)
        return b.copy()
