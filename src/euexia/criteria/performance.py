"""Performance status: from Karnofsky to ECOG by one of three published maps, which disagree.

Where a trial recorded ECOG, eligibility uses what was recorded, never a converted value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Codes = NDArray[np.int8]

UNKNOWN_STATUS = np.int8(-1)
KARNOFSKY_STEPS = tuple(range(0, 101, 10))


class PerformanceMap(StrEnum):
    """Published map from Karnofsky to ECOG; the caller must name one."""

    MA_2010 = "ma2010"
    PRASAD_2018 = "prasad2018"
    BUCCHERI_1996 = "buccheri1996"


@dataclass(frozen=True, slots=True, kw_only=True)
class EcogRange:
    """Lowest and highest ECOG status that fit, -1 if unknown; they differ where the map gives two."""

    low: Codes
    high: Codes


_DEATH = 5
"""ECOG of a Karnofsky of 0 in the maps of Ma and Prasad; from memory, to be checked."""
_MAPS: Mapping[PerformanceMap, tuple[tuple[int, int], ...]] = {
    PerformanceMap.MA_2010: (
        (_DEATH, _DEATH), (4, 4), (4, 4), (4, 4), (3, 3), (3, 3), (2, 2), (2, 2), (1, 1), (1, 1), (0, 0),
    ),
    PerformanceMap.PRASAD_2018: (
        (_DEATH, _DEATH), (4, 4), (4, 4), (4, 4), (4, 4), (3, 3), (3, 3), (2, 2), (1, 1), (1, 1), (0, 0),
    ),
    PerformanceMap.BUCCHERI_1996: (
        (-1, -1), (3, 4), (3, 4), (3, 4), (3, 4), (3, 4), (2, 2), (2, 2), (0, 1), (0, 1), (0, 1),
    ),
}  # fmt: skip
"""Lowest and highest ECOG for a Karnofsky of 0, 10 ... 100."""


def ecog_from_karnofsky(karnofsky: ArrayLike, mapping: PerformanceMap) -> EcogRange:
    """Return the ECOG status that a Karnofsky status stands for in the named map.

    karnofsky: 0, 10 ... 100; any other value, and missing, is unknown.  Agreement of the map of Ma 2010 was
    75 % of patients.
    """
    status = np.asarray(karnofsky, dtype=float)
    known = is_karnofsky(status)
    step = np.where(known, status / 10, len(KARNOFSKY_STEPS)).astype(np.int64)
    table = np.asarray((*_MAPS[mapping], (-1, -1)), dtype=np.int8)
    return EcogRange(low=table[step, 0], high=table[step, 1])


def is_karnofsky(status: ArrayLike) -> NDArray[np.bool_]:
    """Return where a number is a Karnofsky status: 0 to 100 in tens."""
    return np.isin(np.asarray(status, dtype=float), KARNOFSKY_STEPS)
