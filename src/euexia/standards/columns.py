"""Columns of CDISC datasets as text and numbers, whatever the file format made of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.formats.dataset import Column, Dataset, text_column
from euexia.standards.dates import calendar_days, from_study_days
from euexia.standards.understanding import Remark, left_out

Floats = NDArray[np.float64]


def text(dataset: Dataset, name: str) -> Column:
    """Return a column as text, ``""`` where missing or where there is no such variable."""
    if name not in dataset:
        return text_column([""] * dataset.records)
    column = dataset[name]
    if column.dtype == object:
        return np.where(column == np.array(None, dtype=object), "", column).astype(object)
    known = {number: _digits(number) for number in set(column.tolist())}
    return text_column([known[number] if number == number else "" for number in column.tolist()])


def capitals(dataset: Dataset, name: str) -> Column:
    """Return a column as text in capitals, without blanks around."""
    column = text(dataset, name)
    known = {word: word.strip().upper() for word in set(column.tolist())}
    return text_column([known[word] for word in column.tolist()])


def first_text(dataset: Dataset, *names: str) -> Column:
    """Return the first of some columns that is there, as text."""
    return text(dataset, next((name for name in names if name in dataset), names[0]))


def numbers(dataset: Dataset, name: str, remarks: list[Remark]) -> Floats:
    """Return a column as numbers; text that is no number is missing, and remarked on."""
    if name not in dataset:
        return np.full(dataset.records, np.nan)
    column = dataset[name]
    if column.dtype != object:
        return column
    parsed = np.asarray(pd.to_numeric(pd.Series(column, dtype=object), errors="coerce"), dtype=np.float64)
    written = text(dataset, name) != np.array("", dtype=object)
    odd = np.flatnonzero(np.isnan(parsed) & written)
    if odd.size:
        place = f"{dataset.name}.{name}, row {int(odd[0]) + 1}"
        said = f"'{column[odd[0]]}' is no number; taken as missing."
        remarks.append(left_out("not a number", place, said, int(odd.size)))
    return parsed


def dates(dataset: Dataset, name: str, remarks: list[Remark]) -> Floats:
    """Return a column of dates as days since 1960-01-01."""
    if name not in dataset:
        return np.full(dataset.records, np.nan)
    days, found = calendar_days(dataset[name], f"{dataset.name}.{name}")
    remarks += found
    return days


def first_date(dataset: Dataset, remarks: list[Remark], *names: str) -> Floats:
    """Return the first date that is known of several columns."""
    known = np.full(dataset.records, np.nan)
    for name in names:
        if name in dataset:
            known = np.where(np.isnan(known), dates(dataset, name, remarks), known)
    return known


def days_from(dataset: Dataset, date: str, study_day: str, zero: Floats, remarks: list[Remark]) -> Floats:
    """Return days from day 0: by the date, or else by the study day, which has no 0."""
    by_date = dates(dataset, date, remarks) - zero
    by_day = from_study_days(numbers(dataset, study_day, remarks))
    return np.where(np.isnan(by_date), by_day, by_date)


def by_subject(subjects: Column, values: Floats, people: pd.Index) -> Floats:
    """Return the first known value of each person, NaN where there is none."""
    known = ~np.isnan(values)
    table = pd.Series(values[known], index=subjects[known], dtype=float)
    table = table[~table.index.duplicated()]
    return np.asarray(table.reindex(people), dtype=np.float64)


def rows_of(subjects: Column, values: Floats, people: pd.Index) -> Floats:
    """Return a value of each person for each row of a dataset, NaN for strangers."""
    place = people.get_indexer(pd.Index(subjects))
    return np.where(place < 0, np.nan, values[place]) if len(people) else np.full(len(subjects), np.nan)


def _digits(number: float) -> str:
    return str(int(number)) if number == number and number == int(number) else repr(number)
