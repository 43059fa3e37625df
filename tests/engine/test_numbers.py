"""Parameters, keyed random numbers, the portable exponential."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dorsalhorn.agents.engine import Parameters, compiled, exp, uniform


@compiled
def draw(seed, who, when, what):
    return uniform(seed, who, when, what)


@compiled
def exponentials(x, y):
    for i in range(x.size):
        y[i] = exp(x[i])


def test_uniform_known_answers():
    assert uniform(0, 0, 0, 0) == pytest.approx(KNOWN[0], abs=0)
    assert uniform(1, 2, 3, 4) == pytest.approx(KNOWN[1], abs=0)
    assert uniform(-1, -2, -3, -4) == pytest.approx(KNOWN[2], abs=0)


whole = st.integers(-(2**53), 2**53)


@settings(deadline=None)
@given(whole, whole, whole, st.integers(0, 1000))
def test_uniform_is_the_same_compiled_plain_as_int_and_as_float(seed, who, when, what):
    u = uniform(seed, who, when, what)
    assert 0.0 <= u < 1.0
    assert u == draw(seed, who, when, what)
    assert u == uniform(float(seed), float(who), float(when), what)
    assert u == draw(float(seed), float(who), float(when), float(what))
    assert u == uniform(np.int64(seed), np.float64(who), when, what)


def test_uniform_is_uniform_and_every_address_counts():
    base = np.array([uniform(5, who, 9, 1) for who in range(4000)])
    counts = np.histogram(base, 20, (0, 1))[0]
    assert ((counts - 200) ** 2 / 200).sum() < 50  # chi-square, 19 degrees of freedom, p < 2e-4
    for other in ((6, 9, 1), (5, 10, 1), (5, 9, 2)):
        also = np.array([uniform(other[0], who, other[1], other[2]) for who in range(4000)])
        assert abs(np.corrcoef(base, also)[0, 1]) < 0.06
    assert (
        len({uniform(*address) for address in ((1, 2, 3, 4), (2, 1, 3, 4), (1, 3, 2, 4), (1, 2, 4, 3))}) == 4
    )


def test_exp_is_accurate_and_has_the_same_bits_compiled():
    x = np.concatenate(
        [np.linspace(-60, 60, 20001), np.random.default_rng(1).normal(0, 1, 5000), [0.0, 1e-300]]
    )
    y = np.empty_like(x)
    exponentials(x, y)
    assert y.tolist() == [exp(v) for v in x.tolist()]
    assert np.abs(y / np.exp(x) - 1).max() < 1e-13
    assert exp(0.0) == 1.0
    assert exp(-800.0) == exp(-60.0)
    assert exp(800.0) == exp(60.0)
    assert math.isnan(exp(math.nan))
    assert exp(2) == exp(2.0)


def test_parameters_by_name():
    p = Parameters(["dt", "rate"], [0.5, 2])
    assert (p.dt, p.rate) == (0.5, 2.0)
    assert type(p.rate) is float
    array = p.array
    p.set("rate", 3)
    p.update({"dt": 0.25})
    assert p.array is array
    assert dict(p.items()) == {"dt": 0.25, "rate": 3.0}
    assert "rate" in p
    assert "rat" not in p
    copy = pickle.loads(pickle.dumps(p))
    copy.set("dt", 9.0)
    assert (p.dt, copy.dt) == (0.25, 9.0)


def test_wrong_parameters_are_refused():
    p = Parameters(["dt", "rate"], [0.5, 2])
    for wrong in (lambda: p.rat, lambda: p.set("rat", 1.0), lambda: p.update({"rat": 1.0})):
        with pytest.raises(AttributeError, match="no parameter 'rat'; did you mean 'rate'"):
            wrong()
    with pytest.raises(AttributeError, match=r"use set\('rate', value\)"):
        p.rate = 3.0
    for names, values in ((["a.b"], [1]), (["a", "a"], [1, 2]), (["a"], [1, 2]), (["set"], [1])):
        with pytest.raises(ValueError, match="parameter"):
            Parameters(names, values)


KNOWN = (0.1296456182997474, 0.8334472949893438, 0.863633128356951)
