"""The scorecard as one HTML file: the picture, the table, and for each pattern what was done and by whom."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path

from ...scenarios.patterns import Pattern, fitted_to
from .. import style
from .judge import Verdict, score
from .scorecard import citations, mark, spread

STYLE = f"""
body {{ font: 15px/1.45 "DejaVu Sans", sans-serif; color: {style.INK}; max-width: 70rem; margin: 2rem auto;
  padding: 0 1rem }}
img {{ width: 100% }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; vertical-align: top; padding: .25rem .6rem;
  border-bottom: 1px solid {style.FAINT} }}
.pass {{ color: {style.GREEN} }}
.FAIL {{ color: {style.VERMILLION}; font-weight: bold }}
small, footer {{ color: {style.MUTED} }}
"""
HEAD = ("", "criterion", "what", "median (10 to 90 %)", "band", "seeds in band")


def save_page(verdicts: Sequence[Verdict], folder: Path) -> Path:
    """Write `scorecard.html` beside the picture, which it holds."""
    path = folder / "scorecard.html"
    path.write_text(page(verdicts, (folder / "scorecard.png").read_bytes()), encoding="utf-8")
    return path


def page(verdicts: Sequence[Verdict], picture: bytes) -> str:
    """The whole page; it needs no other file."""
    parts = "\n".join(_pattern(verdict) for verdict in verdicts)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Published patterns against the model</title>
<style>{STYLE}</style></head><body>
<h1>Published patterns against the model</h1>
<p><strong>{escape(str(score(verdicts)))}.</strong> A criterion passes if the median over the seeds lies in
its band and enough of the seeds do; a pattern passes if all its criteria do (rank A counts 3, B 2, C 1).</p>
<img alt="every criterion against its band" src="data:image/png;base64,{b64encode(picture).decode()}">
{parts}
<footer><p>{escape(style.FOOTER)}</p></footer></body></html>
"""


def _pattern(verdict: Verdict) -> str:
    pattern = verdict.pattern
    rows = "\n".join(
        f"<tr>{_cell(mark(j.passed), mark(j.passed))}{_cell(j.criterion.name.replace('_', ' '))}"
        f"{_cell(j.criterion.doc)}{_cell(spread(j))}{_cell(j.criterion.band)}"
        f"{_cell(f'{100 * j.share:.0f} %')}</tr>"
        for j in verdict.criteria
    )
    head = "".join(f"<th>{escape(word)}</th>" for word in HEAD)
    verdict_word = mark(verdict.passed)
    return f"""<h2 id="{pattern.id}"><span class="{verdict_word}">{verdict_word}</span> {pattern.id}
{escape(pattern.title)}</h2>
<p>Rank {pattern.rank}{", veto" if pattern.veto else ""}; judged under <em>{verdict.biology}</em>; evidence
{escape(pattern.evidence)}; numbers {escape(pattern.numbers)}.<br>
<b>Experiment:</b> {escape(pattern.experiment)}.<br><b>In the model:</b> {escape(pattern.run)}.
{_fitted(pattern)}{_reason(verdict)}</p>
<table><tr>{head}</tr>
{rows}</table>
<p><small>{"<br>".join(escape(source) for source in citations(verdict))}</small></p>"""


def _fitted(pattern: Pattern) -> str:
    """What was fitted to it, if anything was."""
    found = fitted_to(pattern)
    return f"<br><b>Fitted to it:</b> {escape(', '.join(found))}." if found else ""


def _reason(verdict: Verdict) -> str:
    """Why it failed, if it did and its entry knows."""
    reason = "" if verdict.passed else verdict.pattern.shortfall
    return f"<br><b>Why it fails:</b> {escape(reason)}" if reason else ""


def _cell(text: str, kind: str = "") -> str:
    return f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>"
