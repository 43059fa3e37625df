"""Which of the article's claims about what keeps pain going come out of the runs, each by a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..analysis.measures import Fate
from .bracket import OWN
from .margins_table import Gain
from .question import Map
from .registry import registry

CYCLE = ("peroxynitrite", "superoxide", "nitric_oxide")
SUBSTANCE_P, MICROGLIA = "substance_p", "microglia"


class Came(StrEnum):
    """What came of a claim."""

    OUT = "emerges"
    NOT = "does not emerge"
    UNKNOWN = "not tested here"


@dataclass(frozen=True)
class Found:
    """A claim, what came of it, and why."""

    id: str
    says: str
    came: Came
    because: str


def judged(there: Map, gains: Mapping[str, Gain]) -> list[Found]:
    """The claims that a map and margins can decide, under the map's biology.

    Args:
        there: fates over duration and intensity.
        gains: the margins under the same biology, by mechanism; empty if they were not made.
    """
    stays = there.stays_anywhere
    heals = there.count(Fate.HEALS) + there.count(Fate.LATENT) > 0
    found = [
        _found("M05", stays and heals, _both(stays, heals)),
        _found(
            "M11", stays, "it stays after the drive has ended, somewhere on the map" if stays else _nowhere()
        ),
    ]
    held = [g for g in gains.values() if g.middle >= OWN]
    if not held:
        why = "the pain that was to be weakened does not stay by itself" if gains else "no margins were made"
        return [*found, *(Found(m, _says(m), Came.UNKNOWN, why) for m in ("M15", "M39", "M48", "M62"))]
    fatal = [g for g in held if not g.needless]
    return [
        *found,
        _needed("M15", SUBSTANCE_P, gains),
        _needed("M39", MICROGLIA, gains),
        _cycle(gains),
        _found(
            "M62",
            not fatal,
            f"{len(fatal)} of {len(gains)} links end the pain when one alone is taken out as the drive ends"
            if fatal
            else "no link ends the pain when it alone is taken out as the drive ends",
        ),
    ]


def _needed(claim: str, mechanism: str, gains: Mapping[str, Gain]) -> Found:
    """A target that helps must be one that the state needs."""
    if mechanism not in gains:
        return Found(claim, _says(claim), Came.UNKNOWN, f"`{mechanism}` was not weakened")
    needed = not gains[mechanism].needless
    how = "does not stand without" if needed else "stands without"
    return _found(claim, needed, f"once the drive has ended the state {how} `{mechanism}`")


def _cycle(gains: Mapping[str, Gain]) -> Found:
    """The radicals hold the state if it needs each of them, with the drive gone."""
    there = [name for name in CYCLE if name in gains]
    if not there:
        return Found("M48", _says("M48"), Came.UNKNOWN, "no radical was weakened")
    needless = [f"`{name}`" for name in there if gains[name].needless]
    if needless:
        return _found("M48", False, f"the state stands without {', '.join(needless)}")
    others = [n for n, g in gains.items() if n not in CYCLE and not g.needless]
    wider = f"; not by itself alone: the state needs {len(others)} further links as well" if others else ""
    return _found("M48", True, f"with the drive gone the state stands, and falls with any radical{wider}")


def _both(stays: bool, heals: bool) -> str:
    if stays and heals:
        return "weak or short injuries heal, strong and long ones leave pain that stays"
    return "no injury of the map leaves pain that stays" if heals else "no injury of the map heals"


def _nowhere() -> str:
    return "no injury of the map leaves pain that stays"


def _found(claim: str, came: bool, because: str) -> Found:
    return Found(claim, _says(claim), Came.OUT if came else Came.NOT, because)


def _says(claim: str) -> str:
    return registry().claims[claim].says
