"""The suite: every (pattern, seed) as one job in a process; what is finished is kept and judged."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...scenarios.checkpoints import source
from ...scenarios.ensemble import bar, each
from ...scenarios.errors import FolderError, InputError
from ...scenarios.patterns import BIOLOGIES, Pattern, chosen, published
from ...scenarios.provenance import machine, revision, versions
from . import PROTOCOLS, Preparation
from .judge import Verdict, judge, score

MARK = "validation.json"
"""the file that makes a folder ours"""
FINISHED = "finished.jsonl"
"""one line for each finished (pattern, seed)"""
TABLE, FRAME, FIGURE, PAGE = "scorecard.csv", "scorecard.parquet", "scorecard.png", "scorecard.html"
WORDS = "scorecard.md"
RESULTS = {"figure": FIGURE, "report": PAGE, "table": TABLE}
OURS = (MARK, FINISHED, TABLE, FRAME, FIGURE, PAGE, WORDS)
READ = (".py", ".toml", ".csv")
"""files whose content can change a value"""


@dataclass(frozen=True)
class Trial:
    """One pattern under one biology with one seed."""

    pattern: Pattern
    biology: str
    seed: int
    sets: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.pattern.id}, {self.biology}, seed {self.seed}"


@dataclass(frozen=True)
class Suite:
    """All that came out."""

    verdicts: tuple[Verdict, ...]
    folder: Path


def validate(
    out: str | Path,
    only: Sequence[str] = (),
    biology: str | None = None,
    seeds: int = 1,
    workers: int = 1,
    sets: Sequence[str] = (),
    resume: bool = False,
    quiet: bool = False,
) -> Suite:
    """Run protocols, judge them, and write the scorecard into `out`.

    Args:
        out: folder for the scorecard; one that holds something else is left alone.
        only: ids of patterns; all if none is given.
        biology: judge all under this preset instead of the one of each pattern's entry.
        seeds: how many; they are 1, 2, ...
        workers: number of processes.
        sets: changes to every scenario, as for `--set`.
        resume: keep what is finished in `out`, if it was made by the same source, data and changes.
        quiet: no progress bar.

    Raises:
        InputError: something that was asked for does not exist, or `out` cannot be written; nothing was run.
    """
    if seeds < 1:
        raise InputError(f"--seeds {seeds}: give 1 or more")
    if workers < 1:
        raise InputError(f"--workers {workers}: give 1 or more")
    if biology is not None and biology not in BIOLOGIES:
        raise InputError(f"--biology {biology}: give {' or '.join(BIOLOGIES)}")
    trials = [
        Trial(pattern, biology or pattern.biology, seed, tuple(sets))
        for pattern in chosen(only)
        for seed in range(1, seeds + 1)
    ]
    Preparation(trials[0].biology, 1, {}, tuple(sets)).scenario("naive")  # a wrong --set costs nothing
    made_by = fingerprint(sets)
    folder = prepared(Path(out), resume)
    found = dict(_finished(folder / FINISHED, made_by)) if resume else {}
    due = [trial for trial in trials if str(trial) not in found]
    started, here = time.perf_counter(), revision()
    with (folder / FINISHED).open("a", encoding="utf-8") as kept:
        if not resume:
            kept.truncate(0)
        with closing(each(measure, [(trial,) for trial in due], workers, due)) as ended:
            for number, values in bar(ended, len(due), quiet):
                found[str(due[number])] = values
                line = {"trial": str(due[number]), "values": values, "made_by": made_by}
                line |= {"revision": here, "changes": list(sets)}
                kept.write(json.dumps(line) + "\n")
                kept.flush()
    suite = Suite(judged(trials, found), folder)
    asked = " ".join(["dorsalhorn validate", f"--seeds {seeds}", *options(sets)])
    made = f"Made by `{asked}`, revision `{here}`."
    wall_s = round(time.perf_counter() - started, 1)
    write(suite, made, {"seeds": seeds, "changes": list(sets), "wall_s": wall_s})
    return suite


def options(sets: Sequence[str]) -> list[str]:
    """Changes as they are given on the command line."""
    return [f"--set '{change}'" for change in sets]


def measure(trial: Trial) -> dict[str, float]:
    """The value of every criterion of one trial."""
    pattern = trial.pattern
    slice = Preparation(trial.biology, trial.seed, pattern.parameters, trial.sets)
    try:
        return {name: float(value) for name, value in PROTOCOLS[pattern.id](slice).items()}
    finally:
        slice.release()


def fingerprint(sets: Sequence[str]) -> str:
    """Digest of all that values depend on: rules, data, protocols, and the user's changes."""
    sha = hashlib.sha256(source().encode())
    data, protocols = published("."), Path(__file__).parent
    for file in sorted(f for folder in (data, protocols) for f in folder.rglob("*.*") if f.suffix in READ):
        sha.update(file.name.encode() + file.read_bytes())
    sha.update(json.dumps(list(sets)).encode())
    return sha.hexdigest()


def judged(trials: Sequence[Trial], found: Mapping[str, dict[str, float]]) -> tuple[Verdict, ...]:
    """The verdict on each pattern under each biology, in the order of the trials."""
    by_pattern: dict[tuple[str, str], dict[int, dict[str, float]]] = {}
    known = {}
    for trial in trials:
        key = trial.pattern.id, trial.biology
        known[key] = trial.pattern
        by_pattern.setdefault(key, {})[trial.seed] = found[str(trial)]
    return tuple(judge(known[key], key[1], seeds) for key, seeds in by_pattern.items())


def prepared(folder: Path, resume: bool) -> Path:
    """The folder, made; older files of ours go unless they are to be resumed."""
    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
            raise FolderError(
                f"{folder} is not empty and holds no scorecard (it has no {MARK}), so it is left alone; "
                "give another one with --out"
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name in OURS:
            if name != FINISHED or not resume:
                (folder / name).unlink(missing_ok=True)
        (folder / MARK).write_text(json.dumps({"status": "running"}) + "\n", encoding="utf-8")
    except FolderError:
        raise
    except OSError as error:
        raise FolderError(f"cannot write {folder}: {error.strerror or error}; give another --out") from error
    return folder


def _finished(path: Path, made_by: str) -> Iterator[tuple[str, dict[str, float]]]:
    """What a stopped validation has left that still holds."""
    for entry in entries(path):
        if entry["made_by"] == made_by:
            yield entry["trial"], entry["values"]


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file of finished trials; one cut short by a crash is passed over."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def write(suite: Suite, made: str, about: Mapping[str, Any], origin: Sequence[str] = ()) -> None:
    """Tables, figure and pages of a scorecard, and last the mark that it is complete.

    Args:
        suite: what was judged.
        made: the sentence that says how.
        about: what the mark says beside versions and machine.
        origin: for each verdict, which source made its values, if not all are of this one.
    """
    from .figure import save_figure
    from .page import save_page
    from .scorecard import save_tables
    from .words import save_words

    save_tables(suite.verdicts, suite.folder)
    save_figure(suite.verdicts, suite.folder / FIGURE)
    save_page(suite.verdicts, suite.folder)
    save_words(suite.verdicts, suite.folder / WORDS, made, origin)
    mark = {"status": "complete", "score": str(score(suite.verdicts))} | dict(about)
    mark |= {"versions": versions(), "revision": revision(), "machine": machine()}
    (suite.folder / MARK).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")
