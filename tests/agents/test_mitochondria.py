"""Facts about the radical cycle: who feeds whom, and how many states it has."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dorsalhorn.agents.engine import Parameters

from .world import PRESETS, lone, settings

CYCLE = ("respire", "make_nitric_oxide", "react", "wear")
LOADS = np.linspace(0.0, 1.0, 51)
"""levels of activity (calcium load) at which the cycle is watched"""


def rests(p: Parameters, sick: bool, loads: np.ndarray = LOADS) -> np.ndarray:
    """Active MnSOD that the cycle comes to, from a healthy or a sick start, at each level of activity."""
    damage, mnsod = (0.95, 0.03) if sick else (0.0, 1.0)
    _world, some = lone(
        "Neuron", loads.size, mitochondrial_damage=damage, mnsod_active=mnsod, calcium_load=loads
    )
    p.set("dt", 1.0)
    for _ in range(1500):
        for rule in CYCLE:
            some.do(rule, p)
    return some.mnsod_active.copy()


@pytest.mark.parametrize("biology", PRESETS)
def test_a_calm_neuron_recovers_from_the_sick_state(biology: str) -> None:
    """Without activity both versions have one steady state, and it is the healthy one."""
    p = settings(biology)
    healthy, sick = (rests(p, start, np.zeros(1))[0] for start in (False, True))
    assert sick == pytest.approx(healthy, abs=1e-6)
    assert healthy > 0.85


def test_the_linear_cycle_has_one_steady_state_at_every_activity() -> None:
    p = settings("literature", ros__hill="linear")
    np.testing.assert_allclose(rests(p, sick=True), rests(p, sick=False), atol=1e-6)


def test_the_cooperative_cycle_has_two_steady_states_at_sick_activity() -> None:
    """The article's self-feeding cycle: over a range of activity the past decides."""
    apart = rests(settings("article"), sick=False) - rests(settings("article"), sick=True)
    assert (apart > -1e-6).all()
    both = apart > 0.3
    assert both.sum() >= 3
    first, last = np.flatnonzero(both)[[0, -1]]
    assert both[first : last + 1].all(), "one range, not islands"
    assert not both[0], "not in a calm neuron"


@pytest.mark.parametrize("biology", PRESETS)
def test_at_rest_all_levels_are_about_one(biology: str) -> None:
    _, some = lone("Neuron", 1)
    for rule in CYCLE:
        some.do(rule, settings(biology))
    for name in ("atp", "superoxide", "nitric_oxide", "peroxynitrite"):
        assert some.columns[name][0] == pytest.approx(1.0), name


@pytest.mark.parametrize("biology", PRESETS)
def test_each_link_of_the_cycle_pushes_the_next(biology: str) -> None:
    p = settings(biology)
    p.set("dt", 1.0)

    def after(rule: str, column: str, **values: float) -> float:
        _world, some = lone("Neuron", 1, **values)
        some.do(rule, p)
        return float(some.columns[column][0])

    assert after("respire", "superoxide", mitochondrial_damage=0.5) > after("respire", "superoxide")
    assert after("respire", "superoxide", calcium_load=1.0) > after("respire", "superoxide")
    assert after("respire", "superoxide", mnsod_active=0.3) > after("respire", "superoxide")
    assert after("respire", "atp", mitochondrial_damage=0.5) < after("respire", "atp")
    assert after("make_nitric_oxide", "nitric_oxide", calcium_load=1.0) > after(
        "make_nitric_oxide", "nitric_oxide"
    )
    assert after("react", "peroxynitrite", superoxide=2.0) == pytest.approx(
        2 * after("react", "peroxynitrite")
    )
    assert after("react", "peroxynitrite", nitric_oxide=2.0) == pytest.approx(
        2 * after("react", "peroxynitrite")
    )
    assert after("react", "peroxynitrite", glutathione=2.0) < after("react", "peroxynitrite")
    assert after("wear", "mnsod_active", peroxynitrite=50.0) < after("wear", "mnsod_active")
    assert after("wear", "mitochondrial_damage", peroxynitrite=50.0) > after("wear", "mitochondrial_damage")


def test_mnsod_and_the_chains_are_renewed_with_their_turnover() -> None:
    p = settings()
    _, some = lone("Neuron", 1, mnsod_active=0.0, mitochondrial_damage=1.0, peroxynitrite=0.0)
    p.set("dt", 2.0)
    some.do("wear", p)
    assert some.mnsod_active[0] == pytest.approx(1.0 - math.exp(-2.0 / p.mnsod_turnover_time))
    assert some.mitochondrial_damage[0] == pytest.approx(math.exp(-2.0 / p.mitochondria_repair_time))


def test_without_peroxynitrite_the_sick_state_cannot_stand() -> None:
    """A decomposition catalyst (redox.peroxynitrite = 0) brings even a busy neuron back."""
    p = settings("article")
    p.set("redox_peroxynitrite", 0.0)
    np.testing.assert_allclose(rests(p, sick=True), 1.0, atol=1e-6)


def test_peroxynitrite_oxidises_too_and_a_little_of_it_does_no_harm() -> None:
    """At rest superoxide oxidises nothing; peroxynitrite does so on its own, cooperatively (P58)."""
    p = settings("literature")
    half = p.oxidation_peroxynitrite_half
    _, some = lone("Neuron", 3, superoxide=1.0, peroxynitrite=1.0 + half * np.array([0.1, 1.0, 100.0]))
    p.set("dt", 10.0)
    some.do("oxidise", p)
    little, middle, much = some.oxidation
    assert little == pytest.approx(0.01 / 1.01 * p.oxidation_peroxynitrite, rel=1e-3)
    assert middle == pytest.approx(0.5 * p.oxidation_peroxynitrite, rel=1e-3)
    assert much == pytest.approx(p.oxidation_peroxynitrite, rel=1e-3)
