"""P24-P29: how deep the threshold falls after each kind of injury, and when it is back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .protocol import Preparation, Values, protocol
from .rig import SITE, ratio, stimuli, treatments
from .weeks import HOUR_D, MT, REST, Course, Subject, given, injury


# ---------------------------------------------------------------------- what is read off a course
def lasts_d(course: Course, level: float) -> float:
    """Until which day the threshold is below a level: 0 if it never is, at most the whole course."""
    mt = course.table[MT]
    return min(course.back_d(level), float(mt.index[-1])) if (mt < level).any() else 0.0


def weekly_slope(course: Course, start_d: float, stop_d: float) -> float:
    """Straight line through the thresholds of a span: relative change a week, of their mean."""
    mt = course.between(start_d, stop_d).table[MT]
    slope = np.polyfit(mt.index.to_numpy() / 7.0, mt.to_numpy(), 1)[0]
    return float(slope / mt.mean())


def least_step(values: Sequence[float]) -> float:
    """The smallest of the steps from each to the next one."""
    return float(np.diff(values).min())


def strips(kind: str, share: float, number: int = 5) -> list[dict[str, Any]]:
    """An injury to a share of the fibres all over its site: as many strips of skin, evenly apart."""
    wide = (SITE[1] - SITE[0]) / number
    lows = [SITE[0] + k * wide for k in range(number)]
    return [injury(kind, site=[low, low + share * wide]) for low in lows]


# ---------------------------------------------------------------------- wounds and inflammation
@protocol("P24")
def incision(slice: Preparation) -> Values:
    """Incision of skin and deep tissue, and of skin only."""
    n, subject = slice.numbers, Subject(slice)
    days = (2 * HOUR_D, 6 * HOUR_D, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 14.0, 21.0)
    deep = subject.course(stimuli(injury("incision")), at=days)
    skin = subject.course(stimuli(injury("skin_incision")), at=days)
    rest = subject.naive.table[REST].median()
    return {
        "first_day": max(deep.mt(day) for day in days[:3]),
        "back_d": deep.back_d(n["back"]),
        "deep_over_skin": ratio(lasts_d(deep, n["back"]), lasts_d(skin, n["back"])),
        "late": deep.mt(21.0),
        "output_left_hz": float(deep.between(8.0, 21.0).table[REST].max() - rest),
    }


@protocol("P25")
def carrageenan(slice: Preparation) -> Values:
    """Carrageenan, and an injection of nothing."""
    subject = Subject(slice)
    days = (2.5 * HOUR_D, 4 * HOUR_D, 1.0, 2.0, 3.0)
    inflamed = subject.course(stimuli(injury("carrageenan")), at=days)
    saline = subject.course(stimuli(injury("sham")), at=days).table[MT]
    return {
        "mt_2_5_h": inflamed.mt(days[0]),
        "mt_4_h": inflamed.mt(days[1]),
        "mt_72_h": inflamed.mt(3.0),
        "saline_lowest": float(saline.min()),
        "saline_highest": float(saline.max()),
    }


@protocol("P26")
def adjuvant(slice: Preparation) -> Values:
    """Complete Freund's adjuvant, weekly; at the end the opioid tone is taken away."""
    subject, inflamed = Subject(slice), stimuli(injury("cfa"))
    weeks = tuple(7.0 * k for k in range(1, 9))
    course = subject.course(inflamed, at=(1.0, *weeks))
    end = weeks[-1]
    tests = (end + HOUR_D, end + 2 * HOUR_D)
    unmasked = treatments(given("naltrexone", end, tests[-1]))
    later = subject.course(inflamed, unmasked, at=tests, since=course.last)
    return {
        "mt_day_1": course.mt(1.0),
        "mt_day_14": course.mt(14.0),
        "back_d": course.back_d(slice.numbers["back"]),
        "unmasked": float(later.table[MT].min()),
    }


# ---------------------------------------------------------------------- nerves
@protocol("P27")
def ligation(slice: Preparation) -> Values:
    """Ligation of all fibres or of a share of them; animals whose ectopic drive differs, on day 50."""
    n, subject = slice.numbers, Subject(slice)
    kind, plateau = "spinal_nerve_ligation", (3.0, 7.0, 14.0, 21.0)
    days = (1.0, *plateau, 35.0, 50.0, 70.0, 98.0)
    full = subject.course(stimuli(injury(kind)), at=days)
    part = subject.course(stimuli(*strips(kind, n["share"])), at=days)
    others = [
        subject.course(stimuli(injury(kind, intensity=n[name])), at=(50.0,)).mt(50.0)
        for name in ("weakest", "weak", "strong", "strongest")
    ]
    ill = np.array([*others, full.mt(50.0)]) < n["allodynia"]
    return {
        "mt_day_3": full.mt(3.0),
        "weekly_slope": abs(weekly_slope(full, 3.0, 21.0)),
        "depth_difference": abs(part.mt(*plateau) / full.mt(*plateau) - 1.0),
        "full_over_partial": ratio(lasts_d(full, n["back"]), lasts_d(part, n["back"])),
        "ill_on_day_50": float(ill.mean()),
    }


@protocol("P28")
def spared_nerve(slice: Preparation) -> Values:
    """Spared nerve injury over half a year."""
    months = (3.0, 7.0, 14.0, 21.0, 42.0, 60.0, 90.0, 120.0, 150.0, 180.0)
    course = Subject(slice).course(stimuli(injury("spared_nerve_injury")), at=months)
    return {
        "highest": float(course.between(3.0, 60.0).table[MT].max()),
        "weekly_slope": weekly_slope(course, 21.0, 180.0),
    }


@protocol("P29")
def constriction(slice: Preparation) -> Values:
    """Damage to the nerve in three doses, stopped after some weeks."""
    n, subject = slice.numbers, Subject(slice)
    days, plateau = (1.0, 2.0, 3.0, 7.0, 14.0, 21.0), (7.0, 14.0, 21.0)
    doses = [
        subject.course(stimuli(injury("nerve_constriction", 0.0, n["stop_d"], intensity=n[name])), at=days)
        for name in ("two", "five", "ten")
    ]
    mt = doses[-1].table[MT]
    fallen = mt.index.to_numpy()[mt.to_numpy() < n["fallen"]]
    return {
        "ordered": -max(np.diff([course.mt(*plateau) for course in doses])),
        "highest_dose": doses[-1].mt(*plateau),
        "onset_d": float(fallen[0]) if fallen.size else math.nan,
    }


# ---------------------------------------------------------------------- P30
STATES = {
    "microglia": ("microglia_activation", "microglia_count"),
    "ros": ("superoxide_relative", "peroxynitrite_relative", "mnsod_active_fraction"),
}
TRIPLES = ((6.0, 7.0, 8.0), (29.0, 30.0, 31.0), (59.0, 60.0, 61.0), (88.0, 89.0, 90.0))
"""days whose tests are taken together"""


@protocol("P30")
def guard(slice: Preparation) -> Values:
    """Nothing, a daily brush, a sham, and the longest injury, over three months."""
    n, subject = slice.numbers, Subject(slice)
    brush = {"site": list(SITE)}
    brushes = [injury("innocuous_brush", d, d + n["brush_h"] * HOUR_D, **brush) for d in range(90)]
    tests = [day for days in TRIPLES for day in days]
    arms = {
        "nothing": subject.course(at=tests),
        "brush": subject.course(stimuli(*brushes), at=tests, after_change=()),
    }
    sham = subject.course(stimuli(injury("sham", 0.0, n["sham_h"] * HOUR_D)), at=(2.5, 3.0, 3.5, *tests))
    ill = subject.course(stimuli(injury("spared_nerve_injury")), at=(21.0, 35.0, 49.0, 63.0, 77.0, 90.0))
    found = {f"{name}_mt": max(abs(c.mt(*days) - 1.0) for days in TRIPLES) for name, c in arms.items()}
    for name, course in arms.items():
        for what, columns in STATES.items():
            found[f"{name}_{what}"] = max(_moved(course, column) for column in columns)
    return {
        **found,
        "sham_mt": max(abs(sham.mt(*days) - 1.0) for days in ((2.5, 3.0, 3.5), *TRIPLES)),
        "injured_weekly_slope": weekly_slope(ill, 21.0, 90.0),
    }


def _moved(course: Course, column: str) -> float:
    """Largest relative change of a state, by its mean over each day, since the first day."""
    daily = course.states[column].groupby((course.states.index - 1e-6).astype(int)).mean()
    return float((daily / daily.iloc[0] - 1.0).abs().max())
