"""The tables of a scenario file: what `[slice]`, `[[stimulus]]`, `[[treatment]]` and the others may hold."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from ..model.targets import AGENT_KINDS
from .fields import (
    Number,
    Site,
    Time,
    Whole,
    at_least,
    between,
    known,
    number,
    one_of,
    said,
    shown,
    vocabulary,
)
from .names import spoken
from .quantities import spoken_time
from .settings import quantity

SMALLEST_SCALE = 0.01
MOST_HZ = 1000
MOST_PULSES = 100_000


class Table(BaseModel):
    """What every table of the file has in common: fixed once read, and no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _start(value: float) -> float:
    if value < 0:
        raise said(f"must not lie before the run begins, not {spoken_time(-value)} before it")
    return value


def _stop(value: float | None, info: ValidationInfo) -> float | None:
    start = info.data.get("start")
    if value is not None and start is not None and value <= start:
        raise said(f"must come after start ({spoken_time(start)}), not at {spoken_time(value)}")
    return value


def _scale(value: float) -> float:
    if not SMALLEST_SCALE <= value <= 1.0:
        raise said(
            f"must lie between {SMALLEST_SCALE:g} and 1, not {shown(value)}: 1 is the whole 300 um slice "
            f"with about 10,000 neurons; below {SMALLEST_SCALE:g} no circuit is left"
        )
    return value


Start = Annotated[Time, AfterValidator(_start)]
Stop = Annotated[Time | None, AfterValidator(_stop)]


class SliceTable(Table):
    """`[slice]`: how much tissue is simulated."""

    scale: Annotated[Number, AfterValidator(_scale)] = 0.1
    receptors_per_neuron: Annotated[Whole, AfterValidator(between(1, 500))] = 20


class StimulusTable(Table):
    """`[[stimulus]]`: an injury, a stimulus or a block of the afferents."""

    kind: Annotated[str, known("a kind of stimulus", lambda v: v.registry.stimuli, "stimuli")]
    start: Start
    stop: Stop = None
    site: Site = (0.35, 0.65)
    intensity: Annotated[Number, AfterValidator(between(0, 100))] = 1.0
    rate_hz: Number | None = Field(default=None, validate_default=True)
    count: Whole | None = Field(default=None, validate_default=True)

    @field_validator("rate_hz", "count")
    @classmethod
    def _needed(cls, value: float | None, info: ValidationInfo) -> float | None:
        """Electrical trains need their rate and count; the courses of other kinds are published."""
        kind, name = info.data.get("kind"), str(info.field_name)
        most, usual = (MOST_HZ, 1.0) if name == "rate_hz" else (MOST_PULSES, 16)
        if kind is not None:
            needs = vocabulary(info).registry.stimuli[kind].needs
            if name in needs and value is None:
                raise said(f"is required for {kind}, for example {name} = {usual}")
            if name not in needs and value is not None:
                raise said(f"is not for {kind}, whose course is published; intensity scales it")
        if value is not None and not 0 < value <= most:
            raise said(f"must lie above 0 and at most {most:,}, not {shown(value)}")
        return value


class TreatmentTable(Table):
    """`[[treatment]]`: a course of something given."""

    name: Annotated[str, known("a treatment", lambda v: v.registry.treatments, "treatments")]
    start: Start
    every: Time | None = None
    stop: Stop = None
    dose: Annotated[Number, AfterValidator(between(0, 100, "1 is the dose its evidence comes from"))] = 1.0
    site: Site | None = None
    lasts: Time | None = None
    taper: Time | None = None

    @field_validator("every", "lasts", "taper")
    @classmethod
    def _longer_than_nothing(cls, value: float | None) -> float | None:
        if value is not None and value <= 0:
            raise said(f"must be longer than 0, not {shown(value)} d")
        return value

    @field_validator("stop")
    @classmethod
    def _of_one_application(cls, value: float | None, info: ValidationInfo) -> float | None:
        name = info.data.get("name")
        once = info.data.get("every") is None and name in vocabulary(info).registry.treatments
        if value is not None and once and vocabulary(info).registry.treatments[str(name)].lasts:
            raise said(
                f"does not go with {name}: one application builds up and fades by itself; leave stop "
                "out, or give every for repeated ones"
            )
        return value

    @field_validator("site")
    @classmethod
    def _put_somewhere(
        cls, value: tuple[float, float] | None, info: ValidationInfo
    ) -> tuple[float, float] | None:
        treatments, name = vocabulary(info).registry.treatments, info.data.get("name")
        if value is not None and name is not None and not treatments[name].topical:
            local = spoken(sorted(t.name for t in treatments.values() if t.topical), "and")
            raise said(f"does not go with {name}, which acts everywhere; with a site: {local}")
        return value

    @field_validator("lasts")
    @classmethod
    def _of_repeated_doses(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and "every" in info.data:
            every = info.data["every"]
            if every is None:
                raise said("goes with every: it says how long each of the repeated doses is there")
            if value > every:
                raise said(f"must not be longer than every ({spoken_time(every)}), not {spoken_time(value)}")
        return value

    @field_validator("taper")
    @classmethod
    def _before_the_stop(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and "stop" in info.data and "start" in info.data:
            start, stop = info.data["start"], info.data["stop"]
            if stop is None:
                raise said("needs a stop: the dose goes down to nothing over the time before it")
            if value > stop - start:
                raise said(f"must not be longer than the course ({spoken_time(stop - start)})")
        return value


def _knockable(name: str | None, info: ValidationInfo) -> None:
    if name is not None and not vocabulary(info).registry.mechanisms[name].knockout:
        raise said(f"the knock-out of {name} comes with a later version; see `dorsalhorn list mechanisms`")


class ClampTable(Table):
    """`[[clamp]]`: a column, a field, a parameter or a mechanism held over a span."""

    target: Annotated[str, known("a clamp target", lambda v: v.targets, "clamps")]
    factor: Number | None = None
    value: Any = Field(default=None, validate_default=True)
    start: Start = 0.0
    stop: Stop = None
    site: Site | None = None

    @field_validator("target")
    @classmethod
    def _has_knockout(cls, value: str, info: ValidationInfo) -> str:
        if vocabulary(info).clamped_mechanism(value):
            _knockable(value, info)
        return value

    @field_validator("factor")
    @classmethod
    def _a_share(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None:
            at_least(0.0)(value)
        if value is not None and value > 1 and vocabulary(info).clamped_mechanism(info.data.get("target")):
            raise said(
                f"must lie between 0 (knocked out) and 1 (untouched) for a mechanism, not {shown(value)}"
            )
        return value

    @field_validator("value")
    @classmethod
    def _either(cls, value: object, info: ValidationInfo) -> float | None:
        """Exactly one of factor and value, and a value in the unit of its target."""
        target, factor = info.data.get("target"), info.data.get("factor")
        if value is None:
            if factor is None and "factor" in info.data:
                raise said("is required if there is no factor: give exactly one of factor and value")
            return None
        if factor is not None:
            raise said("does not go with factor: give exactly one of factor and value")
        if vocabulary(info).clamped_mechanism(target):
            raise said("does not go with a mechanism: give factor, from 0 (knocked out) to 1 (untouched)")
        parameter = vocabulary(info).clamped_parameter(target)
        if parameter is not None:
            return quantity(value, parameter, within=False)
        low, high = (0.0, math.inf) if target is None else vocabulary(info).bounds(target)
        return between(low, high)(number(value)) if high < math.inf else at_least(low)(number(value))

    @field_validator("site")
    @classmethod
    def _local(cls, value: tuple[float, float] | None, info: ValidationInfo) -> tuple[float, float] | None:
        target, names = info.data.get("target"), vocabulary(info)
        everywhere = names.clamped_mechanism(target) or names.clamped_parameter(target) is not None
        if value is not None and everywhere:
            raise said(f"does not go with {target}, which is the same everywhere")
        return value


class KnockoutTable(Table):
    """`[[knockout]]`: a mechanism taken out from a given time on."""

    mechanism: Annotated[str, known("a mechanism", lambda v: v.registry.mechanisms, "mechanisms")]
    start: Start = 0.0
    stop: Stop = None

    @field_validator("mechanism")
    @classmethod
    def _has_knockout(cls, value: str, info: ValidationInfo) -> str:
        _knockable(value, info)
        return value


AgentKind = Annotated[str, BeforeValidator(lambda v: one_of(v, AGENT_KINDS, "a kind of agent"))]


class RecordTable(Table):
    """`[record]`: what is kept."""

    every: Time | None = None
    agents: tuple[AgentKind, ...] = ()
    fields: tuple[Annotated[str, known("a field", lambda v: v.fields)], ...] = ()

    @field_validator("every")
    @classmethod
    def _positive(cls, value: float | None) -> float | None:
        if value is not None and value <= 0:
            raise said(f"must be longer than 0, not {shown(value)} d")
        return value
