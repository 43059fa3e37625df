"""The scorecard as a table: for pandas, and for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ...scenarios.registry import registry
from .judge import HIGH, LOW, Judged, Verdict

PASSED, FAILED = "pass", "FAIL"
COLUMNS = (
    "pattern",
    "title",
    "rank",
    "biology",
    "criterion",
    "doc",
    "unit",
    "low",
    "high",
    "median",
    f"p{LOW:.0f}",
    f"p{HIGH:.0f}",
    "share_of_seeds",
    "needed",
    "verdict",
    "pattern_verdict",
    "evidence",
    "numbers",
    "source",
)


def mark(passed: bool) -> str:
    """The verdict in one word, readable without colour."""
    return PASSED if passed else FAILED


def table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row for each criterion of each pattern; the values of the seeds are the last columns."""
    rows = [_row(verdict, judged) for verdict in verdicts for judged in verdict.criteria]
    frame = pd.DataFrame(rows)
    seeds = [name for name in frame if name not in COLUMNS]
    return frame[[*COLUMNS, *seeds]]


def save_tables(verdicts: Sequence[Verdict], folder: Path) -> None:
    """Write `scorecard.csv` and `scorecard.parquet`."""
    frame = table(verdicts)
    frame.to_csv(folder / "scorecard.csv", index=False)
    frame.to_parquet(folder / "scorecard.parquet", index=False)


def lines(verdicts: Sequence[Verdict]) -> list[str]:
    """The scorecard for the terminal: one line a pattern, one below it for each of its criteria."""
    wide = max(len(judged.criterion.name) for v in verdicts for judged in v.criteria)
    found = []
    for verdict in verdicts:
        pattern = verdict.pattern
        about = f"({pattern.rank}{', veto' if pattern.veto else ''}, {verdict.biology})"
        found.append(f"{mark(verdict.passed):<5} {pattern.id} {about}  {pattern.title}")
        found += [
            f"{'':6}{mark(judged.passed):<5} {judged.criterion.name:<{wide}}  {spread(judged):<28}"
            f"  band {judged.criterion.band}, {100 * judged.share:.0f} % of seeds"
            for judged in verdict.criteria
        ]
    return found


def spread(judged: Judged) -> str:
    """Median and range over the seeds."""
    text = f"{judged.median:.3g}"
    return f"{text} ({judged.low:.3g} to {judged.high:.3g})" if len(judged.values) > 1 else text


def citations(verdict: Verdict) -> list[str]:
    """The sources of a pattern, written out."""
    known = registry().references
    return [known[key].citation for key in verdict.pattern.sources]


def _row(verdict: Verdict, judged: Judged) -> dict[str, object]:
    pattern, criterion = verdict.pattern, judged.criterion
    values = (
        pattern.id,
        pattern.title,
        pattern.rank,
        verdict.biology,
        criterion.name,
        criterion.doc,
        criterion.unit,
        criterion.low,
        criterion.high,
        judged.median,
        judged.low,
        judged.high,
        judged.share,
        judged.needed,
        mark(judged.passed),
        mark(verdict.passed),
        pattern.evidence,
        pattern.numbers,
        "; ".join(citations(verdict)),
    )
    seeds = {f"seed_{seed}": value for seed, value in judged.values.items()}
    return dict(zip(COLUMNS, values, strict=True)) | seeds
