"""Inverses of a stack of small symmetric matrices, each the same alone as in the stack."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

_TOLERANCE = 1e-11
"""A pivot smaller than this share of its diagonal entry says that the columns depend on each other."""


def inverse(matrices: Floats) -> tuple[Floats, Booleans]:
    """Return the inverse of symmetric, positive definite matrices and where they have one.

    By sweeping the columns in order (Gauss-Jordan); shape (trials, p, p), with p small.  NaN and False where
    a pivot vanishes.
    """
    size = matrices.shape[-1]
    left = matrices.astype(float).copy()
    right = np.broadcast_to(np.eye(size), left.shape).copy()
    diagonal = np.einsum("tjj->tj", matrices, optimize=False)
    regular = np.ones(left.shape[0], dtype=bool)
    for column in range(size):
        pivot = left[:, column, column]
        regular &= np.isfinite(pivot) & (pivot > _TOLERANCE * np.abs(diagonal[:, column])) & (pivot > 0)
        pivot = np.where(regular, pivot, 1.0)[:, np.newaxis]
        left[:, column, :] /= pivot
        right[:, column, :] /= pivot
        for row in range(size):
            if row != column:
                factor = left[:, row, column].copy()[:, np.newaxis]
                left[:, row, :] -= factor * left[:, column, :]
                right[:, row, :] -= factor * right[:, column, :]
    return np.where(regular[:, np.newaxis, np.newaxis], right, np.nan), regular


def product(matrices: Floats, vectors: Floats) -> Floats:
    """Return the product of each matrix with its vector, shape (trials, p)."""
    return np.asarray(np.einsum("tjk,tk->tj", matrices, vectors, optimize=False), dtype=float)


def quadratic_form(matrices: Floats, vectors: Floats) -> Floats:
    """Return v'Mv of each trial, shape (trials,)."""
    return np.asarray(np.einsum("tj,tj->t", vectors, product(matrices, vectors), optimize=False), dtype=float)
