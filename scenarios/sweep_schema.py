"""The sweep file as a whole: plain checked values in the file's own words.

What axes and arms change is checked by `sweeps.py`, which makes every scenario before any is run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo, field_validator

from ..analysis.measures import NOTES, WORDS
from ..model.readouts import COLUMNS
from .errors import InputError
from .fields import FEW_NAMES, FileName, Number, Text, between, one_of, said, shown, text, whole
from .names import did_you_mean, spoken
from .parts import Table
from .registry import registry
from .schema import MOST_SEED
from .toml_text import set_path, toml_value

END = "end."
"""before the name of a recorded column: its median over the end of the run"""
USUAL_MEASURES = ("outcome", "threshold_end_ratio", "output_end")
MOST_SEEDS, MOST_VALUES, FEWEST_TOGETHER = 10_000, 1000, 2
ALL = "all"
"""every treatment of the catalogue that has an effect"""
ARM = "arm"
"""the coordinate of the arms; axes have other names"""
TAKEN = (ARM, "seed", "run", "key", "measure", "value", "unit", "n")
"""columns of the tables that a sweep writes"""


def _list(value: object, what: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise said(f"must be a list of {what}, not {shown(value)}")
    return value


def measure_names() -> tuple[str, ...]:
    """Every measure that a sweep can report."""
    return (*WORDS, *NOTES, *(f"{END}{column.name}" for column in COLUMNS))


def known_measures(value: object) -> tuple[str, ...]:
    """Known measures, none twice."""
    names, known = _list(value, "names of measures"), measure_names()
    for name in names:
        if name not in known:
            kinds = f"{spoken([*WORDS, *NOTES], 'and')}, and {END}COLUMN of the time series"
            near = did_you_mean(name, known) if isinstance(name, str) else ""
            raise said(f"{shown(name)} is not a measure{near or f'; there are {kinds}'}")
    if not names:
        raise said("must name at least one measure")
    return tuple(dict.fromkeys(names))


def seed_list(value: object) -> tuple[int, ...]:
    """A number of seeds (1, 2, ...) or a list of them."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 1 <= value <= MOST_SEEDS:
            raise said(f"must lie between 1 and {MOST_SEEDS:,} seeds, or be a list of seeds, not {value}")
        return tuple(range(1, value + 1))
    if not isinstance(value, list | tuple) or not value:
        raise said(f"must be a number of seeds, or a list such as [1, 2, 3], not {shown(value)}")
    found = [int(between(0, MOST_SEED)(whole(seed))) for seed in value]
    if len(set(found)) < len(found):
        raise said("must not name a seed twice")
    return tuple(found)


def change_list(value: object) -> tuple[str, ...]:
    """Changes as `PATH=VALUE`."""
    listed = _list(value, "changes such as 'tick=\"4 h\"'")
    return tuple(text(change) for change in listed)


def setting_path(value: object) -> str:
    """The path of one setting: `stimulus.0.stop`."""
    written = text(value)
    try:
        whole_path = set_path(f"{written}=", "")[1] == len(written) + 1
    except InputError:
        whole_path = False
    if not whole_path:
        raise said(f"must be the path of a setting, such as stimulus.0.stop, not {shown(value)}")
    return written


def axis_values(value: object) -> tuple[Any, ...]:
    """What an axis goes through."""
    found = _list(value, "values")
    if not found or len(found) > MOST_VALUES:
        raise said(f"must be a list of 1 to {MOST_VALUES} values, not of {len(found)}")
    try:
        written = [toml_value(each) for each in found]
    except ValueError as error:
        raise said(str(error)) from error
    twice = [each for i, each in enumerate(written) if each in written[:i]]
    if twice:
        raise said(f"must differ: {twice[0]} is given twice")
    return tuple(found)


def axis_labels(value: object) -> tuple[str, ...]:
    """How the values are called in tables and figures."""
    found = [text(label) for label in _list(value, "texts")]
    if len(set(found)) < len(found):
        raise said("must differ from one another")
    return tuple(found)


def treatment_list(value: object) -> tuple[str, ...]:
    """Names of treatments, or "all"."""
    if value == ALL:
        return (ALL,)
    found = _list(value, f'names of treatments (or be "{ALL}")')
    return tuple(dict.fromkeys(text(name) for name in found))


def combination_list(value: object) -> tuple[str, ...]:
    """Names of combinations, or "all"."""
    if value == ALL:
        return (ALL,)
    return tuple(dict.fromkeys(text(name) for name in _list(value, f'combinations (or be "{ALL}")')))


def combination_table(value: object) -> dict[str, tuple[str, ...]]:
    """The treatments of each combination, by its name."""
    if not isinstance(value, Mapping):
        raise said('must be a table such as {"both" = ["gabapentin", "ketamine"]}')
    found = {text(name): tuple(map(text, _list(given, "treatments"))) for name, given in value.items()}
    for name, given in found.items():
        if name in registry().treatments:
            raise said(f"{shown(name)} is a treatment of the catalogue: call the combination otherwise")
        if len(given) < FEWEST_TOGETHER or len(set(given)) < len(given):
            raise said(f"{shown(name)} must name two different treatments at least, and none twice")
    return found


class AxisTable(Table):
    """`[[axis]]`: a setting that goes through values."""

    name: Text | None = None
    path: Annotated[str, BeforeValidator(setting_path)]
    values: Annotated[tuple[Any, ...], BeforeValidator(axis_values)]
    labels: Annotated[tuple[str, ...] | None, BeforeValidator(axis_labels)] = None
    zip: Text | None = None

    @property
    def title(self) -> str:
        """The axis in tables and figures."""
        return self.name or self.path

    @field_validator("labels")
    @classmethod
    def _one_each(cls, value: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        there = info.data.get("values")
        if value is not None and there is not None and len(value) != len(there):
            raise said(f"must be one for each of the {len(there)} values, not {len(value)}")
        return value


class ArmTable(Table):
    """`[[arm]]`: a named set of changes, such as a treatment."""

    name: Text
    set: Annotated[tuple[str, ...], BeforeValidator(change_list)] = ()
    gives: Text | None = None
    """treatment or combination that it gives; known of the arms that a course makes"""
    course: Text | None = None
    """the course that made it"""


class CourseTable(Table):
    """`[[course]]`: an arm for each treatment and each combination, given at one time."""

    name: Text
    start: Text
    stop: Text | None = None
    dose: Number = 1.0
    until_worn_off: bool = False
    """its runs, and the reference, go on until the second week after what was given has worn off"""
    treatments: Annotated[tuple[str, ...], BeforeValidator(treatment_list)] = (ALL,)
    combinations: Annotated[tuple[str, ...], BeforeValidator(combination_list)] = ()


class SweepDocument(Table):
    """The whole file."""

    title: Text
    name: FileName = ""
    scenario: Text
    seeds: Annotated[tuple[int, ...], BeforeValidator(seed_list)] = (1,)
    measures: Annotated[tuple[str, ...], BeforeValidator(known_measures)] = USUAL_MEASURES
    set: Annotated[tuple[str, ...], BeforeValidator(change_list)] = ()
    axis: tuple[AxisTable, ...] = ()
    arm: tuple[ArmTable, ...] = ()
    combinations: Annotated[Mapping[str, tuple[str, ...]], BeforeValidator(combination_table)] = {}
    course: tuple[CourseTable, ...] = ()
    reference: Text | None = None

    @field_validator("axis")
    @classmethod
    def _told_apart(cls, value: tuple[AxisTable, ...]) -> tuple[AxisTable, ...]:
        names: dict[str, AxisTable] = {}
        for axis in value:
            if axis.title in names:
                raise said(f"two axes are called {shown(axis.title)}: give each a name of its own")
            if axis.title in TAKEN or axis.title in measure_names():
                raise said(f"no axis can be called {shown(axis.title)}: a column of the tables is")
            if axis.zip is not None:
                leaders = [name for name, leader in names.items() if leader.zip is None]
                one_of(axis.zip, leaders, "an axis above this one")
                there = len(names[axis.zip].values)
                if there != len(axis.values):
                    raise said(
                        f"{axis.title} goes with {axis.zip}, value by value: it needs {there} values, "
                        f"not {len(axis.values)}"
                    )
            names[axis.title] = axis
        return value

    @field_validator("arm")
    @classmethod
    def _named_once(cls, value: tuple[ArmTable, ...]) -> tuple[ArmTable, ...]:
        names = [arm.name for arm in value]
        if len(set(names)) < len(names):
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise said(f"two arms are called {shown(twice)}")
        return value

    @field_validator("course")
    @classmethod
    def _of_known_combinations(
        cls, value: tuple[CourseTable, ...], info: ValidationInfo
    ) -> tuple[CourseTable, ...]:
        names = [course.name for course in value]
        if len(set(names)) < len(names):
            raise said(f"two courses are called {shown(next(n for n in names if names.count(n) > 1))}")
        known = info.data.get("combinations")
        for name in (name for course in value for name in course.combinations if name != ALL):
            if known is not None:
                one_of(name, known, "a combination of this file")
        return value

    @field_validator("reference")
    @classmethod
    def _an_arm(cls, value: str | None, info: ValidationInfo) -> str | None:
        arms = [arm.name for arm in info.data.get("arm", ())]
        if value is None or "arm" not in info.data:
            return value
        if not arms:
            raise said("needs arms: [[arm]] names what is compared with it")
        if value not in arms:
            few = spoken(arms[:FEW_NAMES])
            raise said(f"{shown(value)} is not an arm{did_you_mean(value, arms) or f'; give {few}'}")
        return value
