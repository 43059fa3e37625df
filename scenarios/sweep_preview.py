"""A sweep in words before it is run: what changes, how many runs, about how long."""

from __future__ import annotations

from pathlib import Path

from .explain import in_blocks, remarks, seconds, spoken_seconds
from .sweeps import Sweep, coordinate

MOST_SHOWN = 12


def preview(sweep: Sweep, workers: int, out: Path) -> str:
    """The sweep in words, a block a topic."""
    document = sweep.document
    count, seeds = len(sweep.cells), len(document.seeds)
    blocks: list[tuple[str, list[str]]] = [
        ("scenario", [document.scenario, *(f"--set {change}" for change in document.set)]),
        ("axes", _axes(sweep)),
        ("arms", _arms(sweep)),
        ("seeds", [f"{seeds}: {_few([str(seed) for seed in document.seeds])}"]),
        ("measures", [", ".join(document.measures)]),
        ("runs", [f"{count:,} cells x {seeds} seeds = {count * seeds:,} runs"]),
        ("takes", [f"about {spoken_seconds(total_seconds(sweep) / workers)} in {workers} processes"]),
        ("writes", [str(out)]),
    ]
    return in_blocks(document.title, blocks)


def total_seconds(sweep: Sweep) -> float:
    """Rough work of all runs."""
    return sum(seconds(cell.scenario) for cell in sweep.cells) * len(sweep.document.seeds)


def sweep_remarks(sweep: Sweep) -> list[str]:
    """What is allowed in some cell but will not do what it seems to, each once."""
    found: dict[str, str] = {}
    for cell in sweep.cells:
        for remark in remarks(cell.scenario):
            found.setdefault(remark, cell.label)
    told = [f"{label}: {remark}" for remark, label in found.items()]
    if sweep.empty_courses:
        told.append("no treatment of the catalogue has an effect in this version: [[course]] makes no arms")
    return [*told[:MOST_SHOWN], *([f"and {len(told) - MOST_SHOWN} more"] if len(told) > MOST_SHOWN else [])]


def _axes(sweep: Sweep) -> list[str]:
    told = []
    for axis in sweep.document.axis:
        shown = [
            value if isinstance(value, str) else f"{value:g}"
            for value in (coordinate(axis, step) for step in range(len(axis.values)))
        ]
        with_ = f", together with {axis.zip}" if axis.zip else ""
        path = "" if axis.title == axis.path else f" ({axis.path})"
        told.append(f"{axis.title}{path}: {_few(shown)}{with_}")
    return told


def _arms(sweep: Sweep) -> list[str]:
    reference = sweep.document.reference
    return [
        f"{arm.name}{' (reference)' if arm.name == reference else ''}: {'; '.join(arm.set) or 'unchanged'}"
        for arm in sweep.document.arm
    ]


def _few(items: list[str]) -> str:
    if len(items) <= MOST_SHOWN:
        return ", ".join(items)
    return f"{', '.join(items[: MOST_SHOWN - 1])} ... {items[-1]}"
