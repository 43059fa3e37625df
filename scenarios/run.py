"""One scenario, one seed, one run folder."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import FolderError, RunInterruptedError
from .folder import COMPLETE, INTERRUPTED, RunFolder
from .provenance import machine, revision, versions
from .write import written_scenario

if TYPE_CHECKING:
    from ..model.dorsalhorn import DorsalHorn
    from ..model.scenario import Scenario

RUNS = "runs"
"""folder of the runs, under the current one"""

Progress = Callable[["DorsalHorn"], None]


def default_out(scenario: Scenario) -> Path:
    """Where a run goes when nobody says: `runs/NAME`."""
    return Path(RUNS) / (scenario.name or "run")


def run(
    scenario: Scenario, out: str | Path | None = None, quiet: bool = False, progress: Progress | None = None
) -> Path:
    """Run a scenario and write its folder.

    Args:
        scenario: what to do.
        out: the run folder; `runs/NAME` under the current folder if not given.
        quiet: no progress bar, not even on a terminal.
        progress: called with the model after each tick.

    Returns:
        The run folder. Its `run.json` holds the summary, its `figures` the pictures.

    Raises:
        FolderError: the folder cannot be written; found out before anything runs.
        RunInterruptedError: Ctrl-C; what was finished is kept.
    """
    folder = RunFolder(default_out(scenario) if out is None else out)
    kept = False
    started = time.perf_counter()
    try:
        with _interruptible() as stopped, _bar(scenario, quiet) as show:
            model = _build(scenario)
            with suppress(KeyboardInterrupt):
                while model.tick < model.ticks and not stopped():
                    model.step()
                    show(model)
                    if progress:
                        progress(model)
        status = COMPLETE if model.tick >= model.ticks else INTERRUPTED
        info = _about(scenario, model, status, time.perf_counter() - started)
        _write(folder, scenario, model, info)
        fault = _picture(folder, info)
        path = folder.finish(status)
        kept = True
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
        "stimuli": [
            {
                "kind": s.kind,
                "start_d": s.start_d,
                "stop_d": None if math.isinf(s.cause_ends_d) else s.cause_ends_d,
                "site": list(s.site),
                "intensity": s.intensity,
            }
            for s in scenario.stimuli
        ],
        "versions": versions(),
        "revision": revision(),
        "machine": machine(),
        "summary": [],
    }


def phase(scenario: Scenario, time_d: float) -> str:
    """What happens at a moment, in a word: baseline, the injury, a treatment, after."""
    acting = [s.kind.replace("_", " ") for s in scenario.stimuli if s.start_d <= time_d < s.cause_ends_d]
    acting += [
        c.label.split()[1].replace("_", " ") for c in scenario.courses if c.start_d <= time_d < c.stop_d
    ]
    if acting:
        return " + ".join(dict.fromkeys(acting))
    first = min((s.start_d for s in scenario.stimuli), default=math.inf)
    return "baseline" if time_d < first else "after"


@contextmanager
def _bar(scenario: Scenario, quiet: bool) -> Iterator[Progress]:
    """A progress bar on standard error, if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda model: None
        return
    from tqdm import tqdm

    layout = "{desc:<34} {bar} {percentage:3.0f}%  {remaining} left"
    with tqdm(total=scenario.ticks, file=sys.stderr, bar_format=layout, mininterval=0.2) as bar:
        bar.set_description_str("building the slice, letting it settle")

        def show(model: DorsalHorn) -> None:
            bar.set_description_str(
                f"day {model.time_d:5.1f}  {phase(scenario, model.time_d)}", refresh=False
            )
            bar.update()

        yield show


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
