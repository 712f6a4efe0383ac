"""Boundaries of group-sequential tests, exact for any information times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from euexia.design import recursion
from euexia.design.input_checks import check_alpha, check_sides
from euexia.design.recursion import check_information, crossing
from euexia.design.spending import Boundary, relative_boundary, spent

Floats = NDArray[np.float64]

FARTHEST = 8.3
"""Critical values are sought up to here; beyond it a crossing is no longer distinguishable from none."""

_TOLERANCE = 1e-12
_NO_DRIFT = np.zeros(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Futility:
    """A lower boundary below which a trial stops for futility."""

    boundary: Boundary | None = None
    """Spending function of the second error; None where ``values`` says the boundary itself."""
    shape: float | None = None
    values: tuple[float, ...] = ()
    """Critical values of Z at every analysis but the last."""
    binding: bool = False
    """Whether the upper boundary relies on stopping: an ignored binding boundary inflates the first error."""


def upper_boundary(
    kind: Boundary,
    information: ArrayLike,
    alpha: float,
    *,
    shape: float | None = None,
    sides: int = 1,
    lower: ArrayLike | None = None,
) -> Floats:
    """Return the critical values of Z, shape (analyses,), for efficacy.

    information: of each analysis, increasing; the last is taken as all of it.  alpha: of the test, over both
    sides if sides is 2; then the lower boundary mirrors the upper one.  lower: binding futility boundary of a
    one-sided test.  Raises InputError for what makes no design.
    """
    times = check_information(information)
    check_sides(sides)
    check_alpha(alpha)
    below = np.full(times.size, -np.inf) if lower is None else np.asarray(lower, dtype=float)
    if kind.spends:
        spendings = spent(kind, alpha / sides, times / times[-1], shape) * sides
        return _by_spending(times, np.diff(spendings, prepend=0.0), sides, below)
    shares = relative_boundary(kind, times / times[-1], shape)
    return _by_shape(times, shares, alpha, sides, below)


def by_spending(times: Floats, spendings: Floats, *, sides: int = 1, lower: Floats | None = None) -> Floats:
    """Return the critical values that spend the given probabilities, one for each analysis.

    For a monitoring plan of one's own; spendings: of the whole test, shape (analyses,).
    """
    below = np.full(times.size, -np.inf) if lower is None else lower
    return _by_spending(check_information(times), spendings, sides, below)


def solve(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a monotone function; the nearer end where it has none between them."""
    at_low, at_high = function(low), function(high)
    if at_low == 0 or at_low * at_high > 0:
        return low if abs(at_low) <= abs(at_high) else high
    return float(brentq(function, low, high, xtol=_TOLERANCE, rtol=4 * np.finfo(float).eps))


def _by_spending(times: Floats, spendings: Floats, sides: int, below: Floats) -> Floats:
    counts = recursion.integration_points(times)
    state = recursion.nothing_crossed()
    values = np.full(times.size, np.inf)
    for index, time in enumerate(times.tolist()):
        values[index] = _value(state, time, float(spendings[index]) / sides, two_sided=sides == 2)
        low = -values[index] if sides == 2 else below[index]
        if index + 1 < times.size:
            edges = np.array([low]), np.array([values[index]])
            state = recursion.advance(state, *edges, time, _NO_DRIFT, counts[index])
    return values


def _value(state: recursion.Surviving, time: float, spending: float, *, two_sided: bool) -> float:
    """Return the critical value that the surviving paths exceed with a given probability."""
    if spending <= 0:
        return np.inf

    def excess(value: float) -> float:
        return float(recursion.tail(state, np.array([value]), time, _NO_DRIFT)[0]) - spending

    if excess(FARTHEST) > 0:
        return np.inf
    return solve(excess, 0.0 if two_sided else -FARTHEST, FARTHEST)


def _by_shape(times: Floats, shares: Floats, alpha: float, sides: int, below: Floats) -> Floats:
    def excess(constant: float) -> float:
        values = constant * shares
        found = crossing(-values if sides == 2 else below, values, times, 0.0)
        total = found.upper_total + (found.lower_total if sides == 2 else 0.0)
        return float(total) - alpha

    return solve(excess, 0.0, FARTHEST / shares.min()) * shares
