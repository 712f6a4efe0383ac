"""Ranks within a trial, and the exact distribution of a sum of ranks under no difference between two arms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


def midranks(values: Floats, known: Flags) -> tuple[Floats, Floats]:
    r"""Return ranks 1, 2, ... among those known, equal values sharing their mean rank, and the sum over ties.

    .. math:: T = \sum_{\text{ties}} (t^3 - t)

    values, known: shape (trials, subjects).  Returns ranks (0 where not known) and T, shape (trials,).
    """
    filled = np.ascontiguousarray(np.where(known, values, 0.0))
    order = np.lexsort((filled, ~known), axis=1)
    ordered = np.take_along_axis(filled, order, axis=1)
    real = np.take_along_axis(known, order, axis=1)
    place = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    fresh = np.ones(values.shape, dtype=bool)
    fresh[:, 1:] = (ordered[:, 1:] != ordered[:, :-1]) | (real[:, 1:] != real[:, :-1])
    first = np.maximum.accumulate(np.where(fresh, place, 0), axis=1)
    ends = np.ones(values.shape, dtype=bool)
    ends[:, :-1] = fresh[:, 1:]
    last = np.minimum.accumulate(np.where(ends, place, values.shape[1])[:, ::-1], axis=1)[:, ::-1]
    ranks = np.zeros(values.shape)
    np.put_along_axis(ranks, order, np.where(real, (first + last) / 2.0 + 1.0, 0.0), axis=1)
    # Each member of a tie of t contributes t^2 - 1, together t^3 - t.
    tied = np.where(real, (last - first + 1.0) ** 2 - 1.0, 0.0)
    return ranks, tied.sum(axis=1)


@dataclass(frozen=True, slots=True)
class NullDistribution:
    """P(U = u) of the Mann-Whitney count, on a grid of half counts: u = 0, 1/2, 1, ..."""

    mass: Floats

    def at_most(self, count: float) -> float:
        """Return P(U <= count)."""
        return float(min(1.0, self.mass[: round(2 * count) + 1].sum()))

    def at_least(self, count: float) -> float:
        """Return P(U >= count)."""
        return float(min(1.0, self.mass[max(0, round(2 * count)) :].sum()))

    def as_far(self, count: float, centre: float) -> float:
        """Return the probability of being at least as far from the centre as count is."""
        distance = np.abs(np.arange(self.mass.size) / 2.0 - centre)
        return float(min(1.0, self.mass[distance >= abs(count - centre) - 1e-9].sum()))

    def quantile(self, probability: float) -> float:
        """Return the smallest u with P(U <= u) >= probability."""
        return float(np.searchsorted(np.cumsum(self.mass), probability * (1.0 - 1e-12))) / 2.0


@lru_cache(maxsize=4096)
def null_distribution(treated: int, doubled_ranks: tuple[int, ...]) -> NullDistribution:
    """Return the distribution of U over all ways to choose the treated, for the ranks at hand.

    treated: number of treated.  doubled_ranks: twice the midranks of all subjects, whole numbers.  Counts the
    subsets of each size and sum, one subject after the other (exact enumeration, textbook).
    """
    least = treated * (treated + 1)
    most = sum(sorted(doubled_ranks)[len(doubled_ranks) - treated :])
    ways = np.zeros((treated + 1, most + 1))
    ways[0, 0] = 1.0
    for rank in doubled_ranks:
        if rank <= most:
            ways[1:, rank:] += ways[:-1, : most + 1 - rank].copy()
    mass = ways[treated, least:]
    full = np.zeros(2 * treated * (len(doubled_ranks) - treated) + 1)
    full[: mass.size] = mass / mass.sum()
    full.setflags(write=False)
    return NullDistribution(full)


def untied(size: int) -> tuple[int, ...]:
    """Return twice the ranks 1..size."""
    return tuple(range(2, 2 * size + 1, 2))
