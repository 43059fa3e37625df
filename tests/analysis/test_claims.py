"""Claims as analysis sees them: measures of made-up arms, verdicts, and the figure."""

import math

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from dorsalhorn.analysis import style
from dorsalhorn.analysis.claim_figure import FURTHEST, claims_figure, counted
from dorsalhorn.analysis.claim_measures import MEASURES, Arms
from dorsalhorn.analysis.claim_verdicts import Verdict, judge, position
from dorsalhorn.analysis.measures import OUTPUT, THRESHOLD

START_D, ENDS_D, LAST_D = 2.0, 16.0, 84
NAIVE_G = 10.0


def run(before=1.0, during=0.1, end=1.0, **columns):
    """Thresholds (shares of naive) before the injury, during the drive, and after it; others as given.

    A column is one number, or three: before the injury, during the drive, and after it.
    """
    frame = pd.DataFrame(index=pd.Index([0.5 * k for k in range(2 * LAST_D + 1)], name="time_d"))
    given = {THRESHOLD: (before * NAIVE_G, during * NAIVE_G, end * NAIVE_G), OUTPUT: (0.0, 5.0, 5.0)}
    for name, values in (given | columns).items():
        first, second, third = values if isinstance(values, tuple) else (values,) * 3
        frame[name] = float(third)
        frame.loc[: ENDS_D - 0.25, name] = float(second)
        frame.loc[:START_D, name] = float(first)
    return frame


def take(name, *runs, column=""):
    return MEASURES[name].take(Arms(runs, START_D, ENDS_D, column))


def test_a_threshold_is_a_share_of_the_first_arms_naive_one():
    assert take("threshold_end", run(end=0.3)) == pytest.approx(0.3)
    assert take("threshold_end", run(end=0.3), run(before=0.5, end=0.8)) == pytest.approx(0.8)
    assert take("threshold_lowest", run(during=0.2)) == pytest.approx(0.2)
    assert take("threshold_before", run(), run(before=0.25)) == pytest.approx(0.25)
    assert take("threshold_change", run(end=0.4), run(end=0.1)) == pytest.approx(-0.3)


def test_the_best_arm_is_no_reference():
    assert take("threshold_best", run(end=0.95), run(end=0.2), run(end=0.6), run(end=0.1)) == pytest.approx(
        0.6
    )


@pytest.mark.parametrize(("without", "share"), [(1.0, 1.0), (0.6, 0.5), (0.2, 0.0), (0.1, -0.125)])
def test_what_a_knockout_prevents_is_a_share_of_the_fall(without, share):
    assert take("prevented", run(end=0.2), run(end=without)) == pytest.approx(share)


def test_growth_is_from_the_drives_end_to_the_runs_end_beyond_the_shams():
    ill, sham = run(), run(spontaneous_hz=0.0)
    ill.loc[LAST_D - 14 :, OUTPUT] = 9.0
    sham.loc[LAST_D - 14 :, OUTPUT] = 1.0
    assert take("growth", sham, ill) == pytest.approx(3.0)
    assert take("growth", sham, run(spontaneous_hz=(0.0, 50.0, 5.0))) == pytest.approx(-1.0)
    assert math.isnan(take("growth", sham.loc[:ENDS_D], ill.loc[:ENDS_D]))


def test_readouts_are_compared_with_the_first_arm_or_with_their_own_naive_value():
    calm, ill = run(tnf=1.0), run(tnf=(1.0, 8.0, 3.0))
    low = run(tnf=(1.0, 0.2, 0.5))
    assert take("end_ratio", calm, ill, column="tnf") == pytest.approx(3.0)
    assert take("highest_ratio", calm, ill, column="tnf") == pytest.approx(8.0)
    assert take("lowest_ratio", calm, low, column="tnf") == pytest.approx(0.2)
    assert take("end_change", calm, low, column="tnf") == pytest.approx(-0.5)
    assert take("end_difference", ill, low, column="tnf") == pytest.approx(-2.5)
    assert take("naive_value", ill, column="tnf") == 1.0
    assert math.isnan(take("end_ratio", run(tnf=0.0), ill, column="tnf"))


def test_an_answer_is_what_a_stimulus_adds_to_what_is_fired_anyway():
    loud = run(spontaneous_hz=(1.0, 60.0, 50.0), brush_hz=(1.0, 60.0, 52.0), pinch_hz=(20.0, 70.0, 55.0))
    assert take("answer_change", loud, column="brush_hz") == pytest.approx(2.0)
    assert take("answer_change", loud, column="pinch_hz") == pytest.approx(-14.0)
    assert take("touch_share", loud) == pytest.approx(0.05)


def test_a_claim_is_supported_if_the_whole_interval_lies_where_it_must():
    clear = judge([0.6, 0.7, 0.8], low=0.5)
    assert (clear.verdict, clear.straddles) == (Verdict.SUPPORTED, False)
    wide = judge([0.1, 0.9, 0.95, 0.9], low=0.5)
    assert wide.value > 0.5
    assert (wide.verdict, wide.straddles) == (Verdict.NOT_SUPPORTED, True)
    off = judge([0.1, 0.2, 0.3], low=0.5)
    assert (off.verdict, off.straddles) == (Verdict.NOT_SUPPORTED, False)
    assert judge([0.1, 0.2, 0.3], high=0.5).verdict is Verdict.SUPPORTED
    assert judge([0.4, 0.5, 0.6], 0.3, 0.5).straddles


def test_under_three_seeds_every_one_must_lie_there():
    assert judge([0.6, 0.9], low=0.5).verdict is Verdict.SUPPORTED
    split = judge([0.4, 0.9], low=0.5)
    assert (split.verdict, split.straddles, split.low, split.high) == (Verdict.NOT_SUPPORTED, True, 0.4, 0.9)
    assert judge([0.5], low=0.5).verdict is Verdict.SUPPORTED


def test_what_could_not_be_measured_supports_nothing():
    nothing = judge([math.nan, math.nan], low=-math.inf)
    assert (nothing.verdict, nothing.count, nothing.straddles) == (Verdict.NOT_SUPPORTED, 0, False)
    assert judge([math.nan, 0.6, 0.7], low=0.5).count == 2


def test_a_place_is_minus_one_where_the_value_stands_against_and_zero_at_the_edge():
    assert position(0.5, -math.inf, 0.5, 1.0) == 0.0
    assert position(1.0, -math.inf, 0.5, 1.0) == -1.0
    assert position(0.9, 0.85, math.inf, 0.5) == pytest.approx(1 / 7)
    assert position(0.55, 0.4, 0.6, 1.0) == pytest.approx(0.125)


def rows(claim, *found):
    """Rows of the table: verdict, value and interval for each preset."""
    shared = {"claim": claim, "group": "g", "says": claim, "low": 0.5, "high": math.inf, "against": 0.0}
    return [
        shared
        | {"biology": biology, "verdict": str(verdict), "n": n, "straddles": straddles}
        | {"value": value, "ci_low": value - 0.1, "ci_high": value + 0.1}
        for biology, (verdict, n, value, straddles) in zip(("article", "literature"), found, strict=True)
    ]


def test_the_figure_shows_each_verdict():
    yes, no, none = Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.NOT_REPRESENTED
    table = pd.DataFrame(
        rows("one", (yes, 3, 0.75, False), (no, 3, 0.45, True))
        + rows("two", (no, 0, math.nan, False), (none, 0, math.nan, False))
        + rows("three", (yes, 3, 9.0, False), (no, 3, -9.0, False))
    )
    assert counted(table) == "article: 2 of 3 supported; literature: 0 of 2 supported"
    figure = claims_figure(table)
    (ax,) = figure.axes
    words = [text.get_text() for text in ax.texts]
    for word in ("one", "supported", "straddles", "nothing to test", "not represented", "not supported"):
        assert word in words
    signs = {line.get_marker(): line for line in ax.lines if line.get_marker() in ("o", "<", ">")}
    assert set(signs) == {"o", "<", ">"}
    assert signs[">"].get_xdata()[0] == -signs["<"].get_xdata()[0] == FURTHEST
    assert to_hex(signs["<"].get_markerfacecolor()) == style.PAPER
    assert to_hex(signs[">"].get_markerfacecolor()) != style.PAPER
