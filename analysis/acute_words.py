"""An acute run in sentences: what each pulse drew, and what happened while other stimuli lasted."""

from __future__ import annotations

import math

from .events import Event, events
from .given import grades
from .responses import KINDS, OUTPUT_KIND, Responses, Train
from .runs import Run
from .words import length, listed, number, plain

SAME = (0.9, 1.1)
"""ratios between these count as no change"""
WINDOW = "c"
"""latency window told apart: a count that grows outside it grows by firing that outlasts the volley"""
ERRORS = 2.0
"""standard errors within which two trains' means do not differ"""
NOTHING = 0.05
"""spikes a neuron below which a pulse drew no answer"""


def told(event: Event) -> str:
    """What was done and when, in a run that lasts seconds."""
    if event.start_d > 0.0:
        return event.label
    until = "throughout" if event.stop_d is None else f"until {length(event.stop_d)}"
    return f"{event.what}, {until}"


def summarise_acute(run: Run, preset: str, caution: str) -> list[str]:
    """Plain sentences about an acute run, what was given with its grade, the preset and the caution."""
    r = Responses(run)
    done = "; ".join(told(e) for e in events(run)) or "nothing"
    short = "" if run.complete else f" The run was {run.info.get('status', 'not finished')}."
    return [
        f"Done to the slice, over {length(r.end_ms / 86400e3)}: {done}.{short}",
        *(_train(train) for train in r.slow),
        *([] if r.slow else [_spans(r)]),
        *([acute_takeaway(r)] if len(r.slow) > 1 else []),
        _spikes(run),
        *grades(run),
        preset,
        caution,
    ]


def acute_takeaway(r: Responses) -> str:
    """The one sentence of the figure: how the output's response changed."""
    if len(r.slow) > 1:
        one, other = r.slow[0], r.slow[-1]
        (before, error), (now, other_error) = one.mean, other.mean
        fast = [plain(t.kind) for t in r.trains if not t.slow]
        after = f"After the {listed(fast)}" if fast else "In the last train"
        return (
            f"{after}, a pulse draws {number(now)} spikes from each projection neuron; in the first train, "
            f"{number(before)}{_times(before, now, ERRORS * math.hypot(error, other_error))}."
        )
    if r.slow:
        return _answer(r.slow[0], OUTPUT_KIND)
    return _spans(r)


def _train(train: Train) -> str:
    """First, last and ratio of every kind of neuron."""
    others = []
    for kind in KINDS[1:]:
        first, last, _ = train.growth(kind)
        others.append(f"{kind} neurons, {number(first)} and {number(last)}")
    what = train.label.capitalize()
    answer = _answer(train, OUTPUT_KIND)
    return f"{what}: {answer[0].lower()}{answer[1:].rstrip('.')}; {'; '.join(others)}."


def _answer(train: Train, kind: str) -> str:
    """How many spikes the first pulse drew, how many the last, and what that is in words."""
    first, last, _ = train.growth(kind)
    pulses, fibre = len(train.pulses_ms), train.curve(kind, WINDOW)
    if pulses == 1:
        return f"{kind.capitalize()} neurons answer the pulse with {number(first)} spikes each."
    return (
        f"{kind.capitalize()} neurons answer the first pulse with {number(first)} spikes each and the last "
        f"(number {pulses}) with {number(last)}{_times(first, last)} "
        f"({number(float(fibre.iloc[0]))} and {number(float(fibre.iloc[-1]))} of them as C fibres arrive)."
    )


def _times(first: float, last: float, scatter: float = 0.0) -> str:
    """What one number is to another, in words; a difference within the scatter of the pulses is none."""
    if abs(last - first) < scatter:
        return ": a difference within the scatter of the pulses"
    if first < NOTHING:
        return "" if last < NOTHING else ", from next to nothing"
    ratio = last / first
    if SAME[0] <= ratio <= SAME[1]:
        return ": no change"
    return f": {number(ratio)} times {'as many' if ratio > 1.0 else 'that'}"


def _spans(r: Responses) -> str:
    """Firing of the output before, during and after what was done."""
    cells = r.neurons(OUTPUT_KIND)
    rates = [(span.name, r.rate(cells, span)) for span in r.spans]
    if not all(math.isfinite(hz) for _, hz in rates):
        return "The projection neurons were not recorded."
    return f"Projection neurons fire at {listed([f'{number(hz)} Hz ({name})' for name, hz in rates])}."


def _spikes(run: Run) -> str:
    """How much there was to see, and who took no part."""
    spikes, roster = run.spikes, run.roster
    heard = roster.neuron.isin(spikes.neuron.unique())
    shares = [f"{int(heard[roster.kind == k].sum())} of {int((roster.kind == k).sum())} {k}" for k in KINDS]
    return f"Spikes kept: {len(spikes):,}; neurons that fired at all: {listed(shares)}."
