"""dorsalhorn: a slice of the spinal dorsal horn as Mesa agents.

Neurons, single NMDA receptors, microglia and astrocytes live on a grid, from the milliseconds of
the magnesium block to months in which pain stays or heals.

    import dorsalhorn as dh

    horn = dh.DorsalHorn(dh.load("injury_heals_pain_stays"), seed=3)    # a mesa.Model
    horn.run()

    run = dh.open_run("runs/injury_heals_pain_stays")
    run.timeseries                                                      # a pandas.DataFrame

The names below are imported on first use, so that `import dorsalhorn` and the command's help are quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .agents import Afferent, Astrocyte, Microglia, Neuron, NMDAReceptor
    from .analysis import compare_runs as compare
    from .analysis import open_run
    from .model import DorsalHorn
    from .scenarios import load

__version__ = "0.1.0"

# public name: the subpackage it lives in, and its name there
_HOME = {
    "Afferent": ("agents", "Afferent"),
    "Astrocyte": ("agents", "Astrocyte"),
    "Microglia": ("agents", "Microglia"),
    "NMDAReceptor": ("agents", "NMDAReceptor"),
    "Neuron": ("agents", "Neuron"),
    "DorsalHorn": ("model", "DorsalHorn"),
    "load": ("scenarios", "load"),
    "compare": ("analysis", "compare_runs"),
    "open_run": ("analysis", "open_run"),
}

__all__ = [
    "Afferent",
    "Astrocyte",
    "DorsalHorn",
    "Microglia",
    "NMDAReceptor",
    "Neuron",
    "__version__",
    "compare",
    "load",
    "open_run",
]


def __getattr__(name: str) -> object:
    """Import a public name from the package it lives in, the first time it is asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    package, there = _HOME[name]
    value: object = getattr(import_module(f".{package}", __name__), there)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List what is importable, whether or not it has been imported yet."""
    return sorted({*globals(), *_HOME})
