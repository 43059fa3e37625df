"""The shape of wind-up beside that of a published model (Aguiar 2010): frequency, and what three blocks do.

`make verify ONLY=wind_up_shape` runs it alone (some minutes); it writes its figures to docs/wind_up.md, met
or not.  Shape, not counts: the counts of the published model change with its step.
"""

from pathlib import Path

import numpy as np
import pytest

import dorsalhorn
from dorsalhorn.analysis.patterns.protocol import Preparation
from dorsalhorn.analysis.patterns.rig import clamps, held, lasting, responses, stimuli, train
from dorsalhorn.analysis.patterns.windup import WITHOUT_NK1
from dorsalhorn.scenarios.provenance import revision

pytestmark = pytest.mark.slow

SEEDS = range(1, 6)
PULSES, BEFORE_S = 15, 30.0
ARMS = {
    "0.1 Hz": (0.1, ()),
    "0.5 Hz": (0.5, ()),
    "1 Hz": (1.0, ()),
    "2 Hz": (2.0, ()),
    "1 Hz, NMDA receptors blocked": (1.0, (clamps(held("nmdar.conductance", 0.0, 0.0)),)),
    "1 Hz, without NK1": (1.0, WITHOUT_NK1),
    "1 Hz, without inhibition": (1.0, (clamps(held("inhibition.conductance", 0.0, 0.0)),)),
}
PUBLISHED = {
    "0.1 Hz": (4, 5),
    "0.5 Hz": (4, 7),
    "1 Hz": (4, 11),
    "2 Hz": (4, 28),
    "1 Hz, NMDA receptors blocked": (4, 4),
    "1 Hz, without NK1": (4, 9),
    "1 Hz, without inhibition": (12, 24),
}
"""C-fibre spikes of the first and the last of 15 stimuli, run from the published code; NMDA receptors blocked
on the output cell alone"""
REVISION = revision()
DOCUMENT = Path(dorsalhorn.__file__).parent / "docs" / "wind_up.md"


def counts(seed, rate_hz, changes):
    """Spikes per projection neuron from 90 to 800 ms after each C volley (at 2 Hz: to 500 ms).

    C fibres alone: the published circuit has no A-beta fibres, whose answers come first without inhibition.
    """
    slice = Preparation("literature", seed)
    try:
        whole = lasting(BEFORE_S + PULSES / rate_hz + 1.0)
        shocks = stimuli(train("c_volley", BEFORE_S, rate_hz, PULSES))
        return responses(slice.run("acute", whole, shocks, *changes))
    finally:
        slice.release()


def shape(found):
    """What the bands are about, from mean counts by arm."""
    first = {arm: float(c[0]) for arm, c in found.items()}
    growth = {arm: float(c[-3:].mean() / c[0]) for arm, c in found.items()}
    wound = {arm: float(c[-3:].mean() - c[0]) for arm, c in found.items()}
    one, blocked, open_gate = "1 Hz", "1 Hz, NMDA receptors blocked", "1 Hz, without inhibition"
    late = float(found[one][-3:].mean() / found[one][-6:-3].mean())
    return {
        "at 0.1 Hz the last responses are at most 1.3 times the first": growth["0.1 Hz"] <= 1.3,
        "growth rises from 0.1 to 0.5 and to 1 Hz": growth["0.1 Hz"] < growth["0.5 Hz"] < growth[one],
        "at 1 Hz they are 1.5 to 4 times the first (published 2.75)": 1.5 <= growth[one] <= 4.0,
        "the response is at a plateau by the last third at 1 Hz": late <= 1.2,
        "without NMDA receptors at most a fifth of the growth is left": wound[blocked] <= 0.2 * wound[one],
        "and the first response is spared to three quarters": first[blocked] >= 0.75 * first[one],
        "without NK1 there is less growth, not none": 0.05 <= wound["1 Hz, without NK1"] / wound[one] <= 0.9,
        "with inhibition lost the first response is larger and still grows": (
            first[open_gate] >= 1.3 * first[one] and growth[open_gate] >= 1.2
        ),
    }


def page(found, bands):
    """The figures as Markdown."""
    lines = [
        "| arm | published model, first to last | this model, first to last | last over first |",
        "| --- | --- | --- | --- |",
    ]
    for arm, c in found.items():
        a, b = PUBLISHED[arm]
        lines.append(
            f"| {arm} | {a} to {b} | {c[0]:.2f} to {c[-3:].mean():.2f} | {c[-3:].mean() / c[0]:.2f} |"
        )
    verdicts = [f"| {what} | {'yes' if met else 'no'} |" for what, met in bands.items()]
    return "\n".join(
        [
            "# The shape of wind-up",
            "",
            f"Made by `make verify ONLY=wind_up_shape`, revision `{REVISION}`: 15 C volleys, "
            f"preset `literature`, seeds {SEEDS[0]} to {SEEDS[-1]}, spikes per projection neuron 90 to 800 "
            "ms after a volley; last: mean of the last three. Beside it the C-fibre spikes of the output "
            "cell of Aguiar, Sousa and Lima 2010 (doi 10.1152/jn.00834.2009), run from its published code. "
            "Its counts change with its step, so the bands are about shape. There the block of NMDA "
            "receptors is on the output cell alone. A model for research and teaching, not findings about "
            "patients.",
            "",
            *lines,
            "",
            "| band | met |",
            "| --- | --- |",
            *verdicts,
            "",
        ]
    )


def test_wind_up_shape_lies_within_the_bands_of_a_published_model():
    found = {
        arm: np.mean([counts(seed, rate, changes) for seed in SEEDS], axis=0)
        for arm, (rate, changes) in ARMS.items()
    }
    bands = shape(found)
    DOCUMENT.write_text(page(found, bands), encoding="utf-8")
    assert all(bands.values()), [what for what, met in bands.items() if not met]
