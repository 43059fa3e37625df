"""The rule you read is the rule that runs: every rule, compiled against plain Python, bit for bit."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as examples
from hypothesis import strategies as st

from dorsalhorn.agents.engine import Parameters
from dorsalhorn.agents.membrane import decays

from .world import KINDS, PRESETS, RULES, World, differences, random_settings, twins

EXTRA: dict[str, Callable[[Parameters], tuple[Any, ...]]] = {
    "integrate": lambda p: (decays(p),),
    "transmit": lambda p: (decays(p),),
}
"""what a rule takes after the agent and the parameters"""

situations = given(biology=st.sampled_from(PRESETS), chance=st.integers(0, 2**32 - 1))
quick = examples(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def situation(biology: str, chance: int) -> tuple[World, World, Parameters]:
    """Two worlds in the same random state, and random parameters."""
    rng = np.random.default_rng(chance)
    a, b = twins()
    a.scatter(rng)
    b.copy_from(a)
    assert not differences(a, b)
    return a, b, random_settings(biology, rng)


def obey(world: World, kind: str, rule: str, p: Parameters, compiled: bool) -> None:
    more = EXTRA.get(rule, lambda p: ())(p)
    world.populations[kind].do(rule, p, *more, compiled=compiled)


def test_every_kind_and_rule_is_found() -> None:
    assert {"Afferent", "Neuron", "NMDAReceptor", "Microglia", "Astrocyte"} <= set(KINDS)
    assert len(RULES) >= 30


@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_what_a_rule_takes_is_known_here(kind: str, rule: str) -> None:
    taken = list(inspect.signature(KINDS[kind].rules[rule]).parameters)
    p = random_settings("literature", np.random.default_rng(0))
    assert taken[:2] == ["self", "p"]
    assert len(taken[2:]) == len(EXTRA.get(rule, lambda p: ())(p)), "say in EXTRA what else the rule takes"


@pytest.mark.parametrize(("kind", "rule"), RULES)
@seed(1)
@quick
@situations
def test_compiled_equals_plain_to_the_last_bit(kind: str, rule: str, biology: str, chance: int) -> None:
    a, b, p = situation(biology, chance)
    obey(a, kind, rule, p, compiled=True)
    obey(b, kind, rule, p, compiled=False)
    assert differences(a, b) == []


@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_a_rule_changes_its_own_kind_only_and_something_at_all(kind: str, rule: str) -> None:
    changed: set[str] = set()
    for chance in range(40):
        if chance >= 4 and changed:
            break  # rules that act by chance on single agents may need more situations
        a, b, p = situation("article", chance)
        obey(a, kind, rule, p, compiled=True)
        changed |= set(differences(a, b))
    assert changed, "the rule does nothing"
    assert {name.split(".")[0] for name in changed} == {kind}


@pytest.mark.parametrize(("kind", "rule"), RULES)
@seed(2)
@examples(quick, max_examples=40)
@situations
def test_no_rule_leaves_nonsense_behind(kind: str, rule: str, biology: str, chance: int) -> None:
    """From any sensible state, under any allowed parameters: no NaN, nothing below `low` or above `high`."""
    a, _, p = situation(biology, chance)
    obey(a, kind, rule, p, compiled=True)
    assert a.populations[kind].violations() == []


@seed(3)
@examples(quick, max_examples=15)
@situations
def test_all_rules_in_turn_equal_plain_and_stay_in_bounds(biology: str, chance: int) -> None:
    a, b, p = situation(biology, chance)
    for kind, rule in RULES:
        obey(a, kind, rule, p, compiled=True)
        obey(b, kind, rule, p, compiled=False)
    assert differences(a, b) == []
    assert [fault for herd in a.populations.values() for fault in herd.violations()] == []


@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_the_order_of_agents_does_not_matter(kind: str, rule: str) -> None:
    """A rule run over the agents backwards, one by one, gives the same bits."""
    a, b, p = situation("article", 5)
    obey(a, kind, rule, p, compiled=True)
    for agent in reversed(list(b.populations[kind])):
        getattr(agent, rule)(p, *EXTRA.get(rule, lambda p: ())(p))
    assert differences(a, b) == []
