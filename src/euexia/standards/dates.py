"""Days of a trial and dates of the calendar: no study day 0, and partial dates stay partial."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from euexia.formats import dates as iso
from euexia.formats.dataset import Column, DataType, is_blank, text_column
from euexia.standards.understanding import Remark, conflict, left_out

Floats = NDArray[np.float64]


def study_days(days: Floats) -> Floats:
    """Return days from randomisation (0 is the day itself) as study days: ..., -1, 1, 2, ...; whole days."""
    whole = np.floor(days)
    return np.where(whole >= 0, whole + 1, whole)


def from_study_days(numbers: Floats) -> Floats:
    """Return study days as days from the reference date: 1 is day 0, -1 is -1; NaN for the impossible 0."""
    return np.where(numbers > 0, numbers - 1, np.where(numbers < 0, numbers, np.nan))


def iso_dates(days: Floats) -> Column:
    """Return ISO 8601 dates of days since 1960-01-01, missing where NaN."""
    known = {
        day: (iso.SAS_EPOCH + timedelta(days=int(day))).isoformat()
        for day in set(days.tolist())
        if day == day
    }
    return text_column([known.get(day) for day in days.tolist()])


def since_epoch(day: date) -> float:
    """Return the days from 1960-01-01 to a date."""
    return float((day - iso.SAS_EPOCH).days)


def calendar_days(column: Column, place: str) -> tuple[Floats, list[Remark]]:
    """Return days since 1960-01-01 of dates, and what is partial or impossible in them.

    A date without its day, month or year stays NaN: nothing is imputed.  A column of numbers is SAS days.
    place: dataset and variable, for the remarks.
    """
    if column.dtype != object:
        return column.astype(np.float64), []
    days = iso.days(column)
    open_rows = np.isnan(days) & ~is_blank(column)
    if not open_rows.any():
        return days, []
    return days, list(_open(column, np.flatnonzero(open_rows), place))


def _open(column: Column, rows: NDArray[np.intp], place: str) -> Iterator[Remark]:
    """Tell partial dates from impossible ones, and say where the first of each is."""
    wrong = {fault.place: fault.problem for fault in iso.faults(column[rows], DataType.DATE, place)}
    impossible = [int(row) for index, row in enumerate(rows, 1) if f"row {index}, column {place}" in wrong]
    partial = [int(row) for row in rows if int(row) not in set(impossible)]
    if impossible:
        first = impossible[0]
        yield conflict(
            "impossible date",
            f"{place}, row {first + 1}",
            f"'{column[first]}' is no date; taken as missing.",
            len(impossible),
        )
    if partial:
        first = partial[0]
        yield left_out(
            "partial date",
            f"{place}, row {first + 1}",
            f"'{column[first]}' is not complete; nothing is imputed, so the day is missing.",
            len(partial),
        )
