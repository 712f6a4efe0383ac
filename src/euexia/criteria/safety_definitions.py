"""Tumour response, renal function, calcium and dosing labels as definitions of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from euexia.criteria import dosing_labels, laboratory
from euexia.criteria import tumour_response as tumour
from euexia.criteria.criterion import Floats
from euexia.criteria.definition import CATEGORY, Definition, Input
from euexia.criteria.inputs import AGE, ALBUMIN, FLUID, MALE, NEUTROPHILS, WEIGHT, yes_no
from euexia.criteria.outcome import Outcome, classified
from euexia.criteria.question import asking, one_of, truth_of, value_of
from euexia.criteria.toxicity_definitions import CALCIUM, CREATININE, PLATELETS

CLEARANCE = Input(
    name="creatinine_clearance",
    kind="renal_clearance",
    meaning="Creatinine clearance by Cockcroft and Gault, not per body surface",
    low=0,
    high=400,
)


# --- Tumour -------------------------------------------------------------------------------------------------


def _sum(name: str, meaning: str) -> Input:
    return Input(name=name, kind="length", meaning=meaning, low=0, high=2000)


TARGET = Input(
    name="target_response", kind=CATEGORY, meaning="Response of the targets", categories=tumour.CATEGORIES
)
NON_TARGET = Input(
    name="non_target_state",
    kind=CATEGORY,
    meaning="State of the non-target lesions; missing is not evaluated",
    required=False,
    categories=("complete response", "persistent", "progressive disease", "absent"),
)
NEW_LESION = yes_no("new_lesion", "A new lesion", required=True)
TUMOUR = (
    asking(
        replace(
            tumour.DEFINITION,
            concept="tumour response",
            inputs=(
                _sum("tumour_size_at_baseline", "Sum of target diameters at baseline"),
                _sum("tumour_size_nadir", "Smallest sum of target diameters so far, baseline included"),
                _sum("tumour_size", "Sum of target diameters now"),
            ),
        ),
        tumour.target_response,
        one_of(tumour.CATEGORIES),
        arguments={"tumour_size_at_baseline": "baseline", "tumour_size_nadir": "nadir", "tumour_size": "now"},
    ),
    asking(
        replace(
            tumour.DEFINITION,
            id="recist11_overall",
            source="Eisenhauer EA et al. Eur J Cancer 2009;45:228-247; overall response, with targets",
            concept="tumour response",
            inputs=(TARGET, NON_TARGET, NEW_LESION),
            monotone=False,
        ),
        tumour.overall_response,
        one_of(tumour.CATEGORIES),
        arguments={"target_response": "target", "non_target_state": "non_target"},
    ),
    asking(
        replace(
            tumour.DEFINITION,
            id="recist11_non_target",
            source="Eisenhauer EA et al. Eur J Cancer 2009;45:228-247; overall response, without targets",
            concept="tumour response",
            inputs=(replace(NON_TARGET, required=True, categories=NON_TARGET.categories[:3]), NEW_LESION),
        ),
        tumour.response_without_targets,
        one_of(tumour.OVERALL_CATEGORIES),
        arguments={"non_target_state": "non_target"},
    ),
)

# --- Kidneys, calcium, labels -------------------------------------------------------------------------------


def _clearance(*, fluid_retention: Floats, **readings: Floats) -> Floats:
    """Return creatinine clearance [mL/min] by Cockcroft and Gault; fluid retention spoils its weight."""
    return laboratory.creatinine_clearance(**readings)


KIDNEYS = (
    asking(
        replace(
            laboratory.COCKCROFT_GAULT,
            concept="renal function",
            inputs=(CREATININE, WEIGHT, AGE, MALE, FLUID),
        ),
        _clearance,
        value_of,
        arguments={"body_weight": "weight"},
    ),
    asking(
        Definition(
            id="ckdepi2021",
            version="2021",
            source="Inker LA et al. N Engl J Med 2021;385:1737-1749 (creatinine; no term for race)",
            source_verified=True,
            concept="renal function",
            inputs=(CREATININE, AGE, MALE),
        ),
        laboratory.filtration_rate,
        value_of,
    ),
    asking(
        Definition(
            id="corrected_calcium",
            version="1973",
            source="Payne RB et al. BMJ 1973;4:643-646",
            source_verified=True,
            inputs=(CALCIUM, ALBUMIN),
        ),
        laboratory.corrected_calcium,
        value_of,
    ),
)
LABEL_SOURCES: Mapping[dosing_labels.Region, str] = {
    dosing_labels.Region.US: "Revlimid (lenalidomide), US prescribing information",
    dosing_labels.Region.EU: "Revlimid (lenalidomide), EU summary of product characteristics",
}


def _dose(found: dosing_labels.RenalDose) -> Outcome:
    parts = {"dose_mg": found.dose, "days_between": found.days_between}
    return classified(found.adjustment, dosing_labels.ADJUSTMENTS, missing={}, parts=parts)


def _label(region: dosing_labels.Region, indication: dosing_labels.Indication) -> Definition:
    definition = Definition(
        id=f"lenalidomide_renal_{region.value.lower()}_{indication.value}",
        version="label",
        source=f"{LABEL_SOURCES[region]}; not approved for cachexia",
        source_verified=dosing_labels.LABELS[region, indication].source_verified,
        concept="dosing label",
        inputs=(
            replace(CLEARANCE, required=False),
            yes_no("dialysis", "On dialysis", required=True),
            Input(
                name="cycles_tolerated",
                kind="points",
                meaning="Cycles completed and tolerated (European label: more is allowed from 2 on)",
                required=False,
                low=0,
                high=1000,
                whole=1,
            ),
        ),
    )
    compute = partial(dosing_labels.lenalidomide_renal_dose, region=region, indication=indication)
    return asking(definition, compute, _dose)


_START = Definition(
    id="lenalidomide_eu_must_not_start",
    version="label 2024",
    source=LABEL_SOURCES[dosing_labels.Region.EU],
    source_verified=True,
    concept="dosing label",
    inputs=(NEUTROPHILS, PLATELETS),
    options={"platelets_below": "Platelets below which not to start; earlier texts print 75 or 30"},
)
LABELS = (
    *(_label(*row) for row in dosing_labels.LABELS),
    asking(_START, dosing_labels.must_not_start_eu, truth_of),
    asking(replace(_START, id="lenalidomide_eu_must_hold", options={}), dosing_labels.must_hold_eu, truth_of),
)

DEFINITIONS = (*TUMOUR, *KIDNEYS, *LABELS)
