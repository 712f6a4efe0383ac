"""The list of sources that parameters name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from euexia.core import datafile


@dataclass(frozen=True, slots=True, kw_only=True)
class _References:
    """The file of sources."""

    about: str
    references: Mapping[str, str]


def load_references() -> Mapping[str, str]:
    """Return the sources of the parameters, by key."""
    path = files("euexia") / "data" / "parameters" / "references" / "parameters.yaml"
    return datafile.load(path, "list of references", _References).references
