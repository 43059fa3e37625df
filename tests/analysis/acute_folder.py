"""Acute run folders as the contract has them, made up: their spikes are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

WINDOWS = {"a_beta": [0.0, 20.0], "a_delta": [20.0, 90.0], "c": [90.0, 300.0], "late": [300.0, 800.0]}
KINDS = ("projection", "excitatory", "inhibitory")
SECOND_D = 1 / 86400
SITE = (0.25, 0.75)


def cells() -> pd.DataFrame:
    """Four neurons of each kind in laminae I and V, half of them at the stimulated site."""
    rows = [(k, lamina, place) for k in KINDS for lamina in (1, 5) for place in (0.1, 0.4, 0.6, 0.9)]
    return pd.DataFrame(rows, columns=["kind", "lamina", "place"]).assign(neuron=range(len(rows)))


def evoked(spikes: pd.DataFrame, pulses: list[list[float]]) -> pd.DataFrame:
    """What the model would count after each pulse of each train."""
    inside = cells()[cells().place.between(*SITE)]
    rows = []
    for stimulus, times in enumerate(pulses):
        for number, pulse in enumerate(times):
            until = min([800.0, *np.diff(times)[number : number + 1]])
            for kind in KINDS:
                mine = inside[inside.kind == kind]
                after = spikes[spikes.neuron.isin(mine.neuron)].time_ms - pulse
                row = {"stimulus_number": number + 1, "time_ms": pulse, "kind": kind, "neurons": len(mine)}
                row["spikes_per_neuron"] = after.between(0, until, inclusive="left").sum() / len(mine)
                row["c"] = after.between(90.0, 300.0, inclusive="left").sum() / len(mine)
                rows.append(row | {"stimulus": stimulus})
    return pd.DataFrame(
        rows, columns=["stimulus_number", "time_ms", "kind", "neurons", "spikes_per_neuron", "c", "stimulus"]
    )


def answers(pulses: list[float], growing: bool, latency_ms: float = 120.5) -> list[tuple[float, int]]:
    """One spike of every projection neuron for the first pulse, one more for each later one if it grows."""
    rows = cells()[cells().kind == "projection"].neuron
    return [
        (pulse + latency_ms + 5.0 * k, int(neuron))
        for number, pulse in enumerate(pulses)
        for neuron in rows
        for k in range(number + 1 if growing else 1)
    ]


def write_acute(
    folder: Path,
    write_table,
    trains: dict[str, list[float]] | None = None,
    growing: bool = True,
    stimuli: list[dict] | None = None,
    spikes: list[tuple[float, int]] | None = None,
    duration_s: float = 20.0,
    status: str = "complete",
    extra: int = 0,
) -> Path:
    """An acute run folder as the contract has it."""
    folder.mkdir()
    trains = {"c_volley": [5000.0, 6000.0, 7000.0, 8000.0]} if trains is None else trains
    drawn = [spike for times in trains.values() for spike in answers(times, growing)]
    fired = drawn if spikes is None else list(spikes)
    rng = np.random.default_rng(1)
    fired += [
        (t, int(n)) for t, n in zip(rng.uniform(0, 4000, extra), rng.integers(0, 24, extra), strict=True)
    ]
    table = pd.DataFrame(sorted(fired), columns=["time_ms", "neuron"])
    table = table.merge(cells()[["neuron", "kind", "lamina"]], on="neuron").sort_values("time_ms")
    write_table(table, {"time_ms": "ms"}, folder / "spikes.parquet")
    write_table(evoked(table, [*trains.values()]), {"time_ms": "ms"}, folder / "evoked.parquet")
    write_table(cells(), {}, folder / "roster.parquet")
    write_table(pd.DataFrame({"time_d": [0.0, duration_s * SECOND_D]}), {}, folder / "timeseries.parquet")
    given = [
        {
            "kind": kind.split("#")[0],
            "start_d": times[0] / 86400e3,
            "stop_d": (times[-1] + 1000) / 86400e3,
            "site": list(SITE),
        }
        for kind, times in trains.items()
    ]
    info = {
        "status": status, "mode": "acute", "seed": 4, "simulated_d": duration_s * SECOND_D,
        "stimuli": given if stimuli is None else stimuli, "windows_ms": WINDOWS,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(info))
    (folder / "scenario.toml").write_text('title = "A train"\nbiology = "literature"\nmode = "acute"\n')
    return folder


def pinch(start_s: float, stop_s: float, kind: str = "pinch") -> dict:
    return {"kind": kind, "start_d": start_s * SECOND_D, "stop_d": stop_s * SECOND_D, "site": list(SITE)}


PINCHED = {"trains": {}, "stimuli": [pinch(5, 10)], "spikes": [(5000.5 + 100 * k, 1) for k in range(50)]}
"""one of the four projection neurons of the site fires at 10 Hz while it is pinched"""
