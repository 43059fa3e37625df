"""What the rules may say: read in their source, so that no rule can break the house's laws unseen.

Nothing global makes pain: a rule touches its own agent, what that is linked to, the parameters and the
helpers.  Every number has a name and a source: rules hold no numbers, and no number of the registry is dead.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

import dorsalhorn.agents
import dorsalhorn.model
from dorsalhorn.agents.engine import rule_card
from dorsalhorn.agents.engine.columns import Link
from dorsalhorn.model.chemistry import FIELDS
from dorsalhorn.model.fields import SOURCES
from dorsalhorn.model.readouts import COLUMNS
from dorsalhorn.model.schedule import identifier
from dorsalhorn.model.targets import CLAMP_TARGETS
from dorsalhorn.scenarios.registry import registry

from .world import KINDS, OWN, RULES

STRUCTURAL = {0, 1, 2}
"""Numbers that say how a formula is built (nothing, all, a square or a half): 1 - x, 1 + gain * x.

Hill exponents are part of a helper's name (`rise2`, `rise4`, `rise1_5`) and are made of multiplications; the
numbers that tell random draws and kinds apart are module constants (`SERINE`, `GLUN2A`)."""
EXCEPTIONS = {
    ("curves.py", "exchange", 1e-300): "keeps 0 / 0 out when both rates are zero; adds nothing otherwise",
}
FORBIDDEN = re.compile(
    r"^(time|time_d|day|days|date|now|clock|steps|phase|stage|chronic|acute|injured|sick|healed|latch|latched"
    r"|floor|mean|average|population|model|scenario|row|rng|random|unique_id|records)$"
)
BUILT_IN = {"max", "min", "abs", "int", "float", "uniform", "exp", "math", "Decays"}

AGENTS = Path(str(dorsalhorn.agents.__file__)).parent
MODEL = Path(str(dorsalhorn.model.__file__)).parent


@dataclass
class Source:
    """One rule or helper as it is written."""

    file: str
    name: str
    kind: str
    tree: ast.FunctionDef
    constants: dict[str, object]
    """module constants of its file, imported ones too"""

    def __str__(self) -> str:
        return f"{self.file}:{self.name}"


def trees(folder: Path) -> dict[str, ast.Module]:
    return {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.py"))}


def module_constants(tree: ast.Module) -> dict[str, object]:
    """Names that a module gives to plain numbers."""
    found: dict[str, object] = {}
    for statement in tree.body:
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            value = statement.value
            if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "range":
                bounds = [ast.literal_eval(a) for a in value.args]
                values: list[object] = list(range(*bounds))
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                values = [ast.literal_eval(v) for v in value.elts]
            elif isinstance(value, ast.Constant):
                values = [value.value]
            else:
                continue
            found |= {n.id: v for n, v in zip(names, values, strict=True) if isinstance(n, ast.Name)}
    return found


def sources() -> list[Source]:
    """Every rule and every helper of the agents (the engine below knows no biology)."""
    found = []
    for file, tree in trees(AGENTS).items():
        constants = module_constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                marks = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
                for kind in marks & {"rule", "helper"}:
                    found.append(Source(file, node.name, kind, node, constants))
    return found


SOURCES_OF_AGENTS = sources()
every_function = pytest.mark.parametrize("source", SOURCES_OF_AGENTS, ids=str)


def body(source: Source) -> list[ast.stmt]:
    """The statements of a function without its docstring."""
    first = source.tree.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return source.tree.body[1:] if documented else source.tree.body


def nodes(source: Source) -> list[ast.AST]:
    return [node for statement in body(source) for node in ast.walk(statement)]


def test_every_rule_that_runs_is_read_here() -> None:
    read = {s.name for s in SOURCES_OF_AGENTS if s.kind == "rule"}
    assert read == {rule for _, rule in RULES}
    assert {s.kind for s in SOURCES_OF_AGENTS} == {"rule", "helper"}


# ---------------------------------------------------------------------- no bare numbers
@every_function
def test_no_bare_number(source: Source) -> None:
    for node in nodes(source):
        if isinstance(node, ast.Constant) and not isinstance(node.value, str | None):
            number = node.value
            allowed = number in STRUCTURAL or (source.file, source.name, number) in EXCEPTIONS
            assert allowed, f"{source} line {node.lineno}: {number} belongs into the registry, with a source"


def test_no_exception_is_kept_that_is_not_needed() -> None:
    used = {
        (s.file, s.name, n.value) for s in SOURCES_OF_AGENTS for n in nodes(s) if isinstance(n, ast.Constant)
    }
    assert set(EXCEPTIONS) <= used


@every_function
def test_module_constants_are_names_not_quantities(source: Source) -> None:
    """A constant of a module tells kinds or draws apart: it is compared, or is the purpose of a draw."""
    permitted: set[ast.AST] = set()
    for node in nodes(source):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "uniform":
            permitted.add(node.args[3])
        if isinstance(node, ast.Compare) and all(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            permitted |= {node.left, *node.comparators}
    for node in nodes(source):
        if isinstance(node, ast.Name) and node.id.isupper():
            assert node in permitted, f"{source} line {node.lineno}: {node.id} is used as a quantity"


def test_every_draw_has_a_number_of_its_own() -> None:
    """Two decisions that share a purpose would share their luck."""
    constants: dict[str, object] = {}
    for folder in (AGENTS, MODEL):
        for tree in trees(folder).values():
            constants |= module_constants(tree)
    purposes: list[str] = []
    for folder in (AGENTS, MODEL):
        for file, tree in trees(folder).items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "uniform":
                    what = node.args[3]
                    if isinstance(what, ast.Name) and what.id.isupper():
                        purposes.append(what.id)
                    else:  # the epoch and `draw` are given their purpose
                        assert isinstance(what, ast.Name), (file, node.lineno)
                        assert what.id in ("stream", "what"), (file, node.lineno)
    assert len(purposes) >= 6
    assert all(count == 1 for count in Counter(purposes).values()), Counter(purposes)
    numbers = Counter(constants[name] for name in purposes)
    assert all(count == 1 for count in numbers.values()), numbers


# ---------------------------------------------------------------------- nothing global
def chain(node: ast.AST) -> list[str]:
    """The names of `a.b.c`, from the left; empty if it is no such path."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


@every_function
def test_a_rule_touches_itself_the_parameters_and_helpers_only(source: Source) -> None:
    arguments = {a.arg for a in source.tree.args.args}
    local = {n.id for n in nodes(source) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    helpers = {s.name for s in SOURCES_OF_AGENTS if s.kind == "helper"}
    for node in nodes(source):
        if isinstance(node, ast.Name):
            known = arguments | local | helpers | BUILT_IN
            assert node.id in known or node.id.isupper(), f"{source} line {node.lineno}: {node.id}"
        if isinstance(node, ast.Attribute):
            path = chain(node)
            assert path, f"{source} line {node.lineno}: attribute of an expression"
            assert path[0] in {"self", "p", "left"} or path == ["math", "sqrt"], f"{source}: {'.'.join(path)}"
        assert not isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal), str(source)


@every_function
def test_no_rule_knows_the_date_the_phase_or_the_crowd(source: Source) -> None:
    for node in nodes(source):
        if isinstance(node, ast.Attribute):
            assert not FORBIDDEN.match(node.attr), f"{source} line {node.lineno}: {'.'.join(chain(node))}"
        if isinstance(node, ast.Name):
            assert not FORBIDDEN.match(node.id), f"{source} line {node.lineno}: {node.id}"


@every_function
def test_tick_and_seed_are_read_only_to_draw(source: Source) -> None:
    drawing = {
        inner
        for node in nodes(source)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "uniform"
        for inner in node.args
    }
    for node in nodes(source):
        if isinstance(node, ast.Attribute) and chain(node) in (["p", "tick"], ["p", "seed"]):
            assert node in drawing, f"{source} line {node.lineno}"


@every_function
def test_arithmetic_keeps_to_what_gives_the_same_bits_everywhere(source: Source) -> None:
    """+ - * / and square roots; powers, logarithms and the C library's exponential differ by machine."""
    for node in nodes(source):
        assert not isinstance(node, ast.Pow | ast.MatMult), str(source)


@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_a_rule_reads_columns_and_maps_only(kind: str, rule: str) -> None:
    """Not the model, the population or Mesa's identity behind the agent."""
    schemas = {"neuron": KINDS["Neuron"].schema, "cell": dict.fromkeys(FIELDS)}
    card = rule_card(KINDS[kind], rule)
    assert card.reads | card.writes <= set(KINDS[kind].schema)
    for path in card.links_read:
        *links, last = path.split(".")
        assert last in schemas[links[-1]], f"{kind}.{rule} reads {path}"


# ---------------------------------------------------------------------- no dead parameter
def parameters_read(folder: Path) -> set[str]:
    """Names read from `p` or from `parameters` anywhere in a folder."""
    found = set()
    for tree in trees(folder).values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                path = chain(node)
                if len(path) >= 2 and path[-2] in ("p", "parameters", "_base"):
                    found.add(path[-1])
    return found - {"set", "array", "names", "items", "copy", "update"}


REGISTERED = {identifier(key) for key in registry().parameters}
BY_CHEMICAL = {f"{what}_{chemical}" for what in ("reach", "lifetime") for chemical in SOURCES}
"""`Fields.spread` composes these names"""


def test_every_parameter_that_is_read_is_in_the_registry() -> None:
    unknown = (parameters_read(AGENTS) | parameters_read(MODEL)) - REGISTERED - set(OWN)
    assert unknown == set()
    assert BY_CHEMICAL <= REGISTERED
    for kind, rule in RULES:
        assert rule_card(KINDS[kind], rule).parameters <= REGISTERED | set(OWN), (kind, rule)


def test_every_parameter_of_the_registry_is_read_somewhere() -> None:
    assert REGISTERED - parameters_read(AGENTS) - parameters_read(MODEL) - BY_CHEMICAL == set()


def test_no_two_registry_keys_share_an_identifier() -> None:
    assert len(REGISTERED) == len(registry().parameters)


# ---------------------------------------------------------------------- no dead column
FOR_THE_RECORD = {"age_d"}
"""columns that no rule and no read-out uses: kept because a reader of the agents' tables wants them"""


def names_in_model() -> set[str]:
    """Every attribute, keyword and string in the model's source."""
    found: set[str] = set()
    for tree in trees(MODEL).values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                found.add(node.value)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_written_and_read_by_someone(kind: str) -> None:
    cards = [(k, rule_card(KINDS[k], rule)) for k, rule in RULES]
    read = {name for k, card in cards if k == kind for name in card.reads}
    read |= {
        p.split(".")[-1] for _, card in cards for p in card.links_read if p.startswith(f"{kind.lower()}.")
    }
    written = {name for k, card in cards if k == kind for name in card.writes}
    model = names_in_model()
    for name, column in KINDS[kind].schema.items():
        if isinstance(column, Link) or name in ("uid", "alive"):
            continue
        assert name in read | model | FOR_THE_RECORD, f"{kind}.{name} is read by nobody"
        assert name in written | model, f"{kind}.{name} is written by nobody"
        assert column.__doc__, f"{kind}.{name} does not say what it is"
        assert column.unit, f"{kind}.{name} has no unit"


def test_every_map_is_written_and_read_by_someone() -> None:
    cards = [rule_card(KINDS[k], rule) for k, rule in RULES]
    read = {path.split(".")[-1] for card in cards for path in card.links_read if "cell." in path}
    model = names_in_model()
    assert read <= set(FIELDS)
    assert set(SOURCES) <= set(FIELDS)
    for name in FIELDS:
        assert name in read | model, name


def test_every_clamp_target_holds_something_that_exists() -> None:
    homes = {
        "afferents": "Afferent",
        "neurons": "Neuron",
        "microglia": "Microglia",
        "astrocytes": "Astrocyte",
    }
    for target, (kind, where, name) in CLAMP_TARGETS.items():
        if kind == "column":
            cls = KINDS[homes[where]]
            writers = [rule for rule in cls.rules if name in rule_card(cls, rule).writes]
            assert writers, f"{target}: no rule writes {name}, so a clamp would never take hold"
        elif kind == "field":
            assert name in FIELDS, target
        else:
            assert where in registry().parameters, target


def test_every_column_of_the_time_series_has_a_unit_and_a_meaning() -> None:
    names = [c.name for c in COLUMNS]
    assert len(set(names)) == len(names)
    assert all(c.unit and len(c.doc) > 5 for c in COLUMNS)


def test_the_rule_that_the_readme_shows_is_the_rule_that_runs() -> None:
    text = (AGENTS.parent / "README.md").read_text(encoding="utf-8")
    shown = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "@rule" in block]
    assert shown
    for block in shown:
        (function,) = ast.parse(block).body
        assert isinstance(function, ast.FunctionDef)
        (real,) = [source for source in SOURCES_OF_AGENTS if source.name == function.name]
        said = [ast.unparse(statement) for statement in function.body[1:]]
        assert said == [ast.unparse(statement) for statement in body(real)]
