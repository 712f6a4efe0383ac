"""Statements about readings as data, and how well a value is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from euexia.core.datafile import Unit
from euexia.core.logic import Comparison


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
    ``below``, ``at_most`` or ``is_true``.  Thresholds are stored canonical (fractions for percentages).
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
