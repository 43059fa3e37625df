"""Bisection of a strength: where, from none to several times its own, a feedback begins to hold the pain."""

from __future__ import annotations

from dataclasses import dataclass, replace

NONE, OWN, MOST = 0.0, 1.0, 4.0
"""strengths of a feedback, as shares of its own: taken out, untouched, and the strongest that is tried"""


@dataclass(frozen=True)
class Bracket:
    """What is known of one feedback: the strengths (shares of its own) without pain and with it.

    It takes for granted that more of the feedback means more pain: one strength parts the two.
    """

    painless: float | None = None
    """the largest strength without pain; None if none is known"""
    painful: float | None = None
    """the smallest strength with pain; None if none is known"""
    halvings: int = 0
    """how often the stretch between the two was halved"""

    def learned(self, strength: float, pain: bool) -> Bracket:
        """The same, once a run at `strength` has ended with or without pain."""
        halvings = self.halvings + (self.painless is not None and self.painful is not None)
        if pain:
            return replace(self, painful=strength, halvings=halvings)
        return replace(self, painless=strength, halvings=halvings)

    def next(self, steps: int) -> float | None:
        """The strength to try next; None if nothing is left to learn in `steps` halvings.

        First the far end: with pain, the feedback taken out; without, `MOST` times its own.

        >>> Bracket(painful=1.0).next(4), Bracket(0.0, 1.0).next(4), Bracket(1.0, 4.0).next(4)
        (0.0, 0.5, 2.0)
        """
        if self.painless is None and self.painful is None:
            return OWN
        if self.painless is None:
            return NONE if self.painful != NONE else None
        if self.painful is None:
            return MOST if self.painless < MOST else None
        if self.halvings >= steps:
            return None
        # below its own strength halves of the stretch, above it halves of the ratio
        return (
            (self.painless * self.painful) ** 0.5
            if self.painless >= OWN
            else 0.5 * (self.painless + self.painful)
        )

    @property
    def gain(self) -> float:
        """The gain margin: how many times stronger the feedback is than the pain needs.

        Infinite if the pain stands without it, below 1 if it would have to be stronger, 0 if there is no
        pain at any strength that was tried.
        """
        return 0.0 if self.painful is None else times(self.painful)

    @property
    def gain_most(self) -> float:
        """The upper end of what the margin may be, as far as the halvings tell."""
        if self.painless is None:
            return self.gain
        return times(self.painless)


def times(strength: float) -> float:
    """One over a strength; infinite for none.

    >>> times(0.5), times(0.0)
    (2.0, inf)
    """
    return 1.0 / strength if strength > NONE else float("inf")
