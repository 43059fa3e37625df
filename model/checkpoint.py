"""The whole state of a slice between two ticks, as arrays: enough to go on as if it had never stopped.

What the slice is made of (wiring, grid, places) is not in it: that is built anew from the same scenario and
seed.  What was recorded is not in it either.  Arrays only: files are the business of the scenarios.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from .dorsalhorn import DorsalHorn

State = dict[str, np.ndarray]
TICK = "tick"
COUNTERS = (TICK, "clock", "steps")
"""how far the model, its random numbers and Mesa have counted"""


def state_of(model: DorsalHorn) -> State:
    """Copies of everything that goes on from tick to tick, by name.

    Columns of the populations (the dead included), layers of the grid with and without clamps, spikes on
    their way, parameters, counters, the baseline of the relative read-outs, the truth behind clamps, what
    the last epoch was taken at, what an acute run has on its way along the fibres, and Mesa's collected
    data.  To be taken between ticks only.
    """
    found = {
        f"{who}.{what}": v for who, herd in model.populations.items() for what, v in herd.state().items()
    }
    found |= {f"cells.{name}": layer.copy() for name, layer in model.cells.columns.items()}
    found |= {f"free.{name}": level.copy() for name, level in model.fields.free.items()}
    found |= {f"circuit.{name}": getattr(model.circuit, name).copy() for name in ("inbox", "head", "tables")}
    found |= {name: np.array(getattr(model, name)) for name in COUNTERS}
    found |= {f"baseline.{name}": np.array(value) for name, value in model.baseline.items()}
    found |= {f"latest.{name}": np.array(value) for name, value in model.latest.items()}
    found |= {f"collected.{name}": np.array(v) for name, v in model.datacollector.model_vars.items()}
    for k, (truth, shown) in model.holds._truth.items():
        found |= {f"truth.{k}": truth.copy(), f"shown.{k}": shown.copy()}
    found |= {f"felt.{k}": last.copy() for k, last in enumerate(model.sampler._last or [])}
    if model.recording:
        found["recording.past"] = model.recording.past.copy()
    found["parameters"] = model.parameters.array.copy()
    found["built"] = _built(model)
    return found


def restore(model: DorsalHorn, state: Mapping[str, np.ndarray]) -> None:
    """Put a model, freshly made from the same scenario and seed, into a saved state.

    Its records are left as they are.

    Raises:
        ValueError: the state is of a slice that is built differently, or is not whole.
    """
    if "built" not in state or not np.array_equal(state["built"], _built(model)):
        raise ValueError("it is of a slice that is wired differently")
    try:
        _restore(model, state)
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is not whole ({error})") from error


def _restore(model: DorsalHorn, state: Mapping[str, np.ndarray]) -> None:
    for who, herd in model.populations.items():
        herd.restore(part(state, who))
    for name, layer in model.cells.columns.items():
        _overwrite(layer, state[f"cells.{name}"])
    for name, level in model.fields.free.items():
        _overwrite(level, state[f"free.{name}"])
    for name in ("inbox", "head", "tables"):
        _overwrite(getattr(model.circuit, name), state[f"circuit.{name}"])
    _overwrite(model.parameters.array, state["parameters"])
    for name in COUNTERS:
        setattr(model, name, int(state[name]))
    model.baseline = {name: float(state[f"baseline.{name}"]) for name in model.baseline}
    model.latest = {name: value.item() for name, value in part(state, "latest").items()}
    for name, values in model.datacollector.model_vars.items():
        values[:] = state[f"collected.{name}"].tolist()
    shown = part(state, "shown")
    model.holds._truth = {int(k): (v.copy(), shown[k].copy()) for k, v in part(state, "truth").items()}
    felt = part(state, "felt")
    if model.recording:
        _overwrite(model.recording.past, state["recording.past"])
    model.sampler._last = [felt[str(k)].copy() for k in range(len(felt))] or None


def part(state: Mapping[str, np.ndarray], name: str) -> State:
    """The arrays of one part of a state, by their own names."""
    start = f"{name}."
    return {key.removeprefix(start): value for key, value in state.items() if key.startswith(start)}


def _overwrite(array: np.ndarray, saved: np.ndarray) -> None:
    """Copy into an array that others hold on to; it must be alike."""
    if array.shape != saved.shape or array.dtype != saved.dtype:
        raise ValueError(f"it holds {saved.dtype}{saved.shape} where {array.dtype}{array.shape} is needed")
    array[...] = saved


def _built(model: DorsalHorn) -> np.ndarray:
    """Digest of what a state takes for granted: the wiring, and the names of the parameters."""
    c = model.circuit
    sha = hashlib.sha256("|".join(model.parameters.names).encode())
    wiring = (
        c.start,
        c.target,
        c.weight_ns,
        c.nmda_ns,
        c.delay,
        c.channel,
        c.peptide,
        c.potentiates,
        c.latency,
    )
    for array in wiring:
        sha.update(np.ascontiguousarray(array).tobytes())
    return np.frombuffer(sha.digest(), np.uint8)
