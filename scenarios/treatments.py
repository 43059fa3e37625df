"""Treatments as data: what an entry may hold, the same in the shipped catalogue and in a user's file.

An effect is a factor on a parameter of the registry, or on what the afferents of a site do.  It may have
its own onset and offset, a ceiling (the factor that no dose passes), a status and a source.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import InputError
from .names import did_you_mean, nearest, spoken
from .quantities import DAY, TIME_UNITS, QuantityError, convert
from .records import GRADES, STATUSES, Effect, FibreTarget, Parameter, Treatment

Fault = tuple[tuple[str | int, ...], str]

FIBRE_TARGETS: Mapping[str, FibreTarget] = {
    "afferent.conduction": FibreTarget("", "all", "conduction of all fibres", "Afferent.fire"),
    "afferent.c_conduction": FibreTarget("", "c", "conduction of C fibres", "Afferent.fire"),
    "afferent.release": FibreTarget(
        "afferent.release", "all", "transmitter released per spike", "Afferent.brake"
    ),
    "afferent.c_release": FibreTarget(
        "afferent.release", "c", "transmitter released per spike of C fibres", "Afferent.brake"
    ),
    "afferent.substance_p_store": FibreTarget(
        "substance_p.store", "all", "substance P in the terminals", "Afferent.supply"
    ),
    "afferent.sensitisation": FibreTarget(
        "afferent.sensitisation", "all", "peripheral sensitisation", "Afferent.sensitise"
    ),
    "afferent.ectopic_discharge": FibreTarget(
        "afferent.rate", "injured", "ongoing discharge of injured fibres", "Afferent.fire"
    ),
    "afferent.inflamed_discharge": FibreTarget(
        "afferent.rate", "inflamed", "ongoing discharge of inflamed fibres", "Afferent.fire"
    ),
}
"""what a treatment may do to the fibres of a site: the column it scales ("": blocks), and which fibres"""

UNTREATABLE = ("laboratory.", "epoch.", "slice.", "reach.")
"""numbers of the experiment, not of the animal"""
NEEDED = ("doc", "onset", "offset", "effects")
TEXTS = ("doc", "evidence", "grade", "route", "follows")
TIMES = ("onset", "offset", "lasts")
FLAGS = ("topical", "evenly", "amends")
OTHERS = ("sources", *FLAGS)
EFFECTS = "effects"
EFFECT_KEYS = ("factor", "onset", "offset", "ceiling", "status", "source")
UNGRADED = "none given"


class TreatmentError(InputError):
    """An entry that cannot be used; `faults` says where and why."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{'.'.join(map(str, (name, *path)))}: {text}" for path, text in faults))


def read_treatment(
    name: str,
    entry: object,
    parameters: Mapping[str, Parameter],
    biologies: Iterable[str],
    own: bool = False,
) -> Treatment:
    """The treatment that an entry describes.

    Args:
        name: how scenarios call it.
        entry: its table.
        parameters: the registry's numbers, which it may act on.
        biologies: the presets, for which it may have effects of their own (`effects_article`), instead of
            the others, or target by target if it `amends` them.
        own: it is the user's, and is kept as it was written.

    Raises:
        TreatmentError: with everything that is wrong with it.
    """
    if not isinstance(entry, Mapping):
        raise TreatmentError(name, [((), "must be a table of keys and values")])
    variants = {f"{EFFECTS}_{biology}": biology for biology in biologies}
    allowed = (*TEXTS, *TIMES, *OTHERS, EFFECTS, *variants)
    faults: list[Fault] = [((key,), _unknown(key, allowed)) for key in entry if key not in allowed]
    faults += [((key,), "is required") for key in NEEDED if key not in entry]
    faults += [((k,), "must be a text") for k in TEXTS if not isinstance(entry.get(k, ""), str)]
    for key in TIMES:
        faults += _time_faults((key,), entry.get(key, "1 h"))
    grade = entry.get("grade", GRADES[-1])
    if grade not in GRADES:
        faults.append((("grade",), f"must be {spoken(GRADES)}, not {grade!r}"))
    sources = entry.get("sources", [])
    if not isinstance(sources, list) or not all(isinstance(s, str) for s in sources):
        faults.append((("sources",), "must be a list of texts"))
    faults += [((k,), "must be true or false") for k in FLAGS if not isinstance(entry.get(k, False), bool)]
    tables = [key for key in (EFFECTS, *variants) if key in entry]
    for key in tables:
        faults += _effects_faults(key, entry[key], parameters)
    if faults:
        raise TreatmentError(name, faults)
    effects = {key: _effects(entry, key) for key in tables}
    shared = effects[EFFECTS] if entry.get("amends") else {}
    return Treatment(
        name,
        entry["doc"],
        entry.get("evidence", UNGRADED),
        entry["onset"],
        entry["offset"],
        tuple(sources),
        effects[EFFECTS],
        {variants[key]: {**shared, **found} for key, found in effects.items() if key != EFFECTS},
        grade,
        entry.get("route", ""),
        entry.get("follows", ""),
        entry.get("topical", False),
        entry.get("lasts"),
        entry.get("evenly", False),
        dict(entry) if own else None,
    )


def _unknown(key: str, allowed: Iterable[str]) -> str:
    near = nearest(key, allowed)
    return (
        f"is not a setting; did you mean {near}?" if near else f"is not a setting; allowed: {spoken(allowed)}"
    )


def _time_faults(path: tuple[str, ...], value: object) -> list[Fault]:
    if not isinstance(value, str):
        return [(path, f'must be a time such as "6 h" ({TIME_UNITS})')]
    try:
        lasting = convert(value, DAY)
    except QuantityError as error:
        return [(path, str(error))]
    return [] if lasting > 0.0 else [(path, f"must be longer than 0, not {value!r}")]


def _effects_faults(key: str, table: object, parameters: Mapping[str, Parameter]) -> list[Fault]:
    if not isinstance(table, Mapping) or not table:
        return [((key,), 'must be a table of at least one effect, such as {"kinase.activity" = 0.8}')]
    faults: list[Fault] = []
    for target, effect in table.items():
        path = (key, target)
        if target not in FIBRE_TARGETS and target not in parameters:
            near = did_you_mean(target, (*parameters, *FIBRE_TARGETS))
            faults.append(
                (path, f"is not a parameter{near or ';'} `dorsalhorn list parameters` shows them all")
            )
        elif target.startswith(UNTREATABLE):
            faults.append((path, "belongs to the experiment, not to the animal: no treatment acts on it"))
        faults += _effect_faults(path, effect if isinstance(effect, Mapping) else {"factor": effect})
    return faults


def _effect_faults(path: tuple[str, ...], effect: Mapping[str, Any]) -> list[Fault]:
    faults: list[Fault] = [((*path, k), _unknown(k, EFFECT_KEYS)) for k in effect if k not in EFFECT_KEYS]
    if "factor" not in effect:
        return [*faults, (path, "needs a factor (1 leaves the target as it is)")]
    factor, ceiling = effect["factor"], effect.get("ceiling")
    for name, value in (("factor", factor), *((("ceiling", ceiling),) if "ceiling" in effect else ())):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < math.inf:
            return [*faults, ((*path, name), f"must be a number of at least 0, not {value!r}")]
    if ceiling is not None and (factor == 1 or (ceiling - 1) / (factor - 1) <= 1):
        faults.append(((*path, "ceiling"), f"must lie beyond the factor {factor:g}, away from 1"))
    if ceiling is None and factor > 1:
        faults.append((path, "raises its target: say with `ceiling` which factor no dose goes beyond"))
    for name in ("onset", "offset"):
        faults += _time_faults((*path, name), effect.get(name, "1 h"))
    if effect.get("status", STATUSES[0]) not in STATUSES:
        faults.append(((*path, "status"), f"must be {spoken(STATUSES)}, not {effect['status']!r}"))
    if not isinstance(effect.get("source", ""), str):
        faults.append(((*path, "source"), "must be a text"))
    return faults


def _effects(entry: Mapping[str, Any], key: str) -> dict[str, Effect]:
    found = {}
    for target, effect in entry[key].items():
        e = effect if isinstance(effect, Mapping) else {"factor": effect}
        ceiling = e.get("ceiling")
        found[target] = Effect(
            float(e["factor"]),
            e.get("onset", entry["onset"]),
            e.get("offset", entry["offset"]),
            None if ceiling is None else float(ceiling),
            e.get("status", "choice"),
            e.get("source", "choice"),
        )
    return found


def target_doc(key: str, parameters: Mapping[str, Parameter]) -> str:
    """What a target is, in words."""
    return FIBRE_TARGETS[key].doc if key in FIBRE_TARGETS else parameters[key].doc
