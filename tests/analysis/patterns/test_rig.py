"""What the acute protocols count: windows, bursts, troughs, recovery; and that each runs to its end."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.analysis.patterns import PROTOCOLS, Preparation, potentiation, rig
from dorsalhorn.analysis.patterns.coding import _trough
from dorsalhorn.analysis.patterns.potentiation import _back
from dorsalhorn.scenarios.patterns import patterns

ACUTE = ("slice.scale=0.01", "slice.receptors_per_neuron=5")


def horn(times_ms, neurons, size=4):
    """A run that left these spikes."""
    frame = pd.DataFrame({"time_ms": times_ms, "neuron": neurons})
    return SimpleNamespace(spikes=lambda: frame, neurons=range(size))


def test_stimuli_and_clamps_are_what_scenarios_read():
    given = rig.stimuli(
        rig.train("c_volley", 2, 0.5, 16), {"kind": "tonic", "start": 0.5, "stop": 3.0, "rate_hz": 5}
    )
    block = rig.clamps(rig.held("nmdar.conductance", 0.1, 1.0, 4.0), rig.held("magnesium", 2.0, 0.0))
    found = Preparation("literature", 3).scenario("acute", rig.lasting(90), given, block)
    assert found.duration_d * 86400 == pytest.approx(90)
    assert [(s.kind, s.start_d * 86400) for s in found.stimuli] == [("c_volley", 2.0), ("tonic", 0.5)]
    assert found.stimuli[0].pulses_d[15] * 86400 == pytest.approx(32.0)
    assert [(c.target, c.factor) for c in found.clamps] == [("nmdar.conductance", 0.1), ("magnesium", 2.0)]
    assert (found.seed, found.mode, found.biology) == (3, "acute", "literature")


def test_the_users_changes_come_last():
    slice = Preparation("article", 1, {}, ("slice.scale=0.03",))
    assert slice.scenario("acute", "slice.scale=0.2").scale == 0.03


def test_spikes_are_counted_by_cell_and_time():
    spikes = rig.Spikes(horn([100.0, 500.0, 900.0, 1500.0], [0, 1, 1, 3]))
    cells = np.array([3, 1])
    assert spikes.count(cells, 0.0, 1.0).tolist() == [0, 2]
    assert spikes.rate(cells, 0.4, 2.4).tolist() == [0.5, 1.0]


def test_a_burst_is_some_spikes_in_a_short_time_of_one_cell():
    together = rig.Spikes(horn([0.0, 10.0, 20.0, 500.0, 510.0, 900.0, 920.0, 940.0], [0] * 8))
    assert together.bursts(np.array([0]), 0.0, 1.0, 3, 0.05) == 2
    apart = rig.Spikes(horn([0.0, 10.0, 20.0], [0, 1, 2]))
    assert apart.bursts(np.arange(3), 0.0, 1.0, 3, 0.05) == 0


def test_responses_are_spikes_per_neuron_over_kinds():
    rows = [
        (1, "projection", 10, 1.0, 0.5, 0),
        (1, "excitatory", 30, 0.0, 0.0, 0),
        (2, "projection", 10, 2.0, 0.0, 0),
        (2, "excitatory", 30, 4.0, 0.0, 0),
        (1, "projection", 10, 9.0, 9.0, 1),
    ]
    frame = pd.DataFrame(rows, columns=["stimulus_number", "kind", "neurons", "c", "late", "stimulus"])
    run = SimpleNamespace(evoked=lambda: frame)
    assert rig.responses(run).tolist() == [1.5, 2.0]
    assert rig.responses(run, ("c",), ("projection", "excitatory")).tolist() == [0.25, 3.5]


@pytest.mark.parametrize(("counts", "index"), [([2, 2, 2], 0.0), ([1, 2, 3], 1.0), ([4, 2], -0.25)])
def test_wind_up_is_what_exceeds_the_first_response(counts, index):
    assert rig.wind_up(np.array(counts, float)) == index


def test_without_a_first_response_there_is_no_index():
    assert np.isnan(rig.wind_up(np.array([0.0, 3.0])))
    assert np.isnan(rig.ratio(1.0, 0.0))


def test_peaks_are_apart_if_the_course_falls_between_them():
    course = np.zeros(80)
    course[[0, 4, 15]] = (3.0, 2.0, 4.0)
    assert _trough(course, 0.01) == 0.0
    course[:16] += 1.0
    assert _trough(course, 0.01) == pytest.approx(1.0 / 3.0)


@pytest.mark.parametrize(
    ("course", "minutes"),
    [
        ([1.0] * 6, 6.0),
        ([2.0, 2.0, 2.0, 1.0, 1.0, 1.0], 12.0),
        ([2.0] * 6, np.nan),
        ([np.nan] * 6, np.nan),
    ],
)
def test_back_is_when_the_mean_of_some_tests_is(course, minutes):
    numbers = {"averaged": 3.0, "test_every_s": 120.0, "back": 0.1}
    assert _back(numbers, np.array(course)) == pytest.approx(minutes, nan_ok=True)


def measured(id_, sets=(), **numbers):
    pattern = patterns()[id_]
    slice = Preparation("literature", 1, {**pattern.parameters, **numbers}, (*ACUTE, *sets))
    values = PROTOCOLS[id_](slice)
    slice.release()
    assert set(values) == set(pattern.criteria)
    return values


SHORT = {"before_s": 2.0, "pulses": 3.0, "rate_hz": 1.0, "wash_s": 3.0}
QUICK = {
    "P07": {"rest_s": 3.0},
    "P08": {"before_s": 1.0, "rate_hz": 1.0, "count": 3.0},
    "P09": {"days": 0.25, "watched_d": 0.1},
    "P10": {"rest_s": 2.0, "brush_every_s": 3.0, "pinch_every_s": 6.0},
    "P11": {"before_s": 1.0, "pulses": 2.0, "pause_s": 2.0, "later": 1.0, "cells": 100.0},
    "P12": SHORT,
    "P13": SHORT | {"barrage_s": 5.0, "test_every_s": 1.0, "test_after_s": 2.0},
    "P15": {
        "test_every_s": 30.0,
        "tests_before": 1.0,
        "early_min": 1.0,
        "watched_min": 2.0,
        "block_min": 1.0,
    }
    | {"late_min": 2.0, "averaged": 1.0, "count": 3.0},
    "P16": {"barrage_start_s": 70.0, "barrage_s": 5.0, "early_min": 1.2, "peak_min": 2.4, "late_min": 3.6}
    | {"over_min": 1.1, "rest_for_s": 5.0, "first_s": 5.0, "places": 4.0, "rounds": 1.0},
    "P17": {"tests": 2.0, "test_every_s": 5.0, "bursts": 1.0, "early_h": 0.01, "late_h": 0.02},
    "P18": {"tests": 2.0, "test_every_s": 5.0, "count": 4.0, "early_h": 0.01},
}


@pytest.mark.parametrize("id_", QUICK)
def test_every_acute_protocol_returns_its_criteria(id_):
    """In a fraction of its time and slice: what it returns says nothing, but it runs from end to end."""
    assert all(isinstance(float(value), float) for value in measured(id_, **QUICK[id_]).values())


def test_fields_are_the_same_until_the_barrage(monkeypatch):
    """Same cells, same random numbers: the course without it differs by the barrage alone."""
    seen = []
    beyond = potentiation._beyond
    monkeypatch.setattr(potentiation, "_beyond", lambda *maps: seen.append(maps) or beyond(*maps))
    measured("P16", **QUICK["P16"])
    assert any(after[0].any() for after, _ in seen)
    for after, without in seen:
        np.testing.assert_array_equal(after[0], without[0])


def test_wind_up_by_rate_is_measured_in_a_slice_of_the_size_that_its_entry_asks_for():
    asked = patterns()["P11"].parameters
    made = []

    class Kept(Preparation):
        def run(self, name, *changes):
            made.append(self.scenario(name, *changes))
            raise StopIteration

    with pytest.raises(StopIteration):
        PROTOCOLS["P11"](Kept("literature", 1, asked))
    assert made[0].scale == asked["scale"] > 0.1
    assert made[0].parameters["slice.projection_minimum"] == asked["cells"] > 200


def test_a_block_that_blocks_nothing_loses_nothing():
    free = measured("P12", left=1.0, half=1.0, magnesium=1.0, **(SHORT | {"pulses": 8.0}))
    assert free["first_c_lost"] == free["magnesium_first_lost"] == 0.0
    assert free["a_beta_lost"] == 0.0
