"""P31-P36 and P59: what happens when the input stops, and whether radicals start what does not stop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .injuries import least_step
from .protocol import Preparation, Values, protocol
from .rig import SITE, clamps, ratio, stimuli, treatments
from .weeks import HOUR_D, MT, REST, Course, Moment, Subject, clamp, given, injury, last_tests, reversal

BLOCK = "nerve_block"
ROOT = ("afferent.rate", "presynaptic.alpha2delta1")
"""what a fibre has in the horn, and no longer has once its root is cut (CSF1 has no site: none is made)"""


def block(start_d: float, stop_d: float) -> dict[str, Any]:
    """A block of all fibres of the site."""
    return injury(BLOCK, start_d, stop_d, site=list(SITE))


def cut(start_d: float, site: Sequence[float] = SITE) -> str:
    """The fibres of the site deleted, as a change."""
    fibres = [clamp(column, 0.0, start_d, site=list(site)) for column in ROOT]
    return clamps(*fibres, clamp("csf1.release", 0.0, start_d))


def relative_beside(subject: Subject, moments: Sequence[Moment], place: float) -> list[float]:
    """Threshold over naive at another place, at several moments."""
    naive = subject.beside(subject.settled, place)
    return [subject.beside(moment, place) / naive for moment in moments]


# ---------------------------------------------------------------------- P31, P32
@protocol("P31")
def block_timing(slice: Preparation) -> Values:
    """Blocks of the injured nerve, early and short, longer, long, and late."""
    n, subject = slice.numbers, Subject(slice)
    nerve, days = injury("spared_nerve_injury"), (25.0, 40.0, 60.0, 90.0)
    spans = {"a": (0.0, 1.0), "b": (0.0, 5.0), "c": (0.0, 18.0), "d": (10.0, 15.0)}
    free = subject.course(stimuli(nerve), at=days)
    arms = {
        name: subject.course(stimuli(nerve, block(*span)), at=days, keep=span if name == "d" else ())
        for name, span in spans.items()
    }
    spared = {name: _spared(course, free, days) for name, course in arms.items()}
    before, during = relative_beside(subject, [arms["d"].moment(day) for day in spans["d"]], n["beside"])
    return {
        "c_less_b": spared["c"] - spared["b"],
        "b_less_a": spared["b"] - spared["a"],
        "b_less_d": spared["b"] - spared["d"],
        "beside_reversal": reversal(during, before),
    }


def _spared(course: Course, free: Course, days: Sequence[float]) -> float:
    """Mean share of the log-threshold lost without a block that a block spares."""
    found = [math.log(course.mt(day) / free.mt(day)) / -math.log(min(free.mt(day), 0.99)) for day in days]
    return float(np.mean(found))


@protocol("P32")
def critical_duration(slice: Preparation) -> Values:
    """A cuff for a day, for four days, for four days without NK1, and for good."""
    n, subject = slice.numbers, Subject(slice)
    days, late = (n["day_d"] + 1.0, n["early_d"], n["judged_d"]), n["judged_d"]
    nk1 = treatments(given("nk1_antagonist", n["day_d"], n["four_d"] + 1.0))

    def cuffed(stop_d: float | None, *more: str) -> Course:
        return subject.course(stimuli(injury("cuff", 0.0, stop_d)), *more, at=days)

    one, four, never = cuffed(n["day_d"]), cuffed(n["four_d"]), cuffed(None)
    treated = cuffed(n["four_d"], nk1)
    return {
        "one_day": one.mt(late),
        "four_days": four.mt(late),
        "permanent": never.mt(late),
        "nk1_gain": treated.mt(late) - four.mt(late),
        "ordered": least_step([never.mt(late), four.mt(late), one.mt(late)]),
        "day_after": one.mt(n["day_d"] + 1.0),
    }


# ---------------------------------------------------------------------- P34, P36
@protocol("P34")
def human_block(slice: Preparation) -> Values:
    """A block of the injured nerve for two hours, two months after the injury.

    Output is the mean over the half-day before it and over the second half of the day after it: a test lasts
    for seconds, and few neurons count.
    """
    n, subject = slice.numbers, Subject(slice)
    start, quarter = n["start_d"], n["early_min"] / 60.0 * HOUR_D
    stop = start + n["block_h"] * HOUR_D
    early = [start + k * quarter / 3.0 for k in range(1, 4)]
    ahead, later = (last_tests(end, n) for end in (start, stop + n["later_d"]))
    nerve = injury("spared_nerve_injury")
    ill = subject.course(stimuli(nerve), at=ahead)
    blocked = subject.course(stimuli(nerve, block(start, stop)), at=(*early, *later), since=ill.last)
    before, after = (
        float(course.table[REST].mean()) for course in (ill, blocked.between(later[-1], later[0]))
    )
    return {
        "output_before_hz": before - float(subject.naive.table[REST].median()),
        "lost_in_15_min": 1.0 - ratio(blocked.value(REST, early[-1]), before),
        "returned": ratio(after, before),
    }


@protocol("P36")
def rhizotomy(slice: Preparation) -> Values:
    """The lesioned input deleted on day 10, and in a naive slice; tests on the skin beside it."""
    n, subject = slice.numbers, Subject(slice)
    nerve, start, week = stimuli(injury("spinal_nerve_ligation")), n["start_d"], n["start_d"] + 7.0
    ill = subject.course(nerve, keep=(start,))
    severed = subject.course(nerve, cut(start), until=week, since=ill.last)
    naive = subject.course(cut(0.0), until=7.0)
    before, after, alone = relative_beside(subject, [ill.last, severed.last, naive.last], n["beside"])
    return {"recovered_in_7_d": reversal(after, before), "naive_deletion": 1.0 - alone}


# ---------------------------------------------------------------------- P59
@protocol("P59")
def radical_pulse(slice: Preparation) -> Values:
    """Superoxide, and with it peroxynitrite, raised for an hour in a naive slice."""
    n, subject = slice.numbers, Subject(slice)
    hours, days = (0.5, 1.0, 1.5, 2.0), (1.0, 3.0, 7.0, 14.0)
    pulse = clamps(clamp("superoxide", n["times"], 0.0, n["hours"] * HOUR_D))
    mt = subject.course(pulse, at=(*(h * HOUR_D for h in hours), *days)).table[MT]
    early, later = mt.loc[:0.5], mt.loc[0.5:]
    return {
        "early_lowest": float(early.min()),
        "early_highest": float(early.max()),
        "later_lowest": float(later.min()),
    }
