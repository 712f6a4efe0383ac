"""Loss of body weight over a time that lies behind."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.criteria.definition import Definition

Floats = NDArray[np.float64]

DEFINITION = Definition(
    id="weight_loss",
    version="1",
    source="Denominator is the earlier weight; look-back and tolerance are decisions of this project.",
    source_verified=True,
)

MONTH = 30.4375
"""Days of a mean month (365.25 / 12)."""

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


def value_at_look_back(days: ArrayLike, values: ArrayLike, now: int, look_back: float) -> Floats:
    """Return the reading nearest to ``look_back`` days before the one at index ``now``.

    days: day of each reading, shape (..., visits) or (visits,).  values: readings, shape (..., visits).
    Only earlier, non-missing readings within the tolerance count; of two equally near the earlier is taken.
    NaN where there is none.  Shape (...).
    """
    readings = np.asarray(values, dtype=float)
    when = np.broadcast_to(np.asarray(days, dtype=float), readings.shape)
    distance = np.abs(when - (when[..., now : now + 1 or None] - look_back))
    with np.errstate(invalid="ignore"):
        usable = ~np.isnan(readings) & (when < when[..., now : now + 1 or None])
        usable &= distance <= tolerance(look_back) + 1e-9
    distance = np.where(usable, distance, np.inf)
    nearest = np.argmin(distance, axis=-1)[..., np.newaxis]
    chosen = np.take_along_axis(readings, nearest, axis=-1)[..., 0]
    return np.where(usable.any(axis=-1), chosen, np.nan)
