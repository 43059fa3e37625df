"""What holds the agents together: the slice, its circuit, its chemistry, its laboratory, and its time."""

from .dorsalhorn import DorsalHorn
from .scenario import Scenario

__all__ = ["DorsalHorn", "Scenario"]
