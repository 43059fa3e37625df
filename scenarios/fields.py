"""The smallest parts of a scenario file: a number, a time, a name, a site - each with its own words.

Every validator raises a `said(...)` error whose text is what the user reads; pydantic's own prose
is only ever met for a missing or an unknown key, and is reworded in `schema.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from .names import did_you_mean, spoken
from .quantities import DAY, TIME_UNITS, QuantityError, convert, example
from .vocabulary import Vocabulary

FEW_NAMES = 6
"""so many names are listed in a message; more are found with `dorsalhorn list`"""
LONGEST_NAME = 80
WHOLE_MAP = (0.0, 1.0)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def said(text: str) -> PydanticCustomError:
    """An error whose text reaches the user as it is."""
    return PydanticCustomError("said", "{text}", {"text": text})


def shown(value: object, most: int = 40) -> str:
    """A value as it may stand in a message."""
    try:
        if isinstance(value, float):
            text = f"{value:.6g}"
        else:
            text = f'"{value}"' if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):
        text = "a huge value"
    if isinstance(value, bool):
        text = text.lower()
    return text if len(text) <= most else text[: most - 3] + "..."


def number(value: object) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise said(f"must be a number, not {shown(value)}")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise said(f"must be a finite number, not {shown(value)}")
    return result


def whole(value: object) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise said(f"must be a whole number, not {shown(value)}")
    return value


def days(value: object) -> float:
    """A time in days from a text with a unit."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise said(f"needs a unit: write {example(float(number(value)), DAY)}, or give {TIME_UNITS}")
    if not isinstance(value, str):
        raise said(f'must be a time such as "6 h", not {shown(value)}')
    try:
        return convert(value, DAY)
    except QuantityError as error:
        raise said(str(error)) from error


def between(low: float, high: float, what: str = "") -> Callable[[float], float]:
    """A check that a number lies in [low, high]."""

    def check(value: float) -> float:
        if not low <= value <= high:
            unless = f" ({what})" if what else ""
            most = f"{high:,}" if isinstance(high, int) else f"{high:g}"
            raise said(f"must lie between {low:g} and {most}{unless}, not {shown(value)}")
        return value

    return check


def at_least(low: float) -> Callable[[float], float]:
    """A check that a number is not below `low`."""

    def check(value: float) -> float:
        if value < low:
            raise said(f"must be at least {low:g}, not {shown(value)}")
        return value

    return check


def text(value: object) -> str:
    """A text of one line."""
    if not isinstance(value, str):
        raise said(f"must be a text in quotation marks, not {shown(value)}")
    if not value.strip() or not value.isprintable():
        raise said("must be a text of one line")
    return value


def file_name(value: object) -> str:
    """A name that may become the name of a folder."""
    name = text(value)
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise said(f"may hold letters, digits, '.', '_' and '-' (at most {LONGEST_NAME}), not {shown(name)}")
    return name


def one_of(value: object, known: Iterable[str], what: str, listing: str = "") -> str:
    """A known name; the message names the nearest one and where to see them all."""
    names = list(known)
    if not isinstance(value, str):
        raise said(f"must be the name of {what}, not {shown(value)}")
    if value not in names:
        remedy = (
            f"`dorsalhorn list {listing}` shows them all" if listing else f"known: {spoken(names, 'and')}"
        )
        if len(names) <= FEW_NAMES:
            remedy = f"give {spoken(names)}"
        raise said(f"{shown(value)} is not {what}{did_you_mean(value, names)}; {remedy}".replace("?;", "?"))
    return value


def vocabulary(info: ValidationInfo) -> Vocabulary:
    """The names the validation is made against."""
    found: Vocabulary = (info.context or {})["vocabulary"]
    return found


def known(what: str, names: Callable[[Vocabulary], Iterable[str]], listing: str = "") -> BeforeValidator:
    """A name of the vocabulary."""

    def check(value: object, info: ValidationInfo) -> str:
        return one_of(value, names(vocabulary(info)), what, listing)

    return BeforeValidator(check)


def site(value: object) -> tuple[float, float]:
    """A part of the skin map: two ordered numbers between 0 and 1."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise said(f"must be two numbers between 0 and 1, such as [0.35, 0.65], not {shown(value)}")
    low, high = number(value[0]), number(value[1])
    if not (0.0 <= low <= 1.0 and 0.0 <= high <= 1.0):
        raise said(f"must lie on the skin map, between 0 and 1, not {shown(list(value))}")
    if low >= high:
        raise said(f"must be ordered, the smaller number first, not {shown(list(value))}")
    return low, high


def covering(sites: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The part of the skin map from the first to the last site; without one all of it."""
    return (min(s[0] for s in sites), max(s[1] for s in sites)) if sites else WHOLE_MAP


def flat(value: object) -> dict[str, Any]:
    """A table whose dotted names may be quoted or nested: `"a.b" = 1` and `a.b = 1` are one name."""
    if not isinstance(value, Mapping):
        raise said(f"must be a table, not {shown(value)}")
    result: dict[str, Any] = {}
    for key, entry in value.items():
        inner = (
            {f"{key}.{k}": v for k, v in flat(entry).items()} if isinstance(entry, Mapping) else {key: entry}
        )
        twice = sorted(set(inner) & set(result))
        if twice:
            raise said(f"{twice[0]} is given twice")
        result.update(inner)
    return result


def paired(value: object) -> dict[str, tuple[str, Any]]:
    """`flat`, with each name beside its value, so that the value can be judged by its name."""
    return {key: (key, entry) for key, entry in flat(value).items()}


Text = Annotated[str, BeforeValidator(text)]
FileName = Annotated[str, BeforeValidator(file_name)]
Number = Annotated[float, BeforeValidator(number)]
Whole = Annotated[int, BeforeValidator(whole)]
Time = Annotated[float, BeforeValidator(days)]
Site = Annotated[tuple[float, float], BeforeValidator(site)]
