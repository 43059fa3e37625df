"""P21: the two phases of formalin, and blocks before and after it."""

from __future__ import annotations

from typing import Any

from .protocol import Preparation, Values, protocol
from .rig import SITE, Spikes, clamps, held, lasting, nociceptive_specific, ratio, stimuli

MINUTE_S = 60.0


@protocol("P21")
def formalin(slice: Preparation) -> Values:
    """Output in both phases: free, and with NMDA receptors or release blocked from before or from after."""
    n = slice.numbers
    free = _phases(slice)
    before, after = 0.0, n["first_min"] + n["post_min"]
    nmda = [_phases(slice, held("nmdar.conductance", n["nmda_left"], m * MINUTE_S)) for m in (before, after)]
    opioid = [
        _phases(slice, held("afferent.release", n["release_left"], m * MINUTE_S)) for m in (before, after)
    ]
    lost = {
        name: [[1.0 - ratio(arm[k], free[k]) for k in (0, 1)] for arm in arms]
        for name, arms in (("nmda", nmda), ("opioid", opioid))
    }
    return {
        "phase_2_lost_pre": lost["nmda"][0][1],
        "phase_1_lost_pre": lost["nmda"][0][0],
        "post_over_pre": ratio(max(lost["nmda"][1][1], 0.0), lost["nmda"][0][1]),
        "opioid_post_over_pre": ratio(lost["opioid"][1][1], lost["opioid"][0][1]),
    }


def _phases(slice: Preparation, *blocks: dict[str, Any]) -> tuple[float, float]:
    """Spikes above rest of nociceptive-specific cells in each phase."""
    n = slice.numbers
    start = n["first_min"] * MINUTE_S
    first, second, ends = (start + n[k] * MINUTE_S for k in ("phase_1_min", "phase_2_min", "ends_min"))
    site = {"kind": "tonic", "site": list(SITE)}
    horn = slice.run(
        "acute",
        'tick="5 s"',
        lasting(ends),
        stimuli(
            site | {"start": start, "stop": first, "rate_hz": n["strong_hz"]},
            site | {"start": second, "stop": ends, "rate_hz": n["weak_hz"]},
        ),
        clamps(*blocks),
    )
    spikes, cells = Spikes(horn), nociceptive_specific(horn)
    rest = float(spikes.rate(cells, 0.0, start).mean())

    def above(since: float, until: float) -> float:
        return float(spikes.count(cells, since, until).mean() - rest * (until - since))

    return above(start, first), above(second, ends)
