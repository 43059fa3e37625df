"""From the values of the seeds to a verdict on a claim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .intervals import LEAST_PAIRS, interval


class Verdict(StrEnum):
    """What became of a claim in this model."""

    SUPPORTED = "supported in this model"
    NOT_SUPPORTED = "not supported"
    NOT_REPRESENTED = "not represented"


@dataclass(frozen=True)
class Judged:
    """The verdict with the figures that it stands on."""

    verdict: Verdict
    value: float = math.nan
    """mean over the seeds that could be measured"""
    low: float = math.nan
    """the lower end of the 95 % interval; of under 3 seeds the lowest value"""
    high: float = math.nan
    count: int = 0
    """seeds that could be measured"""
    straddles: bool = False
    """not supported, but a part of the interval lies on the claimed side"""


def judge(values: Sequence[float], low: float = -math.inf, high: float = math.inf) -> Judged:
    """Supported if the whole 95 % interval lies in [low, high] (of under 3 seeds: every seed).

    Values that are not numbers are left out; without any other the claim is not supported.

    >>> judge([0.1, 0.2], high=0.5).verdict, judge([0.1, 0.6], high=0.5).straddles
    (<Verdict.SUPPORTED: 'supported in this model'>, True)
    """
    known = np.array([value for value in values if math.isfinite(value)])
    if not known.size:
        return Judged(Verdict.NOT_SUPPORTED)
    mean, first, last = interval(known)
    if known.size < LEAST_PAIRS:
        first, last = float(known.min()), float(known.max())
    supported = low <= first and last <= high
    verdict = Verdict.SUPPORTED if supported else Verdict.NOT_SUPPORTED
    overlaps = first <= high and last >= low
    return Judged(verdict, mean, first, last, int(known.size), overlaps and not supported)


def position(value: float, low: float, high: float, against: float) -> float:
    """Where a value stands: 0 at the edge of what is needed, above 0 beyond it, -1 at `against`.

    `against` is the value that would plainly stand against the claim.  Of two edges the nearer one counts.

    >>> position(0.75, 0.5, math.inf, 0.0), position(1.0, -math.inf, 0.5, 1.0)
    (0.5, -1.0)
    """
    edge = low if against < low else high
    inside = min(value - low, high - value)
    return inside / abs(edge - against)
