"""Columns of a design that are combinations of others, and whether what is asked depends on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.mmrm_likelihood import sweep
from euexia.statistics.mmrm_moments import SubjectDesign

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ALIASED = 1e-10
"""A column with less than this share of its square left, given earlier columns, is a combination of them."""
_NOTHING = 1e-6
"""Relative rounding of a combination that should be zero."""


def aliases(information: Floats) -> tuple[Flags, Floats]:
    """Return which columns are combinations of earlier ones, and the inverse of X'X of the others.

    information: X'X, shape (trials, p, p).  The inverse has one on the diagonal of the aliased columns.
    """
    diagonal = np.diagonal(information, axis1=1, axis2=2)
    aliased = np.asarray(diagonal <= 0.0)
    scale = 1.0 / np.sqrt(np.where(aliased, 1.0, diagonal))
    left = information * scale[:, :, None] * scale[:, None, :]
    for column in range(information.shape[1]):
        pivot = left[:, column, column].copy()
        gone = pivot <= _ALIASED
        aliased[:, column] |= gone
        row = np.where(gone[:, None], 0.0, left[:, column] / np.where(gone, 1.0, pivot)[:, None])
        left = left - left[:, :, column, None] * row[:, None, :]
    kept = ~aliased
    both = kept[:, :, None] & kept[:, None, :]
    safe = np.where(both, information, 0.0) + np.eye(information.shape[1]) * aliased[:, None, :]
    return aliased, sweep(safe)[0]


def kept_columns(values: Floats, design: SubjectDesign, combinations: Floats) -> Flags:
    r"""Return the columns to keep, those that are no combination of earlier ones; shape (trials, p).

    A column is left out only if the combinations asked for do not depend on it: with n a combination of
    columns that is zero for every observation, c'n = 0 (estimability, textbook).  If they do, as without any
    patient in an arm, every column is kept, and the fit will say which are aliased.

    values: (trials, subjects, visits), NaN where missing.  combinations: (trials, rows, p).
    """
    complete = np.asarray(np.isfinite(design.columns).all(axis=-1))
    columns = np.where(complete[..., None], design.columns, 0.0)
    count, visits = design.lift.shape[:2]
    information = np.zeros((values.shape[0], count, count))
    for visit in range(visits):
        seen = np.isfinite(values[:, :, visit]) & complete
        squares = columns.swapaxes(1, 2) @ (columns * seen[..., None])
        information += design.lift[:, visit] @ squares @ design.lift[:, visit].T
    aliased, inverse = aliases(information)
    nothing = np.where(aliased[:, :, None], 0.0, inverse @ information) - np.eye(count)
    nothing = np.where(aliased[:, None, :], nothing, 0.0)
    apart = np.abs(combinations @ nothing)
    size = np.abs(combinations) @ np.abs(nothing)
    estimable = np.asarray((apart <= _NOTHING * size).all(axis=(1, 2)))
    return ~(aliased & estimable[:, None])
