"""The population: owns the columns of all agents of one class and hands out the agents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from .agent import Departed
from .cells import Cells
from .columns import Link, unknown
from .herd import A, Herd
from .tables import Table

Rows = Iterable[int] | np.ndarray


class Population(Herd[A]):
    """All agents of one class in a model.

    Args:
        model: The Mesa model.
        agent_class: A subclass of `ArrayAgent`.
        n: How many.
        links: Link name to the population or `Cells` it points into; one for every link of the class.
        place: Put the agents into the Mesa cells of their link ``cell``.
        eager_limit: Up to so many, every agent is made at once and registered with Mesa; beyond, agents are
            unregistered views, made when asked for.
        values: Initial values of columns, one number or one per agent.  ``uid`` counts from 0 unless given.

    Raises:
        TypeError: A column or link is unknown or missing.
        ValueError: A link points outside its target.
    """

    def __init__(
        self,
        model: Any,
        agent_class: type[A],
        n: int,
        *,
        links: Mapping[str, Any] | None = None,
        place: bool = False,
        eager_limit: int = 200_000,
        **values: Any,
    ) -> None:
        self._begin(model, agent_class, links or {})
        wanted = {name for name, c in agent_class.schema.items() if isinstance(c, Link)}
        for name in wanted ^ set(self.links):
            problem = "needs a target for its link" if name in wanted else "has no link"
            raise TypeError(f"{agent_class.__name__} {problem} '{name}'")
        for name in agent_class.schema:
            if hasattr(type(self), name):
                raise TypeError(f"{agent_class.__name__}: the name '{name}' is taken by Population")
        self._agents: list[A | None] | None = [] if n <= eager_limit else None
        self._later = False
        if place and (self._agents is None or not isinstance(self.links.get("cell"), Cells)):
            raise ValueError("only registered agents with a link 'cell' to Cells can be placed")
        self._place = place
        self._next_uid = 0
        self._store = {name: np.empty(0, c.dtype) for name, c in agent_class.schema.items()}
        self.columns = dict(self._store)
        self.table = Table(agent_class.owner, self._store, self.links, 0)
        self.address = self.table.address
        self._enlarge(n)
        self._fill(np.arange(n), values)
        self._register(range(n))

    def _enlarge(self, size: int) -> None:
        """Have `size` rows in use; arrays are replaced only when capacity runs out."""
        capacity = len(self._store["uid"])
        if size > capacity:
            capacity = max(size, capacity + capacity // 2)
            for name, old in self._store.items():
                self._store[name] = np.zeros(capacity, old.dtype)
                self._store[name][: len(old)] = old
        self.columns = {name: array[:size] for name, array in self._store.items()}
        self.table.update(self._store, size)
        if self._agents is not None:
            self._agents.extend([None] * (size - len(self._agents)))

    def _fill(self, rows: np.ndarray, values: Mapping[str, Any]) -> None:
        for name in values:
            if name not in self.columns or name == "alive":
                raise unknown(self.agent_class.__name__, name, self.columns)
        values = dict(values)
        values.setdefault("uid", np.arange(self._next_uid, self._next_uid + len(rows)))
        for name, definition in self.agent_class.schema.items():
            self.columns[name][rows] = values.get(name, definition.default)
            if name in self.links and len(rows):
                given, limit = self.columns[name][rows], self.links[name].size
                if given.min() < 0 or given.max() >= limit:
                    raise ValueError(
                        f"link '{name}' of {self.agent_class.__name__} must lie in 0..{limit - 1}"
                    )
        self._next_uid = max(self._next_uid, int(self.columns["uid"][rows].max(initial=-1)) + 1)

    def _view(self, i: int) -> A:
        agent = self._agents[i] if self._agents is not None else None
        return super()._view(i) if agent is None else agent

    @contextmanager
    def registered_later(self) -> Iterator[None]:
        """Register with Mesa, at the end of a span, only those born in it who still live then.

        For spans that nobody watches, such as a slice that settles: most births there are dead again before
        anybody could ask for them.  Until then such an agent is an unregistered view.
        """
        self._later = True
        try:
            yield
        finally:
            self._later = False
            if self._agents is not None:
                self._register(i for i in self.rows().tolist() if self._agents[i] is None)

    def _register(self, rows: Iterable[int]) -> None:
        if self._agents is None or self._later:
            return
        for i in rows:
            agent = self._agents[i] = self.agent_class(self, i)
            if self._place:
                agent.cell.add_agent(agent)

    def _deregister(self, rows: Iterable[int]) -> None:
        for i in rows:
            agent = None if self._agents is None else self._agents[i]
            if agent is not None:
                if self._place:
                    agent.cell.remove_agent(agent)
                self.model.deregister_agent(agent)
                self._agents[i] = None  # type: ignore[index]
            for known in (agent, self._views.pop(i, None)):
                if known is not None:
                    known.population = Departed(self.agent_class.__name__, i)

    def _must_be_mortal(self) -> None:
        if not self.agent_class.mortal:
            raise TypeError(f"{self.agent_class.__name__} is not mortal: agents cannot come or go")

    def add(self, n: int, **values: Any) -> np.ndarray:
        """Birth of `n` agents: rows of the dead first, in ascending order, then new rows.

        Links of others stay valid, since no row ever moves.  Arrays taken from ``columns`` before may be
        replaced by larger ones: take them anew.

        Args:
            n: How many.
            values: As at creation.

        Returns:
            Their rows, in order.

        Raises:
            TypeError: The class is not mortal, or a column is unknown.
            ValueError: A link points outside its target.
        """
        self._must_be_mortal()
        free = np.flatnonzero(~self.columns["alive"])[:n]
        size = self.size
        rows = np.concatenate([free, np.arange(size, size + n - len(free))])
        self._enlarge(size + n - len(free))
        try:
            self._fill(rows, values)
        except Exception:
            self.columns["alive"][rows] = False
            raise
        self._register(rows.tolist())
        return rows

    def remove(self, rows: Rows) -> None:
        """Death of the agents in `rows`: Mesa forgets them, and touching one of them raises.

        Raises:
            TypeError: The class is not mortal.
            ValueError: A row holds no living agent, or is named twice.
        """
        self._must_be_mortal()
        gone = np.asarray(list(rows) if not isinstance(rows, np.ndarray) else rows, dtype=np.int64)
        inside = gone.size == 0 or (gone.min() >= 0 and gone.max() < self.size)
        if not inside or not self.columns["alive"][gone].all() or len(np.unique(gone)) < len(gone):
            raise ValueError(f"not all of these rows hold a living {self.agent_class.__name__}")
        self._deregister(gone.tolist())
        self.columns["alive"][gone] = False

    def move(self, rows: Rows, cells: Rows) -> None:
        """Move agents to other grid cells: the column ``cell`` and, if they are placed, Mesa's lists."""
        limit = self.links["cell"].size
        for i, k in zip(np.asarray(rows).tolist(), np.asarray(cells).tolist(), strict=True):
            if not 0 <= k < limit:
                raise ValueError(f"there is no cell {k}")
            agent = self[i]
            if self._place:
                agent.cell.remove_agent(agent)
            self.columns["cell"][i] = k
            if self._place:
                agent.cell.add_agent(agent)

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all columns, rows of the dead included, and the next free ``uid``."""
        return {name: array.copy() for name, array in self.columns.items()} | {
            "next_uid": np.array(self._next_uid)
        }

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to a `state`, also one with other births and deaths.

        Raises:
            TypeError: A column is missing or unknown.
        """
        for name in {*self.columns, "next_uid"} ^ set(state):
            raise unknown(self.agent_class.__name__, name, self.columns)
        uid = np.asarray(state["uid"])
        mortal = self.agent_class.mortal
        alive = np.asarray(state["alive"]) if mortal else np.ones(len(uid), bool)
        if not mortal and len(uid) != self.size:
            raise ValueError(f"{self.agent_class.__name__}: {len(uid)} agents saved, {self.size} here")
        same = len(uid) == self.size and np.array_equal(alive, self.columns.get("alive", alive))
        if not same or self._place:
            self._deregister(self.rows().tolist())
            if self._agents is not None:
                del self._agents[len(uid) :]
            self._enlarge(len(uid))
        for name, array in self.columns.items():
            array[:] = state[name]
        self._next_uid = int(state["next_uid"])
        if not same or self._place:
            self._register(self.rows().tolist())
