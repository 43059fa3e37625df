"""Treatments of the user: `[treatments.NAME]` in the scenario, and files in `treatments/` beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .errors import Problem, ScenarioError
from .records import Treatment
from .registry import Registry
from .toml_text import Path_, line_of, read_toml
from .treatments import TreatmentError, read_treatment

FOLDER = "treatments"


def own_treatments(
    table: object, lines: Mapping[Path_, int], source: str, folder: Path, registry: Registry
) -> dict[str, Treatment]:
    """All of them by name; a ScenarioError names the file, line and key of what is wrong.

    Args:
        table: the scenario's own `[treatments]`.
        lines: where its keys stand.
        source: what the scenario is called in messages.
        folder: where the scenario lies.
        registry: what is shipped; its names cannot be given again.
    """
    found = _read(table, lines, source, registry, (FOLDER,))
    for file in sorted((folder / FOLDER).glob("*.toml")):
        content, places = read_toml(file)
        for name, treatment in _read(content, places, str(file), registry, ()).items():
            if name in found and found[name] != treatment:
                problem = Problem((name,), "is defined twice, and differently; give one another name")
                raise ScenarioError(str(file), [problem])
            found[name] = treatment
    return found


def _read(
    table: object, lines: Mapping[Path_, int], source: str, registry: Registry, above: Path_
) -> dict[str, Treatment]:
    """The entries of one file."""
    if not isinstance(table, Mapping):
        text = "defines treatments: write [treatments.NAME] for each, and [[treatment]] to give one"
        raise ScenarioError(source, [Problem(above, text)])
    found, problems = {}, []
    for name, entry in table.items():
        faults: list[tuple[Path_, str]] = []
        if name in registry.treatments:
            faults.append(((), "is in the catalogue already; give another name"))
        elif not name.isidentifier():
            faults.append(((), "may hold letters, digits and '_' only, as its name"))
        else:
            try:
                found[name] = read_treatment(name, entry, registry.parameters, registry.presets, own=True)
            except TreatmentError as error:
                faults += error.faults
        for path, text in faults:
            whole = (*above, name, *path)
            problems.append(Problem(whole, text, line_of(whole, dict(lines))))
    if problems:
        raise ScenarioError(source, problems)
    return found
