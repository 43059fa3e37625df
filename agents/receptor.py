"""NMDA receptors, each one an individual.

A receptor is built inside its neuron, carried to the surface by alpha-2-delta-1, phosphorylated at
two sites, nitrated, taken in again and degraded.  It passes current when three things meet:
glutamate (the synapse), a co-agonist (its cell), and a membrane voltage that drives magnesium out.
Ions pass, not glutamate.
"""

from __future__ import annotations

from .curves import chance, exchange, rise2, saturate, within
from .engine import ArrayAgent, column, link, rule, uniform

GLUN2A, GLUN2B, GLUN2D = range(3)
SERINE, TYROSINE, NITRATE, MOVE = range(201, 205)


class NMDAReceptor(ArrayAgent):
    """One NMDA receptor of one neuron."""

    mortal = True

    neuron = link("the neuron that built it")
    cell = link("the grid cell of its neuron")
    subunit = column(0, dtype=int, doc="0 GluN2A, 1 GluN2B, 2 GluN2D")
    surface = column(0, dtype=int, doc="0 internal pool, 1 at the surface", low=0, high=1)
    serine = column(0, dtype=int, doc="1: phosphorylated at the PKC/PKA sites of GluN1", low=0, high=1)
    tyrosine = column(0, dtype=int, doc="1: phosphorylated at GluN2B Tyr1472", low=0, high=1)
    nitrated = column(0, dtype=int, doc="1: a tyrosine nitrated by peroxynitrite", low=0, high=1)
    age_d = column(0.0, unit="d", doc="days since it was built", low=0.0)
    degrades = column(0, dtype=int, doc="1: is degraded in this tick")
    conductance = column(
        0.0, unit="1", doc="conductance with the block off, healthy GluN2A at saturation = 1", low=0.0
    )
    block = column(1.0, unit="1", doc="factor on the magnesium half-block concentration", low=0.0)
    held_open = column(
        0.0, unit="1", doc="conductance that needs neither glutamate nor depolarisation", low=0.0
    )

    @rule
    def be_phosphorylated(self, p):
        """Kinases of its neuron add phosphates, phosphatases take them off (M22).

        Each site is a two-state chain stepped exactly over the tick; nitration slows phosphatases.
        """
        off = p.phosphorylation_serine_loss / (1.0 + p.nitration_phosphatase_loss * self.nitrated)
        share = exchange(
            self.serine,
            p.phosphorylation_serine_basal
            + p.phosphorylation_rate * rise2(self.neuron.kinase, p.phosphorylation_kinase_half),
            off,
            p.dt,
        )
        self.serine = 1 if uniform(p.seed, self.uid, p.tick, SERINE) < share else 0
        off = p.phosphorylation_tyrosine_loss / (1.0 + p.nitration_phosphatase_loss * self.nitrated)
        share = exchange(
            self.tyrosine,
            p.phosphorylation_tyrosine_basal
            + p.phosphorylation_rate * rise2(self.neuron.tyrosine_kinase, p.phosphorylation_kinase_half),
            off,
            p.dt,
        )
        self.tyrosine = 1 if uniform(p.seed, self.uid, p.tick, TYROSINE) < share else 0

    @rule
    def be_nitrated(self, p):
        """Peroxynitrite of its neuron nitrates it; the mark goes when the protein is repaired (M45)."""
        on = p.receptor_nitration_rate * p.redox_scale * self.neuron.peroxynitrite
        share = exchange(self.nitrated, on, 1.0 / p.nitration_turnover_time, p.dt)
        self.nitrated = 1 if uniform(p.seed, self.uid, p.tick, NITRATE) < share else 0

    @rule
    def travel(self, p):
        """Carried out by alpha-2-delta-1 if phosphorylated, taken in, degraded (M24, M27, Cohen 2013).

        The first alpha-2-delta-1 (level 1) carries nothing extra: basal delivery does not need it.
        """
        carried = p.receptor_carried_gain * max(0.0, self.neuron.alpha2delta1 - 1.0) * self.tyrosine
        room = within(
            (p.receptor_surface_max - self.neuron.surface_receptors) / (p.receptor_surface_max - 1.0),
            0.0,
            1.0,
        )
        leave = chance(p.receptor_insertion_rate * (1.0 + carried) * room * p.dt)
        held = p.receptor_phosphorylated_hold * self.tyrosine
        intake = chance(p.receptor_internalisation_rate * (1.0 - held) * p.dt)
        lost = chance(p.receptor_degradation_rate * p.dt)
        u = uniform(p.seed, self.uid, p.tick, MOVE)
        inside = 1 - self.surface
        self.degrades = 1 if inside * u > 1.0 - lost else 0
        self.surface = (1 if u < leave else 0) if inside == 1 else (0 if u < intake else 1)
        self.age_d += p.dt

    @rule
    def open(self, p):
        """Conductance and block of this receptor as it is now (M23, M45, X01-X03, X11, X13).

        Phosphorylation at the PKC sites raises the conductance (Lan 2001, Wagner 1996) and loosens the
        block (Chen & Huang 1992; the article: removes it); so does substance P, only if the switch `sp.mode`
        says that it binds here.  Cyclic AMP raises the conductance (L06, Corder 2013), and in the article's
        version strain of the mind does (X26).  On inhibitory
        neurons none of the gains shows (Huang 2023).
        """
        is_2a = 1.0 if self.subunit == GLUN2A else 0.0
        is_2b = 1.0 if self.subunit == GLUN2B else 0.0
        is_2d = 1.0 if self.subunit == GLUN2D else 0.0
        half = is_2a * p.coagonist_half_2a + is_2b * p.coagonist_half_2b + is_2d * p.coagonist_half_2d
        unit = (
            is_2a * p.nmdar_conductance_2a + is_2b * p.nmdar_conductance_2b + is_2d * p.nmdar_conductance_2d
        )
        coagonist = saturate(self.cell.d_serine + p.coagonist_glycine, half)
        open_to_gain = 1.0 - p.nmdar_inhibitory_spared * self.neuron.inhibitory
        cytokine = 1.0 + open_to_gain * p.cytokine_nmdar_gain * saturate(
            self.cell.tnf + self.cell.il1b, p.cytokine_half
        )
        phosphate = 1.0 + open_to_gain * p.phosphorylation_gating_gain * self.serine
        gating = phosphate * (1.0 + open_to_gain * p.nitration_gating_gain * self.nitrated) * cytokine
        gating *= 1.0 + open_to_gain * p.cyclase_nmdar_gain * self.neuron.cyclic_amp
        gating *= 1.0 + open_to_gain * p.stress_nmdar_gain * p.stress_level
        self.conductance = p.nmdar_conductance * unit * coagonist * gating * self.surface
        peptide = 1.0 + p.substance_p_direct_unblock * saturate(self.cell.substance_p, p.nk1_half)
        self.block = (
            (1.0 + (p.nmdar_block_2d - 1.0) * is_2d)
            * (1.0 + open_to_gain * (p.phosphorylation_block_gain - 1.0) * self.serine)
            * peptide
        )
        self.held_open = (
            p.nmdar_stuck_fraction * open_to_gain * self.conductance * self.serine * self.tyrosine
        )
