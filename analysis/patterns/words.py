"""The scorecard in Markdown: one line a pattern, with what lies outside its band."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .. import style
from .judge import Judged, Verdict, score
from .scorecard import mark, spread

HEAD = ("pattern", "what was published", "rank", "preset", "seeds", "verdict", "what lies outside its band")


def save_words(verdicts: Sequence[Verdict], path: Path, made_by: str) -> None:
    """Write the Markdown; `made_by` is the sentence that says how."""
    path.write_text(words(verdicts, made_by), encoding="utf-8")


def words(verdicts: Sequence[Verdict], made_by: str) -> str:
    """The scorecard as Markdown."""
    lines = [_line(HEAD), _line(["---"] * len(HEAD)), *map(_row, verdicts)]
    return "\n".join(
        [
            "# Published patterns against the model",
            "",
            f"{made_by} {score(verdicts)}. A criterion passes if the median over the seeds lies in its "
            "band and enough of the seeds do; a pattern passes if all its criteria do (rank A counts 3, B 2, "
            "C 1).",
            "",
            *lines,
            "",
            style.FOOTER,
            "",
        ]
    )


def _row(verdict: Verdict) -> str:
    pattern = verdict.pattern
    seeds = len(verdict.criteria[0].values)
    outside = "; ".join(_outside(judged) for judged in verdict.criteria if not judged.passed)
    rank = f"{pattern.rank}, veto" if pattern.veto else pattern.rank
    return _line(
        [pattern.id, pattern.title, rank, verdict.biology, str(seeds), mark(verdict.passed), outside]
    )


def _outside(judged: Judged) -> str:
    """A criterion that failed: value, band, and how many of the seeds lie in it."""
    within = round(judged.share * len(judged.values))
    return (
        f"{judged.criterion.name.replace('_', ' ')} {spread(judged)}, band {judged.criterion.band}, "
        f"{within} of {len(judged.values)} seeds"
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
