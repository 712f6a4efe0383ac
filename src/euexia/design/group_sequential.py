"""Group-sequential designs: boundaries, what they promise, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from euexia.design import futility_boundary
from euexia.design.boundaries import Futility, solve, upper_boundary
from euexia.design.input_checks import check_alpha, check_power, check_sides
from euexia.design.recursion import Crossing, check_information, crossing
from euexia.design.spending import Boundary

Floats = NDArray[np.float64]

_LARGEST_DRIFT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSequentialDesign:
    """Boundaries of the statistic Z at each analysis; arrays of shape (analyses,)."""

    boundary: Boundary
    shape: float | None
    alpha: float
    """Over both sides if there are two."""
    sides: int
    power: float
    """What the design has under its drift, the stops for futility counted as not rejecting."""
    information: Floats
    """Share of the largest information at each analysis; the last is 1."""
    upper: Floats
    lower: Floats
    """Futility boundary of a one-sided test (minus infinity: none); of a two-sided one the mirror."""
    futility: Futility | None
    drift: float
    """Expected Z at the last analysis under the alternative."""
    inflation: float
    """Largest size of the trial as a multiple of the trial without interim analyses."""

    @property
    def levels(self) -> Floats:
        """Return the nominal significance level of each analysis, of one side times the sides."""
        return np.asarray(self.sides * ndtr(-self.upper))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What becomes of a design under one drift; arrays of shape (..., analyses)."""

    drift: Floats
    efficacy: Floats
    """Probability of stopping with a rejection in the hoped-for direction at each analysis."""
    futility: Floats
    """Probability of stopping through the lower boundary; in a two-sided test, rejecting in the other
    direction."""
    expected_information: Floats
    """Mean share of the largest information when the trial ends, shape (...)."""

    @property
    def rejection(self) -> Floats:
        """Return the probability of rejecting in the hoped-for direction by the end, shape (...)."""
        return np.asarray(self.efficacy.sum(axis=-1))


def design(
    boundary: Boundary,
    information: ArrayLike,
    alpha: float,
    power: float,
    *,
    shape: float | None = None,
    sides: int = 1,
    futility: Futility | None = None,
) -> GroupSequentialDesign:
    r"""Return the group-sequential design with a given error and power.

    .. math:: R = \theta^2 / (z_{1-\alpha/s} + z_{1-\beta})^2

    where theta is the drift that gives the power and s the number of sides.  information: of each analysis,
    increasing; only ratios count.  shape: of a family of boundaries.  futility: for one-sided tests.  Raises
    InputError for what makes no design.  Source: Jennison and Turnbull, Group Sequential Methods, 2000,
    chapters 2-4 and 7.
    """
    times = check_information(information)
    times = times / times[-1]
    check_sides(sides)
    check_alpha(alpha)
    check_power(power, alpha / sides)
    upper, lower, drift = _boundaries(boundary, times, alpha, power, shape, sides, futility)
    return GroupSequentialDesign(
        boundary=boundary,
        shape=shape,
        alpha=alpha,
        sides=sides,
        power=power,
        information=times,
        upper=upper,
        lower=lower,
        futility=futility,
        drift=drift,
        inflation=drift**2 / fixed_drift(alpha, power, sides) ** 2,
    )


def fixed_drift(alpha: float, power: float, sides: int = 1) -> float:
    r"""Return the expected Z that gives a test without interim analyses its power.

    .. math:: z_{1-\alpha/s} + z_{1-\beta}
    """
    return float(ndtri(1.0 - alpha / sides) + ndtri(power))


def course(plan: GroupSequentialDesign, drift: ArrayLike) -> Course:
    """Return when and how the trial ends, if its stopping rules are followed; drift: any shape."""
    theta = np.asarray(drift, dtype=float)
    found = crossing(plan.lower, plan.upper, plan.information, theta)
    return Course(
        drift=theta,
        efficacy=found.upper,
        futility=found.lower,
        expected_information=expected_information(found, plan.information),
    )


def level(plan: GroupSequentialDesign) -> float:
    """Return the probability of rejecting when there is no effect, futility obeyed only if it is binding."""
    if plan.sides == 2:
        found = crossing(plan.lower, plan.upper, plan.information, 0.0)
        return float(found.upper_total + found.lower_total)
    binding = plan.futility is not None and plan.futility.binding
    lower = plan.lower if binding else np.full(plan.upper.size, -np.inf)
    return float(crossing(lower, plan.upper, plan.information, 0.0).upper_total)


def expected_information(found: Crossing, information: Floats) -> Floats:
    r"""Return the mean information when a trial ends.

    .. math:: \sum_k I_k P(\text{stop at } k), \quad \text{the last analysis taking whoever is left}
    """
    stopped = (found.upper + found.lower)[..., :-1]
    return np.asarray(
        (stopped * information[:-1]).sum(axis=-1) + information[-1] * (1 - stopped.sum(axis=-1))
    )


def _boundaries(
    boundary: Boundary,
    times: Floats,
    alpha: float,
    power: float,
    shape: float | None,
    sides: int,
    futility: Futility | None,
) -> tuple[Floats, Floats, float]:
    """Return upper and lower boundary and the drift."""
    if futility is None:
        upper = upper_boundary(boundary, times, alpha, shape=shape, sides=sides)
        lower = -upper if sides == 2 else np.full(times.size, -np.inf)
        return upper, lower, drift_for(lower, upper, times, power)
    futility_boundary.check(futility, times.size, sides)
    if futility.boundary is not None:
        return futility_boundary.by_spending(boundary, times, alpha, power, shape, futility)
    lower = np.append(np.array(futility.values), -np.inf)
    upper = upper_boundary(boundary, times, alpha, shape=shape, lower=lower if futility.binding else None)
    lower[-1] = upper[-1]
    futility_boundary.check_order(lower, upper)
    return upper, lower, drift_for(lower, upper, times, power)


def drift_for(lower: Floats, upper: Floats, information: Floats, power: float) -> float:
    """Return the drift under which the upper boundary is crossed with a given probability."""

    def lacking(drift: float) -> float:
        return float(crossing(lower, upper, information, drift).upper_total) - power

    return solve(lacking, 0.0, _LARGEST_DRIFT)
