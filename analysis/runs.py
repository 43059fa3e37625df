"""A run folder, opened: the tables of a finished or interrupted run, with the unit of every column."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import xarray as xr

REQUIRED = ("run.json", "scenario.toml", "timeseries.parquet")
NOT_AGENTS = frozenset({"timeseries", "spikes", "evoked", "roster"})


class RunError(ValueError):
    """A run folder that cannot be used as asked; the message says what is wrong and what there is."""


class Run:
    """One run, read from its folder; every table is read when first asked for, and kept.

    Made by `open_run`.  The frames are shared, not copied: take a copy before changing one.
    """

    def __init__(self, folder: Path) -> None:
        """Check that `folder` is a run folder.  Raises `RunError` with what is missing."""
        self.folder = folder
        _check(folder)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    @cached_property
    def info(self) -> dict[str, Any]:
        """What `run.json` says: status, versions, seed, machine, wall time, simulated time."""
        return _table("run.json", json.loads, self.folder)

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The scenario as resolved, in the words of the scenario file (`"2 d"` stays text)."""
        return _table("scenario.toml", tomllib.loads, self.folder)

    @property
    def complete(self) -> bool:
        """Whether the run reached its end; an interrupted run has the records up to where it stopped."""
        return self.info.get("status") == "complete"

    @cached_property
    def timeseries(self) -> pd.DataFrame:
        """One row a record, indexed by `time_d` (days); units and meanings in `.attrs`."""
        frame = read_frame(self.folder / "timeseries.parquet")
        if frame.index.name != "time_d":
            if "time_d" not in frame:
                raise RunError(f"{self.folder / 'timeseries.parquet'} has no column time_d")
            frame = frame.set_index("time_d")
        if frame.empty:
            raise RunError(f"{self.folder / 'timeseries.parquet'} has no records")
        return frame

    @property
    def units(self) -> dict[str, str]:
        """Unit of every column of `timeseries`, `time_d` included."""
        return dict(self.timeseries.attrs["units"])

    @cached_property
    def recorded_agents(self) -> tuple[str, ...]:
        """The kinds of agent whose individuals were recorded."""
        return tuple(sorted(p.stem for p in self.folder.glob("*.parquet") if p.stem not in NOT_AGENTS))

    def agents(self, kind: str) -> pd.DataFrame:
        """One row an agent a record, with `time_d`; units in `.attrs`.

        Raises `RunError` when the kind was not recorded, and says which were.
        """
        if kind not in self.recorded_agents:
            raise RunError(
                f"{self.folder}: no individuals of {kind!r} were recorded; {self._agents_there(kind)}"
            )
        return read_frame(self.folder / f"{kind}.parquet")

    def _agents_there(self, kind: str) -> str:
        if not self.recorded_agents:
            return f'none were; ask for them in the scenario: [record] agents = ["{kind}"]'
        near = get_close_matches(kind, self.recorded_agents, n=1)
        return f"recorded: {', '.join(self.recorded_agents)}" + (
            f" (did you mean {near[0]}?)" if near else ""
        )

    @cached_property
    def fields(self) -> xr.Dataset:
        """Maps over time, one variable a field with the dimensions time_d, row, column.

        Raises `RunError` when the scenario recorded none.
        """
        import xarray as xr  # here: opening a run must not cost half a second of import

        paths = [self.folder / name for name in ("fields.nc", "fields.npz") if (self.folder / name).exists()]
        if not paths:
            raise RunError(
                f"{self.folder}: no maps were recorded; ask for them in the scenario: "
                '[record] fields = ["glutamate"]'
            )
        return xr.load_dataset(paths[0], engine="scipy") if paths[0].suffix == ".nc" else _from_npz(paths[0])

    @property
    def acute(self) -> bool:
        """Whether electricity ran without a gap, so that there are single spikes to look at."""
        return self.info.get("mode", self.scenario.get("mode")) == "acute"

    @cached_property
    def spikes(self) -> pd.DataFrame:
        """Every spike of an acute run, in order: time_ms, neuron, kind, lamina.

        Raises `RunError` for a chronic run.
        """
        return self._acute("spikes.parquet")

    @cached_property
    def evoked(self) -> pd.DataFrame:
        """Responses of an acute run, one row a pulse and kind of neuron; empty if no volleys were given.

        `stimulus_number`, `time_ms`, `kind`, `neurons`, `spikes_per_neuron`, and the same in latency windows.
        Raises `RunError` for a chronic run.
        """
        return self._acute("evoked.parquet")

    @cached_property
    def roster(self) -> pd.DataFrame:
        """One row a neuron of an acute run, silent ones too: neuron, kind, lamina, place.

        Raises `RunError` for a chronic run.
        """
        return self._acute("roster.parquet")

    def _acute(self, name: str) -> pd.DataFrame:
        path = self.folder / name
        if path.exists():
            return read_frame(path)
        if self.acute:
            raise RunError(f"{self.folder} is not a whole run folder: it has no {name}")
        raise RunError(
            f"{self.folder}: a chronic run samples the electricity and keeps no single spikes; "
            'a scenario with mode = "acute" does'
        )

    def __repr__(self) -> str:
        """Name, title, state and length in one line."""
        state = "complete" if self.complete else str(self.info.get("status", "of unknown status"))
        title = self.scenario.get("title", "untitled")
        return f"<Run {self.name}: {title!r}, {state}, {len(self.timeseries)} records>"


def open_run(path: str | Path) -> Run:
    """Open the run folder at `path`; nothing but its presence is read yet.

    Raises `RunError` if there is no such folder or it is not a run folder, and says what is missing.
    """
    return Run(Path(path))


def _check(folder: Path) -> None:
    if folder.is_file():
        raise RunError(f"{folder} is a file; a run is the folder that holds {', '.join(REQUIRED)}")
    if not folder.is_dir():
        beside = [p.name for p in folder.parent.iterdir() if p.is_dir()] if folder.parent.is_dir() else []
        near = get_close_matches(folder.name, beside, n=1)
        raise RunError(
            f"{folder}: no such folder" + (f"; did you mean {folder.parent / near[0]}?" if near else "")
        )
    missing = [name for name in REQUIRED if not (folder / name).is_file()]
    if missing:
        raise RunError(f"{folder} is not a run folder: it has no {' and no '.join(missing)}")


def _table(name: str, parse: Callable[[str], Any], folder: Path) -> dict[str, Any]:
    try:
        table = parse((folder / name).read_text(encoding="utf-8"))
    except ValueError as problem:  # both parsers and the decoder raise kinds of ValueError
        raise RunError(f"{folder / name} cannot be read: {problem}") from problem
    if not isinstance(table, dict):
        raise RunError(f"{folder / name} cannot be read: it holds no table")
    return table


def read_frame(path: Path) -> pd.DataFrame:
    """A parquet table with `attrs["units"]` and `attrs["docs"]` from the metadata of its columns."""
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as problem:
        raise RunError(f"{path} cannot be read: {problem}") from problem
    frame: pd.DataFrame = table.to_pandas()
    notes = {f.name: f.metadata or {} for f in table.schema if not f.name.startswith("__index_level_")}
    frame.attrs = {
        "units": {name: note.get(b"unit", b"").decode() for name, note in notes.items()},
        "docs": {name: note.get(b"doc", b"").decode() for name, note in notes.items()},
    }
    return frame


def _from_npz(path: Path) -> xr.Dataset:
    """`time_d` and one array (time, row, column) a field."""
    import numpy as np
    import xarray as xr

    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    if "time_d" not in arrays:
        raise RunError(f"{path} cannot be read: it has no time_d")
    time = arrays.pop("time_d")
    maps = {name: (("time_d", "row", "column"), values) for name, values in arrays.items()}
    return xr.Dataset(maps, coords={"time_d": ("time_d", time, {"units": "d"})})
