"""A registry in which treatments and knock-outs do something, whatever the shipped data hold so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dorsalhorn.model.scenario import Scenario
from dorsalhorn.scenarios.load import load
from dorsalhorn.scenarios.records import Effect
from dorsalhorn.scenarios.registry import Registry
from dorsalhorn.scenarios.registry import registry as shipped_registry

BASE = 'title="x"\nbiology="article"\nmode="chronic"\nduration="2 d"\ntick="1 h"\nseed=1\n'

Loader = Callable[..., Scenario]


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The shipped registry with known effects: gabapentin, pregabalin, kinase and microglia."""
    data = shipped_registry()
    first, second = (key for key, p in list(data.parameters.items())[-2:])
    effects = {first: Effect(0.5, "1 h", "6 h"), second: Effect(0.8, "1 d", "2 d")}
    treatments = dict(data.treatments)
    for name in ("gabapentin", "pregabalin"):
        treatments[name] = replace(treatments[name], effects=effects, variants={})
    mechanisms = dict(data.mechanisms)
    for name in ("kinase", "microglia"):
        mechanisms[name] = replace(mechanisms[name], knockout={first: 0.0, second: 0.0})
    mechanisms["inhibition"] = replace(mechanisms["inhibition"], knockout={})
    return replace(data, treatments=treatments, mechanisms=mechanisms)


@pytest.fixture
def read(tmp_path: Path, registry: Registry) -> Loader:
    """Load a scenario from text, appended to a valid base; `whole` replaces the base."""

    def loaded(text: str = "", *sets: str, whole: str | None = None) -> Scenario:
        file = tmp_path / "mine.toml"
        file.write_text(BASE + text if whole is None else whole, encoding="utf-8")
        return load(file, sets, registry=registry)

    return loaded
