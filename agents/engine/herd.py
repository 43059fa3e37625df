"""What can be done with the columns of a class of agents, whether they are the agents' own or a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import pandas as pd

from .agent import ArrayAgent
from .cards import check_use, find_rule
from .columns import unknown
from .kernels import make_kernel
from .parameters import Parameters
from .tables import Table, Tabular

A = TypeVar("A", bound=ArrayAgent)


class Herd(Tabular, Generic[A]):
    """Columns and what can be done with them; see `Population` and `Population.detached`.

    Attributes:
        model: The Mesa model.
        agent_class: Class of the agents.
        columns: Name to array, cut to the rows in use; write in place.
        links: Link name to the population or `Cells` it points into.
        table: The compiled side.
    """

    model: Any
    agent_class: type[A]
    columns: dict[str, np.ndarray]
    links: dict[str, Any]

    def _begin(self, model: Any, agent_class: type[A], links: Mapping[str, Any]) -> None:
        self.model, self.agent_class, self.links = model, agent_class, dict(links)
        self.columns = {}
        self._views: WeakValueDictionary[int, A] = WeakValueDictionary()
        self._checked: set[tuple[str, int]] = set()

    def __getattr__(self, name: str) -> np.ndarray:
        columns = self.__dict__.get("columns", {})
        if name in columns:
            return columns[name]
        if name.startswith("_"):  # Python and Numba ask for such names all the time
            raise AttributeError(name)
        raise AttributeError(str(unknown(self.agent_class.__name__, name, columns)))

    @property
    def size(self) -> int:
        """Rows in use, the dead included."""
        return len(self.columns["uid"])

    def rows(self) -> np.ndarray:
        """Rows of the living, ascending."""
        return np.flatnonzero(self.columns["alive"]) if self.agent_class.mortal else np.arange(self.size)

    def __len__(self) -> int:
        return int(np.count_nonzero(self.columns["alive"])) if self.agent_class.mortal else self.size

    def __iter__(self) -> Iterator[A]:
        return (self[i] for i in self.rows().tolist())

    def _view(self, i: int) -> A:
        agent = self._views.get(i)
        if agent is None:
            agent = self._views[i] = self.agent_class(self, i, register=False)
        return agent

    def __getitem__(self, i: int) -> A:
        if not 0 <= i < self.size:
            raise IndexError(f"{self.agent_class.__name__} has rows 0 to {self.size - 1}, not {i}")
        if self.agent_class.mortal and not self.columns["alive"][i]:
            raise ReferenceError(f"{self.agent_class.__name__}({i}) is dead")
        return self._view(int(i))

    def living(self, name: str) -> np.ndarray:
        """One column of the living only (a copy if the class is mortal)."""
        column = getattr(self, name)
        return column[self.columns["alive"]] if self.agent_class.mortal else column

    def do(self, rule: str | Callable[..., Any], *args: Any, compiled: bool = True) -> None:
        """Every living agent follows a rule.

        Args:
            rule: Name or function of a rule of the class.
            args: What the rule takes after ``self``: `Parameters`, numbers, arrays.
            compiled: Run the compiled rule; else the same function, agent by agent, in Python: the same bits.

        Raises:
            TypeError: There is no such rule, or it reads a linked column or parameter that does not exist.
        """
        name = find_rule(self.agent_class, rule)
        key = (name, sum(id(a.numba_type) for a in args if isinstance(a, Parameters)))
        if key not in self._checked:
            check_use(self.agent_class, name, self.links, args)
            self._checked.add(key)
        function = self.agent_class.rules[name]
        if compiled:
            make_kernel(function, self.agent_class.mortal)(self.table, 0, self.size, *args)
        else:
            for agent in self:
                function(agent, *args)

    def frame(self, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """The living as a pandas table, one row each, indexed by row number."""
        names = self.columns if columns is None else columns
        return pd.DataFrame(
            {name: self.living(name) for name in names}, index=pd.Index(self.rows(), name="row")
        )

    def violations(self) -> list[str]:
        """Columns with values that make no sense: not finite, or outside their ``low`` and ``high``."""
        found = []
        for name, column in self.agent_class.schema.items():
            values = self.living(name)
            low = -np.inf if column.low is None else column.low
            high = np.inf if column.high is None else column.high
            bad = ~(np.isfinite(values) & (values >= low) & (values <= high))
            if bad.any():
                found.append(
                    f"{self.agent_class.__name__}.{name}: {bad.sum()} of {bad.size}, e.g. {values[bad][0]}"
                )
        return found

    def detached(self, links: Mapping[str, Any] | None = None) -> Detached[A]:
        """The same columns, copied: for trying something out without touching the agents.

        Args:
            links: Replaces the targets of some links, so that copies can point to copies.
        """
        return Detached(self, self.links | dict(links or {}))


class Detached(Herd[A]):
    """A copy of a population's columns; takes rules and compiled functions, is unknown to Mesa."""

    def __init__(self, source: Herd[A], links: Mapping[str, Any]) -> None:
        self._begin(source.model, source.agent_class, links)
        self.columns = {name: array.copy() for name, array in source.columns.items()}
        self.table = Table(self.agent_class.owner, self.columns, self.links, self.size)
        self.address = self.table.address
