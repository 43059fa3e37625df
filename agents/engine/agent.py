"""The agent: a Mesa agent whose numbers are one row of its population."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import mesa

from .cards import check_rules
from .columns import Column, column, rules_of, schema_of
from .rows import owners
from .tables import nearest

RESERVED = frozenset(dir(mesa.Agent)) | {
    *(
        "model",
        "unique_id",
        "pos",
        "random",
        "rng",
        "scenario",
        "step",
        "advance",
        "remove",
        "current_action",
    ),
    *("is_busy", "start_action", "interrupt_for", "cancel_action", "population", "row", "mortal", "schema"),
    *("rules", "owner"),
}


class ArrayAgent(mesa.Agent):
    """Base of all agents: declare columns, links and rules in a subclass, then make a `Population` of it.

    Attributes:
        population: Where its numbers are.
        row: Its row there.
        uid: Stable identity for random numbers; never used again after its death.
        mortal: Class attribute; agents of a mortal class come and go, and have a column ``alive``.
        schema: Class attribute; columns and links by name.
        rules: Class attribute; rules by name.
    """

    __slots__ = ("current_action", "model", "population", "pos", "row", "unique_id")

    mortal: ClassVar[bool] = False
    schema: ClassVar[dict[str, Column]]
    rules: ClassVar[dict[str, Callable[..., Any]]]
    owner: ClassVar[str]
    uid = column(0, dtype=int, doc="stable identity, the address of its random numbers")

    def __init__(self, population: Any, row: int, register: bool = True) -> None:
        self.population = population
        self.row = row
        if register:
            super().__init__(population.model)
        else:
            self.model, self.unique_id, self.pos = population.model, None, None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.mortal and "alive" not in vars(cls):
            cls.alive = Column(bool, True, "1", "whether it lives", None, None)
            cls.alive.__set_name__(cls, "alive")
        cls.schema, cls.rules = schema_of(cls), rules_of(cls)
        for name in (*cls.schema, *cls.rules):
            if name in RESERVED:
                raise TypeError(f"{cls.__name__}: the name '{name}' is taken by Mesa or the engine")
        check_rules(cls)
        # The owner names the class for the compiler; a class defined anew must not meet its past.
        name, k = f"{cls.__module__}.{cls.__qualname__}", 1
        while name in owners:
            k += 1
            name = f"{cls.__module__}.{cls.__qualname__}#{k}"
        cls.owner = name
        owners[name] = cls

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.schema and name not in RESERVED and not name.startswith("_mesa"):
            raise AttributeError(f"{type(self).__name__} has no column '{name}'{nearest(name, self.schema)}")
        object.__setattr__(self, name, value)

    def remove(self) -> None:
        """Die: leave the population and Mesa's registry.

        Raises:
            TypeError: The class is not mortal.
        """
        self.population.remove([self.row])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.row})"


class Departed:
    """Takes the place of the population in agents that are dead: any access raises."""

    def __init__(self, name: str, row: int) -> None:
        self._text = f"{name}({row}) is dead"

    def __getattr__(self, name: str) -> Any:
        raise ReferenceError(self._text)
