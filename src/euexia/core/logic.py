"""Three-valued truth on arrays: TRUE, FALSE and UNKNOWN, and comparison without rounding accidents.

A truth array holds int8: 1 TRUE, 0 FALSE, -1 UNKNOWN.  The logic is Kleene's strong one: OR is TRUE if any is
TRUE, else UNKNOWN if any is UNKNOWN; AND is FALSE if any is FALSE, else UNKNOWN if any is UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

Truth = NDArray[np.int8]

TRUE = np.int8(1)
FALSE = np.int8(0)
UNKNOWN = np.int8(-1)

RELATIVE_TOLERANCE = 1e-9
"""Two numbers nearer than this share are equal: an exact 5 % loss is never more than 5 %."""


class Comparison(StrEnum):
    """How a value is held against a threshold."""

    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"

    @property
    def symbol(self) -> str:
        """Return the mathematical sign."""
        return {"above": ">", "at_least": "≥", "below": "<", "at_most": "≤"}[self.value]


def from_bool(values: ArrayLike) -> Truth:
    """Return a truth array from booleans."""
    return np.asarray(values, dtype=bool).astype(np.int8)


def from_flag(flag: ArrayLike) -> Truth:
    """Return a truth array from flags: 1 is TRUE, 0 is FALSE; NaN, and any other number, is UNKNOWN."""
    values = np.asarray(flag, dtype=float)
    return np.where(values == 1, TRUE, np.where(values == 0, FALSE, UNKNOWN)).astype(np.int8)


def compare(value: ArrayLike, comparison: Comparison, threshold: ArrayLike) -> Truth:
    """Compare value with threshold; NaN on either side gives UNKNOWN.

    Equality is tolerant: ``|value - threshold| <= 1e-9 max(|value|, |threshold|)``.
    """
    v, t = np.broadcast_arrays(np.asarray(value, dtype=float), np.asarray(threshold, dtype=float))
    with np.errstate(invalid="ignore"):
        equal = np.abs(v - t) <= RELATIVE_TOLERANCE * np.maximum(np.abs(v), np.abs(t))
        match comparison:
            case Comparison.ABOVE:
                holds = (v > t) & ~equal
            case Comparison.AT_LEAST:
                holds = (v > t) | equal
            case Comparison.BELOW:
                holds = (v < t) & ~equal
            case Comparison.AT_MOST:
                holds = (v < t) | equal
            case _:
                assert_never(comparison)
    return np.where(np.isnan(v) | np.isnan(t), UNKNOWN, holds.astype(np.int8))


def negate(truth: Truth) -> Truth:
    """Return NOT: UNKNOWN stays UNKNOWN."""
    return np.where(truth == UNKNOWN, UNKNOWN, 1 - truth).astype(np.int8)


def any_of(truths: Sequence[Truth]) -> Truth:
    """Return OR over a non-empty sequence of broadcastable truth arrays."""
    stack = np.stack(np.broadcast_arrays(*truths))
    known_true = (stack == TRUE).any(axis=0)
    unknown = (stack == UNKNOWN).any(axis=0)
    return np.where(known_true, TRUE, np.where(unknown, UNKNOWN, FALSE)).astype(np.int8)


def all_of(truths: Sequence[Truth]) -> Truth:
    """Return AND over a non-empty sequence of broadcastable truth arrays."""
    stack = np.stack(np.broadcast_arrays(*truths))
    known_false = (stack == FALSE).any(axis=0)
    unknown = (stack == UNKNOWN).any(axis=0)
    return np.where(known_false, FALSE, np.where(unknown, UNKNOWN, TRUE)).astype(np.int8)


def at_least(count: int, truths: Sequence[Truth]) -> Truth:
    """Return whether at least ``count`` are TRUE; FALSE only when UNKNOWNs could not make it so."""
    stack = np.stack(np.broadcast_arrays(*truths))
    sure = (stack == TRUE).sum(axis=0)
    possible = sure + (stack == UNKNOWN).sum(axis=0)
    return np.where(sure >= count, TRUE, np.where(possible < count, FALSE, UNKNOWN)).astype(np.int8)
