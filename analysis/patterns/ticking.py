"""How long each tick of a course of weeks is: long while nothing changes, short after every change."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...model.scenario import Scenario

PACE = ((35.0, 2.0), (math.inf, 4.0))
"""until which day ticks are at most so long (h)"""
AFTER_CHANGE = ((2.0, 0.5), (8.0, 1.0), (36.0, 2.0))
"""until how many hours after a change they are at most so long (h)"""
TICKS_H = (4.0, 2.0, 1.0, 0.5, 0.25, 1.0 / 12.0, 1.0 / 60.0)
DAY_MIN = 1440
NEAR = 1e-6
"""days taken as the same moment"""


def minute(day: float) -> float:
    """The nearest whole minute: every tick is a number of minutes."""
    return round(day * DAY_MIN) / DAY_MIN


def turns(scenario: Scenario, until_d: float) -> list[float]:
    """When anything starts or stops, each dose included."""
    from ...model.courses import doses

    s = scenario
    spans: list[tuple[float, float | None]] = [(w.start_d, w.stop_d) for w in s.stimuli]
    spans += [(w.start_d, w.stop_d) for w in s.clamps] + [(w.start_d, w.stop_d) for w in s.overrides]
    at_fibres = [w.course for w in s.stimuli] + [w.course for w in s.clamps]
    for course in (*s.courses, *(c for c in at_fibres if c is not None)):
        if course.every_d is None:
            spans.append((course.start_d, course.stop_d))
        else:
            spans += [(start, stop) for start, stop, _ in doses(course, until_d)]
    found = {minute(day) for span in spans for day in span if day is not None and day <= until_d}
    return sorted(found)


def next_tick(
    changes: Sequence[float], now_d: float, stop_d: float, after_change: Sequence[tuple[float, float]]
) -> float:
    """Length of the next tick (d): short after a change, and so that it ends no later than the next stop."""
    most_h = next(tick for until, tick in PACE if now_d < until - NEAR)
    last = bisect_right(changes, now_d + NEAR)
    since_h = (now_d - changes[last - 1]) * 24.0 if last else math.inf
    most_h = min([most_h, *(tick for until, tick in after_change if since_h < until - NEAR)])
    for tick_h in TICKS_H:
        tick_d = tick_h / 24.0
        aligned = abs(now_d / tick_d - round(now_d / tick_d)) < NEAR * 100.0
        if tick_h <= most_h and aligned and now_d + tick_d <= stop_d + NEAR:
            return tick_d
    return TICKS_H[-1] / 24.0
