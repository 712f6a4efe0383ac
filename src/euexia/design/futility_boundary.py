"""Lower boundaries that stop a trial for futility."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.design import recursion
from euexia.design.boundaries import FARTHEST, Futility, solve, upper_boundary
from euexia.design.spending import Boundary, spent

Floats = NDArray[np.float64]

_LARGEST_DRIFT = 20.0
_NO_DRIFT = np.zeros(1)


def check(futility: Futility, analyses: int, sides: int) -> None:
    """Raise InputError unless the futility rule belongs to a one-sided test of so many analyses."""
    if sides == 2:
        raise InputError(
            "'futility' needs a direction of effect. Give a one-sided test (sides 1) with half of alpha."
        )
    if analyses == 1:
        raise InputError(
            "'futility' needs an interim analysis, but there is one analysis. Give more 'information'."
        )
    if (futility.boundary is None) == (not futility.values):
        raise InputError(
            "'futility' must say either a spending function of the second error or the values of its "
            "boundary."
        )
    if futility.values and len(futility.values) != analyses - 1:
        raise InputError(
            f"'futility' has {len(futility.values)} values for {analyses} analyses. Give one for every "
            "analysis but the last."
        )
    if np.isnan(futility.values).any():
        raise InputError("'futility' holds a NaN. Give -inf where an analysis has no futility boundary.")


def check_order(lower: Floats, upper: Floats) -> None:
    """Raise InputError if a futility boundary lies above the efficacy boundary."""
    crossed = np.nonzero(lower > upper)[0]
    if crossed.size:
        index = int(crossed[0])
        raise InputError(
            f"'futility' at analysis {index + 1} is {lower[index]:.4g}, above the efficacy boundary "
            f"{upper[index]:.4g}. Give a lower value."
        )


def by_spending(
    boundary: Boundary, times: Floats, alpha: float, power: float, shape: float | None, futility: Futility
) -> tuple[Floats, Floats, float]:
    r"""Return upper boundary, lower boundary and drift when the second error is spent too.

    .. math:: P_\theta(\text{stop for futility at } k) = \beta(t_k) - \beta(t_{k-1}), \quad
              P_0(\text{reject at } k) = \alpha(t_k) - \alpha(t_{k-1}), \quad l_K = u_K

    The drift theta is the one at which both boundaries meet at the last analysis.  Where futility is not
    binding, the first error is spent as if it were ignored.  Source: Pampallona, Tsiatis and Kim, Drug
    Information Journal 2001;35:1113-1121; Jennison and Turnbull, 2000, chapter 7.
    """
    if futility.boundary is None:
        raise InputError("'futility' names no spending function.")
    losses = np.diff(spent(futility.boundary, 1.0 - power, times, futility.shape), prepend=0.0)
    fixed = None if futility.binding else upper_boundary(boundary, times, alpha, shape=shape)
    if fixed is None and not boundary.spends:
        raise InputError(
            f"A binding futility boundary that spends error needs an efficacy boundary that does, not "
            f"'{boundary.value}'. Choose a spending function, or leave futility non-binding."
        )
    gains = np.diff(spent(boundary, alpha, times, shape), prepend=0.0) if fixed is None else None

    def lacking(drift: float) -> float:
        lower, upper = _pass(times, drift, losses, fixed, gains)
        return float(recursion.crossing(lower, upper, times, drift).upper_total) - power

    drift = solve(lacking, 0.0, _LARGEST_DRIFT)
    lower, upper = _pass(times, drift, losses, fixed, gains)
    return upper, lower, drift


def _pass(
    times: Floats, drift: float, losses: Floats, fixed: Floats | None, gains: Floats | None
) -> tuple[Floats, Floats]:
    """Return both boundaries for a drift: through the analyses once, with and without the effect."""
    theta, counts = np.array([drift]), recursion.integration_points(times)
    with_effect, without = recursion.nothing_crossed(), recursion.nothing_crossed()
    lower, upper = np.full(times.size, -np.inf), np.full(times.size, np.inf)
    for index, time in enumerate(times.tolist()):
        if fixed is not None:
            upper[index] = fixed[index]
        elif gains is not None:
            upper[index] = _solve_tail(without, time, float(gains[index]))
        if index + 1 == times.size:
            break
        lower[index] = min(_solve_head(with_effect, time, theta, float(losses[index])), upper[index])
        edges = lower[index : index + 1], upper[index : index + 1]
        with_effect = recursion.advance(with_effect, *edges, time, theta, counts[index])
        if fixed is None:
            without = recursion.advance(without, *edges, time, _NO_DRIFT, counts[index])
    lower[-1] = upper[-1]
    return lower, upper


def _solve_tail(state: recursion.Surviving, time: float, gain: float) -> float:
    """Return the value above which the gain lies; the nearest there is while the drift is still sought."""

    def excess(value: float) -> float:
        return float(recursion.tail(state, np.array([value]), time, _NO_DRIFT)[0]) - gain

    if gain <= 0 or excess(FARTHEST) > 0:
        return np.inf
    return -FARTHEST if excess(-FARTHEST) < 0 else solve(excess, -FARTHEST, FARTHEST)


def _solve_head(state: recursion.Surviving, time: float, drift: Floats, loss: float) -> float:
    """Return the value below which the loss lies; infinity if fewer are left while the drift is sought."""
    mean = float(drift[0]) * time**0.5

    def lacking(value: float) -> float:
        return float(recursion.head(state, np.array([value]), time, drift)[0]) - loss

    low, high = mean - FARTHEST, mean + FARTHEST
    if loss <= 0 or lacking(low) > 0:
        return -np.inf
    return np.inf if lacking(high) < 0 else solve(lacking, low, high)
