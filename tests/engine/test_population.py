"""Births, deaths, growth, copies, checkpoints; and the agents as Mesa sees them."""

import gc
import warnings
import weakref
from contextlib import nullcontext

import mesa
import numpy as np
import pytest

from dorsalhorn.agents.engine import (
    ArrayAgent,
    Cells,
    Population,
    column,
    compiled,
    link,
    release_model,
    rule,
)

from .colony import SHAPE, Bee, Garden, Plant, parameters, same, season


def test_birth_reuses_rows_in_order_and_growth_keeps_everything_valid():
    world, p = Garden(bees=10), parameters()
    bees = world.bees
    bees.remove([7, 2])
    assert len(bees) == 8
    rows = bees.add(5, plant=3, cell=4, load=[1.0, 2.0, 3.0, 4.0, 5.0])
    assert rows.tolist() == [2, 7, 10, 11, 12]
    assert bees.load[rows].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert bees.uid[rows].tolist() == [10, 11, 12, 13, 14]
    assert len(bees) == bees.size == 13 == len(world.agents_by_type[Bee])
    reference = Garden(bees=13)
    for name in bees.columns:
        reference.bees.columns[name][:] = bees.columns[name]
    for _ in range(3):
        bees.do("feed", p)
        reference.bees.do("feed", p, compiled=False)
    assert same(bees, reference.bees)


class Mite(ArrayAgent):
    """Links into a population that grows."""

    host = link()
    weight = column()

    @rule
    def weigh(self):
        self.weight = self.host.load + self.host.plant.height


def test_links_stay_valid_when_the_linked_population_moves_in_memory():
    world = Garden(bees=4)
    mites = Population(world, Mite, 4, links={"host": world.bees}, host=[3, 2, 1, 0])
    mites.do("weigh")
    for _ in range(12):
        world.bees.add(100, plant=1, cell=1)
    world.bees.load[:4] = [10.0, 20.0, 30.0, 40.0]
    mites.do("weigh")
    assert (mites.weight - world.plants.height[world.bees.plant[mites.host]]).tolist() == [
        40.0,
        30.0,
        20.0,
        10.0,
    ]
    assert mites[0].host is world.bees[3]


def test_the_dead_are_skipped_and_raise():
    world = Garden(bees=6)
    bee = world.bees[3]
    bee.remove()
    before = world.bees.load[3]
    world.bees.do("feed", parameters())
    assert world.bees.load[3] == before
    with pytest.raises(ReferenceError, match=r"Bee\(3\) is dead"):
        _ = bee.load
    with pytest.raises(ReferenceError, match=r"Bee\(3\) is dead"):
        world.bees[3]
    with pytest.raises(ValueError, match="living Bee"):
        world.bees.remove([3])
    assert [b.row for b in world.bees] == [0, 1, 2, 4, 5]
    assert world.bees.living("uid").tolist() == [0, 1, 2, 4, 5]
    assert world.bees.frame(["uid", "load"]).index.tolist() == [0, 1, 2, 4, 5]


def test_immortal_classes_refuse_birth_and_death():
    plants = Garden().plants
    with pytest.raises(TypeError, match="not mortal"):
        plants.add(1)
    with pytest.raises(TypeError, match="not mortal"):
        plants[0].remove()
    with pytest.raises(IndexError):
        plants[40]


def test_a_failed_birth_leaves_no_agent():
    bees = Garden(bees=5).bees
    with pytest.raises(ValueError, match="must lie in"):
        bees.add(2, plant=99, cell=0)
    with pytest.raises(TypeError, match="no column 'lod'; did you mean 'load'"):
        bees.add(1, lod=2.0)
    assert len(bees) == 5


def test_agents_are_real_mesa_agents():
    world = Garden()
    agents = world.agents_by_type[Plant]
    assert len(agents) == 40
    assert len(world.agents) == 100
    world.plants.height[:] = np.arange(40.0)
    assert len(agents.select(lambda a: a.height > 30)) == 9
    assert agents.agg("height", max) == 39.0
    assert agents.get("leaves") == [3] * 40
    assert {k: len(v) for k, v in agents.groupby(lambda a: a.height > 30).groups.items()} == {
        False: 31,
        True: 9,
    }
    agents.set("nectar", 0.25)
    assert (world.plants.nectar == 0.25).all()
    agents.do("grow", parameters())
    other = Garden()
    other.plants.height[:] = np.arange(40.0)
    other.plants.do("grow", parameters())
    assert (world.plants.height == other.plants.height).all()


def test_an_agent_is_a_slotted_view_with_python_numbers():
    world = Garden()
    plant, bee = world.plants[7], world.bees[0]
    assert isinstance(plant, mesa.Agent)
    assert [type(x) for x in (plant.height, plant.leaves, plant.open)] == [float, int, bool]
    plant.height = 2.5
    assert world.plants.height[7] == 2.5
    assert bee.plant is world.plants[int(world.bees.plant[0])]
    assert bee.cell is world.cells[int(world.bees.cell[0])]
    assert bee.cell.water == world.grid.water.data[bee.cell.coordinate]
    assert not getattr(plant, "__dict__", None)
    with pytest.raises(AttributeError, match="no column 'heigth'; did you mean 'height'"):
        plant.heigth = 3.0
    with pytest.raises(AttributeError, match="link"):
        bee.plant = plant
    assert Plant.height.unit == "cm"
    assert Plant.schema["height"].high == 500.0


def test_agents_can_stand_in_mesa_cells_and_move():
    world = Garden(place=True)
    assert sum(len(cell.agents) for cell in world.grid.all_cells) == 60
    bee = world.bees[5]
    target = (int(world.bees.cell[5]) + 1) % 35
    world.bees.move([5], [target])
    assert bee in world.cells[target].agents
    assert bee.cell is world.cells[target]
    world.bees.remove([5])
    assert sum(len(cell.agents) for cell in world.grid.all_cells) == 59
    world.bees.add(1, plant=0, cell=3)
    assert world.bees[5] in world.cells[3].agents


def test_many_agents_are_lazy_and_behave_alike():
    a, b, p = Garden(), Garden(eager_limit=10), parameters()
    assert Bee not in b.agents_by_type
    for world, how in ((a, True), (b, False)):
        world.bees.remove([1, 2])
        world.bees.add(4, plant=2, cell=2)
        world.bees.do("feed", p, compiled=how)
    assert same(a.bees, b.bees)
    bee = b.bees[9]
    assert b.bees[9] is bee
    b.bees.remove([9])
    with pytest.raises(ReferenceError):
        _ = bee.load


def test_two_models_at_once_do_not_meet():
    a, b, alone = Garden(1), Garden(2), Garden(1)
    p, q = parameters(), parameters(growth=2.0, seed=4)
    for _ in range(3):
        a.plants.do("live", p)
        b.plants.do("live", q)
        a.bees.do("feed", p)
        b.bees.do("feed", q)
    for _ in range(3):
        alone.plants.do("live", p)
        alone.bees.do("feed", p)
    assert same(a.plants, alone.plants)
    assert same(a.bees, alone.bees)
    assert not same(a.plants, b.plants)


@pytest.mark.parametrize("place", [False, True])
def test_restore_goes_back_over_births_and_deaths(place):
    world, p = Garden(place=place), parameters()
    world.bees.remove([1, 5])
    saved = {"plants": world.plants.state(), "bees": world.bees.state()}

    def go_on(world):
        world.bees.add(30, plant=3, cell=3)
        world.bees.remove([0, 20])
        season(world.plants, world.bees, p, np.zeros(40), 2)
        return world.bees.state()

    first = go_on(world)
    world.plants.restore(saved["plants"])
    world.bees.restore(saved["bees"])
    assert len(world.agents_by_type[Bee]) == 58 == len(world.bees)
    second = go_on(world)
    assert first.keys() == second.keys()
    assert all(first[k].tobytes() == second[k].tobytes() for k in first)
    fresh = Garden(place=place)
    fresh.plants.restore(saved["plants"])
    fresh.bees.restore(saved["bees"])
    third = go_on(fresh)
    assert all(first[k].tobytes() == third[k].tobytes() for k in first)
    assert len(fresh.agents_by_type[Bee]) == len(fresh.bees)
    if place:
        assert sum(len(cell.agents) for cell in fresh.grid.all_cells) == len(fresh.bees)


def test_a_detached_copy_touches_nothing():
    world, p = Garden(), parameters()
    before = world.plants.state(), world.bees.state()
    plants = world.plants.detached()
    bees = world.bees.detached(links={"plant": plants})
    dry = season(plants, bees, p, np.full(40, 0.2), 5)
    again = world.plants.detached()
    also = world.bees.detached(links={"plant": again})
    assert season.plain(again, also, p, np.full(40, 0.2), 5) == dry
    assert same(plants, again)
    assert same(bees, also)
    assert bees[0].plant is plants[int(bees.plant[0])]
    after = world.plants.state(), world.bees.state()
    assert all(
        old[k].tobytes() == new[k].tobytes() for old, new in zip(before, after, strict=True) for k in old
    )
    season(world.plants, world.bees, p, np.full(40, 0.2), 5)
    assert same(world.plants, plants)
    assert same(world.bees, bees)


@compiled
def fertilise(cells, amount):
    for k in range(cells.size):
        cells[k].water += amount


def test_layers_are_shared_never_replaced_and_seen_when_made_later():
    world, p = Garden(), parameters()
    arrays = {name: getattr(world.grid, name).data for name in ("water", "light")}
    world.plants.do("live", p)
    before = world.grid.water.data.copy()
    fertilise(world.cells, 0.5)
    assert (world.grid.water.data == before + 0.5).all()
    assert np.shares_memory(world.cells.water, arrays["water"])
    world.grid.create_property_layer("scent", 2.0)
    assert list(world.cells.columns) == ["water", "light", "scent"]
    noses = Population(world, Nose, 3, links={"cell": world.cells}, cell=[0, 1, 34])
    noses.do("sniff")
    world.grid.create_property_layer("smoke", 1.0)
    world.plants.do("live", p)
    world.grid.scent.data[...] = np.arange(35.0).reshape(SHAPE)
    noses.do("sniff")
    assert noses.smell.tolist() == [0.0, 1.0, 34.0]
    assert all(getattr(world.grid, name).data is array for name, array in arrays.items())


class Nose(ArrayAgent):
    cell = link()
    smell = column()

    @rule
    def sniff(self):
        self.smell = self.cell.scent


def test_single_precision_layers_are_refused():
    world = Garden()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        world.grid.create_property_layer("coarse", np.float32(0), dtype=np.float32)
    with pytest.raises(TypeError, match="float32"):
        Cells(world.grid)


def test_violations_name_the_column():
    world = Garden()
    assert world.plants.violations() == []
    world.plants.height[3] = -1.0
    world.plants.nectar[0] = np.nan
    assert [v.split(":")[0] for v in world.plants.violations()] == ["Plant.height", "Plant.nectar"]


def test_a_released_model_is_freed():
    world = Garden()
    list(world.cells[0].neighborhood)
    world.bees.do("feed", parameters())
    world.bees.detached()
    ghost = weakref.ref(world)
    release_model(world)
    del world
    gc.collect()
    assert ghost() is None


@pytest.mark.filterwarnings("error")
def test_no_warnings():
    world = Garden(place=True)
    world.plants.do("live", parameters())
    world.bees.remove([1])
    world.bees.add(1, plant=1, cell=1)


def test_births_and_deaths_of_a_span_that_nobody_watches_reach_mesa_at_its_end():
    seen, unseen, p = Garden(bees=6, place=True), Garden(bees=6, place=True), parameters()
    for world, span in ((seen, nullcontext()), (unseen, unseen.bees.registered_later())):
        with span:
            first = world.bees[1]
            world.bees.remove([1, 4])
            world.bees.add(4, plant=2, cell=2)
            short_lived = world.bees[7]
            assert len(world.agents_by_type[Bee]) == (4 if world is unseen else 8)
            world.bees.remove([7])
            world.bees.do("feed", p)
        for gone in (first, short_lived):
            with pytest.raises(ReferenceError):
                _ = gone.load
        living = world.agents_by_type[Bee]
        assert sorted(bee.row for bee in living) == world.bees.rows().tolist()
        assert all(bee is world.bees[bee.row] and bee in bee.cell.agents for bee in living)
        assert sum(len(cell.agents) for cell in world.grid.all_cells) == len(world.bees) == 7
    assert same(seen.bees, unseen.bees)
