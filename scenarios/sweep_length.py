"""How long the runs of a course go on, where it is asked what lasts: until what was given has worn off."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .regimen import about_given
from .registry import registry
from .sweep_arms import Arm

if TYPE_CHECKING:
    from ..model.scenario import Scenario


def long_enough(
    arms: Sequence[Arm], scenarios: Mapping[str, Sequence[Scenario]], reference: str | None, before: int
) -> list[Arm]:
    """The arms, those that ask for it made so long that what lasts can be read; the reference as the longest.

    Args:
        arms: of the sweep.
        scenarios: of each arm's name, as they are without this.
        reference: the arm with which the others are compared, if there is one.
        before: how many treatments all of them are given, which need not wear off.
    """
    needed = {
        arm.name: max(_readable_d(scenario, before) for scenario in scenarios[arm.name])
        for arm in arms
        if arm.until_worn_off
    }
    if reference is not None and needed:
        needed[reference] = max(needed.values())
    return [
        replace(arm, set=(*arm.set, f'duration="{needed[arm.name]:g} d"'))
        if arm.name in needed and needed[arm.name] > min(s.duration_d for s in scenarios[arm.name])
        else arm
        for arm in arms
    ]


def _readable_d(scenario: Scenario, before: int) -> float:
    """The record by which what an arm gives can be judged by what lasts; 0 if it is never stopped."""
    from ..analysis.relief import all_worn_off_d, read_d

    day = read_d(all_worn_off_d(about_given(scenario, registry())[before:]))
    every = scenario.record.every_d
    return math.ceil(round(day / every, 9)) * every if math.isfinite(day) else 0.0
