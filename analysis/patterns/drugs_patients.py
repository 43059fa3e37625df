"""P64: a population of different slices, each under every drug: the share that a drug helps."""

from __future__ import annotations

import numpy as np

from ...scenarios.registry import registry
from ..measures import WEEK_D
from .drugs import Injured, mean_output
from .protocol import Preparation, Values, protocol
from .weeks import Course, Subject, given

DIFFER = (
    "afferent.drive_gain",
    "alpha2delta1.afferent_gain",
    "alpha2delta1.neuron_gain",
    "ampa.potentiation",
    "chloride.shift",
    "inhibition.cytokine_loss",
    "microglia.csf1_drive",
    "opioid.effect",
)
"""in what patients differ: drive, plasticity, lost inhibition, glia, the horn's own brake"""
SMALL = ("slice.scale=0.02", "parameters.laboratory.series=1")
"""many slices matter more than many cells of one; only the output without a stimulus is read"""
DRUGS = {
    "gabapentin": ("gabapentin",),
    "opioid": ("opioid_acute", "opioid_long_term"),
    "capsaicin_patch": ("capsaicin_patch",),
}


@protocol("P64")
def responders(slice: Preparation) -> Values:
    """Every patient once under each drug and once under none, from the same day on."""
    n = slice.numbers
    rng = np.random.default_rng(slice.seed)
    helped: dict[str, list[bool]] = {name: [] for name in (*DRUGS, "none")}
    begins, ends = n["start_d"], n["start_d"] + WEEK_D * n["given_weeks"]
    before, after = ((day - n["averaged_d"], day) for day in (begins, ends))
    for _ in range(round(n["patients"])):
        subject = Subject(slice, *SMALL, *_constitution(rng, n["spread"]))
        dose = float(rng.lognormal(0.0, n["dose_spread"]))
        patient = Injured(subject, "spared_nerve_injury", keep=(begins, ends))
        baseline = mean_output(patient.untreated, *before)

        def responds(course: Course, baseline: float = baseline) -> bool:
            return mean_output(course, *after) <= (1.0 - n["responder"]) * baseline

        helped["none"].append(responds(patient.untreated))
        for name, drugs in DRUGS.items():
            once = name == "capsaicin_patch"
            doses = [given(drug, begins, None if once else ends, dose=dose) for drug in drugs]
            helped[name].append(responds(patient.treated(*doses, until=ends)))
    without = float(np.mean(helped.pop("none")))
    return {name: float(np.mean(found)) - without for name, found in helped.items()}


def _constitution(rng: np.random.Generator, spread: float) -> list[str]:
    """Numbers of one patient: each of them log-normal around the usual one, within its range."""
    found = []
    for key in DIFFER:
        parameter = registry().parameters[key]
        low, high = parameter.range
        value = min(max(parameter.value * rng.lognormal(0.0, spread), low), high)
        unit = "" if parameter.unit == "1" else f" {parameter.unit}"
        found.append(f"parameters.{key}={value:.6g}" if not unit else f'parameters.{key}="{value:.6g}{unit}"')
    return found
