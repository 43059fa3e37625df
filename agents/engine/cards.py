"""What a rule reads and writes, found in its source: early errors in plain words, and cards for the docs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any

from .columns import Link
from .tables import nearest

Chain = tuple[str, ...]  # self.neuron.v is ("self", "neuron", "v")
KEPT = ("uid", "alive")  # columns that only the population writes


@dataclass(frozen=True)
class RuleCard:
    """What one rule touches.

    Attributes:
        reads: Own columns it reads.
        writes: Own columns it writes.
        parameters: Names it reads from its argument ``p``.
        links_read: What it reads of others, as ``neuron.v_mv`` or ``cell.atp``.
    """

    reads: frozenset[str]
    writes: frozenset[str]
    parameters: frozenset[str]
    links_read: frozenset[str]


class _Reader(ast.NodeVisitor):
    """Follows the arguments of one function through its body and into the helpers it hands them to."""

    def __init__(self, function: FunctionType, roles: dict[str, Chain], methods: dict[str, Any], depth: int):
        self.scope = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
        self.roles, self.methods, self.depth = dict(roles), methods, depth
        self.reads: set[Chain] = set()
        self.writes: set[Chain] = set()

    def chain(self, node: ast.expr) -> Chain | None:
        """The path from an argument that an expression spells, if it is one."""
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id in self.roles:
            return (*self.roles[node.id], *reversed(names))
        return None

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain = self.chain(node)
        if chain is None:
            self.generic_visit(node)
        else:
            (self.reads if isinstance(node.ctx, ast.Load) else self.writes).add(chain)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        chain = self.chain(node.target)
        if chain is not None and len(chain) > 1:
            self.reads.add(chain)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        chain = self.chain(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):  # `cell = self.cell`, or a name that now means something else
                self.roles.pop(target.id, None)
                if chain is not None:
                    self.roles[target.id] = chain

    def visit_Call(self, node: ast.Call) -> None:
        chain = self.chain(node.func)
        arguments: list[Chain | None] = [self.chain(a) for a in node.args]
        called: Any = None
        if chain is not None and len(chain) == 2 and chain[1] in self.methods:
            called, arguments = self.methods[chain[1]], [chain[:1], *arguments]
        else:
            self.visit(node.func)
            if isinstance(node.func, ast.Name):
                called = self.scope.get(node.func.id)
        for child in (*node.args, *(k.value for k in node.keywords)):
            self.visit(child)
        if isinstance(called, FunctionType) and self.depth < 8 and any(arguments):
            names = list(inspect.signature(called).parameters)
            roles = {n: c for n, c in zip(names, arguments, strict=False) if c is not None}
            reads, writes = _touched(called, roles, self.methods, self.depth + 1)
            self.reads |= reads
            self.writes |= writes


def _touched(function: FunctionType, roles: dict[str, Chain], methods: Any, depth: int = 0) -> Any:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):  # typed at a prompt: the compiler will have to find errors
        return set(), set()
    reader = _Reader(function, roles, methods, depth)
    for statement in tree.body[0].body if isinstance(tree.body[0], ast.FunctionDef) else ():
        reader.visit(statement)
    return reader.reads, reader.writes


@cache
def touched(agent_class: Any, name: str) -> tuple[frozenset[Chain], frozenset[Chain], tuple[str, ...]]:
    """Paths that a rule reads, paths that it writes, and the names of its arguments."""
    function = agent_class.rules[name]
    arguments = tuple(inspect.signature(function).parameters)
    roles: dict[str, Chain] = {name: (name,) for name in arguments}
    roles[arguments[0]] = ("self",)
    reads, writes = _touched(function, roles, agent_class.rules)
    return frozenset(reads), frozenset(writes), arguments


def rule_card(agent_class: Any, name: str | Callable[..., Any]) -> RuleCard:
    """What a rule of a class reads and writes, helpers included.

    Raises:
        TypeError: The class has no such rule.
    """
    name = find_rule(agent_class, name)
    reads, writes, _ = touched(agent_class, name)
    own = {c[1] for c in reads if c[0] == "self" and len(c) == 2}
    return RuleCard(
        reads=frozenset(n for n in own if not isinstance(agent_class.schema.get(n), Link)),
        writes=frozenset(c[1] for c in writes if c[0] == "self"),
        parameters=frozenset(c[1] for c in reads if c[0] == "p" and len(c) == 2),
        links_read=frozenset(".".join(c[1:]) for c in reads if c[0] == "self" and len(c) > 2),
    )


def find_rule(agent_class: Any, rule: str | Callable[..., Any]) -> str:
    """Name of a rule given by name or as the function.

    Raises:
        TypeError: The class has no such rule.
    """
    name = rule if isinstance(rule, str) else getattr(rule, "__name__", repr(rule))
    if name not in agent_class.rules or (callable(rule) and agent_class.rules[name] is not rule):
        hint = nearest(name, agent_class.rules) if isinstance(rule, str) else ""
        raise TypeError(f"{agent_class.__name__} has no rule '{name}'{hint}")
    return name


def check_rules(agent_class: Any) -> None:
    """Check every rule of a new class against its columns.

    Raises:
        TypeError: A name is misspelt, or a rule writes what it may not.
    """
    schema, methods = agent_class.schema, set(dir(agent_class))
    for name in agent_class.rules:
        where = f"{agent_class.__name__}.{name}"
        reads, writes, _ = touched(agent_class, name)
        for chain in sorted(writes):
            path = ".".join(chain)
            if chain[0] != "self" or len(chain) > 2 or isinstance(schema.get(chain[1]), Link):
                raise TypeError(f"{where} writes {path}: a rule may write only its own agent")
            if chain[1] in KEPT:
                raise TypeError(f"{where} writes {path}: only the population may")
        for chain in sorted(reads | writes):
            if chain[0] != "self" or len(chain) < 2 or chain[1] in schema:
                continue
            if (chain in writes) or chain[1] not in methods:
                raise TypeError(f"{where}: no column or link '{chain[1]}'{nearest(chain[1], schema)}")


def check_use(agent_class: Any, name: str, links: Any, arguments: tuple[Any, ...]) -> None:
    """Check what a rule reads through links and from parameters, once these are known.

    Raises:
        TypeError: A column of a linked population, or a parameter, does not exist.
    """
    reads, _, names = touched(agent_class, name)
    given = dict(zip(names[1:], arguments, strict=False))
    for problem in _problems(reads, links, given):
        raise TypeError(f"{agent_class.__name__}.{name}: {problem}")


def _problems(reads: frozenset[Chain], links: Any, given: dict[str, Any]) -> Iterator[str]:
    for chain in sorted(reads):
        if chain[0] == "self":
            targets, target = links, None
            for step in chain[1:]:
                if target is not None and step not in target.columns:
                    yield f"no column '{step}' of {'.'.join(chain[1:-1])}{nearest(step, target.columns)}"
                    break
                target = targets.get(step)
                if target is None:
                    break
                targets = getattr(target, "links", {})
        elif len(chain) == 2 and chain[0] in given:
            known = getattr(given[chain[0]], "names", None)
            if known is not None and chain[1] not in known:
                yield f"no parameter '{chain[1]}'{nearest(chain[1], known)}"
