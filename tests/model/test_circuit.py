"""The electrical epoch: compiled against plain, delays, and what each path through the horn carries."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import given, seed
from hypothesis import settings as examples
from hypothesis import strategies as st
from mesa.discrete_space import OrthogonalMooreGrid

import dorsalhorn.model
from dorsalhorn.agents import Afferent, Neuron, NMDAReceptor
from dorsalhorn.agents.engine import Cells, Parameters, Population, uniform
from dorsalhorn.agents.membrane import decays
from dorsalhorn.model.chemistry import FIELDS, multiply
from dorsalhorn.model.circuit import (
    TABLE_LOW_MV,
    TABLE_SIZE,
    TABLE_STEP_MV,
    Circuit,
    look_up,
    run_epoch,
    sum_receptors,
)
from dorsalhorn.model.schedule import identifier
from dorsalhorn.model.turnover import draw
from dorsalhorn.scenarios.registry import registry

from .horn import PRESETS, quiet

SHAPE = (3, 2)
FIBRES, NEURONS, RECEPTORS = 6, 8, 40
COMPARED = {"multiply", "sum_receptors", "run_epoch", "draw"}
"""compiled functions that are held against their plain source in this file"""

presets = st.sampled_from(PRESETS)
chances = st.integers(0, 2**32 - 1)


def parameters(biology: str, **changed: float) -> Parameters:
    values = {identifier(k): v for k, v in registry().resolve(biology, {}, {}).items()}
    values |= {"dt": 1 / 6, "seed": 1.0, "tick": 1.0, "receptors_per_neuron": 10.0} | changed
    return Parameters(list(values), list(values.values()))


def cells_of(model: mesa.Model) -> Cells:
    grid = OrthogonalMooreGrid(SHAPE, torus=False, random=model.random)
    for name in FIELDS:
        grid.create_property_layer(name, 0.0)
    return Cells(grid)


def tiny_slice(rng: np.random.Generator, biology: str) -> tuple[Population[Neuron], Population[NMDAReceptor]]:
    """A few neurons in a random electrical state, with receptors of every kind."""
    model = mesa.Model(rng=1)
    cells = cells_of(model)
    neurons = Population(
        model,
        Neuron,
        NEURONS,
        links={"cell": cells},
        cell=rng.integers(cells.size, size=NEURONS),
        v_mv=rng.uniform(-75, -46, NEURONS),
        threshold_mv=rng.uniform(-55, -45, NEURONS),
        nk1_receptor=rng.integers(0, 2, NEURONS),
        inhibitory=np.arange(NEURONS) % 3 == 0,
        ambient_glutamate=rng.uniform(0, 0.2, NEURONS),
        ampa_weight=rng.uniform(0.5, 2.0, NEURONS),
        spillover=rng.uniform(1.0, 2.0, NEURONS),
        chloride_reversal_mv=rng.uniform(-75, -45, NEURONS),
        refractory_ms=rng.choice([0.0, 1.5], NEURONS),
    )
    receptors = Population(
        model,
        NMDAReceptor,
        RECEPTORS,
        links={"neuron": neurons, "cell": cells},
        neuron=rng.integers(NEURONS, size=RECEPTORS),
        cell=rng.integers(cells.size, size=RECEPTORS),
        subunit=rng.integers(0, 3, RECEPTORS),
        **{name: rng.integers(0, 2, RECEPTORS) for name in ("surface", "serine", "tyrosine", "nitrated")},
    )
    cells.columns["d_serine"][:] = 0.7
    receptors.remove(np.flatnonzero(rng.random(RECEPTORS) < 0.2))
    receptors.do("open", parameters(biology))
    return neurons, receptors


def terminals(count: int, **columns: Any) -> Population[Afferent]:
    """Fibres whose spikes give off 1.3 times the healthy amount."""
    model = mesa.Model(rng=1)
    own: dict[str, Any] = {"release": np.full(count, 1.3)} | columns
    return Population(
        model, Afferent, count, links={"cell": cells_of(model)}, cell=np.zeros(count, int), **own
    )


def tiny_circuit(rng: np.random.Generator, synapses: int = 60) -> Circuit:
    """Random contacts between the fibres and neurons, strong enough to make them fire."""
    total = FIBRES + NEURONS
    source = np.sort(rng.integers(total, size=synapses))
    delay = rng.integers(1, 5, size=synapses)
    channel = np.zeros(total, np.int64)
    channel[FIBRES:] = np.arange(NEURONS) % 3 == 0
    return Circuit(
        fibres=FIBRES,
        start=np.searchsorted(source, np.arange(total + 1)).astype(np.int64),
        target=rng.integers(NEURONS, size=synapses),
        weight_ns=rng.uniform(0.5, 8.0, synapses),
        nmda_ns=rng.uniform(0.0, 2.0, synapses),
        delay=delay,
        channel=channel,
        peptide=rng.choice([0.0, 0.01], FIBRES),
        potentiates=rng.choice([0.0, 1.0], FIBRES),
        latency=rng.integers(0, 10, FIBRES),
        inbox=rng.exponential(0.2, (int(delay.max()) + 1, 4, NEURONS)),
        head=np.array([rng.integers(int(delay.max()) + 1)]),
        tables=rng.uniform(0.0, 1.0, (NEURONS, TABLE_SIZE)).cumsum(axis=1),
    )


def epoch(
    how: Any,
    neurons: Any,
    c: Circuit,
    p: Parameters,
    rates: np.ndarray,
    segment: np.ndarray,
    fibres: Any = None,
    **address: int,
):
    """Run an epoch on a circuit with `run_epoch` or its plain source; returns the spikes."""
    spikes = np.zeros((-(-segment.size // 10), NEURONS), np.int32)
    at = {"seed": 1, "base": 7_000, "stream": 0} | address
    how(
        neurons,
        NEURONS,
        terminals(c.fibres) if fibres is None else fibres,
        c.fibres,
        p,
        c.start,
        c.target,
        c.weight_ns,
        c.nmda_ns,
        c.delay,
        c.channel,
        c.peptide,
        c.potentiates,
        c.latency,
        c.inbox,
        c.head,
        c.tables,
        rates,
        np.concatenate((np.zeros(c.lead, np.int64), segment)),
        c.lead,
        at["seed"],
        at["base"],
        at["stream"],
        spikes,
        10,
    )
    return spikes


# ---------------------------------------------------------------------- compiled = plain
def test_every_compiled_function_of_the_model_is_compared_here() -> None:
    found = set()
    for info in pkgutil.iter_modules(dorsalhorn.model.__path__):
        module = importlib.import_module(f"dorsalhorn.model.{info.name}")
        found |= {name for name, value in vars(module).items() if hasattr(value, "plain")}
    assert found == COMPARED


@seed(1)
@examples(max_examples=8, deadline=None, database=None)
@given(biology=presets, chance=chances)
def test_the_epoch_equals_its_plain_source(biology: str, chance: int) -> None:
    """Forty steps of a tiny slice: every column, every spike, everything still on its way."""
    ends = []
    for how in (run_epoch, run_epoch.plain):
        rng = np.random.default_rng(chance)
        neurons, _ = tiny_slice(rng, biology)
        circuit = tiny_circuit(rng)
        rates = rng.uniform(0, 400, (2, FIBRES))
        segment = (np.arange(40) >= 15).astype(np.int64)
        fibres = terminals(
            FIBRES,
            depression=rng.uniform(0.0, 0.5, FIBRES),
            facilitation_step=rng.uniform(0.0, 0.5, FIBRES),
        )
        p = parameters(biology, membrane_background_hz=200.0)
        spikes = epoch(how, neurons, circuit, p, rates, segment, fibres)
        columns = {f"fibre.{name}": column.tobytes() for name, column in fibres.columns.items()}
        columns |= {name: column.tobytes() for name, column in neurons.columns.items()}
        ends.append(
            (columns, spikes.tobytes(), circuit.inbox.tobytes(), circuit.head.tobytes(), spikes.sum())
        )
    compiled, plain = ends
    assert [name for name in compiled[0] if compiled[0][name] != plain[0][name]] == []
    assert compiled[1:] == plain[1:]
    assert compiled[4] > 0, "a silent slice would prove nothing"


@seed(2)
@examples(max_examples=10, deadline=None, database=None)
@given(biology=presets, chance=chances)
def test_summing_receptors_equals_its_plain_source(biology: str, chance: int) -> None:
    rng = np.random.default_rng(chance)
    _neurons, receptors = tiny_slice(rng, biology)
    rows = np.flatnonzero(receptors.alive & (receptors.surface == 1))
    p = parameters(biology, nmdar_stuck_fraction=0.05)
    out = []
    for how in (sum_receptors, sum_receptors.plain):
        tables, held = rng.random((NEURONS, TABLE_SIZE)), rng.random(NEURONS)
        how(receptors, rows, receptors.neuron, 3.7, tables, held, p)
        out.append((tables.tobytes(), held.tobytes()))
    assert out[0] == out[1]
    hosts = np.unique(receptors.neuron[rows])
    assert np.flatnonzero(tables.any(axis=1)).tolist() == hosts.tolist()


@seed(3)
@examples(max_examples=10, deadline=None, database=None)
@given(chance=chances, shape=st.tuples(*[st.integers(1, 6)] * 3))
def test_the_matrix_product_equals_its_plain_source(chance: int, shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(chance)
    a, b = rng.normal(size=shape[:2]), rng.normal(size=shape[1:])
    out = [np.full((shape[0], shape[2]), np.nan) for _ in range(2)]
    multiply(a, b, out[0])
    multiply.plain(a, b, out[1])
    assert out[0].tobytes() == out[1].tobytes()
    np.testing.assert_allclose(out[0], a @ b, atol=1e-12)


def test_the_draws_of_turnover_equal_their_plain_source_and_are_uniform() -> None:
    who = np.arange(20_000) * 977
    luck = [np.empty(who.size) for _ in range(2)]
    draw(5, who, 205, luck[0])
    draw.plain(5, who, 205, luck[1])
    assert luck[0].tobytes() == luck[1].tobytes()
    assert luck[0][3] == uniform(5, who[3], 0, 205)
    counts = np.histogram(luck[0], bins=20, range=(0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 50, "chi-squared with 19 degrees of freedom: 1 in 10,000"


# ---------------------------------------------------------------------- one fibre, one neuron
def one_contact(
    delay: int, latency: int, weight_ns: float = 2.0, peptide: float = 0.0, potentiates: float = 1.0
) -> Circuit:
    """A single fibre on the first of the neurons."""
    total = 1 + NEURONS
    return Circuit(
        fibres=1,
        start=np.minimum(np.arange(total + 1), 1),
        target=np.zeros(1, np.int64),
        weight_ns=np.array([weight_ns]),
        nmda_ns=np.array([0.1 * weight_ns]),
        delay=np.array([delay]),
        channel=np.zeros(total, np.int64),
        peptide=np.array([peptide]),
        potentiates=np.array([potentiates]),
        latency=np.array([latency]),
        inbox=np.zeros((delay + 1, 4, NEURONS)),
        head=np.zeros(1, np.int64),
        tables=np.zeros((NEURONS, TABLE_SIZE)),
    )


@pytest.mark.parametrize(("delay", "latency"), [(1, 0), (3, 0), (1, 20), (4, 33)])
def test_a_volley_arrives_after_its_conduction_time_and_synaptic_delay(delay: int, latency: int) -> None:
    p = parameters("literature", membrane_background_hz=0.0)
    volley = np.array([[0.0], [1e9]])  # nothing in the first step, one spike in every step from then on
    arrived = []
    for steps in (1 + latency + delay, 2 + latency + delay):
        neurons, _ = tiny_slice(np.random.default_rng(1), "literature")
        neurons.ampa_ns[:] = 0.0
        epoch(run_epoch, neurons, one_contact(delay, latency), p, volley, np.minimum(np.arange(steps), 1))
        arrived.append(neurons.ampa_ns.copy())
    assert arrived[0][0] == 0.0
    assert arrived[1][0] == pytest.approx(2.0 * 1.3 * neurons.ampa_weight[0])
    assert (arrived[1][1:] == 0.0).all(), "and only at its own target"


def test_the_epoch_goes_on_where_the_last_one_ended() -> None:
    """Two epochs of 20 steps are one of 40: what is on its way is kept."""
    p = parameters("literature", membrane_background_hz=100.0)
    rates = np.full((1, FIBRES), 200.0)
    ends = []
    for parts in ((40,), (20, 20)):
        rng = np.random.default_rng(4)
        neurons, _ = tiny_slice(rng, "literature")
        circuit = tiny_circuit(rng)
        circuit.latency[:] = 0
        done = 0
        for steps in parts:
            epoch(run_epoch, neurons, circuit, p, rates, np.zeros(steps, np.int64), base=7_000 + done)
            done += steps
        ends.append((neurons.v_mv.tobytes(), circuit.inbox.tobytes(), circuit.head.tobytes()))
    assert ends[0] == ends[1]


def test_fibres_fire_at_their_rate() -> None:
    """Counted by what arrives: 100 Hz for two seconds of many fibres (4 standard deviations)."""
    p = parameters("literature", membrane_background_hz=0.0, ampa_decay=1e9)
    circuit = one_contact(1, 0, weight_ns=1.0)
    neurons, _ = tiny_slice(np.random.default_rng(1), "literature")
    neurons.ampa_ns[:] = 0.0
    neurons.ampa_weight[:] = 1.0 / 1.3
    steps = 4001
    epoch(run_epoch, neurons, circuit, p, np.array([[100.0]]), np.zeros(steps, np.int64))
    chance = 100.0 * p.epoch_step * 1e-3
    expected = (steps - 1) * chance
    assert abs(neurons.ampa_ns[0] - expected) < 4.0 * np.sqrt(expected * (1 - chance)) + 1e-3


@pytest.mark.parametrize(("depression", "facilitation"), [(0.3, 0.0), (0.0, 0.4)])
def test_release_is_depressed_or_facilitated_by_spikes_and_recovers(
    depression: float, facilitation: float
) -> None:
    p = parameters("literature")
    fibre = terminals(1, depression=np.array([depression]), facilitation_step=np.array([facilitation]))
    left = decays(p)
    given = []
    for arrives, steps in ((1.0, 1), (0.0, 19), (1.0, 1), (0.0, 20_000), (1.0, 1)):
        for _ in range(steps):
            fibre.arrives[:] = arrives
            fibre.do("transmit", p, left)
        given.append(fibre.given_off[0])
    assert given[1] == given[3] == 0.0
    assert given[0] == pytest.approx(1.3)
    assert given[2] < given[0] if depression else given[2] > given[0]
    assert given[4] == pytest.approx(1.3, rel=1e-6)


def test_another_seed_or_stream_brings_other_spikes() -> None:
    p = parameters("literature")
    ends = set()
    for address in ({}, {"seed": 2}, {"stream": 5}, {"base": 8_000}, {}):
        rng = np.random.default_rng(4)
        neurons, _ = tiny_slice(rng, "literature")
        epoch(
            run_epoch,
            neurons,
            tiny_circuit(rng),
            p,
            np.full((1, FIBRES), 50.0),
            np.zeros(100, np.int64),
            **address,
        )
        ends.add(neurons.ampa_ns.tobytes())
    assert len(ends) == 4


def test_potentiation_acts_on_c_fibre_synapses_only() -> None:
    p = parameters("literature", membrane_background_hz=0.0)
    given = {}
    for potentiates in (0.0, 1.0):
        neurons, _ = tiny_slice(np.random.default_rng(1), "literature")
        neurons.ampa_ns[:], neurons.ampa_weight[:] = 0.0, 2.0
        contact = one_contact(1, 0, potentiates=potentiates)
        epoch(run_epoch, neurons, contact, p, np.array([[0.0], [1e9]]), np.array([0, 1, 0]))
        given[potentiates] = neurons.ampa_ns[0]
    assert given[0.0] > 0.0
    assert given[1.0] == pytest.approx(2.0 * given[0.0])
    classes = {c.name: c.potentiates for c in quiet().anatomy.fibres}
    assert classes == {"c_peptidergic": True, "c_nonpeptidergic": True, "a_delta": False, "a_beta": False}


def test_substance_p_comes_only_with_peptidergic_spikes() -> None:
    p = parameters("literature", membrane_background_hz=0.0)
    for peptide in (0.0, 0.01):
        neurons, _ = tiny_slice(np.random.default_rng(1), "literature")
        neurons.nk1_receptor[:] = 1.0
        epoch(
            run_epoch,
            neurons,
            one_contact(1, 0, peptide=peptide),
            p,
            np.array([[1e9]]),
            np.zeros(20, np.int64),
        )
        assert (neurons.nk1_ns[0] > 0.0) == (peptide > 0.0)
        assert (neurons.nk1_ns[1:] == 0.0).all()


def test_the_table_is_read_between_its_points_and_held_at_its_ends() -> None:
    tables = np.arange(TABLE_SIZE, dtype=float)[None, :] ** 2
    for v_mv in np.linspace(-89, 28, 50):
        x = (v_mv - TABLE_LOW_MV) / TABLE_STEP_MV
        expected = np.interp(x, np.arange(TABLE_SIZE), tables[0])
        assert look_up(tables, 0, v_mv) == pytest.approx(expected, rel=1e-12)
    assert look_up(tables, 0, -500.0) == 0.0
    assert look_up(tables, 0, 500.0) == pytest.approx(tables[0, -1], rel=1e-3)
