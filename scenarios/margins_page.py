"""The gain margins as a Markdown page with its table and figure, which says how it was made."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile

from ..analysis.measures import HALF
from .bracket import MOST
from .errors import FolderError
from .knockout_table import ENOUGH_SEEDS, FEW
from .knockouts import EVERY
from .margins import INJURY, NAIVE, Asked, Margins, plan, study
from .margins_log import RunLog
from .margins_table import Gain, gains, names, spoken_gain, write_csv
from .names import spoken
from .quantities import spoken_time

TIGHT = 2.0
"""a margin below this: half of the feedback is not enough"""
HOW = """\
Made by `{command}`: dorsalhorn {version}, preset `{biology}`, {seeds}, tick {tick}, {duration}, a record
every {every}, {runs} runs. The same numbers, seed by seed: [{csv}]({csv}).

This is what comes out of a model for research and teaching. It is no finding about patients, and it is
not medical advice."""
FRAME = """\
A state that holds itself has a loop gain of 1 or more somewhere on the way into it; in a slice of agents
that is no single number. What can be measured is the **gain margin**, as an engineer measures it: one
feedback is weakened to a share of its strength (each parameter of its knock-out moved that far from its
knocked-out value to its own), all else left alone, and {steps} halvings find the smallest share at which
the pain stays: the threshold of the run's last week at {half} of naive or below. The margin is one over
that share, *how many times stronger the feedback is than the state needs*. At 1 the state stands at its
brink; below 1 the feedback would have to be stronger (up to {most:g} times was tried, no parameter
beyond its range); without limit, the state stands without it.

In parentheses: what the halvings leave open, over all seeds. It is taken for granted that more of a
feedback means more pain. Near its brink a state falls slowly, over weeks, and what falls only after the
end of the run counts as staying: margins are rather too large than too small. Two feedbacks weakened
together are not studied. What holds a naive slice back (the magnesium block, inhibition) is no feedback,
and left out unless asked for."""
HEAD = ("feedback", "gain margin", "pain stays at a share of", "and no more at")


def write_study(
    out: str | Path, asked: Asked, workers: int, told: Callable[[str], None], resume: bool = False
) -> list[str]:
    """Run the study (`margins.study`) and write page, table and figure; returns the outcome in words.

    Args:
        out: the page; the table and the figure lie beside it, under its name.
        asked: what to study.
        workers: number of processes.
        told: called with a line of words before each round of runs.
        resume: take over the runs that an earlier, stopped study has left beside `out`.

    Raises:
        FolderError: `out` cannot be written; nothing was run.
        InputError: as `margins.study`.
    """
    from .. import __version__
    from ..analysis.margin_figure import save_margin_figure

    path = Path(out)
    try:
        if path.is_dir():
            raise FolderError(f"{path} is a folder: give the name of a file to write")
        if path.suffix != ".md":
            raise FolderError(
                f"{path} is to be a page in Markdown: give a name such as {path.stem or 'x'}.md"
            )
        plan(asked)
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):
            pass
        log = RunLog(path, resume)
        if resume:
            told(f"{len(log)} finished runs are there")
        found = study(asked, workers, told, log)
        write_csv(found, path.with_suffix(".csv"), __version__)
        bars = [(g.mechanism, g.least, g.middle, g.most) for g in gains(found.of(INJURY))]
        facts = (
            f"{found.scenario.biology} \N{MIDDLE DOT} {_seeds(found)} \N{MIDDLE DOT} tick {found.asked.tick}"
        )
        save_margin_figure(path.with_suffix(".png"), found.scenario.title, bars, facts, 1.0 / MOST)
        path.write_text(markdown(found, __version__, path.stem), encoding="utf-8")
        log.remove()
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror or error}") from error
    return [found.scenario.title, *in_words(found)]


def markdown(found: Margins, version: str, stem: str) -> str:
    """The whole page; `stem` is the name of its figure and table."""
    how = HOW.format(
        command=found.asked.command(),
        version=version,
        biology=found.scenario.biology,
        seeds=_seeds(found),
        tick=found.asked.tick,
        duration=spoken_time(found.scenario.duration_d),
        every=EVERY,
        runs=found.runs,
        csv=f"{stem}.csv",
    )
    parts = [
        f"# How far each feedback can be weakened: {found.scenario.title}",
        how + (FEW.format(enough=ENOUGH_SEEDS) if found.asked.seeds < ENOUGH_SEEDS else ""),
        FRAME.format(steps=found.asked.steps, half=f"{100 * HALF:g} %", most=MOST),
        "## In words",
        "\n".join(in_words(found)),
        f"![gain margins]({stem}.png)",
        f"## From day {found.drive_end_d:g}, when the drive ends",
        _table(found, INJURY),
    ]
    if NAIVE in found.ends:
        parts += [
            "## A sham, from day 0",
            "The same at the naive end: how much stronger each feedback may be before pain comes without\n"
            "any injury. Margins below 1: one over it is how many times stronger.",
            _table(found, NAIVE),
        ]
    return "\n\n".join(parts) + "\n"


def in_words(found: Margins) -> list[str]:
    """The outcome as a list of sentences."""
    lines = []
    for end in found.ends:
        shares = [share for (where, _), share in found.untouched.items() if where == end]
        what = "Untouched, the run" if end == INJURY else "A sham"
        lines.append(f"- {what} ends at {100 * median(shares):.0f} % of naive.")
        lines += said_of(gains(found.of(end)))
    if found.absent:
        absent = spoken([f"`{name}`" for name in found.absent], "or")
        lines.append(f"- The preset `{found.scenario.biology}` has no {absent}: nothing to weaken.")
    return lines


def said_of(found: Sequence[Gain]) -> list[str]:
    """What the margins of one end say, as sentences."""
    groups = (
        ("Half of it is not enough", _with_margin([g for g in found if 1.0 <= g.middle < TIGHT])),
        ("Needed, with a margin", _with_margin([g for g in found if TIGHT <= g.middle < math.inf])),
        ("The pain stands without", names(g for g in found if g.needless)),
        ("Pain would hold itself if one were stronger", _with_times([g for g in found if 0 < g.middle < 1])),
        (f"Not even {MOST:g} times as strong", names(g for g in found if g.never)),
    )
    return [f"- {words}: {spoken(some, 'and')}." for words, some in groups if some]


def _with_margin(some: Sequence[Gain]) -> list[str]:
    return [f"`{g.mechanism}` ({g.middle:.1f})" for g in some]


def _with_times(some: Sequence[Gain]) -> list[str]:
    ordered = sorted(some, key=lambda g: -g.middle)
    return [f"`{g.mechanism}` ({1.0 / g.middle:.1f} times)" for g in ordered]


def _seeds(found: Margins) -> str:
    return "seed 1" if found.asked.seeds == 1 else f"seeds 1 to {found.asked.seeds}"


def _table(found: Margins, end: str) -> str:
    """A line a mechanism; strengths seed by seed."""
    brackets = found.of(end)
    lines = [HEAD, ["---"] * len(HEAD)]
    for g in gains(brackets):
        some = brackets[g.mechanism]
        painful = ", ".join("-" if b.painful is None else f"{b.painful:.2f}" for b in some)
        painless = ", ".join("-" if b.painless is None else f"{b.painless:.2f}" for b in some)
        lines.append([g.mechanism.replace("_", " "), spoken_gain(g), painful, painless])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
