"""The command `efficacy`."""

from __future__ import annotations

import argparse
from pathlib import Path

from .cli_parts import DONE, Command

USUAL_OUT = "docs/efficacy.md"


def add_efficacy_command(command: Command) -> None:
    """Add it to the command line; `command` makes a command of a name, an action, words and examples."""
    efficacy = command(
        "efficacy",
        _efficacy,
        "write the page about treatments, from sweeps on disk: relief, what lasts, what they do together",
        "  dorsalhorn sweep treatment_timing --workers 8\n"
        "  dorsalhorn sweep treatment_timing_literature --workers 8\n"
        "  dorsalhorn efficacy runs/treatment_timing runs/treatment_timing_literature\n"
        "  dorsalhorn sweep treatment_timing --seeds 1 --only ketamine --out runs/some && \\\n"
        "      dorsalhorn efficacy runs/some --out runs/some.md",
    )
    option = efficacy.add_argument
    option("sweeps", metavar="SWEEP", nargs="+", help="folders of sweeps with courses, one for each preset")
    option(
        "--out",
        metavar="FILE",
        default=USUAL_OUT,
        help=f"the page; tables (.csv) and the figure (.png) go beside it (default: {USUAL_OUT})",
    )


def _efficacy(options: argparse.Namespace) -> int:
    from ..analysis.runs import RunError
    from .efficacy_page import write_efficacy
    from .errors import InputError

    try:
        found = write_efficacy(options.out, options.sweeps)
    except RunError as error:
        raise InputError(str(error)) from error
    print(*found, "", sep="\n")
    for name, suffix in (("page", ".md"), ("table", ".csv"), ("figure", ".png")):
        print(f"{name:<8}{Path(options.out).with_suffix(suffix)}")
    return DONE
