"""A resolved scenario written down as TOML, exactly enough to run it again."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from .quantities import written, written_time
from .regimen import catalogue
from .registry import Registry
from .registry import registry as shipped_registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model.scenario import Clamp, Given, Override, Scenario, Stimulus
    from .records import Treatment


def written_scenario(scenario: Scenario, registry: Registry | None = None) -> str:
    """The whole file. Switches and parameters are written where they differ from the biology's."""
    data = registry or shipped_registry()
    switches, parameters = data.deviations(scenario.biology, scenario.switches, scenario.parameters)
    lines = [
        f"title = {_text(scenario.title)}",
        f"name = {_text(scenario.name)}",
        f"biology = {_text(scenario.biology)}",
        f"mode = {_text(scenario.mode)}",
        f"duration = {written_time(scenario.duration_d)}",
        f"tick = {written_time(scenario.tick_d)}",
        *(["sample_quiet = true"] if scenario.sample_quiet else []),
        f"seed = {scenario.seed}",
        "\n[slice]",
        f"scale = {scenario.scale!r}",
        f"receptors_per_neuron = {scenario.receptors_per_neuron}",
    ]
    if switches:
        lines += ["\n[switches]", *(f"{_text(key)} = {_text(choice)}" for key, choice in switches.items())]
    if parameters:
        units = {key: data.parameters[key].unit for key in parameters}
        lines += ["\n[parameters]"]
        lines += [f"{_text(key)} = {written(value, units[key])}" for key, value in parameters.items()]
    for stimulus in scenario.own_stimuli:
        lines += _stimulus(stimulus)
    known = catalogue(scenario, data)
    for given in scenario.treatments:
        lines += _treatment(given, known[given.name])
    for name, entry in scenario.definitions.items():
        lines += _definition(name, entry)
    for clamp in scenario.own_clamps:
        lines += _clamp(clamp)
    lines += _overrides(scenario.overrides, data)
    record = scenario.record
    lines += [
        "\n[record]",
        f"every = {written_time(record.every_d)}",
        f"agents = {json.dumps(list(record.agents))}",
        f"fields = {json.dumps(list(record.fields))}",
    ]
    return "\n".join(lines) + "\n"


def stimuli_of(scenario: Scenario) -> list[dict[str, Any]]:
    """The stimuli with the days on which their causes are gone, as run.json and sweeps keep them."""
    return [
        {
            "kind": s.kind,
            "start_d": s.start_d,
            "stop_d": None if math.isinf(s.cause_ends_d) else s.cause_ends_d,
            "site": list(s.site),
            "intensity": s.intensity,
        }
        for s in scenario.own_stimuli
    ]


def _text(value: str) -> str:
    """A TOML basic string (JSON's escapes are a part of TOML's)."""
    return json.dumps(value, ensure_ascii=False)


def _span(start_d: float, stop_d: float | None) -> list[str]:
    lines = [f"start = {written_time(start_d)}"]
    if stop_d is not None and not math.isinf(stop_d):
        lines.append(f"stop = {written_time(stop_d)}")
    return lines


def _factor_or_value(factor: float | None, value: str | None) -> str:
    return f"value = {value}" if factor is None else f"factor = {factor!r}"


def _stimulus(stimulus: Stimulus) -> list[str]:
    lines = ["\n[[stimulus]]", f"kind = {_text(stimulus.kind)}", *_span(stimulus.start_d, stimulus.stop_d)]
    lines += [f"site = {list(stimulus.site)}", f"intensity = {stimulus.intensity!r}"]
    if stimulus.rate_hz is not None:
        lines.append(f"rate_hz = {stimulus.rate_hz!r}")
    if stimulus.count is not None:
        lines.append(f"count = {stimulus.count}")
    return lines


def _treatment(given: Given, treatment: Treatment) -> list[str]:
    single = treatment.lasts is not None and given.every_d is None
    lines = ["\n[[treatment]]", f"name = {_text(given.name)}"]
    lines += _span(given.start_d, None if single else given.stop_d)
    lines.append(f"dose = {given.dose!r}")
    if given.site is not None:
        lines.append(f"site = {list(given.site)}")
    for key, time_d in (("every", given.every_d), ("lasts", given.lasts_d), ("taper", given.taper_d)):
        if time_d:
            lines.append(f"{key} = {written_time(time_d)}")
    return lines


def _definition(name: str, entry: Mapping[str, Any]) -> list[str]:
    """A treatment that the scenario brings itself, as it was written."""
    return [f"\n[treatments.{name}]", *(f"{_text(key)} = {_value(value)}" for key, value in entry.items())]


def _value(value: object) -> str:
    """A TOML value: text, number, true or false, list, inline table."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(k))} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else repr(value)


def _clamp(clamp: Clamp) -> list[str]:
    lines = ["\n[[clamp]]", f"target = {_text(clamp.target)}", *_span(clamp.start_d, clamp.stop_d)]
    lines.append(_factor_or_value(clamp.factor, repr(clamp.value)))
    if clamp.site is not None:
        lines.append(f"site = {list(clamp.site)}")
    return lines


def _overrides(overrides: Iterable[Override], data: Registry) -> list[str]:
    """`knockout NAME` and `clamp NAME factor X` stand for several overrides, `clamp NAME` for one."""
    lines = []
    for (origin, start, stop), members in groupby(overrides, key=lambda o: (o.label, o.start_d, o.stop_d)):
        table, name, *more = origin.split()
        if table == "knockout":
            lines += ["\n[[knockout]]", f"mechanism = {_text(name)}", *_span(start, stop)]
        elif more:
            lines += ["\n[[clamp]]", f"target = {_text(name)}", *_span(start, stop), f"factor = {more[1]}"]
        else:
            for held in members:
                unit = data.parameters[held.parameter].unit
                value = None if held.value is None else written(held.value, unit)
                lines += ["\n[[clamp]]", f"target = {_text(name)}", *_span(start, stop)]
                lines.append(_factor_or_value(held.factor, value))
    return lines
