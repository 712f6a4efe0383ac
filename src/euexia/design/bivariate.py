"""Two correlated things at once: the bivariate normal distribution and pairs of binomial counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, owens_t

from euexia.core.errors import InputError

Floats = NDArray[np.float64]

_NOTHING = 1e-100


def bivariate_normal(first: ArrayLike, second: ArrayLike, correlation: ArrayLike) -> Floats:
    r"""Return the probability that two standard normal variables are both at most their limits.

    .. math:: \Phi_2(h, k; \rho) = \tfrac12[\Phi(h) + \Phi(k) - \delta]
              - T\!\left(h, \tfrac{k - \rho h}{h\sqrt{1-\rho^2}}\right)
              - T\!\left(k, \tfrac{h - \rho k}{k\sqrt{1-\rho^2}}\right)

    with T Owen's function and delta 1 where h and k have different signs (or one is 0 and the other
    negative), else 0.  first, second, correlation: h, k, rho (from -1 to 1); they broadcast.  Source: Owen,
    Annals of Mathematical Statistics 1956;27:1075-1090.
    """
    h, k, rho = np.broadcast_arrays(
        np.asarray(first, dtype=float), np.asarray(second, dtype=float), np.asarray(correlation, dtype=float)
    )
    # A negative zero would turn the sign of the quotients below, a subnormal number would lose them.
    h, k = (np.where(np.abs(limit) < _NOTHING, 0.0, limit) for limit in (h, k))
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum(1.0 - rho**2, 0.0))
        at_h = owens_t(h, (k - rho * h) / (h * root))
        at_k = owens_t(k, (h - rho * k) / (k * root))
    opposite = (h < 0) != (k < 0)
    value = 0.5 * (ndtr(h) + ndtr(k) - opposite) - at_h - at_k
    centre = 0.25 + np.arcsin(np.clip(rho, -1.0, 1.0)) / (2.0 * np.pi)
    value = np.where((h == 0) & (k == 0), centre, value)
    value = np.where(np.isinf(h) | np.isinf(k), ndtr(np.minimum(h, k)) * (np.maximum(h, k) > 0), value)
    value = np.where(rho >= 1.0, ndtr(np.minimum(h, k)), value)
    value = np.where(rho <= -1.0, np.maximum(ndtr(h) + ndtr(k) - 1.0, 0.0), value)
    return np.clip(value, 0.0, 1.0)


def correlation_bounds(first: float, second: float) -> tuple[float, float]:
    r"""Return the least and greatest correlation of two yes-or-no answers with given rates.

    .. math:: \frac{\max(0, p + q - 1) - pq}{\sqrt{p(1-p)q(1-q)}} \le \rho \le
              \frac{\min(p, q) - pq}{\sqrt{p(1-p)q(1-q)}}

    The bounds of Frechet.
    """
    scale = np.sqrt(first * (1.0 - first) * second * (1.0 - second))
    low = (max(0.0, first + second - 1.0) - first * second) / scale
    return float(low), float((min(first, second) - first * second) / scale)


def check_correlation(name: str, correlation: float, bounds: tuple[float, float] = (-1.0, 1.0)) -> None:
    """Raise InputError unless a correlation is possible."""
    low, high = bounds
    if not low - 1e-12 <= correlation <= high + 1e-12:
        raise InputError(
            f"'{name}' is {correlation:g}. It can only lie between {low:.4g} and {high:.4g}"
            + (" for these response rates." if bounds != (-1.0, 1.0) else ".")
        )


def bivariate_binomial(size: int, first: float, second: float, correlation: float) -> Floats:
    r"""Return the probability of every pair of counts of two correlated answers, shape (size + 1, size + 1).

    .. math:: \sum_{x,y} P(x, y) s^x t^y = (p_{11} st + p_{10} s + p_{01} t + p_{00})^n, \quad
              p_{11} = pq + \rho\sqrt{p(1-p)q(1-q)}

    The polynomial is evaluated at roots of unity and transformed back.  Raises InputError for a correlation
    beyond its bounds.
    """
    check_correlation("correlation", correlation, correlation_bounds(first, second))
    both = first * second + correlation * np.sqrt(first * (1 - first) * second * (1 - second))
    both = float(np.clip(both, max(0.0, first + second - 1.0), min(first, second)))
    root = np.exp(-2j * np.pi * np.arange(size + 1) / (size + 1))
    s, t = root[:, np.newaxis], root[np.newaxis, :]
    generating = both * s * t + (first - both) * s + (second - both) * t + (1.0 - first - second + both)
    return np.clip(np.fft.ifft2(generating**size).real, 0.0, 1.0)
