"""Tables of text and the reading of their cells: words, numbers, dates, each fault by row and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from euexia.core.choices import choose, did_you_mean
from euexia.core.errors import Fault
from euexia.formats.complaints import Complaints
from euexia.formats.text_dates import day_number, iso
from euexia.formats.text_numbers import MISSING, Decimal, numbers_of
from euexia.standards.mapping import TrialMapping
from euexia.standards.understanding import Remark, Source, conflict, left_out

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Texts = NDArray[np.object_]
Mask = NDArray[np.bool_]

MOST_FAULTS = 40
SHOWN = 3
"""Examples that a remark names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as text, empty where nothing stands; ``rows`` are those of its file, the header being row 1."""

    name: str
    file: str
    columns: Mapping[str, Texts]
    rows: Integers

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(slots=True)
class Gathering:
    """Tables, their mapping, and what is found wrong or worth a remark while they are read."""

    mapping: TrialMapping
    tables: Mapping[str, Table]
    complaints: dict[str, Complaints] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    used: dict[str, set[str]] = field(default_factory=dict)
    """Columns that the mapping asked for, by table."""
    rows_used: dict[str, set[int]] = field(default_factory=dict)
    missing: set[tuple[str, str]] = field(default_factory=set)
    """Columns, by table and name, that were complained of once already; no name: the identifiers."""

    def table(self, name: str) -> Table:
        """Return a table by its name; the only one where the mapping names none."""
        if not name and len(self.tables) == 1:
            return next(iter(self.tables.values()))
        return choose("table", name, self.tables, asked_in="the mapping")

    def column(self, table: Table, name: str) -> Texts | None:
        """Return a column; None, and a complaint, if the table has none of that name."""
        self.used.setdefault(table.name, set()).add(name)
        found = table.columns.get(name)
        if found is None and (table.name, name) not in self.missing:
            self.missing.add((table.name, name))
            problem = f"'{table.name}' has no such column. {did_you_mean(name, table.columns)}"
            self.complain(table, name, np.array([1]), problem, "Correct the mapping.")
        return found

    def identifiers(self, table: Table) -> Texts:
        """Return the subject of each row; empty, and complained of, where none is named."""
        name = self.mapping.identifier
        found = self.column(table, name)
        if found is None:
            return np.full(len(table), "", dtype=object)
        if (table.name, "") not in self.missing:
            self.missing.add((table.name, ""))
            remedy = "Every row needs its subject."
            self.complain(table, name, table.rows[found == ""], "no subject is named.", remedy)
        return found

    def complain(self, table: Table, column: str, rows: Integers, problem: str, remedy: str = "") -> None:
        """Note a fault in the given rows of a column."""
        self.complaints.setdefault(table.file, Complaints()).add(rows, column, problem, remedy)

    def faults(self) -> tuple[Fault, ...]:
        """Return every fault; with several files each names its own."""
        several = len({table.file for table in self.tables.values()}) > 1
        found = []
        for file, complaints in self.complaints.items():
            for one in complaints.faults(MOST_FAULTS):
                place = f"{file}, {one.place}" if several else one.place
                found.append(Fault(line=one.line, place=place, problem=one.problem, remedy=one.remedy))
        return tuple(found)

    def use(self, table: Table, rows: Integers) -> None:
        """Note that rows of a table went into the trial data."""
        self.rows_used.setdefault(table.name, set()).update(rows.tolist())

    def sources(self, roles: Mapping[str, str]) -> tuple[Source, ...]:
        """Return what each table was taken for, and how many of its rows were used."""
        return tuple(
            Source(
                name=name,
                role=roles.get(name, "not mapped"),
                rows=len(table),
                used=len(self.rows_used.get(name, ())),
            )
            for name, table in self.tables.items()
        )

    def is_missing(self, texts: Texts) -> Mask:
        """Say which cells say that there is nothing."""
        words = {*MISSING, *(code.lower() for code in self.mapping.missing)}
        return np.array([text.lower() in words for text in texts], dtype=bool)

    def numbers(self, table: Table, name: str) -> Floats:
        """Return a column of numbers, NaN where nothing stands; what is no number is complained of."""
        texts = self.column(table, name)
        if texts is None:
            return np.full(len(table), np.nan)
        found = numbers_of(texts, self.mapping.decimal or Decimal.POINT)
        absent = self.is_missing(texts)
        found[absent] = np.nan
        wrong = np.isnan(found) & ~absent
        for text in dict.fromkeys(texts[wrong]):
            remedy = _remedy(str(text))
            self.complain(table, name, table.rows[wrong & (texts == text)], f"'{text}' is no number.", remedy)
        return found

    def dates(self, table: Table, name: str, *, whole: bool = False) -> Floats:
        """Return a column of dates as days from 1970-01-01, NaN where nothing or a part of a date stands.

        Impossible dates are complained of; partial ones remarked on, or complained of if they must be whole.
        """
        texts = self.column(table, name)
        if texts is None:
            return np.full(len(table), np.nan)
        absent = self.is_missing(texts)
        days: dict[str, float] = {}
        for text in dict.fromkeys(texts[~absent]):
            written, problem = iso(str(text), self.mapping.dates)
            days[text] = np.nan if problem else day_number(written)
            if problem:
                remedy = "Say 'dates: dmy' or 'dates: mdy' in the mapping." if "not said" in problem else ""
                self.complain(table, name, table.rows[texts == text], problem, remedy)
            elif np.isnan(days[text]):
                self._partial(table, name, str(text), table.rows[texts == text], whole=whole)
        return np.array([days.get(text, np.nan) for text in texts], dtype=np.float64)

    def words(self, table: Table, name: str, codes: Mapping[str, str]) -> Texts:
        """Return a column of words, codes replaced; with codes, what is none is complained of."""
        texts = self.column(table, name)
        if texts is None:
            return np.full(len(table), "", dtype=object)
        absent = self.is_missing(texts)
        known = {**{meaning: meaning for meaning in codes.values()}, **codes}
        found = np.where(absent, "", texts).astype(object)
        if codes:
            for text in dict.fromkeys(texts[~absent]):
                here = texts == text
                found[here] = known.get(text, "")
                if text not in known:
                    remedy = f"Codes in the mapping: {', '.join(codes)}."
                    self.complain(table, name, table.rows[here], f"'{text}' has no meaning here.", remedy)
        return found

    def remark_rows(
        self, make: str, topic: str, table: Table, column: str, rows: Integers, text: str
    ) -> None:
        """Remark on rows of a column; ``make`` is ``conflict`` or ``left out``."""
        if not len(rows):
            return
        shown = ", ".join(str(row) for row in rows[:SHOWN]) + (" …" if len(rows) > SHOWN else "")
        place = f"{table.file}, row {shown}, column {column}"
        maker = {"conflict": conflict, "left out": left_out}[make]
        self.remarks.append(maker(topic, place, text, len(rows)))

    def _partial(self, table: Table, name: str, text: str, rows: Integers, *, whole: bool) -> None:
        problem = f"'{text}' is not a whole date, and no day is made of it."
        if whole:
            remedy = "Write the day, or leave the cell empty if the event did not happen."
            self.complain(table, name, rows, problem, remedy)
        else:
            self.remark_rows("left out", "partial date", table, name, rows, problem)


def _remedy(text: str) -> str:
    if "," in text:
        return "If the comma is a decimal comma, say 'decimal: comma' in the mapping."
    if text[:1] in "<>≤≥":
        return (
            "A reading beyond a limit of detection has no value; decide on one, or list it under 'missing'."
        )
    return "If it says that nothing was read, list it under 'missing' in the mapping."
