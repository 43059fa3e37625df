"""The slice's maps: who gives off what, and what astrocytes leave of it."""

from __future__ import annotations

import math

import numpy as np

from .chemistry import Diffusion
from .horn import Horn
from .scenario import Clamp
from .schedule import active
from .targets import CLAMP_TARGETS

SOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "substance_p": (("afferents", "released_substance_p"),),
    "atp": (("afferents", "released_atp"), ("neurons", "released_atp")),
    "csf1": (("afferents", "released_csf1"),),
    "tnf": (("microglia", "released_tnf"), ("afferents", "released_immune")),
    "il1b": (
        ("microglia", "released_il1b"),
        ("astrocytes", "released_il1b"),
        ("afferents", "released_immune"),
    ),
    "bdnf": (("microglia", "released_bdnf"), ("afferents", "released_immune")),
    "igf1": (("microglia", "released_igf1"),),
    "d_serine": (("astrocytes", "released_d_serine"),),
    "nitric_oxide": (("microglia", "released_nitric_oxide"), ("neurons", "released_nitric_oxide")),
    "peroxynitrite": (("neurons", "released_peroxynitrite"),),
}
"""chemical: the populations and columns that give it off"""
MIXED_THROUGH_CSF = ("tnf", "d_serine")
NOTHING = 1e-12


class Fields:
    """Writes the property layers of one model, in place."""

    def __init__(self, model: Horn):
        self.model = model
        self.clamps: tuple[Clamp, ...] = ()
        self.free: dict[str, np.ndarray] = {}
        """the newest map of each chemical as it is without clamps"""
        sheet, p = model.sheet, model.parameters
        self.diffusion = Diffusion((sheet.columns, sheet.rows), sheet.cell_um)
        self._healthy = {
            pair: len(model.populations[pair[0]]) for pairs in SOURCES.values() for pair in pairs
        }
        self._healthy["afferents", "released_substance_p"] = int((model.afferents.peptidergic > 0).sum())
        self._territory = self._deposit("astrocytes", np.ones(len(model.astrocytes)), p.astrocyte_reach)
        self._healthy_crowd = self._deposit(
            "microglia", np.ones(len(model.microglia)), p.microglia_crowding_reach
        )

    def spread(self, *chemicals: str) -> None:
        """Let what is given off in this tick spread, and what was there before go its way.

        A level of 1 stands for a healthy density of cells that each give off 1.
        """
        model, p = self.model, self.model.parameters
        for chemical in chemicals:
            total = np.zeros(len(model.cells))
            for who, what in SOURCES[chemical]:
                population = model.populations[who]
                share = total.size / self._healthy[who, what]
                amounts = population.living(what) * share
                total += np.bincount(population.living("cell"), weights=amounts, minlength=total.size)
            if chemical in MIXED_THROUGH_CSF and p.csf_coupling > 0.0:
                mixed = math.fsum(total) / total.size  # the fluid is one well-stirred compartment
                total = (1.0 - p.csf_coupling) * total + p.csf_coupling * mixed
            reach = max(getattr(p, f"reach_{chemical}"), p.reach_minimum)
            lifetimes = p.dt / getattr(p, f"lifetime_{chemical}")
            self.free[chemical] = self.diffusion.spread(total, reach, self.free.get(chemical), lifetimes)
            self._write(chemical, self.free[chemical].copy())

    def leave_glutamate(self) -> None:
        """Ambient glutamate: what the astrocytes of a place leave of what its synapses release."""
        model, p = self.model, self.model.parameters
        neurons, afferents, astrocytes = model.neurons, model.afferents, model.astrocytes
        held = self._deposit("astrocytes", astrocytes.clears, p.astrocyte_reach)
        self._write("clearance", held / np.maximum(self._territory, NOTHING))
        per_cell = len(model.cells) / (len(neurons) + len(afferents))
        firing = self._deposit(
            "neurons", neurons.rate_hz * (1 - neurons.inhibitory) * per_cell, p.reach_minimum
        )
        arriving = self._deposit(
            "afferents", afferents.rate_hz * afferents.release * per_cell, p.reach_minimum
        )
        self._write("activity", firing + arriving)
        lingers = 1.0 / np.maximum(model.cells.columns["clearance"], p.glutamate_clearance_minimum)
        busy = p.glutamate_activity_gain * model.cells.columns["activity"] * lingers
        lost = p.glutamate_ambient_gain * np.maximum(lingers - 1.0, 0.0)
        self._write("glutamate", p.glutamate_ambient * (1.0 + lost + busy))

    def count_microglia(self) -> None:
        """How crowded each place is with microglia, relative to its healthy self."""
        alive = np.ones(len(self.model.microglia))
        crowd = self._deposit("microglia", alive, self.model.parameters.microglia_crowding_reach)
        self._write("microglia_density", crowd / np.maximum(self._healthy_crowd, NOTHING))

    def _deposit(self, name: str, amounts: np.ndarray, reach_um: float) -> np.ndarray:
        where = self.model.populations[name].living("cell")
        sources = np.bincount(where, weights=amounts, minlength=len(self.model.cells))
        return self.diffusion.spread(sources, max(reach_um, self.model.parameters.reach_minimum))

    def _write(self, chemical: str, level: np.ndarray) -> None:
        """Put a map into its layer, held where a clamp holds it."""
        sheet, now = self.model.sheet, self.model.time_d
        for clamp in self.clamps:
            if CLAMP_TARGETS[clamp.target].name != chemical or not active(clamp.start_d, clamp.stop_d, now):
                continue
            low, high = clamp.site or (0.0, 1.0)
            place = sheet.place_of(np.arange(level.size))
            inside = (place >= low) & (place <= high)
            level[inside] = clamp.value if clamp.value is not None else level[inside] * (clamp.factor or 0.0)
        self.model.cells.columns[chemical][:] = level
