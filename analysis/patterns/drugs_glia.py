"""P45, P50, P52, P66: what is done to glia before, soon after and long after an injury."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .drugs import Injured, every, output_lost
from .protocol import Preparation, Values, protocol
from .rig import SITE, ratio, treatments
from .weeks import HOUR_D, MT, Course, Subject, Watch, given, last_tests

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

MICROGLIA = "microglia_activation"
OPIOIDS = ("opioid_acute", "opioid_long_term")
"""morphine for days: its relief, and what else it does"""


# ---------------------------------------------------------------------- P45
@protocol("P45")
def morphine_prolongs(slice: Preparation) -> Values:
    """How long pain lasts without opioids, with five days of them before and after the injury; silence."""
    n = slice.numbers
    injured, morphine = n["injury_d"], n["injury_d"] + n["opioid_d"]
    silence = injured + n["silence_d"]
    calm = silence + n["silence_for_d"]
    rat = Injured(
        Subject(slice),
        "nerve_constriction",
        injured,
        injured + n["fading_d"],
        at=(morphine,),
        keep=(morphine,),
    )
    after = _opioids(morphine, n["opioid_for_d"])
    before = _opioids(injured - n["before_d"] - n["opioid_for_d"], n["opioid_for_d"])
    late = rat.treated(*after, at=(silence,))
    early = rat.treated(*before, at=(morphine,))
    silencer = given("gi_dreadd_microglia", silence, calm)
    tests = (calm, *every(n["later_step_d"], calm, calm + n["later_d"]))
    silenced = rat.treated(*after, silencer, at=tests, since=late)
    alone = _duration(n, rat, rat.untreated)
    return {
        "duration_ratio": ratio(_duration(n, rat, late.after(rat.untreated), *after), alone),
        "silenced": silenced.mt(calm),
        "silenced_later": float(silenced.table[MT].min()),
        "early_opioid_ratio": ratio(_duration(n, rat, early, *before), alone),
    }


def _opioids(start_d: float, for_d: float) -> tuple[dict[str, Any], ...]:
    return tuple(given(name, start_d, start_d + for_d) for name in OPIOIDS)


def _duration(n: Mapping[str, float], rat: Injured, course: Course, *drugs: dict[str, Any]) -> float:
    """How long pain lasts: a course is gone on with until two tests in a row say that it is over."""
    last = n["injury_d"] + n["watched_d"]
    while course.last.day + n["every_d"] <= last and not (course.table[MT].iloc[-2:] >= n["back"]).all():
        more = every(n["every_d"], course.last.day, min(last, course.last.day + 2.0 * n["every_d"]))
        course = rat.treated(*drugs, at=more, since=course).after(course)
    return lasting(course, n["back"], n["injury_d"])


def lasting(course: Course, level: float, injured_d: float) -> float:
    """Days from the injury until the threshold is back at a level and stays; not a number if it never is.

    Between two tests it is interpolated.
    """
    mt = course.table[MT]
    back = course.back_d(level)
    low = mt.index[mt < level]
    if math.isinf(back) or not len(low):
        return math.nan if math.isinf(back) else 0.0
    under, over = float(mt.loc[low[-1]]), float(mt.loc[back])
    return float(low[-1] + (level - under) / (over - under) * (back - low[-1]) - injured_d)


# ---------------------------------------------------------------------- P50
@protocol("P50")
def minocycline_window(slice: Preparation) -> Values:
    """Courses of five days that begin before, soon after and long after the injury.

    Each is read on some tests of its last day, of which the median counts.
    """
    n = slice.numbers
    injured = n["injury_d"]
    starts = [injured - n["ahead_h"] * HOUR_D] + [injured + n[k] for k in ("first_d", "second_d", "third_d")]
    ends = [start + n["given_d"] for start in starts]
    later = ends[0] + n["later_d"]
    tests = {end: last_tests(end, n) for end in (*ends, later)}
    rat = Injured(
        Subject(slice),
        "spinal_nerve_ligation",
        injured,
        at=sorted(day for days in tests.values() for day in days),
        keep=starts,
    )
    courses = [
        rat.treated(given("minocycline", start, end), at=[*tests[end], *(tests[later] if k == 0 else ())])
        for k, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    kept = [rat.reversal(course, *tests[end]) for course, end in zip(courses, ends, strict=True)]
    falls = [
        1.0 - ratio(course.state(MICROGLIA, end), rat.untreated.state(MICROGLIA, end))
        for course, end in zip(courses, ends, strict=True)
    ]
    return {
        "before": kept[0],
        "day_1": kept[1],
        "day_14": kept[3],
        "microglia_fall": min(falls),
        "drift_back": kept[0] - rat.reversal(courses[0], *tests[later]),
    }


# ---------------------------------------------------------------------- P52
@protocol("P52")
def transporter_early_and_late(slice: Preparation) -> Values:
    """Transport through the first two weeks; more of it from before and from long after the injury."""
    n = slice.numbers
    injured = n["injury_d"]
    read, late = injured + n["read_d"], injured + n["late_d"]
    subject = Subject(slice)
    watch: Watch = {"transport": transport}
    days = [injured + n[k] for k in ("first_read_d", "second_read_d")]
    rat = Injured(subject, "nerve_constriction", injured, at=(read,), keep=(late,), watch=watch)
    before, after = (
        rat.treated(given("ceftriaxone", start), at=(read,)) for start in (injured - n["ahead_d"], late)
    )
    lasts = read - (injured - n["ahead_d"])
    naive = subject.course(treatments(given("ceftriaxone", 0.0)), at=(lasts,))
    healthy = rat.untreated.state("transport", injured)
    protection = rat.reversal(before, read)
    return {
        "transport_late": max(rat.untreated.state("transport", day) / healthy for day in days),
        "protection_before": protection,
        "late_less": protection - rat.reversal(after, read),
        "naive_change": abs(naive.mt(lasts) - 1.0),
    }


def transport(horn: DorsalHorn) -> float:
    """Working glutamate transport of the astrocytes under the injured skin, healthy = 1."""
    astrocytes = horn.astrocytes
    place = horn.sheet.place_of(astrocytes.cell)
    return float(astrocytes.glt1[(place >= SITE[0]) & (place <= SITE[1])].mean())


# ---------------------------------------------------------------------- P66
@protocol("P66")
def microglia_in_old_pain(slice: Preparation) -> Values:
    """Two weeks of minocycline from day 60 on."""
    n = slice.numbers
    late = n["late_d"]
    days = [late + n[k] for k in ("first_d", "second_d", "third_d")]
    rat = Injured(Subject(slice), "spared_nerve_injury", at=days, keep=(late,))
    course = given("minocycline", late, days[-1])
    calmed, vehicle = rat.treated(course, at=days), rat.vehicle(course, until=days[-1])
    return {
        "late_reversal": rat.reversal(calmed, *days),
        "late_output_change": output_lost(calmed, vehicle, days[0], days[-1]),
    }
