r"""The likelihood of a mixed model for repeated measures, its score and its information, for many trials.

With y_i the observed values of patient i, X_i their design and V_i the rows and columns of Sigma they were
observed at,

.. math:: -2\ell = N\log 2\pi + \sum_i \log|V_i| + \sum_i r_i' V_i^{-1} r_i, \qquad r_i = y_i - X_i\hat\beta

and for REML, in addition, log|X'V^{-1}X| - p log 2 pi.  All derivatives are taken with respect to the entries
of Sigma on and below its diagonal; structures follow by the chain rule.  With P = V^{-1} - V^{-1} X Phi X'
V^{-1}, Phi = (X'V^{-1}X)^{-1} and Sigma_j the unit matrix of entry j (REML):

.. math:: \partial_j = \mathrm{tr}(P\Sigma_j) - y'P\Sigma_jPy, \quad
          \partial_{ij} = -\mathrm{tr}(P\Sigma_iP\Sigma_j) + 2 y'P\Sigma_iP\Sigma_jPy, \quad
          E[\partial_{ij}] = \mathrm{tr}(P\Sigma_iP\Sigma_j)

Textbook algebra; see Lindstrom and Bates, Journal of the American Statistical Association 1988;83:1014-1022,
and Searle, Casella and McCulloch, Variance Components, 1992, chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.covariance import lower_triangle
from euexia.statistics.mmrm_moments import Moments

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SMALLEST_PIVOT = 1e-11
"""A pivot below this share of its diagonal element means that a matrix is singular to working accuracy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The likelihood at given covariance matrices.

    objective: -2 log likelihood, (trials,), NaN where Sigma is not positive definite.  positive: (trials,).
    coefficients: beta, (trials, p).  spread: Phi, (trials, p, p).  weights: inverse of the observed part of
    Sigma, zero elsewhere, (trials, patterns, visits, visits).
    """

    objective: Floats
    positive: Flags
    coefficients: Floats
    spread: Floats
    weights: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Curvature:
    """Score and information with respect to the entries of Sigma, group after group.

    gradient: of -2 log likelihood, (trials, q).  observed, expected: its Hessian and the expectation of it,
    (trials, q, q).  slopes: Phi F_j Phi = d Phi / d entry j, (trials, q, p, p).
    """

    gradient: Floats
    observed: Floats
    expected: Floats
    slopes: Floats


def sweep(matrices: Floats, tolerance: float = _SMALLEST_PIVOT) -> tuple[Floats, Floats, Flags]:
    """Return inverse, log determinant and positive definiteness of symmetric matrices, shape (..., d, d).

    The sweep operator (Beaton 1964, textbook) on the matrix scaled to a diagonal of one, in which pivots
    fall from one towards nothing; the same operations for every matrix of a stack.  Where not positive
    definite the inverse is the identity and the determinant NaN.
    """
    size = matrices.shape[-1]
    diagonal = np.diagonal(matrices, axis1=-2, axis2=-1)
    pivots = np.empty(diagonal.shape)
    with np.errstate(all="ignore"):  # of matrices that are not positive definite
        scale = 1.0 / np.sqrt(diagonal)
        both = scale[..., :, None] * scale[..., None, :]
        work = matrices * both
        for step in range(size):
            pivot = work[..., step, step].copy()
            pivots[..., step] = pivot
            column = work[..., step].copy()
            column[..., step] -= 1.0
            work -= column[..., :, None] * (column / pivot[..., None])[..., None, :]
            work[..., step, step] = -1.0 / pivot
        positive: Flags = np.asarray((pivots > tolerance).all(axis=-1) & np.isfinite(work).all(axis=(-2, -1)))
        log_determinant: Floats = np.log(pivots * diagonal).sum(axis=-1)
        inverse = np.where(positive[..., None, None], -work * both, np.eye(size))
        log_determinant = np.where(positive, log_determinant, np.nan)
    return inverse, log_determinant, positive


def total(parts: Floats) -> Floats:
    """Sum over the second axis in its order, so that the result is that of one trial alone."""
    result = parts[:, 0].copy()
    for place in range(1, parts.shape[1]):
        result += parts[:, place]
    return result


def evaluate(moments: Moments, sigma: Floats, *, restricted: bool) -> Value:
    """Return the likelihood and the coefficients at sigma, shape (trials, groups, visits, visits)."""
    seen = moments.observed
    both = seen[..., :, None] * seen[..., None, :]
    visits = seen.shape[-1]
    part = sigma[:, moments.group_of] * both
    diagonal = np.arange(visits)
    part[..., diagonal, diagonal] += 1.0 - seen
    inverse, log_determinants, positive = sweep(part)
    proper = np.asarray(positive.all(axis=-1))
    weights = np.where(proper[:, None, None, None], inverse, np.eye(visits)) * both
    information, moment = normal_equations(moments, weights)
    spread, log_information, estimable = sweep(information)
    coefficients = (spread @ moment[..., None])[..., 0]
    fit = (coefficients * moment).sum(axis=-1)
    squares = total((weights * moments.products).sum(axis=(-2, -1))) - fit
    observations = total((moments.counts * seen.sum(axis=-1))[..., None])[..., 0]
    count = coefficients.shape[-1]
    with np.errstate(invalid="ignore"):  # NaN where not positive definite
        objective = total((moments.counts * log_determinants)[..., None])[..., 0] + squares
    objective += (observations - (count if restricted else 0)) * np.log(2.0 * np.pi)
    if restricted:
        objective += log_information
    usable = proper & estimable & np.isfinite(objective)
    return Value(
        objective=np.where(usable, objective, np.nan),
        positive=usable,
        coefficients=coefficients,
        spread=spread,
        weights=weights,
    )


def normal_equations(moments: Moments, weights: Floats) -> tuple[Floats, Floats]:
    """Return X'WX and X'Wy, shapes (trials, p, p) and (trials, p)."""
    trials, patterns, visits, _ = weights.shape
    width = moments.squares.shape[-1]
    flat = weights.reshape(trials, patterns, visits * visits).swapaxes(1, 2)
    sums = flat @ moments.squares.reshape(trials, patterns, width * width)
    information = lifted(sums.reshape(trials, visits, visits, width, width), moments.lift)
    crosses = total(moments.crosses @ weights).swapaxes(1, 2).reshape(trials, visits * width, 1)
    return information, (moments.lift @ crosses)[..., 0]


def lifted(sums: Floats, lift: Floats) -> Floats:
    """Return L S L' of sums by pairs of visits, shape (..., visits, visits, k, k), as (..., p, p)."""
    *lead, visits, _, width, _ = sums.shape
    wide = np.ascontiguousarray(sums.swapaxes(-3, -2)).reshape(*lead, visits * width, visits * width)
    return lift @ wide @ lift.T


def residual_moments(moments: Moments, coefficients: Floats) -> tuple[Floats, Floats]:
    """Return sums of u r' and of r r' by pattern, shapes (..., k, visits) and (..., visits, visits)."""
    trials = coefficients.shape[0]
    width, visits = moments.crosses.shape[-2:]
    gamma = (coefficients[:, None, :] @ moments.lift).reshape(trials, 1, visits, width)
    seen = moments.observed
    with_columns = (moments.crosses - moments.squares @ gamma.swapaxes(-1, -2)) * seen[..., None, :]
    with_values = moments.products - moments.crosses.swapaxes(-1, -2) @ gamma.swapaxes(-1, -2)
    squares = with_values - gamma @ with_columns
    return with_columns, squares * seen[..., :, None] * seen[..., None, :]


def leverages(moments: Moments, spread: Floats) -> Floats:
    """Return sums of X_i Phi X_i' by pattern, shape (trials, patterns, visits, visits)."""
    trials, patterns, width, _ = moments.squares.shape
    visits = moments.crosses.shape[-1]
    wide = (moments.lift.T @ spread @ moments.lift).reshape(trials, visits, width, visits, width)
    wide = np.ascontiguousarray(wide.swapaxes(2, 3)).reshape(trials, visits * visits, width * width)
    sums = moments.squares.reshape(trials, patterns, width * width) @ wide.swapaxes(1, 2)
    return sums.reshape(trials, patterns, visits, visits)


def curvature(moments: Moments, value: Value, *, restricted: bool) -> Curvature:
    """Return score and information at a value of the likelihood."""
    weights, spread = value.weights, value.spread
    with_columns, residuals = residual_moments(moments, value.coefficients)
    scatter = residuals + leverages(moments, spread) if restricted else residuals
    shape = (*weights.shape[:2], 1, 1)
    base = moments.counts.reshape(shape) * weights
    quadratic = weights @ scatter @ weights
    fixed = weights @ (scatter - residuals) @ weights
    gradients, observed, expected, forces, slopes = [], [], [], [], []
    for group in range(moments.groups):
        part = moments.group_of == group
        gradients.append(_by_entry(total((base - quadratic)[:, part])))
        observed.append(_pairs((2.0 * quadratic - base)[:, part], weights[:, part]))
        expected.append(_pairs((base - 2.0 * fixed)[:, part], weights[:, part]))
        forces.append(_forces(with_columns[:, part], weights[:, part], moments.lift))
        slopes.append(information_slopes(moments.squares[:, part], weights[:, part], moments.lift))
    force = np.concatenate(forces, axis=1)
    scaled = spread[:, None] @ np.concatenate(slopes, axis=1)
    trials, size, count, _ = scaled.shape
    joint = -2.0 * (force @ spread) @ force.swapaxes(1, 2)
    hessian, mean = _blocks(observed) + joint, _blocks(expected)
    if restricted:
        flat = scaled.reshape(trials, size, count * count)
        turned = scaled.swapaxes(-1, -2).reshape(trials, size, count * count)
        shared = flat @ turned.swapaxes(1, 2)
        hessian, mean = hessian - shared, mean + shared
    return Curvature(
        gradient=np.concatenate(gradients, axis=1),
        observed=(hessian + hessian.swapaxes(1, 2)) / 2.0,
        expected=(mean + mean.swapaxes(1, 2)) / 2.0,
        slopes=scaled @ spread[:, None],
    )


def information_slopes(squares: Floats, weights: Floats, lift: Floats) -> Floats:
    """Return F_j = X'V^-1 Sigma_j V^-1 X for each entry of one group's Sigma, (trials, entries, p, p)."""
    trials, patterns, visits, _ = weights.shape
    width = squares.shape[-1]
    rows, columns = lower_triangle(visits)
    size = rows.size * visits * visits
    outer = weights[:, :, rows, :, None] * weights[:, :, columns, None, :]
    flat = outer.reshape(trials, patterns, size).swapaxes(1, 2)
    sums = flat @ squares.reshape(trials, patterns, width * width)
    half = lifted(sums.reshape(trials, rows.size, visits, visits, width, width), lift)
    once = (rows == columns)[:, None, None]
    return np.where(once, half, half + half.swapaxes(-1, -2))


def _forces(with_columns: Floats, weights: Floats, lift: Floats) -> Floats:
    """Return X'V^-1 Sigma_j V^-1 r for each entry, (trials, entries, p)."""
    trials, patterns, visits, _ = weights.shape
    width = with_columns.shape[-2]
    rows, columns = lower_triangle(visits)
    weighted = (with_columns @ weights).reshape(trials, patterns, width * visits)
    flat = weights.reshape(trials, patterns, visits * visits).swapaxes(1, 2)
    sums = (flat @ weighted).reshape(trials, visits, visits, width, visits)  # t, visit of x, k, s
    sums = sums.transpose(0, 1, 4, 2, 3).reshape(trials, visits, visits, visits * width)
    pairs = sums[:, rows, columns] + np.where((rows == columns)[:, None], 0.0, sums[:, columns, rows])
    return pairs @ lift.T


def _pairs(first: Floats, second: Floats) -> Floats:
    """Return sums of tr(Z Sigma_i Q Sigma_j) over patterns, (trials, entries, entries)."""
    trials, patterns, visits, _ = first.shape
    flat = first.reshape(trials, patterns, visits * visits).swapaxes(1, 2)
    sums = flat @ second.reshape(trials, patterns, visits * visits)
    sums = sums.reshape((trials, visits, visits, visits, visits))  # a b of Z, c d of Q
    wide = sums.transpose(0, 2, 3, 4, 1).reshape(trials, visits**2, visits**2)
    spread = duplication(visits)
    return spread.T @ wide @ spread


@lru_cache(maxsize=64)
def duplication(visits: int) -> Floats:
    """Return the matrix that writes entries on and below the diagonal as a full matrix, row by row."""
    rows, columns = lower_triangle(visits)
    result = np.zeros((visits * visits, rows.size))
    place = np.arange(rows.size)
    result[rows * visits + columns, place] = 1.0
    result[columns * visits + rows, place] = 1.0
    return result


def _by_entry(full: Floats) -> Floats:
    """Return tr(W Sigma_j) for each entry of symmetric W, (trials, entries)."""
    rows, columns = lower_triangle(full.shape[-1])
    return np.where(rows == columns, 1.0, 2.0) * full[:, rows, columns]


def _blocks(parts: list[Floats]) -> Floats:
    """Return a block diagonal stack."""
    if len(parts) == 1:
        return parts[0]
    trials = parts[0].shape[0]
    sizes = [part.shape[1] for part in parts]
    result = np.zeros((trials, sum(sizes), sum(sizes)))
    begin = 0
    for part, size in zip(parts, sizes, strict=True):
        result[:, begin : begin + size, begin : begin + size] = part
        begin += size
    return result
