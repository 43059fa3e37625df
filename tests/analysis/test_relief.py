"""What a treatment does, read from made-up thresholds with known answers; the interaction of several."""

import math

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.analysis.efficacy import by_effect, interaction_summary, summarised
from dorsalhorn.analysis.interaction import expected_relief, interactions
from dorsalhorn.analysis.relief import (
    AFTER_WASHOUT_D,
    LEAST,
    RESET,
    read_d,
    relief_of,
    reversal,
    worn_off_d,
)

NAIVE, LOW = 16.0, 1.0
DAYS = np.arange(0.0, 113.0)
INJURY_D = 2.0


def frame(grams, hz=None, drive=0.1):
    """A time series: thresholds by day, output 0.1 before the injury and `hz` after it."""
    hz = np.where(DAYS <= INJURY_D, 0.1, 10.1) if hz is None else hz
    columns = {"withdrawal_threshold_g": grams, "spontaneous_hz": hz, "afferent_drive_hz": drive}
    return pd.DataFrame(columns, index=pd.Index(DAYS, name="time_d"))


def stays():
    return np.where(DAYS <= INJURY_D, NAIVE, LOW)


def between(grams, share, first, last=math.inf):
    """The thresholds with a share of what is lost back after one day and up to another."""
    there = pd.Series(DAYS).between(first, last, inclusive="right").to_numpy()
    return np.where(there, grams * (NAIVE / grams) ** share, grams)


def test_a_reversal_is_the_published_one_where_the_untreated_threshold_stays():
    before, drug = 2.0, 5.0
    assert reversal(drug, before, NAIVE) == pytest.approx(math.log(drug / before) / math.log(NAIVE / before))
    assert reversal(LOW, LOW, NAIVE) == 0.0
    assert reversal(NAIVE, LOW, NAIVE) == 1.0
    assert reversal(0.5, LOW, NAIVE) < 0.0
    assert math.isnan(reversal(NAIVE, 0.8 * NAIVE, NAIVE))
    assert math.isnan(reversal(float("nan"), LOW, NAIVE))


def test_relief_onset_and_duration_of_a_late_course():
    treated = between(stays(), 0.5, 31.0, 60.0)  # comes on after 3 days of the course, goes 4 days after it
    found = relief_of(frame(treated), frame(stays()), 28.0, 56.0, 59.0, INJURY_D)
    assert found.relief == pytest.approx(0.5)
    assert found.onset_d == 4.0
    assert (found.lasts_d, found.to_the_end) == (5.0, False)
    assert (found.reset, found.lasting) == (0.0, 0.0)


def test_an_early_course_is_held_against_the_untreated_run_of_the_same_days():
    falling = np.where(DAYS <= INJURY_D, NAIVE, np.maximum(LOW, NAIVE / 2.0 ** ((DAYS - INJURY_D) / 5.0)))
    treated = between(falling, 0.6, 3.0, 17.0)
    found = relief_of(frame(treated), frame(falling), 3.0, 17.0, 20.0, INJURY_D)
    assert found.relief == pytest.approx(0.6, abs=0.02)
    # the day before the course knows nothing of what would have been lost: there is nothing to go by
    assert treated[3] > 0.8 * NAIVE


def test_little_relief_has_neither_onset_nor_duration():
    treated = between(stays(), 0.9 * LEAST, 28.0, 56.0)
    found = relief_of(frame(treated), frame(stays()), 28.0, 56.0, 59.0, INJURY_D)
    assert found.relief == pytest.approx(0.9 * LEAST)
    assert math.isnan(found.onset_d)
    assert math.isnan(found.lasts_d)


def test_what_is_still_there_two_weeks_after_it_has_worn_off_lasts_unless_the_drive_differs():
    treated = between(stays(), 0.8, 28.0)
    found = relief_of(frame(treated), frame(stays()), 28.0, 42.0, 45.0, INJURY_D)
    assert found.reset == pytest.approx(0.8)
    assert found.lasting == 1.0
    assert (found.lasts_d, found.to_the_end) == (112.0 - 42.0, True)
    fewer = relief_of(frame(between(stays(), 0.9 * RESET, 28.0)), frame(stays()), 28.0, 42.0, 45.0, INJURY_D)
    assert fewer.lasting == 0.0
    silenced = relief_of(frame(treated, drive=0.05), frame(stays()), 28.0, 42.0, 45.0, INJURY_D)
    assert (silenced.reset, silenced.lasting) == (pytest.approx(0.8), 0.0)


def test_nothing_lasts_before_it_has_worn_off():
    treated = frame(between(stays(), 0.8, 28.0))
    most = 112.0 - AFTER_WASHOUT_D
    assert relief_of(treated, frame(stays()), 28.0, 56.0, most, INJURY_D).lasting == 1.0
    late = relief_of(treated, frame(stays()), 28.0, 56.0, most + 0.3, INJURY_D)
    assert math.isnan(late.reset)
    assert math.isnan(late.lasting)
    endless = relief_of(treated, frame(stays()), 28.0, math.inf, math.inf, INJURY_D)
    assert endless.relief == pytest.approx(0.8)
    assert math.isnan(endless.lasting)


def test_what_wears_off_evenly_is_gone_at_its_end_and_all_else_after_three_time_constants():
    assert worn_off_d(56.0, 10.0) == 86.0
    assert worn_off_d(56.0, 10.0, evenly=True) == 66.0
    assert worn_off_d(math.inf, 10.0) == math.inf
    assert read_d(86.0) == 100.0


def test_runs_of_different_length_are_compared_as_long_as_both_go_on():
    treated, short = frame(between(stays(), 0.8, 28.0)), slice(0.0, 80.0)
    for one, other in ((treated.loc[short], frame(stays())), (treated, frame(stays()).loc[short])):
        found = relief_of(one, other, 28.0, 42.0, 45.0, INJURY_D)
        assert (found.reset, found.lasts_d) == (pytest.approx(0.8), 80.0 - 42.0)
        late = relief_of(one, other, 28.0, 42.0, 70.0, INJURY_D)  # to be read on days 77 to 84
        assert math.isnan(late.reset)
        assert math.isnan(late.lasting)


def test_the_output_has_a_relief_of_its_own():
    half = np.where((DAYS > 28.0) & (DAYS <= 56.0), 5.1, np.where(DAYS <= INJURY_D, 0.1, 10.1))
    found = relief_of(frame(stays(), half), frame(stays()), 28.0, 56.0, 59.0, INJURY_D)
    assert (found.relief, found.output) == (0.0, pytest.approx(0.5))
    quiet = np.full(len(DAYS), 0.1)
    still = relief_of(frame(stays(), quiet), frame(stays(), quiet), 28.0, 56.0, 59.0, INJURY_D)
    assert math.isnan(still.output)


def row(gives, relief, seed=1, members=None, course="late", output=0.0, **more):
    about = {"biology": "article", "course": course, "grade": "weak", "evidence": "weak", "seed": seed}
    numbers = {"relief": relief, "output": output, "reset": 0.0, "lasting": 0.0}
    times = {"onset_d": 1.0, "lasts_d": 2.0, "to_the_end": False, "start_d": 28.0, "stop_d": 56.0}
    return {"gives": gives, "members": members or gives} | about | numbers | times | more


def test_independent_treatments_have_no_excess_and_those_that_help_one_another_do():
    both = {"members": "a + b"}
    table = pd.DataFrame(
        [
            *(row("a", 0.5, seed) for seed in (1, 2, 3)),
            *(row("b", 0.2, seed) for seed in (1, 2, 3)),
            *(row("independent", 0.6, seed, **both) for seed in (1, 2, 3)),
            *(row("synergy", 0.9, seed, **both) for seed in (1, 2, 3)),
            *(row("same target", 0.5, seed, **both) for seed in (1, 2, 3)),
            row("never run alone", 0.5, members="a + c"),
        ]
    )
    found = interaction_summary(table)
    found = found[found["read"] == "relief"].set_index("gives")
    assert list(found.index) == ["independent", "synergy", "same target"]
    assert found.loc["independent", "excess"] == pytest.approx(0.0)
    assert found.loc["synergy", "excess_low"] == pytest.approx(0.3)
    assert found.loc["same target", "excess_high"] == pytest.approx(-0.1)
    assert found.loc["synergy", "over_best"] == pytest.approx(0.4)


def test_the_interaction_is_read_of_threshold_and_of_output_and_pairs_seeds():
    table = pd.DataFrame(
        [
            row("a", 0.2, 1, output=0.5),
            row("b", 0.0, 1, output=0.5),
            row("ab", 0.2, 1, members="a + b", output=1.0),
            row("a", 0.9, 2),
            row("ab", 0.2, 2, members="a + b"),
        ]
    )
    found = interactions(table).set_index("read")
    assert list(found["seed"]) == [1, 1]
    assert found.loc["relief", "excess"] == pytest.approx(0.0)
    assert found.loc["output", "excess"] == pytest.approx(0.25)
    assert found.loc["relief", "best_member"] == "a"


def test_harm_is_not_rounded_away_and_more_than_all_counts_as_all():
    assert expected_relief([0.5, -0.5]) == pytest.approx(0.25)
    assert expected_relief([1.4, -0.5]) == 1.0


def test_a_summary_is_sorted_by_relief_and_has_the_range_of_few_seeds():
    table = pd.DataFrame([row("a", 0.1), row("b", 0.4), row("b", 0.8, 2), row("c", float("nan"))])
    found = summarised(table)
    assert list(found["gives"]) == ["b", "a", "c"]
    assert list(found.loc[0, ["relief", "relief_low", "relief_high"]]) == pytest.approx([0.6, 0.4, 0.8])
    assert found.loc[2, "relief_n"] == 0


def test_what_does_as_little_for_the_threshold_is_sorted_by_the_output():
    table = pd.DataFrame([row("a", 0.001), row("b", 0.0, output=0.6), row("c", 0.3)])
    assert by_effect(summarised(table)) == ["c", "b", "a"]
