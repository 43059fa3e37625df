"""What the registries hold: one frozen value for each number, switch, stimulus, treatment and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STATUSES = ("measured", "recalled", "derived", "fitted", "choice", "article")
GRADES = ("strong", "moderate", "weak", "unsupported")
VERDICTS = ("AGREE", "SIMPLIFIED", "DIFFER", "UNSUPPORTED", "OMITTED")
CLAIM_STATUSES = ("represented", "input", "output", "treatment", "absent", "opinion")


@dataclass(frozen=True)
class Parameter:
    """One number of the model: its value, unit, the range in which it may be set, and its source."""

    key: str
    value: float
    unit: str
    range: tuple[float, float]
    status: str
    source: str
    doc: str


@dataclass(frozen=True)
class Choice:
    """One setting of a switch: a named set of parameter values."""

    name: str
    doc: str
    set: Mapping[str, float]


@dataclass(frozen=True)
class Switch:
    """Which form a rule takes: a row where the article and the literature part."""

    key: str
    row: str
    doc: str
    default: str
    choices: Mapping[str, Choice]


@dataclass(frozen=True)
class Preset:
    """A biology: a named set of switch choices and parameter values."""

    name: str
    doc: str
    switches: Mapping[str, str]
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Mechanism:
    """A mechanism that can be knocked out, and the parameter values that knock it out."""

    name: str
    doc: str
    knockout: Mapping[str, float]


@dataclass(frozen=True)
class Claim:
    """One mechanism row: what the article says (M) or leaves out (L), and what became of it here."""

    id: str
    says: str
    literature: str
    sources: tuple[str, ...]
    rule: str
    status: str
    switch: str
    reason: str = ""
    """why it is absent"""


@dataclass(frozen=True)
class StimulusKind:
    """A kind of stimulus or injury; `drive` is its published course, in the model's own words."""

    name: str
    doc: str
    source: str
    needs: tuple[str, ...]
    drive: Mapping[str, float]


@dataclass(frozen=True)
class FibreTarget:
    """Something that treatments do to the afferents of a site."""

    column: str
    """the clamp target that is scaled; empty: conduction"""
    fibres: str
    doc: str
    rule: str


@dataclass(frozen=True)
class Effect:
    """What a treatment does to one target at its usual dose."""

    factor: float
    onset: str
    offset: str
    ceiling: float | None = None
    """the factor that no dose passes; without one each further dose acts on what is left"""
    status: str = "choice"
    source: str = "choice"


@dataclass(frozen=True)
class Treatment:
    """A treatment: what it acts on, how soon, and how good the evidence is."""

    name: str
    doc: str
    evidence: str
    onset: str
    offset: str
    sources: tuple[str, ...]
    effects: Mapping[str, Effect]
    variants: Mapping[str, Mapping[str, Effect]] = field(default_factory=dict)
    """effects under a biology that has its own"""
    grade: str = "unsupported"
    """strength of the evidence that it relieves chronic pain through its targets"""
    route: str = ""
    follows: str = ""
    topical: bool = False
    """it is put at a place, and acts on the fibres of its site only"""
    lasts: str | None = None
    """of a single application: how long it goes on to build up"""
    evenly: bool = False
    """it wears off at a constant rate: `offset` is how long that takes in all"""
    definition: Mapping[str, Any] | None = None
    """the entry as the user wrote it; None for the shipped ones"""

    def under(self, biology: str) -> Mapping[str, Effect]:
        """Its effects under a biology."""
        return self.variants.get(biology, self.effects)


@dataclass(frozen=True)
class Reference:
    """One source."""

    key: str
    citation: str
