"""Microglia: the resident immune cells of the slice.

A cell surveys its surroundings, becomes activated by CSF1 from injured axons, by ATP from busy
neurons and by the debris of oxidised ones, speaks in cytokines and BDNF, divides, and - unless the
brakes are off - turns into a resolving cell that calms down.
"""

from __future__ import annotations

from .curves import exchange, rise2, saturate
from .engine import ArrayAgent, column, link, rule, uniform

DIVIDE, DIE = 101, 102


class Microglia(ArrayAgent):
    """One microglial cell; senses injury, speaks in cytokines."""

    mortal = True

    cell = link("the grid cell of its soma")
    activation = column(0.0, unit="1", doc="0 surveying, 1 fully activated", low=0.0, high=1.0)
    resolving = column(0.0, unit="1", doc="resolving (CD11c, IGF1) state", low=0.0, high=1.0)
    divides = column(0, dtype=int, doc="1: divides in this tick")
    dies = column(0, dtype=int, doc="1: dies in this tick")
    released_tnf = column(0.0, unit="1", doc="TNF given off")
    released_il1b = column(0.0, unit="1", doc="IL-1 beta given off")
    released_bdnf = column(0.0, unit="1", doc="BDNF given off")
    released_nitric_oxide = column(0.0, unit="1", doc="nitric oxide of inducible synthase given off")

    @rule
    def survey(self, p):
        """Danger activates, quiet lets it ramify again; resolving cells calm down faster.

        CSF1 is the signal of nerve injury (Guan 2016), ATP that of activity (the article's), and
        peroxynitrite stands for what oxidised cells spill.
        """
        danger = (
            p.microglia_csf1_drive * self.cell.csf1
            + p.microglia_atp_drive * rise2(self.cell.atp, p.microglia_atp_half)
            + p.microglia_oxidant_drive * max(0.0, self.cell.peroxynitrite - 1.0)
        )
        on = p.microglia_survey + danger
        off = (1.0 + p.microglia_resolving_gain * self.resolving) / p.microglia_recovery_time
        self.activation = exchange(self.activation, on, off, p.dt)

    @rule
    def resolve(self, p):
        """An activated cell slowly turns into one that ends inflammation (L07, Kohno 2022)."""
        on = p.microglia_resolving_rate * self.activation
        self.resolving = exchange(self.resolving, on, 1.0 / p.microglia_resolving_time, p.dt)

    @rule
    def live_and_die(self, p):
        """CSF1 makes a cell divide, crowding makes cells die, gaps are refilled (Gu 2016)."""
        crowd = max(0.0, self.cell.microglia_density - 1.0)
        gap = max(0.0, 1.0 - self.cell.microglia_density)
        called = (
            p.microglia_division_rate * saturate(self.cell.csf1, p.microglia_division_half) / (1.0 + crowd)
        )
        birth = called + p.microglia_renewal_rate * gap
        death = p.microglia_death_rate * crowd / (1.0 + crowd)
        self.divides = 1 if uniform(p.seed, self.uid, p.tick, DIVIDE) < birth * p.dt else 0
        self.dies = 1 if uniform(p.seed, self.uid, p.tick, DIE) < death * p.dt else 0

    @rule
    def secrete(self, p):
        """What an active cell gives off (TNF, IL-1: Kawasaki 2008; BDNF: Coull 2003; NO: Doyle 2012)."""
        loud = p.microglia_secretion * self.activation
        self.released_tnf = loud * p.tnf_release
        self.released_il1b = loud * p.il1b_release
        self.released_bdnf = loud * p.bdnf_release
        self.released_nitric_oxide = loud * p.nitric_oxide_glial_release
