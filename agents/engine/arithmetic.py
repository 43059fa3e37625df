"""An exponential that gives the same bits on every machine."""

from __future__ import annotations

from .kernels import helper


@helper
def exp(x: float) -> float:
    """``exp(x)`` from additions and multiplications only.

    Relative error below 1e-13 for -60 <= x <= 60; beyond, the value at the border.  Unlike ``math.exp`` it
    does not depend on the C library, and it compiles to SIMD code (there is no branch).

    Method: Taylor series of exp(y) - 1 at y = x / 1024, doubled four times as u (2 + u), which loses no
    digits, then squared six times.
    """
    x = 60.0 if x > 60.0 else x
    x = -60.0 if x < -60.0 else x
    y = x * 0.0009765625
    u = 1.0 / 5040.0 + y * (1.0 / 40320.0)
    u = 1.0 / 720.0 + y * u
    u = 1.0 / 120.0 + y * u
    u = 1.0 / 24.0 + y * u
    u = 1.0 / 6.0 + y * u
    u = 0.5 + y * u
    u = y + y * (y * u)
    u = u * (2.0 + u)
    u = u * (2.0 + u)
    u = u * (2.0 + u)
    u = u * (2.0 + u)
    e = 1.0 + u
    e = e * e
    e = e * e
    e = e * e
    e = e * e
    e = e * e
    return e * e
