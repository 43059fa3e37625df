"""The folder of a run or sweep: checked before anything runs, filled beside its place, swapped in."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from .errors import FolderError

COMPLETE, INTERRUPTED = "complete", "interrupted"
PART = "part"
MARK = "run.json"
"""the file that makes a folder a run folder"""
CHECKPOINT, STATE = "checkpoint", "state.npz"
"""where in a run folder its newest resumable state is"""


class RunFolder:
    """One run's folder. `part` is written to; `finish` moves it to `path`.

    A run folder that already stands at `path` is kept until the new run is complete, and replaced
    only then; an interrupted run never replaces a complete one.
    """

    what, mark, kept = "run", MARK, CHECKPOINT
    """how it is called, the file that makes it what it is, and what in it a resumed run goes on from"""

    def __init__(self, path: str | Path, resume: bool = False) -> None:
        """Check that a run can be written at `path` and make the folder beside it.

        Args:
            path: where the run is to be.
            resume: keep the checkpoint that a crashed run left in the folder beside it.

        Raises:
            FolderError: the place cannot be written, or holds something that is not a run folder.
        """
        try:
            self.path = Path(path).resolve()
            self._refuse_strangers(self.path)
            self.part = _beside(self.path, PART)
            self._made = [p for p in (self.part.parent, *self.part.parent.parents) if not p.exists()]
            if resume and self.part.is_dir():
                for old in self.part.iterdir():
                    if old.name != self.kept:
                        _remove(old)
            else:
                _remove(self.part)
            self.part.mkdir(parents=True, exist_ok=resume)
        except (OSError, ValueError, RuntimeError) as error:
            if isinstance(error, FolderError):
                raise
            raise FolderError(
                f"cannot write the {self.what} to {path}: {_reason(error)}; give another folder with --out"
            ) from error

    def _refuse_strangers(self, path: Path) -> None:
        if not path.name:
            raise FolderError(f"{path} cannot be a {self.what} folder; give another one with --out")
        if path.is_file():
            raise FolderError(f"{path} is a file, not a folder; give another one with --out")
        if path.is_dir() and not (path / self.mark).is_file() and any(path.iterdir()):
            raise FolderError(
                f"{path} is not empty and not a {self.what} folder (it has no {self.mark}), "
                "so it is left alone; "
                "give another one with --out"
            )

    def write_text(self, name: str, text: str) -> Path:
        """Write a text file, complete or not at all."""
        target = self.part / name
        try:
            temporary = target.with_name(target.name + ".tmp")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(target)
        except OSError as error:
            raise FolderError(f"cannot write {target}: {_reason(error)}") from error
        return target

    def write_json(self, name: str, content: Mapping[str, Any]) -> Path:
        """Write a JSON file, complete or not at all."""
        return self.write_text(
            name, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        )

    def finish(self, status: str) -> Path:
        """Move what was written into place and return where it is."""
        target = self.path
        if status != COMPLETE and run_status(target, self.mark) == COMPLETE:
            target = _beside(self.path, INTERRUPTED)
        old = _beside(target, "old")
        try:
            _remove(old)
            if target.exists():
                target.rename(old)
            self.part.rename(target)
            _remove(old)
        except OSError as error:
            raise FolderError(
                f"the {self.what} is kept in {self.part}; it cannot be moved to {target}: {_reason(error)}"
            ) from error
        return target

    @property
    def can_go_on(self) -> bool:
        """Whether something lies here from which a resumed run could go on."""
        return (self.part / CHECKPOINT / STATE).is_file()

    def discard(self) -> None:
        """Leave no trace of a run that did not come to anything; what can be resumed is something."""
        if self.can_go_on:
            return
        shutil.rmtree(self.part, ignore_errors=True)
        for made in self._made:
            try:
                made.rmdir()
            except OSError:
                return


def places(path: str | Path) -> list[Path]:
    """Where a run meant for `path` may lie: there, what a crash left beside it, interrupted beside it.

    Empty for a path that cannot be (RunFolder says why).
    """
    try:
        path = Path(path).resolve()
        return [path, _beside(path, PART), _beside(path, INTERRUPTED)]
    except (OSError, ValueError, RuntimeError):
        return []


def remove_interrupted(path: Path) -> None:
    """Remove the interrupted run beside `path`, once it has gone on elsewhere."""
    shutil.rmtree(_beside(path, INTERRUPTED), ignore_errors=True)


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.name}.{what}")


def check_writable(path: Path) -> None:
    """Make the folder of a file that is to be written; a FolderError says why it cannot be written."""
    if path.is_dir():
        raise FolderError(f"{path} is a folder: give the name of a file to write")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):
            pass
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise FolderError(f"cannot write {path}: {_reason(error)}") from error


def run_status(folder: Path, mark: str = MARK) -> str:
    """`complete`, `interrupted`, or empty if `folder` is not what `mark` stands for."""
    try:
        content = json.loads((folder / mark).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(content.get("status", "")) if isinstance(content, dict) else ""


def _remove(path: Path) -> None:
    """Remove a folder or file of ours if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()


def _reason(error: Exception) -> str:
    """The system's reason in plain words."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return str(error)
