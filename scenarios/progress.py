"""How far a run has come, on a terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .quantities import moment

if TYPE_CHECKING:
    from ..model.dorsalhorn import DorsalHorn
    from ..model.scenario import Scenario

Progress = Callable[["DorsalHorn"], None]


def phase(scenario: Scenario, time_d: float) -> str:
    """What happens at a moment, in a word: baseline, the injury, a treatment, after."""
    acting = [s.kind.replace("_", " ") for s in scenario.own_stimuli if s.start_d <= time_d < s.cause_ends_d]
    acting += [g.name.replace("_", " ") for g in scenario.treatments if g.start_d <= time_d < g.stop_d]
    if acting:
        return " + ".join(dict.fromkeys(acting))
    first = min((s.start_d for s in scenario.own_stimuli), default=math.inf)
    return "baseline" if time_d < first else "after"


@contextmanager
def bar(scenario: Scenario, quiet: bool) -> Iterator[Progress]:
    """A progress bar on standard error, if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda model: None
        return
    from tqdm import tqdm

    layout = "{desc:<34} {bar} {percentage:3.0f}%  {remaining} left"
    with tqdm(total=scenario.ticks, file=sys.stderr, bar_format=layout, mininterval=0.2) as line:
        line.set_description_str("building the slice, letting it settle")

        def show(model: DorsalHorn) -> None:
            line.set_description_str(
                f"{moment(model.time_d, scenario.duration_d):<9}  {phase(scenario, model.time_d)}",
                refresh=False,
            )
            if not line.n:
                line.initial = model.tick - 1  # a resumed run is not that fast
            line.update(model.tick - line.n)

        yield show
