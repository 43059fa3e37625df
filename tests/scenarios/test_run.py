"""The runner, on a stand-in for the model that does nothing but count."""

import os
import signal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr

from dorsalhorn.agents.microglia import Microglia
from dorsalhorn.model.readouts import COLUMNS
from dorsalhorn.scenarios import run as runner
from dorsalhorn.scenarios.errors import FolderError, RunInterruptedError
from dorsalhorn.scenarios.folder import run_status
from dorsalhorn.scenarios.load import load
from dorsalhorn.scenarios.progress import phase


class Counter:
    """Has the attributes of the model that the runner reads."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.tick = 0
        self.ticks = scenario.ticks
        self.records, self.record_times = [], []
        self.agent_records = {kind: [] for kind in scenario.record.agents}
        self.field_records = {field: [] for field in scenario.record.fields}
        self.populations = {"microglia": SimpleNamespace(agent_class=Microglia)}
        self.keep()

    @property
    def time_d(self):
        return self.tick * self.scenario.tick_d

    def step(self):
        self.tick += 1
        self.keep()

    def keep(self):
        self.record_times.append(self.time_d)
        self.records.append({"time_d": self.time_d, **{c.name: float(len(self.records)) for c in COLUMNS}})
        for frames in self.agent_records.values():
            columns = {"activation": [0.1, 0.2], "uid": [4, 5], "time_d": self.time_d}
            frames.append(pd.DataFrame(columns, index=pd.Index([0, 3], name="row")))
        for maps in self.field_records.values():
            maps.append(np.full((3, 5), float(self.tick)))


SETS = ['duration="5 h"', 'record={every="1 h", agents=["microglia"], fields=["glutamate", "tnf"]}']


@pytest.fixture
def scenario():
    return load("sham", SETS)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(runner, "_build", Counter)
    monkeypatch.setattr(runner, "_picture", lambda folder, info: None)
    monkeypatch.setattr(runner, "_state", lambda model: {"tick": np.array(model.tick)})


def test_a_complete_run(scenario, tmp_path):
    seen = []
    folder = runner.run(scenario, tmp_path / "run", progress=lambda model: seen.append(model.tick))
    assert seen == [1, 2, 3, 4, 5]
    assert run_status(folder) == "complete"
    assert load(folder) == scenario
    table = pq.read_table(folder / "timeseries.parquet")
    assert table.column_names == ["time_d", *(c.name for c in COLUMNS)]
    assert table.num_rows == 6
    for column in COLUMNS:
        metadata = table.schema.field(column.name).metadata
        assert metadata[b"unit"].decode() == column.unit
        assert metadata[b"doc"].decode() == column.doc


def test_individuals_and_maps(scenario, tmp_path):
    folder = runner.run(scenario, tmp_path / "run")
    table = pq.read_table(folder / "microglia.parquet")
    assert table.column_names == ["time_d", "row", "activation", "uid"]
    assert table.num_rows == 12
    assert table.schema.field("activation").metadata[b"doc"] == b"0 surveying, 1 fully activated"
    maps = xr.load_dataset(folder / "fields.nc", engine="scipy")
    assert maps["glutamate"].dims == ("time_d", "row", "column")
    assert maps["glutamate"].attrs["units"] == "uM"
    assert maps["tnf"].dtype == np.float64
    assert maps["glutamate"].values[3, 0, 0] == 3.0
    np.testing.assert_array_equal(maps.time_d, table.to_pandas().time_d.unique())


def test_the_same_data_give_the_same_bytes(scenario, tmp_path):
    first, second = (runner.run(scenario, tmp_path / name) for name in "ab")
    for name in ("timeseries.parquet", "microglia.parquet", "fields.nc", "scenario.toml"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_what_the_run_says_of_itself(scenario, tmp_path):
    import json

    info = json.loads((runner.run(scenario, tmp_path / "run") / "run.json").read_text())
    assert info["status"] == "complete"
    assert info["scenario"] == "sham"
    assert info["simulated_d"] == pytest.approx(5 / 24)
    assert info["ticks"] == 5
    assert info["versions"]["python"]
    assert info["stimuli"][0]["start_d"] == 2.0
    assert "hostname" not in info["machine"]


@pytest.mark.parametrize("how", ["signal", "exception"])
def test_ctrl_c_keeps_what_was_finished(scenario, tmp_path, how):
    def stop(model):
        if model.tick == 2:
            if how == "exception":
                raise KeyboardInterrupt
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(RunInterruptedError, match=r"stopped at day 0\.1") as stopped:
        runner.run(scenario, tmp_path / "run", progress=stop)
    assert stopped.value.folder == str(tmp_path / "run")
    assert run_status(tmp_path / "run") == "interrupted"
    assert pq.read_table(tmp_path / "run" / "timeseries.parquet").num_rows == 3
    assert signal.getsignal(signal.SIGINT) is before


def test_a_fault_leaves_an_older_run_and_no_debris(scenario, tmp_path):
    runner.run(scenario, tmp_path / "run")

    def fail(model):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        runner.run(scenario, tmp_path / "run", progress=fail)
    assert run_status(tmp_path / "run") == "complete"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_fault_in_the_picture_does_not_cost_the_run(scenario, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "_picture", lambda folder, info: ValueError("no ink"))
    with pytest.raises(ValueError, match="no ink") as fault:
        runner.run(scenario, tmp_path / "run")
    assert "is complete and kept in" in fault.value.__notes__[0]
    assert run_status(tmp_path / "run") == "complete"


def test_the_folder_is_tried_before_anything_runs(scenario, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "_build", lambda scenario: pytest.fail("built"))
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError):
        runner.run(scenario, tmp_path / "file" / "run")


def test_the_default_folder_is_under_the_current_one(scenario, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert runner.run(scenario) == tmp_path / "runs" / "sham"


def test_the_bar_says_what_happens(read):
    injury = '[[stimulus]]\nkind="cuff"\nstart="1 d"\nstop="1.5 d"\n'
    course = '[[treatment]]\nname="gabapentin"\nstart="36 h"\nstop="40 h"\n'
    scenario = read(injury + course)
    words = [phase(scenario, day) for day in (0.0, 1.0, 1.4, 1.5, 1.9)]
    assert words == ["baseline", "cuff", "cuff", "gabapentin", "after"]


def test_a_bar_is_shown_on_a_terminal_only(scenario, tmp_path, capsys, monkeypatch):
    runner.run(scenario, tmp_path / "a")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    runner.run(scenario, tmp_path / "b", quiet=True)
    assert capsys.readouterr().err == ""
    runner.run(scenario, tmp_path / "c")
    assert "100%" in capsys.readouterr().err
