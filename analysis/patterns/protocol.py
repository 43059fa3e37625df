"""What a protocol is: a function of one slice that returns a number for each criterion of its pattern.

    @protocol("P11")
    def wind_up_needs_repetition(slice: Preparation) -> Values:
        horn = slice.run("c_volleys", "stimulus.0.rate_hz=0.5")
        return {"growth": ...}

Patterns, their criteria and the numbers of their protocols are data (`scenarios/data/patterns.toml`);
scenarios that protocols start from lie in `scenarios/data/patterns/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...scenarios.load import load
from ...scenarios.patterns import published

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn
    from ...model.scenario import Scenario

Values = Mapping[str, float]
"""the value of each criterion, by its name"""


@dataclass
class Preparation:
    """What a protocol is given: a biology and a seed, from which it makes the slices that it needs."""

    biology: str
    seed: int
    numbers: Mapping[str, float] = field(default_factory=dict)
    """the pattern's own numbers, from its entry"""
    sets: tuple[str, ...] = ()
    """the user's changes to every scenario, as for `--set`; they come last"""
    made: list[DorsalHorn] = field(default_factory=list)

    def scenario(self, name: str, *changes: str) -> Scenario:
        """A scenario of `scenarios/data/patterns/` with changes as `PATH=VALUE`, as for `--set`."""
        biology = f'biology="{self.biology}"'
        return load(published(f"patterns/{name}.toml"), (*changes, biology, *self.sets), self.seed)

    def horn(self, name: str, *changes: str) -> DorsalHorn:
        """The slice of a scenario, settled; nothing has been run."""
        from ...model.dorsalhorn import DorsalHorn

        self.made.append(DorsalHorn(self.scenario(name, *changes)))
        return self.made[-1]

    def run(self, name: str, *changes: str) -> DorsalHorn:
        """The slice of a scenario after its last tick."""
        return self.horn(name, *changes).run()

    def release(self) -> None:
        """Let go of all slices made."""
        from ...agents.engine import release_model

        while self.made:
            release_model(self.made.pop())


Protocol = Callable[[Preparation], Values]
PROTOCOLS: dict[str, Protocol] = {}
"""every protocol by the id of its pattern"""


def protocol(pattern: str) -> Callable[[Protocol], Protocol]:
    """Register a function as the protocol of a pattern."""

    def register(function: Protocol) -> Protocol:
        if pattern in PROTOCOLS:
            raise ValueError(
                f"{pattern} has two protocols, {PROTOCOLS[pattern].__name__} and {function.__name__}"
            )
        PROTOCOLS[pattern] = function
        return function

    return register
