"""Sweeps: one scenario over seeds, axes of values and arms; read and checked as a whole before anything runs.

A *cell* is one value of each axis and one arm; it is run once for each seed.  Changes are made in the order:
the sweep's own `set`, the arm's, the axes'.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError, Problem, ScenarioError, shorten
from .load import find, load
from .sweep_arms import Arm, arms_of
from .sweep_arms import only as chosen
from .sweep_file import find_sweep, read_sweep, shipped_sweeps
from .sweep_length import long_enough
from .sweep_schema import ARM, MOST_SEEDS, ArmTable, AxisTable, SweepDocument
from .toml_text import LONGEST_SET, Path_, by_name, line_of, read_toml, set_path, set_value, toml_value

if TYPE_CHECKING:
    from ..model.scenario import Scenario

MOST_RUNS = 100_000
Coordinate = str | float


@dataclass(frozen=True)
class Cell:
    """One combination of values: what it is called, what is changed, and the scenario that comes of it."""

    coordinates: Mapping[str, Coordinate]
    """value or label of each axis, and the arm"""
    sets: tuple[str, ...]
    scenario: Scenario

    @property
    def label(self) -> str:
        """The cell in messages."""
        return ", ".join(f"{name} {value}" for name, value in self.coordinates.items()) or "the scenario"


@dataclass(frozen=True)
class Sweep:
    """A sweep as checked: every scenario in it can be run."""

    document: SweepDocument
    source: str
    """what was asked for: a name or a file"""
    scenario: str
    """a shipped scenario's name, or the path of a file"""
    cells: tuple[Cell, ...]
    empty_courses: bool = False
    """courses were asked for, and the catalogue has nothing to give"""

    @property
    def runs(self) -> list[tuple[Cell, Scenario]]:
        """Every run: a cell's scenario with each seed."""
        return [
            (cell, replace(cell.scenario, seed=seed)) for cell in self.cells for seed in self.document.seeds
        ]


@dataclass(frozen=True)
class _Change:
    """One `PATH=VALUE` and the place in the sweep file that asks for it."""

    place: Path_
    assignment: str


def load_sweep(
    name_or_path: str | Path,
    seeds: int | None = None,
    only: Sequence[str] = (),
    sets: Sequence[str] = (),
) -> Sweep:
    """Read and check a sweep, and every scenario in it.

    Args:
        name_or_path: the name of a shipped sweep, a TOML file, or a sweep's folder.
        seeds: 1 to this many, instead of the file's.
        only: the arms of these names, treatments, combinations or courses alone, and the reference.
        sets: further changes to all runs, after the file's own.

    Raises:
        InputError: `seeds` or `only` ask for what is not there.
        ScenarioError: says everything that is wrong with the sweep; nothing was run.
    """
    path = find_sweep(name_or_path)
    source = path.name if path.parent.name == "sweeps" else str(name_or_path)
    document, lines = read_sweep(path, source)
    if seeds is not None:
        if not 1 <= seeds <= MOST_SEEDS:
            raise InputError(f"--seeds {seeds}: give 1 to {MOST_SEEDS:,}")
        document = document.model_copy(update={"seeds": tuple(range(1, seeds + 1))})
    document = document.model_copy(update={"set": (*document.set, *sets)})
    scenario = _scenario_of(document, path, lines, source)
    base, _ = read_toml(find(scenario))
    arms = list(arms_of(document, base))
    empty = bool(document.course) and len(arms) == len(document.arm)
    if only:
        arms = chosen(arms, only, document.reference)
    cells = _cells(document, arms, scenario, base, lines, source)
    longer = long_enough(arms, _by_arm(cells), document.reference, len(base.get("treatment", ())))
    if longer != arms:
        arms, cells = longer, _cells(document, longer, scenario, base, lines, source)
    # written out, so that the sweep stays what it is when the catalogue grows
    tables = [ArmTable(name=arm.name, set=arm.set, gives=arm.gives, course=arm.course) for arm in arms]
    explicit = {"arm": tuple(tables), "course": (), "combinations": {}}
    return Sweep(document.model_copy(update=explicit), str(name_or_path), scenario, cells, empty)


def _by_arm(cells: Sequence[Cell]) -> dict[str, list[Scenario]]:
    found: dict[str, list[Scenario]] = {}
    for cell in cells:
        found.setdefault(str(cell.coordinates.get(ARM)), []).append(cell.scenario)
    return found


def _scenario_of(document: SweepDocument, path: Path, lines: dict[Path_, int], source: str) -> str:
    """The scenario's name, or its file: beside the sweep if there is one of that name."""
    beside = path.parent / document.scenario
    asked = str(beside) if beside.is_file() else document.scenario
    try:
        if not find(asked).is_file():
            raise ScenarioError(asked, [Problem((), "there is no such file")])
    except InputError as error:
        place: Path_ = ("scenario",)
        raise ScenarioError(source, [Problem(place, str(error), line_of(place, lines))]) from error
    return asked


def _cells(
    document: SweepDocument,
    arms: Sequence[Arm],
    scenario: str,
    base: Mapping[str, Any],
    lines: dict[Path_, int],
    source: str,
) -> tuple[Cell, ...]:
    """Every cell with its scenario; all problems of all cells at once, each told once."""
    plan = list(_plan(document, arms))
    runs = len(plan) * len(document.seeds)
    if runs > MOST_RUNS:
        text = (
            f"{len(plan):,} cells with {len(document.seeds)} seeds are {runs:,} runs; at most {MOST_RUNS:,}"
        )
        raise ScenarioError(source, [Problem((), text)])
    cells: list[Cell] = []
    found: dict[tuple[Path_, str], int] = {}
    for coordinates, changes in plan:
        try:
            problems = _misplaced(base, changes)
            if not problems:
                sets = tuple(change.assignment for change in changes)
                cells.append(Cell(coordinates, sets, load(scenario, sets)))
        except ScenarioError as error:
            problems = [_traced(problem, changes) for problem in error.problems]
        except InputError as error:
            problems = [Problem(("scenario",), str(error))]
        for problem in problems:
            key = problem.path, problem.text
            found[key] = found.get(key, 0) + 1
    if found:
        raise ScenarioError(source, _told(found, lines))
    return tuple(cells)


def _plan(
    document: SweepDocument, arms: Sequence[Arm]
) -> Iterator[tuple[dict[str, Coordinate], list[_Change]]]:
    """Coordinates and changes of each cell, the last axis running fastest, the arms slowest."""
    shared = [_Change(("set", i), change) for i, change in enumerate(document.set)]
    leaders = [i for i, axis in enumerate(document.axis) if axis.zip is None]
    every: list[Arm | None] = [*arms] or [None]
    for arm in every:
        given = [_Change(arm.place, change) for change in arm.set] if arm else []
        for picked in product(*(range(len(document.axis[i].values)) for i in leaders)):
            coordinates: dict[str, Coordinate] = {}
            steps = {document.axis[i].title: step for i, step in zip(leaders, picked, strict=True)}
            changes = shared + given
            for i, axis in enumerate(document.axis):
                step = steps[axis.zip or axis.title]
                coordinates[axis.title] = coordinate(axis, step)
                written = f"{axis.path}={toml_value(axis.values[step])}"
                changes = [*changes, _Change(("axis", i, "values", step), written)]
            if arm:
                coordinates[ARM] = arm.name
            yield coordinates, changes


def coordinate(axis: AxisTable, step: int) -> Coordinate:
    """What stands for a value in tables and figures: its label, the number itself, or the value as text."""
    if axis.labels:
        return axis.labels[step]
    value = axis.values[step]
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in axis.values):
        return float(value)
    return value if isinstance(value, str) else toml_value(value)


def _misplaced(content: Mapping[str, Any], changes: Sequence[_Change]) -> list[Problem]:
    """Changes that cannot even be made: no path of the scenario, or no TOML value."""
    trial, problems = copy.deepcopy(dict(content)), []
    for change in changes:
        try:
            set_value(trial, change.assignment)
        except InputError as error:
            asked = shorten(f"--set {change.assignment}", LONGEST_SET)
            said = str(error).removeprefix(asked).removeprefix(": ")
            problems.append(Problem(change.place, f"{change.assignment.partition('=')[0]}: {said}"))
    return problems


def _traced(problem: Problem, changes: Sequence[_Change]) -> Problem:
    """A scenario's problem, laid at the last change that touches its key."""
    for change in reversed(changes):
        path = by_name(set_path(change.assignment, "")[0])
        length = min(len(path), len(problem.path))
        if length and problem.path[:length] == path[:length]:
            return Problem(change.place, f"{problem.key}: {problem.text}")
    return Problem(("scenario",), f"{problem.key}: {problem.text}" if problem.path else problem.text)


def _told(found: Mapping[tuple[Path_, str], int], lines: dict[Path_, int]) -> list[Problem]:
    """Each problem once, in the order of the file; one that all values of an axis share is the path's."""
    problems: dict[tuple[Path_, str], Problem] = {}
    for path, text in found:
        same = {other for other, words in found if words == text and other[:-1] == path[:-1]}
        place = (*path[:2], "path") if path[0] == "axis" and len(same) > 1 else path
        problems.setdefault((place, text), Problem(place, text, line_of(place, lines)))
    return sorted(problems.values(), key=lambda p: (p.line is None, p.line or 0))


__all__ = [
    "ArmTable",
    "AxisTable",
    "Cell",
    "Sweep",
    "coordinate",
    "find_sweep",
    "load_sweep",
    "shipped_sweeps",
]
