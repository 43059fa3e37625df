"""The virtual laboratory: what an experimenter would measure, on a copy that leaves no trace.

All tests stimulate the middle of the test site and count the spikes of the lamina I projection neurons
around it: what the brain would receive.  That output is not pain.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ..agents.afferent import A_BETA, A_DELTA, C_NONPEPTIDERGIC, C_PEPTIDERGIC
from ..agents.curves import rise4
from .circuit import BIN_MS, play
from .horn import Horn

FILAMENTS_G = (0.4, 0.6, 1.0, 1.4, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 26.0)
"""von Frey filaments of the up-down method (Chaplan 1994)"""
START_FILAMENT = FILAMENTS_G.index(2.0)
STEP_LOG = (math.log10(FILAMENTS_G[-1]) - math.log10(FILAMENTS_G[0])) / (len(FILAMENTS_G) - 1)
FORCE, BRUSH, PINCH, PROBE = 1000, 2000, 3000, 4000
SAME_TRAINS = 0
"""every record applies the same stimulus trains, so that what differs between days is the slice"""


class Laboratory:
    """Runs the tests of one model."""

    def __init__(self, model: Horn, site: float):
        self.model = model
        self.site = site
        neurons, p = model.neurons, model.parameters
        self.lamina_1: np.ndarray = np.flatnonzero((neurons.projection == 1) & (neurons.lamina == 1))
        away = np.abs(neurons.x_um[self.lamina_1] - site * p.slice_width)
        near = self.lamina_1[away <= p.laboratory_territory]
        self.territory = near if near.size else self.lamina_1[[int(np.argmin(away))]]

    def measure(self) -> dict[str, float]:
        """All read-outs of the laboratory, in the units of the columns they are named for."""
        with ThreadPoolExecutor(2) as pool:  # kernels release the lock; each test has its own copy
            series = [
                pool.submit(self.series, k) for k in range(int(self.model.parameters.laboratory_series))
            ]
            rest = pool.submit(self._suprathreshold)
            threshold = 10.0 ** (sum(s.result() for s in series) / len(series))
            return {"withdrawal_threshold_g": threshold, **rest.result()}

    def _suprathreshold(self) -> dict[str, float]:
        pinch, after = self.pinch()
        return {
            "brush_hz": self.brush(),
            "pinch_hz": pinch,
            "afterdischarge_s": after,
            "receptive_field_um": self.receptive_field(),
        }

    # ------------------------------------------------------------------ one presentation
    def present(self, rates: np.ndarray, contact_ms: float, after_ms: float, stream: int) -> np.ndarray:
        """Spikes per bin and neuron while fibres fire at `rates` for the contact and rest afterwards."""
        m = self.model
        p = m.parameters
        neurons = m.neurons.detached()
        circuit = m.circuit.copied()
        steps = round((contact_ms + after_ms) / p.epoch_step)
        segment = np.full(steps, 1, np.int64)
        segment[round(contact_ms / p.epoch_step) :] = 2
        all_rates = np.stack([m.afferents.rate_hz, rates, m.afferents.rate_hz])
        return play(
            circuit,
            neurons,
            len(m.neurons),
            m.afferents.detached(),
            p,
            all_rates,
            segment,
            m.seed,
            SAME_TRAINS,
            stream,
        )

    def site_fibres(self, place: float, width: float | None = None) -> np.ndarray:
        """Fibres whose skin the stimulus touches."""
        width = self.model.parameters.laboratory_width if width is None else width
        return np.abs(self.model.afferents.skin - place) <= 0.5 * width

    def forced_rates(self, force_g: float, place: float, width: float | None = None) -> np.ndarray:
        """Discharge of every fibre under a filament: its threshold, lowered by sensitisation, codes force."""
        a, p = self.model.afferents, self.model.parameters
        rates = a.rate_hz.copy()
        touched = self.site_fibres(place, width)
        threshold: Any = a.threshold_g * (1.0 - (1.0 - p.afferent_sensitised_threshold) * a.sensitisation)
        rates[touched] += (a.max_hz * rise4(force_g, threshold) * (1.0 - a.blocked))[touched]
        return rates

    def output(self, spikes: np.ndarray, duration_ms: float) -> float:
        """Mean rate of the territory's projection neurons over a duration (Hz each)."""
        bins = max(1, round(duration_ms / BIN_MS))
        return float(spikes[:bins, self.territory].sum()) / (self.territory.size * bins * BIN_MS * 1e-3)

    # ------------------------------------------------------------------ the tests
    def responds(self, force_g: float, trial: int) -> bool:
        """Whether one touch with a filament gives an output above the criterion."""
        p = self.model.parameters
        watched = p.laboratory_contact + p.laboratory_slack
        rates = self.forced_rates(force_g, self.site)
        spikes = self.present(rates, p.laboratory_contact, p.laboratory_slack, FORCE + trial)
        return self.output(spikes, watched) > p.laboratory_criterion

    def threshold(self) -> float:
        """Withdrawal threshold in grams: geometric mean of several up-down series."""
        return mean_threshold([self.series(k) for k in range(self.repeats)])

    @property
    def repeats(self) -> int:
        """How many up-down series make one threshold."""
        return int(self.model.parameters.laboratory_series)

    def series(self, number: int = 0) -> float:
        """Withdrawal threshold (log10 g): the most likely one of an up-down series (Chaplan 1994)."""
        trials = int(self.model.parameters.laboratory_trials)
        k, seen = START_FILAMENT, []
        for trial in range(trials):
            yes = self.responds(FILAMENTS_G[k], number * trials + trial)
            seen.append((math.log10(FILAMENTS_G[k]), yes))
            k = min(max(k + (-1 if yes else 1), 0), len(FILAMENTS_G) - 1)
        return math.log10(most_likely_threshold(seen))

    def brush(self) -> float:
        """Output to brushing the skin: A-beta fibres only (Hz)."""
        a, p = self.model.afferents, self.model.parameters
        rates = a.rate_hz.copy()
        rates[self.site_fibres(self.site) & (a.kind == A_BETA)] += p.laboratory_brush_hz
        spikes = self.present(rates * (1.0 - a.blocked), p.laboratory_contact, 0.0, BRUSH)
        return self.output(spikes, p.laboratory_contact)

    def pinch(self) -> tuple[float, float]:
        """Output to a noxious pinch (Hz) and how long it outlasts the pinch (s)."""
        a, p = self.model.afferents, self.model.parameters
        rates = a.rate_hz.copy()
        touched = self.site_fibres(self.site)
        for kind, hz in (
            (C_PEPTIDERGIC, p.laboratory_pinch_c_hz),
            (C_NONPEPTIDERGIC, p.laboratory_pinch_c_hz),
            (A_DELTA, p.laboratory_pinch_a_delta_hz),
            (A_BETA, p.laboratory_pinch_a_beta_hz),
        ):
            rates[touched & (a.kind == kind)] += hz
        spikes = self.present(rates * (1.0 - a.blocked), p.laboratory_contact, p.laboratory_after, PINCH)
        response = self.output(spikes, p.laboratory_contact + p.laboratory_slack)
        first = round((p.laboratory_contact + p.laboratory_slack) / BIN_MS)
        before = float(self.model.neurons.rate_hz[self.territory].mean())
        late = spikes[first:, self.territory].sum(axis=1) / (self.territory.size * BIN_MS * 1e-3)
        going = late > before + p.laboratory_after_excess
        silent = np.flatnonzero(~going)
        return response, float(silent[0] if silent.size else going.size) * BIN_MS * 1e-3

    def receptive_field(self) -> float:
        """Width of the skin, in um of the map, from which a firm touch reaches the territory."""
        p = self.model.parameters
        n = int(p.laboratory_probes)
        watched = p.laboratory_probe_contact + p.laboratory_slack
        answered = 0
        for k in range(n):
            rates = self.forced_rates(p.laboratory_probe_force, (k + 0.5) / n, p.laboratory_probe_width)
            spikes = self.present(rates, p.laboratory_probe_contact, p.laboratory_slack, PROBE + k)
            answered += self.output(spikes, watched) > 0.5 * p.laboratory_criterion
        return answered * p.slice_width / n


def mean_threshold(logs: list[float]) -> float:
    """Geometric mean, in grams, of thresholds given as log10 of grams."""
    return float(10.0 ** (math.fsum(logs) / len(logs)))


def most_likely_threshold(seen: list[tuple[float, bool]]) -> float:
    """Threshold (g) that makes a series of (log10 force, response) most likely.

    The psychometric curve is a cumulative normal whose spread is one step of the series, the
    assumption behind Dixon's table.
    """
    grid = np.linspace(math.log10(FILAMENTS_G[0]), math.log10(FILAMENTS_G[-1]), 401)
    total = np.zeros_like(grid)
    for force, yes in seen:
        chance = np.array([0.5 * math.erfc((mean - force) / (STEP_LOG * math.sqrt(2.0))) for mean in grid])
        total += np.log(np.maximum(chance if yes else 1.0 - chance, 1e-12))
    return float(10.0 ** grid[int(np.argmax(total))])
