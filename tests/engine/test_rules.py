"""The rule you read is the rule that runs: same bits in every mode, and clear refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dorsalhorn.agents.engine import ArrayAgent, Population, column, compiled, link, rule, rule_card
from dorsalhorn.agents.engine.kernels import make_kernel

from .colony import Bee, Garden, Plant, parameters, same, season

numbers = st.floats(-1e6, 1e6)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    share=numbers,
    growth=numbers,
    tick=st.integers(-(10**6), 10**6),
    height=st.lists(numbers, min_size=5, max_size=5),
)
def test_compiled_equals_plain_to_the_last_bit(seed, share, growth, tick, height):
    p = parameters(seed=seed, share=share, growth=growth, tick=tick)
    worlds = [Garden(seed, plants=5, bees=9) for _ in range(2)]
    for world, how in zip(worlds, (True, False), strict=True):
        world.plants.height[:] = height
        world.bees.remove([2, 7])
        for population, name in ((world.plants, "grow"), (world.plants, "bloom"), (world.bees, "feed")):
            population.do(name, p, compiled=how)
    a, b = worlds
    assert same(a.plants, b.plants)
    assert same(a.bees, b.bees)


def test_a_loop_over_two_populations_equals_its_plain_source():
    a, b = Garden(), Garden()
    p, drinks = parameters(), np.linspace(0, 0.3, 40)
    assert season(a.plants, a.bees, p, drinks, 6) == season.plain(b.plants, b.bees, p, drinks, 6) > 0
    assert same(a.plants, b.plants)
    assert same(a.bees, b.bees)


def test_a_rule_sees_through_a_link_what_the_same_function_wrote():
    """Columns of two tables may be the same memory; the compiler must not be told otherwise."""

    @compiled
    def relay(plants, bees, days):
        for d in range(days):
            for i in range(plants.size):
                plants[i].height = 1.0 * d + i
            for j in range(bees.size):
                bees[j].load += bees[j].plant.height

    a, b = Garden(bees=300), Garden(bees=300)
    relay(a.plants, a.bees, 5)
    relay.plain(b.plants, b.bees, 5)
    assert same(a.bees, b.bees)


def test_a_rule_may_call_rules_and_be_given_as_function():
    a, b, p = Garden(), Garden(), parameters()
    a.plants.do(Plant.live, p)
    b.plants.do("grow", p)
    b.plants.do("bloom", p)
    assert same(a.plants, b.plants)


def test_one_agent_follows_a_rule_in_the_debugger():
    a, b, p = Garden(), Garden(), parameters()
    a.plants[4].grow(p)
    b.plants.do("grow", p)
    assert a.plants.height[4] == b.plants.height[4]
    assert a.plants.height[5] != b.plants.height[5]


def test_misspelt_column_is_refused_when_the_class_is_made():
    with pytest.raises(TypeError, match=r"Wrong\.fill: no column or link 'lod'; did you mean 'load'\?"):

        class Wrong(ArrayAgent):
            load = column()

            @rule
            def fill(self, p):
                self.lod = p.share

    with pytest.raises(TypeError, match="'hight'; did you mean 'height'"):

        class AlsoWrong(Plant):
            @rule
            def stretch(self, p):
                return self.hight


@pytest.mark.parametrize("line", ["self.plant.nectar = 0.0", "self.plant.nectar -= 1.0", "self.plant = 3"])
def test_writing_through_a_link_is_refused_when_the_class_is_made(tmp_path, line):
    source = f"class Thief(Bee):\n    @rule\n    def steal(self, p):\n        {line}\n"
    file = tmp_path / "thief.py"
    file.write_text(source)
    with pytest.raises(TypeError, match=r"Thief\.steal writes self\.plant.*may write only its own agent"):
        exec(compile(source, file, "exec"), {"Bee": Bee, "rule": rule, "__name__": "thief"})


def test_writing_through_a_link_is_refused_in_a_helper_and_by_another_name():
    with pytest.raises(TypeError, match="may write only its own agent"):

        class Thief(Bee):
            @rule
            def steal(self, p):
                flower = self.plant
                flower.nectar = 0.0

    with pytest.raises(TypeError, match=r"writes self\.uid"):

        class Impostor(Bee):
            @rule
            def pose(self, p):
                self.uid = 7


def test_the_compiler_refuses_writes_through_a_link_too():
    @compiled
    def rob(bees):
        bees[0].plant.nectar = 0.0

    with pytest.raises(Exception, match="a rule may write only its own agent"):
        rob(Garden().bees)


def test_the_compiler_names_the_nearest_column_and_parameter():
    @compiled
    def look(bees):
        return bees[0].plant.nektar

    @compiled
    def measure(p):
        return p.grwth

    with pytest.raises(Exception, match="no column 'nektar'; did you mean 'nectar'"):
        look(Garden().bees)
    with pytest.raises(Exception, match="no parameter 'grwth'; did you mean 'growth'"):
        measure(parameters())


class Astray(Bee):
    @rule
    def wander(self, p):
        self.load = self.plant.nektar

    @rule
    def doze(self, p):
        self.load = self.cell.watr

    @rule
    def hum(self, p):
        self.load = p.shar


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wander", "'nektar' of plant; did you mean 'nectar'"),
        ("doze", "'water'"),
        ("hum", "'shar'; did you mean 'share'"),
    ],
)
@pytest.mark.parametrize("how", [True, False])
def test_names_of_others_and_of_parameters_are_checked_before_the_first_run(name, message, how):
    world = Garden()
    links = {"plant": world.plants, "cell": world.cells}
    lost = Population(world, Astray, 2, links=links, plant=0, cell=0)
    with pytest.raises(TypeError, match=message):
        lost.do(name, parameters(), compiled=how)


def test_unknown_rule_is_refused():
    world = Garden()
    with pytest.raises(TypeError, match="no rule 'blom'; did you mean 'bloom'"):
        world.plants.do("blom", parameters())
    with pytest.raises(TypeError, match="Plant has no rule 'feed'"):
        world.plants.do(Bee.feed, parameters())


def test_reserved_names_are_refused():
    with pytest.raises(TypeError, match="'pos' is taken"):

        class Wrong(ArrayAgent):
            pos = column()


def test_rule_card_follows_helpers_and_rules():
    card = rule_card(Plant, "grow")
    assert card.reads == {"height"} == card.writes
    assert card.links_read == {"cell.water", "cell.light"}
    assert card.parameters == {"dry", "growth", "tall"}
    whole = rule_card(Plant, Plant.live)
    assert whole.writes == {"height", "open", "leaves", "nectar"}
    assert "uid" in whole.reads
    assert rule_card(Bee, "feed").links_read == {
        "plant.nectar",
        "plant.open",
        "plant.cell.light",
        "cell.water",
    }


def test_a_new_parameter_value_does_not_compile_again():
    world, p = Garden(), parameters()
    world.plants.do("grow", p)
    kernel = make_kernel(Plant.rules["grow"], False)
    before, compilations = world.plants.height.copy(), len(kernel.signatures)
    p.set("growth", 7)
    world.plants.do("grow", p)
    q = p.copy()
    q.set("growth", 0.0)
    again = world.plants.height.copy()
    world.plants.do("grow", q)
    assert len(kernel.signatures) == compilations
    assert not np.array_equal(before, again)
    assert (world.plants.height[again < 4] == again[again < 4]).all()


def test_kernels_are_simd():
    """A rule with a link, a condition, parameters, a helper and an exponential becomes vector code."""
    world = Garden()
    world.plants.do("grow", parameters())
    kernel = make_kernel(Plant.rules["grow"], False)
    if kernel.stats.cache_hits:
        pytest.skip("loaded from disk")
    assert " x double>" in kernel.inspect_llvm(kernel.signatures[0])


class Loner(ArrayAgent):
    friend = link()


def test_links_are_complete_and_inside():
    world = Garden()
    with pytest.raises(TypeError, match="needs a target for its link 'friend'"):
        Population(world, Loner, 2)
    with pytest.raises(ValueError, match=r"must lie in 0\.\.39"):
        Population(world, Loner, 2, links={"friend": world.plants}, friend=[1, 40])
    with pytest.raises(ValueError, match="must lie in"):
        Population(world, Loner, 2, links={"friend": world.plants})
