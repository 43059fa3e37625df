"""Facts about the membrane: the two keys of the gate, inhibition, the slow current, spikes, numerics."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from dorsalhorn.agents.engine import Parameters, Population
from dorsalhorn.agents.membrane import decays

from .world import PRESETS, lone, settings

NEVER_MV = 1000.0


def neurons(n: int = 2, **values: Any) -> Population[Any]:
    """Neurons at rest that never fire unless a threshold is given."""
    rest = {"v_mv": -68.0, "rest_mv": -68.0, "threshold_mv": NEVER_MV, "unblocked": 0.05}
    return lone("Neuron", n, **(rest | values))[1]


def live(some: Population[Any], p: Parameters, steps: int = 1) -> Population[Any]:
    for _ in range(steps):
        some.do("integrate", p, decays(p))
    return some


# ---------------------------------------------------------------------- the two keys
@pytest.mark.parametrize("biology", PRESETS)
def test_depolarisation_alone_opens_nothing(biology: str) -> None:
    """Without glutamate a neuron full of unblocked NMDA receptors is a neuron without any."""
    p = settings(biology)
    some = live(neurons(unblocked=[0.0, 5.0], v_mv=-20.0), p, 50)
    for name in ("v_mv", "calcium_now_nm", "calcium_sum"):
        assert some.columns[name][0] == some.columns[name][1], name
    assert some.calcium_now_nm[0] == p.calcium_rest


@pytest.mark.parametrize("biology", PRESETS)
def test_glutamate_with_a_blocked_receptor_opens_nothing(biology: str) -> None:
    p = settings(biology)
    some = live(neurons(unblocked=0.0, nmda_fast_ns=[0.0, 3.0], nmda_slow_ns=[0.0, 3.0]), p, 50)
    assert some.v_mv[0] == some.v_mv[1]
    assert some.calcium_now_nm[1] == p.calcium_rest


@pytest.mark.parametrize("biology", PRESETS)
def test_both_keys_together_let_calcium_in(biology: str) -> None:
    p = settings(biology)
    some = live(neurons(3, nmda_slow_ns=[0.0, 3.0, 3.0], unblocked=[0.5, 0.05, 0.5]), p, 20)
    calcium = some.calcium_now_nm - p.calcium_rest
    assert calcium[0] == 0.0 < calcium[1]
    assert calcium[2] > 3.0 * calcium[1]
    assert some.v_mv[2] > some.v_mv[1] > some.v_mv[0]


def test_ampa_receptors_that_erk_brings_serve_whatever_arrives() -> None:
    some = live(neurons(ampa_gain=[1.0, 1.5], excitation_ns=2.0), settings("literature"))
    assert some.ampa_ns[1] == pytest.approx(1.5 * some.ampa_ns[0])
    assert some.v_mv[1] > some.v_mv[0]


def test_ambient_glutamate_opens_extrasynaptic_receptors() -> None:
    some = live(neurons(ambient_glutamate=[0.0, 0.5], unblocked=0.3), settings(), 20)
    assert some.calcium_now_nm[1] > some.calcium_now_nm[0]


def test_a_receptor_that_is_held_open_needs_neither_key() -> None:
    some = live(neurons(held_open_ns=[0.0, 0.2], unblocked=0.0), settings("article"), 20)
    assert some.v_mv[1] > some.v_mv[0]
    assert some.calcium_now_nm[1] > some.calcium_now_nm[0]


def test_each_synapse_carries_ampa_too() -> None:
    """Without NMDA receptors excitation still depolarises (M13)."""
    some = live(neurons(unblocked=0.0, excitation_ns=[0.0, 2.0]), settings())
    assert some.v_mv[1] > some.v_mv[0]


def test_only_nmda_receptors_and_spikes_let_calcium_in() -> None:
    p = settings()
    some = live(neurons(1, unblocked=0.0, ampa_ns=3.0, excitation_ns=1.0, nk1_ns=0.5), p, 20)
    assert some.v_mv[0] > -60.0
    assert some.calcium_now_nm[0] == p.calcium_rest


def test_bound_receptors_saturate() -> None:
    """However much glutamate comes, a neuron has only so many receptors."""
    p = settings()
    some = live(neurons(3, nmda_slow_ns=[1.0, 1e3, 1e6], unblocked=1.0), p)
    ceiling = p.nmdar_synaptic_max / p.membrane_capacitance * p.epoch_step
    assert some.v_mv[2] - some.v_mv[1] < 0.01 * (some.v_mv[1] - some.v_mv[0])
    assert some.v_mv[2] < -68.0 / (1.0 + ceiling) + 1e-9


# ---------------------------------------------------------------------- the rest of the gate
def test_healthy_inhibition_holds_back_and_lost_chloride_excites() -> None:
    some = live(
        neurons(3, inhibitory_ns=[0.0, 5.0, 5.0], chloride_reversal_mv=[-73, -73, -49]), settings(), 10
    )
    assert some.v_mv[1] < some.v_mv[0] < some.v_mv[2]


def test_inhibition_shunts_excitation() -> None:
    some = live(neurons(excitation_ns=3.0, inhibitory_ns=[0.0, 5.0]), settings(), 10)
    assert some.v_mv[1] < some.v_mv[0]


@pytest.mark.parametrize("biology", PRESETS)
def test_the_slow_peptide_current_needs_nk1_receptors_and_outlasts_its_cause(biology: str) -> None:
    p = settings(biology)
    p.set("inhibition_tonic", 0.0)
    some = neurons(nk1_receptor=[0.0, 1.0], peptide_ns=0.01)
    live(some, p, 400)
    assert some.v_mv[0] == pytest.approx(-68.0)
    assert some.v_mv[1] > -68.0 + 0.1
    some.peptide_ns[:] = 0.0
    before = some.nk1_ns[1]
    live(some, p, round(1000.0 / p.epoch_step))
    assert some.nk1_ns[1] > 0.3 * before, "a second later a good part of it is still there"


def test_substance_p_can_do_no_more_than_occupy_every_nk1_receptor() -> None:
    """A long pinch brings far more peptide than a volley; the current it opens ends at the ceiling."""
    p = settings()
    some = live(neurons(4, nk1_ns=[0.0, 0.1, 1e3, 1e6], threshold_mv=NEVER_MV), p)
    ceiling = p.nk1_synaptic_max * 68.0 * p.epoch_step / p.membrane_capacitance
    risen = some.v_mv - some.v_mv[0]
    assert 0.0 < risen[1] < risen[2]
    assert risen[3] == pytest.approx(risen[2], rel=1e-3)
    assert risen[3] == pytest.approx(ceiling, rel=0.05)


def test_stores_give_calcium_to_nk1_or_glutamate_where_calcium_is_already() -> None:
    """Rows: nothing, NK1, glutamate on receptors that pass nothing, NK1 without calcium."""
    start = {"calcium_now_nm": [570.0, 570.0, 570.0, 70.0], "nk1_ns": [0.0, 1.0, 0.0, 1.0]}
    start |= {"nmda_slow_ns": [0.0, 0.0, 1.0, 0.0], "unblocked": 0.0}
    p = settings()
    nothing, peptide, glutamate, early = live(neurons(4, **start), p, 20).calcium_now_nm
    assert peptide > nothing + 1.0
    assert glutamate > nothing + 0.2
    assert early == p.calcium_rest
    p.set("calcium_store_release", 0.0)
    empty = live(neurons(4, **start), p, 20).calcium_now_nm
    np.testing.assert_array_equal(empty[:3], nothing)


def test_tonic_inhibition_holds_a_cell_down_as_far_as_inhibition_works() -> None:
    p = settings()
    some = live(neurons(3, rest_mv=-55.0, v_mv=-55.0, inhibition_gain=[1.0, 0.5, 0.0]), p, 1000)
    healthy, weak, lost = some.v_mv
    assert healthy < weak < lost
    assert lost == pytest.approx(-55.0)
    conductances = p.membrane_leak, p.inhibition_tonic
    assert healthy == pytest.approx(np.average([-55.0, -73.0], weights=conductances))


@pytest.mark.parametrize("opened", ["slow_potassium_ns", "calming_ns"])
def test_what_firing_or_the_brain_stem_has_opened_holds_a_cell_down(opened: str) -> None:
    p = settings()
    some = live(neurons(2, **{opened: [0.0, 0.5]}, chloride_reversal_mv=-68.0), p, 1000)
    fresh, tired = some.v_mv
    assert fresh == pytest.approx(-68.0)
    weights = p.membrane_leak + p.inhibition_tonic, 0.5
    assert tired == pytest.approx(np.average([-68.0, p.membrane_potassium_reversal], weights=weights))


def test_a_spike_resets_and_nothing_fires_while_refractory() -> None:
    p = settings()
    some = neurons(1, threshold_mv=-45.0, ampa_ns=1e4, adaptation_step_ns=0.5)
    fired = []
    for _ in range(100):
        some.ampa_ns[:] = 1e4
        live(some, p)
        fired.append(some.fires[0] == 1.0)
        if fired[-1]:
            assert some.v_mv[0] == p.membrane_reset
    gaps = np.diff(np.flatnonzero(fired)) * p.epoch_step
    assert len(gaps) > 3
    assert gaps.min() >= p.membrane_refractory
    assert gaps.max() <= p.membrane_refractory + 2 * p.epoch_step
    assert some.adaptation_ns[0] > 0.0


def test_a_desensitised_plateau_needs_as_much_more_calcium_to_open() -> None:
    p = settings()
    half, shift = p.plateau_calcium_half, 300.0
    above = np.array([half, half + shift, half])
    some = neurons(3, plateau_shift_nm=[0.0, shift, shift], calcium_now_nm=p.calcium_rest + above)
    fresh, much, little = live(some, p).plateau_gate
    assert fresh == pytest.approx(0.5 * (1.0 - decays(p).plateau))
    assert much == pytest.approx(fresh)
    assert little < 0.1 * fresh


def test_every_spike_brings_its_calcium() -> None:
    p = settings()
    some = live(neurons(threshold_mv=[NEVER_MV, -90.0], unblocked=0.0), p)
    assert some.calcium_now_nm[1] - some.calcium_now_nm[0] == pytest.approx(p.calcium_per_spike)


# ---------------------------------------------------------------------- numerics
def test_the_voltage_stays_between_the_reversals_whatever_arrives() -> None:
    """The implicit step cannot blow up: conductances a thousand times too large, steps far too long."""
    p = settings()
    p.set("epoch_step", 50.0)
    rng = np.random.default_rng(1)
    some = neurons(200, unblocked=1.0)
    for name in ("ampa_ns", "nmda_slow_ns", "inhibition_ns", "nk1_ns", "adaptation_ns"):
        some.columns[name][:] = 10.0 ** rng.uniform(-3, 5, 200)
    some.v_mv[:] = rng.uniform(-90, 0, 200)
    live(some, p, 20)
    assert some.v_mv.min() >= p.membrane_potassium_reversal
    assert some.v_mv.max() <= 0.0
    assert np.isfinite(some.calcium_now_nm).all()


def test_a_passive_membrane_relaxes_with_its_time_constant_to_first_order() -> None:
    """Six halvings of the step against the exponential: the error halves with the step."""
    p = settings()
    p.set("inhibition_tonic", 0.0)
    tau_ms = p.membrane_capacitance / p.membrane_leak
    steps, errors = 2.0 ** -np.arange(6), []
    for dt in steps:
        p.set("epoch_step", dt)
        some = live(neurons(1, v_mv=-50.0, unblocked=0.0), p, round(16.0 / dt))
        errors.append(abs(some.v_mv[0] - (-68.0 + 18.0 * math.exp(-16.0 / tau_ms))))
    order = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert order == pytest.approx(1.0, abs=0.15)


def test_conductances_decay_exactly_whatever_the_step() -> None:
    p = settings()
    for dt in (0.1, 0.5, 2.0):
        p.set("epoch_step", dt)
        some = live(
            neurons(1, ampa_ns=1.0, nmda_fast_ns=1.0, nmda_slow_ns=1.0, inhibition_ns=1.0), p, round(8.0 / dt)
        )
        for name, tau in (
            ("ampa_ns", p.ampa_decay),
            ("nmda_fast_ns", p.nmdar_decay_fast),
            ("nmda_slow_ns", p.nmdar_decay_slow),
            ("inhibition_ns", p.inhibition_decay),
        ):
            assert some.columns[name][0] == pytest.approx(math.exp(-8.0 / tau), rel=1e-9), (name, dt)
