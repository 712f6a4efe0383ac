"""Subjects, readings, doses and adverse events to trial data: visits, days, and what cannot be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from euexia.core.errors import DataFileError, Fault
from euexia.criteria.measures import MEASURES
from euexia.formats.text_dates import iso_of_day
from euexia.protocol.protocol import Protocol
from euexia.standards import mapping_visits as visits
from euexia.standards.mapping import EVENTS, DayZero, Several, TrialMapping
from euexia.standards.mapping_people import People, age_at
from euexia.standards.mapping_rows import Rows
from euexia.standards.mapping_tables import Floats, Integers
from euexia.standards.understanding import Remark, conflict, left_out, refuse, understood
from euexia.trialdata.checks import check
from euexia.trialdata.trialdata import Dosing, Events, Readings, TrialData

MOST_CELLS = 50_000_000
"""Cells of one measure; more visits than that need a plan."""
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One adverse event: subject, date (days from 1970-01-01) or day, what, how bad."""

    subject: str
    date: float
    day: float
    term: str
    grade: int
    serious: bool
    place: str


@dataclass(slots=True)
class Parts:
    """What was read of a trial, before it has days and visits."""

    people: People
    readings: list[Rows]
    doses: list[Rows] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """Trial data, the date of day 0 of each subject, and every remark."""

    data: TrialData
    day_zero: tuple[str, ...]
    remarks: tuple[Remark, ...]


def assemble(parts: Parts, mapping: TrialMapping, protocol: Protocol | None, source: str) -> Assembled:
    """Return the trial data that the parts make.

    Raises DataFileError with every fault of the parts, TrialDataError where no trial comes out.
    """
    if parts.faults:
        raise DataFileError(source, "table of a trial", tuple(parts.faults))
    people = _arms_of(parts.people, protocol, source)
    if not people.identifiers:
        raise refuse(source, ["it holds no randomised subject. Which column says the arm?"])
    zero = _day_zero(people, parts, mapping, source)
    plan = visits.plan_of(mapping, protocol)
    blocks = [_settled(rows, zero, people, plan, parts.remarks) for rows in (*parts.readings, *parts.doses)]
    if plan.is_open:
        plan = _open_plan(blocks, len(people.identifiers), source)
    places = people.places()
    counted = len(parts.readings)
    ends = _ends(people, zero)
    blocks = [_while_in_trial(rows, places, ends, parts.remarks) for rows in blocks]
    if not any(len(rows.row) for rows in blocks[:counted]):
        text = "no reading of any measure was understood."
        parts.remarks.append(conflict("no readings", source, text))
    readings = _readings(blocks[:counted], places, plan, mapping.several, parts)
    dosing = _dosing(blocks[counted:], places, plan, mapping.several, parts)
    events = _events(parts, people, zero)
    if "last_contact" not in people.days and "last_contact" not in people.dates:
        text = "no column says the last contact; the last reading of each subject stands for it."
        parts.remarks.append(understood("last contact", "subjects", text))
    if parts.faults:
        raise DataFileError(source, "table of a trial", tuple(parts.faults))
    data = TrialData(
        protocol_id=protocol.id if protocol is not None else mapping.trial,
        arms=people.arms,
        subjects=_subjects(people, zero, blocks),
        readings=readings,
        dosing=dosing,
        events=events,
        screening=None,
    )
    return Assembled(
        data=check(data, plausible=False),
        day_zero=tuple(iso_of_day(day) for day in zero),
        remarks=tuple(parts.remarks),
    )


def _arms_of(people: People, protocol: Protocol | None, source: str) -> People:
    """Return the people with the arms of the protocol, matched by name or label."""
    if protocol is None:
        return people
    names = {arm.name.lower(): arm.name for arm in protocol.arms}
    names |= {arm.label.lower(): arm.name for arm in protocol.arms}
    strange = sorted({str(arm) for arm in people.arm if str(arm).lower() not in names})
    if strange:
        known = ", ".join(arm.name for arm in protocol.arms)
        raise refuse(
            source, [f"arm '{arm}' is none of protocol '{protocol.id}': {known}." for arm in strange]
        )
    people.arm = np.array([names[str(arm).lower()] for arm in people.arm], dtype=object)
    people.arms = tuple(arm.name for arm in protocol.arms)
    return people


def _day_zero(people: People, parts: Parts, mapping: TrialMapping, source: str) -> Floats:
    """Return the date of day 0 of each subject; NaN only where nothing is dated."""
    blank = np.full(len(people.identifiers), np.nan)
    zero = people.dates.get("randomised", blank).copy()
    places = people.places()
    dated = blank.copy()
    for rows in (*parts.readings, *parts.doses):
        for name, date in zip(rows.subject, np.floor(rows.date), strict=True):
            place = places.get(name, -1)
            if place >= 0:
                dated[place] = np.fmin(dated[place], date)
    if mapping.day_zero is DayZero.FIRST_READING:
        zero = dated
        text = "day 0 of each subject is the day of the first reading, not of randomisation."
        parts.remarks.append(conflict("day 0", "mapping", text, len(zero)))
        return zero
    needed = np.isnan(zero) & (~np.isnan(dated) | _has_dates(people))
    if needed.any():
        first = people.identifiers[int(needed.argmax())]
        problem = f"{int(needed.sum())} subjects with dates have no date of randomisation, such as '{first}'."
        way = "Name it under 'subjects: randomised:', or say 'day_zero: first reading'."
        raise refuse(source, [f"{problem} {way}"])
    return zero


def _has_dates(people: People) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say which subjects have a dated event."""
    found = np.zeros(len(people.identifiers), dtype=bool)
    for name in EVENTS:
        if name in people.dates:
            found |= ~np.isnan(people.dates[name])
    return found


def _settled(rows: Rows, zero: Floats, people: People, plan: visits.Plan, remarks: list[Remark]) -> Rows:
    places = people.places()
    known = np.array([name in places for name in rows.subject], dtype=bool)
    strangers = [name for name in rows.subject[~known] if name and name not in people.unrandomised]
    if strangers:
        text = f"'{strangers[0]}' is not among the subjects."
        remarks.append(
            left_out("unknown subject", f"{rows.file}, column {rows.column}", text, len(strangers))
        )
    settled, said = visits.settle(rows.take(known), zero, dict(places), plan)
    remarks += said
    return settled


def _open_plan(blocks: Sequence[Rows], size: int, source: str) -> visits.Plan:
    """Return a visit for each day with a reading; refuse visits without a plan, and too many days."""
    names = sorted({str(name) for rows in blocks for name in rows.visit if name})
    undated = [name for rows in blocks for name in rows.visit[np.isnan(rows.day)] if name]
    if undated:
        listed = ", ".join(f"'{name}'" for name in names)
        raise refuse(
            source, [f"the planned days of the visits {listed} are not known; say them under 'visits'."]
        )
    plan = visits.by_days([day for rows in blocks for day in rows.day])
    if len(plan.names) * size > MOST_CELLS:
        text = f"there are {len(plan.names)} days with readings. Plan visits in the mapping."
        raise refuse(source, [text])
    return plan


def _ends(people: People, zero: Floats) -> Mapping[str, Floats]:
    return {name: _day_of(people, zero, name) for name in EVENTS}


def _day_of(people: People, zero: Floats, name: str) -> Floats:
    blank = np.full(len(people.identifiers), np.nan)
    day = people.days.get(name, blank)
    return np.where(np.isnan(day), people.dates.get(name, blank) - zero, day)


def _while_in_trial(
    rows: Rows, places: Mapping[str, int], ends: Mapping[str, Floats], remarks: list[Remark]
) -> Rows:
    """Leave out what was read after death or withdrawal: a conflict, for one of two dates is wrong."""
    for event in ("death", "withdrawal"):
        subject = np.array([places[name] for name in rows.subject], dtype=np.int64)
        end = ends[event][subject] if len(subject) else np.zeros(0)
        after = np.floor(rows.day) > np.floor(end)
        if after.any():
            text = f"after {event} (day {end[after][0]:g} of '{rows.subject[after][0]}'); left out."
            remarks.append(conflict(f"after {event}", _where(rows, after), text, int(after.sum())))
            rows = rows.take(~after)
    return rows


def _where(rows: Rows, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    some = rows.row[chosen]
    shown = ", ".join(str(row) for row in some[:SHOWN]) + (" …" if len(some) > SHOWN else "")
    return f"{rows.file}, row {shown}, column {rows.column}"


def _plausible(rows: Rows, remarks: list[Remark]) -> Rows:
    """Leave out readings beyond the plausible range of their measure; nothing is clipped."""
    bounds = MEASURES[rows.name]
    beyond = (rows.value < bounds.low) | (rows.value > bounds.high)
    if beyond.any():
        span = f"{bounds.low:g} to {bounds.high:g} {bounds.unit}".rstrip()
        text = f"{rows.value[beyond][0]:g} is outside {span} of {bounds.label}; left out, not clipped."
        remarks.append(conflict("not plausible", _where(rows, beyond), text, int(beyond.sum())))
    return rows.take(~beyond)


def _readings(
    blocks: Sequence[Rows], places: Mapping[str, int], plan: visits.Plan, several: Several, parts: Parts
) -> Mapping[str, Readings]:
    found: dict[str, Readings] = {}
    for name in dict.fromkeys(rows.name for rows in blocks):
        own = [_plausible(rows, parts.remarks) for rows in blocks if rows.name == name]
        value, day, _ = _filled(_joined(own), places, plan, several, parts)
        if not np.isnan(value).all():
            found[name] = Readings(visits=plan.names, planned=plan.days, day=day[None], value=value[None])
    return found


def _joined(blocks: Sequence[Rows]) -> Rows:
    """Return the rows of several columns as one; a message names the columns."""
    if len(blocks) == 1:
        return blocks[0]
    first = blocks[0]
    return Rows(
        name=first.name,
        table=first.table,
        column=", ".join(dict.fromkeys(rows.column for rows in blocks)),
        file=", ".join(dict.fromkeys(rows.file for rows in blocks)),
        subject=np.concatenate([rows.subject for rows in blocks]),
        value=np.concatenate([rows.value for rows in blocks]),
        date=np.concatenate([rows.date for rows in blocks]),
        day=np.concatenate([rows.day for rows in blocks]),
        visit=np.concatenate([rows.visit for rows in blocks]),
        row=np.concatenate([rows.row for rows in blocks]),
        reason=np.concatenate([rows.reason for rows in blocks]),
    )


def _filled(
    rows: Rows, places: Mapping[str, int], plan: visits.Plan, several: Several, parts: Parts
) -> tuple[Floats, Floats, tuple[Integers, Integers, Rows]]:
    """Return value and day of each subject and visit, (subjects, visits), and the rows that stand there."""
    visit, said = visits.place(rows, plan)
    rows, visit = rows.take(visit >= 0), visit[visit >= 0]
    subject = np.array([places[name] for name in rows.subject], dtype=np.int64)
    kept, more, problems = visits.one_each(rows, subject, visit, plan, several)
    parts.remarks += [*said, *more]
    for block, row, text in problems:
        remedy = "Keep one, or say 'several: first' or 'last' in the mapping."
        parts.faults.append(
            Fault(line=row, place=f"{block.file}, {block.column}", problem=text, remedy=remedy)
        )
    shape = (len(places), len(plan.names))
    value, day = np.full(shape, np.nan), np.full(shape, np.nan)
    at = (subject[kept], visit[kept])
    value[at], day[at] = rows.value[kept], rows.day[kept]
    return value, day, (*at, rows.take(kept))


def _dosing(
    blocks: Sequence[Rows], places: Mapping[str, int], plan: visits.Plan, several: Several, parts: Parts
) -> Mapping[str, Dosing]:
    found: dict[str, Dosing] = {}
    for name in dict.fromkeys(rows.name for rows in blocks):
        rows = _joined([one for one in blocks if one.name == name])
        dose, _, (subject, visit, standing) = _filled(rows, places, plan, several, parts)
        reasons = tuple(dict.fromkeys(str(reason) for reason in standing.reason))
        reason = np.full(dose.shape, -1, dtype=np.int64)
        reason[subject, visit] = [reasons.index(str(one)) for one in standing.reason]
        found[name] = Dosing(
            drug=name, planned=plan.days, dose=dose[None], reason=reason[None], reasons=reasons
        )
    return found


def _events(parts: Parts, people: People, zero: Floats) -> Events:
    places = people.places()
    kept: list[tuple[int, float, Happening]] = []
    for one in parts.happenings:
        place = places.get(one.subject, -1)
        day = one.day if place < 0 or not np.isnan(one.day) else float(np.floor(one.date) - zero[place])
        if place < 0 or np.isnan(day):
            text = (
                "its subject is not among the randomised."
                if place < 0
                else "nothing says on which day it was."
            )
            parts.remarks.append(left_out("adverse event", one.place, text))
            continue
        kept.append((place, day, one))
    return Events(
        trial=np.zeros(len(kept), dtype=np.int64),
        subject=np.array([place for place, _, _ in kept], dtype=np.int64),
        day=np.array([day for _, day, _ in kept], dtype=float),
        term=np.array([one.term for _, _, one in kept], dtype=np.str_),
        grade=np.array([one.grade for _, _, one in kept], dtype=np.int64),
        serious=np.array([one.serious for _, _, one in kept], dtype=np.bool_),
    )


def _subjects(people: People, zero: Floats, blocks: Sequence[Rows]) -> Mapping[str, Floats]:
    """Return the columns of the subjects, shape (1, subjects)."""
    codes = {name: float(place) for place, name in enumerate(people.arms)}
    columns = {"arm": np.array([codes[str(name)] for name in people.arm], dtype=float)}
    for name in ("sex", "height"):
        if name in people.numbers:
            columns[name] = people.numbers[name]
    age = age_at(people, zero)
    if not np.isnan(age).all():
        columns["age"] = age
    columns |= _enrolled(people, zero)
    for name in EVENTS:
        if name in people.days or name in people.dates:
            columns[f"{name}_day"] = _day_of(people, zero, name)
    if "last_contact_day" not in columns:
        columns["last_contact_day"] = _last_day(people, blocks)
    return {name: column[np.newaxis] for name, column in columns.items()}


def _enrolled(people: People, zero: Floats) -> Mapping[str, Floats]:
    """Return the day of enrolment as told, else counted from the first randomisation."""
    if "enrolled" in people.days:
        return {"enrolled_day": people.days["enrolled"]}
    return {"enrolled_day": zero - np.nanmin(zero)} if np.isfinite(zero).any() else {}


def _last_day(people: People, blocks: Sequence[Rows]) -> Floats:
    """Return the last day on which anything of a subject was read."""
    places, last = people.places(), np.full(len(people.identifiers), np.nan)
    for rows in blocks:
        for name, day in zip(rows.subject, rows.day, strict=True):
            last[places[name]] = np.fmax(last[places[name]], day)
    return last
