"""Facts about what a neuron makes of its calcium, its peptides and its neighbours' cytokines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dorsalhorn.agents.curves import superactivated
from dorsalhorn.agents.engine import Parameters, Population

from .world import PRESETS, World, lone, settings


def neurons(n: int = 2, **values: Any) -> tuple[World, Population[Any]]:
    world, some = lone("Neuron", n, **values)
    some.chloride_reversal_mv[:] = settings().chloride_healthy
    return world, some


def live(some: Population[Any], p: Parameters, *rules: str, days: float) -> Population[Any]:
    p.set("dt", 0.01)
    for _ in range(round(days / 0.01)):
        for rule in rules:
            some.do(rule, p)
    return some


def test_substance_p_needs_nk1_receptors() -> None:
    world, some = neurons(nk1_receptor=[0.0, 1.0])
    world.cells.columns["substance_p"][:] = 30.0
    some.do("sense_substance_p", settings())
    assert some.nk1_active[0] == 0.0 < some.nk1_active[1]
    assert some.nk1_surface[0] == 1.0 > some.nk1_surface[1], "bound receptors are taken in"


def test_nk1_receptors_come_back_with_their_recycling_time() -> None:
    p = settings()
    _, some = neurons(1, nk1_receptor=1.0, nk1_surface=0.2)
    p.set("dt", p.nk1_recycling_time)
    some.do("sense_substance_p", p)
    assert some.nk1_surface[0] == pytest.approx(1.0 - 0.8 * math.exp(-1.0), abs=1e-9)


@pytest.mark.parametrize("biology", PRESETS)
def test_calcium_and_substance_p_both_drive_the_kinases(biology: str) -> None:
    _, some = neurons(4, kinase_drive=[0.0, 0.6, 0.0, 0.6], nk1_active=[0.0, 0.0, 0.9, 0.9])
    live(some, settings(biology), "activate_kinases", days=0.2)
    rest, calcium, peptide, both = some.kinase
    assert rest == pytest.approx(0.0, abs=1e-9)
    assert peptide == pytest.approx(settings(biology).kinase_nk1_gain * 0.9)
    assert both == pytest.approx(calcium + peptide)
    assert calcium > peptide > 0.0
    assert (some.tyrosine_kinase[[1, 3]] > 0.0).all()


def test_noradrenaline_calms_excitatory_cells_and_more_where_bdnf_is_high() -> None:
    p = settings("literature")
    world, some = neurons(3, inhibitory=[0, 0, 1])
    world.cells.columns["bdnf"][some.cell[1:]] = 1.0
    live(some, p, "be_calmed", days=200.0)
    np.testing.assert_array_equal(some.calming_ns, 0.0)  # the tone at rest is part of the leak
    p.set("noradrenaline_level", 2.0)
    live(some, p, "be_calmed", days=1.0)
    healthy, injured, inhibitory = some.calming_ns
    assert healthy == pytest.approx(p.noradrenaline_potassium)
    assert injured > 5.0 * healthy
    assert inhibitory == 0.0
    world.cells.columns["bdnf"][:] = p.noradrenaline_bdnf_rest
    live(some, p, "be_calmed", days=800.0)
    np.testing.assert_allclose(some.calming_ns[:2], healthy)  # at rest none sprout, and what had withdraws
    p.set("noradrenaline_level", 0.0)
    live(some, p, "be_calmed", days=1.0)
    np.testing.assert_array_equal(some.calming_ns, 0.0)


def test_opioids_open_potassium_channels_of_excitatory_cells_without_any_injury() -> None:
    p = settings("literature")
    _, some = neurons(2, inhibitory=[0, 1])
    p.set("opioid_agonist", 4.0)
    live(some, p, "be_calmed", days=1.0)
    assert some.calming_ns[0] == pytest.approx(3.0 * p.opioid_potassium)
    assert some.calming_ns[1] == 0.0


def test_blocking_the_kinases_blocks_them() -> None:
    p = settings()
    p.set("kinase_activity", 0.0)
    _, some = neurons(1, kinase_drive=1.0, kinase=0.7, tyrosine_kinase=0.7)
    live(some, p, "activate_kinases", days=1.0)
    assert some.kinase[0] == pytest.approx(0.0, abs=1e-6)
    assert some.tyrosine_kinase[0] == pytest.approx(0.0, abs=1e-6)


def test_no_more_kinase_activity_than_full() -> None:
    p = settings()
    p.set("kinase_activity", 3.0)
    world, some = neurons(1, kinase_drive=1.0, nk1_active=1.0)
    world.cells.columns["bdnf"][:] = 3.0
    live(some, p, "activate_kinases", days=0.2)
    assert some.violations() == []


def test_potentiation_needs_calcium_and_kinase() -> None:
    _, some = neurons(4, kinase_drive=[0.0, 0.9, 0.0, 0.9], kinase=[0.0, 0.0, 1.0, 1.0])
    live(some, settings(plasticity__set="all"), "potentiate", days=0.2)
    np.testing.assert_allclose(some.ampa_weight[:3], 1.0)
    assert some.ampa_weight[3] > 1.3


def test_short_potentiation_fades_and_held_potentiation_is_consolidated() -> None:
    """Two days after its cause it is gone, after a week of it, too, unless there was BDNF (Zhou 2008)."""
    p = settings(plasticity__set="all")
    left = {}
    for days, bdnf in ((0.04, 0.0), (7.0, 0.0), (7.0, 1.0)):
        world, some = neurons(1, kinase_drive=0.9, kinase=1.0)
        world.cells.columns["bdnf"][:] = bdnf
        live(some, p, "potentiate", days=days)
        some.kinase[:] = 0.0
        live(some, p, "potentiate", days=2.0)
        left[days, bdnf] = some.ampa_weight[0]
    assert left[0.04, 0.0] == pytest.approx(1.0, abs=0.1)
    assert left[7.0, 0.0] == pytest.approx(1.0, abs=0.1)
    assert left[7.0, 1.0] > 1.5


def test_igf1_holds_potentiated_synapses_down_without_erasing_them() -> None:
    """What resolving microglia do; when their IGF1 goes, the potentiation shows again (Kohno 2022)."""
    p = settings(plasticity__set="all")
    world, some = neurons(2, ampa_late=[1.0, 2.0])
    igf1 = world.cells.columns["igf1"]
    shown = []
    for level in (0.0, 0.5, 0.0):
        igf1[:] = level
        some.do("potentiate", p)
        shown.append(float(some.ampa_weight[1]))
        assert some.ampa_weight[0] == 1.0
    assert shown[1] < 0.5 * (1.0 + shown[0])
    assert shown[2] == pytest.approx(shown[0], rel=0.05)


def test_erk_takes_a_type_channels_away_and_brings_ampa_receptors_for_some_minutes() -> None:
    p = settings(plasticity__set="all")
    _, some = neurons(2, kinase_drive=[0.0, 1.0], a_type_max_ns=6.0, a_type_ns=6.0)
    live(some, p, "be_roused", days=0.01)
    assert some.a_type_ns[0] == 6.0
    assert some.ampa_gain[0] == 1.0
    assert 6.0 * (1.0 - p.a_type_erk_loss) < some.a_type_ns[1] < 3.0
    assert 1.0 + p.ampa_erk_gain > some.ampa_gain[1] > 1.0 + 0.5 * p.ampa_erk_gain
    some.kinase_drive[:] = 0.0
    live(some, p, "be_roused", days=0.01)
    assert some.a_type_ns[1] < 5.0, "a quarter of an hour later it still shows"
    assert some.ampa_gain[1] > 1.0 + 0.2 * p.ampa_erk_gain
    live(some, p, "be_roused", days=0.2)
    assert some.a_type_ns[1] == pytest.approx(6.0, rel=0.01)
    assert some.ampa_gain[1] == pytest.approx(1.0, abs=0.01)


def test_erk_needs_calcium_and_working_kinases_and_substance_p_helps_it() -> None:
    """What stopped it in slices whose C fibres were excited (Kawasaki 2004)."""
    p = settings(plasticity__set="all")
    _, some = neurons(3, kinase_drive=[0.0, 0.05, 0.05], nk1_active=[0.9, 0.0, 0.9])
    live(some, p, "be_roused", days=0.01)
    peptide, calcium, both = some.erk
    assert peptide == 0.0 < 2.0 * calcium < both
    p.set("kinase_activity", 0.0)
    some.erk[:] = 0.0
    live(some, p, "be_roused", days=0.01)
    assert (some.erk == 0.0).all()


def test_erk_holds_itself_down_when_its_cause_lasts_for_days() -> None:
    """Neurons have it early after an injury, not for weeks (Zhuang 2005)."""
    p = settings(plasticity__set="all")
    _, some = neurons(1, kinase_drive=1.0)
    early = float(live(some, p, "be_roused", days=0.02).erk[0])
    assert live(some, p, "be_roused", days=3.0).erk[0] < 0.2 * early


def test_lack_of_atp_keeps_calcium_in_busy_neurons_only_but_in_the_article() -> None:
    """At rest there is nothing to pump out, and a small lack is made up for (Nicholls & Budd 2000)."""
    for biology, more in (("literature", True), ("article", False)):
        p = settings(biology)
        rest = p.calcium_rest
        _, some = neurons(4, atp=[1.0, 0.95, 0.6, 0.6], calcium_nm=[rest + 500.0] * 3 + [rest])
        some.sampled_calcium_nm[:] = some.calcium_nm
        some.do("remember", p)
        well, little, poisoned, idle = some.calcium_load
        assert idle == pytest.approx(0.0, abs=1e-12)
        assert little == pytest.approx(well, rel=0.05)
        assert (poisoned > 2.0 * well) == more
        assert more or poisoned == well


def test_calpain_takes_kcc2_away_where_calcium_is_high() -> None:
    """By NMDA receptors' calcium alone (Zhou 2012); what an hour of touch a day leaves is too little."""
    p = settings(plasticity__set="all")
    _, some = neurons(3, calcium_load=[0.0, 0.15, 0.02])
    live(some, p, "regulate_chloride", days=5.0)
    assert some.chloride_reversal_mv[0] == pytest.approx(p.chloride_healthy)
    assert some.chloride_reversal_mv[1] > p.chloride_healthy + 5.0
    assert some.chloride_reversal_mv[2] < p.chloride_healthy + 1.0


def test_the_article_changes_nothing_but_the_nmda_receptor() -> None:
    p = settings(plasticity__set="nmdar_only")
    world, some = neurons(1, kinase_drive=0.9, kinase=1.0, calcium_load=0.5, a_type_max_ns=6.0)
    for name in ("bdnf", "il1b"):
        world.cells.columns[name][:] = 1.0
    live(some, p, "potentiate", "regulate_chloride", "be_roused", days=2.0)
    assert some.a_type_ns[0] == 6.0
    assert some.ampa_weight[0] == pytest.approx(1.0)
    assert some.inhibition_gain[0] == 1.0
    assert some.chloride_reversal_mv[0] == pytest.approx(p.chloride_healthy)


def test_bdnf_raises_chloride_quickly_and_it_recovers_slowly() -> None:
    p = settings(plasticity__set="all")
    world, some = neurons(1)
    bdnf = world.cells.columns["bdnf"]
    bdnf[:] = 1.0
    live(some, p, "regulate_chloride", days=p.chloride_loss_time)
    target = p.chloride_shift / (1.0 + p.chloride_bdnf_half)
    risen = some.chloride_reversal_mv[0] - p.chloride_healthy
    assert risen == pytest.approx(target * (1.0 - math.exp(-1.0)), rel=0.02)
    bdnf[:] = 0.0
    live(some, p, "regulate_chloride", days=p.chloride_recovery_time)
    assert some.chloride_reversal_mv[0] - p.chloride_healthy == pytest.approx(
        risen * math.exp(-1.0), rel=0.02
    )


def test_only_excitatory_neurons_build_more() -> None:
    """Huang 2023: the postsynaptic arm is in excitatory neurons only."""
    p = settings()
    _, some = neurons(3, inhibitory=[0, 0, 1], kinase=[0.0, 1.0, 1.0])
    live(some, p, "build_receptors", days=5.0)
    calm, excitatory, inhibitory = some.alpha2delta1
    assert calm == inhibitory == pytest.approx(1.0)
    assert excitatory > 1.5
    assert some.receptors_due[1] > some.receptors_due[0] == some.receptors_due[2]


def test_a_healthy_neuron_builds_at_its_basal_rate() -> None:
    p = settings()
    _, some = neurons(1)
    live(some, p, "build_receptors", days=2.0)
    assert some.receptors_due[0] == pytest.approx(2.0 * p.receptor_synthesis_rate * p.receptors_per_neuron)


def test_uncleared_glutamate_lingers_inside_and_outside_the_synapse() -> None:
    world, some = neurons(1)
    seen = []
    for clearance, glutamate in ((1.0, 0.025), (0.5, 0.05), (0.0, 1.0)):
        world.cells.columns["clearance"][:] = clearance
        world.cells.columns["glutamate"][:] = glutamate
        some.do("sense_glutamate", settings())
        seen.append((some.spillover[0], some.ambient_glutamate[0]))
    assert seen[0][0] == pytest.approx(1.0)
    assert (np.diff(seen, axis=0) > 0).all()
    assert seen[2][0] <= settings().glutamate_spillover_max


def test_epochs_are_averaged_with_the_memory_of_the_registry() -> None:
    p = settings()
    _, some = neurons(1, sampled_hz=10.0, sampled_calcium_nm=500.0)
    p.set("dt", p.epoch_memory)
    some.do("remember", p)
    assert some.rate_hz[0] == pytest.approx(10.0 * (1.0 - math.exp(-1.0)), abs=1e-9)
    assert some.calcium_load[0] > 0.0
    _, calm = neurons(1, sampled_calcium_nm=p.calcium_rest, calcium_nm=p.calcium_rest)
    calm.do("remember", p)
    assert calm.calcium_load[0] == 0.0


def test_firing_that_lasts_tires_a_projection_neuron_and_silence_rests_it() -> None:
    """Homeostasis of excitability: half of it at the rate the registry says (Desai 1999)."""
    p = settings()
    half = p.slow_potassium_half
    _, some = neurons(4, rate_hz=[0.0, half, 10.0 * half, half], slow_potassium_max_ns=[4.0, 4.0, 4.0, 0.0])
    live(some, p, "tire", days=20.0 * p.slow_potassium_time + 0.01)
    assert some.slow_potassium_ns == pytest.approx([0.0, 2.0, 4.0 * 100.0 / 101.0, 0.0], abs=1e-6)
    some.rate_hz[:] = 0.0
    p.set("dt", p.slow_potassium_time)
    some.do("tire", p)
    assert some.slow_potassium_ns[1] == pytest.approx(2.0 * math.exp(-1.0), abs=1e-6)


@pytest.mark.parametrize("biology", PRESETS)
def test_plateau_channels_grow_insensitive_to_calcium_that_stays_not_to_that_of_minutes(biology: str) -> None:
    """Zhang 2005, Nilius 2006; the article tells of none."""
    p = settings(biology)
    _, some = neurons(2, calcium_nm=[p.calcium_rest, p.calcium_rest + 400.0])
    p.set("dt", 16.0 / 86_400)
    some.do("tire", p)
    assert some.plateau_shift_nm == pytest.approx([0.0, 0.0], abs=0.4), "a train of 16 s"
    live(some, p, "tire", days=20.0 * p.plateau_desensitisation_time + 0.01)
    follows = {"literature": 1.0, "article": 0.0}[biology]
    assert some.plateau_shift_nm == pytest.approx([0.0, 400.0 * follows], abs=1e-3)
    some.calcium_nm[:] = 0.5 * p.calcium_rest
    live(some, p, "tire", days=20.0 * p.plateau_desensitisation_time + 0.01)
    assert some.plateau_shift_nm == pytest.approx([0.0, 0.0], abs=1e-3)


def test_cyclic_amp_overshoots_where_lasting_opioid_tone_is_taken_away() -> None:
    """In excitatory neurons that have long been under it, and at once (L06, Corder 2013)."""
    p = settings(brakes="on")
    world, some = neurons(2, inhibitory=[0, 1])
    world.cells.columns["atp"][:] = 1.0
    live(some, p, "brake", "activate_kinases", days=20.0)
    assert some.opioid_tone[0] > 0.5 > some.opioid_tone[1] == 0.0
    assert some.cyclic_amp[0] == some.kinase[0] == 0.0, "held down while the tone lasts"
    p.set("opioid_coupling", 0.0)
    p.set("dt", 0.01)
    some.do("brake", p)
    some.do("activate_kinases", p)
    assert some.cyclic_amp[0] > 0.5
    assert some.kinase[0] > 0.5
    assert some.kinase[1] == 0.0


def test_superactivation_keeps_itself_going_at_rest_until_nk1_is_blocked_for_hours() -> None:
    """A busy week begins it; resting substance P upholds it; half a day without NK1 erases it (P41)."""
    p = settings("literature", brakes="on")
    world, some = neurons(2, inhibitory=[0, 1])
    air = world.cells.columns
    air["substance_p"][:] = 0.2
    air["atp"][:] = 1.0
    live(some, p, "brake", days=7.0)
    begun = some.cyclase[0] / some.opioid_tone[0]
    air["atp"][:] = 0.0
    live(some, p, "brake", days=60.0)
    assert some.cyclase[0] > 0.9 * begun * some.opioid_tone[0] > 0.1
    p.set("nk1_effect", 0.1)
    live(some, p, "brake", days=0.5)
    p.set("nk1_effect", 1.0)
    live(some, p, "brake", days=7.0)
    assert some.cyclase[0] < 0.01, "it does not come back by itself"
    assert some.opioid_tone[0] > 0.1
    assert some.cyclase[1] == 0.0


def test_superactivation_follows_a_tone_that_is_gone_within_days_not_at_once() -> None:
    """A challenge of two days still meets it; a month later it has gone."""
    p = settings("literature", brakes="on")
    left = {}
    for days in (2.0, 30.0):
        cyclase = 0.2
        p.set("dt", 1.0 / 12.0)
        for _ in range(round(days * 12)):
            cyclase = superactivated(cyclase, 0.0, p.atp_rest, 0.3, p)
        left[days] = cyclase
    assert left[2.0] > 0.5 * 0.2
    assert left[30.0] < 0.01 * 0.2


@given(
    cyclase=st.floats(0.0, 1.0),
    tone=st.floats(0.0, 1.0),
    atp=st.floats(0.0, 3.0),
    peptide=st.floats(0.0, 50.0),
    days=st.floats(0.0001, 30.0),
)
def test_superactivation_stays_within_its_bounds(
    cyclase: float, tone: float, atp: float, peptide: float, days: float
) -> None:
    """It never leaves 0 to the larger of itself and the tone, however long the tick."""
    p = settings("literature", brakes="on")
    p.set("dt", days)
    after = superactivated(cyclase, tone, atp, peptide, p)
    assert 0.0 <= after <= max(cyclase, tone) + 1e-12


def test_oxidants_act_within_the_hour_and_let_go_within_a_day() -> None:
    """A pulse of superoxide drives kinases and weakens inhibition, and leaves nothing behind (P59)."""
    p = settings("literature")
    p.set("kinase_oxidant_gain", 1.0)  # whatever the preset's weight of it
    _, some = neurons(1, superoxide=10.0)
    rules = ("oxidise", "activate_kinases", "regulate_chloride")
    live(some, p, *rules, days=0.04)
    assert some.oxidation[0] > 0.5
    assert some.kinase[0] == pytest.approx(some.oxidation[0], rel=0.1)
    assert some.kinase[0] > 0.3
    assert some.inhibition_gain[0] < 0.7
    some.superoxide[:] = 1.0
    live(some, p, *rules, days=1.0)
    assert some.kinase[0] == pytest.approx(0.0, abs=0.01)
    assert some.inhibition_gain[0] == pytest.approx(1.0, abs=0.01)


def test_in_the_article_oxidants_act_by_lasting_damage_alone() -> None:
    _, some = neurons(1, superoxide=100.0)
    live(some, settings("article"), "oxidise", "activate_kinases", "regulate_chloride", days=0.1)
    assert some.kinase[0] == 0.0
    assert some.inhibition_gain[0] == 1.0
