"""The command `dorsalhorn`.

Results go to standard output, progress and messages to standard error.  Exit codes: 0 done, 2 bad
input (one message, no traceback), 130 interrupted, 1 a fault of ours.  Everything heavy is imported
by the command that needs it.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .cli_parts import BAD_INPUT, DONE, FAULT, INTERRUPTED, add_changes

if TYPE_CHECKING:
    from ..model.scenario import Scenario

LISTS = (
    *("scenarios", "sweeps", "stimuli", "treatments", "switches", "parameters", "mechanisms", "patterns"),
    *("clamps", "measures", "claims"),
)
NOTHING_RUN = "Nothing was run."
PORT = 8765
DEBUG = "DORSALHORN_DEBUG"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    from .errors import InputError, RunInterruptedError

    try:
        code: int = options.act(options)
        sys.stdout.flush()
    except InputError as error:
        print(error, file=sys.stderr)
        if getattr(options, "starts_runs", False):
            print(NOTHING_RUN, file=sys.stderr)
        return BAD_INPUT
    except RunInterruptedError as error:
        print(error, *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)
        return INTERRUPTED
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        print(f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)
        print(
            "This is a fault of dorsalhorn, not of your scenario. Please report it with the scenario and "
            f"this message ({DEBUG}=1 shows where it happened).",
            file=sys.stderr,
        )
        return FAULT
    return code


def _parser() -> argparse.ArgumentParser:
    from .. import __version__

    parser = argparse.ArgumentParser(
        prog="dorsalhorn",
        description="A slice of the spinal dorsal horn as agents: from an injury to pain that stays.",
        epilog=(
            "examples:\n"
            "  dorsalhorn run injury_heals_pain_stays          the flagship, 12 weeks\n"
            "  dorsalhorn list scenarios                       what is shipped\n"
            "  dorsalhorn new mine.toml                        a commented scenario to start from\n"
            "  dorsalhorn check mine.toml && dorsalhorn run mine.toml"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dorsalhorn {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, act: object, does: str, examples: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=does,
            description=f"{does[:1].upper()}{does[1:]}.",
            epilog=f"examples:\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(act=act)
        return sub

    run = command(
        "run",
        _run,
        "run a scenario and write its folder",
        "  dorsalhorn run injury_heals_pain_stays --seed 3\n"
        "  dorsalhorn run mine.toml --out runs/mine --set 'duration=\"10 d\"'\n"
        "  dorsalhorn run sham --set 'parameters.microglia.recovery_time=\"6 d\"'\n"
        '  dorsalhorn run mine.toml --set \'knockout=[{mechanism="kinase", start="0 d"}]\'\n'
        "  dorsalhorn run mine.toml --out runs/mine --resume    go on after Ctrl-C or a crash",
    )
    run.set_defaults(starts_runs=True)
    _scenario_options(run)
    run.add_argument(
        "--out", metavar="DIR", help="the run folder (default: runs/NAME); an older run there is replaced"
    )
    run.add_argument(
        "--resume",
        action="store_true",
        help="go on with a run that was stopped, from its newest checkpoint (one a minute or so); give the "
        "same SCENARIO, --seed, --set and --out; the results are those of a run never stopped",
    )
    run.add_argument("--quiet", action="store_true", help="no progress; print the run folder only")

    check = command(
        "check",
        _check,
        "read and explain a scenario; run nothing",
        "  dorsalhorn check mine.toml\n  dorsalhorn check sham --set 'slice.scale=1.0'",
    )
    _scenario_options(check)

    listing = command(
        "list",
        _list,
        "list what there is to choose from",
        "  dorsalhorn list stimuli\n  dorsalhorn list parameters --json\n"
        "  dorsalhorn list treatments --markdown > docs/treatments.md",
    )
    listing.add_argument("what", choices=LISTS, metavar="WHAT", help=", ".join(LISTS))
    listing.add_argument("--json", action="store_true", help="as JSON, with every detail")
    listing.add_argument("--markdown", action="store_true", help="treatments as a page in Markdown")

    new = command("new", _new, "write a commented scenario to start from", "  dorsalhorn new mine.toml")
    new.add_argument("file", metavar="FILE", help="the file to write; an existing one is left alone")

    compare = command(
        "compare",
        _compare,
        "overlay runs: a figure and a table of differences",
        "  dorsalhorn compare runs/sham runs/injury_heals_pain_stays --out compared",
    )
    compare.add_argument("runs", nargs="+", metavar="RUN", help="run folders, two or more")
    compare.add_argument(
        "--out", metavar="DIR", default="comparison", help="where to write (default: comparison)"
    )

    from .cli_efficacy import add_efficacy_command
    from .cli_question import add_question_commands
    from .cli_study import add_study_commands
    from .cli_sweep import add_sweep_commands
    from .cli_validate import add_validate_command

    add_study_commands(command)
    add_sweep_commands(command)
    add_question_commands(command)
    add_efficacy_command(command)
    add_validate_command(command)

    app = command(
        "app", _app, "open the page in the browser, on this machine", "  dorsalhorn app --port 8900"
    )
    app.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"port on 127.0.0.1 (default: {PORT})"
    )

    command("warm", _warm, "compile the rules ahead of the first run", "  dorsalhorn warm")
    return parser


def _scenario_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "scenario", metavar="SCENARIO", help="a shipped scenario's name, a TOML file, or a run folder"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="replaces the scenario's seed")
    add_changes(parser)


def _loaded(options: argparse.Namespace) -> Scenario:
    from .load import load

    return load(options.scenario, options.sets, options.seed)


def _run(options: argparse.Namespace) -> int:
    from .errors import RunInterruptedError
    from .explain import remarks
    from .run import default_out, run

    scenario = _loaded(options)
    for remark in remarks(scenario):
        print(f"note: {remark}", file=sys.stderr)
    try:
        folder = run(scenario, options.out, options.quiet, None, options.resume)
    except RunInterruptedError as error:
        error.add_note(f"go on with: {_go_on(options, options.out or default_out(scenario))}")
        raise
    if options.quiet:
        print(folder)
        return DONE
    info = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    shown = Path(os.path.relpath(folder)) if folder.is_relative_to(Path.cwd()) else folder
    print(scenario.title, *info["summary"], "", sep="\n")
    for name, files in (("figure", folder.glob("figures/*.png")), ("table", folder.glob("*.parquet"))):
        for file in sorted(files):
            print(f"{name:<8}{shown / file.relative_to(folder)}")
    return DONE


def _go_on(options: argparse.Namespace, out: str | Path) -> str:
    """The command that goes on with a run that was stopped."""
    words = ["dorsalhorn", "run", options.scenario, "--out", str(out)]
    words += ["--seed", str(options.seed)] if options.seed is not None else []
    words += [word for change in options.sets for word in ("--set", change)]
    return shlex.join([*words, "--resume"])


def _check(options: argparse.Namespace) -> int:
    from .explain import explain, remarks

    scenario = _loaded(options)
    print(explain(scenario))
    for remark in remarks(scenario):
        print(f"  note         {remark}")
    print(f"\n{NOTHING_RUN}")
    return DONE


def _list(options: argparse.Namespace) -> int:
    from .errors import InputError
    from .listing import rows, table
    from .treatment_page import page

    if options.markdown and options.what != "treatments":
        raise InputError(f"--markdown is for treatments; {options.what} can be listed plainly or with --json")
    if options.markdown:
        print(page(), end="")
    elif options.json:
        print(json.dumps(rows(options.what), indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print(table(options.what))
    return DONE


def _new(options: argparse.Namespace) -> int:
    from .template import write_template

    path = write_template(options.file)
    print(f"{path} is written: edit it, then `dorsalhorn check {path}` and `dorsalhorn run {path}`")
    return DONE


def _compare(options: argparse.Namespace) -> int:
    from ..analysis.compare import compare_runs
    from ..analysis.runs import RunError
    from .errors import InputError

    try:
        comparison = compare_runs(options.runs, options.out)
    except RunError as error:
        raise InputError(str(error)) from error
    print(*comparison.lines(), "", sep="\n")
    for name, path in comparison.paths.items():
        print(f"{name:<12}{path}")
    return DONE


def _app(options: argparse.Namespace) -> int:
    import subprocess
    from importlib.util import find_spec

    from .errors import InputError

    page = Path(__file__).resolve().parents[1] / "app.py"
    if find_spec("solara") is None or find_spec("ipyvuetify") is None:
        raise InputError(
            "the page needs more packages: install dorsalhorn[browser], for instance with `make app`"
        )
    if not 1 <= options.port <= 65535:
        raise InputError(f"--port {options.port}: give a number from 1 to 65535")
    quiet = os.environ | {"SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False"}
    command = [sys.executable, "-m", "solara", "run", str(page), "--production"]
    command += ["--host", "127.0.0.1", "--port", str(options.port)]
    try:
        return subprocess.call(command, env=quiet)
    except KeyboardInterrupt:
        return DONE


def _warm(options: argparse.Namespace) -> int:
    import time

    from ..model.dorsalhorn import DorsalHorn
    from .load import load
    from .parts import SMALLEST_SCALE

    started = time.perf_counter()
    horn = DorsalHorn(
        load("sham", ['duration="2 h"', f"slice.scale={SMALLEST_SCALE}", "slice.receptors_per_neuron=2"])
    )
    horn.run()
    print(f"the rules are compiled ({time.perf_counter() - started:.0f} s)")
    return DONE
