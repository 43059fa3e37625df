"""The virtual laboratory on a healthy slice: what passes the gate, what does not, and how it is measured."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from dorsalhorn.agents.afferent import A_BETA, A_DELTA, C_NONPEPTIDERGIC, C_PEPTIDERGIC
from dorsalhorn.model import DorsalHorn
from dorsalhorn.model.circuit import BIN_MS
from dorsalhorn.model.laboratory import FILAMENTS_G, Laboratory, crossing

from .horn import changed


# ---------------------------------------------------------------------- what passes the gate
def test_a_naive_horn_is_quiet(naive: DorsalHorn) -> None:
    """Craig 2001: nociceptive-specific lamina I cells rest at 0.5 Hz; median < 1.5, most below 2."""
    rates = naive.neurons.rate_hz[naive.laboratory.lamina_1]
    assert np.median(rates) < 1.5
    assert (rates < 2.0).mean() >= 0.7


def test_brush_is_held_back_and_pinch_passes(naive: DorsalHorn) -> None:
    lab = naive.laboratory
    brush, (pinch, _) = lab.brush(), lab.pinch()
    assert brush < 1.0
    assert pinch > max(5.0, 5.0 * brush)


def test_a_pinch_passes_without_nmda_receptors(naive: DorsalHorn) -> None:
    """South 2003: acute noxious signals do not need them."""
    before = naive.laboratory.pinch()[0]
    with changed(naive, nmdar_conductance=0.0):
        assert naive.circuit.tables.max() == 0.0
        assert naive.laboratory.pinch()[0] > 0.5 * before


def test_nothing_passes_without_ampa_receptors(naive: DorsalHorn) -> None:
    with changed(naive, ampa_conductance=0.0, nmdar_conductance=0.0, nk1_conductance=0.0):
        assert naive.laboratory.pinch()[0] == naive.laboratory.brush() == 0.0


def test_without_inhibition_brush_reaches_lamina_i_and_with_it_no_more(naive: DorsalHorn) -> None:
    """Torsney 2006, Keller 2007: the path is there, held shut; restoring inhibition restores it at once."""
    lab = naive.laboratory
    before, pinch = lab.brush(), lab.pinch()[0]
    with changed(naive, inhibition_conductance=0.0):
        assert lab.brush() > before + 5.0
        assert lab.pinch()[0] > 1.1 * pinch
    assert lab.brush() == before


def test_the_disinhibited_brush_response_is_mostly_nmda(
    naive: DorsalHorn, request: pytest.FixtureRequest
) -> None:
    """Torsney 2006, V10: with inhibition blocked A-beta input drives lamina I through NMDA receptors."""
    if naive.scenario.biology == "literature":
        reason = "51 % is left without NMDA receptors: the AMPA part of the touch path is too strong"
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    with changed(naive, inhibition_conductance=0.0):
        released = naive.laboratory.brush()
    with changed(naive, inhibition_conductance=0.0, nmdar_conductance=0.0):
        assert naive.laboratory.brush() < 0.5 * released


def test_a_harder_touch_gives_no_smaller_output(naive: DorsalHorn) -> None:
    lab = naive.laboratory
    outputs = [
        lab.output(lab.present(lab.forced_rates(force, lab.site), 700.0, 200.0, 1), 900.0)
        for force in (0.4, 4.0, 26.0)
    ]
    assert outputs[0] < 2.0
    assert outputs[2] > outputs[0] + 3.0
    assert outputs == sorted(outputs)


def test_a_fibre_discharges_at_half_its_most_at_its_threshold_and_grows_gradually(naive: DorsalHorn) -> None:
    lab, a = naive.laboratory, naive.afferents
    fibre = int(np.flatnonzero(lab.site_fibres(lab.site) & (a.sensitisation == 0.0))[0])
    rates = [
        (lab.forced_rates(times * a.threshold_g[fibre], lab.site) - a.rate_hz)[fibre] / a.max_hz[fibre]
        for times in (0.5, 1.0, 2.0)
    ]
    assert rates == pytest.approx([0.2, 0.5, 0.8], abs=1e-6)


def test_the_naive_threshold_lies_between_a_touch_and_the_strongest_filament(naive: DorsalHorn) -> None:
    assert 5.0 < naive.laboratory.threshold() < FILAMENTS_G[-1]


# ---------------------------------------------------------------------- when and where signals arrive
@pytest.mark.parametrize(
    ("kinds", "first_ms", "last_ms"),
    [((A_BETA,), 0, 50), ((A_DELTA,), 0, 100), ((C_PEPTIDERGIC, C_NONPEPTIDERGIC), 50, 250)],
)
def test_each_fibre_class_arrives_in_its_window(
    naive: DorsalHorn, kinds: tuple[int, ...], first_ms: int, last_ms: int
) -> None:
    """A-beta within 20 ms, A-delta 20-90, C 90-300 (P08), read in bins of 50 ms with inhibition off."""
    rates = np.where(np.isin(naive.afferents.kind, kinds), 50.0, 0.0)
    with changed(naive, inhibition_conductance=0.0):
        before = naive.afferents.rate_hz.copy()
        naive.afferents.rate_hz[:] = 0.0
        driven = naive.laboratory.present(rates, 400.0, 0.0, 70).sum(axis=1)
        silent = naive.laboratory.present(np.zeros_like(rates), 400.0, 0.0, 70).sum(axis=1)
        naive.afferents.rate_hz[:] = before
    answered = np.flatnonzero(driven > silent + 3) * BIN_MS
    assert first_ms <= answered[0] < last_ms


def test_what_a_blocked_nerve_is_told_does_not_arrive(naive: DorsalHorn) -> None:
    a, lab = naive.afferents, naive.laboratory
    kept = a.blocked.copy(), a.rate_hz.copy()
    a.blocked[:], a.rate_hz[:] = 1.0, 0.0
    try:
        touched = lab.brush(), lab.pinch()[0]
        kinds = ("brush", "pinch_c", "pinch_a_delta", "pinch_a_beta")
        with changed(naive, **{f"laboratory_{kind}_hz": 0.0 for kind in kinds}):
            assert touched == (lab.brush(), lab.pinch()[0]), "what fires by itself goes on, no more"
        assert max(touched) < 1.0
        assert lab.threshold() == pytest.approx(FILAMENTS_G[-1])
    finally:
        a.blocked[:], a.rate_hz[:] = kept


def test_a_stimulus_touches_only_its_skin(naive: DorsalHorn) -> None:
    lab, a = naive.laboratory, naive.afferents
    rates = lab.forced_rates(26.0, 0.4, 0.2)
    touched = np.abs(a.skin - 0.4) <= 0.1
    np.testing.assert_array_equal(rates[~touched], a.rate_hz[~touched])
    assert (rates[touched] > a.rate_hz[touched]).all()


def test_sensitised_endings_answer_to_less(naive: DorsalHorn) -> None:
    lab, a = naive.laboratory, naive.afferents
    kept = a.sensitisation.copy()
    naive_rates = lab.forced_rates(4.0, lab.site)
    a.sensitisation[:] = 1.0
    try:
        rates = lab.forced_rates(4.0, lab.site)
    finally:
        a.sensitisation[:] = kept
    touched = lab.site_fibres(lab.site)
    assert (rates[touched] > naive_rates[touched]).all()


def test_a_touch_beside_the_site_reaches_the_territory_less(naive: DorsalHorn) -> None:
    lab, p = naive.laboratory, naive.parameters
    width = lab.receptive_field()
    assert 0.0 < width <= p.slice_width
    out = [
        lab.output(lab.present(lab.forced_rates(26.0, place, 0.1), 500.0, 200.0, 3), 700.0)
        for place in (lab.site, 0.95)
    ]
    assert out[0] > 2.0 * out[1]


def test_a_train_winds_up_if_it_is_fast_enough_and_nmda_receptors_work(naive: DorsalHorn) -> None:
    lab, p, tables = naive.laboratory, naive.parameters, naive.circuit.tables
    usual, kept, receptors = lab.wind_up(), p.array.copy(), tables.copy()
    assert usual > 0.1
    try:
        p.set("laboratory_windup_hz", 0.1)
        assert lab.wind_up() < 0.5 * usual
        p.array[:] = kept
        tables[:] = 0.1 * receptors
        assert lab.wind_up() < 0.5 * usual
        p.set("laboratory_windup_pulses", 1.0)
        assert lab.wind_up() == 0.0, "one shock is its own first response"
    finally:
        p.array[:] = kept
        tables[:] = receptors


@pytest.mark.parametrize("hz", [0.3, 0.5, 0.7])
def test_each_shock_of_a_train_has_its_own_window(
    naive: DorsalHorn, monkeypatch: pytest.MonkeyPatch, hz: float
) -> None:
    lab = naive.laboratory

    def answered(rates: np.ndarray, stimulated: np.ndarray, stream: int) -> np.ndarray:
        """One spike of every neuron 400 ms after each shock, and nothing else."""
        step_ms = naive.parameters.epoch_step
        spikes = np.zeros((math.ceil(stimulated.size * step_ms / BIN_MS), len(naive.neurons)), np.int32)
        spikes[((np.flatnonzero(stimulated) * step_ms + 400.0) // BIN_MS).astype(int)] = 1
        return spikes

    monkeypatch.setattr(lab, "_present", answered)
    kept = naive.parameters.laboratory_windup_hz
    naive.parameters.set("laboratory_windup_hz", hz)
    try:
        assert lab.wind_up() == 0.0
    finally:
        naive.parameters.set("laboratory_windup_hz", kept)


def test_no_first_response_gives_no_index(naive: DorsalHorn) -> None:
    """All fibres silent, and cells that fire by themselves (the class bursting) held far below threshold."""
    blocked, threshold = naive.afferents.blocked, naive.neurons.threshold_mv
    kept = blocked.copy(), threshold.copy()
    blocked[:], threshold[:] = 1.0, threshold.max() + 15.0
    try:
        assert math.isnan(naive.laboratory.wind_up())
    finally:
        blocked[:], threshold[:] = kept


# ---------------------------------------------------------------------- the up-down method
class Bench(Laboratory):
    """A laboratory whose subject answers exactly above a threshold."""

    def __init__(self, model: DorsalHorn, limit_g: float) -> None:
        super().__init__(model, 0.5)
        self.limit_g = limit_g
        self.shown: list[float] = []

    def touch(self, force_g: float, trial: int) -> float:
        self.shown.append(force_g)
        return 2.0 * self.model.parameters.laboratory_criterion if force_g > self.limit_g else 0.0


@pytest.mark.parametrize("limit_g", [0.5, 1.2, 3.0, 5.0, 9.0, 12.0])
def test_the_up_down_series_finds_a_sharp_threshold(naive: DorsalHorn, limit_g: float) -> None:
    bench = Bench(naive, limit_g)
    found = bench.threshold()
    below = max(f for f in FILAMENTS_G if f <= limit_g)
    above = min(f for f in FILAMENTS_G if f > limit_g)
    assert 0.95 * below <= found <= 1.05 * above
    trials = int(naive.parameters.laboratory_trials)
    assert len(bench.shown) % trials == 0, "whole series only"
    for first in range(0, len(bench.shown), trials):
        series = bench.shown[first : first + trials]
        assert series[0] == 2.0, "a series starts with the filament of 2 g (Chaplan 1994)"
        for force, following in itertools.pairwise(series):
            k, after = FILAMENTS_G.index(force), FILAMENTS_G.index(following)
            assert after == k + (-1 if force > limit_g else 1)


def test_who_always_answers_is_at_the_floor_and_who_never_does_at_the_ceiling(naive: DorsalHorn) -> None:
    assert Bench(naive, 0.0).threshold() == pytest.approx(FILAMENTS_G[0])
    assert Bench(naive, 100.0).threshold() == pytest.approx(FILAMENTS_G[-1])


@pytest.mark.parametrize(("limit_g", "touched"), [(0.0, FILAMENTS_G[4::-1]), (100.0, FILAMENTS_G[4:])])
def test_a_series_ends_where_there_is_no_further_filament(
    naive: DorsalHorn, limit_g: float, touched: tuple[float, ...]
) -> None:
    assert tuple(force for force, _ in Bench(naive, limit_g).series()) == touched


def test_the_threshold_is_interpolated_between_the_filaments_around_the_crossing() -> None:
    seen = [(2.0, 0.0), (4.0, 8.0), (4.0, 12.0)]
    assert crossing(seen, 5.0) == pytest.approx(math.sqrt(8.0))
    assert crossing(seen, 9.9) > crossing(seen, 5.0) > crossing(seen, 0.1)
    assert crossing([*seen, (4.0, 0.0)], 5.0) > crossing(seen, 5.0), "a failure to answer raises it"


def test_a_weaker_filament_that_drew_more_by_chance_counts_for_the_stronger_ones() -> None:
    assert crossing([(2.0, 0.0), (4.0, 9.0), (6.0, 3.0), (8.0, 9.5)], 5.0) < 4.0


def test_the_standard_site_is_the_middle_of_the_injury_or_of_the_map(naive: DorsalHorn) -> None:
    assert naive.laboratory.site == 0.5
    away = np.abs(naive.neurons.x_um[naive.laboratory.territory] - 500.0)
    assert (away <= naive.parameters.laboratory_territory).all()
    assert (naive.neurons.projection[naive.laboratory.territory] == 1).all()
