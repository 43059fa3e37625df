"""Facts about primary afferents: what they carry in, and what injury makes of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from dorsalhorn.agents.afferent import A_BETA, A_DELTA
from dorsalhorn.agents.engine import Parameters, Population

from .world import PRESETS, lone, settings

RULES = ("fire", "sensitise", "supply", "give_off", "brake")


def live(p: Parameters, days: float, n: int = 2, **values: Any) -> Population[Any]:
    _, fibres = lone("Afferent", n, **values)
    for _ in range(round(days / p.dt)):
        for rule in RULES:
            fibres.do(rule, p)
    return fibres


def test_a_blocked_fibre_is_silent_and_a_free_one_carries_the_declared_drive() -> None:
    p = settings()
    fibres = live(p, p.dt, resting_hz=0.1, drive_hz=2.0, blocked=[0.0, 1.0], peptidergic=1.0)
    assert fibres.rate_hz[0] == pytest.approx(0.1 + p.afferent_drive_gain * 2.0)
    assert fibres.rate_hz[1] == 0.0
    assert fibres.released_substance_p[1] == fibres.released_atp[1] == 0.0


def ectopic_rates(p: Parameters, *blocks: tuple[float, float], days: float = 40.0, **values: Any) -> Any:
    """Discharge (Hz) on the last day of injured fibres, each blocked from one day to another."""
    n = len(blocks)
    _, fibres = lone("Afferent", n, **({"injury_hz": 0.5, "nerve_injury": 0.8} | values))
    for tick in range(round(days / p.dt)):
        fibres.blocked[:] = [1.0 if start <= tick * p.dt < stop else 0.0 for start, stop in blocks]
        for rule in ("fire", "set_up_ectopic"):
            fibres.do(rule, p)
    return fibres.rate_hz.copy()


def test_early_firing_of_an_injured_fibre_sets_up_its_later_discharge() -> None:
    """Xie 2005: a block from the injury on spares the more the longer it lasts; a late one nothing."""
    p = settings()
    free, day, week, long, late = ectopic_rates(p, (0, 0), (0, 1), (0, 5), (0, 18), (10, 15))
    assert late == pytest.approx(free, rel=0.01)
    assert free == pytest.approx(0.5 * p.afferent_drive_gain, rel=0.1), "nearly all that was declared"
    assert free > day * 1.02
    assert day > week * 1.1
    assert week > long * 1.05
    assert long > 0.5 * (1.0 - p.ectopic_share) * p.afferent_drive_gain


def test_what_the_skin_makes_an_injured_fibre_fire_needs_no_setting_up() -> None:
    p = settings()
    rates = ectopic_rates(p, (0, 0), days=p.dt, injury_hz=0.0, drive_hz=0.5)
    assert rates == pytest.approx(0.5 * p.afferent_drive_gain)
    assert ectopic_rates(p, (0, 0), days=p.dt)[0] < 0.7 * rates[0], "what the axon does, does"


@pytest.mark.parametrize("biology", PRESETS)
def test_only_peptidergic_fibres_that_fire_give_off_substance_p(biology: str) -> None:
    p = settings(biology)
    fibres = live(p, p.dt, 4, peptidergic=[0.0, 0.0, 1.0, 1.0], drive_hz=[0.0, 2.0, 0.0, 2.0])
    assert (fibres.released_substance_p > 0.0).tolist() == [False, False, False, True]


def test_substance_p_runs_down_with_firing_and_is_refilled() -> None:
    p = settings()
    fibres = live(p, 20.0, drive_hz=[0.0, 50.0])
    used = p.substance_p_depletion * fibres.rate_hz[1]
    assert fibres.substance_p_store[0] == pytest.approx(1.0)
    assert fibres.substance_p_store[1] == pytest.approx(
        p.substance_p_refill / (p.substance_p_refill + used), rel=1e-6
    )


def test_injury_raises_alpha2delta1_and_with_it_presynaptic_receptors_and_release() -> None:
    p = settings(plasticity__set="all")
    healthy, injured = (live(p, 10.0, 1, nerve_injury=level) for level in (0.0, 1.0))
    assert healthy.alpha2delta1[0] == pytest.approx(1.0)
    assert healthy.presynaptic_nmdar[0] == pytest.approx(0.0), "silent in health (L03)"
    assert injured.alpha2delta1[0] > 5.0
    assert injured.presynaptic_nmdar[0] > 0.3
    assert injured.release[0] > healthy.release[0]
    assert injured.released_csf1[0] > healthy.released_csf1[0] == 0.0
    soon = live(p, 0.2 * p.csf1_production_time, 1, nerve_injury=1.0)
    assert soon.released_csf1[0] < 0.3 * injured.released_csf1[0], "it must first be made"


def test_inflammation_sensitises_with_its_time_constant() -> None:
    p = settings()
    p.set("dt", p.afferent_sensitisation_time)
    fibres = live(p, p.dt, inflammation=[0.0, 1.0])
    assert fibres.sensitisation[0] == 0.0
    assert fibres.sensitisation[1] == pytest.approx(1.0 - math.exp(-1.0))


def test_an_ending_once_inflamed_stays_sensitised_longer_the_next_time() -> None:
    """Hyperalgesic priming (Aley 2000): the same hour of inflammation outlasts itself for longer."""
    p = settings()
    left = {}
    for primed in (0.0, 0.6):
        fibre = live(p, 2.0 / 24.0, 1, inflammation=1.0, primed=primed)
        fibre.inflammation[:] = 0.0
        p.set("dt", 5.0 / 24.0)
        fibre.do("sensitise", p)
        left[primed] = fibre.sensitisation[0]
        p.set("dt", 1.0 / 24.0)
    assert left[0.0] < 0.05
    assert left[0.6] > 0.5


def test_days_of_inflammation_prime_an_ending_for_weeks() -> None:
    """About 72 h after it, not at once (Aley 2000)."""
    p = settings()
    fibres = live(p, 1.5, inflammation=[0.0, 1.0])
    assert fibres.primed[0] == 0.0
    soon = fibres.primed[1]
    fibres.inflammation[:] = 0.0
    course = []
    for _ in range(60):
        p.set("dt", 1.0)
        fibres.do("sensitise", p)
        course.append(float(fibres.primed[1]))
    assert soon < 0.5 * max(course)
    assert 2 <= int(np.argmax(course)) <= 14
    assert course[20] > 0.5 * max(course) > course[-1]


def test_the_opioid_brake_grows_where_the_horn_is_busy_and_outlasts_it() -> None:
    p = settings(brakes="on")
    world, fibres = lone("Afferent", 1)
    seen = []
    for atp, days in ((3.0, 20), (0.0, 20)):
        world.cells.columns["atp"][:] = atp
        for _ in range(round(days / p.dt)):
            fibres.do("brake", p)
        seen.append((fibres.opioid_tone[0], fibres.release[0]))
    (busy, braked), (later, freed) = seen
    assert busy > 0.5
    assert later > 0.3 * busy, "three weeks later much of it still stands (Corder 2013)"
    assert braked < freed < 1.0


def test_touch_fibres_have_no_opioid_tone() -> None:
    world, fibres = lone("Afferent", 2)
    fibres.kind[:] = A_DELTA, A_BETA
    world.cells.columns["atp"][:] = 3.0
    fibres.do("brake", settings(brakes="on"))
    assert fibres.opioid_tone[0] > 0.0
    assert fibres.opioid_tone[1] == 0.0


def test_release_overshoots_where_lasting_opioid_tone_is_taken_away() -> None:
    p = settings(brakes="on")
    _, fibres = lone("Afferent", 1)
    fibres.opioid_tone[:] = fibres.cyclase[:] = 0.5
    fibres.do("brake", p)
    assert fibres.release[0] < 1.0
    p.set("opioid_coupling", 0.0)  # what naltrexone does
    fibres.do("brake", p)
    assert fibres.release[0] > 1.0
    naive = lone("Afferent", 1)[1]
    naive.do("brake", p)
    assert naive.release[0] == 1.0, "nothing is unmasked where there was no tone"


def test_without_its_brakes_there_is_no_opioid_tone() -> None:
    world, fibres = lone("Afferent", 1)
    world.cells.columns["atp"][:] = 3.0
    fibres.do("brake", settings(brakes="off"))
    assert fibres.opioid_tone[0] == 0.0
    assert np.array_equal(fibres.release, [1.0])
