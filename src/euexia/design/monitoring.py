"""A group-sequential trial while it runs and when it ends: conditional power, intervals, adjusted p-values.

Statistics may be arrays, one value for each simulated trial.  The drift is the expected Z at full
information; a trial's estimate divided by its standard error there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.design.group_sequential import GroupSequentialDesign
from euexia.design.recursion import crossing

Floats = NDArray[np.float64]

_HALVINGS = 60
_WIDEST_DRIFT = 40.0
_POSTERIOR_POINTS = 64
_POSTERIOR_REACH = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalAnalysis:
    """What a stopped trial says, corrected for the looks it took; all of one shape."""

    p_value: Floats
    """One-sided."""
    drift: Floats
    """Median-unbiased estimate."""
    low: Floats
    high: Floats
    """Interval of the drift with two tails of alpha / sides each."""


def conditional_power(
    plan: GroupSequentialDesign, analysis: int, statistic: ArrayLike, drift: ArrayLike | None = None
) -> Floats:
    r"""Return the probability that the trial will reject, given Z at an interim analysis.

    .. math:: P_\theta(Z_j \ge u_j \text{ for some } j > k, \text{ no earlier stop} \mid Z_k = z)

    analysis: k, counted from 1.  statistic: z, any shape.  drift: theta; broadcasts with z.  Left out, it is
    the observed trend :math:`z / \sqrt{t_k}`.  Later futility boundaries are obeyed.  Source: Jennison and
    Turnbull, Group Sequential Methods, 2000, chapter 10.
    """
    index = _interim(plan, analysis)
    z = np.asarray(statistic, dtype=float)
    passed = plan.information[index]
    theta = z / np.sqrt(passed) if drift is None else np.asarray(drift, dtype=float)
    z, theta = np.broadcast_arrays(z, theta)
    later = plan.information[index + 1 :]
    left = np.sqrt(later - passed)
    begun = (z * np.sqrt(passed))[..., np.newaxis]
    lower = (plan.lower[index + 1 :] * np.sqrt(later) - begun) / left
    upper = (plan.upper[index + 1 :] * np.sqrt(later) - begun) / left
    return crossing(lower, upper, later - passed, theta).upper_total


def predictive_power(
    plan: GroupSequentialDesign,
    analysis: int,
    statistic: ArrayLike,
    *,
    prior_drift: float = 0.0,
    prior_deviation: float = np.inf,
) -> Floats:
    r"""Return conditional power averaged over what is believed of the drift after an interim analysis.

    .. math:: \int P_\theta(\text{reject} \mid Z_k = z)\, \pi(\theta \mid z)\, d\theta, \qquad
              \theta \mid z \sim N\!\left(\frac{z\sqrt{t} + m/s^2}{t + 1/s^2}, \frac{1}{t + 1/s^2}\right)

    statistic: z, any shape.  prior_drift, prior_deviation: m and s; an infinite s is no prior opinion.
    Source: Spiegelhalter, Freedman and Blackburn, Controlled Clinical Trials 1986;7:8-17.
    """
    if not prior_deviation > 0:
        raise InputError(f"'prior_deviation' is {prior_deviation:g}. Give a positive number, or infinity.")
    time = plan.information[_interim(plan, analysis)]
    z = np.asarray(statistic, dtype=float)
    precision = prior_deviation**-2
    mean = (z * np.sqrt(time) + prior_drift * precision) / (time + precision)
    deviation = 1.0 / np.sqrt(time + precision)
    nodes, weights = np.polynomial.legendre.leggauss(_POSTERIOR_POINTS)
    places = nodes * _POSTERIOR_REACH
    shares = weights * np.exp(-0.5 * places**2)
    drifts = mean[..., np.newaxis] + deviation * places
    powers = conditional_power(plan, analysis, z[..., np.newaxis], drifts)
    return np.asarray((powers * (shares / shares.sum())).sum(axis=-1))


def repeated_interval(
    plan: GroupSequentialDesign, analysis: int, estimate: ArrayLike, standard_error: ArrayLike
) -> tuple[Floats, Floats]:
    r"""Return the interval that holds at every analysis at once, whether the trial stops or not.

    .. math:: \hat\delta_k \pm u_k\, \mathrm{se}_k

    estimate, standard_error: of the effect at this analysis, any shape.  The two limits together have
    confidence 1 - alpha in a two-sided design, 1 - 2 alpha in a one-sided one.  Source: Jennison and
    Turnbull, Journal of the Royal Statistical Society B 1989;51:305-361.
    """
    value = plan.upper[_index(plan, analysis)]
    centre, error = np.asarray(estimate, dtype=float), np.asarray(standard_error, dtype=float)
    return centre - value * error, centre + value * error


def final_analysis(plan: GroupSequentialDesign, analysis: int, statistic: ArrayLike) -> FinalAnalysis:
    r"""Return p-value, median-unbiased estimate and interval in the stage-wise ordering.

    .. math:: p(\theta) = \sum_{j<k} P_\theta(\text{cross } u_j) + P_\theta(\text{go on to } k,\ Z_k \ge z)

    with p(0) the p-value, p(theta) = 1/2 the estimate.  analysis: k, where the trial ended.  statistic: Z
    there, any shape.  A futility boundary that is not binding is left out.  Source: Tsiatis, Rosner and
    Mehta, Biometrics 1984;40:797-803.
    """
    index = _index(plan, analysis)
    z = np.asarray(statistic, dtype=float)

    def exceeding(drift: Floats | float) -> Floats:
        return _exceeding(plan, index, z, drift)

    tail = plan.alpha / plan.sides
    return FinalAnalysis(
        p_value=exceeding(0.0),
        drift=_increasing_root(exceeding, 0.5, z.shape),
        low=_increasing_root(exceeding, tail, z.shape),
        high=_increasing_root(exceeding, 1.0 - tail, z.shape),
    )


def interim_information(plan: GroupSequentialDesign, analysis: int) -> float:
    """Return the information of an interim analysis; raise InputError if it is none."""
    return float(plan.information[_interim(plan, analysis)])


def _exceeding(plan: GroupSequentialDesign, index: int, z: Floats, drift: Floats | float) -> Floats:
    heeded = plan.sides == 2 or (plan.futility is not None and plan.futility.binding)
    before = plan.lower[:index] if heeded else np.full(index, -np.inf)
    upper = np.concatenate(
        [np.broadcast_to(plan.upper[:index], (*z.shape, index)), z[..., np.newaxis]], axis=-1
    )
    lower = np.append(before, -np.inf)
    return crossing(lower, upper, plan.information[: index + 1], drift).upper_total


def _increasing_root(function: Callable[[Floats], Floats], target: float, shape: tuple[int, ...]) -> Floats:
    """Return where an increasing function of the drift reaches a target, by bisection; one for each trial."""
    low, high = np.full(shape, -_WIDEST_DRIFT), np.full(shape, _WIDEST_DRIFT)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        beyond = function(middle) >= target
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return np.asarray((low + high) / 2.0)


def _index(plan: GroupSequentialDesign, analysis: int) -> int:
    if analysis != int(analysis) or not 1 <= analysis <= plan.upper.size:
        raise InputError(
            f"'analysis' is {analysis}, but the design has {plan.upper.size}. Count them from 1."
        )
    return int(analysis) - 1


def _interim(plan: GroupSequentialDesign, analysis: int) -> int:
    index = _index(plan, analysis)
    if index + 1 == plan.upper.size:
        raise InputError(f"'analysis' {analysis} is the last one: nothing is left to be predicted after it.")
    return index
