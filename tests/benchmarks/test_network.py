"""What the benchmark beside Brian2 rests on: the input it plays, and how operations are counted."""

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dorsalhorn as dh
from dorsalhorn.model import dorsalhorn

FEW = ((1.0, 2), (0.125, 1))
"""settling: the slice need not be at rest"""


@pytest.fixture
def benchmark(monkeypatch):
    """Imports a file of the benchmarks by name."""
    monkeypatch.syspath_prepend(Path(dh.__file__).parent / "benchmarks")
    return importlib.import_module


@pytest.fixture
def pinched(benchmark, monkeypatch):
    monkeypatch.setattr(dorsalhorn, "SETTLE", FEW)
    module = benchmark("network")
    scenario = dh.load("sham", ["slice.scale=0.02", "slice.receptors_per_neuron=5"])
    horn = dorsalhorn.DorsalHorn(replace(scenario, duration_d=scenario.tick_d))
    return module.pinched(horn, 0.5, whole=True)


def test_the_raster_is_the_input_of_the_epoch(benchmark, pinched):
    """Terminals brought up to date by the raster's spikes alone end as the epoch leaves them."""
    given, p = benchmark("network").raster(pinched), pinched.p
    arrives = np.zeros((pinched.steps, pinched.circuit.fibres))
    arrives[given.fibre_step, given.fibre] = 1.0
    a = pinched.afferents
    resources, facilitation = a.resources.copy(), a.facilitation.copy()
    for now in arrives:
        resources = 1.0 - (1.0 - resources) * np.exp(-p.epoch_step / p.release_recovery_time)
        resources *= 1.0 - now * a.depression
        facilitation = facilitation * np.exp(-p.epoch_step / p.release_facilitation_time)
        facilitation += now * a.facilitation_step
    after = pinched.play().afferents
    assert given.fibre.size > 50
    assert np.allclose(after.resources, resources)
    assert np.allclose(after.facilitation, facilitation)


def test_the_background_comes_as_often_as_its_rate_says(benchmark, pinched):
    given = benchmark("network").raster(pinched)
    expected = pinched.neurons.size * pinched.p.membrane_background_hz * pinched.duration_s
    assert abs(given.neuron.size - expected) < 5.0 * np.sqrt(expected)
    assert given.neuron.max() < pinched.neurons.size


def test_playing_leaves_the_network_as_it_was(pinched):
    before = pinched.neurons.v_mv.copy()
    first, second = pinched.play(), pinched.play()
    assert first.spikes.sum() > 0
    assert np.array_equal(first.spikes, second.spikes)
    assert np.array_equal(pinched.neurons.v_mv, before)
    assert not pinched.circuit.inbox.any()


def test_spikes_are_compared_step_by_step(benchmark):
    spikes = np.zeros((4, 3), int)
    spikes[1, 2] = spikes[3, 0] = 1
    assert benchmark("network").compare(spikes, np.array([1.0, 2.0]), np.array([2, 0])) == (1, 1, 1)


def test_counting_leaves_out_what_parameters_alone_decide(benchmark):
    bounds = benchmark("bounds")
    own, shared = bounds.Counting(2.0), bounds.Shared(3.0)
    bounds.Counting.tally = bounds.Counter()
    assert own * (shared + 1.0) / 2.0 - 1.0 == 3.0
    assert dict(bounds.Counting.tally) == {"multiply": 1, "divide": 1, "add": 1}


def test_a_neurons_step_is_counted_whole(benchmark, pinched):
    did = benchmark("bounds").operations(pinched.p)
    assert did["divide"] >= 10
    assert did["multiply"] > 50
    assert did["add"] > 50
