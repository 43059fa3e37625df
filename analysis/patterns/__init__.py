"""The published patterns as executable protocols, their judge and their scorecard.

The only part of the analysis that launches scenarios.  A module of protocols is one level of the slice:
`receptor` the channel, ...; each is imported here, which registers its protocols.
"""

from . import (
    coding,
    drugs,
    drugs_gabapentin,
    drugs_glia,
    drugs_output,
    drugs_patients,
    potentiation,
    receptor,
    windup,
)
from .protocol import PROTOCOLS, Preparation, Values, protocol

__all__ = [
    "PROTOCOLS",
    "Preparation",
    "Values",
    "coding",
    "drugs",
    "drugs_gabapentin",
    "drugs_glia",
    "drugs_output",
    "drugs_patients",
    "potentiation",
    "protocol",
    "receptor",
    "windup",
]
