"""The slice as a Mesa model: builds it, lets it settle, and runs it tick by tick.

Two clocks: electricity runs in epochs of about a second at a sub-millisecond step, biology in ticks of
about an hour.  Each tick samples one epoch at the present slow state and hands what it did (rates,
calcium) to the slow rules.  Within a rule all agents act at once; rules act in turn.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import mesa
import numpy as np
import pandas as pd

from ..agents.engine import Parameters, Population
from . import slice as build
from .acute import MS_A_DAY, Recording
from .circuit import play, sum_receptors, wire
from .fields import SOURCES, Fields
from .laboratory import Laboratory
from .readouts import COLUMNS
from .sampling import Sampler
from .scenario import Scenario
from .schedule import Drives, Holds, Regimen, identifier
from .targets import AGENT_KINDS, CLAMP_TARGETS
from .turnover import turn_over_microglia, turn_over_receptors

CLOCK_STRIDE = 10_000_000
"""room for the electrical steps of one tick in the address of a random number"""
CLOCK_ZERO = 100_000
SETTLE = ((1.0, 80), (1.0, 40), (0.125, 48))
SETTLE_EPOCHS = 5
SAME = ("mode", "scale", "receptors_per_neuron", "parameters", "anatomy")
"""what scenarios of one slice have in common"""
TICK_SLACK = 1e-6
"""of a tick: what arithmetic with days leaves"""


class DorsalHorn(mesa.Model):
    """A slice of spinal dorsal horn under a scenario.

    Args:
        scenario: What to do, fully resolved.
        seed: Overrides the scenario's seed.

    After construction the slice has settled in its naive steady state and the first record is made.
    """

    # a plain attribute: Mesa 3.5 has a property of this name that would write into the scenario
    scenario: Scenario = None  # type: ignore[assignment]
    afferents: Population
    neurons: Population
    receptors: Population
    microglia: Population
    astrocytes: Population
    laboratory: Laboratory

    def __init__(self, scenario: Scenario, seed: int | None = None):
        self.seed = scenario.seed if seed is None else seed
        super().__init__(rng=self.seed)
        self.scenario = scenario
        own = {
            "dt": scenario.tick_d,
            "seed": float(self.seed),
            "tick": 0.0,
            "receptors_per_neuron": float(scenario.receptors_per_neuron),
        }
        values = {identifier(k): v for k, v in scenario.parameters.items()} | own
        self.parameters = p = Parameters(list(values), list(values.values()))
        rng = np.random.default_rng(self.seed)
        self.sheet = build.lay_out(scenario.anatomy, p)
        self.grid, self.cells = build.make_grid(self, self.sheet)
        self.afferents = build.make_afferents(
            self, scenario.anatomy, self.sheet, self.cells, scenario.scale, p, rng
        )
        self.neurons = build.make_neurons(
            self, scenario.anatomy, self.sheet, self.cells, scenario.scale, p, rng
        )
        self.microglia, self.astrocytes = build.make_glia(
            self, self.sheet, self.cells, scenario.scale, p, rng
        )
        self.receptors = build.make_receptors(self, self.neurons, self.cells, p, rng)
        self._base = p.copy()
        self.circuit = wire(scenario.anatomy, self.neurons, self.afferents, p, rng)
        self.superficial = np.arange(self.sheet.columns * self.sheet.rows) % self.sheet.rows < math.ceil(
            self.sheet.bands["II"][1] / self.sheet.cell_um
        )
        self.fields = Fields(self)
        self.sampler = Sampler(self)

        injury = next((s for s in scenario.stimuli if not s.drive.silences), None)
        low, high = injury.site if injury else (0.35, 0.65)
        self.site_width = high - low
        self.laboratory = Laboratory(self, 0.5 * (low + high))
        self.drives = Drives((), self.afferents, self.seed)
        self.regimen = Regimen(scenario, p)
        self.holds = Holds((), self.populations, self.sheet)
        self.tick = 0
        self.clock = 0
        self.recording: Recording | None = None
        with self.receptors.registered_later():
            self._settle()
        self._begin(scenario)
        if scenario.acute:
            # slow rules read the transients themselves: nothing is left out between two epochs
            p.set("epoch_memory", p.epoch_memory_acute)
            fibres = [self.drives.fibres(k) for k in range(len(scenario.stimuli))]
            self.recording = Recording(self, scenario.stimuli, fibres)
        self.baseline = {c.name: c.read(self) for c in COLUMNS if c.relative and c.read}

        self.records: list[dict[str, float]] = []
        self.record_times: list[float] = []
        self.agent_records: dict[str, list[pd.DataFrame]] = {k: [] for k in scenario.record.agents}
        self.field_records: dict[str, list[np.ndarray]] = {k: [] for k in scenario.record.fields}
        self.latest: dict[str, float] = {}
        self.datacollector = mesa.DataCollector(model_reporters={c.name: _reporter(c.name) for c in COLUMNS})
        self.record()
        self.datacollector.collect(self)

    # ------------------------------------------------------------------ what there is
    @property
    def populations(self) -> dict[str, Population]:
        """The populations by the name under which scenarios know them."""
        return {k: getattr(self, k) for k in AGENT_KINDS}

    @property
    def ticks(self) -> int:
        """Number of ticks of the whole run."""
        return self.scenario.ticks

    @property
    def time_d(self) -> float:
        """Simulated days so far."""
        return self.tick * self.scenario.tick_d

    # ------------------------------------------------------------------ time
    def run(self, progress: Callable[[DorsalHorn], None] | None = None) -> DorsalHorn:
        """Run to the scenario's end; `progress` is called after each tick."""
        while self.tick < self.ticks:
            self.step()
            if progress:
                progress(self)
        return self

    def step(self) -> None:
        """One tick."""
        start_d, stop_d = self.time_d, self.time_d + self.scenario.tick_d
        self.regimen.apply(start_d)
        self.drives.apply(start_d, stop_d)
        self.parameters.set("tick", float(self.tick + CLOCK_ZERO))
        self.clock = (self.tick + CLOCK_ZERO) * CLOCK_STRIDE
        self._live(epochs=1)
        self.tick += 1
        self._observe()
        every = self.scenario.record.every_d
        if math.floor(self.time_d / every + 1e-9) > math.floor(
            (self.time_d - self.scenario.tick_d) / every + 1e-9
        ):
            self.record()
        self.datacollector.collect(self)

    def follow(self, scenario: Scenario) -> None:
        """Go on from this moment under another scenario of the same slice: other stimuli, clamps, ticks.

        What an experimenter does who settles one slice and gives its copies (`checkpoint`) different fates.
        Stimuli keep their fibres as long as they keep their place in the list.

        Raises:
            ValueError: it is of another slice, or this moment does not lie between two of its ticks.
        """
        ticks = self.time_d / scenario.tick_d
        if abs(ticks - round(ticks)) > TICK_SLACK:
            raise ValueError(f"day {self.time_d:g} does not lie between two ticks of {scenario.tick_d:g} d")
        for name in SAME:
            if getattr(scenario, name) != getattr(self.scenario, name):
                raise ValueError(f"{name} is not that of this slice")
        self.scenario, self.tick = scenario, round(ticks)
        self.holds.let_go()
        self.parameters.update({identifier(k): v for k, v in scenario.parameters.items()})
        self.parameters.set("dt", scenario.tick_d)
        self._begin(scenario)
        self.regimen.apply(self.time_d)

    def _begin(self, scenario: Scenario) -> None:
        """Make what acts on the slice over time."""
        self.drives = Drives(scenario.stimuli, self.afferents, self.seed)
        self.regimen = Regimen(scenario, self.parameters)
        self.holds = Holds(scenario.clamps, self.populations, self.sheet)
        self.fields.clamps = tuple(c for c in scenario.clamps if CLAMP_TARGETS[c.target].kind == "field")

    def _live(self, epochs: int) -> None:
        """The biology of a tick, in order."""
        self._do("afferents", "fire", "set_up_ectopic", "sensitise", "supply", "draw_t_cells", "give_off")
        self._epoch(epochs)  # how the horn fires at the present slow state
        self._do("neurons", "remember", "tire", "give_off")
        self.fields.spread("substance_p", "atp", "csf1", "nitric_oxide", "peroxynitrite")
        self._do("afferents", "brake")
        self._do("neurons", "brake")
        self._do("microglia", "hear", "survey", "assemble", "resolve", "live_and_die", "secrete")
        turn_over_microglia(self)
        self.fields.count_microglia()
        self.fields.spread("tnf", "bdnf", "igf1")
        self._do("astrocytes", "react", "be_nitrated", "renew_transport", "take_up", "lend")
        self.fields.spread("d_serine", "il1b")
        self.fields.leave_glutamate()
        self._do(
            "neurons",
            "respire",
            "make_nitric_oxide",
            "react",
            "oxidise",
            "sense_glutamate",
            "sense_substance_p",
            "activate_kinases",
            "be_roused",
            "potentiate",
            "regulate_chloride",
            "be_calmed",
        )
        self._do("neurons", "wear", "build_receptors")
        self._do("receptors", "be_phosphorylated", "be_nitrated", "travel")
        turn_over_receptors(self)
        self._do("receptors", "open")

    def _do(self, name: str, *rules: str) -> None:
        population = self.populations[name]
        for rule in rules:
            self.holds.lift(name, rule)
            population.do(rule, self.parameters)
            self.holds.press(name, rule, self.time_d)

    def _settle(self) -> None:
        """Bring the naive slice to its own steady state, so that nothing drifts from day 0 on.

        Ticks before day 0 are long (the rules are exact in time) and reuse a few longer epochs.
        """
        p = self.parameters
        self.fields.count_microglia()
        self.fields.spread(*SOURCES)
        self.fields.leave_glutamate()
        self._do("receptors", "open")
        tick = CLOCK_ZERO - sum(ticks for _, ticks in SETTLE)
        for tick_d, ticks in SETTLE:
            p.set("dt", tick_d)
            for number in range(ticks):
                p.set("tick", float(tick))
                self.clock = tick * CLOCK_STRIDE
                self._live(epochs=SETTLE_EPOCHS if number == 0 else 0)
                tick += 1
        p.set("dt", self.scenario.tick_d)

    # ------------------------------------------------------------------ electricity
    def _epoch(self, epochs: int) -> None:
        """Sample the horn's activity for `epochs` epoch lengths (0: the last sample stands)."""
        if epochs == 0:
            return
        n, p = self.neurons, self.parameters
        self._sum_receptors()
        if self.recording:
            steps = round(self.scenario.played_d(self.time_d) * MS_A_DAY / p.epoch_step)
            spikes = self.recording.play(self.time_d * MS_A_DAY, steps, self.clock)
        elif self.sampler.due():
            steps = round(epochs * p.epoch_length / p.epoch_step)
            rates = self.afferents.rate_hz[None, :].copy()
            between = np.zeros(steps, np.int64)
            spikes = play(
                self.circuit, n, len(n), self.afferents, p, rates, between, self.seed, self.clock, 0
            )
        else:
            return
        n.sampled_hz[:] = spikes.sum(axis=0) / (steps * p.epoch_step * 1e-3)
        n.sampled_calcium_nm[:] = n.calcium_sum / steps
        n.sampled_kinase_drive[:] = n.kinase_drive_sum / steps

    def _sum_receptors(self) -> None:
        r = self.receptors
        rows = np.flatnonzero(r.alive & (r.surface == 1))
        sum_receptors(
            r,
            rows,
            r.neuron,
            build.healthy_complement(self._base),
            self.circuit.tables,
            self.neurons.held_open_ns,
            self.parameters,
        )

    def spikes(self) -> pd.DataFrame:
        """Every spike of an acute run so far (see `Recording.spikes`); empty in a chronic one."""
        return self.recording.spikes() if self.recording else Recording(self, (), []).spikes()

    def evoked(self) -> pd.DataFrame:
        """Responses to each pulse of the trains of an acute run so far (see `Recording.evoked`)."""
        return self.recording.evoked() if self.recording else Recording(self, (), []).evoked()

    # ------------------------------------------------------------------ read-outs
    def _observe(self) -> None:
        for c in COLUMNS:
            if c.read:
                self.latest[c.name] = (
                    c.read(self) / (self.baseline[c.name] or 1.0) if c.relative else c.read(self)
                )

    def record(self) -> None:
        """Make one row of the time series as the slice is now, and what else the scenario asks for."""
        self._sum_receptors()
        self._observe()
        self.latest.update(self.laboratory.measure())
        self.record_times.append(self.time_d)
        self.records.append({"time_d": self.time_d, **{c.name: self.latest[c.name] for c in COLUMNS}})
        for kind, frames in self.agent_records.items():
            frames.append(self.populations[kind].frame().assign(time_d=self.time_d))
        for field, maps in self.field_records.items():
            maps.append(self.cells.columns[field].reshape(self.sheet.columns, self.sheet.rows).T.copy())


def _reporter(name: str) -> Callable[[DorsalHorn], float]:
    return lambda m: m.latest[name]
