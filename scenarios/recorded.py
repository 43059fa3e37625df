"""What a run has recorded, as arrays for its checkpoints: rows of the tables, maps, spikes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..model.acute import Recording
    from ..model.dorsalhorn import DorsalHorn

SPIKES = "spikes"

Arrays = dict[str, np.ndarray]


def epochs(model: DorsalHorn) -> int:
    """Epochs of which every spike is kept."""
    recording = _recording(model)
    return len(recording.steps) if recording else 0


def recorded(model: DorsalHorn, first: int, epoch: int = 0) -> Arrays:
    """What the model has recorded from record number `first` (and epoch `epoch`) on, as arrays."""
    recording = _recording(model)
    spikes = recording.kept(epoch) if recording else {}
    arrays = _records(model, first) if len(model.records) > first else {}
    return arrays | {f"{SPIKES}.{name}": values for name, values in spikes.items()}


def _records(model: DorsalHorn, first: int) -> Arrays:
    records = model.records[first:]
    arrays = {f"series.{name}": np.array([record[name] for record in records]) for name in records[0]}
    for kind, frames in model.agent_records.items():
        new = frames[first:]
        arrays[f"agents.{kind}.count"] = np.array([len(frame) for frame in new])
        arrays[f"agents.{kind}.row"] = np.concatenate([frame.index.to_numpy() for frame in new])
        for column in new[0]:
            arrays[f"agents.{kind}.column.{column}"] = np.concatenate([f[column].to_numpy() for f in new])
    for field, maps in model.field_records.items():
        arrays[f"fields.{field}"] = np.stack(maps[first:])
    return arrays


def put_back_records(model: DorsalHorn, parts: list[Arrays]) -> None:
    """Replace what the model has recorded by what is in the parts, in order."""
    import pandas as pd

    from ..model.checkpoint import part

    records: list[dict[str, float]] = []
    for arrays in parts:
        series = {name: values.tolist() for name, values in part(arrays, "series").items()}
        records += [dict(zip(series, row, strict=True)) for row in zip(*series.values(), strict=True)]
    model.records[:] = records
    model.record_times[:] = [record["time_d"] for record in records]
    recording = _recording(model)
    if recording:
        recording.put_back(part(arrays, SPIKES) for arrays in parts)
    parts = [arrays for arrays in parts if part(arrays, "series")]  # the others hold spikes alone
    for kind, frames in model.agent_records.items():
        frames.clear()
        for arrays in parts:
            own = part(arrays, f"agents.{kind}")
            ends = np.cumsum(own["count"]).tolist()
            for start, stop in zip([0, *ends], ends, strict=False):
                index = pd.Index(own["row"][start:stop], name="row")
                columns = {name: values[start:stop] for name, values in part(own, "column").items()}
                frames.append(pd.DataFrame(columns, index=index))
    for field, maps in model.field_records.items():
        maps[:] = [layer for arrays in parts for layer in arrays[f"fields.{field}"]]


def _recording(model: DorsalHorn) -> Recording | None:
    return model.recording if model.scenario.acute else None
