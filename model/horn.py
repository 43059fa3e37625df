"""What the parts of the model may ask of the whole: the slice's populations, maps and numbers.

`DorsalHorn` is one; the parts (fields, laboratory, read-outs, turnover, sampling) know only this.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ..agents.engine import Cells, Parameters, Population
from .circuit import Circuit
from .slice import Sheet


class Bench(Protocol):
    """What a read-out may ask of the laboratory."""

    site: float
    lamina_1: np.ndarray


class Horn(Protocol):
    """A slice of dorsal horn as its parts see it."""

    seed: int
    parameters: Parameters
    sheet: Sheet
    cells: Cells
    afferents: Population
    neurons: Population
    receptors: Population
    microglia: Population
    astrocytes: Population
    circuit: Circuit
    site_width: float
    superficial: np.ndarray

    @property
    def populations(self) -> dict[str, Population]:
        """The populations by name."""

    @property
    def time_d(self) -> float:
        """Simulated days so far."""

    @property
    def laboratory(self) -> Bench:
        """Where its stimuli are applied."""
