"""Two-sided exact tests of one rate, and the mid-p interval: less cautious than Clopper and Pearson."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.statistics.proportions import (
    TIE_TOLERANCE,
    check_probability,
    probabilities,
    probability_at_least,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_HALVINGS = 60


def likelihood_p_values(count: ArrayLike, size: ArrayLike, null: float) -> Floats:
    r"""Return the two-sided exact p-value that orders counts by their probability (Sterne; R's binom.test).

    .. math:: p = \sum_{k : P(k) \le P(x)} P(k)

    count, size: x and n, shapes that broadcast; NaN where nobody was observed.
    Source: Sterne, Biometrika 1954;41:275-278.
    """
    return _looked_up(count, size, null, _by_likelihood)


def blaker_p_values(count: ArrayLike, size: ArrayLike, null: float) -> Floats:
    r"""Return the two-sided exact p-value that orders counts by their smaller tail.

    .. math:: p = P(\gamma(X) \le \gamma(x)), \quad \gamma(k) = \min\{P(X \ge k), P(X \le k)\}

    Never larger than twice the smaller tail.  Arguments as for ``likelihood_p_values``.
    Source: Blaker, Canadian Journal of Statistics 2000;28:783-798.
    """
    return _looked_up(count, size, null, _by_tails)


def mid_p_value(count: ArrayLike, size: ArrayLike, null: ArrayLike) -> Floats:
    r"""Return the one-sided mid-p-value of more responders.

    .. math:: P(X > x) + \tfrac12 P(X = x)

    It does not hold the level exactly, but on average.
    Source: Lancaster, Journal of the American Statistical Association 1961;56:223-234.
    """
    x = np.asarray(count, dtype=float)
    middle = (probability_at_least(x, size, null) + probability_at_least(x + 1.0, size, null)) / 2.0
    return np.where(np.asarray(size) > 0, middle, np.nan)


def mid_p_interval(count: ArrayLike, size: ArrayLike, level: float) -> tuple[Floats, Floats]:
    r"""Return the two-sided interval of rates that the mid-p tests do not reject.

    .. math:: \{\pi : \alpha/2 \le P_\pi(X > x) + \tfrac12 P_\pi(X = x) \le 1 - \alpha/2\}

    NaN where nobody was observed.  Source: as for ``mid_p_value``.
    """
    check_probability("level", level)
    x, n = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(size, dtype=float))
    tail = (1.0 - level) / 2.0
    limits = []
    for target in (tail, 1.0 - tail):
        low, high = np.zeros(x.shape), np.ones(x.shape)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            short = mid_p_value(x, n, middle) < target
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        limits.append((low + high) / 2.0)
    known = n > 0
    low = np.where(x == 0, 0.0, limits[0])
    high = np.where(x == n, 1.0, limits[1])
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


@lru_cache(maxsize=256)
def _by_likelihood(size: int, null: float) -> Floats:
    mass = probabilities(size, null)
    return _no_greater(mass, mass)


@lru_cache(maxsize=256)
def _by_tails(size: int, null: float) -> Floats:
    mass = probabilities(size, null)
    upper = np.cumsum(mass[::-1])[::-1]
    return _no_greater(np.minimum(upper, np.cumsum(mass)), mass)


def _no_greater(order: Floats, mass: Floats) -> Floats:
    """Return, for each count, the mass of all counts that the order puts no higher."""
    chosen = order[np.newaxis, :] <= order[:, np.newaxis] * (1.0 + TIE_TOLERANCE)
    return np.asarray(np.minimum(1.0, np.where(chosen, mass[np.newaxis, :], 0.0).sum(axis=1)))


def _looked_up(
    count: ArrayLike, size: ArrayLike, null: float, table: Callable[[int, float], Floats]
) -> Floats:
    check_probability("null", null)
    x, n = np.broadcast_arrays(np.asarray(count, dtype=np.int64), np.asarray(size, dtype=np.int64))
    p_values = np.full(x.shape, np.nan)
    for patients in np.unique(n[n > 0]):
        here = n == patients
        p_values[here] = table(int(patients), null)[x[here]]
    return p_values
