"""The page of the treatments: `dorsalhorn list treatments --markdown`, kept as docs/treatments.md."""

from __future__ import annotations

from collections.abc import Mapping

from .records import Effect, Treatment
from .registry import registry
from .told_treatments import felt_by
from .treatments import FIBRE_TARGETS, target_doc

HEAD = """\
# Treatments

Made by `dorsalhorn list treatments --markdown > docs/treatments.md` from
`scenarios/data/treatments.toml`.

**This is a research and teaching model, not medical advice.** What a treatment does here is what sources
say about its targets, mostly in rats and mice; whether it then helps the slice is a result of the model,
and no finding about patients. The grade says how good the evidence is that it relieves chronic pain
through these targets.

A treatment changes rates, never outputs. Each effect is a factor on one target at the usual dose. It
comes on and wears off exponentially, with the time constants of the table, unless its section says that
it wears off *evenly*: at a constant rate, the full effect within the time given as offset. A dose of 2
acts as the factor squared; where there is a *ceiling* the effect saturates instead, and no dose goes
beyond that factor. Effects of several treatments on one target multiply: no synergy is built in.

Status of a number: *measured* (read in the source), *derived* from it, *recalled*, *choice* (sized to
give roughly what the source describes), *article* (only the article says so; acts under the preset
`article`). Where a treatment has a second table, the article's account replaces the literature's under
that preset.

## To give one

```toml
[[treatment]]
name  = "gabapentin"
start = "30 d"
stop  = "44 d"
dose  = 1.0                     # relative to the dose its evidence comes from
every = "12 h"                  # repeated doses; without it, given without pause
lasts = "4 h"                   # how long each dose is there; without it, three onset times
taper = "7 d"                   # over the last 7 days the dose goes down to nothing
```

Combinations are several entries. What is put somewhere (*topical* or *at the nerve*) acts on the fibres
of its `site = [0.35, 0.65]` only; without one it is put where the scenario's stimuli are, and without
stimuli everywhere. The capsaicin patch is a single application and takes no `stop`; give `every = "90 d"`
to repeat it. `dorsalhorn check` says what a scenario's treatments will do to which rule.

## To add one

Write it into the scenario, or into any `.toml` file of a folder `treatments/` beside the scenario (there
without the word `treatments.` in the headings). The run folder's `scenario.toml` keeps it.

```toml
[treatments.my_compound]
doc    = "what it is thought to do"
onset  = "2 d"
offset = "3 d"
grade  = "unsupported"          # optional, as are evidence, route, follows, sources, topical, lasts, evenly
[treatments.my_compound.effects]
"kinase.activity"    = 0.8      # a parameter of `dorsalhorn list parameters`, or of the fibres (below)
"redox.removal"      = {factor = 1.3, ceiling = 2.0}                 # what raises its target needs a ceiling
"afferent.c_release" = {factor = 0.7, onset = "1 h", offset = "6 h", source = "who, when"}
[treatments.my_compound.effects_article]                  # optional: instead, under that preset
"kinase.activity" = 0.6
```

With `amends = true` effects under a preset take the place of those on the same targets only.
"""


def page() -> str:
    """The whole page."""
    data = registry()
    lines = [HEAD, "What treatments can do to fibres:", "", "| target | what it is | rule |", "|---|---|---|"]
    lines += [f"| `{key}` | {target.doc} | `{target.rule}` |" for key, target in FIBRE_TARGETS.items()]
    lines += ["", "## All of them", "", "| treatment | route | grade | evidence |", "|---|---|---|---|"]
    for t in data.treatments.values():
        lines.append(f"| [{t.name}](#{t.name}) | {t.route} | {t.grade} | {t.evidence} |")
    for t in data.treatments.values():
        lines += _section(t)
    return "\n".join(lines) + "\n"


def _section(t: Treatment) -> list[str]:
    """One treatment: in words, then a table for each biology that differs."""
    known = registry().references
    sentences = [f"{t.doc[:1].upper()}{t.doc[1:]}."]
    sentences += [f"A single application, which builds up for {t.lasts}."] if t.lasts else []
    sentences += [f"It wears off evenly, within {t.offset}."] if t.evenly else []
    sentences += ["Article and literature agree on it."] if t.follows == "both" else []
    lines = ["", f"### {t.name}", "", " ".join(sentences), f"Evidence: {t.evidence}."]
    title = "the literature" if t.variants else "both presets"
    lines += _table(f"Under {title}", t.effects)
    for biology, effects in t.variants.items():
        lines += _table(f"Under the preset `{biology}` instead", effects)
    lines += [
        "",
        "Sources: " + ("; ".join(known[key].citation for key in t.sources) or "none was read") + ".",
    ]
    return lines


def _table(caption: str, effects: Mapping[str, Effect]) -> list[str]:
    parameters = registry().parameters
    lines = ["", f"{caption}:", "", "| target | factor | onset / offset | felt by | status, source |"]
    lines.append("|---|---|---|---|---|")
    for key, e in effects.items():
        ceiling = "" if e.ceiling is None else f" (ceiling {e.ceiling:g})"
        known = e.status if e.source in ("choice", "article") else f"{e.status}, {e.source}"
        lines.append(
            f"| `{key}`: {target_doc(key, parameters)} | {e.factor:g}{ceiling} "
            f"| {e.onset} / {e.offset} | `{felt_by(key).replace(', ', '`, `')}` | {known} |"
        )
    return lines
