"""The study of treatments: courses of combinations, what comes of them, and the page that says so."""

import json
import math
from typing import ClassVar

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from dorsalhorn.analysis import sweep_figures
from dorsalhorn.analysis.efficacy import measured, summarised
from dorsalhorn.analysis.efficacy_figure import MARK, efficacy_figure
from dorsalhorn.analysis.sweep_folder import open_sweep
from dorsalhorn.model.readouts import COLUMNS
from dorsalhorn.scenarios import cli, ensemble
from dorsalhorn.scenarios.efficacy_claims import NOT_READ, NOT_RUN, article_claims, came, read_said
from dorsalhorn.scenarios.efficacy_page import write_efficacy
from dorsalhorn.scenarios.efficacy_tables import results_table
from dorsalhorn.scenarios.errors import RegistryError
from dorsalhorn.scenarios.load import load
from dorsalhorn.scenarios.regimen import about_given
from dorsalhorn.scenarios.registry import registry
from dorsalhorn.scenarios.sweep_run import run_sweep
from dorsalhorn.scenarios.sweeps import load_sweep

from .courses import COURSES, HEAD

NAIVE, LOW = 16.0, 1.0


class Made:
    """Stands in for the model: each treatment brings a share back while given, ketamine for good."""

    share: ClassVar[dict[str, float]] = {"gabapentin": 0.5, "ketamine": 0.75, "capsaicin_patch": 0.0}

    @classmethod
    def run_one(cls, scenario, measure):
        time = np.arange(0.0, scenario.duration_d + 1e-9, scenario.record.every_d)
        frame = pd.DataFrame({column.name: np.ones(len(time)) for column in COLUMNS})
        left = np.ones(len(time))
        for given in scenario.treatments:
            lasts = math.inf if given.name == "ketamine" else given.stop_d
            there = (time > given.start_d) & (time <= lasts)
            left[there] *= 1.0 - cls.share[given.name]
        frame["withdrawal_threshold_g"] = np.where(time > 2.0, NAIVE * (LOW / NAIVE) ** left, NAIVE)
        frame["spontaneous_hz"] = np.where(time > 2.0, 0.1 + 10.0 * left, 0.1)
        return measure(frame.set_index(pd.Index(time, name="time_d")), scenario)


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """The folder of a sweep of courses, run by the stand-in."""
    monkeypatch.setattr(ensemble, "run_one", Made.run_one)
    monkeypatch.setattr(sweep_figures, "save_sweep_figures", lambda sweep: [])

    def run(text=HEAD + COURSES, name="swept", **changes):
        file = tmp_path / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        return run_sweep(load_sweep(file, **changes), tmp_path / name, 1)

    return run


def test_what_was_given_is_kept_with_each_run_and_its_grade(swept):
    folder = swept()
    info = json.loads((folder / "sweep.json").read_text())
    cell = next(c for c in info["cells"] if c["coordinates"]["arm"] == "gabapentin late")
    about = pq.read_schema(folder / "cells" / f"{cell['keys'][0]}.parquet").metadata
    (given,) = json.loads(about[b"treatments"])
    assert (given["name"], given["grade"]) == ("gabapentin", registry().treatments["gabapentin"].grade)
    assert given["offset_d"] == pytest.approx(2.5 / 24)
    assert given["evenly"] is False
    two = load("injury_literature", ['treatment=[{name="gabapentin", start="3 d"}]'])
    assert about_given(two, registry())[0]["offset_d"] == pytest.approx(1.5)  # the slower of two effects


def test_relief_and_what_lasts_are_read_from_the_runs(swept):
    table = measured(open_sweep(swept())).set_index(["gives", "course", "seed"])
    assert table.loc[("gabapentin", "late", 1), "relief"] == pytest.approx(0.5)
    assert table.loc[("gabapentin", "early", 2), "relief"] == pytest.approx(0.5)
    assert table.loc[("gabapentin", "late", 1), "lasting"] == 0.0
    assert table.loc[("ketamine", "late", 1), "lasting"] == 1.0
    assert table.loc[("both of them", "late", 1), "relief"] == pytest.approx(0.875)
    assert table.loc[("both of them", "late", 1), "members"] == "gabapentin + ketamine"
    assert math.isnan(table.loc[("capsaicin_patch", "late", 1), "reset"])  # fades over months


def test_runs_that_go_on_until_all_has_worn_off_say_what_lasts(swept, tmp_path):
    waits = COURSES.replace("[[course]]\n", "[[course]]\nuntil_worn_off = true\n")
    patched = HEAD + '"with a patch" = ["gabapentin", "capsaicin_patch"]\n'  # of which one ends weeks sooner
    folder = swept(patched + waits, "waits")
    table = measured(open_sweep(folder)).set_index(["gives", "course", "seed"])
    assert table["reset"].notna().all()
    assert table.loc[("capsaicin_patch", "late", 1), ["reset", "lasting"]].tolist() == [0.0, 0.0]
    assert table.loc[("ketamine", "late", 1), "lasting"] == 1.0
    write_efficacy(tmp_path / "waits.md", [folder])
    assert "up to 150 d for what takes longer to wear off" in (tmp_path / "waits.md").read_text()


def test_the_page_has_grades_disclaimer_interaction_and_verdicts(swept, tmp_path, capsys):
    folder, out = swept(), tmp_path / "docs" / "efficacy.md"
    assert cli.main(["efficacy", str(folder), "--out", str(out)]) == 0
    said, text = capsys.readouterr().out, out.read_text()
    assert "1 of 3 treatments brought back 0.7 or more of what was lost: ketamine (moderate)" in said
    for words in (
        "research and teaching model, not medical advice",
        "no reason to begin, change or",
        "| ketamine | moderate (animal and human) | 0.75",
        "| both of them | gabapentin (strong), ketamine (moderate) |",
        "| `article` | both of them | late | 2 | 0.88 | 0.88 | 0.75 | 0.00 |",
        "| gabapentin alone gives no lasting relief | M26, M51 | strong |",
        "**supported in this model**: 0.00",
        "not represented",
        "not run",
        "`dorsalhorn efficacy swept`",
        "So few seeds",
    ):
        assert words in text
    assert str(tmp_path) not in text
    assert "![" in text
    assert (out.parent / "efficacy.png").stat().st_size > 10_000
    assert pd.read_csv(out.with_suffix(".csv"))["gives"].iloc[0] == "both of them"
    assert len(pd.read_csv(out.parent / "efficacy_runs.csv")) == 2 * 7
    assert set(pd.read_csv(out.parent / "efficacy_together.csv")["read"]) == {"relief", "output"}


def test_the_figure_sorts_by_effect_puts_combinations_first_and_marks_what_lasts(swept):
    figure = efficacy_figure("T", summarised(measured(open_sweep(swept()))), "2 seeds")
    texts = [text.get_text() for text in figure.axes[0].texts]
    names = [t for t in texts if t in ("both of them", "ketamine", "gabapentin", "capsaicin patch")]
    assert names == ["both of them", "ketamine", "gabapentin", "capsaicin patch"]
    assert [t for t in texts if t in ("combination", "moderate", "strong")] == [
        "combination",
        "moderate",
        "strong",
        "strong",
    ]
    assert texts.count(f"{MARK} 0.75") == 4  # ketamine alone and in what is given with it, early and late
    assert texts.count("0.50") == 4  # gabapentin: threshold and output, early and late
    assert "early, day 3 to 31" in texts
    assert any("not medical advice" in text.get_text() for text in figure.texts)


def test_two_presets_stand_side_by_side_and_one_cannot_come_twice(swept, tmp_path):
    first = swept()
    second = swept((HEAD + COURSES).replace("injury_heals_pain_stays", "injury_literature"), "other")
    lines = write_efficacy(tmp_path / "both.md", [first, second])
    assert any("`literature`, late" in line for line in lines)
    text = (tmp_path / "both.md").read_text()
    assert "| needs | `article` | `literature` |" in text
    assert "injury: incision, day 2 to 16" in text
    assert "the drive goes on" not in text
    assert cli.main(["efficacy", str(first), str(first), "--out", str(tmp_path / "x.md")]) == 2
    assert not (tmp_path / "x.md").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda info: info.update(reference=None), "is no sweep of courses against an untreated arm"),
        (lambda info: info["axes"].append({"name": "a"}), r"no \[\[axis\]\]"),
        (
            lambda info: info.update(seeds=[8, 9]) or [c.update(keys=["x", "y"]) for c in info["cells"]],
            "no fin",
        ),
    ],
)
def test_other_sweeps_are_turned_away_with_one_line(swept, tmp_path, capsys, change, said):
    import re

    folder = swept()
    info = json.loads((folder / "sweep.json").read_text())
    change(info)
    (folder / "sweep.json").write_text(json.dumps(info))
    assert cli.main(["efficacy", str(folder), "--out", str(tmp_path / "e.md")]) == 2
    found = capsys.readouterr().err
    assert re.search(said, found)
    assert found.count("\n") == 1
    assert cli.main(["efficacy", str(tmp_path / "nowhere")]) == 2


def test_the_page_says_where_the_drive_goes_on(swept, tmp_path):
    nerve = 'stimulus=[{kind="spared_nerve_injury", start="2 d"}]'
    write_efficacy(tmp_path / "nerve.md", [swept(sets=[nerve])])
    text = (tmp_path / "nerve.md").read_text()
    assert "injury: spared nerve injury, from day 2" in text
    assert "the drive goes on to the end" in text


def test_runs_that_do_not_say_what_was_given_are_turned_away(swept, tmp_path, capsys):
    folder = swept()
    for file in (folder / "cells").iterdir():
        table = pq.read_table(file)
        kept = {k: v for k, v in table.schema.metadata.items() if k != b"treatments"}
        pq.write_table(table.replace_schema_metadata(kept), file)
    assert cli.main(["efficacy", str(folder), "--out", str(tmp_path / "e.md")]) == 2
    assert "does not say what was given; it was made by an older version" in capsys.readouterr().err


def test_the_shipped_claims_are_about_arms_of_the_shipped_study():
    arms = {(arm.gives, arm.course) for arm in load_sweep("treatment_timing").document.arm}
    there = {said for said in article_claims() if not said.why}
    assert {(said.gives, said.course) for said in there} <= arms
    assert {(said.than or said.gives, said.than_course or said.course) for said in there} <= arms
    assert {said.gives for said in there if said.group.startswith("Natural")} == set(
        next(
            {g.name for g in cell.scenario.treatments}
            for cell in load_sweep("treatment_timing", only=["all natural late"]).cells
            if cell.scenario.treatments
        )
    )


def test_claims_that_contradict_the_data_are_listed():
    entry = 'group = "g"\nsays = "s"\nrows = ["M99"]\nreads = "joy"\n'
    with pytest.raises(RegistryError, match=r"x: there is no row M99\n.*nothing to read called 'joy'"):
        read_said(f"[claims.x]\n{entry}")


def test_a_claim_is_judged_by_every_seed_and_says_when_it_cannot_be():
    said = {each.name: each for each in article_claims()}
    head = {"biology": "article", "course": "late", "members": "gabapentin", "gives": "gabapentin"}
    table = pd.DataFrame(
        [{**head, "seed": s, "relief": 0.2, "output": 0.2, "reset": r} for s, r in ((1, 0.1), (2, 0.9))]
    )
    found = came(said["gabapentin_does_not_last"], table, "article")
    assert (found.word, found.judged.straddles) == ("not supported", True)
    assert came(said["gabapentin_does_not_last"], table, "literature").word == NOT_RUN
    table["reset"] = math.nan
    assert came(said["gabapentin_does_not_last"], table, "article").word == NOT_READ
    early = table.assign(course="early", output=0.5)
    both = pd.concat([table, early], ignore_index=True)
    assert came(said["gabapentin_late"], both, "article").judged.value == pytest.approx(0.3)


def test_the_table_of_results_says_how_long_relief_could_be_watched(swept):
    table = results_table(summarised(measured(open_sweep(swept()))))
    assert "81+ | 0.75 **lasting** |" in table  # ketamine early: from day 31 to the end on day 112


def test_a_claim_about_a_combination_reads_threshold_or_output():
    said = {each.name: each for each in article_claims()}
    rows = [("a", "a", 0.0, 0.2), ("b", "b", 0.0, 0.5), ("all natural", "a + b", 0.9, 0.6)]
    head = {"biology": "article", "course": "late", "seed": 1}
    table = pd.DataFrame(
        [{**head, "gives": g, "members": m, "relief": r, "output": o} for g, m, r, o in rows]
    )
    assert came(said["more_than_parts"], table, "article").judged.value == pytest.approx(0.9)
    assert came(said["more_than_parts_output"], table, "article").judged.value == pytest.approx(0.0)
    assert came(said["more_than_best"], table, "article").judged.value == pytest.approx(0.9)
