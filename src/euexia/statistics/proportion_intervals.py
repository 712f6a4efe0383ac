"""Confidence intervals of a difference between two proportions, for a whole stack of trials at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, ndtri

Floats = NDArray[np.float64]

_HALVINGS = 60
"""Halving the interval (-1, 1) this often leaves less than the spacing of floats."""


def miettinen_nurminen(
    count: ArrayLike, size: ArrayLike, control_count: ArrayLike, control_size: ArrayLike, level: float
) -> tuple[Floats, Floats]:
    r"""Return the score interval of p1 - p0.

    .. math:: \{\delta : (\hat p_1 - \hat p_0 - \delta)^2 \le \chi^2_{1-\alpha}
              \tfrac{N}{N-1} [\tilde p_1(1-\tilde p_1)/n_1 + \tilde p_0(1-\tilde p_0)/n_0]\}

    where the tilde is the maximum of the likelihood under p1 - p0 = delta.  count, size: responders and
    patients of the treated arm; control_count, control_size: of the control; any one shape.  level: 1 -
    alpha.  NaN where an arm is empty.  Source: Miettinen and Nurminen, Statistics in Medicine 1985;4:213-226.
    """
    x1, n1, x0, n0 = _floats(count, size, control_count, control_size)
    shape = x1.shape
    tables = np.stack([part.ravel() for part in (x1, n1, x0, n0)], axis=1)
    distinct, place = np.unique(tables, axis=0, return_inverse=True)
    low, high = _score_interval(distinct, float(chdtri(1, 1.0 - level)))
    place = place.ravel()
    return low[place].reshape(shape), high[place].reshape(shape)


def newcombe(
    count: ArrayLike, size: ArrayLike, control_count: ArrayLike, control_size: ArrayLike, level: float
) -> tuple[Floats, Floats]:
    r"""Return the interval of p1 - p0 that joins the Wilson intervals of both arms (method 10).

    .. math:: L = d - \sqrt{(p_1 - l_1)^2 + (u_0 - p_0)^2}, \quad U = d + \sqrt{(u_1 - p_1)^2 + (p_0 - l_0)^2}

    Arguments as for miettinen_nurminen.  Source: Newcombe, Statistics in Medicine 1998;17:873-890.
    """
    x1, n1, x0, n0 = _floats(count, size, control_count, control_size)
    p1, p0 = _share(x1, n1), _share(x0, n0)
    low1, high1 = wilson(x1, n1, level)
    low0, high0 = wilson(x0, n0, level)
    difference = p1 - p0
    return difference - np.hypot(p1 - low1, high0 - p0), difference + np.hypot(high1 - p1, p0 - low0)


def wilson(count: ArrayLike, size: ArrayLike, level: ArrayLike) -> tuple[Floats, Floats]:
    r"""Return the score interval of one proportion.

    .. math:: \frac{2np + z^2 \mp z\sqrt{z^2 + 4np(1-p)}}{2(n + z^2)}

    count, size, level: any shapes that broadcast; level is 1 - alpha.  NaN where nobody was observed.
    Source: Wilson, Journal of the American Statistical Association 1927;22:209-212.
    """
    x, n = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(size, dtype=float))
    z = np.asarray(ndtri(1.0 - (1.0 - np.asarray(level, dtype=float)) / 2.0))
    spread = z * np.sqrt(z**2 + 4.0 * x * (1.0 - _share(x, n)))
    middle, scale = 2.0 * x + z**2, 2.0 * (n + z**2)
    known = n > 0
    low = np.where(x == 0, 0.0, (middle - spread) / scale)
    high = np.where(x == n, 1.0, (middle + spread) / scale)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def restricted_rates(
    difference: Floats, x1: Floats, n1: Floats, x0: Floats, n0: Floats
) -> tuple[Floats, Floats]:
    """Return the rates (p1, p0) that make the counts likeliest among those with p1 - p0 = difference.

    The closed form of the cubic score equation.  Source: Farrington and Manning, Statistics in Medicine
    1990;9:1447-1454, appendix.
    """
    total = n1 + n0
    ratio = n0 / n1
    a = 1.0 + ratio
    b = -(1.0 + ratio + x1 / n1 + ratio * x0 / n0 + difference * (ratio + 2.0))
    c = difference**2 + difference * (2.0 * x1 / n1 + ratio + 1.0) + (x1 + x0) * total / (n1 * total)
    d = -(x1 / n1) * difference * (1.0 + difference)
    v = (b / (3.0 * a)) ** 3 - b * c / (6.0 * a**2) + d / (2.0 * a)
    u = np.where(v >= 0, 1.0, -1.0) * np.sqrt(np.maximum((b / (3.0 * a)) ** 2 - c / (3.0 * a), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(u == 0, 0.0, v / u**3)
    w = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3.0
    p1 = np.clip(
        2.0 * u * np.cos(w) - b / (3.0 * a), np.maximum(0.0, difference), np.minimum(1.0, 1.0 + difference)
    )
    return p1, p1 - difference


def _floats(*arrays: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(array, dtype=float) for array in arrays)))


def _share(count: Floats, size: Floats) -> Floats:
    return np.asarray(np.divide(count, size, out=np.full(count.shape, np.nan), where=size > 0))


def _score_interval(tables: Floats, critical: float) -> tuple[Floats, Floats]:
    """Return both limits for distinct tables, shape (tables, 4): x1, n1, x0, n0."""
    x1, n1, x0, n0 = tables.T
    known = (n1 > 0) & (n0 > 0)
    x1, n1, x0, n0 = x1[known], n1[known], x0[known], n0[known]
    estimate = x1 / n1 - x0 / n0

    def outside(difference: Floats) -> NDArray[np.bool_]:
        p1, p0 = restricted_rates(difference, x1, n1, x0, n0)
        total = n1 + n0
        variance = (p1 * (1.0 - p1) / n1 + p0 * (1.0 - p0) / n0) * total / np.maximum(total - 1.0, 1.0)
        return np.asarray((estimate - difference) ** 2 > critical * variance, dtype=bool)

    low, high = np.full(known.shape, np.nan), np.full(known.shape, np.nan)
    low[known] = _limit(outside, estimate, np.full_like(estimate, -1.0))
    high[known] = _limit(outside, estimate, np.full_like(estimate, 1.0))
    return low, high


def _limit(outside: Callable[[Floats], NDArray[np.bool_]], inner: Floats, outer: Floats) -> Floats:
    """Return where, on the way from inner to outer, the score statistic becomes too large."""
    for _ in range(_HALVINGS):
        middle = (inner + outer) / 2.0
        beyond = outside(middle)
        inner, outer = np.where(beyond, inner, middle), np.where(beyond, middle, outer)
    return outer
