"""The international consensus definition of cancer cachexia and its stages."""

from __future__ import annotations

from dataclasses import replace

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
    claimed,
    low_by_sex,
    stated,
)
from euexia.criteria.definition import Definition, Input, asked
from euexia.criteria.inputs import BMI, ECOG, FLUID, MALE, MUSCLE_INDEX, WEIGHT_LOSS_6_MONTHS, yes_no
from euexia.criteria.outcome import Codes, Outcome, answer
from euexia.criteria.weight_loss import MONTH

SOURCE = "Fearon K et al. Lancet Oncol 2011;12:489-495"
NAN = float("nan")

LOSS, LOSS_IF_DEPLETED, LOW_BMI = 0.05, 0.02, 20.0
LOW_PERFORMANCE, SHORT_SURVIVAL = 3, 3.0
"""WHO performance status from which, and months of life expectancy below which, cachexia is refractory."""

STAGES = ("none", "pre-cachexia", "cachexia", "refractory cachexia")
NONE, PRE, CACHEXIA, REFRACTORY = (np.int8(index) for index in range(len(STAGES)))

ARM_MUSCLE_AREA = (32.0, 18.0)
APPENDICULAR_INDEX = (7.26, 5.45)
LUMBAR_INDEX = (55.0, 39.0)
FAT_FREE_INDEX = (14.6, 11.4)
"""Cut-offs for men and women: cm2, kg/m2 (DXA), cm2/m2 (CT), kg/m2 (bioimpedance, without bone)."""


INPUTS = (
    WEIGHT_LOSS_6_MONTHS,
    BMI,
    yes_no("sarcopenia", "Low muscle mass by one of the methods of the source"),
    yes_no("starvation_only", "The loss is explained by simple starvation", absent_unless_stated=True),
    FLUID,
    yes_no("anorexia", "Loss of appetite"),
    yes_no("metabolic_change", "Metabolic change such as systemic inflammation"),
    replace(ECOG, required=False),
    yes_no("responsive_to_treatment", "The cancer still responds to anticancer treatment"),
    Input(name="life_expectancy", kind="duration", meaning="Expected survival", required=False, low=0),
    yes_no("procatabolic", "Disease that drives catabolism"),
)


@asked(*INPUTS)
def fearon2011(
    *,
    weight_loss_6_months: ArrayLike = NAN,
    bmi: ArrayLike = NAN,
    sarcopenia: ArrayLike = NAN,
    starvation_only: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    anorexia: ArrayLike = NAN,
    metabolic_change: ArrayLike = NAN,
    ecog: ArrayLike = NAN,
    responsive_to_treatment: ArrayLike = NAN,
    life_expectancy: ArrayLike = NAN,
    procatabolic: ArrayLike = NAN,
) -> Outcome:
    """Return whether cancer cachexia is present, and its stage.

    A: loss > 5 % in 6 months without simple starvation.  B: BMI < 20 and loss > 2 %.  C: sarcopenia and loss
    > 2 %.  Cachexia is A or B or C, all strict; the window of the 2 % is taken to be the same 6 months.
    Pre-cachexia: a loss above 0 and up to 5 % with anorexia and metabolic change, not cachexia.  Refractory:
    cachexia, procatabolic disease that no longer responds, WHO performance 3-4, survival < 3 months.

    Losses are fractions, bmi [kg/m2], life_expectancy [day]; flags 1, 0 or missing.  Without a weight history
    the answer is UNKNOWN even where BMI is below 20.
    """
    loss = {"weight_loss_6_months": weight_loss_6_months}
    some_loss = above(weight_loss_6_months, LOSS_IF_DEPLETED, **loss)
    arms = {
        "weight_loss": above(weight_loss_6_months, LOSS, **loss) & ~claimed(starvation_only=starvation_only),
        "low_bmi": below(bmi, LOW_BMI, bmi=bmi) & some_loss,
        "sarcopenia": stated(sarcopenia=sarcopenia) & some_loss,
    }
    cachexia = any_of(list(arms.values()))
    pre = (
        at_most(weight_loss_6_months, LOSS, **loss)
        & above(weight_loss_6_months, 0, **loss)
        & stated(anorexia=anorexia)
        & stated(metabolic_change=metabolic_change)
    )
    refractory = (
        stated(procatabolic=procatabolic)
        & ~stated(responsive_to_treatment=responsive_to_treatment)
        & at_least(ecog, LOW_PERFORMANCE, ecog=ecog)
        & below(life_expectancy, SHORT_SURVIVAL * MONTH, life_expectancy=life_expectancy)
    )
    return answer(cachexia, met=arms, category=_stage(cachexia, pre, refractory), categories=STAGES)


def _stage(cachexia: Criterion, pre: Criterion, refractory: Criterion) -> Codes:
    """Return the index of the stage, -1 where a missing reading leaves more than one."""
    early = np.where(pre.truth == TRUE, PRE, np.where(pre.truth == FALSE, NONE, UNKNOWN))
    late = np.where(
        refractory.truth == TRUE, REFRACTORY, np.where(refractory.truth == FALSE, CACHEXIA, UNKNOWN)
    )
    stage = np.where(cachexia.truth == TRUE, late, np.where(cachexia.truth == FALSE, early, UNKNOWN))
    return stage.astype(np.int8)


FEARON2011 = Definition(
    id="fearon2011",
    version="2011",
    source=SOURCE,
    source_verified=True,
    unverified=("performance status 3-4 in the refractory stage",),
    concept="cachexia",
    inputs=INPUTS,
    function=fearon2011,
)

SARCOPENIA_INPUTS = (
    MALE,
    Input(
        name="arm_muscle_area",
        kind="area",
        meaning="Mid-upper-arm muscle area",
        required=False,
        low=0,
        high=150,
    ),
    Input(
        name="appendicular_index_dxa",
        kind="body_mass_index",
        meaning="Appendicular lean mass over height squared, by DXA",
        required=False,
        low=1,
        high=20,
    ),
    replace(MUSCLE_INDEX, required=False),
    Input(
        name="fat_free_index_without_bone",
        kind="body_mass_index",
        meaning="Whole-body fat-free mass without bone over height squared, by bioimpedance",
        required=False,
        low=5,
        high=40,
    ),
)


@asked(*SARCOPENIA_INPUTS)
def fearon2011_sarcopenia(
    *,
    male: ArrayLike = NAN,
    arm_muscle_area: ArrayLike = NAN,
    appendicular_index_dxa: ArrayLike = NAN,
    skeletal_muscle_index: ArrayLike = NAN,
    fat_free_index_without_bone: ArrayLike = NAN,
) -> Outcome:
    """Return whether muscle is low by the operands that the consensus prints for its arm C.

    Mid-upper-arm muscle area < 32 / 18 cm2 (men / women); DXA appendicular index < 7.26 / 5.45 kg/m2; CT
    lumbar index < 55 / 39 cm2/m2; bioimpedance fat-free index without bone < 14.6 / 11.4 kg/m2.  They are
    alternative methods: one that is normal is enough for no, one that is low for yes.
    """
    methods = {
        "arm_muscle_area": (arm_muscle_area, ARM_MUSCLE_AREA),
        "appendicular_index_dxa": (appendicular_index_dxa, APPENDICULAR_INDEX),
        "skeletal_muscle_index": (skeletal_muscle_index, LUMBAR_INDEX),
        "fat_free_index_without_bone": (fat_free_index_without_bone, FAT_FREE_INDEX),
    }
    arms = low_by_sex(methods, male)
    return answer(any_measured(list(arms.values())), met=arms)


FEARON2011_SARCOPENIA = Definition(
    id="fearon2011_sarcopenia",
    version="2011",
    source=SOURCE,
    source_verified=False,
    concept="low muscle",
    inputs=SARCOPENIA_INPUTS,
    function=fearon2011_sarcopenia,
    monotone=False,
)

DEFINITIONS = (FEARON2011, FEARON2011_SARCOPENIA)
