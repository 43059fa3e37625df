"""Sweeps: what is checked before anything runs, what is run, what is kept, and what comes of it."""

import json
import re
import sys
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.model.readouts import COLUMNS
from dorsalhorn.scenarios import cli, ensemble, sweep_arms
from dorsalhorn.scenarios.errors import InputError, ScenarioError, SweepInterruptedError
from dorsalhorn.scenarios.parts import SMALLEST_SCALE
from dorsalhorn.scenarios.sweep_run import run_sweep
from dorsalhorn.scenarios.sweep_write import written_sweep
from dorsalhorn.scenarios.sweeps import load_sweep, shipped_sweeps

HEAD = 'title = "T"\nscenario = "injury_heals_pain_stays"\n'
DURATION = '[[axis]]\nname = "lasts"\npath = "stimulus.0.stop"\nvalues = ["4 d", "16 d"]\n'
INTENSITY = '[[axis]]\npath = "stimulus.0.intensity"\nvalues = [0.5, 1.0]\n'
ARMS = """\
reference = "none"
[[arm]]
name = "none"
[[arm]]
name = "strong"
set = ["stimulus.0.intensity=2.0"]
"""
NAIVE_G, LOW_G = 14.0, 2.0


@pytest.fixture
def write(tmp_path):
    """Write a sweep file; returns its path."""

    def written(text, head=HEAD):
        file = tmp_path / "mine.toml"
        file.write_text(head + text, encoding="utf-8")
        return file

    return written


class Made:
    """Stands in for the model: pain stays after an injury longer than 10 d; counts what was run."""

    runs: ClassVar[list[tuple[float, float, int]]] = []
    stop_after = 10**9

    @classmethod
    def run_one(cls, scenario, measure):
        if len(cls.runs) >= cls.stop_after:
            raise KeyboardInterrupt
        injury = scenario.stimuli[0]
        cls.runs.append((injury.cause_ends_d, injury.intensity, scenario.seed))
        time = np.arange(0.0, scenario.duration_d + 1e-9, scenario.record.every_d)
        frame = pd.DataFrame({column.name: np.ones(len(time)) for column in COLUMNS})
        low = (time > injury.start_d) & ((time < injury.cause_ends_d) | (injury.cause_ends_d > 10.0))
        unmasked = [c.start_d for c in scenario.clamps if c.target == "opioid_tone"]
        low |= time > min(unmasked, default=np.inf)
        frame["withdrawal_threshold_g"] = np.where(low, LOW_G, NAIVE_G) + 0.01 * scenario.seed
        frame["spontaneous_hz"] = injury.intensity * (1.0 + 0.1 * scenario.seed * injury.intensity)
        return measure(frame.set_index(pd.Index(time, name="time_d")), scenario)


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr(Made, "runs", [])
    monkeypatch.setattr(Made, "stop_after", 10**9)
    monkeypatch.setattr(ensemble, "run_one", Made.run_one)
    return Made


@pytest.fixture
def no_figures(monkeypatch):
    from dorsalhorn.analysis import sweep_figures

    monkeypatch.setattr(sweep_figures, "save_sweep_figures", lambda sweep: [])


@pytest.mark.parametrize("name", shipped_sweeps())
def test_every_shipped_sweep_can_be_run(name):
    sweep = load_sweep(name)
    assert sweep.cells
    assert sweep.document.name == name


def test_axes_make_every_combination_and_the_last_one_runs_fastest(write):
    sweep = load_sweep(write(f"seeds = [7, 3]\n{DURATION}{INTENSITY}"))
    cells = [tuple(cell.coordinates.values()) for cell in sweep.cells]
    assert cells == [("4 d", 0.5), ("4 d", 1.0), ("16 d", 0.5), ("16 d", 1.0)]
    assert [scenario.seed for _, scenario in sweep.runs][:3] == [7, 3, 7]
    assert sweep.cells[1].scenario.stimuli[0].cause_ends_d == 4.0


def test_zipped_axes_move_together(write):
    sweep = load_sweep(write(DURATION + INTENSITY + 'zip = "lasts"\n'))
    assert [tuple(cell.coordinates.values()) for cell in sweep.cells] == [("4 d", 0.5), ("16 d", 1.0)]


def test_courses_make_an_arm_of_each_treatment(write, monkeypatch):
    monkeypatch.setattr(sweep_arms, "usable", list)
    text = '[[arm]]\nname = "none"\n[[course]]\nname = "late"\nstart = "20 d"\n'
    sweep = load_sweep(write(text))
    assert [cell.coordinates["arm"] for cell in sweep.cells] == ["none"]
    assert sweep.empty_courses
    with pytest.raises(
        ScenarioError, match=r'course\.0: treatment\.0\.name: "gabapentine" is not a treatment'
    ):
        load_sweep(write(text + 'treatments = ["gabapentine"]\n'))


WAITS = """
reference = "none"
set = ['duration="16 weeks"', 'record.every="2 d"']
[[arm]]
name = "none"
[[course]]
name = "late"
start = "28 d"
stop = "56 d"
until_worn_off = true
treatments = ["movement", "gabapentin", "capsaicin_patch"]
"""


def test_runs_go_on_until_what_was_given_has_worn_off_if_the_course_asks_for_it(write):
    def days(text):
        return {
            str(cell.coordinates["arm"]): cell.scenario.duration_d for cell in load_sweep(write(text)).cells
        }

    # movement has gone after three times its four weeks; the patch acts for three days, then fades evenly
    lasts = 56.0 + 3 * 28.0 + 14.0
    evenly = 28.0 + 3.0 + 15 * 7.0 + 14.0
    found = {"none": lasts, "movement late": lasts, "gabapentin late": 112.0, "capsaicin_patch late": evenly}
    assert days(WAITS) == found
    assert days(WAITS.replace("2 d", "4 d"))["movement late"] == 156.0  # so that a record lies there
    assert set(days(WAITS.replace("true", "false")).values()) == {112.0}
    assert set(days(WAITS.replace("16 weeks", "30 weeks")).values()) == {210.0}
    assert days(WAITS.replace('reference = "none"', ""))["none"] == 112.0
    assert set(days(WAITS.replace('stop = "56 d"', "")).values()) == {112.0, evenly}  # all else never ends


def test_a_sweep_that_is_written_down_keeps_how_long_its_runs_go_on(write, tmp_path):
    first = load_sweep(write(WAITS))
    again = tmp_path / "again.toml"
    again.write_text(written_sweep(first.document, first.scenario), encoding="utf-8")
    assert [c.scenario for c in load_sweep(again).cells] == [c.scenario for c in first.cells]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = 3\n", r"line 3  seed: is not a setting; did you mean seeds\?"),
        ("seeds = 0\n", r"seeds: must lie between 1 and 10,000"),
        ("seeds = [1, 1]\n", r"seeds: must not name a seed twice"),
        ('measures = ["outcom"]\n', r'measures: "outcom" is not a measure; did you mean outcome\?'),
        ('measures = ["end.tnf"]\n', r"did you mean end\.tnf_relative\?"),
        ('reference = "x"\n', r"reference: needs arms"),
        ('set = ["tick=3"]\n', r'set\.0: tick: needs a unit: write "3 d"'),
        ('set = ["tick"]\n', r"set\.0: tick: write PATH=VALUE"),
        (DURATION.replace("stop", "stopp"), r"line 5  axis\.0\.path: stimulus\.0\.stopp: is not a setting"),
        (
            DURATION.replace("16 d", "1 d"),
            r"line 6  axis\.0\.values\.1: stimulus\.0\.stop: must come after start",
        ),
        (
            DURATION.replace("0.stop", "4.stop"),
            r"axis\.0\.path: stimulus\.4\.stop: there are only 1 entries",
        ),
        (DURATION.replace("values", "value"), r"axis\.0\.values: is required"),
        (DURATION.replace("stimulus.0.stop", "a=b"), r"axis\.0\.path: must be the path of a setting"),
        (DURATION + 'labels = ["a"]\n', r"axis\.0\.labels: must be one for each of the 2 values, not 1"),
        (DURATION + DURATION, r'axis: two axes are called "lasts"'),
        (DURATION.replace("lasts", "seed"), r'axis: no axis can be called "seed"'),
        (INTENSITY + 'zip = "lasts"\n', r"axis: .*is not an axis above this one"),
        (DURATION.replace('"4 d", ', "") + INTENSITY + 'zip = "lasts"\n', r"it needs 1 values, not 2"),
        ('[[arm]]\nname = "a"\n[[arm]]\nname = "a"\n', r'arm: two arms are called "a"'),
    ],
)
def test_a_mistake_is_named_with_its_place_before_anything_runs(write, made, capsys, text, said):
    assert cli.main(["sweep", str(write(text))]) == 2
    assert re.search(said, capsys.readouterr().err)
    assert not made.runs


def test_unknown_sweeps_and_scenarios_name_the_nearest(write):
    with pytest.raises(ScenarioError, match=r"did you mean seeds\?"):
        load_sweep("seedss")
    with pytest.raises(ScenarioError, match=r"line 2  scenario: shamm: .*did you mean sham\?"):
        load_sweep(write("", 'title = "T"\nscenario = "shamm"\n'))


def test_a_dry_run_counts_and_runs_nothing(write, made, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["sweep", str(write(f"seeds = 3\n{DURATION}")), "--dry-run", "--workers", "2"]) == 0
    out = capsys.readouterr().out
    assert "2 cells x 3 seeds = 6 runs" in out
    assert re.search(r"about \d+ min in 2 processes", out)
    assert not made.runs
    assert not (tmp_path / "runs").exists()


@pytest.mark.usefixtures("no_figures")
def test_tables_hold_a_row_a_run_and_a_row_a_cell(write, made, tmp_path):
    text = 'seeds = 2\nmeasures = ["outcome", "output_end", "end.tnf_relative"]\n' + DURATION
    folder = run_sweep(load_sweep(write(text)), tmp_path / "out", workers=1)
    assert len(made.runs) == 4
    runs = pd.read_parquet(folder / "runs.parquet")
    assert list(runs) == ["lasts", "seed", "outcome", "output_end", "end.tnf_relative"]
    assert runs["outcome"].tolist() == ["recovered", "recovered", "stays", "stays"]
    assert runs["output_end"].tolist() == pytest.approx([1.1, 1.2, 1.1, 1.2])
    summary = pd.read_csv(folder / "summary.csv").set_index(["lasts", "measure", "value"], drop=False)
    assert summary.loc[("16 d", "outcome", "stays"), "share"].item() == 1.0
    numbers = summary[(summary["measure"] == "output_end") & (summary["lasts"] == "4 d")].iloc[0]
    assert numbers[["median", "p10", "p90"]].tolist() == pytest.approx([1.15, 1.11, 1.19])
    info = json.loads((folder / "sweep.json").read_text())
    assert (info["status"], info["runs"], info["finished"]) == ("complete", 4, 4)
    again = load_sweep(folder)
    assert [cell.sets for cell in again.cells] == [cell.sets for cell in load_sweep(write(text)).cells]


@pytest.mark.usefixtures("no_figures", "made")
def test_arms_are_compared_seed_by_seed(write, tmp_path):
    text = 'seeds = 4\nmeasures = ["output_end", "outcome"]\n' + ARMS
    folder = run_sweep(load_sweep(write(text)), tmp_path / "out", workers=1)
    table = pd.read_parquet(folder / "differences.parquet")
    row = table[table["measure"] == "output_end"].iloc[0]
    assert (row["arm"], row["reference"], row["n"]) == ("strong", "none", 4)
    # 2 (1 + 0.2 s) - (1 + 0.1 s) over the seeds s = 1 to 4
    assert row["difference"] == pytest.approx(1.75)
    assert 1.3 <= row["ci_low"] < 1.75 < row["ci_high"] <= 2.2
    share = table[(table["measure"] == "outcome") & (table["value"] == "stays")].iloc[0]
    assert share[["difference", "ci_low", "ci_high"]].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.usefixtures("no_figures", "made")
def test_what_is_healed_but_unmasked_by_a_challenge_is_latent(write, tmp_path):
    challenge = 'clamp=[{target="opioid_tone", value=0.0, start="80 d"}]'
    text = f"measures = ['fate', 'threshold_end_ratio']\nset = ['{challenge}']\n{DURATION}"
    runs = pd.read_parquet(run_sweep(load_sweep(write(text)), tmp_path / "out", 1) / "runs.parquet")
    assert runs["fate"].tolist() == ["latent", "stays"]
    assert runs["threshold_end_ratio"].tolist() == pytest.approx([1.0, (LOW_G + 0.01) / (NAIVE_G + 0.01)])


@pytest.mark.usefixtures("no_figures")
def test_a_stopped_sweep_goes_on_where_it_was(write, made, tmp_path, capsys):
    file, out = write(f"seeds = 3\n{DURATION}"), tmp_path / "out"
    command = ["sweep", str(file), "--out", str(out), "--workers", "1", "--quiet"]
    made.stop_after = 2
    assert cli.main(command) == 130
    said = capsys.readouterr().err
    assert "stopped after 2 of 6 runs; they are kept in" in said
    assert "--resume" in said
    assert json.loads((out / "sweep.json").read_text())["status"] == "interrupted"
    assert len(pd.read_parquet(out / "runs.parquet")) == 2
    made.stop_after = 10**9
    assert cli.main([*command, "--resume"]) == 0
    assert len(made.runs) == len(set(made.runs)) == 6
    assert len(pd.read_parquet(out / "runs.parquet")) == 6
    assert cli.main([*command, "--resume"]) == 0
    assert len(made.runs) == 6
    assert cli.main(command) == 0
    assert len(made.runs) == 12
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("out")] == ["out"]


@pytest.mark.usefixtures("no_figures")
def test_a_crash_leaves_what_was_finished_and_a_cut_file_is_run_again(write, made, tmp_path, monkeypatch):
    sweep, out = load_sweep(write(f"seeds = 3\n{DURATION}")), tmp_path / "out"

    def crash(scenario, measure):
        if len(made.runs) == 3:
            raise MemoryError
        return Made.run_one(scenario, measure)

    monkeypatch.setattr(ensemble, "run_one", crash)
    with pytest.raises(MemoryError):
        run_sweep(sweep, out, 1)
    kept = sorted((tmp_path / "out.part" / "cells").iterdir())
    assert len(kept) == 3
    kept[0].write_bytes(kept[0].read_bytes()[:50])
    monkeypatch.setattr(ensemble, "run_one", Made.run_one)
    run_sweep(sweep, out, 1, resume=True)
    assert len(made.runs) == 3 + 4


@pytest.mark.usefixtures("no_figures")
def test_nothing_finished_leaves_nothing(write, made, tmp_path):
    made.stop_after = 0
    with pytest.raises(SweepInterruptedError, match="stopped after 0 of 2 runs"):
        run_sweep(load_sweep(write(DURATION)), tmp_path / "out", 1)
    assert not list(tmp_path.glob("out*"))


@pytest.mark.usefixtures("no_figures")
def test_another_question_never_gets_an_old_answer(write, made, tmp_path):
    run_sweep(load_sweep(write(DURATION)), tmp_path / "out", 1)
    run_sweep(load_sweep(write('set = ["slice.scale=0.2"]\n' + DURATION)), tmp_path / "out", 1, resume=True)
    assert len(made.runs) == 4
    assert len(list((tmp_path / "out" / "cells").iterdir())) == 2


def test_a_strange_folder_is_left_alone(write, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(
        InputError, match=r"not a sweep folder \(it has no sweep\.json\), so it is left alone"
    ):
        run_sweep(load_sweep(write(DURATION)), tmp_path / "out", 1)


@pytest.mark.usefixtures("made", "no_figures")
def test_a_scenario_file_beside_the_sweep_is_kept_with_it(write, tmp_path):
    from dorsalhorn.scenarios.load import shipped

    (tmp_path / "own.toml").write_text(shipped()["sham"].read_text())
    sweep = load_sweep(write("", 'title = "T"\nscenario = "own.toml"\n'))
    folder = run_sweep(sweep, tmp_path / "out", 1)
    (tmp_path / "own.toml").unlink()
    assert load_sweep(folder).cells[0].scenario.stimuli[0].kind == "sham"


def test_dask_is_asked_for_clearly_when_it_is_not_there(write, made, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    command = [
        "sweep",
        str(write(DURATION)),
        "--out",
        str(tmp_path / "out"),
        "--dask",
        "tcp://x:1",
        "--quiet",
    ]
    assert cli.main(command) == 2
    assert "install dorsalhorn[dask]" in capsys.readouterr().err
    assert not made.runs
    assert not list(tmp_path.glob("out*"))


def test_workers_give_what_one_process_gives(write, tmp_path):
    small = ["duration='2 h'", "record.every='1 h'", f"slice.scale={SMALLEST_SCALE}"]
    small += ["slice.receptors_per_neuron=2", "parameters.laboratory.series=1"]
    text = f"seeds = 2\nmeasures = ['output_end', 'end.calcium_nm']\nset = {json.dumps(small)}\n"
    sweep = load_sweep(write(text, 'title = "T"\nscenario = "sham"\n'))
    one, two = (run_sweep(sweep, tmp_path / f"out{n}", n) for n in (1, 2))
    assert (one / "runs.csv").read_bytes() == (two / "runs.csv").read_bytes()
    assert len(list((one / "figures").glob("*.png"))) == 2


@pytest.mark.usefixtures("no_figures")
def test_dask_runs_what_the_processes_run(write, made, tmp_path, monkeypatch):
    from dorsalhorn.scenarios import dask_pool

    class Future:
        def __init__(self, work, *given):
            self.status, self.value = "finished", work(*given)

        def result(self):
            return self.value

    class Client:
        loop, closed = "its own", False

        def __init__(self, address, **options):
            assert (address, options["set_as_default"]) == ("tcp://there:8786", False)

        def submit(self, work, *given, pure):
            assert not pure  # Dask must not take two seeds for one
            return Future(work, *given)

        def cancel(self, futures):
            assert futures == []

        def close(self):
            Client.closed = True

    def as_completed(futures, loop):
        assert loop == Client.loop  # a client that is not the default is found in no other way
        return reversed(futures)

    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=Client, as_completed=as_completed))
    monkeypatch.setattr(dask_pool, "run_one", Made.run_one)
    sweep = load_sweep(write(f"seeds = 2\n{DURATION}"))
    there = run_sweep(sweep, tmp_path / "there", dask="tcp://there:8786")
    assert (len(made.runs), Client.closed) == (4, True)
    here = run_sweep(sweep, tmp_path / "here", workers=1)
    assert (there / "runs.csv").read_bytes() == (here / "runs.csv").read_bytes()
