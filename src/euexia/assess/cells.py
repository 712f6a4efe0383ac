"""The cells of a table, column by column: identifiers, dates and values, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euexia.assess.mapping import Column, TableMapping
from euexia.assess.units import size_of
from euexia.assess.vocabulary import Term, is_known, known_names, term
from euexia.core.choices import did_you_mean
from euexia.core.errors import UnitError
from euexia.formats.complaints import Complaints
from euexia.formats.text_numbers import MISSING, numbers_of

if TYPE_CHECKING:
    from pandas import Series as Column_

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Values = tuple[Integers, Integers, Floats, Integers]
"""Patient, day, value and row of each reading."""

NO_DAY = np.iinfo(np.int64).min
EARLIEST = "1970-01-01"
"""Days are counted from here; earlier dates are refused."""
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_COMMA = re.compile(r"^[+-]?\d+,\d+$")


def patients(
    text: Column_[str] | None, rows: Integers, known: dict[str, int], complaints: Complaints, column: str
) -> Integers:
    """Return the index of each row's patient, -1 where none is named; ``known`` grows."""
    import pandas as pd

    if text is None:
        for row in rows:
            known[f"row {row}"] = len(known)
        return np.arange(len(known) - len(rows), len(known), dtype=np.int64)
    codes, names = pd.factorize(text.to_numpy(dtype=object))
    indices = np.array([known.setdefault(name, len(known)) if name else -1 for name in names], dtype=np.int64)
    found = indices[codes] if len(indices) else np.empty(0, dtype=np.int64)
    complaints.add(rows[found < 0], column, "no patient is named.", "Every reading needs its patient.")
    return found


def days(
    text: Column_[str] | None, rows: Integers, layout: TableMapping, complaints: Complaints, clock: int
) -> Integers:
    """Return the day number of each date, NO_DAY where it is missing, unreadable or in the future."""
    import pandas as pd

    written = text.str.strip().to_numpy(dtype=object) if text is not None else None
    if written is None:
        written = np.full(len(rows), layout.fixed_date, dtype=object)
    codes, dates = pd.factorize(written)
    style = layout.date_format if text is not None and layout.date_format else "ISO8601"
    parsed = pd.to_datetime(pd.Series(dates, dtype=object), format=style, errors="coerce", utc=False)
    numbers = np.full(len(dates), NO_DAY, dtype=np.int64)
    good = parsed.notna().to_numpy() & np.array([bool(_looks_like_date(d, style)) for d in dates], dtype=bool)
    numbers[good] = parsed[good].to_numpy().astype("datetime64[D]").astype(np.int64)
    _complain_of_dates(dates, codes, rows, numbers, layout, complaints, clock)
    first = int(np.datetime64(EARLIEST, "D").astype(np.int64))
    numbers[(numbers > clock) | (numbers < first)] = NO_DAY
    return numbers[codes]


def _looks_like_date(text: str, style: str) -> bool:
    """Return whether an ISO date is written in full: a year alone is no date."""
    return style != "ISO8601" or re.match(r"^\d{4}-\d{2}-\d{2}([T ].*)?$", text) is not None


def _complain_of_dates(
    dates: NDArray[Any],
    codes: NDArray[Any],
    rows: Integers,
    numbers: Integers,
    layout: TableMapping,
    complaints: Complaints,
    clock: int,
) -> None:
    column = layout.date or "fixed_date"
    style = layout.date_format or "YYYY-MM-DD"
    first = int(np.datetime64(EARLIEST, "D").astype(np.int64))
    for code in np.flatnonzero((numbers == NO_DAY) | (numbers > clock) | (numbers < first)):
        where = rows[codes == code]
        if not dates[code]:
            complaints.add(where, column, "the date is missing.", "Every reading needs its date.")
        elif numbers[code] == NO_DAY:
            remedy = f"Write {style}, or state another format (--date-format, or date_format in a mapping)."
            complaints.add(where, column, f"'{dates[code]}' is no date.", remedy)
        elif numbers[code] > clock:
            complaints.add(where, column, f"{dates[code]} lies in the future.", "Check the year.")
        else:
            complaints.add(where, column, f"{dates[code]} lies before {EARLIEST}.", "Check the year.")


def known(name: str, rows: Integers, layout: TableMapping, complaints: Complaints) -> bool:
    """Return whether the measure is known; complain if not, unless the mapping lets others pass."""
    if is_known(name):
        return True
    if not layout.skip_others:
        problem = f"there is no measure called '{name}'." if name else "no measure is named."
        complaints.add(rows, layout.measure, problem, did_you_mean(name, known_names()))
    return False


def values(
    text: Column_[str],
    unit: str,
    column: Column,
    where: tuple[Integers, Integers, Integers],
    layout: TableMapping,
    complaints: Complaints,
    name: str,
) -> Values | None:
    """Return the canonical readings of cells that share a measure and a unit; None if there is none.

    where: patient, day and row of each cell.  A cell that says there is no reading is left out; one that
    cannot be read is complained of.
    """
    who, when, rows = where
    meant = term(column.measure)
    written = text.str.strip().to_numpy(dtype=object)
    try:
        size = size_of(unit, meant) * column.scale
    except UnitError as error:
        complaints.add(rows, layout.unit if name == layout.value else name, str(error))
        return None
    numbers = numbers_of(written, layout.decimal) * size
    codes = {key.lower(): value for key, value in (column.values or meant.codes).items()}
    read, unread = _coded(written, numbers, codes, only_codes=meant.is_coded)
    if meant.low >= 0:
        unread = unread | (read < 0)
    for cell in dict.fromkeys(written[unread]):
        hit = rows[unread & (written == cell)]
        problem = f"'{cell}' is no value of {meant.label}."
        complaints.add(hit, name, problem, _remedy(str(cell), meant, codes))
    some = ~np.isnan(read) & ~unread
    return (who[some], when[some], read[some], rows[some]) if some.any() else None


def _coded(
    written: NDArray[Any], numbers: Floats, codes: Mapping[str, float], *, only_codes: bool
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return values with codes replaced, and which cells mean something that was not understood."""
    import pandas as pd

    small = pd.Series(written, dtype=object).str.lower()
    absent = small.isin(MISSING).to_numpy(dtype=bool)
    if codes:
        meant: Floats = np.asarray(small.map(codes), dtype=np.float64)
        numbers = meant if only_codes else np.where(np.isnan(meant), numbers, meant)
    numbers = np.where(absent, np.nan, numbers)
    return numbers, np.isnan(numbers) & ~absent


def _remedy(cell: str, meant: Term, codes: Mapping[str, float]) -> str:
    if meant.is_coded:
        return f"Write one of {', '.join(codes)}."
    if _NUMBER.match(cell):
        return "It cannot be negative."
    if _COMMA.match(cell):
        return "If the comma is a decimal comma, say so (--decimal comma, or decimal: comma in a mapping)."
    if cell[:1] in "<>≤≥":
        return "A reading beyond a detection limit has no value; decide on one, or leave the cell empty."
    return "Write a number; the unit belongs into its own column."
