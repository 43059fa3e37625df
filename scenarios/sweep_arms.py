"""The arms of a sweep: those written out, then one for each course and treatment of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .registry import registry
from .sweep_schema import ALL, SweepDocument
from .toml_text import Path_, toml_value


@dataclass(frozen=True)
class Arm:
    """A named set of changes, and the place in the sweep file that asks for it."""

    name: str
    set: tuple[str, ...]
    place: Path_


def arms_of(document: SweepDocument, base: Mapping[str, Any]) -> Iterator[Arm]:
    """All arms; a course is added to the treatments that the scenario `base` has."""
    for number, arm in enumerate(document.arm):
        yield Arm(arm.name, arm.set, ("arm", number, "set"))
    free = len(base.get("treatment", ()))
    for number, course in enumerate(document.course):
        for name in usable() if ALL in course.treatments else course.treatments:
            known = registry().treatments.get(name)
            once = known is not None and bool(known.lasts)  # one application fades by itself: it has no stop
            stop = None if once else course.stop
            given = {"name": name, "start": course.start, "stop": stop, "dose": course.dose}
            table = toml_value({key: value for key, value in given.items() if value is not None})
            yield Arm(f"{name} {course.name}", (f"treatment.{free}={table}",), ("course", number))


def usable() -> list[str]:
    """The treatments that have an effect."""
    return [name for name, treatment in registry().treatments.items() if treatment.effects]
