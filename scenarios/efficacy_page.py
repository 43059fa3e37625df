"""The page about treatments: what each does early and late, what lasts, and what they do together."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ..analysis.efficacy import NOT_GRADED, both, interaction_summary, summarised
from ..analysis.efficacy_figure import save_efficacy_figure
from ..analysis.events import CAUSES, events_of, last_stop
from ..analysis.interaction import READ
from ..analysis.intervals import LEAST_PAIRS
from ..analysis.relief import RESET, TIME_CONSTANTS
from ..analysis.sweep_folder import Sweep, open_sweep
from ..analysis.words import listed, places, plain
from .efficacy_tables import claims_table, interaction_table, members_table, results_table
from .errors import FolderError
from .knockout_table import ENOUGH_SEEDS, FEW

TITLE = "Treatments, early and late"
CAUTION = """\
> **A research and teaching model, not medical advice.** What follows is what comes out of a slice in a
> computer. It is no finding about patients, no guide to dose or choice, and no reason to begin, change or
> stop any treatment. Beside each result stands the *grade*: how good the published evidence is that the
> treatment relieves chronic pain in this way. A large effect here with a weak grade is a property of the
> model's assumptions. No combination has a grade, for the catalogue grades treatments alone."""
MEANING = """\
*Relief* is the reversal in the last week of the course:
log(treated / untreated) / log(naive / untreated) of the withdrawal thresholds, the untreated ones those of
the untreated run of the **same seed on the same days**: 1 is all that the untreated slice has lost, 0
nothing, below 0 it is worse. One definition serves the early course, in which the threshold is still
falling, and the late one. *Output*: the share of the rise in spontaneous output that is gone in that week;
it tells more where the threshold lies on the lowest filament. *Onset*: days to half of the greatest
reversal. *Lasts*: days after the course until less than half of the relief is left; with a "+" it was never
lost while it could be watched. *Reset*: the reversal in the second week after the treatment has worn off
({constants:g} time constants after the course; of what wears off evenly, when nothing is left). **Lasting**:
that is {reset:g} or more, with the afferent drive unchanged. A dash: nothing was lost there to be relieved,
or the treatment had not worn off two weeks before the end.

Means over the seeds, in parentheses the 95 % bootstrap interval (of under {pairs} seeds the lowest and the
highest; of one nothing). Runs of one seed share every chance that the treatment does not touch."""
DRIVEN = """\
Here the drive goes on to the end, so that pain which stays says nothing about the slice by itself; what comes
back comes back against the drive, and what lasts lasts against it."""
BLISS = """\
What a treatment leaves of the lost threshold is 1 - relief. Independent treatments leave shares that
multiply (Bliss): that is the *expected* relief of a combination, from its members run alone in the same
seed. *Excess*: observed less expected. An interval above 0 is synergy, below 0 the opposite; where the
members alone let expect nearly 1 there is no room for any. No synergy is built in: effects on one target
multiply, and the rest is the cascade's own doing. Where each member alone leaves the threshold on the lowest
filament its relief counts as 0, and a threshold that rises with all of them looks like synergy: the output,
which has no such floor, is to be read beside it."""
CLAIMED = """\
What the article says of treatments, in our words (`scenarios/data/efficacy.toml`). *Supported in this
model*: the whole interval lies where the claim needs it. That a cascade built after the article's account
does what the article says does not make it true; and that something *falls short*, or does not last, is
supported also where it did nothing at all. All its claims: [claims.md](claims.md)."""
WEAK = """\
## What this does not say

The numbers of the catalogue say how strongly a treatment acts on its target; many are choices
([treatments.md](treatments.md)), and a result moves with them. One dose, two times, one kind of injury at
one place, a small slice, a coarse tick. A threshold on the lowest filament hides partial relief, one beyond
naive counts as all. The slice has no body: no uptake, no side effects, no brain, no expectation. What is
given is given without pause, which no patient gets. Interactions by metabolism are not in it."""


class Injury(NamedTuple):
    """What was done in all runs of a sweep."""

    biology: str
    words: str
    goes_on: bool
    """its drive lasts to the end of the run"""


def write_efficacy(out: str | Path, folders: Sequence[str | Path]) -> list[str]:
    """Write the page, its tables (.csv) and figure (.png) beside it; returns what came out, in words.

    Raises:
        RunError: a folder is no sweep of courses against an untreated arm, or two are of one preset.
        FolderError: `out` cannot be written.
    """
    path, sweeps = Path(out), [open_sweep(folder) for folder in folders]
    table = both(sweeps)
    summary, together = summarised(table), interaction_summary(table)
    if path.is_dir():
        raise FolderError(f"{path} is a folder: give the name of a file to write")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        summary.to_csv(path.with_suffix(".csv"), index=False)
        table.to_csv(_beside(path, "_runs.csv"), index=False)
        together.to_csv(_beside(path, "_together.csv"), index=False)
        image = path.with_suffix(".png")
        count = table["seed"].nunique()
        save_efficacy_figure(image, TITLE, summary, f"{count} seed{'s' if count != 1 else ''}")
        page = markdown(sweeps, table, summary, together, _command(folders), image.name)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror or error}") from error
    return said(summary, together)


def markdown(
    sweeps: Sequence[Sweep],
    table: pd.DataFrame,
    summary: pd.DataFrame,
    together: pd.DataFrame,
    command: str,
    image: str,
) -> str:
    """The whole page, with the figure of that name."""
    presets = list(dict.fromkeys(table["biology"]))
    injuries = [_injury(sweep) for sweep in sweeps]
    still_driven = {injury.biology for injury in injuries if injury.goes_on}
    figure = f"![Treatments by timing: relief while given and what lasts after it]({image})"
    parts = [f"# {TITLE}", CAUTION, _how(sweeps, injuries, table, command)]
    parts += ["## In words", "\n".join(said(summary, together)), figure]
    parts += ["## What is read", MEANING.format(constants=TIME_CONSTANTS, reset=RESET, pairs=LEAST_PAIRS)]
    for biology in presets:
        driven = [DRIVEN] if biology in still_driven else []
        parts += [f"## Preset `{biology}`", *driven, results_table(summary[summary["biology"] == biology])]
    if not together.empty:
        parts += ["## Together", BLISS, members_table(summary)]
        for read, title in zip(READ, ("Of the threshold", "Of the spontaneous output"), strict=True):
            parts += [f"### {title}", interaction_table(together[together["read"] == read])]
    parts += ["## What the article says of treatments", CLAIMED, claims_table(table, presets)]
    return "\n\n".join([*parts, WEAK]) + "\n"


def said(summary: pd.DataFrame, together: pd.DataFrame) -> list[str]:
    """What came out, a sentence or two a preset and course."""
    lines = []
    for (biology, course), part in summary.groupby(["biology", "course"], sort=False):
        alone = part[part["grade"] != NOT_GRADED]
        read = alone[alone["relief"].notna()]
        lines.append(f"- Preset `{biology}`, {course}: {_counts(read, len(alone))}")
    for (biology, gives, course), part in together.groupby(["biology", "gives", "course"], sort=False):
        found = [
            f"of the {what} {places(row['observed'])}, where independent members would give "
            f"{places(row['expected'])} and the best alone gives {places(row['best'])}"
            for read, what in zip(READ, ("threshold", "output"), strict=True)
            for _, row in part[part["read"] == read].iterrows()
        ]
        lines.append(f"- Preset `{biology}`, {course}, {gives}: {'; '.join(found)}.")
    return lines


def _counts(read: pd.DataFrame, run: int) -> str:
    if read.empty:
        return f"of {run} treatments none could be read: the untreated slice has lost nothing there."
    full, lasting = (read[read[name] >= edge] for name, edge in (("relief", RESET), ("lasting", 1.0)))
    named = [f"{plain(row['gives'])} ({row['grade']})" for _, row in full.iterrows()]
    lasts = [f"{plain(row['gives'])} ({row['grade']})" for _, row in lasting.iterrows()]
    lasting_words = listed(lasts) if lasts else "none"
    return (
        f"{len(named) or 'none'} of {len(read)} treatments brought back {RESET:g} or more of what was lost"
        f"{': ' + listed(named) if named else ''}; lasting in every seed: {lasting_words}."
    )


def _how(sweeps: Sequence[Sweep], injuries: Sequence[Injury], table: pd.DataFrame, command: str) -> str:
    lines = [f"Written by `{command}` from runs on disk:", ""]
    for sweep, injury in zip(sweeps, injuries, strict=True):
        info = sweep.info
        last = {change.partition("=")[0]: change for change in sweep.design.get("set", ())}
        changes = ", ".join(f"`{change}`" for change in last.values()) or "nothing changed"
        finished = "" if sweep.complete else f" of {info['runs']} (unfinished)"
        seeds = ", ".join(str(seed) for seed in info["seeds"])
        lines.append(
            f"- `dorsalhorn sweep {info.get('sweep')}`: scenario `{info['scenario']}`, dorsalhorn "
            f"{info.get('versions', {}).get('dorsalhorn', 'of unknown version')}, "
            f"{info['finished']}{finished} runs, seeds {seeds}, {changes}{_longest(sweep)}; {injury.words}"
        )
    few = table["seed"].nunique() < ENOUGH_SEEDS
    return "\n".join(lines) + (FEW.format(enough=ENOUGH_SEEDS) if few else "")


def _longest(sweep: Sweep) -> str:
    """How long the longest run goes on, where not all are of one length."""
    days = {round(float(run.timeseries.index[-1])) for run in sweep.cell_runs()}
    return f", up to {max(days)} d for what takes longer to wear off" if len(days) > 1 else ""


def _injury(sweep: Sweep) -> Injury:
    run = sweep.cell_runs()[0]
    done = [event for event in events_of(run.scenario, run.stimuli) if event.role in CAUSES]
    last, end_d = last_stop(done), float(run.timeseries.index[-1])
    words = "; ".join(event.label for event in done) or "no injury"
    return Injury(str(run.scenario["biology"]), words, bool(done) and (last is None or last > end_d))


def _command(folders: Sequence[str | Path]) -> str:
    shown = [Path(f).name if Path(f).is_absolute() else str(f) for f in folders]
    return shlex.join(["dorsalhorn", "efficacy", *shown])


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.stem + ending)
