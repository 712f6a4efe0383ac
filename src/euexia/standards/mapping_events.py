"""The adverse events of mapped tables."""

from __future__ import annotations

import numpy as np

from euexia.standards.mapping import AdverseEvents
from euexia.standards.mapping_assembly import Happening
from euexia.standards.mapping_people import YES
from euexia.standards.mapping_tables import Gathering, Table, Texts
from euexia.trialdata.columns import TERMS

GRADES = (1, 2, 3, 4, 5)


def happenings(gathering: Gathering) -> list[Happening]:
    """Return the adverse events of every mapped table; an event without a grade is left out with a remark."""
    found: list[Happening] = []
    for wanted in gathering.mapping.adverse_events:
        found += _of_table(gathering, gathering.table(wanted.table), wanted)
    return found


def _of_table(gathering: Gathering, table: Table, wanted: AdverseEvents) -> list[Happening]:
    nothing = np.full(len(table), np.nan)
    term = gathering.words(table, wanted.term.column, wanted.term.codes)
    grade = _grades(gathering, table, wanted)
    date = gathering.dates(table, wanted.date) if wanted.date else nothing
    day = gathering.numbers(table, wanted.day) if wanted.day else nothing
    serious = _serious(gathering, table, wanted)
    listed = term != ""
    ungraded = listed & np.isnan(grade)
    text = "an adverse event without a grade; left out."
    gathering.remark_rows("left out", "grade", table, wanted.grade.column, table.rows[ungraded], text)
    names = {label.lower(): name for name, label in TERMS.items()}
    kept = np.flatnonzero(listed & ~ungraded)
    gathering.use(table, table.rows[kept])
    return [
        Happening(
            subject=str(who),
            date=float(date[row]),
            day=float(day[row]),
            term=names.get(str(term[row]).lower(), str(term[row])),
            grade=int(grade[row]),
            serious=bool(serious[row]),
            place=f"{table.file}, row {table.rows[row]}",
        )
        for row, who in zip(kept.tolist(), gathering.identifiers(table)[kept], strict=True)
    ]


def _grades(
    gathering: Gathering, table: Table, wanted: AdverseEvents
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return grades 1 to 5, NaN where none is said."""
    column = wanted.grade.column
    texts = gathering.words(table, column, wanted.grade.codes)
    found = np.full(len(table), np.nan)
    for text in dict.fromkeys(texts[texts != ""]):
        here = texts == text
        if text.removesuffix(".0") in map(str, GRADES):
            found[here] = float(text)
        else:
            gathering.complain(
                table, column, table.rows[here], f"'{text}' is no grade from 1 to 5.", "Give 'codes'."
            )
    return found


def _serious(gathering: Gathering, table: Table, wanted: AdverseEvents) -> Texts:
    """Return whether each event was serious; False, with a remark, where nothing says so."""
    if wanted.serious is None:
        return np.full(len(table), False, dtype=object)
    column = wanted.serious.column
    texts = gathering.words(table, column, wanted.serious.codes)
    found = np.full(len(table), False, dtype=object)
    for text in dict.fromkeys(texts):
        here = texts == text
        meaning = YES.get(str(text).lower())
        if meaning is None and text:
            gathering.complain(table, column, table.rows[here], f"'{text}' is neither yes nor no.")
        elif not text:
            rows = table.rows[here]
            gathering.remark_rows(
                "left out", "serious", table, column, rows, "not said; taken as not serious."
            )
        found[here] = bool(meaning)
    return found
