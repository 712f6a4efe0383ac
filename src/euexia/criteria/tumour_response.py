"""Response of the target lesions by RECIST 1.1, from sums of diameters."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import TRUE, Comparison, all_of, compare
from euexia.criteria.definition import Definition

DEFINITION = Definition(
    id="recist11",
    version="1.1",
    source="Eisenhauer EA et al. Eur J Cancer 2009;45:228-247; target lesions only",
    source_verified=True,
)

CATEGORIES = ("complete response", "partial response", "stable disease", "progressive disease")
"""Best first; a category is given as its index here."""
COMPLETE, PARTIAL, STABLE, PROGRESSIVE = (np.int8(index) for index in range(4))
NOT_EVALUABLE = np.int8(-1)

PROGRESSION_SHARE, PROGRESSION_LENGTH, RESPONSE_SHARE = 0.20, 5.0, 0.30


def target_response(baseline: ArrayLike, nadir: ArrayLike, now: ArrayLike) -> NDArray[np.int8]:
    """Return the category of the target lesions: an index into CATEGORIES, or -1 if not evaluable.

    Progression: at least 20 % AND at least 5 mm above the nadir.  Complete: nothing left (nodes below 10 mm
    counted as gone by the reader).  Partial: at least 30 % below baseline.  Progression goes first. baseline,
    nadir, now: sums of diameters [mm]; the nadir is the smallest sum so far, baseline included.
    """
    first, lowest, sums = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (baseline, nadir, now)))
    grown = all_of(
        [
            compare(sums, Comparison.AT_LEAST, lowest * (1 + PROGRESSION_SHARE)),
            compare(sums - lowest, Comparison.AT_LEAST, PROGRESSION_LENGTH),
        ]
    )
    shrunk = compare(sums, Comparison.AT_MOST, first * (1 - RESPONSE_SHARE))
    category = np.where(shrunk == TRUE, PARTIAL, STABLE)
    category = np.where(sums == 0, COMPLETE, category)
    category = np.where(grown == TRUE, PROGRESSIVE, category)
    missing = np.isnan(first) | np.isnan(lowest) | np.isnan(sums)
    return np.where(missing, NOT_EVALUABLE, category).astype(np.int8)
