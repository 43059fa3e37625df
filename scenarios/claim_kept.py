"""Finished runs of claims, kept one by one in a folder, so that a stopped study goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .ensemble import Job, run_jobs
from .errors import FolderError
from .sweep_folder import SUFFIX, key_of, readable, write_cell

if TYPE_CHECKING:
    import pandas as pd


def make_runs(
    jobs: Sequence[Job], workers: int = 1, keep: str | Path | None = None, quiet: bool = False
) -> list[pd.DataFrame]:
    """The time series of each job, indexed by time_d; those in the folder `keep` are not run again.

    A kept run has for its name a digest of everything its numbers depend on, the source included.

    Raises:
        FolderError: `keep` cannot be written.
        InputError: a scenario that cannot be run.
    """
    if keep is None:
        return run_jobs(jobs, workers, quiet=quiet) if jobs else []
    import pandas as pd

    folder = Path(keep)
    files = {job: folder / f"{key_of(job.load())}{SUFFIX}" for job in jobs}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        todo = [job for job in jobs if not readable(files[job])]
        if todo:
            run_jobs(
                todo, workers, done=lambda job, frame: write_cell(files[job], frame, job.load()), quiet=quiet
            )
        return [pd.read_parquet(files[job]).set_index("time_d") for job in jobs]
    except OSError as error:
        raise FolderError(f"cannot keep runs in {folder}: {error.strerror or error}") from error
