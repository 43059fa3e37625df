"""From what a scenario gives to what that does: the course of each effect, on parameters and on fibres."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from ..model.courses import at_dose
from ..model.scenario import C_FIBRES, Clamp, Course, Drive, Given, Scenario, Stimulus
from .fields import WHOLE_MAP, covering
from .parts import TreatmentTable
from .quantities import DAY, convert
from .records import Treatment
from .registry import Registry
from .treatments import FIBRE_TARGETS, read_treatment


class Acting(NamedTuple):
    """One effect of a treatment that is given, and where."""

    course: Course
    site: tuple[float, float] | None


def label(table: str, name: str, *more: str | float) -> str:
    """How the origin of an override or course is written down: `treatment gabapentin dose 1.0`."""
    return " ".join([table, name, *map(str, more)])


def given(table: TreatmentTable, registry: Registry, stimuli: Iterable[Stimulus]) -> Given:
    """The treatment that a table asks for; one that is put somewhere goes where the stimuli are."""
    treatment = registry.treatments[table.name]
    stop = math.inf if table.stop is None else table.stop
    if treatment.lasts and table.every is None:
        stop = table.start + convert(treatment.lasts, DAY)
    return Given(
        table.name,
        table.start,
        stop,
        table.dose,
        (table.site or covering([s.site for s in stimuli])) if treatment.topical else None,
        table.every,
        table.lasts or (convert(treatment.lasts, DAY) if treatment.lasts and table.every else None),
        table.taper or 0.0,
    )


def courses(given: Given, treatment: Treatment, biology: str) -> list[Acting]:
    """The course of each of its effects under a biology."""
    return [
        Acting(
            Course(
                given.start_d,
                given.stop_d,
                key,
                at_dose(effect.factor, given.dose, effect.ceiling),
                convert(effect.onset, DAY),
                convert(effect.offset, DAY),
                label("treatment", given.name, "dose", given.dose),
                effect.ceiling,
                given.every_d,
                given.lasts_d,
                given.taper_d,
                treatment.evenly,
            ),
            given.site,
        )
        for key, effect in treatment.under(biology).items()
    ]


def on_fibres(acting: Iterable[Acting]) -> tuple[list[Stimulus], list[Clamp]]:
    """What acts on fibres: a block of their conduction, and columns that are scaled."""
    blocks, scaled = [], []
    for course, site in acting:
        target = FIBRE_TARGETS.get(course.parameter)
        if target is None:
            continue
        start, stop, origin = course.start_d, course.stop_d, course.label
        if target.column:
            scaled.append(Clamp(start, stop, target.column, 1.0, None, site, target.fibres, course, origin))
        else:
            drive = Drive(silences=1.0, spares_a_fibres=1.0 if target.fibres == C_FIBRES else 0.0)
            kind = origin.split()[1]
            block = Stimulus(kind, start, stop, site or WHOLE_MAP, drive=drive, course=course, label=origin)
            blocks.append(block)
    return blocks, scaled


def definitions(treatments: Iterable[Given], registry: Registry) -> dict[str, Any]:
    """What the user wrote of the treatments that are given and not shipped."""
    entries = {g.name: registry.treatments[g.name].definition for g in treatments}
    return {name: dict(entry) for name, entry in sorted(entries.items()) if entry is not None}


def catalogue(scenario: Scenario, registry: Registry) -> Mapping[str, Treatment]:
    """Every treatment that a scenario may name, its own included."""
    own = {
        name: read_treatment(name, entry, registry.parameters, registry.presets, own=True)
        for name, entry in scenario.definitions.items()
    }
    return {**registry.treatments, **own}


def about_given(scenario: Scenario, registry: Registry) -> list[dict[str, Any]]:
    """What was given, with the evidence for it, so that whoever reads a run folder has both."""
    known = catalogue(scenario, registry)
    return [
        {
            **asdict(g),
            "stop_d": None if math.isinf(g.stop_d) else g.stop_d,
            "offset_d": _longest_offset(known[g.name], scenario.biology),
            "evenly": known[g.name].evenly,
            "grade": known[g.name].grade,
            "evidence": known[g.name].evidence,
            "follows": "article" if scenario.biology in known[g.name].variants else known[g.name].follows,
        }
        for g in scenario.treatments
    ]


def _longest_offset(treatment: Treatment, biology: str) -> float:
    """The longest offset (days) of any of its effects; 0 without an effect."""
    return max((convert(e.offset, DAY) for e in treatment.under(biology).values()), default=0.0)


def with_own(registry: Registry, own: Mapping[str, Treatment]) -> Registry:
    """The registry with a scenario's own treatments added."""
    return replace(registry, treatments={**registry.treatments, **own}) if own else registry
