"""Fixtures of the model's tests: settled slices that everyone may look at and nobody may change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dorsalhorn.agents.engine import release_model
from dorsalhorn.model import DorsalHorn, dorsalhorn

from .horn import HURRIED, PRESETS, build, digest, quiet


@pytest.fixture(scope="session", params=PRESETS)
def naive(request: pytest.FixtureRequest) -> Iterator[DorsalHorn]:
    """A settled healthy slice of each biology; tests may read and measure, not step."""
    model = build(quiet(request.param, whole_laboratory=True))
    before = digest(model)
    yield model
    assert digest(model) == before, "a test changed the slice that all tests share"
    release_model(model)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models settle for a few ticks only."""
    monkeypatch.setattr(dorsalhorn, "SETTLE", HURRIED)
