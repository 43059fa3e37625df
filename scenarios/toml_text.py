"""TOML text: reading it safely, finding the line of a key, setting one value in it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import InputError, Problem, ScenarioError, shorten

MOST_BYTES = 1_000_000
LONGEST_SET = 90
"""so much of a change is quoted in a message"""
BY_NAME = ("parameters", "switches")
"""tables whose keys are dotted names"""

_KEY = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*""")
Path_ = tuple[str | int, ...]


def read_toml(path: Path) -> tuple[dict[str, Any], dict[Path_, int]]:
    """The content of a TOML file and the line of each of its keys; a ScenarioError says why not."""
    source = str(path)
    try:
        if not path.exists():
            raise ScenarioError(source, [Problem((), "there is no such file")])
        if not path.is_file():
            raise ScenarioError(source, [Problem((), "is not a file")])
        if path.stat().st_size > MOST_BYTES:
            raise ScenarioError(source, [Problem((), f"is larger than {MOST_BYTES:,} bytes: not a scenario")])
        text = path.read_bytes().decode("utf-8-sig")
    except ScenarioError:
        raise
    except UnicodeDecodeError as error:
        raise ScenarioError(source, [Problem((), "is not a text file (UTF-8 is expected)")]) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScenarioError(source, [Problem((), f"cannot be read: {reason}")]) from error
    return parse_toml(text, source), key_lines(text)


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Parse TOML; a ScenarioError gives the line of the first fault."""
    try:
        content = tomllib.loads(text)
    except RecursionError as error:
        raise ScenarioError(source, [Problem((), "is nested too deeply")]) from error
    except ValueError as error:
        said, _, place = str(error).partition(" (at line ")
        line = int(place.split(",")[0]) if place[:1].isdigit() else None
        raise ScenarioError(source, [Problem((), f"not valid TOML: {_reworded(said)}", line)]) from error
    if not content:
        raise ScenarioError(source, [Problem((), "is empty; `dorsalhorn new FILE` writes one to start from")])
    return content


def _reworded(said: str) -> str:
    """The parser's remark in a user's words."""
    remarks = {
        "Cannot overwrite a value": "a key is given twice",
        "Invalid value": "a value is missing, or a text lacks its quotation marks",
        "Invalid statement": "this is neither `key = value` nor `[table]`",
    }
    return remarks.get(said, said[:1].lower() + said[1:])


def key_lines(text: str) -> dict[Path_, int]:
    """Line number of every key and table, by its path: ("stimulus", 0, "stop") -> 12."""
    lines: dict[Path_, int] = {}
    table: Path_ = ()
    counts: dict[Path_, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            path = tuple(_keys(stripped.lstrip("[")))
            if stripped.startswith("[["):
                counts[path] = counts.get(path, -1) + 1
                table = (*path, counts[path])
            else:
                table = path
            lines.setdefault(by_name(table), number)
        elif "=" in stripped and not stripped.startswith("#"):
            lines.setdefault(by_name((*table, *_keys(stripped))), number)
    return lines


def line_of(path: Path_, lines: dict[Path_, int]) -> int | None:
    """The line of a path, or of the nearest thing that encloses it."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def by_name(path: Path_) -> Path_:
    """Join the dotted name of a parameter or switch: (parameters, a, b) -> (parameters, "a.b")."""
    if len(path) > 2 and path[0] in BY_NAME:
        return (path[0], ".".join(str(part) for part in path[1:]))
    return path


def _keys(text: str) -> Iterator[str]:
    """The parts of a dotted key at the start of a line."""
    position = 0
    while found := _KEY.match(text, position):
        key = found[1]
        yield key[1:-1] if key[0] in "\"'" else key
        position = found.end()
        if text[position : position + 1] != ".":
            return
        position += 1


def set_value(content: dict[str, Any], assignment: str) -> Path_:
    """Carry out one `PATH=VALUE` in `content`; returns the path. InputError says what is wrong."""
    shown = shorten(f"--set {assignment}", LONGEST_SET)
    path, position = set_path(assignment, shown)
    try:
        value = tomllib.loads("value = " + assignment[position:].strip())
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{shown}: the part after = is not a TOML value; a text needs quotation marks, "
            "for example --set 'duration=\"10 d\"'"
        ) from error
    if set(value) != {"value"}:
        raise InputError(f"{shown}: give one value")
    _put(content, path, value["value"], shown)
    return path


def toml_value(value: object) -> str:
    """A value as TOML text, in one line.

    >>> toml_value([{"kind": "sham", "start": "2 d"}, 1.5, True])
    '[{"kind" = "sham", "start" = "2 d"}, 1.5, true]'

    Raises ValueError for a value that settings never have (a date).
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # JSON's escapes are a part of TOML's
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{toml_value(str(k))} = {toml_value(v)}' for k, v in value.items())}}}"
    raise ValueError(f"must be a number, a text, true, false, a list or a table, not {value}")


def set_path(assignment: str, shown: str) -> tuple[Path_, int]:
    """The path of an assignment and where its value begins."""
    parts: list[str | int] = []
    position = 0
    while found := _KEY.match(assignment, position):
        key = found[1]
        parts.append(key[1:-1] if key[0] in "\"'" else int(key) if key.isdigit() and len(key) < 7 else key)
        position = found.end()
        if assignment[position : position + 1] == "=":
            return by_name(tuple(parts)), position + 1
        if assignment[position : position + 1] != ".":
            break
        position += 1
    raise InputError(f"{shown}: write PATH=VALUE, for example --set 'stimulus.0.stop=\"6 d\"'")


def _put(content: dict[str, Any], path: Path_, value: object, shown: str) -> None:
    """Put a value at a path, making tables on the way; a list index may be the next free one."""
    if len(path) == 2 and path[0] in BY_NAME:
        content[path[0]] = _without(content.get(path[0], {}), str(path[1])) | {path[1]: value}
        return
    here: Any = content
    for depth, part in enumerate(path):
        last = depth == len(path) - 1
        below: Any = value if last else [] if isinstance(path[depth + 1], int) else {}
        if isinstance(here, list) and isinstance(part, int):
            if part > len(here):
                raise InputError(f"{shown}: there are only {len(here)} entries, counted from 0")
            if part == len(here):
                here.append(below)
            elif last:
                here[part] = below
        elif isinstance(here, dict) and isinstance(part, str):
            if last:
                here[part] = below
            else:
                here.setdefault(part, below)
        else:
            kind = "a list: give a number, counted from 0" if isinstance(here, list) else "not a list"
            kind = kind if isinstance(here, dict | list) else "a value that holds nothing"
            raise InputError(f"{shown}: {'.'.join(map(str, path[:depth])) or 'the scenario'} is {kind}")
        here = here[part]


def _without(table: object, name: str) -> dict[str, Any]:
    """A table of dotted names without `name`, however it was nested."""
    if not isinstance(table, dict):
        return {}
    result = {}
    for key, entry in table.items():
        if key == name:
            continue
        if isinstance(entry, dict) and name.startswith(f"{key}."):
            entry = _without(entry, name[len(key) + 1 :])
        result[key] = entry
    return result
