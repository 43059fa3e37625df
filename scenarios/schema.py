"""The scenario file as a whole (contract 6.3).

The models hold plain checked values in the file's own words; `resolve.py` turns them into the
model's values.  Every check belongs to one field, so that all problems of a file are found at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from .fields import (
    WHOLE_MAP,
    FileName,
    Text,
    Time,
    Whole,
    between,
    covering,
    days,
    known,
    paired,
    said,
    shown,
    vocabulary,
)
from .parts import (
    ClampTable,
    KnockoutTable,
    RecordTable,
    SliceTable,
    StimulusTable,
    Table,
    TreatmentTable,
)
from .quantities import DAY, convert, spoken_time
from .settings import parameter, switch

MOST_TICKS = 1_000_000
MOST_DOSES = 2_000
MOST_SEED = 2**53 - 1
STEP = "epoch.step"
SLACK = 1e-6
"""of a step: what arithmetic with days leaves"""
USUAL_TICK = {"chronic": "1 h", "acute": "1 s"}
"""the modes, and their ticks unless a file says otherwise; in acute mode a tick is an epoch"""
ACUTE_TICK = ("100 ms", "60 s")
"""a shorter epoch is mostly conduction time; a longer one holds the slow state still for too long"""

Switches = Annotated[Mapping[str, Annotated[str, BeforeValidator(switch)]], BeforeValidator(paired)]
Parameters = Annotated[Mapping[str, Annotated[float, BeforeValidator(parameter)]], BeforeValidator(paired)]


def usual_tick(value: object, info: ValidationInfo) -> float:
    """A time in days; the usual tick of the mode if none is given."""
    return days(USUAL_TICK[info.data.get("mode", "chronic")] if value is None else value)


class Document(Table):
    """The whole file."""

    title: Text
    name: FileName = ""
    biology: Annotated[str, known("a biology", lambda v: v.registry.presets)]
    mode: Annotated[str, known("a mode", lambda _: USUAL_TICK)] = "chronic"
    duration: Time
    tick: Annotated[float, BeforeValidator(usual_tick)] = Field(
        default=cast(float, None), validate_default=True
    )
    sample_quiet: bool = False
    seed: Annotated[Whole, AfterValidator(between(0, MOST_SEED))] = 1
    slice: SliceTable = SliceTable()
    switches: Switches = Field(default_factory=dict)
    parameters: Parameters = Field(default_factory=dict, validate_default=True)
    stimulus: tuple[StimulusTable, ...] = ()
    treatment: tuple[TreatmentTable, ...] = ()
    clamp: tuple[ClampTable, ...] = ()
    knockout: tuple[KnockoutTable, ...] = ()
    record: RecordTable = RecordTable()

    @field_validator("duration", "tick")
    @classmethod
    def _fits(cls, value: float, info: ValidationInfo) -> float:
        if value <= 0:
            raise said(f"must be longer than 0, not {shown(value)} d")
        duration, mode = info.data.get("duration"), info.data.get("mode")
        if info.field_name == "tick" and duration is not None and mode is not None:
            low, high = map(days, ACUTE_TICK)
            if mode == "acute" and not low <= value <= high:
                raise said(
                    f"must lie between {' and '.join(ACUTE_TICK)} in acute mode, where a tick is an epoch, "
                    f"not {spoken_time(value)}"
                )
            if value > duration:
                raise said(
                    f"must not be longer than the duration ({spoken_time(duration)}), "
                    f"not {spoken_time(value)}"
                )
            if duration / value > MOST_TICKS:
                raise said(
                    f"the duration would take {duration / value:.3g} ticks; at most {MOST_TICKS:,} are "
                    "allowed: shorten the duration or lengthen the tick"
                )
        return value

    @field_validator("sample_quiet")
    @classmethod
    def _only_acute(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("mode") != "acute":
            raise said("only an acute run has quiet ticks to sample; a chronic one samples every tick")
        return value

    @field_validator("parameters")
    @classmethod
    def _whole_steps(cls, value: Mapping[str, float], info: ValidationInfo) -> Mapping[str, float]:
        """Epochs end to end: a tick of half a step more would lose or double a volley."""
        tick, step = info.data.get("tick"), vocabulary(info).registry.parameters[STEP]
        if tick is not None and info.data.get("mode") == "acute":
            step_ms = value.get(STEP, step.value)
            steps = tick / days(f"{step_ms!r} {step.unit}")
            if abs(steps - round(steps)) > SLACK:
                raise said(
                    f"{STEP} ({step_ms:g} {step.unit}) must go into the tick ({spoken_time(tick)}) a whole "
                    "number of times in acute mode"
                )
        return value

    @field_validator("treatment")
    @classmethod
    def _one_course_at_a_time(
        cls, value: tuple[TreatmentTable, ...], info: ValidationInfo
    ) -> tuple[TreatmentTable, ...]:
        treatments, duration = vocabulary(info).registry.treatments, info.data.get("duration", 0.0)
        usual = covering([s.site for s in info.data.get("stimulus", ())])
        courses: dict[str, list[tuple[float, float, tuple[float, float]]]] = {}
        for entry in value:
            treatment = treatments[entry.name]
            stop = math.inf if entry.stop is None else entry.stop
            if entry.every is not None:
                _few_enough(entry.name, (min(duration, stop) - entry.start) / entry.every)
            elif treatment.lasts:
                stop = entry.start + convert(treatment.lasts, DAY)
            site = (entry.site or usual) if treatment.topical else WHOLE_MAP
            for start, end, other in courses.setdefault(entry.name, []):
                apart = stop <= start or end <= entry.start or site[1] <= other[0] or other[1] <= site[0]
                if not apart:
                    raise said(_overlap(entry.name, max(start, entry.start)))
            courses[entry.name].append((entry.start, stop, site))
        return value

    @field_validator("knockout")
    @classmethod
    def _one_knockout_at_a_time(cls, value: tuple[KnockoutTable, ...]) -> tuple[KnockoutTable, ...]:
        _no_overlap([(entry.mechanism, entry.start, entry.stop) for entry in value])
        return value

    @field_validator("clamp")
    @classmethod
    def _one_clamp_at_a_time(cls, value: tuple[ClampTable, ...]) -> tuple[ClampTable, ...]:
        sites = ["" if entry.site is None else f" at {list(entry.site)}" for entry in value]
        _no_overlap([(e.target + site, e.start, e.stop) for e, site in zip(value, sites, strict=True)])
        return value

    @field_validator("record")
    @classmethod
    def _a_tick_apart(cls, value: RecordTable, info: ValidationInfo) -> RecordTable:
        tick = info.data.get("tick")
        if value.every is not None and tick is not None and value.every < tick:
            raise said(
                f"every must be at least one tick ({spoken_time(tick)}), not {spoken_time(value.every)}"
            )
        return value


def _no_overlap(courses: list[tuple[str, float, float | None]]) -> None:
    """Two courses of one name at one time have no meaning."""
    ends: dict[str, float | None] = {}
    for name, start, stop in sorted(courses, key=lambda course: course[1]):
        end = ends.get(name, 0.0)
        if name in ends and (end is None or start < end):
            raise said(_overlap(name, start))
        ends[name] = stop


def _overlap(name: str, start: float) -> str:
    return f"two courses of {name} overlap at {spoken_time(start)}; end the first one before"


def _few_enough(name: str, number: float) -> None:
    """Every dose is followed by itself: thousands of them take longer than they tell."""
    if number > MOST_DOSES:
        raise said(
            f"{name} would be given {number:,.0f} times; at most {MOST_DOSES:,} doses can be followed: leave "
            "every out for something given without pause"
        )
