"""P41, P55, P57, P58: what drugs of the catalogue do after an injury, while they act and after they are gone.

Every drug runs from the catalogue of treatments.  A treated slice is a copy of an untreated one and is
compared with it on the same day, so that what the injury does meanwhile is not taken for the drug.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .protocol import Preparation, Values, protocol
from .rig import ratio, stimuli, treatments
from .weeks import DAY_S, HOUR_D, NEAR, Course, Subject, Watch, given, injury, reversal

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

OUTPUT = "output_hz"
"""ongoing output at the test site, read at every tick: hours of it tell more than seconds of a test"""


def output_hz(horn: DorsalHorn) -> float:
    """Rate of the test site's lamina I projection neurons without a stimulus (Hz)."""
    return float(horn.neurons.rate_hz[horn.laboratory.territory].mean())


class Injured:
    """A slice that is injured, untreated, and the copies of it that are treated."""

    def __init__(
        self,
        subject: Subject,
        kind: str,
        start_d: float = 0.0,
        stop_d: float | None = None,
        at: Sequence[float] = (),
        keep: Sequence[float] = (),
        watch: Watch | None = None,
    ):
        self.subject = subject
        self.hurt = stimuli(injury(kind, start_d, stop_d))
        self.watch: Watch = {OUTPUT: output_hz} | dict(watch or {})
        self.untreated = subject.course(self.hurt, at=at, keep=keep, watch=self.watch)

    def treated(
        self,
        *drugs: dict[str, Any],
        at: Sequence[float] = (),
        keep: Sequence[float] = (),
        until: float = 0.0,
        since: Course | None = None,
    ) -> Course:
        """The course under drugs, tested on some days, or watched until a day.

        It goes on from the last kept moment before the first of them, of the untreated course unless
        another one is given (whose drugs are then to be repeated).
        """
        moments = (since or self.untreated).moments
        first = min(at) if since else min(drug["start"] for drug in drugs) / DAY_S
        earlier = [m for m in moments if m.day <= first + NEAR]
        return self.subject.course(
            self.hurt,
            treatments(*drugs),
            at=at,
            keep=keep,
            since=earlier[-1] if earlier else None,
            until=until,
            watch=self.watch,
        )

    def reversal(self, treated: Course, *days: float) -> float:
        """Share of the log-threshold lost without treatment that a treated slice has; median over days."""
        return float(np.median([reversal(treated.mt(day), self.untreated.mt(day)) for day in days]))

    def vehicle(self, *drugs: dict[str, Any], at: Sequence[float] = (), until: float = 0.0) -> Course:
        """The course under no dose of drugs: the same ticks and so the same random numbers as under them."""
        return self.treated(*({**drug, "dose": 0.0} for drug in drugs), at=at, until=until)


def output_lost(treated: Course, vehicle: Course, start_d: float, stop_d: float) -> float:
    """Share of the ongoing output that a treated slice lacks, mean over a span of days."""
    return 1.0 - ratio(*(mean_output(course, start_d, stop_d) for course in (treated, vehicle)))


def mean_output(course: Course, start_d: float, stop_d: float) -> float:
    """Ongoing output (Hz), mean over a span of days."""
    return float(course.between(start_d, stop_d).states[OUTPUT].mean())


def hours(start_d: float, *later_h: float) -> tuple[float, ...]:
    """Days that lie some hours after a day."""
    return tuple(start_d + h * HOUR_D for h in later_h)


def every(step_d: float, start_d: float, stop_d: float) -> list[float]:
    """Days at equal steps after a day, up to another one."""
    count = int((stop_d - start_d) / step_d + NEAR)
    return [start_d + step_d * k for k in range(1, count + 1)]


def weakest_and_strongest(values: Iterable[float]) -> tuple[float, float]:
    """The least and the largest; neither is a number if one of them is not."""
    found = np.asarray(list(values), float)
    return float(found.min()), float(found.max())


# ---------------------------------------------------------------------- P41
@protocol("P41")
def latent_state_erased(slice: Preparation) -> Values:
    """Opioid tone taken away a week after recovery, with and without three doses of an NK1 antagonist."""
    n = slice.numbers
    seen = hours(n["unmask_d"], n["first_h"], n["last_h"])
    rat = Injured(Subject(slice), "cfa", at=(n["block_d"],), keep=(n["block_d"],))
    challenge = given("naltrexone", n["unmask_d"], seen[-1] + HOUR_D)
    over_d = n["block_d"] + n["doses"] * n["every_d"]
    block = given("nk1_antagonist", n["block_d"], over_d, every_d=n["every_d"])
    control = rat.subject.course(
        rat.hurt, treatments(challenge), at=seen, since=rat.untreated.moment(n["block_d"])
    )
    blocked = rat.treated(block, challenge, at=seen)
    return {
        "recovered": rat.untreated.mt(n["block_d"]),
        "control_unmasked": control.mt(*seen),
        "treated_unmasked": blocked.mt(*seen),
    }


# ---------------------------------------------------------------------- P55
@protocol("P55")
def nsaid_by_cause(slice: Preparation) -> Values:
    """One dose in inflammation and after a nerve injury; three days of it around a ligation."""
    n = slice.numbers
    subject = Subject(slice)

    def reversals(kind: str, *days: float) -> list[float]:
        seen = {day: hours(day, n["first_h"], n["second_h"], n["third_h"]) for day in days}
        rat = Injured(subject, kind, at=[d for day in days for d in seen[day]], keep=days)
        return [
            rat.reversal(
                rat.treated(given("nsaid", day, day + n["given_h"] * HOUR_D), at=seen[day]), *seen[day]
            )
            for day in days
        ]

    read = n["injury_d"] + n["around_d"]
    ligated = Injured(subject, "spinal_nerve_ligation", n["injury_d"], at=(read,))
    around = ligated.treated(given("nsaid", n["injury_d"] - n["ahead_h"] * HOUR_D, read), at=(read,))
    return {
        "cfa_reversal": reversals("cfa", n["inflamed_d"])[0],
        "carrageenan_reversal": reversals("carrageenan", n["inflamed_d"])[0],
        "nerve_reversal": max(reversals("spared_nerve_injury", n["early_d"], n["late_d"])),
        "ligation_kept": ligated.reversal(around, read),
    }


# ---------------------------------------------------------------------- P57
@protocol("P57")
def scavenger_again_and_again(slice: Preparation) -> Values:
    """Four doses two days apart, each tested while it acts and a day later; a course around the injury."""
    n = slice.numbers
    begins = n["injury_d"] + n["first_d"]
    starts = [begins + n["every_d"] * k for k in range(round(n["doses"]))]
    during = {day: hours(day, n["early_h"], n["late_h"]) for day in starts}
    later = {day: hours(day, n["worn_off_h"])[0] for day in starts}
    depth = n["injury_d"] + n["depth_d"]
    seen = [d for day in starts for d in (*during[day], later[day])]
    rat = Injured(Subject(slice), "spinal_nerve_ligation", n["injury_d"], at=[depth, *seen], keep=(begins,))
    doses = given(
        "pbn",
        begins,
        starts[-1] + n["every_d"],
        every_d=n["every_d"],
        lasts=n["given_h"] * HOUR_D * DAY_S,
        dose=n["dose"],
    )
    drugged = rat.treated(doses, at=seen)
    reversals = [rat.reversal(drugged, *during[day]) for day in starts]
    ahead = n["injury_d"] - n["ahead_h"] * HOUR_D
    spared = rat.treated(given("pbn", ahead, ahead + n["course_d"], dose=n["dose"]), at=(depth,))
    return {
        "least_reversal": weakest_and_strongest(reversals)[0],
        "fourth_over_first": ratio(reversals[-1], reversals[0]),
        "largest_left": weakest_and_strongest(rat.reversal(drugged, later[day]) for day in starts)[1],
        "prevented": rat.reversal(spared, depth),
    }


# ---------------------------------------------------------------------- P58
@protocol("P58")
def catalyst_before_and_after(slice: Preparation) -> Values:
    """A week from before the injury on; three days in old pain at three doses, the last the full one."""
    n = slice.numbers
    early, late = n["injury_d"] + n["early_d"], n["injury_d"] + n["late_d"]
    ends = (late + n["given_d"] - 1.0, late + n["given_d"])
    rat = Injured(Subject(slice), "nerve_constriction", n["injury_d"], at=(early, *ends), keep=(late,))
    ahead = n["injury_d"] - n["ahead_h"] * HOUR_D
    before = rat.treated(given("peroxynitrite_catalyst", ahead, early, dose=n["full"]), at=(early,))
    courses = [
        rat.treated(given("peroxynitrite_catalyst", late, ends[-1], dose=n["full"] * share), at=ends)
        for share in (n["low"], n["middle"], 1.0)
    ]
    reversals = [rat.reversal(course, *ends) for course in courses]
    phosphorylated = [
        c.state("nmdar_phosphorylated_fraction", ends[-1]) for c in (courses[-1], rat.untreated)
    ]
    return {
        "prevented": rat.reversal(before, early),
        "reversed": reversals[-1],
        "dose_step": min(b - a for a, b in pairwise(reversals)),
        "phosphorylation_fall": 1.0 - ratio(*phosphorylated),
    }
