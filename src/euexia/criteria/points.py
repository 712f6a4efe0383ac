"""Points of a score, as the interval of what they can still become when readings are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison, compare
from euexia.criteria.criterion import Criterion, Flags, Floats, absent, counts, still_missing


@dataclass(frozen=True, slots=True)
class Points:
    """Lowest and highest points still possible; equal where every reading that matters is known."""

    low: Floats
    high: Floats
    missing: Mapping[str, Flags]

    def __add__(self, other: Points) -> Points:
        """Return the sum."""
        return _joined(self.low + other.low, self.high + other.high, (self, other))

    @property
    def value(self) -> Floats:
        """Return the points where they are certain, else NaN."""
        return np.where(self.low == self.high, self.low, np.nan)

    def reaches(self, comparison: Comparison, cut: float) -> Criterion:
        """Return whether the points stand so to the cut; decided as soon as both ends agree."""
        ends = compare(self.low, comparison, cut), compare(self.high, comparison, cut)
        truth = np.where(ends[0] == ends[1], ends[0], UNKNOWN)
        return Criterion(truth, still_missing(np.asarray(truth == UNKNOWN), [self.missing]))


def _joined(low: Floats, high: Floats, parts: Sequence[Points]) -> Points:
    return Points(low, high, still_missing(np.asarray(low < high), [part.missing for part in parts]))


def total(parts: Sequence[Points]) -> Points:
    """Return the sum of one or more components."""
    return reduce(add, parts)


def worst(parts: Sequence[Points]) -> Points:
    """Return the highest of one or more components."""
    low = reduce(np.maximum, [part.low for part in parts])
    high = reduce(np.maximum, [part.high for part in parts])
    return _joined(low, high, parts)


def graded(
    value: ArrayLike,
    steps: Sequence[tuple[Comparison, ArrayLike, float]],
    *,
    first: float,
    **needs: ArrayLike,
) -> Points:
    """Return the points of the last step that the value has taken.

    steps: comparison, threshold and the points from there on, in order of the value.  first: points before
    any step.  needs: the readings behind the value, by name.
    """
    readings = np.asarray(value, dtype=float)
    points: Floats = np.full(readings.shape, float(first))
    unknown: Flags = np.isnan(readings)
    for comparison, threshold, gained in steps:
        taken = compare(readings, comparison, threshold)
        points = np.where(taken == TRUE, gained, points)
        unknown = unknown | (taken == UNKNOWN)
    possible = [first, *(gained for _, _, gained in steps)]
    low = np.where(unknown, min(possible), points)
    high = np.where(unknown, max(possible), points)
    return Points(low, high, still_missing(np.asarray(low < high), [absent(needs)]))


def points_if(criterion: Criterion, points: float) -> Points:
    """Return the points if the criterion holds and none if it does not."""
    low = np.where(criterion.truth == TRUE, float(points), 0.0)
    high = np.where(criterion.truth == FALSE, 0.0, float(points))
    return Points(low, high, criterion.missing)


def gated(points: Points, criterion: Criterion) -> Points:
    """Return the points where the criterion holds and none where it does not."""
    low = np.where(criterion.truth == TRUE, points.low, 0.0)
    high = np.where(criterion.truth == FALSE, 0.0, points.high)
    return Points(low, high, still_missing(np.asarray(low < high), [points.missing, criterion.missing]))


def points_for_count(criteria: Sequence[Criterion], points: Sequence[float]) -> Points:
    """Return ``points[number that hold]``; the last entry stands for that many and more."""
    table = np.asarray(points, dtype=float)
    sure, possible = (np.minimum(number, len(table) - 1) for number in counts(criteria))
    low, high = table[sure], table[possible]
    return Points(low, high, still_missing(np.asarray(low < high), [part.missing for part in criteria]))


def item(value: ArrayLike, low: float, high: float, **needs: ArrayLike) -> Points:
    """Return the points of one item that is given as points, between low and high."""
    given = np.asarray(value, dtype=float)
    unknown = np.isnan(given)
    bounds = np.where(unknown, low, given), np.where(unknown, high, given)
    return Points(*bounds, still_missing(np.asarray(bounds[0] < bounds[1]), [absent(needs)]))


def band(value: ArrayLike, comparison: Comparison, cuts: Sequence[float]) -> NDArray[np.int8]:
    """Return how many of the ascending cuts the value has passed; -1 where it is missing."""
    readings = np.asarray(value, dtype=float)
    passed = np.zeros(readings.shape, dtype=np.int8)
    for cut in cuts:
        passed = passed + (compare(readings, comparison, cut) == TRUE)
    return np.where(np.isnan(readings), -1, passed).astype(np.int8)


def band_of(points: Points, comparison: Comparison, cuts: Sequence[float]) -> NDArray[np.int8]:
    """Return the band of the points where both ends of what is possible share it, else -1."""
    lowest, highest = band(points.low, comparison, cuts), band(points.high, comparison, cuts)
    return np.where(lowest == highest, lowest, -1).astype(np.int8)
