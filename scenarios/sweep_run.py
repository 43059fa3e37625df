"""Run what is not finished of a sweep, in processes or on Dask, into a folder that analysis reads."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..analysis.sweep_folder import SWEEP_TOML
from . import ensemble
from .ensemble import bar, each, time_series
from .errors import FolderError, SweepInterruptedError
from .folder import COMPLETE, INTERRUPTED, remove_interrupted
from .load import find, shipped
from .provenance import machine, revision, versions
from .run import RUNS
from .sweep_folder import SweepFolder, key_of
from .sweep_write import written_sweep

if TYPE_CHECKING:
    import pandas as pd

    from ..model.scenario import Scenario
    from .sweeps import Cell, Sweep

Ended = Generator[tuple[int, "pd.DataFrame"], None, None]
SCENARIO = "scenario.toml"
"""copy of a scenario that is not shipped, beside the sweep that uses it"""


def default_out(sweep: Sweep) -> Path:
    """Where a sweep goes when nobody says: `runs/NAME`."""
    return Path(RUNS) / (sweep.document.name or "sweep")


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_sweep(
    sweep: Sweep,
    out: str | Path | None = None,
    workers: int | None = None,
    dask: str | None = None,
    resume: bool = False,
    quiet: bool = False,
) -> Path:
    """Run every run of a sweep and write its tables and figures.

    Args:
        sweep: what to run, as checked.
        out: the sweep's folder; `runs/NAME` under the current folder if not given.
        workers: processes on this machine; one for each core if not given.
        dask: address of a Dask scheduler that runs it all instead.
        resume: take over what an earlier, stopped sweep in that folder has finished.
        quiet: no progress bar, not even on a terminal.

    Returns:
        The sweep's folder.

    Raises:
        FolderError: the folder cannot be written.
        InputError: Dask is not there.
        SweepInterruptedError: Ctrl-C; what was finished is kept.
    """
    runs = sweep.runs
    keys = [key_of(scenario) for _, scenario in runs]
    folder = SweepFolder(default_out(sweep) if out is None else out, resume)
    started, kept = time.perf_counter(), False
    try:
        if resume:
            folder.take_over(set(keys))
        # two cells may be the same run (an arm that changes nothing): it is run once
        todo = {key: run for key, run in zip(keys, runs, strict=True) if not folder.finished(key)}
        status = COMPLETE
        try:
            _run_all(folder, todo, workers or cores(), dask, quiet)
        except KeyboardInterrupt:
            status = INTERRUPTED
        done = sum(folder.finished(key) for key in keys)
        if status == COMPLETE or done:
            _write(folder, sweep, keys, status, time.perf_counter() - started)
            path = folder.finish(status)
            kept = True
    except OSError as error:
        raise FolderError(f"cannot write the sweep to {folder.path}: {error.strerror or error}") from error
    finally:
        if not kept:
            folder.discard()
    if status == INTERRUPTED:
        raise SweepInterruptedError(str(path) if kept else "", done, len(runs))
    remove_interrupted(folder.path)
    return path


def _run_all(
    folder: SweepFolder,
    todo: dict[str, tuple[Cell, Scenario]],
    workers: int,
    dask: str | None,
    quiet: bool,
) -> None:
    """Run what is to be done and keep each run as it ends."""
    names = [f"{cell.label}, seed {scenario.seed}" for cell, scenario in todo.values()]
    scenarios = [scenario for _, scenario in todo.values()]
    keys = list(todo)
    with closing(_ended(names, scenarios, workers, dask)) as ended:
        for number, frame in bar(ended, len(todo), quiet):
            folder.keep(keys[number], frame, scenarios[number])


def _ended(names: Sequence[str], scenarios: Sequence[Scenario], workers: int, dask: str | None) -> Ended:
    if dask is None or not scenarios:
        return each(ensemble.run_one, [(s, time_series) for s in scenarios], workers, names)
    from .dask_pool import each_on_dask

    return each_on_dask(names, scenarios, dask, time_series)


def _write(folder: SweepFolder, sweep: Sweep, keys: Sequence[str], status: str, wall_s: float) -> None:
    """The sweep's own files, then what analysis makes of the finished runs."""
    from ..analysis.sweep_tables import write_sweep

    own = sweep.scenario not in shipped()
    if own:
        shutil.copyfile(find(sweep.scenario), folder.part / SCENARIO)
    folder.write_text(SWEEP_TOML, written_sweep(sweep.document, SCENARIO if own else sweep.scenario))
    folder.write_json(folder.mark, _about(sweep, keys, status, wall_s, folder))
    write_sweep(folder.part)


def _about(
    sweep: Sweep, keys: Sequence[str], status: str, wall_s: float, folder: SweepFolder
) -> dict[str, Any]:
    """The content of sweep.json."""
    document = sweep.document
    seeds = len(document.seeds)
    return {
        "status": status,
        "title": document.title,
        "sweep": document.name,
        "scenario": sweep.scenario if sweep.scenario in shipped() else Path(sweep.scenario).name,
        "seeds": list(document.seeds),
        "measures": list(document.measures),
        "axes": [
            {"name": axis.title, "path": axis.path, "zip": axis.zip, "values": list(axis.values)}
            for axis in document.axis
        ],
        "arms": [arm.name for arm in document.arm],
        "reference": document.reference,
        "runs": len(keys),
        "finished": sum(folder.finished(key) for key in keys),
        "wall_s": round(wall_s, 2),
        "cells": [
            {
                "coordinates": dict(cell.coordinates),
                "set": list(cell.sets),
                "keys": list(keys[i * seeds : (i + 1) * seeds]),
            }
            for i, cell in enumerate(sweep.cells)
        ],
        "versions": versions(),
        "revision": revision(),
        "machine": machine(),
    }
