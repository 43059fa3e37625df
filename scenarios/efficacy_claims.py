"""What the article says of treatments, as data, and what a study of treatments says of it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd

from ..analysis.claim_verdicts import Judged, Verdict, judge
from ..analysis.efficacy import UNITS
from ..analysis.interaction import interactions
from .errors import RegistryError
from .registry import registry

FILE = "efficacy.toml"
OF_RUNS = ("relief", "output", "reset")
OF_COMBINATIONS = {
    "excess": ("relief", "excess"),
    "excess_output": ("output", "excess"),
    "over_best": ("relief", "over_best"),
}
"""read-out and column of the interactions, by what a claim calls it"""
READS = {name: UNITS[name] for name in OF_RUNS} | {
    "excess": "relief beyond that of independent treatments",
    "excess_output": "the same of the output",
    "over_best": "relief beyond that of the best member alone",
}
NOT_RUN, NOT_READ = "not run", "could not be read"


@dataclass(frozen=True)
class Said:
    """One claim about a treatment or a combination."""

    name: str
    group: str
    says: str
    rows: tuple[str, ...]
    """mechanism rows that hold it"""
    gives: str = ""
    course: str = ""
    reads: str = ""
    than: str = ""
    """what it is compared with, if not with the untreated run: what counts is the difference"""
    than_course: str = ""
    low: float = -math.inf
    high: float = math.inf
    why: str = ""
    """why it is not represented; such a claim reads nothing"""

    @property
    def needed(self) -> str:
        """What must come out: `relief of gabapentin, late: at most 0.7`."""
        if self.why:
            return self.why
        parts = [f"at least {self.low:g}"] if math.isfinite(self.low) else []
        parts += [f"at most {self.high:g}"] if math.isfinite(self.high) else []
        other = ", ".join(filter(None, (self.than, self.than_course)))
        less = f", less that of {other}" if other else ""
        return f"`{self.reads}`, {self.course}{less}: {' and '.join(parts)}"


@dataclass(frozen=True)
class Came:
    """What came of a claim under one preset."""

    said: Said
    word: str
    judged: Judged


@cache
def article_claims() -> tuple[Said, ...]:
    """The shipped claims about treatments; a RegistryError lists what contradicts the other data."""
    return read_said((files(__package__) / "data" / FILE).read_text(encoding="utf-8"))


def read_said(text: str) -> tuple[Said, ...]:
    """Read and check the text of a file of claims; a RegistryError lists every contradiction."""
    try:
        found = tuple(
            Said(name, **{**entry, "rows": tuple(entry["rows"])})
            for name, entry in tomllib.loads(text)["claims"].items()
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryError(f"{FILE}: {error}") from error
    faults = [f"{said.name}: {fault}" for said in found for fault in _faults(said)]
    if faults:
        raise RegistryError(f"{FILE} contradicts the other data:\n  " + "\n  ".join(faults))
    return found


def _faults(said: Said) -> list[str]:
    faults = [f"there is no row {row}" for row in said.rows if row not in registry().claims]
    if said.why:
        return faults + ["says why it is not represented, and reads something"] * bool(said.reads)
    if said.reads not in READS:
        return [*faults, f"there is nothing to read called {said.reads!r}"]
    if not said.gives or not said.course:
        faults.append("gives or course is missing")
    if (said.than or said.than_course) and said.reads not in OF_RUNS:
        faults.append(f"{said.reads} cannot be compared with another arm's")
    if not said.low <= said.high or not (math.isfinite(said.low) or math.isfinite(said.high)):
        faults.append("low and high leave nothing, or nothing out")
    return faults


def came(said: Said, table: pd.DataFrame, biology: str) -> Came:
    """Judge a claim by the runs of one preset (`efficacy.measured`), seed by seed."""
    if said.why:
        return Came(said, Verdict.NOT_REPRESENTED, Judged(Verdict.NOT_REPRESENTED))
    part = table[table["biology"] == biology]
    values = _values(said, part)
    if values is None:
        return Came(said, NOT_RUN, Judged(Verdict.NOT_SUPPORTED))
    found = judge(values.to_list(), said.low, said.high)
    return Came(said, str(found.verdict) if found.count else NOT_READ, found)


def _values(said: Said, part: pd.DataFrame) -> pd.Series | None:
    """What the claim reads, by seed; None if its runs are not there."""
    if said.reads in OF_COMBINATIONS:
        if not _there(part, said.gives, said.course):
            return None
        found = interactions(part)
        here = (found["gives"] == said.gives) & (found["course"] == said.course)
        read, column = OF_COMBINATIONS[said.reads]
        rows = found[here & (found["read"] == read)]
        return rows.set_index("seed")[column].astype(float)
    other = said.than or said.gives, said.than_course or said.course
    compared = bool(said.than or said.than_course)
    if not _there(part, said.gives, said.course) or (compared and not _there(part, *other)):
        return None
    own = _read(part, said.gives, said.course, said.reads)
    return (own - _read(part, *other, said.reads)) if compared else own


def _there(part: pd.DataFrame, gives: str, course: str) -> bool:
    return bool(((part["gives"] == gives) & (part["course"] == course)).any())


def _read(part: pd.DataFrame, gives: str, course: str, name: str) -> pd.Series:
    rows = part[(part["gives"] == gives) & (part["course"] == course)]
    return rows.set_index("seed")[name]


def by_group() -> Mapping[str, list[Said]]:
    """The claims by their group, both in the order of the file."""
    groups: dict[str, list[Said]] = {}
    for said in article_claims():
        groups.setdefault(said.group, []).append(said)
    return groups
