"""A run that was stopped and resumed is, to the last bit, the run that was never stopped."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dorsalhorn.agents.engine import release_model
from dorsalhorn.agents.microglia import Microglia
from dorsalhorn.model import dorsalhorn
from dorsalhorn.model.checkpoint import restore, state_of
from dorsalhorn.scenarios import checkpoints, cli
from dorsalhorn.scenarios import run as runner
from dorsalhorn.scenarios.errors import FolderError, RunInterruptedError
from dorsalhorn.scenarios.folder import run_status
from dorsalhorn.scenarios.load import load

HURRIED = ((1.0, 3), (0.125, 2))
TABLES = ("timeseries.parquet", "neurons.parquet", "microglia.parquet", "fields.nc", "scenario.toml")
TICKS = 9
SETS = (
    'duration="36 h"',
    'tick="4 h"',
    "slice.scale=0.02",
    "slice.receptors_per_neuron=4",
    'stimulus=[{kind="nerve_constriction", start="6 h"}]',
    'knockout=[{mechanism="kinase", start="10 h"}]',
    'clamp=[{target="microglia.activation", factor=0.9, start="8 h"}, '
    '{target="tnf", factor=2.0, start="4 h", stop="26 h"}]',
    'record={every="8 h", agents=["neurons", "microglia"], fields=["tnf"]}',
    'parameters={"microglia.division_rate"=2.0, "csf1.half"=0.05, "microglia.death_rate"=1.0, '
    '"epoch.tolerance"=0.45}',
)
"""so tolerant that in some ticks the last epoch stands: what it was taken at must be in the checkpoint"""

MURDER = """
import os, signal, sys
from dorsalhorn.model import dorsalhorn
from dorsalhorn.scenarios import run as runner
from dorsalhorn.scenarios.load import load
dorsalhorn.SETTLE, runner.SAVE_EVERY_S, runner.SAVE_SHARE = {settle!r}, 0.0, 1e9
def kill(model):
    if model.tick == {tick}:
        os.kill(os.getpid(), signal.SIGKILL)
runner.run(load("sham", {sets!r}), {out!r}, progress=kill)
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(dorsalhorn, "SETTLE", HURRIED)
    monkeypatch.setattr(runner, "_picture", lambda folder, info: None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run that nobody stops."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dorsalhorn, "SETTLE", HURRIED)
        patch.setattr(runner, "_picture", lambda folder, info: None)
        return runner.run(load("sham", SETS), tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture(scope="module")
def naive():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dorsalhorn, "SETTLE", HURRIED)
        model = dorsalhorn.DorsalHorn(load("sham", SETS))
    yield model
    release_model(model)


@pytest.fixture(scope="module")
def _stopped(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dorsalhorn, "SETTLE", HURRIED)
        return stop(tmp_path_factory.mktemp("stopped") / "run", 5)


@pytest.fixture
def stopped(_stopped, tmp_path):
    """A copy of a run that was stopped after 5 ticks."""
    return Path(shutil.copytree(_stopped, tmp_path / "run"))


def stop(out, *ticks, resume=False, sets=SETS):
    """Run until one of these ticks is done, as if Ctrl-C was pressed then."""

    def press(model):
        if model.tick in ticks:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(RunInterruptedError) as told:
        runner.run(load("sham", sets), out, progress=press, resume=resume)
    return Path(told.value.folder)


def state(folder):
    with np.load(folder / "checkpoint" / "state.npz") as archive:
        return {name: archive[name] for name in archive.files if name != "about"}


def assert_same(folder, whole):
    assert run_status(folder) == "complete"
    for name in TABLES:
        assert (folder / name).read_bytes() == (whole / name).read_bytes(), name
    one, other = state(folder), state(whole)
    assert one.keys() == other.keys()
    assert [name for name in one if one[name].tobytes() != other[name].tobytes()] == []


def tree(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def main(*arguments):
    return cli.main([*map(str, arguments)])


def options(out, *more):
    return [
        "run",
        "sham",
        "--quiet",
        "--out",
        out,
        "--resume",
        *(x for s in SETS for x in ("--set", s)),
        *more,
    ]


def test_there_is_something_to_get_wrong(whole):
    """Births, both clamps and the knock-out are part of what is compared."""
    end = state(whole)
    assert end["microglia.next_uid"] > end["microglia.uid"].size  # rows of the dead were used again
    assert 0 < end["truth.0"].size < end["microglia.uid"].size  # born since the clamp was pressed
    assert any(name.startswith("felt.") for name in end)


@pytest.mark.parametrize("ticks", [(1,), (4,), (8,), (2, 3, 7)])
def test_stopped_and_resumed(whole, tmp_path, ticks, monkeypatch):
    monkeypatch.setattr(runner, "SAVE_EVERY_S", 0.0)
    monkeypatch.setattr(runner, "SAVE_SHARE", 1e9)
    out = tmp_path / "run"
    for tick in ticks:
        assert stop(out, tick, resume=True) == out
    folder = runner.run(load("sham", SETS), out, resume=True)
    assert_same(folder, whole)
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    assert [p.name for p in (out / "checkpoint").iterdir()] == ["state.npz"]


def test_a_killed_run_goes_on(whole, tmp_path):
    out = tmp_path / "run"
    script = MURDER.format(settle=HURRIED, tick=6, sets=SETS, out=str(out))
    assert subprocess.run([sys.executable, "-c", script], timeout=300).returncode == -signal.SIGKILL
    assert [p.name for p in tmp_path.iterdir()] == ["run.part"]
    seen = []
    folder = runner.run(load("sham", SETS), out, progress=lambda model: seen.append(model.tick), resume=True)
    assert seen == [6, 7, 8, 9]  # killed before the sixth tick was saved
    assert_same(folder, whole)
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_tick_cut_short_is_done_again(whole, tmp_path, monkeypatch):
    """A second Ctrl-C leaves a tick half done: the checkpoint is the one before it."""
    monkeypatch.setattr(runner, "SAVE_EVERY_S", 0.0)
    monkeypatch.setattr(runner, "SAVE_SHARE", 1e9)

    def impatient(model):
        if model.tick == 4:
            monkeypatch.setattr(dorsalhorn, "turn_over_microglia", press)

    def press(model):
        raise KeyboardInterrupt

    with pytest.raises(RunInterruptedError):
        runner.run(load("sham", SETS), tmp_path / "run", progress=impatient)
    monkeypatch.undo()
    monkeypatch.setattr(dorsalhorn, "SETTLE", HURRIED)
    monkeypatch.setattr(runner, "_picture", lambda folder, info: None)
    seen = []
    runner.run(load("sham", SETS), tmp_path / "run", progress=lambda m: seen.append(m.tick), resume=True)
    assert seen[0] == 5
    assert_same(tmp_path / "run", whole)


def test_beside_a_complete_run(whole, tmp_path, capfd):
    out = Path(shutil.copytree(whole, tmp_path / "run"))
    other = [*SETS, "seed=8"]
    kept = stop(out, 2, sets=other)
    assert kept == tmp_path / "run.interrupted"
    seen = []
    with pytest.raises(ZeroDivisionError):
        runner.run(load("sham", other), out, progress=lambda m: 1 / (4 - m.tick), resume=True)
    assert kept.is_dir()
    assert_same(out, whole)
    runner.run(load("sham", other), out, progress=lambda m: seen.append(m.tick), resume=True)
    assert seen[0] == 3
    assert json.loads((out / "run.json").read_text())["seed"] == 8
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_complete_run_has_nothing_to_resume(whole, capfd, monkeypatch):
    monkeypatch.setattr(runner, "_build", lambda scenario: pytest.fail("built"))
    before = tree(whole)
    assert main(*options(whole)) == 0
    said = capfd.readouterr()
    assert said.err.splitlines()[-1] == f"{whole} is already complete: there is nothing to resume"
    assert said.out.strip() == str(whole)
    assert tree(whole) == before


def test_nothing_to_resume_from(tmp_path, capfd):
    assert main(*options(tmp_path / "run", "--set", 'duration="4 h"')) == 0
    assert "starting from the beginning" in capfd.readouterr().err


def test_the_message_says_how_to_go_on(stopped, monkeypatch, capfd):
    def interrupted(*_):
        raise RunInterruptedError(str(stopped), 1.0, 2.0)

    monkeypatch.setattr(runner, "run", interrupted)
    arguments = ["run", "sham", "--seed", "3", "--set", 'duration="2 d"', "--out", "my runs/a"]
    assert main(*arguments) == 130
    last = capfd.readouterr().err.splitlines()[-1]
    assert last.startswith("go on with: dorsalhorn run ")
    parsed = cli._parser().parse_args(shlex.split(last.partition("dorsalhorn ")[2]))
    assert (parsed.scenario, parsed.seed, parsed.sets) == ("sham", 3, ['duration="2 d"'])
    assert (parsed.out, parsed.resume) == ("my runs/a", True)


def rewritten(file, **changes):
    with np.load(file) as archive:
        arrays = {name: archive[name] for name in archive.files}
    about = json.loads(bytes(arrays["about"])) | changes
    np.savez(file, **(arrays | {"about": np.frombuffer(json.dumps(about).encode(), np.uint8)}))


def cut(file, share):
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])


def flip(file, share):
    content = bytearray(file.read_bytes())
    content[int(len(content) * share)] ^= 0xFF
    file.write_bytes(content)


def without(file, name):
    with np.load(file) as archive:
        arrays = {key: archive[key] for key in archive.files if key != name}
    np.savez(file, **arrays)


HARM = {
    "cut": (lambda s, r: cut(s, 0.6), "cut or damaged"),
    "empty": (lambda s, r: s.write_bytes(b""), "cut or damaged"),
    "a plain array": (lambda s, r: s.write_bytes(b"\x93NUMPY\x01\x00"), "cut or damaged"),
    "text": (lambda s, r: s.write_text("hello"), "cut or damaged"),
    "records cut": (lambda s, r: cut(r, 0.9), "cut or damaged"),
    "records gone": (lambda s, r: r.unlink(), "records-000001.npz missing"),
    "a bit": (lambda s, r: flip(s, 0.5), "cut or damaged"),
    "a bit of the records": (lambda s, r: flip(r, 0.5), "cut or damaged"),
    "a column gone": (lambda s, r: without(s, "neurons.v_mv"), "cut or damaged"),
    "another version": (lambda s, r: rewritten(s, version="0.0.1"), r"made by dorsalhorn 0\.0\.1"),
    "another format": (lambda s, r: rewritten(s, format=99), r"\(format 99\)"),
    "another source": (lambda s, r: rewritten(s, source="x"), "source of dorsalhorn was edited"),
    "another hash": (lambda s, r: rewritten(s, scenario_hash="x"), "does not match its hash"),
}


@pytest.mark.parametrize("harm", HARM)
def test_a_checkpoint_that_cannot_be_used(stopped, naive, harm, capfd, monkeypatch):
    monkeypatch.setattr(runner, "_build", lambda scenario: naive)
    do, text = HARM[harm]
    do(stopped / "checkpoint" / "state.npz", stopped / "checkpoint" / "records-000001.npz")
    before = tree(stopped)
    with pytest.raises(FolderError, match=text):
        runner.run(load("sham", SETS), stopped, resume=True)
    assert main(*options(stopped)) == 2
    told = capfd.readouterr().err.splitlines()
    assert told[-1] == "Nothing was run."
    assert sum("checkpoint in" in line for line in told) == 1
    assert "Traceback" not in "".join(told)
    assert tree(stopped) == before
    assert [p.name for p in stopped.parent.iterdir()] == ["run"]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (["--seed", "7"], "seed is 1 there and 7 now"),
        (["--set", 'stimulus.0.start="7 h"'], "stimuli.0.start_d is 0.25 there and 0.29"),
        (["--set", "knockout=[]"], "overrides.0.* not set now"),
        (["--set", 'biology="literature"'], "and [0-9]+ more"),
    ],
)
def test_another_scenario_is_refused(stopped, more, text, capfd, monkeypatch):
    monkeypatch.setattr(runner, "_build", lambda scenario: pytest.fail("built"))
    before = tree(stopped)
    assert main(*options(stopped, *more)) == 2
    told = capfd.readouterr().err
    assert "is of another scenario" in told
    assert re.search(text, told), told
    assert len([line for line in told.splitlines() if not line.startswith("note")]) == 2
    assert tree(stopped) == before


def test_a_save_cut_short_leaves_the_one_before(stopped, monkeypatch):
    scenario = load("sham", SETS)
    found = checkpoints.find(scenario, stopped)
    model = dorsalhorn.DorsalHorn(scenario)
    checkpoints.put_back(model, found)
    model.step()
    model.step()
    write = np.savez

    def full(file, **arrays):
        if "about" in arrays:
            raise OSError(28, "no space left")
        write(file, **arrays)

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        checkpoints.Checkpoints(stopped, scenario).save(model, state_of(model), 1.0)
    release_model(model)
    monkeypatch.undo()
    monkeypatch.setattr(dorsalhorn, "SETTLE", HURRIED)
    again = dorsalhorn.DorsalHorn(scenario)
    checkpoints.put_back(again, checkpoints.find(scenario, stopped))
    assert again.tick == 5
    release_model(again)


def test_every_array_comes_back(naive, whole):
    saved = state(whole)
    saved |= {
        name: saved[name] + 0.25 for name in ("circuit.inbox", "circuit.tables", "parameters", "cells.atp")
    }
    restore(naive, saved)
    again = state_of(naive)
    assert again.keys() == saved.keys()
    assert [name for name in saved if again[name].tobytes() != saved[name].tobytes()] == []
    assert len(naive.agents_by_type[Microglia]) == len(naive.microglia)


def test_another_slice_is_refused(naive):
    saved = state_of(naive)
    with pytest.raises(ValueError, match="wired differently"):
        restore(naive, saved | {"built": saved["built"][::-1]})
    with pytest.raises(ValueError, match="not whole"):
        restore(naive, {name: value for name, value in saved.items() if name != "cells.tnf"})
