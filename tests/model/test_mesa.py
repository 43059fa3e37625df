"""Mesa's own tools on the slice: agent sets, cells, property layers, data collection."""

from __future__ import annotations

import mesa
import numpy as np
import pytest

from dorsalhorn.agents import Afferent, Astrocyte, Microglia, Neuron, NMDAReceptor
from dorsalhorn.model import DorsalHorn
from dorsalhorn.model.readouts import COLUMNS

from .horn import TICK_D, build, differing, quiet, run, stimulus

KINDS = {
    "afferents": Afferent,
    "neurons": Neuron,
    "receptors": NMDAReceptor,
    "microglia": Microglia,
    "astrocytes": Astrocyte,
}


def test_the_slice_is_a_mesa_model_and_every_agent_a_mesa_agent(naive: DorsalHorn) -> None:
    assert isinstance(naive, mesa.Model)
    assert set(naive.agent_types) == set(KINDS.values())
    for name, kind in KINDS.items():
        agents = naive.agents_by_type[kind]
        assert len(agents) == len(naive.populations[name])
        assert all(isinstance(agent, mesa.Agent) and agent.model is naive for agent in agents)
    assert len(naive.agents) == sum(len(herd) for herd in naive.populations.values())
    assert len({agent.unique_id for agent in naive.agents}) == len(naive.agents)


def test_select_get_agg_and_groupby(naive: DorsalHorn) -> None:
    neurons = naive.agents_by_type[Neuron]
    inhibitory = neurons.select(lambda n: n.inhibitory == 1)
    assert len(inhibitory) == (naive.neurons.inhibitory == 1).sum()
    assert neurons.get("v_mv") == naive.neurons.v_mv.tolist()
    assert neurons.agg("x_um", max) == naive.neurons.x_um.max()
    by_lamina = neurons.groupby("lamina")
    assert by_lamina.count() == dict(zip(*np.unique(naive.neurons.lamina, return_counts=True), strict=True))
    means = by_lamina.agg("threshold_mv", np.mean)
    for lamina, mean in means.items():
        assert mean == pytest.approx(naive.neurons.threshold_mv[naive.neurons.lamina == lamina].mean())
    surface = naive.agents_by_type[NMDAReceptor].select(lambda r: r.surface == 1 and r.neuron.lamina == 1)
    r = naive.receptors
    assert (
        len(surface) == ((r.living("surface") == 1) & (naive.neurons.lamina[r.living("neuron")] == 1)).sum()
    )


def test_agents_know_their_neuron_and_their_cell(naive: DorsalHorn) -> None:
    receptor = next(iter(naive.receptors))
    assert receptor.neuron is naive.neurons[receptor.neuron.row]
    assert receptor.cell is receptor.neuron.cell
    for name in ("neurons", "microglia", "astrocytes"):
        for agent in naive.populations[name]:
            assert agent in agent.cell.agents
            assert (
                agent.cell.glutamate
                == naive.cells.columns["glutamate"][naive.populations[name].cell[agent.row]]
            )
    placed = sum(len(cell.agents) for cell in naive.grid.all_cells)
    assert placed == len(naive.neurons) + len(naive.microglia) + len(naive.astrocytes)


def test_cells_lie_where_their_agents_are(naive: DorsalHorn) -> None:
    for neuron in naive.neurons:
        i, j = neuron.cell.coordinate
        assert (i, j) == (int(neuron.x_um / naive.sheet.cell_um), int(neuron.y_um / naive.sheet.cell_um))


def test_property_layers_are_the_maps(naive: DorsalHorn) -> None:
    for name, flat in naive.cells.columns.items():
        layer = getattr(naive.grid, name).data
        assert layer.shape == (naive.sheet.columns, naive.sheet.rows)
        assert np.shares_memory(layer, flat)
        np.testing.assert_array_equal(layer.ravel(), flat)


@pytest.mark.usefixtures("hurried")
def test_writing_an_agent_writes_its_column_and_the_other_way_round() -> None:
    model = build(quiet("article", TICK_D))
    agent = model.microglia[3]
    agent.activation = 0.625
    assert model.microglia.activation[3] == 0.625
    model.microglia.activation[3] = 0.25
    assert agent.activation == 0.25
    model.agents_by_type[Microglia].set("activation", 0.5)
    assert (model.microglia.living("activation") == 0.5).all()
    model.grid.tnf.data[agent.cell.coordinate] = 7.0
    assert agent.cell.tnf == 7.0
    with pytest.raises(AttributeError):
        agent.activatoin = 1.0


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("how", ["do", "shuffle_do"])
def test_mesas_do_is_the_compiled_rule_in_any_order(how: str) -> None:
    a, b = (build(quiet("article", TICK_D)) for _ in range(2))
    for kind, name, rule in ((Microglia, "microglia", "survey"), (Neuron, "neurons", "respire")):
        a.populations[name].do(rule, a.parameters)
        getattr(b.agents_by_type[kind], how)(rule, b.parameters)
    assert differing(a, b) == []


@pytest.mark.usefixtures("hurried")
def test_births_and_deaths_are_known_to_mesa() -> None:
    ligation = stimulus("spinal_nerve_ligation", 0.2, site=(0.0, 1.0))
    model = build(quiet("literature", 4.0, stimuli=(ligation,)))
    at_first = len(model.microglia)
    model.run()
    assert len(model.microglia) > 1.1 * at_first, "nerve injury makes microglia divide"
    for name, kind in KINDS.items():
        registered = set(model.agents_by_type[kind])
        assert registered == set(model.populations[name])
    assert all(cell in model.grid.all_cells for cell in {m.cell for m in model.microglia})
    assert {m for cell in model.grid.all_cells for m in cell.agents if isinstance(m, Microglia)} == set(
        model.microglia
    )


@pytest.mark.usefixtures("hurried")
def test_the_data_collector_has_a_row_a_tick_and_a_column_a_read_out() -> None:
    model = run(quiet("article", 1.0))
    frame = model.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == [c.name for c in COLUMNS]
    assert len(frame) == model.ticks + 1
    assert np.isfinite(frame.to_numpy(dtype=float)).all()
    assert frame.iloc[-1].to_dict() == {k: v for k, v in model.records[-1].items() if k != "time_d"}
