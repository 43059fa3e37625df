"""A run in sentences that a clinician understands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from .acute_words import summarise_acute
from .cascade import State, recorded
from .events import CAUSES, Event, events, first_start, last_stop
from .given import results
from .measures import DRIVE_BACK, Measures, Outcome, measure
from .runs import Run, open_run
from .words import day, length, number, percent, when

MOST_STATES = 5
THROUGHOUT, MOSTLY = 1.0, 0.9
WHOLE_DAYS = 7.0
ARTICLE = (
    "Preset: article. Where the article says more than the literature bears, this run follows the article; "
    "the literature preset is the comparison."
)
LITERATURE = "Preset: literature. Where the article and the literature part, this run follows the literature."
CAUTION = (
    "Output means spikes of projection neurons, what the brain would receive; it is not pain. "
    "This is a research and teaching model, not medical advice."
)


def summarise(folder: str | Path) -> list[str]:
    """Five to eight plain sentences (some of two clauses) about the run in `folder`, and one a treatment.

    What was done, the drive, the withdrawal threshold and its fate, what each treatment did and how good
    the evidence for it is, the output, what stayed changed in the cascade, the preset, and the caution; of
    an acute run, what each pulse drew.  Raises `RunError` if `folder` is not a run folder.
    """
    run = open_run(folder)
    if run.acute:
        return summarise_acute(run, _preset(run), CAUTION)
    ts, done = run.timeseries, events(run)
    m = measure(ts, first_start(done), last_stop(done))
    return [
        _done(run, done),
        _drive(done, m),
        _threshold(m),
        takeaway(done, m) + _throughout(m),
        *results(run),
        _output(m),
        _cascade(ts, m),
        _preset(run),
        CAUTION,
    ]


def takeaway(done: Sequence[Event], m: Measures) -> str:
    """What became of the withdrawal threshold, and whether the cause was gone: one sentence."""
    kept = f"{percent(m['threshold_end_ratio'])} of naive"
    if m.outcome is Outcome.UNMEASURED:
        return "The withdrawal threshold was not tested in this run."
    if not any(event.role in CAUSES for event in done):
        return f"Without an injury, the withdrawal threshold ends at {kept}."
    if not m.drive_back:
        return f"The injury still drives the slice at the end; the withdrawal threshold is at {kept}."
    stop = last_stop(done)
    if stop is not None and stop > m.last_d:
        return f"The records end before the cause does; the withdrawal threshold is at {kept}."
    gone = "The drive is gone" if stop is None else f"The cause is gone {when(stop)}"
    if m.outcome is Outcome.RECOVERED:
        # the median may be back while the last readings are not: then there is no such day
        since = m["recovery_day"]
        since = float(round(since)) if since >= WHOLE_DAYS else since
        back = f"comes back to {kept}" if math.isnan(since) else f"is back from {day(since)} on ({kept})"
        return f"{gone}; the withdrawal threshold {back}."
    word = {
        Outcome.STAYS: "stays at",
        Outcome.PARTLY: "comes back only to",
        Outcome.UNAFFECTED: "never fell:",
    }
    always = m.outcome is not Outcome.STAYS or m["share_below_half"] >= MOSTLY
    limit = "" if always else ", though not throughout"
    return f"{gone}; the withdrawal threshold {word[m.outcome]} {kept}{limit}."


def _done(run: Run, done: Sequence[Event]) -> str:
    causes = [e.label.removeprefix("injury: ") for e in done if e.role in (*CAUSES, "sham", "block")]
    means = [e.label for e in done if e.role not in (*CAUSES, "sham", "block")]
    span = length(float(run.timeseries.index[-1] - run.timeseries.index[0]))
    told = "; ".join([f"Done to the slice, over {span}: {'; '.join(causes) or 'no injury'}", *means])
    if run.complete:
        return f"{told}."
    return f"{told}. The run was {run.info.get('status', 'not finished')}: this is what there is of it."


def _drive(done: Sequence[Event], m: Measures) -> str:
    before, highest, end = (f"{number(m[f'drive_{part}'])} Hz" for part in ("naive", "highest", "end"))
    if not any(event.role in CAUSES for event in done):
        return f"Afferent drive: {before} at first and {end} at the end; nothing was added to it."
    told = f"Afferent drive: {before} before, up to {highest}, {end} at the end"
    if m["drive_highest"] <= (1.0 + DRIVE_BACK) * m["drive_naive"]:
        return f"{told}: it did not rise in this run's records."
    if m.drive_back:
        return f"{told}: back at its naive level, so whatever remains is the slice's own doing."
    return f"{told}: still raised, so what remains does not show what the slice keeps up by itself."


def _threshold(m: Measures) -> str:
    if m.outcome is Outcome.UNMEASURED:
        return "Withdrawal threshold: no reading."
    naive, lowest, end = (f"{number(m[f'threshold_{part}'])} g" for part in ("naive", "lowest", "end"))
    window = length(m.last_d - m.end_start_d)
    return (
        f"Withdrawal threshold: {naive} before, {lowest} at its lowest, {end} over the last {window}, "
        f"which is {percent(m['threshold_end_ratio'])} of naive."
    )


def _throughout(m: Measures) -> str:
    """Whether it stayed low all the time: the median alone would hide good days."""
    if m.outcome is not Outcome.STAYS:
        return ""
    share, window = m["share_below_half"], length(m.last_d - m.end_start_d)
    readings = "every reading" if share >= THROUGHOUT else f"{percent(share)} of the readings"
    return f" In the last {window}, {readings} lay at or below half of naive."


def _output(m: Measures) -> str:
    parts = (("spontaneous_hz", "unprovoked"), ("brush_hz", "lightly brushed"), ("pinch_hz", "pinched"))
    told = [
        f"{name}, {number(float(m.naive[column]))} Hz before and {number(float(m.end[column]))} Hz at the end"
        for column, name in parts
        if column in m.naive and pd.notna(m.naive[column])
    ]
    return f"Output of the projection neurons: {'; '.join(told) or 'not recorded'}."


def _cascade(ts: pd.DataFrame, m: Measures) -> str:
    ends = [(state, float(m.naive[state.column]), float(m.end[state.column])) for state in recorded(ts)]
    changed = [(s, naive, end) for s, naive, end in ends if s.moved(naive, end)]
    if not changed:
        return "Inside the slice every state of the cascade ends near its naive value."
    changed.sort(key=lambda item: item[0].distance(*item[1:]), reverse=True)
    told = [_state(*item) for item in changed[:MOST_STATES]]
    told += [f"and {len(changed) - len(told)} more"] if len(changed) > len(told) else []
    return f"Still changed inside the slice at the end: {'; '.join(told)}."


def _state(state: State, naive: float, end: float) -> str:
    fold = f"{number(end / naive)} times naive" if naive else "from nothing"
    return (
        f"{state.name}, {percent(naive)} to {percent(end)} ({fold})"
        if state.share
        else f"{state.name}, {fold}"
    )


def _preset(run: Run) -> str:
    biology = str(run.scenario.get("biology", "not stated"))
    return {"article": ARTICLE, "literature": LITERATURE}.get(biology, f"Preset: {biology}.")
