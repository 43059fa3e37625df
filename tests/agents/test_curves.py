"""The response curves against closed forms, published tables and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, seed
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from dorsalhorn.agents.curves import (
    chance,
    exchange,
    magnesium_pull,
    magnesium_unblock,
    relax,
    rise1_5,
    rise2,
    rise4,
    saturate,
    within,
)

JAHR_STEVENS_HALF_MM, JAHR_STEVENS_SLOPE = 3.57, 0.062
COLUMNS = ((0.8, 1), (0.95, 1), (1.0, 1), (1.2, 1), (1.0, 1.25), (1.0, 2), (1.0, 5), (1.0, 20))
"""magnesium (mM) and factor on the half-block concentration of the columns of the table of science 3.4"""
TABLE = {
    -80: (0.030, 0.026, 0.024, 0.020, 0.030, 0.048, 0.111, 0.334),
    -75: (0.041, 0.035, 0.033, 0.028, 0.041, 0.064, 0.146, 0.406),
    -70: (0.055, 0.047, 0.044, 0.037, 0.055, 0.085, 0.189, 0.482),
    -65: (0.073, 0.063, 0.060, 0.050, 0.073, 0.113, 0.241, 0.559),
    -60: (0.098, 0.083, 0.080, 0.067, 0.098, 0.148, 0.302, 0.634),
    -50: (0.167, 0.145, 0.139, 0.118, 0.167, 0.243, 0.446, 0.763),
    -40: (0.272, 0.239, 0.230, 0.199, 0.272, 0.374, 0.599, 0.857),
    -30: (0.410, 0.369, 0.357, 0.317, 0.410, 0.526, 0.735, 0.917),
    -20: (0.564, 0.521, 0.508, 0.463, 0.564, 0.674, 0.838, 0.954),
}

rates = st.floats(0.01, 20.0)
shares = st.floats(0.0, 1.0)
days = st.floats(0.001, 3.0)
quick = examples(max_examples=15, deadline=None, database=None)


@pytest.mark.parametrize("v_mv", TABLE)
def test_magnesium_block_is_that_of_jahr_and_stevens(v_mv: int) -> None:
    for (magnesium, factor), published in zip(COLUMNS, TABLE[v_mv], strict=True):
        pull = magnesium_pull(v_mv, JAHR_STEVENS_SLOPE)
        got = magnesium_unblock(pull, magnesium, JAHR_STEVENS_HALF_MM * factor)
        assert got == pytest.approx(published, abs=0.002), (magnesium, factor)


def test_without_magnesium_nothing_is_blocked() -> None:
    for v_mv in range(-90, 40, 10):
        assert magnesium_unblock(magnesium_pull(v_mv, JAHR_STEVENS_SLOPE), 0.0, JAHR_STEVENS_HALF_MM) == 1.0


@seed(1)
@quick
@given(x=shares, target=shares, time_constant=st.floats(0.05, 5.0), duration=days)
def test_relaxation_is_the_exact_solution(
    x: float, target: float, time_constant: float, duration: float
) -> None:
    solved = solve_ivp(
        lambda _, y: (target - y) / time_constant, (0, duration), [x], rtol=1e-8, atol=1e-10
    ).y[0, -1]
    assert relax(x, target, duration, time_constant) == pytest.approx(solved, abs=1e-6)


@seed(2)
@quick
@given(x=shares, on=rates, off=rates, duration=days)
def test_exchange_is_the_exact_solution(x: float, on: float, off: float, duration: float) -> None:
    solved = solve_ivp(lambda _, y: on * (1 - y) - off * y, (0, duration), [x], rtol=1e-8, atol=1e-10).y[
        0, -1
    ]
    assert exchange(x, on, off, duration) == pytest.approx(solved, abs=1e-6)


@seed(3)
@quick
@given(x=shares, on=rates, off=rates, duration=days)
def test_two_short_steps_are_one_long_step(x: float, on: float, off: float, duration: float) -> None:
    """What makes the length of a tick a free choice for rates that do not change within it."""
    twice = exchange(exchange(x, on, off, duration), on, off, duration)
    assert twice == pytest.approx(exchange(x, on, off, 2 * duration), abs=1e-12)
    twice = relax(relax(x, 0.3, duration, 1 / on), 0.3, duration, 1 / on)
    assert twice == pytest.approx(relax(x, 0.3, 2 * duration, 1 / on), abs=1e-12)


@pytest.mark.parametrize("duration", [1e-6, 1.0, 1e9])
def test_however_long_the_step_the_share_stays_a_share(duration: float) -> None:
    for on, off in ((0.0, 0.0), (1e9, 0.0), (0.0, 1e9), (1e9, 1e9), (1e-9, 1e-9)):
        for x in (0.0, 0.3, 1.0):
            assert 0.0 <= exchange(x, on, off, duration) <= 1.0
    assert exchange(0.3, 0.0, 0.0, duration) == 0.3


@pytest.mark.parametrize(("curve", "hill"), [(saturate, 1.0), (rise1_5, 1.5), (rise2, 2.0), (rise4, 4.0)])
def test_each_curve_is_the_hill_curve_of_its_name(curve, hill: float) -> None:
    for x in (0.0, 1e-6, 0.2, 1.0, 3.0, 1e4):
        assert curve(x, 0.7) == pytest.approx(x**hill / (x**hill + 0.7**hill), rel=1e-12)
    assert curve(0.7, 0.7) == pytest.approx(0.5)


def test_a_chance_is_one_minus_the_chance_of_nothing() -> None:
    for expected in (0.0, 1e-9, 0.3, 2.0):
        assert chance(expected) == pytest.approx(-math.expm1(-expected), abs=1e-13)
    assert chance(1e9) <= 1.0


def test_within_holds_on_both_sides() -> None:
    assert [within(x, 0.0, 1.0) for x in (-2.0, 0.0, 0.4, 1.0, 7.0)] == [0.0, 0.0, 0.4, 1.0, 1.0]
    assert np.isfinite(within(math.inf, 0.0, 1.0))
