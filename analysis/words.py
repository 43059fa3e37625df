"""Numbers and days in the words of a sentence, the same in figures, summaries and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"


def number(value: float, digits: int = 2) -> str:
    """`value` to `digits` significant digits, without an exponent.

    >>> number(13.12), number(2.0), number(0.0213), number(1234.0), number(0.0)
    ('13', '2.0', '0.021', '1200', '0')
    """
    if not math.isfinite(value):
        return "not measured" if math.isnan(value) else "unlimited"
    if value == 0.0:
        return "0"
    value = float(f"{value:.{digits - 1}e}")  # first, since 0.999 becomes 1.0
    text = f"{value:.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}"
    return (text.rstrip("0") if abs(value) < 1.0 else text).replace("-", MINUS)


def places(value: float) -> str:
    """`value` to two places: for shares that stand in columns.

    >>> places(0.4249), places(-0.001), places(-0.31) == MINUS + "0.31"
    ('0.42', '0.00', True)
    """
    return f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS)


def percent(share: float) -> str:
    """A share as a whole percentage; small shares keep one digit.

    >>> percent(0.162), percent(0.004), percent(1.0)
    ('16 %', '0.4 %', '100 %')
    """
    if not math.isfinite(share):
        return "not measured"
    value = 100.0 * share
    return f"{value:.0f} %" if value == 0.0 or abs(value) >= 1.0 else f"{number(value, 1)} %"


def day(time_d: float) -> str:
    """A point of time as people say it: in days, or below a day in hours, minutes or seconds.

    >>> day(2.0), day(2.25), day(0.5), day(20 / 86400)
    ('day 2', 'day 2.2', '12 h', '20 s')
    """
    if time_d == 0.0 or time_d >= 1.0:
        return f"day {round(time_d, 1):g}"
    return length(time_d)


def when(time_d: float) -> str:
    """A point of time with its preposition.

    >>> when(16.0), when(0.5)
    ('on day 16', 'after 12 h')
    """
    return f"{'on' if day(time_d).startswith('day') else 'after'} {day(time_d)}"


def length(span_d: float) -> str:
    """A length of time in the unit that suits it.

    >>> length(84.0), length(14.0), length(3.5), length(10 / 1440)
    ('12 weeks', '2 weeks', '3.5 days', '10 min')
    """
    weeks = span_d / 7.0
    if weeks >= 2.0 and abs(weeks - round(weeks)) < 0.01:
        return f"{round(weeks)} weeks"
    for name, days in (
        ("day", 1.0),
        ("h", 1 / 24),
        ("min", 1 / 1440),
        ("s", 1 / 86400),
        ("ms", 1 / 86400000),
    ):
        if span_d >= days * 0.999:
            count = round(span_d / days, 1)
            return f"{count:g} {name}" + ("s" if name == "day" and count != 1.0 else "")
    return "0 s"


def listed(items: Sequence[str]) -> str:
    """Items as a sentence lists them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def plain(key: str) -> str:
    """A key of a scenario as words.

    >>> plain("nerve_constriction")
    'nerve constriction'
    """
    return key.replace("_", " ").replace(".", " ")
