"""CTCAE version 5 grades from what a clinician saw: appetite, thrombosis, rash.

Flags are 1, 0 or NaN (not known).  A grade is told only where no unknown flag can change it; -1 is unknown.
Version 6 of these rows was not found: they are refused for it.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import Comparison, Truth, all_of, any_of, compare, from_flag
from euexia.criteria.bands import highest
from euexia.criteria.toxicity import Ctcae, only_version_5

Grades = NDArray[np.int8]

HIGHEST_GRADE = {
    "weight_loss": 3, "anorexia": 5, "neutrophils": 4, "platelets": 4, "lymphocytes": 4, "white_cells": 4,
    "haemoglobin": 5, "albumin": 5, "venous_thromboembolism": 5, "arterial_thromboembolism": 5,
    "rash_maculopapular": 3, "rash_acneiform": 5, "creatinine": 4, "calcium_high": 5, "calcium_low": 5,
    "alt": 4, "bilirubin": 4, "fatigue": 3, "muscle_weakness": 3,
}  # fmt: skip
"""The highest grade that a term of version 5 has."""


class RashSymptoms(IntEnum):
    """Worst symptoms that come with a rash."""

    NONE = 0
    MILD = 1
    MODERATE_OR_SEVERE = 2


def anorexia_grade(
    *,
    appetite_loss: ArrayLike,
    intake_altered: ArrayLike,
    significant_loss: ArrayLike,
    tube_or_parenteral: ArrayLike,
    life_threatening: ArrayLike = 0.0,
    death: ArrayLike = 0.0,
    version: Ctcae,
) -> Grades:
    """Return the grade of anorexia, 0 to 5.

    1: loss of appetite alone.  2: intake altered, or supplements.  3: significant weight loss or
    malnutrition, or tube or parenteral feeding.  4: life threatening.  5: death.
    """
    only_version_5("anorexia", version)
    third = any_of([from_flag(significant_loss), from_flag(tube_or_parenteral)])
    return highest(
        [
            from_flag(appetite_loss),
            from_flag(intake_altered),
            third,
            from_flag(life_threatening),
            from_flag(death),
        ]
    )


def venous_thromboembolism_grade(
    *,
    event: ArrayLike,
    medical_intervention: ArrayLike,
    urgent: ArrayLike,
    life_threatening: ArrayLike = 0.0,
    death: ArrayLike = 0.0,
    version: Ctcae,
) -> Grades:
    """Return the grade of a venous thromboembolic event, 0 to 5.

    1: any, no intervention (superficial).  2: medical intervention.  3: urgent (pulmonary embolism,
    intracardiac thrombus).  4: life threatening, haemodynamic or neurologic instability.  5: death.
    """
    only_version_5("venous thromboembolism", version)
    return highest([from_flag(x) for x in (event, medical_intervention, urgent, life_threatening, death)])


def arterial_thromboembolism_grade(
    *, urgent: ArrayLike, life_threatening: ArrayLike = 0.0, death: ArrayLike = 0.0, version: Ctcae
) -> Grades:
    """Return the grade of arterial thromboembolism: 0, 3 urgent, 4 threatens life, limb or organ, 5 death."""
    only_version_5("arterial thromboembolism", version)
    grade = highest([from_flag(x) for x in (urgent, life_threatening, death)])
    return np.where(grade > 0, grade + 2, grade).astype(np.int8)


def rash_maculopapular_grade(
    surface: ArrayLike, symptoms: ArrayLike, limits_self_care: ArrayLike = 0.0, *, version: Ctcae
) -> Grades:
    """Return the grade of a maculo-papular rash, 0 to 3.

    1: < 10 % of the body surface.  2: 10-30 %, or > 30 % with mild symptoms at most.  3: > 30 % with moderate
    or severe symptoms, or limits self care.

    surface: share of the body surface [1].  symptoms: of RashSymptoms, NaN if not known.
    """
    only_version_5("rash, maculo-papular", version)
    return highest(_rash(surface, symptoms, from_flag(limits_self_care)))


def rash_acneiform_grade(
    surface: ArrayLike,
    symptoms: ArrayLike,
    limits_self_care: ArrayLike = 0.0,
    *,
    local_superinfection: ArrayLike = 0.0,
    extensive_superinfection: ArrayLike = 0.0,
    death: ArrayLike = 0.0,
    version: Ctcae,
) -> Grades:
    """Return the grade of an acneiform rash, 0 to 5.

    1 to 3 as a maculo-papular rash, 3 also with local superinfection.  4: life threatening or extensive
    superinfection.  5: death.
    """
    only_version_5("rash, acneiform", version)
    third = any_of([from_flag(limits_self_care), from_flag(local_superinfection)])
    return highest([*_rash(surface, symptoms, third), from_flag(extensive_superinfection), from_flag(death)])


def _rash(surface: ArrayLike, symptoms: ArrayLike, otherwise: Truth) -> list[Truth]:
    """Return the levels 1, 2 and 3 of a rash; ``otherwise``: a condition that makes it grade 3 alone."""
    wide = all_of(
        [
            compare(surface, Comparison.ABOVE, 0.30),
            compare(symptoms, Comparison.AT_LEAST, RashSymptoms.MODERATE_OR_SEVERE),
        ]
    )
    return [
        compare(surface, Comparison.ABOVE, 0.0),
        compare(surface, Comparison.AT_LEAST, 0.10),
        any_of([wide, otherwise]),
    ]
