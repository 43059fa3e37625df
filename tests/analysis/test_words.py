"""The examples in the docstrings hold, and times of a scenario are read right."""

from __future__ import annotations

import doctest

import pytest

from dorsalhorn.analysis import RunError, axes, events, interaction, labels, relief, words


@pytest.mark.parametrize(
    "module", [axes, events, interaction, labels, relief, words], ids=lambda m: m.__name__
)
def test_examples(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("time", "days"),
    [("2 d", 2.0), ("1 week", 7.0), ("36 h", 1.5), ("1.5e1 min", 15 / 1440), ("20 s", 20 / 86400), (4, 4.0)],
)
def test_times(time, days):
    assert events.days(time) == pytest.approx(days)


@pytest.mark.parametrize("time", ["soon", "3", "2 fortnights", True, None])
def test_what_is_no_time(time):
    with pytest.raises(RunError, match="is not a time"):
        events.days(time)


def test_spans_in_words():
    assert events.Event("injury", "cuff", 2.0, 16.0).label == "injury: cuff, day 2 to 16"
    assert events.Event("treatment", "ketamine", 0.5, 2.0).span == "12 h to day 2"
    assert events.Event("knock-out", "without kinase", 0.0).span == "from day 0"
