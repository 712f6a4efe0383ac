"""CTCAE terms as definitions of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from euexia.criteria import laboratory, toxicity, toxicity_clinical
from euexia.criteria.criterion import Floats
from euexia.criteria.definition import CATEGORY, Definition, Input
from euexia.criteria.inputs import (
    ALBUMIN,
    FLUID,
    HAEMOGLOBIN,
    LARGEST_CHANGE,
    LYMPHOCYTES,
    NEUTROPHILS,
    WHITE_CELLS,
    yes_no,
)
from euexia.criteria.outcome import Codes
from euexia.criteria.question import asking, grades
from euexia.criteria.toxicity import Ctcae, LiverTerm, LowTerm

TOXICITY = "toxicity"
CTCAE_SOURCES: Mapping[Ctcae, str] = {
    Ctcae.V5: laboratory.CTCAE5.source,
    Ctcae.V6: "US National Cancer Institute, Common Terminology Criteria for Adverse Events, version 6.0",
}

PLATELETS = Input(name="platelets", kind="cell_count", meaning="Platelets", low=0, high=2000)
CREATININE = Input(name="creatinine", kind="creatinine", meaning="Creatinine, serum", low=10, high=2000)
CALCIUM = Input(name="calcium", kind="calcium", meaning="Calcium, total, serum", low=1, high=5)
CORRECTED = replace(CALCIUM, name="corrected_calcium", meaning="Calcium corrected for albumin")
FILTRATION = Input(
    name="egfr",
    kind="filtration_rate",
    meaning="Estimated filtration rate by CKD-EPI, per 1.73 m2 of body surface",
    low=0,
    high=250,
)


def _limit(entry: Input, which: str) -> Input:
    """Return the input for a laboratory's limit of normal of a reading."""
    return replace(
        entry,
        name=f"{entry.name}_{which}_limit",
        meaning=f"{which.capitalize()} limit of normal, same reading",
    )


def _ctcae(term: str, version: Ctcae, *inputs: Input) -> Definition:
    return Definition(
        id=f"ctcae{version.value[0]}_{term}",
        version=version.value,
        source=CTCAE_SOURCES[version],
        source_verified=True,
        concept=TOXICITY,
        inputs=inputs,
        licence_note="Public domain.",
    )


# --- CTCAE, laboratory --------------------------------------------------------------------------------------

_LOW_READINGS: Mapping[LowTerm, Input] = {
    LowTerm.NEUTROPHILS: NEUTROPHILS,
    LowTerm.PLATELETS: PLATELETS,
    LowTerm.LYMPHOCYTES: LYMPHOCYTES,
    LowTerm.WHITE_CELLS: WHITE_CELLS,
    LowTerm.HAEMOGLOBIN: HAEMOGLOBIN,
    LowTerm.ALBUMIN: ALBUMIN,
    LowTerm.CORRECTED_CALCIUM: CORRECTED,
    LowTerm.FILTRATION: FILTRATION,
}
LIFE_THREATENING = yes_no("life_threatening", "Life-threatening consequences", absent_unless_stated=True)
DEATH = yes_no("toxic_death", "Death from it", absent_unless_stated=True)
TRANSFUSED = yes_no("transfusion_indicated", "A transfusion is indicated", absent_unless_stated=True)
_CLINICAL: Mapping[LowTerm, tuple[tuple[int, Input], ...]] = {
    LowTerm.HAEMOGLOBIN: ((3, TRANSFUSED), (4, LIFE_THREATENING), (5, DEATH)),
    LowTerm.ALBUMIN: ((4, LIFE_THREATENING), (5, DEATH)),
    LowTerm.CORRECTED_CALCIUM: ((5, DEATH),),
}
"""Clinical conditions that lift the grade of a term to a floor, beside its value."""


def _low(term: LowTerm, version: Ctcae, **readings: Floats) -> Codes:
    """Return the CTCAE grade of a low value: the worst of what the value and the clinical conditions say."""
    value = readings[_LOW_READINGS[term].name]
    limit = readings.get(_limit(_LOW_READINGS[term], "lower").name, np.asarray(np.nan))
    grade = toxicity.low_grade(term, value, limit, version=version)
    for floor, condition in _CLINICAL.get(term, ()):
        grade = toxicity.at_least_grade(grade, floor, readings[condition.name])
    return grade


def _low_definition(version: Ctcae, term: LowTerm) -> Definition:
    row = toxicity.LOW_ROWS[version][term]
    reading = _LOW_READINGS[term]
    limit = () if row.first is not None else (replace(_limit(reading, "lower"), required=False),)
    clinical = tuple(condition for _, condition in _CLINICAL.get(term, ()))
    name = "corrected_calcium_low" if term is LowTerm.CORRECTED_CALCIUM else term.value
    definition = _ctcae(name, version, reading, *limit, *clinical)
    return asking(definition, partial(_low, term, version), grades(5 if clinical else len(row.steps) + 1))


LOW = tuple(_low_definition(version, term) for version, rows in toxicity.LOW_ROWS.items() for term in rows)

LOSS = Input(
    name="weight_loss_since_baseline",
    kind="fraction",
    meaning="Share of body weight lost since the baseline of the trial (not since usual weight)",
    low=-LARGEST_CHANGE,
    high=LARGEST_CHANGE,
    spoiled_by_fluid=True,
)


def _ratio(name: str, meaning: str, *, required: bool = True) -> Input:
    return Input(name=name, kind="fraction", meaning=meaning, low=0, high=1000, required=required)


def _liver(term: LiverTerm, value: Floats, baseline: Floats) -> Codes:
    """Return the CTCAE grade of a liver test given as multiples of its upper limit of normal."""
    return toxicity.liver_grade(term, value, 1.0, baseline, version=Ctcae.V5)


def _liver_definition(term: LiverTerm, name: str) -> Definition:
    definition = _ctcae(
        term.value,
        Ctcae.V5,
        _ratio(name, "Reading, in multiples of the upper limit of normal"),
        _ratio(
            f"{name}_at_baseline",
            "Baseline reading, in multiples of the upper limit of normal",
            required=False,
        ),
    )
    names = {name: "value", f"{name}_at_baseline": "baseline"}
    return asking(definition, partial(_liver, term), grades(4), arguments=names)


def _high_calcium(corrected_calcium: Floats, upper_limit: Floats, death: Floats) -> Codes:
    """Return the CTCAE grade of high corrected calcium, 0 to 5."""
    grade = toxicity.high_calcium_grade(corrected_calcium, upper_limit, version=Ctcae.V5)
    return toxicity.at_least_grade(grade, 5, death)


OTHER = (
    asking(
        _ctcae("weight_loss", Ctcae.V5, LOSS, FLUID),
        partial(toxicity.weight_loss_grade, version=Ctcae.V5),
        grades(3),
        arguments={"weight_loss_since_baseline": "loss"},
    ),
    asking(
        _ctcae(
            "creatinine",
            Ctcae.V5,
            CREATININE,
            _limit(CREATININE, "upper"),
            replace(
                CREATININE, name="creatinine_at_baseline", meaning="Creatinine at baseline", required=False
            ),
        ),
        partial(toxicity.creatinine_grade, version=Ctcae.V5),
        grades(4),
        arguments={"creatinine_upper_limit": "upper_limit", "creatinine_at_baseline": "baseline"},
    ),
    _liver_definition(LiverTerm.ALT, "alt"),
    _liver_definition(LiverTerm.BILIRUBIN, "bilirubin_of_limit"),
    asking(
        _ctcae(
            "corrected_calcium_high",
            Ctcae.V5,
            CORRECTED,
            replace(_limit(CORRECTED, "upper"), required=False),
            DEATH,
        ),
        _high_calcium,
        grades(5),
        arguments={"corrected_calcium_upper_limit": "upper_limit", "toxic_death": "death"},
    ),
    asking(
        _ctcae(
            "limb_oedema",
            Ctcae.V5,
            _ratio("limb_discrepancy", "Share by which the larger limb exceeds the other"),
        ),
        partial(toxicity.limb_oedema_grade, version=Ctcae.V5),
        grades(3),
        arguments={"limb_discrepancy": "discrepancy"},
    ),
)

# --- CTCAE, clinical ----------------------------------------------------------------------------------------

SYMPTOMS = Input(
    name="rash_symptoms",
    kind=CATEGORY,
    meaning="Worst symptoms that come with the rash",
    required=False,
    categories=("none", "mild", "moderate or severe"),
)
SURFACE = Input(name="rash_surface", kind="fraction", meaning="Share of the body surface", low=0, high=1)
SELF_CARE = yes_no("rash_limits_self_care", "The rash limits self care", absent_unless_stated=True)
_RASH_NAMES = {
    "rash_surface": "surface",
    "rash_symptoms": "symptoms",
    "rash_limits_self_care": "limits_self_care",
}


def _maculopapular(*, surface: Floats, symptoms: Codes, limits_self_care: Floats) -> Codes:
    """Return the CTCAE grade of a maculo-papular rash, 0 to 3."""
    known = np.where(symptoms < 0, np.nan, symptoms)
    return toxicity_clinical.rash_maculopapular_grade(surface, known, limits_self_care, version=Ctcae.V5)


def _acneiform(*, surface: Floats, symptoms: Codes, limits_self_care: Floats, **worse: Floats) -> Codes:
    """Return the CTCAE grade of an acneiform rash, 0 to 5."""
    known = np.where(symptoms < 0, np.nan, symptoms)
    return toxicity_clinical.rash_acneiform_grade(surface, known, limits_self_care, version=Ctcae.V5, **worse)


_AFTERMATH = {"toxic_death": "death"}
CLINICAL = (
    asking(
        _ctcae(
            "anorexia",
            Ctcae.V5,
            yes_no("anorexia", "Loss of appetite", required=True),
            yes_no("intake_altered", "Intake altered, or supplements needed"),
            yes_no("significant_loss", "Significant weight loss or malnutrition"),
            yes_no("tube_or_parenteral", "Tube or parenteral feeding needed"),
            LIFE_THREATENING,
            DEATH,
        ),
        partial(toxicity_clinical.anorexia_grade, version=Ctcae.V5),
        grades(5),
        arguments={"anorexia": "appetite_loss", **_AFTERMATH},
    ),
    asking(
        _ctcae(
            "venous_thromboembolism",
            Ctcae.V5,
            yes_no("venous_thrombosis", "A venous thromboembolic event", required=True),
            yes_no("thrombosis_treated", "Medical intervention is indicated"),
            yes_no("thrombosis_urgent", "Urgent, such as pulmonary embolism or intracardiac thrombus"),
            LIFE_THREATENING,
            DEATH,
        ),
        partial(toxicity_clinical.venous_thromboembolism_grade, version=Ctcae.V5),
        grades(5),
        arguments={
            "venous_thrombosis": "event",
            "thrombosis_treated": "medical_intervention",
            "thrombosis_urgent": "urgent",
            **_AFTERMATH,
        },
    ),
    asking(
        _ctcae(
            "arterial_thromboembolism",
            Ctcae.V5,
            yes_no("arterial_thrombosis", "An arterial event that needs urgent intervention", required=True),
            LIFE_THREATENING,
            DEATH,
        ),
        partial(toxicity_clinical.arterial_thromboembolism_grade, version=Ctcae.V5),
        grades(5),
        arguments={"arterial_thrombosis": "urgent", **_AFTERMATH},
    ),
    asking(
        _ctcae("rash_maculopapular", Ctcae.V5, SURFACE, SYMPTOMS, SELF_CARE),
        _maculopapular,
        grades(3),
        arguments=_RASH_NAMES,
    ),
    asking(
        _ctcae(
            "rash_acneiform",
            Ctcae.V5,
            SURFACE,
            SYMPTOMS,
            SELF_CARE,
            yes_no("local_superinfection", "Local superinfection", absent_unless_stated=True),
            yes_no("extensive_superinfection", "Extensive superinfection", absent_unless_stated=True),
            DEATH,
        ),
        _acneiform,
        grades(5),
        arguments={**_RASH_NAMES, **_AFTERMATH},
    ),
)

DEFINITIONS = (*LOW, *OTHER, *CLINICAL)
