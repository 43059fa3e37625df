"""Response curves shared by all rules: saturation, cooperative rise, relaxation, the magnesium block.

Only + - * /, square roots and the engine's portable exponential, so every rule keeps the same bits
in every mode and on every machine.
"""

from __future__ import annotations

import math
from typing import Any

from .engine import exp, helper


@helper
def saturate(x: float, half: float) -> float:
    """Share of the maximum at level `x` of a one-site binding curve; `half` at one half."""
    return x / (x + half)


@helper
def rise2(x: float, half: float) -> float:
    """Cooperative rise (Hill coefficient 2): small levels hardly count."""
    return x * x / (x * x + half * half)


@helper
def rise4(x: float, half: float) -> float:
    """Steep rise (Hill coefficient 4): nearly all or none."""
    y = x * x / (half * half)
    return y * y / (1.0 + y * y)


@helper
def rise1_5(x: float, half: float) -> float:
    """Binding with a Hill coefficient of 1.5 (glutamate at the NMDA receptor)."""
    y = x / half
    return y * math.sqrt(y) / (1.0 + y * math.sqrt(y))


@helper
def within(x: float, low: float, high: float) -> float:
    """`x` held between `low` and `high`."""
    return min(max(x, low), high)


@helper
def relax(x: float, target: float, duration: float, time_constant: float) -> float:
    """`x` after moving towards `target` for `duration`: the exact solution, stable for any step."""
    return target + (x - target) * exp(-duration / time_constant)


@helper
def opioid_tone(tone: float, atp: float, p: Any) -> float:
    """Constitutive mu-opioid tone after a tick: it grows where the horn is busy and outlasts that (L06)."""
    target = p.opioid_gain * saturate(max(0.0, atp - p.atp_rest), p.opioid_half)
    return relax(tone, target, p.dt, p.opioid_rise_time if target > tone else p.opioid_fall_time)


@helper
def superactivated(cyclase: float, tone: float, atp: float, substance_p: float, p: Any) -> float:
    """Adenylyl cyclase 1 after a tick: superactivated to the degree of the tone, within hours (L06).

    A busy horn begins it.  It then keeps itself going, cooperatively, as long as the substance P of a horn
    at rest reaches NK1 receptors nearby; without them for hours it is lost, and does not come back by itself.
    A tone that goes it follows within days.
    """
    begun = rise2(max(0.0, atp - p.atp_rest), p.opioid_half)
    share = 1.0 if cyclase >= tone else cyclase / tone
    itself = rise4(share, p.cyclase_loop_half) / rise4(1.0, p.cyclase_loop_half)
    itself *= rise4(p.nk1_effect * saturate(substance_p, p.nk1_half), p.cyclase_nk1_half)
    follows = relax(cyclase, tone, p.dt, p.cyclase_fall_time) if cyclase > tone else cyclase
    return relax(follows, max(tone * begun, max(tone, follows) * itself), p.dt, p.cyclase_time)


@helper
def overshoot(cyclase: float, tone: float, p: Any) -> float:
    """What adenylyl cyclase 1, superactivated under opioid tone, does that no tone holds down (L06)."""
    return max(0.0, cyclase - p.opioid_coupling * tone)


@helper
def exchange(x: float, on: float, off: float, duration: float) -> float:
    """Share `x` in a state entered at rate `on` and left at rate `off`, after `duration` (exact).

    Both rates in the inverse unit of `duration`; with both zero nothing moves.
    """
    total = on + off
    rest = on / (total + 1e-300)
    return rest + (x - rest) * exp(-total * duration)


@helper
def magnesium_pull(v_mv: float, slope_per_mv: float) -> float:
    """How strongly the membrane at `v_mv` draws magnesium into the pore, 1 at 0 mV."""
    return exp(-slope_per_mv * v_mv)


@helper
def magnesium_unblock(pull: float, magnesium_mm: float, half_mm: float) -> float:
    """Share of NMDA channels that magnesium has left, `pull` from `magnesium_pull`.

    Jahr & Stevens 1990: 1 / (1 + [Mg] / K0 exp(-0.062 V)), K0 = 3.57 mM.
    """
    return 1.0 / (1.0 + magnesium_mm / half_mm * pull)


@helper
def chance(rate_times_duration: float) -> float:
    """Chance that an event of that many expected hits happens at least once: 1 - exp(-rate t)."""
    return 1.0 - exp(-rate_times_duration)
