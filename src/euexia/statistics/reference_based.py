r"""Reference-based distributions: what a subject's visits would be from an intercurrent event on.

The joint distribution of all visits is built from the imputation model of the subject's own arm and of the
reference arm; what is missing then follows its conditional distribution given what was observed.  Visits
before the event have index < event.

=========================  ===================================  ==============================
strategy                   mean from the event on               covariance
=========================  ===================================  ==============================
missing at random          own arm                              own arm
jump to reference          reference                            own before, reference's regression after
copy reference             reference, also before the event     reference
copy increments            own last mean + reference's change   as jump to reference
last mean carried forward  own mean at the last visit before    own arm
=========================  ===================================  ==============================

Source: Carpenter, Roger and Kenward, Journal of Biopharmaceutical Statistics 2013;23:1352-1371.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.statistics.imputation_data import Strategy
from euexia.statistics.imputation_moments import sweep

Floats = NDArray[np.float64]


def joint_mean(own: Floats, reference: Floats, event: int, strategy: Strategy) -> Floats:
    r"""Return the mean of all visits under a strategy, from the means of both arms.

    .. math:: \text{copy increments: } \mu_j = \mu_{own,e-1} + (\mu_{ref,j} - \mu_{ref,e-1}), \quad j \ge e

    own, reference: shape (..., visits, k), visits on the last axis but one: k means, or k coefficients, since
    all strategies are linear.  An event before the first visit leaves the reference's means under copy
    increments, for both arms start from the same baseline; the last mean cannot be carried from nowhere.
    """
    visits = own.shape[-2]
    if strategy is Strategy.MISSING_AT_RANDOM or event >= visits:
        return reference.copy() if strategy is Strategy.COPY_REFERENCE else own.copy()
    mean = own.copy()
    after = slice(event, visits)
    match strategy:
        case Strategy.JUMP_TO_REFERENCE:
            mean[..., after, :] = reference[..., after, :]
        case Strategy.COPY_REFERENCE:
            mean = reference.copy()
        case Strategy.COPY_INCREMENTS:
            mean[..., after, :] = reference[..., after, :]
            if event:
                gained = own[..., event - 1, :] - reference[..., event - 1, :]
                mean[..., after, :] += gained[..., np.newaxis, :]
        case Strategy.LAST_MEAN_CARRIED_FORWARD:
            last = own[..., event - 1, :] if event else np.full_like(own[..., 0, :], np.nan)
            mean[..., after, :] = last[..., np.newaxis, :]
        case _:
            assert_never(strategy)
    return mean


def joint_covariance(own: Floats, reference: Floats, event: int, strategy: Strategy) -> Floats:
    r"""Return the covariance of all visits under a strategy, shape (..., visits, visits).

    Jump to reference and copy increments keep the own covariance before the event (1), and after it (2) the
    reference's regression on what came before:

    .. math:: S_{21} = R_{21} R_{11}^{-1} A_{11}, \quad
              S_{22} = R_{22} - R_{21} R_{11}^{-1} (R_{11} - A_{11}) R_{11}^{-1} R_{12}

    with A the own arm's covariance and R the reference's.
    """
    visits = own.shape[-1]
    match strategy:
        case Strategy.MISSING_AT_RANDOM | Strategy.LAST_MEAN_CARRIED_FORWARD:
            return own.copy()
        case Strategy.COPY_REFERENCE:
            return reference.copy()
        case Strategy.JUMP_TO_REFERENCE | Strategy.COPY_INCREMENTS:
            pass
        case _:
            assert_never(strategy)
    if event >= visits:
        return own.copy()
    if event == 0:
        return reference.copy()
    before, after = slice(0, event), slice(event, visits)
    inverse, _, _ = sweep(reference[..., before, before])
    regression = np.matmul(reference[..., after, before], inverse)
    covariance = own.copy()
    covariance[..., after, before] = np.matmul(regression, own[..., before, before])
    covariance[..., before, after] = np.swapaxes(covariance[..., after, before], -1, -2)
    excess = np.matmul(regression, own[..., before, before] - reference[..., before, before])
    covariance[..., after, after] = reference[..., after, after] + np.matmul(
        excess, np.swapaxes(regression, -1, -2)
    )
    return covariance


def regression_on_observed(covariance: Floats, observed: tuple[int, ...]) -> tuple[Floats, Floats]:
    r"""Return the weights of what was observed in the mean of what was not, and the residual covariance.

    .. math:: E(y_m | y_o) = \mu_m + K (y_o - \mu_o), \quad K = S_{mo} S_{oo}^{-1}, \quad
              \mathrm{cov} = S_{mm} - K S_{om}

    covariance: shape (..., visits, visits).  Both results have that shape: rows of observed visits are zero,
    and so are the columns of K at missing visits.
    """
    visits = covariance.shape[-1]
    weights, residual = np.zeros_like(covariance), np.zeros_like(covariance)
    seen = np.array(observed, dtype=np.intp)
    gone = np.array([visit for visit in range(visits) if visit not in observed], dtype=np.intp)
    if not gone.size:
        return weights, residual
    inner = covariance[..., gone[:, np.newaxis], gone]
    if seen.size:
        cross = covariance[..., gone[:, np.newaxis], seen]
        inverse, _, _ = sweep(np.ascontiguousarray(covariance[..., seen[:, np.newaxis], seen]))
        slope = np.matmul(cross, inverse)
        weights[..., gone[:, np.newaxis], seen] = slope
        inner = inner - np.matmul(slope, np.swapaxes(cross, -1, -2))
    residual[..., gone[:, np.newaxis], gone] = inner
    return weights, residual
