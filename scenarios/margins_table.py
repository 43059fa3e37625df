"""The margins as a table: a row an end, mechanism and seed, in a CSV file that the question's page reads."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from .bracket import MOST, NONE, Bracket
from .errors import InputError
from .margins import Margins

COLUMNS = (
    *("scenario", "biology", "tick", "steps", "version"),
    *("end", "mechanism", "seed", "painless_strength", "painful_strength"),
)
UNKNOWN = ""
"""stands for a strength that is not known"""
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Gain:
    """The gain margin of one mechanism over the seeds: how many times stronger than the pain needs."""

    mechanism: str
    least: float
    """lowest of what the halvings leave open, over all seeds"""
    middle: float
    """median over the seeds of the margin that was seen to hold"""
    most: float
    """highest of what the halvings leave open"""

    @property
    def needless(self) -> bool:
        """Whether the pain stands without it in most seeds."""
        return math.isinf(self.middle)

    @property
    def never(self) -> bool:
        """Whether no strength that was tried gives pain in most seeds."""
        return self.middle == 0.0


def gain(mechanism: str, brackets: Sequence[Bracket]) -> Gain:
    """The margin of a mechanism from its brackets, one a seed."""
    return Gain(
        mechanism,
        min(b.gain for b in brackets),
        median(b.gain for b in brackets),
        max(b.gain_most for b in brackets),
    )


def gains(found: dict[str, list[Bracket]]) -> list[Gain]:
    """All margins of one end, what the pain needs most first, what it stands without last."""
    return sorted((gain(name, brackets) for name, brackets in found.items()), key=lambda g: g.middle)


def write_csv(found: Margins, path: Path, version: str) -> None:
    """Write one row an end, mechanism and seed.  Raises OSError."""
    asked = found.asked
    head = (asked.source, found.scenario.biology, asked.tick, asked.steps, version)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for (end, name, seed), bracket in found.brackets.items():
            known = (_cell(bracket.painless), _cell(bracket.painful))
            out.writerow((*head, end, name, seed, *known))


@dataclass(frozen=True)
class Kept:
    """What a CSV file of margins holds."""

    path: Path
    scenario: str
    biology: str
    tick: str
    version: str
    seeds: int
    brackets: dict[str, dict[str, list[Bracket]]]
    """by end and mechanism, one a seed"""


def read_csv(path: Path) -> Kept:
    """Read a table that `write_csv` wrote.  Raises InputError if it is none."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row, _ in zip(csv.DictReader(file), range(MOST_ROWS), strict=False)]
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise InputError(f"{path} cannot be read: {reason}") from error
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if not rows or missing:
        raise InputError(
            f"{path} is not a table of margins{f': it has no {missing[0]}' if missing else ''}; "
            "`dorsalhorn margins` writes one"
        )
    brackets: dict[str, dict[str, list[Bracket]]] = {}
    try:
        for row in rows:
            bracket = Bracket(_number(row["painless_strength"]), _number(row["painful_strength"]))
            brackets.setdefault(row["end"], {}).setdefault(row["mechanism"], []).append(bracket)
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} is not a table of margins: {error}") from error
    first = rows[0]
    seeds = len({row["seed"] for row in rows})
    return Kept(path, first["scenario"], first["biology"], first["tick"], first["version"], seeds, brackets)


def spoken_gain(g: Gain) -> str:
    """A margin in few words: `1.8 (1.6-2.3)`.

    >>> spoken_gain(Gain("kinase", 1.6, 1.8, 2.25)), spoken_gain(Gain("d_serine", *[float("inf")] * 3))
    ('1.8 (1.6-2.3)', 'stands without it')
    """
    if g.needless and math.isinf(g.least):
        return "stands without it"
    if g.never and g.most <= 1.0 / MOST:
        return f"below {1.0 / MOST:g}: not even {MOST:g} times as strong"
    if math.isinf(g.most):
        return f"{_short(g.middle)} (from {_short(g.least)} to without limit)"
    return f"{_short(g.middle)} ({_short(g.least)}-{_short(g.most)})"


def _short(value: float) -> str:
    if math.isinf(value):
        return "without limit"
    return f"below {1.0 / MOST:g}" if value == 0.0 else f"{value:.1f}" if value >= 1.0 else f"{value:.2g}"


def _cell(strength: float | None) -> str | float:
    return UNKNOWN if strength is None else strength


def _number(text: Any) -> float | None:
    if text == UNKNOWN:
        return None
    value = float(text)
    if not NONE <= value <= MOST:
        raise ValueError(f"a strength must lie between {NONE:g} and {MOST:g}, not {value:g}")
    return value


def names(found: Iterable[Gain]) -> list[str]:
    """The mechanisms, as a page writes them."""
    return [f"`{g.mechanism}`" for g in found]
