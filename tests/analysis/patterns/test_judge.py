"""The judge: median and share of the seeds, all criteria of a pattern, ranks, the veto; the picture."""

import math

import pytest

from dorsalhorn.analysis.patterns.figure import FURTHEST, place, score_figure
from dorsalhorn.analysis.patterns.judge import judge, score
from dorsalhorn.analysis.patterns.page import page
from dorsalhorn.analysis.patterns.scorecard import lines, table
from dorsalhorn.analysis.patterns.words import words
from dorsalhorn.scenarios.patterns import read_patterns

CRITERIA = {
    "size": {"low": 1, "high": 2, "unit": "1", "doc": "d"},
    "speed": {"high": 5, "unit": "Hz", "doc": "d"},
}
ENTRY = {
    "title": "A <title>",
    "rank": "B",
    "evidence": "strong",
    "numbers": "found",
    "experiment": "e",
    "run": "r",
    "sources": ["jahr1990"],
    "criteria": CRITERIA,
}
INF = math.inf


def verdict(sizes, speed=0.0, **changed):
    pattern = read_patterns({changed.pop("id", "P00"): ENTRY | changed})
    (only,) = pattern.values()
    return judge(only, "literature", {k: {"size": s, "speed": speed} for k, s in enumerate(sizes, 1)})


@pytest.mark.parametrize(
    ("sizes", "passed"),
    [
        ([1.5] * 10, True),
        ([1.5] * 7 + [9.0] * 3, True),
        ([1.5] * 6 + [9.0] * 4, False),
        ([9.0] * 6 + [1.5] * 4, False),
        ([1.5] * 7 + [math.nan] * 3, True),
        ([1.5] * 6 + [math.nan] * 4, False),
        ([math.nan] * 3, False),
    ],
)
def test_the_median_and_seven_of_ten_seeds_must_lie_in_the_band(sizes, passed):
    assert verdict(sizes).passed is passed


def test_a_pattern_may_ask_for_more_of_the_seeds():
    sizes = [1.5] * 9 + [3.0]
    assert verdict(sizes).passed
    assert not verdict(sizes, share=0.95).passed


def test_one_failed_criterion_fails_the_pattern():
    found = verdict([1.5, 1.6], speed=6.0)
    assert [judged.passed for judged in found.criteria] == [True, False]
    assert not found.passed


def test_the_score_counts_ranks_and_a_failed_veto_voids_it():
    won, lost = verdict([1.5], rank="A", id="P01"), verdict([9.0], rank="C", id="P02")
    assert str(score([won, lost])) == "1 of 2 patterns passed, score 3 of 4 (75 %)"
    guard = verdict([9.0], rank="A", id="P30", veto=True)
    assert score([won, guard]).void == ("P30",)
    assert "void, for P30 failed" in str(score([won, guard]))


def test_a_protocol_that_returns_other_criteria_is_a_fault():
    (pattern,) = read_patterns({"P00": ENTRY}).values()
    with pytest.raises(ValueError, match=r"protocol of P00 returns \['sise'\]"):
        judge(pattern, "literature", {1: {"sise": 1.0}})


@pytest.mark.parametrize("low", [1.0, -INF])
@pytest.mark.parametrize("high", [2.0, INF])
@pytest.mark.parametrize("value", [-90.0, 0.0, 0.999, 1.0, 1.4, 2.0, 2.001, 90.0])
def test_the_strip_holds_exactly_what_the_band_holds(value, low, high):
    if low == -INF and high == INF:
        return
    assert (-1.0 <= place(value, low, high) <= 1.0) == (low <= value <= high)


def test_what_was_not_measured_stands_outside_the_strip():
    assert place(math.nan, 1.0, 2.0) == FURTHEST


def test_table_terminal_page_and_picture_say_the_same():
    verdicts = [verdict([1.5, 1.6, 9.0], id="P01"), verdict([1.5] * 3, id="P02")]
    frame = table(verdicts)
    assert frame.verdict.tolist() == ["FAIL", "pass", "pass", "pass"]
    assert frame.loc[0, ["seed_1", "seed_2", "seed_3"]].tolist() == [1.5, 1.6, 9.0]
    assert frame.loc[0, "median"] == 1.6
    assert "Jahr" in frame.loc[0, "source"]
    said = lines(verdicts)
    assert said[0].startswith("FAIL  P01")
    assert "band 1 to 2, 67 % of seeds" in said[1]
    html = page(verdicts, b"picture")
    assert "A &lt;title&gt;" in html
    assert html.count('class="FAIL"') == 2
    marks = {line.get_marker() for line in score_figure(verdicts).axes[0].lines}
    assert {"o", "X"} <= marks


@pytest.mark.parametrize("write", [lambda found: words(found, "Made."), lambda found: page(found, b"")])
def test_why_it_fails_is_said_of_what_failed_and_of_nothing_else(write):
    reason = "Touch does not reach it."
    failed, passed, silent = (
        verdict([9.0], id="P01", shortfall=reason),
        verdict([1.5], id="P02", shortfall=reason),
        verdict([9.0], id="P03"),
    )
    assert write([failed, passed, silent]).count(reason) == 1
    assert reason not in write([passed, silent])
