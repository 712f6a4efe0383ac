"""Which reading stands for baseline, and which for a day of the protocol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.protocol.analysis_plan import Endpoint
from euexia.protocol.protocol import Protocol
from euexia.trialdata.trialdata import Readings

Floats = NDArray[np.float64]

DAY_TOLERANCE = 1e-6
"""Days nearer than this are the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One reading of each subject, NaN where there is none; both of shape (trials, subjects)."""

    day: Floats
    value: Floats


def baseline(readings: Readings) -> Chosen:
    """Return each subject's last reading at or before day 0."""
    with np.errstate(invalid="ignore"):
        usable = ~np.isnan(readings.value) & (readings.day <= DAY_TOLERANCE)
    return _best(readings, usable, np.where(usable, readings.day, -np.inf))


def nearest(readings: Readings, day: float, window: float) -> Chosen:
    """Return each subject's reading after day 0 that is nearest to ``day`` within the window.

    window: greatest distance [day], either way.  Of two equally near the later is taken, as the one further
    into treatment.
    """
    distance = np.abs(readings.day - day)
    with np.errstate(invalid="ignore"):
        usable = ~np.isnan(readings.value) & (readings.day > DAY_TOLERANCE)
        usable &= distance <= window + DAY_TOLERANCE
        shortest = np.where(usable, distance, np.inf).min(axis=-1, keepdims=True)
        usable &= distance <= shortest + DAY_TOLERANCE
    return _best(readings, usable, np.where(usable, readings.day, -np.inf))


def last_until(readings: Readings, last: Floats) -> Floats:
    """Return each subject's last reading after day 0 and up to the own day ``last``, (trials, subjects)."""
    with np.errstate(invalid="ignore"):
        usable = (readings.day > DAY_TOLERANCE) & ~np.isnan(readings.value)
        usable &= readings.day <= last[..., np.newaxis] + DAY_TOLERANCE
    return _best(readings, usable, np.where(usable, readings.day, -np.inf)).value


def smallest_until(readings: Readings, first: Floats, last: Floats) -> Floats:
    """Return each subject's smallest reading from day ``first`` to day ``last``, shape (trials, subjects)."""
    with np.errstate(invalid="ignore"):
        usable = (readings.day >= first[..., np.newaxis] - DAY_TOLERANCE) & ~np.isnan(readings.value)
        usable &= readings.day <= last[..., np.newaxis] + DAY_TOLERANCE
    smallest = np.where(usable, readings.value, np.inf).min(axis=-1)
    return np.where(np.isfinite(smallest), smallest, np.nan)


def window_of(protocol: Protocol, endpoint: Endpoint, measure: str) -> float:
    """Return the window [day] of the visit at which an endpoint's measure is read.

    Raises InputError if no visit on the endpoint's day reads the measure.
    """
    reading = [visit for visit in protocol.schedule.visits if measure in visit.measures]
    for visit in reading:
        if abs(visit.day - endpoint.day) <= DAY_TOLERANCE:
            return visit.window
    days = ", ".join(f"{visit.day:g}" for visit in reading) or "none"
    raise InputError(
        f"Endpoint '{endpoint.name}' needs '{measure}' on day {endpoint.day:g}, but no visit of protocol "
        f"'{protocol.id}' reads it then (days that do: {days}). Add it to a visit or move the endpoint."
    )


def _best(readings: Readings, usable: NDArray[np.bool_], rank: Floats) -> Chosen:
    """Return the usable reading of highest rank; of equals the one listed last."""
    visits = rank.shape[-1]
    if visits == 0:
        empty = np.full(rank.shape[:-1], np.nan)
        return Chosen(day=empty, value=empty)
    index = (visits - 1 - rank[..., ::-1].argmax(axis=-1))[..., np.newaxis]
    found = np.take_along_axis(usable, index, axis=-1)[..., 0]
    day = np.take_along_axis(readings.day, index, axis=-1)[..., 0]
    value = np.take_along_axis(readings.value, index, axis=-1)[..., 0]
    return Chosen(day=np.where(found, day, np.nan), value=np.where(found, value, np.nan))
