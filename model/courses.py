"""How strongly a treatment acts at a moment: doses come on and wear off, more of a drug acts more.

A dose moves the effect towards what that dose does, with the time constant of its onset; without it (or
when the next one is smaller) the effect falls with the time constant of its offset, or at a constant
rate where fibres have to grow in again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from .scenario import Course

TAPER_STEPS = 8
"""a taper of something given without pause goes down in so many equal steps"""
ONSETS = 3.0
"""a single dose is there for so many onset times (95 % of its effect), unless it says how long"""


def at_dose(factor: float, dose: float, ceiling: float | None = None) -> float:
    """The factor of a treatment at a multiple of its usual dose.

    Each further dose acts on what is left; with a `ceiling` the effect saturates (Hill coefficient 1):
    no dose goes beyond that factor.

    >>> at_dose(0.5, 2.0), at_dose(0.5, 0.0)
    (0.25, 1.0)
    >>> at_dose(2.0, 2.0, ceiling=3.0)
    2.333333333333333
    """
    if dose == 0.0 or factor == 1.0:
        return 1.0
    if ceiling is None or dose == 1.0:
        return float(factor**dose)
    half = (ceiling - 1.0) / (factor - 1.0) - 1.0
    return 1.0 + (ceiling - 1.0) * dose / (dose + half)


def lasts(c: Course) -> float:
    """For how long (d) each of a course's repeated doses is there."""
    every = math.inf if c.every_d is None else c.every_d
    return min(every, ONSETS * c.onset_d if c.lasts_d is None else c.lasts_d)


def doses(c: Course, until_d: float) -> Iterator[tuple[float, float, float]]:
    """Start, stop and share of the full dose of everything given up to a moment."""
    if c.every_d is not None:
        number = 0
        while (start := c.start_d + number * c.every_d) <= until_d and start < c.stop_d:
            share = min(1.0, (c.stop_d - start) / c.taper_d) if c.taper_d > 0.0 else 1.0
            yield start, min(start + lasts(c), c.stop_d), share
            number += 1
        return
    if c.stop_d - c.taper_d > c.start_d:
        yield c.start_d, c.stop_d - c.taper_d, 1.0
    if c.taper_d > 0.0:
        ends = [c.stop_d - left * c.taper_d / TAPER_STEPS for left in range(TAPER_STEPS, -1, -1)]
        for number, (start, stop) in enumerate(pairwise(ends)):
            if start <= until_d:
                yield start, stop, 1.0 - (number + 0.5) / TAPER_STEPS


def course_factor(c: Course, time_d: float) -> float:
    """Factor of a treatment at a moment: it comes on and wears off with its own time constants."""
    if time_d < c.start_d:
        return 1.0
    effect, now = 0.0, c.start_d
    for start, stop, share in doses(c, time_d):
        if start > now:
            effect = _towards(0.0, effect, start - now, c)
        now = min(stop, time_d)
        effect = _towards(at_dose(c.factor, share, c.ceiling) - 1.0, effect, now - start, c)
        if time_d < stop:
            return 1.0 + effect
    return 1.0 + _towards(0.0, effect, time_d - now, c)


def _towards(target: float, effect: float, lasted_d: float, c: Course) -> float:
    """The effect after moving towards another one for a while."""
    falls = abs(target) <= abs(effect)
    if falls and c.evenly and c.offset_d > 0.0:
        step = abs(c.factor - 1.0) * lasted_d / c.offset_d
        return max(target, effect - step) if effect > target else min(target, effect + step)
    slow_d = c.offset_d if falls else c.onset_d
    return target + (effect - target) * math.exp(-lasted_d / slow_d) if slow_d > 0.0 else target
