"""The commands `margins` and `question`."""

from __future__ import annotations

import argparse
import sys

from .cli_parts import DONE, Command, add_changes

FLAGSHIP = "injury_heals_pain_stays"
USUAL_SEEDS, USUAL_STEPS, USUAL_TICK, USUAL_OUT = 1, 4, "4 h", "docs/margins.md"


def add_question_commands(command: Command) -> None:
    """Add both to the command line."""
    margins = command(
        "margins",
        _margins,
        "weaken each feedback until the pain no longer stays: its gain margin",
        "  dorsalhorn margins --dry-run                       how many runs, and about how long\n"
        "  dorsalhorn margins --seeds 3 --workers 8\n"
        "  dorsalhorn margins --only kinase --only microglia --steps 6 --out runs/two.md\n"
        "  dorsalhorn margins injury_literature --naive       also a sham: what may grow before it hurts",
    )
    margins.set_defaults(starts_runs=True)
    option = margins.add_argument
    option("scenario", metavar="SCENARIO", nargs="?", default=FLAGSHIP, help=f"default: {FLAGSHIP}")
    option(
        "--seeds", type=int, default=USUAL_SEEDS, metavar="N", help=f"seeds 1 to N (default: {USUAL_SEEDS})"
    )
    option("--steps", type=int, default=USUAL_STEPS, metavar="N", help=f"halvings (default: {USUAL_STEPS})")
    option("--workers", type=int, default=1, metavar="N", help="processes (default: 1)")
    option(
        "--tick", default=USUAL_TICK, metavar="TIME", help=f'the tick of all runs (default: "{USUAL_TICK}")'
    )
    option("--only", action="append", default=[], metavar="MECHANISM", help="this one; may be repeated")
    option("--naive", action="store_true", help="also strengthen each in a sham")
    option(
        "--out",
        metavar="FILE",
        default=USUAL_OUT,
        help=f"the page (default: {USUAL_OUT}), .csv and .png beside it",
    )
    option("--resume", action="store_true", help="take over the finished runs of a study that was stopped")
    option("--dry-run", action="store_true", help="check everything, say what would be run; run nothing")
    add_changes(margins, "changes one setting of all runs; may be repeated")

    question = command(
        "question",
        _question,
        "write the page that answers the question, from a sweep and margins on disk",
        "  dorsalhorn sweep injury_duration_by_intensity\n"
        "  dorsalhorn question runs/injury_duration_by_intensity --margins docs/margins.csv",
    )
    option = question.add_argument
    option("sweep", metavar="SWEEP", help="the folder of a sweep over duration, intensity and biology")
    option(
        "--margins",
        action="append",
        default=[],
        metavar="CSV",
        help="a table that `dorsalhorn margins` wrote; may be repeated",
    )
    option("--out", metavar="FILE", default="docs/question.md", help="default: docs/question.md")


def _margins(options: argparse.Namespace) -> int:
    from .errors import InputError
    from .margins import Asked
    from .margins_page import write_study
    from .margins_preview import preview

    o = options
    for name in ("seeds", "steps", "workers"):
        if getattr(o, name) < 1:
            raise InputError(f"--{name} {getattr(o, name)}: give 1 or more")
    asked = Asked(o.scenario, o.seeds, o.steps, o.tick, tuple(o.sets), tuple(o.only), o.naive)
    if o.dry_run:
        print(*preview(asked, o.workers), "", "Nothing was run.", sep="\n")
        return DONE
    try:
        lines = write_study(o.out, asked, o.workers, _to_error, o.resume)
    except KeyboardInterrupt:
        _to_error("finished runs are kept: give the same command with --resume to go on")
        raise
    print(*lines, "", f"page    {o.out}", sep="\n")
    return DONE


def _to_error(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _question(options: argparse.Namespace) -> int:
    from ..analysis.runs import RunError
    from .errors import InputError
    from .question_page import write_question

    try:
        lines = write_question(options.out, options.sweep, options.margins)
    except RunError as error:
        raise InputError(str(error)) from error
    print(*lines, "", f"page    {options.out}", sep="\n")
    return DONE
