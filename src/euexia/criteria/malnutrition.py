"""Malnutrition by the global consensus of 2019 (GLIM), with its stages."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria.criterion import (
    Criterion,
    above,
    any_measured,
    any_of,
    at_least,
    at_most,
    below,
    choose,
    claimed,
    fixed,
    low_by_sex,
    stated,
)
from euexia.criteria.definition import CATEGORY, Definition, Input, asked
from euexia.criteria.inputs import AGE, BMI, FLUID, LARGEST_CHANGE, MALE, WEIGHT_LOSS_6_MONTHS, yes_no
from euexia.criteria.outcome import Codes, Outcome, answer

SOURCE = "Cederholm T, Jensen GL et al. Clin Nutr 2019;38:1-9; J Cachexia Sarcopenia Muscle 2019;10:207-217"
NAN = float("nan")

LOSS, LOSS_BEYOND = 0.05, 0.10
SEVERE_LOSS, SEVERE_LOSS_BEYOND = 0.10, 0.20
OLD = 70.0
"""Years from which the higher cut-off of BMI applies; the table prints "> 70", read as at least 70."""
LOW_BMI, LOW_BMI_OLD = 20.0, 22.0
LOW_BMI_ASIA, LOW_BMI_ASIA_OLD = 18.5, 20.0
SEVERE_BMI, SEVERE_BMI_OLD = 18.5, 20.0
HALF_INTAKE, HALF_INTAKE_DAYS, REDUCED_INTAKE_DAYS = 0.50, 7.0, 14.0

REGIONS = ("general", "asia")
ASIA = REGIONS.index("asia")
STAGES = ("not malnourished", "stage 1, moderate", "stage 2, severe")

INPUTS = (
    AGE,
    WEIGHT_LOSS_6_MONTHS,
    Input(
        name="weight_loss_beyond_6_months",
        kind="fraction",
        meaning="Share of body weight lost over more than 6 months",
        required=False,
        low=-LARGEST_CHANGE,
        high=LARGEST_CHANGE,
        spoiled_by_fluid=True,
    ),
    BMI,
    FLUID,
    Input(
        name="region",
        kind=CATEGORY,
        meaning="Cut-offs of BMI to apply; general unless stated, never inferred",
        required=False,
        categories=REGIONS,
    ),
    yes_no("reduced_muscle_mass", "Reduced muscle mass by a validated technique", required=True),
    yes_no("severe_muscle_deficit", "The muscle deficit is severe", absent_unless_stated=True),
    Input(
        name="intake_of_requirement",
        kind="fraction",
        meaning="Energy intake as a share of the requirement",
        required=False,
        low=0,
        high=3,
    ),
    Input(
        name="reduced_intake_duration",
        kind="duration",
        meaning="How long intake has been reduced; 0 if it is not",
        required=False,
        low=0,
    ),
    yes_no("chronic_gut_condition", "A chronic gastrointestinal condition impairs assimilation"),
    yes_no("acute_disease", "Acute disease or injury with inflammation"),
    yes_no("chronic_inflammatory_disease", "Chronic disease with inflammation"),
    yes_no("active_cancer", "Active malignancy"),
    yes_no("screened_not_at_risk", "A validated screening tool denies risk", absent_unless_stated=True),
)


@asked(*INPUTS)
def glim(
    *,
    age: ArrayLike = NAN,
    weight_loss_6_months: ArrayLike = NAN,
    weight_loss_beyond_6_months: ArrayLike = NAN,
    bmi: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    region: ArrayLike = -1,
    reduced_muscle_mass: ArrayLike = NAN,
    severe_muscle_deficit: ArrayLike = NAN,
    intake_of_requirement: ArrayLike = NAN,
    reduced_intake_duration: ArrayLike = NAN,
    chronic_gut_condition: ArrayLike = NAN,
    acute_disease: ArrayLike = NAN,
    chronic_inflammatory_disease: ArrayLike = NAN,
    active_cancer: ArrayLike = NAN,
    screened_not_at_risk: ArrayLike = NAN,
) -> Outcome:
    """Return whether GLIM malnutrition is present, and its stage.

    At least one phenotypic criterion (loss > 5 % in 6 months or > 10 % beyond; BMI < 20, < 22 from 70 years,
    in Asia < 18.5 and < 20; reduced muscle mass) and one etiologic (intake <= 50 % for more than a week, any
    reduction for more than 2 weeks, or impaired assimilation; acute or chronic inflammation, active cancer).
    Stage 2: loss > 10 % in 6 months or > 20 % beyond; BMI < 18.5, < 20 from 70 years; severe deficit.  Severe
    BMI is not defined for Asia: the stage is then open unless loss or muscle decides.

    The two windows of loss are alternatives: where only one is recorded, it decides.  A screen that was not
    done does not deny.  Losses and intake are fractions, durations days.
    """
    losses = (weight_loss_6_months, weight_loss_beyond_6_months)
    asia = np.asarray(region) == ASIA
    old = at_least(age, OLD, age=age)
    low_bmi = choose(
        asia,
        _bmi_below(bmi, old, LOW_BMI_ASIA, LOW_BMI_ASIA_OLD),
        _bmi_below(bmi, old, LOW_BMI, LOW_BMI_OLD),
    )
    phenotypic = {
        "weight_loss": _lost_more_than(LOSS, LOSS_BEYOND, *losses),
        "low_bmi": low_bmi,
        "reduced_muscle_mass": stated(reduced_muscle_mass=reduced_muscle_mass),
    }
    etiologic = {
        "reduced_intake": _reduced_intake(intake_of_requirement, reduced_intake_duration)
        | stated(chronic_gut_condition=chronic_gut_condition),
        "inflammation": stated(acute_disease=acute_disease)
        | stated(chronic_inflammatory_disease=chronic_inflammatory_disease)
        | stated(active_cancer=active_cancer),
    }
    severe_loss = _lost_more_than(SEVERE_LOSS, SEVERE_LOSS_BEYOND, *losses)
    severe_bmi = choose(
        asia,
        low_bmi & fixed(UNKNOWN),
        _bmi_below(bmi, old, SEVERE_BMI, SEVERE_BMI_OLD),
    )
    severe = severe_loss | severe_bmi | claimed(severe_muscle_deficit=severe_muscle_deficit)
    screened = ~claimed(screened_not_at_risk=screened_not_at_risk)
    present = any_of(list(phenotypic.values())) & any_of(list(etiologic.values())) & screened
    met = {**phenotypic, **etiologic, "severe_weight_loss": severe_loss, "severe_bmi": severe_bmi}
    return answer(present, met=met, category=_stage(present, severe), categories=STAGES)


def _lost_more_than(within: float, longer: float, recent: ArrayLike, beyond: ArrayLike) -> Criterion:
    """Return loss above its limit within or beyond 6 months; where only one is recorded, it decides."""
    return any_measured(
        [
            above(recent, within, weight_loss_6_months=recent),
            above(beyond, longer, weight_loss_beyond_6_months=beyond),
        ]
    )


def _bmi_below(bmi: ArrayLike, old: Criterion, cut: float, cut_if_old: float) -> Criterion:
    """Return BMI below its cut-off for the age; below the lower one age does not matter."""
    return below(bmi, cut, bmi=bmi) | (below(bmi, cut_if_old, bmi=bmi) & old)


def _reduced_intake(share: ArrayLike, days: ArrayLike) -> Criterion:
    """Return intake at or below half for more than a week, or reduced at all for more than two."""
    duration = {"reduced_intake_duration": days}
    half = at_most(share, HALF_INTAKE, intake_of_requirement=share) & above(
        days, HALF_INTAKE_DAYS, **duration
    )
    return half | above(days, REDUCED_INTAKE_DAYS, **duration)


def _stage(present: Criterion, severe: Criterion) -> Codes:
    """Return the index of the stage; -1 where it is open."""
    stage = np.where(severe.truth == TRUE, 2, np.where(severe.truth == FALSE, 1, -1))
    chosen = np.where(present.truth == TRUE, stage, np.where(present.truth == FALSE, 0, -1))
    return chosen.astype(np.int8)


GLIM = Definition(
    id="glim",
    version="2019",
    source=SOURCE,
    source_verified=True,
    unverified=("the update of 2025 is cited as leaving the core thresholds unchanged; not checked",),
    concept="malnutrition",
    inputs=INPUTS,
    function=glim,
    monotone=False,
)

FAT_FREE_INDEX = (17.0, 15.0)
APPENDICULAR_INDEX_DXA = (7.0, 5.5)
APPENDICULAR_INDEX_BIA = (7.0, 5.7)

MUSCLE_INPUTS = (
    MALE,
    Input(
        name="fat_free_mass_index",
        kind="body_mass_index",
        meaning="Fat-free mass over height squared",
        required=False,
        low=5,
        high=40,
    ),
    Input(
        name="appendicular_index_dxa",
        kind="body_mass_index",
        meaning="Appendicular lean mass over height squared, by DXA",
        required=False,
        low=1,
        high=20,
    ),
    Input(
        name="appendicular_index_bia",
        kind="body_mass_index",
        meaning="Appendicular lean mass over height squared, by bioimpedance (cut-offs for Asia)",
        required=False,
        low=1,
        high=20,
    ),
)


@asked(*MUSCLE_INPUTS)
def glim_muscle(
    *,
    male: ArrayLike = NAN,
    fat_free_mass_index: ArrayLike = NAN,
    appendicular_index_dxa: ArrayLike = NAN,
    appendicular_index_bia: ArrayLike = NAN,
) -> Outcome:
    """Return whether muscle mass is reduced by the cut-offs that GLIM gives as examples.

    Fat-free mass index < 17 / 15 kg/m2 (men / women); appendicular index by DXA < 7.0 / 5.5, by bioimpedance
    (Asia) < 7.0 / 5.7.  Alternative methods: one that is normal is enough for no, one that is low for yes.
    """
    methods = {
        "fat_free_mass_index": (fat_free_mass_index, FAT_FREE_INDEX),
        "appendicular_index_dxa": (appendicular_index_dxa, APPENDICULAR_INDEX_DXA),
        "appendicular_index_bia": (appendicular_index_bia, APPENDICULAR_INDEX_BIA),
    }
    arms = low_by_sex(methods, male)
    return answer(any_measured(list(arms.values())), met=arms)


GLIM_MUSCLE = Definition(
    id="glim_muscle",
    version="2019",
    source=SOURCE,
    source_verified=False,
    concept="low muscle",
    inputs=MUSCLE_INPUTS,
    function=glim_muscle,
    monotone=False,
)

DEFINITIONS = (GLIM, GLIM_MUSCLE)
