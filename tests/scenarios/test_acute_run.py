"""An acute run's folder: every spike, the response to every pulse; stopped and resumed, the same bits."""

import json
import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from dorsalhorn.agents.engine import release_model
from dorsalhorn.analysis import open_run
from dorsalhorn.model import dorsalhorn
from dorsalhorn.scenarios import run as runner
from dorsalhorn.scenarios.errors import RunInterruptedError
from dorsalhorn.scenarios.folder import run_status
from dorsalhorn.scenarios.load import load

from .command import command

HURRIED = ((1.0, 3), (0.125, 2))
TABLES = ("spikes", "evoked", "roster", "timeseries", "microglia")
SMALL = (
    "slice.scale=0.02",
    "slice.receptors_per_neuron=4",
    'parameters={"laboratory.series"=1, "laboratory.probes"=3}',
)
TRAIN = """
title = "A train"
biology = "literature"
mode = "acute"
duration = "6 s"
[[stimulus]]
kind = "electric_shock"
start = "900 ms"          # C fibres are still conducting when the epoch ends
rate_hz = 1.0
count = 4
[[stimulus]]
kind = "a_beta_volley"
start = "5.2 s"
rate_hz = 2.0
count = 1
[record]
every = "2 s"
agents = ["microglia"]
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(dorsalhorn, "SETTLE", HURRIED)
    monkeypatch.setattr(runner, "_picture", lambda folder, info: None)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    file = tmp_path_factory.mktemp("file") / "train.toml"
    file.write_text(TRAIN)
    return load(file, SMALL)


@pytest.fixture(scope="module")
def whole(scenario, tmp_path_factory):
    """The run that nobody stops."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dorsalhorn, "SETTLE", HURRIED)
        patch.setattr(runner, "_picture", lambda folder, info: None)
        return runner.run(scenario, tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture
def chronic(tmp_path):
    return runner.run(load("sham", [*SMALL, 'duration="2 h"']), tmp_path / "chronic")


def stop(scenario, out, ticks):
    def press(model):
        if model.tick in ticks:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(RunInterruptedError, match=r"stopped at \d\.0 s of 6\.0 s"):
        runner.run(scenario, out, progress=press, resume=True)


def test_spikes_in_order_with_their_units(whole):
    spikes = open_run(whole).spikes
    assert list(spikes.columns) == ["time_ms", "neuron", "kind", "lamina"]
    assert len(spikes) > 50
    assert spikes.time_ms.is_monotonic_increasing
    assert 0.0 <= spikes.time_ms.min() < spikes.time_ms.max() < 6000.0
    assert set(spikes.kind) <= {"projection", "excitatory", "inhibitory"}
    assert spikes.attrs["units"]["time_ms"] == "ms"
    assert all(spikes.attrs["docs"].values())


def test_every_pulse_and_kind_has_its_response(whole):
    run = open_run(whole)
    evoked, windows = run.evoked, run.info["windows_ms"]
    first = ["stimulus_number", "time_ms", "kind", "neurons", "spikes_per_neuron"]
    assert list(evoked.columns[:5]) == first
    assert list(windows) == ["a_beta", "a_delta", "c", "late"]
    assert len(evoked) == 5 * 3
    train = evoked[evoked.stimulus == 0]
    assert train.time_ms.unique() == pytest.approx([900, 1900, 2900, 3900])
    assert train.stimulus_number.unique().tolist() == [1, 2, 3, 4]
    assert (train[train.kind == "projection"].spikes_per_neuron > 0).all()
    assert (evoked[[*windows]].sum(axis=1) <= evoked.spikes_per_neuron + 1e-9).all()
    assert evoked.attrs["docs"]["c"] == "of them 90 to 300 ms after the pulse, before the next one"


def test_the_tables_agree(whole):
    """Counted by hand from spikes and roster: what `evoked` says."""
    run = open_run(whole)
    roster = run.roster.set_index("neuron")
    inside = roster[roster.place.between(0.35, 0.65) & (roster.kind == "projection")]
    mine = run.spikes[run.spikes.neuron.isin(inside.index)]
    row = run.evoked[(run.evoked.kind == "projection") & (run.evoked.stimulus_number == 2)].iloc[0]
    counted = mine.time_ms.between(row.time_ms, row.time_ms + 800.0, inclusive="left").sum()
    assert row.neurons == len(inside)
    assert row.spikes_per_neuron == pytest.approx(counted / len(inside))
    assert set(run.spikes.neuron) <= set(roster.index)


def test_the_run_says_its_mode_and_keeps_no_spikes_twice(whole):
    info = json.loads((whole / "run.json").read_text())
    assert info["mode"] == "acute"
    assert list((whole / "checkpoint").glob("records-*")) == []


@pytest.mark.parametrize("ticks", [(1,), (2, 3, 5)])
def test_a_resumed_run_is_the_run_never_stopped(scenario, whole, tmp_path, ticks):
    """Stopped with volleys on their way along the fibres."""
    out = tmp_path / "run"
    for tick in ticks:
        stop(scenario, out, [tick])
        assert open_run(out).spikes.time_ms.max() < 1000.0 * tick
    runner.run(scenario, out, resume=True)
    assert run_status(out) == "complete"
    for name in TABLES:
        assert (out / f"{name}.parquet").read_bytes() == (whole / f"{name}.parquet").read_bytes(), name
    one, other = (np.load(folder / "checkpoint" / "state.npz") for folder in (out, whole))
    names = [name for name in one.files if name != "about"]
    assert "recording.past" in names
    assert [name for name in names if one[name].tobytes() != other[name].tobytes()] == []


def test_what_is_on_its_way_is_part_of_the_state(scenario):
    """Without the skin's past the resumed test above would be no test."""
    model = dorsalhorn.DorsalHorn(scenario)
    model.step()
    assert model.recording.past.any()
    release_model(model)


def test_of_quiet_ticks_a_sample_is_played_and_every_answer_is_whole(scenario, tmp_path):
    """The last pulse comes at 5.2 s; from 16 s on only the first second of each tick has spikes."""
    longer = replace(scenario, tick_d=2 / 86400, duration_d=40 / 86400)
    wholly = open_run(runner.run(longer, tmp_path / "wholly")).spikes.time_ms
    sampled = open_run(runner.run(replace(longer, sample_quiet=True), tmp_path / "sampled")).spikes.time_ms
    np.testing.assert_array_equal(sampled[sampled < 16e3], wholly[wholly < 16e3])
    late = sampled[sampled >= 16e3]
    assert late.size
    assert (late % 2e3 < 1e3).all()
    assert (wholly[wholly >= 16e3] % 2e3 >= 1e3).any()


def test_the_same_scenario_gives_the_same_bytes(scenario, whole, tmp_path):
    again = runner.run(load(whole), tmp_path / "again")
    assert (again / "spikes.parquet").read_bytes() == (whole / "spikes.parquet").read_bytes()


def test_a_chronic_run_keeps_no_spikes(chronic):
    assert not (chronic / "spikes.parquet").exists()
    assert "windows_ms" not in json.loads((chronic / "run.json").read_text())


def test_as_a_user(tmp_path, chronic):
    """From a shipped name to words, tables, a figure and a comparison; what is wrong is said once."""
    small = [x for s in (*SMALL, 'duration="9 s"', "stimulus.0.count=3") for x in ("--set", s)]
    runs = [tmp_path / "a", tmp_path / "b"]
    for out, seed in zip(runs, "12", strict=True):
        ran = command("run", "wind_up", "--out", out, "--seed", seed, *small)
        assert ran.returncode == 0, ran.stderr
        assert "answer the first pulse with" in ran.stdout
        for file in ("figures/run.png", "spikes.parquet", "evoked.parquet", "timeseries.parquet"):
            assert f"{out.name}/{file}" in ran.stdout
            assert (out / file).stat().st_size > 0
    compared = command("compare", *runs, "--out", tmp_path / "c")
    assert compared.returncode == 0, compared.stderr
    assert (tmp_path / "c" / "comparison.png").is_file()
    mixed = command("compare", runs[0], chronic)
    assert mixed.returncode == 2
    assert mixed.stderr.startswith(
        "acute and chronic runs have no measure in common: a acute, chronic chronic"
    )
    assert "Traceback" not in mixed.stderr
    refused = command("run", "wind_up", "--set", 'tick="1 h"', "--set", 'duration="1 d"')
    assert refused.returncode == 2
    assert "--set  tick: must lie between 100 ms and 60 s in acute mode" in refused.stderr
