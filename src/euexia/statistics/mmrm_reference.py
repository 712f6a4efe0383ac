"""The mixed model for repeated measures as textbooks write it: slow and plain, to check the fast one by.

One data set, one matrix per patient, the likelihood from its definition, its maximum by a general optimiser,
derivatives by differences.  Nothing here is shared with the fast implementation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFit:
    """One fitted model: -2 log likelihood, beta, Phi, Sigma and the Satterthwaite freedom of each beta."""

    objective: float
    coefficients: Floats
    covariance: Floats
    sigma: Floats
    freedom: Floats


def generalised_least_squares(values: Floats, design: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    r"""Return beta = (sum X'V^-1 X)^-1 sum X'V^-1 y and the inverse that is its covariance.

    values: (subjects, visits), NaN where missing.  design: (subjects, visits, p).  sigma: (visits, visits).
    """
    count = design.shape[2]
    information, moment = np.zeros((count, count)), np.zeros(count)
    for y, x in zip(values, design, strict=True):
        seen = ~np.isnan(y)
        if seen.any():
            v = sigma[np.ix_(seen, seen)]
            information += x[seen].T @ np.linalg.solve(v, x[seen])
            moment += x[seen].T @ np.linalg.solve(v, y[seen])
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return covariance @ moment, covariance


def minus_twice_log_likelihood(values: Floats, design: Floats, sigma: Floats, *, restricted: bool) -> float:
    r"""Return the likelihood at sigma, patient by patient.

    .. math:: N\log 2\pi + \sum\log|V_i| + \sum r_i'V_i^{-1}r_i
              \;[ - p\log 2\pi + \log|\sum X_i'V_i^{-1}X_i| ]
    """
    beta, covariance = generalised_least_squares(values, design, sigma)
    result = 0.0
    for y, x in zip(values, design, strict=True):
        seen = ~np.isnan(y)
        if seen.any():
            v = sigma[np.ix_(seen, seen)]
            r = y[seen] - x[seen] @ beta
            result += seen.sum() * np.log(2.0 * np.pi) + np.linalg.slogdet(v)[1] + r @ np.linalg.solve(v, r)
    if restricted:
        result -= design.shape[2] * np.log(2.0 * np.pi) + np.linalg.slogdet(covariance)[1]
    return float(result)


def unstructured(parameters: Floats, visits: int) -> Floats:
    """Return L L', L lower triangular; the first parameters are the logarithms of its diagonal."""
    factor = np.diag(np.exp(parameters[:visits]))
    factor[np.tril_indices(visits, -1)] = parameters[visits:]
    return np.asarray(factor @ factor.T)


def fit_plainly(
    values: Floats,
    design: Floats,
    *,
    restricted: bool = True,
    sigma_of: Callable[[Floats, int], Floats] = unstructured,
    begin: Floats | None = None,
) -> PlainFit:
    """Fit one data set by a general optimiser.

    values: (subjects, visits), NaN where missing.  design: (subjects, visits, p).  sigma_of: the covariance
    matrix from its parameters and the number of visits.  begin: where to start.
    """
    visits = values.shape[1]
    if begin is None:
        begin = np.zeros(visits * (visits + 1) // 2)
        begin[:visits] = 0.5 * np.log(np.nanvar(values, axis=0))

    def objective(parameters: Floats) -> float:
        sigma = sigma_of(parameters, visits)
        if not np.isfinite(sigma).all() or np.linalg.eigvalsh(sigma)[0] <= 0.0:
            return 1e12
        return minus_twice_log_likelihood(values, design, sigma, restricted=restricted)

    point = np.asarray(begin, dtype=float)
    for _ in range(3):  # starting again forgets a poor estimate of the curvature
        point = minimize(objective, point, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000}).x
    sigma = sigma_of(point, visits)
    beta, covariance = generalised_least_squares(values, design, sigma)
    return PlainFit(
        objective=objective(point),
        coefficients=beta,
        covariance=covariance,
        sigma=sigma,
        freedom=_satterthwaite(values, design, point, sigma_of, objective),
    )


def _satterthwaite(
    values: Floats,
    design: Floats,
    point: Floats,
    sigma_of: Callable[[Floats, int], Floats],
    objective: Callable[[Floats], float],
) -> Floats:
    r"""Return 2 v^2 / (g'Wg) for each coefficient, W = 2 H^{-1}, all derivatives by central differences."""
    visits = values.shape[1]
    step = 1e-4

    def variances(parameters: Floats) -> Floats:
        return np.diag(generalised_least_squares(values, design, sigma_of(parameters, visits))[1])

    size = point.size
    moves = step * np.eye(size)
    gradient = np.array([(variances(point + move) - variances(point - move)) / (2 * step) for move in moves])
    hessian = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            ahead = objective(point + moves[i] + moves[j]) - objective(point + moves[i] - moves[j])
            behind = objective(point - moves[i] + moves[j]) - objective(point - moves[i] - moves[j])
            hessian[i, j] = (ahead - behind) / (4 * step**2)
    uncertainty = 2.0 * np.linalg.inv(hessian)
    spread = np.einsum("ic,ij,jc->c", gradient, uncertainty, gradient)
    return np.asarray(2.0 * variances(point) ** 2 / spread)
