"""Numbers as tables write them: with a decimal point or a decimal comma, and the words for nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MISSING = ("", "na", "n/a", "nan", ".", "null", "none", "missing")
"""Cells that say there is no reading, in small letters."""


class Decimal(StrEnum):
    """What stands between a number's whole and its fraction."""

    POINT = "point"
    COMMA = "comma"


def numbers_of(written: NDArray[Any], decimal: Decimal) -> Floats:
    """Return the cells as numbers, NaN where they are none."""
    import pandas as pd

    if decimal is Decimal.COMMA:
        written = np.array(
            [cell.replace(",", ".") if "." not in cell else "?" for cell in written], dtype=object
        )
    found = pd.to_numeric(pd.Series(written, dtype=object), errors="coerce").to_numpy(dtype=float)
    return np.where(np.isfinite(found), found, np.nan)
