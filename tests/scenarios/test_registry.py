import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

import dorsalhorn
from dorsalhorn.model.targets import CLAMP_TARGETS
from dorsalhorn.scenarios.errors import RegistryError
from dorsalhorn.scenarios.quantities import known_unit
from dorsalhorn.scenarios.records import CLAIM_STATUSES, STATUSES, VERDICTS
from dorsalhorn.scenarios.registry import read_registry
from dorsalhorn.scenarios.registry import registry as shipped_registry
from dorsalhorn.scenarios.resolve import read_anatomy, read_drive
from dorsalhorn.scenarios.told_treatments import felt_by
from dorsalhorn.scenarios.treatments import FIBRE_TARGETS, UNGRADED

DATA = shipped_registry()
ROOT = Path(dorsalhorn.__file__).parent
NO_KEY = {"choice", "article"}

STIMULI = [
    "innocuous_brush",
    "pinch",
    "pinprick",
    "c_volley",
    "high_frequency_burst",
    "capsaicin",
    "formalin",
    "carrageenan",
    "cfa",
    "incision",
    "cuff",
    "nerve_constriction",
    "spinal_nerve_ligation",
    "spared_nerve_injury",
    "tonic",
    "nerve_block",
    "sham",
]
MECHANISMS = [
    "magnesium_block",
    "substance_p",
    "kinase",
    "receptor_trafficking",
    "alpha2delta1",
    "microglia",
    "astrocyte_clearance",
    "d_serine",
    "mitochondria",
    "superoxide",
    "nitric_oxide",
    "peroxynitrite",
    "mnsod_inactivation",
    "receptor_nitration",
    "disinhibition",
    "ampa_potentiation",
    "inhibition",
]
TREATMENTS = [
    "capsaicin_patch",
    "capsaicin_cream",
    "curcumin",
    "magnesium_oral",
    "magnesium_intravenous",
    "movement",
    "resistance_training",
    "gabapentin",
    "pregabalin",
    "omega_3_dha",
    "resveratrol",
    "nsaid",
    "opioid_acute",
    "opioid_long_term",
    "alpha_lipoic_acid",
    "n_acetylcysteine",
    "palmitoylethanolamide",
    "ketamine",
    "mk_801",
    "nk1_antagonist",
    "minocycline",
    "p2x4_blocker",
    "naltrexone",
    "sod_mimetic",
    "peroxynitrite_catalyst",
    "pbn",
    "fluorocitrate",
    "ceftriaxone",
    "src_peptide",
    "alpha2delta1_peptide",
    "daao",
    "steroid",
    "lidocaine_block",
]


@pytest.mark.parametrize("parameter", DATA.parameters.values(), ids=lambda p: p.key)
def test_every_parameter_is_complete(parameter):
    assert re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", parameter.key)
    assert math.isfinite(parameter.value)
    assert parameter.range[0] <= parameter.value <= parameter.range[1]
    assert all(math.isfinite(end) for end in parameter.range)
    assert known_unit(parameter.unit), parameter.unit
    assert parameter.status in STATUSES
    assert parameter.doc
    source = parameter.source
    assert source in DATA.references or source in NO_KEY or re.fullmatch(r"science \d+(\.\d+)?", source), (
        source
    )


def test_identifiers_of_parameters_are_unique():
    names = [key.replace(".", "_") for key in DATA.parameters]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("switch", DATA.switches.values(), ids=lambda s: s.key)
def test_every_switch_chooses_between_named_sets(switch):
    assert switch.doc
    assert re.fullmatch(r"X\d\d", switch.row)
    assert len(switch.choices) >= 2
    settings = [set(choice.set) for choice in switch.choices.values()]
    assert all(names == settings[0] and names for names in settings), "each choice sets the same parameters"
    assert all(choice.doc for choice in switch.choices.values())


@pytest.mark.parametrize("switch", DATA.switches.values(), ids=lambda s: s.key)
def test_the_default_of_a_switch_is_what_the_registry_holds(switch):
    for key, value in switch.choices[switch.default].set.items():
        assert DATA.parameters[key].value == value, key


def test_both_biologies_are_there():
    assert {"literature", "article"} <= set(DATA.presets)
    assert all(preset.doc for preset in DATA.presets.values())


@pytest.mark.parametrize("name", STIMULI)
def test_stimuli_of_the_contract(name):
    assert read_drive(DATA.stimuli[name])
    assert DATA.stimuli[name].doc
    assert DATA.stimuli[name].source


def test_trains_need_their_rate():
    assert DATA.stimuli["c_volley"].needs == ("rate_hz", "count")
    assert DATA.stimuli["tonic"].needs == ("rate_hz",)


@pytest.mark.parametrize("name", MECHANISMS)
def test_mechanisms_of_the_contract(name):
    assert DATA.mechanisms[name].doc


@pytest.mark.parametrize("name", TREATMENTS)
def test_treatments_of_the_contract(name):
    assert name in DATA.treatments


KNOWN_SOURCES = {*DATA.references, *NO_KEY}


@pytest.mark.parametrize("treatment", DATA.treatments.values(), ids=lambda t: t.name)
def test_every_treatment_says_what_it_does_and_how_we_know(treatment):
    assert treatment.doc
    assert treatment.evidence != UNGRADED
    assert treatment.route
    assert treatment.follows in ("literature", "both")
    assert treatment.follows == "literature" or not treatment.variants, "it is told as agreed on"
    assert treatment.topical == (treatment.route in ("topical", "at the nerve"))
    assert set(treatment.sources) <= set(DATA.references)
    for biology in DATA.presets:
        for key, effect in treatment.under(biology).items():
            assert effect.factor != 1.0, f"{key}: an effect of nothing is no effect"
            assert effect.source in KNOWN_SOURCES, key
            # only the article's own numbers rest on the article alone, and they act under its preset only
            assert (effect.status == "article") == (effect.source == "article"), key
            assert effect.status != "article" or biology == "article", key


@pytest.mark.parametrize("biology", DATA.presets)
@pytest.mark.parametrize("treatment", DATA.treatments.values(), ids=lambda t: t.name)
def test_the_usual_dose_keeps_every_parameter_within_its_range(treatment, biology):
    values = DATA.resolve(biology, {}, {})
    for key, effect in treatment.under(biology).items():
        if key not in FIBRE_TARGETS:
            low, high = DATA.parameters[key].range
            assert low <= values[key] * effect.factor <= high, key


@pytest.mark.parametrize("treatment", DATA.treatments.values(), ids=lambda t: t.name)
def test_what_is_put_somewhere_acts_on_fibres_only(treatment):
    if treatment.topical:
        for biology in DATA.presets:
            assert set(treatment.under(biology)) <= set(FIBRE_TARGETS)


def test_weak_evidence_has_small_effects_under_the_literature():
    """What trials do not bear out leaves its targets within 15 % to 30 % of what they were (P61)."""
    for treatment in DATA.treatments.values():
        if treatment.grade == "weak" and treatment.route in ("oral", "topical"):
            factors = [e.factor for e in treatment.effects.values()]
            assert all(0.8 <= f <= 1.25 for f in factors), treatment.name


def test_every_rule_that_feels_a_treatment_exists():
    for key, target in FIBRE_TARGETS.items():
        kind, rule = target.rule.split(".")
        assert hasattr(getattr(dorsalhorn, kind), rule), key
        assert target.column == "" or target.column in CLAMP_TARGETS
    for treatment in DATA.treatments.values():
        for biology in DATA.presets:
            for key in treatment.under(biology):
                assert felt_by(key) != "no rule", key


def test_every_row_of_the_article_and_of_the_literature():
    assert [*DATA.claims] == [f"M{n:02}" for n in range(1, 71)] + [f"L{n:02}" for n in range(1, 13)]


@pytest.mark.parametrize("claim", DATA.claims.values(), ids=lambda c: c.id)
def test_every_row_is_complete(claim):
    assert 10 < len(claim.says) < 130
    assert claim.literature in VERDICTS
    assert claim.status in CLAIM_STATUSES
    assert set(claim.sources) <= set(DATA.references)
    assert claim.switch == "" or claim.switch in DATA.switches
    assert (claim.status == "absent") == (len(claim.reason) > 20), "what is absent says why"
    assert (
        claim.rule
        or claim.switch
        or claim.reason
        or claim.status in ("input", "treatment", "opinion", "output")
    )


@pytest.mark.parametrize("claim", [c for c in DATA.claims.values() if c.rule], ids=lambda c: c.id)
def test_the_rule_of_a_row_exists(claim):
    file, _, name = claim.rule.partition(" ")
    path = ROOT / file
    assert path.is_file(), claim.rule
    assert name.split(" ")[0] in path.read_text(encoding="utf-8"), claim.rule


def test_references_are_citations():
    assert all(key.isidentifier() and len(r.citation) > 15 for key, r in DATA.references.items())


def test_the_anatomy_can_be_read():
    anatomy = read_anatomy(DATA.anatomy)
    laminae = {lamina.name for lamina in anatomy.laminae}
    assert {group.lamina for group in anatomy.groups} <= laminae
    known = {group.name for group in anatomy.groups} | {fibre.name for fibre in anatomy.fibres}
    assert {c.pre for c in anatomy.connections} | {c.post for c in anatomy.connections} <= known


def test_layers_are_resolved_in_order():
    key, switch = next(
        (key, s) for s in DATA.switches.values() for key in s.choices[s.default].set if len(s.choices) > 1
    )
    other = next(c for c in switch.choices.values() if c.name != switch.default)
    plain = DATA.presets["literature"]
    preset = replace(plain, switches={switch.key: other.name}, parameters={})
    data = replace(DATA, presets={"literature": preset, "bare": replace(plain, switches={}, parameters={})})

    assert data.resolve("bare", {}, {})[key] == DATA.parameters[key].value
    assert data.resolve("literature", {}, {})[key] == other.set[key]
    with_number = replace(data, presets={"literature": replace(preset, parameters={key: 7.5})})
    assert with_number.resolve("literature", {}, {})[key] == 7.5
    chosen = {switch.key: switch.default}
    assert with_number.resolve("literature", chosen, {})[key] == switch.choices[switch.default].set[key]
    assert with_number.resolve("literature", chosen, {key: 0.125})[key] == 0.125
    assert set(data.resolve("bare", {}, {})) == set(DATA.parameters)


ONE_PARAMETER = """["a.b"]
value = {}
unit = "d"
range = [0.0, 2.0]
status = "choice"
source = "choice"
doc = "x"
"""


def write_data(folder, **files):
    empty = dict.fromkeys(("switches", "mechanisms", "stimuli", "treatments", "references", "anatomy"), "")
    parameters = ONE_PARAMETER.format(1.0)
    for name, text in ({"parameters": parameters, "presets": ""} | empty | files).items():
        (folder / f"{name}.toml").write_text(text)


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        (
            "mechanisms",
            '[kinase]\ndoc="x"\nknockout={"a.c"=0.0}',
            "kinase sets a.c, which parameters.toml does not have",
        ),
        (
            "presets",
            '[article]\ndoc="x"\nswitches={"s"="y"}',
            "sets the switch s, which switches.toml does not have",
        ),
        ("presets", '[article]\ndoc="x"\nparameters={"a.x"=1}', "did you mean a.b?"),
        ("switches", '[s]\ndoc="x"\ndefault="n"\nchoices.y={set={}}', "has no choice 'n'"),
        (
            "switches",
            '[s]\ndoc="x"\ndefault="n"\nchoices.n={}\nchoices.y={set={"a.b"=0.0}}\n'
            '[t]\ndoc="x"\ndefault="n"\nchoices.n={}\nchoices.y={set={"a.b"=0.5}}',
            "s and t both set a.b",
        ),
        ("treatments", "[t]\n", "treatments.toml: t.doc: is required"),
        (
            "treatments",
            '[t]\ndoc="x"\nonset="1 h"\noffset="1 h"\neffects={"a.x"=0.5}\n',
            "did you mean a.b?",
        ),
        ("mechanisms", "[t]\n", "lacks the key"),
        ("stimuli", "[t\n", "stimuli.toml"),
        (
            "parameters",
            ONE_PARAMETER.format(3.0),
            "a.b = 3.0 lies outside its range",
        ),
    ],
)
def test_contradictions_are_a_clear_developers_error(tmp_path, file, text, words):
    write_data(tmp_path, **{file: text})
    with pytest.raises(RegistryError) as fault:
        read_registry(tmp_path)
    assert words in str(fault.value)


def test_what_the_articles_switches_set_no_other_switch_undoes():
    """The default of `sex` once gave back the CSF1 drive that the article's trigger takes away."""
    values = DATA.resolve("article", {}, {})
    for key, choice in DATA.presets["article"].switches.items():
        for name, value in DATA.switches[key].choices[choice].set.items():
            assert values[name] == value, (key, name)
