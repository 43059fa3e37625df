"""What the user reads: check, list, new."""

import json

import pytest

from dorsalhorn.scenarios.errors import InputError
from dorsalhorn.scenarios.explain import explain, remarks
from dorsalhorn.scenarios.listing import KINDS, rows, table
from dorsalhorn.scenarios.load import load
from dorsalhorn.scenarios.template import write_template


def test_a_scenario_is_explained(read, registry):
    scenario = read(
        '[[stimulus]]\nkind="cuff"\nstart="1 d"\nstop="1.5 d"\nintensity=0.5\n'
        '[[treatment]]\nname="gabapentin"\nstart="36 h"\ndose=2.0\n'
        '[[knockout]]\nmechanism="kinase"\n[[clamp]]\ntarget="afferent.rate"\nfactor=0.1\nsite=[0.2,0.4]\n'
        '[[clamp]]\ntarget="microglia.recovery_time"\nvalue="7 d"\n'
        '[parameters]\n"microglia.recovery_time"="6 d"\n[switches]\n"sp.mode"="nk1"\n'
        '[record]\nagents=["receptors"]\nfields=["glutamate"]\n'
    )
    text = " ".join(explain(scenario, registry).split())
    for words in (
        "mine, seed 1",
        "article: ",
        "2 d in 48 ticks of 1 h",
        "20 NMDA receptors each",
        "microglia and",
        "cuff, from day 1 to day 1.5, on 0.35-0.65 of the skin map, intensity 0.5",
        "sp.mode = nk1 instead of direct_unblock",
        "microglia.recovery_time = 6 d instead of",
        "gabapentin at 2 times the usual dose, from day 1.5 to the end",
        "x 0.25",
        "kinase, from day 0 to the end",
        "afferent.rate held at 0.1 times what it would be, from day 0 to the end on 0.2-0.4",
        "microglia.recovery_time, from day 0 to the end: microglia.recovery_time = 7 d",
        "every 6 h, 9 records; every one of the receptors; maps of glutamate",
        "about ",
    ):
        assert words in text, text


def test_what_will_have_no_effect_is_remarked(read):
    late = read('[[stimulus]]\nkind="cuff"\nstart="5 d"\n', 'knockout=[{mechanism="kinase", start="3 d"}]')
    assert [r.split(" begins")[0] for r in remarks(late)] == ["the cuff stimulus", "knockout kinase"]
    assert "48 are run" not in "".join(remarks(late))
    assert "are run" in remarks(read("", 'tick="7 h"'))[0]
    assert remarks(load("sham")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_lists(kind):
    found = rows(kind)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    text = table(kind)
    assert text.strip()
    assert all(row["name"] in text for row in found)
    assert all(row.get("doc") or row.get("title") for row in found)
    assert len({row["name"] for row in found}) == len(found)


def test_the_template_is_a_valid_scenario(tmp_path):
    file = write_template(tmp_path / "my_first_try.toml")
    scenario = load(file)
    assert scenario.title == "My first try"
    assert scenario.stimuli[0].stop_d == 16.0


def test_the_template_with_every_line_in_use(tmp_path, registry):
    file = write_template(tmp_path / "all.toml")
    lines = []
    for line in file.read_text().splitlines():
        bare = line.removeprefix("# ")
        lines.append(bare if bare.startswith(("[", '"')) or " = " in bare.split("#")[0] else line)
    text = "\n".join(lines).replace('"peroxynitrite"', '"kinase"')
    file.write_text(text)
    scenario = load(file, registry=registry)
    assert scenario.courses
    assert scenario.overrides
    assert scenario.clamps


def test_an_odd_file_name_makes_no_broken_file(tmp_path):
    assert load(write_template(tmp_path / 'a"b\\c.toml')).title == "Abc"


def test_a_file_is_never_overwritten(tmp_path):
    file = write_template(tmp_path / "mine.toml")
    file.write_text("work of a day")
    with pytest.raises(InputError, match="left alone"):
        write_template(file)
    assert file.read_text() == "work of a day"
    with pytest.raises(InputError, match="cannot write"):
        write_template(tmp_path / "nowhere" / "mine.toml")
