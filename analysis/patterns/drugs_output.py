"""P56, P61-P63: the ongoing output over weeks: NK1 and its cells, nutrients, patch, movement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..measures import WEEK_D
from .drugs import Injured, every, output_lost, weakest_and_strongest
from .protocol import Preparation, Values, protocol
from .rig import ratio
from .weeks import HOUR_D, MT, Moment, Subject, given, reversal

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

NUTRIENTS = (
    "magnesium_oral",
    "alpha_lipoic_acid",
    "palmitoylethanolamide",
    "omega_3_dha",
    "curcumin",
    "resveratrol",
)
PINCH = "pinch_hz"
NEVER_MS = 1e15
"""a cell that cannot fire for so long is dead"""


# ---------------------------------------------------------------------- P56
@protocol("P56")
def nk1_and_its_cells(slice: Preparation) -> Values:
    """An NK1 antagonist late and around the injury; cells with NK1 deleted, late and in the naive slice."""
    n = slice.numbers
    injured, late = n["injury_d"], n["injury_d"] + n["late_d"]
    early = injured + n["early_d"]
    days = late + n["from_d"], late + n["given_d"]
    subject = Subject(slice)
    rat = Injured(subject, "spared_nerve_injury", injured, keep=(late,))
    long = given("nk1_antagonist", late, days[-1])
    around = given("nk1_antagonist", injured - n["ahead_h"] * HOUR_D, early)
    killed = subject.course(
        rat.hurt,
        at=(late + 1.0, late + WEEK_D, late + n["given_d"]),
        since=without_nk1_cells(subject.horn, rat.untreated.moment(late)),
    )
    naive = subject.course(at=(0.0,), since=without_nk1_cells(subject.horn, subject.settled))
    return {
        "late_change": _lost(rat, long, *days),
        "early_change": _lost(rat, around, early - n["averaged_d"], early),
        "deletion": float(killed.table[MT].min()),
        "acute_kept": ratio(naive.value(PINCH, 0.0), subject.naive.value(PINCH, 0.0)),
    }


def _lost(rat: Injured, drug: dict[str, Any], start_d: float, stop_d: float) -> float:
    """Share of the ongoing output that a drug takes over a span of days."""
    return output_lost(rat.treated(drug, until=stop_d), rat.vehicle(drug, until=stop_d), start_d, stop_d)


def without_nk1_cells(horn: DorsalHorn, moment: Moment) -> Moment:
    """A moment from which the NK1-bearing projection cells of lamina I never fire again."""
    cells = horn.neurons
    dead = (cells.nk1_receptor == 1) & (cells.projection == 1) & (cells.lamina == 1)
    waiting = moment.state["neurons.refractory_ms"].copy()
    waiting[np.flatnonzero(dead)] = NEVER_MS
    return replace(moment, state=moment.state | {"neurons.refractory_ms": waiting})


# ---------------------------------------------------------------------- P61
@protocol("P61")
def nutrients(slice: Preparation) -> Values:
    """Four weeks of each agent alone; what is left a week and two weeks after it."""
    n = slice.numbers
    stop = n["start_d"] + n["given_d"]
    lost, later = stop + n["lost_d"], stop + n["later_d"]
    rat = Injured(Subject(slice), "spared_nerve_injury", keep=(n["start_d"],))
    agents = [given(name, n["start_d"], stop) for name in NUTRIENTS]
    vehicle = rat.vehicle(agents[0], at=(later,))
    courses = [rat.treated(agent, at=(later,)) for agent in agents]
    changes, left = (
        [output_lost(course, vehicle, day - n["averaged_d"], day) for course in courses]
        for day in (stop, lost)
    )
    least, largest = weakest_and_strongest(changes)
    return {
        "largest_change": largest,
        "least_change": least,
        "largest_left": weakest_and_strongest(map(abs, left))[1],
        "largest_cure": weakest_and_strongest(reversal(c.mt(later), vehicle.mt(later)) for c in courses)[1],
    }


# ---------------------------------------------------------------------- P62
@protocol("P62")
def capsaicin_patch(slice: Preparation) -> Values:
    """One application in old pain, followed for four months."""
    n = slice.numbers
    patch = n["patch_d"]
    weeks = [n[k] for k in ("first_weeks", "second_weeks", "third_weeks", "fourth_weeks", "back_weeks")]
    days = [patch + WEEK_D * week for week in weeks]
    rat = Injured(Subject(slice), "spared_nerve_injury", keep=(patch,))
    once = given("capsaicin_patch", patch)
    treated, vehicle = rat.treated(once, until=days[-1]), rat.vehicle(once, until=days[-1])
    lost = [output_lost(treated, vehicle, day - n["averaged_d"], day) for day in days]
    least, largest = weakest_and_strongest(lost[:-1])
    return {"least_relief": least, "largest_relief": largest, "left": lost[-1]}


# ---------------------------------------------------------------------- P63
@protocol("P63")
def movement_before_and_after(slice: Preparation) -> Values:
    """Six weeks of movement up to the injury, or from a week after it on."""
    n = slice.numbers
    injured = n["injury_d"]
    days = every(n["every_d"], injured, injured + n["watched_d"])
    begins = injured + n["after_d"]
    rat = Injured(Subject(slice), "nerve_constriction", injured, at=days, keep=(begins,))
    before = rat.treated(given("movement", injured - n["before_d"], injured), at=days)
    after = rat.treated(given("movement", begins, begins + n["given_d"]), at=days)
    gained, kept = (float(np.mean([rat.reversal(c, day) for day in days])) for c in (after, before))
    return {"before_less_after": kept - gained, "after": rat.reversal(after, *days[-2:])}
