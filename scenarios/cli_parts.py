"""What the files of the command line share: how a command is added, and the option that changes settings."""

from __future__ import annotations

import argparse
from collections.abc import Callable

Command = Callable[[str, object, str, str], argparse.ArgumentParser]
"""makes a command of a name, an action, what it does, and examples"""
DONE, FAULT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""exit codes"""
ONE_SETTING = "changes one setting to any TOML value, as 'stimulus.0.stop=\"6 d\"'; may be repeated"


def add_changes(parser: argparse.ArgumentParser, does: str = ONE_SETTING) -> None:
    """Add `--set PATH=VALUE`, which may be repeated; the changes come as `options.sets`."""
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="sets", help=does)
