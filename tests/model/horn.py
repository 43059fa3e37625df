"""Small slices for the tests of the model: 3 % of the neurons, ten receptors each, ticks of four hours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from dorsalhorn.model import DorsalHorn, Scenario
from dorsalhorn.model.scenario import Record, Stimulus
from dorsalhorn.scenarios.load import load
from dorsalhorn.scenarios.registry import registry
from dorsalhorn.scenarios.resolve import read_drive

PRESETS = ("literature", "article")
TICK_D = 1.0 / 6.0
SCALE = 0.03

HURRIED = ((1.0, 3), (0.125, 2))
"""settling for tests that compare bits and do not care whether the slice is at rest"""


@cache
def _base(biology: str) -> Scenario:
    return load("sham", [f'biology="{biology}"'])


LITTLE_LABORATORY = {"laboratory.series": 1.0, "laboratory.probes": 3.0}
"""fewer repeats where the read-outs are not the point"""


def quiet(
    biology: str = "literature", days: float = 6.0, whole_laboratory: bool = False, **changes: Any
) -> Scenario:
    """A small slice to which nothing happens; recorded at the start and at the end unless said otherwise."""
    fewer = {} if whole_laboratory else LITTLE_LABORATORY
    plain: dict[str, Any] = {
        "parameters": _base(biology).parameters | fewer,
        "scale": SCALE,
        "receptors_per_neuron": 10,
        "tick_d": TICK_D,
        "duration_d": days,
        "stimuli": (),
        "record": Record(every_d=max(days, TICK_D)),
    }
    return replace(_base(biology), **(plain | changes))


def stimulus(kind: str, start_d: float, stop_d: float | None = None, **changes: Any) -> Stimulus:
    """A stimulus with the published course of its kind."""
    return Stimulus(kind, start_d, stop_d, drive=read_drive(registry().stimuli[kind]), **changes)


def state(model: DorsalHorn) -> dict[str, np.ndarray]:
    """Everything that goes on from tick to tick, by name."""
    parts = {f"{k}.{c}": v for k, herd in model.populations.items() for c, v in herd.state().items()}
    parts |= {f"cell.{name}": layer for name, layer in model.cells.columns.items()}
    circuit = model.circuit
    parts |= {
        "inbox": circuit.inbox,
        "head": circuit.head,
        "tables": circuit.tables,
        "weight": circuit.weight_ns,
    }
    return parts | {"parameters": model.parameters.array, "tick": np.array(model.tick)}


def digest(model: DorsalHorn, without: Iterable[str] = ()) -> str:
    """SHA-256 over all columns and maps in order of their names."""
    sha = hashlib.sha256()
    for name, array in sorted(state(model).items()):
        if name not in without:
            sha.update(name.encode())
            sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()


def differing(a: DorsalHorn, b: DorsalHorn) -> list[str]:
    """Names of what differs between two models."""
    other = state(b)
    return [name for name, array in state(a).items() if array.tobytes() != other[name].tobytes()]


def series(model: DorsalHorn) -> pd.DataFrame:
    """The records as a table."""
    return pd.DataFrame(model.records).set_index("time_d")


def build(scenario: Scenario, seed: int = 1) -> DorsalHorn:
    return DorsalHorn(scenario, seed=seed)


def run(scenario: Scenario, seed: int = 1) -> DorsalHorn:
    return DorsalHorn(scenario, seed=seed).run()


@contextmanager
def changed(model: DorsalHorn, **values: float) -> Iterator[None]:
    """The slice with some parameters changed at once, as by an acute drug; all is put back afterwards."""
    before = {name: array.copy() for name, array in state(model).items()}
    model.parameters.update(values)
    model.receptors.do("open", model.parameters)
    model._sum_receptors()
    try:
        yield
    finally:
        model.circuit.tables[:] = before["tables"]
        model.parameters.array[:] = before["parameters"]
        for name in ("conductance", "block", "held_open"):
            model.receptors.columns[name][:] = before[f"receptors.{name}"]
        model.neurons.held_open_ns[:] = before["neurons.held_open_ns"]
