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

from ..agents.engine import Parameters, Population, uniform
from . import slice as build
from .chemistry import Diffusion
from .circuit import play, sum_receptors, wire
from .laboratory import Laboratory
from .readouts import COLUMNS
from .scenario import Scenario
from .schedule import Drives, Holds, Regimen, active, identifier
from .targets import AGENT_KINDS, CLAMP_TARGETS

CLOCK_STRIDE = 10_000_000
"""room for the electrical steps of one tick in the address of a random number"""
CLOCK_ZERO = 100_000
SUBUNIT = 205
SETTLE = ((0.5, 60), (0.5, 60), (0.125, 64))
SETTLE_EPOCHS = 5

SOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "substance_p": (("afferents", "released_substance_p"),),
    "atp": (("afferents", "released_atp"), ("neurons", "released_atp")),
    "csf1": (("afferents", "released_csf1"),),
    "tnf": (("microglia", "released_tnf"),),
    "il1b": (("microglia", "released_il1b"), ("astrocytes", "released_il1b")),
    "bdnf": (("microglia", "released_bdnf"),),
    "d_serine": (("astrocytes", "released_d_serine"),),
    "nitric_oxide": (("microglia", "released_nitric_oxide"), ("neurons", "released_nitric_oxide")),
    "peroxynitrite": (("neurons", "released_peroxynitrite"),),
}
"""who gives off what"""
MIXED_THROUGH_CSF = ("tnf", "d_serine")


class DorsalHorn(mesa.Model):
    """A slice of spinal dorsal horn under a scenario.

    Args:
        scenario: What to do, fully resolved.
        seed: Overrides the scenario's seed.

    After construction the slice has settled in its naive steady state and the first record is made.
    """

    def __init__(self, scenario: Scenario, seed: int | None = None):
        self.seed = scenario.seed if seed is None else seed
        super().__init__(rng=self.seed)
        self.scenario = scenario
        own = {"dt": scenario.tick_d, "seed": float(self.seed), "tick": 0.0, "receptors_per_neuron": float(scenario.receptors_per_neuron)}
        values = {identifier(k): v for k, v in scenario.parameters.items()} | own
        self.parameters = p = Parameters(list(values), list(values.values()))
        rng = np.random.default_rng(self.seed)
        self.sheet = build.lay_out(scenario.anatomy, p)
        self.grid, self.cells = build.make_grid(self, self.sheet)
        self.afferents = build.make_afferents(self, scenario.anatomy, self.sheet, self.cells, scenario.scale, p, rng)
        self.neurons = build.make_neurons(self, scenario.anatomy, self.sheet, self.cells, scenario.scale, p, rng)
        self.microglia, self.astrocytes = build.make_glia(self, self.sheet, self.cells, scenario.scale, p, rng)
        self.receptors = build.make_receptors(self, self.neurons, self.cells, p, rng)
        self._base = p.copy()
        self.circuit = wire(scenario.anatomy, self.neurons, self.afferents, p, rng)
        self.diffusion = Diffusion((self.sheet.columns, self.sheet.rows), self.sheet.cell_um)
        self.superficial = np.arange(self.sheet.columns * self.sheet.rows) % self.sheet.rows < math.ceil(
            self.sheet.bands["II"][1] / self.sheet.cell_um
        )
        self._healthy_count = self._releasing()
        ones = np.ones(len(self.astrocytes))
        self._territory = self._deposit("astrocytes", ones, p.astrocyte_reach)
        self._microglia_place = self._deposit("microglia", np.ones(len(self.microglia)), p.microglia_crowding_reach)

        injury = next((s for s in scenario.stimuli if not s.drive.silences), None)
        low, high = injury.site if injury else (0.35, 0.65)
        self.site_width = high - low
        self.laboratory = Laboratory(self, 0.5 * (low + high))
        self.drives = Drives((), self.afferents, self.seed)
        self.regimen = Regimen(scenario, p)
        self.holds = Holds((), self.populations, p.slice_width)
        self.tick = 0
        self.clock = 0
        self._settle()
        self.drives = Drives(scenario.stimuli, self.afferents, self.seed)
        self.holds = Holds(scenario.clamps, self.populations, p.slice_width)
        self._field_clamps = [c for c in scenario.clamps if CLAMP_TARGETS[c.target].kind == "field"]
        self.baseline = {c.name: c.read(self) for c in COLUMNS if c.relative and c.read}

        self.records: list[dict[str, float]] = []
        self.record_times: list[float] = []
        self.agent_records: dict[str, list[pd.DataFrame]] = {k: [] for k in scenario.record.agents}
        self.field_records: dict[str, list[np.ndarray]] = {k: [] for k in scenario.record.fields}
        self.latest: dict[str, float] = {}
        self.datacollector = mesa.DataCollector(model_reporters={c.name: _reporter(c.name) for c in COLUMNS})
        self._record()
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
        if math.floor(self.time_d / every + 1e-9) > math.floor((self.time_d - self.scenario.tick_d) / every + 1e-9):
            self._record()
        self.datacollector.collect(self)

    def _live(self, epochs: int) -> None:
        """The biology of a tick, in order."""
        self._do("afferents", "fire", "sensitise", "supply", "give_off")
        self._epoch(epochs)  # how the horn fires at the present slow state
        self._do("neurons", "remember", "give_off")
        self._spread("substance_p", "atp", "csf1", "nitric_oxide", "peroxynitrite")
        self._do("afferents", "brake")
        self._do("microglia", "survey", "resolve", "live_and_die", "secrete")
        self._turn_over_microglia()
        self._spread("tnf", "bdnf", "il1b")
        self._do("astrocytes", "react", "be_nitrated", "renew_transport", "take_up", "lend")
        self._spread("d_serine", "il1b")
        self._leave_glutamate()
        self._do("neurons", "sense_glutamate", "sense_substance_p", "activate_kinases", "potentiate", "regulate_chloride")
        self._do("neurons", "respire", "make_nitric_oxide", "react", "wear", "build_receptors")
        self._do("receptors", "be_phosphorylated", "be_nitrated", "travel")
        self._turn_over_receptors()
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
        self._spread(*SOURCES)
        self._leave_glutamate()
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
        steps = round(epochs * p.epoch_length / p.epoch_step)
        rates = self.afferents.rate_hz[None, :].copy()
        spikes = play(
            self.circuit, n, len(n), p, rates, np.zeros(steps, np.int64), self.afferents.release, self.seed, self.clock, 0
        )
        n.sampled_hz[:] = spikes.sum(axis=0) / (steps * p.epoch_step * 1e-3)
        n.sampled_calcium_nm[:] = n.calcium_sum / steps

    def _sum_receptors(self) -> None:
        r = self.receptors
        rows = np.flatnonzero(r.alive & (r.surface == 1))
        sum_receptors(
            r, rows, self.neurons, r.neuron, build.healthy_complement(self._base), self.circuit.tables,
            self.neurons.held_open_ns, self.parameters,
        )

    # ------------------------------------------------------------------ chemistry
    def _releasing(self) -> dict[tuple[str, str], int]:
        """How many healthy agents share in keeping up a level."""
        counts = {(who, what): len(getattr(self, who)) for pairs in SOURCES.values() for who, what in pairs}
        counts["afferents", "released_substance_p"] = int((self.afferents.peptidergic > 0).sum())
        return counts

    def _deposit(self, name: str, amounts: np.ndarray, reach_um: float) -> np.ndarray:
        population = self.populations[name]
        where = population.living("cell") if amounts.size != population.size else population.cell
        sources = np.bincount(where, weights=amounts, minlength=len(self.cells))
        return self.diffusion.spread(sources, max(reach_um, self.parameters.reach_minimum))

    def _spread(self, *fields: str) -> None:
        """Let what was given off spread over each mediator's reach."""
        p = self.parameters
        for field in fields:
            total = np.zeros(len(self.cells))
            for who, what in SOURCES[field]:
                population = self.populations[who]
                share = len(self.cells) / self._healthy_count[who, what]
                total += np.bincount(population.living("cell"), weights=population.living(what) * share, minlength=total.size)
            level = self.diffusion.spread(total, max(getattr(p, f"reach_{field}"), p.reach_minimum))
            if field in MIXED_THROUGH_CSF and p.csf_coupling > 0.0:
                level = (1.0 - p.csf_coupling) * level + p.csf_coupling * (math.fsum(level) / level.size)
            self._write(field, level)

    def _leave_glutamate(self) -> None:
        """Ambient glutamate: what astrocytes of the place leave of what its synapses release (science 3.6)."""
        p, n, a = self.parameters, self.neurons, self.afferents
        held = self._deposit("astrocytes", self.astrocytes.clears, p.astrocyte_reach)
        self._write("clearance", held / np.maximum(self._territory, 1e-12))
        per_cell = len(self.cells) / (len(n) + len(a))
        firing = self._deposit("neurons", n.rate_hz * (1 - n.inhibitory) * per_cell, p.reach_minimum)
        self._write("activity", firing + self._deposit("afferents", a.rate_hz * a.release * per_cell, p.reach_minimum))
        lost = 1.0 / np.maximum(self.cells.columns["clearance"], p.glutamate_clearance_minimum)
        busy = p.glutamate_activity_gain * self.cells.columns["activity"] * lost
        self._write("glutamate", p.glutamate_ambient * (1.0 + p.glutamate_ambient_gain * np.maximum(lost - 1.0, 0.0) + busy))

    def _write(self, field: str, level: np.ndarray) -> None:
        """Put a map into its layer, held where a clamp holds it."""
        for clamp in self._active_field_clamps(field):
            low, high = clamp.site or (0.0, 1.0)
            place = (np.arange(level.size) // self.sheet.rows + 0.5) / self.sheet.columns
            inside = (place >= low) & (place <= high)
            level[inside] = clamp.value if clamp.value is not None else level[inside] * (clamp.factor or 0.0)
        self.cells.columns[field][:] = level

    def _active_field_clamps(self, field: str):
        return (
            c
            for c in getattr(self, "_field_clamps", ())
            if CLAMP_TARGETS[c.target].name == field and active(c.start_d, c.stop_d, self.time_d)
        )

    # ------------------------------------------------------------------ births and deaths
    def _turn_over_receptors(self) -> None:
        """Remove what is degraded, finish what was built, and tell each neuron what it has at its surface."""
        r, n, p = self.receptors, self.neurons, self.parameters
        r.remove(np.flatnonzero(r.alive & (r.degrades == 1)))
        finished = np.floor(n.receptors_due).astype(np.int64)
        n.receptors_due[:] -= finished
        host = np.repeat(np.arange(len(n)), finished)
        if host.size:
            serial = int(p.receptors_per_neuron) + np.concatenate([b + np.arange(k) for b, k in zip(n.receptors_built, finished, strict=True) if k])
            uid = host * build.UID_STRIDE + serial
            n.receptors_built[:] += finished
            share_a, share_b, _ = build.subunit_shares(p)
            luck = np.array([uniform(self.seed, int(u), 0, SUBUNIT) for u in uid])
            subunit = np.where(luck < share_a, build.SUBUNITS[0], np.where(luck < share_a + share_b, build.SUBUNITS[1], build.SUBUNITS[2]))
            r.add(host.size, neuron=host, cell=n.cell[host], uid=uid, subunit=subunit)
        up = np.bincount(r.neuron[r.alive & (r.surface == 1)], minlength=len(n))
        at_surface = p.receptor_insertion_rate / (p.receptor_insertion_rate + p.receptor_internalisation_rate)
        n.surface_receptors[:] = up / (p.receptors_per_neuron * at_surface)

    def _turn_over_microglia(self) -> None:
        """Divisions and deaths, and how crowded each place has become."""
        g = self.microglia
        mothers = np.flatnonzero(g.alive & (g.divides == 1))
        dying = np.flatnonzero(g.alive & (g.dies == 1) & (g.divides == 0))
        if mothers.size:
            g.add(mothers.size, cell=g.cell[mothers].copy(), activation=g.activation[mothers].copy(), resolving=g.resolving[mothers].copy())
        if dying.size:
            g.remove(dying)
        crowd = self._deposit("microglia", g.alive.astype(float), self.parameters.microglia_crowding_reach)
        self._write("microglia_density", crowd / np.maximum(self._microglia_place, 1e-12))

    # ------------------------------------------------------------------ read-outs
    def _observe(self) -> None:
        for c in COLUMNS:
            if c.read:
                self.latest[c.name] = c.read(self) / (self.baseline[c.name] or 1.0) if c.relative else c.read(self)

    def _record(self) -> None:
        """One row of the time series, and what else the scenario asks for."""
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
