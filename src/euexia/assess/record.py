"""Readings of many patients, by measure, sorted so that looking back is a search and not a loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.criteria.weight_loss import tolerance

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

EPOCH = date(1970, 1, 1)
"""Day 0 of a record: days are counted from here."""
SPAN = 1 << 22
"""More days than any record holds (about 11,000 years); patient * SPAN + day is one sortable number."""


def to_date(day: float) -> date:
    """Return the calendar date of a day number."""
    return EPOCH + timedelta(days=int(day))


def to_day(when: date) -> int:
    """Return the day number of a calendar date."""
    return (when - EPOCH).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Every reading of one measure, sorted by patient, day and row; arrays of equal length.

    patient: index into the record's patients.  day: days since 1970-01-01.  value: canonical unit, never NaN.
    row: row of the file it was read from (the header is row 1).
    """

    patient: Integers
    day: Integers
    value: Floats
    row: Integers

    @classmethod
    def sorted(cls, patient: ArrayLike, day: ArrayLike, value: ArrayLike, row: ArrayLike) -> Series:
        """Return a series from arrays in any order."""
        who, when = np.asarray(patient, dtype=np.int64), np.asarray(day, dtype=np.int64)
        numbers = np.asarray(row, dtype=np.int64)
        order = np.lexsort((numbers, when, who))
        values = np.asarray(value, dtype=float)
        return cls(patient=who[order], day=when[order], value=values[order], row=numbers[order])

    def __len__(self) -> int:
        return len(self.value)

    def take(self, chosen: Flags | Integers) -> Series:
        """Return the chosen readings; chosen: a mask, or indices in rising order."""
        return Series(
            patient=self.patient[chosen],
            day=self.day[chosen],
            value=self.value[chosen],
            row=self.row[chosen],
        )

    def keys(self) -> Integers:
        """Return patient and day as one number that sorts like the series."""
        return np.asarray(self.patient * SPAN + self.day, dtype=np.int64)

    def of_patient(self, patient: int) -> Series:
        """Return one patient's readings."""
        first, last = np.searchsorted(self.patient, [patient, patient + 1])
        return self.take(np.arange(first, last))


NOTHING = Series.sorted([], [], [], [])
"""A series without readings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasions:
    """The patient-dates that are assessed, sorted; arrays of equal length."""

    patient: Integers
    day: Integers

    def __len__(self) -> int:
        return len(self.day)

    def keys(self, days_before: float = 0.0) -> Integers:
        """Return patient and day, moved back in time, as one number that sorts like a series."""
        moved = np.floor(self.day - days_before).astype(np.int64)
        return np.asarray(self.patient * SPAN + moved, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The readings of a table of patients."""

    patients: tuple[str, ...]
    """Identifiers, in the order in which the table names them first."""
    series: Mapping[str, Series]
    """By measure."""
    source: str = ""
    """Name of the file."""
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Units as written, by measure."""

    def of(self, measure: str) -> Series:
        """Return the readings of a measure; a series without readings if it was never read."""
        return self.series.get(measure, NOTHING)

    @property
    def readings(self) -> int:
        """Return how many readings there are."""
        return sum(len(series) for series in self.series.values())

    def without(self, withheld: Mapping[str, Flags]) -> Record:
        """Return the record without the marked readings; the marks are aligned with each series."""
        kept = {
            name: series.take(~withheld[name]) if name in withheld else series
            for name, series in self.series.items()
        }
        return Record(patients=self.patients, series=kept, source=self.source, units=self.units)


def occasions(record: Record, *, last_only: bool = False) -> Occasions:
    """Return every patient-date on which something was read, or each patient's last one."""
    found = [series.keys() for series in record.series.values() if len(series)]
    keys = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    if last_only and len(keys):
        who = keys // SPAN
        keys = keys[np.append(who[1:] != who[:-1], True)]
    return Occasions(patient=keys // SPAN, day=keys % SPAN)


def value_at(series: Series, at: Occasions, *, carry: float) -> tuple[Floats, Floats]:
    """Return the last reading on or before each date, and how many days old it is; NaN where too old.

    carry: most days a reading stays valid.
    """
    index = np.searchsorted(series.keys(), at.keys(), side="right") - 1
    return _chosen(series, at, index, least=0.0, most=carry)


def value_for_good(series: Series, at: Occasions) -> tuple[Floats, Floats]:
    """Return the last reading on or before each date, else the first after it, and its age in days."""
    last, age = value_at(series, at, carry=np.inf)
    index = np.searchsorted(series.keys(), at.keys(), side="right")
    first, ahead = _chosen(series, at, index, least=-np.inf, most=0.0)
    return np.where(np.isnan(last), first, last), np.where(np.isnan(last), ahead, age)


def value_before(series: Series, at: Occasions, *, days: float) -> tuple[Floats, Floats]:
    """Return the reading nearest to ``days`` before each date, and how many days before it was taken.

    Only earlier readings within the tolerance of the look-back count; of two equally near the earlier is
    taken; NaN where there is none.
    """
    allowed = tolerance(days) + 1e-9
    after = np.searchsorted(series.keys(), at.keys(days), side="right")
    earlier, age_earlier = _chosen(series, at, after - 1, least=days, most=days + allowed)
    later, age_later = _chosen(series, at, after, least=max(days - allowed, 1.0), most=days)
    with np.errstate(invalid="ignore"):
        use_later = np.isnan(earlier) | (days - age_later < age_earlier - days)
    use_later &= ~np.isnan(later)
    return np.where(use_later, later, earlier), np.where(use_later, age_later, age_earlier)


def largest_within(series: Series, at: Occasions, *, days: float) -> tuple[Floats, Floats]:
    """Return the largest reading of the ``days`` before each date, and how many days before it was taken."""
    keys = series.keys()
    first = np.searchsorted(keys, at.keys(days), side="left")
    last = np.searchsorted(keys, at.keys(), side="left")
    largest, age = np.full(len(at), np.nan), np.full(len(at), np.nan)
    some = np.flatnonzero(last > first)
    if len(some):
        padded = np.append(series.value, -np.inf)
        bounds = np.column_stack([first[some], last[some]]).ravel()
        largest[some] = np.maximum.reduceat(padded, bounds)[::2]
        sizes = last[some] - first[some]
        flat = (
            np.arange(sizes.sum())
            - np.repeat(np.cumsum(sizes) - sizes, sizes)
            + np.repeat(first[some], sizes)
        )
        hit = series.value[flat] == np.repeat(largest[some], sizes)
        owner = np.repeat(some, sizes)
        age[owner[hit]] = at.day[owner[hit]] - series.day[flat[hit]]
    return largest, age


def _chosen(
    series: Series, at: Occasions, index: Integers, *, least: float, most: float
) -> tuple[Floats, Floats]:
    """Return the readings at the indices and their age, NaN where patient or age do not fit."""
    value, age = np.full(len(at), np.nan), np.full(len(at), np.nan)
    if not len(series):
        return value, age
    inside = (index >= 0) & (index < len(series))
    place = np.clip(index, 0, len(series) - 1)
    days = (at.day - series.day[place]).astype(float)
    fits = inside & (series.patient[place] == at.patient) & (days >= least) & (days <= most)
    return np.where(fits, series.value[place], np.nan), np.where(fits, days, np.nan)
