"""Measures of curves whose answers are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.analysis import Outcome, measure
from dorsalhorn.analysis import measures as ms


def test_naive_is_the_median_before_the_first_injury(make_series):
    ts = make_series(noise=0.0)
    ts.loc[0.0, ms.THRESHOLD] = 26.0  # one wild reading must not move it
    assert ms.naive_state(ts, 2.0)[ms.THRESHOLD] == pytest.approx(13.0)


def test_naive_without_an_injury_takes_the_first_day_and_a_half(make_series):
    ts = make_series(noise=0.0)
    ts.loc[1.5:, ms.THRESHOLD] = 1.0
    assert ms.naive_state(ts)[ms.THRESHOLD] == pytest.approx(13.0)


def test_naive_of_an_injury_at_the_start_is_the_first_record(make_series):
    ts = make_series(noise=0.0, start_d=0.0)
    assert ms.naive_state(ts, 0.0)[ms.THRESHOLD] == ts[ms.THRESHOLD].iloc[0]


def test_end_of_a_long_run_is_its_last_six_weeks_and_of_a_short_one_its_last_quarter(make_series):
    assert ms.end_start_d(make_series(duration_d=84.0)) == 42.0
    assert ms.end_start_d(make_series(duration_d=28.0)) == 21.0
    assert ms.end_start_d(make_series(duration_d=28.0), 25.0) == 25.0
    assert ms.end_start_d(make_series(duration_d=28.0), 40.0) == 21.0


def test_ratio_is_to_naive_and_not_a_number_over_zero(make_series):
    ts = make_series(noise=0.0)
    naive = ms.naive_state(ts, 2.0)
    naive["tnf_relative"] = 0.0
    of_naive = ms.ratio(ts, naive)
    assert of_naive[ms.THRESHOLD].iloc[0] == pytest.approx(1.0)
    assert of_naive[ms.THRESHOLD].iloc[-1] == pytest.approx(2.0 / 13.0, rel=1e-3)
    assert of_naive["tnf_relative"].isna().all()


def test_time_below_counts_days_with_uneven_records():
    ts = pd.DataFrame(
        {ms.THRESHOLD: [10.0, 4.0, 4.0, 9.0]}, index=pd.Index([0.0, 1.0, 3.5, 4.0], name="time_d")
    )
    assert ms.time_below(ts, 0.5, 10.0) == 3.0
    assert ms.time_below(ts, 0.3, 10.0) == 0.0


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("stays", Outcome.STAYS),
        ("heals", Outcome.RECOVERED),
        ("partly", Outcome.PARTLY),
        ("sham", Outcome.UNAFFECTED),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_outcome_of_noisy_curves(make_series, course, expected, seed):
    assert measure(make_series(course, seed=seed), 2.0, 16.0).outcome is expected


def test_stays_is_at_half_of_naive_or_below(make_series):
    ts = make_series("sham", noise=0.0)
    for kept, expected in (
        (0.50, Outcome.STAYS),
        (0.51, Outcome.PARTLY),
        (0.84, Outcome.PARTLY),
        (0.86, Outcome.RECOVERED),
    ):
        ts.loc[4.0:20.0, ms.THRESHOLD] = 2.0
        ts.loc[20.0:, ms.THRESHOLD] = 13.0 * kept
        assert ms.outcome(ts, 13.0, 16.0) is expected


def test_a_single_reading_above_half_shows_in_the_share_and_the_highest(make_series):
    ts = make_series("stays", noise=0.0)
    ts.loc[80.0, ms.THRESHOLD] = 9.1
    m = measure(ts, 2.0, 16.0)
    assert m.outcome is Outcome.STAYS
    assert m["threshold_end_highest_ratio"] == pytest.approx(0.7)
    assert m["share_below_half"] == pytest.approx(168 / 169)


def test_recovery_day_is_when_it_comes_back_for_good(make_series):
    ts = make_series("sham", noise=0.0)
    ts.loc[3.0:20.0, ms.THRESHOLD] = 2.0
    assert ms.recovery_day(ts, 13.0) == pytest.approx(20.25, abs=0.5)
    ts.loc[30.0:50.0, ms.THRESHOLD] = 5.0
    assert ms.recovery_day(ts, 13.0) == pytest.approx(50.25, abs=0.5)
    ts.loc[60.0:, ms.THRESHOLD] = 5.0
    assert np.isnan(ms.recovery_day(ts, 13.0))


def test_recovery_day_is_not_delayed_by_one_bad_reading(make_series):
    ts = make_series("sham", noise=0.0)
    ts.loc[3.0:20.0, ms.THRESHOLD] = 2.0
    ts.loc[70.0, ms.THRESHOLD] = 4.0
    assert ms.recovery_day(ts, 13.0) == pytest.approx(20.25, abs=0.5)


def test_no_recovery_day_without_a_fall(make_series):
    assert np.isnan(measure(make_series("sham", noise=0.0))["recovery_day"])


def test_drive_is_back_or_not(make_series):
    assert measure(make_series(), 2.0, 16.0).drive_back
    assert not measure(make_series(drive_stops=False), 2.0, None).drive_back


def test_output_minus_drive_shows_who_keeps_firing(make_series):
    on = measure(make_series("heals", noise=0.0), 2.0, 16.0)
    assert on["output_minus_drive_end"] == pytest.approx(0.0, abs=0.02)
    alone = measure(make_series("stays", noise=0.0), 2.0, 16.0)
    assert alone["output_minus_drive_end"] == pytest.approx(3.1 - 0.4, rel=0.01)


def test_extremes_and_units(make_series):
    m = measure(make_series("heals", noise=0.0), 2.0, 16.0)
    assert m["threshold_lowest"] == pytest.approx(2.0, rel=0.02)
    assert m["threshold_lowest_day"] == pytest.approx(16.0, abs=0.5)
    assert m["drive_highest"] == pytest.approx(2.42)
    assert m.table.loc["threshold_lowest", "unit"] == "g"
    assert m.table["doc"].str.len().min() > 10


def test_a_threshold_that_was_never_tested_is_no_outcome(make_series):
    ts = make_series()
    ts[ms.THRESHOLD] = np.nan
    m = measure(ts, 2.0, 16.0)
    assert m.outcome is Outcome.UNMEASURED
    assert np.isnan(m["threshold_end"])


def test_one_record_is_enough(make_series):
    m = measure(make_series().iloc[:1], 2.0, 16.0)
    assert m["threshold_end_ratio"] == 1.0
    assert m.outcome is Outcome.UNAFFECTED


def test_measures_leave_the_table_as_it_was(make_series):
    ts = make_series()
    before = ts.copy()
    measure(ts, 2.0, 16.0)
    pd.testing.assert_frame_equal(ts, before)


def test_smooth_is_a_running_median_in_time(make_series):
    series = pd.Series([1.0, 9.0, 1.0, 1.0, 1.0], index=pd.Index([0.0, 0.25, 0.5, 0.75, 40.0]))
    assert ms.smooth(series).tolist() == [1.0, 1.0, 1.0, 1.0, 1.0]
