"""Screening for nutritional risk: arithmetic of published tools, without the wording of their items.

A total with a missing component is open, with the interval of totals that are still possible; risk is decided
as soon as both ends of that interval agree on it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from euexia.core.logic import Comparison
from euexia.criteria.criterion import above, any_of, at_least, at_most, below, stated
from euexia.criteria.definition import Definition, Input, asked
from euexia.criteria.inputs import (
    AGE,
    BMI,
    FLUID,
    WEIGHT_LOSS_1_MONTH,
    WEIGHT_LOSS_2_MONTHS,
    WEIGHT_LOSS_3_MONTHS,
    WEIGHT_LOSS_3_TO_6_MONTHS,
    yes_no,
)
from euexia.criteria.outcome import Outcome, scored
from euexia.criteria.points import Points, band_of, gated, graded, item, points_if, total, worst

NAN = float("nan")
ABOVE, AT_LEAST = Comparison.ABOVE, Comparison.AT_LEAST

# --- MUST ---------------------------------------------------------------------------------------------------

MUST_RISKS = ("low", "medium", "high")
MUST_CUTS = (1, 2)
MUST_BMI = ((AT_LEAST, 18.5, 1), (ABOVE, 20.0, 0))
MUST_LOSS = ((AT_LEAST, 0.05, 1), (ABOVE, 0.10, 2))
MUST_ACUTE, MUST_HIGH = 2, 2

MUST_INPUTS = (
    BMI,
    WEIGHT_LOSS_3_TO_6_MONTHS,
    FLUID,
    yes_no("acutely_ill", "Acutely ill", required=True),
    yes_no("no_intake_over_5_days", "No intake, or likely none, for more than 5 days", required=True),
)


@asked(*MUST_INPUTS)
def must(
    *,
    bmi: ArrayLike = NAN,
    weight_loss_3_to_6_months: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    acutely_ill: ArrayLike = NAN,
    no_intake_over_5_days: ArrayLike = NAN,
) -> Outcome:
    """Return the MUST total, 0 to 6, its risk (0 low, 1 medium, from 2 high) and whether it is high.

    BMI > 20: 0, 18.5-20: 1, below: 2.  Unplanned loss in 3 to 6 months < 5 %: 0, 5-10 %: 1, more: 2.  Acutely
    ill and no intake for more than 5 days: 2.  Surrogates for a missing height are not part of it.
    """
    ill = stated(acutely_ill=acutely_ill) & stated(no_intake_over_5_days=no_intake_over_5_days)
    parts = {
        "bmi": graded(bmi, MUST_BMI, first=2, bmi=bmi),
        "weight_loss": graded(
            weight_loss_3_to_6_months,
            MUST_LOSS,
            first=0,
            weight_loss_3_to_6_months=weight_loss_3_to_6_months,
        ),
        "acute": points_if(ill, MUST_ACUTE),
    }
    points = total(list(parts.values()))
    return scored(
        points,
        truth=points.reaches(AT_LEAST, MUST_HIGH),
        category=band_of(points, AT_LEAST, MUST_CUTS),
        categories=MUST_RISKS,
        parts=parts,
    )


MUST = Definition(
    id="must",
    version="2003",
    source="Elia M (ed). Malnutrition Advisory Group, BAPEN, 2003",
    source_verified=True,
    concept="nutritional risk",
    inputs=MUST_INPUTS,
    function=must,
    licence_note="The tool is copyright of BAPEN; reproducing it needs permission. Arithmetic only.",
)

# --- NRS 2002 -----------------------------------------------------------------------------------------------

NRS_INITIAL_BMI, NRS_RISK, NRS_OLD = 20.5, 3, 70.0
NRS_LOSS, NRS_SEVERE_LOSS, NRS_LOW_BMI, NRS_SEVERE_BMI = 0.05, 0.15, 20.5, 18.5
NRS_LOW_INTAKE, NRS_MIDDLE_INTAKE, NRS_HIGH_INTAKE = 0.25, 0.50, 0.75

NRS_INPUTS = (
    BMI,
    WEIGHT_LOSS_1_MONTH,
    WEIGHT_LOSS_2_MONTHS,
    WEIGHT_LOSS_3_MONTHS,
    FLUID,
    yes_no("impaired_general_condition", "Impaired general condition", required=True),
    Input(
        name="intake_of_requirement",
        kind="fraction",
        meaning="Intake of the last week as a share of the requirement",
        low=0,
        high=3,
    ),
    Input(
        name="disease_severity",
        kind="points",
        meaning="Severity of disease: 0 none; 1 solid tumour; 2 major surgery, blood cancer; 3 intensive",
        low=0,
        high=3,
        whole=1,
    ),
    yes_no("severely_ill", "Severely ill, as in intensive care", required=True),
    AGE,
)


@asked(*NRS_INPUTS)
def nrs2002(
    *,
    bmi: ArrayLike = NAN,
    weight_loss_1_month: ArrayLike = NAN,
    weight_loss_2_months: ArrayLike = NAN,
    weight_loss_3_months: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    impaired_general_condition: ArrayLike = NAN,
    intake_of_requirement: ArrayLike = NAN,
    disease_severity: ArrayLike = NAN,
    severely_ill: ArrayLike = NAN,
    age: ArrayLike = NAN,
    middle_intake: float = NRS_MIDDLE_INTAKE,
) -> Outcome:
    """Return the NRS 2002 total, 0 to 7, and whether there is nutritional risk (>= 3).

    Initial screen: BMI < 20.5, loss in 3 months, reduced intake last week, or severely ill; none gives 0.
    Nutrition, the worst of: loss > 5 % in 3 months 1, in 2 months 2, in 1 month (or > 15 % in 3) 3; with
    impaired general condition BMI 18.5-20.5 2, below 3; intake <= 75 % 1, <= 50 % 2, <= 25 % 3.  Disease 0 to
    3.  From 70 years 1 more.  Copies differ on the middle bound of intake: hence ``middle_intake``.
    """
    reduced = below(intake_of_requirement, 1, intake_of_requirement=intake_of_requirement)
    initial = {
        "low_bmi": below(bmi, NRS_INITIAL_BMI, bmi=bmi),
        "weight_loss": above(weight_loss_3_months, 0, weight_loss_3_months=weight_loss_3_months),
        "reduced_intake": reduced,
        "severely_ill": stated(severely_ill=severely_ill),
    }
    steps = ((ABOVE, NRS_LOW_INTAKE, 2), (ABOVE, middle_intake, 1), (ABOVE, NRS_HIGH_INTAKE, 0))
    parts = {
        "nutrition": worst(
            [
                _nrs_loss(weight_loss_1_month, weight_loss_2_months, weight_loss_3_months),
                _nrs_bmi(bmi, impaired_general_condition),
                graded(intake_of_requirement, steps, first=3, intake_of_requirement=intake_of_requirement),
            ]
        ),
        "disease": item(disease_severity, 0, 3, disease_severity=disease_severity),
        "age": points_if(at_least(age, NRS_OLD, age=age), 1),
    }
    points = gated(total(list(parts.values())), any_of(list(initial.values())))
    return scored(points, truth=points.reaches(AT_LEAST, NRS_RISK), parts=parts, met=initial)


def _nrs_loss(one: ArrayLike, two: ArrayLike, three: ArrayLike) -> Points:
    """Return the points of weight loss: the faster, the more."""
    severe = above(one, NRS_LOSS, weight_loss_1_month=one) | above(
        three, NRS_SEVERE_LOSS, weight_loss_3_months=three
    )
    return worst(
        [
            points_if(above(three, NRS_LOSS, weight_loss_3_months=three), 1),
            points_if(above(two, NRS_LOSS, weight_loss_2_months=two), 2),
            points_if(severe, 3),
        ]
    )


def _nrs_bmi(bmi: ArrayLike, impaired: ArrayLike) -> Points:
    """Return the points of a low body-mass index, which count with impaired general condition only."""
    condition = stated(impaired_general_condition=impaired)
    return worst(
        [
            points_if(at_most(bmi, NRS_LOW_BMI, bmi=bmi) & condition, 2),
            points_if(below(bmi, NRS_SEVERE_BMI, bmi=bmi) & condition, 3),
        ]
    )


NRS2002 = Definition(
    id="nrs2002",
    version="2002",
    source="Kondrup J et al. Clin Nutr 2003;22:321",
    source_verified=True,
    unverified=("middle bound of intake: copies print 50 % and 60 %",),
    concept="nutritional risk",
    inputs=NRS_INPUTS,
    function=nrs2002,
    options={"middle_intake": "share of the requirement at and below which intake scores 2"},
)

# --- MST ----------------------------------------------------------------------------------------------------

MST_KILOGRAMS = ((ABOVE, 0.0, 1), (ABOVE, 5.0, 2), (ABOVE, 10.0, 3), (ABOVE, 15.0, 4))
MST_UNSURE, MST_RISK = 2, 2

MST_INPUTS = (
    Input(
        name="kilograms_lost", kind="mass", meaning="Weight lost without trying; 0 if none", low=0, high=200
    ),
    yes_no("unsure_of_loss", "Unsure whether, or how much, weight was lost", absent_unless_stated=True),
    yes_no("eating_poorly", "Eats poorly because of appetite", required=True),
)


@asked(*MST_INPUTS)
def mst(
    *, kilograms_lost: ArrayLike = NAN, unsure_of_loss: ArrayLike = NAN, eating_poorly: ArrayLike = NAN
) -> Outcome:
    """Return the Malnutrition Screening Tool, 0 to 5, and whether there is risk (>= 2).

    Lost up to 5 kg 1, up to 10 2, up to 15 3, more 4; unsure 2 (which is not the same as blank).  Eating
    poorly 1.  The form in pounds has bins of its own.
    """
    known = graded(kilograms_lost, MST_KILOGRAMS, first=0, kilograms_lost=kilograms_lost)
    unsure = np.asarray(np.asarray(unsure_of_loss, dtype=float) == 1)
    loss = Points(
        np.where(unsure, MST_UNSURE, known.low),
        np.where(unsure, MST_UNSURE, known.high),
        {name: where & ~unsure for name, where in known.missing.items()},
    )
    points = loss + points_if(stated(eating_poorly=eating_poorly), 1)
    return scored(points, truth=points.reaches(AT_LEAST, MST_RISK), parts={"weight_loss": loss})


MST = Definition(
    id="mst",
    version="1999",
    source="Ferguson M et al. Nutrition 1999;15:458",
    source_verified=True,
    concept="nutritional risk",
    inputs=MST_INPUTS,
    function=mst,
    licence_note="The tool is copyright of its publisher. Arithmetic only.",
)

# --- The two questionnaires called SNAQ ---------------------------------------------------------------------

KRUIZENGA_BANDS = ("none", "moderate", "severe")
KRUIZENGA_CUTS, KRUIZENGA_RISK = (2, 3), 2
KRUIZENGA_LOSS_6_MONTHS, KRUIZENGA_LOSS_1_MONTH = 6.0, 3.0

KRUIZENGA_INPUTS = (
    Input(
        name="kilograms_lost_6_months",
        kind="mass",
        meaning="Weight lost in 6 months; 0 if none",
        low=0,
        high=200,
    ),
    Input(
        name="kilograms_lost_1_month",
        kind="mass",
        meaning="Weight lost in 1 month; 0 if none",
        low=0,
        high=100,
    ),
    yes_no("appetite_decreased", "Decreased appetite", required=True),
    yes_no("supplements_or_tube", "Supplements or tube feeding", required=True),
)


@asked(*KRUIZENGA_INPUTS)
def snaq_kruizenga(
    *,
    kilograms_lost_6_months: ArrayLike = NAN,
    kilograms_lost_1_month: ArrayLike = NAN,
    appetite_decreased: ArrayLike = NAN,
    supplements_or_tube: ArrayLike = NAN,
) -> Outcome:
    """Return the Short Nutritional Assessment Questionnaire; risk from 2 (moderate), severe from 3.

    The higher of: more than 6 kg lost in 6 months 3, more than 3 kg in 1 month 2.  Decreased appetite 1.
    Supplements or tube feeding 1.  High is bad; the questionnaire of the same letters runs the other way.
    """
    six = above(
        kilograms_lost_6_months, KRUIZENGA_LOSS_6_MONTHS, kilograms_lost_6_months=kilograms_lost_6_months
    )
    one = above(kilograms_lost_1_month, KRUIZENGA_LOSS_1_MONTH, kilograms_lost_1_month=kilograms_lost_1_month)
    points = total(
        [
            worst([points_if(six, 3), points_if(one, 2)]),
            points_if(stated(appetite_decreased=appetite_decreased), 1),
            points_if(stated(supplements_or_tube=supplements_or_tube), 1),
        ]
    )
    return scored(
        points,
        truth=points.reaches(AT_LEAST, KRUIZENGA_RISK),
        category=band_of(points, AT_LEAST, KRUIZENGA_CUTS),
        categories=KRUIZENGA_BANDS,
    )


SNAQ_KRUIZENGA = Definition(
    id="snaq_kruizenga",
    version="2005",
    source="Kruizenga HM et al. Clin Nutr 2005;24:75",
    source_verified=False,
    unverified=("points of the items",),
    concept="nutritional risk",
    inputs=KRUIZENGA_INPUTS,
    function=snaq_kruizenga,
    licence_note="The wording of the items is protected. Arithmetic only.",
)

WILSON_RISK = 14
WILSON_ITEMS = 4


def _wilson_item(number: int) -> Input:
    return Input(
        name=f"snaq_wilson_{number}", kind="points", meaning=f"Item {number}, 1 to 5", low=1, high=5, whole=1
    )


WILSON_INPUTS = tuple(_wilson_item(number) for number in range(1, WILSON_ITEMS + 1))


@asked(*WILSON_INPUTS)
def snaq_wilson(
    *,
    snaq_wilson_1: ArrayLike = NAN,
    snaq_wilson_2: ArrayLike = NAN,
    snaq_wilson_3: ArrayLike = NAN,
    snaq_wilson_4: ArrayLike = NAN,
) -> Outcome:
    """Return the Simplified Nutritional Appetite Questionnaire, 4 to 20, and the risk of weight loss (<= 14).

    Low is bad.  Any missing item leaves total and risk open.
    """
    items = (snaq_wilson_1, snaq_wilson_2, snaq_wilson_3, snaq_wilson_4)
    names = [entry.name for entry in WILSON_INPUTS]
    points = total([item(value, 1, 5, **{name: value}) for name, value in zip(names, items, strict=True)])
    return scored(points, truth=at_most(points.value, WILSON_RISK, **dict(zip(names, items, strict=True))))


SNAQ_WILSON = Definition(
    id="snaq_wilson",
    version="2005",
    source="Wilson MMG et al. Am J Clin Nutr 2005;82:1074",
    source_verified=True,
    concept="nutritional risk",
    inputs=WILSON_INPUTS,
    function=snaq_wilson,
    licence_note="The wording of the items is protected. Arithmetic only.",
)

DEFINITIONS = (MUST, NRS2002, MST, SNAQ_KRUIZENGA, SNAQ_WILSON)
