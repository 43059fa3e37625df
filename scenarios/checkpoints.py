"""Checkpoints: `<run>/checkpoint/state.npz` and what was recorded, from which a run goes on bit for bit.

`state.npz` names the files with the records that belong to it.  They are written first and never changed;
`state.npz` is replaced in one move, so that whenever the power fails there is a whole checkpoint or none.
Plain arrays, nothing pickled: reading one runs no code.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import FolderError
from .folder import CHECKPOINT, COMPLETE, STATE, places, run_status
from .names import spoken
from .recorded import Arrays, epochs, put_back_records, recorded

if TYPE_CHECKING:
    from ..model.dorsalhorn import DorsalHorn
    from ..model.scenario import Scenario

FORMAT = 1
ABOUT = "about"
CALLED = ("title", "name")
"""what of a scenario has no part in its numbers"""
MOST_DIFFERENCES = 4
DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, RuntimeError)
UNREADABLE = (*DAMAGE, zipfile.BadZipFile, zlib.error, struct.error)
ANEW = "run without --resume to start from the beginning"


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was found: where, how far it had come, and what it needs to go on."""

    folder: Path
    """the run folder it lies in"""
    about: dict[str, Any]
    complete: bool
    """nothing is left to run"""

    @property
    def tick(self) -> int:
        """Ticks done."""
        return int(self.about["tick"])

    @property
    def wall_s(self) -> float:
        """Seconds the run had taken."""
        return float(self.about["wall_s"])


class Checkpoints:
    """Saves the checkpoints of one run into its folder; the records only once each."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.folder = folder / CHECKPOINT
        self.about = {
            "format": FORMAT,
            "version": version(),
            "source": source(),
            "scenario": content(scenario),
            "scenario_hash": _digest(content(scenario)),
        }
        self.parts: list[str] = []
        self._saved = self._epochs = 0

    def save(self, model: DorsalHorn, state: Mapping[str, np.ndarray], wall_s: float) -> None:
        """Save the state and what was recorded since the last time; an OSError leaves the one before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        played = epochs(model)
        if len(model.records) > self._saved or played > self._epochs:
            # a name never used before: a crash from here on must not touch what state.npz names
            there = [int(p.stem.partition("-")[2]) for p in self.folder.glob("records-*.npz")]
            name = f"records-{max(there, default=0) + 1:06d}.npz"
            _write(self.folder / name, recorded(model, self._saved, self._epochs))
            self.parts.append(name)
            self._saved, self._epochs = len(model.records), played
        about = self.about | {"tick": model.tick, "wall_s": wall_s, "parts": self.parts}
        _write(self.folder / STATE, {ABOUT: _bytes(about)} | dict(state))
        for file in self.folder.glob("records-*.npz"):
            if file.name not in self.parts:
                file.unlink()


def forget_records(folder: Path) -> None:
    """Drop the records of a complete run's checkpoint: its tables hold them."""
    for file in (folder / CHECKPOINT).glob("records-*.npz"):
        file.unlink(missing_ok=True)


def find(scenario: Scenario, out: str | Path) -> Checkpoint | None:
    """The checkpoint from which the run at `out` goes on: the one furthest on of this scenario.

    Looks at `out`, at what a crash left beside it and at an interrupted run beside a complete one.

    Returns:
        None if there is none at all.

    Raises:
        FolderError: there are some, but none that can be used; says why.
    """
    found, problems = [], []
    for folder in places(out):
        try:
            if os.path.exists(folder / CHECKPOINT / STATE):  # Path.exists raises for names too long
                found.append(_checked(folder, scenario))
        except FolderError as problem:
            problems.append(problem)
    if found:
        return max(found, key=lambda c: (c.complete, c.tick))
    if problems:
        raise problems[0]
    return None


def put_back(model: DorsalHorn, checkpoint: Checkpoint) -> None:
    """Put a freshly built model where the checkpoint was, records included.

    Raises:
        FolderError: the checkpoint is cut or damaged.
    """
    from ..model.checkpoint import restore

    try:
        folder = checkpoint.folder / CHECKPOINT
        state = _read(folder / STATE)
        state.pop(ABOUT)
        parts = [_read(folder / str(name)) for name in checkpoint.about["parts"]]
        restore(model, state)
        put_back_records(model, parts)
    except UNREADABLE as error:
        raise _damaged(checkpoint.folder, error) from error


def _checked(folder: Path, scenario: Scenario) -> Checkpoint:
    """The checkpoint of a folder, if it is of this version and scenario and all its files are there."""
    file = folder / CHECKPOINT / STATE
    try:
        with file.open("rb") as opened, np.load(opened) as archive:
            about = json.loads(bytes(archive[ABOUT]))
        of, wrote = about["format"], about["version"]
        if (of, wrote) != (FORMAT, version()):
            raise FolderError(
                f"the checkpoint in {folder} was made by dorsalhorn {wrote} (format {of}) and this is "
                f"{version()} (format {FORMAT}): going on would not give the same bits; {ANEW}"
            )
        if about["source"] != source():
            raise FolderError(
                f"the checkpoint in {folder} was made before the source of dorsalhorn was edited: going on "
                f"would not give the same bits; {ANEW}"
            )
        saved, parts = about["scenario"], [str(name) for name in about["parts"]]
        if about["scenario_hash"] != _digest(saved):
            raise ValueError("its scenario does not match its hash")
        checkpoint = Checkpoint(folder, about, run_status(folder) == COMPLETE)
        if checkpoint.tick < 0 or checkpoint.wall_s < 0:
            raise ValueError("its counts are below 0")
    except FolderError:
        raise
    except UNREADABLE as error:
        raise _damaged(folder, error) from error
    differences = differing(saved, content(scenario))
    if differences:
        shown, more = differences[:MOST_DIFFERENCES], len(differences) - MOST_DIFFERENCES
        shown += [f"and {more} more"] if more > 0 else []
        raise FolderError(
            f"the checkpoint in {folder} is of another scenario: {'; '.join(shown)}. "
            f"Give the same SCENARIO, --seed and --set, another --out, or {ANEW}"
        )
    missing = [name for name in parts if not (folder / CHECKPOINT / name).is_file()]
    if missing and not checkpoint.complete:
        raise _damaged(folder, ValueError(f"{spoken(missing, 'and')} missing"))
    return checkpoint


def _damaged(folder: Path, error: Exception) -> FolderError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return FolderError(f"the checkpoint in {folder} cannot be read, it is cut or damaged ({reason}); {ANEW}")


def _write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """An archive of arrays, whole or not at all, safe on the disk before it takes its name."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _read(path: Path) -> Arrays:
    """All arrays of an archive; their checksums are compared on the way."""
    with path.open("rb") as file, np.load(file) as archive:  # a path np.load would leave open on damage
        return {name: archive[name] for name in archive.files}


def _bytes(about: Mapping[str, Any]) -> np.ndarray:
    return np.frombuffer(json.dumps(about).encode(), np.uint8)


def version() -> str:
    """The version of dorsalhorn."""
    from .. import __version__

    return str(__version__)


@cache
def source() -> str:
    """Digest of the agents' and the model's source: an edited rule must not go on another's state."""
    root = Path(__file__).resolve().parents[1]
    sha = hashlib.sha256()
    for file in sorted(p for folder in ("agents", "model") for p in (root / folder).rglob("*.py")):
        sha.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    return sha.hexdigest()


def content(scenario: Scenario) -> dict[str, Any]:
    """Everything of a scenario that its numbers depend on, as JSON would give it back."""
    plain = {key: value for key, value in asdict(scenario).items() if key not in CALLED}
    return dict(json.loads(json.dumps(plain)))


def _digest(scenario: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(scenario, sort_keys=True).encode()).hexdigest()


def differing(saved: Any, given: Any) -> list[str]:
    """What differs between two scenarios, one text each; what the user wrote comes first."""
    a, b = _leaves(saved), _leaves(given)
    keys = [key for key in {**a, **b} if a.get(key) != b.get(key)]
    keys.sort(key=lambda key: key.startswith(("parameters", "anatomy")))
    return [f"{key} is {_said(a, key)} there and {_said(b, key)} now" for key in keys]


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict | list) or not value:
        return {} if isinstance(value, dict | list) else {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return {
        key: leaf
        for name, inner in items
        for key, leaf in _leaves(inner, f"{path}.{name}" if path else str(name)).items()
    }


def _said(leaves: Mapping[str, Any], key: str) -> str:
    return json.dumps(leaves[key], ensure_ascii=False) if key in leaves else "not set"
