"""The interval of a mean over seeds: one definition for sweeps and claims."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import bootstrap

CONFIDENCE = 0.95
RESAMPLES = 9999
LEAST_PAIRS = 3
"""fewer differences bear no interval"""
BOOTSTRAP_SEED = 1


def interval(pairs: np.ndarray) -> tuple[float, float, float]:
    """Mean of paired differences and its 95 % bootstrap interval (percentile; none for under 3 pairs)."""
    if not len(pairs):
        return math.nan, math.nan, math.nan
    mean = float(pairs.mean())
    if len(pairs) < LEAST_PAIRS:
        return mean, math.nan, math.nan
    if np.ptp(pairs) == 0.0:
        return mean, mean, mean
    found = bootstrap(
        (pairs,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        random_state=np.random.default_rng(BOOTSTRAP_SEED),
    ).confidence_interval
    return mean, float(found.low), float(found.high)
