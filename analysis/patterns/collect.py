"""One scorecard from several validations: made in parts, on several machines, or as a model grew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...scenarios.errors import InputError
from ...scenarios.names import spoken
from ...scenarios.patterns import patterns
from .suite import FINISHED, MARK, Suite, Trial, entries, fingerprint, judged, options, prepared, write

PRESENT = "present"
UNKNOWN = "earlier"
SHORT = 7
"""letters of a revision that are shown"""

Entry = dict[str, Any]
"""a line of a file of finished trials"""


def collect(out: str | Path, folders: Sequence[str | Path], sets: Sequence[str] = ()) -> Suite:
    """Judge what validations have finished, run nothing, and write one scorecard into `out`.

    Seeds of one pattern are pooled only if the same source, data and changes made them; of several sources
    the one that comes last in `folders` counts.  The scorecard says which patterns an earlier source made.
    Trials of patterns or criteria that are no longer there are left out.

    Raises:
        InputError: a folder holds no validation or is `out`, one was run with other changes than `sets`, or
            nothing is finished in any; nothing was written.
    """
    places = [_checked(Path(folder), Path(out)) for folder in folders]
    found = [entry for place in places for entry in entries(place / FINISHED)]
    for entry in found:
        if entry.get("changes", list(sets)) != list(sets):
            was = " ".join(options(entry["changes"])) or "no --set"
            raise InputError(
                f"--collect: {entry['trial']} was run with {was}; give the same, or leave it out"
            )
    pools = _newest(found)
    if not pools:
        raise InputError(f"--collect: nothing is finished in {', '.join(map(str, folders))}")
    kept = [entry for pool in pools for entry in pool]
    values = {entry["trial"]: entry["values"] for entry in kept}
    suite = Suite(judged([_trial(e, tuple(sets)) for e in kept], values), prepared(Path(out), resume=False))
    lines = "".join(json.dumps(entry) + "\n" for entry in kept)
    (suite.folder / FINISHED).write_text(lines, encoding="utf-8")
    present = fingerprint(sets)
    origin = [_origin(pool[0], present) for pool in pools]
    about = {"changes": list(sets), "sources": sorted(set(origin))}
    judged_ids = {verdict.pattern.id for verdict in suite.verdicts}
    missing = [id_ for id_ in patterns() if id_ not in judged_ids]
    verb = "was" if len(missing) == 1 else "were"
    not_run = f", without {spoken(missing, 'and')}, which {verb} not run" if missing else ""
    write(suite, f"Made by `dorsalhorn validate --collect`{not_run}.", about, origin)
    return suite


def _checked(folder: Path, out: Path) -> Path:
    if not (folder / MARK).is_file() or not (folder / FINISHED).is_file():
        raise InputError(f"--collect {folder}: there is no validation in it (no {MARK} or no {FINISHED})")
    if folder.resolve() == out.resolve():
        raise InputError(f"--collect {folder}: this is --out, whose files are replaced; give another --out")
    return folder


def _newest(found: Sequence[Entry]) -> list[list[Entry]]:
    """For each pattern and biology, in the order of the patterns, the trials of the source that came last."""
    order = list(patterns())
    pools: dict[tuple[int, str], dict[str, dict[str, Entry]]] = {}
    for entry in found:
        id_, biology, _ = _named(entry)
        if id_ in order and set(entry["values"]) == set(patterns()[id_].criteria):
            sources = pools.setdefault((order.index(id_), biology), {})
            pool = sources.pop(entry["made_by"], {})  # put back behind the others
            sources[entry["made_by"]] = pool | {entry["trial"]: entry}
    return [list(list(pools[key].values())[-1].values()) for key in sorted(pools)]


def _trial(entry: Entry, sets: tuple[str, ...]) -> Trial:
    id_, biology, seed = _named(entry)
    return Trial(patterns()[id_], biology, seed, sets)


def _named(entry: Entry) -> tuple[str, str, int]:
    """Pattern, biology and seed of a line, which holds them as `str(trial)`."""
    id_, biology, seed = entry["trial"].split(", ")
    return id_, biology, int(seed.removeprefix("seed "))


def _origin(entry: Entry, present: str) -> str:
    """Which source made a value, for a reader."""
    if entry["made_by"] == present:
        return PRESENT
    return str(entry.get("revision", ""))[:SHORT] or UNKNOWN
