"""One arm, several looks at a count of responders: exact binomial probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.statistics.proportions import check_probability, probabilities

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinomialCourse:
    """What becomes of a trial of one arm; the first axis is the response rates, the second the analyses."""

    rates: tuple[float, ...]
    sizes: tuple[int, ...]
    upper: Floats
    """Probability of stopping at each analysis because the upper boundary was reached."""
    lower: Floats
    """Probability of stopping at each analysis at or below the lower boundary."""
    expected_size: Floats
    """Mean number of patients, shape (rates,)."""


def binomial_course(
    sizes: Sequence[int], lower: Sequence[int], upper: Sequence[int], rates: Sequence[float]
) -> BinomialCourse:
    r"""Return when and how a trial ends that counts responders.

    .. math:: P_k(x) = \sum_{a_{k-1} < y < b_{k-1}} P_{k-1}(y)\, \mathrm{Bin}(x - y; n_k - n_{k-1}, p)

    sizes: n, patients at each analysis, increasing.  lower: a; stop for futility at that many responders or
    fewer (-1: never).  upper: b; stop for efficacy at that many or more.  At the last analysis a trial that
    reaches neither ends without a rejection and counts as neither.  Source: Jennison and Turnbull, Group
    Sequential Methods, 2000, chapter 12.
    """
    _check(sizes, lower, upper, rates)
    through_upper, through_lower = np.zeros((len(rates), len(sizes))), np.zeros((len(rates), len(sizes)))
    expected = np.zeros(len(rates))
    for row, rate in enumerate(rates):
        going, size = np.ones(1), 0
        for column, (more, low, high) in enumerate(zip(sizes, lower, upper, strict=True)):
            going = np.convolve(going, probabilities(more - size, rate))
            size = more
            through_upper[row, column] = going[high:].sum()
            through_lower[row, column] = going[: low + 1].sum()
            going[high:] = 0.0
            going[: low + 1] = 0.0
            stopped = through_upper[row, column] + through_lower[row, column]
            expected[row] += size * (stopped if column + 1 < len(sizes) else stopped + going.sum())
    return BinomialCourse(
        rates=tuple(rates),
        sizes=tuple(sizes),
        upper=through_upper,
        lower=through_lower,
        expected_size=expected,
    )


def _check(sizes: Sequence[int], lower: Sequence[int], upper: Sequence[int], rates: Sequence[float]) -> None:
    if not sizes or not len(sizes) == len(lower) == len(upper):
        raise InputError(
            f"'sizes', 'lower' and 'upper' must list one number for each analysis; they have {len(sizes)}, "
            f"{len(lower)} and {len(upper)}."
        )
    if sizes[0] < 1 or any(later <= earlier for earlier, later in pairwise(sizes)):
        raise InputError(f"'sizes' is {', '.join(map(str, sizes))}. Give numbers of patients that increase.")
    for number, (low, high, size) in enumerate(zip(lower, upper, sizes, strict=True), 1):
        if not -1 <= low < high <= size + 1:
            raise InputError(
                f"Analysis {number} stops at {low} responders or fewer and at {high} or more of {size}. Give "
                "a lower boundary (-1: none) below the upper one."
            )
    for rate in rates:
        check_probability("rate", rate)
