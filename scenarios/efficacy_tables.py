"""The tables of the page about treatments, in Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from ..analysis.claim_verdicts import Verdict
from ..analysis.efficacy import NOT_GRADED, by_effect
from ..analysis.interaction import JOINED
from ..analysis.words import places, plain
from .efficacy_claims import Came, by_group, came
from .registry import registry

DASH = "-"
MOST_SEEDS = 0.5
LASTING = "**lasting**"


def results_table(part: pd.DataFrame) -> str:
    """A row a treatment: grade, then for each course what it does; the most relief first."""
    courses = list(part.sort_values("start_d", kind="stable")["course"].drop_duplicates())
    head = ["treatment", "grade of the evidence"]
    for course in courses:
        head += [f"{course}: relief", "output", "onset, d", "lasts, d", "reset"]
    rows = [head, ["---"] * len(head)]
    cells = {(row["gives"], row["course"]): row for _, row in part.iterrows()}
    for name in by_effect(part):
        rows.append([plain(name), _evidence(part[part["gives"] == name].iloc[0])])
        for course in courses:
            row = cells.get((name, course))
            rows[-1] += [DASH] * 5 if row is None else _cells(row)
    return lines(rows)


def _evidence(row: pd.Series) -> str:
    """The grade, then the catalogue's words where they say more."""
    grade, words = str(row["grade"]), str(row["evidence"])
    return words if words.startswith(grade) else f"{grade}: {words}" if words else grade


def _cells(row: pd.Series) -> list[str]:
    lasts = DASH if math.isnan(row["lasts_d"]) else f"{row['lasts_d']:.0f}{'+' if row['to_the_end'] else ''}"
    reset = spoken(row, "reset") + (f" {LASTING}" if row["lasting"] > MOST_SEEDS else "")
    onset = DASH if math.isnan(row["onset_d"]) else f"{row['onset_d']:.0f}"
    return [spoken(row, "relief"), spoken(row, "output"), onset, lasts, reset]


def spoken(row: pd.Series, name: str) -> str:
    """A mean with its interval: `0.42 (0.30 to 0.55)`; a dash without a value."""
    value, low, high = (float(row[key]) for key in (name, f"{name}_low", f"{name}_high"))
    if math.isnan(value):
        return DASH
    one = places(value)
    return one if places(low) == places(high) == one else f"{one} ({places(low)} to {places(high)})"


def members_table(summary: pd.DataFrame) -> str:
    """What each combination holds, each member with its grade."""
    known = registry().treatments
    rows = [["combination", "members, with the grade of each alone"], ["---", "---"]]
    for _, row in summary[summary["grade"] == NOT_GRADED].drop_duplicates("gives").iterrows():
        members = [
            f"{plain(name)} ({known[name].grade})" if name in known else plain(name)
            for name in str(row["members"]).split(JOINED)
        ]
        rows.append([str(row["gives"]), ", ".join(members)])
    return lines(rows)


def interaction_table(together: pd.DataFrame) -> str:
    """A row a preset, combination and course: observed and expected relief, and the excess."""
    head = ["preset", "combination", "course", "seeds", "observed", "expected", "best alone"]
    rows = [[*head, "excess", "beyond the best alone", "so"]]
    rows.append(["---"] * len(rows[0]))
    for _, row in together.iterrows():
        means = [places(float(row[name])) for name in ("observed", "expected", "best")]
        found = [spoken(row, "excess"), spoken(row, "over_best"), interaction_word(row)]
        where = [f"`{row['biology']}`", str(row["gives"]), str(row["course"]), str(row["n"])]
        rows.append([*where, *means, *found])
    return lines(rows)


def interaction_word(row: pd.Series) -> str:
    """Whether the excess can be told from none."""
    if row["n"] < 2:
        return "one seed: not judged"
    if row["excess_low"] > 0.0:
        return "more than independent"
    return "less than independent" if row["excess_high"] < 0.0 else "not told apart"


def claims_table(table: pd.DataFrame, presets: Sequence[str]) -> str:
    """The claims by group: what each needs, and value and verdict under each preset."""
    known = registry().treatments
    blocks = []
    for group, claims in by_group().items():
        head = ["claim", "rows", "grade", "needs", *(f"`{biology}`" for biology in presets)]
        rows = [head, ["---"] * len(head)]
        for said in claims:
            grade = known[said.gives].grade if said.gives in known else NOT_GRADED if said.gives else DASH
            found = [_verdict(came(said, table, biology)) for biology in presets]
            rows.append([said.says, ", ".join(said.rows), grade, said.needed, *found])
        blocks += [f"### {group}", lines(rows)]
    return "\n\n".join(blocks)


def _verdict(c: Came) -> str:
    word = f"**{c.word}**" if c.word == Verdict.SUPPORTED else c.word
    if not c.judged.count:
        return word
    j = c.judged
    numbers = spoken(pd.Series({"x": j.value, "x_low": j.low, "x_high": j.high}), "x")
    return f"{word}: {numbers}{', straddles' if j.straddles else ''}"


def lines(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
