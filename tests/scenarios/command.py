"""The command `dorsalhorn` in a true process, as a user calls it."""

import subprocess
import sys

CODE = "import sys; from dorsalhorn.scenarios.cli import main; sys.exit(main())"


def command(*arguments, **options):
    """Call it with these arguments; returns exit code, standard output and standard error as text."""
    return subprocess.run(
        [sys.executable, "-c", CODE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )
