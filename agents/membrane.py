"""The membrane of a spinal neuron: one step of the electrical clock.

An adaptive exponential integrate-and-fire neuron (Brette & Gerstner 2005) whose adaptation is a
potassium conductance, with AMPA, NMDA (two decay components), GABA-A/glycine with its own chloride
reversal, the slow NK1 current of substance P, an A-type potassium current and a calcium-activated
plateau current.  Calcium comes through NMDA receptors, with spikes, and from stores, which NK1 and
metabotropic glutamate receptors open where calcium already is (Drdla 2008).  Its firing class (tonic,
delayed, initial burst, single spike) is what its own adaptation and A-type current make of it.
Conductances are stepped implicitly, so nothing blows up.
"""

from __future__ import annotations

from typing import NamedTuple

from .curves import rise2, rise4, saturate, within
from .engine import column, exp, helper, rule


class Decays(NamedTuple):
    """What is left of each conductance after one step; made once per epoch."""

    ampa: float
    nmda_fast: float
    nmda_slow: float
    inhibition: float
    nk1_rise: float
    nk1: float
    a_type: float
    plateau: float
    calcium: float
    recovery: float
    facilitation: float


@helper
def decays(p):
    """The step's decay factors from the time constants of the registry."""
    dt = p.epoch_step
    return Decays(
        exp(-dt / p.ampa_decay),
        exp(-dt / p.nmdar_decay_fast),
        exp(-dt / p.nmdar_decay_slow),
        exp(-dt / p.inhibition_decay),
        exp(-dt / p.nk1_rise),
        exp(-dt / p.nk1_decay),
        exp(-dt / p.a_type_time),
        exp(-dt / p.plateau_time),
        exp(-dt / p.calcium_decay),
        exp(-dt / p.release_recovery_time),
        exp(-dt / p.release_facilitation_time),
    )


class Membrane:
    """The electrical columns of a neuron and the rule that steps them."""

    threshold_mv = column(-45.0, unit="mV", doc="spike threshold", low=-50.0, high=-20.0)
    rest_mv = column(-68.0, unit="mV", doc="resting potential", low=-90.0, high=-51.0)
    reset_mv = column(-60.0, unit="mV", doc="potential that a spike leaves behind", low=-90.0, high=-20.0)
    firing = column(0, dtype=int, doc="row of the anatomy's table of firing classes")
    adaptation_step_ns = column(0.5, unit="nS", doc="after-hyperpolarisation conductance added by a spike")
    adaptation_ms = column(150.0, unit="ms", doc="time constant of its adaptation", low=1.0)
    subthreshold_ns = column(0.0, unit="nS", doc="adaptation conductance at threshold without any spike")
    a_type_max_ns = column(0.0, unit="nS", doc="A-type potassium conductance with all channels working")
    a_type_ns = column(0.0, unit="nS", doc="what of it works now")
    slow_potassium_max_ns = column(
        0.0, unit="nS", doc="largest potassium conductance that lasting activity opens"
    )
    slow_potassium_ns = column(0.0, unit="nS", doc="what of it lasting activity has opened", low=0.0)
    calming_ns = column(
        0.0, unit="nS", doc="potassium conductance opened by noradrenaline and opioids beyond rest", low=0.0
    )
    plateau_ns = column(0.0, unit="nS", doc="largest calcium-activated plateau conductance")
    plateau_shift_nm = column(
        0.0, unit="nM", doc="rise of the calcium that opens half of its plateau channels", low=0.0
    )
    nk1_receptor = column(0.0, unit="1", doc="1 if it carries NK1 receptors")
    chloride_reversal_mv = column(-73.0, unit="mV", doc="reversal potential of GABA-A and glycine currents")
    inhibition_gain = column(1.0, unit="1", doc="response to GABA and glycine, healthy = 1", low=0.0)
    ampa_weight = column(1.0, unit="1", doc="AMPA conductance of its C-fibre synapses, healthy = 1", low=0.0)
    ampa_gain = column(1.0, unit="1", doc="AMPA conductance of all its synapses, healthy = 1", low=0.0)
    ambient_glutamate = column(0.0, unit="1", doc="share of NMDA receptors that ambient glutamate occupies")
    spillover = column(1.0, unit="1", doc="slow NMDA charge per release, healthy clearance = 1")
    held_open_ns = column(0.0, unit="nS", doc="conductance of its NMDA receptors that stay open")

    excitation_ns = column(0.0, unit="nS", doc="excitatory conductance arriving in this step", low=0.0)
    nmda_arriving_ns = column(
        0.0, unit="nS", doc="NMDA conductance without block arriving in this step", low=0.0
    )
    inhibitory_ns = column(0.0, unit="nS", doc="inhibitory conductance arriving in this step", low=0.0)
    peptide_ns = column(0.0, unit="nS", doc="substance P signal arriving in this step", low=0.0)
    unblocked = column(
        0.0,
        unit="1",
        doc="conductance of its own NMDA receptors at this voltage, healthy and unblocked = 1",
        low=0.0,
    )
    fires = column(0.0, unit="1", doc="1: fires in this step")

    v_mv = column(-68.0, unit="mV", doc="membrane potential")
    refractory_ms = column(0.0, unit="ms", doc="time left until it can fire again")
    ampa_ns = column(0.0, unit="nS", doc="AMPA conductance", low=0.0)
    nmda_fast_ns = column(0.0, unit="nS", doc="NMDA gating, fast part, as conductance without block", low=0.0)
    nmda_slow_ns = column(0.0, unit="nS", doc="NMDA gating, slow part, as conductance without block", low=0.0)
    inhibition_ns = column(0.0, unit="nS", doc="GABA-A and glycine conductance", low=0.0)
    nk1_drive_ns = column(0.0, unit="nS", doc="substance P response, rising part", low=0.0)
    nk1_ns = column(0.0, unit="nS", doc="slow NK1 conductance if receptors never ran out", low=0.0)
    adaptation_ns = column(0.0, unit="nS", doc="after-hyperpolarisation conductance", low=0.0)
    a_type_ready = column(0.0, unit="1", doc="A-type channels not inactivated", low=0.0, high=1.0)
    plateau_gate = column(0.0, unit="1", doc="plateau channels open", low=0.0, high=1.0)
    calcium_now_nm = column(70.0, unit="nM", doc="calcium at this moment", low=0.0)
    calcium_sum = column(0.0, unit="nM", doc="calcium summed over the steps of the epoch")
    kinase_drive_sum = column(0.0, unit="1", doc="kinase drive by calcium, summed over the steps")

    @rule
    def integrate(self, p, left):
        """One electrical step with what has arrived; `left` are the step's decay factors."""
        self.ampa_ns = self.ampa_ns * left.ampa + self.excitation_ns * p.ampa_conductance * self.ampa_gain
        bound = self.nmda_arriving_ns
        self.nmda_fast_ns = self.nmda_fast_ns * left.nmda_fast + bound * p.nmdar_fast_share
        self.nmda_slow_ns = (
            self.nmda_slow_ns * left.nmda_slow + bound * (1.0 - p.nmdar_fast_share) * self.spillover
        )
        self.inhibition_ns = (
            self.inhibition_ns * left.inhibition
            + self.inhibitory_ns * self.inhibition_gain * p.inhibition_conductance
        )
        self.nk1_drive_ns = (
            self.nk1_drive_ns * left.nk1_rise + self.peptide_ns * self.nk1_receptor * p.nk1_conductance
        )
        self.nk1_ns = self.nk1_ns * left.nk1 + self.nk1_drive_ns * (1.0 - left.nk1)
        peptidergic = p.nk1_synaptic_max * saturate(self.nk1_ns, p.nk1_synaptic_max)
        before, threshold, rest_mv = self.v_mv, self.threshold_mv, self.rest_mv
        lifted = within((before - rest_mv) / (threshold - rest_mv), 0.0, 1.0)
        pace = p.epoch_step / self.adaptation_ms
        adaptation = (self.adaptation_ns + pace * self.subthreshold_ns * lifted) / (1.0 + pace)
        ready = within((p.a_type_inactivated - before) / p.a_type_span, 0.0, 1.0)
        self.a_type_ready = ready + (self.a_type_ready - ready) * left.a_type
        a_type = self.a_type_ns * self.a_type_ready * lifted
        above = self.calcium_now_nm - p.calcium_rest
        above = above if above > 0.0 else 0.0
        opening = rise4(above, p.plateau_calcium_half + self.plateau_shift_nm)
        self.plateau_gate = opening + (self.plateau_gate - opening) * left.plateau
        plateau = p.plateau_conductance * self.plateau_ns * self.plateau_gate
        inactivated = p.nmdar_inactivation * saturate(above, p.nmdar_inactivation_half)
        bound = self.nmda_fast_ns + self.nmda_slow_ns
        gated = (
            p.nmdar_synaptic_max * saturate(bound, p.nmdar_synaptic_max)
            + p.nmdar_extrasynaptic * self.ambient_glutamate
        )
        nmda = (gated * self.unblocked + self.held_open_ns) * (1.0 - inactivated)
        potassium = adaptation + a_type + self.slow_potassium_ns + self.calming_ns
        tonic = p.inhibition_tonic * self.inhibition_gain * p.inhibition_conductance
        inhibition = self.inhibition_ns + tonic
        total = p.membrane_leak + self.ampa_ns + nmda + inhibition + peptidergic + potassium + plateau
        steepness = p.membrane_slope
        onset = p.membrane_leak * steepness * exp((before - threshold) / steepness)
        pull = (
            p.membrane_leak * rest_mv
            + onset
            + inhibition * self.chloride_reversal_mv
            + potassium * p.membrane_potassium_reversal
            + plateau * p.plateau_reversal
        )
        dt, reset, refractory, jump, hop, overshoot = (
            p.epoch_step,
            self.reset_mv,
            p.membrane_refractory,
            p.calcium_per_spike,
            self.adaptation_step_ns,
            p.membrane_overshoot,
        )  # read before any condition, so that the compiled loop stays free of branches
        waiting = self.refractory_ms
        step = dt / p.membrane_capacitance
        v = (before + step * pull) / (1.0 + step * total)
        resting = waiting > 0.0
        fires = (v >= threshold + overshoot) & (waiting <= 0.0)
        spike = 1.0 if fires else 0.0
        self.refractory_ms = waiting - dt if resting else refractory * spike
        inward = nmda * (-v if v < 0.0 else 0.0)
        rest = p.calcium_rest
        inositol = peptidergic + p.calcium_store_glutamate * gated
        stored = p.calcium_store_release * inositol * saturate(above, p.calcium_store_half)
        calcium = rest + (self.calcium_now_nm - rest) * left.calcium
        calcium += dt * (p.calcium_per_nmda_charge * inward + stored) + jump * spike
        self.calcium_now_nm = calcium
        self.calcium_sum += calcium
        # kinases answer each transient, not the mean: averaging epochs then adds noise but no bias
        self.kinase_drive_sum += rise2(p.calcium_influx * (calcium - rest), p.kinase_calcium_half)
        self.adaptation_ns = adaptation + hop * spike
        self.v_mv = reset if (fires | resting) else v
        self.fires = spike
