"""What a clamp can hold: the name in the scenario, and what it is in the model."""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """A clamp's target: a column of a population, a field, or a parameter."""

    kind: str
    """column, field or parameter"""
    where: str
    """population or registry key"""
    name: str = ""
    """column or field"""


CLAMP_TARGETS: dict[str, Target] = {
    "afferent.rate": Target("column", "afferents", "rate_hz"),
    "afferent.release": Target("column", "afferents", "release"),
    "afferent.sensitisation": Target("column", "afferents", "sensitisation"),
    "substance_p.store": Target("column", "afferents", "substance_p_store"),
    "nmdar.conductance": Target("parameter", "nmdar.conductance"),
    "ampa.conductance": Target("parameter", "ampa.conductance"),
    "nk1.conductance": Target("parameter", "nk1.conductance"),
    "inhibition.conductance": Target("parameter", "inhibition.conductance"),
    "magnesium": Target("parameter", "nmdar.magnesium"),
    "substance_p": Target("field", "chemistry", "substance_p"),
    "glutamate": Target("field", "chemistry", "glutamate"),
    "d_serine": Target("field", "chemistry", "d_serine"),
    "kinase.activity": Target("parameter", "kinase.activity"),
    "alpha2delta1": Target("column", "neurons", "alpha2delta1"),
    "microglia.activation": Target("column", "microglia", "activation"),
    "microglia.resolving": Target("column", "microglia", "resolving"),
    "astrocyte.reactivity": Target("column", "astrocytes", "reactivity"),
    "glt1.capacity": Target("column", "astrocytes", "glt1"),
    "tnf": Target("field", "chemistry", "tnf"),
    "il1b": Target("field", "chemistry", "il1b"),
    "bdnf": Target("field", "chemistry", "bdnf"),
    "superoxide": Target("column", "neurons", "superoxide"),
    "nitric_oxide": Target("column", "neurons", "nitric_oxide"),
    "peroxynitrite": Target("column", "neurons", "peroxynitrite"),
    "mnsod.active": Target("column", "neurons", "mnsod_active"),
    "opioid_tone": Target("parameter", "opioid.coupling"),
    "presynaptic.alpha2delta1": Target("column", "afferents", "alpha2delta1"),
}
AGENT_KINDS = ("afferents", "neurons", "receptors", "microglia", "astrocytes")
"""populations whose individuals can be recorded"""
