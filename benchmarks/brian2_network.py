"""The electrical network of this package, written for Brian2.

Same neurons, contacts, delays, order of events within a step and arithmetic of a step as
`agents/membrane.py`, `agents/afferent.py` and `model/circuit.py`; what is written differently gives the same
numbers up to rounding:

- A spike adds to a conductance at once, by a weight that holds what the receiving neuron multiplies it with
  (`ampa_weight`, `inhibition_gain`, NK1), divided by the step's decay, which follows; there is no inbox.
- The two NMDA components are kept in units in which a spike adds the same to both.
- Depression and facilitation are brought up to date when a spike arrives (as Brian's documentation does it),
  for each contact; contacts of one fibre all see the same intervals.
- `exp` is the C library's (here it may become vector code), and Brian's default flags allow reordering.

g++ does not make vector code of Brian's loop over neurons, with or without the table and `clip`: the arrays
that it writes might overlap with others for all it knows (with a single array written it does).  That is how
Brian writes such a loop, and it stays as it is here.

The order of events is `synapses, groups, thresholds`: input of a step is felt in it, as in `run_epoch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brian2 as b2
import numpy as np
from brian2.core.functions import Function
from network import Network, Raster

from dorsalhorn.agents.membrane import decays
from dorsalhorn.model.circuit import INHIBITS, TABLE_LOW_MV, TABLE_SIZE, TABLE_STEP_MV

SCHEDULE = ["start", "synapses", "groups", "thresholds", "resets", "end"]

CONSTANT = """
threshold_mv : 1 (constant)
rest_mv : 1 (constant)
adaptation_step : 1 (constant)
adaptation_ms : 1 (constant)
subthreshold : 1 (constant)
a_type_max : 1 (constant)
plateau_max : 1 (constant)
plateau_half : 1 (constant)
reset_mv : 1 (constant)
tonic : 1 (constant)
slow_potassium : 1 (constant)
chloride_mv : 1 (constant)
ambient : 1 (constant)
held_open : 1 (constant)
slow_unit : 1 (constant)
"""
STATE = """
v : 1
waiting : 1
ampa : 1
nmda_fast : 1
nmda_slow : 1
inhibition : 1
nk1_drive : 1
nk1 : 1
adaptation : 1
a_type_ready : 1
plateau_gate : 1
calcium : 1
calcium_sum : 1
kinase_drive_sum : 1
spike : 1
"""

STEP = """
ampa = ampa * ampa_left{background}
nmda_fast = nmda_fast * nmda_fast_left
nmda_slow = nmda_slow * nmda_slow_left
inhibition = inhibition * inhibition_left
nk1_drive = nk1_drive * nk1_rise_left
nk1 = nk1 * nk1_left + nk1_drive * (1.0 - nk1_left)
peptidergic = peptide_max * (nk1 / (nk1 + peptide_max))
unblocked = nmda_unblocked(v, i)
lifted = clip((v - rest_mv) / (threshold_mv - rest_mv), 0.0, 1.0)
pace = step_ms / adaptation_ms
adapted = (adaptation + pace * subthreshold * lifted) / (1.0 + pace)
ready = clip((a_type_inactivated - v) / a_type_span, 0.0, 1.0)
a_type_ready = ready + (a_type_ready - ready) * a_type_left
a_type = a_type_max * a_type_ready * lifted
above = clip(calcium - calcium_rest, 0.0, 1e300)
ratio = above * above / (plateau_half * plateau_half)
opening = ratio * ratio / (1.0 + ratio * ratio)
plateau_gate = opening + (plateau_gate - opening) * plateau_left
plateau = plateau_conductance * plateau_max * plateau_gate
inactivated = inactivation * (above / (above + inactivation_half))
bound = nmda_fast * fast_unit + nmda_slow * slow_unit
gated = synaptic_max * (bound / (bound + synaptic_max)) + extrasynaptic * ambient
nmda = (gated * unblocked + held_open) * (1.0 - inactivated)
potassium = adapted + a_type + slow_potassium
inhibited = inhibition + tonic
total = leak + ampa + nmda + inhibited + peptidergic + potassium + plateau
onset = leak * slope_mv * exp((v - threshold_mv) / slope_mv)
pull = leak * rest_mv + onset + inhibited * chloride_mv + potassium * potassium_mv + plateau * plateau_mv
moved = (v + step_ms / capacitance * pull) / (1.0 + step_ms / capacitance * total)
resting = int(waiting > 0.0)
spike = int(moved >= threshold_mv + overshoot) * (1 - resting)
waiting = resting * (waiting - step_ms) + (1 - resting) * refractory_ms * spike
inward = nmda * clip(-moved, 0.0, 1e300)
inositol = peptidergic + store_glutamate * gated
stored = store_release * inositol * (above / (above + store_half))
calcium = calcium_rest + (calcium - calcium_rest) * calcium_left + step_ms * (calcium_per_charge * inward + stored) + calcium_jump * spike
calcium_sum = calcium_sum + calcium
drive = influx * (calcium - calcium_rest)
kinase_drive_sum = kinase_drive_sum + drive * drive / (drive * drive + kinase_half * kinase_half)
adaptation = adapted + adaptation_step * spike
v = moved + (reset_mv - moved) * clip(spike + resting, 0.0, 1.0)
"""  # noqa: E501  a statement of Brian's cannot be broken

TERMINAL = """
resources = 1.0 - (1.0 - resources) * exp(-(t - last) / recovery_time)
raised = facilitation * exp(-(t - last) / facilitation_time)
given_off = resources * (1.0 + raised)
ampa_post += w * given_off
nmda_fast_post += n * given_off
nmda_slow_post += n * given_off
nk1_drive_post += s * given_off
resources = resources * (1.0 - depression)
facilitation = raised + facilitation_step
last = t
"""
CONTACT = """
w : 1 (constant)
n : 1 (constant)
s : 1 (constant)
depression : 1 (constant)
facilitation_step : 1 (constant)
resources : 1
facilitation : 1
last : second
"""


@dataclass
class Built:
    """A Brian2 network ready to run."""

    network: b2.Network
    counts: b2.SpikeMonitor
    neurons: b2.NeuronGroup
    duration: b2.Quantity


def constants(network: Network) -> dict[str, Any]:
    """The numbers of the step, under the names of the code above."""
    p = network.p
    left = decays(p)
    return {
        "ampa_left": left.ampa,
        "nmda_fast_left": left.nmda_fast,
        "nmda_slow_left": left.nmda_slow,
        "inhibition_left": left.inhibition,
        "nk1_rise_left": left.nk1_rise,
        "nk1_left": left.nk1,
        "a_type_left": left.a_type,
        "plateau_left": left.plateau,
        "calcium_left": left.calcium,
        "step_ms": p.epoch_step,
        "a_type_inactivated": p.a_type_inactivated,
        "a_type_span": p.a_type_span,
        "calcium_rest": p.calcium_rest,
        "plateau_conductance": p.plateau_conductance,
        "plateau_mv": p.plateau_reversal,
        "inactivation": p.nmdar_inactivation,
        "inactivation_half": p.nmdar_inactivation_half,
        "fast_unit": p.nmdar_fast_share / left.nmda_fast,
        "synaptic_max": p.nmdar_synaptic_max,
        "extrasynaptic": p.nmdar_extrasynaptic,
        "leak": p.membrane_leak,
        "slope_mv": p.membrane_slope,
        "potassium_mv": p.membrane_potassium_reversal,
        "capacitance": p.membrane_capacitance,
        "overshoot": p.membrane_overshoot,
        "refractory_ms": p.membrane_refractory,
        "peptide_max": p.nk1_synaptic_max,
        "store_release": p.calcium_store_release,
        "store_half": p.calcium_store_half,
        "store_glutamate": p.calcium_store_glutamate,
        "calcium_per_charge": p.calcium_per_nmda_charge,
        "calcium_jump": p.calcium_per_spike,
        "influx": p.calcium_influx,
        "kinase_half": p.kinase_calcium_half,
        "recovery_time": p.release_recovery_time * b2.ms,
        "facilitation_time": p.release_facilitation_time * b2.ms,
        "background_amount": p.membrane_background * p.ampa_conductance,
        "background_chance": p.membrane_background_hz * p.epoch_step * 1e-3,
    }


def table_function(tables: np.ndarray) -> Function:
    """`nmda_unblocked(v, i)`: linear interpolation in the table of neuron `i`, as `look_up` does it."""
    flat = np.ascontiguousarray(tables, dtype=float).ravel()
    name, size = "nmda_unblocked", TABLE_SIZE

    def look_up(v: Any, i: Any) -> Any:
        x = np.clip((np.asarray(v) - TABLE_LOW_MV) / TABLE_STEP_MV, 0.0, size - 1.001)
        k = x.astype(np.int64)
        low = flat[np.asarray(i) * size + k]
        return low + (x - k) * (flat[np.asarray(i) * size + k + 1] - low)

    cpp = f"""
    static inline double {name}(const double v, const int i)
    {{
        double x = (v - ({TABLE_LOW_MV})) * {1.0 / TABLE_STEP_MV};
        x = x > 0.0 ? x : 0.0;
        x = x < {size - 1.001} ? x : {size - 1.001};
        const int k = (int)x;
        const double low = _namespace{name}_values[i * {size} + k];
        return low + (x - k) * (_namespace{name}_values[i * {size} + k + 1] - low);
    }}
    """
    cython = f"""
    cdef double {name}(const double v, const int i):
        global _namespace{name}_values
        cdef double x = (v - ({TABLE_LOW_MV})) * {1.0 / TABLE_STEP_MV}
        x = x if x > 0.0 else 0.0
        x = x if x < {size - 1.001} else {size - 1.001}
        cdef int k = <int>x
        cdef double low = _namespace{name}_values[i * {size} + k]
        return low + (x - k) * (_namespace{name}_values[i * {size} + k + 1] - low)
    """
    function = Function(look_up, arg_units=[1, 1], return_unit=1, arg_types=["any", "integer"])
    function.implementations.add_numpy_implementation(look_up)
    for target, code in (("cpp", cpp), ("cython", cython)):
        function.implementations.add_dynamic_implementation(
            target, lambda owner, code=code: code, namespace=lambda owner: {f"{name}_values": flat}, name=name
        )
    return function


def neuron_group(network: Network, drawn: bool) -> b2.NeuronGroup:
    """The neurons; with `drawn` each draws its own background."""
    n, p = network.neurons, network.p
    left = decays(p)
    names = constants(network) | {"nmda_unblocked": table_function(network.circuit.tables)}
    group = b2.NeuronGroup(
        n.size, CONSTANT + STATE, threshold="spike > 0.5", reset="", namespace=names, name="neurons"
    )
    own = " + background_amount * int(rand() < background_chance)" if drawn else ""
    group.run_regularly(STEP.format(background=own), when="groups")
    slow_unit = (1.0 - p.nmdar_fast_share) * n.spillover / left.nmda_slow
    values = {
        "threshold_mv": n.threshold_mv,
        "rest_mv": n.rest_mv,
        "adaptation_step": n.adaptation_step_ns,
        "adaptation_ms": n.adaptation_ms,
        "subthreshold": n.subthreshold_ns,
        "a_type_max": n.a_type_ns,
        "plateau_max": n.plateau_ns,
        "plateau_half": p.plateau_calcium_half + n.plateau_shift_nm,
        "reset_mv": n.reset_mv,
        "tonic": p.inhibition_tonic * n.inhibition_gain * p.inhibition_conductance,
        "slow_potassium": n.slow_potassium_ns + n.calming_ns,
        "chloride_mv": n.chloride_reversal_mv,
        "ambient": n.ambient_glutamate,
        "held_open": n.held_open_ns,
        "slow_unit": slow_unit,
        "v": n.v_mv,
        "waiting": n.refractory_ms,
        "ampa": n.ampa_ns,
        "nmda_fast": n.nmda_fast_ns / (p.nmdar_fast_share / left.nmda_fast),
        "nmda_slow": n.nmda_slow_ns / slow_unit,
        "inhibition": n.inhibition_ns,
        "nk1_drive": n.nk1_drive_ns,
        "nk1": n.nk1_ns,
        "adaptation": n.adaptation_ns,
        "a_type_ready": n.a_type_ready,
        "plateau_gate": n.plateau_gate,
        "calcium": n.calcium_now_nm,
    }
    for name, array in values.items():
        setattr(group, name, np.array(array))
    return group


def contacts(network: Network, sender: Any, neurons: b2.NeuronGroup, chosen: np.ndarray, kind: str) -> Any:
    """One kind of contacts, `fibre`, `excitatory` or `inhibitory`: those `chosen` of the circuit."""
    c, n, p, a = network.circuit, network.neurons, network.p, network.afferents
    left = decays(p)
    source, target = network.source()[chosen], c.target[chosen]
    ampa = c.weight_ns[chosen] * p.ampa_conductance / left.ampa
    steps = c.delay[chosen] - 1  # a neuron's spike is handed on in the next step
    values: dict[str, Any]
    if kind == "fibre":
        synapses = b2.Synapses(
            sender, neurons, CONTACT, on_pre=TERMINAL, namespace=constants(network), name="fibres_on"
        )
        steps = c.delay[chosen]
        peptide = c.weight_ns[chosen] * c.peptide[source] * n.nk1_receptor[target] * p.nk1_conductance
        release = a.release[source]
        potentiated = 1.0 + c.potentiates[source] * (n.ampa_weight[target] - 1.0)
        values = {
            "w": ampa * potentiated * release,
            "n": c.nmda_ns[chosen] * release,
            "s": peptide * release / left.nk1_rise,
            "depression": a.depression[source],
            "facilitation_step": a.facilitation_step[source],
            "resources": a.resources[source],
            "facilitation": a.facilitation[source],
            "last": (steps - 1) * p.epoch_step * b2.ms,
        }
    elif kind == "excitatory":
        effect = "ampa_post += w\nnmda_fast_post += n\nnmda_slow_post += n"
        synapses = b2.Synapses(
            sender, neurons, "w : 1 (constant)\nn : 1 (constant)", on_pre=effect, name="excites"
        )
        values = {"w": ampa, "n": c.nmda_ns[chosen]}
        source = source - c.fibres
    else:
        synapses = b2.Synapses(
            sender, neurons, "w : 1 (constant)", on_pre="inhibition_post += w", name="inhibits"
        )
        weight = c.weight_ns[chosen] * n.inhibition_gain[target] * p.inhibition_conductance / left.inhibition
        values = {"w": weight}
        source = source - c.fibres
    synapses.connect(i=source, j=target)
    for name, array in values.items():
        setattr(synapses, name, array)
    synapses.pre.delay = steps * p.epoch_step * b2.ms
    return synapses


def build(network: Network, spikes: Raster | None) -> Built:
    """The network for Brian2's present device.

    With `spikes` the fibres' spikes and the background are played to it; without, it draws its own.
    """
    p, c = network.p, network.circuit
    step = p.epoch_step * b2.ms
    b2.defaultclock.dt = step
    neurons = neuron_group(network, drawn=spikes is None)
    parts: list[Any] = [neurons]
    if spikes is None:
        fibres = b2.PoissonGroup(c.fibres, network.rates_hz * b2.Hz, when="start", name="fibres")
    else:
        fibres = b2.SpikeGeneratorGroup(
            c.fibres, spikes.fibre, spikes.fibre_step * step, when="start", sorted=True, name="fibres"
        )
        background = b2.SpikeGeneratorGroup(
            network.neurons.size,
            spikes.neuron,
            spikes.background_step * step,
            when="start",
            sorted=True,
            name="background",
        )
        given = b2.Synapses(
            background, neurons, on_pre="ampa_post += background_given", name="background_on",
            namespace={"background_given": p.membrane_background * p.ampa_conductance / decays(p).ampa},
        )  # fmt: skip
        given.connect(j="i")
        parts += [background, given]
    source = network.source()
    inhibits = c.channel[source] == INHIBITS
    chosen = {
        "fibre": np.flatnonzero(source < c.fibres),
        "excitatory": np.flatnonzero((source >= c.fibres) & ~inhibits),
        "inhibitory": np.flatnonzero((source >= c.fibres) & inhibits),
    }
    senders = {"fibre": fibres, "excitatory": neurons, "inhibitory": neurons}
    parts += [contacts(network, senders[k], neurons, where, k) for k, where in chosen.items()]
    counts = b2.SpikeMonitor(neurons, record=False, name="counts")
    whole = b2.Network(*parts, fibres, counts)
    whole.schedule = SCHEDULE
    return Built(whole, counts, neurons, network.steps * step)


def standalone(network: Network, spikes: Raster | None, folder: Path, flags: list[str] | None) -> Any:
    """Write, compile and once run the network as a C++ program in `folder`; returns spikes per neuron.

    `flags` replace Brian's own for the compiler.
    """
    usual = b2.prefs["codegen.cpp.extra_compile_args_gcc"]
    b2.set_device("cpp_standalone", directory=None, build_on_run=False)
    try:
        b2.device.reinit()
        b2.device.activate(build_on_run=False)
        b2.prefs["devices.cpp_standalone.extra_make_args_unix"] = ["-j2"]
        if flags is not None:
            b2.prefs["codegen.cpp.extra_compile_args_gcc"] = flags
        built = build(network, spikes)
        built.network.run(built.duration)
        b2.device.build(directory=str(folder), compile=True, run=True, with_output=False)
        return np.array(built.counts.count[:]), float(b2.device._last_run_time)
    finally:
        b2.prefs["codegen.cpp.extra_compile_args_gcc"] = usual
        b2.device.reinit()
        b2.set_device("runtime")
