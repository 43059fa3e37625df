"""The published patterns as executable protocols, their judge and their scorecard.

The only part of the analysis that launches scenarios.  A module of protocols is one level of the slice:
`receptor` the channel, ...; each is imported here, which registers its protocols.
"""

from . import coding, potentiation, receptor, windup
from .protocol import PROTOCOLS, Preparation, Values, protocol

__all__ = ["PROTOCOLS", "Preparation", "Values", "coding", "potentiation", "protocol", "receptor", "windup"]
