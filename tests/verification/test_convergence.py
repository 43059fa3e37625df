"""Half the electrical step and twice the epoch change results by no more than the seeds do.

`make verify ONLY=convergence` runs it alone (about half an hour); it writes its figures to
docs/convergence.md, whether or not they meet the claim.  Each seed is a slice of its own, built alike for all
three clocks, so differences are taken seed by seed and measured in units of how much seeds differ.
"""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import dorsalhorn
from dorsalhorn.model import DorsalHorn
from dorsalhorn.scenarios.ensemble import Job, run_jobs
from dorsalhorn.scenarios.provenance import revision

SEEDS = range(1, 6)
WORKERS = 2
CLOCKS = {
    "as shipped": (),
    "half the step": ('parameters."epoch.step"="0.25 ms"',),
    "twice the epoch": ('parameters."epoch.length"="2000 ms"',),
}
SHIPPED = "as shipped"
LITERATURE, ARTICLE, WIND_UP = "injury_literature", "injury_heals_pain_stays", "wind_up"
INJURY = ("slice.scale=0.1", 'duration="21 d"', 'tick="4 h"', 'record.every="7 d"')
VOLLEYS = ("slice.scale=0.1", 'duration="22 s"', 'record.every="22 s"')
LONG_TICK = ('tick="2 s"',)
"""in acute mode a tick is an epoch"""
NAIVE = {
    "withdrawal_threshold_g": "withdrawal threshold, g",
    "spontaneous_hz": "resting rate, Hz",
    "brush_hz": "brush, Hz",
    "pinch_hz": "pinch, Hz",
}
SICK = NAIVE | {
    "kinase_activity": "kinase activity",
    "microglia_activation": "microglia activation",
    "astrocyte_reactivity": "astrocyte reactivity",
    "peroxynitrite_relative": "peroxynitrite",
}
MOMENTS = {0.0: ("naive", NAIVE), 14.0: ("day 14, injured", SICK), 21.0: ("day 21", SICK)}
LEVEL = 0.05
REVISION = revision()
DOCUMENT = Path(dorsalhorn.__file__).parent / "docs" / "convergence.md"


def injured(series):
    """The read-outs of one run, by moment."""
    found = {}
    for day, (moment, names) in MOMENTS.items():
        row = series.iloc[int(np.argmin(np.abs(series.index - day)))]
        found |= {f"{moment}: {spoken}": float(row[name]) for name, spoken in names.items()}
    return found


def wound_up(model):
    """Answers of projection neurons to sixteen C volleys, one a second (spikes a neuron)."""
    evoked = model.evoked()
    answers = evoked[evoked.kind == "projection"].c.to_numpy()
    first, last = float(answers[:4].mean()), float(answers[-4:].mean())
    return {
        "wind-up: C answer, first 4 volleys": first,
        "wind-up: C answer, last 4 volleys": last,
        "wind-up: growth": last - first,
    }


def effect(shipped, other):
    """How far `other` lies from `shipped` (one value a seed, in the same order), in units of the seeds.

    Returns the difference of means over the standard deviation between seeds; Hedges' g of the two sets with
    its 95 % interval (normal approximation); and p of the differences seed by seed being chance (t test).
    """
    shipped, other = np.asarray(shipped, float), np.asarray(other, float)
    n, change = shipped.size, other - shipped
    if not change.any():
        return 0.0, 0.0, 0.0, 0.0, 1.0
    apart = float(change.mean())
    between = shipped.std(ddof=1)
    pooled = math.sqrt(0.5 * (shipped.var(ddof=1) + other.var(ddof=1)))
    g = (1.0 - 3.0 / (4.0 * (2 * n - 2) - 1.0)) * apart / pooled if pooled else math.copysign(math.inf, apart)
    half = 1.96 * math.sqrt(2.0 / n + g * g / (4.0 * n)) if math.isfinite(g) else math.inf
    spread = change.std(ddof=1) / math.sqrt(n)
    p = float(2.0 * stats.t.sf(abs(apart) / spread, n - 1)) if spread else 0.0
    return apart / between if between else math.copysign(math.inf, apart), g, g - half, g + half, p


def within_noise(shipped, other, comparisons):
    """The interval of g holds zero, and so does that of the paired differences, at Bonferroni's level."""
    _, _, low, high, p = effect(shipped, other)
    return low <= 0.0 <= high and p > LEVEL / comparisons


def rows(results):
    """One row a read-out and clock from {(scenario, clock): {read-out: values by seed}}."""
    pairs = [
        (scenario, clock, name, results[scenario, SHIPPED][name], values)
        for (scenario, clock), found in results.items()
        if clock != SHIPPED
        for name, values in found.items()
    ]
    return [
        {
            "scenario": scenario,
            "clock": clock,
            "name": name,
            "shipped": np.asarray(shipped),
            "other": np.asarray(other),
            "effect": effect(shipped, other),
            "met": within_noise(shipped, other, len(pairs)),
        }
        for scenario, clock, name, shipped, other in pairs
    ]


def page(found):
    """The figures as Markdown."""
    parts = [
        "# Convergence",
        f"Made by `make verify ONLY=convergence`, revision `{REVISION}`: slices of scale 0.1, "
        f"seeds {SEEDS[0]} to {SEEDS[-1]}, an injury of 14 days from day 2 on, watched for 21 days "
        "(tick 4 h), and 16 C volleys, one a second. These are figures of a model for research and "
        "teaching, not findings about patients.",
        "Shipped: electrical step 0.5 ms, epochs of 1,000 ms. Half the step: 0.25 ms. Twice the epoch: "
        "2,000 ms (for wind-up: ticks of 2 s). Means and standard deviations are over seeds; `difference` is "
        "that of the means in standard deviations between seeds as shipped; g is Hedges' standardised effect "
        "of the two sets with its 95 % interval; p tests the differences seed by seed (each seed is the same "
        "slice under all clocks).",
        f"{sum(row['met'] for row in found)} of {len(found)} comparisons lie within the noise of seeds: the "
        f"interval of g holds zero and p exceeds {LEVEL} / {len(found)}. "
        f"{sum(row['effect'][4] < LEVEL for row in found)} have p below {LEVEL}; chance alone would give "
        f"about {LEVEL * len(found):.0f}.",
        *map(resolved, (row for row in found if not row["met"])),
    ]
    for scenario, clock in dict.fromkeys((row["scenario"], row["clock"]) for row in found):
        mine = [row for row in found if (row["scenario"], row["clock"]) == (scenario, clock)]
        head = ["read-out", "as shipped", clock, "difference", "g (95 %)", "p", "within"]
        lines = [head, ["---"] * len(head), *map(line, mine)]
        parts.append(f"## `{scenario}`, {clock}")
        parts.append("\n".join(f"| {' | '.join(cells)} |" for cells in lines))
    return "\n\n".join(parts) + "\n"


def resolved(row):
    """What a difference that is not chance amounts to."""
    shipped, other = row["shipped"].mean(), row["other"].mean()
    change = f"by {100 * (other / shipped - 1):+.1f} %, " if shipped else ""
    return (
        f"Not within: {row['name']} of `{row['scenario']}` with {row['clock']} differs {change}"
        f"{row['effect'][0]:+.2f} standard deviations between seeds, which all seeds share."
    )


def line(row):
    apart, g, low, high, p = row["effect"]
    values = [f"{v.mean():.3g} ± {v.std(ddof=1):.2g}" for v in (row["shipped"], row["other"])]
    close = "yes" if row["met"] else "no"
    return [row["name"], *values, f"{apart:+.2f}", f"{g:+.2f} ({low:+.2f} to {high:+.2f})", f"{p:.2g}", close]


def transposed(dicts):
    return {name: [one[name] for one in dicts] for name in dicts[0]}


def say(text):
    sys.stdout.write(f"\n{text}")
    sys.stdout.flush()


def report(job, series):
    say(f"{job.scenario}, {job.label}, seed {job.seed}: {injured(series)}")


def everything():
    """All runs: {(scenario, clock): {read-out: values by seed}}."""
    results = {}
    for clock, sets in CLOCKS.items():
        longer = LONG_TICK if clock == "twice the epoch" else ()
        answers = []
        for seed in SEEDS:
            answers.append(wound_up(DorsalHorn(Job(WIND_UP, seed, VOLLEYS + sets + longer).load()).run()))
            say(f"{WIND_UP}, {clock}, seed {seed}: {answers[-1]}")
        results[WIND_UP, clock] = transposed(answers)
    labels = [(scenario, clock) for scenario in (LITERATURE, ARTICLE) for clock in CLOCKS]
    jobs = [
        Job(scenario, seed, INJURY + CLOCKS[clock], label=clock)
        for scenario, clock in labels
        for seed in SEEDS
    ]
    ended = run_jobs(jobs, WORKERS, done=report)
    for k, label in enumerate(labels):
        results[label] = transposed([injured(ts) for ts in ended[k * len(SEEDS) : (k + 1) * len(SEEDS)]])
    return results


@pytest.mark.slow
def test_convergence_in_the_electrical_step_and_the_epoch():
    found = rows(everything())
    DOCUMENT.write_text(page(found), encoding="utf-8")
    off = [(row["scenario"], row["clock"], row["name"]) for row in found if not row["met"]]
    assert not off, off


def test_effect_is_nothing_between_equal_sets_and_counts_in_seeds_otherwise():
    seeds = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert effect(seeds, seeds) == (0.0, 0.0, 0.0, 0.0, 1.0)
    apart, g, low, high, p = effect(seeds, seeds + seeds.std(ddof=1) + [0.1, -0.1, 0.0, 0.1, -0.1])
    assert apart == pytest.approx(1.0)
    assert g == pytest.approx(0.9, abs=0.02)
    assert low < g < high
    assert p < 0.001


def test_a_shift_that_all_seeds_share_is_not_noise():
    seeds = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    jitter = np.array([0.2, -0.1, 0.05, 0.1, -0.2])
    assert within_noise(seeds, seeds + jitter, 40)
    assert not within_noise(seeds, seeds + 6.0 + jitter, 40)
    assert not within_noise([26.0] * 5, [15.0] * 5, 40)


def test_a_page_names_every_comparison():
    seeds = [1.0, 2.0, 4.0]
    results = {("a", SHIPPED): {"rate": seeds}, ("a", "half"): {"rate": [1.1, 2.0, 3.9]}}
    found = rows(results)
    assert [row["met"] for row in found] == [True]
    assert "1 of 1 comparisons" in page(found)
    assert "Not within" not in page(found)
    results["a", "half"] = {"rate": [21.0, 22.0, 24.0]}
    assert "Not within: rate of `a` with half differs by +857.1 %, +13.09 standard" in page(rows(results))
    assert "| rate | 2.33 ± 1.5 |" in page(found)
