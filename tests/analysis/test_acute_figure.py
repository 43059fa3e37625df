"""Acute runs: drawn right, and compared with their like only."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from dorsalhorn.analysis import RunError, compare_runs, open_run, run_figure
from dorsalhorn.analysis.raster import COLOURS, MOST_MARKS, bands

from .acute_folder import KINDS, PINCHED


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
