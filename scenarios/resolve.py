"""From a checked scenario file to the model's Scenario: every number resolved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from ..model.anatomy import Anatomy, Connection, FibreClass, Firing, Group, Lamina
from ..model.scenario import (
    SECONDS_A_DAY,
    Clamp,
    Drive,
    Override,
    Record,
    Scenario,
    Stimulus,
)
from .errors import RegistryError
from .parts import ClampTable, KnockoutTable, StimulusTable
from .records import StimulusKind
from .regimen import courses, definitions, given, label, on_fibres
from .registry import Registry
from .schema import Document
from .vocabulary import Vocabulary

USUAL_RECORD_D = 0.25
USUAL_ACUTE_RECORDS = 12
"""each costs about as much as ten simulated seconds: the laboratory works on copies of the slice"""

Value = TypeVar("Value")


def resolve(document: Document, names: Vocabulary) -> Scenario:
    """The Scenario that a checked file describes."""
    registry = names.registry
    parameters = registry.resolve(document.biology, document.switches, document.parameters)
    overrides = [o for table in document.knockout for o in _knockout(table, registry)]
    clamps = []
    for clamp in document.clamp:
        if clamp.target in names.held:
            clamps.append(
                Clamp(clamp.start, _end(clamp.stop), clamp.target, clamp.factor, clamp.value, clamp.site)
            )
        else:
            overrides += _held(clamp, names, parameters)
    stimuli = [_stimulus(table, registry) for table in document.stimulus]
    treatments = tuple(given(table, registry, stimuli) for table in document.treatment)
    acting = [c for g in treatments for c in courses(g, registry.treatments[g.name], document.biology)]
    blocks, scaled = on_fibres(acting)
    return Scenario(
        title=document.title,
        name=document.name,
        biology=document.biology,
        mode=document.mode,
        duration_d=document.duration,
        tick_d=document.tick,
        sample_quiet=document.sample_quiet,
        seed=document.seed,
        scale=document.slice.scale,
        receptors_per_neuron=document.slice.receptors_per_neuron,
        parameters=parameters,
        anatomy=read_anatomy(registry.anatomy),
        switches=registry.switches_of(document.biology, document.switches),
        stimuli=(*stimuli, *blocks),
        overrides=tuple(overrides),
        courses=tuple(a.course for a in acting if a.course.parameter in parameters),
        clamps=(*clamps, *scaled),
        treatments=treatments,
        definitions=definitions(treatments, registry),
        record=_record(document),
    )


def _end(stop: float | None) -> float:
    return math.inf if stop is None else stop


def _stimulus(table: StimulusTable, registry: Registry) -> Stimulus:
    return Stimulus(
        kind=table.kind,
        start_d=table.start,
        stop_d=table.stop,
        site=table.site,
        intensity=table.intensity,
        rate_hz=table.rate_hz,
        count=table.count,
        drive=_paced(read_drive(registry.stimuli[table.kind]), table.rate_hz, table.count),
    )


def _paced(drive: Drive, rate_hz: float | None, count: int | None) -> Drive:
    """The drive of a train: rates of its data are per Hz of the train, which ends with its count."""
    if rate_hz is None:
        return drive
    return replace(
        drive,
        c_hz=drive.c_hz * rate_hz,
        a_delta_hz=drive.a_delta_hz * rate_hz,
        a_beta_hz=drive.a_beta_hz * rate_hz,
        plateau_d=drive.plateau_d if count is None else count / rate_hz / SECONDS_A_DAY,
    )


def _knockout(table: KnockoutTable, registry: Registry) -> list[Override]:
    """One override for each parameter that knocks the mechanism out."""
    return [
        Override(table.start, _end(table.stop), key, value=value, label=label("knockout", table.mechanism))
        for key, value in registry.mechanisms[table.mechanism].knockout.items()
    ]


def _held(clamp: ClampTable, names: Vocabulary, parameters: Mapping[str, float]) -> list[Override]:
    """The clamp of a parameter, or of a mechanism: part of the way from its values to its knock-out."""
    end = _end(clamp.stop)
    parameter = names.clamped_parameter(clamp.target)
    if not names.clamped_mechanism(clamp.target) and parameter is not None:
        return [
            Override(clamp.start, end, parameter.key, clamp.factor, clamp.value, label("clamp", clamp.target))
        ]
    share = 0.0 if clamp.factor is None else clamp.factor
    origin = label("clamp", clamp.target, "factor", share)
    out = names.registry.mechanisms[clamp.target].knockout
    return [
        Override(clamp.start, end, key, value=value + share * (parameters[key] - value), label=origin)
        for key, value in out.items()
    ]


def _record(document: Document) -> Record:
    """Every 6 h unless said otherwise, at every tick if ticks are longer; an acute run, a dozen times."""
    usual = max(document.tick, USUAL_RECORD_D)
    if document.mode == "acute":
        usual = document.tick * max(1, math.ceil(document.duration / document.tick / USUAL_ACUTE_RECORDS))
    every = usual if document.record.every is None else document.record.every
    return Record(
        every, tuple(dict.fromkeys(document.record.agents)), tuple(dict.fromkeys(document.record.fields))
    )


def read_drive(kind: StimulusKind) -> Drive:
    """The course of a kind of stimulus."""
    return _filled(Drive, kind.drive, f"stimuli.toml: {kind.name}")


def read_anatomy(data: Mapping[str, Any]) -> Anatomy:
    """The anatomy table: laminae, groups of neurons, classes of fibres, connections."""

    def rows(part: str, kind: type[Value]) -> tuple[Value, ...]:
        return tuple(_filled(kind, row, f"anatomy.toml: {part}") for row in data[part])

    return Anatomy(
        laminae=rows("lamina", Lamina),
        firings=rows("firing", Firing),
        groups=rows("group", Group),
        fibres=rows("fibre", FibreClass),
        connections=rows("connection", Connection),
    )


def _filled(kind: type[Value], data: Mapping[str, Any], where: str) -> Value:
    """A dataclass of the model from one table of the data."""
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(data) - known)
    if unknown:
        raise RegistryError(f"{where} has keys the model does not know: {', '.join(unknown)}")
    try:
        return kind(**data)
    except TypeError as error:
        raise RegistryError(f"{where}: {error}") from error
