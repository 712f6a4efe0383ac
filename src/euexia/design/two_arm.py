"""Two arms compared by response rates: power by enumerating every possible table, sizes by formula too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from euexia.core.errors import InputError
from euexia.design.allocation import TwoArmSize, sized
from euexia.design.input_checks import check_alpha, check_power, check_ratio
from euexia.statistics.proportion_intervals import restricted_rates
from euexia.statistics.proportions import (
    Alternative,
    boschloo_p_values,
    check_probability,
    check_size,
    fisher_p_values,
    two_arm_probabilities,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LARGEST_ARM = 600
LARGEST_BOSCHLOO_ARM = 80
"""Exact sizes are searched up to here; beyond it formulas are as good."""


class RateTest(StrEnum):
    """How two response rates are compared."""

    FISHER = "fisher"
    BOSCHLOO = "boschloo"
    CHI_SQUARE = "chi-square"
    """Pearson's test without continuity correction."""
    MIETTINEN_NURMINEN = "miettinen-nurminen"
    """The score test, which also allows a margin of non-inferiority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FisherDesign:
    """Two arms compared by Fisher's exact test."""

    size: int
    control_size: int
    rate: float
    control_rate: float
    alpha: float
    alternative: Alternative
    level: float
    """Probability of rejecting when both arms respond at the control rate."""
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDesign:
    """Two arms compared by a test of their response rates, one-sided towards the treated arm."""

    test: RateTest
    size: int
    control_size: int
    rate: float
    control_rate: float
    margin: float
    alpha: float
    """One-sided."""
    level: float
    """Probability of rejecting when the treated respond at the control rate less the margin."""
    power: float


def fisher_design(
    size: int,
    control_size: int,
    rate: float,
    control_rate: float,
    alpha: float,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> FisherDesign:
    r"""Return level and power of Fisher's exact test.

    .. math:: \sum_{a,b} \mathrm{Bin}(a; n_1, p_1) \mathrm{Bin}(b; n_0, p_0) [p(a, b) \le \alpha]

    size, control_size: n1 and n0.  rate, control_rate: p1 and p0.  Raises InputError for numbers that make no
    design.
    """
    check_size("size", size)
    check_size("control_size", control_size)
    for name, value in (("rate", rate), ("control_rate", control_rate), ("alpha", alpha)):
        check_probability(name, value)
    rejected = fisher_p_values(size, control_size, alternative) <= alpha
    return FisherDesign(
        size=size,
        control_size=control_size,
        rate=rate,
        control_rate=control_rate,
        alpha=alpha,
        alternative=alternative,
        level=float(two_arm_probabilities(size, control_size, control_rate, control_rate)[rejected].sum()),
        power=float(two_arm_probabilities(size, control_size, rate, control_rate)[rejected].sum()),
    )


@lru_cache(maxsize=256)
def rejection_region(
    size: int, control_size: int, alpha: float, test: RateTest, margin: float = 0.0
) -> Flags:
    """Return which tables a one-sided test rejects, shape (size + 1, control_size + 1); read only.

    margin: the treated may respond this much less often (non-inferiority); only the score test takes one.
    """
    match test:
        case RateTest.FISHER:
            rejected = fisher_p_values(size, control_size, Alternative.GREATER) <= alpha
        case RateTest.BOSCHLOO:
            rejected = boschloo_p_values(size, control_size, Alternative.GREATER) <= alpha
        case RateTest.CHI_SQUARE:
            rejected = _score(size, control_size, 0.0, corrected=False) >= ndtri(1.0 - alpha)
        case RateTest.MIETTINEN_NURMINEN:
            rejected = _score(size, control_size, margin, corrected=True) >= ndtri(1.0 - alpha)
        case _:
            assert_never(test)
    rejected.setflags(write=False)
    return rejected


def rate_design(
    size: int,
    control_size: int,
    rate: float,
    control_rate: float,
    alpha: float,
    test: RateTest,
    margin: float = 0.0,
) -> RateDesign:
    r"""Return exact level and power of a one-sided test of two response rates.

    .. math:: \sum_{a,b} \mathrm{Bin}(a; n_1, p_1) \mathrm{Bin}(b; n_0, p_0) [(a, b) \text{ is rejected}]

    size, control_size: n1 and n0.  rate, control_rate: p1 and p0.  alpha: one-sided; a two-sided test at
    twice alpha has this power towards the treated arm.  margin: of non-inferiority.
    """
    check_size("size", size)
    check_size("control_size", control_size)
    _check_rates(rate, control_rate, alpha, test, margin)
    rejected = rejection_region(size, control_size, alpha, test, margin)
    null = max(control_rate - margin, 0.0)
    return RateDesign(
        test=test,
        size=size,
        control_size=control_size,
        rate=rate,
        control_rate=control_rate,
        margin=margin,
        alpha=alpha,
        level=float(two_arm_probabilities(size, control_size, null, control_rate)[rejected].sum()),
        power=float(two_arm_probabilities(size, control_size, rate, control_rate)[rejected].sum()),
    )


def exact_rate_size(
    rate: float,
    control_rate: float,
    alpha: float,
    power: float,
    test: RateTest,
    *,
    ratio: float = 1.0,
    margin: float = 0.0,
    lasting: int = 5,
) -> RateDesign:
    """Return the smallest design whose exact power is reached by it and by the next few sizes.

    ratio: treated per control.  lasting: how many further sizes must keep the power, for exact power is a
    saw-tooth; 0 takes the first that reaches it.  The search starts well below the size of the formula.
    Raises InputError where no size up to 600 per arm does.
    """
    _check_rates(rate, control_rate, alpha, test, margin)
    check_power(power, alpha)
    guess = rate_size(rate, control_rate, alpha, power, ratio=ratio, margin=margin)
    largest = LARGEST_BOSCHLOO_ARM if test is RateTest.BOSCHLOO else LARGEST_ARM

    def reached(control: int) -> RateDesign:
        treated = max(1, round(control * ratio))
        return rate_design(treated, control, rate, control_rate, alpha, test, margin)

    return _first_lasting(reached, max(2, int(0.7 * guess.control)), largest, power, lasting)


def rate_size(
    rate: float,
    control_rate: float,
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    margin: float = 0.0,
    pooled: bool = True,
) -> TwoArmSize:
    r"""Return the size of a comparison of two response rates by the normal approximation.

    .. math:: n_0 = \frac{\left(z_{1-\alpha}\sqrt{\tilde p_1\tilde q_1/r + \tilde p_0\tilde q_0} +
              z_{1-\beta}\sqrt{p_1 q_1/r + p_0 q_0}\right)^2}{(p_1 - p_0 + \Delta)^2}

    where the tilde is the null rates nearest the alternative (without margin: the pooled rate), or the
    alternative itself if not ``pooled``.  ratio: r, treated per control.  margin: Delta.  alpha: one-sided.
    Source: Fleiss, Tytun and Ury, Biometrics 1980;36:343-346; with margin Farrington and Manning, Statistics
    in Medicine 1990;9:1447-1454.
    """
    _check_rates(rate, control_rate, alpha, RateTest.MIETTINEN_NURMINEN, margin)
    check_power(power, alpha)
    check_ratio(ratio)
    null, control_null = _null_rates(rate, control_rate, ratio, margin, pooled=pooled)
    under_null = np.sqrt(null * (1 - null) / ratio + control_null * (1 - control_null))
    under_alternative = np.sqrt(rate * (1 - rate) / ratio + control_rate * (1 - control_rate))
    sum_ = ndtri(1.0 - alpha) * under_null + ndtri(power) * under_alternative
    control = float((sum_ / (rate - control_rate + margin)) ** 2)

    def reached(treated: float, controls: float) -> float:
        return rate_power(treated, controls, rate, control_rate, alpha, margin, pooled=pooled)

    return sized(control * (1.0 + ratio), ratio, reached)


def rate_power(
    size: float,
    control_size: float,
    rate: float,
    control_rate: float,
    alpha: float,
    margin: float = 0.0,
    *,
    pooled: bool = True,
) -> float:
    """Return the power that the formula of ``rate_size`` gives; for exact power see rate_design."""
    _check_rates(rate, control_rate, alpha, RateTest.MIETTINEN_NURMINEN, margin)
    null, control_null = _null_rates(rate, control_rate, size / control_size, margin, pooled=pooled)
    under_null = np.sqrt(null * (1 - null) / size + control_null * (1 - control_null) / control_size)
    spread = np.sqrt(rate * (1 - rate) / size + control_rate * (1 - control_rate) / control_size)
    return float(ndtr((rate - control_rate + margin - ndtri(1.0 - alpha) * under_null) / spread))


def _null_rates(
    rate: float, control_rate: float, ratio: float, margin: float, *, pooled: bool
) -> tuple[float, float]:
    """Return the rates under the null hypothesis that the variance is taken at."""
    if not pooled:
        return rate, control_rate
    parts = (np.array([part]) for part in (rate * ratio, ratio, control_rate, 1.0))
    null, control_null = restricted_rates(np.array([-margin]), *parts)
    return float(null[0]), float(control_null[0])


def _first_lasting(
    reached: Callable[[int], RateDesign], start: int, largest: int, power: float, lasting: int
) -> RateDesign:
    run: list[RateDesign] = []
    for control in range(start, largest + 1):
        found = reached(control)
        run = [*run, found] if found.power >= power else []
        if len(run) > lasting:
            return run[0]
    raise InputError(
        f"No size up to {largest} per arm reaches power {power:g} by exact enumeration. Use the formula (an "
        "asymptotic method), or a larger difference."
    )


def _score(size: int, control_size: int, margin: float, *, corrected: bool) -> Floats:
    """Return the score statistic of every table; 0 where both arms answer all alike and nothing is asked."""
    x1, x0 = (
        part.astype(float)
        for part in np.meshgrid(np.arange(size + 1), np.arange(control_size + 1), indexing="ij")
    )
    n1, n0 = np.full_like(x1, size), np.full_like(x1, control_size)
    p1, p0 = restricted_rates(np.full_like(x1, -margin), x1, n1, x0, n0)
    total = size + control_size
    variance = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
    variance = variance * (total / (total - 1.0) if corrected else 1.0)
    apart = x1 / n1 - x0 / n0 + margin
    return np.asarray(
        np.divide(apart, np.sqrt(np.maximum(variance, 0.0)), out=np.zeros_like(apart), where=variance > 1e-14)
    )


def _check_rates(rate: float, control_rate: float, alpha: float, test: RateTest, margin: float) -> None:
    check_probability("rate", rate)
    check_probability("control_rate", control_rate)
    check_alpha(alpha)
    if not 0 <= margin < 1:
        raise InputError(f"'margin' is {margin:g}. Give the largest tolerable difference, from 0 to below 1.")
    if margin > 0 and test is not RateTest.MIETTINEN_NURMINEN:
        raise InputError(f"'{test.value}' takes no margin. Use 'miettinen-nurminen' for non-inferiority.")
    if rate <= control_rate - margin:
        raise InputError(
            f"'rate' ({rate:g}) is not above 'control_rate' less the margin ({control_rate - margin:g}): "
            "there is nothing to show. Give the rate hoped for in the treated arm."
        )
