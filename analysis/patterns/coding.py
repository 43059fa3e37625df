"""P07-P10: the horn at rest and under natural stimuli, with and without its inhibition and its input."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .protocol import Preparation, Values, protocol
from .rig import (
    SITE,
    Spikes,
    at_site,
    clamps,
    held,
    lasting,
    nociceptive_specific,
    ratio,
    stimuli,
    train,
    wide_dynamic_range,
)

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

EDGES_S = (0.0, 0.02, 0.09, 0.3, 0.8)
"""latency windows of A-beta, A-delta and C fibres and of the after-discharge (P08)"""


@protocol("P07")
def output_classes(slice: Preparation) -> Values:
    """Rest, a brush and a pinch on a naive slice."""
    n = slice.numbers
    brush, pinch = n["rest_s"], n["rest_s"] + n["apart_s"]
    horn = slice.run(
        "acute",
        lasting(pinch + n["pinch_s"]),
        stimuli(_given("innocuous_brush", brush), _given("pinch", pinch)),
    )
    spikes, narrow, wide = Spikes(horn), nociceptive_specific(horn), wide_dynamic_range(horn)

    def above_rest(cells: np.ndarray, start_s: float, lasts_s: float) -> np.ndarray:
        """Rate of each cell beyond its rate at rest (Hz)."""
        rest: np.ndarray = spikes.rate(cells, 0.0, n["rest_s"])
        return np.asarray(spikes.rate(cells, start_s, start_s + lasts_s) - rest)

    rest = spikes.rate(narrow, 0.0, n["rest_s"])
    brushed, pinched = above_rest(narrow, brush, n["brush_s"]), above_rest(narrow, pinch, n["pinch_s"])
    chosen = (pinched > 0.0) & (pinched >= n["times"] * np.maximum(brushed, 0.0))
    return {
        "rest_hz": float(np.median(rest)),
        "quiet_share": float((rest < n["quiet_hz"]).mean()),
        "brush_spikes": float(np.median(brushed) * n["brush_s"]),
        "pinch_selective": float(chosen.mean()),
        "wide_brush_hz": float(above_rest(wide, brush, n["brush_s"]).mean()),
        "wide_pinch_over_brush": ratio(
            above_rest(wide, pinch, n["pinch_s"]).mean(), above_rest(wide, brush, n["brush_s"]).mean()
        ),
    }


@protocol("P08")
def latency_windows(slice: Preparation) -> Values:
    """Single shocks to the whole nerve, far apart; latencies of the spikes of lamina V."""
    n = slice.numbers
    every = 1.0 / n["rate_hz"]
    horn = slice.run(
        "acute",
        lasting(n["before_s"] + n["count"] * every),
        stimuli(train("electric_shock", n["before_s"], n["rate_hz"], n["count"])),
    )
    spikes, cells = Spikes(horn), wide_dynamic_range(horn)
    inside = np.isin(spikes.neuron, cells) & (spikes.time_s >= n["before_s"])
    late = (spikes.time_s[inside] - n["before_s"]) % every
    trials = max(1, cells.size) * n["count"]
    rest = (late >= EDGES_S[-1]).sum() / (every - EDGES_S[-1]) / trials
    widths = np.diff(EDGES_S)
    counts = np.histogram(late, EDGES_S)[0] / trials - rest * widths
    course = np.histogram(late, np.arange(0.0, EDGES_S[-1], n["bin_s"]))[0] / trials
    return {
        "a_beta_spikes": float(counts[0]),
        "a_delta_spikes": float(counts[1]),
        "c_spikes": float(counts[2]),
        "deepest_trough": _trough(course, n["bin_s"]),
        "after_discharge": ratio(max(counts[3], 0.0), counts[2]),
    }


@protocol("P09")
def spontaneous_activity(slice: Preparation) -> Values:
    """Share of cells that fire at rest: naive, days after a nerve was cut, and without any fibre."""
    n = slice.numbers
    days = n["days"] * 86400.0
    cut = _given("spinal_nerve_ligation", 0.0) | {"site": [n["low"], n["high"]]}
    naive = _active(slice, slice.horn("rest", lasting(days)))
    injured = _active(slice, slice.horn("rest", lasting(days), stimuli(cut)))
    rootless = _active(slice, slice.horn("rest", lasting(days), clamps(held("afferent.rate", 0.0, 0.0))))
    return {"naive": naive, "cut_over_naive": ratio(injured, naive), "without_input": rootless}


@protocol("P10")
def disinhibition(slice: Preparation) -> Values:
    """Brush and pinch before, during and after a block of inhibition; the same without NMDA receptors."""
    n = slice.numbers
    free, blocked = (_disinhibited(slice, nmda) for nmda in (1.0, 0.0))
    brush, pinch, bursts = free["brush"], free["pinch"], free["bursts"]
    gained = brush[1] - brush[0]
    without_nmda = blocked["brush"][1] - blocked["brush"][0]
    minutes = n["rest_s"] / 60.0
    return {
        "brush_before": brush[0],
        "brush_gained": gained,
        "pinch_gain": ratio(pinch[1], pinch[0]),
        "bursts_gained": (bursts[1] - bursts[0]) / minutes,
        "brush_left": ratio(brush[2] - brush[0], gained),
        "nmda_share": 1.0 - ratio(max(without_nmda, 0.0), gained),
    }


def _given(kind: str, start_s: float) -> dict[str, Any]:
    return {"kind": kind, "start": start_s, "site": list(SITE)}


def _disinhibited(slice: Preparation, nmda: float) -> dict[str, list[float]]:
    """Spikes per lamina I projection neuron to brush and to pinch, and bursts per cell at rest."""
    n = slice.numbers
    waves = [n["rest_s"] + k * n["brush_every_s"] for k in range(round(n["brushes"]))]
    squeeze = n["rest_s"] + n["brushes"] * n["brush_every_s"]
    phase = squeeze + n["pinch_every_s"]
    starts = [k * phase for k in range(3)]
    given = [_given("innocuous_brush", s + wave) for s in starts for wave in waves]
    given += [_given("pinch", s + squeeze) for s in starts]
    horn = slice.run(
        "acute",
        lasting(3 * phase),
        stimuli(*given),
        clamps(
            held("inhibition.conductance", n["left"], starts[1], starts[2]),
            held("nmdar.conductance", nmda, 0.0),
        ),
    )
    spikes, cells = Spikes(horn), nociceptive_specific(horn)
    found: dict[str, list[float]] = {"brush": [], "pinch": [], "bursts": []}
    for start in starts:
        rest = spikes.rate(cells, start, start + n["rest_s"]).mean()
        for name, begins, lasts in (("brush", waves, n["brush_s"]), ("pinch", [squeeze], n["pinch_s"])):
            counts = [spikes.count(cells, start + at, start + at + lasts).mean() for at in begins]
            found[name].append(float(np.mean(counts) - rest * lasts))
        bursts = spikes.bursts(cells, start, start + n["rest_s"], round(n["burst_spikes"]), n["burst_s"])
        found["bursts"].append(bursts / max(1, cells.size))
    return found


def _active(slice: Preparation, horn: DorsalHorn) -> float:
    """Share of the site's cells that fire above the criterion over the last day of a chronic run."""
    n, sampled = slice.numbers, []
    while horn.tick < horn.ticks:
        horn.step()
        if horn.time_d > n["days"] - n["watched_d"]:
            sampled.append(horn.neurons.sampled_hz.copy())
    rates = np.mean(sampled, axis=0)[at_site(horn, (n["low"], n["high"]))]
    return float((rates > n["active_hz"]).mean())


def _trough(course: np.ndarray, bin_s: float) -> float:
    """The shallowest trough between neighbouring windows, as a share of the lower of the peaks beside it."""
    edges = [round(edge / bin_s) for edge in EDGES_S[:4]]
    peaks = [low + int(np.argmax(course[low:high])) for low, high in pairwise(edges)]
    shares = [ratio(course[a : b + 1].min(), min(course[a], course[b])) for a, b in pairwise(peaks)]
    return float(max(shares))
