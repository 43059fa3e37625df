"""The claims about pain that stays, pain that heals and no injury at all, over ten seeds and whole runs.

It takes an hour or so: `make verify` runs it, `make test` does not.  It prints the figures of each run as it
ends and writes them to docs/verification.md, whether or not they meet the claims.  One scenario alone:
`make verify ONLY=sham`.
"""

import sys
from pathlib import Path

import pytest

import dorsalhorn
from dorsalhorn.analysis.measures import BACK, DRIVE, HALF, THRESHOLD, drive_is_back, naive_state
from dorsalhorn.scenarios.ensemble import Job, run_jobs
from dorsalhorn.scenarios.provenance import revision

pytestmark = pytest.mark.slow

SEEDS = range(1, 11)
WORKERS = 2
STAYS, HEALS, SHAM = "injury_heals_pain_stays", "injury_heals_pain_heals", "sham"
SETS = ('record.every="1 d"',)
NEEDED = {STAYS: 9, HEALS: 9, SHAM: 10}
LAST_D, WEEK_D, WINDOW_D = 42.0, 7.0, 4.0
FLAT = 0.1
STATES = {
    "microglia_activation": "microglia",
    "astrocyte_reactivity": "astrocytes",
    "superoxide_relative": "superoxide",
    "peroxynitrite_relative": "peroxynitrite",
    "nitric_oxide_relative": "nitric oxide",
    "mnsod_active_fraction": "MnSOD",
}
REVISION = revision()
"""as it was before anything was written"""
DOCUMENT = Path(dorsalhorn.__file__).parent / "docs" / "verification.md"


def last(ts, days):
    return ts[ts.index >= ts.index[-1] - days]


def stays(ts):
    """Threshold over the last 6 weeks, and whether the drive is back where it was before the injury."""
    naive, end = naive_state(ts), last(ts, LAST_D)
    return {
        "naive, g": naive[THRESHOLD],
        "median of the last 6 weeks": end[THRESHOLD].median() / naive[THRESHOLD],
        "highest of the last 6 weeks": end[THRESHOLD].max() / naive[THRESHOLD],
        "output, Hz": end["spontaneous_hz"].median(),
        "drive, end over naive": end[DRIVE].median() / naive[DRIVE],
        "met": bool(end[THRESHOLD].max() <= HALF * naive[THRESHOLD]) and drive_is_back(ts, naive),
    }


def heals(ts):
    """Threshold at its lowest, and over the last week."""
    naive, end = naive_state(ts)[THRESHOLD], last(ts, WEEK_D)[THRESHOLD].median()
    return {
        "naive, g": naive,
        "lowest": ts[THRESHOLD].min() / naive,
        "median of the last week": end / naive,
        "met": bool(end >= BACK * naive),
    }


def flat(ts):
    """The running threshold (median over 4 days) and the largest change of each state since the start."""
    naive = naive_state(ts)[THRESHOLD]
    records = round(WINDOW_D / (ts.index[1] - ts.index[0]))
    running = ts[THRESHOLD].rolling(records, min_periods=1).median() / naive
    moved = {name: (ts[column] / ts[column].iloc[0] - 1.0).abs().max() for column, name in STATES.items()}
    return {
        "naive, g": naive,
        "lowest running threshold": running.min(),
        "highest running threshold": running.max(),
        **moved,
        "met": bool(running.between(1.0 - FLAT, 1.0 + FLAT).all() and max(moved.values()) <= FLAT),
    }


FIGURES = {STAYS: stays, HEALS: heals, SHAM: flat}
CLAIMS = {
    STAYS: "the withdrawal threshold is at or below half of naive at every record of the last 6 weeks, "
    "with the afferent drive back at its naive rate",
    HEALS: "the median threshold of the last week is at 85 % of naive or above",
    SHAM: "the running threshold (median over 4 days) stays within 10 % of naive, and microglia activation, "
    "astrocyte reactivity, superoxide, peroxynitrite, nitric oxide and active MnSOD stay within 10 % of "
    "their start",
}


HEAD = (
    "# Verification",
    "Made by `make verify`, one part a scenario: preset `article`, shipped scenarios at their own length and "
    f"tick, a record a day, seeds {SEEDS[0]} to {SEEDS[-1]}.",
    "These are figures of a model for research and teaching, not findings about patients, and no medical "
    "advice. Thresholds are shares of the run's own naive one (median of the records before day 1.5).",
)


def part(scenario, rows):
    """The figures of one scenario as Markdown; `rows` is one dict a seed."""
    head = ["seed", *rows[0]]
    lines = [[str(seed), *map(shown, row.values())] for seed, row in zip(SEEDS, rows, strict=True)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines])
    return "\n\n".join(
        [
            f"{title(scenario)}: {sum(row['met'] for row in rows)} of {len(rows)}",
            f"Claim, for at least {NEEDED[scenario]} of {len(SEEDS)}: {CLAIMS[scenario]}.",
            f"dorsalhorn {dorsalhorn.__version__}, revision `{REVISION}`.",
            table,
        ]
    )


def title(scenario):
    return f"## `{scenario}`"


def write(scenario, rows):
    """Put the part of one scenario into the document and leave the others as they are."""
    parts = {} if not DOCUMENT.exists() else {one.partition("`:")[0] + "`": one for one in parts_now()}
    parts[title(scenario)] = part(scenario, rows)
    known = [parts[title(name)] for name in FIGURES if title(name) in parts]
    DOCUMENT.write_text("\n\n".join([*HEAD, *known]) + "\n", encoding="utf-8")


def parts_now():
    """The parts of the document as it stands."""
    _, *parts = DOCUMENT.read_text(encoding="utf-8").split("\n## ")
    return [f"## {one}".strip() for one in parts]


def shown(value):
    return f"{value:.2f}" if not isinstance(value, bool) else "yes" if value else "no"


def report(job, ts):
    row = FIGURES[job.scenario](ts)
    words = ", ".join(f"{name} {shown(value)}" for name, value in row.items())
    sys.stdout.write(f"\n{job.scenario}, seed {job.seed}: {words}")
    sys.stdout.flush()


@pytest.mark.parametrize("scenario", FIGURES)
def test_the_claim_holds_over_seeds(scenario):
    series = run_jobs([Job(scenario, seed, SETS) for seed in SEEDS], WORKERS, done=report)
    rows = [FIGURES[scenario](ts) for ts in series]
    write(scenario, rows)
    assert sum(row["met"] for row in rows) >= NEEDED[scenario], rows
