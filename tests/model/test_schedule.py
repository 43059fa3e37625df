"""What is done to the slice over time: courses of stimuli, treatments, knock-outs; what they leave alone."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, seed
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.integrate import quad

from dorsalhorn.agents.engine import Parameters
from dorsalhorn.model import DorsalHorn
from dorsalhorn.model.courses import course_factor
from dorsalhorn.model.scenario import Clamp, Course, Drive, Override, Scenario, Stimulus
from dorsalhorn.model.schedule import Drives, Regimen, identifier
from dorsalhorn.model.targets import CLAMP_TARGETS
from dorsalhorn.scenarios.registry import registry

from .horn import TICK_D, build, differing, quiet, run, series, stimulus

days = st.floats(0.0, 10.0)
spans = st.floats(0.01, 5.0)
quick = examples(max_examples=40, deadline=None, database=None)


# ---------------------------------------------------------------------- the course of a stimulus
def level(s: Stimulus, t: float) -> float:
    """The course in words: rise over the onset, plateau, exponential healing; written down independently."""
    d = s.drive
    end = s.stop_d if s.stop_d is not None else s.start_d + d.plateau_d
    if t < s.start_d:
        return 0.0
    risen = 1.0 if d.onset_d == 0.0 else min(1.0, (min(t, end) - s.start_d) / d.onset_d)
    if t <= end:
        return s.intensity * risen
    return s.intensity * risen * math.exp(-(t - end) / d.healing_d) if d.healing_d > 0 else 0.0


@seed(1)
@quick
@given(
    start=days,
    lasts=spans,
    stopped=st.booleans(),
    onset=st.one_of(st.just(0.0), spans),
    healing=st.one_of(st.just(0.0), spans),
    intensity=st.floats(0.0, 3.0),
    a=days,
    width=spans,
)
def test_the_mean_level_integrates_the_course_exactly(
    start: float,
    lasts: float,
    stopped: bool,
    onset: float,
    healing: float,
    intensity: float,
    a: float,
    width: float,
) -> None:
    drive = Drive(onset_d=onset, healing_d=healing, plateau_d=math.inf if stopped else lasts)
    s = Stimulus("x", start, start + lasts if stopped else None, intensity=intensity, drive=drive)
    corners = sorted(t for t in (start, start + min(onset, lasts), start + lasts) if a < t < a + width)
    edges = [a, *corners, a + width]
    inside = [(low, high) for low, high in itertools.pairwise(edges) if high - low > 1e-9]
    area = sum(quad(lambda t: level(s, t), low + 1e-12, high - 1e-12, limit=200)[0] for low, high in inside)
    assert s.mean_level(a, a + width) == pytest.approx(area / width, abs=1e-6)


@seed(2)
@quick
@given(start=days, a=days, b=days, c=days)
def test_shorter_ticks_add_up_to_longer_ones(start: float, a: float, b: float, c: float) -> None:
    a, b, c = sorted((a, b, c))
    assume(b - a > 1e-3)
    assume(c - b > 1e-3)
    s = stimulus("incision", start)
    parts = s.mean_level(a, b) * (b - a) + s.mean_level(b, c) * (c - b)
    assert parts == pytest.approx(s.mean_level(a, c) * (c - a), abs=1e-9)


@pytest.mark.parametrize("kind", sorted(registry().stimuli))
def test_every_kind_is_silent_before_bounded_and_over_when_it_heals(kind: str) -> None:
    s = stimulus(kind, 3.0, rate_hz=1.0, count=10)
    assert s.mean_level(0.0, 3.0) == 0.0
    course = [s.mean_level(t, t + 0.1) for t in np.arange(3.0, 400.0, 0.5)]
    assert 0.0 < s.mean_level(3.0, 3.5) <= 1.0
    assert all(0.0 <= x <= 1.0 + 1e-12 for x in course)
    if math.isfinite(s.drive.plateau_d):
        assert course[-1] < 1e-3
    else:
        assert course[-1] == pytest.approx(1.0)
        assert replace(s, stop_d=10.0).mean_level(390.0, 391.0) < 1e-3


# ---------------------------------------------------------------------- which fibres
def test_fibres_outside_the_site_are_untouched(naive: DorsalHorn) -> None:
    """Read from a copy of the afferents, as the shared slice must stay as it is."""
    fibres = naive.afferents.detached()
    inside = (fibres.skin >= 0.2) & (fibres.skin <= 0.5)
    s = stimulus("cuff", 1.0, site=(0.2, 0.5))
    Drives((s,), fibres, seed=1).apply(2.0, 2.2)
    for name in ("drive_hz", "injury_hz", "inflammation", "nerve_injury", "blocked"):
        assert (fibres.columns[name][~inside] == 0.0).all(), name
    assert fibres.nerve_injury[inside] == pytest.approx(s.drive.nerve_injury)
    assert fibres.inflammation[inside] == pytest.approx(s.drive.inflammation)
    assert set(np.unique(fibres.injury_hz[inside])) <= {
        0.0,
        s.drive.c_hz,
        s.drive.a_delta_hz,
        s.drive.a_beta_hz,
    }
    assert fibres.injury_hz.max() > 0.0


def test_only_what_a_damaged_axon_does_by_itself_has_to_be_set_up(naive: DorsalHorn) -> None:
    """Skin, volleys and inflammation drive an injured fibre as they drive a whole one."""
    fibres = naive.afferents.detached()
    cut = stimulus("spared_nerve_injury", 0.0, site=(0.0, 1.0))
    inflamed = stimulus("carrageenan", 0.0, site=(0.0, 1.0))
    Drives((inflamed,), fibres, seed=1).apply(1.0, 1.1)
    skin = fibres.drive_hz.copy()
    assert skin.max() > 0.0
    assert fibres.injury_hz.max() == 0.0
    Drives((inflamed, cut), fibres, seed=1).apply(1.0, 1.1)
    np.testing.assert_array_equal(fibres.drive_hz, skin)
    assert fibres.injury_hz.max() > 0.0


def test_the_declared_share_of_fibres_is_driven_and_always_the_same_ones() -> None:
    from .test_anatomy import laid_out

    fibres = laid_out(1.0).afferents.detached()
    s = stimulus("incision", 0.0, site=(0.0, 1.0))
    drives = Drives((s,), fibres, seed=1)
    drives.apply(1.0, 1.1)
    c_fibres = fibres.kind <= 1
    share, n = s.drive.c_fraction, int(c_fibres.sum())
    driven = fibres.drive_hz > 0
    assert abs(driven[c_fibres].sum() - n * share) < 4.0 * math.sqrt(n * share * (1 - share))
    drives.apply(1.5, 1.6)
    np.testing.assert_array_equal(fibres.drive_hz > 0, driven)
    drives.apply(-1.0, 0.0)
    assert (fibres.drive_hz == 0.0).all(), "an input that is gone leaves nothing"


def test_two_injuries_add_up_but_damage_and_inflammation_stop_at_all(naive: DorsalHorn) -> None:
    fibres = naive.afferents.detached()
    once = stimulus("nerve_constriction", 0.0, site=(0.0, 1.0))
    Drives((once,), fibres, seed=1).apply(50.0, 50.1)
    one = fibres.nerve_injury.copy()
    Drives((once, once), fibres, seed=1).apply(50.0, 50.1)
    np.testing.assert_allclose(fibres.nerve_injury, np.minimum(1.0, 2 * one))
    assert fibres.nerve_injury.max() <= 1.0


@pytest.mark.usefixtures("hurried")
def test_a_nerve_block_silences_its_site_and_lets_go() -> None:
    block = stimulus("nerve_block", 2 * TICK_D, 6 * TICK_D, site=(0.3, 0.7))
    model = build(quiet("article", 3.0, stimuli=(stimulus("tonic", 0.0, site=(0.0, 1.0)), block)))
    inside = (model.afferents.skin >= 0.3) & (model.afferents.skin <= 0.7)
    free = []
    for tick in range(model.ticks):
        model.step()
        rates = model.afferents.rate_hz
        assert (rates[~inside] > 0.0).all()
        if 3 <= tick < 6:  # the tick in which it sets in is silenced in part
            assert (rates[inside] == 0.0).all()
        free.append(rates[inside].mean())
    assert free[0] == free[1] > 0.0
    assert free[-1] == pytest.approx(free[0], rel=1e-3)


@pytest.mark.usefixtures("hurried")
def test_a_tonic_stimulus_drives_at_its_rate_while_it_lasts() -> None:
    s = stimulus("tonic", TICK_D, 4 * TICK_D, site=(0.0, 0.5))
    s = replace(s, drive=replace(s.drive, c_hz=0.7))
    model = build(quiet("literature", 1.0, stimuli=(s,)))
    driven = (model.afferents.kind <= 1) & (model.afferents.skin <= 0.5)
    for tick in range(6):
        model.step()
        extra = (model.afferents.rate_hz - model.afferents.resting_hz)[driven]
        np.testing.assert_allclose(extra, 0.7 if 1 <= tick < 4 else 0.0, atol=1e-12)


# ---------------------------------------------------------------------- treatments
def test_a_treatment_comes_on_and_wears_off_with_its_own_times() -> None:
    c = Course(2.0, 10.0, "x", factor=0.4, onset_d=1.5, offset_d=0.5)
    assert course_factor(c, 1.999) == course_factor(c, 2.0) == 1.0
    assert course_factor(c, 3.5) == pytest.approx(1.0 - 0.6 * (1.0 - math.exp(-1.0)))
    assert course_factor(c, 9.999) == pytest.approx(0.4, abs=0.01)
    assert course_factor(c, 10.5) - 1.0 == pytest.approx((course_factor(c, 10.0) - 1.0) * math.exp(-1.0))
    assert course_factor(c, 60.0) == pytest.approx(1.0, abs=1e-9)
    at_once = replace(c, onset_d=0.0, offset_d=0.0)
    assert [course_factor(at_once, t) for t in (1.9, 2.0, 9.9, 10.0)] == [1.0, 0.4, 0.4, 1.0]


@seed(3)
@quick
@given(
    factor=st.floats(0.0, 3.0),
    onset=st.floats(0.0, 5.0),
    offset=st.floats(0.0, 5.0),
    time=st.floats(-1.0, 50.0),
)
def test_a_treatment_never_overshoots(factor: float, onset: float, offset: float, time: float) -> None:
    got = course_factor(Course(1.0, 9.0, "x", factor, onset, offset), time)
    assert min(1.0, factor) - 1e-12 <= got <= max(1.0, factor) + 1e-12


def regimen(**changes: object) -> tuple[Regimen, Parameters, Scenario]:
    scenario = quiet("article", 30.0, **changes)
    values = {identifier(k): v for k, v in scenario.parameters.items()}
    p = Parameters(list(values), list(values.values()))
    return Regimen(scenario, p), p, scenario


def test_knock_outs_treatments_and_clamps_act_in_their_span_and_nothing_is_left() -> None:
    r, p, scenario = regimen(
        overrides=(
            Override(5.0, 8.0, "kinase.activity", value=0.0),
            Override(3.0, math.inf, "ampa.max", factor=0.9),
        ),
        courses=(Course(6.0, 9.0, "tnf.release", 0.5), Course(7.0, 9.0, "tnf.release", 0.5)),
        clamps=(Clamp(1.0, 2.0, "magnesium", value=0.1),),
    )
    base = scenario.parameters
    before = dict(p.items())
    seen = {}
    for day in (0.0, 1.0, 2.0, 5.5, 6.5, 7.5, 8.0, 9.0, 30.0):
        r.apply(day)
        seen[day] = dict(p.items())
    touched = {"kinase_activity", "ampa_max", "tnf_release", "nmdar_magnesium"}
    for values in seen.values():
        assert {k: v for k, v in values.items() if k not in touched} == {
            k: v for k, v in before.items() if k not in touched
        }
    assert seen[0.0] == before
    assert [seen[d]["nmdar_magnesium"] for d in (1.0, 2.0)] == [0.1, base["nmdar.magnesium"]]
    assert [seen[d]["kinase_activity"] for d in (5.5, 7.5, 8.0)] == [0.0, 0.0, base["kinase.activity"]]
    tnf = base["tnf.release"]
    assert [seen[d]["tnf_release"] for d in (5.5, 6.5, 7.5, 9.0)] == [tnf, 0.5 * tnf, 0.25 * tnf, tnf]
    assert seen[30.0]["ampa_max"] == 0.9 * base["ampa.max"]


@pytest.mark.parametrize("name", sorted(registry().mechanisms))
def test_every_knock_out_takes_hold(name: str) -> None:
    out = registry().mechanisms[name].knockout
    r, p, _ = regimen(overrides=tuple(Override(1.0, 2.0, key, value=value) for key, value in out.items()))
    before = dict(p.items())
    r.apply(1.5)
    assert {key: getattr(p, identifier(key)) for key in out} == dict(out)
    literature, article = (registry().resolve(biology, {}, {}) for biology in ("literature", "article"))
    acts = [key for key, value in out.items() if value not in (literature[key], article[key])]
    assert acts or any(out[key] != literature[key] for key in out), "knocking it out changes nothing"
    r.apply(2.0)
    assert dict(p.items()) == before


@pytest.mark.usefixtures("hurried")
def test_a_knock_out_reaches_the_agents_and_is_over_when_it_ends() -> None:
    out = Override(0.0, 0.5, "kinase.activity", value=0.0)
    model = build(
        quiet("literature", 1.0, overrides=(out,), stimuli=(stimulus("incision", 0.0, site=(0, 1)),))
    )
    kinase = []
    while model.tick < model.ticks:
        model.step()
        kinase.append(float(model.neurons.kinase.max()))
    assert max(kinase[:3]) < 1e-6
    assert min(kinase[3:]) > 1e-3


# ---------------------------------------------------------------------- nothing comes of nothing (R19)
NULLS = {
    "a factor of one": {
        "courses": (Course(0.0, 1.0, "tnf.release", 1.0, 0.1, 0.1),),
        "overrides": (Override(0.0, 1.0, "kinase.activity", factor=1.0),),
        "clamps": tuple(Clamp(0.0, 1.0, target, factor=1.0) for target in CLAMP_TARGETS),
    },
    "after the end": {
        "courses": (Course(5.0, 9.0, "tnf.release", 0.1),),
        "overrides": (Override(5.0, 9.0, "kinase.activity", value=0.0),),
        "clamps": tuple(Clamp(5.0, 9.0, target, value=0.5) for target in CLAMP_TARGETS),
        "stimuli": (stimulus("incision", 5.0),),
    },
    "a span of nothing": {
        "overrides": (Override(0.5, 0.5, "kinase.activity", value=0.0),),
        "clamps": tuple(Clamp(0.5, 0.5, target, value=0.5) for target in CLAMP_TARGETS),
    },
    "no intensity": {"stimuli": (stimulus("spared_nerve_injury", 0.0, intensity=0.0),)},
    "an empty site": {"clamps": (Clamp(0.0, 1.0, "afferent.rate", value=1.0, site=(2.0, 3.0)),)},
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("biology", ["literature", "article"])
def test_null_treatments_change_not_one_byte(biology: str) -> None:
    plain = run(quiet(biology, 1.0))
    for name, changes in NULLS.items():
        treated = run(quiet(biology, 1.0, **changes))
        assert differing(plain, treated) == [], name
        assert series(plain).to_numpy().tobytes() == series(treated).to_numpy().tobytes(), name


@pytest.mark.usefixtures("hurried")
def test_a_tick_tires_the_cells_that_have_fired_and_the_circuit_feels_it() -> None:
    """Only those of a class that tires; without it the last epoch would stand."""
    model = build(quiet("literature", 1.0))
    neurons = model.neurons
    neurons.rate_hz[:] = 20.0
    model.step()
    opened = neurons.slow_potassium_ns > 0.0
    assert opened.any()
    assert np.array_equal(opened, neurons.slow_potassium_max_ns > 0.0)
    model.sampler.due()
    assert not model.sampler.due()
    for change in ("slow_potassium_ns", "plateau_shift_nm"):
        neurons.columns[change][:] += 1.0 if change == "slow_potassium_ns" else 20.0
        assert model.sampler.due(), change
        assert not model.sampler.due()


@pytest.mark.usefixtures("hurried")
def test_a_tick_calms_excitatory_cells_when_noradrenaline_rises_and_the_circuit_feels_it() -> None:
    model = build(quiet("literature", 1.0))
    model.step()
    assert not model.neurons.calming_ns.any()
    model.parameters.set("noradrenaline_level", 2.0)
    model.step()
    assert np.array_equal(model.neurons.calming_ns > 0.0, model.neurons.inhibitory == 0)
    model.sampler.due()
    assert not model.sampler.due()
    model.neurons.calming_ns[:] += 1.0
    assert model.sampler.due()


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("key", ["ampa.conductance", "inhibition.conductance", "nk1.conductance"])
def test_a_drug_on_the_circuit_is_felt_at_once(key: str) -> None:
    """Nothing else moves, so that without it the last epoch would stand."""
    model = build(quiet("literature", 1.0))
    model.sampler.due()
    assert not model.sampler.due()
    model.parameters.set(identifier(key), 0.5 * getattr(model.parameters, identifier(key)))
    assert model.sampler.due()


@pytest.mark.usefixtures("hurried")
def test_every_rule_has_its_place_in_the_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    do = DorsalHorn._do

    def watched(model: DorsalHorn, name: str, *rules: str) -> None:
        seen.update((name, rule) for rule in rules)
        do(model, name, *rules)

    monkeypatch.setattr(DorsalHorn, "_do", watched)
    model = build(quiet("literature", 1.0))
    seen.clear()
    model.step()
    in_the_circuit = {("afferents", "transmit"), ("neurons", "integrate")}
    every = {(name, rule) for name, herd in model.populations.items() for rule in type(herd[0]).rules}
    assert seen == every - in_the_circuit
