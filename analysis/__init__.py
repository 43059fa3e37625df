"""From run folders to understanding: tables, measures, figures, sentences and comparisons.

Everything here works from the files of a run folder alone; nothing imports the model.  The names
below load their module on first use, so that `import dorsalhorn.analysis` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .compare import Comparison, compare_runs
    from .figures import run_figure, save_run_figure
    from .measures import Outcome, measure
    from .runs import Run, RunError, open_run
    from .summary import summarise

_HOME = {
    "Comparison": "compare",
    "Outcome": "measures",
    "Run": "runs",
    "RunError": "runs",
    "compare_runs": "compare",
    "measure": "measures",
    "open_run": "runs",
    "run_figure": "figures",
    "save_run_figure": "figures",
    "summarise": "summary",
}

__all__ = [
    "Comparison",
    "Outcome",
    "Run",
    "RunError",
    "compare_runs",
    "measure",
    "open_run",
    "run_figure",
    "save_run_figure",
    "summarise",
]


def __getattr__(name: str) -> Any:
    """Load the module that defines `name` the first time it is asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(__all__)
