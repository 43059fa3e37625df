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
        assert naive.cells.columns[chemical].mean() == pytest.approx(given, rel=1e-9, abs=1e-12), chemical


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
