"""Knock-outs: which runs are asked for, how their outcome is judged, and what the document says."""

import re

import pandas as pd
import pytest

from dorsalhorn.analysis.measures import THRESHOLD
from dorsalhorn.scenarios import cli, knockouts
from dorsalhorn.scenarios.errors import FolderError, InputError
from dorsalhorn.scenarios.expectations import DAY_0, DRIVE_END, Verdict, expectations, judge
from dorsalhorn.scenarios.knockout_table import in_words, markdown, write_study
from dorsalhorn.scenarios.knockouts import STATES, Ended, ended, study
from dorsalhorn.scenarios.load import load
from dorsalhorn.scenarios.registry import registry

FLAGSHIP = "injury_heals_pain_stays"
NAIVE_G = 14.0


@pytest.fixture
def jobs(monkeypatch):
    """Runs nothing: outcomes are made up from the job's label; the jobs and their scenarios are kept."""
    kept = []

    def made_up(asked, workers, measure, done, quiet):
        found = []
        for job in asked:
            kept.append((job, job.load()))
            share, early = 0.1 + 0.01 * job.seed, 1.0
            if job.label.split()[0] in ("sham", "peroxynitrite"):
                share = 1.0
            if job.label.startswith("kinase"):
                share = 0.5
            if job.label == "inhibition day_0":
                early = 0.2
            end = {THRESHOLD: share * NAIVE_G, **dict.fromkeys(STATES, 0.25)}
            found.append(Ended(NAIVE_G, early * NAIVE_G, end))
        return found

    monkeypatch.setattr(knockouts, "run_jobs", made_up)
    return kept


@pytest.mark.parametrize(
    ("moment", "before", "end", "verdict"),
    [
        (DAY_0, 1.0, 0.9, Verdict.PREVENTS),
        (DRIVE_END, 1.0, 0.9, Verdict.REVERSES),
        (DAY_0, 1.0, 0.5, Verdict.REDUCES),
        (DAY_0, 1.0, 0.35, Verdict.NOTHING),
        (DAY_0, 1.0, 0.1, Verdict.WORSENS),
        (DAY_0, 0.5, 0.9, Verdict.ALONE),
        (DRIVE_END, 0.5, 0.9, Verdict.REVERSES),
    ],
)
def test_how_an_outcome_is_judged(moment, before, end, verdict):
    assert judge(moment, before, end, untouched=0.3) is verdict


def test_nothing_is_prevented_where_nothing_stays():
    assert judge(DAY_0, 1.0, 1.0, untouched=0.95) is Verdict.NOTHING
    assert judge(DRIVE_END, 1.0, 0.5, untouched=0.95) is Verdict.WORSENS


def test_a_run_is_measured_before_its_injury_and_over_its_last_six_weeks():
    scenario = load(FLAGSHIP)
    time = [0.5 * k for k in range(169)]
    ts = pd.DataFrame({THRESHOLD: 0.0, **dict.fromkeys(STATES, 0.0)}, index=pd.Index(time, name="time_d"))
    ts.loc[:0.5, THRESHOLD], ts.loc[1.0:2.0, THRESHOLD] = 10.0, 4.0
    ts.loc[2.5:41.5] = 99.0
    ts.loc[42.0:] = 2.0
    found = ended(ts, scenario)
    assert (found.naive_g, found.early_g) == (7.0, 4.0)
    assert found.end == {THRESHOLD: 2.0, **dict.fromkeys(STATES, 2.0)}


def test_every_mechanism_is_out_from_day_0_and_from_the_end_of_the_drive(jobs):
    found = study(FLAGSHIP, seeds=2)
    names = set(registry().mechanisms)
    assert {row.name for row in found.at(DAY_0)} == {row.name for row in found.at(DRIVE_END)} == names
    out = {(job.label, job.seed): scenario.overrides for job, scenario in jobs}
    assert {o.start_d for o in out["kinase day_0", 2]} == {0.0}
    assert {o.start_d for o in out["kinase drive_end", 1]} == {16.0}
    assert {o.parameter for o in out["microglia day_0", 1]} == set(
        registry().mechanisms["microglia"].knockout
    )
    assert not out["untouched ", 1]
    sham = next(scenario for job, scenario in jobs if job.label == "sham ")
    assert [s.kind for s in sham.stimuli] == ["sham"]
    assert all(scenario.tick_d == pytest.approx(1 / 6) for _, scenario in jobs)


def test_knockouts_of_the_scenario_itself_stay(jobs, tmp_path):
    file = tmp_path / "mine.toml"
    text = (
        'title="x"\nbiology="article"\nmode="chronic"\nduration="9 d"\ntick="1 h"\nseed=1\n'
        '[[stimulus]]\nkind="incision"\nstart="1 d"\nstop="2 d"\n'
        '[[knockout]]\nmechanism="d_serine"\nstart="0 d"\n'
    )
    file.write_text(text)
    study(file, mechanisms=["kinase"])
    origins = {job.label: {o.label for o in scenario.overrides} for job, scenario in jobs}
    assert origins["kinase drive_end"] == {"knockout d_serine", "knockout kinase"}


def test_what_the_biology_does_without_is_not_run(jobs):
    found = study(FLAGSHIP)
    absent = {row.name for row in found.rows if row.absent}
    parameters = found.scenario.parameters
    for name, mechanism in registry().mechanisms.items():
        assert (name in absent) == all(parameters[k] == v for k, v in mechanism.knockout.items())
    assert absent
    assert not absent & {job.label.split()[0] for job, _ in jobs}


@pytest.mark.usefixtures("jobs")
def test_a_drive_that_never_ends_leaves_day_0_only():
    found = study(
        FLAGSHIP, sets=['stimulus=[{kind="tonic", rate_hz=1.0, start="2 d"}]'], mechanisms=["kinase"]
    )
    assert [row.moment for row in found.rows] == [DAY_0]
    assert "The drive of this injury does not end" in markdown(found, "1")


@pytest.mark.usefixtures("jobs")
def test_a_scenario_without_injury_and_no_seeds_are_refused():
    with pytest.raises(InputError, match="no injury"):
        study(FLAGSHIP, sets=["stimulus=[]"])
    with pytest.raises(InputError, match="seeds = 0"):
        study(FLAGSHIP, seeds=0)


@pytest.mark.usefixtures("jobs")
def test_the_document_says_how_it_was_made_and_what_came_out():
    found = study(FLAGSHIP, seeds=3)
    text = markdown(found, "9.9.9")
    assert f'dorsalhorn knockouts {FLAGSHIP} --seeds 3 --tick "4 h"' in text
    for words in (
        "9.9.9",
        "preset `article`",
        "seeds 1 to 3",
        "not\nmedical advice",
        "no finding about patients",
    ):
        assert words in text
    assert "| untouched | 12 (11-13) | 0.25 | 0.25 | 0.25 | 0.25 | 0.25 |  |" in text
    assert "| peroxynitrite | 100 (100-100) | 0.25 | 0.25 | 0.25 | 0.25 | 0.25 | **prevents** |" in text
    assert "| inhibition | 12 (11-13) [20 % before] |" in text
    said = in_words(found)
    assert "- From day 16, when the drive ends. Reverse it: `peroxynitrite`." in said
    assert "- From day 0. Reduce it: `kinase`." in said
    assert "  - from the drive's end, `peroxynitrite`: reverses (expected: reduces)" in said
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.count("|") in (5, 9) for line in rows)


@pytest.mark.usefixtures("jobs")
def test_the_command_writes_the_document(tmp_path, capsys):
    out = tmp_path / "new" / "k.md"
    assert cli.main(["knockouts", "--seeds", "2", "--out", str(out), "--set", 'duration="40 d"']) == 0
    assert "Reverse it: `peroxynitrite`" in capsys.readouterr().out
    assert re.search(r"--seeds 2 .* --set 'duration=\"40 d\"'", out.read_text())


def test_nothing_runs_if_the_document_cannot_be_written(tmp_path, jobs):
    (tmp_path / "file").write_text("")
    for out in (tmp_path, tmp_path / "file" / "k.md"):
        with pytest.raises(FolderError):
            write_study(out, FLAGSHIP, 1, 1, "4 h", ())
    with pytest.raises(InputError):
        write_study(tmp_path / "none" / "k.md", FLAGSHIP, 1, 1, "4 parsecs", ())
    assert not (tmp_path / "none").exists()
    assert jobs == []


def test_expectations_cover_every_mechanism_and_name_what_exists():
    known = registry()
    assert set(expectations()) == set(known.mechanisms)
    for expectation in expectations().values():
        assert set(expectation.article.keys) <= set(known.claims)
        assert set(expectation.literature.keys) <= set(known.references)
        for side in (expectation.article, expectation.literature):
            assert side.keys
            assert len(side.says) > 10
            assert Verdict.REVERSES not in side.verdicts[DAY_0]
            assert not {Verdict.PREVENTS, Verdict.ALONE} & set(side.verdicts[DRIVE_END])


def test_silence_is_in_accord_with_everything():
    assert expectations()["nitric_oxide"].article.accords(DAY_0, Verdict.WORSENS)
    assert not expectations()["peroxynitrite"].literature.accords(DRIVE_END, Verdict.NOTHING)
