"""How numbers are printed in a report: rounded once, at the very end; missing is said, never hidden."""

from __future__ import annotations

import re
from math import isfinite

from euexia.core.studytime import DAYS_PER_WEEK
from euexia.study.operating import Estimate

NOT_KNOWN = "–"
"""Printed where a number could not be estimated."""

SMALLEST_P_VALUE = 0.0001
MOST_DECIMALS = 4
ACRONYMS = {"crp": "CRP", "ct": "CT", "faact": "FAACT", "recist": "RECIST"}
SPACE = "\u00a0"
UNIT_GAP = re.compile(r"(?<=[<>≤≥]) | (?=%)|(?<=\d) (?=(?:kg|mg|cm)\b)")
"""The spaces of a bound, where a line must not break."""


def number(value: float, decimals: int = 1) -> str:
    """Return a number with thousands separated, or a dash when it is not known."""
    if not isfinite(value):
        return NOT_KNOWN
    text = f"{value:,.{decimals}f}".replace("-", "−")
    return text.removeprefix("−") if not text.strip("−0.,") else text


def signed(value: float, decimals: int = 1) -> str:
    """Return a change as ``+1.0``, ``−1.0`` or ``0.0``."""
    text = number(value, decimals)
    return f"+{text}" if isfinite(value) and value > 0 and text.strip("0.,") else text


def count(value: float) -> str:
    """Return a whole number, or a mean of whole numbers with one decimal."""
    return number(value, 0 if value == round(value, 6) // 1 else 1) if isfinite(value) else NOT_KNOWN


def percent(share: float, decimals: int = 1) -> str:
    """Return a share (0 to 1) as per cent; what is not quite 0 or 1 is never rounded to it."""
    if not isfinite(share):
        return NOT_KNOWN
    while decimals < MOST_DECIMALS and 0 < share < 1 and round(100 * share, decimals) in (0.0, 100.0):
        decimals += 1
    return f"{number(100 * share, decimals)}{SPACE}%"


def percent_range(low: float, high: float, decimals: int = 1) -> str:
    """Return a range of shares as ``10.1 to 20.2 %``."""
    if not (isfinite(low) and isfinite(high)):
        return NOT_KNOWN
    return f"{range_of(100 * low, 100 * high, decimals)}{SPACE}%"


def share_with_error(estimate: Estimate, decimals: int = 1) -> str:
    """Return a share with its Monte-Carlo standard error; a share of 0 or 1 says of how many trials."""
    text = percent(estimate.value, decimals)
    if not isfinite(estimate.error) or not isfinite(estimate.value):
        return text
    if estimate.error == 0 and estimate.value in (0, 1):
        return f"{text} ({'none' if estimate.value == 0 else 'all'} in {count(estimate.trials)} trials)"
    exact = max(decimals, decimals_for(100 * estimate.error))
    value, error = number(100 * estimate.value, exact), number(100 * estimate.error, exact)
    return f"{value}{SPACE}%{SPACE}±{SPACE}{error}"


def points(difference: float, decimals: int = 1) -> str:
    """Return a difference of two shares in percentage points, signed and without a unit."""
    return signed(100 * difference, decimals)


def points_with_error(estimate: Estimate) -> str:
    """Return a difference of two shares in percentage points with its Monte-Carlo standard error."""
    if not isfinite(estimate.value) or not isfinite(estimate.error):
        return points(estimate.value)
    exact = max(1, decimals_for(100 * estimate.error))
    return f"{points(estimate.value, exact)}{SPACE}±{SPACE}{number(100 * estimate.error, exact)}"


def value_with_error(estimate: Estimate, decimals: int = 1) -> str:
    """Return a mean with its Monte-Carlo standard error."""
    text = number(estimate.value, decimals)
    if not isfinite(estimate.error) or estimate.error == 0:
        return text
    exact = max(decimals, decimals_for(estimate.error))
    return f"{number(estimate.value, exact)}{SPACE}±{SPACE}{number(estimate.error, exact)}"


def decimals_for(error: float) -> int:
    """Return how many decimals (at most 3) show the first digit of an error."""
    for decimals in range(3):
        if error >= 10.0**-decimals / 2:
            return decimals
    return 3


def range_of(low: float, high: float, decimals: int = 1) -> str:
    """Return a range of numbers as ``−1.0 to 2.0``."""
    if not (isfinite(low) and isfinite(high)):
        return NOT_KNOWN
    return f"{number(low, decimals)}{SPACE}to{SPACE}{number(high, decimals)}"


def p_value(value: float) -> str:
    """Return a p-value to four decimals."""
    if not isfinite(value):
        return NOT_KNOWN
    return f"< {SMALLEST_P_VALUE:.4f}" if value < SMALLEST_P_VALUE else f"{value:.4f}"


def plural(amount: float, one: str, many: str | None = None) -> str:
    """Return ``1 patient`` or ``2 patients``."""
    return f"{count(amount)} {one if amount == 1 else many or one + 's'}"


def weeks(days: float) -> str:
    """Return days as a week number without needless decimals."""
    return number(days / DAYS_PER_WEEK, 0 if (days / DAYS_PER_WEEK) % 1 == 0 else 1)


def sentence_case(text: str) -> str:
    """Return an identifier such as ``venous_thromboembolism`` as words with a capital."""
    words = " ".join(ACRONYMS.get(word, word) for word in text.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def unbroken(text: str) -> str:
    """Return text whose bounds such as ``> 2 %`` stay on one line."""
    return UNIT_GAP.sub(SPACE, text)


def joined(parts: tuple[str, ...]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""
