"""Random numbers with an address: what an agent draws depends on who, when and what for, on nothing else.

`uniform` hashes (seed, agent, time, purpose) with the finaliser of splitmix64 (Steele, Lea & Flood 2014,
variant 13 of Stafford).  There is no generator and so no state: the order of agents, threads, and what
others drew do not matter, paired runs share every fate a treatment does not touch, and a checkpoint has
nothing to save.
"""

from __future__ import annotations

from typing import Any

from numba import types, uint64
from numba.extending import overload

from .kernels import helper

MASK = 0xFFFFFFFFFFFFFFFF


def _word(x: Any) -> int:
    """An integer, or a float that is one, as 64 bits (two's complement)."""
    return int(x) & MASK


@overload(_word, jit_options={"forceinline": True})
def _word_compiled(x):  # type: ignore[no-untyped-def]  # Numba compares signatures
    # All 64-bit arithmetic below goes through uint64: Numba turns uint64 mixed with int64 into float64.
    if isinstance(x, types.Float):
        return lambda x: uint64(types.int64(x))
    return lambda x: uint64(x)


@helper
def _mix(z: Any) -> Any:
    z = _word((z ^ (z >> _word(30))) * _word(0xBF58476D1CE4E5B9))
    z = _word((z ^ (z >> _word(27))) * _word(0x94D049BB133111EB))
    return z ^ (z >> _word(31))


@helper
def _absorb(z: Any, x: Any) -> Any:
    return _mix(_word((z ^ _word(x)) + _word(0x9E3779B97F4A7C15)))


@helper
def address(seed: float, who: float) -> Any:
    """The first half of `uniform`'s hash: worth keeping for one who draws at every electrical step."""
    return _absorb(_absorb(_word(0), seed), who)


@helper
def drawn(at: Any, when: float, what: float) -> float:
    """What `uniform` gives for the `address` `at`."""
    z = _absorb(_absorb(_word(at), when), what)
    return float(z >> _word(11)) * (1.0 / 9007199254740992.0)


@helper
def uniform(seed: float, who: float, when: float, what: float) -> float:
    """A number in [0, 1) with 53 random bits, the same in Python and compiled.

    Args:
        seed: Seed of the run.
        who: Stable identity of the agent, its ``uid``.
        when: Tick or step.
        what: A number of its own for each decision.

    All four are integers below 2**63 in size, negative ones included, or floats with integral values.
    """
    return drawn(address(seed, who), when, what)
