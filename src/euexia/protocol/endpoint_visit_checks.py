"""Whether the visits read what an endpoint needs, and whether its day is within the trial."""

from __future__ import annotations

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_plan import Endpoint
from euexia.protocol.protocol import Schedule
from euexia.protocol.reading import Parts
from euexia.protocol.schedule_checks import is_measured, visits_on


def check_reading(
    reader: Reader, parts: Parts, endpoint: Endpoint, measure: str, place: str, *, baseline: bool
) -> None:
    """Note a measure that is not read on the endpoint's day, or not on day 0 where a change needs it."""
    if measure not in MEASURES:
        reader.fault_at(place, f"there is no measure called '{measure}'.", did_you_mean(measure, MEASURES))
        return
    if not parts.is_whole("visits"):
        return
    for day in (0.0, endpoint.day) if baseline else (endpoint.day,):
        if not any(is_measured(measure, visit) for visit in visits_on(parts, day)):
            days = [f"{visit.day:g}" for visit in parts.readable("visits") if is_measured(measure, visit)]
            measured = f"It is measured on day {', '.join(days)}." if days else "No visit measures it."
            problem = f"no visit measures '{measure}' on day {day:g}."
            reader.fault_at(place, problem, f"{measured} Add it to a visit on that day.")


def check_read_after(reader: Reader, parts: Parts, endpoint: Endpoint, measure: str, place: str) -> None:
    """Note a measure that no visit reads between randomisation and the endpoint's day."""
    if not parts.is_whole("visits"):
        return
    visits = [visit for visit in parts.readable("visits") if is_measured(measure, visit)]
    if not any(0 < visit.day <= endpoint.day for visit in visits):
        problem = f"no visit up to day {endpoint.day:g} measures '{measure}'."
        reader.fault_at(place, problem, "Add it to a visit.")
    if not any(visit.day == 0 for visit in visits):
        reader.fault_at(place, f"no visit measures '{measure}' on day 0.", "Add it to the day-0 visit.")


def check_day(reader: Reader, parts: Parts, endpoint: Endpoint, place: str) -> None:
    """Note a day outside the time in which events are looked for."""
    schedule: Schedule | None = parts.values.get("schedule")
    if schedule is not None and not 0 < endpoint.day <= schedule.follow_up:
        problem = (
            f"events are counted from day 0 to {schedule.follow_up:g} only, not to day {endpoint.day:g}."
        )
        reader.fault_at(f"{place}.day", problem, "Count to an earlier day or lengthen 'schedule.follow_up'.")
