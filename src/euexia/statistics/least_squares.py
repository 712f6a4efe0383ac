"""Least squares for a stack of designs by sweeping, column after column.

Designs are lists of columns, each of shape (trials, subjects), zero where a subject is not analysed.  Every
sum runs over the subjects of one trial only, so neighbours in the stack change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TOLERANCE = 1e-11
"""A column keeping less than this share of its sum of squares beside the earlier columns is aliased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Least squares per trial: coefficients, inverse of X'X, which columns were kept, residuals."""

    coefficients: Floats
    """Shape (trials, columns); 0 for an aliased column."""
    inverse: Floats
    """(X'X)^-1 of the columns that were kept, 0 elsewhere; shape (trials, columns, columns)."""
    kept: Flags
    """Shape (trials, columns)."""
    residuals: Floats
    """Shape (trials, subjects); 0 where not analysed."""
    squares: Floats
    """Residual sum of squares, shape (trials,)."""

    @property
    def rank(self) -> Floats:
        """Return the number of columns kept, per trial."""
        return np.asarray(self.kept.sum(axis=1), dtype=float)


def gram(columns: Sequence[Floats]) -> Floats:
    """Return X'X per trial, shape (trials, columns, columns)."""
    width = len(columns)
    products = np.empty((columns[0].shape[0], width, width))
    for i, left in enumerate(columns):
        for j in range(i + 1):
            products[:, i, j] = products[:, j, i] = (left * columns[j]).sum(axis=1)
    return products


def sweep(matrices: Floats, scale: Floats) -> tuple[Floats, Flags]:
    r"""Invert symmetric positive semi-definite matrices, leaving out columns that earlier ones explain.

    .. math:: A_{ij} \leftarrow A_{ij} - A_{ik} A_{kj} / A_{kk}, \quad
              A_{ik} \leftarrow A_{ik} / A_{kk}, \quad A_{kk} \leftarrow -1 / A_{kk}

    matrices: shape (trials, p, p).  scale: size against which a pivot is judged to be zero, (trials, p).
    Returns the generalised inverses and which columns were kept.
    Source: Goodnight, The American Statistician 1979;33:149-158.
    """
    work = matrices.copy()
    kept = np.zeros(scale.shape, dtype=bool)
    for k in range(work.shape[1]):
        pivot = work[:, k, k]
        kept[:, k] = pivot > TOLERANCE * scale[:, k]
        safe = np.where(kept[:, k], pivot, 1.0)
        row = work[:, k, :] / safe[:, np.newaxis]
        swept = work - work[:, :, k, np.newaxis] * row[:, np.newaxis, :]
        swept[:, k, :] = row
        swept[:, :, k] = row
        swept[:, k, k] = -1.0 / safe
        work = np.where(kept[:, k, np.newaxis, np.newaxis], swept, work)
    both = kept[:, :, np.newaxis] & kept[:, np.newaxis, :]
    return np.where(both, -work, 0.0), kept


def multiply(matrices: Floats, vectors: Floats) -> Floats:
    """Return matrix times vector per trial; shapes (trials, q, p) and (trials, p).

    One product after the other: columns of zeros, such as a level seen only by neighbours, change nothing.
    """
    total = np.zeros(matrices.shape[:2])
    for k in range(matrices.shape[2]):
        total += matrices[:, :, k] * vectors[:, k, np.newaxis]
    return total


def sandwich(outer: Floats, inner: Floats) -> Floats:
    """Return A B A' per trial, with sums in a fixed order; A of shape (trials, q, p), B (trials, p, p)."""
    return product(product(outer, inner), np.swapaxes(outer, 1, 2))


def product(left: Floats, right: Floats) -> Floats:
    """Return the matrix product per trial, with sums in a fixed order."""
    total = np.zeros((left.shape[0], left.shape[1], right.shape[2]))
    for k in range(left.shape[2]):
        total += left[:, :, k, np.newaxis] * right[:, np.newaxis, k, :]
    return total


def solve(columns: Sequence[Floats], values: Floats, scale: Floats) -> Solution:
    r"""Return the least-squares fit of values on columns, with one step of refinement.

    .. math:: b = (X^\top X)^- X^\top y, \quad b \leftarrow b + (X^\top X)^- X^\top (y - X b)

    columns: each (trials, subjects), zero where not analysed.  values: y, the same shape, zero where not
    analysed.  scale: (trials, columns), see ``sweep``.
    """
    inverse, kept = sweep(gram(columns), scale)
    coefficients = np.zeros(scale.shape)
    residuals = values
    for _ in range(2):
        step = np.stack([(column * residuals).sum(axis=1) for column in columns], axis=1)
        coefficients = coefficients + multiply(inverse, step)
        residuals = values - sum(
            (column * coefficients[:, place, np.newaxis] for place, column in enumerate(columns)),
            np.zeros_like(values),
        )
    return Solution(
        coefficients=coefficients,
        inverse=inverse,
        kept=kept,
        residuals=residuals,
        squares=(residuals**2).sum(axis=1),
    )


def leverages(columns: Sequence[Floats], inverse: Floats) -> Floats:
    """Return the diagonal of the hat matrix, shape (trials, subjects)."""
    total = np.zeros_like(columns[0])
    for i, left in enumerate(columns):
        for j, right in enumerate(columns):
            total += left * right * inverse[:, i, j, np.newaxis]
    return total
