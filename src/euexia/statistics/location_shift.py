"""Two arms compared by ranks: Wilcoxon-Mann-Whitney test, Hodges-Lehmann shift and its interval."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError
from euexia.statistics.diagnosis import Codes, Diagnosis, first_of
from euexia.statistics.proportions import Alternative
from euexia.statistics.ranks import midranks, null_distribution, untied

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

EXACT_BELOW = 50
"""Automatic: exact where both arms hold fewer than this many, and no values tie (as in R)."""

PAIRS = 2**20
"""Pairwise differences held at once."""


class Route(StrEnum):
    """How the distribution under no difference is found."""

    AUTOMATIC = "automatic"
    EXACT = "exact"
    """Over all ways to choose the treated, given the ties."""
    ASYMPTOTIC = "asymptotic"
    """Normal, with the variance corrected for ties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSum:
    """Wilcoxon-Mann-Whitney test per trial; every array of shape (trials,)."""

    statistic: Floats
    """U: pairs in which the treated has the larger value, equal pairs counting half."""
    probability: Floats
    """U over the number of pairs: the chance that a treated exceeds a control."""
    z: Floats
    """Standardised U, tie-corrected, without continuity correction."""
    p_value: Floats
    exact: Flags
    diagnosis: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Hodges-Lehmann shift per trial; every array of shape (trials,)."""

    estimate: Floats
    low: Floats
    high: Floats
    level: Floats
    """Level attained: of the exact distribution without ties, or the nominal one."""
    exact: Flags
    diagnosis: Codes


def mann_whitney(
    values: ArrayLike,
    treated: ArrayLike,
    controls: ArrayLike,
    *,
    alternative: Alternative = Alternative.TWO_SIDED,
    route: Route = Route.AUTOMATIC,
    correct: bool = True,
) -> RankSum:
    r"""Test that values of both arms are exchangeable.

    .. math:: U = \sum_{i \in 1} R_i - \tfrac{n_1(n_1+1)}{2}, \quad
              \mathrm{Var}\,U = \frac{n_1 n_0}{12}\left(N + 1 - \frac{\sum (t^3 - t)}{N(N-1)}\right)

    values: shape (trials, subjects), NaN where missing; infinite values rank first or last.  treated,
    controls: flags of the same shape.  correct: move U by 1/2 towards its mean in the asymptotic test.  The
    exact two-sided p-value is the chance of a U as far from its mean.
    Source: Mann and Whitney, Annals of Mathematical Statistics 1947;18:50-60; ties: textbook.
    """
    y, one, zero = _arms(values, treated, controls)
    ranks, ties = midranks(y, one | zero)
    n1, n0 = one.sum(axis=1).astype(float), zero.sum(axis=1).astype(float)
    total, usable = n1 + n0, (n1 > 0) & (n0 > 0)
    u = np.where(one, ranks, 0.0).sum(axis=1) - n1 * (n1 + 1.0) / 2.0
    spread = total * np.maximum(total - 1.0, 1.0)
    variance = n1 * n0 / 12.0 * (total + 1.0 - np.divide(ties, spread, out=np.zeros_like(ties), where=usable))
    flat = usable & (variance <= 0)
    diagnosis = first_of(
        (total == 0, Diagnosis.NOBODY), (~usable, Diagnosis.EMPTY_ARM), (flat, Diagnosis.IDENTICAL_VALUES)
    )
    tested = usable & ~flat
    exact = tested & _exactly(route, n1, n0, ties)
    sigma = np.sqrt(np.where(tested, variance, np.nan))
    distance = u - n1 * n0 / 2.0
    p_value = _normal_p_value(distance, sigma, alternative, correct)
    for trial in np.flatnonzero(exact):
        doubled = np.rint(2.0 * np.sort(ranks[trial][one[trial] | zero[trial]])).astype(int)
        p_value[trial] = _exact_p_value(u[trial], int(n1[trial]), tuple(doubled.tolist()), alternative)
    pairs = np.where(usable, n1 * n0, np.nan)
    return RankSum(
        statistic=np.where(usable, u, np.nan),
        probability=u / pairs,
        z=distance / sigma,
        p_value=p_value,
        exact=exact,
        diagnosis=diagnosis,
    )


def hodges_lehmann(
    values: ArrayLike,
    treated: ArrayLike,
    controls: ArrayLike,
    *,
    level: float = 0.95,
    route: Route = Route.AUTOMATIC,
) -> Shift:
    r"""Return the median of all differences between a treated and a control, and its interval.

    .. math:: \hat\Delta = \mathrm{med}\{y_i - y_j\}, \quad [D_{(C)}, D_{(n_1 n_0 + 1 - C)}]

    with C the alpha/2 quantile of U without ties (exact), or

    .. math:: C = \lceil n_1 n_0 / 2 - 1/2 - z_{1-\alpha/2} \sqrt{n_1 n_0 (N + 1) / 12} \rceil

    (asymptotic).  With ties the interval is conservative.  Arguments as for mann_whitney.  Where the arms are
    too small for any interval at this level the limits are NaN and the diagnosis says so.
    Source: Hodges and Lehmann, Annals of Mathematical Statistics 1963;34:598-611; interval: Hollander, Wolfe
    and Chicken, Nonparametric Statistical Methods, chapter 4.
    """
    y, one, zero = _arms(values, treated, controls)
    known = one | zero
    infinite = (known & np.isinf(y)).any(axis=1)
    n1, n0 = one.sum(axis=1), zero.sum(axis=1)
    usable = np.asarray((n1 > 0) & (n0 > 0) & ~infinite)
    _, ties = midranks(y, known)
    exact = usable & _exactly(route, n1.astype(float), n0.astype(float), ties)
    middle, low, high, attained = np.full((4, y.shape[0]), np.nan)
    sizes = np.stack([n1, n0, exact.astype(n1.dtype)], axis=1)
    for m, n, exactly in np.unique(sizes[usable], axis=0):
        here = np.flatnonzero(usable & (sizes == (m, n, exactly)).all(axis=1))
        rank, held = _rank_of_limit(int(m), int(n), level, bool(exactly))
        step = max(1, PAIRS // int(m * n))
        for start in range(0, here.size, step):
            block = here[start : start + step]
            middle[block], low[block], high[block] = _order_statistics(y, one, zero, block, rank)
        attained[here] = held
    few = usable & np.isnan(low)
    return Shift(
        estimate=middle,
        low=low,
        high=high,
        level=np.where(few, np.nan, attained),
        exact=exact,
        diagnosis=first_of(
            (n1 + n0 == 0, Diagnosis.NOBODY),
            ((n1 == 0) | (n0 == 0), Diagnosis.EMPTY_ARM),
            (np.asarray(infinite), Diagnosis.INFINITE_VALUE),
            (few, Diagnosis.TOO_FEW),
        ),
    )


def _arms(values: ArrayLike, treated: ArrayLike, controls: ArrayLike) -> tuple[Floats, Flags, Flags]:
    y = np.ascontiguousarray(values, dtype=float)
    if y.ndim != 2:
        raise InputError(f"'values' has shape {y.shape}. Give an array of shape (trials, subjects).")
    known = ~np.isnan(y)
    one = np.ascontiguousarray(np.broadcast_to(np.asarray(treated, dtype=bool), y.shape) & known)
    zero = np.ascontiguousarray(np.broadcast_to(np.asarray(controls, dtype=bool), y.shape) & known)
    if (one & zero).any():
        raise InputError("A subject is both treated and control. Give each subject one arm.")
    return y, one, zero


def _exactly(route: Route, n1: Floats, n0: Floats, ties: Floats) -> Flags:
    match route:
        case Route.AUTOMATIC:
            return np.asarray((n1 < EXACT_BELOW) & (n0 < EXACT_BELOW) & (ties == 0))
        case Route.EXACT:
            return np.ones(n1.shape, dtype=bool)
        case Route.ASYMPTOTIC:
            return np.zeros(n1.shape, dtype=bool)
        case _:
            assert_never(route)


def _normal_p_value(distance: Floats, sigma: Floats, alternative: Alternative, correct: bool) -> Floats:
    shift = 0.5 if correct else 0.0
    match alternative:
        case Alternative.TWO_SIDED:
            return np.minimum(1.0, 2.0 * ndtr(-(np.abs(distance) - shift) / sigma))
        case Alternative.GREATER:
            return np.asarray(ndtr(-(distance - shift) / sigma))
        case Alternative.LESS:
            return np.asarray(ndtr((distance + shift) / sigma))
        case _:
            assert_never(alternative)


def _exact_p_value(u: float, treated: int, doubled: tuple[int, ...], alternative: Alternative) -> float:
    null = null_distribution(treated, doubled)
    match alternative:
        case Alternative.TWO_SIDED:
            return null.as_far(u, treated * (len(doubled) - treated) / 2.0)
        case Alternative.GREATER:
            return null.at_least(u)
        case Alternative.LESS:
            return null.at_most(u)
        case _:
            assert_never(alternative)


def _rank_of_limit(treated: int, controls: int, level: float, exactly: bool) -> tuple[int, float]:
    """Return C, 0 where no interval has the level, and the level attained."""
    tail = (1.0 - level) / 2.0
    pairs = treated * controls
    if not exactly:
        sigma = np.sqrt(pairs * (treated + controls + 1.0) / 12.0)
        rank = ceil(pairs / 2.0 - 0.5 - float(ndtri(1.0 - tail)) * sigma)
        return max(0, rank), level
    null = null_distribution(treated, untied(treated + controls))
    rank = int(null.quantile(tail))
    return rank, 1.0 - 2.0 * null.at_most(rank - 1) if rank > 0 else np.nan


def _order_statistics(
    values: Floats, one: Flags, zero: Flags, block: Integers, rank: int
) -> tuple[Floats, Floats, Floats]:
    """Return the median and the limits of the pairwise differences of trials with equal sizes."""
    y = values[block]
    first = y[one[block]].reshape(block.size, -1)
    second = y[zero[block]].reshape(block.size, -1)
    differences = (first[:, :, np.newaxis] - second[:, np.newaxis, :]).reshape(block.size, -1)
    pairs = differences.shape[1]
    halves = [(pairs - 1) // 2, pairs // 2]
    limits = [rank - 1, pairs - rank] if rank > 0 else []
    differences.sort(axis=1)  # faster than selecting a few order statistics, which has no vector code
    middle = (differences[:, halves[0]] + differences[:, halves[1]]) / 2.0
    if not limits:
        unknown = np.full(block.size, np.nan)
        return middle, unknown, unknown
    return middle, differences[:, limits[0]], differences[:, limits[1]]
