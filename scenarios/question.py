"""What a sweep of duration x intensity x biology says: its fates, and where the pain begins to stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..analysis.measures import Fate
from ..analysis.style import severity
from ..analysis.sweep_folder import Sweep
from .errors import InputError

DURATION, INTENSITY, BIOLOGY = "stimulus.0.stop", "stimulus.0.intensity", "biology"
"""what the axes of the sweep change"""
FATE = "fate"
MOST_SEEDS_STAY = 0.5
"""an injury's pain stays where it does in more than this share of the seeds"""
Value = str | float


@dataclass(frozen=True)
class Cell:
    """One duration and intensity under one biology: how many seeds came to each fate."""

    duration: Value
    intensity: Value
    counts: dict[str, int]

    @property
    def seeds(self) -> int:
        """How many runs there were."""
        return sum(self.counts.values())

    @property
    def stays(self) -> bool:
        """Whether the pain stays in most seeds."""
        return self.counts.get(Fate.STAYS, 0) > MOST_SEEDS_STAY * self.seeds

    @property
    def fate(self) -> str:
        """The commonest fate; of two as common the worse."""
        return max(self.counts, key=lambda f: (self.counts[f], severity(f)))


@dataclass(frozen=True)
class Edge:
    """Where along a row of values the pain begins to stay."""

    last_without: Value | None
    """the value before the first with which it stays; None if it stays with the first"""
    first_with: Value | None
    """None if it stays with none"""
    clean: bool
    """whether it stays with all that follow"""


class Map:
    """The map of one biology."""

    def __init__(
        self, biology: str, durations: Sequence[Value], intensities: Sequence[Value], cells: list[Cell]
    ):
        self.biology = biology
        self.durations, self.intensities = list(durations), list(intensities)
        self.cells = {(c.duration, c.intensity): c for c in cells}

    def across(self, intensity: Value) -> Edge:
        """Where the pain begins to stay, over the durations at one intensity."""
        there = [(d, self.cells[d, intensity]) for d in self.durations if (d, intensity) in self.cells]
        return edge([d for d, _ in there], [cell.stays for _, cell in there])

    def count(self, fate: str) -> int:
        """How many cells have this as their commonest fate."""
        return sum(cell.fate == fate for cell in self.cells.values())

    def with_fate(self, fate: str) -> list[Cell]:
        """The cells whose commonest fate this is."""
        return [cell for cell in self.cells.values() if cell.fate == fate]

    @cached_property
    def stays_anywhere(self) -> bool:
        """Whether the pain stays in most seeds of some cell."""
        return any(cell.stays for cell in self.cells.values())


def edge(values: Sequence[Value], stays: Sequence[bool]) -> Edge:
    """Where a row begins to stay.

    >>> edge(["1 d", "4 d", "7 d"], [False, False, True])
    Edge(last_without='4 d', first_with='7 d', clean=True)
    """
    if True not in stays:
        return Edge(values[-1] if values else None, None, True)
    first = list(stays).index(True)
    return Edge(values[first - 1] if first else None, values[first], all(stays[first:]))


def maps(sweep: Sweep) -> list[Map]:
    """The map of each biology of a sweep.

    Raises InputError if the sweep is not one of duration, intensity and biology with the measure `fate`.
    """
    axes = {axis["path"]: axis["name"] for axis in sweep.info["axes"]}
    for path in (DURATION, INTENSITY, BIOLOGY):
        if path not in axes:
            raise InputError(
                f"{sweep.folder} has no axis of {path}: run `dorsalhorn sweep injury_duration_by_intensity`"
            )
    if FATE not in sweep.measures:
        raise InputError(
            f"{sweep.folder} does not measure {FATE}: add it to its measures, sweep with --resume"
        )
    durations, intensities, biologies = (sweep.values(axes[p]) for p in (DURATION, INTENSITY, BIOLOGY))
    runs, found = sweep.runs, []
    for biology in biologies:
        cells = []
        for duration in durations:
            for intensity in intensities:
                here = runs[
                    (runs[axes[BIOLOGY]] == biology)
                    & (runs[axes[DURATION]] == duration)
                    & (runs[axes[INTENSITY]] == intensity)
                ]
                if len(here):
                    counts = {str(k): int(n) for k, n in here[FATE].value_counts().items()}
                    cells.append(Cell(duration, intensity, counts))
        found.append(Map(str(biology), durations, intensities, cells))
    return found
