r"""Several arms against one control: Dunnett's tests and simultaneous intervals, for a stack of trials.

The statistics :math:`T_j = (\lambda_j Z_0 + \sqrt{1 - \lambda_j^2} Z_j) / S` share the control through one
standard normal variable and the standard error through :math:`S = \sqrt{\chi^2_\nu / \nu}`, so that given
both they are independent and only two integrals, each of one variable, are left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, gammaln, ndtr, xlogy

from euexia.core.errors import InputError
from euexia.statistics.proportions import Alternative

Floats = NDArray[np.float64]

_REACH = 8.5
"""The standard normal beyond this is below the rounding of floats."""

_SHARED_POINTS = 64
_SPREAD_POINTS = 64
_TAIL = 1e-17
_HALVINGS = 60
_CELLS = 2**20
_CERTAIN = 1.0 - 1e-9
"""Largest loading: two statistics correlated beyond it are one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simultaneous:
    """Simultaneous intervals; limits of shape (trials, comparisons), critical value (trials,)."""

    low: Floats
    high: Floats
    critical: Floats


def loadings(sizes: ArrayLike, control_size: ArrayLike) -> Floats:
    r"""Return the loadings of comparisons of means of independent arms with one variance.

    .. math:: \lambda_j = \sqrt{n_j / (n_j + n_0)}, \quad \mathrm{Corr}(T_i, T_j) = \lambda_i \lambda_j

    sizes: n_j, shape (..., comparisons).  control_size: n_0, shape (...).
    """
    n, n0 = np.asarray(sizes, dtype=float), np.asarray(control_size, dtype=float)[..., np.newaxis]
    return np.asarray(np.sqrt(n / (n + n0)))


def loadings_of(covariance: ArrayLike) -> tuple[Floats, Floats]:
    r"""Return the loadings of comparisons with a given covariance, and how far they miss its correlations.

    .. math:: \lambda_j^2 \approx \mathrm{median}_{k, l} \; \rho_{jk} \rho_{jl} / \rho_{kl}

    Exact for two comparisons with a correlation that is not negative, and for means of independent arms;
    after adjustment for covariates nearly so, and the miss says how nearly.  covariance: of the comparisons,
    shape (trials, m, m).
    """
    v = np.asarray(covariance, dtype=float)
    error = np.sqrt(np.diagonal(v, axis1=-2, axis2=-1))
    rho = v / (error[..., :, np.newaxis] * error[..., np.newaxis, :])
    width = rho.shape[-1]
    if width == 1:
        squares = np.zeros(rho.shape[:-1])
    elif width == 2:
        squares = np.repeat(rho[..., 0, 1, np.newaxis], 2, axis=-1)
    else:
        squares = np.stack([_square_of_loading(rho, j) for j in range(width)], axis=-1)
    found = np.sqrt(np.clip(squares, 0.0, _CERTAIN**2))
    product = found[..., :, np.newaxis] * found[..., np.newaxis, :]
    off = ~np.eye(width, dtype=bool)
    miss = np.where(off, np.abs(product - rho), 0.0).max(axis=(-2, -1))
    return found, np.asarray(miss)


def _square_of_loading(rho: Floats, j: int) -> Floats:
    others = [k for k in range(rho.shape[-1]) if k != j]
    ratios = [rho[..., j, k] * rho[..., j, m] / rho[..., k, m] for k in others for m in others if k < m]
    return np.asarray(np.median(np.stack(ratios, axis=-1), axis=-1))


def single_step(
    statistics: ArrayLike,
    loading: ArrayLike,
    freedom: ArrayLike,
    *,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Floats:
    r"""Return Dunnett's adjusted p-values.

    .. math:: \tilde p_j = 1 - P(\max_i |T_i| \le |t_j|)

    without the bars if one-sided.  statistics: t, shape (trials, comparisons); one that is NaN leaves the
    family.  loading: (comparisons,) or like the statistics.  freedom: (trials,), infinite for normal
    statistics.  Source: Dunnett, Journal of the American Statistical Association 1955;50:1096-1121.
    """
    t, weight, nu = _checked(statistics, loading, freedom, alternative)
    member = ~np.isnan(t)
    adjusted = [_beyond(t[:, j], weight, member, nu, alternative) for j in range(t.shape[1])]
    return np.stack(adjusted, axis=1)


def step_down(
    statistics: ArrayLike,
    loading: ArrayLike,
    freedom: ArrayLike,
    *,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Floats:
    r"""Return adjusted p-values of Dunnett's tests closed: from the largest statistic downwards.

    .. math:: \tilde p_{(i)} = \max_{k \le i} P(\max_{j \ge k} |T_{(j)}| > |t_{(k)}|)

    Arguments as for ``single_step``, which it never exceeds.
    Source: Dunnett and Tamhane, Statistics in Medicine 1991;10:939-947.
    """
    t, weight, nu = _checked(statistics, loading, freedom, alternative)
    size = np.abs(t) if alternative is Alternative.TWO_SIDED else t
    order = np.argsort(-np.where(np.isnan(t), -np.inf, size), axis=1, kind="stable")
    rows = np.arange(t.shape[0])
    member = ~np.isnan(t)
    adjusted, largest = np.full_like(t, np.nan), np.zeros(t.shape[0])
    for place in order.T:
        p_value = _beyond(t[rows, place], weight, member, nu, alternative)
        largest = np.fmax(largest, p_value)
        adjusted[rows, place] = np.where(np.isnan(p_value), np.nan, largest)
        member = member.copy()
        member[rows, place] = False
    return adjusted


def critical_value(
    loading: ArrayLike,
    freedom: ArrayLike,
    level: float,
    *,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Floats:
    """Return c with P(max |T| <= c) = level, shape (trials,); without the bars if one-sided.

    loading: shape (trials, comparisons) or (comparisons,).  freedom: (trials,) or one number.
    """
    nu = np.atleast_1d(np.asarray(freedom, dtype=float))
    weight = np.atleast_2d(np.asarray(loading, dtype=float))
    nu, weight = np.broadcast_to(nu, max(nu.size, weight.shape[0])), weight
    weight = np.broadcast_to(weight, (nu.size, weight.shape[1]))
    sided = Alternative.GREATER if alternative is Alternative.LESS else alternative
    member = np.ones(weight.shape, dtype=bool)
    low, high = np.zeros(nu.shape), np.ones(nu.shape)
    for _ in range(_HALVINGS):
        short = _beyond(high, weight, member, nu, sided) > 1.0 - level
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, 2.0 * high, high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        short = _beyond(middle, weight, member, nu, sided) > 1.0 - level
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(np.isnan(nu), np.nan, (low + high) / 2.0)


def intervals(
    estimate: Floats, error: Floats, loading: ArrayLike, freedom: ArrayLike, level: float
) -> Simultaneous:
    r"""Return two-sided simultaneous intervals :math:`d_j \pm c\,\mathrm{se}_j`.

    estimate, error: shape (trials, comparisons).
    """
    critical = critical_value(loading, freedom, level)
    half = critical[:, np.newaxis] * error
    return Simultaneous(low=estimate - half, high=estimate + half, critical=critical)


def _checked(
    statistics: ArrayLike, loading: ArrayLike, freedom: ArrayLike, alternative: Alternative
) -> tuple[Floats, Floats, Floats]:
    t = np.atleast_2d(np.asarray(statistics, dtype=float))
    weight = np.broadcast_to(np.asarray(loading, dtype=float), t.shape)
    if (np.abs(np.where(np.isnan(weight), 0.0, weight)) >= 1.0).any():
        raise InputError("A loading is not between -1 and 1. Give the square root of n / (n + control's n).")
    nu = np.broadcast_to(np.asarray(freedom, dtype=float), t.shape[:1])
    match alternative:
        case Alternative.LESS:
            return -t, weight, nu
        case Alternative.GREATER | Alternative.TWO_SIDED:
            return t, weight, nu
        case _:
            assert_never(alternative)


@lru_cache(maxsize=64)
def _legendre(points: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return np.asarray(nodes), np.asarray(weights)


def _spread(freedom: Floats) -> tuple[Floats, Floats]:
    r"""Return points and weights of :math:`S = \sqrt{\chi^2_\nu / \nu}` per trial, shape (trials, points)."""
    nodes, weights = _legendre(_SPREAD_POINTS)
    usable = np.isfinite(freedom) & (freedom > 0)
    nu = np.where(usable, freedom, 1.0)[:, np.newaxis]
    low, high = np.sqrt(chdtri(nu, 1.0 - _TAIL) / nu), np.sqrt(chdtri(nu, _TAIL) / nu)
    s = low + (high - low) * (nodes + 1.0) / 2.0
    logarithm = (
        np.log(2.0) + xlogy(nu / 2.0, nu / 2.0) - gammaln(nu / 2.0) + xlogy(nu - 1.0, s) - nu * s**2 / 2
    )
    mass = np.exp(logarithm) * (high - low) / 2.0 * weights
    mass = mass / mass.sum(axis=1, keepdims=True)
    fixed = np.isinf(freedom)[:, np.newaxis]
    return np.where(fixed, 1.0, s), np.where(usable[:, np.newaxis] | fixed, mass, np.nan)


def _beyond(
    limit: Floats, loading: Floats, member: NDArray[np.bool_], freedom: Floats, alternative: Alternative
) -> Floats:
    """Return P(max T > limit) over the members, of |T| if two-sided; NaN where the limit is."""
    step = max(1, _CELLS // (_SHARED_POINTS * _SPREAD_POINTS))
    parts = []
    for start in range(0, limit.size, step):
        here = slice(start, start + step)
        parts.append(_beyond_block(limit[here], loading[here], member[here], freedom[here], alternative))
    return np.concatenate(parts)


def _beyond_block(
    limit: Floats, loading: Floats, member: NDArray[np.bool_], freedom: Floats, alternative: Alternative
) -> Floats:
    nodes, weights = _legendre(_SHARED_POINTS)
    shared = _REACH * nodes
    mass = weights * np.exp(-(shared**2) / 2.0)
    mass = mass / mass.sum()
    s, spread_mass = _spread(freedom)
    bound = np.abs(limit) if alternative is Alternative.TWO_SIDED else limit
    reach = (bound[:, np.newaxis] * s)[:, :, np.newaxis]
    inside = np.ones((*s.shape, shared.size))
    for j in range(loading.shape[1]):
        common = loading[:, j, np.newaxis, np.newaxis] * shared
        own = np.sqrt(1.0 - loading[:, j] ** 2)[:, np.newaxis, np.newaxis]
        chance = ndtr((reach - common) / own)
        if alternative is Alternative.TWO_SIDED:
            chance = chance - ndtr((-reach - common) / own)
        inside = inside * np.where(member[:, j, np.newaxis, np.newaxis], chance, 1.0)
    beyond = (((1.0 - inside) * mass).sum(axis=2) * spread_mass).sum(axis=1)
    return np.where(np.isnan(limit), np.nan, np.clip(beyond, 0.0, 1.0))
