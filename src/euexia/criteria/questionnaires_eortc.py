"""EORTC scales and the QLQ-C30 (version 3).

The instruments belong to the EORTC; only item numbers, codes and the scoring are here.  The map of the items
of the cachexia module QLQ-CAX24 to its scales is not public: score its scales with ``eortc_scale`` once the
EORTC has given it.  (The QLQ-CX24 is another module, about the cervix.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import Comparison, Truth, compare
from euexia.criteria.scales import answers, mean_of_answered

Floats = NDArray[np.float64]


class Direction(StrEnum):
    """What a high answer says, and so which way the scale runs."""

    FUNCTION = "function"
    """High answers are bad, a high score is good."""
    SYMPTOM = "symptom"
    """High answers and a high score are bad (symptoms), or both good (global health)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One scale: its items (numbers as printed, from 1), the span of their codes and its direction."""

    items: tuple[int, ...]
    direction: Direction
    span: int = 3


def _function(*items: int) -> Scale:
    return Scale(items=items, direction=Direction.FUNCTION)


def _symptom(*items: int) -> Scale:
    return Scale(items=items, direction=Direction.SYMPTOM)


QLQ_C30: Mapping[str, Scale] = {
    "QL": Scale(items=(29, 30), direction=Direction.SYMPTOM, span=6),
    "PF": _function(1, 2, 3, 4, 5),
    "RF": _function(6, 7),
    "EF": _function(21, 22, 23, 24),
    "CF": _function(20, 25),
    "SF": _function(26, 27),
    "FA": _symptom(10, 12, 18),
    "NV": _symptom(14, 15),
    "PA": _symptom(9, 19),
    "DY": _symptom(8),
    "SL": _symptom(11),
    "AP": _symptom(13),
    "CO": _symptom(16),
    "DI": _symptom(17),
    "FI": _symptom(28),
}
QLQ_C30_ITEMS = 30
SUMMARY = "summary"
NOT_IN_SUMMARY = frozenset({"QL", "FI"})
HUNDRED = 100.0

IMPORTANT_BELOW: Mapping[str, float] = {"PF": 83, "RF": 58, "EF": 71, "CF": 75, "SF": 58}
IMPORTANT_ABOVE: Mapping[str, float] = {
    "FA": 39, "NV": 8, "PA": 25, "DY": 17, "SL": 50, "AP": 50, "CO": 50, "DI": 17, "FI": 17,
}  # fmt: skip
"""Thresholds for clinical importance (Giesinger); from memory, to be checked against the paper."""


def eortc_scale(items: ArrayLike, *, direction: Direction, span: int = 3) -> Floats:
    """Return an EORTC scale, 0-100, if at least half of its items are answered.

    RS = mean of the answered items; function (1 - (RS - 1) / span) 100, symptom (RS - 1) / span 100.

    items: codes 1 to span + 1, shape (..., items); NaN is missing.
    """
    given, mark = answers(items, tuple(float(code) for code in range(1, span + 2)))
    raw = (mean_of_answered(given, (given.shape[-1] + 1) // 2) - 1) / span + mark
    match direction:
        case Direction.FUNCTION:
            return (1 - raw) * HUNDRED
        case Direction.SYMPTOM:
            return raw * HUNDRED
        case _:
            assert_never(direction)


def qlq_c30(items: ArrayLike) -> dict[str, Floats]:
    """Return the fifteen scales of the QLQ-C30 by their identifiers, and ``summary``; 0-100, NaN if missing.

    items: codes, 1-4 for items 1 to 28 and 1-7 for 29 and 30, shape (..., 30), item 1 first; NaN is missing.
    """
    given = np.asarray(items, dtype=float)
    scores = {
        name: eortc_scale(
            given[..., [item - 1 for item in scale.items]], direction=scale.direction, span=scale.span
        )
        for name, scale in QLQ_C30.items()
    }
    return {**scores, SUMMARY: qlq_c30_summary(scores)}


def qlq_c30_summary(scores: Mapping[str, ArrayLike]) -> Floats:
    """Return the summary score: mean of thirteen scales, symptoms as 100 - S; all thirteen are required.

    scores: by identifier; global health (QL) and financial difficulties (FI) take no part.
    """
    parts = []
    for name, scale in QLQ_C30.items():
        if name not in NOT_IN_SUMMARY:
            score = np.asarray(scores[name], dtype=float)
            parts.append(score if scale.direction is Direction.FUNCTION else HUNDRED - score)
    return np.asarray(np.mean(np.broadcast_arrays(*parts), axis=0))


def clinically_important(scale: str, score: ArrayLike) -> Truth:
    """Return whether a problem is of clinical importance: function below, symptom above its threshold.

    scale: an identifier of IMPORTANT_BELOW or IMPORTANT_ABOVE (KeyError otherwise; QL has no threshold).
    """
    if scale in IMPORTANT_BELOW:
        return compare(score, Comparison.BELOW, IMPORTANT_BELOW[scale])
    return compare(score, Comparison.ABOVE, IMPORTANT_ABOVE[scale])
