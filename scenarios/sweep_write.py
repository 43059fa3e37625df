"""A sweep written down as TOML, exactly enough to run it again."""

from __future__ import annotations

from collections.abc import Mapping

from .sweep_schema import SweepDocument
from .toml_text import toml_value


def written_sweep(document: SweepDocument, scenario: str) -> str:
    """The whole file with all defaults; `scenario` is a name, or a file beside it."""
    top = {
        "title": document.title,
        "name": document.name,
        "scenario": scenario,
        "seeds": document.seeds,
        "measures": document.measures,
        "set": document.set,
        "reference": document.reference,
    }
    lines = _keys(top)
    for axis in document.axis:
        lines += ["\n[[axis]]", *_keys(axis.model_dump())]
    for arm in document.arm:  # the courses' arms are among them
        lines += ["\n[[arm]]", *_keys(arm.model_dump())]
    return "\n".join(lines) + "\n"


def _keys(table: Mapping[str, object]) -> list[str]:
    return [f"{key} = {toml_value(value)}" for key, value in table.items() if value is not None]
