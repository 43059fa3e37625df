"""Diffusion against closed forms: flat stays flat, nothing is lost, sources spread by their reach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, seed
from hypothesis import settings as examples
from hypothesis import strategies as st

from dorsalhorn.model import DorsalHorn
from dorsalhorn.model.chemistry import FIELDS, Diffusion, cosines
from dorsalhorn.model.fields import SOURCES
from dorsalhorn.model.scenario import Clamp

from .horn import build, quiet

SHAPE, CELL_UM = (50, 32), 20.0
reaches = st.floats(1.0, 500.0)
quick = examples(max_examples=25, deadline=None, database=None)


def blank(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    return np.zeros(shape)


def random_sources(chance: int) -> np.ndarray:
    rng = np.random.default_rng(chance)
    return rng.exponential(1.0, SHAPE) * (rng.random(SHAPE) < 0.1)


def test_the_transform_is_orthonormal() -> None:
    for n in (1, 2, 7, 50):
        np.testing.assert_allclose(cosines(n) @ cosines(n).T, np.eye(n), atol=1e-10)


@seed(1)
@quick
@given(level=st.floats(0.0, 1e4), reach=reaches)
def test_a_constant_source_makes_a_constant_map(level: float, reach: float) -> None:
    out = Diffusion(SHAPE, CELL_UM).spread(np.full(SHAPE, level), reach)
    np.testing.assert_allclose(out, level, rtol=1e-9, atol=1e-12)


@seed(2)
@quick
@given(chance=st.integers(0, 10**6), reach=reaches)
def test_nothing_is_lost_and_nothing_is_negative(chance: int, reach: float) -> None:
    sources = random_sources(chance)
    out = Diffusion(SHAPE, CELL_UM).spread(sources, reach)
    assert out.sum() == pytest.approx(sources.sum(), rel=1e-9)
    assert (out >= 0.0).all()
    assert out.shape == (sources.size,)


@seed(3)
@quick
@given(chance=st.integers(0, 10**6), reach=reaches, factor=st.floats(0.1, 10.0))
def test_maps_add_up(chance: int, reach: float, factor: float) -> None:
    d = Diffusion(SHAPE, CELL_UM)
    a, b = random_sources(chance), random_sources(chance + 1)
    both = d.spread(a + factor * b, reach)
    np.testing.assert_allclose(both, d.spread(a, reach) + factor * d.spread(b, reach), atol=1e-9)


@pytest.mark.parametrize("reach_um", [30.0, 60.0, 100.0])
def test_a_point_source_spreads_by_its_reach(reach_um: float) -> None:
    """Screened diffusion: along each axis the variance is twice the reach squared, exactly, on the grid."""
    shape = (101, 101)
    sources = blank(shape)
    sources[50, 50] = 3.0
    out = Diffusion(shape, CELL_UM).spread(sources, reach_um).reshape(shape)
    away = (np.arange(101) - 50) * CELL_UM
    for axis in (0, 1):
        profile = out.sum(axis=axis)
        assert (profile * away**2).sum() / profile.sum() == pytest.approx(2.0 * reach_um**2, rel=2e-3)
        assert (profile * away).sum() == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_allclose(out, out.T, atol=1e-10)
    assert out.argmax() == 50 * 101 + 50


@seed(4)
@quick
@given(chance=st.integers(0, 10**6), reach=reaches)
def test_the_map_solves_its_equation(chance: int, reach: float) -> None:
    """level - reach^2 laplacian(level) = sources with no flux through the borders (five-point stencil)."""
    sources = random_sources(chance)
    level = Diffusion(SHAPE, CELL_UM).spread(sources, reach).reshape(SHAPE)
    padded = np.pad(level, 1, mode="edge")
    around = padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2]
    squared = (reach / CELL_UM) ** 2
    np.testing.assert_allclose(level - squared * (around - 4.0 * level), sources, atol=1e-8 * (1 + squared))


@seed(5)
@quick
@given(chance=st.integers(0, 10**6), reach=reaches, lifetimes=st.floats(0.01, 5.0), parts=st.integers(2, 5))
def test_a_tick_may_be_cut_into_any_number_of_ticks(
    chance: int, reach: float, lifetimes: float, parts: int
) -> None:
    d, sources, before = Diffusion(SHAPE, CELL_UM), random_sources(chance), random_sources(chance + 1)
    whole = d.spread(sources, reach, before, lifetimes)
    level = before.reshape(-1)
    for _ in range(parts):
        level = d.spread(sources, reach, level, lifetimes / parts)
    np.testing.assert_allclose(level, whole, atol=1e-8)
    assert (whole >= 0.0).all()


@seed(6)
@quick
@given(level=st.floats(0.0, 100.0), source=st.floats(0.0, 100.0), lifetimes=st.floats(0.001, 20.0))
def test_a_flat_map_closes_in_on_its_sources_within_its_lifetime(
    level: float, source: float, lifetimes: float
) -> None:
    out = Diffusion(SHAPE, CELL_UM).spread(np.full(SHAPE, source), 110.0, np.full(SHAPE, level), lifetimes)
    np.testing.assert_allclose(out, source + (level - source) * np.exp(-lifetimes), atol=1e-8)


def test_a_short_while_moves_a_map_by_what_it_gains_loses_and_exchanges() -> None:
    """d(level)/d(lifetimes) = sources - level + reach^2 laplacian(level), by a small step of Euler's."""
    before, sources, step, reach = random_sources(7), random_sources(8), 1e-5, 60.0
    level = Diffusion(SHAPE, CELL_UM).spread(sources, reach, before, step).reshape(SHAPE)
    padded = np.pad(before, 1, mode="edge")
    around = padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2]
    change = sources - before + (reach / CELL_UM) ** 2 * (around - 4.0 * before)
    np.testing.assert_allclose((level - before) / step, change, atol=2e-2 * np.abs(change).max())


def test_after_many_lifetimes_a_map_is_at_rest() -> None:
    d, sources = Diffusion(SHAPE, CELL_UM), random_sources(9)
    np.testing.assert_array_equal(
        d.spread(sources, 110.0, random_sources(10), 60.0), d.spread(sources, 110.0)
    )


def test_no_flux_leaves_a_narrow_strip() -> None:
    """A strip one cell wide is a line: what is given off at its end piles up there."""
    shape = (1, 60)
    sources = blank(shape)
    sources[0, 0] = 1.0
    level = Diffusion(shape, CELL_UM).spread(sources, 60.0)
    assert level.sum() == pytest.approx(1.0, rel=1e-9)
    assert (np.diff(level) < 0).all()


def test_a_short_reach_stays_where_it_is() -> None:
    sources = random_sources(1)
    np.testing.assert_allclose(
        Diffusion(SHAPE, CELL_UM).spread(sources, 1e-6), sources.reshape(-1), atol=1e-9
    )


def test_spreading_does_not_touch_its_sources_or_earlier_maps() -> None:
    d = Diffusion(SHAPE, CELL_UM)
    sources = random_sources(3)
    kept = sources.copy()
    first = d.spread(sources, 60.0)
    copy = first.copy()
    d.spread(sources * 2.0, 200.0)
    np.testing.assert_array_equal(sources, kept)
    np.testing.assert_array_equal(first, copy)


# ---------------------------------------------------------------------- the maps of a slice
def test_every_map_of_the_slice_holds_what_was_given_off(naive: DorsalHorn) -> None:
    """The mean of a map is the mean that its sources give off, a healthy density of ones making a one."""
    healthy = naive.fields._healthy
    for chemical in ("substance_p", "csf1", "bdnf", "peroxynitrite"):
        given = sum(
            naive.populations[who].living(what).sum() / healthy[who, what] for who, what in SOURCES[chemical]
        )
        assert naive.cells.columns[chemical].mean() == pytest.approx(given, rel=1e-4, abs=1e-12), chemical


@pytest.mark.usefixtures("hurried")
def test_substance_p_builds_up_and_goes_within_minutes_not_within_a_tick() -> None:
    model = build(quiet("literature"))
    p, given_off, level = model.parameters, model.afferents.released_substance_p, model.cells.substance_p
    before = level.mean()
    given_off[:] = 50.0 * model.afferents.peptidergic
    p.set("dt", 1.0 / 86400.0)
    model.fields.spread("substance_p")
    once = model.cells.substance_p.mean() - before
    assert once == pytest.approx((50.0 - before) * (1.0 - np.exp(-p.dt / p.lifetime_substance_p)), rel=1e-3)
    for _ in range(300):
        model.fields.spread("substance_p")
    full = model.cells.substance_p.mean()
    given_off[:] = 0.0
    for _ in range(60):
        model.fields.spread("substance_p")
    assert full > 40.0
    left = model.cells.substance_p.mean() / full
    assert left == pytest.approx(np.exp(-60.0 * p.dt / p.lifetime_substance_p), rel=1e-3)
    p.set("dt", 1.0)
    model.fields.spread("substance_p")
    assert model.cells.substance_p.mean() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.usefixtures("hurried")
def test_a_clamp_by_a_factor_is_the_same_factor_in_short_ticks_and_long_ones() -> None:
    """What is held back in one tick does not stay away in the next: the free map goes on behind the clamp."""
    free, held = build(quiet("literature")), build(quiet("literature"))
    held.fields.clamps = (Clamp(0.0, np.inf, "tnf", factor=0.5),)
    for model in (free, held):
        model.parameters.set("dt", 0.1 * model.parameters.lifetime_tnf)
        model.microglia.released_tnf[:] = 3.0
        for _ in range(5):
            model.fields.spread("tnf")
    np.testing.assert_allclose(held.cells.tnf, 0.5 * free.cells.tnf, rtol=1e-12)


def test_the_healthy_maps_are_finite_and_positive(naive: DorsalHorn) -> None:
    for name in FIELDS:
        layer = naive.cells.columns[name]
        assert np.isfinite(layer).all(), name
        assert (layer >= 0.0).all(), name
    for name in ("glutamate", "d_serine", "clearance"):
        assert (naive.cells.columns[name] > 0.0).all(), name


@pytest.mark.usefixtures("hurried")
def test_ambient_glutamate_rises_where_clearance_fails() -> None:
    model = build(quiet("article"))
    left = np.repeat(np.arange(model.sheet.columns) < model.sheet.columns // 2, model.sheet.rows)
    before = model.cells.columns["glutamate"].copy()
    astrocytes = model.astrocytes
    astrocytes.clears[left[astrocytes.cell]] *= 0.3
    model.fields.leave_glutamate()
    ratio = model.cells.columns["glutamate"] / before
    far = np.abs(np.arange(left.size) // model.sheet.rows - model.sheet.columns / 2) > 10
    assert (ratio[left & far] > 1.5).all()
    np.testing.assert_allclose(ratio[~left & far], 1.0, atol=0.1)
