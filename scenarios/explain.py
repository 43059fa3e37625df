"""A scenario in words: what it will do, to how much tissue, and about how long that takes."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from ..model.scenario import SECONDS_A_DAY
from .quantities import NO_UNIT, spoken_time
from .registry import Registry
from .registry import registry as shipped_registry
from .told_treatments import span, treatments, when

if TYPE_CHECKING:
    from ..model.scenario import Clamp, Override, Scenario, Stimulus

WIDTH = 100
INDENT = 13
# on two cores of 2024, whatever the slice and for each neuron; only an order of magnitude is promised
SECONDS_TO_BUILD = (1.0, 8.5e-3)
SECONDS_A_TICK = (5e-3, 2.2e-5)
SECONDS_A_SIMULATED_SECOND = (5e-3, 3.6e-5)
SECONDS_A_RECORD = (0.1, 3e-4)
LONG_S = 3600.0
"""a run predicted to take longer is worth a remark"""


def explain(scenario: Scenario, registry: Registry | None = None) -> str:
    """The scenario in words, a block a topic."""
    data = registry or shipped_registry()
    preset = data.presets[scenario.biology]
    s = scenario
    records = int(s.duration_d / s.record.every_d + 1e-9) + 1
    blocks: list[tuple[str, list[str]]] = [
        ("scenario", [f"{s.name}, seed {s.seed}"]),
        ("biology", [f"{s.biology}: {preset.doc}"]),
        ("time", [f"{spoken_time(s.duration_d)} in {s.ticks:,} ticks of {spoken_time(s.tick_d)} ({s.mode})"]),
        ("slice", [_size(s)]),
        ("stimuli", [_stimulus(x, s, data) for x in s.own_stimuli] or ["none"]),
        ("switches", switches(s, data)),
        ("parameters", parameters(s, data)),
        ("treatments", treatments(s, data)),
        ("knock-outs", overrides((o for o in s.overrides if o.label.startswith("knockout ")), s, data)),
        (
            "clamps",
            [_clamp(c, s) for c in s.own_clamps]
            + overrides((o for o in s.overrides if not o.label.startswith("knockout ")), s, data),
        ),
        ("record", [_record(s, records)]),
        (
            "takes",
            [f"about {spoken_seconds(seconds(s))} on two cores, the first time longer (rules are compiled)"],
        ),
    ]
    return in_blocks(s.title, blocks)


def in_blocks(title: str, blocks: Iterable[tuple[str, Iterable[str]]]) -> str:
    """A title and, for each topic, its name in the margin beside its entries."""
    lines = [title, ""]
    for name, entries in blocks:
        for number, entry in enumerate(entries):
            head = f"  {name if number == 0 else '':<{INDENT - 2}}"
            lines += textwrap.wrap(
                entry, WIDTH, initial_indent=head, subsequent_indent=" " * INDENT, break_on_hyphens=False
            )
    return "\n".join(lines)


def seconds(scenario: Scenario) -> float:
    """Rough wall time of a run."""
    neurons = sum(lamina.neurons for lamina in scenario.anatomy.laminae) * scenario.scale
    work = [(SECONDS_TO_BUILD, 1.0), (SECONDS_A_RECORD, scenario.duration_d / scenario.record.every_d)]
    work.append(
        (SECONDS_A_SIMULATED_SECOND, _played_d(scenario) * SECONDS_A_DAY)
        if scenario.acute
        else (SECONDS_A_TICK, scenario.ticks)
    )
    return sum(times * (fixed + each * neurons) for (fixed, each), times in work)


def _played_d(scenario: Scenario) -> float:
    """Days of electricity that an acute run plays."""
    if not scenario.sample_quiet:
        return scenario.duration_d
    return sum(scenario.played_d(k * scenario.tick_d) for k in range(scenario.ticks))


def remarks(scenario: Scenario) -> list[str]:
    """What is allowed but will not do what it seems to."""
    late = [(f"the {s.kind} stimulus", s.start_d) for s in scenario.own_stimuli]
    late += [(f"treatment {g.name}", g.start_d) for g in scenario.treatments]
    late += [(o.label, o.start_d) for o in scenario.overrides]
    late += [(f"the clamp of {c.target}", c.start_d) for c in scenario.own_clamps]
    found = [
        f"{what} begins {when(start)}, after the run has ended: it has no effect"
        for what, start in dict.fromkeys(late)
        if start >= scenario.duration_d
    ]
    found += [
        f"each dose of {g.name} is there for {spoken_time(g.lasts_d)}, less than a tick "
        f"({spoken_time(scenario.tick_d)}): take shorter ticks, or its peaks are missed"
        for g in scenario.treatments
        if g.lasts_d is not None and g.lasts_d < scenario.tick_d
    ]
    ticks = scenario.duration_d / scenario.tick_d
    if abs(ticks - round(ticks)) > 1e-9:
        found.append(f"the duration is {ticks:.2f} ticks; {scenario.ticks:,} are run")
    return found + _long(scenario) + _unheard(scenario)


def _long(scenario: Scenario) -> list[str]:
    """A run that takes hours, and what would not."""
    wall_s = seconds(scenario)
    if wall_s < LONG_S:
        return []
    remedy = "shorten the duration or make the slice smaller"
    if scenario.acute:
        remedy = f'{remedy}, or let mode = "chronic" sample the electricity instead of running all of it'
    return [f"the run takes about {spoken_seconds(wall_s)}: {remedy}"]


def _unheard(scenario: Scenario) -> list[str]:
    """Trains whose single pulses a chronic run does not give."""
    if scenario.acute:
        return []
    return [
        f'in chronic mode the {s.kind} train is its mean rate; give mode = "acute" for single volleys'
        for s in scenario.stimuli
        if s.drive.volleys and s.start_d < scenario.duration_d
    ]


def _size(s: Scenario) -> str:
    """Expected numbers of agents."""
    neurons = round(sum(lamina.neurons for lamina in s.anatomy.laminae) * s.scale)
    fibres = round(sum(fibre.fibres for fibre in s.anatomy.fibres) * s.scale)
    depth_um = sum(lamina.thickness_um for lamina in s.anatomy.laminae)
    volume_mm3 = s.parameters["slice.width"] * depth_um * s.parameters["slice.depth"] * 1e-9 * s.scale
    microglia = round(s.parameters["slice.microglia_density"] * volume_mm3)
    astrocytes = round(s.parameters["slice.astrocyte_density"] * volume_mm3)
    return (
        f"about {neurons:,} neurons with {s.receptors_per_neuron} NMDA receptors each, {fibres:,} afferent "
        f"fibres, {microglia:,} microglia and {astrocytes:,} astrocytes (scale {s.scale:g} of a 300 um slice)"
    )


def _stimulus(x: Stimulus, s: Scenario, data: Registry) -> str:
    train = "" if x.rate_hz is None else f" at {x.rate_hz:g} Hz"
    train += "" if x.count is None else f", {x.count} pulses"
    if x.drive.volleys:
        train = f", {_volleys(x)}"
    end = x.cause_ends_d
    heals = ""
    if not math.isinf(end) and x.drive.healing_d > 0.0:
        heals = f"; then it heals with a time constant of {spoken_time(x.drive.healing_d)}"
    return (
        f"{x.kind}{train}, {span(x.start_d, end, s)}, on {x.site[0]:g}-{x.site[1]:g} of the skin map, "
        f"intensity {x.intensity:g}{heals} ({data.stimuli[x.kind].doc})"
    )


def _volleys(x: Stimulus) -> str:
    """How often all its fibres fire together: `16 volleys at 1 Hz, one every 1 s`."""
    count = len(x.pulses_d)
    if count == 1:
        return "1 volley"
    every = spoken_time(1.0 / x.pulse_hz / SECONDS_A_DAY)
    return f"{count} volleys at {x.pulse_hz:g} Hz, one every {every}"


def switches(s: Scenario, data: Registry) -> list[str]:
    """The switches that differ from the preset's."""
    changed, _ = data.deviations(s.biology, s.switches, s.parameters)
    usual = data.switches_of(s.biology, {})
    return [
        f"{key} = {choice} instead of {usual[key]}: {data.switches[key].choices[choice].doc}"
        for key, choice in changed.items()
    ]


def parameters(s: Scenario, data: Registry) -> list[str]:
    """The numbers that differ from the preset's."""
    switches, changed = data.deviations(s.biology, s.switches, s.parameters)
    usual = data.resolve(s.biology, switches, {})
    return [
        f"{key} = {_amount(value, key, data)} instead of {_amount(usual[key], key, data)}: "
        f"{data.parameters[key].doc}"
        for key, value in changed.items()
    ]


def _amount(value: float, key: str, data: Registry) -> str:
    unit = data.parameters[key].unit
    return f"{value:g}" if unit == NO_UNIT else f"{value:g} {unit}"


def overrides(overrides: Iterable[Override], s: Scenario, data: Registry) -> list[str]:
    """What is knocked out or held, and when."""
    told = []
    for (label, start, stop), members in groupby(overrides, key=lambda o: (o.label, o.start_d, o.stop_d)):
        held = [
            f"{o.parameter} {'x ' if o.value is None else '= '}"
            f"{f'{o.factor:g}' if o.value is None else _amount(o.value, o.parameter, data)}"
            for o in members
        ]
        told.append(f"{label.split()[1]}, {span(start, stop, s)}: {', '.join(held)}")
    return told


def _clamp(c: Clamp, s: Scenario) -> str:
    held = f"held at {c.value:g}" if c.value is not None else f"held at {c.factor:g} times what it would be"
    where = "" if c.site is None else f" on {c.site[0]:g}-{c.site[1]:g} of the skin map"
    return f"{c.target} {held}, {span(c.start_d, c.stop_d, s)}{where}"


def _record(s: Scenario, records: int) -> str:
    text = f"every {spoken_time(s.record.every_d)}, {records:,} records"
    if s.record.agents:
        text += f"; every one of the {', '.join(s.record.agents)}"
    if s.record.fields:
        text += f"; maps of {', '.join(s.record.fields)}"
    return text


def spoken_seconds(wall_s: float) -> str:
    """A rough wall time: `40 s`, `5 min`, `2.5 h`."""
    if wall_s < 90:
        return f"{max(10, round(wall_s, -1)):.0f} s"
    return f"{wall_s / 60:.0f} min" if wall_s < 5400 else f"{wall_s / 3600:.1f} h"
