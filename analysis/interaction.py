"""Do treatments given together do more than each by itself would let expect?  Bliss independence.

What a treatment leaves of the lost threshold is 1 - relief.  Treatments that act independently leave shares
that multiply; the *excess* is the observed relief less the relief so expected, in the same seed.  Above 0
they do more together (synergy), below 0 less (they share a target, or nothing is left to relieve).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import pandas as pd

COLUMNS = (
    *("biology", "gives", "members", "course", "seed", "read"),
    *("observed", "expected", "excess", "best", "over_best", "best_member"),
)
READ = ("relief", "output")
JOINED = " + "
"""between the members of a combination"""


def expected_relief(reliefs: Iterable[float]) -> float:
    """The relief of independent treatments together; what is relieved beyond naive counts as all.

    >>> round(expected_relief([0.5, 0.5]), 2), expected_relief([0.2, 1.3])
    (0.75, 1.0)
    """
    return 1.0 - math.prod(1.0 - min(relief, 1.0) for relief in reliefs)


def interactions(table: pd.DataFrame) -> pd.DataFrame:
    """One row a combination, course, seed and read-out in which it and each of its members were run alone.

    Args:
        table: a row a run, as `efficacy.measured` makes it.

    Returns:
        observed and expected relief (unit 1, at most 1), their difference `excess`, the relief `best` of the
        best member, its name, and what the combination adds to that, `over_best`; of the threshold (read
        `relief`) and of the spontaneous output (read `output`), which has room where the threshold lies on
        the lowest filament.
    """
    together = table[table["members"].str.contains(JOINED, regex=False)]
    rows = [row for read in READ for row in _rows(table, together, read)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(table: pd.DataFrame, together: pd.DataFrame, read: str) -> Iterator[list[object]]:
    alone = table.set_index(["biology", "course", "seed", "gives"])[read].to_dict()
    for _, row in together.iterrows():
        place = row["biology"], row["course"], row["seed"]
        singles = {name: alone.get((*place, name), math.nan) for name in row["members"].split(JOINED)}
        if math.isnan(row[read]) or any(math.isnan(relief) for relief in singles.values()):
            continue
        observed, expected = min(row[read], 1.0), expected_relief(singles.values())
        best = max(singles, key=lambda name: singles[name])
        most = min(singles[best], 1.0)
        head = [row["biology"], row["gives"], row["members"], row["course"], row["seed"], read]
        yield [*head, observed, expected, observed - expected, most, observed - most, best]
