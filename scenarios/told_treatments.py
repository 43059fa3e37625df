"""Treatments in words: what each will do to which rule, how soon, and how good the evidence is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .quantities import spoken_time
from .regimen import catalogue, courses
from .treatments import FIBRE_TARGETS, target_doc

if TYPE_CHECKING:
    from ..model.scenario import Course, Given, Scenario
    from .records import Effect, Treatment
    from .registry import Registry

SHORT_D = 0.25
"""shorter spans are told by their length"""


def when(time_d: float) -> str:
    """`on day 2`, `after 6 h`."""
    return f"on day {time_d:g}" if time_d >= 1.0 or time_d == 0.0 else f"after {spoken_time(time_d)}"


def span(start_d: float, stop_d: float | None, scenario: Scenario) -> str:
    """`from day 2 to day 16`, or `on day 2 for 5 s`."""
    if stop_d is not None and stop_d - start_d < SHORT_D:
        lasts = "" if stop_d <= start_d else f" for {spoken_time(stop_d - start_d)}"
        return f"{when(start_d)}{lasts}"
    start = f"from day {start_d:g}" if start_d >= 1.0 or start_d == 0.0 else f"from {spoken_time(start_d)}"
    start = "from the start" if scenario.acute and start_d == 0.0 else start
    if stop_d is None or stop_d >= scenario.duration_d:
        return f"{start} to the end"
    return f"{start} to day {stop_d:g}" if stop_d >= 1.0 else f"{start} to {spoken_time(stop_d)}"


def treatments(scenario: Scenario, data: Registry) -> list[str]:
    """What is given and, a line each, what that does."""
    known = catalogue(scenario, data)
    told = []
    for given in scenario.treatments:
        treatment = known[given.name]
        told.append(f"{_given(given, treatment, scenario)}; {evidence(treatment)} ({treatment.doc})")
        effects = treatment.under(scenario.biology)
        told += [
            f"- {_effect(acting.course, effects[acting.course.parameter], data)}"
            for acting in courses(given, treatment, scenario.biology)
        ]
    return told


def evidence(treatment: Treatment) -> str:
    """Grade and words: `evidence: strong (human), mixed mechanism`."""
    words = treatment.evidence
    graded = words if words.startswith(treatment.grade) else f"{treatment.grade}: {words}"
    return f"evidence: {graded}"


def _given(g: Given, treatment: Treatment, scenario: Scenario) -> str:
    how = "" if g.dose == 1.0 else f" at {g.dose:g} times the usual dose"
    if g.every_d is not None:
        how += f", every {spoken_time(g.every_d)}"
        how += "" if g.lasts_d is None else f" for {spoken_time(g.lasts_d)}"
    if treatment.lasts and g.every_d is None:
        how += f", once {when(g.start_d)}"
    else:
        how += f", {span(g.start_d, g.stop_d, scenario)}"
    how += f", tapered over the last {spoken_time(g.taper_d)}" if g.taper_d else ""
    how += "" if g.site is None else f", on {g.site[0]:g}-{g.site[1]:g} of the skin map"
    return f"{g.name}{how}"


def _effect(course: Course, effect: Effect, data: Registry) -> str:
    """What one effect does: target, factor, meaning, the rules that feel it, kinetics, source."""
    limit = "" if course.ceiling is None else f", no dose beyond x {course.ceiling:g}"
    return (
        f"{course.parameter} x {course.factor:.3g}{limit}: {target_doc(course.parameter, data.parameters)}; "
        f"felt by {felt_by(course.parameter)}; on in {spoken_time(course.onset_d)}, "
        f"off in {spoken_time(course.offset_d)}{' at a constant rate' if course.evenly else ''}; "
        f"{effect.status}, {effect.source}"
    )


@cache
def _readers(folder: str) -> dict[str, tuple[str, ...]]:
    """The functions of a folder that read each parameter, by its name in their source."""
    root = Path(__file__).resolve().parents[1]
    found: dict[str, list[str]] = {}
    for file in sorted((root / folder).glob("*.py")):
        place, name = "", ""
        for line in file.read_text(encoding="utf-8").splitlines():
            if klass := re.match(r"class (\w+)", line):
                place, name = f"{klass[1]}.", ""
            elif function := re.match(r"(\s*)def (\w+)", line):
                name = f"{place if function[1] else ''}{function[2]}"
            for key in re.findall(r"\b(?:p|parameters)\.([a-z]\w+)", line):
                if name and name not in found.setdefault(key, []):
                    found[key].append(name)
    return {key: tuple(names) for key, names in found.items()}


def felt_by(target: str) -> str:
    """The rules that read a target (`NMDAReceptor.travel`), or what else of the model does if none."""
    if target in FIBRE_TARGETS:
        return FIBRE_TARGETS[target].rule
    key = target.replace(".", "_")
    return ", ".join(_readers("agents").get(key) or _readers("model").get(key) or ("no rule",))
