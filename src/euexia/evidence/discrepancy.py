"""How far the model may miss a figure that was measured without error: one SD by what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from euexia.core import datafile
from euexia.evidence.twin import Measured

KIND = "discrepancy file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One assumed SD, in the canonical unit of what is measured."""

    sd: float
    unit: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancies:
    """The file."""

    about: str
    measured: Mapping[Measured, Discrepancy]


@cache
def discrepancies() -> Mapping[Measured, Discrepancy]:
    """Return the discrepancy of everything that can be compared.  Raises DataFileError."""
    path = files("euexia") / "data" / "calibrations" / "discrepancy.yaml"
    return datafile.load(path, KIND, Discrepancies).measured
