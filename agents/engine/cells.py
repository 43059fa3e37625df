"""The grid as a table: property layers as columns, Mesa cells as items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .tables import Table, Tabular


class _Layers(Table):
    """A table that looks for new or replaced layers whenever its type is asked for."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        super().__init__("Cells", {}, {}, len(cells))

    @property
    def type(self) -> Any:
        self._cells.refresh()
        return super().type


class Cells(Tabular):
    """All cells of a grid, in the order of its arrays; what a link named ``cell`` points into.

    Args:
        grid: A Mesa discrete space with property layers (float, int or bool).

    A layer is used where Mesa keeps it: nothing is copied, ``layer.data`` is never replaced, and a layer made
    later is seen without further ado.  Mesa's own layer ``empty`` is left out.
    """

    def __init__(self, grid: Any) -> None:
        self.grid = grid
        self.shape = tuple(grid.dimensions)
        self._items = [grid[tuple(at)] for at in np.ndindex(*self.shape)]
        self._layers: dict[str, np.ndarray] = {}
        self._columns: dict[str, np.ndarray] = {}
        self.table = _Layers(self)
        self.address = self.table.address
        self.refresh()

    def refresh(self) -> None:
        """Look for layers made, removed or replaced since the last time (done before every rule).

        Raises:
            TypeError: A layer is not a contiguous array of float, int or bool.
        """
        layers = getattr(self.grid, "_mesa_property_layers", None)
        if layers is None:  # Mesa 4
            layers = self.grid.property_layers
        found = {n: getattr(v, "data", v) if not isinstance(v, np.ndarray) else v for n, v in layers.items()}
        found.pop("empty", None)
        if len(found) == len(self._layers) and all(self._layers.get(n) is a for n, a in found.items()):
            return
        for name, array in found.items():
            if not array.flags.c_contiguous:
                raise TypeError(f"layer '{name}' is not contiguous")
        self._layers = found
        self._columns = {name: array.reshape(-1) for name, array in found.items()}
        self.table.update(self._columns, len(self))

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """Layer name to its flat view; write in place."""
        self.refresh()
        return self._columns

    def __getattr__(self, name: str) -> np.ndarray:
        columns = self.__dict__.get("_columns", {})
        if name not in columns:
            raise AttributeError(f"the grid has no layer '{name}'")
        return self.columns[name]

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, k: int) -> Any:
        return self._items[k]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self._items)


def release_model(model: Any) -> None:
    """Let go of a model that is no longer needed.

    Mesa 3.3 keeps every model that ever had an agent in `Agent._ids` (mesa #3179), and the neighbourhood
    caches of `Cell` keep every grid (mesa #3061).
    """
    from mesa import Agent
    from mesa.discrete_space import Cell

    getattr(Agent, "_ids", {}).pop(model, None)
    for method in (Cell.get_neighborhood, Cell._neighborhood):
        clear = getattr(method, "cache_clear", None)
        if clear is not None:
            clear()
