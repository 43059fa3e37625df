"""Claims: the data name what exists, arms do what they say, verdicts follow from runs, the page tells."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from dorsalhorn.analysis.claim_measures import MEASURES
from dorsalhorn.analysis.claim_verdicts import Verdict
from dorsalhorn.analysis.measures import THRESHOLD
from dorsalhorn.model.readouts import COLUMNS
from dorsalhorn.scenarios import claim_kept, cli
from dorsalhorn.scenarios.claim_arms import runs_of
from dorsalhorn.scenarios.claim_page import markdown, write_claims
from dorsalhorn.scenarios.claim_study import ABSENT, Asked, plan, put_to_test
from dorsalhorn.scenarios.claims import UNTOUCHED, claims, read_claims
from dorsalhorn.scenarios.errors import FolderError, InputError, RegistryError
from dorsalhorn.scenarios.registry import registry
from dorsalhorn.scenarios.sweep_folder import key_of

from .command import command

NAIVE_G = 10.0
LINKS = [
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
    "receptor_nitration",
    "mnsod_inactivation",
]


@pytest.fixture
def jobs(monkeypatch):
    """Runs nothing: thresholds are made up from the job's label; the jobs are kept.

    Pain stays under `article` (in seed 3 only partly); without the kinases it does not; no microglia: half.
    """
    kept = []

    def made_up(asked, workers=1, measure=None, done=None, quiet=False):
        frames = []
        for job in asked:
            kept.append(job)
            biology, arm = job.label.split()
            end = 1.0 if biology == "literature" or arm in ("sham", "without_kinase") else 0.1
            end = 0.6 if (arm, job.seed) == (UNTOUCHED, 3) else end
            end = (0.3 if job.seed == 1 else 0.9) if arm == "without_microglia" else end
            times = [2.0 * k for k in range(43)]
            frame = pd.DataFrame({c.name: 1.0 for c in COLUMNS}, index=pd.Index(times, name="time_d"))
            frame[THRESHOLD] = [
                NAIVE_G if t <= 2.0 else 0.1 * NAIVE_G if t < 20.0 else end * NAIVE_G for t in times
            ]
            frames.append(frame)
            if done:
                done(job, frame)
        return frames

    monkeypatch.setattr(claim_kept, "run_jobs", made_up)
    return kept


# ---------------------------------------------------------------------- the data
def test_every_claim_names_what_exists():
    found, data = claims(), registry()
    columns = {column.name for column in COLUMNS}
    used = set()
    for claim in found.claims.values():
        assert set(claim.rows) <= set(data.claims)
        assert claim.rules
        assert len(claim.says) <= 90
        used |= set(claim.arms)
        if not claim.why:
            assert claim.measure in MEASURES
            assert MEASURES[claim.measure].reads == (claim.column in columns)
            assert MEASURES[claim.measure].unit or claim.column
    assert used == set(found.arms)


def test_what_the_article_claims_is_covered():
    names = claims().claims
    assert {f"link_{link}" for link in LINKS} <= set(names)
    for link in LINKS:
        assert names[f"link_{link}"].measure == "prevented"
        assert claims().arms[names[f"link_{link}"].arms[-1]].knockout == (link,)
        assert claims().arms[names[f"link_{link}"].arms[-1]].since == "day_0"
    for name in ("strain", "one_kinase", "whole_body"):
        assert names[name].why
    given = claims().arms["all_natural"].treatment
    alone = {claims().arms[c.arms[-1]].treatment for c in names.values() if c.name.endswith("_alone")}
    assert {(treatment,) for treatment in given} <= alone


GOOD = (
    "[arms]\nuntouched = {}\n[claims.x]\ngroup = 'g'\nsays = 's'\nrows = ['M01']\narms = ['untouched']\n"
    "measure = 'threshold_end'\nhigh = 0.5\nagainst = 1.0\n"
)


def test_good_claims_are_read():
    claim = read_claims(GOOD).claims["x"]
    assert (claim.needed, claim.rules) == ("at most 0.5", ["model/schedule.py Drives"])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("'M01'", "'M99'", "no row M99"),
        ("['untouched']", "['drug']", "no arm drug"),
        ("'threshold_end'", "'threshold'", "no measure threshold"),
        ("'threshold_end'", "'end_ratio'", "no column"),
        ("high = 0.5", "low = 0.5\nhigh = 0.4", "leave nothing"),
        ("high = 0.5", "", "or nothing out"),
        ("against = 1.0", "against = 0.4", "against must lie outside"),
        ("group = 'g'", "grupp = 'g'", "grupp"),
        (
            "untouched = {}",
            "untouched = {}\na = {knockout = ['kinases'], since = 'day_0'}",
            "no mechanism kinases",
        ),
        ("untouched = {}", "untouched = {}\na = {treatment = ['nsaid']}", "since is missing"),
        ("untouched = {}", "untouched = {}\na = {switch = {'sp.mode' = 'x'}}", "sp.mode has no choice x"),
    ],
)
def test_contradictions_are_found(old, new, says):
    with pytest.raises(RegistryError, match=re.escape(says)):
        read_claims(GOOD.replace(old, new))


# ---------------------------------------------------------------------- the arms
@pytest.fixture(scope="module")
def article():
    return runs_of("article", list(claims().arms.values()), "4 h")


def arm(runs, name):
    return runs.job(name, 2).load()


def test_arms_do_what_they_say(article):
    assert {o.start_d for o in arm(article, "without_kinase").overrides} == {0.0}
    assert {o.start_d for o in arm(article, "late_without_kinase").overrides} == {16.0}
    assert [s.kind for s in arm(article, "sham").stimuli] == ["sham"]
    beside = arm(article, "beside").stimuli
    assert [(s.kind, s.intensity) for s in beside] == [("sham", 0.0), ("incision", 1.0)]
    assert beside[0].site[0] >= beside[1].site[1]
    given = {g.name for g in arm(article, "all_natural").treatments}
    assert given == set(claims().arms["all_natural"].treatment)
    assert {g.stop_d for g in arm(article, "all_natural_for_a_time").treatments} == {42.0}
    (held,) = arm(article, "no_input").own_clamps
    assert (held.target, held.value, held.start_d) == ("afferent.rate", 0.0, 16.0)
    assert arm(article, "second_key_kept").switches["mg.article_gain"] == "small"
    assert arm(article, "beside").seed == 2


def test_arms_that_come_to_the_same_are_run_once(article):
    assert article.same["pregabalin"] == article.same["gabapentin"] == "gabapentin"
    assert article.same["only_nmdar"] == UNTOUCHED
    literature = runs_of("literature", list(claims().arms.values()), "4 h")
    assert literature.same["second_key_kept"] == UNTOUCHED
    assert literature.same["only_nmdar"] == "only_nmdar"
    assert "pregabalin" not in article.sets


def test_changes_of_the_user_stay():
    mine = ['treatment=[{name="ketamine", start="1 d"}]', 'knockout=[{mechanism="d_serine"}]']
    runs = runs_of(
        "article", [claims().arms[n] for n in (UNTOUCHED, "gabapentin", "without_kinase")], "4 h", mine
    )
    assert [g.name for g in arm(runs, "gabapentin").treatments] == ["ketamine", "gabapentin"]
    labels = {o.label for o in arm(runs, "without_kinase").overrides}
    assert labels == {"knockout d_serine", "knockout kinase"}


# ---------------------------------------------------------------------- the study
def test_runs_are_shared_and_what_has_nothing_to_test_is_not_run(jobs):
    card = put_to_test(Asked(seeds=3))
    labels = [(job.label, job.seed) for job in jobs]
    assert len(labels) == len(set(labels)) == sum(card.runs.values())
    assert ("article without_kinase", 2) in labels
    assert ("article without_kinase", 3) not in labels  # its pain stays only partly
    assert not [label for label, _ in labels if label.startswith("literature without_kinase")]
    assert ("literature opioids_for_weeks", 3) in labels


def test_verdicts_follow_from_the_runs(jobs):
    names = ("persists", "link_kinase", "link_peroxynitrite", "link_microglia", "second_key", "strain")
    card = put_to_test(Asked(seeds=3, only=names))
    found = {(name, biology): card.tested[name, biology] for name in names for biology in card.presets}
    assert found["persists", "article"].values == pytest.approx({1: 0.1, 2: 0.1, 3: 0.6})
    assert found["persists", "article"].judged.straddles
    kinase = found["link_kinase", "article"]
    assert kinase.values == pytest.approx({1: 1.0, 2: 1.0})
    assert kinase.judged.verdict is Verdict.SUPPORTED
    assert kinase.note == "in 2 of 3 seeds; in the others nothing stayed"
    assert found["link_peroxynitrite", "article"].judged.verdict is Verdict.NOT_SUPPORTED
    assert found["link_microglia", "article"].note.startswith("straddles")
    healed = found["link_kinase", "literature"]
    assert (healed.judged.verdict, healed.note) == (Verdict.NOT_SUPPORTED, "nothing stayed to be prevented")
    absent = found["second_key", "literature"]
    assert (absent.judged.verdict, absent.note) == (Verdict.NOT_REPRESENTED, ABSENT)
    assert found["strain", "article"].judged.verdict is Verdict.NOT_REPRESENTED


def test_one_claim_alone_runs_its_own_arms(jobs):
    card = put_to_test(Asked(seeds=1, biology="article", only=("worsens",)))
    assert sorted(job.label for job in jobs) == ["article sham", "article untouched"]
    assert card.runs == {"article": 2}


def test_the_page_says_how_it_was_made_and_what_came_out(jobs):
    card = put_to_test(Asked(seeds=3, only=("persists", "link_kinase", "link_microglia", "strain")))
    text = markdown(card, "9.9.9", "c.png")
    for words in (
        "9.9.9",
        "seeds 1 to 3",
        "not\nmedical advice",
        "no finding about patients",
        "![",
        "(c.png)",
    ):
        assert words in text
    line = next(row for row in text.splitlines() if "`link_kinase`" in row and row.startswith("|"))
    assert "M22, M23 | `agents/neuron.py activate_kinases`<br>`agents/receptor.py open`" in line
    assert "**supported in this model**: in 2 of 3 seeds" in line
    assert "| - | not supported: nothing stayed to be prevented |" in line
    assert line.endswith("AGREE, DIFFER |")
    assert "straddles what is needed: `persists` and `link_microglia`" in text
    assert "1 of those not supported" not in text.split("Preset `literature`")[0]
    tables = [row for row in text.splitlines() if row.startswith("|")]
    assert {row.count("|") for row in tables} == {11}


def test_the_command_writes_page_table_and_figure(jobs, tmp_path, capsys):
    out = tmp_path / "new" / "mine.md"
    assert cli.main(["claims", "--seeds", "2", "--only", "persists", "strain", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "Preset `literature`: of 2 claims 0 are supported" in said
    table = pd.read_csv(out.with_suffix(".csv"))
    assert list(table["verdict"]) == [str(Verdict.SUPPORTED), "not supported", *["not represented"] * 2]
    assert list(table.loc[:1, "seed_2"]) == pytest.approx([0.1, 1.0])
    assert out.with_suffix(".png").stat().st_size > 10_000
    assert "dorsalhorn claims --seeds 2" in out.read_text()


def test_kept_runs_are_not_made_again(jobs, tmp_path):
    kept = tmp_path / "kept"
    asked = Asked(seeds=2, biology="article", only=("persists", "link_kinase"))
    first = put_to_test(asked, keep=kept)
    assert len(jobs) == first.runs["article"] == 4
    again = put_to_test(replace(asked, only=(*asked.only, "begins")), keep=kept)
    assert [job.label for job in jobs[4:]] == ["article sham"] * 2
    assert again.tested["link_kinase", "article"].values == first.tested["link_kinase", "article"].values
    cut = kept / f"{key_of(jobs[1].load())}.parquet"
    cut.write_bytes(cut.read_bytes()[:100])
    put_to_test(asked, keep=kept)
    assert jobs[6:] == [jobs[1]]
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="cannot keep runs"):
        put_to_test(Asked(seeds=1, only=("persists",)), keep=tmp_path / "file")


# ---------------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--only", "persist"], "did you mean persists?"),
        (["--only", "qqqq"], "dorsalhorn list claims"),
        (["--seeds", "0"], "seeds = 0: give 1 or more"),
        (["--biology", "artikle"], "did you mean article?"),
        (["--tick", "4 parsecs"], "parsecs"),
        (["--out", "page.txt"], "page.md"),
        (["--set", 'duration="10 d"'], "what comes after"),
        (["--set", "stimulus=[]"], "leave a stimulus in"),
    ],
)
def test_bad_input_is_one_message_and_2(jobs, tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["claims", *arguments]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert "Nothing was run." in said.err
    assert jobs == []
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_written_runs_nothing(jobs, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.md").mkdir()
    for out in (tmp_path / "file" / "k.md", tmp_path / "folder.md"):
        with pytest.raises(FolderError):
            write_claims(out, Asked(only=("persists",)))
    assert jobs == []


def test_the_plan_refuses_what_the_study_refuses():
    with pytest.raises(InputError, match="no claim"):
        plan(Asked(only=("nothing like it",)))


def test_a_mistake_in_a_true_process(tmp_path):
    answer = command("claims", "--only", "persist", cwd=tmp_path)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "did you mean persists?" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_true_study(tmp_path):
    """A tiny slice for hours, through everything: two arms, one of them tested beside the injury."""
    small = ("slice.scale=0.02", "slice.receptors_per_neuron=2", 'duration="16 h"', 'record.every="4 h"')
    small += ('stimulus.0.start="4 h"', 'stimulus.0.stop="8 h"', "parameters.laboratory.series=1")
    asked = Asked(1, biology="article", only=("falls", "spreads_beside"), sets=small)
    lines = write_claims(tmp_path / "c.md", asked)
    assert lines[0].startswith("- Preset `article`: of 2 claims")
    table = pd.read_csv(tmp_path / "c.csv")
    assert table["value"].notna().all()
    assert (tmp_path / "c.png").is_file()
