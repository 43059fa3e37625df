"""The tables of a run: time series, individuals, maps, spikes. The same data give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import pandas as pd

    from ..model.dorsalhorn import DorsalHorn

Note = tuple[str, str]
"""unit and meaning of a column"""

TIME: Note = ("d", "simulated time since the start of the run")
ACUTE: dict[str, Note] = {
    "neuron": ("1", "row of the neuron, the same in all tables of the run"),
    "kind": ("1", "projection, excitatory or inhibitory"),
    "lamina": ("1", "lamina of the neuron, 1 to 5"),
    "place": ("1", "place of the neuron on the skin map, 0 to 1"),
    "stimulus": ("1", "which of the run's stimuli, counted from 0"),
    "stimulus_number": ("1", "which pulse of its stimulus, counted from 1"),
    "neurons": ("1", "neurons of this kind in the stimulated part of the map"),
}
ROW: Note = ("1", "row of the agent in its population; links of other agents point to it; may be used again")


def write_tables(model: DorsalHorn, folder: Path) -> list[Path]:
    """Write everything the model has recorded so far; returns the files."""
    from ..model.readouts import COLUMNS

    notes = {"time_d": TIME} | {column.name: (column.unit, column.doc) for column in COLUMNS}
    files = [write_timeseries(model.records, notes, folder / "timeseries.parquet")]
    for kind, frames in model.agent_records.items():
        schema = model.populations[kind].agent_class.schema
        docs = {name: (column.unit, column.__doc__ or "") for name, column in schema.items()}
        files.append(write_individuals(frames, docs, folder / f"{kind}.parquet"))
    if model.scenario.acute:
        files += write_acute(model, folder)
    if model.field_records:
        cell_um = model.scenario.parameters["slice.cell"]
        files.append(write_fields(model.field_records, model.record_times, cell_um, folder / "fields.nc"))
    return files


def write_timeseries(records: Sequence[Mapping[str, float]], notes: Mapping[str, Note], path: Path) -> Path:
    """One row a record; unit and meaning in the metadata of each column."""
    columns = {name: pa.array([record[name] for record in records], pa.float64()) for name in notes}
    return _write(columns, notes, path)


def write_individuals(frames: Sequence[pd.DataFrame], notes: Mapping[str, Note], path: Path) -> Path:
    """One row an agent a record: `time_d`, the agent's row, then its columns."""
    import pandas as pd

    table = pd.concat([frame.reset_index() for frame in frames], ignore_index=True)
    first = [name for name in ("time_d", "row") if name in table]
    names = [*first, *(str(name) for name in table if name not in first)]
    columns = {name: pa.array(table[name].to_numpy()) for name in names}
    return _write(columns, {"time_d": TIME, "row": ROW} | dict(notes), path)


def write_acute(model: DorsalHorn, folder: Path) -> list[Path]:
    """Every spike, the response to every pulse, and who the neurons are."""
    from ..model.acute import RESPONSE_MS, WINDOWS_MS

    if model.recording is None:
        return []
    windows: dict[str, Note] = {
        name: ("1", f"of them {low:g} to {high:g} ms after the pulse, before the next one")
        for name, (low, high) in WINDOWS_MS.items()
    }
    answer = f"spikes a neuron until the next pulse, at most {RESPONSE_MS:g} ms"
    tables: dict[str, tuple[pd.DataFrame, dict[str, Note]]] = {
        "spikes": (model.spikes(), {"time_ms": ("ms", "time of the spike since the start of the run")}),
        "evoked": (
            model.evoked(),
            {"time_ms": ("ms", "time of the pulse at the skin"), "spikes_per_neuron": ("1", answer)}
            | windows,
        ),
        "roster": (model.recording.roster(), {}),
    }
    return [
        _write(
            {str(c): pa.array(table[c].to_numpy(), pa.string() if c == "kind" else None) for c in table},
            ACUTE | notes,
            folder / f"{name}.parquet",
        )
        for name, (table, notes) in tables.items()
    ]


def write_fields(
    maps: Mapping[str, Sequence[np.ndarray]], times_d: Sequence[float], cell_um: float, path: Path
) -> Path:
    """Maps over time (time_d, row, column); row 0 is dorsal, column 0 medial; places in micrometres."""
    import xarray as xr

    from ..model.chemistry import FIELDS

    names = ("time_d", "row", "column")
    variables: dict[str, Any] = {
        field: (names, np.asarray(frames, dtype=np.float64), {"units": FIELDS[field]})
        for field, frames in maps.items()
    }
    rows, columns = next(iter(maps.values()))[0].shape
    coordinates: dict[str, Any] = {
        "time_d": ("time_d", np.asarray(times_d, dtype=np.float64), {"units": "d"}),
        "depth_um": ("row", (np.arange(rows) + 0.5) * cell_um, {"units": "um"}),
        "mediolateral_um": ("column", (np.arange(columns) + 0.5) * cell_um, {"units": "um"}),
    }
    xr.Dataset(variables, coords=coordinates).to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")
    return path


def write_columns(
    columns: Mapping[str, Any], notes: Mapping[str, Note], path: Path, about: Mapping[str, str] | None = None
) -> Path:
    """Arrays as a parquet table; `about` goes into the metadata of the table."""
    return _write({name: pa.array(values) for name, values in columns.items()}, notes, path, about)


def _write(
    columns: Mapping[str, pa.Array],
    notes: Mapping[str, Note],
    path: Path,
    about: Mapping[str, str] | None = None,
) -> Path:
    """Parquet with fixed options: no time stamps, nothing that depends on the machine."""
    fields = []
    for name, values in columns.items():
        unit, doc = notes.get(name, ("1", ""))
        fields.append(
            pa.field(
                name, values.type, nullable=False, metadata={b"unit": unit.encode(), b"doc": doc.encode()}
            )
        )
    table = pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, metadata=dict(about or {})))
    texts = [name for name, values in columns.items() if values.type == pa.string()]
    pq.write_table(table, path, version="2.6", compression="zstd", compression_level=3, use_dictionary=texts)
    return path
