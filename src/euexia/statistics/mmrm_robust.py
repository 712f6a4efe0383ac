r"""Robust (sandwich) covariances of the coefficients of mixed models for repeated measures.

.. math:: \hat V = \Phi\Big(\sum_i X_i' V_i^{-1/2} A_i \tilde r_i \tilde r_i' A_i V_i^{-1/2} X_i\Big)\Phi,
          \quad \tilde r_i = V_i^{-1/2} r_i, \quad H_i = V_i^{-1/2} X_i\Phi X_i' V_i^{-1/2}

with A_i the identity (empirical, CR0; Liang and Zeger, Biometrika 1986;73:13-22), (I - H_i)^{-1/2}
(bias-reduced, CR2; Bell and McCaffrey, Survey Methodology 2002;28:169-181) or (I - H_i)^{-1} (jackknife, CR3;
Mancl and DeRouen, Biometrics 2001;57:126-134).  Degrees of freedom match the first two moments of c'Vc under
the fitted model (Bell and McCaffrey), or are those between and within patients, as PROC MIXED takes them.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.statistics.mmrm_freedom import Contrasts, degrees_of_freedom, t_inference
from euexia.statistics.mmrm_moments import SubjectDesign
from euexia.statistics.mmrm_result import Fit, Freedom
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]

_NOTHING = 1e-10
"""An eigenvalue of I - H below this belongs to a direction that one patient alone determines."""


class Sandwich(StrEnum):
    """How the residuals of a patient are corrected for having been fitted."""

    EMPIRICAL = "empirical"
    """Not at all (CR0)."""
    BIAS_REDUCED = "bias_reduced"
    """To be unbiased if the fitted model holds (CR2)."""
    JACKKNIFE = "jackknife"
    """As if the patient had been left out (CR3), without the factor (n - 1)/n."""


def robust_contrasts(
    fit: Fit,
    values: ArrayLike,
    design: Floats | SubjectDesign,
    combinations: ArrayLike,
    *,
    sandwich: Sandwich = Sandwich.EMPIRICAL,
    groups: ArrayLike | None = None,
    freedom: Freedom = Freedom.SATTERTHWAITE,
    level: float = 0.95,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Contrasts:
    """Return t tests and intervals of combinations of the coefficients with robust standard errors.

    values, design, groups: as they were given to ``fit``.  combinations: shape (contrasts, p) or (trials,
    contrasts, p).  freedom: SATTERTHWAITE for the moments of the robust variance, RESIDUAL or BETWEEN_WITHIN.
    """
    if freedom in (Freedom.KENWARD_ROGER, Freedom.KENWARD_ROGER_LINEAR):
        raise InputError(
            "Kenward-Roger adjusts the model's own standard errors, not robust ones. Choose Satterthwaite."
        )
    data = np.array(values, dtype=float, ndmin=3)
    trials = data.shape[0]
    rows = np.broadcast_to(np.asarray(combinations, dtype=float), (trials, *np.shape(combinations)[-2:]))
    error, moments = np.full((2, trials, rows.shape[1]), np.nan)
    for trial in np.flatnonzero(fit.fitted):
        group = None if groups is None else np.broadcast_to(np.asarray(groups), data.shape[:2])[trial]
        white, residual = _whitened(fit, data[trial], _dense(design, int(trial)), group, int(trial))
        parts = _parts(fit.coefficient_covariance[trial], white, residual, sandwich)
        error[trial], moments[trial] = _moments(fit.coefficient_covariance[trial], white, *parts, rows[trial])
    nu = moments if freedom is Freedom.SATTERTHWAITE else degrees_of_freedom(fit, rows, freedom=freedom)
    estimate = (rows @ fit.coefficients[:, :, None])[..., 0]
    return t_inference(estimate, error, nu, level=level, alternative=alternative)


def robust_covariance(
    fit: Fit,
    values: ArrayLike,
    design: Floats | SubjectDesign,
    *,
    sandwich: Sandwich = Sandwich.EMPIRICAL,
    groups: ArrayLike | None = None,
) -> Floats:
    """Return the robust covariance of the coefficients, shape (trials, p, p); arguments as above."""
    data = np.array(values, dtype=float, ndmin=3)
    result = np.full_like(fit.coefficient_covariance, np.nan)
    for trial in np.flatnonzero(fit.fitted):
        group = None if groups is None else np.broadcast_to(np.asarray(groups), data.shape[:2])[trial]
        white, residual = _whitened(fit, data[trial], _dense(design, int(trial)), group, int(trial))
        scores, _ = _parts(fit.coefficient_covariance[trial], white, residual, sandwich)
        bread = fit.coefficient_covariance[trial]
        result[trial] = bread @ (scores.T @ scores) @ bread
    return result


def _dense(design: Floats | SubjectDesign, trial: int) -> Floats:
    """Return one trial's design, shape (subjects, visits, p)."""
    if isinstance(design, SubjectDesign):
        columns = design.columns[trial if design.columns.shape[0] > 1 else 0]
        return np.asarray((columns[:, None, None, :] @ design.lift.transpose(1, 2, 0)[None])[:, :, 0])
    array = np.asarray(design, dtype=float)
    array = array[None] if array.ndim == 3 else array
    return np.asarray(array[trial if array.shape[0] > 1 else 0])


def _whitened(
    fit: Fit, values: Floats, design: Floats, groups: NDArray[np.int64] | None, trial: int
) -> tuple[Floats, Floats]:
    """Return V^-1/2 X and V^-1/2 r of each patient, zero at missing visits, (subjects, visits, ...)."""
    seen = np.isfinite(values) & np.isfinite(design).all(axis=-1)
    group = np.zeros(values.shape[0], dtype=np.int64) if groups is None else groups.astype(np.int64)
    both = seen[:, :, None] & seen[:, None, :]
    sigma = np.where(both, fit.sigma[trial][group], 0.0)
    visits = np.arange(values.shape[1])
    sigma[:, visits, visits] += ~seen
    roots, vectors = np.linalg.eigh(sigma)
    inverse = (vectors / np.sqrt(roots)[:, None, :]) @ vectors.swapaxes(1, 2) * both
    clean = np.where(seen[..., None], design, 0.0)
    residual = np.where(seen, values - clean @ fit.coefficients[trial], 0.0)
    return inverse @ clean, (inverse @ residual[..., None])[..., 0]


def _correction(sandwich: Sandwich) -> Callable[[Floats], Floats]:
    def power(exponent: float) -> Callable[[Floats], Floats]:
        return lambda roots: np.where(roots > _NOTHING, np.maximum(roots, _NOTHING) ** exponent, 0.0)

    match sandwich:
        case Sandwich.EMPIRICAL:
            return np.ones_like
        case Sandwich.BIAS_REDUCED:
            return power(-0.5)
        case Sandwich.JACKKNIFE:
            return power(-1.0)
        case _:
            assert_never(sandwich)


def _parts(bread: Floats, white: Floats, residual: Floats, sandwich: Sandwich) -> tuple[Floats, Floats]:
    """Return scores X'V^-1/2 A r, (subjects, p), and A V^-1/2 X, (subjects, visits, p)."""
    leverage = white @ bread @ white.swapaxes(1, 2)
    roots, vectors = np.linalg.eigh(np.eye(white.shape[1]) - leverage)
    scale = _correction(sandwich)(roots)
    corrected = (vectors * scale[:, None, :]) @ vectors.swapaxes(1, 2) @ white
    return (corrected.swapaxes(1, 2) @ residual[..., None])[..., 0], corrected


def _moments(
    bread: Floats, white: Floats, scores: Floats, corrected: Floats, rows: Floats
) -> tuple[Floats, Floats]:
    """Return the robust standard error of each contrast and its degrees of freedom."""
    reach = rows @ bread
    error = np.sqrt(((reach @ scores.T) ** 2).sum(axis=1))
    directions = corrected @ reach.T  # subjects, visits, contrasts
    own = (directions**2).sum(axis=1)
    through = (white.swapaxes(1, 2) @ directions).transpose(2, 0, 1)  # contrasts, subjects, p
    shared = ((through @ bread) * through).sum(axis=-1)
    first = own.sum(axis=0) - shared.sum(axis=1)
    joint = bread @ (through.swapaxes(1, 2) @ through)
    second = (own**2).sum(axis=0) - 2.0 * (own.T * shared).sum(axis=1)
    second += np.trace(joint @ joint, axis1=1, axis2=2)
    return error, first**2 / second
