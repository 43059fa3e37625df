"""Acute runs: responses counted right and told right."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dorsalhorn.analysis import open_run, run_figure, save_run_figure, summarise
from dorsalhorn.analysis.responses import Responses

from .acute_folder import PINCHED, answers, pinch


# ------------------------------------------------------------------ counting
def test_the_histogram_is_in_hertz_per_neuron(make_acute):
    r = Responses(open_run(make_acute(growing=False)))
    (train,) = r.trains
    edges = r.edges_ms([train])
    hz = r.histogram(r.neurons("projection"), train.pulses_ms, edges)
    assert edges[[0, -1]].tolist() == [0.0, 800.0]
    assert (hz * np.diff(edges) * 1e-3).sum() == pytest.approx(1.0)
    assert edges[:-1][hz > 0] == pytest.approx([120.0])
    assert r.histogram(r.neurons("excitatory"), train.pulses_ms, edges).sum() == 0.0


def test_only_the_stimulated_part_is_counted(make_acute):
    r = Responses(open_run(make_acute()))
    assert r.neurons("projection").tolist() == [1, 2, 5, 6]
    assert r.neurons("projection", deep=False).tolist() == [1, 2]
    assert r.neurons("projection", deep=True).tolist() == [5, 6]


def test_a_histogram_ends_before_the_next_pulse(make_acute):
    r = Responses(open_run(make_acute(trains={"c_volley": [1000.0, 1500.0, 2000.0]})))
    assert r.edges_ms(r.slow)[-1] <= 500.0


def test_bursts_are_no_train_of_single_responses(make_acute):
    trains = {"c_volley": [1000.0, 3000.0], "high_frequency_burst": [5000.0, 5010.0, 5020.0]}
    r = Responses(open_run(make_acute(trains=trains)))
    assert [t.kind for t in r.trains] == ["c_volley", "high_frequency_burst"]
    assert [t.kind for t in r.slow] == ["c_volley"]


def test_a_response_that_the_end_cuts_off_is_left_out(make_acute):
    r = Responses(open_run(make_acute(duration_s=8.2)))
    assert r.trains[0].pulses_ms.tolist() == [5000.0, 6000.0, 7000.0]


def test_spans_before_during_and_after(make_acute):
    r = Responses(open_run(make_acute(**PINCHED)))
    assert [s.name for s in r.spans] == ["before", "pinch", "after"]
    rates = [r.rate(r.neurons("projection"), span) for span in r.spans]
    assert rates == pytest.approx([0.0, 2.5, 0.0])


def test_two_stimuli_of_one_kind_are_told_apart(make_acute):
    stimuli = [pinch(2, 4, "innocuous_brush"), pinch(10, 12, "innocuous_brush")]
    r = Responses(open_run(make_acute(**PINCHED | {"stimuli": stimuli})))
    assert [s.name for s in r.spans] == ["before", "innocuous brush, 2 s", "innocuous brush, 10 s", "after"]


# ------------------------------------------------------------------ words
def test_growth_is_told_with_first_last_and_ratio(make_acute):
    text = " ".join(summarise(make_acute()))
    assert "Done to the slice, over 20 s: c volley, 5 s to 9 s." in text
    assert (
        "projection neurons answer the first pulse with 1.0 spikes each and the last (number 4) with 4.0"
        in text
    )
    assert "4.0 times as many" in text
    assert "excitatory neurons, 0 and 0" in text
    assert "8 of 8 projection" in text
    assert "not medical advice" in text
    assert "threshold" not in text


def test_what_was_given_stands_with_its_evidence(make_acute):
    folder = make_acute()
    about = json.loads((folder / "run.json").read_text())
    about["treatments"] = [{"name": "mk_801", "grade": "moderate", "evidence": "moderate (animal)"}]
    (folder / "run.json").write_text(json.dumps(about))
    *_, given, _, caution = summarise(folder)
    assert given == ("Given: mk 801. Evidence that it relieves chronic pain in this way: moderate (animal).")
    assert "not medical advice" in caution


def test_firing_that_outlasts_the_volley_is_told_apart(make_acute):
    """Growth by spikes between the volleys is not growth of the answer to the volley."""
    late = [(6400.5 + k, n) for k in range(10) for n in (1, 2, 5, 6)]
    pulses = [5000.0, 6000.0]
    folder = make_acute(trains={"c_volley": pulses}, spikes=[*answers(pulses, False), *late])
    text = " ".join(summarise(folder))
    assert (
        "with 1.0 spikes each and the last (number 2) with 11: 11 times as many (1.0 and 1.0 of them" in text
    )
    curve = run_figure(open_run(folder)).axes[2]
    direct = next(line for line in curve.lines if line.get_gid() == "direct")
    assert direct.get_ydata().tolist() == [1.0, 1.0]


def test_no_growth_is_no_change(make_acute):
    assert "with 1.0: no change" in " ".join(summarise(make_acute(growing=False)))


def test_a_pinch_is_told_in_hertz(make_acute):
    text = " ".join(summarise(make_acute(**PINCHED)))
    assert "Projection neurons fire at 0 Hz (before), 2.5 Hz (pinch) and 0 Hz (after)." in text


def test_two_trains_are_compared_within_their_scatter(make_acute):
    same = {"c_volley": [1000.0, 2000.0, 3000.0], "c_volley#2": [9000.0, 10000.0, 11000.0]}
    flat, growing = make_acute("flat", trains=same, growing=False), make_acute("grows", trains=same)
    assert "in the first train, 1.0: no change" in " ".join(summarise(flat))
    assert "a difference within the scatter of the pulses" in " ".join(summarise(growing))


def test_a_run_without_stimuli_has_words_and_a_figure(make_acute):
    folder = make_acute(trains={}, stimuli=[], spikes=[(100.0, 1)])
    assert "Done to the slice, over 20 s: nothing." in summarise(folder)[0]
    assert "(the whole run)" in " ".join(summarise(folder))
    assert save_run_figure(folder).is_file()


def test_a_silent_run_has_words_and_a_figure(make_acute):
    folder = make_acute(spikes=[])
    assert "Spikes kept: 0" in " ".join(summarise(folder))
    assert save_run_figure(folder).is_file()


def test_a_run_stopped_before_its_first_epoch_has_words_and_a_figure(make_acute):
    folder = make_acute(trains={}, stimuli=[pinch(5, 10)], spikes=[], duration_s=0.0, status="interrupted")
    assert "The run was interrupted" in summarise(folder)[0]
    assert save_run_figure(folder).is_file()
