"""What the slice is made of, as values: groups of neurons, classes of fibres, and who meets whom.

The numbers live in the anatomy data of the scenarios package; this file says what they mean.
Sources: science notes, section 2 (densities, inhibitory fractions, termination zones, the public
circuit template of Sekiguchi et al. 2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LAMINAE = ("I", "II", "III", "IV", "V")


@dataclass(frozen=True)
class Lamina:
    """One lamina: its thickness and the neurons of a 300 um slice."""

    name: str
    thickness_um: float
    neurons: int


@dataclass(frozen=True)
class Firing:
    """A firing class: how it answers a step of current."""

    name: str
    adaptation_ns: float
    """potassium conductance added by a spike"""
    adaptation_ms: float
    """its time constant"""
    subthreshold_ns: float = 0.0
    """adaptation at threshold without any spike"""
    a_type_ns: float = 0.0
    """largest A-type potassium conductance"""
    slow_potassium_ns: float = 0.0
    """largest potassium conductance that lasting activity opens"""
    depolarised_mv: float = 0.0
    """how far above the usual resting potential it rests"""
    after_potential_mv: float = 0.0
    """how far above the usual reset a spike leaves it: a depolarising after-potential makes bursts"""


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
    firing: Mapping[str, float] = field(default_factory=lambda: {"tonic": 1.0})
    """share of each firing class"""
    plateau_ns: float = 0.0
    """largest calcium-activated plateau conductance"""


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
    depression: float = 0.0
    """share of the releasable transmitter that a spike uses"""
    facilitation: float = 0.0
    """relative rise of release left by a spike"""
    peptidergic: bool = False
    potentiates: bool = False
    """long-term potentiation of the target cell acts on its synapses"""


@dataclass(frozen=True)
class Connection:
    """One row of the wiring table: who talks to whom, by how many contacts, how strongly, how far."""

    pre: str
    post: str
    in_degree: int
    conductance_ns: float
    """peak conductance of all contacts together; shared out over them"""
    reach_um: float = 100.0
    nmda: float = 1.0
    """NMDA part of the connection, relative to the usual ratio to AMPA (`nmdar.synaptic_ratio`)"""


@dataclass(frozen=True)
class Anatomy:
    """The whole table."""

    laminae: tuple[Lamina, ...]
    firings: tuple[Firing, ...]
    groups: tuple[Group, ...]
    fibres: tuple[FibreClass, ...]
    connections: tuple[Connection, ...]
