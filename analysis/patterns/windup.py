"""P11-P13: wind-up, and what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .protocol import Preparation, Values, protocol
from .rig import (
    SITE,
    Spikes,
    a_beta_responses,
    clamps,
    held,
    lasting,
    nociceptive_specific,
    ratio,
    recorded,
    responses,
    stimuli,
    train,
    wind_up,
)

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

SHOCK = "electric_shock"
WITHOUT_NK1 = ("parameters.nk1.effect=0", "parameters.nk1.conductance=0")
"""a knock-out mouse: it never had the receptor"""


@protocol("P11")
def wind_up_needs_repetition(slice: Preparation) -> Values:
    """Trains at six rates; then single shocks once a minute.

    Every index is relative to one first response, so the slice is large enough for that to be no chance.
    """
    n = slice.numbers
    large = f"slice.scale={n['scale']}", recorded(n["cells"])
    counts: dict[str, np.ndarray] = {}
    touch, back = np.zeros(0), np.nan
    for name in ("tenth", "sixth", "third", "half", "one", "two"):
        rate, last = n[f"{name}_hz"], name == "one"
        ends = n["before_s"] + n["pulses"] / rate
        later = train(SHOCK, ends + n["pause_s"], 1.0 / n["pause_s"], n["later"])
        whole = stimuli(train(SHOCK, n["before_s"], rate, n["pulses"]), *([later] if last else []))
        until = ends + (n["pause_s"] * (n["later"] + 1) if last else 1.0)
        horn = slice.run("acute", lasting(until), whole, *large)
        counts[name] = responses(horn)
        if last:
            touch, back = a_beta_responses(horn), ratio(responses(horn, stimulus=1)[-1], counts[name][0])
    index = {name: wind_up(found) for name, found in counts.items()}
    return {
        "index_slow": max(index["tenth"], index["sixth"]),
        "index_third": index["third"],
        "least_step": min(index["half"] - index["third"], index["one"] - index["half"]),
        "last_over_first_half_hz": ratio(counts["half"][-1], counts["half"][0]),
        "last_over_first_one_hz": ratio(counts["one"][-1], counts["one"][0]),
        "recovered": back,
        "a_beta_change": ratio(float(touch[1:].mean()), touch[0]) - 1.0,
    }


@protocol("P12")
def wind_up_needs_nmda(slice: Preparation) -> Values:
    """Two trains far apart: both free; the first under a block that is then washed out; magnesium doubled."""
    n = slice.numbers
    lasts = n["pulses"] / n["rate_hz"]
    second = n["before_s"] + lasts + n["wash_s"]
    trains = stimuli(
        train(SHOCK, n["before_s"], n["rate_hz"], n["pulses"]),
        train(SHOCK, second, n["rate_hz"], n["pulses"]),
    )
    until = n["before_s"] + lasts + 1.0

    def under(target: str, factor: float) -> DorsalHorn:
        return slice.run(
            "acute", lasting(second + lasts + 1.0), trains, clamps(held(target, factor, 0.0, until))
        )

    free, half = under("nmdar.conductance", 1.0), under("nmdar.conductance", n["half"])
    block, magnesium = under("nmdar.conductance", n["left"]), under("magnesium", n["magnesium"])
    index = {k: wind_up(responses(h)) for k, h in (("free", free), ("half", half), ("block", block))}
    return {
        "windup_lost": 1.0 - ratio(max(index["block"], 0.0), index["free"]),
        "half_block_windup_lost": 1.0 - ratio(max(index["half"], 0.0), index["free"]),
        "after_discharge_lost": 1.0
        - ratio(responses(block, ("late",)).sum(), responses(free, ("late",)).sum()),
        "first_c_lost": 1.0 - ratio(responses(block, ("c",))[0], responses(free, ("c",))[0]),
        "a_beta_lost": 1.0 - ratio(a_beta_responses(block).sum(), a_beta_responses(free).sum()),
        "washed_out": ratio(wind_up(responses(block, stimulus=1)), wind_up(responses(free, stimulus=1))),
        "magnesium_windup_lost": 1.0 - ratio(max(wind_up(responses(magnesium)), 0.0), index["free"]),
        "magnesium_first_lost": 1.0 - ratio(responses(magnesium, ("c",))[0], responses(free, ("c",))[0]),
    }


@protocol("P13")
def nk1_loss(slice: Preparation) -> Values:
    """Pinches of rising strength, wind-up, and a barrage beside the test site, with and without NK1."""
    n = slice.numbers
    graded = {k: _pinches(slice, *changes) for k, changes in (("with", ()), ("without", WITHOUT_NK1))}
    trained = stimuli(train(SHOCK, n["before_s"], n["rate_hz"], n["pulses"]))
    ends = lasting(n["before_s"] + n["pulses"] / n["rate_hz"] + 1.0)
    normal, lost = (
        wind_up(responses(slice.run("acute", ends, trained, *changes))) for changes in ((), WITHOUT_NK1)
    )
    gain, gain_lost = _sensitised(slice), _sensitised(slice, *WITHOUT_NK1)
    change = graded["without"] / np.where(graded["with"] > 0, graded["with"], np.nan) - 1.0
    return {
        "acute_change": float(np.abs(change).max()),
        "windup_lost": 1.0 - ratio(max(lost, 0.0), normal),
        "sensitisation_lost": 1.0 - ratio(max(gain_lost, 0.0), gain),
    }


def _pinches(slice: Preparation, *changes: str) -> np.ndarray:
    """Output of lamina I to a weak, a usual and a strong pinch (Hz)."""
    n, found = slice.numbers, []
    for intensity in (n["weak"], n["usual"], n["strong"]):
        pinch = {"kind": "pinch", "start": n["before_s"], "site": list(SITE), "intensity": intensity}
        horn = slice.run("acute", lasting(n["before_s"] + n["pinch_s"]), stimuli(pinch), *changes)
        cells, spikes = nociceptive_specific(horn), Spikes(horn)
        found.append(spikes.rate(cells, n["before_s"], n["before_s"] + n["pinch_s"]).mean())
    return np.array(found)


def _sensitised(slice: Preparation, *changes: str) -> float:
    """How much the response to test shocks has grown after a chemical C barrage beside them."""
    n = slice.numbers
    begins = n["before_s"] + n["tests"] * n["test_every_s"]
    later = begins + n["barrage_s"] + n["test_after_s"]
    barrage = {"kind": "tonic", "start": begins, "stop": begins + n["barrage_s"], "rate_hz": n["barrage_hz"]}
    given = stimuli(
        train(SHOCK, n["before_s"], 1.0 / n["test_every_s"], n["tests"]),
        train(SHOCK, later, 1.0 / n["test_every_s"], n["tests"]),
        barrage | {"site": [n["beside_low"], n["beside_high"]]},
    )
    horn = slice.run("acute", lasting(later + n["tests"] * n["test_every_s"]), given, *changes)
    return ratio(responses(horn, stimulus=1).mean(), responses(horn).mean()) - 1.0
