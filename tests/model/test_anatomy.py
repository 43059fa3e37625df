"""The slice as the anatomy table describes it: numbers, shares, places, wiring, and how they scale."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import mesa
import numpy as np
import pytest

from dorsalhorn.agents.engine import Parameters, Population
from dorsalhorn.model import DorsalHorn
from dorsalhorn.model import slice as build
from dorsalhorn.model.anatomy import LAMINAE, Anatomy
from dorsalhorn.model.circuit import EXCITES, INHIBITS, Circuit, wire
from dorsalhorn.model.schedule import identifier

from .horn import PRESETS, quiet


class Slice(NamedTuple):
    """Populations and wiring of a slice that has not lived yet."""

    anatomy: Anatomy
    sheet: build.Sheet
    p: Parameters
    neurons: Population
    afferents: Population
    microglia: Population
    astrocytes: Population
    circuit: Circuit


@cache
def laid_out(scale: float, seed: int = 1) -> Slice:
    scenario = quiet("literature")
    values = {identifier(k): v for k, v in scenario.parameters.items()}
    p = Parameters(list(values), list(values.values()))
    model, rng = mesa.Model(rng=seed), np.random.default_rng(seed)
    sheet = build.lay_out(scenario.anatomy, p)
    _, cells = build.make_grid(model, sheet)
    afferents = build.make_afferents(model, scenario.anatomy, sheet, cells, scale, p, rng)
    neurons = build.make_neurons(model, scenario.anatomy, sheet, cells, scale, p, rng)
    glia = build.make_glia(model, sheet, cells, scale, p, rng)
    circuit = wire(scenario.anatomy, neurons, afferents, p, rng)
    return Slice(scenario.anatomy, sheet, p, neurons, afferents, *glia, circuit)


SCALES = (0.03, 0.1, 0.3)


def groups(s: Slice) -> dict[str, np.ndarray]:
    """Rows of the neurons of each group."""
    return {g.name: np.flatnonzero(s.neurons.group == k) for k, g in enumerate(s.anatomy.groups)}


def sources_of(circuit: Circuit) -> np.ndarray:
    """Source (fibre, or fibres + neuron) of each contact."""
    return np.repeat(np.arange(circuit.start.size - 1), np.diff(circuit.start))


# ---------------------------------------------------------------------- numbers
@pytest.mark.parametrize("scale", [*SCALES, 1.0])
def test_each_lamina_has_its_share_of_the_neurons(scale: float) -> None:
    s = laid_out(scale)
    least = int(s.p.slice_projection_minimum)
    for number, lamina in enumerate(s.anatomy.laminae, start=1):
        own = [g for g in s.anatomy.groups if g.lamina == lamina.name]
        assert sum(g.share for g in own) == pytest.approx(1.0)
        added = sum(
            max(0.0, least - lamina.neurons * g.share * scale) for g in own if g.projection and number == 1
        )
        have = int((s.neurons.lamina == number).sum())
        assert have == pytest.approx(lamina.neurons * scale + added, abs=0.5 * len(own) + 1), lamina.name


@pytest.mark.parametrize("scale", [*SCALES, 1.0])
def test_lamina_i_keeps_enough_projection_neurons_for_statistics(scale: float) -> None:
    s = laid_out(scale)
    projection = (s.neurons.projection == 1) & (s.neurons.lamina == 1)
    assert projection.sum() >= s.p.slice_projection_minimum
    if scale == 1.0:
        assert projection.sum() == 55


def test_inhibitory_shares_are_those_of_the_counts() -> None:
    """Tiong 2011, Polgar 2013: 25 % of lamina I, 31 % of II, 40 % of III (rat)."""
    s = laid_out(1.0)
    for lamina, share in ((1, 0.25), (2, 0.31), (3, 0.40)):
        here = s.neurons.inhibitory[s.neurons.lamina == lamina]
        assert here.mean() == pytest.approx(share, abs=0.01), lamina


def test_most_lamina_i_projection_neurons_carry_nk1() -> None:
    s = laid_out(1.0)
    projection = (s.neurons.projection == 1) & (s.neurons.lamina == 1)
    assert 0.6 < s.neurons.nk1_receptor[projection].mean() < 0.95
    assert s.neurons.nk1_receptor[s.neurons.inhibitory == 1].sum() == 0


@pytest.mark.parametrize("scale", SCALES)
def test_glia_have_their_densities(scale: float) -> None:
    s = laid_out(scale)
    volume = s.sheet.volume_mm3 * s.p.slice_depth * 1e-3
    assert volume == pytest.approx(1.0 * 0.635 * 0.3, rel=0.02), "a millimetre by 635 um by 300 um"
    assert len(s.microglia) == pytest.approx(s.p.slice_microglia_density * volume * scale, abs=1)
    assert len(s.astrocytes) == pytest.approx(s.p.slice_astrocyte_density * volume * scale, abs=1)


@pytest.mark.parametrize("scale", [*SCALES, 1.0])
def test_fibres_come_in_their_numbers(scale: float) -> None:
    s = laid_out(scale)
    for kind, c in enumerate(s.anatomy.fibres):
        assert (s.afferents.kind == kind).sum() == max(2, round(c.fibres * scale))


# ---------------------------------------------------------------------- places
def test_every_neuron_lies_in_its_lamina_and_its_cell() -> None:
    s = laid_out(0.1)
    for number, name in enumerate(LAMINAE, start=1):
        top, bottom = s.sheet.bands[name]
        y = s.neurons.y_um[s.neurons.lamina == number]
        assert ((y >= top) & (y <= bottom)).all()
    assert ((s.neurons.x_um >= 0) & (s.neurons.x_um <= s.p.slice_width)).all()
    column, row = np.divmod(s.neurons.cell, s.sheet.rows)
    assert (column == (s.neurons.x_um / s.sheet.cell_um).astype(int)).all()
    assert (row == (s.neurons.y_um / s.sheet.cell_um).astype(int)).all()


def test_no_stretch_of_the_skin_or_the_slice_is_empty() -> None:
    s = laid_out(0.1)
    for rows in groups(s).values():
        gaps = np.diff(np.sort(s.neurons.x_um[rows]), prepend=0.0, append=s.p.slice_width)
        assert gaps.max() <= 2.0 * s.p.slice_width / rows.size
    for kind in range(len(s.anatomy.fibres)):
        skin = np.sort(s.afferents.skin[s.afferents.kind == kind])
        assert np.diff(skin, prepend=0.0, append=1.0).max() <= 2.0 / skin.size


def test_conduction_takes_longer_the_slower_the_fibre() -> None:
    """C 100-200 ms over 100 mm, A-delta about 20, A-beta about 7 (science 2.4)."""
    s = laid_out(0.1)
    median = [float(np.median(s.afferents.latency_ms[s.afferents.kind == k])) for k in range(4)]
    for kind, (low, high) in enumerate(((65, 330), (65, 330), (12, 50), (4, 13))):
        assert low < median[kind] * 100.0 / s.p.afferent_path < high
    assert median[0] > 3 * median[2] > 3 * median[3]
    np.testing.assert_array_equal(s.circuit.latency, np.rint(s.afferents.latency_ms / s.p.epoch_step))


# ---------------------------------------------------------------------- wiring
@pytest.mark.parametrize("scale", SCALES)
def test_in_degree_times_conductance_is_kept_at_every_scale(scale: float) -> None:
    """What a neuron receives in all does not depend on how many neurons stand for the slice."""
    s = laid_out(scale)
    total = np.bincount(s.circuit.target, weights=s.circuit.weight_ns, minlength=len(s.neurons))
    for name, rows in groups(s).items():
        expected = sum(c.conductance_ns for c in s.anatomy.connections if c.post == name)
        np.testing.assert_allclose(total[rows], expected, rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("scale", SCALES)
def test_no_neuron_has_more_partners_than_the_table_says(scale: float) -> None:
    s = laid_out(scale)
    degree = np.bincount(s.circuit.target, minlength=len(s.neurons))
    for name, rows in groups(s).items():
        most = sum(c.in_degree for c in s.anatomy.connections if c.post == name)
        assert (degree[rows] <= most).all(), name
        if scale >= 0.3:
            assert (degree[rows] == most).all(), name


def test_contacts_join_only_what_the_table_joins() -> None:
    s = laid_out(0.1)
    names = [c.name for c in s.anatomy.fibres]
    group = [g.name for g in s.anatomy.groups]
    source = sources_of(s.circuit)
    pre = [
        names[s.afferents.kind[k]] if k < s.circuit.fibres else group[s.neurons.group[k - s.circuit.fibres]]
        for k in source
    ]
    post = [group[s.neurons.group[k]] for k in s.circuit.target]
    assert set(zip(pre, post, strict=True)) == {(c.pre, c.post) for c in s.anatomy.connections}


def test_no_neuron_talks_to_itself_or_twice_to_the_same() -> None:
    s = laid_out(0.1)
    source = sources_of(s.circuit)
    assert (source - s.circuit.fibres != s.circuit.target).all()
    pairs = source * len(s.neurons) + s.circuit.target
    assert np.unique(pairs).size == pairs.size


def test_inhibitory_neurons_inhibit_and_all_others_excite() -> None:
    s = laid_out(0.1)
    assert (s.circuit.channel[: s.circuit.fibres] == EXCITES).all()
    np.testing.assert_array_equal(
        s.circuit.channel[s.circuit.fibres :] == INHIBITS, s.neurons.inhibitory == 1
    )


def test_delays_are_those_of_the_registry_and_never_nothing() -> None:
    s = laid_out(0.1)
    ms = s.circuit.delay * s.p.epoch_step
    assert s.circuit.delay.min() >= 1
    assert ms.min() >= s.p.synapse_delay_minimum - s.p.epoch_step
    assert ms.max() <= s.p.synapse_delay_maximum + s.p.epoch_step


def test_only_peptidergic_fibres_carry_substance_p() -> None:
    s = laid_out(0.1)
    np.testing.assert_array_equal(s.circuit.peptide > 0.0, s.afferents.peptidergic == 1.0)


def test_a_fibre_reaches_the_neurons_at_its_place_of_the_map() -> None:
    """Skin u meets x = u times the width, spread as wide as the arbor of its class."""
    s = laid_out(0.3)
    source = sources_of(s.circuit)
    own = source < s.circuit.fibres
    away = s.neurons.x_um[s.circuit.target[own]] - s.afferents.skin[source[own]] * s.p.slice_width
    kind, skin = s.afferents.kind[source[own]], s.afferents.skin[source[own]]
    middle = (skin > 0.3) & (skin < 0.7)
    for k, c in enumerate(s.anatomy.fibres):
        here = away[(kind == k) & middle]
        assert abs(here.mean()) < 0.15 * c.arbor_um, c.name
        assert here.std() == pytest.approx(c.arbor_um, rel=0.3), c.name


def test_neighbours_are_likelier_partners_than_distant_neurons() -> None:
    s = laid_out(0.3)
    source = sources_of(s.circuit)
    local = source >= s.circuit.fibres
    pre, post = source[local] - s.circuit.fibres, s.circuit.target[local]
    away = np.hypot(s.neurons.x_um[pre] - s.neurons.x_um[post], s.neurons.y_um[pre] - s.neurons.y_um[post])
    anyone = np.abs(s.neurons.x_um[:, None] - s.neurons.x_um[None, :]).mean()
    assert np.median(away) < 0.6 * anyone


def test_another_seed_wires_another_slice_of_the_same_kind() -> None:
    a, b, again = laid_out(0.03, 1), laid_out(0.03, 2), laid_out.__wrapped__(0.03, 1)
    assert a.circuit.synapses == b.circuit.synapses
    assert a.circuit.target.tobytes() != b.circuit.target.tobytes()
    for name in ("target", "weight_ns", "delay", "start", "latency"):
        assert getattr(a.circuit, name).tobytes() == getattr(again.circuit, name).tobytes()


# ---------------------------------------------------------------------- it works as a map
@pytest.mark.parametrize("biology", PRESETS)
def test_touch_excites_the_neurons_at_its_place(biology: str) -> None:
    """A firm touch at skin u makes the neurons near u fire more than five times what it does far away.

    In a slice of a tenth: in the smallest a neuron finds its partners over the whole width.
    """
    model = DorsalHorn(quiet(biology, scale=0.1))
    lab, neurons = model.laboratory, model.neurons
    place = neurons.x_um / model.parameters.slice_width

    def fired(pressure_g: float, u: float) -> np.ndarray:
        return lab.present(lab.forced_rates(pressure_g, u, 0.1), 500.0, 200.0, 90).sum(axis=0)

    for u in (0.25, 0.75):
        more = fired(26.0, u) - fired(0.0, u)
        near, far = np.abs(place - u) < 0.1, np.abs(place - u) > 0.4
        assert more[near].mean() > 5.0 * max(more[far].mean(), 0.05), u
