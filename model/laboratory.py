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
from ..agents.curves import rise2
from .acute import WINDOWS_MS
from .circuit import BIN_MS, play
from .horn import Horn

FILAMENTS_G = (0.4, 0.6, 1.0, 1.4, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 26.0)
"""von Frey filaments of the up-down method (Chaplan 1994)"""
START_FILAMENT = FILAMENTS_G.index(2.0)
FORCE, BRUSH, PINCH, PROBE, WIND_UP = 1000, 2000, 3000, 4000, 5000
C_RESPONSE_MS = (WINDOWS_MS["c"][0], WINDOWS_MS["late"][1])
"""what a C volley evokes and its after-discharge, counted in whole bins"""
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
            seen = [touch for s in series for touch in s.result()]
            threshold = crossing(seen, self.model.parameters.laboratory_criterion)
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
        step_ms = self.model.parameters.epoch_step
        stimulated = np.zeros(round((contact_ms + after_ms) / step_ms), np.int64)
        stimulated[: round(contact_ms / step_ms)] = 1
        return self._present(rates, stimulated, stream)

    def _present(self, rates: np.ndarray, stimulated: np.ndarray, stream: int) -> np.ndarray:
        """The same with the steps in which the fibres fire at `rates` given one by one (1; else 0)."""
        m = self.model
        return play(
            m.circuit.copied(),
            m.neurons.detached(),
            len(m.neurons),
            m.afferents.detached(),
            m.parameters,
            np.stack([m.afferents.rate_hz, rates]),
            stimulated,
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
        rates[touched] += (a.max_hz * rise2(force_g, threshold) * (1.0 - a.blocked))[touched]
        return rates

    def output(self, spikes: np.ndarray, duration_ms: float) -> float:
        """Mean rate of the territory's projection neurons over a duration (Hz each)."""
        bins = max(1, round(duration_ms / BIN_MS))
        return float(spikes[:bins, self.territory].sum()) / (self.territory.size * bins * BIN_MS * 1e-3)

    # ------------------------------------------------------------------ the tests
    def touch(self, force_g: float, trial: int) -> float:
        """Output (Hz) to one touch with a filament."""
        p = self.model.parameters
        rates = self.forced_rates(force_g, self.site)
        spikes = self.present(rates, p.laboratory_contact, p.laboratory_slack, FORCE + trial)
        return self.output(spikes, p.laboratory_contact + p.laboratory_slack)

    def threshold(self) -> float:
        """Withdrawal threshold in grams, from all touches of the up-down series."""
        p = self.model.parameters
        seen = [touch for k in range(int(p.laboratory_series)) for touch in self.series(k)]
        return crossing(seen, p.laboratory_criterion)

    def series(self, number: int = 0) -> list[tuple[float, float]]:
        """One up-down series (Chaplan 1994): force (g) and output (Hz) of each touch.

        A touch whose output exceeds the criterion is followed by the next weaker filament, another by the
        next stronger one; the series ends early where there is none.
        """
        p = self.model.parameters
        trials = int(p.laboratory_trials)
        k, seen = START_FILAMENT, []
        for trial in range(trials):
            output = self.touch(FILAMENTS_G[k], number * trials + trial)
            seen.append((FILAMENTS_G[k], output))
            k += -1 if output > p.laboratory_criterion else 1
            if not 0 <= k < len(FILAMENTS_G):
                break
        return seen

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

    def wind_up(self) -> float:
        """Wind-up index of a train of C-strength shocks to the site (Dickenson & Sullivan 1987; P11).

        Spikes of the territory 90 to 800 ms after each shock, summed over the train, over as many first
        responses, less 1; not a number if the first shock draws nothing.  It takes as long as all other
        tests together and is no column of a run: call it where it is wanted.
        """
        a, p = self.model.afferents, self.model.parameters
        interval = round(1e3 / (p.laboratory_windup_hz * p.epoch_step))
        pulses = np.arange(round(p.laboratory_windup_pulses)) * interval
        stimulated = np.zeros(pulses.size * interval, np.int64)
        stimulated[pulses] = 1
        volley = np.where(self.site_fibres(self.site), 1e3 / p.epoch_step, a.rate_hz)
        spikes = self._present(volley * (1.0 - a.blocked), stimulated, WIND_UP)
        start, stop = (round(window / BIN_MS) for window in C_RESPONSE_MS)
        bins = np.rint(pulses * p.epoch_step / BIN_MS).astype(np.int64)
        counts = [int(spikes[k + start : k + stop, self.territory].sum()) for k in bins]
        return sum(counts) / (len(counts) * counts[0]) - 1.0 if counts[0] else math.nan

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


def crossing(seen: list[tuple[float, float]], criterion: float) -> float:
    """Force (g) at which the output of (force, output) touches crosses the criterion.

    The touches of each filament are averaged and made monotonic; between two filaments the crossing is
    interpolated in the logarithm of force, so that a reading is not confined to the filaments' steps.
    Beyond the filaments tried, the nearest one is the reading.

    >>> crossing([(1.0, 0.0), (4.0, 8.0), (4.0, 12.0)], 5.0)
    2.0
    """
    forces = sorted({force for force, _ in seen})
    means = [math.fsum(hz for f, hz in seen if f == force) for force in forces]
    counts = [sum(1 for f, _ in seen if f == force) for force in forces]
    outputs = np.maximum.accumulate([total / count for total, count in zip(means, counts, strict=True)])
    if outputs[0] > criterion:
        return forces[0]
    if outputs[-1] <= criterion:
        return forces[-1]
    above = int(np.argmax(outputs > criterion))
    low, high = outputs[above - 1], outputs[above]
    share = float((criterion - low) / (high - low))
    return float(forces[above - 1] * (forces[above] / forces[above - 1]) ** share)
