import json

import pytest

from dorsalhorn.scenarios.errors import FolderError
from dorsalhorn.scenarios.folder import COMPLETE, INTERRUPTED, RunFolder, run_status


def make(path, status, text=""):
    folder = RunFolder(path)
    folder.write_json("run.json", {"status": status})
    folder.write_text("scenario.toml", text)
    return folder.finish(status)


def test_nothing_stands_in_place_before_it_is_finished(tmp_path):
    folder = RunFolder(tmp_path / "a" / "b")
    folder.write_json("run.json", {"status": COMPLETE})
    assert not (tmp_path / "a" / "b").exists()
    assert folder.finish(COMPLETE) == tmp_path / "a" / "b"
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["b"]
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == ["run.json"]


def test_an_older_run_is_replaced_only_when_the_new_one_is_complete(tmp_path):
    out = tmp_path / "run"
    make(out, COMPLETE, "old")
    folder = RunFolder(out)
    assert (out / "scenario.toml").read_text() == "old"
    folder.discard()
    assert (out / "scenario.toml").read_text() == "old"
    make(out, COMPLETE, "new")
    assert (out / "scenario.toml").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_an_interrupted_run_never_replaces_a_complete_one(tmp_path):
    out = tmp_path / "run"
    make(out, COMPLETE, "old")
    kept = make(out, INTERRUPTED, "half")
    assert kept == tmp_path / "run.interrupted"
    assert run_status(out) == COMPLETE
    assert run_status(kept) == INTERRUPTED
    make(out, INTERRUPTED, "half again")
    assert (kept / "scenario.toml").read_text() == "half again"


def test_an_interrupted_run_is_replaced_by_any(tmp_path):
    out = tmp_path / "run"
    make(out, INTERRUPTED, "first")
    assert make(out, INTERRUPTED, "second") == out
    assert make(out, COMPLETE, "third") == out


def test_an_empty_folder_may_be_used(tmp_path):
    assert make(tmp_path, COMPLETE) == tmp_path


def test_what_is_not_a_run_folder_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderError, match="not a run folder"):
        RunFolder(tmp_path)
    with pytest.raises(FolderError, match="is a file"):
        RunFolder(tmp_path / "thesis.txt")
    with pytest.raises(FolderError, match="cannot write the run"):
        RunFolder(tmp_path / "thesis.txt" / "run")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("path", ["/", "x" * 300, "a\0b"])
def test_places_that_cannot_be(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FolderError):
        RunFolder(path)


def test_a_discarded_run_leaves_no_trace(tmp_path):
    RunFolder(tmp_path / "a" / "b" / "c").discard()
    assert list(tmp_path.iterdir()) == []


def test_a_crashed_run_is_no_obstacle(tmp_path):
    RunFolder(tmp_path / "run").write_text("half", "written")
    make(tmp_path / "run", COMPLETE)
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == ["run.json", "scenario.toml"]


def test_json_holds_no_nan(tmp_path):
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(ValueError, match="JSON"):
        folder.write_json("run.json", {"x": float("nan")})
    assert json.loads(folder.write_json("run.json", {"x": None}).read_text()) == {"x": None}
