"""Protocols of weeks on made-up animals: what each reads, and that it fails where it should."""

import importlib
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.analysis.patterns import PROTOCOLS, Preparation
from dorsalhorn.analysis.patterns.glia import daily, first_day, half_rise_d
from dorsalhorn.analysis.patterns.latent import _share
from dorsalhorn.analysis.patterns.space import _reach
from dorsalhorn.analysis.patterns.weeks import Course, Moment
from dorsalhorn.model.readouts import COLUMNS
from dorsalhorn.scenarios.patterns import patterns

NAMES = [c.name for c in COLUMNS]
LEVELS = ("injuries", "autonomy", "latent", "glia", "redox", "space")
INJURIES = ("P24", "P25", "P26", "P27", "P28", "P29")
SLOW = (*INJURIES, "P30", "P31", "P32", "P34", "P36", "P40", "P42", "P59", "P67", "P69", "P70", "P71")
SLOW = (*SLOW, "P72", "P73", "P74", "P76")


def healthy(scenario, day):
    return 1.0


def ill(scenario, day):
    return 0.03 if scenario.stimuli or scenario.clamps else 1.0


class MadeUp:
    """An animal whose threshold over naive is a function of what is done to it and of the day."""

    def __init__(self, fate, slice, *changes):
        self.fate, self.slice, self.changes = fate, slice, changes
        self.horn = SimpleNamespace(parameters=SimpleNamespace(slice_width=1000.0))
        self.settled = Moment(0.0, slice.scenario("weeks", *changes), {})
        self.naive = self.course(at=(0.0, 1.0, 2.0))

    def course(self, *changes, at=(), keep=(), since=None, until=0.0, watch=None, after_change=()):
        scenario = self.slice.scenario("weeks", *self.changes, *changes)
        start = since.day if since else 0.0
        end = max((*at, *keep, until, start))
        step = 0.25 if end - start > 2.0 else 1.0 / 24.0
        states = self.frame(scenario, np.arange(start + step, end + 0.5 * step, step), watch or {})
        kept = tuple(Moment(day, scenario, {}) for day in sorted({*keep, end}))
        return Course(self.frame(scenario, sorted(at), {}), states, kept)

    def frame(self, scenario, days, watch):
        rows = [
            dict.fromkeys((*NAMES, "rest_hz", *watch), 1.0) | {"time_d": d, "mt": self.fate(scenario, d)}
            for d in days
        ]
        return pd.DataFrame(rows, columns=None if rows else ["time_d", *NAMES, *watch]).set_index("time_d")

    def beside(self, moment, place):
        return 14.0 * self.fate(moment.scenario, moment.day)


@pytest.fixture
def failed(monkeypatch):
    """The criteria that an animal of some fate does not meet."""

    def measured(id_, fate):
        for level in LEVELS:
            module = importlib.import_module(f"dorsalhorn.analysis.patterns.{level}")
            monkeypatch.setattr(module, "Subject", lambda *given: MadeUp(fate, *given), raising=False)
        pattern = patterns()[id_]
        values = PROTOCOLS[id_](Preparation("literature", 1, pattern.parameters))
        assert set(values) == set(pattern.criteria)
        return {name for name, c in pattern.criteria.items() if not c.holds(float(values[name]))}

    return measured


@pytest.mark.parametrize("id_", SLOW)
def test_every_slow_protocol_returns_its_criteria(id_, failed):
    failed(id_, ill)


@pytest.mark.parametrize("id_", [i for i in SLOW if i not in ("P30", "P74")])
def test_an_animal_that_feels_nothing_fails(id_, failed):
    assert failed(id_, healthy)


def test_the_guard_lets_the_healthy_pass_and_no_one_else(failed):
    assert failed("P30", healthy) == set()
    assert {"brush_mt", "sham_mt"} <= failed("P30", ill)
    drifting = failed("P30", lambda s, day: 1.0 - 0.002 * day)
    assert {"nothing_mt", "brush_mt", "sham_mt"} <= drifting
    running_away = failed("P30", lambda s, day: 0.3 * 0.9 ** (day / 7) if injured(s) else 1.0)
    assert running_away == {"injured_weekly_slope"}


def injured(scenario):
    return any(s.drive.nerve_injury for s in scenario.stimuli)


def deep(scenario):
    return any(s.kind == "incision" and s.intensity == 1.0 for s in scenario.stimuli)


def test_an_incision_must_heal_and_the_deeper_later(failed):
    def heals(s, day):
        return 0.2 if day < (6.0 if deep(s) else 2.0) and s.stimuli else 0.95

    assert failed("P24", heals) == set()
    assert failed("P24", lambda s, day: 0.2 if day < 6.0 and s.stimuli else 0.95) == {"deep_over_skin"}
    stays = failed("P24", lambda s, day: 0.2 if deep(s) else 1.0)
    assert stays == {"back_d", "late", "deep_over_skin"}, "to a wound that is not felt nothing compares"


def cuff_stop(scenario):
    stop = scenario.stimuli[0].stop_d if scenario.stimuli else None
    return None if stop is None else round(stop)


def test_a_cuff_taken_off_must_not_snap_back(failed):
    def fate(s, day, snaps=False):
        if not s.stimuli:
            return 1.0
        if cuff_stop(s) == 1:
            return 0.95 if day > 18 or snaps else 0.3
        return 0.2 if cuff_stop(s) is None else 0.85 if s.treatments else 0.6

    assert failed("P32", fate) == set()
    assert failed("P32", lambda s, day: fate(s, day, snaps=True)) == {"day_after"}
    assert "nk1_gain" in failed("P32", lambda s, day: fate(s, day) if not s.treatments else 0.6)


def test_a_latent_state_must_be_masked_and_need_receptors(failed):
    def fate(s, day, latent=True):
        unmasked = bool(s.treatments) and abs(day % 1.0) > 1e-6 and bool(s.stimuli)
        blocked = any(o.parameter == "nmdar.conductance" for o in s.overrides) or bool(s.clamps)
        return 0.3 if unmasked and latent and not blocked else 0.9

    assert failed("P40", fate) == set()
    assert failed("P40", lambda s, day: fate(s, day, latent=False)) == {"during", "nmda_share"}


def test_a_pulse_of_radicals_must_wear_off(failed):
    assert failed("P59", lambda s, day: 0.5 if s.clamps and day < 0.5 else 1.0) == set()
    assert failed("P59", lambda s, day: 0.5 if s.clamps else 1.0) == {"later_lowest"}


# ---------------------------------------------------------------------- baths and barrages, as they run
QUICK = {
    "P05": {"bath_min": 0.25, "later_min": 0.25},
    "P06": {"hours": 0.25, "washed_h": 0.5},
    "P21": {"first_min": 0.1, "phase_1_min": 0.1, "phase_2_min": 0.3, "ends_min": 0.5, "post_min": 0.2},
}


@pytest.mark.parametrize("id_", QUICK)
def test_every_bath_returns_its_criteria(id_):
    """In a fraction of its time and slice: what it returns says nothing, but it runs from end to end."""
    pattern = patterns()[id_]
    sets = ("slice.scale=0.01", "slice.receptors_per_neuron=10")
    slice = Preparation("literature", 1, {**pattern.parameters, **QUICK[id_]}, sets)
    assert set(PROTOCOLS[id_](slice)) == set(pattern.criteria)
    slice.release()


# ---------------------------------------------------------------------- what they count
def test_days_are_means_by_their_middle():
    found = daily(pd.Series([1.0, 3.0, 5.0], index=[0.5, 1.0, 1.5]))
    assert found.to_dict() == {0.5: 2.0, 1.5: 5.0}


def test_half_rise_and_first_day():
    rising = pd.Series([0.0, 1.0, 4.0, 2.0], index=[1.0, 2.0, 3.0, 4.0])
    assert half_rise_d(rising, 0.0) == 3.0
    assert first_day(rising, 1.0) == 2.0
    assert first_day(rising, 9.0) == np.inf


def test_a_block_takes_its_share_of_the_fall():
    assert _share(1.0, 0.25, 0.5) == pytest.approx(0.5)
    assert np.isnan(_share(0.5, 0.5, 0.5))


def test_the_zone_ends_where_all_beyond_is_small():
    away = np.array([0.3, 0.2, 0.1, 0.0, 0.1, 0.2, 0.3])
    assert _reach(away, np.array([0.0, 0.1, 0.4, 0.8, 0.4, 0.1, 0.0])) == 0.2
    assert np.isnan(_reach(away, np.full(7, 0.5)))
