"""Three-valued criteria on arrays that remember which missing readings leave them open.

``(loss & ~starvation) | (low_bmi & some_loss)`` reads like the printed rule.  A missing reading is named only
where the answer hangs on it: a criterion that another arm has already decided asks for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison, Truth, compare, negate

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Criterion:
    """Truth of one criterion for every patient, and the missing readings that leave it open.

    missing: by name of the reading, where it is missing and the criterion therefore UNKNOWN.
    """

    truth: Truth
    missing: Mapping[str, Flags]

    def __and__(self, other: Criterion) -> Criterion:
        """Return AND by Kleene's strong logic."""
        a, b = self.truth, other.truth
        return _joined(np.where((a == FALSE) | (b == FALSE), FALSE, np.minimum(a, b)), (self, other))

    def __or__(self, other: Criterion) -> Criterion:
        """Return OR by Kleene's strong logic."""
        a, b = self.truth, other.truth
        return _joined(np.where((a == TRUE) | (b == TRUE), TRUE, np.minimum(a, b)), (self, other))

    def __invert__(self) -> Criterion:
        """Return NOT; UNKNOWN stays UNKNOWN."""
        return Criterion(negate(self.truth), self.missing)

    @property
    def known(self) -> Flags:
        """Return where it is TRUE or FALSE."""
        return np.asarray(self.truth != UNKNOWN)

    @property
    def holds(self) -> Flags:
        """Return where it is TRUE."""
        return np.asarray(self.truth == TRUE)


def _joined(truth: Truth, parts: Sequence[Criterion]) -> Criterion:
    return Criterion(truth, still_missing(np.asarray(truth == UNKNOWN), [part.missing for part in parts]))


def still_missing(open_: Flags, missing: Sequence[Mapping[str, Flags]]) -> dict[str, Flags]:
    """Return, by name, where a reading is missing in any of the parts and the whole is still open."""
    found: dict[str, Flags] = {}
    for part in missing:
        for name, where in part.items():
            left = where & open_
            if left.any():
                found[name] = found[name] | left if name in found else left
    return found


def absent(readings: Mapping[str, ArrayLike]) -> dict[str, Flags]:
    """Return, by name, where a reading is missing; names without any gap are left out."""
    gaps = {name: np.isnan(np.asarray(values, dtype=float)) for name, values in readings.items()}
    return {name: gap for name, gap in gaps.items() if gap.any()}


def held(value: ArrayLike, comparison: Comparison, threshold: ArrayLike, **needs: ArrayLike) -> Criterion:
    """Return the comparison of a value with a threshold, exact at the boundary (core.logic.compare).

    needs: the readings behind value and threshold, by name, so that a missing one can be named.
    """
    truth = compare(value, comparison, threshold)
    return Criterion(truth, still_missing(np.asarray(truth == UNKNOWN), [absent(needs)]))


def above(value: ArrayLike, threshold: ArrayLike, **needs: ArrayLike) -> Criterion:
    """Return value > threshold."""
    return held(value, Comparison.ABOVE, threshold, **needs)


def at_least(value: ArrayLike, threshold: ArrayLike, **needs: ArrayLike) -> Criterion:
    """Return value >= threshold."""
    return held(value, Comparison.AT_LEAST, threshold, **needs)


def below(value: ArrayLike, threshold: ArrayLike, **needs: ArrayLike) -> Criterion:
    """Return value < threshold."""
    return held(value, Comparison.BELOW, threshold, **needs)


def at_most(value: ArrayLike, threshold: ArrayLike, **needs: ArrayLike) -> Criterion:
    """Return value <= threshold."""
    return held(value, Comparison.AT_MOST, threshold, **needs)


def stated(**flag: ArrayLike) -> Criterion:
    """Return the truth of one flag given by its name: 1 TRUE, 0 FALSE, anything else UNKNOWN."""
    ((name, values),) = flag.items()
    given = np.asarray(values, dtype=float)
    truth = np.where(given == 1, TRUE, np.where(given == 0, FALSE, UNKNOWN)).astype(np.int8)
    unknown = truth == UNKNOWN
    return Criterion(truth, {name: unknown} if unknown.any() else {})


def claimed(**flag: ArrayLike) -> Criterion:
    """Return the truth of a flag that counts as absent unless it is stated (an exclusion)."""
    ((_, values),) = flag.items()
    return Criterion((np.asarray(values, dtype=float) == 1).astype(np.int8), {})


def fixed(truth: ArrayLike) -> Criterion:
    """Return a criterion from truths that need no reading."""
    return Criterion(np.asarray(truth, dtype=np.int8), {})


def any_of(criteria: Sequence[Criterion]) -> Criterion:
    """Return OR over one or more criteria."""
    return reduce(or_, criteria)


def all_of(criteria: Sequence[Criterion]) -> Criterion:
    """Return AND over one or more criteria."""
    return reduce(and_, criteria)


def count_at_least(count: int, criteria: Sequence[Criterion]) -> Criterion:
    """Return whether at least ``count`` hold; FALSE only where the UNKNOWN ones could not make it so."""
    sure, possible = counts(criteria)
    truth = np.where(sure >= count, TRUE, np.where(possible < count, FALSE, UNKNOWN)).astype(np.int8)
    return _joined(truth, criteria)


def counts(criteria: Sequence[Criterion]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return how many criteria surely hold and how many may hold."""
    sure = reduce(np.add, [criterion.holds.astype(np.int8) for criterion in criteria])
    unknown = reduce(np.add, [(~criterion.known).astype(np.int8) for criterion in criteria])
    return sure, sure + unknown


def choose(condition: Flags, if_true: Criterion, if_false: Criterion) -> Criterion:
    """Return one criterion where the (known) condition holds and the other elsewhere."""
    truth = np.where(condition, if_true.truth, if_false.truth)
    taken = [
        {name: where & condition for name, where in if_true.missing.items()},
        {name: where & ~condition for name, where in if_false.missing.items()},
    ]
    return Criterion(truth, still_missing(np.asarray(truth == UNKNOWN), taken))


def first_known(preferred: Criterion, fallback: Criterion) -> Criterion:
    """Return the preferred criterion where it is known, else the fallback; both are asked for if open."""
    truth = np.where(preferred.known, preferred.truth, fallback.truth)
    return _joined(truth, (preferred, fallback))


def any_measured(criteria: Sequence[Criterion]) -> Criterion:
    """Return OR over alternative methods of one criterion: one known method is enough to deny it."""
    known = reduce(or_, [criterion.known for criterion in criteria])
    holds = reduce(or_, [criterion.holds for criterion in criteria])
    return _joined(np.where(holds, TRUE, np.where(known, FALSE, UNKNOWN)).astype(np.int8), criteria)


def low_by_sex(
    methods: Mapping[str, tuple[ArrayLike, tuple[float, float]]], male: ArrayLike
) -> dict[str, Criterion]:
    """Return for each method whether its reading lies below its cut-off.

    methods: name to reading and cut-offs (men, women).
    """
    return {
        name: below(value, by_sex(male, *cuts), **{name: value, "male": male})
        for name, (value, cuts) in methods.items()
    }


def by_sex(male: ArrayLike, men: ArrayLike, women: ArrayLike) -> Floats:
    """Return the value for men where male is 1, for women where it is 0, NaN for anything else."""
    sex = np.asarray(male, dtype=float)
    return np.where(sex == 1, men, np.where(sex == 0, women, np.nan))
