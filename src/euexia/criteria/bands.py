"""Places of values in printed tables: values of a band, the highest grade that holds, ranges, codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison, Truth, compare

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

NO_BAND = np.int8(-1)
"""Of a missing value; for a table of grades or categories it reads "unknown"."""


def look_up(index: Codes, table: Sequence[float]) -> Floats:
    """Return table[index], and NaN where the index is -1; shape of ``index``."""
    return np.asarray((*table, np.nan), dtype=float)[index]


def highest(levels: Sequence[Truth]) -> Codes:
    """Return the number of the highest level that holds, 0 if none does, -1 where it cannot be told.

    levels: for 1, 2, 3 ... whether that level *or a higher one* is reached.  A level that holds settles the
    lower ones; an unknown level above the highest that holds leaves the number open.
    """
    arrays = np.broadcast_arrays(*levels)
    grade = np.zeros(arrays[0].shape, dtype=np.int8)
    for number, level in enumerate(arrays, start=1):
        grade = np.where(level == TRUE, np.int8(number), np.where(level == UNKNOWN, NO_BAND, grade))
    return grade


def within(value: ArrayLike, low: float, high: float) -> Truth:
    """Return whether low <= value <= high; UNKNOWN for a missing value."""
    above = compare(value, Comparison.AT_LEAST, low)
    below = compare(value, Comparison.AT_MOST, high)
    return np.where((above == FALSE) | (below == FALSE), FALSE, above).astype(np.int8)


def is_code(values: Floats, codes: Sequence[float]) -> NDArray[np.bool_]:
    """Return where a value is one of the codes of an instrument; NaN is none."""
    return np.isin(values, np.asarray(codes, dtype=float))
