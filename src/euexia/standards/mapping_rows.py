"""The rows of mapped tables that hold readings and doses, in canonical units, and where each came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.choices import did_you_mean
from euexia.core.errors import UnitError
from euexia.core.quantities import canonical_unit
from euexia.criteria import written_units
from euexia.criteria.measures import MEASURES
from euexia.standards.mapping import Column, Doses, Readings
from euexia.standards.mapping_people import SEXES, YES
from euexia.standards.mapping_tables import Floats, Gathering, Integers, Mask, Table, Texts

OTHER = "name not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Readings of one measure (or doses of one drug) of one column; arrays of equal length.

    date: days from 1970-01-01.  day: days from day 0, where the data count so.  visit: its name in the data.
    Either may be missing; what is not missing must agree.
    """

    name: str
    table: str
    column: str
    subject: Texts
    value: Floats
    date: Floats
    day: Floats
    visit: Texts
    row: Integers
    file: str
    reason: Texts

    def take(self, kept: Mask | Integers) -> Rows:
        """Keep some rows."""
        return replace(
            self,
            subject=self.subject[kept],
            value=self.value[kept],
            date=self.date[kept],
            day=self.day[kept],
            visit=self.visit[kept],
            row=self.row[kept],
            reason=self.reason[kept],
        )


def readings(gathering: Gathering) -> tuple[list[Rows], dict[str, str]]:
    """Return the readings of every mapped table, and what each measure was read from."""
    found: list[Rows] = []
    sources: dict[str, list[str]] = {}
    for wanted in gathering.mapping.readings:
        table = gathering.table(wanted.table)
        blocks = _long(gathering, table, wanted) if wanted.measure else _wide(gathering, table, wanted)
        for block, source in blocks:
            found.append(block)
            sources.setdefault(block.name, []).append(source)
    return found, {name: "; ".join(dict.fromkeys(told)) for name, told in sources.items()}


def doses(gathering: Gathering) -> list[Rows]:
    """Return the doses of every mapped table, in mg a day."""
    return [_doses(gathering, gathering.table(one.table), one) for one in gathering.mapping.dosing]


def _wide(gathering: Gathering, table: Table, wanted: Readings) -> Iterator[tuple[Rows, str]]:
    for name, column in wanted.columns.items():
        everything = np.ones(len(table), dtype=bool)
        units = gathering.column(table, column.unit_column) if column.unit_column else None
        texts = gathering.column(table, name)
        if texts is None:
            continue
        for unit, here in _by_unit(units, everything, column.unit):
            kept = here & ~gathering.is_missing(texts)
            value = _values(gathering, table, name, column, unit, kept)
            yield _block(gathering, table, wanted, column, name, value, kept), f"{table.name}.{name}"


def _long(gathering: Gathering, table: Table, wanted: Readings) -> Iterator[tuple[Rows, str]]:
    names = gathering.column(table, wanted.measure)
    texts = gathering.column(table, wanted.value)
    units = gathering.column(table, wanted.unit) if wanted.unit else None
    if names is None or texts is None:
        return
    for name in dict.fromkeys(names):
        named = (names == name) & ~gathering.is_missing(texts)
        column = wanted.columns.get(name) or (Column(measure=name) if name in MEASURES else None)
        if column is None:
            _unknown(gathering, table, wanted, str(name), named)
            continue
        for unit, here in _by_unit(units, named, column.unit):
            value = _values(gathering, table, wanted.value, column, unit, here)
            block = _block(gathering, table, wanted, column, wanted.value, value, here)
            yield block, f"{table.name}.{wanted.measure} = {name}"


def _unknown(gathering: Gathering, table: Table, wanted: Readings, name: str, named: Mask) -> None:
    """Refuse a name that is no measure, or leave its rows out and count them."""
    rows = table.rows[named]
    if wanted.skip_others:
        text = f"'{name}' is no measure, and the mapping does not say what it is."
        gathering.remark_rows("left out", OTHER, table, wanted.measure, rows, text)
    else:
        remedy = f"{did_you_mean(name, MEASURES)} Name it under 'columns', or say 'skip_others: true'."
        gathering.complain(table, wanted.measure, rows, f"'{name}' is no measure.", remedy)


def _by_unit(units: Texts | None, rows: Mask, usual: str) -> Iterator[tuple[str, Mask]]:
    """Give each unit with its rows; an empty unit is the usual one."""
    if units is None:
        yield usual, rows
        return
    for unit in dict.fromkeys(units[rows]):
        yield str(unit) or usual, rows & (units == unit)


def _values(gathering: Gathering, table: Table, name: str, column: Column, unit: str, rows: Mask) -> Floats:
    """Return canonical values of some rows of a column, NaN elsewhere."""
    part = Table(
        name=table.name,
        file=table.file,
        columns={name: table.columns[name][rows]},
        rows=table.rows[rows],
    )
    found = np.full(len(table), np.nan)
    measure = MEASURES[column.measure]
    if column.values or measure.is_coded:
        found[rows] = _coded(gathering, part, name, column)
        return found
    try:
        size = size_of(unit, column.measure) * column.scale
    except UnitError as error:
        gathering.complain(
            part, name, part.rows, str(error), "Give the right unit in the mapping or the table."
        )
        return found
    found[rows] = gathering.numbers(part, name) * size
    return found


def size_of(unit: str, measure: str) -> float:
    """Return the canonical size of one written unit of a measure; UnitError if there is none."""
    known = MEASURES[measure]
    canonical = canonical_unit(known.kind)
    if not unit.strip():
        if canonical == "1" and known.unit in ("", "points"):
            return 1.0
        raise UnitError(f"{known.label} has no unit; canonical is {known.unit or canonical}.")
    if unit.strip() == known.unit:
        return 1.0
    try:
        return written_units.factor(unit, measure, known.kind)
    except UnitError as error:
        raise UnitError(f"'{unit}' is no unit of {known.label} ({known.unit or canonical}).") from error


def _coded(gathering: Gathering, table: Table, name: str, column: Column) -> Floats:
    """Return the values of codes: those of the mapping, else yes and no, sexes or categories."""
    measure = MEASURES[column.measure]
    codes: dict[str, float] = {key.lower(): value for key, value in column.values.items()}
    if not codes and measure.is_category:
        codes = {word.lower(): float(index) for index, word in enumerate(measure.categories)}
    elif not codes:
        codes = dict(SEXES) if column.measure == "male" else {}
        codes |= {word: float(value) for word, value in YES.items()}
    texts = table.columns[name]
    whole = [text.lower().removesuffix(".0") for text in texts]
    found = np.array([codes.get(text, np.nan) for text in whole], dtype=float)
    for text in dict.fromkeys(texts[np.isnan(found)]):
        remedy = f"Codes: {', '.join(codes)}."
        gathering.complain(table, name, table.rows[texts == text], f"'{text}' has no meaning here.", remedy)
    return found


def _block(
    gathering: Gathering,
    table: Table,
    wanted: Readings,
    column: Column,
    name: str,
    value: Floats,
    kept: Mask,
) -> Rows:
    """Return the rows of a column that hold a value, with their moments."""
    moment = _moment(
        gathering, table, column.date or wanted.date, column.day or wanted.day, wanted.visit, column.visit
    )
    found = Rows(
        name=column.measure,
        table=table.name,
        column=name,
        subject=gathering.identifiers(table),
        value=value,
        row=table.rows,
        file=table.file,
        reason=np.full(len(table), "", dtype=object),
        **moment,
    )
    return found.take(kept & ~np.isnan(value))


def _moment(
    gathering: Gathering, table: Table, date: str, day: str, visit_column: str, visit: str
) -> Mapping[str, NDArray[Any]]:
    """Return date, day and name of visit of each row, as far as they are said."""
    nothing = np.full(len(table), np.nan)
    names = gathering.column(table, visit_column) if visit_column and not visit else None
    return {
        "date": gathering.dates(table, date) if date else nothing,
        "day": gathering.numbers(table, day) if day else nothing,
        "visit": np.full(len(table), visit, dtype=object) if names is None else names,
    }


def _doses(gathering: Gathering, table: Table, wanted: Doses) -> Rows:
    value = gathering.numbers(table, wanted.dose.column)
    try:
        value = value * written_units.factor(wanted.dose.unit or "no unit", wanted.drug, "oral_dose")
    except UnitError:
        problem = f"'{wanted.dose.unit}' is no unit of a dose."
        gathering.complain(table, wanted.dose.column, np.array([1]), problem, "Give 'unit: mg' (a day).")
    reason = gathering.column(table, wanted.reason) if wanted.reason else None
    found = Rows(
        name=wanted.drug,
        table=table.name,
        column=wanted.dose.column,
        subject=gathering.identifiers(table),
        value=value,
        row=table.rows,
        file=table.file,
        reason=np.full(len(table), "given", dtype=object) if reason is None else reason,
        **_moment(gathering, table, wanted.date, wanted.day, wanted.visit, ""),
    )
    return found.take(~np.isnan(value))
