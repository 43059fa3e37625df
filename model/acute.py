"""Acute mode: epochs end to end, volleys that come together, every spike kept.

In a chronic run an epoch is a short sample of a long tick and a train of shocks is its mean rate.
Here a tick is an epoch, nothing is left out between two of them, and each pulse is given at its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .circuit import BIN_MS, play
from .horn import Horn
from .scenario import SECONDS_A_DAY, Stimulus

MS_A_DAY = SECONDS_A_DAY * 1e3
WINDOWS_MS = {"a_beta": (0.0, 20.0), "a_delta": (20.0, 90.0), "c": (90.0, 300.0), "late": (300.0, 800.0)}
"""latency windows of the fibre classes and of the after-discharge (P08: the Dickenson laboratory's)"""
RESPONSE_MS = 800.0
"""a response is counted until the next pulse, at most this long"""
KINDS = ("projection", "excitatory", "inhibitory")


def kind_of(neurons: Any) -> np.ndarray:
    """Row of `KINDS` of every neuron."""
    return np.where(neurons.projection == 1, 0, np.where(neurons.inhibitory == 1, 2, 1))


def _joined(parts: list[np.ndarray], dtype: Any) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype)


class Recording:
    """Plays the epochs of an acute run and keeps their spikes."""

    def __init__(self, model: Horn, stimuli: tuple[Stimulus, ...], fibres: list[np.ndarray]):
        """`fibres` says for each stimulus which fibres it takes."""
        self.model = model
        self.stimuli = stimuli
        self.step_ms = model.parameters.epoch_step
        self._fibres = fibres
        self._pulses = [
            (number, pulse_d * MS_A_DAY) for number, s in enumerate(stimuli) for pulse_d in s.pulses_d
        ]
        self.past = np.zeros(model.circuit.lead, np.int64)
        """rows of the rates at the skin in the last steps: what slow fibres still have on its way"""
        self.steps: list[np.ndarray] = []
        self.neurons: list[np.ndarray] = []

    def play(self, start_ms: float, steps: int, base: int) -> np.ndarray:
        """One epoch that begins at `start_ms`; returns its spikes per bin and neuron."""
        m = self.model
        n, a, p = m.neurons, m.afferents, m.parameters
        rows, segment = self._input(start_ms, steps)
        spikes = play(
            m.circuit, n, len(n), a, p, rows, segment, m.seed, base, 0, before=self.past, bin_ms=self.step_ms
        )
        self.past = np.concatenate((self.past, segment))[-m.circuit.lead :]
        at, who = np.nonzero(spikes)
        self.steps.append(at.astype(np.int64) + round(start_ms / self.step_ms))
        self.neurons.append(who.astype(np.int32))
        return spikes

    def _input(self, start_ms: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Rates of every fibre in rows (0 between pulses, then one a stimulus) and the row of each step."""
        a, p = self.model.afferents, self.model.parameters
        own = a.rate_hz - p.afferent_drive_gain * a.volley_hz * (1.0 - a.blocked)
        own = np.maximum(own, 0.0)
        sure = 1e3 / self.step_ms
        rows = np.stack([own] + [np.where(f, sure * (1.0 - a.blocked), own) for f in self._fibres])
        segment = np.zeros(steps, np.int64)
        for number, time_ms in self._pulses:
            at = round((time_ms - start_ms) / self.step_ms)
            if 0 <= at < steps:
                segment[at] = 1 + number
        return rows, segment

    # ------------------------------------------------------------------ checkpoints
    def kept(self, first: int) -> dict[str, np.ndarray]:
        """The spikes of the epochs from number `first` on (counted as `steps` holds them), as arrays."""
        return {
            "step": _joined(self.steps[first:], np.int64),
            "neuron": _joined(self.neurons[first:], np.int32),
        }

    def put_back(self, kept: Iterable[Mapping[str, np.ndarray]]) -> None:
        """Replace the spikes by those of saved arrays, in order."""
        arrays = list(kept)
        self.steps[:] = [part["step"] for part in arrays]
        self.neurons[:] = [part["neuron"] for part in arrays]

    # ------------------------------------------------------------------ tables
    def roster(self) -> pd.DataFrame:
        """One row a neuron: neuron, kind, lamina, place on the skin map."""
        n = self.model.neurons
        return pd.DataFrame(
            {
                "neuron": np.arange(len(n)),
                "kind": np.array(KINDS)[kind_of(n)],
                "lamina": n.lamina.copy(),
                "place": n.x_um / self.model.parameters.slice_width,
            }
        )

    def spikes(self) -> pd.DataFrame:
        """One row a spike: time_ms, neuron, kind, lamina."""
        n = self.model.neurons
        step, who = _joined(self.steps, np.int64), _joined(self.neurons, np.int32)
        return pd.DataFrame(
            {
                "time_ms": step * self.step_ms,
                "neuron": who,
                "kind": np.array(KINDS)[kind_of(n)[who]],
                "lamina": n.lamina[who],
            }
        )

    def evoked(self) -> pd.DataFrame:
        """One row a pulse and kind of neuron: spikes per neuron of the stimulated part of the map.

        `spikes_per_neuron` counts until the next pulse, at most `RESPONSE_MS`; the further columns count in
        the latency windows of the fibre classes, cut off by the next pulse too.
        """
        n, width = self.model.neurons, self.model.parameters.slice_width
        spikes = self.spikes()
        time_ms, who = spikes.time_ms.to_numpy(), spikes.neuron.to_numpy()
        kinds, now_ms = kind_of(n), self.model.time_d * MS_A_DAY
        found = []
        for number, s in enumerate(self.stimuli):
            place = n.x_um / width
            inside = (place >= s.site[0]) & (place <= s.site[1])
            pulses = [t for k, t in self._pulses if k == number and t < now_ms]
            for k, pulse in enumerate(pulses):
                following = pulses[k + 1] if k + 1 < len(pulses) else np.inf
                until = min(RESPONSE_MS, following - pulse)
                first, last = np.searchsorted(time_ms, (pulse, pulse + until))
                after, cell = time_ms[first:last] - pulse, who[first:last]
                for kind, name in enumerate(KINDS):
                    chosen = inside & (kinds == kind)
                    mine = after[chosen[cell]]
                    size = max(1, int(chosen.sum()))
                    row = {
                        "stimulus_number": k + 1,
                        "time_ms": pulse,
                        "kind": name,
                        "neurons": int(chosen.sum()),
                        "spikes_per_neuron": mine.size / size,
                    }
                    row |= {
                        window: int(((mine >= low) & (mine < high)).sum()) / size
                        for window, (low, high) in WINDOWS_MS.items()
                    }
                    found.append(row | {"stimulus": number})
        types = {"stimulus_number": int, "time_ms": float, "kind": str, "neurons": int}
        types |= dict.fromkeys(("spikes_per_neuron", *WINDOWS_MS), float) | {"stimulus": int}
        return pd.DataFrame(found, columns=[*types]).astype(types)


__all__ = ["BIN_MS", "KINDS", "RESPONSE_MS", "WINDOWS_MS", "Recording", "kind_of"]
