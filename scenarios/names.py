"""Finding the name somebody meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SIMILAR = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None if none is like it.

    >>> nearest("gabapentine", ["gabapentin", "pregabalin"])
    'gabapentin'
    """
    names = list(known)
    lower = {candidate.lower(): candidate for candidate in names}
    key = name.lower().strip().replace(" ", "_").replace("-", "_")
    found = difflib.get_close_matches(key, lower, n=1, cutoff=SIMILAR)
    if found:
        return lower[found[0]]
    part = [
        candidate for candidate in names if key and (key in candidate.lower() or candidate.lower() in key)
    ]
    return min(part, key=len) if part else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`"; did you mean gabapentin?"`, or nothing if no known name is near."""
    found = nearest(name, known)
    return f"; did you mean {found}?" if found else ""


def spoken(names: Iterable[str], joiner: str = "or") -> str:
    """`a, b or c`."""
    listed = list(names)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {joiner} {listed[-1]}"
