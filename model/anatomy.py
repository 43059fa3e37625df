"""What the slice is made of, as values: groups of neurons, classes of fibres, and who meets whom.

The numbers live in the anatomy data of the scenarios package; this file says what they mean.
Sources: science notes, section 2 (densities, inhibitory fractions, termination zones, the public
circuit template of Sekiguchi et al. 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

LAMINAE = ("I", "II", "III", "IV", "V")


@dataclass(frozen=True)
class Lamina:
    """One lamina: its thickness and the neurons of a 300 um slice."""

    name: str
    thickness_um: float
    neurons: int


@dataclass(frozen=True)
class Group:
    """A kind of neuron: its share of a lamina, its sign, its receptors, its firing."""

    name: str
    lamina: str
    share: float
    """share of the lamina's neurons"""
    inhibitory: bool = False
    projection: bool = False
    nk1: float = 0.0
    """share of the group that carries NK1 receptors"""
    adaptation_ns: float = 0.5
    """step of the after-hyperpolarisation conductance at each spike"""


@dataclass(frozen=True)
class FibreClass:
    """A class of primary afferent fibres whose arbors reach a 300 um slice."""

    name: str
    fibres: int
    conduction_m_per_s: float
    conduction_spread: float
    """relative standard deviation of the conduction velocity"""
    arbor_um: float
    """standard deviation of the mediolateral spread of its terminals"""
    lamina: str
    """lamina in which it gives off its chemicals"""
    threshold_g: float
    """median mechanical threshold"""
    threshold_spread: float
    """standard deviation of ln(threshold)"""
    max_hz: float
    """discharge to a saturating mechanical stimulus"""
    resting_hz: float
    peptidergic: bool = False


@dataclass(frozen=True)
class Connection:
    """One row of the wiring table: who talks to whom, by how many contacts, how strongly, how far."""

    pre: str
    post: str
    in_degree: int
    conductance_ns: float
    """peak conductance of all contacts together; shared out over them"""
    reach_um: float = 100.0


@dataclass(frozen=True)
class Anatomy:
    """The whole table."""

    laminae: tuple[Lamina, ...]
    groups: tuple[Group, ...]
    fibres: tuple[FibreClass, ...]
    connections: tuple[Connection, ...]
