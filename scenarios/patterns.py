"""Published patterns as data: what was found, by whom, and between which bounds the model must come out."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from .errors import InputError, RegistryError
from .names import did_you_mean, spoken
from .registry import registry

SCORES: Mapping[str, int] = {"A": 3, "B": 2, "C": 1}
"""what a passed pattern of each rank counts: A tells hypotheses apart, B constrains a link, C calibrates"""
BIOLOGIES = ("literature", "article")
SHARE = 0.7
"""share of the seeds that must lie in a band, unless a pattern says otherwise"""


@dataclass(frozen=True)
class Criterion:
    """One number that a protocol measures, and the band it must lie in (a missing bound is infinite)."""

    name: str
    low: float
    high: float
    unit: str
    doc: str

    def holds(self, value: float) -> bool:
        """Whether a value lies in the band; not a number never does."""
        return self.low <= value <= self.high

    @property
    def band(self) -> str:
        """The band in words.

        >>> Criterion("x", 1.5, 6.0, "1", "").band, Criterion("x", -math.inf, 10.0, "%", "").band
        ('1.5 to 6', 'at most 10 %')
        """
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.low == -math.inf:
            return f"at most {self.high:g}{unit}"
        if self.high == math.inf:
            return f"at least {self.low:g}{unit}"
        return f"{self.low:g} to {self.high:g}{unit}"


@dataclass(frozen=True)
class Pattern:
    """One published pattern: the experiment, how good its evidence is, and what the model must show."""

    id: str
    title: str
    rank: str
    evidence: str
    """how strong the literature is behind it"""
    numbers: str
    """where its numbers are from: found in a source, recalled, qualitative"""
    biology: str
    """the preset it is judged under unless another one is asked for"""
    experiment: str
    run: str
    """what the model does instead"""
    sources: tuple[str, ...]
    criteria: Mapping[str, Criterion]
    veto: bool = False
    """failing it voids the score of all"""
    share: float = SHARE
    """share of the seeds that must lie in each band"""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """numbers of the protocol itself, by name"""
    fitted: tuple[str, ...] = ()
    """what was fitted to it beside parameters of the registry, in words"""
    shortfall: str = ""
    """why the model fails it, as far as is known; said only where it fails"""

    @property
    def score(self) -> int:
        """What it counts if it passes."""
        return SCORES[self.rank]


def read_patterns(content: Mapping[str, Any]) -> dict[str, Pattern]:
    """The patterns of a data file, checked; a RegistryError says what an entry lacks or contradicts."""
    found = {}
    for id_, entry in content.items():
        try:
            found[id_] = _pattern(id_, entry)
        except KeyError as error:
            raise RegistryError(f"patterns.toml: {id_} lacks the key {error}") from error
    faults = [fault for pattern in found.values() for fault in _faults(pattern)]
    if faults:
        raise RegistryError("patterns.toml contradicts itself:\n  " + "\n  ".join(faults))
    return found


@cache
def patterns() -> dict[str, Pattern]:
    """The shipped patterns, by id."""
    return read_patterns(tomllib.loads(published("patterns.toml").read_text(encoding="utf-8")))


def published(name: str) -> Path:
    """A shipped data file, for instance the published numbers of one pattern."""
    return Path(str(files(__package__) / "data")) / name


def chosen(ids: Sequence[str]) -> list[Pattern]:
    """The patterns of these ids, all if none is given, in the order of the data.

    Raises InputError for an id that is not there; it names the nearest one.
    """
    known = patterns()
    wanted = {id_.upper() for id_ in ids}
    for id_ in ids:
        if id_.upper() not in known:
            near = _same_number(id_, known) or did_you_mean(id_, known)
            near = near or f"; there are {spoken(known, 'and')}"
            raise InputError(
                f"--only {id_}: there is no pattern of this id{near}; see `dorsalhorn list patterns`"
            )
    return [pattern for id_, pattern in known.items() if not wanted or id_ in wanted]


def fitted_to(pattern: Pattern) -> list[str]:
    """What was fitted to a pattern, which so judges it no more: parameters by key, the rest in words.

    A fitted parameter names its patterns in its text, as in `(P12, P18)`.
    """
    named = re.compile(rf"\b{pattern.id}\b")
    known = registry().parameters.values()
    return [q.key for q in known if q.status == "fitted" and named.search(q.doc)] + list(pattern.fitted)


def _same_number(id_: str, known: Mapping[str, Pattern]) -> str:
    """`"; did you mean P01?"` for `P1`: spelling alone would find P18 as near."""
    bare = id_.upper().lstrip("P").lstrip("0")
    return next((f"; did you mean {k}?" for k in known if k.lstrip("P").lstrip("0") == bare), "")


def _pattern(id_: str, entry: Mapping[str, Any]) -> Pattern:
    criteria = {
        name: Criterion(
            name,
            float(given.get("low", -math.inf)),
            float(given.get("high", math.inf)),
            given["unit"],
            given["doc"],
        )
        for name, given in entry["criteria"].items()
    }
    return Pattern(
        id_,
        entry["title"],
        entry["rank"],
        entry["evidence"],
        entry["numbers"],
        entry.get("biology", BIOLOGIES[0]),
        entry["experiment"],
        entry["run"],
        tuple(entry["sources"]),
        criteria,
        bool(entry.get("veto", False)),
        float(entry.get("share", SHARE)),
        {name: float(value) for name, value in entry.get("parameters", {}).items()},
        tuple(entry.get("fitted", ())),
        entry.get("shortfall", ""),
    )


def _faults(pattern: Pattern) -> list[str]:
    """What is wrong with one entry."""
    faults = []
    if pattern.rank not in SCORES:
        faults.append(f"{pattern.id}: rank {pattern.rank!r} is none of {spoken(SCORES)}")
    if pattern.biology not in BIOLOGIES:
        faults.append(f"{pattern.id}: biology {pattern.biology!r} is none of {spoken(BIOLOGIES)}")
    if not pattern.criteria:
        faults.append(f"{pattern.id} has no criteria")
    for criterion in pattern.criteria.values():
        if not criterion.low <= criterion.high:
            faults.append(f"{pattern.id}: the band of {criterion.name} is empty")
        if math.isinf(criterion.low) and math.isinf(criterion.high):
            faults.append(f"{pattern.id}: {criterion.name} has no bound")
    return faults
