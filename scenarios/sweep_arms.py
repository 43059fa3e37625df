"""The arms of a sweep: those written out, then those of each course: its treatments and its combinations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import InputError
from .names import did_you_mean
from .registry import registry
from .sweep_schema import ALL, CourseTable, SweepDocument
from .toml_text import Path_, toml_value


@dataclass(frozen=True)
class Arm:
    """A named set of changes, and the place in the sweep file that asks for it."""

    name: str
    set: tuple[str, ...]
    place: Path_
    gives: str | None = None
    """the treatment or combination, of an arm that a course makes"""
    course: str | None = None
    until_worn_off: bool = False
    """its runs go on until what lasts can be read"""


def arms_of(document: SweepDocument, base: Mapping[str, Any]) -> Iterator[Arm]:
    """All arms; a course is added to the treatments that the scenario `base` has."""
    for number, arm in enumerate(document.arm):
        yield Arm(arm.name, arm.set, ("arm", number, "set"), arm.gives, arm.course)
    free = len(base.get("treatment", ()))
    for number, course in enumerate(document.course):
        for name in usable() if ALL in course.treatments else course.treatments:
            yield _arm(name, (name,), course, free, ("course", number))
        every = ALL in course.combinations
        for name in document.combinations if every else course.combinations:
            yield _arm(name, document.combinations[name], course, free, ("combinations", name))


def _arm(gives: str, names: Sequence[str], course: CourseTable, free: int, place: Path_) -> Arm:
    """Everything named, given over the course: the first becomes treatment number `free`."""
    sets = tuple(f"treatment.{free + i}={_given(name, course)}" for i, name in enumerate(names))
    return Arm(f"{gives} {course.name}", sets, place, gives, course.name, course.until_worn_off)


def _given(name: str, course: CourseTable) -> str:
    known = registry().treatments.get(name)
    once = known is not None and bool(known.lasts)  # one application fades by itself: it has no stop
    given = {"name": name, "start": course.start, "stop": None if once else course.stop, "dose": course.dose}
    return toml_value({key: value for key, value in given.items() if value is not None})


def usable() -> list[str]:
    """The treatments that have an effect."""
    return [name for name, treatment in registry().treatments.items() if treatment.effects]


def only(arms: Sequence[Arm], names: Sequence[str], reference: str | None) -> list[Arm]:
    """The arms that are named, by their own name, by what they give or by their course; and the reference.

    Raises InputError for a name of none.
    """
    known = [name for arm in arms for name in (arm.name, arm.gives, arm.course) if name]
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            raise InputError(f"--only {name}: no arm of this sweep{near or ' is called so or gives that'}")
    return [arm for arm in arms if arm.name == reference or {arm.name, arm.gives, arm.course} & set(names)]
