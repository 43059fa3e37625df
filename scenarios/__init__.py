"""Scenarios: from a file to a run folder; the command line; the registries of numbers as data."""

from .errors import FolderError, InputError, ScenarioError
from .load import load, resolved_toml

__all__ = ["FolderError", "InputError", "ScenarioError", "load", "resolved_toml"]
