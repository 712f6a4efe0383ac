r"""Draws of the imputation model's parameters: what the data leave open about means and covariance.

Bayesian draws come from data augmentation: in turn the missing values, then B, then Sigma are drawn given the
rest; the prior of B is flat, that of Sigma a choice.  Each draw is the end of a chain of its
own, started at the maximum of the likelihood, so draws are independent; chains run side by side.  Approximate
draws are fits to bootstrap samples (subjects drawn within arms), or to all samples without one subject
(jackknife, not draws but what its variance is computed from).

Chance is addressed: every number is a function of seed, trial, draw, subject, iteration and visit, and so
does not depend on how many draws are asked for or how they are chunked.
Source: Tanner and Wong, JASA 1987;82:528-540; Carpenter, Roger and Kenward, Journal of Biopharmaceutical
Statistics 2013;23:1352-1371.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri

from euexia.core import streams
from euexia.core.streams import Purpose
from euexia.statistics.imputation_data import LongitudinalTrials
from euexia.statistics.imputation_model import ModelFits, fit, observed_curvature, refit
from euexia.statistics.imputation_moments import Layout, Moments, moments, sweep, visits_of
from euexia.statistics.reference_based import regression_on_observed

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_PARAMETERS = 2**32 - 1
_COVARIANCES = 2**32 - 2
_RESAMPLING = 2**32 - 3
"""Places of a trial that no subject has, where draws that belong to nobody are addressed."""
_PLACES = 4_096
"""Numbers set aside for one iteration at one address; more than any model has visits or coefficients."""


@unique
class Draws(StrEnum):
    """How the uncertainty of the imputation model is drawn."""

    BAYESIAN = "bayesian"
    """From the posterior distribution, by data augmentation."""
    BOOTSTRAP = "bootstrap"
    """Approximately: the model fitted to subjects drawn with replacement within arms."""


@unique
class Prior(StrEnum):
    """What is held of the covariance before the data."""

    ESTIMATE_CENTRED = "estimate_centred"
    r"""Inverse Wishart with J + 2 degrees of freedom and the estimate as mean: the weight of few."""
    JEFFREYS = "jeffreys"
    r"""Density :math:`|\Sigma|^{-(J+1)/2}`: larger variances, by about (J + 1) / n, than the estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where chance is drawn from: the seed, the number of the trial, and the numbers of the draws."""

    seed: int
    trial: int
    draws: Integers


def bayesian(
    trials: LongitudinalTrials,
    sums: Moments,
    start: ModelFits,
    address: Address,
    *,
    iterations: int,
    prior: Prior = Prior.ESTIMATE_CENTRED,
) -> ModelFits:
    r"""Return draws from the posterior of one trial, each the end of its own chain.

    .. math:: B | \Sigma, y \sim N(\hat B_{GLS}, V), \quad
              \Sigma_g | B, y \sim IW(n_g + \nu_0, R_g(B) + \Lambda_g)

    with nu_0 = Lambda = 0 under Jeffreys' prior, J + 2 and the estimate under the one centred there.  trials,
    sums, start: one trial, its sums and its fit.  iterations: length of each chain; the share of a chain's
    start that is left after k iterations is about the fraction of missing information to the power k.
    """
    chain = _Chain.of(trials, sums)
    held = _prior(prior, start.covariance[0])
    count = address.draws.size
    state = start.take(np.zeros(count, dtype=np.intp))
    coefficients, sigma = state.coefficients, state.covariance
    for iteration in range(iterations):
        completed = _augment(chain, coefficients, sigma, address, iteration)
        cross = [
            np.matmul(np.swapaxes(completed[:, rows], 1, 2), chain.design[rows]) for rows in chain.groups
        ]
        coefficients = _draw_coefficients(chain, cross, sigma, address, iteration)
        sigma = _draw_covariances(chain, completed, coefficients, sigma, held, address, iteration)
    return replace(state, coefficients=coefficients, covariance=sigma)


def bootstrap(
    trials: LongitudinalTrials, sums: Moments, start: ModelFits, address: Address, *, restricted: bool
) -> ModelFits:
    """Return fits of one trial to bootstrap samples of its subjects, drawn with replacement within arms."""
    arm = trials.arm[0]
    weights = np.zeros((address.draws.size, arm.size))
    for code in range(trials.arms):
        inside = np.flatnonzero(arm == code)
        if inside.size:
            chance = streams.uniform(
                address.seed,
                Purpose.IMPUTATION,
                address.trial,
                _RESAMPLING,
                address.draws[:, np.newaxis],
                inside,
            )
            chosen = inside[np.minimum((chance * inside.size).astype(np.intp), inside.size - 1)]
            np.add.at(weights, (np.arange(address.draws.size)[:, np.newaxis], chosen), 1.0)
    products, counts = sums.weighted(weights, 0)
    sigma = np.repeat(start.covariance, address.draws.size, axis=0)
    return fit(sums.layout, products, counts, restricted=restricted, start=sigma)


def without_one(trials: LongitudinalTrials, *, by_arm: bool, restricted: bool = True) -> ModelFits:
    """Return the fits of every trial without each of its subjects in turn, trials x subjects of them."""
    sums = moments(trials, by_arm)
    full = fit(sums.layout, sums.products, sums.counts, restricted=restricted)
    return leave_one_out(sums, full, restricted=restricted)


def leave_one_out(sums: Moments, full: ModelFits, *, restricted: bool) -> ModelFits:
    """Return the fits without each subject, starting from the fits with all of them."""
    trials, subjects = sums.block.shape
    each = np.repeat(np.arange(trials), subjects)
    curvature = observed_curvature(sums.layout, sums.products, sums.counts, full.covariance, restricted)
    products, counts = sums.without_one(slice(None))
    return refit(sums.layout, products, counts, full.take(each), curvature[each], restricted=restricted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """One trial's subjects that inform the model, and what stays the same along all chains."""

    layout: Layout
    outcome: Floats
    """Zero where missing, shape (informing, visits)."""
    design: Floats
    subject: Integers
    """Places of the informing subjects in the trial."""
    patterns: tuple[tuple[int, tuple[int, ...], NDArray[np.intp]], ...]
    """Group, visits observed and rows of those with something missing."""
    groups: tuple[NDArray[np.intp], ...]
    """Rows of each covariance group."""
    squares: tuple[Floats, ...]
    """Sum of x x' of each group."""

    @classmethod
    def of(cls, trials: LongitudinalTrials, sums: Moments) -> _Chain:
        layout = sums.layout
        inside = np.flatnonzero(sums.block[0] >= 0)
        rows, block = sums.rows[0, inside], sums.block[0, inside]
        visits = layout.visits
        patterns = tuple(
            (found.group, found.visits, np.flatnonzero(block == place))
            for place, found in enumerate(layout.blocks)
            if len(found.visits) < visits and (block == place).any()
        )
        group = np.array([found.group for found in layout.blocks])[block]
        groups = tuple(np.flatnonzero(group == number) for number in range(layout.groups))
        design = np.ascontiguousarray(rows[:, visits:])
        return cls(
            layout=layout,
            outcome=np.ascontiguousarray(rows[:, :visits]),
            design=design,
            subject=inside,
            patterns=patterns,
            groups=groups,
            squares=tuple(np.matmul(design[rows].T, design[rows]) for rows in groups),
        )


def _augment(chain: _Chain, coefficients: Floats, sigma: Floats, address: Address, iteration: int) -> Floats:
    """Draw the missing values given the parameters; shape (draws, informing, visits)."""
    visits = chain.layout.visits
    completed = np.broadcast_to(chain.outcome, (address.draws.size, *chain.outcome.shape)).copy()
    for group, observed, rows in chain.patterns:
        missing = visits_of((1 << visits) - 1 - sum(1 << visit for visit in observed), visits)
        weights, residual = regression_on_observed(sigma[:, group], observed)
        mean = np.matmul(chain.design[rows], np.swapaxes(coefficients, 1, 2))
        known = np.where(np.isin(np.arange(visits), observed), chain.outcome[rows] - mean, 0.0)
        expected = mean + np.matmul(known, np.swapaxes(weights, 1, 2))
        root = np.linalg.cholesky(residual[np.ix_(range(residual.shape[0]), missing, missing)])
        chance = streams.normal(
            address.seed,
            Purpose.IMPUTATION,
            address.trial,
            chain.subject[rows][:, np.newaxis],
            address.draws[:, np.newaxis, np.newaxis],
            (iteration + 1) * _PLACES + np.array(missing),
        )
        drawn = expected[:, :, missing] + np.matmul(chance, np.swapaxes(root, 1, 2))
        completed[:, rows[:, np.newaxis], missing] = drawn
    return completed


def _draw_coefficients(
    chain: _Chain, cross: list[Floats], sigma: Floats, address: Address, iteration: int
) -> Floats:
    """Draw B given Sigma and completed outcomes: normal about generalised least squares."""
    layout = chain.layout
    draws, visits, columns = sigma.shape[0], layout.visits, layout.columns
    normal, right = np.zeros((draws, visits, columns, visits, columns)), np.zeros((draws, visits, columns))
    for group, squares in enumerate(chain.squares):
        precision, _, _ = sweep(sigma[:, group])
        normal += (
            precision[:, :, np.newaxis, :, np.newaxis] * squares[np.newaxis, np.newaxis, :, np.newaxis, :]
        )
        right += np.matmul(precision, cross[group])
    tie = layout.tie
    free_normal = np.matmul(np.matmul(tie.T, normal.reshape(draws, visits * columns, -1)), tie)
    inverse, _, _ = sweep(free_normal)
    centre = np.matmul(inverse, np.matmul(tie.T, right.reshape(draws, -1, 1)))
    chance = streams.normal(
        address.seed,
        Purpose.IMPUTATION,
        address.trial,
        _PARAMETERS,
        address.draws[:, np.newaxis],
        (iteration + 1) * _PLACES + np.arange(tie.shape[1]),
    )
    drawn = centre + np.matmul(np.linalg.cholesky(inverse), chance[..., np.newaxis])
    return np.asarray(np.matmul(tie, drawn).reshape(draws, visits, columns))


def _prior(prior: Prior, estimate: Floats) -> tuple[float, Floats]:
    """Return degrees of freedom and scale that the prior adds, the latter per group."""
    match prior:
        case Prior.JEFFREYS:
            return 0.0, np.zeros_like(estimate)
        case Prior.ESTIMATE_CENTRED:
            return estimate.shape[-1] + 2.0, estimate
        case _:
            assert_never(prior)


def _draw_covariances(
    chain: _Chain,
    completed: Floats,
    coefficients: Floats,
    sigma: Floats,
    held: tuple[float, Floats],
    address: Address,
    iteration: int,
) -> Floats:
    """Draw Sigma given B and completed outcomes: inverse Wishart about the residuals."""
    drawn = sigma.copy()
    for group, rows in enumerate(chain.groups):
        if not rows.size:
            continue
        residual = completed[:, rows] - np.matmul(chain.design[rows], np.swapaxes(coefficients, 1, 2))
        squares = np.matmul(np.swapaxes(residual, 1, 2), residual) + held[1][group]
        first = (iteration + 1) * _PLACES + group * _PLACES // chain.layout.groups
        drawn[:, group] = inverse_wishart(squares, rows.size + held[0], address, first)
    return drawn


def inverse_wishart(squares: Floats, freedom: float, address: Address, first: int) -> Floats:
    r"""Draw covariance matrices, one per draw, by Bartlett's decomposition.

    .. math:: \Sigma = C A^{-\top} A^{-1} C^\top, \quad C C^\top = R, \quad A_{jj}^2 \sim \chi^2_{\nu-j+1},
              \quad A_{jk} \sim N(0, 1) \;(j > k)

    squares: R, shape (draws, p, p).  freedom: nu.  first: item of the address that the numbers start at.
    Source: Bartlett, Proceedings of the Royal Society of Edinburgh 1933;53:260-283.
    """
    size = squares.shape[-1]
    rows, columns = np.tril_indices(size)
    chance = streams.uniform(
        address.seed,
        Purpose.IMPUTATION,
        address.trial,
        _COVARIANCES,
        address.draws[:, np.newaxis],
        first + np.arange(rows.size),
    )
    lower = np.zeros(squares.shape)
    lower[:, rows, columns] = ndtri(chance)
    for j in range(size):
        place = int(np.flatnonzero((rows == j) & (columns == j))[0])
        lower[:, j, j] = np.sqrt(2.0 * gammaincinv((freedom - j) / 2.0, chance[:, place]))
    identity = np.broadcast_to(np.eye(size), squares.shape)
    root = np.matmul(np.linalg.cholesky(squares), np.swapaxes(np.linalg.solve(lower, identity), 1, 2))
    return np.asarray(np.matmul(root, np.swapaxes(root, 1, 2)))
