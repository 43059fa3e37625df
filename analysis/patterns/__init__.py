"""The published patterns as executable protocols, their judge and their scorecard.

The only part of the analysis that launches scenarios.  A module of protocols is one level of the slice:
`receptor` the channel, ...; each is imported here, which registers its protocols.
"""

from . import (
    autonomy,
    coding,
    drugs,
    drugs_gabapentin,
    drugs_glia,
    drugs_output,
    drugs_patients,
    formalin,
    glia,
    injuries,
    latent,
    potentiation,
    receptor,
    redox,
    space,
    windup,
)
from .protocol import PROTOCOLS, Preparation, Values, protocol

__all__ = [
    "PROTOCOLS",
    "Preparation",
    "Values",
    "autonomy",
    "coding",
    "drugs",
    "drugs_gabapentin",
    "drugs_glia",
    "drugs_output",
    "drugs_patients",
    "formalin",
    "glia",
    "injuries",
    "latent",
    "potentiation",
    "protocol",
    "receptor",
    "redox",
    "space",
    "windup",
]
