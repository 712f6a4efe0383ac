"""Change from baseline, once or at every planned visit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.endpoints import windows
from euexia.endpoints.table import VisitSeries
from euexia.protocol.analysis_plan import Endpoint, EndpointKind
from euexia.protocol.protocol import Protocol
from euexia.trialdata.trialdata import Readings

Floats = NDArray[np.float64]


def change_of(first: Floats, now: Floats, kind: EndpointKind) -> Floats:
    r"""Return the change from baseline: now - first, or for a percent change (now - first) / first.

    A relative change from a baseline of zero or less is unknown.
    """
    if kind is not EndpointKind.PERCENT_CHANGE:
        return now - first
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(first > 0, (now - first) / first, np.nan)


def visit_series(protocol: Protocol, endpoint: Endpoint, readings: Readings, measure: str) -> VisitSeries:
    """Return the change from baseline at every planned visit after day 0 and up to the endpoint's day.

    Each visit takes the reading nearest to its day within its window.  Raises InputError if no visit reads
    the measure.
    """
    visits = planned_visits(protocol, endpoint, measure)
    first = windows.baseline(readings).value
    chosen = [windows.nearest(readings, day, window) for _, day, window in visits]
    return VisitSeries(
        visits=tuple(name for name, _, _ in visits),
        planned=np.array([day for _, day, _ in visits]),
        value=np.stack([reading.value - first for reading in chosen], axis=-1),
        day=np.stack([reading.day for reading in chosen], axis=-1),
    )


def mean_change(
    protocol: Protocol, endpoint: Endpoint, readings: Readings, measure: str, off: Floats
) -> tuple[Floats, Floats]:
    """Return the mean of the changes on an endpoint's days, and of those before treatment ended.

    A day without a reading is left out of the mean; nobody without any has one.  off: day on which treatment
    was stopped or rescue began, NaN: neither.
    """
    first = windows.baseline(readings).value
    visits = planned_visits(protocol, endpoint, measure)
    chosen = [windows.nearest(readings, day, window) for _, day, window in visits]
    change = np.stack([change_of(first, reading.value, endpoint.kind) for reading in chosen], axis=-1)
    day = np.stack([reading.day for reading in chosen], axis=-1)
    with np.errstate(invalid="ignore"):
        late = day > off[..., np.newaxis]
    return _mean_known(change), _mean_known(np.where(late, np.nan, change))


def _mean_known(values: Floats) -> Floats:
    """Return the mean over the last axis of what is known, NaN where nothing is."""
    known = ~np.isnan(values)
    size = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.asarray(np.divide(total, size, out=np.full(total.shape, np.nan), where=size > 0))


def planned_visits(
    protocol: Protocol, endpoint: Endpoint, measure: str
) -> tuple[tuple[str, float, float], ...]:
    """Return name, day and window of the visits that count: all after day 0, or those of the endpoint."""
    windows.window_of(protocol, endpoint, measure)
    visits = sorted(
        (visit.day, visit.name, visit.window)
        for visit in protocol.schedule.visits
        if measure in visit.measures
        and 0 < visit.day <= endpoint.day + windows.DAY_TOLERANCE
        and (not endpoint.days or any(abs(visit.day - day) <= windows.DAY_TOLERANCE for day in endpoint.days))
    )
    if not visits:
        raise InputError(f"No visit of protocol '{protocol.id}' reads '{measure}' after day 0.")
    return tuple((name, day, window) for day, name, window in visits)
