"""Clamps: the in-silico twins of a blocker or a rescue hold what others see, and let the truth go on."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from dorsalhorn.model import DorsalHorn
from dorsalhorn.model.scenario import Clamp
from dorsalhorn.model.schedule import identifier
from dorsalhorn.model.targets import CLAMP_TARGETS

from .horn import TICK_D, build, differing, quiet, stimulus

pytestmark = pytest.mark.usefixtures("hurried")

START, STOP = 2, 5
"""ticks in which the clamps of these tests hold"""
FOUNDERS = 30
"""agents with smaller numbers were there before the first birth"""
COLUMNS = sorted(name for name, target in CLAMP_TARGETS.items() if target.kind == "column")
FIELDS = sorted(name for name, target in CLAMP_TARGETS.items() if target.kind == "field")
PARAMETERS = sorted(name for name, target in CLAMP_TARGETS.items() if target.kind == "parameter")


def slice_with(*clamps: Clamp, biology: str = "literature", days: float = 2.0) -> DorsalHorn:
    injury = stimulus("nerve_constriction", 0.0, site=(0.0, 1.0))
    return build(quiet(biology, days, clamps=clamps, stimuli=(injury,)))


def awake(*clamps: Clamp) -> DorsalHorn:
    """The same with microglia that are active already, so that some turn resolving within hours."""
    model = slice_with(*clamps)
    model.microglia.activation[model.microglia.alive] = 0.3
    return model


def hold(target: str, start: int = START, stop: float = STOP, **how: object) -> Clamp:
    return Clamp(start * TICK_D - 1e-9, stop * TICK_D - 1e-9, target, **how)  # type: ignore[arg-type]


def column(model: DorsalHorn, target: str) -> np.ndarray:
    """What a column target holds now, of the living."""
    _, where, name = CLAMP_TARGETS[target]
    return np.array(model.populations[where].living(name))


def founders(model: DorsalHorn, target: str) -> np.ndarray:
    """The same of those who were there from the start; daughters inherit what their mother shows."""
    herd = model.populations[CLAMP_TARGETS[target].where]
    first = np.flatnonzero(herd.living("uid") < FOUNDERS)
    return column(model, target)[first]


def place(model: DorsalHorn, target: str) -> np.ndarray:
    """Where on the map (0..1) the agents of a target are."""
    herd = model.populations[CLAMP_TARGETS[target].where]
    if "skin" in herd.columns:
        return np.array(herd.living("skin"))
    return (herd.living("cell") // model.sheet.rows + 0.5) / model.sheet.columns


@cache
def free(target: str, first_only: bool = False) -> list[np.ndarray]:
    """The target's column tick by tick with nothing clamped (of the founders only, if asked for)."""
    return courses()[target, first_only]


@cache
def courses() -> dict[tuple[str, bool], list[np.ndarray]]:
    model = awake()
    seen: dict[tuple[str, bool], list[np.ndarray]] = {(t, f): [] for t in COLUMNS for f in (False, True)}
    for _ in range(STOP + 3):
        model.step()
        for target in COLUMNS:
            seen[target, False].append(column(model, target))
            seen[target, True].append(founders(model, target))
    return seen


# ---------------------------------------------------------------------- columns
@pytest.mark.parametrize("target", COLUMNS)
def test_a_column_is_held_in_its_span_and_released(target: str) -> None:
    model = awake(hold(target, value=0.321))
    for tick in range(STOP + 3):
        model.step()
        now = column(model, target)
        if START <= tick < STOP:
            assert (now == 0.321).all(), tick
        else:
            assert not (now == 0.321).any(), tick
        if tick < START:
            np.testing.assert_array_equal(now, free(target)[tick])


SLOW = (
    "alpha2delta1",
    "presynaptic.alpha2delta1",
    "microglia.resolving",
    "astrocyte.reactivity",
    "glt1.capacity",
)


@pytest.mark.parametrize("target", SLOW)
def test_a_factor_scales_the_truth_and_the_truth_goes_on_underneath(target: str) -> None:
    """The factor does not compound; released, the column is where it would have been without the clamp."""
    model = awake(hold(target, factor=0.1))
    for tick in range(STOP + 1):
        model.step()
        truth, share = free(target, True)[tick], 0.1 if START <= tick < STOP else 1.0
        np.testing.assert_allclose(founders(model, target), share * truth, rtol=0.05, atol=1e-5)
    assert truth.max() > 2e-3, "a truth of nothing would prove nothing"


def test_what_others_see_is_the_held_value() -> None:
    """Microglia held quiet give off nothing; the horn's chloride does not shift."""
    held, left = slice_with(hold("microglia.activation", 0, math.inf, value=0.0)), slice_with()
    for model in (held, left):
        for _ in range(8):
            model.step()
    assert held.microglia.living("released_tnf").max() == 0.0 < left.microglia.living("released_tnf").max()
    assert held.cells.columns["bdnf"].max() == pytest.approx(0.0, abs=1e-12)
    assert held.neurons.chloride_reversal_mv.mean() < left.neurons.chloride_reversal_mv.mean()


@pytest.mark.parametrize(
    "target", ["afferent.rate", "peroxynitrite", "alpha2delta1", "presynaptic.alpha2delta1"]
)
def test_a_clamp_with_a_site_holds_there_and_nowhere_else(target: str) -> None:
    model = awake(hold(target, value=0.321, site=(0.2, 0.6)))
    for _ in range(START + 1):
        model.step()
    here = place(model, target)
    inside = (here >= 0.2) & (here <= 0.6)
    assert (column(model, target)[inside] == 0.321).all()
    np.testing.assert_array_equal(column(model, target)[~inside], free(target)[START][~inside])
    assert 0.2 < inside.mean() < 0.6


@pytest.mark.parametrize("target", ["microglia.activation", "astrocyte.reactivity", "glt1.capacity"])
def test_glia_can_be_held_in_a_site_too(target: str) -> None:
    model = slice_with(hold(target, value=0.321, site=(0.2, 0.6)))
    for _ in range(START + 1):
        model.step()
    here = place(model, target)
    inside = (here > 0.25) & (here < 0.55)
    outside = (here < 0.15) | (here > 0.65)
    assert (column(model, target)[inside] == 0.321).all()
    assert not (column(model, target)[outside] == 0.321).any()


def test_two_clamps_of_one_column_act_together_and_both_let_go() -> None:
    target = "presynaptic.alpha2delta1"
    model = awake(hold(target, factor=0.5), hold(target, factor=0.5))
    for tick in range(STOP + 1):
        model.step()
        share = 0.25 if START <= tick < STOP else 1.0
        np.testing.assert_allclose(column(model, target), share * free(target)[tick], rtol=1e-9)


# ---------------------------------------------------------------------- maps
def test_maps_are_held_in_their_span_and_site_and_released() -> None:
    model = slice_with(*(hold(target, value=2.5, site=(0.25, 0.5)) for target in FIELDS))
    middle = (np.arange(len(model.cells)) // model.sheet.rows + 0.5) / model.sheet.columns
    inside = (middle >= 0.25) & (middle <= 0.5)
    for tick in range(STOP + 2):
        model.step()
        for target in FIELDS:
            layer = model.cells.columns[CLAMP_TARGETS[target].name]
            assert (layer[inside] == 2.5).all() == (START <= tick < STOP), (target, tick)
            assert not (layer[~inside] == 2.5).any(), (target, tick)


def test_a_factor_on_a_map_does_not_compound() -> None:
    model = slice_with(*(hold(target, 0, math.inf, factor=0.5) for target in FIELDS))
    other = slice_with()
    for _ in range(3):
        model.step()
        other.step()
    for target in FIELDS:
        held, left = (m.cells.columns[CLAMP_TARGETS[target].name].mean() for m in (model, other))
        assert 0.45 < held / left < 0.55, target


def test_agents_sense_the_held_map() -> None:
    held, left = slice_with(hold("bdnf", 0, math.inf, value=2.0)), slice_with()
    for model in (held, left):
        for _ in range(6):
            model.step()
    assert held.neurons.chloride_reversal_mv.mean() > left.neurons.chloride_reversal_mv.mean() + 1.0


# ---------------------------------------------------------------------- parameters
def test_parameters_are_held_in_their_span_and_released() -> None:
    model = slice_with(*(hold(target, factor=0.25) for target in PARAMETERS))
    for tick in range(STOP + 1):
        model.step()
        share = 0.25 if START <= tick < STOP else 1.0
        for target in PARAMETERS:
            key = CLAMP_TARGETS[target].where
            held = getattr(model.parameters, identifier(key))
            assert held == share * model.scenario.parameters[key], (target, tick)


def test_blocked_nmda_receptors_conduct_nothing_and_then_again() -> None:
    model = slice_with(hold("nmdar.conductance", factor=0.0))
    conduct = []
    for _ in range(STOP + 1):
        model.step()
        conduct.append(float(model.receptors.living("conductance").max()))
    assert [c > 0.0 for c in conduct] == [True] * START + [False] * (STOP - START) + [True]


def test_before_its_start_a_clamp_changes_nothing_at_all() -> None:
    later = tuple(hold(target, 4, 9, value=0.5) for target in CLAMP_TARGETS)
    a, b = slice_with(*later), slice_with()
    for _ in range(4):
        a.step()
        b.step()
    assert differing(a, b) == []
    a.step()
    b.step()
    assert differing(a, b) != []
