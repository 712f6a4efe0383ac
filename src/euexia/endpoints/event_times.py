"""Days of awaited and competing events, and how long each subject was watched for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.core.logic import TRUE
from euexia.criteria import tumour_response
from euexia.endpoints import windows
from euexia.endpoints.histories import chosen_events, column, history_at, readings_of
from euexia.endpoints.table import EventTimes
from euexia.protocol import condition as conditions
from euexia.protocol.analysis_plan import CONDITION, DEATH, PROGRESSION, Endpoint
from euexia.protocol.protocol import Protocol
from euexia.trialdata.trialdata import Readings, TrialData

Floats = NDArray[np.float64]

TUMOUR_SIZE = "tumour_size"
READ_AT_VISITS = frozenset({CONDITION, PROGRESSION})
"""Events that are seen at visits only: without one they could have happened up to the last reading."""


def event_times(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> EventTimes:
    """Return the days of the awaited and of the competing events, and the last day either could be seen.

    Deaths, adverse events and withdrawal are known to the day; a condition or a progression is seen at the
    visit that shows it, on the planned day or earlier if it was read earlier, and a subject without one is
    watched until the last visit that could have shown it.
    """
    if not endpoint.first_of:
        raise InputError(f"Endpoint '{endpoint.name}' waits for nothing. Name events in 'first_of'.")
    days = {
        name: _day_of(data, protocol, endpoint, name) for name in (*endpoint.first_of, *endpoint.competing)
    }
    return EventTimes(
        awaited=_first([days[name] for name in endpoint.first_of], data),
        competing=_first([days[name] for name in endpoint.competing], data),
        end=_end(data, protocol, endpoint),
    )


def _first(days: list[Floats], data: TrialData) -> Floats:
    return np.asarray(np.fmin.reduce([np.full((data.trials, data.size), np.nan), *days]), dtype=float)


def _day_of(data: TrialData, protocol: Protocol, endpoint: Endpoint, name: str) -> Floats:
    """Return the first day of an event up to the endpoint's day, NaN where it did not come."""
    if name == DEATH:
        day = column(data, "death_day")
    elif name == PROGRESSION:
        day = _progression(readings_of(data, endpoint, TUMOUR_SIZE), endpoint.day)
    elif name == CONDITION:
        day = _condition(data, protocol, endpoint)
    else:
        day = _adverse_event(data, name, endpoint.day)
    with np.errstate(invalid="ignore"):
        return np.where(day <= endpoint.day + windows.DAY_TOLERANCE, day, np.nan)


def _adverse_event(data: TrialData, term: str, day: float) -> Floats:
    events = data.events
    chosen = chosen_events(events, term, day)
    first = np.full((data.trials, data.size), np.inf)
    np.minimum.at(first, (events.trial[chosen], events.subject[chosen]), events.day[chosen])
    return np.where(np.isfinite(first), first, np.nan)


def _progression(readings: Readings, last: float) -> Floats:
    """Return the day of the first progression against baseline and nadir (RECIST 1.1)."""
    first = windows.baseline(readings)
    found = np.full(first.value.shape, np.nan)
    for visit in range(readings.day.shape[-1]):
        day, value = readings.day[..., visit], readings.value[..., visit]
        planned = float(readings.planned[visit])
        nadir = windows.smallest_until(readings, first.day, day)
        category = tumour_response.target_response(first.value, nadir, value)
        with np.errstate(invalid="ignore"):
            here = (category == tumour_response.PROGRESSIVE) & (day > 0) & (planned <= last)
        found = np.where(here, np.fmin(found, np.fmin(day, planned)), found)
    return found


def _condition(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> Floats:
    """Return the day of the first visit at which the endpoint's condition is TRUE."""
    condition = endpoint.condition
    if condition is None:
        raise InputError(f"Endpoint '{endpoint.name}' waits for a condition but has none. Give it one.")
    measures = conditions.measures_of(condition)
    readings = {measure: readings_of(data, endpoint, measure) for measure in measures}
    found = np.full((data.trials, data.size), np.nan)
    for day, window in _visit_days(protocol, endpoint, measures):
        histories = {measure: history_at(part, day, window) for measure, part in readings.items()}
        met = conditions.evaluate(condition, histories) == TRUE
        read = np.fmax.reduce([history.days[..., history.now] for history in histories.values()])
        found = np.where(met, np.fmin(found, np.fmin(read, day)), found)
    return found


def _visit_days(
    protocol: Protocol, endpoint: Endpoint, measures: tuple[str, ...]
) -> tuple[tuple[float, float], ...]:
    return tuple(
        (visit.day, visit.window)
        for visit in sorted(protocol.schedule.visits, key=lambda visit: visit.day)
        if 0 < visit.day <= endpoint.day + windows.DAY_TOLERANCE and set(measures) & set(visit.measures)
    )


def _end(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> Floats:
    """Return the last day on which the awaited event could have been seen."""
    shape = (data.trials, data.size)
    followed = np.fmin.reduce(
        [
            np.full(shape, endpoint.day),
            *(column(data, name) for name in ("death_day", "withdrawal_day", "last_contact_day")),
        ]
    )
    watched = [name for name in endpoint.first_of if name in READ_AT_VISITS]
    if not watched:
        return np.asarray(np.maximum(followed, 0.0), dtype=float)
    seen = np.zeros(shape)
    for measure in _watched_measures(endpoint):
        readings = readings_of(data, endpoint, measure)
        with np.errstate(invalid="ignore"):
            usable = ~np.isnan(readings.value) & (readings.planned <= endpoint.day + windows.DAY_TOLERANCE)
        attended = np.where(usable, np.fmax(readings.day, readings.planned), 0.0)
        seen = np.maximum(seen, attended.max(axis=-1, initial=0.0))
    return np.asarray(np.maximum(np.minimum(seen, followed), 0.0), dtype=float)


def _watched_measures(endpoint: Endpoint) -> tuple[str, ...]:
    of_condition = (
        conditions.measures_of(endpoint.condition)
        if CONDITION in endpoint.first_of and endpoint.condition is not None
        else ()
    )
    tumour = (TUMOUR_SIZE,) if PROGRESSION in endpoint.first_of else ()
    return (*of_condition, *tumour)
