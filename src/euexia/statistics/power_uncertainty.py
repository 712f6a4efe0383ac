"""What a power is worth that was estimated at many draws of uncertain numbers, with few trials at each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DEGREE = 2
"""Of the polynomial by which power follows one number."""
BOOTSTRAPS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Expected power, and where its doubt comes from.

    variance: of the power itself over the draws, the Monte-Carlo part taken away; never negative.
    monte_carlo: variance that the estimates have on top, because the trials at each draw are few.
    """

    expected: float
    error: float
    variance: float
    monte_carlo: float
    draws: int

    @property
    def error_of_draws(self) -> float:
        """Return the standard error of the expected power that more draws would take away."""
        return float(np.sqrt(self.variance / self.draws))

    @property
    def error_of_trials(self) -> float:
        """Return the standard error of the expected power that more trials at each draw would take away."""
        return float(np.sqrt(self.monte_carlo / self.draws))


def split(successes: Floats, trials: int) -> Split:
    r"""Return expected power with the two parts of its error.

    .. math:: \widehat{\mathrm{Var}}_\theta(p) = s^2_{\hat p} - \overline{\hat p (1 - \hat p)} / (m - 1)

    successes: share at each draw, shape (draws,).  trials: m at each draw, at least 2.
    """
    draws = len(successes)
    inner = float(np.mean(successes * (1 - successes))) / (trials - 1)
    total = float(np.var(successes, ddof=1)) if draws > 1 else inner
    return Split(
        expected=float(np.mean(successes)),
        error=float(np.sqrt(total / draws)),
        variance=max(total - inner, 0.0),
        monte_carlo=min(inner, total),
        draws=draws,
    )


def beta_of(expected: float, variance: float) -> tuple[float, float] | None:
    """Return the beta distribution of that mean and variance; None where there is none or no spread."""
    if not 0 < expected < 1 or not 0 < variance < expected * (1 - expected):
        return None
    total = expected * (1 - expected) / variance - 1
    return expected * total, (1 - expected) * total


def chance_above(expected: float, variance: float, limit: float) -> float:
    """Return the probability that the power is at least a limit, its distribution taken as beta."""
    from scipy.stats import beta

    shape = beta_of(expected, variance)
    if shape is None:
        return float(expected >= limit)
    return float(beta.sf(limit, *shape))


def expected_better(expected: float, variance: float, limit: float) -> float:
    """Return the mean of the larger of power and limit, the power's distribution taken as beta."""
    from scipy.stats import beta

    shape = beta_of(expected, variance)
    if shape is None:
        return max(expected, limit)
    first, second = shape
    above = expected * float(beta.sf(limit, first + 1, second))
    return above + limit * float(beta.cdf(limit, first, second))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What the power owes to one number.

    index: share of the variance of the power that knowing the number would take away (first order), with
    error.  slope: mean change of power from the lowest to the highest tenth of its draws.  value: what
    knowing it is worth, as ``value_of_knowing`` says, with error.
    """

    index: float
    index_error: float
    slope: float
    value: float
    value_error: float


def shares(
    numbers: Floats, successes: Floats, trials: int, *, limit: float, resamples: NDArray[np.int64]
) -> tuple[Share, ...]:
    r"""Return the share of each number in the variance of the power.

    The conditional expectation is a polynomial in the ranks of the number; its variance is adjusted for the
    terms that were fitted, and divided by the variance of the power without its Monte-Carlo part:

    .. math:: S_j = \mathrm{Var}(E[p \mid \theta_j]) / \mathrm{Var}_\theta(p)

    numbers: shape (draws, numbers).  resamples: rows of each bootstrap, shape (bootstraps, draws).
    """
    ranks = _ranks(numbers)
    variance = split(successes, trials).variance
    whole = _indices(ranks, successes, variance, limit)
    again = np.stack(
        [_indices(ranks[rows], successes[rows], variance, limit) for rows in resamples]
    )  # bootstraps, numbers, 2; over one variance, for that of few draws may be next to nothing
    errors = again.std(axis=0, ddof=1)
    low, high = ranks <= 0.1, ranks >= 0.9
    slopes = [
        float(successes[high[:, place]].mean() - successes[low[:, place]].mean())
        if low[:, place].any() and high[:, place].any()
        else float("nan")
        for place in range(numbers.shape[1])
    ]
    return tuple(
        Share(
            index=float(whole[place, 0]),
            index_error=float(errors[place, 0]),
            slope=slopes[place],
            value=float(whole[place, 1]),
            value_error=float(errors[place, 1]),
        )
        for place in range(numbers.shape[1])
    )


def _ranks(numbers: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray((rankdata(numbers, axis=0) - 0.5) / len(numbers))


def _indices(ranks: Floats, successes: Floats, variance: float, limit: float) -> Floats:
    """Return index and value of each number, shape (numbers, 2); variance: of the power over all draws."""
    total = float(np.var(successes, ddof=1))
    rows = []
    for place in range(ranks.shape[1]):
        fitted, share = conditional_mean(ranks[:, place], successes)
        index = share * total / variance if variance > 0 else 0.0
        rows.append((index, value_of_knowing(fitted, limit)))
    return np.array(rows)


def conditional_mean(rank: Floats, successes: Floats) -> tuple[Floats, float]:
    """Return the power to be expected at each value of a number, and the share of variance it explains.

    The share is adjusted for the fitted terms and may be a little below 0; the expectation is drawn in
    towards the mean by as much, and is the mean alone where nothing is left.
    """
    centred = 2 * rank - 1
    basis = np.stack([centred**power for power in range(DEGREE + 1)], axis=1)
    coefficients, *_ = np.linalg.lstsq(basis, successes, rcond=None)
    fitted = basis @ coefficients
    middle = float(successes.mean())
    total = float(((successes - middle) ** 2).sum())
    draws = len(successes)
    if total == 0 or draws <= DEGREE + 1:
        return np.full(draws, middle), 0.0
    plain = 1 - float(((successes - fitted) ** 2).sum()) / total
    adjusted = 1 - (1 - plain) * (draws - 1) / (draws - DEGREE - 1)
    shrinkage = np.sqrt(max(adjusted, 0.0) / plain) if plain > 0 else 0.0
    return middle + shrinkage * (fitted - middle), adjusted


def value_of_knowing(expected: Floats, limit: float) -> float:
    r"""Return what it is worth to know a number before deciding whether to run a trial.

    A trial is worth running when its power is above a limit; without it one has that limit.  Knowing more
    lets one decide case by case:

    .. math:: E[\max(E[p \mid \theta_j], l)] - \max(E[p], l)

    in units of power.  expected: power to be expected at each draw of the number.
    """
    return float(np.maximum(expected, limit).mean() - max(float(expected.mean()), limit))
