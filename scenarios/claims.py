"""The article's claims as data: what each says, which runs it compares, and what it needs to be supported."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ..analysis.claim_measures import MEASURES
from .errors import InputError, RegistryError
from .names import did_you_mean
from .records import Claim as Row
from .registry import registry

UNTOUCHED = "untouched"
DAY_0, DRIVE_END, MIDWAY = "day_0", "drive_end", "midway"
SINCE, UNTIL = ("", DAY_0, DRIVE_END), ("", MIDWAY)


@dataclass(frozen=True)
class Arm:
    """What differs from the untouched run; all of it from `since` until `until`."""

    name: str
    knockout: tuple[str, ...] = ()
    treatment: tuple[str, ...] = ()
    clamp: tuple[Mapping[str, Any], ...] = ()
    switch: tuple[tuple[str, str], ...] = ()
    stimulus: str = ""
    """a kind that stands in for the injury"""
    watched: tuple[float, float] | None = None
    """the part of the skin map that the laboratory tests instead of the injured one"""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Claim:
    """One claim of the article, and how it is put to the test."""

    name: str
    group: str
    says: str
    rows: tuple[str, ...]
    """mechanism rows: they name the rules and grade the literature"""
    arms: tuple[str, ...] = ()
    measure: str = ""
    column: str = ""
    low: float = -math.inf
    high: float = math.inf
    against: float = math.nan
    """the value that would plainly stand against it"""
    if_stays: str = ""
    """it can only be tested where the untouched pain stays: what could be done with what stays"""
    why: str = ""
    """why it is not represented; such a claim has no arms"""

    @property
    def mechanisms(self) -> list[Row]:
        """The mechanism rows."""
        return [registry().claims[row] for row in self.rows]

    @property
    def rules(self) -> list[str]:
        """The rules that hold it, as its rows name them; of a row without one its status."""
        return list(dict.fromkeys(row.rule or row.status for row in self.mechanisms))

    @property
    def needed(self) -> str:
        """Where the value must lie, in words: `at most 0.5`."""
        parts = [f"at least {self.low:g}"] if math.isfinite(self.low) else []
        return " and ".join(parts + ([f"at most {self.high:g}"] if math.isfinite(self.high) else []))


@dataclass(frozen=True)
class Claims:
    """All claims and arms, by name."""

    claims: Mapping[str, Claim]
    arms: Mapping[str, Arm]

    def chosen(self, names: Sequence[str] = ()) -> list[Claim]:
        """The named claims in the order of the file, all if none is named; InputError for an unknown one."""
        for name in names:
            if name not in self.claims:
                near = did_you_mean(name, self.claims)
                remedy = near or "; `dorsalhorn list claims` shows them all"
                raise InputError(f"there is no claim {name!r}{remedy}")
        return [claim for name, claim in self.claims.items() if not names or name in names]


@cache
def claims() -> Claims:
    """The shipped claims, read once; a RegistryError lists what contradicts the other data."""
    text = (files(__package__) / "data" / "claims.toml").read_text(encoding="utf-8")
    return read_claims(text)


def read_claims(text: str) -> Claims:
    """Read and check the text of a file of claims; a RegistryError lists every contradiction."""
    raw = tomllib.loads(text)
    try:
        found = Claims(
            {name: Claim(name, **_frozen(entry)) for name, entry in raw["claims"].items()},
            {name: _arm(name, entry) for name, entry in raw["arms"].items()},
        )
    except (KeyError, TypeError) as error:
        raise RegistryError(f"claims.toml: {error}") from error
    faults = [fault for arm in found.arms.values() for fault in _arm_faults(arm)]
    faults += [fault for claim in found.claims.values() for fault in _faults(claim, found.arms)]
    if UNTOUCHED not in found.arms:
        faults.append(f"there is no arm {UNTOUCHED}")
    if faults:
        raise RegistryError("claims.toml contradicts the other data:\n  " + "\n  ".join(faults))
    return found


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _arm(name: str, entry: Mapping[str, Any]) -> Arm:
    values = _frozen(entry)
    return Arm(name, **values | {"switch": tuple(values.get("switch", {}).items())})


def _arm_faults(arm: Arm) -> list[str]:
    """What an arm names that is not there."""
    data = registry()
    named = (
        ("mechanism", arm.knockout, data.mechanisms),
        ("treatment", arm.treatment, data.treatments),
        ("switch", [key for key, _ in arm.switch], data.switches),
        ("kind of stimulus", [arm.stimulus] if arm.stimulus else [], data.stimuli),
        ("moment", [arm.since], SINCE),
        ("moment", [arm.until], UNTIL),
    )
    faults = [
        f"arm {arm.name}: there is no {what} {name}"
        for what, names, known in named
        for name in names
        if name not in known
    ]
    for key, choice in arm.switch:
        if key in data.switches and choice not in data.switches[key].choices:
            faults.append(f"arm {arm.name}: {key} has no choice {choice}")
    if (arm.knockout or arm.treatment or arm.clamp) and not arm.since:
        faults.append(f"arm {arm.name}: since is missing")
    return faults


def _faults(claim: Claim, arms: Mapping[str, Arm]) -> list[str]:
    """What is wrong with a claim."""
    where, measure = f"claim {claim.name}: ", MEASURES.get(claim.measure)
    faults = [f"{where}there is no row {row}" for row in claim.rows if row not in registry().claims]
    if not claim.rows:
        faults.append(f"{where}it names no row")
    if claim.why:
        return faults + [f"{where}it says why it has no arms, and has some"] * bool(claim.arms)
    faults += [f"{where}there is no arm {arm}" for arm in claim.arms if arm not in arms]
    if not claim.arms:
        faults.append(f"{where}it has no arms")
    if measure is None:
        return [*faults, f"{where}there is no measure {claim.measure}"]
    if measure.reads and not _is_column(claim.column):
        faults.append(f"{where}there is no column {claim.column}")
    if not claim.low <= claim.high or not claim.needed:
        faults.append(f"{where}low and high leave nothing, or nothing out")
    if not (claim.against < claim.low or claim.against > claim.high):
        faults.append(f"{where}against must lie outside of what is needed")
    return faults


def _is_column(name: str) -> bool:
    from ..model.readouts import COLUMNS

    return any(column.name == name for column in COLUMNS)
