"""A mechanism at a share of its strength: its parameters moved towards their knocked-out values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .bracket import OWN
from .load import find
from .quantities import written, written_time
from .registry import registry
from .toml_text import read_toml, set_value

if TYPE_CHECKING:
    from ..model.scenario import Scenario


def strengthened(own: float, out: float, strength: float, allowed: tuple[float, float]) -> float:
    """A parameter at a strength of its mechanism: `out` at 0, its `own` value at 1, further on above 1.

    Above its own value it goes no further than `allowed`, the range of the parameter.

    >>> strengthened(0.8, 0.0, 0.5, (0.0, 1.0)), strengthened(0.8, 0.0, 4.0, (0.0, 1.0))
    (0.4, 1.0)
    """
    value = out + strength * (own - out)
    if strength <= OWN:
        return value
    low, high = allowed
    return max(own, min(value, high)) if own >= out else min(own, max(value, low))


def held(scenario: Scenario, mechanism: str, strength: float, start_d: float, free: int) -> Iterator[str]:
    """The changes that hold a mechanism at a strength from a day on: a clamp for each of its parameters.

    `free` is the number of clamps that the scenario already has.
    """
    known = registry()
    for key, out in known.mechanisms[mechanism].knockout.items():
        own, parameter = scenario.parameters[key], known.parameters[key]
        value = strengthened(own, out, strength, parameter.range)
        if value != own:
            text = f'target="{key}", value={written(value, parameter.unit)}, start={written_time(start_d)}'
            yield f"clamp.{free}={{{text}}}"
            free += 1


def free_clamp(source: str | Path, sets: Sequence[str]) -> int:
    """How many clamps a scenario has after changes: the number of the next one."""
    content, _ = read_toml(find(source))
    for change in sets:
        set_value(content, change)
    return len(content.get("clamp", ()))
