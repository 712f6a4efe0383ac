"""Simon's two-stage designs by exact enumeration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.statistics.proportions import check_probability, probabilities

Floats = NDArray[np.float64]


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


def simon(
    null: float, alternative: float, alpha: float, power: float, aim: Aim, largest: int = 60
) -> TwoStageDesign:
    r"""Return the two-stage design with the stated error rates that is best by ``aim``.

    .. math:: P(\text{reject} \mid p) = \sum_{x_1 > r_1} P(X_1 = x_1)\, P(X_2 > r - x_1), \quad
              EN = n_1 + (1 - PET)(n - n_1)

    null, alternative: p0 < p1.  largest: sizes up to this are enumerated.  Raises InputError if none of them
    does. Source: Simon, Controlled Clinical Trials 1989;10:1-10.
    """
    _check(null, alternative, alpha, power)
    best: TwoStageDesign | None = None
    for size in range(2, largest + 1):
        if best is not None and aim is Aim.MINIMAX:
            break
        for first_size in range(1, size):
            if best is not None and first_size >= best.expected_size:
                break  # the expected size is never below the first stage
            found = _best_of(first_size, size, null, alternative, alpha, power)
            if found is not None and (best is None or found.expected_size < best.expected_size):
                best = found
    if best is None:
        raise InputError(
            f"No two-stage design of up to {largest} patients tells {alternative:g} from {null:g} with power "
            f"{power:g} at level {alpha:g}. Allow a larger one."
        )
    return best


def rejection_probability(first_limit: int, first_size: int, limit: int, size: int, rate: float) -> float:
    """Return the probability that a two-stage design rejects when the response rate is ``rate``."""
    return float(_rejections(first_size, size, rate)[first_limit, limit])


def _check(null: float, alternative: float, alpha: float, power: float) -> None:
    for name, value in (("null", null), ("alternative", alternative), ("alpha", alpha), ("power", power)):
        check_probability(name, value)
    if alternative <= null:
        raise InputError(f"'alternative' ({alternative:g}) is not above 'null' ({null:g}). Swap them.")


def _best_of(
    first_size: int, size: int, null: float, alternative: float, alpha: float, power: float
) -> TwoStageDesign | None:
    """Return the design of smallest expected size for given sizes, if any keeps both error rates."""
    level = _rejections(first_size, size, null)
    reached = _rejections(first_size, size, alternative)
    fits = (level <= alpha) & (reached >= power)
    if not fits.any():
        return None
    # The expected size falls with the first limit: take the largest that fits, then the largest power.
    first_limit = int(np.nonzero(fits.any(axis=1))[0].max())
    limit = int(np.nonzero(fits[first_limit])[0].min())
    early_stop = float(probabilities(first_size, null)[: first_limit + 1].sum())
    return TwoStageDesign(
        first_limit=first_limit,
        first_size=first_size,
        limit=limit,
        size=size,
        level=float(level[first_limit, limit]),
        power=float(reached[first_limit, limit]),
        expected_size=first_size + (1.0 - early_stop) * (size - first_size),
        early_stop=early_stop,
    )


def _rejections(first_size: int, size: int, rate: float) -> Floats:
    """Return the probability of rejecting for every first limit and limit, shape (first_size, size)."""
    first = probabilities(first_size, rate)
    second = probabilities(size - first_size, rate)
    tail = np.append(np.cumsum(second[::-1])[::-1], 0.0)  # P(X2 >= k)
    responders, limits = np.arange(first_size + 1), np.arange(size)
    needed = np.clip(limits[np.newaxis, :] + 1 - responders[:, np.newaxis], 0, second.size)
    both = first[:, np.newaxis] * tail[needed]
    above = np.cumsum(both[::-1], axis=0)[::-1]  # from x1 upwards
    return np.asarray(above[1:])
