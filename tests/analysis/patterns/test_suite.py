"""The suite: which trials run, what is kept and taken up again, what is written, and the command."""

import json

import pandas as pd
import pytest

from dorsalhorn.analysis.patterns import PROTOCOLS, suite
from dorsalhorn.analysis.patterns.protocol import protocol
from dorsalhorn.analysis.patterns.suite import FINISHED, MARK, OURS, validate
from dorsalhorn.scenarios import cli
from dorsalhorn.scenarios.errors import FolderError, InputError, ScenarioError
from dorsalhorn.scenarios.patterns import patterns


@pytest.fixture
def ran(monkeypatch):
    """Protocols that run nothing: every value is the middle of its band."""
    seen = []

    def made_up(trial):
        seen.append((trial.pattern.id, trial.biology, trial.seed))
        return {
            name: max(min(c.high, c.low + 1e-9), c.low) if c.low > -1e300 else c.high
            for name, c in trial.pattern.criteria.items()
        }

    monkeypatch.setattr(suite, "measure", made_up)
    return seen


def test_every_pattern_has_a_protocol_and_every_protocol_a_pattern():
    assert set(PROTOCOLS) == set(patterns())


def test_a_pattern_cannot_have_two_protocols():
    with pytest.raises(ValueError, match="P01 has two protocols"):
        protocol("P01")(lambda slice: {})


def test_all_patterns_run_over_all_seeds_under_their_own_biology(ran, tmp_path):
    found = validate(tmp_path / "out", seeds=2)
    assert ran == [(p.id, p.biology, seed) for p in patterns().values() for seed in (1, 2)]
    assert all(v.passed for v in found.verdicts)
    assert {f.name for f in (tmp_path / "out").iterdir()} == set(OURS)
    frame = pd.read_parquet(tmp_path / "out" / "scorecard.parquet")
    assert len(frame) == sum(len(p.criteria) for p in patterns().values())
    assert {"seed_1", "seed_2", "median", "p10", "p90", "source"} <= set(frame)
    assert json.loads((tmp_path / "out" / MARK).read_text())["status"] == "complete"


def test_another_biology_may_be_asked_for(ran, tmp_path):
    validate(tmp_path, only=["P03"], biology="article")
    assert ran == [("P03", "article", 1)]


def test_what_is_finished_is_not_run_again(ran, tmp_path):
    validate(tmp_path, only=["P01", "P02"], seeds=2)
    with (tmp_path / FINISHED).open("a") as file:
        file.write('{"trial": "P03, literature, seed 1", "made')  # cut short by a crash
    del ran[:]
    validate(tmp_path, only=["P01", "P02", "P03"], seeds=2, resume=True)
    assert ran == [("P03", "literature", 1), ("P03", "literature", 2)]
    del ran[:]
    validate(tmp_path, only=["P03"], seeds=2, resume=True, sets=["slice.scale=0.03"])
    assert len(ran) == 2, "with other changes nothing of it holds"
    del ran[:]
    validate(tmp_path, only=["P03"], seeds=1)
    assert len(ran) == 1, "without --resume all is run again"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"only": ["P1"]}, "did you mean P01"),
        ({"biology": "textbook"}, "give literature or article"),
        ({"seeds": 0}, "--seeds 0: give 1 or more"),
        ({"workers": 0}, "--workers 0: give 1 or more"),
    ],
)
def test_what_cannot_be_asked_for_runs_nothing(ran, tmp_path, asked, said):
    with pytest.raises(InputError, match=said):
        validate(tmp_path / "out", **asked)
    assert ran == []
    assert not (tmp_path / "out").exists()


def test_a_wrong_change_runs_nothing(ran, tmp_path):
    with pytest.raises(ScenarioError, match=r"slice\.scale"):
        validate(tmp_path / "out", sets=["slice.scale=7"])
    assert ran == []


def test_a_folder_of_others_is_left_alone(ran, tmp_path):
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(FolderError, match="left alone"):
        validate(tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.usefixtures("ran")
def test_a_failed_pattern_is_a_result_and_no_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(suite, "measure", lambda trial: dict.fromkeys(trial.pattern.criteria, 1e9))
    assert cli.main(["validate", "--only", "P02", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "FAIL  P02" in out
    assert "0 of 1 patterns passed, score 0 of 1 (0 %)." in out
    assert str(tmp_path / "scorecard.html") in out
    words = (tmp_path / "scorecard.md").read_text()
    assert (
        "| P02 | Most of the unblock is fast | C | literature | 1 | FAIL | fast share 1e+09, band 0.5 to 1,"
        in words
    )
    assert "0 of 1 seeds" in words
    assert "`dorsalhorn validate --seeds 1`" in words


def test_what_was_fitted_to_a_pattern_stands_beside_its_verdict(ran, tmp_path):
    validate(tmp_path, only=["P02", "P13"])
    rows = (tmp_path / "scorecard.md").read_text().splitlines()
    assert "nk1.unitary" in next(row for row in rows if row.startswith("| P13 |"))
    page = (tmp_path / "scorecard.html").read_text()
    assert "<b>Fitted to it:</b>" in page[page.index('id="P13"') :]
    assert "<b>Fitted to it:</b>" not in page[: page.index('id="P13"')]
