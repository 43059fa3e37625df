"""Primary afferent fibres: the only way from the skin into the slice.

A fibre fires as its patch of skin tells it to, gives off glutamate (in the electrical epoch) and,
if it is peptidergic, substance P; an injured fibre also makes alpha-2-delta-1 and CSF1.
What happens in the skin is an input (the declared drive of an injury), never an outcome.
"""

from __future__ import annotations

from .curves import exchange, opioid_tone, overshoot, relax, rise2, saturate, superactivated, within
from .engine import ArrayAgent, column, link, rule

C_PEPTIDERGIC, C_NONPEPTIDERGIC, A_DELTA, A_BETA = range(4)


class Afferent(ArrayAgent):
    """One primary afferent fibre with its central arbor."""

    cell = link("the grid cell in the middle of its central arbor")
    kind = column(0, dtype=int, doc="0 C peptidergic, 1 C non-peptidergic, 2 A-delta, 3 A-beta")
    peptidergic = column(0.0, unit="1", doc="1 if it stores substance P")
    skin = column(0.5, unit="1", doc="place on the skin map, 0 toe to 1 thigh", low=0.0, high=1.0)
    threshold_g = column(1.0, unit="g", doc="force at which the healthy ending discharges at half its most")
    max_hz = column(1.0, unit="Hz", doc="discharge to a saturating mechanical stimulus")
    resting_hz = column(0.0, unit="Hz", doc="discharge with no stimulus")
    latency_ms = column(0.0, unit="ms", doc="conduction time from the skin")

    drive_hz = column(0.0, unit="Hz", doc="ongoing discharge that skin and stimuli impose (input)")
    injury_hz = column(0.0, unit="Hz", doc="ongoing discharge that its damaged axon declares (input)")
    inflammation = column(0.0, unit="1", doc="inflammation of its patch of skin (input)")
    nerve_injury = column(0.0, unit="1", doc="damage to its axon (input)")
    blocked = column(0.0, unit="1", doc="1: conduction is blocked (input)")

    rate_hz = column(0.0, unit="Hz", doc="ongoing discharge that reaches the slice")
    used_to_injury = column(
        0.0, unit="1", doc="damage that its ganglion no longer reacts to", low=0.0, high=1.0
    )
    ectopic = column(0.0, unit="1", doc="ectopic discharge that its own firing has set up", low=0.0, high=1.0)
    sensitisation = column(0.0, unit="1", doc="peripheral sensitisation", low=0.0, high=1.0)
    priming = column(0.0, unit="1", doc="what having been inflamed calls for: priming", low=0.0, high=1.0)
    primed = column(0.0, unit="1", doc="hyperalgesic priming (PKC epsilon) in place", low=0.0, high=1.0)
    substance_p_store = column(1.0, unit="1", doc="substance P left in the terminal", low=0.0, high=1.0)
    alpha2delta1 = column(1.0, unit="1", doc="alpha-2-delta-1 in the terminal, healthy = 1")
    presynaptic_nmdar = column(0.0, unit="1", doc="working NMDA receptors on the terminal, silent in health")
    opioid_tone = column(0.0, unit="1", doc="constitutive mu-opioid brake on the terminal", low=0.0, high=1.0)
    cyclase = column(0.0, unit="1", doc="superactivation of adenylyl cyclase 1", low=0.0, high=1.0)
    release = column(1.0, unit="1", doc="transmitter released per spike, healthy = 1")
    released_substance_p = column(0.0, unit="nM", doc="substance P given off")
    released_atp = column(0.0, unit="1", doc="ATP given off")
    released_csf1 = column(0.0, unit="1", doc="CSF1 given off")
    released_immune = column(
        0.0, unit="1", doc="what T cells around the terminal give off, as active microglia do"
    )

    volley_hz = column(0.0, unit="Hz", doc="part of the drive that comes as synchronous volleys (input)")
    depression = column(
        0.0, unit="1", doc="share of the releasable transmitter that a spike uses", low=0.0, high=1.0
    )
    facilitation_step = column(0.0, unit="1", doc="relative rise of release left by a spike", low=0.0)
    arrives = column(
        0.0, unit="1", doc="1: a spike reaches the terminal in this electrical step", low=0.0, high=1.0
    )
    resources = column(1.0, unit="1", doc="releasable transmitter, rested = 1", low=0.0, high=1.0)
    facilitation = column(0.0, unit="1", doc="relative rise of release by recent spikes", low=0.0)
    given_off = column(0.0, unit="1", doc="transmitter given off in this step, by a rested spike = 1")

    @rule
    def transmit(self, p, left):
        """One electrical step at the terminal: depression and facilitation (Tsodyks & Markram 1997)."""
        resources = 1.0 - (1.0 - self.resources) * left.recovery
        raised = self.facilitation * left.facilitation
        arrives = self.arrives
        self.given_off = arrives * self.release * resources * (1.0 + raised)
        self.resources = resources * (1.0 - arrives * self.depression)
        self.facilitation = raised + arrives * self.facilitation_step

    @rule
    def fire(self, p):
        """Ongoing discharge: what the skin and the damaged axon impose, unless conduction is blocked.

        Part of what the axon declares comes only once it has been set up (`set_up_ectopic`).
        """
        missing = p.ectopic_share * self.nerve_injury * (1.0 - self.ectopic)
        driven = p.afferent_drive_gain * (self.drive_hz + self.injury_hz * (1.0 - missing))
        self.rate_hz = (self.resting_hz + driven) * (1.0 - self.blocked)

    @rule
    def set_up_ectopic(self, p):
        """An injured fibre that fires while its ganglion reacts to the damage goes on firing (Xie 2005).

        A nerve block in these first days therefore spares later pain, and one that comes later does not.
        What is set up fades as the axon heals.  How much of the discharge it is, is open: a block of a week
        spared nothing in other hands (Suter 2003).
        """
        self.used_to_injury = relax(self.used_to_injury, self.nerve_injury, p.dt, p.ectopic_reaction_time)
        reacting = max(0.0, self.nerve_injury - self.used_to_injury)
        on = reacting * saturate(self.rate_hz, p.ectopic_half) / p.ectopic_rise_time
        off = max(0.0, 1.0 - self.nerve_injury) / p.ectopic_fall_time
        self.ectopic = exchange(self.ectopic, on, off, p.dt)

    @rule
    def sensitise(self, p):
        """Inflammation lowers the ending's threshold and lets go again (M63: peripheral sensitisation).

        Having been inflamed primes it, some days later: PKC epsilon then makes each sensitisation last, for
        weeks (Aley 2000).
        """
        lasts = p.afferent_sensitisation_time * (1.0 + p.priming_gain * self.primed)
        slow = p.afferent_sensitisation_time if self.inflammation > self.sensitisation else lasts
        self.sensitisation = relax(self.sensitisation, self.inflammation, p.dt, slow)
        self.priming = exchange(
            self.priming, self.inflammation / p.priming_rise_time, 1.0 / p.priming_fall_time, p.dt
        )
        self.primed = relax(self.primed, self.priming, p.dt, p.priming_delay)

    @rule
    def supply(self, p):
        """The terminal's stores: substance P runs down with firing, alpha-2-delta-1 follows injury.

        Injury raises alpha-2-delta-1 within days and it falls over weeks (Luo 2001);
        it carries NMDA receptors to the terminal (L03, Yan 2013), silent while it is at 1.
        """
        used = p.substance_p_depletion * self.rate_hz
        full = p.substance_p_refill / (p.substance_p_refill + used)
        self.substance_p_store = relax(
            self.substance_p_store, full, p.dt, 1.0 / (p.substance_p_refill + used)
        )
        wanted = 1.0 + p.alpha2delta1_afferent_gain * (
            self.nerve_injury
            + p.alpha2delta1_inflammation_share * self.inflammation * (1.0 - self.nerve_injury)
        )
        slow = p.alpha2delta1_rise_time if wanted > self.alpha2delta1 else p.alpha2delta1_fall_time
        self.alpha2delta1 = relax(self.alpha2delta1, wanted, p.dt, slow)
        carried = rise2(max(0.0, self.alpha2delta1 - 1.0), p.presynaptic_half)
        self.presynaptic_nmdar = relax(self.presynaptic_nmdar, carried, p.dt, p.presynaptic_time)

    @rule
    def brake(self, p):
        """Constitutive mu-opioid tone grows where the horn is busy and outlasts it (L06, Corder 2013).

        A-beta fibres carry no mu-opioid receptors (Silbert 2003).  When the receptors of the others stop
        working, cyclic AMP overshoots and raises release (Drdla 2009).
        """
        carries = 0.0 if self.kind == A_BETA else 1.0
        self.opioid_tone = carries * opioid_tone(self.opioid_tone, self.cell.atp, p)
        self.cyclase = superactivated(self.cyclase, self.opioid_tone, self.cell.atp, self.cell.substance_p, p)
        rebound = 1.0 + p.cyclase_release_gain * overshoot(self.cyclase, self.opioid_tone, p)
        more = 1.0 + p.presynaptic_gain * self.presynaptic_nmdar
        self.release = (
            more
            * rebound
            * (1.0 - p.opioid_effect * p.opioid_coupling * self.opioid_tone)
            * (1.0 - within(p.nitric_oxide_benefit * self.cell.nitric_oxide, 0.0, 1.0))
        )

    @rule
    def draw_t_cells(self, p):
        """In females T cells gather where injured fibres end, and act as microglia do (L08, Sorge 2015)."""
        self.released_immune = relax(
            self.released_immune, p.t_cell_release * self.nerve_injury, p.dt, p.t_cell_time
        )

    @rule
    def give_off(self, p):
        """Substance P and ATP with each spike; CSF1, once it is made, from a damaged axon (Guan 2016)."""
        spikes = self.rate_hz * self.release
        self.released_substance_p = p.substance_p_release * spikes * self.substance_p_store * self.peptidergic
        self.released_atp = p.atp_afferent_release * spikes
        wanted = p.csf1_release * (self.nerve_injury + p.csf1_inflammation_share * self.inflammation)
        self.released_csf1 = relax(self.released_csf1, wanted, p.dt, p.csf1_production_time)
