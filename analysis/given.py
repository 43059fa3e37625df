"""What was given in a run: its result in the threshold, and beside it how good the evidence is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from .events import Event
from .measures import THRESHOLD
from .runs import Run
from .words import number, plain

SENTENCE = "Evidence that it relieves chronic pain in this way"
NEAR_D = 7.0
"""what counts as shortly before and after a course"""


def results(run: Run) -> list[str]:
    """Two sentences for each treatment: thresholds before, during and after it, and the evidence for it."""
    return [_result(run.timeseries, entry) for entry in run.info.get("treatments", ())]


def grades(run: Run) -> list[str]:
    """A sentence for each treatment of a run without thresholds: that it was given, and the evidence."""
    return [
        f"Given: {plain(str(entry['name']))}. {SENTENCE}: {_evidence(entry)}."
        for entry in run.info.get("treatments", ())
    ]


def _result(ts: pd.DataFrame, entry: Mapping[str, Any]) -> str:
    start, stop = float(entry["start_d"]), entry.get("stop_d")
    end = float(ts.index[-1]) if stop is None else min(float(stop), float(ts.index[-1]))
    parts = [
        ("in the week before", _median(ts, start - NEAR_D, start)),
        ("in the later half of the course", _median(ts, 0.5 * (start + end), end)),
    ]
    if end < float(ts.index[-1]):
        parts.append(("in the week after", _median(ts, end, end + NEAR_D)))
    told = [f"{number(grams)} g {when}" for when, grams in parts if not math.isnan(grams)]
    span = Event("treatment", plain(str(entry["name"])), start, None if stop is None else float(stop)).label
    source = ", the article's account of it" if entry.get("follows") == "article" else ""
    return (
        f"Given: {span}{source}: withdrawal threshold {', '.join(told) or 'not read'}. "
        f"{SENTENCE}: {_evidence(entry)}."
    )


def _median(ts: pd.DataFrame, start_d: float, stop_d: float) -> float:
    """Median threshold of the readings after one moment and up to another; not a number without any."""
    return float(ts[THRESHOLD][(ts.index > start_d) & (ts.index <= stop_d)].median())


def _evidence(entry: Mapping[str, Any]) -> str:
    """The words of the catalogue, after the grade if they do not begin with it."""
    grade, words = str(entry.get("grade", "not stated")), str(entry.get("evidence", ""))
    return words if words.startswith(grade) else f"{grade} ({words})" if words else grade
