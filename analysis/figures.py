"""The figure of a run: what came in and went out, the withdrawal threshold, and the states of the cascade."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from . import style
from .acute import acute_figure
from .events import events, first_start, last_stop
from .measures import measure
from .page import TITLE_IN, frame, stack
from .panels import cascade_panel, drive_panel, threshold_panel
from .runs import Run, RunError, open_run
from .summary import takeaway
from .timeline import lanes, lanes_height_in, marks, scale_for, shade, time_axis
from .words import length, when

HEIGHTS = (1.0, 1.0, 2.0)
CAPTIONS = (
    "Spikes in and out: afferent fibres drive the slice, projection neurons report to the brain",
    "How strong a touch has to be before the paw withdraws",
    "The cascade inside the slice: dashes mark naive; at the right, how far from naive it ends",
)


def save_run_figure(folder: str | Path, path: str | Path | None = None) -> Path:
    """Draw the figure of the run in `folder`; returns where it lies: `path`, or `figures/run.png` in there.

    Raises `RunError` if `folder` is not a run folder or the picture cannot be written.
    """
    run = open_run(folder)
    target = run.folder / "figures" / "run.png" if path is None else Path(path)
    figure = run_figure(run)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, dpi=style.DPI)
    except OSError as problem:
        raise RunError(f"{target} cannot be written: {problem}") from problem
    return target


def run_figure(run: Run) -> Figure:
    """Three panels over one time axis: drive and output (Hz), withdrawal threshold (g), cascade.

    Of an acute run, its spikes and responses instead (`acute_figure`).
    """
    if run.acute:
        return acute_figure(run)
    ts, done = run.timeseries, events(run)
    m = measure(ts, first_start(done), last_stop(done))
    start, end = float(ts.index[0]), float(ts.index[-1])
    scale, shown = scale_for(end - start), marks(done, end)
    with style.talk():
        figure = Figure(figsize=style.SIZE_IN)
        axes = stack(figure, TITLE_IN + lanes_height_in(shown), HEIGHTS)
        for ax, caption in zip(axes, CAPTIONS, strict=True):
            time_axis(ax, scale, start, end)
            shade(ax, done, scale, end)
            ax.set_title(caption, loc="left", fontsize=11, color=style.MUTED, pad=4)
        drive_panel(axes[0], ts, scale)
        threshold_panel(axes[1], ts, scale, m)
        cascade_panel(axes[2], ts, scale, m)
        lanes(axes[0], shown, scale, end)
        for ax in axes[:-1]:
            ax.tick_params(axis="x", labelbottom=False, length=0)
            ax.set_xlabel("")
        frame(figure, str(run.scenario.get("title", run.name)), takeaway(done, m), _facts(run))
    return figure


def _facts(run: Run) -> str:
    """Preset, seed, length, and how far an unfinished run came."""
    first, last = float(run.timeseries.index[0]), float(run.timeseries.index[-1])
    facts = [
        f"{run.scenario.get('biology', 'unknown')} preset",
        f"seed {run.info.get('seed', run.scenario.get('seed', 'unknown'))}",
        length(last - first) if run.complete else f"{run.info.get('status', 'unfinished')} {when(last)}",
    ]
    return " \N{MIDDLE DOT} ".join(facts)
