"""P40 and P42: what is left after the threshold is back: a latent state, and priming."""

from __future__ import annotations

import math
from typing import Any

from .protocol import Preparation, Values, protocol
from .rig import clamps, ratio, stimuli, treatments
from .weeks import HOUR_D, MT, Course, Moment, Subject, clamp, given, injury


# ---------------------------------------------------------------------- P40
@protocol("P40")
def latent_sensitisation(slice: Preparation) -> Values:
    """The opioid tone taken away after recovery from adjuvant, with and without NMDA receptors, and naive."""
    n, subject, inflamed = slice.numbers, Subject(slice), stimuli(injury("cfa"))
    days = (n["first_d"], n["second_d"])
    healed = subject.course(inflamed, at=days, keep=days)
    found = []
    for day in days:
        free = _unmasked(subject, inflamed, day, healed.moment(day))
        blocked = _unmasked(subject, inflamed, day, healed.moment(day), n["nmda_left"])
        found.append((healed.mt(day), free, blocked))
    naive = _unmasked(subject, stimuli(), 0.0, subject.settled)
    return {
        "before": min(before for before, _, _ in found),
        "during": max(_lowest(free) for _, free, _ in found),
        "naive_during": _lowest(naive),
        "nmda_share": min(_share(before, _lowest(free), _lowest(blocked)) for before, free, blocked in found),
        "after_24_h": min(float(free.table[MT].iloc[-1]) for _, free, _ in found),
    }


def _unmasked(
    subject: Subject, inflamed: str, day: float, since: Moment, nmda: float | None = None
) -> Course:
    """Tests during two hours without opioid tone, and a day later."""
    tests = (day + HOUR_D, day + 2 * HOUR_D, day + 1.0)
    block = [] if nmda is None else [clamp("nmdar.conductance", nmda, day, tests[1])]
    naltrexone = treatments(given("naltrexone", day, tests[1]))
    return subject.course(inflamed, naltrexone, clamps(*block), at=tests, since=since)


def _lowest(course: Course) -> float:
    return float(course.table[MT].iloc[:-1].min())


def _share(before: float, free: float, blocked: float) -> float:
    """Share of the fall of the log-threshold that a block takes away."""
    fell = math.log(before / free)
    return math.log(blocked / free) / fell if fell > 0.0 else math.nan


# ---------------------------------------------------------------------- P42
@protocol("P42")
def priming(slice: Preparation) -> Values:
    """Prostaglandin E2 in naive skin, and some days after carrageenan."""
    n, subject = slice.numbers, Subject(slice)
    paw = injury("carrageenan")
    days = (n["early_d"], n["late_d"])
    primed = subject.course(stimuli(paw), at=days, keep=days)
    naive = _hyperalgesia_h(subject, 0.0, subject.settled, [])
    return {
        "early_ratio": ratio(_hyperalgesia_h(subject, days[0], primed.moment(days[0]), [paw]), naive),
        "late_ratio": ratio(_hyperalgesia_h(subject, days[1], primed.moment(days[1]), [paw]), naive),
        "resting": min(primed.mt(day) for day in days),
    }


def _hyperalgesia_h(subject: Subject, day: float, since: Moment, earlier: list[dict[str, Any]]) -> float:
    """Hours for which the threshold is below a share of what it was just before prostaglandin E2."""
    n = subject.slice.numbers
    probe = injury("prostaglandin_e2", day)
    hours = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 24.0, 36.0, 48.0)
    tests = (day, *(day + h * HOUR_D for h in hours))
    mt = subject.course(stimuli(*earlier, probe), at=tests, since=since).table[MT].to_numpy()
    below = mt[1:] < n["below"] * mt[0]
    return max((h for h, low in zip(hours, below, strict=True) if low), default=0.0)
