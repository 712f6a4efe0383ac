"""The rank composite of survival and function as its definition says: every pair of patients."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

Patient = tuple[bool, float, float]
"""Died, time of death, function."""


def better(patient: Patient, other: Patient) -> int:
    """Return 1, 0 or -1: survivors beat the dead; the dead compare by time, survivors by function."""
    (died, time, function), (dead, when, able) = patient, other
    if died != dead:
        return -1 if died else 1
    mine, theirs = (time, when) if died else (function, able)
    return (mine > theirs) - (mine < theirs)


def theta(treated: Sequence[Patient], controls: Sequence[Patient]) -> float:
    """Return P(treated better) - P(treated worse)."""
    return sum(better(a, b) for a in treated for b in controls) / (len(treated) * len(controls))


def wilcoxon_z(treated: Sequence[Patient], controls: Sequence[Patient]) -> float:
    r"""Return Wilcoxon's statistic by the permutation variance of everyone's score.

    .. math:: U_i = \sum_j \mathrm{better}(i, j), \quad
              z = \sum_{i \in 1} U_i \Big/ \sqrt{\tfrac{n m}{N (N - 1)} \sum_i U_i^2}
    """
    everyone = [*treated, *controls]
    scores = [sum(better(a, b) for b in everyone) for a in everyone]
    n, size = len(treated), len(everyone)
    variance = n * (size - n) / (size * (size - 1)) * sum(score**2 for score in scores)
    return sum(scores[:n]) / sqrt(variance)
