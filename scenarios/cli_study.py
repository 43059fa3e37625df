"""The commands `knockouts` and `claims`."""

from __future__ import annotations

import argparse
from pathlib import Path

from .cli_parts import DONE, Command, add_changes

FLAGSHIP = "injury_heals_pain_stays"


def add_study_commands(command: Command) -> None:
    """Add both to the command line."""
    knockouts = command(
        "knockouts",
        _knockouts,
        "knock each mechanism out of a scenario and write the table of what comes out",
        "  dorsalhorn knockouts --seeds 2\n"
        "  dorsalhorn knockouts injury_literature --workers 8 --out literature.md",
    )
    option = knockouts.add_argument
    option("scenario", metavar="SCENARIO", nargs="?", default=FLAGSHIP, help=f"default: {FLAGSHIP}")
    _runs(knockouts, 1)
    option("--out", metavar="FILE", default="docs/knockouts.md", help="default: docs/knockouts.md")
    add_changes(knockouts)

    claims = command(
        "claims",
        _claims,
        "put each claim of the article to the test and write the scorecard",
        "  dorsalhorn claims --workers 8\n"
        "  dorsalhorn claims --workers 8 --keep runs/claims     goes on after Ctrl-C if given again\n"
        "  dorsalhorn claims --only persists worsens --seeds 5 --out persists.md\n"
        "  dorsalhorn claims --biology article --seeds 1 --out article.md",
    )
    claims.set_defaults(starts_runs=True)
    _runs(claims, 3)
    option = claims.add_argument
    option("--biology", metavar="NAME", help="article or literature (default: both)")
    option(
        "--only",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="these claims alone, by their names in scenarios/data/claims.toml",
    )
    option(
        "--out",
        metavar="FILE",
        default="docs/claims.md",
        help="the page; a table (.csv) and a figure (.png) go beside it (default: docs/claims.md)",
    )
    option("--keep", metavar="DIR", help="keep each run there as it ends; what is there is not run again")
    add_changes(claims)


def _runs(parser: argparse.ArgumentParser, seeds: int) -> None:
    option = parser.add_argument
    option("--seeds", type=int, default=seeds, metavar="N", help=f"seeds 1 to N (default: {seeds})")
    option("--workers", type=int, default=1, metavar="N", help="processes (default: 1)")
    option("--tick", default="4 h", metavar="TIME", help='the tick of all runs (default: "4 h")')


def _knockouts(options: argparse.Namespace) -> int:
    from .knockout_table import write_study

    o = options
    lines = write_study(o.out, o.scenario, o.seeds, o.workers, o.tick, o.sets)
    print(*lines, "", f"table   {o.out}", sep="\n")
    return DONE


def _claims(options: argparse.Namespace) -> int:
    from .claim_page import write_claims
    from .claim_study import Asked

    o = options
    asked = Asked(o.seeds, o.tick, o.biology, tuple(o.only), tuple(o.sets))
    lines = write_claims(o.out, asked, o.workers, o.keep)
    print(*lines, "", sep="\n")
    for name, suffix in (("page", ".md"), ("table", ".csv"), ("figure", ".png")):
        print(f"{name:<8}{Path(o.out).with_suffix(suffix)}")
    return DONE
