"""A scenario from its name or file: read, changed by `--set`, checked, resolved."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, Problem, ScenarioError
from .names import did_you_mean, nearest, spoken
from .toml_text import Path_, by_name, line_of, read_toml, set_value

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from ..model.scenario import Scenario
    from .registry import Registry

LIBRARY = "data/library"


def load(
    name_or_path: str | Path,
    sets: Sequence[str] = (),
    seed: int | None = None,
    registry: Registry | None = None,
) -> Scenario:
    """Read, check and resolve a scenario.

    Args:
        name_or_path: the name of a shipped scenario, a TOML file, or a run folder.
        sets: changes as `PATH=VALUE`, for instance `'stimulus.0.stop="6 d"'`.
        seed: replaces the seed of the file.
        registry: the data to resolve against; the shipped ones if not given.

    Raises:
        ScenarioError: says everything that is wrong with the scenario.
        InputError: a change that cannot be made.
    """
    path = find(name_or_path)
    content, lines = read_toml(path)
    origins: dict[Path_, str] = {}
    for assignment in sets:
        changed = set_value(content, assignment)
        origins[changed] = "--set"
    if seed is not None:
        content["seed"] = seed
        origins[("seed",)] = "--seed"
    content.setdefault("name", default_name(path))
    source = path.name if path.parent.name == "library" else str(name_or_path)
    return _checked(content, lines, origins, source, registry, path)


def shipped() -> dict[str, Path]:
    """The shipped scenarios, by name."""
    folder = Path(str(files(__package__) / LIBRARY))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def find(name_or_path: str | Path) -> Path:
    """The file of a shipped scenario or of a path; a ScenarioError names the nearest one."""
    library = shipped()
    text = str(name_or_path)
    if not text.strip():
        raise InputError(
            "give the name of a shipped scenario or a file; "
            "`dorsalhorn list scenarios` shows the shipped ones"
        )
    if text in library:
        return library[text]
    path = Path(name_or_path)
    try:
        if path.is_dir() and (path / "scenario.toml").is_file():
            return path / "scenario.toml"
        exists = path.exists()
    except (OSError, ValueError) as error:
        raise ScenarioError(text, [Problem((), f"is not a usable file name: {error}")]) from error
    if not exists and path.suffix != ".toml" and len(path.parts) < 2:
        near = did_you_mean(text, library)
        remedy = (
            f"{near} shipped are {spoken(library, 'and')}".strip()
            if near
            else f"; shipped are {spoken(library, 'and')}"
        )
        raise ScenarioError(text, [Problem((), f"is neither a shipped scenario nor a file{remedy}")])
    return path


def default_name(path: Path) -> str:
    """A name for the run: the file's, made fit for a folder."""
    fit = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in path.stem).lstrip("._-")
    return fit[:80] or "scenario"


def _checked(
    content: dict[str, Any],
    lines: dict[Path_, int],
    origins: dict[Path_, str],
    source: str,
    registry: Registry | None,
    path: Path,
) -> Scenario:
    """Validate and resolve; all problems at once."""
    from pydantic import ValidationError

    from .own_treatments import own_treatments
    from .regimen import with_own
    from .registry import registry as shipped_registry
    from .resolve import resolve
    from .schema import Document
    from .vocabulary import read_vocabulary

    data = registry or shipped_registry()
    own = own_treatments(content.pop("treatments", {}), lines, source, path.parent, data)
    names = read_vocabulary(with_own(data, own))
    try:
        document = Document.model_validate(content, context={"vocabulary": names})
    except ValidationError as error:
        problems = []
        for key, text in faults(error, Document):
            origin = next((o for p, o in origins.items() if key[: len(p)] == p), "")
            problems.append(Problem(key, text, None if origin else line_of(key, lines), origin))
        problems.sort(key=lambda p: (p.line is None, p.line or 0))
        raise ScenarioError(source, problems) from None
    return resolve(document, names)


def faults(error: ValidationError, root: type[BaseModel]) -> list[tuple[Path_, str]]:
    """Pydantic's findings as key path and words of ours."""
    told = []
    for found in error.errors(include_url=False, include_context=True):
        path = by_name(tuple(found["loc"]))
        kind, model = found["type"], _model_at(root, path[:-1])
        if kind == "said":
            text = found["msg"]
        elif kind == "missing":
            text = "is required"
        elif kind == "extra_forbidden":
            allowed = list(model.model_fields) if model else []
            near = nearest(str(path[-1]), allowed)
            text = (
                f"is not a setting; did you mean {near}?"
                if near
                else f"is not a setting; allowed: {spoken(allowed, 'and')}"
            )
        elif kind == "tuple_type":
            text = (
                f"must be a list: write [[{path[0]}]] for each"
                if len(path) == 1
                else "must be a list of names"
            )
        elif kind in ("model_type", "model_attributes_type", "dict_type"):
            text = "must be a table of keys and values"
        else:
            text = "is not a value that can stand here"
        told.append((path, text))
    return told


def _model_at(root: type[BaseModel], path: Path_) -> type[BaseModel] | None:
    """The table that a key path leads to."""
    from pydantic import BaseModel

    model: type[BaseModel] | None = root
    for part in path:
        if isinstance(part, int) or model is None:
            continue
        found = model.model_fields.get(str(part))
        inner = [found.annotation, *getattr(found.annotation, "__args__", ())] if found else []
        model = next((t for t in inner if isinstance(t, type) and issubclass(t, BaseModel)), None)
    return model


def resolved_toml(scenario: Scenario, registry: Registry | None = None) -> str:
    """The scenario as TOML with all defaults written out; loading it gives an equal Scenario."""
    from .write import written_scenario

    return written_scenario(scenario, registry)


__all__ = ["InputError", "ScenarioError", "find", "load", "resolved_toml", "shipped"]
