"""Two arms compared at the last of several visits by a mixed model, with patients leaving on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError
from euexia.design.allocation import TwoArmSize, sized
from euexia.design.input_checks import check_alpha, check_difference, check_power, check_ratio
from euexia.design.means import searched, t_probability

Floats = NDArray[np.float64]


class Structure(StrEnum):
    """How readings of one patient hang together."""

    COMPOUND_SYMMETRY = "compound-symmetry"
    """The same correlation between any two visits."""
    AUTOREGRESSIVE = "autoregressive"
    """Correlation that falls by the same factor from visit to visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedModelSize:
    """Size of a comparison at the last visit."""

    size: TwoArmSize
    variance: float
    """Of the last visit's mean in the treated arm, times patients randomised."""
    control_variance: float
    completers_variance: float
    """What the treated variance would be if only completers were analysed: shows what the model recovers."""
    degrees_of_freedom: float
    """With the whole numbers of patients; infinite if the variance is taken as known."""


def covariance_of(structure: Structure, deviations: ArrayLike, correlation: float) -> Floats:
    """Return the covariance of several visits; deviations: standard deviation at each, shape (visits,)."""
    spread = np.atleast_1d(np.asarray(deviations, dtype=float))
    if not (np.isfinite(spread) & (spread > 0)).all():
        raise InputError("'deviation' must be a positive number at every visit.")
    if not -1 < correlation < 1:
        raise InputError(f"'correlation' is {correlation:g}. Give a number between -1 and 1.")
    apart = np.abs(np.subtract.outer(np.arange(spread.size), np.arange(spread.size)))
    match structure:
        case Structure.COMPOUND_SYMMETRY:
            pattern = np.where(apart == 0, 1.0, correlation)
        case Structure.AUTOREGRESSIVE:
            pattern = float(correlation) ** apart
        case _:
            assert_never(structure)
    return np.asarray(pattern * np.outer(spread, spread))


def given_baseline(covariance: ArrayLike) -> Floats:
    r"""Return the covariance of the later visits given the first: what adjusting for baseline leaves.

    .. math:: \Sigma_{22} - \Sigma_{21}\Sigma_{11}^{-1}\Sigma_{12}

    covariance: of baseline and later visits, shape (1 + visits, 1 + visits).
    """
    whole = check_covariance(covariance)
    if whole.shape[0] < 2:
        raise InputError("'covariance' must hold the baseline and at least one visit.")
    return np.asarray(whole[1:, 1:] - np.outer(whole[1:, 0], whole[0, 1:]) / whole[0, 0])


def last_visit_variance(covariance: ArrayLike, retention: ArrayLike) -> float:
    r"""Return the variance of the mean at the last visit, times the patients randomised.

    .. math:: \phi = \left[\left(\sum_{j=1}^{J} (\pi_j - \pi_{j+1}) \Sigma_{[j]}^{-1}\right)^{-1}\right]_{JJ},
              \quad \pi_{J+1} = 0

    where Sigma with [j] is the covariance of the first j visits, filled with zeros.  covariance: shape
    (visits, visits).  retention: pi, share of the randomised still there at each visit, never growing.
    Source: Lu, Luo and Chen, International Journal of Biostatistics 2008;4(1), formula (3).
    """
    whole = check_covariance(covariance)
    kept = check_retention(retention, whole.shape[0])
    leaving = kept - np.append(kept[1:], 0.0)
    information = np.zeros_like(whole)
    for visits, share in enumerate(leaving.tolist(), 1):
        information[:visits, :visits] += share * np.linalg.inv(whole[:visits, :visits])
    return float(np.linalg.inv(information)[-1, -1])


def mixed_model_size(
    difference: float,
    covariance: ArrayLike,
    retention: ArrayLike,
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    control_covariance: ArrayLike | None = None,
    control_retention: ArrayLike | None = None,
    known_variance: bool = True,
) -> MixedModelSize:
    r"""Return the size of a comparison of two arms at the last visit by a mixed model for repeated measures.

    .. math:: N = (1 + r)\left(\frac{\phi_1}{r} + \phi_0\right)\frac{(z_{1-\alpha} + z_{1-\beta})^2}{\delta^2}

    difference: delta at the last visit.  covariance, retention: as in last_visit_variance; the control arm's
    are the same unless given.  alpha: one-sided.  ratio: r, treated per control.  known_variance: as in the
    source; else a noncentral t with as many degrees of freedom as patients expected at the last visit, less
    2: a cautious choice, for those who left contribute too.
    """
    check_difference("difference", difference)
    check_alpha(alpha)
    check_power(power, alpha)
    check_ratio(ratio)
    treated = last_visit_variance(covariance, retention)
    whose = covariance if control_covariance is None else control_covariance
    kept = retention if control_retention is None else control_retention
    control = last_visit_variance(whose, kept)
    last = float(np.asarray(retention, dtype=float)[-1]), float(np.asarray(kept, dtype=float)[-1])

    def shift(treated_patients: float, controls: float) -> float:
        return abs(difference) / float(np.sqrt(treated / treated_patients + control / controls))

    def freedom(treated_patients: float, controls: float) -> float:
        return np.inf if known_variance else treated_patients * last[0] + controls * last[1] - 2.0

    def reached(treated_patients: float, controls: float) -> float:
        left, moved = freedom(treated_patients, controls), shift(treated_patients, controls)
        return (
            float(ndtr(moved - ndtri(1.0 - alpha)))
            if known_variance
            else float(t_probability(left, moved, alpha))
        )

    if known_variance:
        scale = (1.0 + ratio) * (treated / ratio + control) / difference**2
        size = sized(scale * float(ndtri(1.0 - alpha) + ndtri(power)) ** 2, ratio, reached)
    else:
        size = searched(reached, power, ratio, 2.0 / min(last))
    return MixedModelSize(
        size=size,
        variance=treated,
        control_variance=control,
        completers_variance=float(np.asarray(covariance, dtype=float)[-1, -1]) / last[0],
        degrees_of_freedom=freedom(size.treated, size.control),
    )


def check_covariance(covariance: ArrayLike) -> Floats:
    """Return a covariance as an array; raise InputError unless it is symmetric and positive definite."""
    whole = np.atleast_2d(np.asarray(covariance, dtype=float))
    if whole.ndim != 2 or whole.shape[0] != whole.shape[1] or not np.isfinite(whole).all():
        raise InputError(
            f"'covariance' has shape {whole.shape}. Give a square table of finite numbers, one row per visit."
        )
    if not np.allclose(whole, whole.T, rtol=1e-8):
        raise InputError("'covariance' is not symmetric. Give the same number for visits (j, k) and (k, j).")
    if np.linalg.eigvalsh(whole).min() <= 1e-12 * np.abs(whole).max():
        raise InputError(
            "'covariance' is not positive definite: no readings can vary like that. Lower a correlation."
        )
    return whole


def check_retention(retention: ArrayLike, visits: int) -> Floats:
    """Return the retention as an array; raise InputError unless it is a share that never grows."""
    kept = np.atleast_1d(np.asarray(retention, dtype=float))
    if kept.shape != (visits,):
        raise InputError(f"'retention' has {kept.size} numbers for {visits} visits. Give one for each.")
    if not ((kept > 0) & (kept <= 1)).all() or (np.diff(kept) > 0).any():
        given = ", ".join(f"{share:g}" for share in kept)
        raise InputError(
            f"'retention' is {given}. Give the share of the randomised still seen at each visit: above 0, at "
            "most 1, never growing."
        )
    return kept
