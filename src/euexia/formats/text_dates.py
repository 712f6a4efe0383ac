"""Dates as tables write them: ISO 8601, or day, month and year in an order that must be said."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

import numpy as np

from euexia.formats import dates

EPOCH = date(1970, 1, 1)
_ORDERED = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?", re.ASCII
)
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?:[T ](.*))?", re.ASCII)


class DateOrder(StrEnum):
    """The order in which a date is written; a year of four digits that comes first is always read as such."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


def iso(text: str, order: DateOrder) -> tuple[str, str]:
    """Return a date in ISO 8601 (partial if it is), and a sentence that says why it is none, else empty."""
    written = text.strip()
    first = _YEAR_FIRST.fullmatch(written)
    if first:
        year, month, day, clock = first.groups()
        written = f"{year}-{int(month):02d}-{int(day):02d}" + (f"T{clock}" if clock else "")
    ordered = _ORDERED.fullmatch(written)
    if ordered:
        if order is DateOrder.YMD:
            return (
                "",
                f"'{text}' does not begin with the year, and whether day or month comes first is not said.",
            )
        day, month, year, clock = ordered.groups()
        if order is DateOrder.MDY:
            day, month = month, day
        written = f"{year}-{int(month):02d}-{int(day):02d}" + (f"T{clock.zfill(5)}" if clock else "")
    moment = dates.parse(written)
    return ("", moment) if isinstance(moment, str) else (written, "")


def day_number(text: str) -> float:
    """Return the days from 1970-01-01 to an ISO date, NaN for a partial one or none."""
    moment = dates.parse(text)
    found = None if isinstance(moment, str) else moment.date
    return np.nan if found is None else float((found - EPOCH).days)


def iso_of_day(day: float) -> str:
    """Return the ISO date so many days after 1970-01-01, empty for NaN."""
    return "" if np.isnan(day) else date.fromordinal(EPOCH.toordinal() + int(np.floor(day))).isoformat()
