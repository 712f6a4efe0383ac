"""Simon's two-stage designs by complete enumeration: optimal, minimax, and what is worth having between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.design.input_checks import check_alpha, check_power, check_rates
from euexia.statistics.proportions import critical_count, probabilities, probability_at_least

Floats = NDArray[np.float64]

LARGEST_SIZE = 300
"""Designs with more patients are not searched unless asked for."""


class Aim(StrEnum):
    """What is made as small as possible."""

    OPTIMAL = "optimal"
    """The expected number of patients under the null rate."""
    MINIMAX = "minimax"
    """The largest number of patients; among those, the expected number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStageDesign:
    """Stop after ``first_size`` patients with ``first_limit`` responders or fewer; reject above ``limit``."""

    first_limit: int
    first_size: int
    limit: int
    size: int
    level: float
    power: float
    expected_size: float
    """Mean number of patients under the null rate."""
    early_stop: float
    """Probability of stopping after the first stage under the null rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissibleDesign:
    """A design that is best for some weighing of largest against expected size."""

    design: TwoStageDesign
    least_weight: float
    """The design is best while the weight of the largest size is at least this ..."""
    greatest_weight: float
    """... and at most this; the rest of the weight is on the expected size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    null: float
    alternative: float
    alpha: float
    power: float


def simon(
    null: float, alternative: float, alpha: float, power: float, aim: Aim, largest: int = LARGEST_SIZE
) -> TwoStageDesign:
    r"""Return the two-stage design with the stated error rates that is best by ``aim``.

    .. math:: P(\text{reject} \mid p) = \sum_{x_1 > r_1} P(X_1 = x_1)\, P(X_2 > r - x_1), \quad
              EN = n_1 + (1 - PET)(n - n_1)

    null, alternative: p0 < p1.  largest: sizes up to this are enumerated.  The search ends where no larger
    design can do better: early stopping under p1 costs power, which bounds PET for each first stage and with
    it EN from below.  Raises InputError if no design is found.  Source: Simon, Controlled Clinical Trials
    1989;10:1-10.
    """
    wanted = _wanted(null, alternative, alpha, power)
    best: TwoStageDesign | None = None
    for size in _sizes(wanted, largest):
        if best is not None and (aim is Aim.MINIMAX or _least_expected(wanted, size) >= best.expected_size):
            return best
        found = _best_of_size(wanted, size)
        if found is not None and (best is None or found.expected_size < best.expected_size):
            best = found
    if best is not None and aim is Aim.MINIMAX:
        return best
    raise InputError(
        f"No two-stage design of up to {largest} patients tells {alternative:g} from {null:g} with power "
        f"{power:g} at level {alpha:g}"
        + ("." if best is None else " and can be shown to be optimal.")
        + " Allow a larger one."
    )


def admissible(
    null: float, alternative: float, alpha: float, power: float, largest: int = LARGEST_SIZE
) -> tuple[AdmissibleDesign, ...]:
    r"""Return the designs that minimise a weighted mean of largest and expected size, minimax first.

    .. math:: w\,n + (1 - w)\,EN(p_0), \quad 0 \le w \le 1

    The minimax design is best at w = 1, the optimal one at w = 0.  Arguments as for simon.  Source: Jung,
    Lee, Kim and George, Statistics in Medicine 2004;23:561-569.
    """
    wanted = _wanted(null, alternative, alpha, power)
    optimal = simon(null, alternative, alpha, power, Aim.OPTIMAL, largest)
    corners: list[TwoStageDesign] = []
    for size in _sizes(wanted, optimal.size):
        found = _best_of_size(wanted, size)
        if found is not None and (not corners or found.expected_size < corners[-1].expected_size):
            while len(corners) > 1 and _weight(corners[-2], corners[-1]) <= _weight(corners[-1], found):
                corners.pop()
            corners.append(found)
    limits = [1.0, *(_weight(*pair) for pair in pairwise(corners)), 0.0]
    return tuple(
        AdmissibleDesign(design=corner, least_weight=low, greatest_weight=high)
        for corner, high, low in zip(corners, limits, limits[1:], strict=False)
    )


def evaluate(
    first_limit: int, first_size: int, limit: int, size: int, null: float, alternative: float
) -> TwoStageDesign:
    """Return what a given two-stage design promises: someone else's, or a published one."""
    check_rates(null, alternative)
    if not (0 < first_size < size and -1 <= first_limit < first_size and first_limit <= limit < size):
        raise InputError(
            f"{first_limit}/{first_size}, {limit}/{size} is no two-stage design. Give r1/n1 and r/n with n1 "
            "below n, r1 below n1, and r from r1 to below n."
        )
    early_stop = 1.0 - float(probability_at_least(first_limit + 1, first_size, null))
    return TwoStageDesign(
        first_limit=first_limit,
        first_size=first_size,
        limit=limit,
        size=size,
        level=rejection_probability(first_limit, first_size, limit, size, null),
        power=rejection_probability(first_limit, first_size, limit, size, alternative),
        expected_size=first_size + (1.0 - early_stop) * (size - first_size),
        early_stop=early_stop,
    )


def rejection_probability(first_limit: int, first_size: int, limit: int, size: int, rate: float) -> float:
    """Return the probability that a two-stage design rejects when the response rate is ``rate``."""
    first = np.arange(first_limit + 1, first_size + 1)
    later = probability_at_least(limit + 1 - first, size - first_size, rate)
    return float((probabilities(first_size, rate)[first_limit + 1 :] * later).sum())


def rejection_curve(plan: TwoStageDesign, rates: ArrayLike) -> Floats:
    """Return the probability that the design rejects at each true response rate; same shape as rates."""
    p = np.asarray(rates, dtype=float)
    values = [
        rejection_probability(plan.first_limit, plan.first_size, plan.limit, plan.size, float(rate))
        for rate in p.ravel()
    ]
    return np.array(values).reshape(p.shape)


def _wanted(null: float, alternative: float, alpha: float, power: float) -> _Wanted:
    check_alpha(alpha)
    check_power(power, alpha)
    check_rates(null, alternative)
    return _Wanted(null=null, alternative=alternative, alpha=alpha, power=power)


def _sizes(wanted: _Wanted, largest: int) -> Iterator[int]:
    """Yield the sizes of which a design can exist.

    By the lemma of Neyman and Pearson no test of n patients beats the randomised test of the count.
    """
    sizes = np.arange(2, largest + 1)
    critical = critical_count(sizes, wanted.null, wanted.alpha)
    spare = wanted.alpha - probability_at_least(critical, sizes, wanted.null)
    at_null = probability_at_least(critical - 1, sizes, wanted.null) - probability_at_least(
        critical, sizes, wanted.null
    )
    reached = probability_at_least(critical, sizes, wanted.alternative)
    further = probability_at_least(critical - 1, sizes, wanted.alternative) - reached
    yield from sizes[reached + spare / at_null * further >= wanted.power - 1e-12].tolist()


def _best_of_size(wanted: _Wanted, size: int) -> TwoStageDesign | None:
    """Return the design of smallest expected size among all of one size."""
    best: TwoStageDesign | None = None
    for first_size in range(1, size):
        if best is not None and first_size >= best.expected_size:
            break
        limit = _largest_first_limit(wanted, first_size)
        if limit < 0 or (
            best is not None and _expected(wanted, first_size, size, limit) >= best.expected_size
        ):
            continue
        found = _best_of_stages(wanted, first_size, size, limit)
        if found is not None and (best is None or found.expected_size < best.expected_size):
            best = found
    return best


def _best_of_stages(wanted: _Wanted, first_size: int, size: int, most: int) -> TwoStageDesign | None:
    """Return the design of smallest expected size for given sizes, if any keeps both error rates."""
    level = _rejections(first_size, size, wanted.null)[: most + 1]
    # The level falls with the limit, and so does the power: the first limit that keeps the level is best.
    limits = (level <= wanted.alpha).argmax(axis=1)
    reached = _rejections(first_size, size, wanted.alternative)[np.arange(most + 1), limits]
    kept = level[np.arange(most + 1), limits] <= wanted.alpha
    fitting = np.nonzero((reached >= wanted.power) & kept)[0]
    if not fitting.size:
        return None
    first_limit = int(fitting.max())  # the expected size falls with the first limit
    limit = int(limits[first_limit])
    early_stop = float(_below(first_size, wanted.null)[first_limit])
    return TwoStageDesign(
        first_limit=first_limit,
        first_size=first_size,
        limit=limit,
        size=size,
        level=float(level[first_limit, limit]),
        power=float(reached[first_limit]),
        expected_size=first_size + (1.0 - early_stop) * (size - first_size),
        early_stop=early_stop,
    )


def _largest_first_limit(wanted: _Wanted, first_size: int) -> int:
    """Return the largest first limit that leaves the power possible; -1 if none does."""
    stop = _below(first_size, wanted.alternative)[:-1]
    return int((stop <= 1.0 - wanted.power).sum()) - 1


def _expected(wanted: _Wanted, first_size: int, size: int, first_limit: int) -> float:
    stop = float(_below(first_size, wanted.null)[first_limit]) if first_limit >= 0 else 0.0
    return first_size + (1.0 - stop) * (size - first_size)


def _least_expected(wanted: _Wanted, size: int) -> float:
    """Return a bound below the expected size of every design of this size, and of every larger one."""
    return min(
        _expected(wanted, first_size, size, _largest_first_limit(wanted, first_size))
        for first_size in range(1, size)
    )


def _weight(smaller: TwoStageDesign, larger: TwoStageDesign) -> float:
    """Return the weight of the largest size at which two designs are equally good."""
    saved = smaller.expected_size - larger.expected_size
    return saved / (saved + larger.size - smaller.size)


@lru_cache(maxsize=4096)
def _mass(size: int, rate: float) -> Floats:
    return probabilities(size, rate)


@lru_cache(maxsize=4096)
def _below(size: int, rate: float) -> Floats:
    """Return P(X <= k) for k = 0..size."""
    return np.cumsum(_mass(size, rate))


@lru_cache(maxsize=4096)
def _tail(size: int, rate: float) -> Floats:
    """Return P(X >= k) for k = 0..size + 1."""
    return np.append(np.cumsum(_mass(size, rate)[::-1])[::-1], 0.0)


def _rejections(first_size: int, size: int, rate: float) -> Floats:
    """Return the probability of rejecting for every first limit and limit, shape (first_size, size)."""
    later = size - first_size
    responders, limits = np.arange(first_size + 1), np.arange(size)
    needed = np.clip(limits[np.newaxis, :] + 1 - responders[:, np.newaxis], 0, later + 1)
    both = _mass(first_size, rate)[:, np.newaxis] * _tail(later, rate)[needed]
    above = np.cumsum(both[::-1], axis=0)[::-1]  # from x1 upwards
    return np.asarray(above[1:])
