"""What protocols share: stimuli and clamps as text, and spikes of the cells that experimenters name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

Array = np.ndarray
SITE = (0.35, 0.65)
"""the stimulated part of the skin map, unless a protocol says otherwise"""
C_RESPONSE = ("c", "late")
"""windows of what a C volley evokes: 90 to 800 ms"""
A_BETA_RESPONSE = ("a_beta",)
DAY_S = 86400.0
HOUR_D = 1.0 / 24.0
TIMES = ("start", "stop", "every", "lasts", "taper")
"""keys of a scenario's tables that are times"""


def seconds(value: float) -> str:
    """A time as scenarios write it."""
    return f"{value:.10g} s"


def stimuli(*tables: dict[str, Any]) -> str:
    """All stimuli of a scenario as one change; times in seconds."""
    return _tables("stimulus", tables)


def clamps(*tables: dict[str, Any]) -> str:
    """All clamps of a scenario as one change; times in seconds."""
    return _tables("clamp", tables)


def treatments(*tables: dict[str, Any]) -> str:
    """All treatments of a scenario as one change; times in seconds."""
    return _tables("treatment", tables)


def lasting(duration_s: float) -> str:
    """The duration of a scenario as a change."""
    return f'duration="{seconds(duration_s)}"'


def recorded(cells: float) -> str:
    """At least so many output neurons to record from, as a change: the more, the less single spikes count."""
    return f"parameters.slice.projection_minimum={cells}"


def train(
    kind: str, start_s: float, rate_hz: float, count: float, site: Sequence[float] = SITE
) -> dict[str, Any]:
    """A train of shocks."""
    return {"kind": kind, "start": start_s, "rate_hz": rate_hz, "count": round(count), "site": list(site)}


def held(target: str, factor: float, start_s: float, stop_s: float | None = None) -> dict[str, Any]:
    """A clamp by a factor."""
    return {"target": target, "factor": factor, "start": start_s} | ({"stop": stop_s} if stop_s else {})


def injury(kind: str, start_d: float = 0.0, stop_d: float | None = None, **more: Any) -> dict[str, Any]:
    """An injury or stimulus, for `stimuli`."""
    return {"kind": kind} | _span(start_d, stop_d) | more


def clamp(
    target: str, factor: float, start_d: float, stop_d: float | None = None, **more: Any
) -> dict[str, Any]:
    """A clamp by a factor, for `clamps`; a mechanism's name may be its target."""
    return {"target": target, "factor": factor} | _span(start_d, stop_d) | more


def given(
    name: str, start_d: float, stop_d: float | None = None, every_d: float | None = None, **more: Any
) -> dict[str, Any]:
    """Something given, for `treatments`."""
    every = {} if every_d is None else {"every": every_d * DAY_S}
    return {"name": name} | _span(start_d, stop_d) | every | more


def _span(start_d: float, stop_d: float | None) -> dict[str, Any]:
    return {"start": start_d * DAY_S} | ({} if stop_d is None else {"stop": stop_d * DAY_S})


def _tables(name: str, tables: Sequence[dict[str, Any]]) -> str:
    """TOML's inline tables; JSON writes the values alike."""

    def value(key: str, given: Any) -> str:
        return json.dumps(seconds(given) if key in TIMES else given)

    rows = ["{" + ", ".join(f"{k} = {value(k, v)}" for k, v in table.items()) + "}" for table in tables]
    return f"{name}=[{', '.join(rows)}]"


# ---------------------------------------------------------------------- who is recorded
def at_site(horn: DorsalHorn, site: Sequence[float] = SITE) -> Array:
    """Mask of the neurons under a part of the skin map."""
    place = horn.neurons.x_um / horn.parameters.slice_width
    return np.asarray((place >= site[0]) & (place <= site[1]))


def nociceptive_specific(horn: DorsalHorn, site: Sequence[float] = SITE) -> Array:
    """Rows of the lamina I projection neurons."""
    n = horn.neurons
    return np.flatnonzero(at_site(horn, site) & (n.lamina == 1) & (n.projection == 1))


def wide_dynamic_range(horn: DorsalHorn, site: Sequence[float] = SITE) -> Array:
    """Rows of the excitatory and projection neurons of lamina V, where such cells are recorded."""
    n = horn.neurons
    return np.flatnonzero(at_site(horn, site) & (n.lamina == 5) & (n.inhibitory == 0))


def low_threshold(horn: DorsalHorn, site: Sequence[float] = SITE) -> Array:
    """Rows of the excitatory neurons of laminae III and IV, where A-beta fibres end."""
    n = horn.neurons
    return np.flatnonzero(at_site(horn, site) & ((n.lamina == 3) | (n.lamina == 4)) & (n.inhibitory == 0))


# ---------------------------------------------------------------------- what they do
class Spikes:
    """The spikes of an acute run, by neuron and time."""

    def __init__(self, horn: DorsalHorn):
        found = horn.spikes()
        self.time_s, self.neuron = found.time_ms.to_numpy() * 1e-3, found.neuron.to_numpy()
        self.size = len(horn.neurons)

    def count(self, cells: Array, start_s: float, stop_s: float) -> Array:
        """Spikes of each of these cells in a span."""
        first, last = np.searchsorted(self.time_s, (start_s, stop_s))
        return np.asarray(np.bincount(self.neuron[first:last], minlength=self.size)[cells])

    def rate(self, cells: Array, start_s: float, stop_s: float) -> Array:
        """Their rates (Hz)."""
        return self.count(cells, start_s, stop_s) / (stop_s - start_s)

    def bursts(self, cells: Array, start_s: float, stop_s: float, spikes: int, within_s: float) -> int:
        """How often one of these cells fires so many spikes in so short a time, bursts apart by as much."""
        first, last = np.searchsorted(self.time_s, (start_s, stop_s))
        times, who = self.time_s[first:last], self.neuron[first:last]
        return sum(_bursts(times[who == cell], spikes, within_s) for cell in cells)


def _bursts(times: Array, spikes: int, within_s: float) -> int:
    found, k = 0, 0
    while k + spikes <= times.size:
        if times[k + spikes - 1] - times[k] <= within_s:
            found += 1
            end = times[k + spikes - 1]
            k = int(np.searchsorted(times, end + within_s))
        else:
            k += 1
    return found


def responses(
    horn: DorsalHorn,
    windows: Sequence[str] = C_RESPONSE,
    kinds: Sequence[str] = ("projection",),
    stimulus: int = 0,
) -> Array:
    """Spikes per neuron that each pulse of a train evokes in these latency windows."""
    found = horn.evoked()
    found = found[(found.stimulus == stimulus) & found.kind.isin(kinds)]
    total = found[list(windows)].sum(axis=1) * found.neurons
    pulses = found.assign(total=total).groupby("stimulus_number")
    return (pulses.total.sum() / pulses.neurons.sum()).to_numpy()


def a_beta_responses(horn: DorsalHorn, stimulus: int = 0) -> Array:
    """What the A-beta part of each shock evokes, over all neurons of the site."""
    return responses(horn, A_BETA_RESPONSE, ("projection", "excitatory", "inhibitory"), stimulus)


def wind_up(counts: Array) -> float:
    """Wind-up index: what a train evokes beyond so many first responses, in units of those.

    >>> wind_up(np.array([2.0, 3.0, 4.0]))
    0.5
    """
    return (
        float(counts.sum() / (counts.size * counts[0]) - 1.0)
        if counts.size and counts[0] > 0
        else float("nan")
    )


def ratio(value: float, reference: float) -> float:
    """One over the other; not a number if there is nothing to compare with."""
    return float(value / reference) if reference > 0 else float("nan")
