"""The methods of one trial as a textbook tells them: slow, short, and what the fast ones are held to.

Every function takes one trial as plain arrays without missing values.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def least_squares_difference(
    values: Floats, treated: NDArray[np.bool_], covariates: Floats
) -> tuple[float, float]:
    r"""Return the coefficient of the treated and its standard error.

    .. math:: \hat\beta = (X^\top X)^{-1} X^\top y, \quad V = \frac{e^\top e}{n - p} (X^\top X)^{-1}

    with X holding a constant, the treated and the covariates; covariates: shape (subjects, covariates).
    """
    design = np.column_stack([np.ones(values.size), treated, covariates])
    coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
    residual = values - design @ coefficients
    variance = residual @ residual / (values.size - design.shape[1]) * np.linalg.inv(design.T @ design)
    return float(coefficients[1]), float(np.sqrt(variance[1, 1]))


def rank_sum_p_value(treated: Floats, controls: Floats) -> float:
    """Return the exact two-sided p-value of the rank sum by dealing out the treated in every way."""
    together = np.concatenate([treated, controls])
    ranks = np.array([(together < v).sum() + ((together == v).sum() + 1) / 2 for v in together])
    middle = treated.size * ranks.mean()
    observed = abs(ranks[: treated.size].sum() - middle)
    sums = [ranks[list(chosen)].sum() for chosen in combinations(range(together.size), treated.size)]
    return float(np.mean([abs(total - middle) >= observed - 1e-9 for total in sums]))


def median_of_differences(treated: Floats, controls: Floats) -> float:
    """Return the median of all differences between a treated and a control."""
    return float(np.median([one - zero for one in treated for zero in controls]))


def logistic_coefficients(response: Floats, design: Floats) -> Floats:
    r"""Return the maximum of the likelihood by Newton's method, which must exist.

    .. math:: \beta \leftarrow \beta + (X^\top W X)^{-1} X^\top (y - \pi)
    """
    coefficients = np.zeros(design.shape[1])
    for _ in range(50):
        chance = expit(design @ coefficients)
        information = design.T @ (design * (chance * (1.0 - chance))[:, np.newaxis])
        coefficients = coefficients + np.linalg.solve(information, design.T @ (response - chance))
    return coefficients


def marginal_difference(response: Floats, treated: NDArray[np.bool_], covariates: Floats) -> float:
    """Return the mean, over all patients, of the fitted chance if treated less that if not."""

    def design(arm: NDArray[np.bool_]) -> Floats:
        return np.column_stack([np.ones(response.size), arm, covariates])

    coefficients = logistic_coefficients(response, design(treated))
    everyone = np.ones(response.size, dtype=bool)
    return float(np.mean(expit(design(everyone) @ coefficients) - expit(design(~everyone) @ coefficients)))


def cmh_statistic(response: Floats, treated: NDArray[np.bool_], stratum: Integers) -> float:
    """Return the Cochran-Mantel-Haenszel statistic without correction, patient by patient."""
    excess, variance = 0.0, 0.0
    for level in np.unique(stratum):
        y, arm = response[stratum == level], treated[stratum == level]
        size = y.size
        if size < 2:
            continue
        excess += y[arm].sum() - arm.sum() * y.sum() / size
        variance += arm.sum() * (~arm).sum() * y.sum() * (size - y.sum()) / (size**2 * (size - 1))
    return float(excess**2 / variance)


def dunnett_tail(limit: float, sizes: Integers, freedom: int, draws: int, seed: int) -> float:
    """Return the simulated chance that some |T| exceeds the limit; sizes: the control's first."""
    rng = np.random.default_rng(seed)
    means = rng.standard_normal((draws, sizes.size)) / np.sqrt(sizes)
    spread = np.sqrt(rng.chisquare(freedom, draws) / freedom)
    t = (means[:, 1:] - means[:, :1]) / np.sqrt(1.0 / sizes[1:] + 1.0 / sizes[0]) / spread[:, np.newaxis]
    return float((np.abs(t).max(axis=1) > limit).mean())
