"""The commands `sweep` and `report`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from .cli_parts import DONE, Command, add_changes


def add_sweep_commands(command: Command) -> None:
    """Add both to the command line."""
    sweep = command(
        "sweep",
        _sweep,
        "run a scenario over seeds, values and arms: tables, maps, paired differences",
        "  dorsalhorn list sweeps                                   what is shipped\n"
        "  dorsalhorn sweep injury_duration_by_intensity --dry-run  what it would do, and how long\n"
        "  dorsalhorn sweep seeds --workers 4 --out runs/seeds\n"
        "  dorsalhorn sweep treatment_timing --seeds 1 --only ketamine --only untreated\n"
        "  dorsalhorn sweep mine.toml --resume                      go on after Ctrl-C or a crash\n"
        "  dorsalhorn sweep mine.toml --dask tcp://10.0.0.5:8786    on a Dask cluster\n"
        "\n"
        "a sweep file:\n"
        '  title = "How long must an injury last?"\n'
        '  scenario = "injury_heals_pain_stays"    # or a file\n'
        "  seeds = 5\n"
        "  [[axis]]\n"
        '  path = "stimulus.0.stop"\n'
        '  values = ["3 d", "6 d", "16 d"]',
    )
    sweep.set_defaults(starts_runs=True)
    option = sweep.add_argument
    option("sweep", metavar="SWEEP", help="a shipped sweep's name, a TOML file, or a sweep's folder")
    option("--out", metavar="DIR", help="the folder (default: runs/NAME); an older sweep there is replaced")
    option("--seeds", type=int, metavar="N", help="seeds 1 to N, instead of the file's")
    option(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="this arm, or the arms of this treatment, combination or course; may be repeated; "
        "the reference is kept",
    )
    add_changes(sweep, "changes one setting of all runs, after the file's own changes; may be repeated")
    option("--workers", type=int, metavar="N", help="processes (default: one for each core)")
    option("--dask", metavar="ADDRESS", help="run on the Dask cluster of this scheduler instead")
    option(
        "--resume",
        action="store_true",
        help="take over the runs that an earlier sweep in this folder has finished",
    )
    option("--dry-run", action="store_true", help="check everything, say what would be run; run nothing")
    option("--quiet", action="store_true", help="no progress; print the folder only")

    report = command(
        "report",
        _report,
        "write one HTML file about a run or a sweep, with everything in it",
        "  dorsalhorn report runs/injury_heals_pain_stays\n  dorsalhorn report runs/seeds --out seeds.html",
    )
    report.add_argument("folder", metavar="RUN_OR_SWEEP", help="the folder of a run or of a sweep")
    report.add_argument("--out", metavar="FILE", help="the file (default: report.html in that folder)")


def _sweep(options: argparse.Namespace) -> int:
    from .errors import InputError, SweepInterruptedError
    from .sweep_preview import preview, sweep_remarks
    from .sweep_run import cores, default_out, run_sweep
    from .sweeps import load_sweep

    workers = cores() if options.workers is None else options.workers
    if workers < 1:
        raise InputError(f"--workers {workers}: give 1 or more")
    sweep = load_sweep(options.sweep, options.seeds, options.only, options.sets)
    out = Path(options.out) if options.out else default_out(sweep)
    for remark in sweep_remarks(sweep):
        print(f"note: {remark}", file=sys.stderr)
    if options.dry_run or not options.quiet:
        print(preview(sweep, workers, out), end="\n\n", flush=True)
    if options.dry_run:
        print("Nothing was run.")
        return DONE
    try:
        folder = run_sweep(sweep, out, workers, options.dask, options.resume, options.quiet)
    except SweepInterruptedError as error:
        if error.folder:
            words = ["dorsalhorn", "sweep", options.sweep, *_choices(options), "--out", str(out), "--resume"]
            error.add_note(f"go on with: {shlex.join(words)}")
        raise
    shown = Path(os.path.relpath(folder)) if folder.is_relative_to(Path.cwd()) else folder
    if options.quiet:
        print(folder)
        return DONE
    for name, files in (("figure", "figures/*.png"), ("table", "*.csv")):
        for file in sorted(folder.glob(files)):
            print(f"{name:<8}{shown / file.relative_to(folder)}")
    return DONE


def _choices(options: argparse.Namespace) -> list[str]:
    """What changed the sweep on the command line, as words of one."""
    words = [] if options.seeds is None else ["--seeds", str(options.seeds)]
    words += [word for name in options.only for word in ("--only", name)]
    return words + [word for change in options.sets for word in ("--set", change)]


def _report(options: argparse.Namespace) -> int:
    from ..analysis.runs import RunError
    from .errors import InputError
    from .report import report

    try:
        print(report(options.folder, options.out))
    except RunError as error:
        raise InputError(str(error)) from error
    return DONE
