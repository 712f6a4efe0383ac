r"""Estimates of contrasts, t and F tests, and their degrees of freedom in mixed models for repeated measures.

Satterthwaite: for one contrast, with v = c'\Phi c, its gradient g in the covariance parameters and their
asymptotic covariance W,

.. math:: \nu = 2 v^2 / (g'Wg)

and for several the eigenvectors of their covariance in turn (Fai and Cornelius, Journal of Statistical
Computation and Simulation 1996;54:363-378).  Kenward and Roger: Biometrics 1997;53:983-997.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, stdtr, stdtrit

from euexia.core.errors import InputError
from euexia.statistics.mmrm_likelihood import sweep
from euexia.statistics.mmrm_result import Fit, Freedom, Information
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]

_NOTHING = 1e-10
"""A share of the largest eigenvalue, or of a coefficient, that counts as nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrasts:
    """Estimates of linear combinations of the coefficients, each of shape (trials, contrasts)."""

    estimate: Floats
    error: Floats
    freedom: Floats
    statistic: Floats
    low: Floats
    high: Floats
    p_value: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """A test of several combinations at once, each of shape (trials,)."""

    statistic: Floats
    numerator: Floats
    denominator: Floats
    p_value: Floats


def contrasts(
    fit: Fit,
    combinations: ArrayLike,
    *,
    freedom: Freedom = Freedom.SATTERTHWAITE,
    information: Information = Information.OBSERVED,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Contrasts:
    """Return estimates, t tests against zero and two-sided intervals of combinations of the coefficients.

    combinations: shape (contrasts, p) or (trials, contrasts, p).  freedom: Kenward-Roger takes the adjusted
    standard errors, for which ``fit`` must have been asked.  information: from which the uncertainty of the
    covariance parameters is taken; as it was for the fit, for Kenward-Roger.  level: of the intervals.
    """
    rows = _rows(fit, combinations)
    estimate = (rows @ fit.coefficients[:, :, None])[..., 0]
    error = np.sqrt(_quadratic(rows, _covariance(fit, freedom)))
    nu = degrees_of_freedom(fit, rows, freedom=freedom, information=information)
    return t_inference(estimate, error, nu, level=level, alternative=alternative)


def t_inference(
    estimate: Floats, error: Floats, nu: Floats, *, level: float, alternative: Alternative
) -> Contrasts:
    """Return t tests and intervals of estimates with standard errors and degrees of freedom."""
    if not 0.0 < level < 1.0:
        raise InputError(f"'level' is {level:g}. Give a number strictly between 0 and 1, for example 0.95.")
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / error
    match alternative:
        case Alternative.TWO_SIDED:
            p_value = 2.0 * stdtr(nu, -np.abs(statistic))
        case Alternative.GREATER:
            p_value = stdtr(nu, -statistic)
        case Alternative.LESS:
            p_value = stdtr(nu, statistic)
        case _:
            assert_never(alternative)
    half = stdtrit(nu, 1.0 - (1.0 - level) / 2.0) * error
    return Contrasts(
        estimate=estimate,
        error=error,
        freedom=nu,
        statistic=statistic,
        low=estimate - half,
        high=estimate + half,
        p_value=p_value,
    )


def degrees_of_freedom(
    fit: Fit, rows: Floats, *, freedom: Freedom, information: Information = Information.OBSERVED
) -> Floats:
    """Return the degrees of freedom of single contrasts; rows: (trials, contrasts, p)."""
    match freedom:
        case Freedom.SATTERTHWAITE | Freedom.KENWARD_ROGER | Freedom.KENWARD_ROGER_LINEAR:
            variance = _quadratic(rows, fit.coefficient_covariance)
            gradient = _gradients(fit, rows)
            spread = _quadratic(gradient, _uncertainty(fit, information))
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(2.0 * variance**2 / spread)
        case Freedom.RESIDUAL:
            left = (fit.observations - len(fit.names)).astype(float)
            return np.where(fit.fitted[:, None], np.broadcast_to(left[:, None], rows.shape[:2]), np.nan)
        case Freedom.BETWEEN_WITHIN:
            return _between_within(fit, rows)
        case _:
            assert_never(freedom)


def joint_test(
    fit: Fit,
    combinations: ArrayLike,
    *,
    freedom: Freedom = Freedom.SATTERTHWAITE,
    information: Information = Information.OBSERVED,
) -> JointTest:
    r"""Return the F test that all combinations are zero.

    .. math:: F = (L\hat\beta)'(L\Phi L')^{-1}L\hat\beta / q

    combinations: L, shape (q, p) or (trials, q, p), rows independent.  Satterthwaite's denominator depends a
    little on how the hypothesis is written as rows (those of type_iii_tests are PROC MIXED's).
    """
    rows = _rows(fit, combinations)
    size = rows.shape[1]
    covariance = rows @ _covariance(fit, freedom) @ rows.swapaxes(1, 2)
    estimate = (rows @ fit.coefficients[:, :, None])[..., 0]
    safe = np.where(fit.fitted[:, None, None], covariance, np.eye(size))
    inverse, _, positive = sweep(safe)
    if not positive.all():
        raise InputError("The rows of 'combinations' are not independent of each other. Leave some out.")
    statistic = (estimate * (inverse @ estimate[..., None])[..., 0]).sum(axis=-1) / size
    scale = np.ones_like(statistic)
    if freedom in (Freedom.KENWARD_ROGER, Freedom.KENWARD_ROGER_LINEAR):
        scale, denominator = _kenward_roger(fit, rows, information)
    elif size == 1 or freedom in (Freedom.RESIDUAL, Freedom.BETWEEN_WITHIN):
        denominator = degrees_of_freedom(fit, rows, freedom=freedom, information=information).min(axis=1)
    else:
        denominator = _fai_cornelius(fit, rows, safe, information)
    return JointTest(
        statistic=scale * statistic,
        numerator=np.full(statistic.shape, float(size)),
        denominator=denominator,
        p_value=fdtrc(float(size), denominator, scale * statistic),
    )


def _rows(fit: Fit, combinations: ArrayLike) -> Floats:
    rows = np.asarray(combinations, dtype=float)
    if rows.ndim < 2 or rows.shape[-1] != len(fit.names):
        raise InputError(f"'combinations' has shape {rows.shape}; give {len(fit.names)} numbers each.")
    return np.broadcast_to(rows, (fit.coefficients.shape[0], *rows.shape[-2:]))


def _quadratic(rows: Floats, matrices: Floats) -> Floats:
    """Return c'Mc for each row, (trials, contrasts)."""
    return np.asarray(((rows @ matrices) * rows).sum(axis=-1))


def _covariance(fit: Fit, freedom: Freedom) -> Floats:
    if freedom not in (Freedom.KENWARD_ROGER, Freedom.KENWARD_ROGER_LINEAR):
        return fit.coefficient_covariance
    if fit.adjusted is None:
        raise InputError(
            "The fit holds no adjusted covariance. Call fit(..., freedom=Freedom.KENWARD_ROGER) first."
        )
    return fit.adjusted


def _uncertainty(fit: Fit, information: Information) -> Floats:
    match information:
        case Information.OBSERVED:
            return fit.sigma_covariance
        case Information.EXPECTED:
            return fit.sigma_covariance_expected
        case _:
            assert_never(information)


def _gradients(fit: Fit, rows: Floats) -> Floats:
    """Return c'S_j c for each contrast and entry of sigma, (trials, contrasts, entries)."""
    trials, entries, count, _ = fit.slopes.shape
    outer = (rows[..., :, None] * rows[..., None, :]).reshape(trials, rows.shape[1], count * count)
    return outer @ fit.slopes.reshape(trials, entries, count * count).swapaxes(1, 2)


def _between_within(fit: Fit, rows: Floats) -> Floats:
    """Return patients less coefficients of patients, or what is left within patients."""
    between = fit.between
    outside = fit.subjects - int(between.sum()) - int(fit.intercept.any())
    inside = fit.observations - fit.subjects - int((~between & ~fit.intercept).sum())
    touched = np.abs(rows) > _NOTHING * np.abs(rows).max(axis=-1, keepdims=True)
    within = (touched & ~between).any(axis=-1)
    freedom = np.where(within, inside[:, None], outside[:, None]).astype(float)
    return np.where(fit.fitted[:, None], freedom, np.nan)


def _fai_cornelius(fit: Fit, rows: Floats, covariance: Floats, information: Information) -> Floats:
    """Return the denominator that gives F the mean of the t tests along the eigenvectors."""
    size = rows.shape[1]
    _, vectors = np.linalg.eigh(covariance)
    turned = vectors.swapaxes(1, 2) @ rows
    nu = degrees_of_freedom(fit, turned, freedom=Freedom.SATTERTHWAITE, information=information)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(nu > 2.0, nu / (nu - 2.0), 0.0).sum(axis=1)
        found = np.where(mean > size, 2.0 * mean / (mean - size), 2.0)
    return np.where(fit.fitted, found, np.nan)


def _kenward_roger(fit: Fit, rows: Floats, information: Information) -> tuple[Floats, Floats]:
    """Return the scale of F and its denominator degrees of freedom, by matching its first two moments."""
    size = rows.shape[1]
    covariance = rows @ fit.coefficient_covariance @ rows.swapaxes(1, 2)
    safe = np.where(fit.fitted[:, None, None], covariance, np.eye(size))
    inverse, _, _ = sweep(safe)
    inner = rows[:, None] @ fit.slopes @ rows[:, None].swapaxes(-1, -2)
    parts = inverse[:, None] @ inner  # trials, entries, q, q
    trials, entries = parts.shape[:2]
    uncertainty = _uncertainty(fit, information)
    traces = np.trace(parts, axis1=-2, axis2=-1)
    first = _quadratic(traces[:, None, :], uncertainty)[:, 0]
    flat, turned = parts.reshape(trials, entries, -1), parts.swapaxes(-1, -2).reshape(trials, entries, -1)
    second = (uncertainty * (flat @ turned.swapaxes(1, 2))).sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        ell = float(size)
        b = (first + 6.0 * second) / (2.0 * ell)
        g = ((ell + 1.0) * first - (ell + 4.0) * second) / ((ell + 2.0) * second)
        whole = 3.0 * ell + 2.0 * (1.0 - g)
        c1, c2, c3 = g / whole, (ell - g) / whole, (ell + 2.0 - g) / whole
        mean = 1.0 / (1.0 - second / ell)
        variance = (2.0 / ell) * (1.0 + c1 * b) / ((1.0 - c2 * b) ** 2 * (1.0 - c3 * b))
        rho = variance / (2.0 * mean**2)
        m = 4.0 + (ell + 2.0) / (ell * rho - 1.0)
        return m / (mean * (m - 2.0)), m
