"""Many runs at once, without run folders: seeds, variants, knock-outs.

A job is a scenario, a seed and changes.  Every scenario is read and checked before the first job runs, so
a mistake costs nothing.  Each job is one process's work, or this one's if a single worker is asked for;
what a job gives does not depend on that, nor on the order in which jobs end.

In a script of your own, call `run_jobs` under `if __name__ == "__main__":`; workers import the script.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .load import load

if TYPE_CHECKING:
    import pandas as pd

    from ..model.scenario import Scenario

Result = TypeVar("Result")


@dataclass(frozen=True)
class Job:
    """One run to be made."""

    scenario: str | Path
    """name of a shipped scenario, or a file"""
    seed: int | None = None
    """replaces the scenario's seed"""
    sets: tuple[str, ...] = ()
    """changes as `PATH=VALUE`, as for `--set`"""
    label: str = ""
    """how the job is called in messages"""

    def load(self) -> Scenario:
        """The scenario as resolved; an InputError says what is wrong with it."""
        return load(self.scenario, self.sets, self.seed)


def time_series(frame: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """The measure that keeps everything: the time series itself, indexed by time_d."""
    return frame


def run_jobs(
    jobs: Sequence[Job],
    workers: int = 1,
    measure: Callable[[pd.DataFrame, Scenario], Result] = time_series,  # type: ignore[assignment]
    done: Callable[[Job, Result], None] | None = None,
    quiet: bool = False,
) -> list[Result]:
    """Run all jobs and measure each.

    Args:
        jobs: what to run.
        workers: number of processes; 1 runs everything in this process.
        measure: takes a run's time series (columns of the contract, indexed by time_d in days) and its
            scenario; a function of a module, so that it can be sent to a worker.
        done: called here with each job and its result as soon as there is one.
        quiet: no progress bar, not even on a terminal.

    Returns:
        The results, in the order of the jobs.

    Raises:
        InputError: a scenario that cannot be run; nothing was run.
        Exception: whatever the first job that failed raised; the others are stopped.
    """
    scenarios = [job.load() for job in jobs]
    results: dict[int, Result] = {}
    tasks = [(scenario, measure) for scenario in scenarios]
    with closing(each(run_one, tasks, workers, jobs)) as ended:
        for number, result in bar(ended, len(jobs), quiet):
            results[number] = result
            if done:
                done(jobs[number], result)
    return [results[number] for number in range(len(jobs))]


def run_one(scenario: Scenario, measure: Callable[[pd.DataFrame, Scenario], Result]) -> Result:
    """Run one scenario to its end and measure it; the compiler and the model are imported here."""
    import pandas as pd

    from ..model.dorsalhorn import DorsalHorn

    model = DorsalHorn(scenario).run()
    return measure(pd.DataFrame(model.records).set_index("time_d"), scenario)


def each(
    work: Callable[..., Result], tasks: Sequence[tuple[Any, ...]], workers: int, names: Sequence[object]
) -> Generator[tuple[int, Result], None, None]:
    """Do `work(*task)` for every task, in processes if several workers are asked for.

    Yields number and result of each task as it ends; close it to stop what is still running.  `work` is a
    function of a module, so that a worker can import it; `names` says in a message which task failed.
    """
    if workers <= 1 or len(tasks) <= 1:
        for number, task in enumerate(tasks):
            yield number, work(*task)
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        min(workers, len(tasks)),
        multiprocessing.get_context("spawn"),
        initializer=_depend_on_parent,
    )
    try:
        waiting = {pool.submit(work, *task): number for number, task in enumerate(tasks)}
        for future in as_completed(waiting):
            number = waiting[future]
            fault = future.exception()
            if fault is not None:
                fault.add_note(f"This was job {number + 1} of {len(tasks)}: {names[number]}")
                raise fault
            yield number, future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    pool.shutdown()


def _depend_on_parent() -> None:
    """A worker does not see Ctrl-C, for the parent stops it, and never outlives a parent that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def bar(ended: Iterable[Any], total: int, quiet: bool) -> Iterable[Any]:
    """The same, with a progress bar on standard error if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        return ended
    from tqdm import tqdm

    return tqdm(ended, total=total, file=sys.stderr, unit="run", smoothing=0.0)
