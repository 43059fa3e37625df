"""Astrocytes: each keeps the synapses of its territory clean and lends them a co-agonist.

Healthy astrocytes clear glutamate (GLT-1, glutamine synthetase).  Cytokines make them reactive,
peroxynitrite nitrates their transporters; a reactive cell clears less and gives off more D-serine.
"""

from __future__ import annotations

from .curves import exchange, relax, rise2, saturate
from .engine import ArrayAgent, column, link, rule


class Astrocyte(ArrayAgent):
    """One astrocyte and its territory."""

    cell = link("the grid cell of its soma")
    reactivity = column(0.0, unit="1", doc="0 healthy, 1 fully reactive", low=0.0, high=1.0)
    induction = column(0.0, unit="1", doc="early compensating synthesis", low=0.0, high=1.0)
    nitrated = column(
        0.0, unit="1", doc="nitrated share of GLT-1 and glutamine synthetase", low=0.0, high=1.0
    )
    glt1 = column(1.0, unit="1", doc="working glutamate transport, healthy = 1", low=0.0)
    clears = column(1.0, unit="1", doc="glutamate cleared in its territory, healthy = 1", low=0.0)
    released_d_serine = column(0.0, unit="uM", doc="D-serine given off")
    released_il1b = column(0.0, unit="1", doc="IL-1 beta given off")

    @rule
    def react(self, p):
        """Cytokines and a flood of glutamate make the cell reactive; it recovers over weeks (Wei 2008)."""
        flood = max(0.0, self.cell.glutamate / p.glutamate_ambient - 1.0)
        on = (
            p.astrocyte_survey
            + p.astrocyte_cytokine_drive * rise2(self.cell.tnf + self.cell.il1b, p.astrocyte_cytokine_half)
            + p.astrocyte_glutamate_drive * rise2(flood, p.astrocyte_glutamate_half)
        )
        self.reactivity = exchange(self.reactivity, on, 1.0 / p.astrocyte_recovery_time, p.dt)

    @rule
    def be_nitrated(self, p):
        """Peroxynitrite nitrates transporters and glutamine synthetase; turnover replaces them (M46)."""
        on = p.astrocyte_nitration_rate * p.redox_scale * self.cell.peroxynitrite
        self.nitrated = exchange(self.nitrated, on, 1.0 / p.nitration_turnover_time, p.dt)

    @rule
    def renew_transport(self, p):
        """Transport capacity: an early compensating rise, then the loss (Sung 2003; M36, M37, M46)."""
        call = saturate(max(0.0, self.cell.atp - p.atp_rest), p.astrocyte_induction_half) * (
            1.0 - self.reactivity
        )
        self.induction = relax(self.induction, call, p.dt, p.astrocyte_induction_time)
        intact = 1.0 - p.astrocyte_nitration_effect * self.nitrated
        target = (
            (1.0 + p.astrocyte_induction_gain * self.induction)
            * (1.0 - p.astrocyte_reactive_loss * self.reactivity)
            * intact
        )
        self.glt1 = relax(self.glt1, target, p.dt, p.astrocyte_glt1_time)

    @rule
    def take_up(self, p):
        """What its transporters clear from its territory (M36)."""
        self.clears = p.astrocyte_clearance * self.glt1

    @rule
    def lend(self, p):
        """D-serine rises with reactivity (Lefevre 2015); reactive cells add IL-1 beta while TNF lasts."""
        self.released_d_serine = p.d_serine_release * (1.0 + p.d_serine_reactive_gain * self.reactivity)
        told = saturate(self.cell.tnf, p.il1b_astrocyte_tnf_half)
        self.released_il1b = p.il1b_astrocyte_release * self.reactivity * told
