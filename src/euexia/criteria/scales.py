"""Scales of questionnaires: codes, prorating and missing answers.

Items are identifiers and numeric codes only; the wording belongs to its owners.  A code that the instrument
does not have makes its scale unknown: it is neither clipped nor prorated away.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def answers(items: ArrayLike, codes: Sequence[float], blank: Sequence[float] = ()) -> tuple[Floats, Floats]:
    """Return the answers with NaN for blanks, and a mark per scale: 0, or NaN if any code is not allowed.

    items: numeric codes, items on the last axis.  codes: the instrument's answers, whole numbers in a row.
    blank: codes that mean "no answer"; NaN always does.
    """
    given = np.asarray(items, dtype=float)
    missing = np.isnan(given)
    for code in blank:
        missing |= given == code
    with np.errstate(invalid="ignore"):
        allowed = (given >= codes[0]) & (given <= codes[-1]) & (given == np.floor(given))
    wrong = ~(allowed | missing).all(axis=-1)
    return np.where(missing, np.nan, given), np.where(wrong, np.nan, 0.0)


def mean_of_answered(given: Floats, least: int) -> Floats:
    """Return the mean of the answered items where at least ``least`` are answered, else NaN.

    given: answers, NaN for missing, items on the last axis.
    """
    missing = np.isnan(given)
    count = given.shape[-1] - missing.sum(axis=-1)
    total = np.where(missing, 0.0, given).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count >= least, total / count, np.nan)


def sum_of_all(given: Floats) -> Floats:
    """Return the sum of the items, NaN if any is missing."""
    return np.asarray(given.sum(axis=-1))
