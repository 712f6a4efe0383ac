"""One arm against a fixed response rate, by exact binomial probabilities: no simulation, no approximation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.design.input_checks import check_alpha, check_power, check_rates
from euexia.statistics.proportions import (
    check_probability,
    check_size,
    clopper_pearson,
    critical_count,
    probability_at_least,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST_SIZE = 2000
"""Sizes beyond this are not searched; a trial that large would not be a single exact arm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactDesign:
    """A one-stage design: reject the null rate when ``critical_value`` or more patients respond."""

    size: int
    null: float
    alternative: float
    alpha: float
    critical_value: int
    level: float
    """Probability of rejecting when the null rate is true; at most alpha."""
    power: float
    """Probability of rejecting when the alternative is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SawTooth:
    """Exact designs of several sizes; arrays of one shape (sizes,)."""

    sizes: Integers
    critical_values: Integers
    levels: Floats
    powers: Floats


def exact_design(size: int, null: float, alternative: float, alpha: float) -> ExactDesign:
    r"""Return the exact one-sided test of a response rate for a given number of patients.

    .. math:: c = \min\{k : P(X \ge k \mid n, p_0) \le \alpha\}, \quad \text{power} = P(X \ge c \mid n, p_1)

    size: n.  null, alternative: p0 < p1.  alpha: one-sided.  Raises InputError for numbers that make no
    design.
    """
    check_size("size", size)
    check_rates(null, alternative)
    check_alpha(alpha)
    critical = int(critical_count(size, null, alpha))
    return ExactDesign(
        size=size,
        null=null,
        alternative=alternative,
        alpha=alpha,
        critical_value=critical,
        level=float(probability_at_least(critical, size, null)),
        power=float(probability_at_least(critical, size, alternative)),
    )


def power_curve(design: ExactDesign, rates: ArrayLike) -> Floats:
    """Return the probability that the design rejects, at each true response rate; same shape as rates."""
    return probability_at_least(design.critical_value, design.size, rates)


def smallest_size(null: float, alternative: float, alpha: float, power: float) -> ExactDesign:
    """Return the smallest design whose power is reached by it and by every larger one.

    Exact power is a saw-tooth: a patient more can raise the critical value and cost power.  The first size
    that reaches the power is therefore not always safe; this one is, whatever the number of patients beyond
    it.
    Raises InputError if no size up to 2000 does.
    """
    return _search(null, alternative, alpha, power, lasting=True)


def first_size(null: float, alternative: float, alpha: float, power: float) -> ExactDesign:
    """Return the smallest design that reaches the power at its own size; one patient more may lose it."""
    return _search(null, alternative, alpha, power, lasting=False)


def saw_tooth(null: float, alternative: float, alpha: float, sizes: ArrayLike) -> SawTooth:
    """Return critical value, level and power at each number of patients: the saw-tooth of exact power."""
    check_rates(null, alternative)
    check_alpha(alpha)
    patients = np.atleast_1d(np.asarray(sizes, dtype=np.int64))
    if patients.size == 0 or patients.min() < 1:
        raise InputError("'sizes' must list whole numbers of patients, at least 1.")
    critical = critical_count(patients, null, alpha)
    return SawTooth(
        sizes=patients,
        critical_values=critical,
        levels=probability_at_least(critical, patients, null),
        powers=probability_at_least(critical, patients, alternative),
    )


def confidence_interval(responders: int, size: int, level: float) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval of a response rate."""
    check_size("size", size)
    check_probability("level", level)
    if not 0 <= responders <= size:
        raise InputError(f"'responders' is {responders}, but there are {size} patients. Give 0 to {size}.")
    low, high = clopper_pearson(responders, size, level)
    return float(low), float(high)


def _search(null: float, alternative: float, alpha: float, power: float, *, lasting: bool) -> ExactDesign:
    check_rates(null, alternative)
    check_alpha(alpha)
    check_power(power, alpha)
    sizes = np.arange(1, LARGEST_SIZE + 1)
    reached = probability_at_least(critical_count(sizes, null, alpha), sizes, alternative) >= power
    good = np.logical_and.accumulate(reached[::-1])[::-1] if lasting else reached
    if not good.any():
        raise InputError(
            f"No size up to {LARGEST_SIZE} tells {alternative:g} from {null:g} with power {power:g} at level "
            f"{alpha:g}. Ask for less power or a larger difference."
        )
    return exact_design(int(sizes[good.argmax()]), null, alternative, alpha)
