"""The schedule of activities: visits as columns, what is done as rows."""

from __future__ import annotations

from euexia.criteria.measures import MEASURES
from euexia.protocol.condition import duration_in_words
from euexia.protocol.protocol import Protocol, Visit
from euexia.report.content import Block, Prose, Table

DONE, NOT_DONE = "X", ""
FEW = 6
"""Columns of one table; more visits are laid out in several, for paper is only so wide."""


def activities_table(protocol: Protocol) -> list[Block]:
    """Return the schedule of activities, in as many tables as its visits need."""
    groups = _groups(protocol.schedule.visits)
    columns = [_screening(protocol), *(_column(group) for group in groups)]
    parts = [columns[start : start + FEW] for start in range(0, len(columns), FEW)]
    rows = list(dict.fromkeys(row for _, rows in columns for row in rows))
    note = (
        "X: done at this visit. Days count from randomisation (day 0); ± is the window in which the visit "
        "may fall."
    )
    tables: list[Block] = [
        _table(part, rows, number, len(parts)) for number, part in enumerate(parts, start=1)
    ]
    return [Prose(text=note), *tables]


Column = tuple[str, tuple[str, ...]]
"""Head of a column, and the activities at it."""


def _screening(protocol: Protocol) -> Column:
    return f"Screening, day {protocol.schedule.screening:g}", ("Eligibility",)


def _groups(visits: tuple[Visit, ...]) -> list[list[Visit]]:
    """Return visits of one series together, in order of their first day."""
    groups: dict[str, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(visit.name.partition("_day_")[0], []).append(visit)
    return list(groups.values())


def _column(group: list[Visit]) -> Column:
    first = group[0]
    name = first.name.partition("_day_")[0].replace("_", " ")
    days = ", ".join(f"{visit.day:g}" for visit in group)
    window = f" ± {duration_in_words(first.window)}" if first.window else ""
    randomised = ("Randomisation",) if first.day == 0 else ()
    dose = ("Decision on the dose",) if first.dose_check else ()
    measured = tuple(MEASURES[measure].label for measure in first.measures)
    word = "day" if len(group) == 1 else "days"
    return f"{name[:1].upper()}{name[1:]}, {word} {days}{window}", (*randomised, *dose, *measured)


def _table(columns: list[Column], rows: list[str], number: int, tables: int) -> Table:
    part = f" ({number} of {tables})" if tables > 1 else ""
    kept = [row for row in rows if any(row in done for _, done in columns)]
    return Table(
        caption=f"Schedule of activities{part}",
        columns=("Activity", *(head for head, _ in columns)),
        rows=tuple((row, *(DONE if row in done else NOT_DONE for _, done in columns)) for row in kept),
    )
