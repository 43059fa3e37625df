"""Run folders come back as they were written, or say in one message why they do not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from dorsalhorn.analysis import RunError, open_run


def test_timeseries_is_indexed_by_days_and_keeps_units_and_meanings(make_run):
    run = open_run(make_run())
    ts = run.timeseries
    assert ts.index.name == "time_d"
    assert ts.index[0] == 0.0
    assert ts.index[-1] == 84.0
    assert run.units["withdrawal_threshold_g"] == "g"
    assert run.units["chloride_reversal_mv"] == "mV"
    assert run.units["time_d"] == "d"
    assert ts.attrs["units"] == run.units
    assert ts.attrs["docs"]["brush_hz"] == "what brush_hz is"


def test_scenario_info_and_name(make_run):
    run = open_run(str(make_run("flagship", seed=7)))
    assert run.name == "flagship"
    assert run.scenario["stimulus"][0]["stop"] == "16 d"
    assert run.info["seed"] == 7
    assert run.complete
    assert "flagship" in repr(run)


def test_nothing_is_read_before_it_is_asked_for(make_run):
    folder = make_run()
    run = open_run(folder)
    (folder / "timeseries.parquet").write_bytes(b"spoilt")
    with pytest.raises(RunError, match=r"timeseries\.parquet cannot be read"):
        _ = run.timeseries


def test_interrupted_run_loads_and_says_so(make_run):
    run = open_run(make_run(status="interrupted", duration_d=10.0))
    assert not run.complete
    assert run.timeseries.index[-1] == 10.0
    assert "interrupted" in repr(run)


def test_missing_folder_offers_the_nearest_name(make_run, tmp_path):
    make_run("injury_heals")
    with pytest.raises(RunError, match=r"no such folder; did you mean .*injury_heals\?"):
        open_run(tmp_path / "injury_heal")


@pytest.mark.parametrize("name", ["run.json", "scenario.toml", "timeseries.parquet"])
def test_not_a_run_folder_says_what_is_missing(make_run, name):
    folder = make_run()
    (folder / name).unlink()
    with pytest.raises(RunError, match=f"is not a run folder: it has no {name}"):
        open_run(folder)


def test_a_file_is_not_a_run(make_run):
    with pytest.raises(RunError, match="is a file; a run is the folder that holds"):
        open_run(make_run() / "run.json")


def test_run_error_is_a_value_error():
    assert issubclass(RunError, ValueError)


def test_spoilt_json_names_the_file(make_run):
    folder = make_run()
    (folder / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match=r"run\.json cannot be read"):
        _ = open_run(folder).complete


def test_agents_come_back_with_units(make_run, write_table):
    folder = make_run()
    frame = pd.DataFrame({"time_d": [0.0, 0.0], "row": [0, 1], "phosphorylated": [True, False]})
    write_table(frame, {"time_d": "d"}, folder / "receptors.parquet")
    run = open_run(folder)
    back = run.agents("receptors")
    pd.testing.assert_frame_equal(back, frame, check_dtype=True)
    assert back.attrs["units"]["time_d"] == "d"
    assert run.recorded_agents == ("receptors",)
    with pytest.raises(
        RunError, match=r"'receptor' were recorded; recorded: receptors \(did you mean receptors\?\)"
    ):
        run.agents("receptor")


def test_tables_that_are_not_agents_are_not_offered(make_run, write_table):
    folder = make_run()
    for table in ("spikes", "evoked", "roster"):
        with pytest.raises(RunError, match='a scenario with mode = "acute" does'):
            getattr(open_run(folder), table)
    spikes = pd.DataFrame({"time_ms": [1.5], "neuron": [3]})
    write_table(spikes, {"time_ms": "ms"}, folder / "spikes.parquet")
    run = open_run(folder)
    pd.testing.assert_frame_equal(run.spikes, spikes)
    with pytest.raises(RunError, match=r'ask for them in the scenario: \[record\] agents = \["spikes"\]'):
        run.agents("spikes")


def test_maps_open_in_xarray_from_netcdf(make_run):
    folder = make_run()
    maps = xr.Dataset(
        {"glutamate": (("time_d", "row", "column"), np.ones((2, 3, 4)), {"units": "uM"})},
        coords={"time_d": [0.0, 0.5]},
    )
    maps.to_netcdf(folder / "fields.nc", engine="scipy")
    back = open_run(folder).fields
    assert back["glutamate"].dims == ("time_d", "row", "column")
    assert back["glutamate"].attrs["units"] == "uM"
    assert float(back["glutamate"].sel(time_d=0.5).sum()) == 12.0


def test_maps_open_in_xarray_from_npz(make_run):
    folder = make_run()
    np.savez(folder / "fields.npz", time_d=np.array([0.0, 1.0]), atp=np.zeros((2, 5, 6)))
    assert open_run(folder).fields["atp"].sizes == {"time_d": 2, "row": 5, "column": 6}


def test_no_maps_says_how_to_record_them(make_run):
    with pytest.raises(RunError, match=r"no maps were recorded; .*\[record\] fields"):
        _ = open_run(make_run()).fields


def test_importing_the_package_loads_neither_pandas_nor_matplotlib():
    code = "import sys, dorsalhorn.analysis; print({'pandas', 'matplotlib', 'xarray'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def test_every_public_name_resolves():
    import dorsalhorn.analysis as analysis

    assert all(callable(getattr(analysis, name)) for name in analysis.__all__)
    with pytest.raises(AttributeError, match="no attribute 'plot'"):
        _ = analysis.plot


def test_stimulus_windows_of_run_json_come_first(make_run):
    """A cause that heals by itself has its end in run.json alone."""
    from dorsalhorn.analysis.events import events

    folder: Path = make_run(kind="incision", stop_d=None)
    assert events(open_run(folder))[0].stop_d is None
    info = json.loads((folder / "run.json").read_text())
    info["stimuli"] = [{"kind": "incision", "start_d": 2.0, "stop_d": 4.0}]
    (folder / "run.json").write_text(json.dumps(info))
    assert events(open_run(folder))[0].stop_d == 4.0
