"""One scorecard from several validations: what is pooled, what counts, what is refused."""

import json

import pytest

from dorsalhorn.analysis.patterns import suite
from dorsalhorn.analysis.patterns.collect import PRESENT, UNKNOWN, collect
from dorsalhorn.analysis.patterns.suite import FINISHED, MARK, OURS, fingerprint, validate
from dorsalhorn.scenarios import cli
from dorsalhorn.scenarios.errors import InputError
from dorsalhorn.scenarios.patterns import patterns


def line(trial, made_by, values=None, each=0.5, **more):
    id_ = trial.split(",")[0]
    values = values or dict.fromkeys(patterns()[id_].criteria, each)
    return {"trial": trial, "made_by": made_by, "values": values} | more


@pytest.fixture
def folder(tmp_path):
    """Makes a folder of a validation from the lines it has finished."""

    def made(name, *lines):
        place = tmp_path / name
        place.mkdir()
        (place / MARK).write_text(json.dumps({"status": "running"}))
        (place / FINISHED).write_text("".join(json.dumps(one) + "\n" for one in lines))
        return place

    return made


def seeds(found, id_):
    return {
        seed: value
        for v in found.verdicts
        if v.pattern.id == id_
        for seed, value in v.criteria[0].values.items()
    }


def test_parts_make_one_scorecard_in_the_order_of_the_patterns(folder, tmp_path):
    here = fingerprint(())
    a = folder("a", line("P11, literature, seed 2", here), line("P03, literature, seed 1", here))
    b = folder("b", line("P11, literature, seed 1", here), line("P02, literature, seed 1", here))
    found = collect(tmp_path / "all", [a, b])
    assert [v.pattern.id for v in found.verdicts] == ["P02", "P03", "P11"]
    assert sorted(seeds(found, "P11")) == [1, 2]
    assert {f.name for f in (tmp_path / "all").iterdir()} == set(OURS)
    mark = json.loads((tmp_path / "all" / MARK).read_text())
    assert mark["status"] == "complete"
    words = (tmp_path / "all" / "scorecard.md").read_text()
    assert "without P01, P04, P07" in words
    assert "which were not run." in words
    assert mark["sources"] == [PRESENT]


def test_seeds_of_two_sources_are_not_mixed_and_the_later_folder_counts(folder, tmp_path):
    old = folder("old", *(line(f"P02, literature, seed {k}", "old", each=0.1) for k in (1, 2, 3)))
    new = folder("new", line("P02, literature, seed 1", "new", each=0.9, revision="0123456789abc"))
    assert seeds(collect(tmp_path / "x", [old, new]), "P02") == {1: 0.9}
    assert "| 0123456 |" in (tmp_path / "x" / "scorecard.md").read_text()
    assert seeds(collect(tmp_path / "y", [new, old]), "P02") == {1: 0.1, 2: 0.1, 3: 0.1}
    assert f"| {UNKNOWN} |" in (tmp_path / "y" / "scorecard.md").read_text()


def test_each_biology_of_a_pattern_has_a_source_of_its_own(folder, tmp_path):
    ours = line("P02, article, seed 1", fingerprint(()))
    collect(tmp_path / "all", [folder("a", line("P02, literature, seed 1", "old"), ours)])
    rows = [r for r in (tmp_path / "all" / "scorecard.md").read_text().splitlines() if "| P02 |" in r]
    assert [row.split(" | ")[3::5][0] for row in rows] == ["article", "literature"]
    assert [row.rstrip(" |").rsplit("| ", 1)[1] for row in rows] == [PRESENT, UNKNOWN]


def test_what_was_collected_can_be_collected_again(folder, tmp_path):
    a = folder("a", line("P02, literature, seed 1", "x"), line("P02, literature, seed 2", "x"))
    one = collect(tmp_path / "one", [a])
    two = collect(tmp_path / "two", [tmp_path / "one"])
    assert seeds(one, "P02") == seeds(two, "P02")


def test_criteria_and_patterns_that_are_gone_are_left_out(folder, tmp_path):
    gone = [line("P03, literature, seed 1", "x", {"other": 1.0})]
    gone += [{"trial": "P999, literature, seed 1", "made_by": "x", "values": {}}]
    found = collect(tmp_path / "all", [folder("a", *gone, line("P02, literature, seed 1", "x"))])
    assert [v.pattern.id for v in found.verdicts] == ["P02"]
    with pytest.raises(InputError, match="nothing is finished"):
        collect(tmp_path / "none", [folder("b", *gone)])
    assert not (tmp_path / "none").exists()


def test_other_changes_are_not_collected_unless_they_are_given(folder, tmp_path):
    change = "slice.scale=0.03"
    a = folder("a", line("P02, literature, seed 1", "x", changes=[change]))
    with pytest.raises(InputError, match=r"P02, literature, seed 1 was run with --set 'slice\.scale=0\.03'"):
        collect(tmp_path / "all", [a])
    assert seeds(collect(tmp_path / "all", [a], [change]), "P02") == {1: 0.5}


def test_a_folder_that_would_be_overwritten_or_is_none_is_refused(folder, tmp_path):
    a = folder("a", line("P02, literature, seed 1", "x"))
    before = (a / FINISHED).read_text()
    with pytest.raises(InputError, match="this is --out"):
        collect(a, [a])
    assert (a / FINISHED).read_text() == before
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is no validation in it"):
        collect(tmp_path / "all", [a, tmp_path / "empty"])


def test_the_command_collects_what_the_command_has_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(suite, "measure", lambda trial: dict.fromkeys(trial.pattern.criteria, 0.5))
    validate(tmp_path / "a", only=["P02"], seeds=2)
    monkeypatch.setattr(suite, "measure", lambda trial: pytest.fail("--collect runs nothing"))
    asked = ["validate", "--collect", str(tmp_path / "a"), "--out", str(tmp_path / "all")]
    assert cli.main(asked) == 0
    assert "pass  P02" in capsys.readouterr().out
    assert "| P02 |" in (tmp_path / "all" / "scorecard.md").read_text()
    assert cli.main([*asked, "--only", "P02"]) == 2
    assert "--only says what to run, and --collect runs nothing" in capsys.readouterr().err
