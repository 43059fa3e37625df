"""Sentences hold the right numbers and the right verdict."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from dorsalhorn.analysis import RunError, summarise


def test_a_run_that_stays_sick(make_run):
    told = summarise(make_run(noise=0.0))
    assert 5 <= len(told) <= 8
    text = " ".join(told)
    assert "over 12 weeks: cuff, day 2 to 16." in text
    assert "0.12 Hz before, up to 2.4 Hz, 0.12 Hz at the end: back at its naive level" in text
    assert "13 g before, 2.0 g at its lowest, 2.0 g over the last 6 weeks, which is 15 % of naive." in text
    assert "The cause is gone on day 16; the withdrawal threshold stays at 15 % of naive." in text
    assert "In the last 6 weeks, every reading lay at or below half of naive." in text
    assert "unprovoked, 0.4 Hz before and 3.1 Hz at the end" in text


def test_good_days_are_not_hidden_by_the_median(make_run, write_table):
    folder = make_run(noise=0.0)
    frame = pd.read_parquet(folder / "timeseries.parquet")
    frame.loc[frame["time_d"] > 70.0, "withdrawal_threshold_g"] = 12.0
    write_table(frame, {}, folder / "timeseries.parquet")
    text = " ".join(summarise(folder))
    assert "stays at 15 % of naive, though not throughout." in text
    assert "67 % of the readings lay at or below half of naive" in text


def test_what_stayed_changed_comes_with_its_change(make_run):
    (line,) = (s for s in summarise(make_run(noise=0.0)) if s.startswith("Still changed"))
    assert "microglial activation, 4 % to 62 % (16 times naive)" in line
    assert "NMDA receptors nitrated, 1 % to 34 % (34 times naive)" in line
    assert line.endswith("and 5 more.")


def test_a_run_that_heals(make_run):
    text = " ".join(summarise(make_run(course="heals", noise=0.0)))
    assert "the withdrawal threshold is back from day" in text
    assert "(100 % of naive)" in text
    assert "every state of the cascade ends near its naive value" in text


def test_a_run_that_comes_back_in_part(make_run):
    assert "comes back only to" in " ".join(summarise(make_run(course="partly", noise=0.0)))


def test_a_persistent_drive_is_no_proof(make_run):
    text = " ".join(summarise(make_run(stop_d=None, drive_stops=False)))
    assert "still raised" in text
    assert "The injury still drives the slice at the end" in text
    assert "The cause is gone" not in text


def test_sham(make_run):
    text = " ".join(summarise(make_run(course="sham", kind="sham", noise=0.0)))
    assert "nothing was added to it" in text
    assert "Without an injury, the withdrawal threshold ends at 100 % of naive." in text


def test_records_that_end_before_the_injury_claim_nothing(make_run):
    text = " ".join(summarise(make_run(status="interrupted", duration_d=1.5)))
    assert "The run was interrupted" in text
    assert "The records end before the cause does" in text
    assert "it did not rise" in text


def test_preset_and_caution(make_run):
    article, literature = (
        " ".join(summarise(make_run(name, biology=name))) for name in ("article", "literature")
    )
    assert "Where the article says more than the literature bears, this run follows the article" in article
    assert "Preset: literature." in literature
    for text in (article, literature):
        assert "spikes of projection neurons, what the brain would receive; it is not pain" in text
        assert "not medical advice" in text


def test_treatments_are_told(make_run):
    tables = {"treatment": [{"name": "gabapentin", "start": "30 d", "stop": "37 d"}]}
    assert "; gabapentin, day 30 to 37." in summarise(make_run(tables=tables))[0]


def test_the_evidence_stands_beside_the_result(make_run):
    folder = make_run(noise=0.0)
    about = json.loads((folder / "run.json").read_text())
    course = {"name": "gabapentin", "start_d": 30.0, "stop_d": 37.0, "grade": "strong"}
    about["treatments"] = [
        course | {"evidence": "strong (human), mixed mechanism", "follows": "literature"},
        course | {"name": "movement", "stop_d": None, "evidence": "a claim", "follows": "article"},
        course | {"start_d": 90.0, "stop_d": 95.0},
    ]
    (folder / "run.json").write_text(json.dumps(about))
    first, second, late = (line for line in summarise(folder) if line.startswith("Given: "))
    assert first == (
        "Given: gabapentin, day 30 to 37: withdrawal threshold 2.0 g in the week before, "
        "2.0 g in the later half of the course, 2.0 g in the week after. "
        "Evidence that it relieves chronic pain in this way: strong (human), mixed mechanism."
    )
    assert "movement, from day 30, the article's account of it: " in second
    assert "week after" not in second
    assert second.endswith("in this way: strong (a claim).")
    assert "not read" in late or "in the week before" in late


def test_sentences_survive_a_plain_terminal(make_run):
    tables = {"clamp": [{"target": "tnf", "factor": 0.5, "start": "0 d"}]}
    "\n".join(summarise(make_run(tables=tables))).encode("ascii")


def test_not_a_run(tmp_path):
    with pytest.raises(RunError, match="is not a run folder"):
        summarise(tmp_path)
