"""What an agent is: its columns and its local rules, one file a kind."""

from .afferent import Afferent
from .astrocyte import Astrocyte
from .microglia import Microglia
from .neuron import Neuron
from .receptor import NMDAReceptor

__all__ = ["Afferent", "Astrocyte", "Microglia", "NMDAReceptor", "Neuron"]
