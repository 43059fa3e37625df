"""Both ends first: started healthy with no injury, started sick with no injury.

A set of numbers whose naive slice drifts is worthless, and one whose sick slice always recovers cannot show
the article's claim.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.model import DorsalHorn
from dorsalhorn.model.scenario import Override, Record
from dorsalhorn.scenarios.load import load

from .horn import PRESETS, build, quiet, run, series

WEEKS_2, WEEKS_3 = 14.0, 21.0


def started_sick(scenario_of: str, days: float = WEEKS_2, seed: int = 1, **changes: object) -> DorsalHorn:
    """A settled slice in which every cell is then made ill by hand: the state of the end of a long injury."""
    model = build(quiet(scenario_of, days, record=Record(3.5), **changes), seed)
    model.neurons.mitochondrial_damage[:] = 0.6
    model.neurons.mnsod_active[:] = 0.15
    model.astrocytes.nitrated[:] = 0.6
    model.astrocytes.reactivity[:] = 0.6
    model.microglia.activation[model.microglia.alive] = 0.7
    return model


@pytest.fixture(scope="module", params=PRESETS)
def healthy(request: pytest.FixtureRequest) -> pd.DataFrame:
    return series(run(quiet(request.param, 6.0, whole_laboratory=True, record=Record(1.0))))


def test_started_healthy_the_slow_states_stay_where_they_are(healthy: pd.DataFrame) -> None:
    for name, bound in {
        "mnsod_active_fraction": 0.01,
        "mitochondrial_damage": 0.01,
        "microglia_activation": 0.01,
        "microglia_resolving": 0.01,
        "astrocyte_reactivity": 0.01,
        "opioid_tone": 0.02,
        "nmdar_phosphorylated_fraction": 0.04,
        "nmdar_nitrated_fraction": 0.02,
        "nmdar_unblocked_fraction": 0.02,
        "kinase_activity": 0.02,
        "chloride_reversal_mv": 0.5,
    }.items():
        drift = (healthy[name] - healthy[name].iloc[0]).abs().max()
        assert drift < bound, f"{name} drifts by {drift}"


def test_started_healthy_relative_levels_stay_near_one(healthy: pd.DataFrame) -> None:
    for name in [c for c in healthy if c.endswith("_relative")]:
        assert healthy[name].between(0.85, 1.15).all(), healthy[name]
    for name in ("nmdar_total", "nmdar_surface", "microglia_count"):
        assert healthy[name].between(0.9 * healthy[name].iloc[0], 1.1 * healthy[name].iloc[0]).all(), name


def test_started_healthy_the_read_outs_stay_healthy(healthy: pd.DataFrame) -> None:
    assert healthy.brush_hz.median() < 0.5
    assert (healthy.spontaneous_hz < 2.0).all()
    assert (healthy.withdrawal_threshold_g > 5.0).all()
    assert healthy.withdrawal_threshold_g.iloc[1:].median() > 0.6 * healthy.withdrawal_threshold_g.iloc[0]


SMALL_IS_TOUCHY = pytest.mark.xfail(
    reason="five of eight seeds of so small a slice answer brushing now and then, with up to 4.9 Hz",
    strict=True,
)


@pytest.mark.parametrize(
    "healthy", ["article", pytest.param("literature", marks=SMALL_IS_TOUCHY)], indirect=True
)
def test_started_healthy_no_test_finds_an_answer_to_brushing(healthy: pd.DataFrame) -> None:
    assert (healthy.brush_hz < 2.0).all(), "the bound of Craig 2001 (P07)"


@pytest.mark.parametrize("biology", PRESETS)
@pytest.mark.parametrize("seed", [1, 2])
def test_naive_slices_of_full_size_do_not_answer_brushing(biology: str, seed: int) -> None:
    """The bound of Craig 2001 (P07); in the small slices of these tests one neuron more or less breaks it."""
    shipped = load("sham", [f'biology="{biology}"', "stimulus=[]", 'duration="3 d"', 'record.every="12 h"'])
    assert (series(run(shipped, seed)).brush_hz < 2.0).all()


def test_started_sick_the_literature_moves_back_towards_health() -> None:
    """Last of all to heal is what holds touch back: chloride and oxidised receptors take three weeks."""
    model = started_sick("literature", WEEKS_3)
    start = series(model).iloc[0]
    table = series(model.run())
    end = table.iloc[-1]
    assert table.mnsod_active_fraction.is_monotonic_increasing or end.mnsod_active_fraction > 0.8
    assert end.mnsod_active_fraction > 0.8
    assert end.mitochondrial_damage < 0.25
    assert end.peroxynitrite_relative < 2.0
    assert end.microglia_activation < 0.2
    assert end.brush_hz < 1.0
    assert end.withdrawal_threshold_g > 0.5 * start.withdrawal_threshold_g
    worst = table.iloc[1:].peroxynitrite_relative.max()
    assert end.peroxynitrite_relative < worst, "it is on its way, not at rest in illness"


def test_started_sick_the_article_stays_sick() -> None:
    """The cooperative cycle and its partners hold one another up with no injury and no drive."""
    model = started_sick("article")
    start = series(model).iloc[0]
    table = series(model.run())
    late = table[table.index >= 7.0]
    assert (late.mnsod_active_fraction < 0.3).all()
    assert (late.peroxynitrite_relative > 10.0).all()
    assert (late.microglia_activation > 0.2).all()
    assert (late.withdrawal_threshold_g < 0.5 * start.withdrawal_threshold_g).all()
    assert (late.afferent_drive_hz < 1.1 * start.afferent_drive_hz).all(), "no input keeps it up"


@pytest.fixture(scope="module")
def without_peroxynitrite() -> pd.DataFrame:
    """Started sick, then two weeks in which no peroxynitrite forms."""
    out = Override(0.0, np.inf, "redox.peroxynitrite", value=0.0)
    return series(started_sick("article", overrides=(out,)).run())


def test_without_peroxynitrite_the_article_leaves_the_same_start(without_peroxynitrite: pd.DataFrame) -> None:
    """What holds the sick state is the cycle, not the start: break one link and the radicals are gone."""
    end = without_peroxynitrite.iloc[-1]
    assert end.mnsod_active_fraction > 0.9
    assert end.mitochondrial_damage < 0.2
    assert end.peroxynitrite_relative == 0.0


def test_without_peroxynitrite_the_horn_is_calmer(without_peroxynitrite: pd.DataFrame) -> None:
    """Reactive astrocytes recover over weeks, so the horn is calmer after two of them, not yet as it was."""
    sick = series(started_sick("article", 3.5).run()).iloc[-1]
    assert without_peroxynitrite.iloc[-1].spontaneous_hz < 0.25 * sick.spontaneous_hz
