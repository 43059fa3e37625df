import pytest

from dorsalhorn.scenarios.errors import InputError, ScenarioError
from dorsalhorn.scenarios.load import load

BASE = 'title="x"\nbiology="article"\nmode="chronic"\nduration="2 d"\ntick="1 h"\nseed=1\n'
STIM = '[[stimulus]]\nkind="incision"\nstart="1 d"\n'
GIVE = '[[treatment]]\nname="gabapentin"\n'
CLAMP = '[[clamp]]\ntarget="microglia.activation"\n'
DEEP = "x=" + "[" * 5000 + "]" * 5000

BAD = {
    "not toml": ("title = = 3\n\n", ["line 1", "not valid TOML"]),
    "unknown key": (BASE + 'colour="red"\n', ["line 7", "colour: is not a setting"]),
    "misspelt key": (BASE + "[slice]\nscal=0.1\n", ["line 8", "slice.scal", "did you mean scale?"]),
    "unknown preset": (BASE.replace("article", "artcle"), ["line 2", "did you mean article?"]),
    "missing title": (BASE.replace('title="x"\n', ""), ["title: is required"]),
    "missing duration": (BASE.replace('duration="2 d"\n', ""), ["duration: is required"]),
    "bad unit": (BASE.replace("2 d", "2 parsecs"), ["line 4", "is a length, not a time"]),
    "no unit": (BASE.replace('"2 d"', "2"), ["line 4", 'needs a unit: write "2 d"']),
    "text without unit": (BASE.replace('"2 d"', '"2"'), ["has no unit"]),
    "negative duration": (BASE.replace('"2 d"', '"-2 d"'), ["longer than 0"]),
    "zero tick": (BASE.replace("1 h", "0 h"), ["line 5", "tick: must be longer than 0"]),
    "tick beyond duration": (BASE.replace("1 h", "3 d"), ["must not be longer than the duration (2 d)"]),
    "too many ticks": (BASE.replace("1 h", "1 s").replace("2 d", "12 weeks"), ["at most 1,000,000"]),
    "unknown mode": (BASE.replace("chronic", "cronic"), ["did you mean chronic?"]),
    "unknown stimulus": (
        BASE + STIM.replace("incision", "incison"),
        ["did you mean incision?", "list stimuli"],
    ),
    "stimulus without start": (BASE + '[[stimulus]]\nkind="incision"\n', ["stimulus.0.start: is required"]),
    "start before the run": (BASE + STIM.replace('"1 d"', '"-1 d"'), ["before the run begins"]),
    "stop before start": (BASE + STIM + 'stop="0.5 d"\n', ["line 10", "must come after start (1 d)"]),
    "stop at start": (BASE + STIM + 'stop="1 d"\n', ["must come after start"]),
    "site outside": (BASE + STIM + "site=[0.5, 1.7]\n", ["between 0 and 1", "[0.5, 1.7]"]),
    "site reversed": (BASE + STIM + "site=[0.7, 0.2]\n", ["must be ordered"]),
    "site empty": (BASE + STIM + "site=[0.2, 0.2]\n", ["must be ordered"]),
    "site of one": (BASE + STIM + "site=[0.2]\n", ["two numbers"]),
    "site nan": (BASE + STIM + "site=[nan, 0.2]\n", ["finite"]),
    "site text": (BASE + STIM + 'site="paw"\n', ["two numbers"]),
    "intensity nan": (BASE + STIM + "intensity=nan\n", ["finite"]),
    "intensity infinite": (BASE + STIM + "intensity=inf\n", ["finite"]),
    "intensity huge": (BASE + STIM + "intensity=101\n", ["between 0 and 100"]),
    "intensity huge integer": (BASE + STIM + "intensity=1" + "0" * 400 + "\n", ["finite"]),
    "intensity negative": (BASE + STIM + "intensity=-1\n", ["between 0 and 100"]),
    "intensity boolean": (BASE + STIM + "intensity=true\n", ["must be a number, not true"]),
    "stimulus not a list": (BASE + '[stimulus]\nkind="incision"\n', ["write [[stimulus]]"]),
    "stimulus of numbers": (BASE + "stimulus=[1]\n", ["must be a table"]),
    "volley without rate": (BASE + STIM.replace("incision", "c_volley"), ["rate_hz", "count", "is required"]),
    "tonic without rate": (BASE + STIM.replace("incision", "tonic"), ["rate_hz: is required for tonic"]),
    "rate not for this kind": (BASE + STIM + "rate_hz=3\n", ["is not for incision"]),
    "rate of zero": (BASE + STIM.replace("incision", "tonic") + "rate_hz=0\n", ["above 0"]),
    "count of half": (
        BASE + STIM.replace("incision", "c_volley") + "rate_hz=1\ncount=1.5\n",
        ["whole number"],
    ),
    "unknown treatment": (BASE + GIVE.replace("tin", "tine") + 'start="1 d"\n', ["did you mean gabapentin?"]),
    "negative dose": (BASE + GIVE + 'start="1 d"\ndose=-1\n', ["dose", "between 0 and 100"]),
    "dose nan": (BASE + GIVE + 'start="1 d"\ndose=nan\n', ["finite"]),
    "treatment stopped before it starts": (
        BASE + GIVE + 'start="1 d"\nstop="0.5 d"\n',
        ["treatment.0.stop", "must come after start (1 d)"],
    ),
    "absurd dose": (BASE + GIVE + 'start="1 d"\ndose=1e6\n', ["dose", "between 0 and 100"]),
    "a site for a drug that acts everywhere": (
        BASE + GIVE + 'start="1 d"\nsite=[0.1, 0.2]\n',
        ["gabapentin, which acts everywhere", "lidocaine_block"],
    ),
    "lasts without every": (BASE + GIVE + 'start="1 d"\nlasts="1 h"\n', ["lasts: goes with every"]),
    "lasts longer than every": (
        BASE + GIVE + 'start="1 d"\nevery="6 h"\nlasts="8 h"\n',
        ["must not be longer than every (6 h), not 8 h"],
    ),
    "every of nothing": (BASE + GIVE + 'start="1 d"\nevery="0 d"\n', ["every: must be longer than 0"]),
    "too many doses": (BASE + GIVE + 'start="0 d"\nevery="1 s"\n', ["172,800 times", "at most 2,000"]),
    "taper without stop": (BASE + GIVE + 'start="1 d"\ntaper="1 h"\n', ["taper: needs a stop"]),
    "taper longer than the course": (
        BASE + GIVE + 'start="1 d"\nstop="1.5 d"\ntaper="1 d"\n',
        ["must not be longer than the course (12 h)"],
    ),
    "one application with a stop": (
        BASE + GIVE.replace("gabapentin", "capsaicin_patch") + 'start="0 d"\nstop="1 h"\n',
        ["one application builds up and fades by itself", "give every"],
    ),
    "a patch over a patch": (
        BASE + 2 * (GIVE.replace("gabapentin", "capsaicin_patch") + 'start="0 d"\n'),
        ["two courses of capsaicin_patch overlap"],
    ),
    "overlapping courses": (
        BASE + GIVE + 'start="0 d"\nstop="1 d"\n' + GIVE + 'start="12 h"\n',
        ["two courses of gabapentin overlap at 12 h"],
    ),
    "course after an endless one": (
        BASE + GIVE + 'start="0 d"\n' + GIVE + 'start="1 d"\n',
        ["overlap at 1 d"],
    ),
    "a patch beside a patch that covers it": (
        BASE
        + GIVE.replace("gabapentin", "capsaicin_patch")
        + 'start="0 d"\n'
        + GIVE.replace("gabapentin", "capsaicin_patch")
        + 'start="1 d"\nsite=[0.1, 0.2]\n',
        ["two courses of capsaicin_patch overlap at 1 d"],
    ),
    "unknown mechanism": (BASE + '[[knockout]]\nmechanism="magic"\n', ["not a mechanism", "list mechanisms"]),
    "knock-out of a later version": (BASE + '[[knockout]]\nmechanism="inhibition"\n', ["later version"]),
    "knock-out twice": (BASE + 2 * '[[knockout]]\nmechanism="kinase"\n', ["two courses of kinase overlap"]),
    "unknown clamp": (
        BASE + CLAMP.replace("activation", "activity") + "factor=0\n",
        ["did you mean microglia.activation?"],
    ),
    "clamp of nothing": (BASE + CLAMP, ["exactly one of factor and value"]),
    "clamp of both": (BASE + CLAMP + "factor=0.5\nvalue=0.5\n", ["exactly one of factor and value"]),
    "clamp negative": (BASE + CLAMP + "factor=-0.5\n", ["at least 0"]),
    "clamp beyond sense": (BASE + CLAMP + "value=7\n", ["between 0 and 1"]),
    "clamp value text": (BASE + CLAMP + 'value="much"\n', ["must be a number"]),
    "clamp unit": (BASE + '[[clamp]]\ntarget="magnesium"\nvalue="1 h"\n', ["is a time, not a concentration"]),
    "clamp site everywhere": (
        BASE + '[[clamp]]\ntarget="magnesium"\nvalue=1.0\nsite=[0.1,0.2]\n',
        ["same everywhere"],
    ),
    "clamp mechanism to a value": (BASE + '[[clamp]]\ntarget="kinase"\nvalue=1.0\n', ["give factor"]),
    "clamp mechanism too far": (
        BASE + '[[clamp]]\ntarget="kinase"\nfactor=2.0\n',
        ["between 0 (knocked out) and 1"],
    ),
    "clamp twice": (BASE + 2 * (CLAMP + "factor=0\n"), ["overlap"]),
    "scale 0": (BASE + "[slice]\nscale=0\n", ["scale", "10,000 neurons"]),
    "scale negative": (BASE + "[slice]\nscale=-1\n", ["10,000 neurons"]),
    "scale huge": (BASE + "[slice]\nscale=1e9\n", ["10,000 neurons", "1e+09"]),
    "scale tiny": (BASE + "[slice]\nscale=1e-9\n", ["no circuit is left"]),
    "scale nan": (BASE + "[slice]\nscale=nan\n", ["finite"]),
    "no receptors": (BASE + "[slice]\nreceptors_per_neuron=0\n", ["between 1 and 500"]),
    "too many receptors": (BASE + "[slice]\nreceptors_per_neuron=501\n", ["between 1 and 500"]),
    "half a receptor": (BASE + "[slice]\nreceptors_per_neuron=0.5\n", ["whole number"]),
    "slice a number": (BASE + "slice=3\n", ["must be a table"]),
    "seed text": (BASE.replace("seed=1", 'seed="one"'), ["line 6", "whole number"]),
    "seed negative": (BASE.replace("seed=1", "seed=-1"), ["between 0"]),
    "seed boolean": (BASE.replace("seed=1", "seed=true"), ["whole number"]),
    "seed half": (BASE.replace("seed=1", "seed=1.5"), ["whole number"]),
    "title a number": (BASE.replace('"x"', "3"), ["must be a text"]),
    "title empty": (BASE.replace('"x"', '""'), ["one line"]),
    "name of a folder": (BASE + 'name="../up"\n', ["may hold letters"]),
    "unknown parameter": (
        BASE + '[parameters]\n"microglia.recovry_time"="8 d"\n',
        ["line 8", "did you mean microglia.recovery_time?", "list parameters"],
    ),
    "parameter unit": (
        BASE + '[parameters]\n"microglia.recovery_time"="8 mV"\n',
        ["is a voltage, not a time"],
    ),
    "parameter without unit": (BASE + '[parameters]\n"microglia.recovery_time"=8\n', ['write "8 d"']),
    "parameter out of range": (
        BASE + '[parameters]\n"microglia.recovery_time"="9000 weeks"\n',
        ["must lie within", " d;", "list parameters"],
    ),
    "parameter nan": (BASE + '[parameters]\n"microglia.recovery_time"=nan\n', ["finite"]),
    "parameter twice": (
        BASE + '[parameters]\n"microglia.recovery_time"="8 d"\nmicroglia.recovery_time="8 d"\n',
        ["microglia.recovery_time is given twice"],
    ),
    "unknown switch": (BASE + '[switches]\n"sp.mod"="nk1"\n', ["did you mean sp.mode?"]),
    "unknown choice": (BASE + '[switches]\n"sp.mode"="nk2"\n', ['cannot be "nk2"', "nk1"]),
    "duplicate key": (BASE + "seed=2\n", ["line 7", "a key is given twice"]),
    "empty": ("\n\n", ["is empty", "dorsalhorn new"]),
    "binary": ("\x00\x01\n\n", ["line 1"]),
    "nested": (DEEP, ["nested too deeply"]),
    "unknown field": (BASE + '[record]\nfields=["gold"]\n', ["not a field", "glutamate"]),
    "unknown agent": (BASE + '[record]\nagents=["neuron"]\n', ["did you mean neurons?"]),
    "agents a text": (BASE + '[record]\nagents="neurons"\n', ["list of names"]),
    "record too often": (BASE + '[record]\nevery="1 s"\n', ["at least one tick (1 h)"]),
    "record never": (BASE + '[record]\nevery="0 s"\n', ["longer than 0"]),
    "year 1e300": (BASE.replace("2 d", "1e300 weeks"), ["ticks"]),
    "a date": (BASE.replace('"2 d"', "2026-01-01"), ["must be a time"]),
}


@pytest.mark.parametrize("name", BAD)
def test_one_clear_message(read, name):
    text, words = BAD[name]
    with pytest.raises(ScenarioError) as refused:
        read(whole=text)
    message = str(refused.value)
    assert "mine.toml" in message
    assert len(message) < 1500
    for word in words:
        assert word in message, message
    for prose in ("pydantic", "http", "Traceback", "input_value", "ValidationError"):
        assert prose not in message


def test_all_problems_at_once_in_the_order_of_the_file(read):
    with pytest.raises(ScenarioError) as refused:
        read(
            "colour=1\n[slice]\nscale=0\n"
            '[[stimulus]]\nkind="incison"\nstart="1 d"\nstop="0.5 d"\nsite=[2,3]\n'
            '[parameters]\n"no.such"=1\n"microglia.recovery_time"="8 mV"\n'
        )
    problems = refused.value.problems
    assert [p.line for p in problems] == [7, 9, 11, 13, 14, 16, 17]
    assert "has 7 problems" in str(refused.value)


def test_a_long_list_is_cut(read):
    with pytest.raises(ScenarioError) as refused:
        read("".join(f"unknown_{n}=1\n" for n in range(100)))
    message = str(refused.value)
    assert len(message) < 1500
    assert "has 100 problems" in message
    assert message.endswith("more")


def test_long_names_do_not_flood_the_message(read):
    with pytest.raises(ScenarioError) as refused:
        read("x" * 5000 + "=1\n")
    assert len(str(refused.value)) < 1500


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nowhere/none.toml", "no such file"),
        ("shamm", "did you mean sham?"),
        ("", "give the name"),
        ("a\0b.toml", ""),
        ("x" * 5000, ""),
    ],
)
def test_files_that_are_not_there(path, words):
    with pytest.raises(InputError) as refused:
        load(path)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 1500


def test_a_folder_is_not_a_scenario(tmp_path):
    with pytest.raises(ScenarioError, match="is not a file"):
        load(tmp_path)


def test_what_is_not_text(tmp_path):
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="not a text file"):
        load(file)
    file.write_bytes(b"#" * 1_100_000)
    with pytest.raises(ScenarioError, match="larger than"):
        load(file)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("x", "PATH=VALUE"),
        ("=3", "PATH=VALUE"),
        ("biology=article", "needs quotation marks"),
        ("duration=", "not a TOML value"),
        ('duration="10 d"\nfoo=1', "give one value"),
        ('stimulus.kind="sham"', "is a list"),
        ('stimulus.7.kind="sham"', "only 1 entries"),
        ("title.x=3", "holds nothing"),
        ("foo=1", "--set  foo: is not a setting"),
        ('stimulus.0.stop="0 d"', "--set  stimulus.0.stop: must come after start"),
        (
            'parameters.microglia.recovery_time="1 h"',
            "--set  parameters.microglia.recovery_time: must lie within",
        ),
    ],
)
def test_changes_that_cannot_be_made(read, change, words):
    with pytest.raises(InputError) as refused:
        read(STIM, change)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 1500
