"""Day 0 is a steady state: ninety days in which nothing happens move nothing."""

from __future__ import annotations

import numpy as np
import pytest

from dorsalhorn.model import DorsalHorn
from dorsalhorn.model import dorsalhorn as built

from .horn import HURRIED, PRESETS, build, quiet

MOVED, NOISE = 0.05, 0.02
"""by which share a level may move, and by how much of its unit: near zero, chance of the newest sample"""
MOVED_MV = 0.3
"""by how much a potential may: a twentieth of it would be more than days of a nerve injury do to chloride"""
FOLLOWS = {"neurons.plateau_shift_nm": "neurons.calcium_nm"}
"""what counts from the rest of another column, and so is near zero, may move as far as that column"""
NO_STATE = {"uid", "receptors_built", "calcium_sum", "kinase_drive_sum"}
"""names, counts of all that has been, and sums over the newest epoch"""


def levels(model: DorsalHorn) -> dict[str, float]:
    """How many of each kind there are, and means: of every column over its agents, of every map."""
    found = {f"cells.{name}": layer.mean() for name, layer in model.cells.columns.items()}
    for who, herd in model.populations.items():
        found[f"{who}.number"] = herd.living("uid").size
        found |= {f"{who}.{name}": herd.living(name).mean() for name in herd.columns if name not in NO_STATE}
    return found


def moved(biology: str, days: float) -> dict[str, tuple[float, float]]:
    """What differs between the first and the last third of so many days: both means, by name."""
    model = build(quiet(biology, days))
    ticks = [levels(model) for _ in range(model.ticks) if model.step() is None]
    span = len(ticks) // 3
    first, last = (
        {k: np.mean([t[k] for t in part]) for k in ticks[0]} for part in (ticks[:span], ticks[-span:])
    )
    return {
        name: (first[name], last[name])
        for name in first
        # what is no number has moved
        if not abs(last[name] - first[name]) <= allowed(name, first[FOLLOWS.get(name, name)])
    }


def allowed(name: str, level: float) -> float:
    """By how much a level may move, in its unit."""
    return MOVED_MV if name.endswith("_mv") else max(MOVED * abs(level), NOISE)


@pytest.mark.parametrize("biology", PRESETS)
def test_ninety_quiet_days_move_nothing_by_more_than_a_twentieth(biology: str) -> None:
    assert moved(biology, 90.0) == {}


@pytest.mark.parametrize("biology", PRESETS)
def test_in_a_naive_slice_no_noradrenergic_fibres_have_sprouted(biology: str) -> None:
    assert levels(build(quiet(biology, 1.0)))["neurons.noradrenergic_fibres"] == pytest.approx(1.0, abs=0.02)


def test_a_slice_that_has_not_settled_does_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "SETTLE", HURRIED)
    assert moved("literature", 30.0) != {}
