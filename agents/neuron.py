"""Spinal neurons: what a cell makes of its calcium, its peptides and its neighbours' cytokines.

The electrical clock is in `membrane`, the redox cycle in `mitochondria`; here are the kinases,
the synapse's weight, chloride, and the making and carrying of NMDA receptors.
"""

from __future__ import annotations

from .curves import (
    exchange,
    opioid_tone,
    overshoot,
    relax,
    rise1_5,
    rise2,
    rise4,
    saturate,
    superactivated,
    within,
)
from .engine import ArrayAgent, column, link, rule
from .membrane import Membrane
from .mitochondria import Mitochondria


class Neuron(Membrane, Mitochondria, ArrayAgent):
    """One neuron of laminae I-V: excitatory or inhibitory interneuron, or projection neuron."""

    cell = link("the grid cell of its soma")
    group = column(0, dtype=int, doc="row of the anatomy's table of groups")
    lamina = column(1, dtype=int, doc="1 to 5")
    inhibitory = column(0, dtype=int, doc="1: releases GABA and glycine")
    projection = column(0, dtype=int, doc="1: its axon goes to the brain")
    x_um = column(0.0, unit="um", doc="medial to lateral")
    y_um = column(0.0, unit="um", doc="dorsal to ventral")

    sampled_hz = column(0.0, unit="Hz", doc="firing rate in the newest epoch")
    sampled_calcium_nm = column(70.0, unit="nM", doc="mean calcium in the newest epoch")
    sampled_kinase_drive = column(0.0, unit="1", doc="kinase drive by calcium in the newest epoch")
    rate_hz = column(0.0, unit="Hz", doc="firing rate, averaged over recent epochs", low=0.0)
    calcium_nm = column(70.0, unit="nM", doc="calcium, averaged over recent epochs", low=0.0)
    kinase_drive = column(0.0, unit="1", doc="kinase drive by calcium, averaged likewise", low=0.0, high=1.0)
    calcium_load = column(0.0, unit="1", doc="calcium above rest, relative to a strong C volley", low=0.0)
    nk1_surface = column(1.0, unit="1", doc="NK1 receptors at the surface", low=0.0, high=1.0)
    nk1_active = column(0.0, unit="1", doc="NK1 receptors occupied by substance P", low=0.0, high=1.0)
    kinase = column(0.0, unit="1", doc="activity of PKC, PKA and CaMKII", low=0.0, high=1.0)
    opioid_tone = column(0.0, unit="1", doc="constitutive mu-opioid tone of the cell", low=0.0, high=1.0)
    cyclase = column(0.0, unit="1", doc="superactivation of adenylyl cyclase 1", low=0.0, high=1.0)
    cyclic_amp = column(0.0, unit="1", doc="cyclic AMP that no opioid tone holds down", low=0.0, high=1.0)
    tyrosine_kinase = column(0.0, unit="1", doc="activity of Src and Fyn", low=0.0, high=1.0)
    erk = column(0.0, unit="1", doc="activity of ERK", low=0.0, high=1.0)
    erk_phosphatase = column(0.0, unit="1", doc="phosphatase that lasting ERK induces", low=0.0, high=1.0)
    ampa_early = column(1.0, unit="1", doc="early long-term potentiation of its AMPA synapses", low=0.0)
    ampa_late = column(1.0, unit="1", doc="consolidated potentiation", low=0.0)
    alpha2delta1 = column(1.0, unit="1", doc="alpha-2-delta-1, healthy = 1", low=0.0)
    surface_receptors = column(1.0, unit="1", doc="its NMDA receptors at the surface, healthy = 1", low=0.0)
    receptors_due = column(0.0, unit="1", doc="NMDA receptors made but not yet finished", low=0.0)
    receptors_built = column(0, dtype=int, doc="NMDA receptors it has built so far")
    noradrenergic_fibres = column(
        1.0,
        unit="1",
        doc="what noradrenergic fibres upon it do, by number and coupling, healthy = 1",
        low=0.0,
    )
    released_atp = column(0.0, unit="1", doc="ATP given off")
    released_nitric_oxide = column(0.0, unit="1", doc="nitric oxide given off")
    released_peroxynitrite = column(0.0, unit="1", doc="peroxynitrite that leaves the cell")

    @rule
    def remember(self, p):
        """Average the newest epoch into rate and calcium: an epoch is a short sample of a long tick.

        Pumps that take calcium out live on ATP; there is some to spare (Nicholls & Budd 2000), so that a
        poison of mitochondria hurts where neurons are busy (Xiao & Bennett 2012).
        """
        self.rate_hz = relax(self.rate_hz, self.sampled_hz, p.dt, p.epoch_memory)
        self.calcium_nm = relax(self.calcium_nm, self.sampled_calcium_nm, p.dt, p.epoch_memory)
        self.kinase_drive = relax(self.kinase_drive, self.sampled_kinase_drive, p.dt, p.epoch_memory)
        short = max(0.0, 1.0 - self.atp)
        kept_in = 1.0 + p.calcium_energy_gain * short * short
        above_rest = max(0.0, self.calcium_nm - p.calcium_rest)
        self.calcium_load = p.calcium_influx * kept_in * above_rest / p.calcium_scale

    @rule
    def tire(self, p):
        """Firing that lasts for hours calls up a potassium conductance, and silence lets it go.

        Homeostasis of excitability (Desai 1999): what passes in minutes is not hindered, a discharge that
        never ends is held down.  Plateau channels, which calcium opens, grow insensitive to calcium that
        stays (Zhang 2005, Nilius 2006), so that a cell with much of it can still wind up.
        """
        tired = rise2(self.rate_hz, p.slow_potassium_half)
        opened = p.slow_potassium_conductance * self.slow_potassium_max_ns * tired
        self.slow_potassium_ns = relax(self.slow_potassium_ns, opened, p.dt, p.slow_potassium_time)
        lasting = max(0.0, self.calcium_nm - p.calcium_rest)
        self.plateau_shift_nm = relax(
            self.plateau_shift_nm, p.plateau_desensitisation * lasting, p.dt, p.plateau_desensitisation_time
        )

    @rule
    def sense_glutamate(self, p):
        """Glutamate that astrocytes leave: ambient, and a longer tail in the synapse (M37, Nie 2010)."""
        self.ambient_glutamate = rise1_5(self.cell.glutamate, p.glutamate_half)
        lost = 1.0 / max(self.cell.clearance, p.glutamate_clearance_minimum) - 1.0
        self.spillover = within(1.0 + p.glutamate_spillover * lost, 0.0, p.glutamate_spillover_max)

    @rule
    def sense_substance_p(self, p):
        """Substance P binds NK1 receptors, which are taken in when many are bound (Honore 1999)."""
        bound = p.nk1_effect * self.nk1_receptor * saturate(self.cell.substance_p, p.nk1_half)
        self.nk1_surface = 1.0 - exchange(
            1.0 - self.nk1_surface,
            bound * bound / p.nk1_internalisation_time,
            1.0 / p.nk1_recycling_time,
            p.dt,
        )
        self.nk1_active = bound * self.nk1_surface

    @rule
    def brake(self, p):
        """Under lasting opioid tone adenylyl cyclase 1 is superactivated to the same degree (Corder 2013).

        The tone holds it down; when the receptors stop working it overshoots, at once and unopposed.
        """
        self.opioid_tone = opioid_tone(self.opioid_tone, self.cell.atp, p) * (1.0 - self.inhibitory)
        self.cyclase = superactivated(self.cyclase, self.opioid_tone, self.cell.atp, self.cell.substance_p, p)
        self.cyclic_amp = overshoot(self.cyclase, self.opioid_tone, p)

    @rule
    def activate_kinases(self, p):
        """Calcium drives the serine kinases; NK1 receptors, cytokines and BDNF add to it (M22, Drdla 2008).

        NK1 acts by phospholipase C (M14, Chen & Huang 1992).  Cyclic AMP adds as far as the opioid tone does
        not hold adenylyl cyclase 1 down.
        """
        cytokine = p.kinase_cytokine_gain * (self.cell.tnf + self.cell.il1b)
        wanted = self.kinase_drive + cytokine + p.kinase_bdnf_gain * self.cell.bdnf
        wanted += p.kinase_nk1_gain * self.nk1_active + p.cyclase_kinase_gain * self.cyclic_amp
        wanted += p.kinase_oxidant_gain * self.oxidation
        slow = p.kinase_rise_time if wanted > self.kinase else p.kinase_fall_time
        self.kinase = relax(self.kinase, within(p.kinase_activity * wanted, 0.0, 1.0), p.dt, slow)
        wanted = (
            p.tyrosine_kinase_gain * self.kinase
            + p.tyrosine_kinase_bdnf * self.cell.bdnf
            + p.tyrosine_kinase_il1b * self.cell.il1b
        )
        slow = p.tyrosine_kinase_rise_time if wanted > self.tyrosine_kinase else p.tyrosine_kinase_fall_time
        self.tyrosine_kinase = relax(
            self.tyrosine_kinase, within(p.kinase_activity * wanted, 0.0, 1.0), p.dt, slow
        )

    @rule
    def be_roused(self, p):
        """ERK takes A-type potassium channels (Kv4.2) away (Hu 2006) and brings AMPA receptors (Zhu 2002).

        It needs calcium, which comes by NMDA receptors, and working kinases; NK1 receptors help it (Kawasaki
        2004).  It outlasts them by some twenty minutes and acts on all synapses of the cell, also on those
        that were silent when it arose: this is how an input is answered stronger after another one was busy
        (Woolf 1983).  Within hours it induces its own phosphatase: neurons have active ERK early after an
        injury, not for weeks (Zhuang 2005).
        """
        induced = rise2(self.erk, p.erk_phosphatase_half)
        self.erk_phosphatase = relax(self.erk_phosphatase, induced, p.dt, p.erk_phosphatase_time)
        held = 1.0 + p.erk_phosphatase_gain * self.erk_phosphatase
        helped = 1.0 + p.erk_nk1_gain * self.nk1_active
        wanted = rise2(p.kinase_activity * self.kinase_drive * helped, p.erk_half) / held
        slow = p.erk_rise_time if wanted > self.erk else p.erk_fall_time
        self.erk = relax(self.erk, wanted, p.dt, slow)
        self.ampa_gain = 1.0 + p.ampa_erk_gain * self.erk
        self.a_type_ns = self.a_type_max_ns * (1.0 - p.a_type_erk_loss * self.erk)

    @rule
    def potentiate(self, p):
        """Early potentiation needs calcium and kinase together; held under BDNF it is consolidated (L02).

        Without BDNF there is early potentiation but no late one (Zhou 2008).  IGF1 of resolving microglia
        holds potentiated synapses down without undoing what they have learnt (L07, Kohno 2022).
        """
        together = rise4(self.kinase_drive * self.kinase, p.ampa_coincidence)
        wanted = 1.0 + p.ampa_potentiation * together
        slow = p.ampa_rise_time if wanted > self.ampa_early else p.ampa_fall_time
        self.ampa_early = relax(self.ampa_early, wanted, p.dt, slow)
        learnt = rise4(self.cell.bdnf, p.ampa_consolidation_bdnf_half) / p.ampa_consolidation_time
        gain = max(0.0, self.ampa_early - p.ampa_consolidation_level) * learnt
        self.ampa_late = within(
            relax(self.ampa_late, 1.0 + gain * p.ampa_late_time, p.dt, p.ampa_late_time), 1.0, p.ampa_max
        )
        grown = max(self.ampa_early, self.ampa_late) - 1.0
        self.ampa_weight = 1.0 + grown / (1.0 + p.igf1_effect * self.cell.igf1)

    @rule
    def regulate_chloride(self, p):
        """KCC2 is lost to BDNF (L01, Coull 2003) and to calpain, which calcium activates (Zhou 2012).

        Calpain needs much calcium: touch does not call it up.  Chloride builds up without KCC2.  IL-1 weakens
        the response to inhibition (Kawasaki 2008), and so do oxidants (Yowtak 2011) and stress, by the brain
        stem's facilitating cells (M07, Martenson 2009).
        """
        calpain = rise4(self.calcium_load, p.chloride_calpain_half)
        lost = self.cell.bdnf / p.chloride_bdnf_half + p.chloride_calpain_gain * calpain
        target = p.chloride_healthy + p.chloride_shift * saturate(lost, 1.0)
        slow = p.chloride_loss_time if target > self.chloride_reversal_mv else p.chloride_recovery_time
        self.chloride_reversal_mv = relax(self.chloride_reversal_mv, target, p.dt, slow)
        self.inhibition_gain = (
            1.0 - p.inhibition_cytokine_loss * saturate(self.cell.il1b, p.cytokine_half)
        ) * (1.0 - p.inhibition_oxidant_loss * self.oxidation)
        self.inhibition_gain *= 1.0 - p.stress_inhibition_loss * p.stress_level

    @rule
    def be_calmed(self, p):
        """Noradrenaline and opioids beyond their tone at rest open potassium channels (L05).

        Those of excitatory cells only.  Noradrenergic fibres sprout over weeks where there is more BDNF than
        in a healthy horn, so the same rise of noradrenaline does more in an injured one (Hayashida 2008).
        The tone at rest is part of the leak.
        """
        beyond = max(0.0, self.cell.bdnf - p.noradrenaline_bdnf_rest)
        wanted = 1.0 + p.noradrenaline_sprouting * rise2(beyond, p.noradrenaline_bdnf_half)
        self.noradrenergic_fibres = relax(
            self.noradrenergic_fibres, wanted, p.dt, p.noradrenaline_sprouting_time
        )
        noradrenaline = p.noradrenaline_potassium * (p.noradrenaline_level - 1.0) * self.noradrenergic_fibres
        opioid = p.opioid_potassium * (p.opioid_agonist - 1.0)
        self.calming_ns = max(0.0, noradrenaline + opioid) * (1.0 - self.inhibitory)

    @rule
    def build_receptors(self, p):
        """Makes NMDA receptors; if excitatory, kinases call for more, and for alpha-2-delta-1 (M24)."""
        excitatory = 1.0 - self.inhibitory
        wanted = 1.0 + p.alpha2delta1_neuron_gain * excitatory * saturate(
            self.kinase, p.alpha2delta1_kinase_half
        )
        slow = p.alpha2delta1_rise_time if wanted > self.alpha2delta1 else p.alpha2delta1_fall_time
        self.alpha2delta1 = relax(self.alpha2delta1, wanted, p.dt, slow)
        more = 1.0 + p.receptor_synthesis_gain * excitatory * self.kinase
        self.receptors_due += p.dt * p.receptor_synthesis_rate * p.receptors_per_neuron * more

    @rule
    def give_off(self, p):
        """ATP with firing, nitric oxide and a little peroxynitrite through the membrane."""
        self.released_atp = p.atp_neuron_release * self.rate_hz
        self.released_nitric_oxide = (
            p.nitric_oxide_neuron_release * p.nitric_oxide_release * self.calcium_load
        )
        self.released_peroxynitrite = p.peroxynitrite_escape * self.peroxynitrite
