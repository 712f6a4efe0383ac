"""Bounds of the effect in always-survivors as their definition says: one trial, means of trimmed samples."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def bounds(
    treated: Sequence[float], treated_size: int, controls: Sequence[float], controls_size: int
) -> tuple[float, float]:
    """Return the bounds without monotonicity; see ``survivor_effect.bounds``.

    treated, controls: outcomes of all survivors of an arm of that size; some must survive under either.
    """
    alive = Fraction(len(treated), treated_size), Fraction(len(controls), controls_size)
    always = sum(alive) - 1
    ours, theirs = always / alive[0], always / alive[1]
    low = lowest_mean(treated, ours) + lowest_mean([-value for value in controls], theirs)
    high = -lowest_mean([-value for value in treated], ours) - lowest_mean(controls, theirs)
    return low, high


def lowest_mean(values: Sequence[float], share: Fraction) -> float:
    """Return the mean of the lowest share of values; the value at the edge counts in part."""
    left = share * len(values)
    total = 0.0
    for value in sorted(values):
        part = min(Fraction(1), left)
        total += float(part) * value
        left -= part
    return total / float(share * len(values))
