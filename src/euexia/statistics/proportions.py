"""Exact probabilities of one and of two binomial counts: what designs promise and what analyses test.

Counts and probabilities are NumPy arrays that broadcast; nothing here knows trials, arms or endpoints.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, betaincinv, gammaln, xlog1py, xlogy

from euexia.core.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TIE_TOLERANCE = 1e-7
"""Two tables whose probabilities differ by less than this share are equally likely (as in R)."""


class Alternative(StrEnum):
    """Which departure from the null hypothesis a test looks for."""

    TWO_SIDED = "two_sided"
    GREATER = "greater"
    """The treated respond more often."""
    LESS = "less"
    """The treated respond less often."""


def check_probability(name: str, value: float) -> None:
    """Raise InputError unless value lies strictly between 0 and 1."""
    if not 0.0 < value < 1.0:
        raise InputError(f"'{name}' is {value:g}. Give a number strictly between 0 and 1, for example 0.05.")


def check_size(name: str, value: int) -> None:
    """Raise InputError unless value is a positive whole number."""
    if value != int(value) or value < 1:
        raise InputError(f"'{name}' is {value}. Give a whole number of patients, at least 1.")


def probability_at_least(count: ArrayLike, size: ArrayLike, rate: ArrayLike) -> Floats:
    r"""Return the probability of ``count`` or more responders.

    .. math:: P(X \ge k), \quad X \sim \mathrm{Binomial}(n, p)

    count, size: k and n.  rate: p.  The shape is the broadcast shape.
    """
    k, n, p = np.broadcast_arrays(
        np.asarray(count, dtype=float), np.asarray(size, dtype=float), np.asarray(rate, dtype=float)
    )
    inside = (k >= 1) & (k <= n)
    # The upper tail of p is the lower tail of 1 - p, which loses no digits where the tail is small.
    tail = bdtr(np.where(inside, n - k, 0.0), np.where(inside, n, 1).astype(np.int64), 1.0 - p)
    return np.where(k <= 0, 1.0, np.where(k > n, 0.0, tail))


def probabilities(size: int, rate: ArrayLike) -> Floats:
    r"""Return the probability of each count 0..size.

    .. math:: P(X = k) = \binom{n}{k} p^k (1 - p)^{n - k}

    rate: p, any shape.  Returns shape (*rate.shape, size + 1).
    """
    p = np.asarray(rate, dtype=float)[..., np.newaxis]
    k = np.arange(size + 1)
    return np.exp(_log_choose(size, k) + xlogy(k, p) + xlog1py(size - k, -p))


def critical_count(size: ArrayLike, null: float, alpha: float) -> Integers:
    """Return the smallest count whose upper tail under ``null`` is at most ``alpha``; size + 1 if none is.

    size: number of patients, any shape of whole numbers.
    """
    sizes = np.asarray(size, dtype=np.int64)
    distinct, place = np.unique(sizes, return_inverse=True)
    counts = np.arange(int(distinct.max(initial=0)) + 2)
    tails = probability_at_least(counts[np.newaxis, :], distinct[:, np.newaxis], null)
    return np.asarray((tails <= alpha).argmax(axis=1)[place].reshape(sizes.shape), dtype=np.int64)


def clopper_pearson(count: ArrayLike, size: ArrayLike, level: float) -> tuple[Floats, Floats]:
    r"""Return the exact two-sided interval of a proportion.

    .. math:: B_{\alpha/2}(k, n-k+1), \quad B_{1-\alpha/2}(k+1, n-k)

    count, size: k and n.  level: 1 - alpha.  NaN where nobody was observed.
    Source: Clopper and Pearson, Biometrika 1934;26:404-413.
    """
    k, n = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(size, dtype=float))
    tail = (1.0 - level) / 2.0
    some, rest = np.maximum(k, 1.0), np.maximum(n - k, 1.0)
    low = np.where(k == 0, 0.0, betaincinv(some, np.maximum(n - k, 0.0) + 1.0, tail))
    high = np.where(k == n, 1.0, betaincinv(k + 1.0, rest, 1.0 - tail))
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


@lru_cache(maxsize=512)
def fisher_p_values(treated: int, controls: int, alternative: Alternative = Alternative.TWO_SIDED) -> Floats:
    """Return the p-value of Fisher's exact test for every possible table of two arms.

    Two-sided: the tables that are no likelier than the observed one.  Returns shape (treated + 1, controls +
    1), by responders in each arm; read only.
    """
    likelihood = _log_choose(treated, np.arange(treated + 1))[:, None] + _log_choose(
        controls, np.arange(controls + 1)
    )
    p_values = np.ones((treated + 1, controls + 1))
    for total in range(treated + controls + 1):
        a = np.arange(max(0, total - controls), min(treated, total) + 1)
        mass = np.exp(likelihood[a, total - a] - _log_choose(treated + controls, np.array(total)))
        p_values[a, total - a] = _conditional_p_values(mass, alternative)
    p_values = np.clip(p_values, 0.0, 1.0)
    p_values.setflags(write=False)
    return p_values


@lru_cache(maxsize=64)
def boschloo_p_values(
    treated: int, controls: int, alternative: Alternative = Alternative.TWO_SIDED
) -> Floats:
    r"""Return the p-value of Boschloo's exact test for every possible table of two arms.

    .. math:: p = \sup_\pi P_\pi(\text{Fisher's } p \le \text{the observed one})

    A two-sided p-value is twice the smaller one-sided one.  The supremum is found on a grid of common rates
    and on a finer grid around its best point.  Returns shape (treated + 1, controls + 1); read only.
    Source: Boschloo, Statistica Neerlandica 1970;24:1-9.
    """
    if alternative is Alternative.TWO_SIDED:
        greater = boschloo_p_values(treated, controls, Alternative.GREATER)
        less = boschloo_p_values(treated, controls, Alternative.LESS)
        p_values = np.minimum(1.0, 2.0 * np.minimum(greater, less))
    else:
        p_values = _largest_tail(fisher_p_values(treated, controls, alternative))
    p_values.setflags(write=False)
    return p_values


def two_arm_probabilities(treated: int, controls: int, rate: float, control_rate: float) -> Floats:
    """Return the probability of every table of two independent arms, shape (treated + 1, controls + 1)."""
    return np.outer(probabilities(treated, rate), probabilities(controls, control_rate))


def _log_choose(size: int | Integers, count: Integers) -> Floats:
    return np.asarray(gammaln(size + 1) - gammaln(count + 1) - gammaln(size - count + 1), dtype=float)


def _conditional_p_values(mass: Floats, alternative: Alternative) -> Floats:
    """Return the p-value of each table with the same margins; mass: their probabilities, in order."""
    match alternative:
        case Alternative.GREATER:
            return np.cumsum(mass[::-1])[::-1]
        case Alternative.LESS:
            return np.cumsum(mass)
        case Alternative.TWO_SIDED:
            no_likelier = mass[np.newaxis, :] <= mass[:, np.newaxis] * (1.0 + TIE_TOLERANCE)
            return np.asarray(no_likelier @ mass, dtype=float)
        case _:
            assert_never(alternative)


_GRID = 400
_FINE = 40


def _largest_tail(fisher: Floats) -> Floats:
    """Return, for every table, the largest probability, over common rates, of a Fisher p no larger."""
    treated, controls = fisher.shape[0] - 1, fisher.shape[1] - 1
    flat = fisher.ravel()
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    # The last table of a run of ties carries the run: all of them are "as small".
    last_of_run = np.searchsorted(ordered, ordered * (1.0 + TIE_TOLERANCE), side="right") - 1
    ends, run = np.unique(last_of_run, return_inverse=True)

    def tails(rate: Floats) -> Floats:
        mass = np.einsum("ri,rj->rij", probabilities(treated, rate), probabilities(controls, rate))
        return np.cumsum(mass.reshape(rate.size, -1)[:, order], axis=1)[:, ends]

    grid = np.linspace(0.0, 1.0, _GRID + 1)
    coarse = tails(grid)
    best = coarse.max(axis=0)
    for column, peak in enumerate(coarse.argmax(axis=0)):
        if 0.0 < best[column] < 1.0 - TIE_TOLERANCE:
            near = np.clip(grid[peak] + np.linspace(-1, 1, _FINE + 1) / _GRID, 0.0, 1.0)
            best[column] = max(best[column], _tail_at(treated, controls, order[: ends[column] + 1], near))
    p_values = np.empty_like(flat)
    p_values[order] = best[run]
    return np.minimum(1.0, p_values).reshape(fisher.shape)


def _tail_at(treated: int, controls: int, tables: Integers, rate: Floats) -> float:
    responders, control_responders = np.divmod(tables, controls + 1)
    mass = probabilities(treated, rate)[:, responders] * probabilities(controls, rate)[:, control_responders]
    return float(mass.sum(axis=1).max())
