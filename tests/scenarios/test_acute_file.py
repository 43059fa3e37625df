"""Acute mode in the scenario file: its tick, its records, and what `check` says of volleys."""

import pytest

from dorsalhorn.scenarios.errors import ScenarioError
from dorsalhorn.scenarios.explain import explain, remarks, seconds
from dorsalhorn.scenarios.load import load, resolved_toml

SECOND_D = 1 / 86400
ACUTE = 'title="x"\nbiology="literature"\nmode="acute"\nduration="30 s"\n'
TRAIN = '[[stimulus]]\nkind="c_volley"\nrate_hz=0.5\ncount=8\nstart="2500 ms"\n'


def test_the_tick_is_an_epoch_and_a_dozen_records_are_made(read):
    scenario = read(whole=ACUTE)
    assert scenario.acute
    assert scenario.tick_d == pytest.approx(SECOND_D)
    assert scenario.ticks == 30
    assert scenario.record.every_d == pytest.approx(3 * SECOND_D)
    assert read(whole=ACUTE.replace("30 s", "8 s")).record.every_d == pytest.approx(SECOND_D)
    assert read(whole=ACUTE.replace("30 s", "8 s") + 'tick="4 s"').record.every_d == pytest.approx(
        4 * SECOND_D
    )
    assert load("sham").tick_d == 1 / 24


def test_times_in_milliseconds_and_minutes(read):
    scenario = read(whole=ACUTE.replace("30 s", "0.5 min") + 'tick="100 ms"\n' + TRAIN)
    assert scenario.ticks == 300
    assert [p * 86400 for p in scenario.stimuli[0].pulses_d[:2]] == pytest.approx([2.5, 4.5])


@pytest.mark.parametrize("tick", ["99 ms", "61 s", "1 h"])
def test_a_tick_that_is_no_epoch_is_refused(read, tick):
    with pytest.raises(ScenarioError, match="tick: must lie between 100 ms and 60 s in acute mode"):
        read(whole=ACUTE.replace("30 s", "1 d") + f'tick="{tick}"')


def test_epochs_end_on_a_step(read):
    with pytest.raises(
        ScenarioError, match=r"epoch.step \(0.5 ms\) must go into the tick \(100 ms\) a whole"
    ):
        read(whole=ACUTE + 'tick="100.2 ms"')
    assert read(whole=ACUTE + 'tick="100.5 ms"').ticks == 299


def test_quiet_ticks_may_be_sampled(read, tmp_path):
    sampled = ACUTE.replace("30 s", "10 min") + 'tick="5 s"\nsample_quiet=true\n' + TRAIN
    scenario = read(whole=sampled)
    # 8 pulses from 2.5 to 16.5 s, and 10 s of memory: all but the first five and a half ticks are quiet
    played_s = [round(scenario.played_d(k * scenario.tick_d) * 86400, 6) for k in range(scenario.ticks)]
    assert played_s == [5.0] * 6 + [1.0] * 114
    assert seconds(scenario) < 0.6 * seconds(read(whole=sampled.replace("sample_quiet=true", "")))
    (tmp_path / "again.toml").write_text(resolved_toml(scenario))
    assert load(tmp_path / "again.toml").sample_quiet
    brushed = read(whole=sampled + '[[stimulus]]\nkind="innocuous_brush"\nstart="100 s"\n')
    assert [brushed.played_d(k * brushed.tick_d) == brushed.tick_d for k in (19, 20, 21, 25)] == [
        False,
        True,
        True,
        False,
    ]
    with pytest.raises(ScenarioError, match="sample_quiet: only an acute run"):
        read(whole=sampled.replace('mode="acute"', 'mode="chronic"').replace('"5 s"', '"1 h"'))


def test_an_unknown_mode_is_one_problem(read):
    with pytest.raises(ScenarioError, match=r"did you mean acute\?") as told:
        read(whole=ACUTE.replace('"acute"', '"akute"'))
    assert len(told.value.problems) == 1


def test_too_many_ticks_are_refused(read):
    with pytest.raises(ScenarioError, match="at most 1,000,000"):
        read(whole=ACUTE.replace("30 s", "12 weeks"))


def test_the_resolved_file_reads_back_as_the_same(read, tmp_path):
    scenario = read(whole=ACUTE + TRAIN)
    (tmp_path / "again.toml").write_text(resolved_toml(scenario))
    assert load(tmp_path / "again.toml") == scenario


def test_volleys_in_words(read, registry):
    text = " ".join(explain(read(whole=ACUTE + TRAIN), registry).split())
    assert "30 s in 30 ticks of 1 s (acute)" in text
    assert "c_volley, 8 volleys at 0.5 Hz, one every 2 s, after 2.5 s for 16 s" in text
    burst = '[[stimulus]]\nkind="high_frequency_burst"\nstart="1 s"\n'
    assert "100 volleys at 100 Hz, one every 10 ms" in explain(read(whole=ACUTE + burst), registry)


def test_the_time_it_takes_is_foretold(read):
    short = read(whole=ACUTE)
    assert 10 < seconds(short) < 60
    assert remarks(short) == []
    long = read(whole=ACUTE.replace("30 s", "2 d"))
    assert seconds(long) == pytest.approx(2 * 86400 / 25, rel=0.3)
    assert "takes about 1.8 h" in remarks(long)[0]
    assert 'mode = "chronic"' in remarks(long)[0]
    chronic = load("injury_heals_pain_stays")
    assert 60 < seconds(chronic) < 300


def test_a_train_in_a_chronic_run_is_remarked(read):
    assert 'give mode = "acute" for single volleys' in remarks(read(TRAIN))[0]
