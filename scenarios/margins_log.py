"""The finished runs of a study of margins, kept beside its page, so that a stopped study can go on."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from .ensemble import Job
from .reading import Reading
from .sweep_folder import key_of

SUFFIX = ".runs.jsonl"
"""of the file, in the place of the page's; it goes when the page is written"""


class RunLog:
    """What each run that has ended gave, by a digest of everything that its numbers depend on."""

    def __init__(self, page: Path, resume: bool) -> None:
        """Take over what an earlier study left beside `page`, or drop it.  Raises OSError."""
        self.path = page.with_suffix(SUFFIX)
        self._found: dict[str, Reading] = {}
        if resume and self.path.is_file():
            self._read()
        elif self.path.exists():
            self.path.unlink()

    def __len__(self) -> int:
        """Number of runs that are known."""
        return len(self._found)

    def get(self, job: Job) -> Reading | None:
        """What a run gave; None if it is not known."""
        return self._found.get(key_of(job.load()))

    def add(self, job: Job, run: Reading) -> None:
        """Keep a run that has ended.  Raises OSError."""
        key = key_of(job.load())
        self._found[key] = run
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **asdict(run)}) + "\n")

    def remove(self) -> None:
        """The study is done: nothing is left to go on with."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> None:
        """Every whole line; one that was cut when the study was stopped is left out."""
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
                key = entry.pop("key")
                self._found[key] = Reading(**entry)
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
