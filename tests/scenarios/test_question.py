"""The page of the question: what it reads from a sweep and from margins, and what it says of them."""

import json

import pandas as pd
import pytest

from dorsalhorn.analysis.sweep_folder import open_sweep
from dorsalhorn.scenarios import cli
from dorsalhorn.scenarios.errors import InputError
from dorsalhorn.scenarios.margins_table import COLUMNS, Gain
from dorsalhorn.scenarios.question import Cell, Edge, Map, edge, maps
from dorsalhorn.scenarios.question_claims import CYCLE, Came, judged
from dorsalhorn.scenarios.question_page import write_question
from dorsalhorn.scenarios.sweeps import load_sweep

from .command import command

DURATIONS, INTENSITIES, BIOLOGIES = ["1 d", "4 d", "7 d"], [0.5, 1.0], ["article", "literature"]
AXES = {"lasts": "stimulus.0.stop", "strength": "stimulus.0.intensity", "biology": "biology"}


def made_up_fate(biology, duration, intensity, seed):
    if biology == "literature":
        return "latent" if duration == "7 d" and intensity == 1.0 else "heals"
    if duration == "4 d" and intensity == 1.0:
        return "stays" if seed == 1 else "partly heals"
    return "stays" if duration == "7 d" and intensity == 1.0 else "heals"


@pytest.fixture
def make_sweep(tmp_path):
    """A sweep's folder with made-up fates; `fate` says what came of each run."""

    def make(fate=made_up_fate, axes=AXES, measures=("fate",)):
        folder = tmp_path / "swept"
        (folder / "figures").mkdir(parents=True)
        (folder / "figures" / "fate.png").write_bytes(b"a map")
        (folder / "sweep.toml").write_text("set = ['tick=\"4 h\"']\n")
        values = dict(zip(AXES, (DURATIONS, INTENSITIES, BIOLOGIES), strict=True))
        rows = [
            {"lasts": d, "strength": i, "biology": b, "seed": s, "fate": fate(b, d, i, s)}
            for d in DURATIONS
            for i in INTENSITIES
            for b in BIOLOGIES
            for s in (1, 2, 3)
        ]
        cells = [
            {"coordinates": {"lasts": d, "strength": i, "biology": b}}
            for d in DURATIONS
            for i in INTENSITIES
            for b in BIOLOGIES
        ]
        info = {
            "status": "complete",
            "sweep": "injury_duration_by_intensity",
            "seeds": [1, 2, 3],
            "measures": list(measures),
            "axes": [{"name": n, "path": p, "zip": None, "values": values[n]} for n, p in axes.items()],
            "arms": [],
            "runs": len(rows),
            "finished": len(rows),
            "cells": cells,
            "versions": {"dorsalhorn": "7.7.7"},
        }
        (folder / "sweep.json").write_text(json.dumps(info))
        pd.DataFrame(rows).to_parquet(folder / "runs.parquet")
        return folder

    return make


@pytest.fixture
def margins(tmp_path):
    """A made-up table of margins under the article."""
    rows = [",".join(COLUMNS)]
    for name, painless, painful in (
        ("kinase", 0.5, 0.625),
        ("microglia", 0.25, 0.375),
        ("substance_p", "", 0.0),
        *((name, 0.125, 0.25) for name in CYCLE),
    ):
        rows.append(f"flagship,article,4 h,3,6.6.6,injury,{name},1,{painless},{painful}")
    file = tmp_path / "m.csv"
    file.write_text("\n".join(rows) + "\n")
    for suffix in (".md", ".png"):
        file.with_suffix(suffix).touch()
    return file


def test_where_pain_begins_to_stay():
    values = ["a", "b", "c"]
    assert edge(values, [False, True, True]) == Edge("a", "b", True)
    assert edge(values, [True, True, True]) == Edge(None, "a", True)
    assert edge(values, [False, False, False]) == Edge("c", None, True)
    assert edge(values, [False, True, False]) == Edge("a", "b", False)


def test_a_cell_is_its_commonest_fate_and_of_two_the_worse():
    assert Cell("a", 1.0, {"heals": 2, "stays": 1}).fate == "heals"
    tie = Cell("a", 1.0, {"heals": 1, "stays": 1})
    assert (tie.fate, tie.stays) == ("stays", False)
    assert Cell("a", 1.0, {"heals": 1, "stays": 2}).stays


def test_maps_are_read_from_the_runs(make_sweep):
    article, literature = maps(open_sweep(make_sweep()))
    assert (article.biology, literature.biology) == ("article", "literature")
    assert article.cells["4 d", 1.0].counts == {"stays": 1, "partly heals": 2}
    assert article.across(1.0) == Edge("4 d", "7 d", True)
    assert article.across(0.5) == Edge("7 d", None, True)
    assert literature.count("latent") == 1
    assert not literature.stays_anywhere


def test_the_page_says_the_map_the_margins_and_the_claims(make_sweep, margins, tmp_path):
    out = tmp_path / "docs" / "question.md"
    lines = write_question(out, make_sweep(), [margins])
    text = out.read_text()
    for words in (
        "- Under `article`, what became of 6 injuries: stays 1, partly heals 1, heals 4.",
        "  - Intensity 1: it stays from between 4 d and 7 d on.",
        "  - Intensity 0.5: it stays after no duration, up to 7 d.",
        "  - Half of it is not enough: `kinase` (1.6).",
        "  - The pain stands without: `substance_p`.",
        "- Under `literature`, what became of 6 injuries: latent 1, heals 5.",
    ):
        assert words in lines, words
        assert words in text
    for words in (
        "dorsalhorn question swept --margins m.csv",
        'dorsalhorn 7.7.7, 36 runs, seeds 1, 2, 3, `tick="4 h"`',
        "dorsalhorn 6.6.6, preset `article`, 1 seed, tick 4 h",
        "| intensity | 1 d | 4 d | 7 d |",
        "| 1 | heals 3/3 | partly heals 2/3 | **stays 3/3** |",
        "(question_map.png)",
        "| kinase | 1.6 (1.6-2.0) |",
        "Under `literature` no margins were made.",
        "not medical advice",
        "(claims.md)",
        "(knockouts.md)",
        "(patterns.md)",
        "(../m.png)",
        "How these were found: [m.md](../m.md).",
    ):
        assert words in text, words
    assert (out.parent / "question_map.png").read_bytes() == b"a map"


def a_map(*fates):
    return Map("article", range(len(fates)), [1.0], [Cell(k, 1.0, {f: 1}) for k, f in enumerate(fates)])


def a_gain(name, middle):
    return Gain(name, middle, middle, middle)


def came(there, gains):
    return {claim.id: claim.came for claim in judged(there, {g.mechanism: g for g in gains})}


def test_claims_are_judged_from_the_map():
    both = came(a_map("heals", "stays"), [])
    assert (both["M05"], both["M11"], both["M48"]) == (Came.OUT, Came.OUT, Came.UNKNOWN)
    assert came(a_map("stays", "stays"), [])["M05"] is Came.NOT
    healed = came(a_map("heals", "latent"), [a_gain("kinase", 0.0)])
    assert (healed["M05"], healed["M11"], healed["M62"]) == (Came.NOT, Came.NOT, Came.UNKNOWN)
    stronger = came(a_map("stays"), [a_gain("kinase", 0.5), a_gain("microglia", 0.0)])
    assert (stronger["M39"], stronger["M62"]) == (Came.UNKNOWN, Came.UNKNOWN)


def test_claims_are_judged_from_the_margins():
    infinite = float("inf")
    radicals = [a_gain(name, 3.0) for name in CYCLE]
    found = came(a_map("stays"), [*radicals, a_gain("substance_p", infinite), a_gain("microglia", 1.5)])
    assert (found["M15"], found["M39"], found["M48"], found["M62"]) == (
        Came.NOT,
        Came.OUT,
        Came.OUT,
        Came.NOT,
    )
    needless = [a_gain(name, infinite) for name in CYCLE]
    found = came(a_map("stays"), needless)
    assert (found["M15"], found["M48"], found["M62"]) == (Came.UNKNOWN, Came.NOT, Came.OUT)


def test_another_sweep_is_refused(make_sweep):
    folder = make_sweep(axes={"lasts": "stimulus.0.stop", "strength": "stimulus.0.intensity"})
    with pytest.raises(InputError, match="has no axis of biology: run `dorsalhorn sweep injury_duration"):
        maps(open_sweep(folder))


def test_a_sweep_without_fates_is_refused(make_sweep):
    with pytest.raises(InputError, match="does not measure fate"):
        maps(open_sweep(make_sweep(measures=("outcome",))))


def test_two_tables_of_one_preset_are_refused(make_sweep, margins, tmp_path):
    with pytest.raises(InputError, match="two tables of margins are of the preset article"):
        write_question(tmp_path / "q.md", make_sweep(), [margins, margins])
    assert not (tmp_path / "q.md").exists()


def test_the_shipped_sweep_is_the_one_that_the_page_reads():
    sweep = load_sweep("injury_duration_by_intensity")
    assert [axis.path for axis in sweep.document.axis] == list(AXES.values())
    assert {cell.coordinates["biology"] for cell in sweep.cells} == set(BIOLOGIES)
    assert "fate" in sweep.document.measures
    for cell in sweep.cells:
        challenge = next(c for c in cell.scenario.clamps if c.target == "opioid_tone")
        assert cell.scenario.stimuli[0].cause_ends_d < challenge.start_d < cell.scenario.duration_d


def test_the_command_writes_the_page(make_sweep, margins, tmp_path, capsys):
    out = tmp_path / "q.md"
    assert cli.main(["question", str(make_sweep()), "--margins", str(margins), "--out", str(out)]) == 0
    assert "Under `article`, what became of 6 injuries" in capsys.readouterr().out
    assert out.is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere is not a sweep folder"),
        (["swept", "--margins", "none.csv"], "none.csv cannot be read"),
        (["swept", "--out", "swept"], "swept is a folder"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_message(arguments, said, make_sweep, tmp_path):
    make_sweep()
    answer = command("question", *arguments, cwd=tmp_path)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""
