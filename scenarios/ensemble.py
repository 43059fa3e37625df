"""Many runs at once, without run folders: seeds, variants, knock-outs.

A job is a scenario, a seed and changes.  Every scenario is read and checked before the first job runs, so
a mistake costs nothing.  Each job is one process's work, or this one's if a single worker is asked for;
what a job gives does not depend on that, nor on the order in which jobs end.

In a script of your own, call `run_jobs` under `if __name__ == "__main__":`; workers import the script.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
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
    with closing(each(jobs, scenarios, workers, measure)) as ended:
        for number, result in with_bar(ended, len(jobs), quiet):
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
    jobs: Sequence[object], scenarios: Sequence[Scenario], workers: int, measure: Callable[..., Result]
) -> Generator[tuple[int, Result], None, None]:
    """Number and result of each scenario as it ends; `jobs` are what they are called in messages."""
    if workers <= 1 or len(jobs) <= 1:
        for number, scenario in enumerate(scenarios):
            yield number, run_one(scenario, measure)
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        min(workers, len(jobs)), multiprocessing.get_context("spawn"), initializer=_leave_interrupts_to_parent
    )
    try:
        waiting = {pool.submit(run_one, s, measure): number for number, s in enumerate(scenarios)}
        for future in as_completed(waiting):
            number = waiting[future]
            fault = future.exception()
            if fault is not None:
                fault.add_note(f"This was job {number + 1} of {len(jobs)}: {jobs[number]}")
                raise fault
            yield number, future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    pool.shutdown()


def _leave_interrupts_to_parent() -> None:
    """A worker does not see Ctrl-C: the parent stops it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def with_bar(ended: Iterable[Any], total: int, quiet: bool) -> Iterable[Any]:
    """The same, with a progress bar on standard error if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        return ended
    from tqdm import tqdm

    return tqdm(ended, total=total, file=sys.stderr, unit="run", smoothing=0.0)
