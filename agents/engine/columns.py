"""The parts of an agent class: columns, links, rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast, overload

import numpy as np
from numba.extending import register_jitable

from .rows import register_method
from .tables import nearest

F = TypeVar("F", bound=Callable[..., Any])


class Column:
    """One number of every agent: the definition on the class, the number on the agent.

    Attributes:
        name: Its name in the class.
        dtype: NumPy type: float64, int64 or bool.
        default: Value of agents that are given none.
        unit: Unit of measurement, ``1`` for none.
        low: Least value that makes sense, or None.
        high: Greatest value that makes sense, or None.
    """

    def __init__(
        self, dtype: type, default: float, unit: str, doc: str, low: float | None, high: float | None
    ):
        if dtype not in (float, int, bool):
            raise TypeError(f"a column is float, int or bool, not {dtype!r}")
        self.name = ""
        self.dtype = np.dtype(np.int64 if dtype is int else dtype)
        self.default = dtype(default)
        self.unit = unit
        self.low = low
        self.high = high
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        return self if agent is None else agent.population.columns[self.name].item(agent.row)

    def __set__(self, agent: Any, value: Any) -> None:
        agent.population.columns[self.name][agent.row] = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, unit={self.unit!r}, doc={self.__doc__!r})"


class Link(Column):
    """The agent or grid cell that an agent belongs to; stored as its row."""

    def __init__(self, doc: str) -> None:
        super().__init__(int, -1, "1", doc, None, None)

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        population = agent.population
        return population.links[self.name][population.columns[self.name].item(agent.row)]

    def __set__(self, agent: Any, value: Any) -> None:
        raise AttributeError(
            f"a rule cannot change the link '{self.name}'; use population.move or the column"
        )


@overload
def column(
    default: float = ...,
    *,
    unit: str = ...,
    doc: str = ...,
    low: float | None = ...,
    high: float | None = ...,
) -> float: ...
@overload
def column(
    default: float = ...,
    *,
    unit: str = ...,
    doc: str = ...,
    dtype: type[int],
    low: float | None = ...,
    high: float | None = ...,
) -> int: ...
@overload
def column(
    default: float = ...,
    *,
    unit: str = ...,
    doc: str = ...,
    dtype: type[float],
    low: float | None = ...,
    high: float | None = ...,
) -> float: ...
def column(
    default: float = 0.0,
    *,
    unit: str = "1",
    doc: str = "",
    dtype: type = float,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """A number that every agent of the class has (typed as the number it reads as, for editors).

    Args:
        default: Value at creation.
        unit: Unit of measurement.
        doc: What it is.
        dtype: float, int or bool.
        low: Least value that makes sense; checked by `Population.violations`, not enforced.
        high: Greatest value that makes sense.
    """
    return Column(dtype, default, unit, doc, low, high)


def link(doc: str = "") -> Any:
    """The agent of another population, or the grid cell, that an agent belongs to."""
    return Link(doc)


def rule(method: F) -> F:
    """Mark a method as a rule: something every agent does, reading around itself and writing only itself."""
    marked = register_jitable(error_model="numpy", forceinline=True)(method)
    marked.is_rule = True
    register_method(method.__name__)
    return cast(F, marked)


def schema_of(agent_class: type) -> dict[str, Column]:
    """All columns and links of a class and its mixins, those of base classes first."""
    found: dict[str, Column] = {}
    for base in reversed(agent_class.__mro__):
        found |= {name: value for name, value in vars(base).items() if isinstance(value, Column)}
    return found


def rules_of(agent_class: type) -> dict[str, Callable[..., Any]]:
    """All rules of a class and its mixins by name; an overridden rule counts once."""
    found: dict[str, Callable[..., Any]] = {}
    for base in reversed(agent_class.__mro__):
        found |= {name: value for name, value in vars(base).items() if getattr(value, "is_rule", False)}
    return found


def unknown(owner: str, name: str, names: Any) -> TypeError:
    """The error for a misspelt column."""
    return TypeError(f"{owner} has no column '{name}'{nearest(name, names)}")
