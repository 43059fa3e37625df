import math

import pytest

from dorsalhorn.scenarios import resolved_toml
from dorsalhorn.scenarios.load import load, shipped
from dorsalhorn.scenarios.resolve import read_drive

FULL = """
[slice]
scale = 0.05
receptors_per_neuron = 7
[switches]
sp.mode = "nk1"
[parameters]
"microglia.recovery_time" = "0.9 weeks"
receptor.internalisation_rate = "0.03 1/h"
[[stimulus]]
kind = "incision"
start = "0.3 d"
stop = "100 min"
start = "10 min"
site = [0.1, 0.4]
intensity = 0.3333333333333333
[[stimulus]]
kind = "c_volley"
start = "1 d"
rate_hz = 0.7
count = 16
[[treatment]]
name = "gabapentin"
start = "1 h"
stop = "5 h"
dose = 0.7
[[treatment]]
name = "gabapentin"
start = "5 h"
[[treatment]]
name = "pregabalin"
start = "0 d"
[[clamp]]
target = "afferent.rate"
value = 0.2
site = [0.0, 0.5]
[[clamp]]
target = "magnesium"
value = "1200 uM"
start = "1 h"
stop = "2 h"
[[clamp]]
target = "microglia.recovery_time"
factor = 0.5
[[clamp]]
target = "kinase"
factor = 0.3
start = "3 h"
[[knockout]]
mechanism = "microglia"
start = "7 h"
[[knockout]]
mechanism = "kinase"
start = "0 d"
stop = "1 h"
[record]
every = "90 min"
agents = ["neurons", "receptors"]
fields = ["glutamate"]
""".replace('start = "0.3 d"\n', "", 1)


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_load_and_carry_their_baseline(name):
    scenario = load(name)
    assert scenario.name == name
    first = min(stimulus.start_d for stimulus in scenario.stimuli)
    assert first >= 3 / 86400 if scenario.acute else first == 2.0


def test_the_acute_ones_are_short():
    acute = {name for name in shipped() if load(name).acute}
    assert acute == {"wind_up", "pinch_test", "brush_with_inhibition_blocked", "high_frequency_ltp"}
    for name in acute:
        assert load(name).biology == "literature"
        assert load(name).duration_d <= 2 / 1440
    assert len(load("wind_up").stimuli[0].pulses_d) == 16


def test_the_four_of_stage_one_are_shipped():
    assert {"injury_heals_pain_stays", "injury_heals_pain_heals", "sham", "injury_literature"} <= set(
        shipped()
    )
    stays, literature = load("injury_heals_pain_stays"), load("injury_literature")
    assert stays.stimuli == literature.stimuli
    assert (stays.biology, literature.biology) == ("article", "literature")


@pytest.mark.parametrize("name", shipped())
def test_round_trip_of_the_shipped(name, tmp_path):
    scenario = load(name)
    file = tmp_path / "scenario.toml"
    file.write_text(resolved_toml(scenario))
    assert load(file) == scenario
    assert load(tmp_path) == scenario  # a run folder holds one


def test_round_trip_of_everything(read, registry, tmp_path):
    scenario = read(FULL)
    text = resolved_toml(scenario, registry)
    file = tmp_path / "again.toml"
    file.write_text(text)
    again = load(file, registry=registry)
    assert again == scenario
    assert resolved_toml(again, registry) == text


def test_everything_is_resolved(read, registry):
    scenario = read(FULL)
    assert scenario.parameters["microglia.recovery_time"] == pytest.approx(6.3)
    assert scenario.parameters["receptor.internalisation_rate"] == pytest.approx(0.72)
    assert set(scenario.parameters) == set(registry.parameters)
    assert set(scenario.switches) == set(registry.switches)
    assert scenario.switches["sp.mode"] == "nk1"
    first, second = scenario.stimuli
    assert (first.start_d, first.stop_d) == pytest.approx((10 / 1440, 100 / 1440))
    assert second.stop_d is None
    assert (second.rate_hz, second.count) == (0.7, 16)
    usual = read_drive(registry.stimuli["c_volley"])
    assert second.drive.c_hz == pytest.approx(0.7 * usual.c_hz)
    assert second.cause_ends_d == pytest.approx(1.0 + 16 / 0.7 / 86400)
    gabapentin = [c for c in scenario.courses if "gabapentin" in c.label]
    assert [c.factor for c in gabapentin] == pytest.approx([0.5**0.7, 0.8**0.7, 0.5, 0.8])
    assert gabapentin[0].onset_d == pytest.approx(1 / 24)
    assert math.isinf(gabapentin[-1].stop_d)
    assert [c.target for c in scenario.clamps] == ["afferent.rate", "magnesium"]
    assert scenario.clamps[1].value == pytest.approx(1.2)
    held = {o.label: o for o in scenario.overrides}
    assert held["clamp microglia.recovery_time"].factor == 0.5
    turned = [o for o in scenario.overrides if o.label.startswith("clamp kinase")]
    assert [o.value for o in turned] == pytest.approx(
        [0.3 * scenario.parameters[o.parameter] for o in turned]
    )
    assert scenario.record.agents == ("neurons", "receptors")
    assert scenario.record.every_d == pytest.approx(90 / 1440)


def test_recording_is_six_hourly_and_at_least_a_tick_apart(read):
    assert read().record.every_d == 0.25
    assert read("", 'tick="12 h"').record.every_d == 0.5


@pytest.mark.parametrize(
    "change", ['parameters."microglia.recovery_time"="7 d"', 'parameters.microglia.recovery_time="7 d"']
)
@pytest.mark.parametrize(
    "before",
    ["", '[parameters]\n"microglia.recovery_time"="6 d"\n', '[parameters]\nmicroglia.recovery_time="6 d"\n'],
)
def test_a_parameter_is_set_however_it_is_written(read, before, change):
    assert read(before, change).parameters["microglia.recovery_time"] == 7.0


def test_changes_reach_the_scenario(read):
    injury = '[[stimulus]]\nkind="incision"\nstart="1 d"\n'
    scenario = read(
        injury,
        'stimulus.0.stop="1.5 d"',
        'stimulus.1={kind="sham", start="0 d"}',
        'knockout=[{mechanism="kinase", start="0 d"}]',
        "slice.scale=0.02",
        'record.agents=["microglia"]',
        'switches."sp.mode"="nk1"',
    )
    assert scenario.stimuli[0].stop_d == 1.5
    assert scenario.stimuli[1].kind == "sham"
    assert {o.label for o in scenario.overrides} == {"knockout kinase"}
    assert scenario.scale == 0.02
    assert scenario.record.agents == ("microglia",)
    assert scenario.switches["sp.mode"] == "nk1"


def test_the_last_change_wins(read):
    assert read("", "seed=4", "seed=5").seed == 5


def test_the_seed_argument_wins(tmp_path):
    assert load("sham", seed=77).seed == 77


def test_a_file_with_a_byte_order_mark_and_windows_lines(tmp_path):
    file = tmp_path / "my file ü.toml"
    file.write_bytes(b"\xef\xbb\xbf" + b'title="x"\r\nbiology="article"\r\nduration="1 d"\r\n')
    scenario = load(file)
    assert scenario.tick_d == pytest.approx(1 / 24)
    assert scenario.name == "my_file__"


def test_a_scenario_is_a_value(read):
    scenario = read()
    with pytest.raises(AttributeError):
        scenario.seed = 3
    assert read() == scenario
