"""The names a scenario file may use, gathered from the registries and from the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..agents.afferent import Afferent
from ..agents.astrocyte import Astrocyte
from ..agents.engine import Column
from ..agents.microglia import Microglia
from ..agents.neuron import Neuron
from ..agents.receptor import NMDAReceptor
from ..model.chemistry import FIELDS
from ..model.targets import CLAMP_TARGETS, Target
from .records import Parameter
from .registry import Registry

AGENTS = {
    "afferents": Afferent,
    "neurons": Neuron,
    "receptors": NMDAReceptor,
    "microglia": Microglia,
    "astrocytes": Astrocyte,
}


@dataclass(frozen=True)
class Vocabulary:
    """Every known name."""

    registry: Registry
    held: Mapping[str, Target]
    """clamp targets of the model: columns, fields, and parameters under a name of their own"""
    fields: Mapping[str, str]
    """fields whose maps can be recorded, with their units"""

    @property
    def targets(self) -> tuple[str, ...]:
        """Everything that can be clamped: the model's targets, mechanisms and parameters, by precedence."""
        return tuple(dict.fromkeys((*self.held, *self.registry.mechanisms, *self.registry.parameters)))

    def clamped_parameter(self, target: str | None) -> Parameter | None:
        """The parameter that a clamp of `target` holds, if it holds one."""
        if target is None or self.clamped_mechanism(target):
            return None
        held = self.held.get(target)
        if held is None:
            return self.registry.parameters.get(target)
        return self.registry.parameters[held.where] if held.kind == "parameter" else None

    def clamped_mechanism(self, target: str | None) -> bool:
        """Whether a clamp of `target` turns a mechanism down; a model's target of its name comes first."""
        return target in self.registry.mechanisms and target not in self.held

    def _column(self, target: str) -> Column | None:
        held = self.held.get(target)
        if held is None or held.kind != "column":
            return None
        found: Column = AGENTS[held.where].schema[held.name]
        return found

    def bounds(self, target: str) -> tuple[float, float]:
        """Between which values a column or field makes sense."""
        column = self._column(target)
        low = 0.0 if column is None or column.low is None else column.low
        high = math.inf if column is None or column.high is None else column.high
        return low, high

    def column_of(self, target: str) -> tuple[str, str]:
        """Unit and meaning of a clamped column or field."""
        column = self._column(target)
        if column is not None:
            return column.unit, f"{column.__doc__} ({self.held[target].where})"
        name = self.held[target].name
        return self.fields[name], f"map of {name.replace('_', ' ')}"


def read_vocabulary(registry: Registry) -> Vocabulary:
    """The vocabulary of a registry and of the model."""
    return Vocabulary(registry, CLAMP_TARGETS, FIELDS)
