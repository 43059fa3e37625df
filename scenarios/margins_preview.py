"""A study of margins in words before it is run: how many runs, about how long."""

from __future__ import annotations

from .explain import seconds, spoken_seconds
from .margins import Asked, plan


def preview(asked: Asked, workers: int) -> list[str]:
    """The study in a few lines; errors as for `margins.study`.

    A mechanism needs one run if its far end is like the untouched run, and one a halving more if it is not.
    """
    made, seeds, steps = plan(asked), asked.seeds, asked.steps
    untouched, each = seeds * len(made.ends), seeds * len(made.ends) * len(made.present)
    least, most = untouched + each, untouched + each * (1 + steps)
    one_s = seconds(made.scenario)
    low, high = (spoken_seconds(count * one_s / workers) for count in (least, most))
    return [
        made.scenario.title,
        f"  mechanisms  {', '.join(made.present) or 'none'}",
        *([f"  absent      {', '.join(made.absent)}"] if made.absent else []),
        f"  runs        {least} to {most}: {untouched} untouched, then 1 to {1 + steps} a mechanism and seed",
        f"  takes       about {low} to {high} in {workers} process{'es' if workers != 1 else ''}",
    ]
