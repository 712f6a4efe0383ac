"""Loss of body weight over a time that lies behind."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.studytime import DAYS_PER_MONTH
from euexia.criteria.definition import Definition, asked
from euexia.criteria.inputs import FLUID, LARGEST_CHANGE, REFERENCE_WEIGHT, WEIGHT
from euexia.criteria.outcome import Outcome, measured

Floats = NDArray[np.float64]
NAN = float("nan")

MONTH = DAYS_PER_MONTH
"""Days of a mean month."""

TOLERANCES: tuple[tuple[float, float], ...] = ((6 * MONTH, 30.0), (2 * MONTH, 14.0))
"""For a look-back of at least so many days, a reading may lie so many days beside it; shorter ones: half."""


def fraction_lost(reference: ArrayLike, now: ArrayLike) -> Floats:
    """Return the share of the reference that is lost, (reference - now) / reference.

    A gain is negative; NaN on either side, or a reference of zero, gives NaN.  reference, now: same unit and
    shape.
    """
    earlier, later = np.broadcast_arrays(np.asarray(reference, dtype=float), np.asarray(now, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        lost = (earlier - later) / earlier
    return np.where(np.isfinite(lost), lost, np.nan)


def tolerance(look_back: float) -> float:
    """Return how far [day] a reading may lie from the look-back day and still stand for it."""
    for least, allowed in TOLERANCES:
        if look_back >= least * (1 - 1e-9):
            return allowed
    return look_back / 2


class Reference(StrEnum):
    """Which earlier weight a loss is counted from; the consensus papers do not say."""

    AT_LOOK_BACK = "at_look_back"
    """The reading nearest to the look-back day."""
    HIGHEST_IN_WINDOW = "highest_in_window"
    """The highest reading since the look-back day."""


def reference_value(
    days: ArrayLike,
    values: ArrayLike,
    now: int,
    look_back: float,
    *,
    reference: Reference = Reference.AT_LOOK_BACK,
    allowed: float | None = None,
) -> Floats:
    """Return the weight that a loss over ``look_back`` days is counted from, by the stated kind of reference.

    allowed: days that a reading may lie from the look-back day; by default ``tolerance(look_back)``.  Other
    arguments as ``value_at_look_back``.
    """
    match reference:
        case Reference.AT_LOOK_BACK:
            return value_at_look_back(days, values, now, look_back, allowed)
        case Reference.HIGHEST_IN_WINDOW:
            return highest_in_window(days, values, now, look_back, allowed)
        case _:
            assert_never(reference)


def highest_in_window(
    days: ArrayLike, values: ArrayLike, now: int, look_back: float, allowed: float | None = None
) -> Floats:
    """Return the highest reading from ``look_back`` days before the one at index ``now`` to just before it.

    Readings up to ``allowed`` days before the window count.  NaN where there is none.  Shape (...).
    """
    readings = np.asarray(values, dtype=float)
    when = np.broadcast_to(np.asarray(days, dtype=float), readings.shape)
    present = when[..., now : now + 1 or None]
    slack = tolerance(look_back) if allowed is None else allowed
    with np.errstate(invalid="ignore"):
        usable = ~np.isnan(readings) & (when < present) & (when >= present - look_back - slack - 1e-9)
    highest = np.where(usable, readings, -np.inf).max(axis=-1)
    return np.where(usable.any(axis=-1), highest, np.nan)


def value_at_look_back(
    days: ArrayLike, values: ArrayLike, now: int, look_back: float, allowed: float | None = None
) -> Floats:
    """Return the reading nearest to ``look_back`` days before the one at index ``now``.

    days: day of each reading, shape (..., visits) or (visits,).  values: readings, shape (..., visits).
    allowed: days that it may lie beside that day; by default ``tolerance(look_back)``.
    Only earlier, non-missing readings within the tolerance count; of two equally near the earlier is taken.
    NaN where there is none.  Shape (...).
    """
    readings = np.asarray(values, dtype=float)
    when = np.broadcast_to(np.asarray(days, dtype=float), readings.shape)
    distance = np.abs(when - (when[..., now : now + 1 or None] - look_back))
    with np.errstate(invalid="ignore"):
        usable = ~np.isnan(readings) & (when < when[..., now : now + 1 or None])
        usable &= distance <= (tolerance(look_back) if allowed is None else allowed) + 1e-9
    distance = np.where(usable, distance, np.inf)
    nearest = np.argmin(distance, axis=-1)[..., np.newaxis]
    chosen = np.take_along_axis(readings, nearest, axis=-1)[..., 0]
    return np.where(usable.any(axis=-1), chosen, np.nan)


INPUTS = (REFERENCE_WEIGHT, WEIGHT, FLUID)


@asked(*INPUTS)
def weight_loss(
    *,
    reference_weight: ArrayLike = NAN,
    body_weight: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
) -> Outcome:
    """Return the share of the earlier weight that is lost; a gain is negative.

    A change of more than 60 % either way is not plausible and INVALID.
    """
    lost = fraction_lost(reference_weight, body_weight)
    with np.errstate(invalid="ignore"):
        impossible = np.asarray(np.abs(lost) > LARGEST_CHANGE)
    return measured(
        np.where(impossible, np.nan, lost),
        unusable={"body_weight": impossible, "reference_weight": impossible},
        reference_weight=reference_weight,
        body_weight=body_weight,
    )


DEFINITION = Definition(
    id="weight_loss",
    version="1",
    source="Denominator is the earlier weight; look-back and tolerance are decisions of this project.",
    source_verified=True,
    inputs=INPUTS,
    function=weight_loss,
)

DEFINITIONS = (DEFINITION,)
