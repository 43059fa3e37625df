"""Microglia: the resident immune cells of the slice.

A cell surveys its surroundings, becomes activated by CSF1 from injured axons, by ATP from busy
neurons and by the debris of oxidised ones, is kept so by inflammasomes that morphine assembles, speaks
in cytokines and BDNF, divides, and - unless the brakes are off - turns into a resolving cell that calms
down.
"""

from __future__ import annotations

from .curves import exchange, rise2, rise4
from .engine import ArrayAgent, column, link, rule, uniform

DIVIDE, DIE = 101, 102


class Microglia(ArrayAgent):
    """One microglial cell; senses injury, speaks in cytokines."""

    mortal = True

    cell = link("the grid cell of its soma")
    activation = column(0.0, unit="1", doc="0 surveying, 1 fully activated", low=0.0, high=1.0)
    resolving = column(0.0, unit="1", doc="resolving (CD11c, IGF1) state", low=0.0, high=1.0)
    inflammasome = column(0.0, unit="1", doc="assembled NLRP3 inflammasomes", low=0.0, high=1.0)
    csf1_receptor = column(1.0, unit="1", doc="CSF1 receptors at its surface", low=0.0, high=1.0)
    csf1_signal = column(0.0, unit="1", doc="what CSF1 still says to it, 1 at most", low=0.0, high=1.0)
    divides = column(0, dtype=int, doc="1: divides in this tick")
    dies = column(0, dtype=int, doc="1: dies in this tick")
    released_tnf = column(0.0, unit="1", doc="TNF given off")
    released_il1b = column(0.0, unit="1", doc="IL-1 beta given off")
    released_bdnf = column(0.0, unit="1", doc="BDNF given off")
    released_nitric_oxide = column(0.0, unit="1", doc="nitric oxide of inducible synthase given off")
    released_igf1 = column(0.0, unit="1", doc="IGF1 given off")

    @rule
    def hear(self, p):
        """CSF1 binds its receptor and takes it in with it, so a lasting signal is heard for days only.

        Uptake with the receptor is how cells clear CSF1 (Guilbert & Stanley 1986).
        """
        self.csf1_receptor = exchange(
            self.csf1_receptor,
            1.0 / p.csf1_receptor_recovery_time,
            p.csf1_receptor_loss * self.cell.csf1,
            p.dt,
        )
        self.csf1_signal = rise2(self.cell.csf1 * self.csf1_receptor, p.csf1_half)

    @rule
    def survey(self, p):
        """Danger activates, quiet lets it ramify again; resolving cells calm down faster.

        CSF1 is the signal of nerve injury (Guan 2016), ATP that of activity (the article's), and
        peroxynitrite stands for what oxidised cells spill.  What inflammasomes mature and a cell gives off,
        it hears itself (Grace 2016).
        """
        danger = (
            p.microglia_csf1_drive * p.microglia_csf1_share * self.csf1_signal
            + p.microglia_atp_drive * rise2(self.cell.atp, p.microglia_atp_half)
            + p.microglia_oxidant_drive * max(0.0, self.cell.peroxynitrite - 1.0)
            + p.microglia_secretion * p.inflammasome_drive * self.inflammasome
        )
        on = p.microglia_survey + danger
        off = (1.0 + p.microglia_resolving_gain * self.resolving) / p.microglia_recovery_time
        self.activation = exchange(self.activation, on, off, p.dt)

    @rule
    def assemble(self, p):
        """Morphine assembles inflammasomes in a cell near injured axons (Grace 2016).

        It takes both: an opioid alone, or an injury alone, assembles none.  Those there are prime for more
        while the cell is awake, so that they outlast the opioid until it turns resolving or is silenced.
        """
        damage = rise2(self.cell.csf1, p.csf1_half)
        primed = p.inflammasome_opioid_gain * (p.opioid_agonist - 1.0) * damage
        renewed = p.inflammasome_loop * rise4(self.activation, p.inflammasome_half) * self.inflammasome
        self.inflammasome = exchange(self.inflammasome, primed + renewed, 1.0 / p.inflammasome_time, p.dt)

    @rule
    def resolve(self, p):
        """An activated cell slowly turns into one that ends inflammation (L07, Kohno 2022)."""
        on = p.microglia_resolving_rate * rise4(self.activation, p.microglia_resolving_half)
        self.resolving = exchange(self.resolving, on, 1.0 / p.microglia_resolving_time, p.dt)

    @rule
    def live_and_die(self, p):
        """CSF1 makes a cell divide, crowding makes cells die, gaps are refilled (Gu 2016).

        A little CSF1 is enough to keep a cell alive (Elmore 2014).
        """
        crowd = max(0.0, self.cell.microglia_density - 1.0)
        gap = max(0.0, 1.0 - self.cell.microglia_density)
        birth = p.microglia_division_rate * self.csf1_signal / (1.0 + crowd) + p.microglia_renewal_rate * gap
        kept = rise2(self.cell.csf1 * self.csf1_receptor, p.microglia_survival_half)
        forsaken = 1.0 - p.microglia_csf1_survival * kept
        death = p.microglia_death_rate * forsaken * crowd / (1.0 + crowd)
        self.divides = 1 if uniform(p.seed, self.uid, p.tick, DIVIDE) < birth * p.dt else 0
        self.dies = 1 if uniform(p.seed, self.uid, p.tick, DIE) < death * p.dt else 0

    @rule
    def secrete(self, p):
        """What an active cell gives off (TNF, IL-1: Kawasaki 2008; BDNF: Coull 2003; NO: Doyle 2012).

        A resolving one gives off IGF1 (Kohno 2022).
        """
        loud = p.microglia_secretion * self.activation
        self.released_tnf = loud * p.tnf_release
        self.released_il1b = loud * p.il1b_release
        self.released_bdnf = loud * p.bdnf_release
        self.released_nitric_oxide = loud * p.nitric_oxide_glial_release
        self.released_igf1 = p.microglia_secretion * self.resolving * p.igf1_release
