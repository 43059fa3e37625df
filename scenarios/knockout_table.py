"""The knock-outs of a scenario as a Markdown document that says how it was made and what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median

from ..analysis.measures import BACK
from .errors import FolderError
from .expectations import DAY_0, DRIVE_END, MOVED, Expected, Verdict, expectations
from .folder import check_writable
from .knockouts import EVERY, Knockouts, Row, study
from .load import load
from .names import spoken
from .quantities import spoken_time

HEAD = (
    "knocked out",
    "threshold, % of naive",
    "output, Hz",
    "microglia",
    "GLT-1",
    "nitrated",
    "MnSOD",
    "outcome",
)
ENOUGH_SEEDS = 10
ABSENT = "not in this preset"
WORDS = {
    Verdict.ALONE: "Lower the threshold by themselves, before any injury",
    Verdict.PREVENTS: "Prevent the pain that stays",
    Verdict.REVERSES: "Reverse it",
    Verdict.REDUCES: "Reduce it",
    Verdict.NOTHING: "Change nothing",
    Verdict.WORSENS: "Make it worse",
}

HOW = """\
Made by `{command}`:
dorsalhorn {version}, preset `{biology}`, {seeds}, tick {tick}, {duration}, a record every {every}.

This is what comes out of a model for research and teaching. It is no finding about patients, and it is not
medical advice."""
FEW = """

So few seeds show a direction; they are no estimate ({enough} or more would be)."""
FRAME = """\
Each figure is the median over the end of the run (its last 6 weeks if it has 12) and over the seeds, whose
range stands in parentheses. *Threshold*: withdrawal threshold as a share of the naive threshold of the
**untouched** run of the same seed, also where a knock-out changes the naive slice itself. *Output*:
spontaneous rate of lamina I projection neurons. *Microglia*: mean activation. *GLT-1*: working glutamate
transport, relative to the start. *Nitrated*: share of the surface NMDA receptors. *MnSOD*: active share.

The slice has settled with everything in place when day 0 begins. A knock-out from day 0 acts from the first
tick on; what it does slowly by itself is not told apart from what it does to the injury. A knock-out
*prevents* or *reverses* if the run ends at {back} of naive or above; it *reduces* if the run ends at least
{moved} of naive above the untouched one, *worsens* if as much below, and changes nothing between. *Lowers it
by itself*: the threshold is below {back} before the injury."""
COMPARED = """\
First line: from day 0; second line: from the drive's end. The article knows no knock-outs: its column is our
reading of the rows named (`dorsalhorn list mechanisms`), by which the steps are links of one chain and one
stage alone falls short. The literature's column is the nearest experiment that was found: mostly a drug or a
gene in rodents with an injured nerve or an inflamed paw whose drive went on, not this scenario. **Bold**: not
in accord with what came out."""


def write_study(
    out: str | Path, source: str, seeds: int, workers: int, tick: str, sets: Sequence[str]
) -> list[str]:
    """Run the study (`knockouts.study`) and write its document to `out`; returns the outcome in words.

    Raises FolderError, before anything runs, if `out` cannot be written.
    """
    from .. import __version__

    path = Path(out)
    load(source, (f'tick="{tick}"', *sets))
    check_writable(path)
    found = study(source, seeds, workers, tick, sets)
    try:
        path.write_text(markdown(found, __version__), encoding="utf-8")
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror or error}") from error
    return [found.scenario.title, *in_words(found)]


def markdown(found: Knockouts, version: str) -> str:
    """The whole document."""
    parts = [
        f"# What each mechanism is worth: {found.scenario.title}",
        _how(found, version),
        FRAME.format(back=_percent(BACK), moved=_percent(MOVED)),
        "## In words",
        "\n".join(in_words(found)),
        "## Nothing knocked out",
        _table([found.untouched, found.sham], lambda row: ""),
        "## From day 0",
        f"In brackets: the threshold before the injury, if below {_percent(BACK)} of the intact slice's.",
        _table(found.at(DAY_0), _outcome),
    ]
    if found.at(DRIVE_END):
        parts += [
            f"## From day {found.drive_end_d:g}, when the drive ends",
            _table(found.at(DRIVE_END), _outcome),
        ]
    else:
        parts += ["## From the end of the drive", "The drive of this injury does not end during the run."]
    parts += ["## Against the article and the literature", _compared(found)]
    return "\n\n".join(parts) + "\n"


def command_line(found: Knockouts) -> str:
    """The command that makes the same document."""
    sets = "".join(f" --set '{assignment}'" for assignment in found.sets)
    return f'dorsalhorn knockouts {found.source} --seeds {found.seeds} --tick "{found.tick}"{sets}'


def in_words(found: Knockouts) -> list[str]:
    """The outcome as a list of sentences."""
    low = found.untouched
    lines = [
        f"- Untouched, the run ends at {_share(low.threshold)} % of naive; "
        f"a sham at {_share(found.sham.threshold)} %."
    ]
    if median(low.threshold) >= BACK:
        lines.append("- The untouched run itself recovers: there is nothing to prevent or to reverse.")
    moments = ((DAY_0, "From day 0"), (DRIVE_END, f"From day {found.drive_end_d:g}, when the drive ends"))
    for moment, since in moments:
        rows = [row for row in found.at(moment) if not row.absent]
        for verdict, words in WORDS.items():
            names = [f"`{row.name}`" for row in rows if row.verdict is verdict]
            if names:
                lines.append(f"- {since}. {words}: {spoken(names, 'and')}.")
    absent = [f"`{row.name}`" for row in found.at(DAY_0) if row.absent]
    if absent:
        lines.append(
            f"- The preset `{found.scenario.biology}` has no {spoken(absent, 'or')}: nothing to take out."
        )
    return [*lines, *_differences(found, "article"), *_differences(found, "literature")]


def _how(found: Knockouts, version: str) -> str:
    return HOW.format(
        command=command_line(found),
        version=version,
        biology=found.scenario.biology,
        seeds="seed 1" if found.seeds == 1 else f"seeds 1 to {found.seeds}",
        tick=found.tick,
        duration=spoken_time(found.scenario.duration_d),
        every=EVERY,
    ) + (FEW.format(enough=ENOUGH_SEEDS) if found.seeds < ENOUGH_SEEDS else "")


def _table(rows: Sequence[Row], outcome: Callable[[Row], str]) -> str:
    return _lines(HEAD, [[*_cells(row), outcome(row)] for row in rows])


def _cells(row: Row) -> list[str]:
    early = median(row.early)
    threshold = _share(row.threshold) + (f" [{_percent(early)} before]" if early < BACK else "")
    output, microglia, glt1, nitrated, mnsod = row.states.values()
    return [
        row.name.replace("_", " "),
        threshold,
        f"{output:.2f}",
        f"{microglia:.2f}",
        f"{glt1:.2f}",
        f"{nitrated:.2f}",
        f"{mnsod:.2f}",
    ]


def _outcome(row: Row) -> str:
    if row.absent:
        return ABSENT
    return f"**{row.verdict}**" if row.verdict in (Verdict.PREVENTS, Verdict.REVERSES) else f"{row.verdict}"


def _compared(found: Knockouts) -> str:
    """What was expected, by whom, and what came out."""
    late = {row.name: row for row in found.at(DRIVE_END)}
    lines = []
    for row in found.at(DAY_0):
        rows = [row, late[row.name]] if row.name in late else [row]
        expected = expectations()[row.name]
        lines.append(
            [
                row.name.replace("_", " "),
                "<br>".join(_outcome(r).strip("*") for r in rows),
                _expected(rows, expected.article),
                _expected(rows, expected.literature),
            ]
        )
    head = ("knocked out", "came out", "article", "literature")
    return f"{COMPARED}\n\n{_lines(head, lines)}"


def _expected(rows: Iterable[Row], side: Expected) -> str:
    said = []
    for row in rows:
        words = " or ".join(side.verdicts[row.moment]) or "no claim"
        said.append(words if _agrees(row, side) else f"**{words}**")
    return "<br>".join([*said, f"{side.says} ({', '.join(side.keys)})"])


def _differences(found: Knockouts, side: str) -> list[str]:
    """What differs from what one side lets one expect, gathered by kind of difference."""
    kinds: dict[tuple[str, str, str], list[str]] = {}
    for row in found.rows:
        expected: Expected = getattr(expectations()[row.name], side)
        if not _agrees(row, expected):
            kind = row.moment, f"{row.verdict}", " or ".join(expected.verdicts[row.moment])
            kinds.setdefault(kind, []).append(f"`{row.name}`")
    if not kinds:
        return [f"- Nothing differs from what the {side} lets one expect."]
    since = {DAY_0: "from day 0", DRIVE_END: "from the drive's end"}
    return [
        f"- Differs from what the {side} lets one expect:",
        *(
            f"  - {since[moment]}, {spoken(names, 'and')}: {verdict} (expected: {words})"
            for (moment, verdict, words), names in kinds.items()
        ),
    ]


def _agrees(row: Row, expected: Expected) -> bool:
    """Whether an outcome is in accord; a mechanism that the preset does not have decides nothing."""
    return row.absent or row.verdict is None or expected.accords(row.moment, row.verdict)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _share(values: Sequence[float]) -> str:
    """Median and range, in per cent.

    >>> _share([0.25, 0.5, 0.3])
    '30 (25-50)'
    """
    middle = f"{100 * median(values):.0f}"
    return middle if len(values) < 2 else f"{middle} ({100 * min(values):.0f}-{100 * max(values):.0f})"


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    table = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in table)
