"""P76: how far a sensitised zone reaches."""

from __future__ import annotations

import numpy as np

from .protocol import Preparation, Values, protocol
from .rig import ratio, stimuli
from .weeks import HOUR_D, Subject, injury

FIELD = ("parameters.laboratory.probes=21", 'parameters.laboratory.probe_force="26 g"')
PLACES = tuple(np.round(np.arange(0.1, 0.91, 0.1), 1))


@protocol("P76")
def secondary_zone(slice: Preparation) -> Values:
    """Thresholds along the skin map before and after an hour of C barrage in its middle."""
    n = slice.numbers
    subject = Subject(slice, *FIELD)
    site = [n["low"], n["high"]]
    barrage = injury("capsaicin", 0.0, n["barrage_h"] * HOUR_D, site=site, intensity=n["intensity"])
    read = n["read_h"] * HOUR_D
    after = subject.course(stimuli(barrage), until=read)
    fallen = np.array(
        [1.0 - subject.beside(after.last, place) / subject.beside(subject.settled, place) for place in PLACES]
    )
    field = subject.naive.value("receptive_field_um", 0.0) / subject.horn.parameters.slice_width
    away = np.abs(np.array(PLACES) - 0.5 * (n["low"] + n["high"]))
    return {
        "deepest": float(fallen.max()),
        "reach_in_fields": ratio(_reach(away, fallen), field),
    }


def _reach(away: np.ndarray, fallen: np.ndarray) -> float:
    """Distance from the middle from which on all changes are below a quarter of the largest."""
    beyond = [d for d in np.unique(away) if (fallen[away >= d] < 0.25 * fallen.max()).all()]
    return float(beyond[0]) if beyond and fallen.max() > 0.0 else float("nan")
