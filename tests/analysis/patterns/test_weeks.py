"""What protocols of weeks share: ticks, branches of one slice, and what is read off a course."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.analysis.patterns import Preparation
from dorsalhorn.analysis.patterns.injuries import lasts_d, least_step, strips, weekly_slope
from dorsalhorn.analysis.patterns.rig import clamps, stimuli, treatments
from dorsalhorn.analysis.patterns.ticking import AFTER_CHANGE, PACE, next_tick, turns
from dorsalhorn.analysis.patterns.weeks import (
    Course,
    Subject,
    clamp,
    given,
    injury,
    last_tests,
    reversal,
)
from dorsalhorn.scenarios.registry import registry

SMALL = ("slice.scale=0.01", "slice.receptors_per_neuron=3", "parameters.laboratory.series=1")
LIGATED = stimuli(injury("spinal_nerve_ligation"))


def course(**mt):
    """A course with these thresholds on these days."""
    days = [float(name[1:]) for name in mt]
    table = pd.DataFrame({"mt": list(mt.values())}, index=pd.Index(days, name="time_d"))
    return Course(table, table)


# ---------------------------------------------------------------------- time
def ticks(changes, start_d, stop_d, after_change=AFTER_CHANGE):
    now, found = start_d, []
    while now < stop_d - 1e-6:
        found.append(next_tick(changes, now, stop_d, after_change))
        now += found[-1]
    assert now == pytest.approx(stop_d, abs=1.0 / 1440)
    return [round(tick * 24, 3) for tick in found]


def test_ticks_are_long_in_quiet_weeks_and_end_at_each_stop():
    assert ticks([], 0.0, 1.0) == [2.0] * 12
    assert ticks([], 35.0, 36.0) == [4.0] * 6
    assert ticks([], 35.0, 35.0 + 7 / 24) == [4.0, 2.0, 1.0]


def test_ticks_are_short_after_a_change():
    assert ticks([20.0], 20.0, 22.0) == [0.5] * 4 + [1.0] * 6 + [2.0] * 20
    assert ticks([40.0], 40.0, 42.0) == [0.5] * 4 + [1.0] * 6 + [2.0] * 14 + [4.0] * 3
    assert ticks([40.0], 40.0, 41.0, ()) == [4.0] * 6


@pytest.mark.parametrize("time", ["slow_potassium.time", "plateau.desensitisation_time", "epoch.memory"])
def test_no_tick_outlasts_what_follows_single_epochs(time):
    """Else what brakes firing answers one epoch in the next, overshoots, and thresholds swing."""
    longest_d = max(hours for _, hours in PACE) / 24.0
    assert longest_d <= registry().resolve("literature", {}, {})[time]


def test_any_minute_can_be_reached():
    assert sum(ticks([], 3.0, 3.0 + 143 / 1440)) == pytest.approx(143 / 60, abs=0.01)


def test_everything_that_starts_or_stops_is_a_change():
    slice = Preparation("literature", 1)
    changes = (
        stimuli(injury("cuff", 0.0, 4.0)),
        clamps(clamp("microglia", 0.0, 1.0, 3.0)),
        treatments(given("ketamine", 2.0, 6.0, every_d=2.0)),
    )
    changed = turns(slice.scenario("weeks", *changes), 10.0)
    assert {0.0, 1.0, 2.0, 3.0, 4.0} <= set(changed)
    assert any(2.0 < day < 2.1 for day in changed), "a dose ends"
    assert max(changed) <= 10.0


def test_the_last_tests_up_to_a_day_end_on_it():
    assert last_tests(20.0, {"averaged_d": 1.0, "tests": 5.0}) == [20.0, 19.75, 19.5, 19.25, 19.0]


# ---------------------------------------------------------------------- one slice, many fates
@pytest.fixture(scope="module")
def subject():
    slice = Preparation("literature", 1, {}, SMALL)
    yield Subject(slice)
    slice.release()


def test_a_branch_is_the_course_it_left(subject):
    whole = subject.course(LIGATED, at=(1.0, 1.5, 2.0), keep=(1.0,))
    branch = subject.course(LIGATED, at=(1.0, 1.5, 2.0), since=whole.moment(1.0))
    assert branch.table.equals(whole.table)
    assert branch.states.equals(whole.states.loc[1.0001:])
    joined = branch.after(whole)
    assert joined.states.equals(whole.states)


def test_a_clamp_that_has_let_go_leaves_the_truth(subject):
    held = clamps(clamp("glt1.capacity", 0.0, 0.0, 0.25))
    found = subject.course(held, at=(0.25, 0.5))
    assert found.table.glt1_relative.iloc[0] == 0.0
    assert found.table.glt1_relative.iloc[1] == pytest.approx(1.0, abs=0.05)
    inside = subject.course(clamps(clamp("glt1.capacity", 0.0, 0.0)), at=(0.25,))
    freed = subject.course(at=(0.25, 0.5), since=inside.last)
    assert freed.table.glt1_relative.iloc[0] == pytest.approx(1.0, abs=0.05)


def test_parameters_are_free_again_after_a_branch(subject):
    before = subject.horn.parameters.copy().array
    subject.course(treatments(given("ketamine", 0.0)), at=(0.25,))
    assert (subject.horn.parameters.array != before).any()
    subject.course(until=0.25)
    p = subject.horn.parameters
    assert p.nmdar_conductance == subject.settled.scenario.parameters["nmdar.conductance"]


def test_earlier_days_cannot_be_reached(subject):
    with pytest.raises(ValueError, match="no earlier days"):
        subject.course(at=(0.0,), since=subject.naive.last)


def test_another_slice_cannot_go_on(subject):
    other = replace(subject.settled.scenario, scale=0.5)
    with pytest.raises(ValueError, match="scale is not that of this slice"):
        subject.horn.follow(other)
    subject.course(until=1.0 / 24.0)
    with pytest.raises(ValueError, match="does not lie between two ticks"):
        subject.horn.follow(replace(subject.settled.scenario, tick_d=1.0))


def test_the_neighbouring_skin_is_tested_without_a_trace(subject):
    rows = len(subject.horn.records)
    assert subject.beside(subject.settled, 0.8) > 0.0
    assert len(subject.horn.records) == rows


# ---------------------------------------------------------------------- what is read off a course
def test_reversal_is_the_share_of_the_log_that_is_back():
    assert reversal(0.25, 0.25) == 0.0
    assert reversal(1.0, 0.25) == 1.0
    assert np.isnan(reversal(1.0, 1.0))
    assert course(d1=0.1, d2=1.0).reversal(2.0, before_d=1.0) == pytest.approx(1.0)


def test_back_is_the_day_from_which_it_stays():
    found = course(d1=0.2, d3=0.9, d7=0.7, d14=0.9, d21=1.0)
    assert found.back_d(0.85) == 14.0
    assert found.back_d(2.0) == np.inf
    assert lasts_d(found, 2.0) == 21.0
    assert course(d1=1.0).back_d(0.85) == 1.0
    assert lasts_d(course(d1=1.0, d2=1.0), 0.85) == 0.0


def test_the_slope_is_relative_to_the_mean():
    assert weekly_slope(course(d0=0.3, d7=0.2, d14=0.1), 0.0, 14.0) == pytest.approx(-0.5)


def test_what_was_not_tested_cannot_be_read():
    with pytest.raises(ValueError, match="nothing was tested on day 3"):
        course(d1=1.0).mt(3.0)


def test_strips_take_a_share_of_the_site():
    found = strips("cuff", 0.4)
    assert sum(high - low for low, high in (s["site"] for s in found)) == pytest.approx(0.12)
    assert least_step([1.0, 3.0, 4.0]) == 1.0
