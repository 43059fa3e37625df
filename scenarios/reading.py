"""What a study of margins reads from a run: the threshold before the injury, and in the run's last week.

The last week, not the weeks before it: near its brink a state falls slowly, and one that is on its way up
does not hold itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..analysis.measures import THRESHOLD, WEEK_D, end_start_d, naive_state

if TYPE_CHECKING:
    import pandas as pd

    from ..model.scenario import Scenario


@dataclass(frozen=True)
class Reading:
    """Withdrawal thresholds of one run (g)."""

    naive_g: float
    """before the injury"""
    last_g: float
    """median of the last week, or of the run's end if that is shorter"""


def reading(frame: pd.DataFrame, scenario: Scenario) -> Reading:
    """Measure one run; its first stimulus is the injury, or the sham in its stead."""
    injury = scenario.own_stimuli[0]
    cause_ends = injury.cause_ends_d if injury.cause_ends_d < scenario.duration_d else None
    since = max(end_start_d(frame, cause_ends), float(frame.index[-1]) - WEEK_D)
    last = frame[frame.index >= since][THRESHOLD]
    return Reading(float(naive_state(frame, injury.start_d)[THRESHOLD]), float(last.median()))
