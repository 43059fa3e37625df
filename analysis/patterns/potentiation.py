"""P15-P18: minutes to hours after a conditioning input: facilitation, growing fields, potentiation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .protocol import Preparation, Values, protocol
from .rig import (
    SITE,
    Spikes,
    a_beta_responses,
    clamps,
    held,
    lasting,
    low_threshold,
    nociceptive_specific,
    ratio,
    recorded,
    responses,
    stimuli,
    train,
    wide_dynamic_range,
)

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

SHOCK, C_FIBRES, A_BETA_FIBRES = "electric_shock", "c_volley", "a_beta_volley"
LONG_EPOCHS = 'tick="5 s"'
"""minutes and hours are watched: fewer, longer epochs, end to end"""
SAMPLED_WAITS = "sample_quiet=true"
"""only samples of the waits between stimuli are played; not where the firing in a wait is what is read"""
MINUTE_S = 60.0


# ---------------------------------------------------------------------- P15
@protocol("P15")
def flexor_facilitation(slice: Preparation) -> Values:
    """20 shocks to one input, another one tested before and after; the same with NMDA receptors blocked."""
    n = slice.numbers
    free = _tested(slice, C_FIBRES, n["watched_min"])
    touch = _tested(slice, A_BETA_FIBRES, n["early_min"])
    before = _tested(slice, C_FIBRES, n["early_min"], blocked_from_s=0.0)
    begins = n["tests_before"] * n["test_every_s"]
    after = _tested(slice, C_FIBRES, n["late_min"], begins + n["block_min"] * MINUTE_S)
    peak = free[: round(n["early_min"] * MINUTE_S / n["test_every_s"])].mean() - 1.0
    return {
        "peak": float(peak + 1.0),
        "back_min": _back(n, free),
        "a_beta_change": float(abs(touch.mean() - 1.0)),
        "pre_block_lost": 1.0 - ratio(max(before.mean() - 1.0, 0.0), peak),
        "post_block_left": float(after[-round(n["averaged"]) :].mean() - 1.0),
    }


def _tested(
    slice: Preparation, kind: str, watched_min: float, blocked_from_s: float | None = None
) -> np.ndarray:
    """Responses of all output cells to one input after another was conditioned, relative to the last before.

    The first tests, which raise substance P and kinases a little, let the preparation settle.

    A block of NMDA receptors from the start on blocks them in the tests before, too.
    """
    n = slice.numbers
    every = n["test_every_s"]
    begins = every * n["tests_before"]
    tests = round(n["tests_before"] + watched_min * MINUTE_S / every)
    first = n["count"] / n["rate_hz"]
    one, other = _interleaved(n)
    conditioning = [train(kind, begins, n["rate_hz"], n["count"], strip) for strip in one]
    test = [train(C_FIBRES, n["first_s"] + first, 1.0 / every, tests, strip) for strip in other]
    block = clamps(*([] if blocked_from_s is None else [held("nmdar.conductance", 0.0, blocked_from_s)]))
    duration = begins + first + n["first_s"] + watched_min * MINUTE_S
    given = lasting(duration), stimuli(*test, *conditioning), block
    horn = slice.run("acute", LONG_EPOCHS, SAMPLED_WAITS, *given, recorded(n["cells"]))
    spikes, output = Spikes(horn), np.flatnonzero(horn.neurons.projection == 1)
    found = np.array(
        [
            spikes.count(output, s, s + n["response_s"]).sum()
            for s in n["first_s"] + first + every * np.arange(tests)
        ]
    )
    earlier = round(n["tests_before"])
    baseline = found[earlier - round(n["averaged"]) : earlier].mean()
    return np.asarray(found[earlier:] / baseline if baseline > 0 else np.full(tests - earlier, np.nan))


def _interleaved(n: Mapping[str, float]) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Two inputs to the same cells: a part of each of some strips of skin, and the rest of it."""
    wide = (n["high"] - n["low"]) / n["strips"]
    lows = [n["low"] + k * wide for k in range(round(n["strips"]))]
    turn = [low + n["share"] * wide for low in lows]
    return list(zip(lows, turn, strict=True)), [(t, low + wide) for low, t in zip(lows, turn, strict=True)]


def _back(n: Mapping[str, float], relative: np.ndarray) -> float:
    """Minute at which the running mean of some tests is first back at its baseline; not a number if never."""
    size = round(n["averaged"])
    running = np.convolve(relative, np.full(size, 1.0 / size), mode="valid")
    back = np.flatnonzero(np.abs(running - 1.0) <= n["back"])
    return float((back[0] + size) * n["test_every_s"] / MINUTE_S) if back.size else float("nan")


# ---------------------------------------------------------------------- P16
AFTERWARDS_MIN = ("early_min", "peak_min", "late_min")
"""numbers of the pattern that say when the later maps begin, after the start of the barrage"""


@protocol("P16")
def growing_fields(slice: Preparation) -> Values:
    """Fields before and after a chemical C barrage beside them, and as many maps without it.

    What grows from one map to the next without a barrage is chance, and counts as no growth.  Courses that
    part by chance can still exceed one another: the shares are upper bounds.
    """
    n = slice.numbers
    barrage = {
        "kind": "tonic",
        "start": n["barrage_start_s"],
        "stop": n["barrage_start_s"] + n["barrage_s"],
        "rate_hz": n["barrage_hz"],
        "site": [n["beside_low"], n["beside_high"]],
    }
    after, without = _maps(slice, barrage), _maps(slice)
    grown = {k: _beyond(after.fields[k], without.fields[k]) for k in after.fields}
    larger = sum(
        (after.fields[k] - without.fields[k]).sum(axis=1).astype(float) for k in ("specific", "wide")
    )[1:]
    return {
        "expanding": _share(np.concatenate((grown["specific"], grown["wide"]))),
        "low_threshold_expanding": _share(grown["low"]),
        "peak_min": n[AFTERWARDS_MIN[int(np.argmax(larger))]],
        "barrage_left_hz": after.later_hz - without.later_hz,
        "gained_brush": _share(_beyond(after.brushed, without.brushed)),
        "shrinking_again": ratio(larger[-1], larger.max()),
    }


@dataclass(frozen=True)
class Maps:
    """Maps of one course: by kind of cell the places that each answers, maps x cells."""

    fields: dict[str, np.ndarray]
    brushed: np.ndarray
    """whether each nociceptive-specific cell answers a brush, likewise"""
    later_hz: float
    """mean rate of the output cells once the barrage is to be over"""


def _maps(slice: Preparation, *given: dict[str, Any]) -> Maps:
    """Fields of the cells that have one in the first map, in it and at three times after what is given."""
    n = slice.numbers
    later = [n["barrage_start_s"] + n[name] * MINUTE_S for name in AFTERWARDS_MIN]
    starts, all_probes = [n["first_s"], *later], range(round(n["places"]) + 1)
    probes = [_probe(n, at, k) for start in starts for k in all_probes for at in _moments(n, start, k)]
    ends = _moments(n, starts[-1], all_probes[-1])[-1] + 2.0 * n["probe_every_s"]
    # probes come first: what a stimulus draws depends on its place in the list
    horn = slice.run("acute", LONG_EPOCHS, lasting(ends), stimuli(*probes, *given))
    spikes = Spikes(horn)
    every = {
        "specific": nociceptive_specific(horn),
        "wide": wide_dynamic_range(horn),
        "low": low_threshold(horn),
    }
    named = {k: cells[_mapped(n, spikes, cells, starts[0])] for k, cells in every.items()}
    over = n["barrage_start_s"] + n["over_min"] * MINUTE_S
    output = np.concatenate((named["specific"], named["wide"]))
    return Maps(
        fields={k: np.array([_field(n, spikes, cells, s) for s in starts]) for k, cells in named.items()},
        brushed=np.array([_brushed(n, spikes, named["specific"], s) for s in starts]),
        later_hz=float(spikes.rate(output, over, over + n["rest_for_s"]).mean()),
    )


def _beyond(after: np.ndarray, without: np.ndarray) -> np.ndarray:
    """Which cells have more in some later map than in their first one and than without the barrage."""
    return np.asarray((after[1:] > np.maximum(after[0], without[1:])).any(axis=0))


def _share(cells: np.ndarray) -> float:
    """Share of those cells of which it is true; not a number if there are none."""
    return ratio(float(cells.sum()), cells.size)


def _moments(n: Mapping[str, float], start_s: float, k: int) -> np.ndarray:
    """When the k-th probe of a map is given: once in each of its rounds, s."""
    rounds, probes = np.arange(n["rounds"]), n["places"] + 1
    return np.asarray(start_s + (k + probes * rounds) * n["probe_every_s"])


def _probe(n: Mapping[str, float], at_s: float, k: int) -> dict[str, Any]:
    """The k-th probe of a map: pinpricks along the skin, then a brush of the field's own skin."""
    if k == n["places"]:
        return {"kind": "innocuous_brush", "start": at_s, "site": list(SITE)}
    low = (1.0 - n["probe_wide"]) * k / (n["places"] - 1)
    return {"kind": "pinprick", "start": at_s, "site": [low, low + n["probe_wide"]]}


def _answers(n: Mapping[str, float], spikes: Spikes, cells: np.ndarray, start_s: float, k: int) -> np.ndarray:
    """Whether each cell fires more to the k-th probe than in the time just before it, by the criterion.

    Mean over the rounds of a map: what is going on in the slice moves all cells alike from one moment to
    the next.
    """
    counted = n["counted_s"]
    more = [
        spikes.count(cells, at, at + counted) - spikes.count(cells, at - counted, at)
        for at in _moments(n, start_s, k)
    ]
    return np.asarray(np.mean(more, axis=0) >= n["spikes"])


def _field(n: Mapping[str, float], spikes: Spikes, cells: np.ndarray, start_s: float) -> np.ndarray:
    """Number of places from which each cell answers."""
    found = [_answers(n, spikes, cells, start_s, k) for k in range(round(n["places"]))]
    return np.asarray(np.sum(found, axis=0))


def _brushed(n: Mapping[str, float], spikes: Spikes, cells: np.ndarray, start_s: float) -> np.ndarray:
    return _answers(n, spikes, cells, start_s, round(n["places"]))


def _mapped(n: Mapping[str, float], spikes: Spikes, cells: np.ndarray, start_s: float) -> np.ndarray:
    """Whether each cell has a field at all: an electrode finds no others (Woolf & King 1990)."""
    return np.asarray((_field(n, spikes, cells, start_s) > 0) | _brushed(n, spikes, cells, start_s))


# ---------------------------------------------------------------------- P17, P18
@protocol("P17")
def high_frequency_potentiation(slice: Preparation) -> Values:
    """Bursts at 100 Hz, then test shocks over hours."""
    n = slice.numbers
    begins = n["first_s"] + n["tests"] * n["test_every_s"]
    bursts = [
        {"kind": "high_frequency_burst", "start": begins + k * n["burst_every_s"], "site": list(SITE)}
        for k in range(round(n["bursts"]))
    ]
    horn, c = _potentiated(slice, (n["early_h"], n["late_h"]), bursts, begins)
    touch = [a_beta_responses(horn, k).mean() for k in range(2)]
    return {
        "c_early": c[0],
        "c_late": c[1],
        "a_beta_less": c[0] - (ratio(touch[1], touch[0]) - 1.0),
    }


@protocol("P18")
def low_rate_potentiation(slice: Preparation) -> Values:
    """2 Hz for two minutes at C or A-beta strength; at C strength without NMDA, NK1 or calcium stores."""
    n = slice.numbers
    begins = n["first_s"] + n["tests"] * n["test_every_s"]
    ends = begins + n["count"] / n["rate_hz"]

    def after(kind: str, *changes: str) -> float:
        conditioning = train(kind, begins, n["rate_hz"], n["count"])
        return _potentiated(slice, (n["early_h"],), [conditioning], begins, *changes)[1][0]

    free = after(C_FIBRES)
    blocks = {
        "nmda": clamps(held("nmdar.conductance", 0.0, begins - n["wash_s"], ends + n["wash_s"])),
        "nk1": ("parameters.nk1.effect=0", "parameters.nk1.conductance=0"),
        "stores": "parameters.calcium.store_release=0",
    }
    found = {
        f"{name}_lost": 1.0 - ratio(max(after(C_FIBRES, *([b] if isinstance(b, str) else b)), 0.0), free)
        for name, b in blocks.items()
    }
    return {"c": free, "a_beta": after(A_BETA_FIBRES), **found}


def _potentiated(
    slice: Preparation,
    hours: Sequence[float],
    conditioning: Sequence[dict[str, Any]],
    begins_s: float,
    *changes: str,
) -> tuple[DorsalHorn, list[float]]:
    """Relative change of the C response to test shocks, some hours after conditioning."""
    n = slice.numbers
    tests = [train(SHOCK, n["first_s"], 1.0 / n["test_every_s"], n["tests"])]
    tests += [train(SHOCK, begins_s + h * 60 * MINUTE_S, 1.0 / n["test_every_s"], n["tests"]) for h in hours]
    ends = begins_s + hours[-1] * 60 * MINUTE_S + n["tests"] * n["test_every_s"]
    horn = slice.run(
        "acute", LONG_EPOCHS, SAMPLED_WAITS, lasting(ends), stimuli(*tests, *conditioning), *changes
    )
    before = responses(horn, ("c",)).mean()
    return horn, [
        ratio(responses(horn, ("c",), stimulus=k + 1).mean(), before) - 1.0 for k in range(len(hours))
    ]
