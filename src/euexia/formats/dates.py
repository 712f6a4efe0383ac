"""Dates and times: ISO 8601 with parts missing, and the numbers SAS keeps. Nothing is ever filled in.

Clinical data write what is known: ``2020``, ``2020-03``, ``2020---15`` (no month), ``--03-15`` (no year),
``-----T07:15`` (no date), with times to the second or beyond and an offset from UTC. SAS counts days, and
seconds, since 1 January 1960.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

import numpy as np
import numpy.typing as npt

from euexia.core.errors import Fault
from euexia.formats.dataset import Column, DataType

SAS_EPOCH = date(1960, 1, 1)
SECONDS_PER_DAY = 86_400
MICROSECONDS = 1_000_000
FIRST_SAS_DAY = (date(1582, 10, 15) - SAS_EPOCH).days
LAST_SAS_DAY = (date(9999, 12, 31) - SAS_EPOCH).days
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip

_DATE = r"(?P<year>\d{4}|-)(?:-(?P<month>\d{2}|-)(?:-(?P<day>\d{2}|-))?)?"
_CLOCK = (
    r"(?P<hour>\d{2}|-)(?::(?P<minute>\d{2}|-)(?::(?P<second>\d{2}(?:[.,]\d+)?|-))?)?"
    r"(?P<offset>Z|[+-]\d{2}:?\d{2})?"
)
_MOMENT = re.compile(f"{_DATE}(?:T{_CLOCK})?", re.ASCII)
_TIME = re.compile(f"T?{_CLOCK}", re.ASCII)


class Precision(Enum):
    """How much of a moment is known without a gap."""

    NOTHING = 0
    YEAR = 1
    MONTH = 2
    DAY = 3
    HOUR = 4
    MINUTE = 5
    SECOND = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The parts of a date and time that are written; None for a part that is not."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: float | None = None
    offset: str = ""

    @property
    def precision(self) -> Precision:
        """Return the finest part up to which everything is known."""
        parts = (self.year, self.month, self.day, self.hour, self.minute, self.second)
        known = next((index for index, part in enumerate(parts) if part is None), len(parts))
        return Precision(known)

    @property
    def date(self) -> date | None:
        """The calendar date, if year, month and day are known."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)


def parse(text: str) -> Moment | str:
    """Read an ISO 8601 date or date-time with whatever is missing; a sentence if it is none."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return f"'{text}' is not an ISO 8601 date (2020, 2020-03, 2020-03-15, 2020---15, 2020-03-15T07:15)."
    return _moment(text, found.groupdict())


def parse_time(text: str) -> Moment | str:
    """Read an ISO 8601 time of day; a sentence if it is none."""
    found = _TIME.fullmatch(text)
    if found is None:
        return f"'{text}' is not an ISO 8601 time (07:15, 07:15:30)."
    return _moment(text, found.groupdict())


def faults(column: Column, data_type: DataType, place: str) -> list[Fault]:
    """Name every value of a text column that is no date, or a date there never was, by its row."""
    reader = parse_time if data_type is DataType.TIME else parse
    verdicts: dict[str, str] = {}
    problems = []
    for row, text in enumerate(column, start=1):
        if not text:
            continue
        if text not in verdicts:
            verdict = reader(text)
            verdicts[text] = verdict if isinstance(verdict, str) else ""
        if verdicts[text]:
            where = f"row {row}, column {place}"
            problems.append(Fault(line=None, place=where, problem=verdicts[text]))
    return problems


def days(column: Column) -> npt.NDArray[np.float64]:
    """Count the days from 1960-01-01 to each complete date; NaN for a missing, partial or impossible one."""
    return _by_value(column, _days)


def sas_numbers(column: Column, data_type: DataType) -> npt.NDArray[np.float64]:
    """Turn ISO text into the numbers of SAS: days (date) or seconds (datetime, time); NaN if not complete."""
    readers: Mapping[DataType, Callable[[str], float]] = {
        DataType.DATE: _days,
        DataType.DATETIME: _seconds,
        DataType.TIME: _seconds_of_day,
    }
    return _by_value(column, readers[data_type])


def iso_text(numbers: npt.NDArray[np.float64], data_type: DataType) -> tuple[Column, npt.NDArray[np.bool_]]:
    """Turn the numbers of SAS into ISO text, and say which numbers are no date or time (left out, None).

    A day must be whole and between 1582-10-15 and 9999-12-31; seconds must be whole to the microsecond, and
    a time of day within the day.
    """
    writers: Mapping[DataType, Callable[[float], str | None]] = {
        DataType.DATE: _iso_date,
        DataType.DATETIME: _iso_datetime,
        DataType.TIME: _iso_time,
    }
    write = writers[data_type]
    texts: dict[float, str | None] = {}
    column = np.full(len(numbers), None, dtype=object)
    present = np.flatnonzero(~np.isnan(numbers))
    for row, number in zip(present.tolist(), numbers[present].tolist(), strict=True):
        if number not in texts:
            texts[number] = write(number)
        column[row] = texts[number]
    wrong = np.zeros(len(numbers), dtype=np.bool_)
    wrong[present] = [text is None for text in column[present]]
    return column, wrong


def sas_format_type(name: str) -> DataType | None:
    """Say whether a SAS format shows numbers as dates, datetimes or times; None for any other format."""
    bare = re.sub(r"[\d.]+$", "", name.upper())
    for data_type, names in _SAS_FORMATS.items():
        if bare in names:
            return data_type
    return None


_SEPARATORS = ("", "B", "C", "D", "N", "P", "S")
_SAS_FORMATS: Mapping[DataType, frozenset[str]] = {
    DataType.DATE: frozenset(
        {"DATE", "E8601DA", "B8601DA", "IS8601DA", "ND8601DA", "JULIAN", "WEEKDATE", "WEEKDATX", "WORDDATE",
         "WORDDATX", "NENGO", "MINGUO"}
        | {order + mark for order in ("DDMMYY", "MMDDYY", "YYMMDD") for mark in _SEPARATORS}
    ),
    DataType.DATETIME: frozenset(
        {"DATETIME", "DATEAMPM", "MDYAMPM", "E8601DT", "B8601DT", "IS8601DT", "E8601DZ", "B8601DZ"}
    ),
    DataType.TIME: frozenset({"TIME", "TIMEAMPM", "TOD", "HHMM", "E8601TM", "B8601TM", "IS8601TM"}),
}  # fmt: skip


def _moment(text: str, parts: Mapping[str, str | None]) -> Moment | str:
    """Put the written parts together, or say why there is no such moment."""
    numbers = {
        name: None if part in (None, "-") else float((part or "").replace(",", "."))
        for name, part in parts.items()
        if name != "offset"
    }
    year, month, day = (_whole(numbers.get(name)) for name in ("year", "month", "day"))
    hour, minute, second = _whole(numbers.get("hour")), _whole(numbers.get("minute")), numbers.get("second")
    problem = _no_day(year, month, day) or _no_clock(hour, minute, second) or _no_offset(parts.get("offset"))
    if problem:
        return f"'{text}' never was: {problem}."
    return Moment(
        year=year,
        month=month,
        day=day,
        hour=hour,
        minute=minute,
        second=second,
        offset=parts.get("offset") or "",
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _no_day(year: int | None, month: int | None, day: int | None) -> str:
    """Say why there is no such day; the empty text if there may be one."""
    if year == 0:
        return "there is no year 0"
    if month is not None and not 1 <= month <= len(MONTHS):
        return f"there is no month {month}"
    if day is None:
        return ""
    # Without a year, February may have 29 days; without a month, a month may have 31.
    longest = monthrange(2000 if year is None else year, 1 if month is None else month)[1]
    if 1 <= day <= longest:
        return ""
    name = "a month" if month is None else MONTHS[month - 1] + ("" if year is None else f" {year}")
    return f"{name} has {longest} days"


def _no_clock(hour: int | None, minute: int | None, second: float | None) -> str:
    """Say why there is no such time of day; the empty text if there may be one."""
    if hour == 24 and not minute and not second:
        return ""
    if hour is not None and hour > 23:
        return f"a day has no hour {hour}"
    if minute is not None and minute > 59:
        return f"an hour has no minute {minute}"
    if second is not None and second >= 60:
        return f"a minute has no second {second:g}"
    return ""


def _no_offset(offset: str | None) -> str:
    """Say why there is no such offset from UTC."""
    if not offset or offset == "Z":
        return ""
    return (
        "" if int(offset[1:3]) <= 14 and int(offset[-2:]) <= 59 else f"there is no offset {offset} from UTC"
    )


def _by_value(column: Column, read: Callable[[str], float]) -> npt.NDArray[np.float64]:
    """Read every different text once."""
    known: dict[str | None, float] = {None: np.nan, "": np.nan}
    for text in column:
        if text not in known:
            known[text] = read(text)
    return np.array([known[text] for text in column], dtype=np.float64)


def _days(text: str) -> float:
    moment = parse(text)
    whole = None if isinstance(moment, str) else moment.date
    return np.nan if whole is None else float((whole - SAS_EPOCH).days)


def _seconds(text: str) -> float:
    """Count seconds since 1960 as the clock of the text shows them; an offset from UTC is not applied."""
    moment = parse(text)
    if isinstance(moment, str) or moment.date is None:
        return np.nan
    return _clock_seconds(moment, (moment.date - SAS_EPOCH).days)


def _seconds_of_day(text: str) -> float:
    moment = parse_time(text)
    return np.nan if isinstance(moment, str) else _clock_seconds(moment)


def _clock_seconds(moment: Moment, days: int = 0) -> float:
    """Count the seconds since midnight, to the microsecond; NaN unless hour and minute are known."""
    if moment.hour is None or moment.minute is None:
        return np.nan
    minutes = (days * 24 + moment.hour) * 60 + moment.minute
    return (minutes * 60 * MICROSECONDS + round((moment.second or 0.0) * MICROSECONDS)) / MICROSECONDS


def _iso_date(number: float) -> str | None:
    if not number.is_integer() or not FIRST_SAS_DAY <= number <= LAST_SAS_DAY:
        return None
    return (SAS_EPOCH + timedelta(days=int(number))).isoformat()


def _iso_datetime(number: float) -> str | None:
    ticks = _ticks(number)
    if ticks is None:
        return None
    day, rest = divmod(ticks, SECONDS_PER_DAY * MICROSECONDS)
    shown = _iso_date(float(day))
    return None if shown is None else f"{shown}T{_iso_clock(rest)}"


def _iso_time(number: float) -> str | None:
    ticks = _ticks(number)
    return None if ticks is None or not 0 <= number < SECONDS_PER_DAY else _iso_clock(ticks)


def _ticks(number: float) -> int | None:
    """Count microseconds, if the number is a whole count of them."""
    if not np.isfinite(number):
        return None
    ticks = round(number * MICROSECONDS)
    return ticks if ticks / MICROSECONDS == number else None


def _iso_clock(ticks: int) -> str:
    """Show microseconds since midnight as a time of day."""
    seconds, micro = divmod(ticks, MICROSECONDS)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return clock if micro == 0 else f"{clock}.{micro:06d}".rstrip("0")
