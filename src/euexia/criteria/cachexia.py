"""Definitions of cachexia by consensus, institute and trial; each has a name of its own, none is "cachexia".

The international consensus is in ``fearon``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from euexia.core.logic import Comparison
from euexia.criteria.criterion import (
    Criterion,
    above,
    all_of,
    any_of,
    at_least,
    below,
    by_sex,
    choose,
    claimed,
    count_at_least,
    counts,
    first_known,
    held,
    stated,
)
from euexia.criteria.definition import Definition, Input, asked
from euexia.criteria.inputs import (
    ALBUMIN,
    BMI,
    CRP,
    FLUID,
    HAEMOGLOBIN,
    HANDGRIP,
    INTERLEUKIN_6,
    MALE,
    WEIGHT_LOSS_2_MONTHS,
    WEIGHT_LOSS_3_TO_6_MONTHS,
    WEIGHT_LOSS_6_MONTHS,
    WEIGHT_LOSS_12_MONTHS,
    yes_no,
)
from euexia.criteria.outcome import Outcome, answer

NAN = float("nan")

CHRONIC_ILLNESS = yes_no("chronic_illness", "A chronic illness underlies, such as cancer", required=True)

# --- Evans 2008 ---------------------------------------------------------------------------------------------

EVANS_LOSS, EVANS_LOW_BMI, EVANS_COUNT = 0.05, 20.0, 3
EVANS_LOW_INTAKE, EVANS_LOW_SHARE = 20.0, 0.70
"""kcal/kg/day, and share of the usual intake, below which intake counts as anorexia."""
EVANS_APPENDICULAR = (7.25, 5.45)
"""kg/m2, men and women; a later consensus prints 7.26 for men."""
EVANS_CRP, EVANS_INTERLEUKIN_6, EVANS_HAEMOGLOBIN, EVANS_ALBUMIN = 5.0, 4.0, 120.0, 32.0

EVANS_INPUTS = (
    CHRONIC_ILLNESS,
    WEIGHT_LOSS_12_MONTHS,
    yes_no("weight_history_unavailable", "The weight history cannot be documented: BMI stands in for it"),
    BMI,
    FLUID,
    yes_no("low_strength", "Muscle strength in the lowest tertile of the reference group"),
    yes_no("fatigue", "Fatigue"),
    yes_no("anorexia", "Loss of appetite or low intake"),
    Input(
        name="intake_per_weight",
        kind="energy_rate_density",
        meaning="Energy intake per body weight; used where anorexia is not stated",
        required=False,
        low=0,
        high=100,
    ),
    Input(
        name="intake_of_usual",
        kind="fraction",
        meaning="Intake as a share of the usual one; used where anorexia is not stated",
        required=False,
        low=0,
        high=3,
    ),
    yes_no("low_fat_free_mass", "Low fat-free mass: arm muscle circumference < 10th centile, or by DXA"),
    Input(
        name="appendicular_index_dxa",
        kind="body_mass_index",
        meaning="Appendicular lean mass index by DXA; used where low_fat_free_mass is not stated",
        required=False,
        low=1,
        high=20,
    ),
    MALE,
    CRP,
    INTERLEUKIN_6,
    HAEMOGLOBIN,
    ALBUMIN,
    yes_no(
        "other_explanation",
        "Starvation, malabsorption, primary depression, hyperthyroidism or ageing explains it",
        absent_unless_stated=True,
    ),
)


@asked(*EVANS_INPUTS)
def evans2008(
    *,
    chronic_illness: ArrayLike = NAN,
    weight_loss_12_months: ArrayLike = NAN,
    weight_history_unavailable: ArrayLike = NAN,
    bmi: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    low_strength: ArrayLike = NAN,
    fatigue: ArrayLike = NAN,
    anorexia: ArrayLike = NAN,
    intake_per_weight: ArrayLike = NAN,
    intake_of_usual: ArrayLike = NAN,
    low_fat_free_mass: ArrayLike = NAN,
    appendicular_index_dxa: ArrayLike = NAN,
    male: ArrayLike = NAN,
    crp: ArrayLike = NAN,
    interleukin_6: ArrayLike = NAN,
    haemoglobin: ArrayLike = NAN,
    albumin: ArrayLike = NAN,
    other_explanation: ArrayLike = NAN,
) -> Outcome:
    """Return whether the definition of Evans 2008 is met, and how many of its five criteria surely are.

    Chronic illness, and oedema-free loss >= 5 % in at most 12 months (BMI < 20 only where the weight history
    cannot be documented), and at least 3 of 5: low strength; fatigue; anorexia (intake < 20 kcal/kg/day or
    < 70 % of usual); low fat-free mass (DXA index < 7.25 / 5.45 kg/m2); abnormal biochemistry, which counts
    once: CRP > 5 mg/L or IL-6 > 4 pg/mL or haemoglobin < 120 g/L or albumin < 32 g/L.
    """
    intake = below(intake_per_weight, EVANS_LOW_INTAKE, intake_per_weight=intake_per_weight) | below(
        intake_of_usual, EVANS_LOW_SHARE, intake_of_usual=intake_of_usual
    )
    lean = below(
        appendicular_index_dxa,
        by_sex(male, *EVANS_APPENDICULAR),
        appendicular_index_dxa=appendicular_index_dxa,
        male=male,
    )
    supporting = {
        "low_strength": stated(low_strength=low_strength),
        "fatigue": stated(fatigue=fatigue),
        "anorexia": first_known(stated(anorexia=anorexia), intake),
        "low_fat_free_mass": first_known(stated(low_fat_free_mass=low_fat_free_mass), lean),
        "abnormal_biochemistry": _evans_biochemistry(crp, interleukin_6, haemoglobin, albumin),
    }
    weight = _evans_weight(weight_loss_12_months, weight_history_unavailable, bmi)
    illness = stated(chronic_illness=chronic_illness)
    met = {"chronic_illness": illness, "weight": weight, **supporting}
    enough = count_at_least(EVANS_COUNT, list(supporting.values()))
    holds = illness & weight & enough & ~claimed(other_explanation=other_explanation)
    sure, _ = counts(list(supporting.values()))
    return answer(holds, met=met, parts={"supporting_criteria": sure.astype(float)})


def _evans_weight(loss: ArrayLike, unavailable: ArrayLike, bmi: ArrayLike) -> Criterion:
    """Return the weight criterion; BMI replaces the loss only where there is no weight history."""
    replaced = np.asarray(np.isnan(np.asarray(loss, dtype=float)) & (np.asarray(unavailable) == 1))
    lost = at_least(loss, EVANS_LOSS, weight_loss_12_months=loss)
    return choose(replaced, below(bmi, EVANS_LOW_BMI, bmi=bmi), lost)


def _evans_biochemistry(
    crp: ArrayLike, interleukin_6: ArrayLike, haemoglobin: ArrayLike, albumin: ArrayLike
) -> Criterion:
    """Return the one criterion that any abnormal value meets."""
    return any_of(
        [
            above(crp, EVANS_CRP, crp=crp),
            above(interleukin_6, EVANS_INTERLEUKIN_6, interleukin_6=interleukin_6),
            below(haemoglobin, EVANS_HAEMOGLOBIN, haemoglobin=haemoglobin),
            below(albumin, EVANS_ALBUMIN, albumin=albumin),
        ]
    )


EVANS2008 = Definition(
    id="evans2008",
    version="2008",
    source="Evans WJ et al. Clin Nutr 2008;27:793-799",
    source_verified=True,
    concept="cachexia",
    inputs=EVANS_INPUTS,
    function=evans2008,
    monotone=False,
)

# --- US National Cancer Institute ---------------------------------------------------------------------------

NCI_LOSS = 0.05

NCI_INPUTS = (
    WEIGHT_LOSS_6_MONTHS,
    FLUID,
    yes_no("fatigue", "Fatigue", required=True),
    yes_no("reduced_strength", "Reduced strength", required=True),
    yes_no("other_symptom", "Another symptom that the user's list names", absent_unless_stated=True),
)


@asked(*NCI_INPUTS)
def nci_wording(
    *,
    weight_loss_6_months: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    fatigue: ArrayLike = NAN,
    reduced_strength: ArrayLike = NAN,
    other_symptom: ArrayLike = NAN,
) -> Outcome:
    """Return whether loss >= 5 % in 6 months comes with any accompanying symptom.

    The page names fatigue and reduced strength only and leaves its list open: hence ``other_symptom``.  Not
    strict, unlike the international consensus: exactly 5 % counts here.
    """
    arms = {
        "weight_loss": at_least(weight_loss_6_months, NCI_LOSS, weight_loss_6_months=weight_loss_6_months),
        "symptoms": stated(fatigue=fatigue)
        | stated(reduced_strength=reduced_strength)
        | claimed(other_symptom=other_symptom),
    }
    return answer(all_of(list(arms.values())), met=arms)


NCI_WORDING = Definition(
    id="nci_wording",
    version="web page",
    source="US National Cancer Institute, web page on the treatment of cancer cachexia",
    source_verified=True,
    concept="cachexia",
    inputs=NCI_INPUTS,
    function=nci_wording,
)

# --- NCT01127386 --------------------------------------------------------------------------------------------

LOSS_2_MONTHS, LOSS_6_MONTHS, CRP_AT_LEAST = 0.02, 0.05, 30.0

NCT_INPUTS = (
    WEIGHT_LOSS_2_MONTHS,
    WEIGHT_LOSS_6_MONTHS,
    yes_no("ongoing_loss", "Weight is below that of 4 weeks ago", required=True),
    replace(FLUID, required=True, absent_unless_stated=False),
    CRP,
    yes_no("voluntary_weight_loss", "The loss was intended", absent_unless_stated=True),
    yes_no("other_cause_of_inflammation", "CRP is raised for another reason", absent_unless_stated=True),
)


@asked(*NCT_INPUTS)
def nct01127386(
    *,
    weight_loss_2_months: ArrayLike = NAN,
    weight_loss_6_months: ArrayLike = NAN,
    ongoing_loss: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    crp: ArrayLike = NAN,
    voluntary_weight_loss: ArrayLike = NAN,
    other_cause_of_inflammation: ArrayLike = NAN,
    crp_comparison: Comparison = Comparison.AT_LEAST,
) -> Outcome:
    """Return whether the weight and inflammation criterion of NCT01127386 is met.

    (involuntary loss >= 2 % in 2 months OR >= 5 % in 6 months) AND ongoing in the last 4 weeks AND no fluid
    retention AND CRP >= 30 mg/L without other cause.  "Ongoing" is not operationalised by the source: a
    weight below that of about 28 days ago is this project's reading.  The abstract prints CRP > 30: hence
    ``crp_comparison``.  It selects inflamed patients and is not the international consensus.
    """
    lost = any_of(
        [
            at_least(weight_loss_2_months, LOSS_2_MONTHS, weight_loss_2_months=weight_loss_2_months),
            at_least(weight_loss_6_months, LOSS_6_MONTHS, weight_loss_6_months=weight_loss_6_months),
        ]
    )
    arms = {
        "weight_loss": lost & ~claimed(voluntary_weight_loss=voluntary_weight_loss),
        "ongoing_loss": stated(ongoing_loss=ongoing_loss),
        "no_fluid_retention": ~stated(fluid_retention=fluid_retention),
        "inflammation": held(crp, crp_comparison, CRP_AT_LEAST, crp=crp)
        & ~claimed(other_cause_of_inflammation=other_cause_of_inflammation),
    }
    return answer(all_of(list(arms.values())), met=arms)


NCT01127386 = Definition(
    id="nct01127386",
    version="registry",
    source="Trial registration NCT01127386; Blum D et al. JCSM Rapid Commun 2022;5:68, doi:10.1002/rco2.54",
    source_verified=True,
    concept="cachexia",
    inputs=NCT_INPUTS,
    function=nct01127386,
    options={"crp_comparison": "operator of CRP against 30 mg/L; the abstract is strict"},
)

# --- AWGC 2023 ----------------------------------------------------------------------------------------------

AWGC_LOSS, AWGC_LOW_BMI, AWGC_CRP = 0.02, 21.0, 5.0
AWGC_GRIP = (28.0, 18.0)

AWGC_INPUTS = (
    CHRONIC_ILLNESS,
    WEIGHT_LOSS_3_TO_6_MONTHS,
    BMI,
    FLUID,
    yes_no("anorexia", "Loss of appetite", required=True),
    MALE,
    HANDGRIP,
    CRP,
)


@asked(*AWGC_INPUTS)
def awgc2023(
    *,
    chronic_illness: ArrayLike = NAN,
    weight_loss_3_to_6_months: ArrayLike = NAN,
    bmi: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    anorexia: ArrayLike = NAN,
    male: ArrayLike = NAN,
    handgrip_strength: ArrayLike = NAN,
    crp: ArrayLike = NAN,
    loss_comparison: Comparison = Comparison.ABOVE,
) -> Outcome:
    """Return whether the definition of the Asian Working Group for Cachexia is met.

    Chronic illness, and (loss > 2 % over 3 to 6 months or BMI < 21), and any of: anorexia; grip < 28 / 18 kg;
    CRP > 5 mg/L.  A page of a society prints >= 2 %: hence ``loss_comparison``.
    """
    loss = held(
        weight_loss_3_to_6_months,
        loss_comparison,
        AWGC_LOSS,
        weight_loss_3_to_6_months=weight_loss_3_to_6_months,
    )
    grip = {"handgrip_strength": handgrip_strength, "male": male}
    arms = {
        "chronic_illness": stated(chronic_illness=chronic_illness),
        "weight_or_bmi": loss | below(bmi, AWGC_LOW_BMI, bmi=bmi),
        "anorexia": stated(anorexia=anorexia),
        "low_grip": below(handgrip_strength, by_sex(male, *AWGC_GRIP), **grip),
        "inflammation": above(crp, AWGC_CRP, crp=crp),
    }
    supporting = arms["anorexia"] | arms["low_grip"] | arms["inflammation"]
    return answer(arms["chronic_illness"] & arms["weight_or_bmi"] & supporting, met=arms)


AWGC2023 = Definition(
    id="awgc2023",
    version="2023",
    source="Arai H et al. J Cachexia Sarcopenia Muscle 2023;14:1949-1958",
    source_verified=True,
    concept="cachexia",
    inputs=AWGC_INPUTS,
    function=awgc2023,
    options={"loss_comparison": "operator of the loss against 2 %; one page prints at least"},
)

DEFINITIONS = (EVANS2008, NCI_WORDING, NCT01127386, AWGC2023)
