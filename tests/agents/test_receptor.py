"""Facts about NMDA receptors: what opens them, what carries them, how long they last."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from dorsalhorn.agents.curves import chance, exchange
from dorsalhorn.agents.engine import Parameters, Population
from dorsalhorn.agents.receptor import GLUN2A, GLUN2B, GLUN2D
from dorsalhorn.model.circuit import TABLE_LOW_MV, TABLE_SIZE, TABLE_STEP_MV, sum_receptors

from .world import PRESETS, World, lone, settings

MANY = 20_000
VOLTS = TABLE_LOW_MV + TABLE_STEP_MV * np.arange(TABLE_SIZE)


def receptors(n: int = 3, **values: Any) -> tuple[World, Population[Any]]:
    """Receptors of one neuron, at the surface, of all three subunits in turn."""
    world, some = lone("NMDAReceptor", n, **({"surface": 1, "subunit": np.arange(n) % 3} | values))
    world.cells.columns["d_serine"][:] = 0.7
    return world, some


def currents(world: World, p: Parameters) -> np.ndarray:
    """Conductance of the neuron at each voltage of its table."""
    some = world.populations["NMDAReceptor"]
    some.do("open", p)
    tables, held = np.zeros((1, TABLE_SIZE)), np.zeros(1)
    rows = np.flatnonzero(some.surface == 1)
    sum_receptors(some, rows, some.neuron, float(some.size), tables, held, p)
    return tables[0]


def within_chance(hits: int, n: int, share: float) -> bool:
    """Whether a count is what `n` draws of this share may give (4 standard deviations: 1 in 16,000)."""
    return abs(hits - n * share) <= 4.0 * math.sqrt(n * share * (1.0 - share)) + 1e-9


# ---------------------------------------------------------------------- what opens it
@pytest.mark.parametrize("biology", PRESETS)
def test_glutamate_alone_at_rest_opens_little(biology: str) -> None:
    p = settings(biology)
    world, _ = receptors(serine=0)
    table = currents(world, p)
    at = {v: table[round((v - TABLE_LOW_MV) / TABLE_STEP_MV)] for v in (-70, -20)}
    assert at[-70] < 0.15 * at[-20]
    assert (np.diff(table) > 0).all(), "the more depolarised, the more open"


def test_more_magnesium_less_current_at_every_voltage() -> None:
    p = settings()
    world, _ = receptors()
    series = []
    for magnesium in (0.0, 0.5, 0.9, 1.2, 5.0):
        p.set("nmdar_magnesium", magnesium)
        series.append(currents(world, p))
    assert (np.diff(series, axis=0) < 0).all()
    assert np.ptp(series[0]) < 1e-12, "without magnesium voltage does not matter"


def test_a_single_receptor_follows_the_published_block() -> None:
    p = settings()
    world, _ = receptors(1, subunit=GLUN2A, serine=0)
    table = currents(world, p)
    expected = 1.0 / (1.0 + p.nmdar_magnesium / p.nmdar_block_half * np.exp(-p.nmdar_block_slope * VOLTS))
    np.testing.assert_allclose(table / world.populations["NMDAReceptor"].conductance[0], expected, rtol=1e-9)


def test_glun2d_is_the_least_blocked_subunit() -> None:
    _world, some = receptors(3)
    some.do("open", settings())
    assert some.block[GLUN2D] > some.block[GLUN2A] == some.block[GLUN2B]


def test_without_a_coagonist_no_subunit_opens() -> None:
    p = settings()
    p.set("coagonist_glycine", 0.0)
    world, some = receptors()
    world.cells.columns["d_serine"][:] = 0.0
    some.do("open", p)
    assert (some.conductance == 0.0).all()


def test_only_receptors_at_the_surface_conduct() -> None:
    _, some = receptors(6, surface=[1, 1, 1, 0, 0, 0])
    some.do("open", settings("article"))
    assert (some.conductance[:3] > 0).all()
    assert (some.conductance[3:] == 0).all()
    assert (some.held_open[3:] == 0).all()


@pytest.mark.parametrize(("mode", "binds"), [("nk1", False), ("direct_unblock", True)])
@pytest.mark.parametrize("biology", PRESETS)
def test_substance_p_touches_the_receptor_only_in_the_articles_version(
    biology: str, mode: str, binds: bool
) -> None:
    p = settings(biology, sp__mode=mode)
    world, some = receptors()
    some.do("open", p)
    before = some.state()
    world.cells.columns["substance_p"][:] = 50.0
    some.do("open", p)
    changed = {k for k, v in some.state().items() if v.tobytes() != before[k].tobytes()}
    assert changed == ({"block"} if binds else set())
    assert (some.block > before["block"]).all() == binds


def test_phosphorylation_raises_the_conductance_and_loosens_the_block() -> None:
    for biology in PRESETS:
        _, some = receptors(2, subunit=GLUN2B, serine=[0, 1])
        some.do("open", settings(biology))
        assert some.conductance[1] > some.conductance[0]
        assert some.block[1] > some.block[0]


def test_the_article_loosens_the_block_more_than_the_literature() -> None:
    loosened = {}
    for choice in ("small", "loose"):
        _, some = receptors(1, serine=1)
        some.do("open", settings(mg__article_gain=choice))
        loosened[choice] = some.block[0]
    assert loosened["loose"] > 2.0 * loosened["small"]


def test_only_the_article_has_receptors_that_stay_open() -> None:
    for choice, stuck in (("never", False), ("open", True)):
        _, some = receptors(4, subunit=GLUN2B, serine=[0, 1, 0, 1], tyrosine=[0, 0, 1, 1])
        some.do("open", settings(nmdar__stuck=choice))
        assert (some.held_open[:3] == 0).all()
        assert (some.held_open[3] > 0) == stuck


@pytest.mark.parametrize("biology", PRESETS)
def test_receptors_of_inhibitory_neurons_are_spared_the_gains(biology: str) -> None:
    p = settings(biology)
    p.set("nmdar_inhibitory_spared", 1.0)
    calm, changed = receptors(2), receptors(2, serine=1, tyrosine=1, nitrated=1)
    for world, some in (calm, changed):
        world.populations["Neuron"].inhibitory[:] = 1
        some.do("open", p)
    changed[0].cells.columns["tnf"][:] = 1.0
    changed[1].do("open", p)
    for name in ("conductance", "block", "held_open"):
        np.testing.assert_array_equal(changed[1].columns[name], calm[1].columns[name])


# ---------------------------------------------------------------------- what carries it
def surfaced(p: Parameters, alpha2delta1: float, tyrosine: int) -> np.ndarray:
    """Which of many internal receptors come to the surface in one tick."""
    world, some = receptors(2000, surface=0, tyrosine=tyrosine)
    world.populations["Neuron"].alpha2delta1[:] = alpha2delta1
    some.do("travel", p)
    return some.surface.copy()


@pytest.mark.parametrize("biology", PRESETS)
def test_healthy_alpha2delta1_carries_nothing_extra(biology: str) -> None:
    p = settings(biology)
    basal = surfaced(p, 1.0, tyrosine=0)
    for alpha2delta1, tyrosine in ((1.0, 1), (0.0, 1), (0.0, 0), (3.0, 0)):
        np.testing.assert_array_equal(surfaced(p, alpha2delta1, tyrosine), basal)
    more = surfaced(p, 3.0, tyrosine=1)
    assert (more >= basal).all(), "paired by chance: nobody who came before stays behind now"
    assert more.sum() > basal.sum()


def test_a_full_membrane_takes_no_more() -> None:
    p = settings()
    world, some = receptors(500, surface=0)
    world.populations["Neuron"].surface_receptors[:] = p.receptor_surface_max
    some.do("travel", p)
    assert some.surface.sum() == 0


# ---------------------------------------------------------------------- how long it lasts
@pytest.mark.parametrize("tick_h", [1, 4])
def test_the_surface_empties_with_its_half_life(tick_h: int) -> None:
    """Nothing is delivered: after one half-life half is left, whatever the tick."""
    p = settings()
    p.set("receptor_insertion_rate", 0.0)
    p.set("dt", tick_h / 24)
    _, some = receptors(MANY)
    half_life_d = math.log(2) / p.receptor_internalisation_rate
    ticks = round(half_life_d * 24 / tick_h)
    for tick in range(ticks):
        p.set("tick", float(tick))
        some.do("travel", p)
    share = math.exp(-p.receptor_internalisation_rate * ticks * tick_h / 24)
    assert share == pytest.approx(0.5, abs=0.06)
    assert within_chance(int(some.surface.sum()), MANY, share)


def test_traffic_is_the_exact_two_state_chain() -> None:
    """Many receptors against powers of the transition matrix, tick by tick."""
    p = settings()
    _, some = receptors(MANY, surface=0)
    leave, intake = (
        chance(rate * p.dt) for rate in (p.receptor_insertion_rate, p.receptor_internalisation_rate)
    )
    chain = np.array([[1.0 - leave, leave], [intake, 1.0 - intake]])
    state = np.array([1.0, 0.0])
    for tick in range(30):
        p.set("tick", float(tick))
        some.do("travel", p)
        state = state @ chain
        assert within_chance(int(some.surface.sum()), MANY, state[1]), tick
    assert some.age_d == pytest.approx(30 * p.dt)


def test_only_the_internal_pool_is_degraded_at_its_rate() -> None:
    p = settings()
    _, some = receptors(2 * MANY, surface=np.arange(2 * MANY) % 2)
    outside = some.surface == 1
    some.do("travel", p)
    assert some.degrades[outside].sum() == 0
    assert within_chance(int(some.degrades.sum()), MANY, chance(p.receptor_degradation_rate * p.dt))


def test_building_balances_degradation_in_health() -> None:
    """The registry's synthesis rate keeps the healthy number (within the rounding of its digits)."""
    for biology in PRESETS:
        p = settings(biology)
        inside = p.receptor_internalisation_rate / (
            p.receptor_insertion_rate + p.receptor_internalisation_rate
        )
        assert p.receptor_synthesis_rate == pytest.approx(p.receptor_degradation_rate * inside, rel=0.05)


@pytest.mark.parametrize(("site", "kinase"), [("serine", "kinase"), ("tyrosine", "tyrosine_kinase")])
def test_phosphorylation_is_the_exact_chain_whatever_the_tick(site: str, kinase: str) -> None:
    p = settings()
    active = 0.2
    on = getattr(p, f"phosphorylation_{site}_basal") + p.phosphorylation_rate * active
    off = getattr(p, f"phosphorylation_{site}_loss")
    for dt in (0.002, 0.01, 0.05):
        p.set("dt", dt)
        world, some = receptors(MANY)
        world.populations["Neuron"].columns[kinase][:] = active
        for tick in range(4):
            p.set("tick", float(tick))
            some.do("be_phosphorylated", p)
            share = exchange(0.0, on, off, (tick + 1) * dt)
            assert within_chance(int(some.columns[site].sum()), MANY, share), (dt, tick)


def test_nitration_keeps_phosphates_on() -> None:
    p = settings()
    p.set("phosphorylation_serine_basal", 0.0)
    p.set("dt", 0.01)
    _, some = receptors(MANY, serine=1, nitrated=np.arange(MANY) % 2)
    some.do("be_phosphorylated", p)
    lost = [1.0 - some.serine[some.nitrated == mark].mean() for mark in (0, 1)]
    assert lost[1] < lost[0]


def test_nitration_comes_with_peroxynitrite_and_goes_with_turnover() -> None:
    p = settings()
    world, some = receptors(MANY)
    world.populations["Neuron"].peroxynitrite[:] = 100.0
    some.do("be_nitrated", p)
    on = p.receptor_nitration_rate * p.redox_scale * 100.0
    assert within_chance(
        int(some.nitrated.sum()), MANY, exchange(0.0, on, 1.0 / p.nitration_turnover_time, p.dt)
    )
    some.nitrated[:] = 1
    world.populations["Neuron"].peroxynitrite[:] = 0.0
    p.set("dt", p.nitration_turnover_time)
    some.do("be_nitrated", p)
    assert within_chance(int(some.nitrated.sum()), MANY, math.exp(-1.0))
