"""Synthetic run folders: every column of the contract, with curves whose answers are known."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dorsalhorn.analysis.sweep_folder import ARM, SEED, open_sweep
from dorsalhorn.analysis.sweep_tables import compared, summarised

from .acute_folder import write_acute

MakeRun = Callable[..., Path]

# column: unit, naive value, value of the sick slice
COLUMNS: dict[str, tuple[str, float, float]] = {
    "spontaneous_hz": ("Hz", 0.4, 3.1),
    "brush_hz": ("Hz", 1.2, 11.0),
    "pinch_hz": ("Hz", 14.0, 27.0),
    "afterdischarge_s": ("s", 0.3, 4.0),
    "receptive_field_um": ("um", 120.0, 260.0),
    "substance_p_nm": ("nM", 1.0, 2.0),
    "glutamate_um": ("uM", 0.5, 1.4),
    "d_serine_um": ("uM", 6.0, 13.0),
    "nmdar_total": ("1", 20000.0, 27000.0),
    "nmdar_surface": ("1", 11000.0, 19500.0),
    "nmdar_phosphorylated_fraction": ("1", 0.08, 0.55),
    "nmdar_nitrated_fraction": ("1", 0.01, 0.34),
    "nmdar_unblocked_fraction": ("1", 0.06, 0.14),
    "calcium_nm": ("nM", 90.0, 240.0),
    "kinase_activity": ("1", 0.05, 0.5),
    "alpha2delta1_relative": ("1", 1.0, 1.7),
    "ampa_weight_relative": ("1", 1.0, 1.5),
    "chloride_reversal_mv": ("mV", -68.0, -56.0),
    "microglia_count": ("1", 110.0, 160.0),
    "microglia_activation": ("1", 0.04, 0.62),
    "microglia_resolving": ("1", 0.02, 0.05),
    "tnf_relative": ("1", 1.0, 3.0),
    "il1b_relative": ("1", 1.0, 2.6),
    "bdnf_relative": ("1", 1.0, 2.4),
    "astrocyte_reactivity": ("1", 0.05, 0.58),
    "glt1_relative": ("1", 1.0, 0.52),
    "mitochondrial_damage": ("1", 0.03, 0.46),
    "atp_relative": ("1", 1.0, 0.7),
    "superoxide_relative": ("1", 1.0, 3.5),
    "nitric_oxide_relative": ("1", 1.0, 2.2),
    "peroxynitrite_relative": ("1", 1.0, 6.4),
    "mnsod_active_fraction": ("1", 0.96, 0.48),
    "opioid_tone": ("1", 0.1, 0.1),
}
LAGS_D = {"microglia_activation": 1.5, "astrocyte_reactivity": 4.0, "mitochondrial_damage": 6.0}
FILAMENTS = np.array([0.4, 0.6, 1.0, 1.4, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 26.0])


def illness(time_d: np.ndarray, course: str, start_d: float, stop_d: float) -> np.ndarray:
    """0 healthy, 1 sick: stays, heals after the drive, heals halfway, or never falls ill."""
    rise = 1.0 - np.exp(-np.clip(time_d - start_d, 0.0, None) / 1.5)
    over = np.clip(time_d - stop_d, 0.0, None)
    floor = {"stays": 1.0, "heals": 0.0, "partly": 0.2}.get(course, 0.0)
    return np.zeros_like(time_d) if course == "sham" else rise * (floor + (1.0 - floor) * np.exp(-over / 4.0))


def series(
    course: str = "stays",
    duration_d: float = 84.0,
    every_d: float = 0.25,
    start_d: float = 2.0,
    stop_d: float = 16.0,
    drive_stops: bool = True,
    noise: float = 0.12,
    seed: int = 1,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """A time series with every column of the contract, and the unit of each."""
    rng = np.random.default_rng(seed)
    time = np.arange(0.0, duration_d + 1e-9, every_d)
    sick = illness(time, course, start_d, stop_d)
    on = (time >= start_d) & ((time <= stop_d) | (not drive_stops)) & (course != "sham")
    data = {"time_d": time, "afferent_drive_hz": 0.12 + 2.3 * on}
    threshold = 13.0 * (2.0 / 13.0) ** sick
    data["withdrawal_threshold_g"] = threshold * np.exp(noise * rng.standard_normal(len(time)))
    units = {"time_d": "d", "afferent_drive_hz": "Hz", "withdrawal_threshold_g": "g"}
    for name, (unit, healthy, ill) in COLUMNS.items():
        late = illness(time - LAGS_D.get(name, 2.5), course, start_d, stop_d)
        state = sick if name.endswith("_hz") else late
        extra = 1.2 * on if name == "spontaneous_hz" else 0.0
        wobble = 1.0 + 0.4 * noise * rng.standard_normal(len(time))
        data[name] = (healthy + (ill - healthy) * state + extra) * (1.0 if name == "opioid_tone" else wobble)
        units[name] = unit
    return pd.DataFrame(data), units


def write_parquet(frame: pd.DataFrame, units: dict[str, str], path: Path) -> None:
    """A parquet file with unit and meaning in the metadata of every column."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        field.with_metadata(
            {b"unit": units.get(field.name, "1").encode(), b"doc": f"what {field.name} is".encode()}
        )
        for field in table.schema
    ]
    pq.write_table(table.cast(pa.schema(fields)), path)


def quoted(value: Any) -> str:
    """A TOML value of the few sorts used here."""
    return json.dumps(value)


def scenario_text(tables: dict[str, Sequence[dict[str, Any]]], **top: Any) -> str:
    """A scenario file with arrays of tables."""
    lines = [f"{key} = {quoted(value)}" for key, value in top.items()]
    for name, entries in tables.items():
        for entry in entries:
            lines += ["", f"[[{name}]]", *(f"{key} = {quoted(value)}" for key, value in entry.items())]
    return "\n".join(lines) + "\n"


def write_run(
    folder: Path,
    course: str = "stays",
    *,
    title: str = "An injury heals, the pain stays",
    biology: str = "article",
    seed: int = 1,
    status: str = "complete",
    kind: str = "cuff",
    start_d: float = 2.0,
    stop_d: float | None = 16.0,
    duration_d: float = 84.0,
    tables: dict[str, Sequence[dict[str, Any]]] | None = None,
    **curve: Any,
) -> Path:
    """A run folder as the contract has it."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = {"start_d": start_d, "stop_d": duration_d if stop_d is None else stop_d, "seed": seed, **curve}
    frame, units = series(course, duration_d, **shape)
    write_parquet(frame, units, folder / "timeseries.parquet")
    stimulus = {"kind": kind, "start": f"{start_d:g} d", "site": [0.35, 0.65], "intensity": 1.0}
    if stop_d is not None:
        stimulus["stop"] = f"{stop_d:g} d"
    top = {
        "title": title,
        "biology": biology,
        "mode": "chronic",
        "duration": f"{duration_d:g} d",
        "seed": seed,
    }
    text = scenario_text({"stimulus": [stimulus], **(tables or {})}, **top)
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
    info = {"status": status, "title": title, "scenario": folder.name, "biology": biology, "seed": seed}
    (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
    return folder


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Write a run folder of a given name and course below the test's own folder."""

    def make(name: str = "run", course: str = "stays", **options: Any) -> Path:
        return write_run(tmp_path / name, course, **options)

    return make


@pytest.fixture
def make_series() -> Callable[..., pd.DataFrame]:
    """A time series of a given course, indexed by days."""

    def make(course: str = "stays", **options: Any) -> pd.DataFrame:
        return series(course, **options)[0].set_index("time_d")

    return make


@pytest.fixture
def write_table() -> Callable[[pd.DataFrame, dict[str, str], Path], None]:
    """Write a parquet file as the recorder does, with unit and meaning of each column."""
    return write_parquet


@pytest.fixture
def make_acute(tmp_path: Path) -> MakeRun:
    """Write an acute run folder of a given name below the test's own folder."""

    def make(name: str = "acute", **options: Any) -> Path:
        return write_acute(tmp_path / name, write_parquet, **options)

    return make


SWEPT = {"lasts": ["12 h", "4 d", "2 weeks"], "strength": [0.5, 1.0], "biology": ["article", "literature"]}
SWEEP_MEASURES = ["fate", "threshold_end_ratio"]


@pytest.fixture
def make_sweep(tmp_path):
    """A sweep folder with its tables: long injuries stay, arm `treated` adds 0.2 to the threshold."""

    def make(axes=(), arms=(), seeds=(1, 2, 3), reference=None):
        names = [*axes, *([ARM] if arms else [])]
        values = {**SWEPT, ARM: list(arms)}
        cells = [{}]
        for name in names:
            cells = [cell | {name: value} for cell in cells for value in values[name]]
        info = {
            "status": "complete",
            "title": "A sweep",
            "scenario": "flagship",
            "seeds": list(seeds),
            "measures": SWEEP_MEASURES,
            "axes": [{"name": name, "zip": None} for name in axes],
            "arms": list(arms),
            "reference": reference,
            "runs": len(cells) * len(seeds),
            "finished": len(cells) * len(seeds),
            "cells": [{"coordinates": cell, "keys": []} for cell in cells],
            "versions": {"dorsalhorn": "9.9.9"},
        }
        (tmp_path / "sweep.json").write_text(json.dumps(info))
        (tmp_path / "sweep.toml").write_text('title = "A sweep"\nset = ["tick=\\"4 h\\""]\n')
        rows = [
            {
                **cell,
                SEED: seed,
                "fate": "stays" if cell.get("lasts") == "2 weeks" or seed == 3 else "heals",
                "threshold_end_ratio": 0.1 * seed + 0.2 * (cell.get(ARM) == "treated"),
            }
            for cell in cells
            for seed in seeds
        ]
        sweep = open_sweep(tmp_path)
        runs = pd.DataFrame(rows)
        runs.to_parquet(tmp_path / "runs.parquet")
        summarised(sweep, runs).to_parquet(tmp_path / "summary.parquet")
        if reference:
            compared(sweep, runs).to_parquet(tmp_path / "differences.parquet")
        return sweep

    return make
