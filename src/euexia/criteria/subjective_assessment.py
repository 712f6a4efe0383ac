"""The short form of the patient-generated subjective global assessment: arithmetic, no wording."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from euexia.core.logic import Comparison
from euexia.criteria.criterion import Floats, stated
from euexia.criteria.definition import Definition, Input, asked, numbers
from euexia.criteria.inputs import FLUID, WEIGHT_LOSS_1_MONTH, WEIGHT_LOSS_6_MONTHS, yes_no
from euexia.criteria.outcome import Outcome, scored
from euexia.criteria.points import Points, band_of, graded, item, points_if, total

NAN = float("nan")
AT_LEAST = Comparison.AT_LEAST

LOSS_1_MONTH = ((AT_LEAST, 0.02, 1), (AT_LEAST, 0.03, 2), (AT_LEAST, 0.05, 3), (AT_LEAST, 0.10, 4))
LOSS_6_MONTHS = ((AT_LEAST, 0.02, 1), (AT_LEAST, 0.06, 2), (AT_LEAST, 0.10, 3), (AT_LEAST, 0.20, 4))

INTAKE_POINTS: Mapping[str, int] = {
    "unchanged_or_more": 0,
    "less": 1,
    "normal_food_less": 1,
    "little_solid": 2,
    "liquids_only": 3,
    "supplements_only": 3,
    "very_little": 4,
    "tube_or_vein_only": 0,
}
"""Box 2: points of each code; the highest single one counts.  A tube or vein alone scores 0."""

SYMPTOM_POINTS: Mapping[str, int] = {
    "no_appetite": 3,
    "nausea": 1,
    "constipation": 1,
    "mouth_sores": 2,
    "taste": 1,
    "swallowing": 2,
    "pain": 3,
    "vomiting": 3,
    "diarrhoea": 3,
    "dry_mouth": 1,
    "smells": 1,
    "early_fullness": 1,
    "fatigue": 1,
    "other": 1,
}
"""Box 3: points of each symptom; they add up, to 24 at most."""
MOST_SYMPTOM_POINTS = sum(SYMPTOM_POINTS.values())

TRIAGE = ("0-1", "2-3", "4-8", "9 or more")
TRIAGE_CUTS, CRITICAL = (2, 4, 9), 9

INPUTS = (
    WEIGHT_LOSS_1_MONTH,
    WEIGHT_LOSS_6_MONTHS,
    FLUID,
    yes_no("weight_decreased_2_weeks", "Weight decreased in the past 2 weeks", required=True),
    Input(name="intake_points", kind="points", meaning="Points of box 2, 0 to 4", low=0, high=4, whole=1),
    Input(
        name="symptom_points",
        kind="points",
        meaning="Points of box 3, 0 to 24",
        low=0,
        high=MOST_SYMPTOM_POINTS,
        whole=1,
    ),
    Input(name="activity_points", kind="points", meaning="Points of box 4, 0 to 3", low=0, high=3, whole=1),
)


def symptom_points(symptoms: Mapping[str, ArrayLike]) -> Floats:
    """Return the points of box 3 from flags (1, 0 or missing) named as in SYMPTOM_POINTS.

    A symptom that is not named is missing and leaves the sum NaN.
    """
    flags = [numbers(symptoms.get(name)) * points for name, points in SYMPTOM_POINTS.items()]
    return np.asarray(reduce(np.add, flags), dtype=float)


@asked(*INPUTS)
def pgsga_sf(
    *,
    weight_loss_1_month: ArrayLike = NAN,
    weight_loss_6_months: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    weight_decreased_2_weeks: ArrayLike = NAN,
    intake_points: ArrayLike = NAN,
    symptom_points: ArrayLike = NAN,
    activity_points: ArrayLike = NAN,
) -> Outcome:
    """Return the short-form total, 0 to 36, its triage band and whether it is critical (>= 9).

    Box 1: loss in 1 month (>= 2, 3, 5, 10 %: 1 to 4), only where that is missing in 6 months (>= 2, 6, 10,
    20 %), and 1 if weight decreased in the past 2 weeks.  Box 2 is the highest single item, box 3 a sum.
    """
    parts = {
        "box_1": _weight(weight_loss_1_month, weight_loss_6_months)
        + points_if(stated(weight_decreased_2_weeks=weight_decreased_2_weeks), 1),
        "box_2": item(intake_points, 0, 4, intake_points=intake_points),
        "box_3": item(symptom_points, 0, MOST_SYMPTOM_POINTS, symptom_points=symptom_points),
        "box_4": item(activity_points, 0, 3, activity_points=activity_points),
    }
    points = total(list(parts.values()))
    return scored(
        points,
        truth=points.reaches(AT_LEAST, CRITICAL),
        category=band_of(points, AT_LEAST, TRIAGE_CUTS),
        categories=TRIAGE,
        parts=parts,
    )


def _weight(one_month: ArrayLike, six_months: ArrayLike) -> Points:
    """Return the points of the loss in 1 month where it is known, else of that in 6 months."""
    recent = graded(one_month, LOSS_1_MONTH, first=0, weight_loss_1_month=one_month)
    longer = graded(
        six_months, LOSS_6_MONTHS, first=0, weight_loss_1_month=one_month, weight_loss_6_months=six_months
    )
    known = ~np.isnan(np.asarray(one_month, dtype=float))
    return Points(
        np.where(known, recent.low, longer.low),
        np.where(known, recent.high, longer.high),
        {name: where & ~known for name, where in longer.missing.items()},
    )


PGSGA_SF = Definition(
    id="pgsga_sf",
    version="short form",
    source="Ottery FD. Nutrition 1996;12(1 Suppl):S15-S19 and the short form derived from it",
    source_verified=False,
    unverified=("points of weight loss (worksheet 1)", "triage bands below 9"),
    concept="nutritional risk",
    inputs=INPUTS,
    function=pgsga_sf,
    monotone=False,
    licence_note="The form is copyright of its author; its use needs permission. Arithmetic only.",
)

DEFINITIONS = (PGSGA_SF,)
