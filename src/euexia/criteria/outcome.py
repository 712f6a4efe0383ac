"""What a definition, score or formula answers, for any number of patients at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import UNKNOWN, Truth
from euexia.criteria.criterion import Criterion, Flags, Floats, absent
from euexia.criteria.points import Points

Codes = NDArray[np.int8]


class Status(IntEnum):
    """Whether there is an answer; the codes of ``Outcome.status``."""

    OK = 0
    UNKNOWN = 1
    """A reading is missing that the answer hangs on."""
    INVALID = 2
    """A reading was given that cannot be used: not plausible, or a weight under fluid retention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Answers as arrays of one shape; what a definition does not answer is None or empty.

    truth: 1 TRUE, 0 FALSE, -1 UNKNOWN.  value: the number or total; NaN if unknown.  category: index into
    ``categories``; -1 if unknown.  The main answer is the truth if there is one, else the category, else the
    value: ``status`` (codes of Status) speaks of it.  low, high: interval of totals that are still possible.
    met: truth of each arm or criterion by name.  missing: by name of the input, where it is missing and keeps
    the answer open.  invalid: by name, where an input was given but cannot be used.  parts: numbers found on
    the way, such as sub-scores.  notes: by name, where a remark applies ("outside_published_grid").
    """

    status: Codes
    truth: Truth | None = None
    value: Floats | None = None
    category: Codes | None = None
    categories: tuple[str, ...] = ()
    low: Floats | None = None
    high: Floats | None = None
    met: Mapping[str, Truth] = field(default_factory=dict)
    missing: Mapping[str, Flags] = field(default_factory=dict)
    invalid: Mapping[str, Flags] = field(default_factory=dict)
    parts: Mapping[str, Floats] = field(default_factory=dict)
    notes: Mapping[str, Flags] = field(default_factory=dict)


def answer(
    criterion: Criterion,
    *,
    met: Mapping[str, Criterion] | None = None,
    category: Codes | None = None,
    categories: tuple[str, ...] = (),
    value: Floats | None = None,
    parts: Mapping[str, Floats] | None = None,
    notes: Mapping[str, Flags] | None = None,
) -> Outcome:
    """Return the outcome of a true-or-false definition."""
    return Outcome(
        status=_status(criterion.truth == UNKNOWN),
        truth=criterion.truth,
        value=value,
        category=category,
        categories=categories,
        met={name: arm.truth for name, arm in (met or {}).items()},
        missing=criterion.missing,
        parts=parts or {},
        notes=notes or {},
    )


def measured(
    value: ArrayLike,
    *,
    unusable: Mapping[str, Flags] | None = None,
    parts: Mapping[str, Floats] | None = None,
    notes: Mapping[str, Flags] | None = None,
    category: Codes | None = None,
    categories: tuple[str, ...] = (),
    **needs: ArrayLike,
) -> Outcome:
    """Return the outcome of a formula; where it gives no finite number the value is NaN.

    needs: its readings by name.  unusable: by name, where a reading was given that the formula cannot take (a
    denominator of zero).  category: of the value, -1 where that is NaN.
    """
    number = np.asarray(value, dtype=float)
    number = np.where(np.isfinite(number), number, np.nan)
    outcome = Outcome(
        status=_status(np.isnan(number)),
        value=number,
        category=category,
        categories=categories,
        missing=absent(needs),
        parts=parts or {},
        notes=notes or {},
    )
    return with_invalid(outcome, unusable or {})


def scored(
    points: Points,
    *,
    truth: Criterion | None = None,
    category: Codes | None = None,
    categories: tuple[str, ...] = (),
    parts: Mapping[str, Points] | None = None,
    met: Mapping[str, Criterion] | None = None,
    notes: Mapping[str, Flags] | None = None,
) -> Outcome:
    """Return the outcome of a sum score; truth (at risk or not) may be decided before the total is."""
    total = points.value
    open_ = np.isnan(total) if truth is None else truth.truth == UNKNOWN
    remarks = dict(notes or {})
    if truth is not None:
        remarks["decided_by_bound"] = np.isnan(total) & (truth.truth != UNKNOWN)
    return Outcome(
        status=_status(open_),
        truth=None if truth is None else truth.truth,
        value=total,
        category=category,
        categories=categories,
        low=points.low,
        high=points.high,
        met={name: arm.truth for name, arm in (met or {}).items()},
        missing=points.missing if truth is None else truth.missing,
        parts={name: part.value for name, part in (parts or {}).items()},
        notes=remarks,
    )


def classified(
    category: Codes,
    categories: tuple[str, ...],
    *,
    missing: Mapping[str, Flags],
    met: Mapping[str, Criterion] | None = None,
    parts: Mapping[str, Floats] | None = None,
    notes: Mapping[str, Flags] | None = None,
) -> Outcome:
    """Return the outcome of a definition whose main answer is a category; -1 is unknown."""
    open_ = category == UNKNOWN
    return Outcome(
        status=_status(open_),
        category=category.astype(np.int8),
        categories=categories,
        met={name: arm.truth for name, arm in (met or {}).items()},
        missing={name: where & open_ for name, where in missing.items()},
        parts=parts or {},
        notes=notes or {},
    )


def _status(open_: ArrayLike) -> Codes:
    return np.where(open_, np.int8(Status.UNKNOWN), np.int8(Status.OK)).astype(np.int8)


def with_invalid(outcome: Outcome, invalid: Mapping[str, Flags]) -> Outcome:
    """Return the outcome with the named unusable readings; an answer they leave open is INVALID.

    What another reading has decided stays decided.
    """
    found = {name: where for name, where in invalid.items() if where.any()}
    if not found:
        return outcome
    missing = {
        name: where & ~found[name] if name in found else where for name, where in outcome.missing.items()
    }
    unusable = np.logical_or.reduce(np.broadcast_arrays(*found.values()))
    status = np.where((outcome.status != Status.OK) & unusable, np.int8(Status.INVALID), outcome.status)
    kept = {name: where for name, where in missing.items() if where.any()}
    earlier = outcome.invalid
    merged = {name: where | earlier[name] if name in earlier else where for name, where in found.items()}
    return replace(outcome, status=status, missing=kept, invalid={**earlier, **merged})


def shaped(outcome: Outcome, shape: tuple[int, ...]) -> Outcome:
    """Return the outcome with every array broadcast to one shape."""
    return replace(
        outcome,
        status=np.broadcast_to(outcome.status, shape),
        truth=None if outcome.truth is None else np.broadcast_to(outcome.truth, shape),
        value=None if outcome.value is None else np.broadcast_to(outcome.value, shape),
        category=None if outcome.category is None else np.broadcast_to(outcome.category, shape),
        low=None if outcome.low is None else np.broadcast_to(outcome.low, shape),
        high=None if outcome.high is None else np.broadcast_to(outcome.high, shape),
        met={name: np.broadcast_to(array, shape) for name, array in outcome.met.items()},
        missing={name: np.broadcast_to(array, shape) for name, array in outcome.missing.items()},
        invalid={name: np.broadcast_to(array, shape) for name, array in outcome.invalid.items()},
        parts={name: np.broadcast_to(array, shape) for name, array in outcome.parts.items()},
        notes={name: np.broadcast_to(array, shape) for name, array in outcome.notes.items()},
    )
