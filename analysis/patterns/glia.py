"""P67-P70, P73 and P74: when microglia, astrocytes, their cytokines and alpha-2-delta-1 rise and fall."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .autonomy import cut
from .injuries import lasts_d
from .protocol import Preparation, Values, protocol
from .rig import SITE, clamps, ratio, stimuli
from .weeks import MT, Course, Subject, clamp, injury

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

LIGATION = "spinal_nerve_ligation"
WEEKS = tuple(7.0 * k for k in range(1, 7))


def births(horn: DorsalHorn) -> float:
    """Microglia that divided in this tick."""
    return float((horn.microglia.living("divides") == 1).sum())


def injured_alpha2delta1(horn: DorsalHorn) -> float:
    """Alpha-2-delta-1 of the fibres of the site, healthy = 1: stands for what their ganglion makes."""
    inside = (horn.afferents.skin >= SITE[0]) & (horn.afferents.skin <= SITE[1])
    return float(horn.afferents.alpha2delta1[inside].mean())


def daily(series: pd.Series) -> pd.Series:
    """Means over days, by the middle of each."""
    means = series.groupby((series.index.to_numpy() - 1e-6).astype(int)).mean()
    return means.set_axis(means.index + 0.5)


def first_day(series: pd.Series, level: float) -> float:
    """When a course first reaches a level; infinite if never."""
    there = series.to_numpy() >= level
    return float(series.index[int(np.argmax(there))]) if there.any() else math.inf


def peak_d(series: pd.Series) -> float:
    """When a course is highest."""
    return float(series.index.to_numpy()[int(series.to_numpy().argmax())])


def half_rise_d(series: pd.Series, start: float) -> float:
    """When a course has first risen by half of the way from its start to its peak."""
    return first_day(series, 0.5 * (start + float(series.max())))


# ---------------------------------------------------------------------- P67, P70
@protocol("P67")
def microglia_in_time(slice: Preparation) -> Values:
    """Division, number and activation of microglia after ligation, and after a sham."""
    n, subject = slice.numbers, Subject(slice)
    watch = {"births": births}
    ill = subject.course(stimuli(injury(LIGATION)), until=n["late_d"], watch=watch)
    sham = subject.course(stimuli(injury("sham")), until=n["late_d"])
    number, active = "microglia_count", "microglia_activation"
    resting = {k: subject.naive.states[k].mean() for k in (number, active)}
    born = ill.states.births.groupby(np.ceil(ill.states.index.to_numpy() * 24.0 / n["bin_h"])).sum()
    count = daily(ill.states[number]) / resting[number]
    return {
        "division_peak_h": (peak_d(born) - 0.5) * n["bin_h"],
        "number_peak_d": peak_d(count),
        "number_peak": float(count.max()),
        "late_activation": ill.state(active, n["late_d"]) / resting[active],
        "sham": max(float((daily(sham.states[k]) / resting[k]).max()) for k in (number, active)),
    }


@protocol("P70")
def astrocytes_in_time(slice: Preparation) -> Values:
    """Activation of astrocytes against that of microglia after ligation."""
    subject = Subject(slice)
    states = subject.course(stimuli(injury(LIGATION)), until=WEEKS[-1]).states
    resting = subject.naive.states.mean()
    rise = {
        k: states[c] - resting[c]
        for k, c in (("astrocytes", "astrocyte_reactivity"), ("microglia", "microglia_activation"))
    }
    half = {k: half_rise_d(course, 0.0) for k, course in rise.items()}
    left = {k: ratio(course.loc[:21.0].iloc[-1], course.max()) for k, course in rise.items()}
    return {
        "later_by_d": half["astrocytes"] - half["microglia"],
        "astrocytes_day_21": left["astrocytes"],
        "microglia_day_21": left["microglia"],
    }


# ---------------------------------------------------------------------- P69
@protocol("P69")
def microglia_end_pain(slice: Preparation) -> Values:
    """Microglia taken out early, late, and after recovery, while the drive fades."""
    n, subject = slice.numbers, Subject(slice)
    nerve = stimuli(injury("nerve_constriction", 0.0, n["stop_d"]))
    days = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, *np.arange(21.0, n["end_d"] + 1.0, 7.0))
    whole = subject.course(nerve, at=days, keep=(n["late_d"],))
    late_days = tuple(day for day in days if day >= n["late_d"])

    def without(start_d: float, stop_d: float | None = None) -> str:
        return clamps(clamp("microglia", 0.0, start_d, stop_d))

    early = subject.course(nerve, without(0.0, n["early_d"]), at=(3.0, 5.0, 7.0))
    late = subject.course(nerve, without(n["late_d"]), at=late_days, since=whole.moment(n["late_d"]))
    healed = n["end_d"]
    relapse = subject.course(
        nerve, without(healed), at=(healed + 3.0, healed + 7.0, healed + 14.0), since=whole.last
    )
    return {
        "early_gain": early.mt(3.0, 5.0, 7.0) - whole.mt(3.0, 5.0, 7.0),
        "recovered": whole.mt(healed),
        "late_delay": ratio(lasts_d(late, n["back"]), lasts_d(whole, n["back"])),
        "relapse": float(relapse.table[MT].min()),
    }


# ---------------------------------------------------------------------- P73, P74
@protocol("P73")
def cytokines_in_time(slice: Preparation) -> Values:
    """TNF and IL-1 beta after ligation, with the threshold."""
    subject = Subject(slice)
    course = subject.course(stimuli(injury(LIGATION)), at=(WEEKS[-2], WEEKS[-1]))
    found = {}
    for name in ("tnf", "il1b"):
        level = daily(course.states[f"{name}_relative"])
        found[f"{name}_peak_d"] = peak_d(level)
        found[f"{name}_late"] = float(level.loc[35.0:].max())
    return {**found, "late_mt": course.mt(WEEKS[-2], WEEKS[-1])}


@protocol("P74")
def alpha2delta1_in_time(slice: Preparation) -> Values:
    """Alpha-2-delta-1 of fibres and horn and receptors at the surface, with the fibres deleted later."""
    n, subject = slice.numbers, Subject(slice)
    nerve, watch, start = stimuli(injury(LIGATION)), {"fibres": injured_alpha2delta1}, n["cut_d"]
    first = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
    whole = subject.course(nerve, at=(*first, 7.0), keep=(start,), until=n["end_d"], watch=watch)
    severed = subject.course(nerve, cut(start), until=n["end_d"], since=whole.moment(start), watch=watch)
    mt, horn = whole.table[MT], whole.states.alpha2delta1_relative
    fallen = mt.index[mt < n["fallen"]]
    up = subject.naive.states.nmdar_surface.mean()
    return {
        "lead_d": (float(fallen[0]) if len(fallen) else math.inf) - first_day(horn, n["raised"]),
        "fibres_peak": float(whole.states.fibres.max()),
        "horn_peak": float(horn.max()),
        "surface_peak": float(daily(whole.states.nmdar_surface / up).max()),
        "left_after_cut": _left(severed, whole),
    }


def _left(severed: Course, whole: Course) -> float:
    """Excess of the horn's alpha-2-delta-1 at the end without the fibres, of its peak before."""
    name = "alpha2delta1_relative"
    peak = float(whole.states[name].loc[: severed.states.index[0]].max())
    return ratio(float(severed.states[name].iloc[-1]) - 1.0, peak - 1.0)
