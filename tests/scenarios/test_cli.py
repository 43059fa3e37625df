"""The command: exit codes, streams, speed of its help; a few true subprocesses."""

import json
import subprocess
import sys
import time

import pytest

from dorsalhorn.scenarios import cli
from dorsalhorn.scenarios import run as runner
from dorsalhorn.scenarios.errors import RunInterruptedError

from .command import command

COMMANDS = ["run", "check", "list", "new", "compare", "knockouts", "claims", "validate", "app", "warm"]


@pytest.fixture
def main(capsys):
    """Call the command in this process: (exit code, standard output, standard error)."""

    def call(*arguments):
        try:
            code = cli.main([str(a) for a in arguments])
        except SystemExit as left:
            code = left.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_help_is_quick():
    spent = []
    for _ in range(3):
        started = time.perf_counter()
        answer = command("--help")
        spent.append(time.perf_counter() - started)
        assert answer.returncode == 0
        assert "examples:" in answer.stdout
    assert min(spent) < 0.5


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(main, name):
    code, out, _ = main(name, "--help")
    assert code == 0
    assert f"dorsalhorn {name}" in out
    assert "examples:" in out


def test_version(main):
    code, out, _ = main("--version")
    assert code == 0
    assert out.startswith("dorsalhorn 0.")


@pytest.mark.parametrize(
    "arguments", [[], ["walk"], ["list"], ["list", "foo"], ["run"], ["run", "sham", "--seed", "x"]]
)
def test_wrong_use_is_2(main, arguments):
    code, out, err = main(*arguments)
    assert code == 2
    assert "usage" in err
    assert out == ""


def test_check_explains_and_runs_nothing(main, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = main("check", "injury_heals_pain_stays", "--set", "slice.scale=0.05", "--seed", 9)
    assert (code, err) == (0, "")
    assert "An injury heals, the pain stays" in out
    assert "seed 9" in out
    assert "scale 0.05" in out
    assert out.endswith("Nothing was run.\n")
    assert list(tmp_path.iterdir()) == []


def test_bad_input_is_2_with_one_message(main, tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text('title="x"\nbiology="artcle"\nduration="2 d"\n')
    for act in ("run", "check"):
        code, out, err = main(act, file)
        assert code == 2
        assert out == ""
        assert "did you mean article?" in err
        assert "Traceback" not in err
    assert "Nothing was run." not in err
    assert main("run", "/nowhere/none.toml")[0] == 2


@pytest.mark.parametrize("out", ["file/run", "file", "full"])
def test_a_folder_that_cannot_be_written_is_2(main, tmp_path, out):
    (tmp_path / "file").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("")
    code, _, err = main("run", "sham", "--out", tmp_path / out)
    assert code == 2
    assert err.endswith("Nothing was run.\n")
    assert len(err.splitlines()) == 2


def test_interrupted_is_130(main, monkeypatch):
    def stopped(*_):
        raise RunInterruptedError("runs/sham", 1.0, 84.0)

    monkeypatch.setattr(runner, "run", stopped)
    code, _, err = main("run", "sham")
    assert code == 130
    assert "stopped at day 1.0 of 84.0; what was finished is kept in runs/sham" in err

    def at_once(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run", at_once)
    assert main("run", "sham")[0] == 130


def test_a_fault_of_ours_is_1_and_asks_for_a_report(main, monkeypatch):
    def faulty(*_):
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(runner, "run", faulty)
    monkeypatch.delenv(cli.DEBUG, raising=False)
    code, _, err = main("run", "sham")
    assert code == 1
    assert "ZeroDivisionError: by nought" in err
    assert "report" in err
    assert "Traceback" not in err
    monkeypatch.setenv(cli.DEBUG, "1")
    assert "Traceback" in main("run", "sham")[2]


def test_list_as_json(main):
    code, out, _ = main("list", "stimuli", "--json")
    assert code == 0
    assert "incision" in {row["name"] for row in json.loads(out)}


def test_new_then_check(main, tmp_path):
    file = tmp_path / "mine.toml"
    assert main("new", file)[0] == 0
    assert main("check", file)[0] == 0
    code, _, err = main("new", file)
    assert code == 2
    assert "left alone" in err


def test_compare_of_what_is_no_run_is_2(main, tmp_path):
    code, _, err = main("compare", tmp_path, tmp_path / "none")
    assert code == 2
    assert "not a run folder" in err


def test_a_page_without_its_packages_is_2(main, monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    code, _, err = main("app")
    assert code == 2
    assert "dorsalhorn[browser]" in err


def test_new_check_list_in_true_processes(tmp_path):
    file = tmp_path / "mine.toml"
    assert command("new", file).returncode == 0
    checked = command("check", file, cwd=tmp_path)
    assert checked.returncode == 0
    assert checked.stderr == ""
    assert "incision, from day 2 to day 16" in " ".join(checked.stdout.split())
    listed = command("list", "scenarios")
    assert "sham" in listed.stdout
    bad = command("run", file, "--set", 'duration="2 parsecs"')
    assert bad.returncode == 2
    assert "Traceback" not in bad.stderr
    piped = "import sys; from dorsalhorn.scenarios.cli import main; sys.exit(main(['list', 'parameters']))"
    shown = subprocess.run(
        f'"{sys.executable}" -c "{piped}" | head -1', shell=True, capture_output=True, text=True, timeout=60
    )
    assert shown.stderr == ""


def test_a_true_run(tmp_path):
    """A tiny slice for half a day, through the whole command."""
    import pandas as pd

    small = ["--set", 'duration="4 h"', "--set", "slice.scale=0.02", "--set", 'record.every="1 h"', "--set"]
    small += ['stimulus=[{kind="incision", start="2 h"}]']
    first = command("run", "sham", *small, "--out", tmp_path / "a", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stderr == ""
    assert "a/figures/run.png" in first.stdout
    assert "a/timeseries.parquet" in first.stdout
    info = json.loads((tmp_path / "a" / "run.json").read_text())
    assert info["summary"]
    assert len(pd.read_parquet(tmp_path / "a" / "timeseries.parquet")) == 5
    again = command("run", tmp_path / "a", "--quiet", "--out", tmp_path / "b")
    assert again.stdout.strip() == str(tmp_path / "b")
    same = [(tmp_path / name / "timeseries.parquet").read_bytes() for name in "ab"]
    assert same[0] == same[1]
