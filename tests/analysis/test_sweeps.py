"""Sweeps as analysis sees them: which figure a design gets, the interval of paired differences."""

import math

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.analysis import style
from dorsalhorn.analysis.intervals import interval
from dorsalhorn.analysis.measures import Fate, Outcome, fate
from dorsalhorn.analysis.runs import RunError
from dorsalhorn.analysis.sweep_figures import is_ordered, sweep_figure, view
from dorsalhorn.analysis.sweep_folder import ARM, open_sweep

LASTS, STRENGTH, BIOLOGY = "lasts", "strength", "biology"
DURATIONS = ["12 h", "4 d", "2 weeks"]


def texts(figure):
    """Everything written in the panels of a figure."""
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_two_axes_make_a_map_with_a_value_in_every_cell(make_sweep):
    sweep = make_sweep([LASTS, STRENGTH, BIOLOGY])
    figure = sweep_figure(sweep, "threshold_end_ratio")
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["article", "literature"]
    first = figure.axes[0]
    assert [label.get_text() for label in first.get_xticklabels()] == DURATIONS
    assert (first.get_xlabel(), first.get_ylabel()) == (LASTS, STRENGTH)
    assert texts(figure) == ["0.2"] * 12


def test_a_map_of_a_word_shows_the_commonest_and_how_many_agree(make_sweep):
    figure = sweep_figure(make_sweep([LASTS, STRENGTH]), "fate")
    assert texts(figure) == ["heals\n2/3"] * 4 + ["stays\n3/3"] * 2
    sure, unsure = figure.axes[0].patches[4], figure.axes[0].patches[0]
    assert style.blend(style.fate_colour("stays"), 1.0) == style.fate_colour("stays")
    assert sum(unsure.get_facecolor()[:3]) > sum(sure.get_facecolor()[:3])


def test_of_two_words_as_common_a_map_shows_the_worse_as_the_page_does(make_sweep):
    figure = sweep_figure(make_sweep([LASTS, STRENGTH], seeds=(2, 3)), "fate")
    assert texts(figure) == ["stays\n1/2"] * 4 + ["stays\n2/2"] * 2


def test_one_axis_makes_lines_with_bands_and_an_arm_each(make_sweep):
    figure = sweep_figure(make_sweep([LASTS], ["untreated", "treated"]), "threshold_end_ratio")
    (ax,) = figure.axes
    lines = [line for line in ax.lines if len(line.get_xdata()) == 3]
    assert [list(line.get_ydata()) for line in lines] == [pytest.approx([0.2] * 3), pytest.approx([0.4] * 3)]
    assert len(ax.collections) == 2
    assert texts(figure) == ["untreated", "treated"]


def test_arms_make_dots_with_the_difference_to_the_reference(make_sweep):
    sweep = make_sweep([], ["untreated", "treated"], reference="untreated")
    assert texts(sweep_figure(sweep, "threshold_end_ratio")) == ["0.2 (reference)", "0.4  +0.2 [0.2 to 0.2]"]
    bars = sweep_figure(sweep, "fate").axes[0].patches
    assert [bar.get_width() for bar in bars] == pytest.approx([2 / 3, 1 / 3, 2 / 3, 1 / 3])


def test_a_sweep_of_seeds_alone_has_a_figure(make_sweep):
    assert texts(sweep_figure(make_sweep(), "threshold_end_ratio")) == ["0.2"]


def test_names_are_not_laid_out_like_numbers(make_sweep):
    shown = view(make_sweep([BIOLOGY, LASTS], ["a"]), "fate")
    assert (shown.ordered, shown.named) == ((LASTS,), (BIOLOGY, ARM))
    assert not is_ordered(["2 d", "1 d", "3 d"])


def test_the_interval_holds_the_mean_and_needs_three_pairs():
    rng = np.random.default_rng(3)
    pairs = 1.0 + 0.5 * rng.standard_normal(40)
    mean, low, high = interval(pairs)
    error = float(pairs.std()) / math.sqrt(len(pairs))
    assert mean - 2.5 * error < low < mean - 1.5 * error
    assert mean + 1.5 * error < high < mean + 2.5 * error
    assert interval(pairs) == (mean, low, high)
    assert all(math.isnan(bound) for bound in interval(np.array([1.0, 2.0]))[1:])
    assert interval(np.array([0.5, 0.5, 0.5])) == (0.5, 0.5, 0.5)
    assert all(math.isnan(figure) for figure in interval(np.array([])))


@pytest.mark.parametrize(
    ("outcome", "challenged", "became"),
    [
        (Outcome.RECOVERED, [2.0, 3.0], Fate.LATENT),
        (Outcome.RECOVERED, [13.0, 9.0], Fate.HEALS),
        (Outcome.RECOVERED, [], Fate.HEALS),
        (Outcome.UNAFFECTED, [2.0], Fate.LATENT),
        (Outcome.PARTLY, [2.0], Fate.PARTLY),
        (Outcome.STAYS, [2.0], Fate.STAYS),
        (Outcome.UNMEASURED, [], Fate.UNMEASURED),
    ],
)
def test_a_challenge_unmasks_only_what_seemed_healed(outcome, challenged, became):
    assert fate(outcome, pd.Series(challenged, dtype=float), 14.0) is became


def test_what_is_no_sweep_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"not a sweep folder: it has no sweep\.json and no sweep\.toml"):
        open_sweep(tmp_path)
