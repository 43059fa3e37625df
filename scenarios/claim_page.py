"""The claims put to the test as a Markdown page, with a table and a figure beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..analysis.claim_measures import MEASURES
from ..analysis.claim_verdicts import Verdict
from ..analysis.measures import HALF
from ..analysis.words import number
from .claim_arms import CAUSE
from .claim_study import ABSENT, Asked, Scorecard, Tested, plan, put_to_test
from .errors import FolderError
from .folder import check_writable
from .knockout_table import ENOUGH_SEEDS, FEW
from .knockouts import EVERY
from .names import spoken
from .quantities import spoken_time

if TYPE_CHECKING:
    import pandas as pd

    from .claims import Claim

TITLE = "The article's claims, one by one"
PAGE = ".md"

HOW = """\
Made by `{command}`:
dorsalhorn {version}, {seeds}, tick {tick}, {duration}, a record every {every}; {runs}.

This is what comes out of a model for research and teaching. It is no finding about patients, and it is not
medical advice."""
FRAME = """\
The claims are those of a popular article about the NMDA receptor in chronic pain, in our words
(`scenarios/data/claims.toml`). The cause is that of `{cause}`, under each preset:
*article*, the cascade as the article tells it, and *literature*, each mechanism as the primary
literature bears it.

*Supported in this model*: the whole 95 % interval (bootstrap of the mean over seeds, which are pairs:
arms of one seed share every chance that they do not change; under {least} seeds the lowest and the
highest value) lies where the claim needs it. That the preset *article* supports a claim of the article
says that its cascade, so built, does what it is said to do, not that it is true. *Not supported*: all
else; *straddles* if a part of the interval lies on the claimed side. *Nothing stayed*: the claim is
about pain that stays, and the untouched run of no seed ends at {half} of naive or below; its arms were
not run. *Not represented*: the model has nothing that could hold or fail the claim.

*Rules*: as the rows name them; of a row without one its place in the model (a treatment, an output).

*Needed* links: each mechanism was never there, and what counts is the share of the fall in threshold
that this prevents; a link is needed if that is more than {half}. What is given is given from the end of
the drive; what is given *for a time* ends halfway, and some of it still acts at the end (movement fades over
weeks): [efficacy.md](efficacy.md) waits until all has worn off. *Literature* is the grade of the rows
(`dorsalhorn list mechanisms`), not of the model's outcome."""
GRADE = "grade of the literature"
HEAD = ("claim", "rows", "rules", "arms", "measure and what is needed")


def write_claims(
    out: str | Path, asked: Asked, workers: int = 1, keep: str | Path | None = None
) -> list[str]:
    """Put the claims to the test; write the page to `out`, a table (.csv) and a figure (.png) beside it.

    Returns the outcome in words.

    Raises:
        FolderError: `out` cannot be written, or is no .md file; nothing was run.
        InputError: as `claim_study.put_to_test`.
    """
    from .. import __version__
    from ..analysis.claim_figure import save_claims_figure

    path = Path(out)
    if path.suffix != PAGE:
        raise FolderError(f"{path} is no Markdown page: give --out a name such as {path.with_suffix(PAGE)}")
    plan(asked)
    check_writable(path)
    card = put_to_test(asked, workers, keep)
    found = table(card)
    try:
        path.write_text(markdown(card, __version__, path.with_suffix(".png").name), encoding="utf-8")
        found.to_csv(path.with_suffix(".csv"), index=False)
        save_claims_figure(found, path.with_suffix(".png"))
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror or error}") from error
    return in_words(card)


def table(card: Scorecard) -> pd.DataFrame:
    """One row a claim and preset, everything in it; the values of the seeds are the last columns."""
    import pandas as pd

    rows = []
    for claim in card.claims:
        for t in card.of(claim):
            j = t.judged
            rows.append(
                {
                    "claim": claim.name,
                    "group": claim.group,
                    "says": claim.says,
                    "rows": " ".join(claim.rows),
                    "rules": "; ".join(claim.rules),
                    "literature": " ".join(row.literature for row in claim.mechanisms),
                    "arms": " ".join(claim.arms),
                    "measure": _measured(claim) if claim.measure else "",
                    "unit": _unit(claim),
                    "low": claim.low,
                    "high": claim.high,
                    "against": claim.against,
                    "biology": t.biology,
                    "n": j.count,
                    "value": j.value,
                    "ci_low": j.low,
                    "ci_high": j.high,
                    "verdict": str(j.verdict),
                    "straddles": j.straddles,
                    "note": t.note,
                    **{f"seed_{seed}": t.values.get(seed) for seed in range(1, card.asked.seeds + 1)},
                }
            )
    return pd.DataFrame(rows)


def markdown(card: Scorecard, version: str, figure: str) -> str:
    """The whole page."""
    from ..analysis.intervals import LEAST_PAIRS

    parts = [
        f"# {TITLE}",
        _how(card, version),
        FRAME.format(cause=CAUSE, least=LEAST_PAIRS, half=f"{100 * HALF:.0f} %"),
        f"![Each claim's value against what it needs]({figure})",
        "## In words",
        "\n".join(in_words(card)),
    ]
    head = [*HEAD, *(word for p in card.presets for word in (f"preset {p}", f"verdict, {p}")), GRADE]
    for group in dict.fromkeys(claim.group for claim in card.claims):
        lines = [_line(card, claim) for claim in card.claims if claim.group == group]
        rows = [head, ["---"] * len(head), *lines]
        parts += [f"## {group}", "\n".join(f"| {' | '.join(row)} |" for row in rows)]
    return "\n\n".join(parts) + "\n"


def in_words(card: Scorecard) -> list[str]:
    """The outcome as a list of sentences: for each preset how many, and which not."""
    lines = []
    for biology in card.presets:
        tested = [card.tested[claim.name, biology] for claim in card.claims]
        by = {v: [t for t in tested if t.judged.verdict is v] for v in Verdict}
        void = [t for t in by[Verdict.NOT_SUPPORTED] if not t.values]
        failed = [t for t in by[Verdict.NOT_SUPPORTED] if t.values and not t.judged.straddles]
        unsure = [t for t in by[Verdict.NOT_SUPPORTED] if t.judged.straddles]
        yes, no, none = (len(found) for found in by.values())
        lines.append(
            f"- Preset `{biology}`: of {len(tested)} claims {yes} are supported in this model, {no} are not, "
            f"{none} are not represented."
        )
        if void:
            lines.append(f"  - {len(void)} of those not supported could not be tested, for nothing stayed.")
        for words, some in (
            ("Not supported", failed),
            ("Not supported, but the interval straddles what is needed", unsure),
            ("Not represented", by[Verdict.NOT_REPRESENTED]),
        ):
            if some:
                lines.append(f"  - {words}: {spoken([f'`{t.claim.name}`' for t in some], 'and')}.")
    return lines


def _how(card: Scorecard, version: str) -> str:
    asked = card.asked
    return HOW.format(
        command=asked.command(),
        version=version,
        seeds="seed 1" if asked.seeds == 1 else f"seeds 1 to {asked.seeds}",
        tick=asked.tick,
        duration=spoken_time(card.duration_d),
        every=EVERY,
        runs=spoken([f"{count} runs under `{name}`" for name, count in card.runs.items()], "and"),
    ) + (FEW.format(enough=ENOUGH_SEEDS) if asked.seeds < ENOUGH_SEEDS else "")


def _line(card: Scorecard, claim: Claim) -> list[str]:
    grades = dict.fromkeys(row.literature for row in claim.mechanisms)
    if claim.why:
        measured = f"none: {claim.why}"
    else:
        measured = f"{_measured(claim)}: {claim.needed}{f' {_unit(claim)}' if _unit(claim) != '1' else ''}"
    cells = [
        f"{claim.says} (`{claim.name}`)",
        ", ".join(claim.rows),
        "<br>".join(f"`{rule}`" if "/" in rule else rule for rule in claim.rules),
        " / ".join(arm.replace("_", " ") for arm in claim.arms),
        measured,
    ]
    for t in card.of(claim):
        cells += [_value(t), _verdict(t)]
    return [*cells, ", ".join(grades)]


def _measured(claim: Claim) -> str:
    return MEASURES[claim.measure].doc.format(column=f"`{claim.column}`")


def _unit(claim: Claim) -> str:
    """The unit of a claim's value; of a measure without one that of its column."""
    from ..model.readouts import COLUMNS

    if not claim.measure:
        return ""
    return MEASURES[claim.measure].unit or next(c.unit for c in COLUMNS if c.name == claim.column)


def _value(tested: Tested) -> str:
    j = tested.judged
    if not j.count:
        return "-"
    return number(j.value) + (f" [{number(j.low)} to {number(j.high)}]" if j.count > 1 else "")


def _verdict(tested: Tested) -> str:
    verdict = tested.judged.verdict
    said = f"**{verdict}**" if verdict is Verdict.SUPPORTED else str(verdict)
    return said + (
        f": {tested.note}" if tested.note and (tested.note == ABSENT or not tested.claim.why) else ""
    )
