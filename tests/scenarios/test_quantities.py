import doctest
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dorsalhorn.scenarios.quantities import (
    QuantityError,
    convert,
    known_unit,
    spoken_time,
    written,
    written_time,
)


@pytest.mark.parametrize("name", ["names", "quantities", "resolve"])
def test_examples_in_docstrings(name):
    assert doctest.testmod(import_module(f"dorsalhorn.scenarios.{name}")).failed == 0


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("8 d", "d", 8.0),
        ("12 weeks", "d", 84.0),
        ("1 week", "d", 7.0),
        ("2 days", "d", 2.0),
        ("1 day", "d", 1.0),
        ("6 hours", "d", 0.25),
        ("30 min", "d", 0.5 / 24.0),
        ("36 s", "d", 36.0 / 86400.0),
        ("1 months", "d", 30.4375),
        ("  1e1d ", "d", 10.0),
        ("300 um", "um", 300.0),
        ("0.3 mm", "um", 300.0),
        ("2 uM", "nM", 2000.0),
        ("0.5 1/h", "1/d", 12.0),
        ("50 %", "1", 0.5),
        ("0.5", "1", 0.5),
    ],
)
def test_reads(text, unit, value):
    assert convert(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("8 mV", "d", "8 mV is a voltage, not a time; give ms, s, min, h, d, weeks or months"),
        ("2 parsecs", "d", "is a length, not a time"),
        ("2 fortnigths", "d", "no unit"),
        ("8", "d", 'has no unit; give ms, s, min, h, d, weeks or months, for example "8 d"'),
        ("soon", "d", "not a number with a unit"),
        ("", "d", "not a number with a unit"),
        ("nan d", "d", "not a number with a unit"),
        ("inf d", "d", "not a number with a unit"),
        ("1e999 d", "d", "finite"),
        ("1e308 weeks", "s", "finite"),
        ("2 d * 3", "d", ""),
        ("2 __import__", "d", "no unit"),
        ("2 d**9**9**9", "d", ""),
        ("3 d", "1", "is a time, not a number without unit"),
        ("2 h\x00", "d", ""),
    ],
)
def test_refuses_in_words(text, unit, words):
    with pytest.raises(QuantityError, match=r"^.{5,200}$") as refused:
        convert(text, unit)
    assert words in str(refused.value)


@settings(deadline=None)  # the first call loads pint
@given(st.floats(min_value=0.0, max_value=1e6))
def test_a_written_time_reads_back_exactly(days):
    assert convert(written_time(days).strip('"'), "d") == days


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_quantity_reads_back_exactly(value):
    assert convert(written(value, "uM").strip('"'), "uM") == value


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (84.0, "12 weeks"),
        (2.0, "2 d"),
        (1 / 24, "1 h"),
        (3.5, "3.5 d"),
        (30 / 1440, "30 min"),
        (1e-6, "86.4 ms"),
    ],
)
def test_times_are_spoken(days, words):
    assert spoken_time(days) == words


def test_knows_units():
    assert known_unit("1/(d*Hz)")
    assert known_unit("1")
    assert not known_unit("bananas")
