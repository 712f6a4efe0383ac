"""Simon's designs by trying every one of them: slow, plain, to check the fast search against."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

Plain = tuple[int, int, int, int]
"""r1, n1, r, n."""


def feasible_designs(
    null: float, alternative: float, alpha: float, power: float, largest: int
) -> Iterator[tuple[Plain, float]]:
    """Yield every two-stage design of up to ``largest`` patients that keeps both error rates, with its EN."""
    for size in range(2, largest + 1):
        for first_size in range(1, size):
            for first_limit in range(first_size):
                for limit in range(first_limit, size):
                    design = (first_limit, first_size, limit, size)
                    if rejects(design, null) <= alpha and rejects(design, alternative) >= power:
                        yield design, expected_size(design, null)


def rejects(design: Plain, rate: float) -> float:
    r"""Return the probability of rejecting.

    .. math:: \sum_{x_1 > r_1} \sum_{x_2 > r - x_1} \mathrm{Bin}(x_1; n_1, p) \mathrm{Bin}(x_2; n - n_1, p)
    """
    first_limit, first_size, limit, size = design
    return sum(
        _binomial(first, first_size, rate) * _binomial(second, size - first_size, rate)
        for first in range(first_limit + 1, first_size + 1)
        for second in range(size - first_size + 1)
        if first + second > limit
    )


def expected_size(design: Plain, rate: float) -> float:
    """Return the mean number of patients."""
    first_limit, first_size, _, size = design
    stop = sum(_binomial(count, first_size, rate) for count in range(first_limit + 1))
    return first_size + (1 - stop) * (size - first_size)


def _binomial(count: int, size: int, rate: float) -> float:
    return comb(size, count) * rate**count * (1 - rate) ** (size - count)
