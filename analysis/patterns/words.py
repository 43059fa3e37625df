"""The scorecard in Markdown: one line a pattern, with what lies outside its band."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...scenarios.patterns import fitted_to
from .. import style
from .judge import Judged, Verdict, score
from .scorecard import mark, spread

PICTURE = "![Every criterion against its band](scorecard.png)"
HEAD = (
    *("pattern", "what was published", "rank", "preset", "seeds", "verdict"),
    *("what lies outside its band", "fitted to it"),
)


def save_words(verdicts: Sequence[Verdict], path: Path, made_by: str, origin: Sequence[str] = ()) -> None:
    """Write the Markdown.

    `made_by` is the sentence that says how; `origin` says for each verdict which source made its values.
    """
    path.write_text(words(verdicts, made_by, origin), encoding="utf-8")


def words(verdicts: Sequence[Verdict], made_by: str, origin: Sequence[str] = ()) -> str:
    """The scorecard as Markdown."""
    rows = [list(HEAD), ["---"] * len(HEAD), *map(_cells, verdicts)]
    if origin:
        for row, source in zip(rows, ("source", "---", *origin), strict=True):
            row.append(source)
    lines = map(_line, rows)
    return "\n".join(
        [
            "# Published patterns against the model",
            "",
            f"{made_by} {score(verdicts)}. A criterion passes if the median over the seeds lies in its "
            "band and enough of the seeds do; a pattern passes if all its criteria do (rank A counts 3, B 2, "
            "C 1). Fewer than ten seeds show a direction and are no estimate. One to which numbers were "
            "fitted shows what the model can do, and judges it no more.",
            "",
            PICTURE,
            "",
            *lines,
            "",
            *_reasons(verdicts),
            style.FOOTER,
            "",
        ]
    )


def _reasons(verdicts: Sequence[Verdict]) -> list[str]:
    """Why the patterns that failed did, as far as their entries know; nothing if none says."""
    known = [
        f"- **{v.pattern.id}** {v.pattern.shortfall}"
        for v in verdicts
        if not v.passed and v.pattern.shortfall
    ]
    return ["## Why those that fail do", "", *known, ""] if known else []


def _cells(verdict: Verdict) -> list[str]:
    pattern = verdict.pattern
    seeds = len(verdict.criteria[0].values)
    outside = "; ".join(_outside(judged) for judged in verdict.criteria if not judged.passed)
    rank = f"{pattern.rank}, veto" if pattern.veto else pattern.rank
    about = [pattern.id, pattern.title, rank, verdict.biology, str(seeds), mark(verdict.passed)]
    return [*about, outside, ", ".join(fitted_to(pattern))]


def _outside(judged: Judged) -> str:
    """A criterion that failed: value, band, and how many of the seeds lie in it."""
    within = round(judged.share * len(judged.values))
    return (
        f"{judged.criterion.name.replace('_', ' ')} {spread(judged)}, band {judged.criterion.band}, "
        f"{within} of {len(judged.values)} seeds"
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
