"""Sweeps of courses: combinations, sweeps that are like another, and sweeps that are narrowed."""

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.analysis import sweep_figures
from dorsalhorn.model.readouts import COLUMNS
from dorsalhorn.scenarios import cli, ensemble
from dorsalhorn.scenarios.errors import InputError, ScenarioError
from dorsalhorn.scenarios.sweep_write import written_sweep
from dorsalhorn.scenarios.sweeps import load_sweep

from .courses import COURSES, HEAD


def written(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_combination_is_one_arm_with_all_its_treatments(tmp_path):
    sweep = load_sweep(written(tmp_path, HEAD + COURSES))
    names = [cell.coordinates["arm"] for cell in sweep.cells]
    assert names[:4] == ["untreated", "gabapentin early", "ketamine early", "both of them early"]
    both = sweep.cells[3].scenario.treatments
    assert [(g.name, g.start_d, g.stop_d) for g in both] == [
        ("gabapentin", 3.0, 31.0),
        ("ketamine", 3.0, 31.0),
    ]
    assert (sweep.document.arm[3].gives, sweep.document.arm[3].course) == ("both of them", "early")
    patch = next(c for c in sweep.cells if "patch" in str(c.coordinates["arm"])).scenario.treatments[0]
    assert (patch.start_d, patch.stop_d) == (28.0, 31.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["gabapentin", "ketamine"]\n', '["gabapentin"]\n', "must name two different treatments at least"),
        (
            '["gabapentin", "ketamine"]\n',
            '["gabapentin", "ketamin"]\n',
            r"line 9  combinations\.both of them: .*did you mean ketamine\?",
        ),
        ('"both of them" =', '"ketamine" =', "is a treatment of the catalogue"),
        ('combinations = ["both of them"]', 'combinations = ["both"]', "course: .*both of them"),
        ('name = "late"', 'name = "early"', 'course: two courses are called "early"'),
    ],
)
def test_a_combination_that_cannot_be_is_named(tmp_path, old, new, said):
    with pytest.raises(ScenarioError, match=said):
        load_sweep(written(tmp_path, (HEAD + COURSES).replace(old, new, 1)))


def test_a_sweep_is_like_another_but_for_what_it_says(tmp_path):
    written(tmp_path, HEAD + COURSES)
    other = tmp_path / "other.toml"
    other.write_text('like = "mine.toml"\ntitle = "U"\nseeds = 1\n', encoding="utf-8")
    sweep, model = load_sweep(other), load_sweep(tmp_path / "mine.toml")
    assert (sweep.document.title, sweep.document.seeds, sweep.document.name) == ("U", (1,), "other")
    assert [cell.sets for cell in sweep.cells] == [cell.sets for cell in model.cells]
    other.write_text('like = "nothing"\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"line 1  like: .*neither a shipped sweep nor a file"):
        load_sweep(other)


def test_a_sweep_can_be_narrowed_and_changed(tmp_path):
    file = written(tmp_path, HEAD + COURSES)
    sweep = load_sweep(file, seeds=1, only=["ketamine", "both of them late"], sets=['tick="6 h"'])
    names = [cell.coordinates["arm"] for cell in sweep.cells]
    assert names == ["untreated", "ketamine early", "ketamine late", "both of them late"]
    assert sweep.document.seeds == (1,)
    assert all(cell.scenario.tick_d == 0.25 for cell in sweep.cells)
    with pytest.raises(InputError, match=r"--only ketamin: .*did you mean ketamine\?"):
        load_sweep(file, only=["ketamin"])
    with pytest.raises(InputError, match="--seeds 0"):
        load_sweep(file, seeds=0)


def test_narrowing_on_the_command_line_is_in_the_words_that_go_on(tmp_path, capsys, monkeypatch):
    def stop(scenario, measure):
        if scenario.treatments:
            raise KeyboardInterrupt
        time = np.arange(0.0, scenario.duration_d + 1e-9)
        frame = pd.DataFrame({column.name: np.ones(len(time)) for column in COLUMNS})
        return measure(frame.set_index(pd.Index(time, name="time_d")), scenario)

    monkeypatch.setattr(ensemble, "run_one", stop)
    monkeypatch.setattr(sweep_figures, "save_sweep_figures", lambda sweep: [])
    command = ["sweep", str(written(tmp_path, HEAD + COURSES)), "--out", str(tmp_path / "out"), "--quiet"]
    command += ["--workers", "1", "--seeds", "1", "--only", "ketamine", "--set", 'tick="6 h"']
    assert cli.main(command) == 130
    said = capsys.readouterr().err
    assert "--seeds 1 --only ketamine --set 'tick=\"6 h\"' --out" in said


def test_a_sweep_that_was_written_out_makes_the_same_arms_and_knows_what_they_give(tmp_path):
    sweep = load_sweep(written(tmp_path, HEAD + COURSES))
    again = load_sweep(written(tmp_path, written_sweep(sweep.document, sweep.scenario)))
    assert again.document.arm == sweep.document.arm
    assert [cell.sets for cell in again.cells] == [cell.sets for cell in sweep.cells]
