"""The judge: from the values of all seeds to a verdict for each criterion, each pattern, and the score.

A criterion passes if the median over the seeds lies in its band and so do enough of the seeds; a pattern
passes if all of its criteria do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...scenarios.patterns import Criterion, Pattern

LOW, HIGH = 10.0, 90.0
"""percentiles that are reported beside the median"""


@dataclass(frozen=True)
class Judged:
    """One criterion over all seeds."""

    criterion: Criterion
    values: Mapping[int, float]
    """by seed"""
    needed: float
    """share of the seeds that must lie in the band"""

    @property
    def median(self) -> float:
        """Median over the seeds that could be measured; the others count as outside the band."""
        return _percentile(self.values, 50.0)

    @property
    def low(self) -> float:
        """The lower end of the range that is reported."""
        return _percentile(self.values, LOW)

    @property
    def high(self) -> float:
        """The upper end of it."""
        return _percentile(self.values, HIGH)

    @property
    def share(self) -> float:
        """Share of the seeds in the band."""
        return sum(map(self.criterion.holds, self.values.values())) / len(self.values)

    @property
    def passed(self) -> bool:
        """Whether the median and enough of the seeds lie in the band."""
        return self.criterion.holds(self.median) and self.share >= self.needed


@dataclass(frozen=True)
class Verdict:
    """One pattern: it passes if all its criteria do."""

    pattern: Pattern
    biology: str
    criteria: tuple[Judged, ...]

    @property
    def passed(self) -> bool:
        """Whether every criterion passed."""
        return all(judged.passed for judged in self.criteria)


@dataclass(frozen=True)
class Score:
    """What was reached of what could be."""

    reached: int
    possible: int
    passed: int
    patterns: int
    void: tuple[str, ...] = ()
    """ids of patterns with a veto that failed"""

    def __str__(self) -> str:
        share = f" ({100 * self.reached / self.possible:.0f} %)" if self.possible else ""
        text = f"{self.passed} of {self.patterns} patterns passed"
        text += f", score {self.reached} of {self.possible}{share}"
        return f"{text}; void, for {' and '.join(self.void)} failed" if self.void else text


def judge(pattern: Pattern, biology: str, seeds: Mapping[int, Mapping[str, float]]) -> Verdict:
    """Judge one pattern by the values that each seed gave.

    Raises ValueError if a protocol did not return exactly the criteria of its pattern.
    """
    for values in seeds.values():
        if set(values) != set(pattern.criteria):
            raise ValueError(
                f"the protocol of {pattern.id} returns {sorted(values)}, "
                f"its entry judges {sorted(pattern.criteria)}"
            )
    return Verdict(
        pattern,
        biology,
        tuple(
            Judged(criterion, {seed: seeds[seed][name] for seed in sorted(seeds)}, pattern.share)
            for name, criterion in pattern.criteria.items()
        ),
    )


def score(verdicts: Sequence[Verdict]) -> Score:
    """The sum over the patterns that passed, of the sum over all."""
    won = [v for v in verdicts if v.passed]
    return Score(
        sum(v.pattern.score for v in won),
        sum(v.pattern.score for v in verdicts),
        len(won),
        len(verdicts),
        tuple(v.pattern.id for v in verdicts if v.pattern.veto and not v.passed),
    )


def _percentile(values: Mapping[int, float], percent: float) -> float:
    """A percentile of the values that are numbers; not a number if none is."""
    given = np.array([value for value in values.values() if math.isfinite(value)])
    return float(np.percentile(given, percent)) if given.size else math.nan
