"""Gain margins: the bisection, what is held at which strength, which runs are made, what the page says."""

import math

import pandas as pd
import pytest

from dorsalhorn.analysis.margin_figure import GOES, STAYS, margin_figure
from dorsalhorn.analysis.measures import THRESHOLD
from dorsalhorn.model.scenario import Clamp
from dorsalhorn.model.targets import CLAMP_TARGETS
from dorsalhorn.scenarios import cli, margins
from dorsalhorn.scenarios.bracket import MOST, Bracket
from dorsalhorn.scenarios.ensemble import Job
from dorsalhorn.scenarios.errors import InputError
from dorsalhorn.scenarios.load import load
from dorsalhorn.scenarios.margins import INJURY, NAIVE, Asked, study
from dorsalhorn.scenarios.margins_page import in_words, markdown, write_study
from dorsalhorn.scenarios.margins_preview import preview
from dorsalhorn.scenarios.margins_table import Gain, gain, gains, read_csv, spoken_gain, write_csv
from dorsalhorn.scenarios.parts import SMALLEST_SCALE
from dorsalhorn.scenarios.reading import Reading, reading
from dorsalhorn.scenarios.registry import registry
from dorsalhorn.scenarios.strength import held, strengthened

from .command import command

FLAGSHIP = "injury_heals_pain_stays"
NAIVE_G = 12.0
BEGINS = {"kinase": 0.8, "microglia": 0.3, "d_serine": 0.0}
"""made up: the share of its strength from which on each holds the pain after the injury"""


def search(begins, steps):
    """Bisect a function whose pain begins at `begins`; the bracket, and what was tried."""
    bracket, tried = Bracket(), []
    while (strength := bracket.next(steps)) is not None:
        tried.append(strength)
        bracket = bracket.learned(strength, strength >= begins)
    return bracket, tried


@pytest.mark.parametrize("steps", [1, 4, 10])
@pytest.mark.parametrize("begins", [0.03, 0.3, 0.5, 0.97])
def test_halves_close_in_on_the_share_at_which_pain_begins(begins, steps):
    bracket, tried = search(begins, steps)
    assert tried[:2] == [1.0, 0.0]
    assert len(tried) == 2 + steps
    assert bracket.painless < begins <= bracket.painful
    assert bracket.painful - bracket.painless == pytest.approx(0.5**steps)
    assert bracket.gain <= 1.0 / begins <= bracket.gain_most


@pytest.mark.parametrize("begins", [1.2, 2.0, 3.9])
def test_above_its_own_strength_the_ratio_is_halved(begins):
    bracket, tried = search(begins, 5)
    assert tried[:2] == [1.0, MOST]
    assert bracket.painless < begins <= bracket.painful
    assert bracket.painful / bracket.painless == pytest.approx(MOST ** (0.5**5))
    assert bracket.gain < 1.0


def test_what_is_not_needed_and_what_never_suffices_take_two_runs():
    without, tried = search(0.0, 5)
    assert tried == [1.0, 0.0]
    assert without.gain == without.gain_most == math.inf
    never, tried = search(99.0, 5)
    assert tried == [1.0, MOST]
    assert (never.gain, never.gain_most) == (0.0, 1.0 / MOST)


def test_a_parameter_moves_from_its_knocked_out_value_to_its_own_and_on_within_its_range():
    inside = (0.0, 10.0)
    assert [strengthened(8.0, 2.0, s, inside) for s in (0.0, 0.25, 1.0)] == [2.0, 3.5, 8.0]
    assert strengthened(2.0, 0.0, 4.0, inside) == 8.0
    assert strengthened(8.0, 2.0, 4.0, inside) == 10.0
    assert strengthened(2.0, 8.0, 4.0, inside) == 0.0
    assert strengthened(12.0, 0.0, 2.0, inside) == 12.0  # beyond its range by a switch: left there


def parameters_at(scenario, time_d):
    """The clamped parameters of a scenario at a time."""
    found = {}
    for o in (*scenario.overrides, *scenario.clamps):
        if o.start_d <= time_d < o.stop_d:
            key = CLAMP_TARGETS[o.target].where if isinstance(o, Clamp) else o.parameter
            found[key] = o.value
    return found


@pytest.mark.parametrize("name", registry().mechanisms)
@pytest.mark.parametrize("biology", ["article", "literature"])
def test_every_parameter_of_a_mechanism_is_held_from_the_day_on(name, biology):
    base = (f'biology="{biology}"', 'clamp=[{target="opioid_tone", value=0.0, start="60 d"}]')
    scenario = load(FLAGSHIP, base)
    half = load(FLAGSHIP, (*base, *held(scenario, name, 0.5, 16.0, 1)))
    expected = {
        key: out + 0.5 * (scenario.parameters[key] - out)
        for key, out in registry().mechanisms[name].knockout.items()
        if scenario.parameters[key] != out
    }
    assert parameters_at(half, 15.9) == {}
    assert parameters_at(half, 16.0) == pytest.approx(expected)
    assert len(half.own_clamps) + len(half.overrides) == 1 + len(expected)


def test_what_is_on_its_way_up_in_the_last_week_does_not_stay():
    time = pd.Index(range(0, 85, 2), name="time_d")
    ts = pd.DataFrame({THRESHOLD: 1.0, "afferent_drive_hz": 0.1}, index=time)
    ts.loc[:1, THRESHOLD] = 12.0
    ts.loc[78:, THRESHOLD] = 9.0
    assert reading(ts, load(FLAGSHIP)) == Reading(12.0, 9.0)
    early = ts[ts.index <= 18].copy()  # the end begins no earlier than the drive has ended
    early.loc[16:, THRESHOLD] = 5.0
    assert reading(early, load(FLAGSHIP)).last_g == 5.0


@pytest.fixture
def jobs(monkeypatch):
    """Runs nothing: the pain begins at the strengths of BEGINS, in a sham of kinase at 2.5."""
    kept = []

    def made_up(asked, workers, measure, done, quiet):
        found = []
        for job in asked:
            if len(kept) == STOP.get("after"):
                raise KeyboardInterrupt
            kept.append((job, job.load()))
            name, end, _, strength = f"{job.label} at 1".split()[:4]
            pain = float(strength) >= (BEGINS.get(name, 0.0) if end == INJURY else 2.5)
            share = 0.05 if pain else 1.0
            if end == NAIVE and name != "kinase":
                share = 0.9
            found.append(Reading(NAIVE_G, share * NAIVE_G))
            if done:
                done(job, found[-1])
        return found

    monkeypatch.setattr(margins, "run_jobs", made_up)
    return kept


STOP = {}
"""after: how many runs are made before somebody presses Ctrl-C"""
THREE = ("kinase", "microglia", "d_serine")


def test_all_bisections_go_round_by_round(jobs):
    said = []
    found = study(Asked(FLAGSHIP, seeds=2, steps=3, mechanisms=THREE), told=said.append)
    assert said == ["round 0: 2 untouched", "round 1: 6 runs", *(f"round {n}: 4 runs" for n in (2, 3, 4))]
    assert found.runs == len(jobs) == 20
    first = {name: some[0] for name, some in found.of(INJURY).items()}
    assert (first["kinase"].painless, first["kinase"].painful) == (0.75, 0.875)
    assert (first["microglia"].painless, first["microglia"].painful) == (0.25, 0.375)
    assert first["d_serine"].painful == 0.0
    assert {job.seed for job, _ in jobs} == {1, 2}
    assert all(scenario.tick_d == pytest.approx(1 / 6) for _, scenario in jobs)


def test_a_feedback_is_weakened_when_the_drive_ends_and_a_sham_strengthened_on_day_0(jobs):
    found = study(Asked(FLAGSHIP, steps=2, mechanisms=("kinase",), naive=True))
    runs = {job.label: scenario for job, scenario in jobs}
    assert parameters_at(runs["kinase injury at 0.5"], 16.0) == {"kinase.activity": 0.5}
    assert parameters_at(runs["kinase injury at 0.5"], 15.9) == {}
    assert runs["kinase injury at 0.5"].stimuli[0].kind == "incision"
    assert runs["kinase naive at 2"].stimuli[0].kind == "sham"
    assert parameters_at(runs["kinase naive at 2"], 0.0) == {"kinase.activity": 2.0}
    bracket = found.of(NAIVE)["kinase"][0]
    assert bracket.painless < 2.5 <= bracket.painful
    text = markdown(found, "1", "margins")
    assert "## A sham, from day 0" in text
    assert "- Pain would hold itself if one were stronger: `kinase` (2.8 times)." in text


def test_what_holds_the_naive_slice_back_is_left_out_and_what_is_absent_is_not_run(jobs):
    found = study(Asked(FLAGSHIP, steps=1))
    there = set(found.of(INJURY))
    assert not there & {"magnesium_block", "inhibition"}
    assert set(found.absent) == {"disinhibition", "ampa_potentiation"}
    assert there | set(found.absent) == set(registry().mechanisms) - {"magnesium_block", "inhibition"}
    assert not any(job.label.startswith("disinhibition") for job, _ in jobs)


@pytest.mark.usefixtures("jobs")
def test_the_page_says_how_it_was_made_and_what_came_out():
    text = markdown(
        study(Asked(FLAGSHIP, 3, 3, mechanisms=(*THREE, "disinhibition"), sets=('duration="80 d"',))),
        "9.9",
        "m",
    )
    for words in (
        f"dorsalhorn margins {FLAGSHIP} --seeds 3 --steps 3 --tick '4 h' --only kinase",
        "--set 'duration=\"80 d\"'",
        "9.9",
        "preset `article`",
        "seeds 1 to 3",
        "not medical advice",
        "(m.png)",
        "[m.csv](m.csv)",
        "- Untouched, the run ends at 5 % of naive.",
        "- Half of it is not enough: `kinase` (1.1).",
        "- Needed, with a margin: `microglia` (2.7).",
        "- The pain stands without: `d_serine`.",
        "has no `disinhibition`: nothing to weaken",
        "| kinase | 1.1 (1.1-1.3) | 0.88, 0.88, 0.88 | 0.75, 0.75, 0.75 |",
        "| d serine | stands without it | 0.00, 0.00, 0.00 | -, -, - |",
    ):
        assert words in text, words
    assert all(
        len(line) <= 110 or line[0] in "|-" for line in text.splitlines() if line and "Made by" not in line
    )


def test_margins_of_several_seeds_in_one():
    some = [Bracket(0.5, 0.75), Bracket(0.25, 0.5), Bracket(None, 0.0)]
    assert gain("x", some) == Gain("x", 1.0 / 0.75, 2.0, math.inf)
    assert spoken_gain(gain("x", some)) == "2.0 (from 1.3 to without limit)"
    assert [g.mechanism for g in gains({"a": [Bracket(None, 0.0)], "b": [Bracket(0.5, 0.75)]})] == ["b", "a"]
    assert "not even 4 times" in spoken_gain(gain("x", [Bracket(MOST, None)]))


@pytest.mark.usefixtures("jobs")
def test_the_table_reads_back(tmp_path):
    found = study(Asked(FLAGSHIP, 2, 3, mechanisms=THREE, naive=True))
    write_csv(found, tmp_path / "m.csv", "1.2")
    kept = read_csv(tmp_path / "m.csv")
    assert (kept.scenario, kept.biology, kept.version, kept.seeds) == (FLAGSHIP, "article", "1.2", 2)
    for end in (INJURY, NAIVE):
        ours, theirs = gains(found.of(end)), gains(kept.brackets[end])
        assert ours == theirs


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00"])
def test_what_is_no_table_of_margins_is_refused(tmp_path, text):
    file = tmp_path / "m.csv"
    file.write_text(text)
    with pytest.raises(InputError, match="is not a table of margins"):
        read_csv(file)


@pytest.mark.usefixtures("jobs")
def test_a_strength_that_cannot_be_is_refused(tmp_path):
    file = tmp_path / "m.csv"
    write_csv(study(Asked(FLAGSHIP, steps=1, mechanisms=("kinase",))), file, "1")
    file.write_text(file.read_text().replace(",0.5,", ",-3,"))
    with pytest.raises(InputError, match="between 0 and 4, not -3"):
        read_csv(file)


@pytest.mark.usefixtures("jobs")
def test_page_table_and_figure_lie_beside_one_another(tmp_path):
    lines = write_study(
        tmp_path / "new" / "m.md", Asked(FLAGSHIP, steps=1, mechanisms=THREE), 1, lambda words: None
    )
    assert {file.name for file in (tmp_path / "new").iterdir()} == {"m.md", "m.csv", "m.png"}
    assert lines[0] == "An injury heals, the pain stays"


def test_the_figure_has_a_bar_for_each_and_says_what_has_no_number():
    bars = [("never_enough", 0.0, 0.0, 0.25), ("kinase", 1.1, 1.3, 1.4), ("d_serine", *[math.inf] * 3)]
    ax = margin_figure("T", bars, "facts", 0.25).axes[0]
    said = [text.get_text().strip() for text in ax.texts]
    assert said == ["not at any strength tried", "1.3", "stands without it"]
    assert ax.get_xscale() == "log"
    assert STAYS in [text.get_text() for text in ax.figure.texts]
    weak = margin_figure("T", bars[:1], "facts", 0.25)
    assert GOES in [text.get_text() for text in weak.texts]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["never enough", "kinase", "d serine"]


def test_a_dry_run_counts_the_runs(jobs):
    lines = preview(Asked(FLAGSHIP, seeds=2, steps=3, mechanisms=THREE), 2)
    assert any("8 to 26: 2 untouched, then 1 to 4 a mechanism" in line for line in lines)
    assert jobs == []


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(FLAGSHIP, mechanisms=("kinas",)), "did you mean kinase"),
        (Asked(FLAGSHIP, mechanisms=("zzz",)), "give magnesium_block, substance_p"),
        (Asked(FLAGSHIP, steps=0), "steps = 0: give 1 or more"),
        (Asked(FLAGSHIP, seeds=0), "seeds = 0: give 1 or more"),
        (Asked(FLAGSHIP, sets=("stimulus=[]",)), "no injury"),
        (Asked(FLAGSHIP, sets=('duration="16 d"',)), "does not end during the run"),
    ],
)
def test_what_cannot_be_studied_is_said(asked, said):
    with pytest.raises(InputError, match=said):
        study(asked)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "kinas"], "did you mean kinase?"),
        (["--steps", "0"], "--steps 0: give 1 or more"),
        (["--out", "/dev/null/m.md"], "cannot write /dev/null/m.md"),
        (["--out", "m.txt"], "give a name such as m.md"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_message(arguments, said, tmp_path):
    answer = command("margins", *arguments, cwd=tmp_path)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "Nothing was run." in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_whole_study_of_a_tiny_slice(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tiny = [f"slice.scale={SMALLEST_SCALE}", "slice.receptors_per_neuron=2", 'duration="6 d"']
    tiny.append('stimulus.0.stop="3 d"')
    words = ["margins", "--steps", "1", "--tick", "12 h", "--only", "kinase", "--out", "m.md"]
    assert cli.main([*words, *(word for change in tiny for word in ("--set", change))]) == 0
    told = capsys.readouterr()
    assert "Untouched, the run ends at" in told.out
    assert "round 1: 1 runs" in told.err
    kept = read_csv(tmp_path / "m.csv")
    assert list(kept.brackets[INJURY]) == ["kinase"]
    untouched = Job(FLAGSHIP, 1, ('tick="12 h"', 'record.every="2 d"', *tiny)).load()
    assert untouched.stimuli[0].cause_ends_d == 3.0


@pytest.mark.usefixtures("jobs")
def test_a_scenario_whose_pain_does_not_stay_is_asked_how_much_stronger(monkeypatch):
    monkeypatch.setitem(BEGINS, "untouched", 2.0)
    monkeypatch.setitem(BEGINS, "kinase", 3.0)
    found = study(Asked(FLAGSHIP, steps=4, mechanisms=("kinase",)))
    bracket = found.of(INJURY)["kinase"][0]
    assert 1.0 <= bracket.painless < 3.0 <= bracket.painful
    assert in_words(found)[0] == "- Untouched, the run ends at 100 % of naive."


def test_a_stopped_study_goes_on_where_it_was(jobs, monkeypatch, tmp_path, capsys):
    words = ["margins", "--steps", "3", "--out", str(tmp_path / "m.md")]
    words += [word for name in THREE for word in ("--only", name)]
    monkeypatch.setitem(STOP, "after", 6)
    assert cli.main(words) == 130
    assert "with --resume to go on" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["m.runs.jsonl"]
    with (tmp_path / "m.runs.jsonl").open("a") as file:
        file.write('{"key": "cut')
    monkeypatch.delitem(STOP, "after")
    assert cli.main([*words, "--resume"]) == 0
    labels = [job.label for job, _ in jobs]
    assert len(labels) == len(set(labels)) == 10
    assert "6 finished runs are there" in capsys.readouterr().err
    assert {file.name for file in tmp_path.iterdir()} == {"m.md", "m.csv", "m.png"}
    whole = study(Asked(FLAGSHIP, steps=3, mechanisms=THREE))
    assert gains(read_csv(tmp_path / "m.csv").brackets[INJURY]) == gains(whole.of(INJURY))


def test_without_resume_an_old_study_is_dropped(jobs, monkeypatch, tmp_path):
    words = ["margins", "--steps", "1", "--only", "kinase", "--out", str(tmp_path / "m.md")]
    monkeypatch.setitem(STOP, "after", 2)
    assert cli.main(words) == 130
    monkeypatch.delitem(STOP, "after")
    assert cli.main(words) == 0
    assert len(jobs) == 2 + 3


@pytest.mark.parametrize("name", ["margins", "question"])
def test_help_has_examples(name, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main([name, "--help"])
    assert left.value.code == 0
    assert "examples:" in capsys.readouterr().out
