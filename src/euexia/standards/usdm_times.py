"""Days as ISO 8601 durations, as USDM writes times, and back."""

from __future__ import annotations

import re

from euexia.core.studytime import DAYS_PER_MONTH, DAYS_PER_WEEK, DAYS_PER_YEAR

HOURS_PER_DAY = 24
MINUTES_PER_DAY = 1440
_DURATION = re.compile(
    r"P(?:(?P<years>[\d.]+)Y)?(?:(?P<months>[\d.]+)M)?(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:[\d.]+S)?)?"
)
_SIZES = {
    "years": DAYS_PER_YEAR,
    "months": DAYS_PER_MONTH,
    "weeks": DAYS_PER_WEEK,
    "days": 1.0,
    "hours": 1 / HOURS_PER_DAY,
    "minutes": 1 / MINUTES_PER_DAY,
}


def iso(days: float) -> str:
    """Return a length of time as an ISO 8601 duration: whole days, and hours and minutes of what is left."""
    minutes = round(abs(days) * MINUTES_PER_DAY)
    whole, rest = divmod(minutes, MINUTES_PER_DAY)
    hours, left = divmod(rest, MINUTES_PER_DAY // HOURS_PER_DAY)
    parts = "".join(f"{count}{letter}" for count, letter in ((hours, "H"), (left, "M")) if count)
    if not parts:
        return f"P{whole}D"
    return f"P{whole}DT{parts}" if whole else f"PT{parts}"


def days_of(written: str) -> float | None:
    """Return an ISO 8601 duration in days; None where it is none."""
    text = written.strip()
    match = _DURATION.fullmatch(text.removeprefix("-"))
    if match is None or len(text.removeprefix("-")) < 3:
        return None
    try:
        found = sum(float(count) * _SIZES[unit] for unit, count in match.groupdict().items() if count)
    except ValueError:
        return None
    days = round(found, 9)
    return -days if text.startswith("-") else days
