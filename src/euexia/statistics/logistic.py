"""Responses adjusted for covariates: odds ratios, and marginal risks by g-computation, for a stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr, ndtri

from euexia.core.errors import InputError
from euexia.statistics.diagnosis import Codes, Diagnosis, first_of
from euexia.statistics.least_squares import TOLERANCE, sandwich
from euexia.statistics.linear_design import Margins, ModelData, nuisance, prepare
from euexia.statistics.logistic_regression import Logistic, fit, profile_interval
from euexia.statistics.stratified_proportions import Estimate

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Variance(StrEnum):
    """Where the variance of marginal risks comes from."""

    ROBUST = "robust"
    """Holds whether or not the model does, covariates random (Ye and others)."""
    DELTA = "delta"
    """From the model's covariance, plus the sampling of covariates."""
    FIXED_COVARIATES = "fixed_covariates"
    """From the model's covariance alone: for these patients' covariates (Ge and others)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginal:
    """Chance of a response if all were in one arm, per trial."""

    risks: Floats
    """Shape (trials, arms)."""
    covariance: Floats
    """Shape (trials, arms, arms)."""
    analysed: Floats
    """Shape (trials, arms)."""
    diagnosis: Codes


@dataclass(frozen=True, slots=True)
class _Model:
    """A fitted model with its design: strata and covariates, the constant, and arms 1, 2, ..."""

    data: ModelData
    columns: list[Floats]
    arms: int
    fitted: Logistic
    analysed: Floats
    diagnosis: Codes


def marginal_risks(
    response: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    covariates: Sequence[ArrayLike] = (),
    factors: Sequence[ArrayLike] = (),
    included: ArrayLike | None = None,
    firth: bool = False,
    variance: Variance = Variance.ROBUST,
) -> Marginal:
    r"""Return every arm's marginal risk by g-computation from a logistic model with one effect per arm.

    .. math:: \hat\mu_a = \frac1n \sum_i \pi_a(x_i), \quad
              \pi_a(x) = \mathrm{expit}(\hat\beta_a + x^\top \hat\gamma)

    Robust, with :math:`p_a = n_a / n`, variances within arm a where an index a is given, else over all:

    .. math:: n V_{aa} = \mathrm{Var}_a(y - \pi_a) / p_a + 2 \mathrm{Cov}_a(y, \pi_a) - \mathrm{Var}(\pi_a)

    .. math::
              n V_{ab} = \mathrm{Cov}_a(y, \pi_b) + \mathrm{Cov}_b(y, \pi_a) - \mathrm{Cov}(\pi_a, \pi_b)

    Delta: :math:`D V_\beta D^\top + \mathrm{Cov}(\pi_a, \pi_b) / n` with D the derivatives of the risks;
    without the last term the covariates are taken as fixed.

    response: 1 or 0, NaN where unknown, shape (trials, subjects); the other arguments as in
    ``ancova.estimate``.
    Source: Ye, Bannick, Yi and Shao, Statistical Theory and Related Fields 2023;7:159-163; Ge, Durham, Meyer,
    Xie and Thomas, Drug Information Journal 2011;45:481-493.
    """
    model = _model(response, arm, arms, covariates, factors, included, firth)
    fine = model.diagnosis == Diagnosis.FINE
    chances = _chances(model)
    count = np.maximum(model.analysed.sum(axis=1), 1.0)
    risks = np.stack([chance.sum(axis=1) / count for chance in chances], axis=1)
    match variance:
        case Variance.ROBUST:
            covariance = _robust(model, chances)
        case Variance.DELTA:
            everyone = model.data.known.astype(float)
            sampling = np.stack(
                [np.stack([_covary(a, b, everyone) for b in chances], axis=1) for a in chances], axis=1
            )
            covariance = _delta(model, chances) + sampling / count[:, np.newaxis, np.newaxis]
        case Variance.FIXED_COVARIATES:
            covariance = _delta(model, chances)
        case _:
            assert_never(variance)
    return Marginal(
        risks=np.where(fine[:, np.newaxis], risks, np.nan),
        covariance=np.where(fine[:, np.newaxis, np.newaxis], covariance, np.nan),
        analysed=model.analysed,
        diagnosis=model.diagnosis,
    )


def marginal_risk_difference(
    response: ArrayLike,
    arm: ArrayLike,
    *,
    covariates: Sequence[ArrayLike] = (),
    factors: Sequence[ArrayLike] = (),
    included: ArrayLike | None = None,
    firth: bool = False,
    variance: Variance = Variance.ROBUST,
    level: float = 0.95,
) -> Estimate:
    """Return the difference of the marginal risks of arm 1 and arm 0; arguments as in ``marginal_risks``."""
    marginal = marginal_risks(
        response,
        arm,
        arms=2,
        covariates=covariates,
        factors=factors,
        included=included,
        firth=firth,
        variance=variance,
    )
    return risk_difference(marginal, level=level)


def risk_difference(marginal: Marginal, arm: int = 1, control: int = 0, *, level: float = 0.95) -> Estimate:
    r"""Return :math:`\hat\mu_a - \hat\mu_0` with a normal interval and test."""
    v = marginal.covariance
    variance = v[:, arm, arm] + v[:, control, control] - 2.0 * v[:, arm, control]
    difference = marginal.risks[:, arm] - marginal.risks[:, control]
    return _normal(difference, variance, level, marginal.diagnosis)


def risk_ratio(marginal: Marginal, arm: int = 1, control: int = 0, *, level: float = 0.95) -> Estimate:
    r"""Return :math:`\hat\mu_a / \hat\mu_0` with an interval and error of the logarithm."""
    v = marginal.covariance
    with np.errstate(divide="ignore", invalid="ignore"):
        one, zero = marginal.risks[:, arm], marginal.risks[:, control]
        variance = (
            v[:, arm, arm] / one**2
            + v[:, control, control] / zero**2
            - 2.0 * v[:, arm, control] / (one * zero)
        )
        log = _normal(np.log(one / zero), variance, level, marginal.diagnosis)
    return _exponentiated(log)


def odds_ratio(
    response: ArrayLike,
    arm: ArrayLike,
    *,
    covariates: Sequence[ArrayLike] = (),
    factors: Sequence[ArrayLike] = (),
    included: ArrayLike | None = None,
    firth: bool = False,
    profile: bool = True,
    level: float = 0.95,
) -> Estimate:
    """Return the conditional odds ratio of arm 1 against arm 0, given covariates and strata.

    Interval by profile likelihood, or Wald's; the p-value is Wald's.  ``error`` is that of the logarithm.
    Arguments as in ``marginal_risks``; arms other than 0 and 1 are left out.
    """
    model = _model(response, arm, 2, covariates, factors, included, firth)
    fitted, last = model.fitted, len(model.columns) - 1
    log = _normal(fitted.coefficients[:, last], fitted.covariance[:, last, last], level, model.diagnosis)
    if profile:
        y = np.where(model.data.known, model.data.values, 0.0)
        low, high = profile_interval(
            y, model.columns, model.data.known, last, fitted, level=level, firth=firth
        )
        fine = model.diagnosis == Diagnosis.FINE
        log = Estimate(
            estimate=log.estimate,
            error=log.error,
            low=np.where(fine, low, np.nan),
            high=np.where(fine, high, np.nan),
            p_value=log.p_value,
            diagnosis=log.diagnosis,
        )
    return _exponentiated(log)


def _model(
    response: ArrayLike,
    arm: ArrayLike,
    arms: int,
    covariates: Sequence[ArrayLike],
    factors: Sequence[ArrayLike],
    included: ArrayLike | None,
    firth: bool,
) -> _Model:
    groups = np.asarray(arm, dtype=np.int64)
    given = prepare(response, np.where(groups < arms, groups, -1), arms, covariates, factors, included)
    data, infinite = given.without_infinite()
    if not np.isin(data.values[data.known], (0.0, 1.0)).all():
        raise InputError("'response' holds values other than 0, 1 and NaN.")
    members = data.members(arms)
    analysed = np.stack([member.sum(axis=1) for member in members], axis=1)
    adjusting, squares = nuisance(data, Margins.OBSERVED)
    scaled = [_scaled(column, squares[:, place]) for place, column in enumerate(adjusting)]
    columns = [*scaled, data.known.astype(float), *members[1:]]
    fitted = fit(data.values, columns, data.known, firth=firth)
    count = analysed.sum(axis=1)
    empty = np.asarray((analysed == 0).any(axis=1))
    lost = np.asarray((~fitted.kept[:, len(columns) - arms :]).any(axis=1))
    diagnosis = first_of(
        (infinite, Diagnosis.INFINITE_VALUE),
        (np.asarray(count == 0), Diagnosis.NOBODY),
        (empty, Diagnosis.EMPTY_ARM),
        (lost, Diagnosis.CONFOUNDED),
    )
    diagnosis = np.where(diagnosis == Diagnosis.FINE, fitted.diagnosis, diagnosis).astype(np.int8)
    return _Model(data, columns, arms, fitted, analysed, diagnosis)


def _scaled(column: Floats, squares: Floats) -> Floats:
    """Return the column over its largest size; zeros where centring left only the rounding of a constant."""
    varies = (column**2).sum(axis=1) > TOLERANCE * squares
    largest = np.where(varies, np.abs(column).max(axis=1, initial=0.0), 0.0)[:, np.newaxis]
    return np.asarray(np.divide(column, largest, out=np.zeros_like(column), where=largest > 0))


def _chances(model: _Model) -> list[Floats]:
    """Return everyone's fitted chance of a response in each arm; 0 where not analysed."""
    coefficients = np.where(np.isnan(model.fitted.coefficients), 0.0, model.fitted.coefficients)
    start = len(model.columns) - model.arms + 1
    common = np.zeros(model.data.known.shape)
    for place in range(start):
        common += model.columns[place] * coefficients[:, place, np.newaxis]
    effects = [np.zeros(len(common)), *(coefficients[:, start + a] for a in range(model.arms - 1))]
    return [np.where(model.data.known, expit(common + effect[:, np.newaxis]), 0.0) for effect in effects]


def _covary(left: Floats, right: Floats, members: Floats) -> Floats:
    """Return the covariance of two columns over the members, divisor n - 1."""
    count = members.sum(axis=1)
    size = np.maximum(count, 1.0)[:, np.newaxis]
    first = members * (left - (members * left).sum(axis=1)[:, np.newaxis] / size)
    second = members * (right - (members * right).sum(axis=1)[:, np.newaxis] / size)
    freedom = count - 1.0
    total = (first * second).sum(axis=1)
    return np.asarray(np.divide(total, freedom, out=np.full(total.shape, np.nan), where=freedom > 0))


def _robust(model: _Model, chances: Sequence[Floats]) -> Floats:
    everyone = model.data.known.astype(float)
    members = model.data.members(model.arms)
    y = np.where(model.data.known, model.data.values, 0.0)
    count = np.maximum(everyone.sum(axis=1), 1.0)
    covariance = np.empty((y.shape[0], model.arms, model.arms))
    for a in range(model.arms):
        share = np.maximum(model.analysed[:, a], 1.0) / count
        residual = y - chances[a]
        own = _covary(residual, residual, members[a]) / share + 2.0 * _covary(y, chances[a], members[a])
        covariance[:, a, a] = own - _covary(chances[a], chances[a], everyone)
        for b in range(a):
            cross = _covary(y, chances[b], members[a]) + _covary(y, chances[a], members[b])
            covariance[:, a, b] = covariance[:, b, a] = cross - _covary(chances[a], chances[b], everyone)
    return np.asarray(covariance / count[:, np.newaxis, np.newaxis])


def _delta(model: _Model, chances: Sequence[Floats]) -> Floats:
    count = np.maximum(model.analysed.sum(axis=1), 1.0)
    start = len(model.columns) - model.arms + 1
    gradient = np.zeros((count.size, model.arms, len(model.columns)))
    for a, chance in enumerate(chances):
        weight = chance * (1.0 - chance)
        for place in range(start):
            gradient[:, a, place] = (weight * model.columns[place]).sum(axis=1) / count
        if a > 0:
            gradient[:, a, start + a - 1] = weight.sum(axis=1) / count
    spread = np.where(np.isnan(model.fitted.covariance), 0.0, model.fitted.covariance)
    return sandwich(gradient, spread)


def _normal(estimate: Floats, variance: Floats, level: float, diagnosis: Codes) -> Estimate:
    fine = diagnosis == Diagnosis.FINE
    estimate = np.where(fine, estimate, np.nan)
    error = np.where(fine, np.sqrt(np.maximum(variance, 0.0)), np.nan)
    half = float(ndtri((1.0 + level) / 2.0)) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2.0 * ndtr(-np.abs(estimate / error))
    return Estimate(
        estimate=estimate,
        error=error,
        low=estimate - half,
        high=estimate + half,
        p_value=p_value,
        diagnosis=diagnosis,
    )


def _exponentiated(log: Estimate) -> Estimate:
    return Estimate(
        estimate=np.exp(log.estimate),
        error=log.error,
        low=np.exp(log.low),
        high=np.exp(log.high),
        p_value=log.p_value,
        diagnosis=log.diagnosis,
    )
