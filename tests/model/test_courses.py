"""How strongly a treatment acts: doses, their repeats, the taper, and more of a drug."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, seed
from hypothesis import settings as examples
from hypothesis import strategies as st

from dorsalhorn.model.courses import ONSETS, at_dose, course_factor, doses
from dorsalhorn.model.scenario import Course

quick = examples(max_examples=40, deadline=None, database=None)
DAILY = Course(2.0, 10.0, "x", factor=0.4, onset_d=0.05, offset_d=0.25, every_d=1.0)


# ---------------------------------------------------------------------- dose
def test_each_further_dose_acts_on_what_is_left() -> None:
    assert [at_dose(0.5, d) for d in (0.0, 0.5, 1.0, 2.0)] == [1.0, pytest.approx(0.5**0.5), 0.5, 0.25]
    assert at_dose(0.0, 0.0) == 1.0


@seed(5)
@quick
@given(factor=st.floats(0.05, 0.95), beyond=st.floats(0.01, 0.99), dose=st.floats(0.01, 100.0))
def test_no_dose_passes_the_ceiling(factor: float, beyond: float, dose: float) -> None:
    for f, ceiling in ((factor, factor * beyond), (1.0 / factor, 1.0 / (factor * beyond))):
        got = at_dose(f, dose, ceiling)
        assert min(1.0, ceiling) < got < max(1.0, ceiling)
        assert at_dose(f, 1.0, ceiling) == f
        assert abs(at_dose(f, 2.0 * dose, ceiling) - 1.0) > abs(got - 1.0), "more does more"


# ---------------------------------------------------------------------- repeated doses
def test_each_dose_comes_on_and_wears_off_before_the_next() -> None:
    after = ONSETS * DAILY.onset_d
    for day in (2.0, 3.0, 9.0):
        peak = 1.0 - 0.6 * (1.0 - math.exp(-ONSETS))
        assert course_factor(DAILY, day + after) == pytest.approx(peak, abs=0.03)
        assert course_factor(DAILY, day + 0.99) > 0.97
    assert course_factor(DAILY, 10.0 + after) == pytest.approx(1.0, abs=0.03), "none is given at the stop"


def test_doses_without_a_gap_are_one_course() -> None:
    steady = replace(DAILY, every_d=None)
    packed = replace(DAILY, every_d=0.1, lasts_d=0.1)
    for day in (2.0, 2.03, 2.55, 7.77, 10.0, 10.3, 12.0):
        assert course_factor(packed, day) == pytest.approx(course_factor(steady, day), abs=1e-9)


def test_what_comes_on_slowly_is_not_reached_by_a_dose_but_by_many() -> None:
    slow = Course(0.0, math.inf, "x", factor=0.4, onset_d=14.0, offset_d=14.0, every_d=1.0)
    assert course_factor(slow, 1.0) > 0.95
    assert course_factor(slow, 90.0) < 0.41


def test_how_long_a_dose_is_there_can_be_said() -> None:
    c = replace(DAILY, lasts_d=0.5, every_d=2.0)
    assert [d[:2] for d in doses(c, 5.0)] == [(2.0, 2.5), (4.0, 4.5)]
    assert course_factor(c, 4.49) == pytest.approx(0.4, abs=1e-3)


def test_what_grows_in_again_wears_off_at_a_constant_rate() -> None:
    c = Course(0.0, 5.0, "x", factor=0.4, onset_d=0.01, offset_d=60.0, evenly=True)
    assert course_factor(c, 5.0) == pytest.approx(0.4)
    assert [course_factor(c, 5.0 + d) for d in (15.0, 30.0, 59.0)] == pytest.approx([0.55, 0.7, 0.99])
    assert course_factor(c, 65.0) == course_factor(c, 500.0) == 1.0, "and then it is over"
    raised = replace(c, factor=1.6)
    assert course_factor(raised, 35.0) == pytest.approx(1.3)
    half = replace(c, onset_d=5.0 / math.log(2.0))
    assert course_factor(half, 5.0) == pytest.approx(0.7)
    assert course_factor(half, 35.0) == 1.0, "half of the full effect takes half of the time"


def test_another_dose_lifts_again_what_wears_off_evenly() -> None:
    c = Course(
        0.0, 99.0, "x", factor=0.4, onset_d=0.01, offset_d=60.0, every_d=30.0, lasts_d=1.0, evenly=True
    )
    assert course_factor(c, 30.0) == pytest.approx(1.0 - 0.6 * 31.0 / 60.0, abs=1e-3)
    assert course_factor(c, 31.0) == pytest.approx(0.4)


# ---------------------------------------------------------------------- taper
def test_a_taper_ends_in_nothing_at_the_stop() -> None:
    quickly = {"onset_d": 1e-6, "offset_d": 1e-6}
    c = replace(DAILY, every_d=None, taper_d=4.0, **quickly)
    assert course_factor(c, 5.99) == pytest.approx(0.4)
    course = [course_factor(c, 6.0 + 0.25 * k) for k in range(17)]
    assert course == sorted(course)
    assert course_factor(c, 8.0 - 1e-3) == pytest.approx(0.4 ** (9 / 16)), (
        "half the dose has half the exponent"
    )
    assert course_factor(c, 10.0 + 1e-3) == pytest.approx(1.0)
    each = replace(c, every_d=1.0, lasts_d=1.0)
    assert [share for *_, share in doses(each, 99.0)] == [1, 1, 1, 1, 1, 0.75, 0.5, 0.25]


@seed(6)
@quick
@given(
    factor=st.floats(0.0, 3.0),
    onset=st.floats(0.0, 5.0),
    offset=st.floats(0.0, 5.0),
    every=st.one_of(st.none(), st.floats(0.1, 3.0)),
    taper=st.floats(0.0, 8.0),
    time=st.floats(-1.0, 50.0),
    evenly=st.booleans(),
)
def test_a_course_never_overshoots(
    factor: float, onset: float, offset: float, every: float | None, taper: float, time: float, evenly: bool
) -> None:
    c = Course(1.0, 9.0, "x", factor, onset, offset, every_d=every, taper_d=taper, evenly=evenly)
    got = course_factor(c, time)
    assert min(1.0, factor) - 1e-12 <= got <= max(1.0, factor) + 1e-12
