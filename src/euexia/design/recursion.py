r"""Where a sequential test crosses its boundaries: exact probabilities by recursive numerical integration.

At analysis k the statistic :math:`Z_k` is normal with mean :math:`\theta\sqrt{I_k}` and variance 1, and
:math:`\mathrm{cov}(Z_j, Z_k) = \sqrt{I_j / I_k}` for j < k: the canonical joint distribution.  A trial goes
on while the statistic lies strictly between the lower and the upper boundary.

Source: Armitage, McPherson and Rowe, Journal of the Royal Statistical Society A 1969;132:235-244; Jennison
and Turnbull, Group Sequential Methods, Chapman & Hall/CRC 2000, chapter 19.  They use Simpson's rule; here
Gauss-Legendre points are used, which reach the accuracy of floats with fewer points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from euexia.core.errors import InputError

Floats = NDArray[np.float64]

_REACH = 8.5
"""Standard deviations on either side of the mean beyond which nothing is left to integrate (1e-17)."""

_SPACING = 0.5
"""Mean distance of points, in standard deviations of the narrowest step."""

_LEAST_POINTS = 24
_MOST_POINTS = 3000
_CELLS = 4_000_000
"""Numbers held at once; larger stacks are worked off in pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Probabilities of crossing for the first time; the last axis is the analyses."""

    upper: Floats
    """Through the upper boundary at each analysis."""
    lower: Floats
    """Through the lower boundary at each analysis."""

    @property
    def upper_total(self) -> Floats:
        """Return the probability of ever crossing the upper boundary."""
        return np.asarray(self.upper.sum(axis=-1))

    @property
    def lower_total(self) -> Floats:
        """Return the probability of ever crossing the lower boundary."""
        return np.asarray(self.lower.sum(axis=-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surviving:
    """The paths that have crossed nothing so far: points of S = Z sqrt(I), and their probability.

    points, mass: shape (rows, points); mass sums to the probability of having crossed nothing.
    """

    information: float
    points: Floats
    mass: Floats


def crossing(lower: ArrayLike, upper: ArrayLike, information: ArrayLike, drift: ArrayLike) -> Crossing:
    r"""Return the probability of leaving through each boundary at each analysis.

    .. math:: P_\theta(l_j < Z_j < u_j, j < k;\ Z_k \ge u_k), \qquad
              f_k(s) = \int f_{k-1}(r)\, \varphi\!\left(\frac{s - r - \theta\Delta_k}{\sqrt{\Delta_k}}\right)
              \frac{dr}{\sqrt{\Delta_k}}, \quad S_k = Z_k\sqrt{I_k}

    lower, upper: boundaries of Z, shape (..., analyses); minus infinity where there is none.  information:
    increasing, shape (analyses,).  drift: theta, the mean of Z per square root of information, any shape that
    broadcasts with the leading shape of the boundaries.  Each row of a stack gives the very floats that it
    gives alone.
    """
    times = check_information(information)
    low, high, theta, shape = _rows(lower, upper, drift, times.size)
    through_upper, through_lower = np.zeros(low.shape), np.zeros(low.shape)
    piece = max(1, _CELLS // _points(times).max(initial=1) ** 2)
    for start in range(0, low.shape[0], piece):
        rows = slice(start, start + piece)
        through_upper[rows], through_lower[rows] = _run(low[rows], high[rows], times, theta[rows])
    return Crossing(
        upper=through_upper.reshape(*shape, times.size), lower=through_lower.reshape(*shape, times.size)
    )


def check_information(information: ArrayLike) -> Floats:
    """Return the information of the analyses; raise InputError unless it is positive and grows."""
    times = np.atleast_1d(np.asarray(information, dtype=float))
    if times.ndim != 1 or times.size == 0:
        raise InputError("'information' must list the information of each analysis, for example 0.5, 1.")
    if not np.isfinite(times).all() or times[0] <= 0 or (np.diff(times) <= 0).any():
        given = ", ".join(f"{time:g}" for time in times)
        raise InputError(
            f"'information' is {given}. Give positive numbers that increase from analysis to analysis, for "
            "example 0.33, 0.67, 1."
        )
    if _wanted_points(times).max(initial=0) > _MOST_POINTS:
        raise InputError(
            f"'information' has analyses that are too near each other to integrate ({_nearest(times)}). "
            "Merge them."
        )
    return times


def nothing_crossed(rows: int = 1) -> Surviving:
    """Return the state before the first analysis: all paths at 0."""
    return Surviving(information=0.0, points=np.zeros((rows, 1)), mass=np.ones((rows, 1)))


def tail(state: Surviving, bound: Floats, information: float, drift: Floats) -> Floats:
    """Return the probability that Z at the next analysis is at least bound; bound, drift: shape (rows,)."""
    return np.asarray((state.mass * ndtr(-_standard(state, bound, information, drift))).sum(axis=-1))


def head(state: Surviving, bound: Floats, information: float, drift: Floats) -> Floats:
    """Return the probability that Z at the next analysis is at most bound; bound, drift: shape (rows,)."""
    return np.asarray((state.mass * ndtr(_standard(state, bound, information, drift))).sum(axis=-1))


def advance(
    state: Surviving, lower: Floats, upper: Floats, information: float, drift: Floats, points: int
) -> Surviving:
    """Return what survives the next analysis.

    lower, upper, drift: shape (rows,).  points: how many are used for the integral over it.
    """
    root, step = np.sqrt(information), np.sqrt(information - state.information)
    mean = drift * root
    low = np.clip(lower, mean - _REACH, mean + _REACH) * root
    high = np.clip(upper, mean - _REACH, mean + _REACH) * root
    nodes, weights = _legendre(points)
    half = np.maximum(high - low, 0.0)[:, np.newaxis] / 2.0
    places = low[:, np.newaxis] + half * (nodes + 1.0)
    shift = drift[:, np.newaxis, np.newaxis] * (information - state.information)
    apart = (places[:, :, np.newaxis] - state.points[:, np.newaxis, :] - shift) / step
    density = np.exp(-0.5 * apart**2)
    density *= state.mass[:, np.newaxis, :]
    mass = density.sum(axis=-1) / (step * np.sqrt(2.0 * np.pi)) * half * weights
    return Surviving(information=information, points=places, mass=mass)


def integration_points(information: Floats) -> tuple[int, ...]:
    """Return how many points each analysis is integrated with, from the times alone."""
    return tuple(int(count) for count in _points(information))


def _standard(state: Surviving, bound: Floats, information: float, drift: Floats) -> Floats:
    gained = information - state.information
    reach = (bound * np.sqrt(information))[:, np.newaxis] - state.points - drift[:, np.newaxis] * gained
    return np.asarray(reach / np.sqrt(gained))


def _run(low: Floats, high: Floats, times: Floats, theta: Floats) -> tuple[Floats, Floats]:
    through_upper, through_lower = np.zeros(low.shape), np.zeros(low.shape)
    state = nothing_crossed(low.shape[0])
    counts = integration_points(times)
    for index, time in enumerate(times.tolist()):
        through_upper[:, index] = tail(state, high[:, index], time, theta)
        through_lower[:, index] = head(state, low[:, index], time, theta)
        if index + 1 < times.size:
            state = advance(state, low[:, index], high[:, index], time, theta, counts[index])
    return through_upper, through_lower


def _rows(
    lower: ArrayLike, upper: ArrayLike, drift: ArrayLike, analyses: int
) -> tuple[Floats, Floats, Floats, tuple[int, ...]]:
    low, high = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    theta = np.asarray(drift, dtype=float)
    for name, bound in (("lower", low), ("upper", high)):
        if bound.ndim == 0 or bound.shape[-1] != analyses:
            raise InputError(f"'{name}' must hold a boundary for each of {analyses} analyses.")
        if np.isnan(bound).any():
            raise InputError(f"'{name}' holds a NaN. Give -inf or inf where there is no boundary.")
    shape = np.broadcast_shapes(low.shape[:-1], high.shape[:-1], theta.shape)
    low = np.broadcast_to(low, (*shape, analyses)).reshape(-1, analyses)
    high = np.broadcast_to(high, (*shape, analyses)).reshape(-1, analyses)
    return low, high, np.broadcast_to(theta, shape).reshape(-1), shape


def _wanted_points(times: Floats) -> Floats:
    """Return the points each analysis wants: its own step and the next one must both be resolved."""
    gained = np.diff(times, prepend=0.0)
    width = np.sqrt(gained / times)
    following = np.append(np.sqrt(gained[1:] / times[:-1]), 1.0)
    narrowest = np.minimum(1.0, np.minimum(width, following))
    return np.asarray(np.ceil(2.0 * _REACH / (_SPACING * narrowest)) + _LEAST_POINTS)


def _points(times: Floats) -> NDArray[np.int64]:
    return _wanted_points(times).astype(np.int64)


def _nearest(times: Floats) -> str:
    index = int(np.argmin(np.diff(times, prepend=0.0) / times))
    before = times[index - 1] if index else 0.0
    return f"{before:g} and {times[index]:g}"


@lru_cache(maxsize=64)
def _legendre(points: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return nodes, weights
