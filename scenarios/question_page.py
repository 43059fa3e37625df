"""The page that answers the question: when does sensitization sustain itself in this model?"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..analysis.measures import BACK, HALF, Fate
from ..analysis.sweep_figures import FIGURES
from ..analysis.sweep_folder import Sweep, open_sweep
from .errors import FolderError, InputError
from .knockout_table import ENOUGH_SEEDS, FEW
from .margins import INJURY, NAIVE
from .margins_page import said_of
from .margins_table import Gain, Kept, gains, read_csv, spoken_gain
from .question import FATE, Map, Value, maps
from .question_claims import judged

HOW = """\
Written by `{command}` from runs on disk:

- the map: `dorsalhorn sweep {sweep}`, dorsalhorn {version}, {runs} runs, seeds {seeds}, {changes}
{margins}

This is what comes out of a model for research and teaching. It is no finding about patients, and it is
not medical advice."""
MEANING = """\
*Stays*: over the end of the run, with the injury's drive long gone, the withdrawal threshold is at
{half} of naive or below. *Latent*: it is back, and falls that low when the constitutive opioid tone is
taken away; a preset without such a tone (`article`) cannot be latent. *Partly heals*: it ends
between {half} and {back} of naive. *Heals*: it is back and stays back. Each cell: the commonest, of
two as common the worse, and how many seeds came to it. *From a duration on* it stays if it does in more than
half of the seeds. [sweeps.md](sweeps.md) has the definitions."""
LINKS = """\
The gain margin of a link is how many times stronger it is than the pain that stays needs: it is weakened
alone from the day the drive ends. Below 2, half of it is not enough; without limit, the state stands
without it; below 1 there is no such state yet, and one over the margin says how many times stronger the
link would have to be. Whole knock-outs, from day 0 too: [knockouts.md](knockouts.md)."""
CLAIMS = """\
What these runs alone can decide, each by a rule of this page; all claims: [claims.md](claims.md). How
the model does against published experiments: [patterns.md](patterns.md)."""
WEAK = """\
## What this does not say

Near the edge recovery takes weeks, and pain that goes only after the end of the run counts as staying.
The map is of one kind of injury, at one place, in a small slice, at a coarse tick; the edge moves with
all of these, and with every number that is a choice (`dorsalhorn list parameters`). That a state holds
itself is a finding about the preset, whose switches were put there to follow one side's account; it does
not show that the account is true. A margin is of one link alone: two that replace each other would both
seem needless."""
SWEEP_MARK = "injury_duration_by_intensity"


def write_question(out: str | Path, sweep_folder: str | Path, margins: Sequence[str | Path]) -> list[str]:
    """Write the page and, beside it, the map's figure; returns the answer in words.

    Raises:
        RunError: the folder is no sweep's, or has no finished run.
        InputError: another sweep than one of duration, intensity and biology; a table that is not of margins.
        FolderError: `out` cannot be written.
    """
    path, sweep = Path(out), open_sweep(sweep_folder)
    found = maps(sweep)
    tables = [read_csv(Path(file)) for file in margins]
    twice = [t.biology for i, t in enumerate(tables) if t.biology in [other.biology for other in tables[:i]]]
    if twice:
        raise InputError(f"two tables of margins are of the preset {twice[0]}: give one for each preset")
    kept = {table.biology: table for table in tables}
    command = ["dorsalhorn", "question", _shown(sweep_folder)]
    command += [word for file in margins for word in ("--margins", _shown(file))]
    figure = sweep.folder / FIGURES / f"{FATE}.png"
    try:
        if path.is_dir():
            raise FolderError(f"{path} is a folder: give the name of a file to write")
        path.parent.mkdir(parents=True, exist_ok=True)
        image = f"{path.stem}_map.png" if figure.is_file() else ""
        if image:
            shutil.copyfile(figure, path.parent / image)
        path.write_text(
            markdown(sweep, found, kept, shlex.join(command), path.parent, image), encoding="utf-8"
        )
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror or error}") from error
    return answer(found, kept)


def markdown(
    sweep: Sweep,
    found: Sequence[Map],
    kept: Mapping[str, Kept],
    command: str,
    folder: Path,
    image: str = "",
) -> str:
    """The whole page, for a `folder`; `image` is the map's figure in it, empty for none."""
    parts = [
        "# When does sensitization sustain itself?",
        _how(sweep, kept, command),
        "## The answer of these runs",
        "\n".join(answer(found, kept)),
        "## Which injury leaves pain that stays",
        MEANING.format(half=f"{100 * HALF:g} %", back=f"{100 * BACK:g} %"),
        *([f"![fate of an injury by duration and intensity]({image})"] if image else []),
    ]
    for there in found:
        parts += [f"### Preset `{there.biology}`", _map_table(there)]
    parts += ["## Which links the state needs", LINKS, *_links(found, kept, folder)]
    parts += ["## Which of the article's claims emerge", CLAIMS]
    for there in found:
        parts += [f"### Under `{there.biology}`", _claims_table(there, kept)]
    return "\n\n".join([*parts, WEAK]) + "\n"


def answer(found: Sequence[Map], kept: Mapping[str, Kept]) -> list[str]:
    """The answer as a list of sentences taken from the numbers."""
    lines = []
    for there in found:
        fates = (Fate.STAYS, Fate.PARTLY, Fate.LATENT, Fate.HEALS)
        counts = [f"{fate} {there.count(fate)}" for fate in fates if there.count(fate)]
        lines.append(
            f"- Under `{there.biology}`, what became of {len(there.cells)} injuries: {', '.join(counts)}."
        )
        lines += [f"  - {_at(there, intensity)}" for intensity in there.intensities]
        if there.biology in kept:
            some = kept[there.biology].brackets.get(INJURY, {})
            lines += [f"  {line}" for line in said_of(gains(some))]
    return lines


def _at(there: Map, intensity: Value) -> str:
    """Where the pain begins to stay at one intensity."""
    e, head = there.across(intensity), f"Intensity {_word(intensity)}: "
    if e.first_with is None:
        return f"{head}it stays after no duration, up to {_word(e.last_without)}."
    begins = (
        f"it stays from between {_word(e.last_without)} and {_word(e.first_with)} on"
        if e.last_without is not None
        else f"it stays even after the shortest, {_word(e.first_with)}"
    )
    return f"{head}{begins}{'' if e.clean else ', though not after every longer one'}."


def _how(sweep: Sweep, kept: Mapping[str, Kept], command: str) -> str:
    info, seeds = sweep.info, sweep.info["seeds"]
    tables = [
        f"- gain margins: `dorsalhorn margins {t.scenario}`, dorsalhorn {t.version}, preset `{t.biology}`, "
        f"{t.seeds} seed{'s' if t.seeds != 1 else ''}, tick {t.tick}"
        for t in kept.values()
    ]
    changes = ", ".join(f"`{change}`" for change in sweep.design.get("set", ())) or "nothing changed"
    finished = "" if sweep.complete else f" of {info['runs']} (unfinished)"
    how = HOW.format(
        command=command,
        sweep=info.get("sweep") or SWEEP_MARK,
        version=info.get("versions", {}).get("dorsalhorn", "of unknown version"),
        runs=f"{info['finished']}{finished}",
        seeds=", ".join(str(seed) for seed in seeds),
        changes=changes,
        margins="\n".join(tables) or "- gain margins: none were given (`--margins`)",
    )
    return how + (FEW.format(enough=ENOUGH_SEEDS) if len(seeds) < ENOUGH_SEEDS else "")


def _map_table(there: Map) -> str:
    """Intensities down, durations across; the strongest on top as in the figure."""
    rows = [["intensity", *(_word(d) for d in there.durations)], ["---"] * (len(there.durations) + 1)]
    for intensity in reversed(there.intensities):
        row = [_word(intensity)]
        for duration in there.durations:
            cell = there.cells.get((duration, intensity))
            row.append(_spoken_cell(cell.fate, cell.counts[cell.fate], cell.seeds) if cell else "")
        rows.append(row)
    return _lines(rows)


def _spoken_cell(fate: str, count: int, seeds: int) -> str:
    text = f"{fate} {count}/{seeds}" if seeds > 1 else fate
    return f"**{text}**" if fate == Fate.STAYS else text


def _links(found: Sequence[Map], kept: Mapping[str, Kept], folder: Path) -> list[str]:
    """A table of margins for each preset that has them, with the page and the figure made with it."""
    parts = []
    for there in found:
        if there.biology not in kept:
            parts.append(f"Under `{there.biology}` no margins were made.")
            continue
        table = kept[there.biology]
        for end, title in ((INJURY, "after the injury"), (NAIVE, "in a sham, from day 0")):
            some = table.brackets.get(end)
            if some:
                rows = [["link", "gain margin"], ["---", "---"]]
                rows += [[g.mechanism.replace("_", " "), spoken_gain(g)] for g in gains(some)]
                parts += [f"### Preset `{there.biology}`, {title}", _lines(rows)]
        page, figure = (_beside(table.path.with_suffix(suffix), folder) for suffix in (".md", ".png"))
        parts += [f"![gain margins under {there.biology}]({figure})"] if figure else []
        parts += [f"How these were found: [{Path(page).name}]({page})."] if page else []
    return parts


def _beside(file: Path, folder: Path) -> str:
    """A file as linked from a folder; empty if there is none."""
    return Path(os.path.relpath(file, folder)).as_posix() if file.is_file() else ""


def _shown(path: str | Path) -> str:
    """A path as it was given; of an absolute one only the name."""
    return Path(path).name if Path(path).is_absolute() else str(path)


def _claims_table(there: Map, kept: Mapping[str, Kept]) -> str:
    some: dict[str, Gain] = {}
    if there.biology in kept:
        some = {g.mechanism: g for g in gains(kept[there.biology].brackets.get(INJURY, {}))}
    rows = [["claim", "says", "here", "because"], ["---"] * 4]
    rows += [[c.id, c.says, f"{c.came}", c.because] for c in judged(there, some)]
    return _lines(rows)


def _word(value: Value | None) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _lines(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
