"""The registries: every number, switch, stimulus, treatment, mechanism and source, read from data.

The files under `data/` are the only place where numbers live.  They are read once, checked against
each other, and resolved here - and only here - into the complete set of parameters of a run.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import combinations
from typing import Any

from .errors import RegistryError
from .names import did_you_mean
from .records import (
    Choice,
    Claim,
    Mechanism,
    Parameter,
    Preset,
    Reference,
    StimulusKind,
    Switch,
    Treatment,
)
from .treatments import TreatmentError, read_treatment


@dataclass(frozen=True)
class Registry:
    """Everything that is data, by name."""

    parameters: Mapping[str, Parameter]
    switches: Mapping[str, Switch]
    presets: Mapping[str, Preset]
    mechanisms: Mapping[str, Mechanism]
    claims: Mapping[str, Claim]
    stimuli: Mapping[str, StimulusKind]
    treatments: Mapping[str, Treatment]
    references: Mapping[str, Reference]
    anatomy: Mapping[str, Any] = field(default_factory=dict)

    def switches_of(self, biology: str, chosen: Mapping[str, str]) -> dict[str, str]:
        """The setting of every switch: its default, else the preset's choice, else what was chosen."""
        preset = self.presets[biology]
        return {
            key: chosen.get(key, preset.switches.get(key, switch.default))
            for key, switch in self.switches.items()
        }

    def resolve(
        self, biology: str, chosen: Mapping[str, str], numbers: Mapping[str, float]
    ) -> dict[str, float]:
        """The complete set of parameters of a run.

        Later layers win: registry values, the preset's switch choices, the preset's parameters, the
        scenario's switches (`chosen`), the scenario's parameters (`numbers`, in registry units).
        A switch that the scenario sets is not first set the preset's way.
        """
        preset = self.presets[biology]
        values = {key: parameter.value for key, parameter in self.parameters.items()}
        settings = self.switches_of(biology, chosen)
        for key, choice in settings.items():
            if key not in chosen:
                values.update(self.switches[key].choices[choice].set)
        values.update(preset.parameters)
        for key in self.switches:
            if key in chosen:
                values.update(self.switches[key].choices[chosen[key]].set)
        values.update(numbers)
        return values

    def deviations(
        self, biology: str, switches: Mapping[str, str], numbers: Mapping[str, float]
    ) -> tuple[dict[str, str], dict[str, float]]:
        """The switches that differ from the biology's, and the parameters that differ from what both give."""
        usual = self.switches_of(biology, {})
        changed = {key: choice for key, choice in switches.items() if usual.get(key) != choice}
        given = self.resolve(biology, changed, {})
        return changed, {key: value for key, value in numbers.items() if given.get(key) != value}


def read_registry(folder: Traversable) -> Registry:
    """Read and check the data files of a folder; a RegistryError lists every contradiction."""
    raw = {
        name: _table(folder, name)
        for name in (
            "parameters",
            "switches",
            "presets",
            "mechanisms",
            "stimuli",
            "treatments",
            "references",
            "anatomy",
        )
    }
    claims = {key: entry for key, entry in raw["mechanisms"].items() if "says" in entry}
    try:
        found = Registry(
            parameters={key: _parameter(key, entry) for key, entry in raw["parameters"].items()},
            switches={key: _switch(key, entry, raw["parameters"]) for key, entry in raw["switches"].items()},
            presets={key: _preset(key, entry) for key, entry in raw["presets"].items()},
            mechanisms={
                key: Mechanism(key, entry["doc"], _numbers(entry["knockout"]))
                for key, entry in raw["mechanisms"].items()
                if key not in claims
            },
            claims={key: _claim(key, entry) for key, entry in claims.items()},
            stimuli={key: _stimulus(key, entry) for key, entry in raw["stimuli"].items()},
            treatments={},
            references={key: Reference(key, text) for key, text in raw["references"].items()},
            anatomy=raw["anatomy"],
        )
    except KeyError as error:
        raise RegistryError(f"an entry of the shipped data lacks the key {error}") from error
    faults = _contradictions(found)
    treatments = {}
    for name, entry in raw["treatments"].items():
        try:
            treatments[name] = read_treatment(name, entry, found.parameters, found.presets)
        except TreatmentError as error:
            faults.append(f"treatments.toml: {error}")
    if faults:
        raise RegistryError("the shipped data contradict each other:\n  " + "\n  ".join(faults))
    return replace(found, treatments=treatments)


@cache
def registry() -> Registry:
    """The shipped registries, read once."""
    return read_registry(files(__package__) / "data")


def _table(folder: Traversable, name: str) -> dict[str, Any]:
    """One data file as a dict; the file's name is part of any error."""
    path = folder / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RegistryError(f"{name}.toml: {error}") from error


def _numbers(entry: Mapping[str, Any]) -> dict[str, float]:
    return {key: float(value) for key, value in entry.items()}


def _parameter(key: str, entry: Mapping[str, Any]) -> Parameter:
    low, high = entry["range"]
    return Parameter(
        key,
        float(entry["value"]),
        entry["unit"],
        (float(low), float(high)),
        entry["status"],
        entry["source"],
        entry["doc"],
    )


def _switch(key: str, entry: Mapping[str, Any], parameters: Mapping[str, Any]) -> Switch:
    """One switch; its default sets what the other choices set, to the registry's own values."""
    default = str(entry["default"])
    sets = {name: _numbers(choice.get("set", {})) for name, choice in entry["choices"].items()}
    touched = {k: float(parameters[k]["value"]) for given in sets.values() for k in given if k in parameters}
    choices = {
        name: Choice(name, choice.get("doc", ""), (touched if name == default else {}) | sets[name])
        for name, choice in entry["choices"].items()
    }
    return Switch(key, entry.get("row", ""), entry["doc"], default, choices)


def _preset(name: str, entry: Mapping[str, Any]) -> Preset:
    switches = {key: str(choice) for key, choice in entry.get("switches", {}).items()}
    return Preset(name, entry["doc"], switches, _numbers(entry.get("parameters", {})))


def _claim(key: str, entry: Mapping[str, Any]) -> Claim:
    return Claim(
        key,
        entry["says"],
        entry["literature"],
        tuple(entry["sources"]),
        entry["rule"],
        entry["status"],
        entry["switch"],
        entry.get("reason", ""),
    )


def _stimulus(name: str, entry: Mapping[str, Any]) -> StimulusKind:
    needs = tuple(entry.get("needs", ()))
    return StimulusKind(name, entry["doc"], entry["source"], needs, entry["drive"])


def _set_by(switch: Switch) -> set[str]:
    """The parameters that some choice of a switch sets."""
    return {key for choice in switch.choices.values() for key in choice.set}


def _contradictions(found: Registry) -> list[str]:
    """Everything in the data that names or holds what it should not."""
    faults = [
        f"parameters.toml: {p.key} = {p.value} lies outside its range {list(p.range)}"
        for p in found.parameters.values()
        if not (math.isfinite(p.value) and p.range[0] <= p.value <= p.range[1])
    ]
    setters: list[tuple[str, Mapping[str, Any]]] = []
    for switch in found.switches.values():
        setters += [(f"switches.toml: {switch.key} = {c.name}", c.set) for c in switch.choices.values()]
        if switch.default not in switch.choices:
            faults.append(f"switches.toml: {switch.key} has no choice {switch.default!r}, its default")
    faults += [
        f"switches.toml: {one.key} and {other.key} both set {key}, so that one's default undoes the other"
        for one, other in combinations(found.switches.values(), 2)
        for key in sorted(_set_by(one) & _set_by(other))
    ]
    for preset in found.presets.values():
        setters.append((f"presets.toml: {preset.name}", preset.parameters))
        for key, choice in preset.switches.items():
            if key not in found.switches:
                faults.append(
                    f"presets.toml: {preset.name} sets the switch {key}, which switches.toml does not have"
                )
            elif choice not in found.switches[key].choices:
                faults.append(
                    f"presets.toml: {preset.name} sets {key} to {choice!r}, which is not one of its choices"
                )
    setters += [(f"mechanisms.toml: {m.name}", m.knockout) for m in found.mechanisms.values()]
    for where, names in setters:
        faults += [
            f"{where} sets {key}, which parameters.toml does not have{did_you_mean(key, found.parameters)}"
            for key in names
            if key not in found.parameters
        ]
    return faults
