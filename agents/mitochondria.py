"""Mitochondria of a neuron: energy, superoxide, and the peroxynitrite cycle of the article.

Superoxide leaks from the respiratory chain and is removed by manganese superoxide dismutase
(MnSOD).  With nitric oxide it makes peroxynitrite faster than any enzyme can remove it; that
nitrates MnSOD and damages the chain, which leaks more.  Chemistry of milliseconds is at its steady
state within a tick; enzymes and damage turn over in days.
Levels of superoxide, nitric oxide and peroxynitrite are relative: 1 in a resting healthy cell.
"""

from __future__ import annotations

from typing import Any

from .curves import exchange, relax, rise2, saturate, within
from .engine import column, rule


class Mitochondria:
    """The redox columns of a neuron and their rules; the neuron brings its place and its calcium."""

    cell: Any
    calcium_load: float

    mitochondrial_damage = column(
        0.0, unit="1", doc="damaged share of the respiratory chains", low=0.0, high=1.0
    )
    atp = column(1.0, unit="1", doc="ATP, healthy = 1", low=0.0)
    superoxide = column(1.0, unit="1", doc="superoxide, healthy rest = 1", low=0.0)
    nitric_oxide = column(1.0, unit="1", doc="nitric oxide, healthy rest = 1", low=0.0)
    peroxynitrite = column(1.0, unit="1", doc="peroxynitrite, healthy rest = 1", low=0.0)
    mnsod_active = column(1.0, unit="1", doc="active share of MnSOD", low=0.0, high=1.0)
    oxidation = column(
        0.0, unit="1", doc="proteins oxidised by excess radicals, reversed in hours", low=0.0, high=1.0
    )
    glutathione = column(1.0, unit="1", doc="glutathione, healthy = 1", low=0.0)

    @rule
    def respire(self, p):
        """ATP made, superoxide leaked and removed (M41, M42, M40).

        Leak grows with calcium load (Muscoli 2004) and with damage: in proportion by default,
        cooperatively in the article's version (switch `ros.hill`).
        """
        damage = self.mitochondrial_damage
        self.atp = p.mitochondria_atp_synthesis * (1.0 - p.mitochondria_atp_loss * damage)
        leak = 1.0 + p.redox_damage_gain * damage + p.redox_damage_gain_cooperative * damage * damage
        leak *= 1.0 + p.redox_calcium_gain * self.calcium_load + p.redox_cytokine_gain * self.cell.tnf
        spared = (
            self.mnsod_active + p.redox_other_removal + p.glutathione_superoxide * (self.glutathione - 1.0)
        )
        removed = (spared / (1.0 + p.redox_other_removal)) * p.redox_removal
        self.superoxide = p.redox_superoxide_release * leak / max(removed, p.redox_removal_floor)

    @rule
    def make_nitric_oxide(self, p):
        """Neuronal synthase follows calcium; microglia add theirs (M43; Choi 2019)."""
        neuronal = 1.0 + p.nitric_oxide_calcium_gain * self.calcium_load
        self.nitric_oxide = p.nitric_oxide_release * (
            neuronal + p.nitric_oxide_field_gain * self.cell.nitric_oxide
        )

    @rule
    def react(self, p):
        """Nitric oxide and superoxide meet (M44); glutathione takes some of the product (M58)."""
        formed = self.nitric_oxide * self.superoxide
        kept = 1.0 + p.glutathione_scavenging * (self.glutathione - 1.0)
        self.peroxynitrite = p.redox_peroxynitrite * formed / max(kept, p.redox_removal_floor)

    @rule
    def oxidise(self, p):
        """Excess superoxide oxidises proteins within minutes; thiols are reduced again within hours (P59).

        So does excess peroxynitrite (Doyle 2012), cooperatively: thiols take a little of it without harm.
        """
        wanted = saturate(max(0.0, self.superoxide - 1.0), p.oxidation_half)
        reached = rise2(max(0.0, self.peroxynitrite - 1.0), p.oxidation_peroxynitrite_half)
        wanted += (1.0 - wanted) * p.oxidation_peroxynitrite * reached
        slow = p.oxidation_rise_time if wanted > self.oxidation else p.oxidation_fall_time
        self.oxidation = relax(self.oxidation, wanted, p.dt, slow)

    @rule
    def wear(self, p):
        """Peroxynitrite destroys MnSOD (M47) and, with cytokines, the chain (M40); both are renewed."""
        hit = p.redox_scale * self.peroxynitrite
        lost = p.mnsod_nitration_rate * hit
        self.mnsod_active = 1.0 - exchange(1.0 - self.mnsod_active, lost, 1.0 / p.mnsod_turnover_time, p.dt)
        harm = p.mitochondria_damage_rate * (hit + p.mitochondria_cytokine_harm * self.cell.tnf)
        repair = 1.0 / p.mitochondria_repair_time
        self.mitochondrial_damage = exchange(self.mitochondrial_damage, harm, repair, p.dt)
        spent = within(1.0 - p.glutathione_use * (hit / p.redox_scale - 1.0), 0.0, 1.0)
        self.glutathione = p.glutathione_supply * spent
