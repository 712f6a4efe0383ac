"""Which planned visit a reading belongs to: by the name of the visit in the data, else by its day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from euexia.core.errors import InputError
from euexia.protocol.protocol import Protocol
from euexia.standards.mapping import Several, TrialMapping
from euexia.standards.mapping_rows import Rows
from euexia.standards.mapping_tables import Floats, Integers, Mask
from euexia.standards.understanding import Remark, conflict, left_out, understood

TOLERANCE = 1e-6
"""Days nearer than this are the same moment."""
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Planned visits in order of their days: names, days, and the days each may fall on.

    aliases: what visits are called in the data, in small letters.  is_open: nobody planned visits, so that
    each day on which anything was read is one.
    """

    names: tuple[str, ...]
    days: Floats
    first: Floats
    last: Floats
    is_open: bool = False
    says_window: tuple[bool, ...] = ()
    """Whether the days of each visit are said; else a named visit may fall on any day."""
    aliases: dict[str, int] = field(default_factory=dict)


def plan_of(mapping: TrialMapping, protocol: Protocol | None) -> Plan:
    """Return the visits of the mapping, else of the protocol, else none."""
    visits: list[tuple[str, float, float, float, tuple[str, ...], bool]] = []
    for name, visit in mapping.visits.items():
        first = visit.day if visit.first is None else visit.first
        last = visit.day if visit.last is None else visit.last
        says = visit.first is not None or visit.last is not None
        visits.append((name, visit.day, first, last, visit.names, says))
    if not visits and protocol is not None:
        visits = [
            (one.name, one.day, one.day - one.window, one.day + one.window, (), True)
            for one in protocol.schedule.visits
        ]
    visits.sort(key=lambda visit: visit[1])
    aliases = {
        alias.lower(): place
        for place, (name, _, _, _, others, _) in enumerate(visits)
        for alias in (name, *others)
    }
    return Plan(
        names=tuple(visit[0] for visit in visits),
        days=np.array([visit[1] for visit in visits], dtype=float),
        first=np.array([visit[2] for visit in visits], dtype=float),
        last=np.array([visit[3] for visit in visits], dtype=float),
        says_window=tuple(visit[5] for visit in visits),
        aliases=aliases,
        is_open=not visits,
    )


def by_days(days: Sequence[float]) -> Plan:
    """Return a plan with a visit for each day on which anything was read."""
    found = np.array(sorted({float(np.floor(day)) for day in days if not np.isnan(day)}), dtype=float)
    names = tuple(f"day {day:g}" for day in found)
    return Plan(names=names, days=found, first=found, last=found, says_window=(True,) * len(names))


def settle(rows: Rows, zero: Floats, places: dict[str, int], plan: Plan) -> tuple[Rows, list[Remark]]:
    """Return the rows with their day from day 0 filled in, as far as it is known.

    A date counts from the subject's day 0.  Without date and day the planned day of the visit is taken, and
    that is remarked on.
    """
    subject = np.array([places[name] for name in rows.subject], dtype=np.int64)
    counted = np.floor(rows.date) - (zero[subject] if len(subject) else np.zeros(0))
    day = np.where(np.isnan(rows.day), counted, rows.day)
    both = ~np.isnan(rows.day) & ~np.isnan(counted) & (np.floor(rows.day) != counted)
    remarks = _remarks(
        conflict, rows, both, "day and date", "the day does not agree with the date; the day is taken."
    )
    visit = named(rows, plan)
    planned = np.isnan(day) & (visit >= 0)
    day[planned] = plan.days[visit[planned]]
    remarks += _remarks(
        understood, rows, planned, "planned day", "no date: the planned day of the visit is taken."
    )
    unknown = np.isnan(day)
    remarks += _remarks(left_out, rows, unknown, "no day", "nothing says on which day this was.")
    settled = Rows(
        name=rows.name, table=rows.table, column=rows.column, subject=rows.subject, value=rows.value,
        date=rows.date, day=day, visit=rows.visit, row=rows.row, file=rows.file, reason=rows.reason,
    )  # fmt: skip
    return settled.take(~unknown), remarks


def named(rows: Rows, plan: Plan) -> Integers:
    """Return the place of the visit that each row names; -1 where it names none or an unknown one."""
    return np.array([plan.aliases.get(str(name).lower(), -1) for name in rows.visit], dtype=np.int64)


def place(rows: Rows, plan: Plan) -> tuple[Integers, list[Remark]]:
    """Return the visit of each row; -1 for a row that belongs to none, which is remarked on."""
    if plan.is_open:
        raise InputError("No visits are planned.")
    found = named(rows, plan)
    says = np.array([bool(name) for name in rows.visit], dtype=bool) & bool(plan.aliases)
    remarks = []
    for name in dict.fromkeys(rows.visit[says & (found < 0)]):
        text = f"visit '{name}' is not planned; name it under 'visits' in the mapping, or leave it out."
        remarks += _remarks(left_out, rows, says & (found < 0) & (rows.visit == name), "visit", text)
    days = np.floor(rows.day)
    for place, (first, last) in enumerate(zip(plan.first, plan.last, strict=True)):
        within = (days >= first - TOLERANCE) & (days <= last + TOLERANCE)
        beyond = (found == place) & says & ~within & plan.says_window[place]
        text = (
            f"its day is outside the days {first:g} to {last:g} of visit '{plan.names[place]}'; it is kept."
        )
        remarks += _remarks(conflict, rows, beyond, "visit window", text)
        nearer = np.abs(days - plan.days[place]) < _distance(days, found, plan)
        found = np.where(~says & within & nearer, place, found)
    text = "on no day of a planned visit; say 'first' and 'last' of the visits in the mapping."
    remarks += _remarks(left_out, rows, ~says & (found < 0), "no visit", text)
    return found, remarks


def _distance(days: Floats, found: Integers, plan: Plan) -> Floats:
    """Return the days between each row and the visit it has so far, infinite where it has none."""
    planned = plan.days[np.maximum(found, 0)] if len(plan.days) else np.zeros(len(days))
    return np.where(found >= 0, np.abs(days - planned), np.inf)


def one_each(
    rows: Rows, subject: Integers, visit: Integers, plan: Plan, several: Several
) -> tuple[Integers, list[Remark], list[tuple[Rows, int, str]]]:
    """Return the rows that stand for their subject and visit, remarks, and pairs that cannot be settled.

    Of several at one visit the one nearest to its planned day stands, the later of two equally near.  Equal
    readings on one day are one; different ones are refused, or settled as the mapping says.
    """
    distance = np.abs(np.floor(rows.day) - plan.days[visit]) if len(rows.row) else np.zeros(0)
    order = np.lexsort((np.arange(len(rows.row)), -np.floor(rows.day), distance, visit, subject))
    kept: list[int] = []
    remarks: list[Remark] = []
    problems: list[tuple[Rows, int, str]] = []
    counts = {"same": 0, "nearest": 0}
    for group in _groups(order, subject, visit):
        same_day = [one for one in group if np.floor(rows.day[one]) == np.floor(rows.day[group[0]])]
        counts["nearest"] += len(group) - len(same_day)
        different = [one for one in same_day if rows.value[one] != rows.value[same_day[0]]]
        counts["same"] += len(same_day) - 1 - len(different)
        chosen = same_day[-1] if several is Several.LAST and different else same_day[0]
        kept.append(chosen)
        if different:
            first, other = same_day[0], different[0]
            text = (
                f"'{rows.subject[other]}' has two readings of {rows.name} on one day at visit "
                f"'{plan.names[visit[other]]}': {rows.value[first]:g} in row {rows.row[first]} and "
                f"{rows.value[other]:g} in row {rows.row[other]}."
            )
            if several is Several.REFUSE:
                problems.append((rows, int(rows.row[other]), text))
            else:
                where = f"{rows.file}, row {rows.row[other]}, column {rows.column}"
                remarks.append(conflict("two readings", where, f"{text} The {several} is taken."))
    where = f"{rows.file}, column {rows.column}"
    if counts["same"]:
        remarks.append(
            understood("duplicate", where, "the same reading more than once; one is kept.", counts["same"])
        )
    if counts["nearest"]:
        text = "further readings within a visit; the one nearest to the planned day stands."
        remarks.append(conflict("visit window", where, text, counts["nearest"]))
    return np.array(kept, dtype=np.int64), remarks, problems


def _groups(order: Integers, subject: Integers, visit: Integers) -> Sequence[list[int]]:
    """Return the rows of each subject and visit, in the given order."""
    groups: list[list[int]] = []
    before = (-1, -1)
    for one in order.tolist():
        key = (int(subject[one]), int(visit[one]))
        if key != before:
            groups.append([])
            before = key
        groups[-1].append(one)
    return groups


def _remarks(make: Callable[..., Remark], rows: Rows, chosen: Mask, topic: str, text: str) -> list[Remark]:
    """Return one remark on some rows, none for no rows."""
    if not chosen.any():
        return []
    some = rows.row[chosen]
    shown = ", ".join(str(row) for row in some[:SHOWN]) + (" …" if len(some) > SHOWN else "")
    return [make(topic, f"{rows.file}, row {shown}, column {rows.column}", text, len(some))]
