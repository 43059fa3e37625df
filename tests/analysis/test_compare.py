"""Runs side by side: numbers, differences, spans, errors."""

from __future__ import annotations

import pandas as pd
import pytest

from dorsalhorn.analysis import RunError, compare_runs


def test_table_has_values_differences_and_ratios(make_run):
    c = compare_runs([make_run("stays", noise=0.0), make_run("heals", "heals", noise=0.0)])
    assert c.names == ("stays", "heals")
    end = c.table.loc["threshold_end"]
    assert end["unit"] == "g"
    assert end["stays"] == pytest.approx(2.0, rel=1e-3)
    assert end["heals"] == pytest.approx(13.0, rel=1e-2)
    assert end["heals difference"] == pytest.approx(end["heals"] - end["stays"])
    assert end["heals ratio"] == pytest.approx(end["heals"] / end["stays"])
    assert c.table.loc["end.chloride_reversal_mv", "unit"] == "mV"
    assert c.table.loc["end.microglia_activation", "stays"] == pytest.approx(0.62, rel=1e-3)
    assert c.outcomes == {"stays": "stays", "heals": "recovered"}


def test_what_differs_is_told_by_its_path(make_run):
    c = compare_runs([make_run("long", stop_d=16.0), make_run("short", stop_d=6.0, title="Another title")])
    assert list(c.differences.index) == ["stimulus.0.stop"]
    assert c.differences.loc["stimulus.0.stop"].tolist() == ["16 d", "6 d"]
    assert "Differs: stimulus.0.stop: 16 d, 6 d" in c.lines()


def test_a_key_that_only_one_has(make_run):
    tables = {"knockout": [{"mechanism": "peroxynitrite", "start": "0 d"}]}
    c = compare_runs([make_run("with"), make_run("without", tables=tables)])
    assert c.differences.loc["knockout.0.mechanism"].tolist() == ["not set", "peroxynitrite"]


def test_files_are_written_and_read_back(make_run, tmp_path):
    c = compare_runs([make_run("a"), make_run("b", "heals")], tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "comparison.csv",
        "comparison.parquet",
        "comparison.png",
    ]
    pd.testing.assert_frame_equal(pd.read_parquet(c.paths["parquet"]), c.table)
    csv = pd.read_csv(c.paths["csv"], index_col="measure")
    assert csv.loc["threshold_end", "b"] == pytest.approx(c.table.loc["threshold_end", "b"])
    assert c.paths["png"].read_bytes()[:4] == b"\x89PNG"


def test_nothing_is_written_unless_asked(make_run, tmp_path):
    folders = [make_run("a"), make_run("b")]
    before = sorted(tmp_path.rglob("*"))
    c = compare_runs(folders)
    assert c.paths == {}
    assert c.lines()[0] == "The scenarios are the same."
    assert sorted(tmp_path.rglob("*")) == before


def test_different_lengths_are_compared_over_the_common_span(make_run):
    c = compare_runs(
        [make_run("long", noise=0.0), make_run("short", duration_d=20.0, noise=0.0, status="interrupted")]
    )
    assert c.notes == (
        "Compared over the common span, day 0 to day 20; longer: long (day 84).",
        "short is not complete (interrupted).",
    )
    assert c.table.loc["time_below_half", "long"] < 20.0
    assert c.table.loc["threshold_end", "short ratio"] == pytest.approx(1.0, rel=1e-6)
    assert c.figure.axes[0].get_xlim() == (0.0, 20.0)


def test_overlay_names_every_run_and_shows_three_states(make_run):
    c = compare_runs([make_run("one"), make_run("two", "heals"), make_run("three", "sham")])
    threshold, output, *states = c.figure.axes
    assert len(states) == 3
    named = [t.get_text().split(",")[0] for t in threshold.texts if "%" in t.get_text()]
    assert sorted(named) == ["one", "three", "two"]
    assert {t.get_text() for t in output.texts} == {"one", "two", "three"}


def test_same_names_are_told_apart_by_their_parents(make_run):
    c = compare_runs([make_run("x/run"), make_run("y/run")])
    assert c.names == ("x/run", "y/run")


def test_fewer_than_two_runs(make_run):
    folder = make_run()
    for paths in ([], [folder], str(folder)):
        with pytest.raises(RunError, match="needs at least two run folders"):
            compare_runs(paths)


def test_the_same_folder_twice(make_run):
    folder = make_run()
    with pytest.raises(RunError, match=r"is the same run folder as .*cannot be compared with itself"):
        compare_runs([folder, folder / ".." / folder.name])


def test_a_folder_that_is_no_run(make_run, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match="empty is not a run folder"):
        compare_runs([make_run(), tmp_path / "empty"])


def test_no_common_span(make_run):
    with pytest.raises(RunError, match="share no span of time"):
        compare_runs([make_run("a"), make_run("b", duration_d=0.0)])


def test_out_that_cannot_be_written(make_run, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(RunError, match="cannot be written to"):
        compare_runs([make_run("a"), make_run("b")], tmp_path / "taken")
