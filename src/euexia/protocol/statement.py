"""Statements about readings as data, and how well a value is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from euexia.core.datafile import Unit
from euexia.core.logic import Comparison

LATER: Mapping[str, bool] = MappingProxyType({"later": True})
"""Marks a key that came after the first protocols: at its default it leaves no trace in a fingerprint."""


class Status(StrEnum):
    """How well a value is known."""

    VERIFIED = "verified"
    DERIVED = "derived"
    CALIBRATED = "calibrated"
    ASSUMED = "assumed"


class Quantity(StrEnum):
    """What is taken from the readings of one measure."""

    VALUE = "value"
    CHANGE = "change"
    PERCENT_CHANGE = "percent_change"
    PERCENT_LOSS = "percent_loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A three-valued statement about readings: either one comparison, or several statements joined.

    Exactly one of the forms is used: ``any``; ``all``; ``measure`` with one of ``above``, ``at_least``,
    ``below``, ``at_most``, ``is_true`` or ``one_of``.  Thresholds are stored canonical (fractions for
    percentages).
    """

    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    measure: str | None = None
    of: Quantity = Quantity.VALUE
    over: Annotated[float, Unit("duration")] | None = None
    """Look-back of a loss or change; None means since baseline."""
    comparison: Comparison | None = None
    threshold: float | None = None
    is_true: bool | None = None
    one_of: tuple[str, ...] = field(default=(), metadata=LATER)
    """Named values of a categorical measure of which it must have one."""
