"""The runs that claims compare: what each arm changes in the cause, and which arms come to the same."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .claims import DAY_0, DRIVE_END, UNTOUCHED, Arm
from .ensemble import Job
from .errors import InputError
from .knockouts import EVERY
from .load import resolved_toml
from .quantities import spoken_time, written_time
from .toml_text import toml_value

if TYPE_CHECKING:
    from ..model.scenario import Scenario

CAUSE = "injury_heals_pain_stays"
"""the scenario whose injury every arm has"""


@dataclass(frozen=True)
class Runs:
    """The arms under one preset: the runs to be made, each once."""

    biology: str
    base: Scenario
    sets: Mapping[str, tuple[str, ...]]
    """changes of each run, by the name of the first arm that asks for it"""
    same: Mapping[str, str]
    """for each arm the name of its run: that of an arm which comes to the same"""

    @property
    def start_d(self) -> float:
        """Day on which the injury comes."""
        return self.base.own_stimuli[0].start_d

    @property
    def ends_d(self) -> float:
        """Day on which its drive ends."""
        return self.base.own_stimuli[0].cause_ends_d

    def job(self, arm: str, seed: int) -> Job:
        """The run of an arm and a seed."""
        run = self.same[arm]
        return Job(CAUSE, seed, self.sets[run], f"{self.biology} {run}")


def runs_of(biology: str, arms: Sequence[Arm], tick: str, sets: Sequence[str] = ()) -> Runs:
    """Every arm as changes to the cause under one preset; arms that do the same share a run.

    Raises:
        InputError: a change that cannot be made, or one that leaves no injury, or one that does not end.
    """
    shared = (f'tick="{tick}"', f'record.every="{EVERY}"', *sets, f'biology="{biology}"')
    base = Job(CAUSE, 1, shared).load()
    if not base.own_stimuli:
        raise InputError("the claims are about an injury: leave a stimulus in")
    if not base.own_stimuli[0].cause_ends_d < base.duration_d:
        raise InputError(
            f"the injury ends {spoken_time(base.own_stimuli[0].cause_ends_d)} after the start, the run after "
            f"{spoken_time(base.duration_d)}: claims are about what comes after; "
            "set stimulus.0.stop or duration"
        )
    content = tomllib.loads(resolved_toml(base))
    changes: dict[str, tuple[str, ...]] = {}
    same: dict[str, str] = {}
    known: list[tuple[str, Scenario]] = []
    for arm in sorted(arms, key=lambda a: a.name != UNTOUCHED):
        changed = (*shared, *arm_sets(arm, base, content))
        does = _deed(Job(CAUSE, 1, changed).load())
        twin = next((name for name, other in known if other == does), None)
        same[arm.name] = twin or arm.name
        if twin is None:
            known.append((arm.name, does))
            changes[arm.name] = changed
    return Runs(biology, base, changes, same)


def arm_sets(arm: Arm, base: Scenario, content: Mapping[str, Any]) -> list[str]:
    """The changes of an arm, as for `--set`; `content` is the base as a file would hold it."""
    days = {DAY_0: 0.0, DRIVE_END: base.own_stimuli[0].cause_ends_d}
    span = {"start": _time(days[arm.since])} if arm.since else {}
    span |= {"stop": _time(0.5 * base.duration_d)} if arm.until else {}
    tables = {
        "knockout": [{"mechanism": name} for name in arm.knockout],
        "treatment": [{"name": name} for name in arm.treatment],
        "clamp": [dict(entry) for entry in arm.clamp],
    }
    sets = [
        f"{table}={toml_value([*content.get(table, []), *({**entry, **span} for entry in new)])}"
        for table, new in tables.items()
        if new
    ]
    sets += [f'switches.{toml_value(key)}="{choice}"' for key, choice in arm.switch]
    first = content["stimulus"][0]
    if arm.stimulus:
        sham = {"kind": arm.stimulus, "start": first["start"], "site": first["site"]}
        sets.append(f"stimulus={toml_value([sham])}")
    if arm.watched:  # the laboratory tests where the first stimulus is: here one that does nothing
        nothing = {"kind": "sham", "start": first["start"], "site": list(arm.watched), "intensity": 0.0}
        sets.append(f"stimulus={toml_value([nothing, *content['stimulus']])}")
    return sets


def _time(days: float) -> str:
    return written_time(days).strip('"')


def _deed(scenario: Scenario) -> Scenario:
    """The scenario without names: what it does.  An override that changes nothing is none."""
    return replace(
        scenario,
        switches={},
        overrides=tuple(
            replace(held, label="")
            for held in scenario.overrides
            if held.value != scenario.parameters[held.parameter] or held.factor is not None
        ),
        courses=tuple(replace(course, label="") for course in scenario.courses),
        clamps=tuple(replace(clamp, label="") for clamp in scenario.clamps),
        stimuli=tuple(replace(stimulus, label="") for stimulus in scenario.stimuli),
        treatments=(),
    )
