"""The figure of a run explains itself: axes, labels, marks; and labels keep apart."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from dorsalhorn.analysis import RunError, open_run, run_figure, save_run_figure
from dorsalhorn.analysis.cascade import CASCADE
from dorsalhorn.analysis.labels import spread


def words(figure):
    """Everything written on the page."""
    FigureCanvasAgg(figure).draw()
    artists = [t for ax in figure.axes for t in (*ax.texts, ax.title, ax._left_title)] + figure.texts
    return [t.get_text() for t in artists if t.get_text()]


def test_three_panels_share_their_time_and_name_their_axes(make_run):
    figure = run_figure(open_run(make_run()))
    drive, threshold, cascade = figure.axes
    assert "Hz" in drive.get_ylabel()
    assert "(g)" in threshold.get_ylabel()
    assert threshold.get_yscale() == "log"
    assert cascade.get_xlabel() == "days"
    assert drive.get_xlim() == threshold.get_xlim() == cascade.get_xlim() == (0.0, 84.0)


def test_injury_is_shaded_in_every_panel_and_named(make_run):
    figure = run_figure(open_run(make_run()))
    for ax in figure.axes:
        spans = [p for p in ax.patches if p.get_gid() == "injury"]
        assert len(spans) == 1
        assert spans[0].get_x() == 2.0
        assert spans[0].get_width() == 14.0
    assert "injury: cuff, day 2 to 16" in words(figure)


def test_lines_are_named_with_their_numbers(make_run):
    written = words(run_figure(open_run(make_run(noise=0.0))))
    assert "naive 13 g" in written
    assert "half of naive" in written
    assert any(w.startswith("2.0 g: 15 % of naive") for w in written)
    for state in CASCADE:
        assert any(w.startswith(state.name) for w in written), state.name
    assert "peroxynitrite  \N{MULTIPLICATION SIGN} 6.4" in written
    assert "microglial activation  4 % \N{RIGHTWARDS ARROW} 62 %" in written


def test_title_preset_seed_message_and_caution(make_run):
    written = " ".join(words(run_figure(open_run(make_run(title="A cuff for two weeks", seed=5)))))
    assert "A cuff for two weeks" in written
    assert "article preset" in written
    assert "seed 5" in written
    assert "The cause is gone on day 16; the withdrawal threshold stays at" in written
    assert "research and teaching, not medical advice" in written


def test_interrupted_run_says_so(make_run):
    assert any(
        "interrupted on day 30" in w
        for w in words(run_figure(open_run(make_run(status="interrupted", duration_d=30.0))))
    )


def test_treatments_and_knockouts_are_marked(make_run):
    tables = {
        "treatment": [{"name": "gabapentin", "start": "30 d", "stop": "37 d", "dose": 2.0}],
        "knockout": [{"mechanism": "peroxynitrite", "start": "0 d"}],
        "clamp": [{"target": "microglia.activation", "factor": 0.2, "start": "5 weeks", "stop": "40 d"}],
    }
    figure = run_figure(open_run(make_run(tables=tables)))
    written = words(figure)
    assert "gabapentin (dose 2), day 30 to 37" in written
    assert "without peroxynitrite, from day 0" in written
    assert "microglia activation times 0.2, day 35 to 40" in written
    bars = {line.get_gid() for line in figure.axes[0].lines}
    assert {"injury", "treatment", "clamp", "knock-out"} <= bars


def test_names_at_the_line_ends_do_not_overlap(make_run):
    for course in ("stays", "heals", "sham"):
        figure = run_figure(open_run(make_run(course, course)))
        FigureCanvasAgg(figure).draw()
        for ax in figure.axes:
            boxes = [Text.get_window_extent(t) for t in ax.texts if t.get_position()[0] > 1.0]
            boxes.sort(key=lambda box: box.y0)
            gaps = [above.y0 - below.y1 for below, above in pairwise(boxes)]
            assert len(boxes) >= 3
            assert min(gaps) > -1.0, course
            assert max(box.x1 for box in boxes) < figure.bbox.x1, course


def test_picture_is_written_into_the_folder_or_where_asked(make_run, tmp_path):
    folder = make_run()
    assert save_run_figure(folder) == folder / "figures" / "run.png"
    elsewhere = tmp_path / "talk" / "slide.png"
    assert save_run_figure(folder, elsewhere) == elsewhere
    assert elsewhere.read_bytes()[:4] == b"\x89PNG"


def test_unwritable_place_is_one_message(make_run, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        save_run_figure(make_run(), tmp_path / "taken" / "run.png")


def test_the_same_run_gives_the_same_picture(make_run, tmp_path):
    folder = make_run()
    first, second = (save_run_figure(folder, tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first == second


def test_drawing_changes_no_global_setting_and_needs_no_pyplot(make_run):
    before = dict(mpl.rcParams)
    run_figure(open_run(make_run()))
    assert dict(mpl.rcParams) == before
    code = (
        "import sys; from dorsalhorn.analysis import save_run_figure; "
        f"save_run_figure({str(make_run())!r}); print('matplotlib.pyplot' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


@pytest.mark.parametrize(
    "options",
    [
        {"duration_d": 0.0},
        {"duration_d": 1.0, "every_d": 0.02, "start_d": 0.2, "stop_d": 0.5},
        {
            "duration_d": 20 / 86400,
            "every_d": 1 / 86400,
            "start_d": 5 / 86400,
            "stop_d": 9 / 86400,
            "kind": "pinch",
        },
        {"duration_d": 364.0, "every_d": 1.0},
        {"stop_d": None, "drive_stops": False},
    ],
    ids=["one record", "a day", "seconds", "a year", "never heals"],
)
def test_any_length_of_run_can_be_drawn(make_run, options):
    assert save_run_figure(make_run(**options)).stat().st_size > 10_000


def test_missing_readings_leave_their_place_empty(make_run, write_table):
    folder = make_run()
    frame = pd.read_parquet(folder / "timeseries.parquet").drop(columns=["d_serine_um", "brush_hz"])
    frame["withdrawal_threshold_g"] = np.nan
    frame["peroxynitrite_relative"] = 0.0
    write_table(frame, {}, folder / "timeseries.parquet")
    written = words(run_figure(open_run(folder)))
    assert "the withdrawal threshold was not tested in this run" in written
    assert not any("D-serine" in w or "brushed" in w for w in written)


def test_spread_keeps_order_room_and_bounds():
    wanted, gaps = [0.5, 0.5, 0.52, 0.95, 0.0], [0.1, 0.1, 0.2, 0.1, 0.1]
    placed = spread(wanted, gaps, 0.0, 1.0)
    order = np.argsort(wanted, kind="stable")
    edges = [(placed[i] - gaps[i] / 2, placed[i] + gaps[i] / 2) for i in order]
    assert all(high <= low + 1e-12 for (_, high), (low, _) in pairwise(edges))
    assert edges[0][0] >= -1e-12
    assert edges[-1][1] <= 1.0 + 1e-12
    assert spread([0.2, 0.8], [0.1, 0.1], 0.0, 1.0) == pytest.approx([0.2, 0.8])
