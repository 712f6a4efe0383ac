"""Boundaries of group-sequential tests, exact for any information times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from euexia.core.errors import InputError, NumericalError
from euexia.design import recursion
from euexia.design.input_checks import check_alpha, check_positive, check_sides
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
        values = _by_spending(times, np.diff(spendings, prepend=0.0), sides, below)
    else:
        values = _by_shape(times, relative_boundary(kind, times / times[-1], shape), alpha, sides, below)
    if not np.isfinite(values[-1]):
        raise InputError(
            f"'alpha' ({alpha:g}) is too small for the last analysis to spend. Give a larger one."
        )
    return values


def monitored_boundary(
    kind: Boundary,
    information: ArrayLike,
    planned: float,
    alpha: float,
    *,
    last: bool,
    shape: float | None = None,
    sides: int = 1,
) -> Floats:
    """Return the critical values of a running trial, at the information that its analyses really had.

    information: of the analyses so far, increasing.  planned: the largest information of the plan, in the
    same unit; the spending function runs to it.  last: whether this analysis is the last one, which then
    spends all that is left, whatever its information.  Only for boundaries that spend.  Source: Lan and
    DeMets, Biometrika 1983;70:659-663.
    """
    times = check_information(information)
    check_sides(sides)
    check_alpha(alpha)
    check_positive("planned", planned, "the largest information of the plan")
    spendings = spent(kind, alpha / sides, times / planned, shape) * sides
    if last:
        spendings[-1] = alpha
    return _by_spending(times, np.diff(spendings, prepend=0.0), sides, np.full(times.size, -np.inf))


def by_spending(times: Floats, spendings: Floats, *, sides: int = 1, lower: Floats | None = None) -> Floats:
    """Return the critical values that spend the given probabilities, one for each analysis.

    For a monitoring plan of one's own; spendings: of the whole test, shape (analyses,).
    """
    below = np.full(times.size, -np.inf) if lower is None else lower
    return _by_spending(check_information(times), spendings, sides, below)


def solve(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a monotone function; raise NumericalError if it has none between the ends."""
    at_low, at_high = function(low), function(high)
    if not at_low * at_high <= 0:
        raise NumericalError(
            f"No boundary was found between {low:g} and {high:g}: the design asks for probabilities that no "
            "boundary has. Change the futility boundary, the shape or the power."
        )
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
    if not two_sided and excess(-FARTHEST) < 0:
        raise InputError(
            f"By information {time:.3g} the binding futility boundary stops so many trials that alpha can no "
            "longer be spent. Give a lower one."
        )
    return solve(excess, 0.0 if two_sided else -FARTHEST, FARTHEST)


def _by_shape(times: Floats, shares: Floats, alpha: float, sides: int, below: Floats) -> Floats:
    def excess(constant: float) -> float:
        values = constant * shares
        found = crossing(-values if sides == 2 else below, values, times, 0.0)
        total = found.upper_total + (found.lower_total if sides == 2 else 0.0)
        return float(total) - alpha

    return solve(excess, 0.0, FARTHEST / shares.min()) * shares
