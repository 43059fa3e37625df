"""The folder of a sweep: finished runs are kept one by one, so that a stopped sweep goes on where it was.

`cells/KEY.parquet` is the time series of one run with its resolved scenario in the metadata. The key is a
digest of everything the numbers depend on, the source of agents and model included: an old result can
never stand in for a new question.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ..analysis.sweep_folder import CELLS, SWEEP_JSON
from .checkpoints import content, source, version
from .folder import RunFolder, places
from .regimen import about_given
from .registry import registry
from .tables import TIME, write_columns
from .write import stimuli_of, written_scenario

if TYPE_CHECKING:
    import pandas as pd

    from ..model.scenario import Scenario

SUFFIX = ".parquet"
KEY_LETTERS = 20


class SweepFolder(RunFolder):
    """A run folder that keeps cells instead of a checkpoint."""

    what, mark, kept = "sweep", SWEEP_JSON, CELLS

    def __init__(self, path: str | Path, resume: bool = False) -> None:
        super().__init__(path, resume)
        self.cells = self.part / CELLS
        self.cells.mkdir(exist_ok=True)

    @property
    def can_go_on(self) -> bool:
        """Whether any run was finished."""
        return any(self.cells.glob(f"*{SUFFIX}"))

    def take_over(self, keys: set[str]) -> None:
        """Copy finished runs that are wanted from where an earlier sweep left them; drop unwanted ones."""
        for old in self.cells.iterdir():
            if old.suffix != SUFFIX or old.stem not in keys or not readable(old):
                old.unlink()
        for folder in places(self.path):
            for old in (folder / CELLS).glob(f"*{SUFFIX}"):
                new = self.cells / old.name
                if old.stem in keys and not new.exists() and readable(old):
                    temporary = new.with_suffix(".tmp")
                    shutil.copyfile(old, temporary)
                    temporary.replace(new)

    def finished(self, key: str) -> bool:
        """Whether the run of a key is here."""
        return (self.cells / f"{key}{SUFFIX}").is_file()

    def keep(self, key: str, frame: pd.DataFrame, scenario: Scenario) -> None:
        """Write the time series of a run, complete or not at all."""
        write_cell(self.cells / f"{key}{SUFFIX}", frame, scenario)


def write_cell(target: Path, frame: pd.DataFrame, scenario: Scenario) -> None:
    """Write the time series of a run to a file with its scenario, complete or not at all."""
    from ..model.readouts import COLUMNS

    notes = {"time_d": TIME} | {column.name: (column.unit, column.doc) for column in COLUMNS}
    table = frame.reset_index()
    temporary = target.with_suffix(".tmp")
    about = {
        "scenario": written_scenario(scenario),
        "stimuli": json.dumps(stimuli_of(scenario)),
        "treatments": json.dumps(about_given(scenario, registry())),
    }
    write_columns({name: table[name].to_numpy(float) for name in notes}, notes, temporary, about)
    temporary.replace(target)


def key_of(scenario: Scenario) -> str:
    """Digest of a scenario with its seed, and of the source that runs it."""
    told = json.dumps([version(), source(), content(scenario)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:KEY_LETTERS]


def readable(file: Path) -> bool:
    """Whether a kept run is whole: a copy may have been cut."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.read_metadata(file)
    except (pa.ArrowException, OSError):
        return False
    return True
