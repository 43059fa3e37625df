"""Compiling: `helper`, `compiled`, and the loop that applies a rule to the rows of a table."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from numba import njit
from numba.extending import register_jitable

from .cache import SourceCache
from .parameters import opened

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

logger = logging.getLogger("dorsalhorn")


class Compiled(Protocol[P, R]):
    """A compiled function; `plain` is the Python function it was made from."""

    plain: Callable[P, R]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run it."""


def helper(function: F) -> F:
    """Make a plain function callable from rules and compiled functions; in Python it stays what it is."""
    return cast(F, register_jitable(error_model="numpy", forceinline=True)(function))


def compiled(function: Callable[P, R]) -> Compiled[P, R]:
    """Compile a function on its first call, or load it from the cache on disk.

    Its arguments are numbers, arrays, `Parameters`, populations, `Cells` and detached copies; of the last
    three it may take rows, ``neurons[i]``, and the number of rows in use, ``neurons.size``.  A row must lie
    within: compiled code does not look.  Division by zero gives infinity, as in NumPy.  ``function.plain``
    runs the same source in Python, on the agents themselves.
    """
    dispatcher = njit(error_model="numpy", nogil=True)(function)
    dispatcher._cache = SourceCache(function)
    dispatcher.plain = function
    return cast("Compiled[P, R]", dispatcher)


def make_kernel(rule: Callable[..., Any], mortal: bool) -> Any:
    """The compiled loop ``kernel(table, lo, hi, *args)`` of a rule over rows lo..hi; skips the dead.

    One per rule, kept on the rule itself.
    """
    kernels = rule.__dict__.setdefault("kernels", {})
    if mortal not in kernels:

        def everyone(table: Any, lo: int, hi: int, *args: Any) -> None:
            ready = opened(args)
            for i in range(lo, hi):
                rule(table[i], *ready)

        def the_living(table: Any, lo: int, hi: int, *args: Any) -> None:
            ready = opened(args)
            for i in range(lo, hi):
                if table[i].alive:
                    rule(table[i], *ready)

        loop = the_living if mortal else everyone
        loop.__qualname__ = f"{rule.__qualname__}.{loop.__name__}"
        kernels[mortal] = njit(error_model="numpy", nogil=True)(loop)
        kernels[mortal]._cache = SourceCache(loop)
    return kernels[mortal]
