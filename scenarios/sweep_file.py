"""Sweep files: where they are, what they hold, and what one takes from another."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from .errors import InputError, Problem, ScenarioError
from .load import default_name, faults
from .names import did_you_mean, spoken
from .sweep_schema import SweepDocument
from .toml_text import Path_, line_of, read_toml, toml_value

LIBRARY = "data/sweeps"
LIKE = "like"
"""the key by which a sweep takes from another what it does not say itself"""


def shipped_sweeps() -> dict[str, Path]:
    """The shipped sweeps, by name."""
    folder = Path(str(files(__package__) / LIBRARY))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def find_sweep(name_or_path: str | Path) -> Path:
    """The file of a shipped sweep or of a path."""
    library, text = shipped_sweeps(), str(name_or_path)
    if text in library:
        return library[text]
    path = Path(text)
    try:
        if (path / "sweep.toml").is_file():
            return path / "sweep.toml"
        exists = bool(text.strip()) and path.exists()
    except (OSError, ValueError) as error:
        raise ScenarioError(text, [Problem((), f"is not a usable file name: {error}")]) from error
    if not exists and path.suffix != ".toml" and len(path.parts) < 2:
        near = did_you_mean(text, library)
        remedy = (
            f"{near} shipped are {spoken(library, 'and')}"
            if near
            else f"; shipped are {spoken(library, 'and')}"
        )
        raise ScenarioError(text, [Problem((), f"is neither a shipped sweep nor a file{remedy}")])
    return path


def read_sweep(path: Path, source: str) -> tuple[SweepDocument, dict[Path_, int]]:
    """A sweep file as checked, and the line of each of its keys.

    Args:
        path: the file.
        source: what it is called in messages.

    Raises:
        ScenarioError: says everything that is wrong with the file.
    """
    _, lines = read_toml(path)
    document = _document(whole_sweep(path, source), lines, source)
    return document if document.name else document.model_copy(update={"name": default_name(path)}), lines


def whole_sweep(path: Path, source: str) -> dict[str, Any]:
    """What a sweep file holds; one that is `like` another takes from that what it does not say itself.

    Raises ScenarioError if either cannot be read.
    """
    content, lines = read_toml(path)
    if LIKE not in content:
        return content
    own = {key: value for key, value in content.items() if key != LIKE}
    asked = content[LIKE]
    try:
        if not isinstance(asked, str):
            raise InputError(f"must be the name of a sweep, or a file, not {toml_value(asked)}")
        beside = path.parent / asked
        other, _ = read_toml(find_sweep(beside if beside.is_file() else asked))
        if LIKE in other:
            raise InputError(f"{asked} is like another sweep itself: name that one")
    except InputError as error:
        raise ScenarioError(source, [Problem((LIKE,), str(error), line_of((LIKE,), lines))]) from error
    return {key: value for key, value in other.items() if key != "name"} | own


def _document(content: dict[str, Any], lines: dict[Path_, int], source: str) -> SweepDocument:
    from pydantic import ValidationError

    try:
        return SweepDocument.model_validate(content)
    except ValidationError as error:
        problems = [Problem(path, text, line_of(path, lines)) for path, text in faults(error, SweepDocument)]
        raise ScenarioError(source, sorted(problems, key=lambda p: (p.line is None, p.line or 0))) from None
