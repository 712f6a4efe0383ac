"""FACT-G, FAACT (version 4), its anorexia/cachexia scale (A/CS) and the five-item anorexia scale.

The instruments belong to FACIT.org; use and translations need its licence.  Only item identifiers, numeric
codes and the scoring are here.  Higher is better throughout.  The older A/CS of 18 items is another scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import Comparison, Truth, all_of, compare
from euexia.criteria.scales import answers, mean_of_answered, sum_of_all

Floats = NDArray[np.float64]

PHYSICAL = tuple(f"GP{number}" for number in range(1, 8))
SOCIAL = tuple(f"GS{number}" for number in range(1, 8))
EMOTIONAL = tuple(f"GE{number}" for number in range(1, 7))
FUNCTIONAL = tuple(f"GF{number}" for number in range(1, 8))
ANOREXIA_CACHEXIA = (
    "C6", "ACT1", "ACT2", "ACT3", "ACT4", "ACT6", "ACT7", "ACT9", "O2", "ACT10", "ACT11", "ACT13",
)  # fmt: skip
FIVE_ITEMS = ("C6", "ACT1", "ACT3", "ACT6", "ACT10")
"""Items of the five-item scale; from memory, to be confirmed against the published sheet before use."""
FACT_G_ITEMS = (*PHYSICAL, *SOCIAL, *EMOTIONAL, *FUNCTIONAL)
FAACT_ITEMS = (*FACT_G_ITEMS, *ANOREXIA_CACHEXIA)

CODES = (0.0, 1.0, 2.0, 3.0, 4.0)
BLANK = (8.0, 9.0)
NOT_REVERSED = frozenset({*SOCIAL, "GE2", *FUNCTIONAL, "C6", "ACT1", "ACT13"})

FACT_G_LEAST, FAACT_LEAST = 22, 32
"""Answered items that the totals need: more than 80 % of 27 and of 39."""
ACS_IMPAIRED, ACS_IMPAIRED_EARLIER, FIVE_ITEM_LOW = 37.0, 24.0, 17.0
ENTRY_BMI, ENTRY_LOSS = 20.0, 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Faact:
    """Scores of patients; NaN where too few items are answered."""

    physical: Floats
    social: Floats
    emotional: Floats
    functional: Floats
    anorexia_cachexia: Floats
    fact_g: Floats
    total: Floats
    trial_outcome_index: Floats


def faact(items: ArrayLike) -> Faact:
    """Return all scores of the FAACT: subscales, FACT-G, total (0-156) and trial outcome index (0-104).

    items: codes 0-4 in the order of FAACT_ITEMS, shape (..., 39); 8, 9 and NaN are missing.  A subscale is
    the mean of its answered items times their number, if more than half are answered.  FACT-G needs its four
    subscales and 22 of 27 items, the total all five and 32 of 39.
    """
    given = np.asarray(items, dtype=float)
    parts, general, answered = _general(given)
    appetite = given[..., len(FACT_G_ITEMS) :]
    scale = anorexia_cachexia(appetite)
    enough = answered + _answered(appetite) >= FAACT_LEAST
    return Faact(
        **parts,
        anorexia_cachexia=scale,
        fact_g=np.where(answered >= FACT_G_LEAST, general, np.nan),
        total=np.where(enough, general + scale, np.nan),
        trial_outcome_index=parts["physical"] + parts["functional"] + scale,
    )


def fact_g(items: ArrayLike) -> Floats:
    """Return the FACT-G total, 0-108; items: codes in the order of FACT_G_ITEMS, shape (..., 27)."""
    _, general, answered = _general(np.asarray(items, dtype=float))
    return np.where(answered >= FACT_G_LEAST, general, np.nan)


def anorexia_cachexia(items: ArrayLike) -> Floats:
    """Return the A/CS, 0-48, if at least 7 of 12 items are answered.

    items: codes 0-4 in the order of ANOREXIA_CACHEXIA, shape (..., 12); 8, 9 and NaN are missing.
    """
    return _subscale(np.asarray(items, dtype=float), ANOREXIA_CACHEXIA)


def five_item_anorexia(items: ArrayLike) -> Floats:
    """Return the five-item anorexia symptom subscale, 0-20; all five items are required.

    items: codes 0-4 in the order of FIVE_ITEMS, shape (..., 5); 8, 9 and NaN are missing.
    """
    given, mark = answers(items, CODES, BLANK)
    return sum_of_all(_recoded(given, FIVE_ITEMS)) + mark


def impaired_appetite(score: ArrayLike, at_most: float = ACS_IMPAIRED) -> Truth:
    """Return whether the A/CS says that appetite is impaired: at most 37 (an earlier cut-off is 24)."""
    return compare(score, Comparison.AT_MOST, at_most)


def low_five_item_anorexia(score: ArrayLike) -> Truth:
    """Return whether the five-item scale is low: at most 17."""
    return compare(score, Comparison.AT_MOST, FIVE_ITEM_LOW)


def anorexia_nct03743064(five_item_score: ArrayLike, acs_score: ArrayLike) -> Truth:
    """Return whether both scales are low, as the trial asked: five-item <= 17 AND A/CS <= 37."""
    return all_of([low_five_item_anorexia(five_item_score), impaired_appetite(acs_score)])


_SUBSCALES = {
    "physical": PHYSICAL,
    "social": SOCIAL,
    "emotional": EMOTIONAL,
    "functional": FUNCTIONAL,
}


def _general(items: Floats) -> tuple[dict[str, Floats], Floats, NDArray[np.int64]]:
    """Return the four general subscales, their sum, and how many of their items are answered."""
    parts: dict[str, Floats] = {}
    start = 0
    for name, ids in _SUBSCALES.items():
        parts[name] = _subscale(items[..., start : start + len(ids)], ids)
        start += len(ids)
    total = parts["physical"] + parts["social"] + parts["emotional"] + parts["functional"]
    return parts, total, _answered(items[..., :start])


def _answered(items: Floats) -> NDArray[np.int64]:
    """Return how many items have an answer."""
    with np.errstate(invalid="ignore"):
        return np.asarray((items <= CODES[-1]).sum(axis=-1))


def eligible_nct03743064(
    *, five_item_score: ArrayLike, acs_score: ArrayLike, body_mass_index: ArrayLike, weight_loss: ArrayLike
) -> Truth:
    """Return whether a patient met that trial's entry: both scales low, BMI < 20 AND loss > 2 % in 6 months.

    body_mass_index: [kg/m2].  weight_loss: share lost over 6 months [1].
    """
    return all_of(
        [
            anorexia_nct03743064(five_item_score, acs_score),
            compare(body_mass_index, Comparison.BELOW, ENTRY_BMI),
            compare(weight_loss, Comparison.ABOVE, ENTRY_LOSS),
        ]
    )


def _recoded(given: Floats, ids: tuple[str, ...]) -> Floats:
    """Return the answers with the highest code always the best: 4 - x for the items that are turned."""
    turned = np.asarray([identifier not in NOT_REVERSED for identifier in ids])
    return np.where(turned, CODES[-1] - given, given)


def _subscale(items: Floats, ids: tuple[str, ...]) -> Floats:
    """Return the prorated sum of a subscale, if more than half of its items are answered."""
    given, mark = answers(items, CODES, BLANK)
    return mean_of_answered(_recoded(given, ids), len(ids) // 2 + 1) * len(ids) + mark
