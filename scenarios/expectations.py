"""What a knock-out can do, and what the article and the literature let one expect of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from ..analysis.measures import BACK

MOVED = 0.1
"""a threshold that ends this share of naive higher or lower than the untouched run's has moved"""
DAY_0, DRIVE_END = "day_0", "drive_end"
MOMENTS = (DAY_0, DRIVE_END)


class Verdict(StrEnum):
    """What became of the pain without a mechanism."""

    ALONE = "lowers it by itself"
    PREVENTS = "prevents"
    REVERSES = "reverses"
    REDUCES = "reduces"
    NOTHING = "changes nothing"
    WORSENS = "worsens"


def judge(moment: str, before: float, end: float, untouched: float) -> Verdict:
    """Compare a run without a mechanism with the untouched one.

    Args:
        moment: from when the mechanism was out, `day_0` or `drive_end`.
        before: threshold with the mechanism out, before the injury; a share of the intact naive one.
        end: threshold at the end of the run, a share of naive.
        untouched: the same with the mechanism in place.

    >>> judge("day_0", 1.0, 0.9, 0.3)
    <Verdict.PREVENTS: 'prevents'>
    >>> judge("drive_end", 1.0, 0.45, 0.3)
    <Verdict.REDUCES: 'reduces'>
    """
    if moment == DAY_0 and before < BACK:
        return Verdict.ALONE
    if end >= BACK > untouched:
        return Verdict.PREVENTS if moment == DAY_0 else Verdict.REVERSES
    if end >= untouched + MOVED:
        return Verdict.REDUCES
    return Verdict.WORSENS if end <= untouched - MOVED else Verdict.NOTHING


@dataclass(frozen=True)
class Expected:
    """What one side lets one expect; no verdict for a moment: no claim, or no experiment found."""

    says: str
    keys: tuple[str, ...]
    """mechanism rows of the article, or sources"""
    verdicts: Mapping[str, tuple[Verdict, ...]]

    def accords(self, moment: str, found: Verdict) -> bool:
        """Whether an outcome is in accord with it (also where it says nothing)."""
        return not self.verdicts[moment] or found in self.verdicts[moment]


@dataclass(frozen=True)
class Expectation:
    """What both sides let one expect of knocking one mechanism out."""

    article: Expected
    literature: Expected


@cache
def expectations() -> dict[str, Expectation]:
    """The shipped expectations, by mechanism."""
    text = (files(__package__) / "data" / "expectations.toml").read_text(encoding="utf-8")
    return {
        mechanism: Expectation(_side(sides["article"], "rows"), _side(sides["literature"], "sources"))
        for mechanism, sides in tomllib.loads(text).items()
    }


def _side(entry: Mapping[str, Any], keys: str) -> Expected:
    verdicts = {moment: tuple(Verdict(word) for word in entry[moment]) for moment in MOMENTS}
    return Expected(entry["says"], tuple(entry[keys]), verdicts)
