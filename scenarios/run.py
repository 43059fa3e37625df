"""One scenario, one seed, one run folder."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import FolderError, RunInterruptedError
from .folder import COMPLETE, INTERRUPTED, RunFolder, remove_interrupted
from .progress import Progress, bar
from .provenance import machine, revision, versions
from .quantities import reached
from .regimen import about_given
from .registry import registry
from .write import stimuli_of, written_scenario

if TYPE_CHECKING:
    import numpy as np

    from ..model.dorsalhorn import DorsalHorn
    from ..model.scenario import Scenario
    from .checkpoints import Checkpoint, Checkpoints

RUNS = "runs"
"""folder of the runs, under the current one"""

SAVE_EVERY_S = 60.0
"""seconds between checkpoints: a crash costs about a minute of work, saving far below 1 % of it"""
SAVE_SHARE = 0.02
"""share of the time that may go into saving; runs that record much are saved less often"""


def default_out(scenario: Scenario) -> Path:
    """Where a run goes when nobody says: `runs/NAME`."""
    return Path(RUNS) / (scenario.name or "run")


def run(
    scenario: Scenario,
    out: str | Path | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
    resume: bool = False,
) -> Path:
    """Run a scenario and write its folder.

    Args:
        scenario: what to do.
        out: the run folder; `runs/NAME` under the current folder if not given.
        quiet: no progress bar, not even on a terminal.
        progress: called with the model after each tick.
        resume: go on from the newest checkpoint of this run, if there is one; the bits are those of a run
            that was never stopped.

    Returns:
        The run folder. Its `run.json` holds the summary, its `figures` the pictures.

    Raises:
        FolderError: the folder cannot be written, or its checkpoint not be used; found out before anything
            runs.
        RunInterruptedError: Ctrl-C; what was finished is kept.
    """
    out = default_out(scenario) if out is None else out
    checkpoint = _found(scenario, out) if resume else None
    if checkpoint and checkpoint.complete:
        return checkpoint.folder
    folder = RunFolder(out, resume=checkpoint is not None)
    kept = False
    try:
        with _interruptible() as stopped, bar(scenario, quiet) as show:
            saver = _Saver(folder, scenario, checkpoint)
            model = _build(scenario)
            if checkpoint:
                _put_back(model, checkpoint)
            with suppress(KeyboardInterrupt):
                while model.tick < model.ticks and not stopped():
                    saver.step(model)
                    show(model)
                    if progress:
                        progress(model)
                    saver.save_if_due(model)
        status = COMPLETE if model.tick >= model.ticks else INTERRUPTED
        saver.save(model)
        info = _about(scenario, model, status, saver.wall_s)
        _write(folder, scenario, model, info)
        fault = _picture(folder, info)
        path = folder.finish(status)
        kept = True
        saver.clean_up(path, status)
    except OSError as error:
        raise FolderError(f"cannot write the run to {folder.path}: {error.strerror or error}") from error
    finally:
        if not kept:
            folder.discard()
    if status == INTERRUPTED:
        raise RunInterruptedError(str(path), model.time_d, scenario.duration_d)
    if fault is not None:
        fault.add_note(f"The run itself is complete and kept in {path}.")
        raise fault
    return path


class _Saver:
    """Saves checkpoints while a run goes on, and knows how long it has been going on."""

    def __init__(self, folder: RunFolder, scenario: Scenario, checkpoint: Checkpoint | None) -> None:
        from .checkpoints import Checkpoints

        self.folder = folder
        self.before_s = checkpoint.wall_s if checkpoint else 0.0
        self.came_from = checkpoint.folder if checkpoint else None
        self.started = time.perf_counter()
        self.due = self.started + SAVE_EVERY_S
        self.whole = True
        self.checkpoints: Checkpoints = Checkpoints(folder.part, scenario)

    @property
    def wall_s(self) -> float:
        """Seconds the run has taken, those before it was stopped included."""
        return self.before_s + time.perf_counter() - self.started

    def step(self, model: DorsalHorn) -> None:
        """One tick. A second Ctrl-C may cut it short: what is left then is no state to go on from."""
        self.whole = False
        model.step()
        self.whole = True

    def save_if_due(self, model: DorsalHorn) -> None:
        """Save a checkpoint if the last one is old."""
        if time.perf_counter() >= self.due:
            self.save(model)

    def save(self, model: DorsalHorn) -> None:
        """Save a checkpoint, unless the last tick was cut short (the one before stands then)."""
        if self.whole:
            began = time.perf_counter()
            self.checkpoints.save(model, _state(model), self.wall_s)
            ended = time.perf_counter()
            self.due = ended + max(SAVE_EVERY_S, (ended - began) / SAVE_SHARE)

    def clean_up(self, path: Path, status: str) -> None:
        """Once the run is in its place: remove what its tables hold too, and the stopped run it was."""
        from .checkpoints import forget_records

        if status == COMPLETE:
            forget_records(path)
        if self.came_from and self.came_from not in (path, self.folder.part, self.folder.path):
            remove_interrupted(self.folder.path)


def _found(scenario: Scenario, out: str | Path) -> Checkpoint | None:
    """The checkpoint to go on from; says on standard error if there is nothing left or nothing yet to do."""
    from .checkpoints import find

    checkpoint = find(scenario, out)
    if checkpoint is None:
        sys.stderr.write(f"there is no checkpoint of {out} to resume from: starting from the beginning\n")
    elif checkpoint.complete:
        sys.stderr.write(f"{checkpoint.folder} is already complete: there is nothing to resume\n")
    else:
        come = reached(checkpoint.tick * scenario.tick_d, scenario.duration_d)
        sys.stderr.write(f"going on from {come}\n")
    return checkpoint


def _put_back(model: DorsalHorn, checkpoint: Checkpoint) -> None:
    from .checkpoints import put_back

    put_back(model, checkpoint)


def _state(model: DorsalHorn) -> dict[str, np.ndarray]:
    from ..model.checkpoint import state_of

    return state_of(model)


def _build(scenario: Scenario) -> DorsalHorn:
    """The model, settled at day 0 (imported here: it brings the compiler along)."""
    from ..model.dorsalhorn import DorsalHorn

    return DorsalHorn(scenario)


def _write(folder: RunFolder, scenario: Scenario, model: DorsalHorn, info: dict[str, Any]) -> None:
    from .tables import write_tables

    folder.write_text("scenario.toml", written_scenario(scenario))
    write_tables(model, folder.part)
    folder.write_json("run.json", info)


def _picture(folder: RunFolder, info: dict[str, Any]) -> Exception | None:
    """Figure and summary of the folder. A fault here must not cost the run: it is returned."""
    from ..analysis.figures import save_run_figure
    from ..analysis.summary import summarise

    try:
        info["summary"] = summarise(folder.part)
        folder.write_json("run.json", info)
        save_run_figure(folder.part)
    except FolderError:
        raise
    except Exception as fault:
        return fault
    return None


def _about(scenario: Scenario, model: DorsalHorn, status: str, wall_s: float) -> dict[str, Any]:
    """The content of run.json."""
    return {
        "status": status,
        "title": scenario.title,
        "scenario": scenario.name,
        "biology": scenario.biology,
        "mode": scenario.mode,
        "seed": scenario.seed,
        "simulated_d": model.time_d,
        "duration_d": scenario.duration_d,
        "ticks": model.tick,
        "records": len(model.records),
        "wall_s": round(wall_s, 2),
        "stimuli": stimuli_of(scenario),
        **_windows(scenario),
        "treatments": about_given(scenario, registry()),
        "versions": versions(),
        "revision": revision(),
        "machine": machine(),
        "summary": [],
    }


def _windows(scenario: Scenario) -> dict[str, Any]:
    """Latency windows (ms after a pulse) in which an acute run counts responses."""
    if not scenario.acute:
        return {}
    from ..model.acute import WINDOWS_MS

    return {"windows_ms": {name: list(window) for name, window in WINDOWS_MS.items()}}


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Ctrl-C lets the current tick end; a second one does not wait."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    asked = False

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
