"""Facts about microglia and astrocytes: what wakes them, what they give off, how they calm down."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dorsalhorn.agents.curves import exchange
from dorsalhorn.model.schedule import identifier
from dorsalhorn.scenarios.registry import registry

from .world import PRESETS, lone, settings

MANY = 20_000


def expect(hits: float, n: int, share: float) -> None:
    """A count is what `n` draws of this share may give (4 standard deviations)."""
    assert abs(hits - n * share) <= 4.0 * math.sqrt(n * share * (1.0 - share)) + 1e-9


# ---------------------------------------------------------------------- microglia
@pytest.mark.parametrize("biology", PRESETS)
def test_in_quiet_a_cell_ramifies_with_its_recovery_time(biology: str) -> None:
    p = settings(biology)
    p.set("microglia_survey", 0.0)
    p.set("dt", p.microglia_recovery_time)
    _, cell = lone("Microglia", 1, activation=0.8)
    cell.do("survey", p)
    assert cell.activation[0] == pytest.approx(0.8 * math.exp(-1.0))


def test_nerve_injury_wakes_it_in_the_literature_and_activity_in_the_article() -> None:
    woken = {}
    for choice in ("injury", "activity"):
        for signal in ("csf1", "atp"):
            world, cell = lone("Microglia", 1)
            world.cells.columns[signal][:] = 1.0
            p = settings(microglia__trigger=choice)
            cell.do("hear", p)
            cell.do("survey", p)
            woken[choice, signal] = cell.activation[0]
    assert woken["injury", "csf1"] > woken["injury", "atp"] > 0.0
    assert woken["activity", "atp"] > woken["activity", "csf1"]


def test_a_resolving_cell_calms_down_faster() -> None:
    _, cells = lone("Microglia", 2, activation=0.8, resolving=[0.0, 1.0])
    cells.do("survey", settings())
    assert cells.activation[1] < cells.activation[0] < 0.8


@pytest.mark.parametrize("biology", PRESETS)
def test_minocycline_also_shortens_an_activation_that_nothing_drives(biology: str) -> None:
    """Late in an injury microglia calm down under it (P50), when CSF1 says little any more."""
    free, given = settings(biology), settings(biology)
    for key, effect in registry().treatments["minocycline"].under(biology).items():
        name = identifier(key)
        given.set(name, getattr(given, name) * effect.factor)
    left = []
    for p in (free, given):
        p.set("dt", 5.0)
        _, cell = lone("Microglia", 1, activation=0.8)
        cell.do("survey", p)
        left.append(cell.activation[0])
    assert left[1] < 0.8 * left[0]


def assembled(days: float, agonist: float, csf1: float, activation: float, inflammasome=0.0) -> float:
    """Inflammasomes of a cell kept at an activation, after some days of an opioid (none: 1)."""
    p = settings()
    p.set("opioid_agonist", agonist)
    world, cell = lone("Microglia", 1, activation=activation, inflammasome=inflammasome)
    world.cells.columns["csf1"][:] = csf1 * p.csf1_half
    for _ in range(round(days / p.dt)):
        cell.do("assemble", p)
    return float(cell.inflammasome[0])


AWAKE, SURVEYING = 0.1, 0.015


def test_inflammasomes_take_an_opioid_and_an_injury() -> None:
    assert assembled(5.0, agonist=4.0, csf1=1.0, activation=AWAKE) > 0.5
    assert assembled(5.0, agonist=4.0, csf1=0.0, activation=AWAKE) == 0.0
    assert assembled(50.0, agonist=1.0, csf1=1.0, activation=AWAKE) == 0.0


def test_inflammasomes_outlast_the_opioid_while_the_cell_stays_awake() -> None:
    assert assembled(60.0, agonist=1.0, csf1=0.0, activation=AWAKE, inflammasome=0.6) > 0.5
    assert assembled(20.0, agonist=1.0, csf1=0.0, activation=SURVEYING, inflammasome=0.6) < 0.05


def test_inflammasomes_keep_a_cell_awake_unless_it_is_silenced_or_the_article_s() -> None:
    def after(p) -> float:
        p.set("dt", 20.0)
        _, cells = lone("Microglia", 2, activation=0.05, inflammasome=[0.0, 0.6])
        cells.do("survey", p)
        return float(cells.activation[1] / cells.activation[0])

    silenced = settings()
    effect = registry().treatments["gi_dreadd_microglia"].under("literature")["microglia.secretion"].factor
    silenced.set("microglia_secretion", silenced.microglia_secretion * effect)
    assert after(settings()) > 2.0
    assert after(silenced) < 1.0 + 0.2 * (after(settings()) - 1.0)
    assert after(settings("article")) == 1.0


def test_only_with_its_brakes_does_an_active_cell_turn_resolving() -> None:
    for choice, turns in (("on", True), ("off", False)):
        _, cell = lone("Microglia", 1, activation=1.0)
        cell.do("resolve", settings(brakes=choice))
        assert (cell.resolving[0] > 0.0) == turns


def test_what_it_gives_off_follows_its_activation() -> None:
    _, cells = lone("Microglia", 3, activation=[0.0, 0.5, 1.0])
    cells.do("secrete", settings())
    for name in ("released_tnf", "released_il1b", "released_bdnf", "released_nitric_oxide"):
        given = cells.columns[name]
        assert given[0] == 0.0 < given[1]
        assert given[2] == pytest.approx(2.0 * given[1])


def test_csf1_makes_cells_divide_at_its_rate() -> None:
    p = settings()
    world, cells = lone("Microglia", MANY)
    world.cells.columns["microglia_density"][:] = 1.0
    cells.do("live_and_die", p)
    assert cells.divides.sum() == cells.dies.sum() == 0, "a healthy place keeps its cells"
    world.cells.columns["csf1"][:] = 1e3 * p.csf1_half
    p.set("csf1_receptor_loss", 0.0)
    cells.do("hear", p)
    cells.do("live_and_die", p)
    expect(cells.divides.sum(), MANY, p.microglia_division_rate * p.dt)


def test_a_lasting_call_of_csf1_is_heard_for_days_only() -> None:
    """It takes its receptors in; without the brakes (the article) it is heard as long as it lasts."""
    heard = {}
    for choice in ("on", "off"):
        p = settings(brakes=choice)
        world, cell = lone("Microglia", 1)
        world.cells.columns["csf1"][:] = 0.5
        course = []
        for _ in range(round(14.0 / p.dt)):
            cell.do("hear", p)
            course.append(float(cell.csf1_signal[0]))
        heard[choice] = course
    assert heard["on"][0] > 0.9
    assert heard["on"][-1] < 0.2 * heard["on"][0]
    assert heard["off"][-1] == heard["off"][0]


def test_only_resolving_cells_give_off_igf1() -> None:
    _, cells = lone("Microglia", 3, activation=1.0, resolving=[0.0, 0.5, 1.0])
    cells.do("secrete", settings())
    none, half, full = cells.released_igf1
    assert none == 0.0 < half
    assert full == pytest.approx(2.0 * half)


def test_crowding_makes_cells_die_at_its_rate() -> None:
    p = settings()
    world, cells = lone("Microglia", MANY)
    world.cells.columns["microglia_density"][:] = 2.0
    cells.do("live_and_die", p)
    expect(cells.dies.sum(), MANY, 0.5 * p.microglia_death_rate * p.dt)


def test_little_csf1_keeps_crowded_cells_alive_but_in_the_article() -> None:
    p = settings("literature")
    world, cells = lone("Microglia", MANY, csf1_receptor=1.0)
    world.cells.columns["microglia_density"][:] = 2.0
    world.cells.columns["csf1"][:] = p.microglia_survival_half
    cells.do("live_and_die", p)
    expect(cells.dies.sum(), MANY, 0.25 * p.microglia_death_rate * p.dt)
    assert settings("article").microglia_csf1_survival == 0.0
    assert p.microglia_survival_half < p.csf1_half


def test_females_microglia_answer_csf1_less() -> None:
    heard = {}
    for sex in ("male", "female"):
        _, cells = lone("Microglia", 1, csf1_signal=1.0)
        p = settings("literature", sex=sex)
        p.set("dt", 1.0)
        cells.do("survey", p)
        heard[sex] = cells.activation[0]
    assert 0.1 < heard["female"] / heard["male"] < 0.5


# ---------------------------------------------------------------------- astrocytes
def test_cytokines_make_it_reactive_and_it_recovers_over_weeks() -> None:
    p = settings()
    p.set("astrocyte_survey", 0.0)
    world, cell = lone("Astrocyte", 1)
    cell.do("react", p)
    assert cell.reactivity[0] == 0.0
    world.cells.columns["tnf"][:] = 1.0
    for _ in range(60):
        cell.do("react", p)
    woken = cell.reactivity[0]
    assert woken > 0.1
    world.cells.columns["tnf"][:] = 0.0
    p.set("dt", p.astrocyte_recovery_time)
    cell.do("react", p)
    assert cell.reactivity[0] == pytest.approx(woken * math.exp(-1.0))


def test_peroxynitrite_nitrates_its_transporters() -> None:
    p = settings()
    world, cell = lone("Astrocyte", 1)
    world.cells.columns["peroxynitrite"][:] = 40.0
    cell.do("be_nitrated", p)
    on = p.astrocyte_nitration_rate * p.redox_scale * 40.0
    assert cell.nitrated[0] == pytest.approx(exchange(0.0, on, 1.0 / p.nitration_turnover_time, p.dt))


def test_reactive_and_nitrated_cells_clear_less() -> None:
    p = settings()
    p.set("dt", 100.0)
    _, cells = lone("Astrocyte", 4, reactivity=[0.0, 1.0, 0.0, 1.0], nitrated=[0.0, 0.0, 1.0, 1.0])
    cells.do("renew_transport", p)
    cells.do("take_up", p)
    healthy, reactive, nitrated, both = cells.clears
    assert healthy == pytest.approx(p.astrocyte_clearance)
    assert reactive == pytest.approx(healthy * (1.0 - p.astrocyte_reactive_loss))
    assert nitrated == pytest.approx(healthy * (1.0 - p.astrocyte_nitration_effect))
    assert both < min(reactive, nitrated)


def test_busy_healthy_cells_first_make_more_transporters() -> None:
    """The early compensation of Sung 2003: up before it goes down."""
    p = settings()
    world, cell = lone("Astrocyte", 1)
    world.cells.columns["atp"][:] = p.atp_rest + 1.0
    for _ in range(24):
        cell.do("renew_transport", p)
    assert cell.glt1[0] > 1.05


def test_reactive_cells_lend_more_d_serine_and_add_il1b_while_tnf_lasts() -> None:
    p = settings()
    world, cells = lone("Astrocyte", 2, reactivity=[0.0, 1.0])
    cells.do("lend", p)
    assert cells.released_il1b[1] == 0.0, "no TNF yet"
    world.cells.columns["tnf"][:] = 1.0
    cells.do("lend", p)
    assert cells.released_d_serine[0] == p.d_serine_release
    assert cells.released_d_serine[1] == pytest.approx(p.d_serine_release * (1.0 + p.d_serine_reactive_gain))
    assert cells.released_il1b[0] == 0.0 < cells.released_il1b[1]
    assert np.isfinite(cells.released_d_serine).all()
