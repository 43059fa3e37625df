"""What the pictures of the browser page share: their size, their heading, the injuries and the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from ..model.dorsalhorn import DorsalHorn
    from ..model.scenario import Stimulus

DPI = 110
HEIGHT_IN, SLICE_IN, COURSES_IN = 6.75, 7.8, 6.9
"""side by side they fill a page of 16:9"""
HEADING_IN = 0.22
SHAM = "sham"
BASELINE_D = 1.0


def injuries(horn: DorsalHorn) -> list[Stimulus]:
    """The stimuli that injure: not sham, not nerve blocks, nothing of intensity 0."""
    given = horn.scenario.own_stimuli
    return [s for s in given if s.kind != SHAM and s.intensity > 0.0 and not s.drive.silences]


def naive_values(horn: DorsalHorn) -> pd.Series:
    """Median of the records before the first injury (without one, of the first day): the baseline."""
    start = min((s.start_d for s in injuries(horn)), default=BASELINE_D)
    rows = [r for r in horn.records if r["time_d"] <= start] or horn.records[:1]
    return pd.DataFrame(rows).median()


def heading(figure: Figure, left: str, right: str = "") -> None:
    """Write a picture's title, and something at its right."""
    high = 1 - HEADING_IN / HEIGHT_IN
    figure.text(0.012, high, left, fontsize=14, fontweight="bold", va="center")
    figure.text(0.985, high, right, fontsize=13, va="center", ha="right")
