"""P48: gabapentin in established and in no pain: thresholds by the hour, and wind-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .drugs import Injured, hours
from .protocol import Preparation, Values, protocol
from .rig import C_RESPONSE, ratio, treatments
from .weeks import HOUR_D, Subject, given

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

DETAIL_MS = 10.0
"""bins in which evoked spikes are counted"""
TRAIN_STREAM = 6000
"""address of the random numbers of the first train"""
SAME_TICK_D = 1e-3
"""moments as near as this are the end of the same tick"""


@protocol("P48")
def gabapentin_in_hours(slice: Preparation) -> Values:
    """One dose early, one late, one in the naive slice; trains to the site with and without it."""
    n = slice.numbers
    subject = Subject(slice)
    early, late = n["early_d"], n["late_d"]
    found: dict[str, float] = {}
    after = {day: hours(day, n["first_h"], n["second_h"], n["third_h"]) for day in (0.0, early, late)}
    ends = {day: hours(day, n["worn_off_h"])[0] for day in after}
    seen = {day: (*after[day], ends[day]) for day in after}
    watch = {"wound_up": at_days([after[day][-1] for day in after], lambda horn: wound_up(horn, n))}
    rat = Injured(
        subject,
        "nerve_constriction",
        at=[d for day in (early, late) for d in seen[day]],
        keep=(early, late),
        watch=watch,
    )
    for name, day in (("early", early), ("late", late)):
        drugged = rat.treated(_dose(n, day), at=seen[day])
        found[f"reversal_{name}"] = rat.reversal(drugged, *after[day])
        found[f"left_{name}"] = rat.reversal(drugged, ends[day])
        if name == "early":
            vehicle = rat.vehicle(_dose(n, day), until=after[day][-1])
            free, less = (c.state("wound_up", after[day][-1]) for c in (vehicle, drugged))
            found["injured_windup_lost"] = free - less
    vehicle, drugged = (
        subject.course(treatments(_dose(n, 0.0, dose)), at=after[0.0], watch=watch) for dose in (0.0, 1.0)
    )
    free, less = (c.state("wound_up", after[0.0][-1]) for c in (vehicle, drugged))
    return found | {
        "naive_change": abs(ratio(drugged.mt(*after[0.0]), vehicle.mt(*after[0.0])) - 1.0),
        "naive_windup_change": abs(ratio(less, free) - 1.0),
    }


def _dose(n: Mapping[str, float], day: float, dose: float = 1.0) -> dict[str, Any]:
    """The drug for some hours; its vehicle is a dose of 0, so that ticks and random numbers are the same."""
    return given("gabapentin", day, day + n["given_h"] * HOUR_D, dose=dose)


def at_days(days: Sequence[float], read: Callable[[DorsalHorn], float]) -> Callable[[DorsalHorn], float]:
    """A reading that is made on the tick that ends on one of these days, and not a number otherwise."""

    def reading(horn: DorsalHorn) -> float:
        due = any(abs(horn.time_d - day) < SAME_TICK_D for day in days)
        return read(horn) if due else float("nan")

    return reading


def wound_up(horn: DorsalHorn, n: Mapping[str, float]) -> float:
    """Spikes per projection neuron that a train of shocks evokes beyond as many first responses (P11).

    Mean over some trains: background activity makes single ones differ by a tenth.
    """
    from ...model.acute import WINDOWS_MS

    lab, p, a = horn.laboratory, horn.parameters, horn.afferents
    pulses, every_ms = round(n["pulses"]), 1e3 / n["rate_hz"]
    struck = np.where(lab.site_fibres(lab.site), 1e3 / p.epoch_step * (1.0 - a.blocked), a.rate_hz)
    segment = np.zeros(round(pulses * every_ms / p.epoch_step), np.int64)
    segment[:: round(every_ms / p.epoch_step)] = 1
    rates = np.stack([a.rate_hz, struck])
    first, last = (
        round(edge / DETAIL_MS) for edge in (WINDOWS_MS[C_RESPONSE[0]][0], WINDOWS_MS[C_RESPONSE[-1]][1])
    )
    counts = np.zeros(pulses)
    for train in range(round(n["trains"])):
        spikes = _train(horn, rates, segment, TRAIN_STREAM + train)[:, lab.territory]
        counts += spikes.reshape(pulses, -1, lab.territory.size)[:, first:last].sum(axis=1).mean(axis=1)
    return float(counts.sum() - pulses * counts[0]) / n["trains"]


def _train(horn: DorsalHorn, rates: np.ndarray, segment: np.ndarray, stream: int) -> np.ndarray:
    """Spikes per bin and neuron on a copy of the horn, which is left as it was."""
    from ...model.circuit import play
    from ...model.laboratory import SAME_TRAINS

    return play(
        horn.circuit.copied(),
        horn.neurons.detached(),
        len(horn.neurons),
        horn.afferents.detached(),
        horn.parameters,
        rates,
        segment,
        horn.seed,
        SAME_TRAINS,
        stream,
        bin_ms=DETAIL_MS,
    )
