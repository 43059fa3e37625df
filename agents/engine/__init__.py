"""Agents you can read, at the speed of arrays.

An agent class declares columns (its numbers), links (the agent or grid cell it belongs to) and rules.  A
`Population` owns one array per column; an agent is a light Mesa agent that looks at its row.  A rule is
plain Python about one agent: ``population.do("rule", p)`` compiles it, once, and runs it over all rows;
``population.do("rule", p, compiled=False)`` calls the very same function agent by agent, with the same
result to the last bit.  Within a rule everyone acts at once, since a rule writes only its own agent; rules
act in turn.  One name has three levels: ``Neuron.v_mv`` is the definition, ``neurons.v_mv`` the array,
``neurons[7].v_mv`` the number of agent 7.  Numbers for rules come in `Parameters`; chance comes from
`uniform`, which depends only on who draws, when and for what.  Compiled code is kept on disk under a name
that says what it was made from.  This package knows no biology.

How to write a rule:

1. It reads its own agent, its linked agents, its cell and ``p``; it writes only its own agent.
2. ``exp`` of this package, or functions of ``math``; never NumPy.  Powers as ``x * x``, ``math.pow(x, p.n)``.
3. Columns are float, int or bool.
4. No module constants that may change: parameters come in ``p`` and are floats.
5. Never divide by what can be zero: ``x / (k + y)``.  Compiled division does not raise.
6. ``a if condition else b`` rather than ``if`` blocks where speed matters.
7. Chance: ``uniform(p.seed, self.uid, p.tick, K)`` with a number K of its own for every decision.
8. Helpers are module functions marked ``@helper``.
9. What an agent gives off goes into a column of its own; the model deposits it on the grid.
"""

from .agent import ArrayAgent
from .arithmetic import exp
from .cards import RuleCard, rule_card
from .cells import Cells, release_model
from .columns import Column, Link, column, link, rule
from .herd import Detached
from .kernels import Compiled, compiled, helper
from .keyed import address, drawn, uniform
from .parameters import Parameters
from .population import Population

__all__ = [
    "ArrayAgent",
    "Cells",
    "Column",
    "Compiled",
    "Detached",
    "Link",
    "Parameters",
    "Population",
    "RuleCard",
    "address",
    "column",
    "compiled",
    "drawn",
    "exp",
    "helper",
    "link",
    "release_model",
    "rule",
    "rule_card",
    "uniform",
]
