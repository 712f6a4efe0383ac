"""One number of the model, with everything that must be known about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How well a value is known."""

    VERIFIED = "verified"
    """Read at the source named."""
    DERIVED = "derived"
    """Arithmetic from verified numbers."""
    CALIBRATED = "calibrated"
    """Tuned so that simulated trials lie near published ones."""
    ASSUMED = "assumed"
    """Chosen, for the reason given; no source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a number comes from."""

    key: str
    """Entry of data/parameters/references.yaml; ``assumption`` where there is none."""
    where: str
    """Place in the source, or the reason for an assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number of the model, canonical."""

    name: str
    """``block.name``."""
    meaning: str
    kind: str
    """Of core.quantities.CANONICAL; fixes dimension and unit."""
    value: float
    low: float | None
    """Lowest plausible value; None where no range is known."""
    high: float | None
    spread: float
    """Between patients, log-normal coefficient of variation; 0 when all patients share the value."""
    status: Status
    source: Source
    printed: str
    """Value and unit as written in the file."""
