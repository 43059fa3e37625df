"""The command `validate`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .cli_parts import DONE, Command, add_changes

if TYPE_CHECKING:
    from ..analysis.patterns.suite import Suite

USUAL_OUT = "validation"


def add_validate_command(command: Command) -> None:
    """Add it to the command line; `command` makes a command of a name, an action, words and examples."""
    validate = command(
        "validate",
        _validate,
        "run published patterns against the model and write the scorecard",
        "  dorsalhorn validate --only P01 --only P11 --seeds 5 --workers 4\n"
        "  dorsalhorn validate --biology article --seeds 20 --workers 8 --out scores/article\n"
        "  dorsalhorn validate --seeds 20 --workers 8 --resume     go on after Ctrl-C or a crash\n"
        "  dorsalhorn validate --collect scores/a scores/b --out scores/all    one scorecard of both\n"
        "  dorsalhorn list patterns",
    )
    option = validate.add_argument
    option("--only", action="append", default=[], metavar="ID", help="a pattern, as P11; may be repeated")
    option("--biology", metavar="NAME", help="literature or article (default: each pattern's own)")
    option("--seeds", type=int, default=1, metavar="N", help="seeds 1 to N (default: 1)")
    option("--workers", type=int, default=1, metavar="N", help="processes (default: 1)")
    option(
        "--out",
        metavar="DIR",
        default=USUAL_OUT,
        help=f"folder of the scorecard (default: {USUAL_OUT})",
    )
    option("--resume", action="store_true", help="keep what is finished in --out")
    option(
        "--collect",
        nargs="+",
        default=[],
        metavar="DIR",
        help="run nothing: one scorecard of what is finished in these folders of validate; where two have "
        "the same pattern from different sources, the one named later counts",
    )
    add_changes(validate)


def _validate(options: argparse.Namespace) -> int:
    from ..analysis.patterns.judge import score
    from ..analysis.patterns.scorecard import lines
    from ..analysis.patterns.suite import RESULTS, validate

    o = options
    if o.collect:
        found = _collected(o)
    else:
        found = validate(o.out, o.only, o.biology, o.seeds, o.workers, o.sets, o.resume)
    print(*lines(found.verdicts), "", f"{score(found.verdicts)}.", "", sep="\n")
    for what, name in RESULTS.items():
        print(f"{what:<8}{found.folder / name}")
    return DONE


def _collected(o: argparse.Namespace) -> Suite:
    from ..analysis.patterns.collect import collect
    from .errors import InputError

    to_run = {"--only": o.only, "--biology": o.biology, "--seeds": o.seeds != 1, "--resume": o.resume}
    given = [name for name, used in to_run.items() if used]
    if given:
        raise InputError(f"{given[0]} says what to run, and --collect runs nothing: leave one of them out")
    return collect(o.out, o.collect, o.sets)
