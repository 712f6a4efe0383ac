"""Edmonton symptoms (ESAS), appetite on a visual analogue scale, and PROMIS T scores.

The tables that turn sums of PROMIS short forms into T scores belong to HealthMeasures and are not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import FALSE, TRUE, Comparison, Truth, compare
from euexia.criteria.scales import answers, sum_of_all

Floats = NDArray[np.float64]

ESAS_SYMPTOMS = (
    "pain", "fatigue", "nausea", "depression", "anxiety", "drowsiness", "appetite", "wellbeing", "dyspnoea",
)  # fmt: skip
ESAS_PHYSICAL = ("pain", "fatigue", "nausea", "drowsiness", "appetite", "dyspnoea")
"""Members of the physical score; from memory, to be checked."""
ESAS_EMOTIONAL = ("depression", "anxiety")
ESAS_CODES = tuple(float(code) for code in range(11))

APPETITE_IMPAIRED = 70.0
"""Millimetres of 100 up to which appetite is impaired."""
PROMIS_MEAN, PROMIS_DEVIATION = 50.0, 10.0


class EsasScore(StrEnum):
    """The three sums, each with its own bounds of response."""

    PHYSICAL = "physical"
    EMOTIONAL = "emotional"
    TOTAL = "total"


RESPONSE_BOUNDS = {
    EsasScore.PHYSICAL: (3.0, -4.0),
    EsasScore.EMOTIONAL: (2.0, -1.0),
    EsasScore.TOTAL: (3.0, -4.0),
}
"""Improvement from which it is a response, and down to which it is a deterioration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Esas:
    """Sums of patients, high is bad; NaN where a symptom of the sum is missing."""

    physical: Floats
    emotional: Floats
    total: Floats


def esas(items: ArrayLike) -> Esas:
    """Return physical (0-60), emotional (0-20) and total (0-90) symptom scores.

    items: 0-10 in the order of ESAS_SYMPTOMS, shape (..., 9); NaN is missing.  The source has no rule for
    missing answers: a sum needs all of its items.
    """
    given = np.asarray(items, dtype=float)
    return Esas(
        physical=_sum(given, ESAS_PHYSICAL),
        emotional=_sum(given, ESAS_EMOTIONAL),
        total=_sum(given, ESAS_SYMPTOMS),
    )


def esas_improved(score: EsasScore, baseline: ArrayLike, follow_up: ArrayLike) -> Truth:
    """Return whether the sum improved: by at least 3 (physical), 2 (emotional), 3 (total) points."""
    gain = np.asarray(baseline, dtype=float) - np.asarray(follow_up, dtype=float)
    return compare(gain, Comparison.AT_LEAST, RESPONSE_BOUNDS[score][0])


def esas_deteriorated(score: EsasScore, baseline: ArrayLike, follow_up: ArrayLike) -> Truth:
    """Return whether the sum worsened: by at least 4 (physical), 1 (emotional), 4 (total) points."""
    gain = np.asarray(baseline, dtype=float) - np.asarray(follow_up, dtype=float)
    return compare(gain, Comparison.AT_MOST, RESPONSE_BOUNDS[score][1])


def appetite_impaired(millimetres: ArrayLike) -> Truth:
    """Return whether appetite on a 0-100 mm scale is impaired: at most 70 mm; outside the scale UNKNOWN."""
    given = np.asarray(millimetres, dtype=float)
    off = (compare(given, Comparison.AT_LEAST, 0.0) == FALSE) | (
        compare(given, Comparison.ABOVE, 100.0) == TRUE
    )
    return compare(np.where(off, np.nan, given), Comparison.AT_MOST, APPETITE_IMPAIRED)


def promis_t_score(theta: ArrayLike) -> Floats:
    """Return the PROMIS T score, 50 + 10 theta; theta: person estimate of the item response model [1]."""
    return PROMIS_MEAN + PROMIS_DEVIATION * np.asarray(theta, dtype=float)


def _sum(given: Floats, symptoms: tuple[str, ...]) -> Floats:
    """Return the sum of the named symptoms."""
    places = [ESAS_SYMPTOMS.index(symptom) for symptom in symptoms]
    answered, mark = answers(given[..., places], ESAS_CODES)
    return sum_of_all(answered) + mark
