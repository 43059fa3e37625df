"""Treatments from the catalogue and of one's own: in a scenario, in the slice, in the run folder."""

import math
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dorsalhorn
from dorsalhorn.agents.engine import Parameters, release_model
from dorsalhorn.model import DorsalHorn
from dorsalhorn.model import dorsalhorn as horn
from dorsalhorn.model.courses import course_factor
from dorsalhorn.model.schedule import Drives, Regimen, identifier
from dorsalhorn.scenarios import resolved_toml
from dorsalhorn.scenarios.cli import main
from dorsalhorn.scenarios.errors import ScenarioError
from dorsalhorn.scenarios.explain import explain, remarks
from dorsalhorn.scenarios.load import load
from dorsalhorn.scenarios.progress import phase
from dorsalhorn.scenarios.regimen import about_given
from dorsalhorn.scenarios.registry import registry as shipped_registry
from dorsalhorn.scenarios.run import run
from dorsalhorn.scenarios.treatment_page import page
from dorsalhorn.scenarios.treatments import FIBRE_TARGETS

DATA = shipped_registry()
BASE = """title="x"
biology="{}"
duration="8 d"
tick="4 h"
[slice]
scale=0.02
receptors_per_neuron=5
[parameters]
"laboratory.series"=1.0
"laboratory.probes"=3.0
[record]
every="8 d"
[[stimulus]]
kind="nerve_constriction"
start="0 d"
site=[0.2, 0.5]
"""
GIVE = '[[treatment]]\nname="{}"\nstart="1 d"\n'
OWN = """
doc = "mine"
onset = "1 h"
offset = "2 h"
effects = {"kinase.activity" = 0.5, "afferent.c_release" = {factor = 0.4, onset = "30 min"}}
effects_article = {"kinase.activity" = 0.25}
"""


@pytest.fixture
def given(tmp_path):
    """Load a small scenario with an injury and what is given."""

    def loaded(text, biology="literature", *sets):
        file = tmp_path / "mine.toml"
        file.write_text(BASE.format(biology) + text)
        return load(file, sets)

    return loaded


@pytest.fixture
def hurried(monkeypatch):
    """Models settle for a few ticks only."""
    monkeypatch.setattr(horn, "SETTLE", ((1.0, 3), (0.125, 2)))


# ---------------------------------------------------------------------- every treatment
@pytest.mark.parametrize("biology", DATA.presets)
@pytest.mark.parametrize("name", DATA.treatments)
def test_a_treatment_changes_its_targets_and_nothing_else(given, name, biology):
    scenario = given(GIVE.format(name) + "dose=0.5\n", biology)
    values = {identifier(k): v for k, v in scenario.parameters.items()}
    p = Parameters(list(values), list(values.values()))
    regimen = Regimen(scenario, p)
    regimen.apply(0.5)
    assert dict(p.items()) == values
    regimen.apply(1.5)
    moved = {key for key, value in p.items() if value != values[key]}
    effects = DATA.treatments[name].under(biology)
    wanted = {identifier(k) for k in effects if scenario.parameters.get(k)}
    assert moved == wanted
    assert not any(key.startswith("laboratory") for key in moved)
    on_fibres = [s.course.parameter for s in scenario.stimuli if s.label]
    on_fibres += [c.course.parameter for c in scenario.clamps]
    assert sorted(on_fibres) == sorted(set(effects) & set(FIBRE_TARGETS))


@pytest.mark.usefixtures("hurried")
def test_everything_at_once_runs(given):
    model = DorsalHorn(given("".join(GIVE.format(name) for name in DATA.treatments)))
    for _ in range(9):
        model.step()
    assert all(np.isfinite(model.neurons.columns[c]).all() for c in ("rate_hz", "peroxynitrite", "kinase"))
    release_model(model)


@pytest.mark.parametrize("name", DATA.treatments)
def test_what_is_given_is_written_down_and_read_back(given, name, tmp_path):
    scenario = given(GIVE.format(name) + "dose=0.3\n")
    file = tmp_path / "again" / "scenario.toml"
    file.parent.mkdir()
    file.write_text(resolved_toml(scenario))
    assert load(file) == scenario
    assert load(file.parent) == scenario


# ---------------------------------------------------------------------- site
def afferents(model, scenario, time_d):
    """The fibres' inputs and what of their columns is held, at a moment."""
    drives = Drives(scenario.stimuli, model.afferents, 1)
    drives.apply(time_d, time_d + 1e-6)
    return model.afferents


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    before, horn.SETTLE = horn.SETTLE, ((1.0, 1),)
    file = tmp_path_factory.mktemp("slice") / "x.toml"
    file.write_text(BASE.format("literature"))
    built = DorsalHorn(load(file))
    yield built
    horn.SETTLE = before
    release_model(built)


def test_a_block_silences_the_fibres_of_its_site_and_wears_off(given, model):
    scenario = given(GIVE.format("lidocaine_block") + 'stop="2 d"\nsite=[0.6, 0.9]\n')
    skin = model.afferents.skin
    inside = (skin >= 0.6) & (skin <= 0.9)
    for day, blocked in ((0.9, 0.0), (1.5, 0.99), (2.0 + 0.25, 0.99 * math.exp(-1.0)), (7.0, 0.0)):
        fibres = afferents(model, scenario, day)
        assert fibres.blocked[inside] == pytest.approx(blocked, abs=1e-3)
        assert (fibres.blocked[~inside] == 0.0).all()


def test_the_patch_spares_a_fibres_and_goes_where_it_hurts(given, model):
    scenario = given(GIVE.format("capsaicin_patch"))
    assert scenario.treatments[0].site == (0.2, 0.5)
    fibres = afferents(model, scenario, 4.0)
    c_fibre, inside = fibres.kind <= 1, (fibres.skin >= 0.2) & (fibres.skin <= 0.5)
    silenced = 1.0 - shipped_registry().treatments["capsaicin_patch"].effects["afferent.c_conduction"].factor
    assert silenced > 0.5
    assert fibres.blocked[c_fibre & inside] == pytest.approx(silenced * (1.0 - math.exp(-3.0)), abs=1e-3)
    assert (fibres.blocked[~c_fibre | ~inside] == 0.0).all()
    no_stimulus = replace(scenario, stimuli=())
    assert load_again(no_stimulus).treatments[0].site == (0.2, 0.5), "the run folder's file says where"


def load_again(scenario):
    """What a run folder's file gives when it is read on its own."""
    with tempfile.TemporaryDirectory() as there:
        file = Path(there) / "scenario.toml"
        file.write_text(resolved_toml(scenario))
        return load(file)


def test_without_a_stimulus_it_goes_everywhere(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text('title="x"\nbiology="article"\nduration="2 d"\n' + GIVE.format("capsaicin_cream"))
    assert load(file).treatments[0].site == (0.0, 1.0)


@pytest.mark.usefixtures("hurried")
def test_drugs_act_on_sick_fibres_as_far_as_they_are_sick(given):
    """Gabapentin quiets injured fibres, an NSAID inflamed ones; healthy ones fire as they did."""
    rates = {}
    for name in ("none", "gabapentin", "nsaid", "opioid_acute"):
        scenario = given("" if name == "none" else GIVE.format(name), "literature")
        model = DorsalHorn(scenario)
        for _ in range(12):
            model.step()
        a = model.afferents
        rates[name] = (a.rate_hz.copy(), a.release.copy(), a.sensitisation.copy(), a.kind.copy())
        hurt, harm = a.nerve_injury > 0.0, a.nerve_injury + a.inflammation
        injured = a.nerve_injury / np.where(hurt, harm, 1.0)
        release_model(model)
    free, release, sensitised, kind = rates["none"]
    driven = hurt & (free > 0.2)
    ratio = rates["gabapentin"][0][driven] / free[driven]
    share = injured[driven]
    assert (share > 0.5).all(), "most of the harm of a constriction is injury"
    quiet, calmed, left = (
        DATA.treatments[drug].under("literature")[f"afferent.{what}"].factor
        for drug, what in (
            ("gabapentin", "ectopic_discharge"),
            ("nsaid", "inflamed_discharge"),
            ("nsaid", "sensitisation"),
        )
    )
    assert ratio == pytest.approx(1.0 - (1.0 - quiet) * share, abs=0.01)
    inflamed = 1.0 - share
    assert (rates["nsaid"][0][driven] / free[driven]) == pytest.approx(
        1.0 - (1.0 - calmed) * inflamed, abs=0.01
    )
    assert (rates["nsaid"][2][hurt] / sensitised[hurt]) == pytest.approx(left, abs=0.01)
    for name in ("gabapentin", "nsaid"):
        assert (rates[name][0][~hurt] == free[~hurt]).all()
    eased = rates["opioid_acute"][1] / release
    assert eased[kind <= 1].max() < 0.6
    assert eased[kind > 1].min() > 0.8


def test_the_patch_wears_off_at_a_steady_pace_and_says_so(given):
    """Fibres grow in again; what is no fibre wears off exponentially."""
    scenario = given(GIVE.format("capsaicin_patch") + GIVE.format("gabapentin") + 'stop="3 d"\n')
    patch = next(c.course for c in scenario.clamps if c.target == "substance_p.store")
    left = [1.0 - course_factor(patch, day) for day in (4.0, 4.0 + 52.5, 4.0 + 105.0)]
    assert left == pytest.approx([left[0], left[0] - (left[0] + 0.035) / 2, 0.0], abs=0.01)
    told = explain(scenario)
    assert told.count("off in 15 weeks at a constant rate") == 2
    assert "off in 2.5 h;" in told
    mine = given(f"[treatments.mine]\nevenly = true\n{OWN}" + GIVE.format("mine"))
    assert [c.evenly for c in mine.courses if "mine" in c.label] == [True]
    assert load_again(mine) == mine


def test_what_days_of_morphine_did_to_rates_is_over_a_week_later(given):
    """Ended a week before an injury it prolongs nothing; inflammasomes outlast it, no rate does (P45)."""
    scenario = given(GIVE.format("opioid_acute") + GIVE.format("opioid_long_term") + 'stop="10 d"\n')
    lasting = [c for c in scenario.courses if "opioid_long_term" in c.label]
    assert len(lasting) > 3
    for course in lasting:
        done, left = (abs(1.0 - course_factor(course, day)) for day in (10.0, 17.0))
        assert done > 0.0
        assert left < 0.15 * done


# ---------------------------------------------------------------------- regimens
REGIMEN = (
    GIVE.format("ketamine")
    + 'stop="5 d"\nevery="1 d"\nlasts="6 h"\ntaper="2 d"\ndose=0.3333333333333333\n'
    + GIVE.format("capsaicin_patch")
    + 'every="3 d"\nsite=[0.1, 0.2]\n'
    + GIVE.format("capsaicin_patch")
    + "site=[0.3, 0.4]\n"
)


def test_a_regimen_is_read_explained_and_written_back(given, tmp_path):
    scenario = given(REGIMEN)
    ketamine, repeated, once = scenario.treatments
    assert (ketamine.every_d, ketamine.lasts_d, ketamine.taper_d, ketamine.stop_d) == (1.0, 0.25, 2.0, 5.0)
    assert (repeated.lasts_d, repeated.stop_d) == (3.0, math.inf)
    assert (once.stop_d, once.every_d) == (4.0, None)
    assert load_again(scenario) == scenario
    text = " ".join(explain(scenario).split())
    for words in (
        "ketamine at 0.333333 times the usual dose, every 1 d for 6 h, from day 1 to day 5, tapered over the "
        "last 2 d; evidence: moderate (animal and human)",
        "nmdar.conductance x 0.541, no dose beyond x 0.05: factor on all NMDA conductances; felt by ",
        "NMDAReceptor.open",
        "on in 5 min, off in 3 h; choice, maher2017",
        "capsaicin_patch, once on day 1, on 0.3-0.4 of the skin map",
    ):
        assert words in text, text
    assert phase(scenario, 4.5) == "nerve constriction + ketamine + capsaicin patch"


def test_doses_shorter_than_a_tick_are_remarked(given):
    scenario = given(GIVE.format("ketamine") + 'every="1 d"\nlasts="1 h"\n')
    assert any("less than a tick (4 h)" in r for r in remarks(scenario))
    assert any("treatment ketamine begins" in r for r in remarks(replace(scenario, duration_d=0.5)))


# ---------------------------------------------------------------------- of one's own
def test_a_scenario_brings_a_treatment(given, tmp_path):
    text = f"[treatments.my_drug]\n{OWN}" + GIVE.format("my_drug")
    scenario = given(text)
    assert {c.parameter: c.factor for c in scenario.courses} == {"kinase.activity": 0.5}
    assert [c.course.onset_d for c in scenario.clamps] == [pytest.approx(1 / 48)]
    assert {c.parameter: c.factor for c in given(text, "article").courses} == {"kinase.activity": 0.25}
    assert load_again(scenario) == scenario
    assert "my_drug" in explain(scenario)
    (about,) = about_given(scenario, DATA)
    assert (about["name"], about["grade"], about["stop_d"]) == ("my_drug", "unsupported", None)


def test_one_that_amends_keeps_what_a_preset_does_not_change(given):
    text = f"[treatments.my_drug]\namends = true\n{OWN}" + GIVE.format("my_drug")
    for biology, factor in (("literature", 0.5), ("article", 0.25)):
        scenario = given(text, biology)
        assert {c.parameter: c.factor for c in scenario.courses} == {"kinase.activity": factor}
        assert scenario.clamps == given(text).clamps != ()
        assert load_again(scenario) == scenario


def test_a_file_beside_the_scenario_brings_treatments(given, tmp_path):
    folder = tmp_path / "treatments"
    folder.mkdir()
    (folder / "mine.toml").write_text(f"[my_drug]\n{OWN}\n[other]\n{OWN}")
    scenario = given(GIVE.format("my_drug"))
    assert scenario.courses
    assert list(scenario.definitions) == ["my_drug"], "only what is given goes into the run folder"
    assert load_again(scenario) == scenario
    with pytest.raises(ScenarioError, match="defined twice"):
        given(f"[treatments.other]\n{OWN.replace('0.5', '0.6')}" + GIVE.format("my_drug"))


WRONG = {
    "doc = ": ("dok = ", ["did you mean doc?", "doc: is required"]),
    '"1 h"': ('"1 mV"', ["onset: 1 mV is a voltage, not a time"]),
    '"2 h"': ('"0 h"', ["offset: must be longer than 0"]),
    "kinase.activity": ("kinase.activty", ["is not a parameter; did you mean kinase.activity?"]),
    "afferent.c_release": ("afferent.c_releases", ["did you mean afferent.c_release?"]),
    "= 0.5": ("= 1.5", ["raises its target", "ceiling"]),
    "= 0.5,": ("= -0.5,", ["at least 0"]),
    "= 0.5, ": ('= "half", ', ["must be a number", "'half'"]),
    "factor = 0.4": ("factr = 0.4", ["did you mean factor?", "needs a factor"]),
    'onset = "30 min"': ("ceiling = 0.7", ["must lie beyond the factor 0.4"]),
    "effects_article": ("effects_artcle", ["did you mean effects_article?"]),
    'effects = {"kinase.activity" = 0.5,': (
        'effects = {"laboratory.criterion" = 0.5,',
        ["belongs to the experiment"],
    ),
    'onset = "1 h"': ('evenly = 3\nonset = "1 h"', ["evenly: must be true or false"]),
    'doc = "mine"': ('doc = "mine"\ngrade = "superb"', ["must be strong, moderate, weak or unsupported"]),
}


@pytest.mark.parametrize("right", WRONG)
def test_what_is_wrong_with_a_file_is_said(given, tmp_path, right):
    wrong, words = WRONG[right]
    folder = tmp_path / "treatments"
    folder.mkdir()
    assert right in OWN
    (folder / "mine.toml").write_text(f"[my_drug]\n{OWN.replace(right, wrong, 1)}")
    with pytest.raises(ScenarioError) as refused:
        given("")
    message = str(refused.value)
    assert "mine.toml" in message
    assert "line " in message
    assert "my_drug" in message
    for word in words:
        assert word in message, message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[treatments.gabapentin]\n{OWN}", "in the catalogue already"),
        ("[treatments]\nmine=3\n", "must be a table"),
        ('[[treatments]]\nname="gabapentin"\n', "[[treatment]] to give one"),
        (f'[treatments."my drug"]\n{OWN}', "letters, digits and '_'"),
        (GIVE.format("my_drugg") + f"[treatments.my_drug]\n{OWN}", "did you mean my_drug?"),
    ],
)
def test_own_treatments_that_cannot_be(given, text, words):
    with pytest.raises(ScenarioError) as refused:
        given(text)
    assert words in str(refused.value)


# ---------------------------------------------------------------------- what is read
def test_the_run_folder_holds_treatment_and_evidence(given, hurried, tmp_path):
    text = f"[treatments.my_drug]\n{OWN}" + GIVE.format("my_drug") + GIVE.format("lidocaine_block")
    scenario = given(text, "literature", 'duration="2 d"')
    folder = run(scenario, tmp_path / "out", quiet=True)
    assert load(folder) == scenario
    found = dorsalhorn.open_run(folder).info
    assert [t["name"] for t in found["treatments"]] == ["my_drug", "lidocaine_block"]
    assert found["treatments"][1]["evidence"] == "strong (human)"
    assert [s["kind"] for s in found["stimuli"]] == ["nerve_constriction"]
    told = [line for line in found["summary"] if line.startswith("Given: ")]
    assert "unsupported (none given)" in told[0]
    assert "strong (human)" in told[1]


def test_the_page_of_the_docs_is_that_of_the_data(capsys):
    there = Path(dorsalhorn.__file__).parent / "docs" / "treatments.md"
    assert there.read_text(encoding="utf-8") == page(), "make it again: see its first line"
    assert "not medical advice" in page()
    assert all(f"### {name}\n" in page() for name in DATA.treatments)
    assert main(["list", "treatments", "--markdown"]) == 0
    assert capsys.readouterr().out == page()
    assert main(["list", "stimuli", "--markdown"]) == 2
