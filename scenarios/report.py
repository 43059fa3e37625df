"""The report about a run or a sweep: what the folder tells, and what only the registry knows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..analysis.report import write_report
from ..analysis.sweep_folder import is_sweep
from .errors import InputError
from .explain import overrides, parameters, switches
from .load import load
from .registry import registry
from .told_treatments import treatments

if TYPE_CHECKING:
    from ..model.scenario import Scenario

CHANGED, GIVEN, OUT = (
    "Settings that differ from the preset",
    "Treatments and their evidence",
    "Knock-outs and clamps",
)
UNREADABLE = "The scenario cannot be read by this version of dorsalhorn, so this list is missing"


def report(folder: str | Path, out: str | Path | None = None) -> Path:
    """Write the HTML report about the folder of a run or a sweep; returns the file.

    Raises:
        RunError: the folder is neither of both, or the file cannot be written.
    """
    return write_report(folder, sections(Path(folder)), out)


def sections(folder: Path) -> dict[str, list[str]]:
    """Settings that differ from the preset, treatments with the grade of their evidence, knock-outs."""
    from .sweeps import load_sweep

    try:
        if is_sweep(folder):
            scenarios = [cell.scenario for cell in load_sweep(folder).cells]
        elif (folder / "scenario.toml").is_file():
            scenarios = [load(folder)]
        else:
            return {}  # analysis says what is missing
    except InputError:
        return {CHANGED: [UNREADABLE]}
    data = registry()
    return {
        CHANGED: _told(scenarios, [[*switches(s, data), *parameters(s, data)] for s in scenarios])
        or ["none"],
        GIVEN: _told(scenarios, [treatments(s, data) for s in scenarios]),
        OUT: _told(scenarios, [overrides(s.overrides, s, data) for s in scenarios]),
    }


def _told(scenarios: list[Scenario], lines: Iterable[list[str]]) -> list[str]:
    """Each line once, with the number of cells it holds for if not for all."""
    counts: dict[str, int] = {}
    for each in lines:
        for line in each:
            counts[line] = counts.get(line, 0) + 1
    return [
        line if count == len(scenarios) else f"{line} (in {count} of {len(scenarios)} cells)"
        for line, count in counts.items()
    ]
