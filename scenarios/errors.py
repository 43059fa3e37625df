"""What can go wrong on the user's side, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass

from .quantities import reached


class InputError(ValueError):
    """Something the user gave cannot be used; the text says what and what is allowed instead."""


class FolderError(InputError):
    """A run folder that cannot be written, or must not be overwritten."""


class RegistryError(RuntimeError):
    """The shipped data contradict each other: a fault of the developers, not of the user."""


class RunInterruptedError(Exception):
    """The user stopped the run; `folder` holds what was finished."""

    def __init__(self, folder: str, simulated_d: float, duration_d: float) -> None:
        self.folder = folder
        super().__init__(
            f"stopped at {reached(simulated_d, duration_d)}; what was finished is kept in {folder}"
        )


class SweepInterruptedError(RunInterruptedError):
    """The user stopped the sweep; `folder` holds the finished runs, and is empty if there are none."""

    def __init__(self, folder: str, finished: int, runs: int) -> None:
        self.folder = folder
        Exception.__init__(
            self,
            f"stopped after {finished} of {runs} runs" + (f"; they are kept in {folder}" if folder else ""),
        )


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a scenario: where (a key path) and what, in words."""

    path: tuple[str | int, ...]
    text: str
    line: int | None = None
    origin: str = ""
    """where the value was given when not in the file, for instance `--set`"""

    @property
    def key(self) -> str:
        """The key path as a user would write it: `stimulus.0.stop`."""
        return ".".join(str(part) for part in self.path)


MOST_CHARACTERS = 1400
LONGEST_LINE = 330


def shorten(text: str, most: int) -> str:
    """Cut `text` to at most `most` characters, on one line."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= most else text[: most - 3] + "..."


class ScenarioError(InputError):
    """A scenario that cannot be run; `problems` lists everything that is wrong with it."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(self._text())

    def _text(self) -> str:
        """File, count, then one line a problem, cut before it becomes unreadable."""
        count = len(self.problems)
        source = shorten(self.source if len(self.source) <= 80 else "..." + self.source[-77:], 80)
        if count == 1 and not self.problems[0].path:
            only = self.problems[0]
            return f"{source}: {f'line {only.line}: ' if only.line else ''}{shorten(only.text, LONGEST_LINE)}"
        lines = [f"{source} has {count} problem{'s' if count != 1 else ''}:"]
        length = len(lines[0])
        for number, problem in enumerate(self.problems):
            where = problem.origin or (f"line {problem.line}" if problem.line else "")
            key = shorten(problem.key, 80)
            line = "  " + "  ".join(
                part for part in (where, f"{key}: {problem.text}" if key else problem.text) if part
            )
            line = shorten(line, LONGEST_LINE)
            if length + len(line) > MOST_CHARACTERS - 40:
                lines.append(f"  ... and {count - number} more")
                break
            lines.append(line)
            length += len(line) + 1
        return "\n".join(lines)
