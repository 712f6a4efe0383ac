"""When patients are seen: the visits of a protocol, who comes, and on which day.

The truth of a visit is that of its planned day; the day written down may lie a little beside it, inside the
visit's window.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.core.streams import Purpose, uniform
from euexia.criteria.measures import MEASURES
from euexia.observe.measurement import Address, occasion
from euexia.protocol.protocol import Schedule, Visit

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def measured_at(visit: Visit) -> tuple[str, ...]:
    """Return the measures that are known after a visit: those read, and those computed from them."""
    computed = [
        name
        for name, measure in MEASURES.items()
        if measure.derived_from and set(measure.derived_from) <= set(visit.measures)
    ]
    return tuple(dict.fromkeys((*visit.measures, *computed)))


def trial_visits(schedule: Schedule) -> tuple[Visit, ...]:
    """Return the visits from randomisation on, in order of their days."""
    return tuple(sorted((visit for visit in schedule.visits if visit.day >= 0), key=lambda visit: visit.day))


def screening_visits(schedule: Schedule) -> tuple[Visit, ...]:
    """Return the visits before randomisation, in order of their days."""
    return tuple(sorted((visit for visit in schedule.visits if visit.day < 0), key=lambda visit: visit.day))


def planned_days(schedule: Schedule) -> tuple[float, ...]:
    """Return every day from 0 on which the truth is needed: visits, end of treatment and of follow-up."""
    days = {0.0, schedule.treatment, schedule.follow_up}
    return tuple(sorted(days | {visit.day for visit in trial_visits(schedule)}))


def attends(visit: Visit, address: Address) -> Flags:
    """Return who comes to a visit, if still in the trial; shape (patients,)."""
    if visit.attendance >= 1:
        return np.ones(address.candidate.shape, dtype=bool)
    draws = address.draw(uniform, Purpose.ATTENDANCE, occasion(visit.day), 0)
    return np.asarray(draws < visit.attendance)


def actual_day(visit: Visit, address: Address) -> Floats:
    """Return the day on which each patient comes: whole days around the planned one, inside the window."""
    days = np.full(address.candidate.shape, float(visit.day))
    if visit.window < 1:
        return days
    draws = address.draw(uniform, Purpose.VISIT_TIMING, occasion(visit.day), 0)
    width = np.floor(visit.window)
    return np.asarray(days + np.floor(draws * (2 * width + 1)) - width)
