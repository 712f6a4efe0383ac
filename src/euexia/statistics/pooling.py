r"""Rubin's rules: one estimate, standard error and interval from many completed data sets.

.. math:: \bar Q = \tfrac1M \sum_m Q_m, \quad T = \bar U + (1 + \tfrac1M) B, \quad
          \bar U = \tfrac1M \sum_m U_m, \quad B = \tfrac1{M-1} \sum_m (Q_m - \bar Q)^2

Degrees of freedom as Barnard and Rubin, Biometrika 1999;86:948-955, with those of the complete data:

.. math:: \lambda = (1 + \tfrac1M) B / T, \quad \nu_{old} = (M-1)/\lambda^2, \quad
          \nu_{obs} = \frac{\nu_{com} + 1}{\nu_{com} + 3} \nu_{com} (1 - \lambda), \quad
          \nu = (1/\nu_{old} + 1/\nu_{obs})^{-1}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from euexia.core.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Pooled estimates; the shape of the estimates without their first axis."""

    estimate: Floats
    standard_error: Floats
    freedom: Floats
    low: Floats
    high: Floats
    p_value: Floats
    """Two-sided, of no difference."""
    within: Floats
    """Mean variance within imputations."""
    between: Floats
    """Variance between imputations."""
    missing_information: Floats
    """Share of the total variance that comes from imputing."""
    monte_carlo_error: Floats
    """Standard error of the estimate from the finite number of imputations, sqrt(B / M)."""


def pool(
    estimates: ArrayLike, variances: ArrayLike, complete_freedom: ArrayLike = np.inf, level: float = 0.95
) -> Pooled:
    """Pool estimates over imputations, the first axis; at least two.

    variances: squared standard errors, the same shape.  complete_freedom: degrees of freedom that the
    analysis would have without missing data, infinite for a normal one.
    """
    value, variance = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    check_imputations(value.shape[0] if value.ndim else 0)
    if not 0.0 < level < 1.0:
        raise InputError(f"'level' is {level:g}. Give a number strictly between 0 and 1, for example 0.95.")
    many = value.shape[0]
    centre, within, between = value.mean(axis=0), variance.mean(axis=0), value.var(axis=0, ddof=1)
    total = within + (1.0 + 1.0 / many) * between
    share = np.divide((1.0 + 1.0 / many) * between, total, out=np.zeros_like(total), where=total > 0.0)
    freedom = barnard_rubin(
        share, many, np.broadcast_to(np.asarray(complete_freedom, dtype=float), total.shape)
    )
    error = np.sqrt(total)
    half = t_quantile((1.0 + level) / 2.0, freedom) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((centre == 0.0) & (error == 0.0), 0.0, np.abs(centre) / error)
    return Pooled(
        estimate=centre,
        standard_error=error,
        freedom=freedom,
        low=centre - half,
        high=centre + half,
        p_value=2.0 * t_tail(ratio, freedom),
        within=within,
        between=between,
        missing_information=share,
        monte_carlo_error=np.sqrt(between / many),
    )


def check_imputations(many: int) -> None:
    """Raise InputError unless there are enough imputations to tell a variance between them."""
    if many < 2:
        raise InputError(f"'imputations' is {many}: their variance needs at least 2. Ask for some hundreds.")


def barnard_rubin(share: Floats, many: int, complete: Floats) -> Floats:
    """Return the degrees of freedom; those of the complete data where nothing was imputed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        old = (many - 1.0) / share**2
        seen = np.where(
            np.isinf(complete), np.inf, (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share)
        )
        return np.asarray(1.0 / (1.0 / old + 1.0 / seen))


def t_quantile(probability: float, freedom: Floats) -> Floats:
    """Return the quantile of Student's distribution, normal where the degrees of freedom are infinite."""
    finite = np.isfinite(freedom)
    student = stdtrit(np.where(finite, freedom, 1.0), probability)
    return np.where(np.isnan(freedom), np.nan, np.where(finite, student, ndtri(probability)))


def t_tail(ratio: Floats, freedom: Floats) -> Floats:
    """Return the upper tail of Student's distribution, normal where the degrees of freedom are infinite."""
    finite = np.isfinite(freedom)
    student = stdtr(np.where(finite, freedom, 1.0), -ratio)
    return np.where(np.isnan(freedom), np.nan, np.where(finite, student, ndtr(-ratio)))


@unique
class Direction(StrEnum):
    """On which side of a threshold a subject responds."""

    AT_LEAST = "at_least"
    ABOVE = "above"
    AT_MOST = "at_most"
    BELOW = "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Who responds, told from a change from baseline; percent: the change as percent of baseline.

    ``Responder(threshold=5, direction=Direction.AT_LEAST, percent=True)`` responds by a gain of 5 % or more.
    """

    threshold: float
    direction: Direction = Direction.AT_LEAST
    percent: bool = False

    def __call__(self, change: Floats, baseline: Floats) -> Flags:
        """Return who responds; change and baseline of shapes that broadcast."""
        with np.errstate(divide="ignore", invalid="ignore"):
            size = 100.0 * change / baseline if self.percent else change
        match self.direction:
            case Direction.AT_LEAST:
                return np.asarray(size >= self.threshold)
            case Direction.ABOVE:
                return np.asarray(size > self.threshold)
            case Direction.AT_MOST:
                return np.asarray(size <= self.threshold)
            case Direction.BELOW:
                return np.asarray(size < self.threshold)


ResponderRule = Responder | Callable[[Floats, Floats], Flags]
"""A rule from (change, baseline) to who responds; any function of the two will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledResponses:
    """Shares of responders and their difference, pooled over imputations."""

    treated: Pooled
    reference: Pooled
    difference: Pooled


def pool_responses(
    responds: Flags, arm: NDArray[np.int64], treated: int, reference: int, level: float
) -> PooledResponses:
    r"""Pool the shares of responders of two arms and their difference.

    .. math:: Q = \hat p_1 - \hat p_0, \quad U = \hat p_1 (1 - \hat p_1) / n_1 + \hat p_0 (1 - \hat p_0) / n_0

    responds: shape (imputations, subjects).  arm: shape (subjects,).  Normal but for the imputations
    (complete degrees of freedom infinite).
    """
    shares, variances = [], []
    for code in (treated, reference):
        inside = arm == code
        share = responds[:, inside].mean(axis=1)
        shares.append(share)
        variances.append(share * (1.0 - share) / inside.sum())
    return PooledResponses(
        treated=pool(shares[0], variances[0], level=level),
        reference=pool(shares[1], variances[1], level=level),
        difference=pool(shares[0] - shares[1], variances[0] + variances[1], level=level),
    )
