"""Acute runs: responses counted right, told right, drawn right, compared with their like only."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from dorsalhorn.analysis import RunError, compare_runs, open_run, run_figure, save_run_figure, summarise
from dorsalhorn.analysis.raster import COLOURS, MOST_MARKS, bands
from dorsalhorn.analysis.responses import Responses

WINDOWS = {"a_beta": [0.0, 20.0], "a_delta": [20.0, 90.0], "c": [90.0, 300.0], "late": [300.0, 800.0]}
KINDS = ("projection", "excitatory", "inhibitory")
SECOND_D = 1 / 86400
SITE = (0.25, 0.75)


def cells() -> pd.DataFrame:
    """Four neurons of each kind in laminae I and V, half of them at the stimulated site."""
    rows = [(k, lamina, place) for k in KINDS for lamina in (1, 5) for place in (0.1, 0.4, 0.6, 0.9)]
    return pd.DataFrame(rows, columns=["kind", "lamina", "place"]).assign(neuron=range(len(rows)))


def evoked(spikes: pd.DataFrame, pulses: list[list[float]]) -> pd.DataFrame:
    """What the model would count after each pulse of each train."""
    inside = cells()[cells().place.between(*SITE)]
    rows = []
    for stimulus, times in enumerate(pulses):
        for number, pulse in enumerate(times):
            until = min([800.0, *np.diff(times)[number : number + 1]])
            for kind in KINDS:
                mine = inside[inside.kind == kind]
                after = spikes[spikes.neuron.isin(mine.neuron)].time_ms - pulse
                row = {"stimulus_number": number + 1, "time_ms": pulse, "kind": kind, "neurons": len(mine)}
                row["spikes_per_neuron"] = after.between(0, until, inclusive="left").sum() / len(mine)
                rows.append(row | {"stimulus": stimulus})
    return pd.DataFrame(
        rows, columns=["stimulus_number", "time_ms", "kind", "neurons", "spikes_per_neuron", "stimulus"]
    )


def answers(pulses: list[float], growing: bool, latency_ms: float = 120.5) -> list[tuple[float, int]]:
    """One spike of every projection neuron for the first pulse, one more for each later one if it grows."""
    rows = cells()[cells().kind == "projection"].neuron
    return [
        (pulse + latency_ms + 5.0 * k, int(neuron))
        for number, pulse in enumerate(pulses)
        for neuron in rows
        for k in range(number + 1 if growing else 1)
    ]


def write_acute(
    folder: Path,
    write_table,
    trains: dict[str, list[float]] | None = None,
    growing: bool = True,
    stimuli: list[dict] | None = None,
    spikes: list[tuple[float, int]] | None = None,
    duration_s: float = 20.0,
    status: str = "complete",
    extra: int = 0,
) -> Path:
    """An acute run folder as the contract has it."""
    folder.mkdir()
    trains = {"c_volley": [5000.0, 6000.0, 7000.0, 8000.0]} if trains is None else trains
    drawn = [spike for times in trains.values() for spike in answers(times, growing)]
    fired = drawn if spikes is None else list(spikes)
    rng = np.random.default_rng(1)
    fired += [
        (t, int(n)) for t, n in zip(rng.uniform(0, 4000, extra), rng.integers(0, 24, extra), strict=True)
    ]
    table = pd.DataFrame(sorted(fired), columns=["time_ms", "neuron"])
    table = table.merge(cells()[["neuron", "kind", "lamina"]], on="neuron").sort_values("time_ms")
    write_table(table, {"time_ms": "ms"}, folder / "spikes.parquet")
    write_table(evoked(table, [*trains.values()]), {"time_ms": "ms"}, folder / "evoked.parquet")
    write_table(cells(), {}, folder / "roster.parquet")
    write_table(pd.DataFrame({"time_d": [0.0, duration_s * SECOND_D]}), {}, folder / "timeseries.parquet")
    given = [
        {
            "kind": kind.split("#")[0],
            "start_d": times[0] / 86400e3,
            "stop_d": (times[-1] + 1000) / 86400e3,
            "site": list(SITE),
        }
        for kind, times in trains.items()
    ]
    info = {
        "status": status, "mode": "acute", "seed": 4, "simulated_d": duration_s * SECOND_D,
        "stimuli": given if stimuli is None else stimuli, "windows_ms": WINDOWS,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(info))
    (folder / "scenario.toml").write_text('title = "A train"\nbiology = "literature"\nmode = "acute"\n')
    return folder


@pytest.fixture
def make_acute(tmp_path, write_table):
    def make(name: str = "acute", **options) -> Path:
        return write_acute(tmp_path / name, write_table, **options)

    return make


def pinch(start_s: float, stop_s: float, kind: str = "pinch") -> dict:
    return {"kind": kind, "start_d": start_s * SECOND_D, "stop_d": stop_s * SECOND_D, "site": list(SITE)}


PINCHED = {"trains": {}, "stimuli": [pinch(5, 10)], "spikes": [(5000.5 + 100 * k, 1) for k in range(50)]}
"""one of the four projection neurons of the site fires at 10 Hz while it is pinched"""


def words(figure):
    FigureCanvasAgg(figure).draw()
    labels = [
        t
        for ax in figure.axes
        for t in (ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels())
    ]
    legends = [t for ax in figure.axes if ax.get_legend() for t in ax.get_legend().get_texts()]
    artists = [t for ax in figure.axes for t in (*ax.texts, ax._left_title)] + figure.texts + labels + legends
    return [t.get_text() for t in artists if t.get_text()]


# ------------------------------------------------------------------ counting
def test_the_histogram_is_in_hertz_per_neuron(make_acute):
    r = Responses(open_run(make_acute(growing=False)))
    (train,) = r.trains
    edges = r.edges_ms([train])
    hz = r.histogram(r.neurons("projection"), train.pulses_ms, edges)
    assert edges[[0, -1]].tolist() == [0.0, 800.0]
    assert (hz * np.diff(edges) * 1e-3).sum() == pytest.approx(1.0)
    assert edges[:-1][hz > 0] == pytest.approx([120.0])
    assert r.histogram(r.neurons("excitatory"), train.pulses_ms, edges).sum() == 0.0


def test_only_the_stimulated_part_is_counted(make_acute):
    r = Responses(open_run(make_acute()))
    assert r.neurons("projection").tolist() == [1, 2, 5, 6]
    assert r.neurons("projection", deep=False).tolist() == [1, 2]
    assert r.neurons("projection", deep=True).tolist() == [5, 6]


def test_a_histogram_ends_before_the_next_pulse(make_acute):
    r = Responses(open_run(make_acute(trains={"c_volley": [1000.0, 1500.0, 2000.0]})))
    assert r.edges_ms(r.slow)[-1] <= 500.0


def test_bursts_are_no_train_of_single_responses(make_acute):
    trains = {"c_volley": [1000.0, 3000.0], "high_frequency_burst": [5000.0, 5010.0, 5020.0]}
    r = Responses(open_run(make_acute(trains=trains)))
    assert [t.kind for t in r.trains] == ["c_volley", "high_frequency_burst"]
    assert [t.kind for t in r.slow] == ["c_volley"]


def test_a_response_that_the_end_cuts_off_is_left_out(make_acute):
    r = Responses(open_run(make_acute(duration_s=8.2)))
    assert r.trains[0].pulses_ms.tolist() == [5000.0, 6000.0, 7000.0]


def test_spans_before_during_and_after(make_acute):
    r = Responses(open_run(make_acute(**PINCHED)))
    assert [s.name for s in r.spans] == ["before", "pinch", "after"]
    rates = [r.rate(r.neurons("projection"), span) for span in r.spans]
    assert rates == pytest.approx([0.0, 2.5, 0.0])


def test_two_stimuli_of_one_kind_are_told_apart(make_acute):
    stimuli = [pinch(2, 4, "innocuous_brush"), pinch(10, 12, "innocuous_brush")]
    r = Responses(open_run(make_acute(**PINCHED | {"stimuli": stimuli})))
    assert [s.name for s in r.spans] == ["before", "innocuous brush, 2 s", "innocuous brush, 10 s", "after"]


# ------------------------------------------------------------------ words
def test_growth_is_told_with_first_last_and_ratio(make_acute):
    text = " ".join(summarise(make_acute()))
    assert "Done to the slice, over 20 s: c volley, 5 s to 9 s." in text
    assert (
        "projection neurons answer the first pulse with 1.0 spikes each and the last (number 4) with 4.0"
        in text
    )
    assert "4.0 times as many" in text
    assert "excitatory neurons, 0 and 0" in text
    assert "8 of 8 projection" in text
    assert "not medical advice" in text
    assert "threshold" not in text


def test_no_growth_is_no_change(make_acute):
    assert "with 1.0: no change" in " ".join(summarise(make_acute(growing=False)))


def test_a_pinch_is_told_in_hertz(make_acute):
    text = " ".join(summarise(make_acute(**PINCHED)))
    assert "Projection neurons fire at 0 Hz (before), 2.5 Hz (pinch) and 0 Hz (after)." in text


def test_two_trains_are_compared_within_their_scatter(make_acute):
    same = {"c_volley": [1000.0, 2000.0, 3000.0], "c_volley#2": [9000.0, 10000.0, 11000.0]}
    flat, growing = make_acute("flat", trains=same, growing=False), make_acute("grows", trains=same)
    assert "in the first train, 1.0: no change" in " ".join(summarise(flat))
    assert "a difference within the scatter of the pulses" in " ".join(summarise(growing))


def test_a_run_without_stimuli_has_words_and_a_figure(make_acute):
    folder = make_acute(trains={}, stimuli=[], spikes=[(100.0, 1)])
    assert "Done to the slice, over 20 s: nothing." in summarise(folder)[0]
    assert "(the whole run)" in " ".join(summarise(folder))
    assert save_run_figure(folder).is_file()


def test_a_silent_run_has_words_and_a_figure(make_acute):
    folder = make_acute(spikes=[])
    assert "Spikes kept: 0" in " ".join(summarise(folder))
    assert save_run_figure(folder).is_file()


def test_a_run_stopped_before_its_first_epoch_has_words_and_a_figure(make_acute):
    folder = make_acute(trains={}, stimuli=[pinch(5, 10)], spikes=[], duration_s=0.0, status="interrupted")
    assert "The run was interrupted" in summarise(folder)[0]
    assert save_run_figure(folder).is_file()


# ------------------------------------------------------------------ figure
def test_the_figure_of_a_train(make_acute):
    figure = run_figure(open_run(make_acute()))
    raster, histogram, curve = figure.axes
    written = words(figure)
    assert len([ln for ln in raster.lines if ln.get_gid() == "pulse"]) == 4
    assert {"I", "V"} <= set(written)
    assert {f"{kind} neurons" for kind in KINDS} <= set(written)
    assert {"A\u03b2", "A\u03b4", "C", "late"} <= set(written)
    assert {p.get_gid() for p in histogram.patches if p.get_gid()} == {"window a_beta", "window c"}
    lines = {line.get_gid(): line.get_ydata().tolist() for line in curve.lines}
    assert lines["projection"] == [1.0, 2.0, 3.0, 4.0]
    assert curve.get_xlabel() == "pulse"
    assert "withdrawal\nthreshold (g)" not in written
    assert any("4.0 times as many" in w for w in written)
    assert "literature preset \N{MIDDLE DOT} seed 4 \N{MIDDLE DOT} 20 s" in written


def test_spikes_stand_in_the_band_of_their_lamina_and_kind(make_acute):
    run = open_run(make_acute())
    laid = bands(run.roster)
    assert [(b.lamina, b.kind) for b in laid] == [(n, k) for n in (1, 5) for k in KINDS]
    assert laid[0].high == pytest.approx(1.0)
    assert laid[-1].low == pytest.approx(0.0)
    ax = run_figure(run).axes[0]
    drawn = [line for line in ax.lines if line.get_gid() == "spikes"]
    for line, band in zip(drawn, laid, strict=True):
        assert to_hex(line.get_color()) == COLOURS[band.kind]
        assert all(band.low <= y <= band.high for y in line.get_ydata())
    assert sum(len(line.get_xdata()) for line in drawn) == len(run.spikes)


def test_a_dense_raster_is_counted_into_pixels(make_acute):
    figure = run_figure(open_run(make_acute(extra=MOST_MARKS + 1)))
    ax = figure.axes[0]
    assert [line for line in ax.lines if line.get_gid() == "spikes"] == []
    assert len(ax.images) == 6
    assert any("darker is more" in w for w in words(figure))


def test_the_figure_of_a_pinch_and_of_two_trains(make_acute):
    pinched = run_figure(open_run(make_acute("pinch", **PINCHED)))
    heights = [p.get_height() for p in pinched.axes[2].patches if p.get_gid() == "projection"]
    assert heights == pytest.approx([0.0, 2.5, 0.0])
    assert "before" in words(pinched)
    trains = {
        "c_volley": [1000.0, 2000.0],
        "high_frequency_burst": [5000.0, 5010.0],
        "c_volley#2": [9000.0, 10000.0],
    }
    figure = run_figure(open_run(make_acute("burst", trains=trains)))
    assert [p for p in figure.axes[2].patches if p.get_gid() == "conditioning"]
    assert "c volley,\nfrom 9 s" in words(figure)


def test_an_interrupted_run_says_so(make_acute):
    assert any(
        "interrupted after 20 s" in w for w in words(run_figure(open_run(make_acute(status="interrupted"))))
    )


# ------------------------------------------------------------------ comparison
def test_curves_are_overlaid_and_tabled(make_acute, tmp_path):
    paths = [make_acute("grows"), make_acute("flat", growing=False)]
    c = compare_runs(paths, tmp_path / "out")
    assert c.table.loc["train.projection.ratio", ["grows", "flat"]].tolist() == [4.0, 1.0]
    assert c.table.loc["train.pulse.3", "flat difference"] == -2.0
    assert c.table.loc["span.0.projection", "unit"] == "Hz"
    assert any(line.startswith("grows: Projection neurons answer") for line in c.lines())
    drawn = {ln.get_gid(): ln.get_ydata().tolist() for ln in c.figure.axes[0].lines if ln.get_gid()}
    assert drawn == {"grows": [1.0, 2.0, 3.0, 4.0], "flat": [1.0, 1.0, 1.0, 1.0]}
    assert all(path.is_file() for path in c.paths.values())


def test_acute_runs_without_trains_are_compared_by_their_firing(make_acute):
    c = compare_runs([make_acute("one", **PINCHED), make_acute("other", **PINCHED | {"spikes": []})])
    assert c.table.loc["span.1.projection", ["one", "other"]].tolist() == pytest.approx([2.5, 0.0])


def test_acute_and_chronic_do_not_mix(make_acute, make_run):
    with pytest.raises(
        RunError, match="acute and chronic runs have no measure in common: quick acute, slow chronic"
    ):
        compare_runs([make_run("slow"), make_acute("quick")])
