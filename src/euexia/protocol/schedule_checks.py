"""What must be true of the times of a trial and of its visits."""

from __future__ import annotations

from itertools import pairwise

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.criteria.measures import MEASURES
from euexia.protocol.protocol import Schedule, Visit
from euexia.protocol.reading import Parts

CONSTANT = ("age", "male", "height")
"""Measures that are known of every patient and do not change during a trial."""
DAY = 1e-6
"""Two days nearer than this are the same day."""
LONGEST = 3653.0
"""Days of ten years; a longer trial is taken for a slip of the pen."""


def check_schedule(reader: Reader, parts: Parts) -> None:
    """Note every fault in the times of the trial and in its visits."""
    _check_times(reader, parts)
    _check_visits(reader, parts)


def is_measured(measure: str, visit: Visit) -> bool:
    """Return whether a visit gives a reading of a measure, by itself or computed from others."""
    if measure in visit.measures or measure in CONSTANT:
        return True
    parts = MEASURES[measure].derived_from if measure in MEASURES else ()
    return bool(parts) and all(is_measured(part, visit) for part in parts)


def series_of(name: str) -> str:
    """Return the name of the series a visit belongs to; that of a single visit is its own."""
    return name.partition("_day_")[0]


def visits_on(parts: Parts, day: float) -> list[Visit]:
    """Return the visits planned on a day."""
    return [visit for visit in parts.readable("visits") if abs(visit.day - day) < DAY]


def _check_times(reader: Reader, parts: Parts) -> None:
    schedule: Schedule | None = parts.values.get("schedule")
    if schedule is None:
        return
    if schedule.screening > 0:
        problem = f"screening on day {schedule.screening:g} comes after randomisation (day 0)."
        reader.fault_at("schedule.screening", problem, "Give a day before 0, such as '-7 days'.")
    if not schedule.treatment > 0:
        reader.fault_at(
            "schedule.treatment", "the treatment must last longer than nothing.", "Give its length."
        )
    if schedule.follow_up > LONGEST:
        problem = f"a trial of {schedule.follow_up:g} days is longer than ten years."
        reader.fault_at("schedule.follow_up", problem, "Check the unit.")
    if schedule.follow_up < schedule.treatment:
        ends = f"day {schedule.follow_up:g}, before treatment does (day {schedule.treatment:g})"
        problem = f"follow-up ends on {ends}."
        reader.fault_at(
            "schedule.follow_up", problem, "Give the day of the last contact, counted from day 0."
        )
    if not 0 <= schedule.run_in <= max(-schedule.screening, 0):
        problem = f"a run-in of {schedule.run_in:g} days does not fit between screening and day 0."
        reader.fault_at("schedule.run_in", problem, "Screen earlier or shorten the run-in.")


def _check_visits(reader: Reader, parts: Parts) -> None:
    visits: list[Visit] = parts.readable("visits")
    for visit in visits:
        _check_visit(reader, parts.values.get("schedule"), visit)
    for earlier, later in pairwise(visits):
        if earlier.day + earlier.window >= later.day - later.window:
            problem = (
                f"the window of '{later.name}' (from day {later.day - later.window:g}) meets that of "
                f"'{earlier.name}' (to day {earlier.day + earlier.window:g})."
            )
            reader.fault_at(_place(reader, later), problem, "Narrow a window or move a visit.")
    if parts.is_whole("visits") and not visits_on(parts, 0.0):
        reader.fault_at("schedule.visits", "there is no visit on day 0.", "Add the baseline visit.")


def _place(reader: Reader, visit: Visit) -> str:
    """Return the place of a visit in the file; one of a series stands under the series' name."""
    own = f"schedule.visits.{visit.name}"
    return own if own in reader.lines else own.rpartition("_day_")[0]


def _check_visit(reader: Reader, schedule: Schedule | None, visit: Visit) -> None:
    place = _place(reader, visit)
    for name in visit.measures:
        if name not in MEASURES:
            reader.fault_at(
                f"{place}.measures", f"there is no measure called '{name}'.", did_you_mean(name, MEASURES)
            )
    for name in sorted({name for name in visit.measures if visit.measures.count(name) > 1}):
        reader.fault_at(f"{place}.measures", f"'{name}' stands twice.", "Keep one of them.")
    if visit.window < 0:
        reader.fault_at(
            f"{place}.window", f"a window of {visit.window:g} days is no window.", "Write 0 or more."
        )
    if not 0 <= visit.attendance <= 1:
        problem = f"{100 * visit.attendance:g} % cannot attend."
        reader.fault_at(f"{place}.attendance", problem, "Write 0 % to 100 %.")
    if schedule is not None:
        _check_visit_day(reader, schedule, visit, place)


def _check_visit_day(reader: Reader, schedule: Schedule, visit: Visit, place: str) -> None:
    if visit.day > schedule.follow_up + DAY:
        problem = f"day {visit.day:g} comes after the end of the trial (day {schedule.follow_up:g})."
        reader.fault_at(f"{place}.day", problem, "Move the visit or lengthen 'schedule.follow_up'.")
    if visit.day < schedule.screening - DAY:
        problem = f"day {visit.day:g} comes before screening (day {schedule.screening:g})."
        reader.fault_at(f"{place}.day", problem, "Move the visit or screen earlier.")
    if visit.dose_check and not 0 <= visit.day < schedule.treatment:
        span = f"treatment runs from day 0 to {schedule.treatment:g}"
        problem = f"doses cannot be decided on day {visit.day:g}: {span}."
        reader.fault_at(f"{place}.dose_check", problem, "Take 'dose_check' away or move the visit.")
