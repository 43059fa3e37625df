"""A sweep's folder, opened: its design, the time series of every run, and the tables made of them."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from .measures import NOTES, WORDS
from .runs import RunError, read_frame

SWEEP_JSON, SWEEP_TOML, CELLS = "sweep.json", "sweep.toml", "cells"
RUNS, SUMMARY, DIFFERENCES = "runs.parquet", "summary.parquet", "differences.parquet"
ARM, SEED = "arm", "seed"
END = "end."
"""before the name of a recorded column: its median over the end of the run"""


@dataclass(frozen=True, eq=False)
class CellRun:
    """One run of a sweep."""

    coordinates: dict[str, str | float]
    seed: int
    timeseries: pd.DataFrame
    scenario: dict[str, Any]
    """as resolved, in the words of the scenario file"""
    stimuli: list[dict[str, Any]]
    treatments: list[dict[str, Any]] = field(default_factory=list)
    """what was given, with its grade and how long it takes to wear off"""


class Sweep:
    """One sweep, read from its folder.  Made by `open_sweep`."""

    def __init__(self, folder: Path) -> None:
        """Check that `folder` is a sweep's.  Raises `RunError` with what is missing."""
        self.folder = folder
        missing = [name for name in (SWEEP_JSON, SWEEP_TOML) if not (folder / name).is_file()]
        if missing:
            raise RunError(f"{folder} is not a sweep folder: it has no {' and no '.join(missing)}")

    @cached_property
    def info(self) -> dict[str, Any]:
        """What `sweep.json` says: status, axes, arms, cells, versions."""
        return self._read(SWEEP_JSON, json.loads)

    @cached_property
    def design(self) -> dict[str, Any]:
        """The sweep as resolved, in the words of the sweep file."""
        return self._read(SWEEP_TOML, tomllib.loads)

    def _read(self, name: str, parse: Any) -> dict[str, Any]:
        try:
            found = parse((self.folder / name).read_text(encoding="utf-8"))
        except ValueError as problem:
            raise RunError(f"{self.folder / name} cannot be read: {problem}") from problem
        if not isinstance(found, dict):
            raise RunError(f"{self.folder / name} cannot be read: it holds no table")
        return found

    @property
    def complete(self) -> bool:
        """Whether every run is there."""
        return self.info.get("status") == "complete"

    @property
    def measures(self) -> list[str]:
        """Names of the measures."""
        return list(self.info["measures"])

    @property
    def coordinates(self) -> list[str]:
        """Columns that name a cell: the axes, then the arm if there are arms."""
        return [axis["name"] for axis in self.info["axes"]] + ([ARM] if self.info["arms"] else [])

    @property
    def dimensions(self) -> list[str]:
        """The axes that move by themselves (one that is zipped to another is not), in their order."""
        return [axis["name"] for axis in self.info["axes"] if not axis["zip"]]

    def values(self, coordinate: str) -> list[str | float]:
        """What a coordinate goes through, in the order of the file."""
        return list(dict.fromkeys(cell["coordinates"][coordinate] for cell in self.info["cells"]))

    def cell_runs(self) -> list[CellRun]:
        """Every finished run, in the order of the cells and seeds."""
        found = []
        for cell in self.info["cells"]:
            for seed, key in zip(self.info["seeds"], cell["keys"], strict=True):
                file = self.folder / CELLS / f"{key}.parquet"
                if file.is_file():
                    found.append(_cell_run(file, cell["coordinates"], seed))
        return found

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run: coordinates, seed, measures."""
        return read_frame(self.folder / RUNS)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row a cell and measure: median and 10-90 %, or the share of runs with each outcome."""
        return read_frame(self.folder / SUMMARY)

    @cached_property
    def differences(self) -> pd.DataFrame | None:
        """Paired differences of each arm to the reference, or None without one."""
        file = self.folder / DIFFERENCES
        return read_frame(file) if file.is_file() else None

    def note(self, measure: str) -> tuple[str, str]:
        """Unit (empty for a word) and meaning of a measure."""
        if measure in WORDS:
            return "", WORDS[measure]
        if measure in NOTES:
            return NOTES[measure]
        attrs = self.runs.attrs
        return attrs.get("units", {}).get(measure, "1"), attrs.get("docs", {}).get(measure, measure)


def open_sweep(path: str | Path) -> Sweep:
    """Open the sweep folder at `path`.  Raises `RunError` if it is none."""
    return Sweep(Path(path))


def is_sweep(path: str | Path) -> bool:
    """Whether a folder is a sweep's rather than a run's."""
    return (Path(path) / SWEEP_JSON).is_file()


def _cell_run(file: Path, coordinates: dict[str, str | float], seed: int) -> CellRun:
    frame = read_frame(file)
    try:
        about = pq.read_schema(file).metadata or {}
        scenario = tomllib.loads(about[b"scenario"].decode())
        stimuli = json.loads(about[b"stimuli"])
        treatments = json.loads(about.get(b"treatments", b"[]"))
    except (KeyError, ValueError) as problem:
        raise RunError(f"{file} cannot be read: it does not say what was run") from problem
    return CellRun(coordinates, seed, frame.set_index("time_d"), scenario, stimuli, treatments)
