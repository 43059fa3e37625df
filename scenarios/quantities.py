"""Numbers with units: "8 d", "12 weeks", "300 um".

Text is read here and nowhere else.  Pint knows the units; it is imported on first use because
it is slow to import and half of the commands need no units.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pint import UnitRegistry

DAY = "d"
TIME_UNITS = "ms, s, min, h, d, weeks or months"
NO_UNIT = "1"
LONGEST_UNIT = 40
LONGEST_TEXT = 400
SHORT_RUN_D = 2 / 24
DECIMALS = 3
"""a time with no more decimals is written in days"""

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
# names with one-digit powers, multiplied and divided: nothing that takes long to work out
_FACTOR = r"\(?[A-Za-z\u00b5\u03bc%]+(?:(?:\*\*|\^)-?\d)?\)?"
_UNIT = re.compile(rf"(?:1/)?{_FACTOR}(?:[*/ ]{_FACTOR})*")

# what a user calls the dimension of a unit, by an example of it
_KINDS = {
    "d": "a time",
    "mV": "a voltage",
    "um": "a length",
    "uM": "a concentration",
    "Hz": "a rate",
    "g": "a mass",
    "nS": "a conductance",
    "nA": "a current",
    "pF": "a capacitance",
    "um**2": "an area",
    "um**2/s": "a diffusion coefficient",
    NO_UNIT: "a number without unit",
}


class QuantityError(ValueError):
    """A text that is not the quantity it should be; the message is for the user."""


@cache
def _units() -> UnitRegistry[Any]:
    """Pint's registry, built once."""
    from pint import UnitRegistry

    return UnitRegistry()


def _unit(text: str) -> Any:
    """The pint unit called `text`; a QuantityError if there is none."""
    from pint import PintError

    if text in ("", NO_UNIT):
        return _units().dimensionless
    if len(text) > LONGEST_UNIT or not _UNIT.fullmatch(text):
        raise QuantityError(f"there is no unit {text[:LONGEST_UNIT]!r}")
    try:
        return _units().parse_units(text)
    except (
        PintError,
        AttributeError,
        TypeError,
        ValueError,
        ArithmeticError,
        RecursionError,
        SyntaxError,
    ) as error:
        raise QuantityError(f"there is no unit {text!r}") from error


def is_time(unit: str) -> bool:
    """Whether `unit` measures a time."""
    return bool(_unit(unit).dimensionality == _units().day.dimensionality)


def known_unit(unit: str) -> bool:
    """Whether pint knows `unit` ("1" is a number without unit)."""
    try:
        _unit(unit)
    except QuantityError:
        return False
    return True


def _kind(unit: Any, text: str) -> str:
    """What a unit measures, in a user's words."""
    for example, words in _KINDS.items():
        if unit.dimensionality == _unit(example).dimensionality:
            return words
    return f"measured in {text}"


def _should_be(unit: str) -> str:
    """What to write instead: the remedy at the end of every message."""
    if is_time(unit):
        return f"give {TIME_UNITS}"
    return "give a number without unit" if unit == NO_UNIT else f"give {unit}"


def convert(text: str, unit: str) -> float:
    """The number in `unit` that `text` ("8 d") means.

    Raises QuantityError for text that is no quantity, an unknown unit, another dimension, or a
    number that is not finite.

    >>> convert("12 weeks", "d")
    84.0
    """
    found = _QUANTITY.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if not found:
        raise QuantityError(f"{text[:LONGEST_UNIT]!r} is not a number with a unit; {_should_be(unit)}")
    number, name = float(found[1]), found[2]
    if not math.isfinite(number):
        raise QuantityError(f"{text[:LONGEST_UNIT]!r} is not a finite number")
    if not name and unit != NO_UNIT:
        raise QuantityError(
            f"{text.strip()!r} has no unit; {_should_be(unit)}, for example {example(number, unit)}"
        )
    if name == unit:
        return number
    try:
        given = _unit(name)
    except QuantityError as error:
        raise QuantityError(f"{text.strip()!r}: {error}; {_should_be(unit)}") from error
    wanted = _unit(unit)
    if given.dimensionality != wanted.dimensionality:
        raise QuantityError(
            f"{text.strip()} is {_kind(given, name)}, not {_kind(wanted, unit)}; {_should_be(unit)}"
        )
    value = float(_units().Quantity(number, given).to(wanted).magnitude)
    if not math.isfinite(value):
        raise QuantityError(f"{text[:LONGEST_UNIT]!r} is not a finite number of {unit}")
    return value


def example(number: float, unit: str) -> str:
    """`"8 d"` with its quotation marks, as it stands in a scenario file."""
    return f'"{number:g} {unit}"'


def written(value: float, unit: str) -> str:
    """A TOML value that reads back as exactly `value` in `unit`."""
    return repr(value) if unit == NO_UNIT else f'"{_number(value)} {unit}"'


def written_time(days: float) -> str:
    """A TOML text for a time in the unit that reads best, exact when read back.

    >>> written_time(1 / 24)
    '"1 h"'
    """
    if days == round(days, DECIMALS):
        return f'"{_number(days)} d"'
    for name, length in (("h", 24.0), ("min", 1440.0), ("s", 86400.0)):
        count = round(days * length)
        if count and convert(f"{count} {name}", DAY) == days:
            return f'"{count} {name}"'
    return f'"{_number(days)} d"'


def spoken_time(days: float) -> str:
    """A time as one would say it: `12 weeks`, `2 d`, `1 h`.

    >>> spoken_time(84.0)
    '12 weeks'
    """
    if math.isinf(days):
        return "the end"
    if days >= 21 and days % 7 == 0:
        return f"{days / 7:g} weeks"
    for name, length in (("d", 1.0), ("h", 24.0), ("min", 1440.0)):
        if days * length >= 1.0 and abs(days * length - round(days * length, 2)) < 1e-9:
            return f"{round(days * length, 2):g} {name}"
    units = (("d", 1.0), ("h", 24.0), ("min", 1440.0), ("s", 86400.0))
    small = ("ms", 86400e3) if days else units[-1]
    name, length = next((u for u in units if days * u[1] >= 1.0 - 1e-9), small)
    return f"{days * length:.3g} {name}"


def moment(time_d: float, whole_d: float) -> str:
    """A moment of a run: in days, of a run shorter than two hours in seconds.

    >>> moment(2.0, 84.0), moment(1 / 8640, 1 / 2880)
    ('day 2.0', '10.0 s')
    """
    return f"{86400.0 * time_d:.1f} s" if whole_d < SHORT_RUN_D else f"day {time_d:.1f}"


def reached(time_d: float, whole_d: float) -> str:
    """How far a run has come: `day 2.0 of 84.0`, or `10.0 s of 30.0 s`."""
    return f"{moment(time_d, whole_d)} of {moment(whole_d, whole_d).removeprefix('day ')}"


def _number(value: float) -> str:
    """Shortest text that reads back as `value`, without a needless `.0`."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
