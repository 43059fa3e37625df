"""What becomes of the slice after no injury, a long one and a short one: single short runs with long ticks.

Ten seeds at full length and tick are the business of tests/verification.
"""

import pytest

from dorsalhorn.analysis.measures import BACK, DRIVE, HALF, THRESHOLD, naive_state
from dorsalhorn.scenarios.ensemble import Job, run_jobs

TICK = 'tick="4 h"'
GLIA_AND_RADICALS = (
    "microglia_activation",
    "astrocyte_reactivity",
    "superoxide_relative",
    "peroxynitrite_relative",
    "nitric_oxide_relative",
    "mnsod_active_fraction",
)


def course(scenario, *sets):
    return run_jobs([Job(scenario, 1, (TICK, *sets))], quiet=True)[0]


def test_a_sham_stays_as_it_was():
    ts = course("sham", 'duration="6 d"', 'record.every="12 h"')
    single_readings = ts[THRESHOLD] / naive_state(ts)[THRESHOLD]
    assert single_readings.between(BACK, 1.0 / BACK).all()
    for state in GLIA_AND_RADICALS:
        assert ts[state].to_numpy() == pytest.approx(ts[state].iloc[0], rel=0.1), state


def test_pain_outlasts_a_two_week_incision_though_its_drive_is_gone():
    ts = course("injury_heals_pain_stays", 'duration="32 d"', 'record.every="1 d"')
    naive, end = naive_state(ts, 2.0), ts[ts.index >= 23.0]
    drive = end[DRIVE].loc[25.0:]  # fibres hardly fire at rest: the wound's last discharge is seen for longer
    assert drive.to_numpy() == pytest.approx(naive[DRIVE], rel=0.02)
    assert (end[THRESHOLD] <= HALF * naive[THRESHOLD]).all()


def test_pain_goes_with_a_half_day_half_strength_incision():
    ts = course("injury_heals_pain_heals", 'duration="21 d"', 'record.every="1 d"')
    naive = naive_state(ts, 2.0)[THRESHOLD]
    assert ts[THRESHOLD].min() < BACK * naive
    assert ts[ts.index >= 18.0][THRESHOLD].median() >= BACK * naive
