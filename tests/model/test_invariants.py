"""What must hold after every tick of every run, watched along an injury in both biologies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest

from dorsalhorn.agents.engine import release_model
from dorsalhorn.model import DorsalHorn
from dorsalhorn.model.chemistry import FIELDS
from dorsalhorn.model.readouts import COLUMNS
from dorsalhorn.model.scenario import Record
from dorsalhorn.model.slice import UID_STRIDE, share_at_surface
from dorsalhorn.model.turnover import turn_over_microglia, turn_over_receptors

from .horn import PRESETS, build, quiet, series, stimulus


class Snapshot(NamedTuple):
    """What is kept of each tick."""

    faults: list[str]
    receptors: dict[int, int]
    """receptor's uid: whether it is at the surface"""
    built: int
    microglia: set[int]
    layers: tuple[int, ...]
    """identity of each map's array"""


class Watched(NamedTuple):
    model: DorsalHorn
    ticks: list[Snapshot]


def snapshot(model: DorsalHorn) -> Snapshot:
    faults = [fault for herd in model.populations.values() for fault in herd.violations()]
    for name, layer in model.cells.columns.items():
        if not (np.isfinite(layer).all() and (layer >= 0.0).all()):
            faults.append(f"map {name}: {layer.min()} to {layer.max()}")
    r = model.receptors
    pairs = zip(r.living("uid").tolist(), r.living("surface").tolist(), strict=True)
    return Snapshot(
        faults,
        dict(pairs),
        int(model.neurons.receptors_built.sum()),
        set(model.microglia.living("uid").tolist()),
        tuple(id(getattr(model.grid, name).data) for name in FIELDS),
    )


@pytest.fixture(scope="module", params=PRESETS)
def watched(request: pytest.FixtureRequest) -> Iterator[Watched]:
    """Eight days with a nerve injury and an incision, a snapshot after each tick."""
    scenario = quiet(
        request.param,
        8.0,
        stimuli=(
            stimulus("spinal_nerve_ligation", 1.0, site=(0.2, 0.8)),
            stimulus("incision", 1.0, 6.0, site=(0.3, 0.7)),
        ),
        record=Record(2.0, ("receptors", "microglia"), ("tnf", "glutamate")),
    )
    model = build(scenario)
    ticks = [snapshot(model)]
    model.run(lambda m: ticks.append(snapshot(m)))
    yield Watched(model, ticks)
    release_model(model)


def test_the_injury_did_something(watched: Watched) -> None:
    """Invariants of a run in which nothing happens would prove little."""
    table = series(watched.model)
    assert table.afferent_drive_hz.iloc[-1] > 2 * table.afferent_drive_hz.iloc[0]
    assert table.microglia_activation.iloc[-1] > 2 * table.microglia_activation.iloc[0]
    assert table.nmdar_phosphorylated_fraction.max() > 1.2 * table.nmdar_phosphorylated_fraction.iloc[0]


def test_nothing_is_ever_nan_negative_or_out_of_bounds(watched: Watched) -> None:
    assert {k: t.faults for k, t in enumerate(watched.ticks) if t.faults} == {}


def test_receptors_are_conserved(watched: Watched) -> None:
    """Total = initial + built - degraded, tick by tick; each one is built once and none comes back."""
    ever = set(watched.ticks[0].receptors)
    births = deaths = 0
    for before, after in zip(watched.ticks, watched.ticks[1:], strict=False):
        born = set(after.receptors) - set(before.receptors)
        died = set(before.receptors) - set(after.receptors)
        assert len(born) == after.built - before.built
        assert not born & ever, "a number is never used twice"
        assert all(before.receptors[uid] == 0 for uid in died), "only the internal pool is degraded"
        assert len(after.receptors) == len(before.receptors) + len(born) - len(died)
        ever |= born
        births, deaths = births + len(born), deaths + len(died)
    first, last = len(watched.ticks[0].receptors), len(watched.ticks[-1].receptors)
    assert last == first + births - deaths
    assert births > 0.5 * first * watched.model.parameters.receptor_synthesis_rate
    assert deaths > 0


def test_every_receptor_belongs_to_the_neuron_that_built_it(watched: Watched) -> None:
    r = watched.model.receptors
    np.testing.assert_array_equal(r.living("uid") // UID_STRIDE, r.living("neuron"))
    np.testing.assert_array_equal(r.living("cell"), watched.model.neurons.cell[r.living("neuron")])
    assert set(np.unique(r.living("subunit"))) == {0, 1, 2}


def test_neurons_know_what_they_have_at_their_surface(watched: Watched) -> None:
    m = watched.model
    up = np.bincount(
        m.receptors.neuron[m.receptors.alive & (m.receptors.surface == 1)], minlength=len(m.neurons)
    )
    healthy = m.parameters.receptors_per_neuron * share_at_surface(m.parameters)
    np.testing.assert_allclose(m.neurons.surface_receptors, up / healthy)
    assert ((m.neurons.receptors_due >= 0) & (m.neurons.receptors_due < 1)).all(), (
        "what is finished is handed over"
    )


def test_microglia_divide_and_die_and_no_number_is_used_twice(watched: Watched) -> None:
    ever: set[int] = set(watched.ticks[0].microglia)
    for before, after in zip(watched.ticks, watched.ticks[1:], strict=False):
        born = after.microglia - before.microglia
        assert not born & ever
        ever |= born
    assert len(ever) > len(watched.ticks[0].microglia), "nerve injury makes microglia divide"


def test_a_daughter_has_what_her_mother_had() -> None:
    m = build(quiet("literature", 1.0))
    g, said = m.microglia, ("released_", "divides", "dies", "uid", "csf1_signal")
    states = [name for name in g.columns if not name.startswith(said)]
    for number, name in enumerate(states):
        if g.columns[name].dtype.kind == "f":
            g.columns[name][0] = 0.1 * (number + 1)
    g.divides[:] = 0
    g.dies[:] = 0
    g.divides[0] = 1
    turn_over_microglia(m)
    born = np.argmax(g.uid)
    assert {name: g.columns[name][born] for name in states} == {name: g.columns[name][0] for name in states}


def test_the_maps_are_written_in_place(watched: Watched) -> None:
    """Mesa, the page and the compiled rules all hold the same arrays, from the first tick to the last."""
    assert len({t.layers for t in watched.ticks}) == 1


def test_the_wiring_never_changes(watched: Watched) -> None:
    m = watched.model
    fresh = build(m.scenario)
    for name in ("start", "target", "weight_ns", "delay", "channel", "peptide", "latency"):
        assert getattr(m.circuit, name).tobytes() == getattr(fresh.circuit, name).tobytes(), name
    for name in ("group", "lamina", "inhibitory", "x_um", "y_um", "cell", "uid", "threshold_mv", "rest_mv"):
        assert m.neurons.columns[name].tobytes() == fresh.neurons.columns[name].tobytes(), name


@pytest.mark.usefixtures("hurried")
def test_what_is_finished_is_built_and_the_rest_waits() -> None:
    m = build(quiet("article", 1.0))
    due = np.linspace(0.0, 3.3, len(m.neurons))
    m.neurons.receptors_due[:] = due
    m.receptors.degrades[:] = 0
    before, built = len(m.receptors), m.neurons.receptors_built.copy()
    at_first = np.bincount(m.receptors.living("neuron"), minlength=len(m.neurons))
    turn_over_receptors(m)
    finished = np.floor(due).astype(int)
    np.testing.assert_allclose(m.neurons.receptors_due, due - finished)
    np.testing.assert_array_equal(m.neurons.receptors_built - built, finished)
    now = np.bincount(m.receptors.living("neuron"), minlength=len(m.neurons))
    np.testing.assert_array_equal(now - at_first, finished)
    assert len(m.receptors) == before + finished.sum()


# ---------------------------------------------------------------------- what is recorded
def test_records_come_when_they_are_due_and_are_complete(watched: Watched) -> None:
    m = watched.model
    assert m.record_times == pytest.approx([0, 2, 4, 6, 8])
    assert [r["time_d"] for r in m.records] == m.record_times
    for record in m.records:
        assert list(record) == ["time_d", *(c.name for c in COLUMNS)]
        assert all(isinstance(v, float) and np.isfinite(v) for v in record.values())


def test_relative_columns_start_at_one(watched: Watched) -> None:
    for c in COLUMNS:
        if c.relative:
            assert watched.model.records[0][c.name] == pytest.approx(1.0), c.name


def test_agents_and_maps_are_recorded_as_asked(watched: Watched) -> None:
    m = watched.model
    assert set(m.agent_records) == {"receptors", "microglia"}
    assert [f.time_d.iloc[0] for f in m.agent_records["receptors"]] == m.record_times
    for frame, record in zip(m.agent_records["receptors"], m.records, strict=True):
        assert len(frame) == record["nmdar_total"]
        assert frame.surface.sum() == record["nmdar_surface"]
    for frame, record in zip(m.agent_records["microglia"], m.records, strict=True):
        assert len(frame) == record["microglia_count"]
        assert frame.activation.mean() == pytest.approx(record["microglia_activation"])
    shape = (m.sheet.rows, m.sheet.columns)
    for maps in m.field_records.values():
        assert [layer.shape for layer in maps] == [shape] * 5
    last = m.field_records["glutamate"][-1]
    np.testing.assert_array_equal(last.T, m.grid.glutamate.data)
    assert last.mean() == pytest.approx(m.records[-1]["glutamate_um"])


def test_the_clock_adds_up(watched: Watched) -> None:
    m = watched.model
    assert m.tick == m.ticks == m.steps == 48
    assert m.time_d == pytest.approx(8.0)
