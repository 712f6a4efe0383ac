"""Read a table of patients into a record; every fault is said at once, with row and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from euexia.assess import cells
from euexia.assess.mapping import Column, Layout, TableMapping
from euexia.assess.record import Record, Series, to_day
from euexia.assess.vocabulary import proper
from euexia.core.choices import did_you_mean
from euexia.core.errors import DataFileError, Fault, InputError
from euexia.formats.complaints import Complaints
from euexia.formats.text_cells import read_pieces

if TYPE_CHECKING:
    from pandas import DataFrame
    from pandas import Series as Column_

Group = tuple[tuple[str, str], cells.Integers]
"""Measure and unit, and the places where they stand."""

KIND = "table of patients"
MOST_FAULTS = 60
"""Kinds of fault that a message names; each with up to some rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a table gave: its record, and the cells that could not be read."""

    record: Record
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _Pile:
    """Readings collected piece by piece."""

    patients: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[cells.Values]] = field(default_factory=dict)
    units: dict[str, set[str]] = field(default_factory=dict)

    def add(self, measure: str, found: cells.Values, unit: str) -> None:
        name = proper(measure)
        self.parts.setdefault(name, []).append(found)
        self.units.setdefault(name, set()).add(unit)

    def record(self, source: str) -> Record:
        series = {}
        for name in list(self.parts):
            parts = self.parts.pop(name)
            joined = [np.concatenate([part[place] for part in parts]) for place in range(4)]
            series[name] = Series.sorted(*joined)
        units = {name: tuple(sorted(found)) for name, found in self.units.items()}
        return Record(patients=tuple(self.patients), series=series, source=source, units=units)


def read(
    path: Path | str,
    mapping: TableMapping | None = None,
    *,
    keep_going: bool = False,
    today: date | None = None,
) -> Reading:
    """Return the record of a CSV, Excel or Parquet file.

    mapping: the table's layout; tidy with its own column names if None.  keep_going: leave out the cells that
    cannot be read, and return their faults, instead of raising.  today: the last date that is not in the
    future.

    Raises InputError for a file that cannot be read at all, DataFileError with every fault of one that can.
    """
    place, layout = Path(path), mapping or TableMapping()
    pieces = read_pieces(place, layout.encoding)
    return read_tables(pieces, place.name, layout, keep_going=keep_going, today=today)


def read_tables(
    pieces: Iterable[DataFrame],
    source: str,
    layout: TableMapping,
    *,
    keep_going: bool = False,
    today: date | None = None,
) -> Reading:
    """Return the record of a table of text that is in memory, piece by piece; as ``read``.

    pieces: cells as text, the index the number of each row, the header being row 1.  source: name of the
    table in messages.
    """
    complaints, pile = Complaints(), _Pile()
    clock = to_day(today or date.today())
    for piece in pieces:
        _check_columns(piece, layout, source)
        _read_piece(piece, layout, pile, complaints, clock)
    faults = complaints.faults(MOST_FAULTS)
    if faults and not keep_going:
        raise DataFileError(source, KIND, faults)
    if not pile.parts:
        raise InputError(f"'{source}' holds no reading that can be used.{_first(faults)}")
    return Reading(record=pile.record(source), faults=faults)


def _first(faults: Sequence[Fault]) -> str:
    return f" The first fault: {faults[0]}" if faults else ""


def _check_columns(piece: DataFrame, layout: TableMapping, file: str) -> None:
    """Raise DataFileError if columns that the layout names are missing or stand twice."""
    wanted = [name for name in (layout.patient, layout.date) if name]
    if layout.layout is Layout.TIDY:
        wanted += [layout.measure, layout.value]
    else:
        wanted += list(layout.columns)
    names = list(piece.columns)
    faults = [
        Fault(
            line=1,
            place=f"column '{name}'",
            problem="it is missing.",
            remedy=f"{did_you_mean(name, names)} A mapping file can say what your columns mean.",
        )
        for name in wanted
        if name not in names
    ]
    twice = sorted({name for name in wanted if names.count(name) > 1})
    faults += [Fault(line=1, place=f"column '{name}'", problem="it stands twice.") for name in twice]
    if faults:
        raise DataFileError(file, KIND, tuple(faults))


def _read_piece(
    piece: DataFrame, layout: TableMapping, pile: _Pile, complaints: Complaints, clock: int
) -> None:
    rows = piece.index.to_numpy(dtype=np.int64)
    filled = (piece != "").any(axis=1).to_numpy()
    piece, rows = piece[filled], rows[filled]
    identifiers = piece[layout.patient].str.strip() if layout.patient else None
    who = cells.patients(identifiers, rows, pile.patients, complaints, layout.patient)
    when = cells.days(piece[layout.date] if layout.date else None, rows, layout, complaints, clock)
    usable = (who >= 0) & (when != cells.NO_DAY)
    if layout.layout is Layout.TIDY:
        _read_tidy(piece[usable], who[usable], when[usable], rows[usable], layout, pile, complaints)
        return
    for name, column in layout.columns.items():
        shifted = when[usable] - round(column.days_before)
        kept = shifted >= 0
        complaints.add(rows[usable][~kept], name, f"its date lies before {cells.EARLIEST}.")
        where = (who[usable][kept], shifted[kept], rows[usable][kept])
        found = cells.values(piece[name][usable][kept], column.unit, column, where, layout, complaints, name)
        if found is not None:
            pile.add(column.measure, found, column.unit)


def _combinations(names: Column_[str], units: Column_[str]) -> Iterator[Group]:
    """Give each pair of measure and unit with the places where it stands, in the order of first use."""
    import pandas as pd

    codes, pairs = pd.factorize(pd.MultiIndex.from_arrays([names.to_numpy(), units.to_numpy()]))
    order = np.argsort(codes, kind="stable")
    bounds = np.flatnonzero(np.diff(codes[order])) + 1
    for number, index in enumerate(np.split(order, bounds) if len(order) else []):
        yield (str(pairs[number][0]), str(pairs[number][1])), np.asarray(index, dtype=np.int64)


def _read_tidy(
    piece: DataFrame,
    who: cells.Integers,
    when: cells.Integers,
    rows: cells.Integers,
    layout: TableMapping,
    pile: _Pile,
    complaints: Complaints,
) -> None:
    """Read the rows of each combination of measure and unit together."""
    names = piece[layout.measure].str.strip()
    units = piece[layout.unit].str.strip() if layout.unit in piece.columns else names.map(lambda _: "")
    for (written, unit), index in _combinations(names, units):
        column = layout.columns.get(written, Column(measure=written))
        if not cells.known(column.measure, rows[index], layout, complaints):
            continue
        where = (who[index], when[index], rows[index])
        given = unit or column.unit
        text = piece[layout.value].iloc[index]
        found = cells.values(text, given, column, where, layout, complaints, layout.value)
        if found is not None:
            pile.add(column.measure, found, given)
