"""A commented scenario to start from."""

from __future__ import annotations

from pathlib import Path

from .errors import InputError

TEMPLATE = """\
# A scenario of dorsalhorn. `dorsalhorn check {file}` explains it, `dorsalhorn run {file}` runs it.
# Times are a number with a unit: ms, s, min, h, d, weeks, months.

title    = "{title}"
biology  = "article"            # or "literature"
mode     = "chronic"            # or "acute": seconds to minutes, every spike is kept, the tick is "1 s"
duration = "6 weeks"
tick     = "1 h"
seed     = 1                    # another seed is another animal

[slice]
scale = 0.1                     # share of the neurons of a 300 um slice; 1.0 is ten times slower
receptors_per_neuron = 20

# What happens to the afferents: `dorsalhorn list stimuli`. An injury on day 2 leaves a baseline.
[[stimulus]]
kind  = "incision"
start = "2 d"
stop  = "16 d"                  # the cause is gone; leave it out if the kind heals by itself
site  = [0.35, 0.65]            # part of the skin map, 0..1
intensity = 1.0                 # relative to the kind's published drive

# What is given: `dorsalhorn list treatments`.
# [[treatment]]
# name  = "gabapentin"
# start = "30 d"
# stop  = "37 d"
# dose  = 1.0                   # relative to the dose its evidence comes from
# every = "12 h"                # repeated doses; leave it out for something given without pause
# lasts = "4 h"                 # how long each of them is there; if not said, until it has come on
# taper = "2 d"                 # over the last of these days the dose goes down to nothing
# A cream, patch or block may have a `site`, too; it is put where the stimuli are if not said.
# What the catalogue lacks goes into [treatments.NAME] here or into a file in `treatments/` beside this one.

# A mechanism taken out from a time on: `dorsalhorn list mechanisms`.
# [[knockout]]
# mechanism = "peroxynitrite"
# start     = "0 d"

# A column, a field, a parameter or a mechanism held over a span: `dorsalhorn list clamps`.
# [[clamp]]
# target = "microglia.activation"
# factor = 0.2                  # or value = ...
# start  = "30 d"
# stop   = "35 d"

# Which form a rule takes, and single numbers: `dorsalhorn list switches`, `dorsalhorn list parameters`.
# [switches]
# "sp.mode" = "nk1"
# [parameters]
# "microglia.recovery_time" = "8 d"

[record]
every  = "6 h"
agents = []                     # kinds whose individuals are kept: "neurons", "receptors", "microglia", ...
fields = []                     # maps that are kept: "glutamate", "tnf", ...
"""


def write_template(path: str | Path) -> Path:
    """Write the template; an existing file is never overwritten.

    Raises:
        InputError: the file exists or cannot be written.
    """
    target = Path(path)
    try:
        title = "".join(
            c for c in target.stem.replace("_", " ") if c.isprintable() and c not in '"\\\\'
        ).strip()
        with target.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.format(file=target.name, title=title.capitalize() or "My scenario"))
    except FileExistsError as error:
        raise InputError(f"{target} exists and is left alone; give another name") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot write {target}: {reason.lower()}") from error
    return target
