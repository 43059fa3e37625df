"""The states of the cascade as people name them: the one list behind figures, summaries and comparisons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from .words import number, percent

Group = Literal["receptors", "glia", "radicals"]
LEAST_SHARE = 0.05
LEAST_RATIO = 0.15
TINY = 1e-6


@dataclass(frozen=True)
class State:
    """One state: its column, its name, its group, and whether it is a share (0..1) or a multiple of naive."""

    column: str
    name: str
    group: Group
    share: bool

    def values(self, series: pd.Series, naive: float) -> pd.Series:
        """The state as drawn: the share itself, or the multiple of its naive value."""
        return series if self.share or naive == 0.0 else series / naive

    def change(self, naive: float, end: float) -> str:
        """From naive to the end in words: `8 % to 61 %`, `x 2.4`."""
        if self.share:
            return f"{percent(naive)} \N{RIGHTWARDS ARROW} {percent(end)}"
        return (
            f"\N{MULTIPLICATION SIGN} {number(end / naive)}"
            if naive
            else f"0 \N{RIGHTWARDS ARROW} {number(end)}"
        )

    def distance(self, naive: float, end: float) -> float:
        """How far the end is from naive, to rank states: the size of the log fold change, floored for shares.

        A share counts from 5 points up, so that 0.1 % to 1 % does not outrank 5 % to 60 %.
        """
        floor = LEAST_SHARE if self.share else TINY
        return abs(math.log(max(end, floor) / max(naive, floor)))

    def moved(self, naive: float, end: float) -> bool:
        """Whether the end differs from naive by more than noise (5 points of a share, 15 % of a level)."""
        if self.share:
            return abs(end - naive) > LEAST_SHARE
        return abs(end / naive - 1.0) > LEAST_RATIO if naive else end > 0.0


CASCADE = (
    State("nmdar_phosphorylated_fraction", "NMDA receptors phosphorylated", "receptors", share=True),
    State("nmdar_surface", "NMDA receptors at the surface", "receptors", share=False),
    State("microglia_activation", "microglial activation", "glia", share=True),
    State("astrocyte_reactivity", "astrocyte reactivity", "glia", share=True),
    State("glt1_relative", "glutamate transporter GLT-1", "glia", share=False),
    State("d_serine_um", "D-serine", "glia", share=False),
    State("mitochondrial_damage", "mitochondrial damage", "radicals", share=True),
    State("peroxynitrite_relative", "peroxynitrite", "radicals", share=False),
    State("mnsod_active_fraction", "antioxidant MnSOD active", "radicals", share=True),
    State("nmdar_nitrated_fraction", "NMDA receptors nitrated", "radicals", share=True),
)
"""In the order in which the article's cascade runs."""


def recorded(frame: pd.DataFrame) -> list[State]:
    """The states that `frame` has values of."""
    return [state for state in CASCADE if state.column in frame and frame[state.column].notna().any()]
