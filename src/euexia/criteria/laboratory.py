"""Renal function and grades of laboratory toxicity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import TRUE, Comparison, compare
from euexia.criteria.definition import Definition

Floats = NDArray[np.float64]
Grades = NDArray[np.int8]

CREATININE_UMOL_PER_MG_DL = 88.42
"""Micromoles per litre in one mg/dL of creatinine; sources that print 88.4 round it."""

COCKCROFT_GAULT = Definition(
    id="cockcroft_gault",
    version="1976",
    source="Cockcroft DW, Gault MH. Nephron 1976;16:31-41 (actual body weight)",
    source_verified=True,
)

CTCAE5 = Definition(
    id="ctcae5",
    version="5.0",
    source="US National Cancer Institute, Common Terminology Criteria for Adverse Events, version 5.0, 2017",
    source_verified=True,
)

NEUTROPHIL_STEPS = (1.5, 1.0, 0.5)
"""Counts [10^9/L] below which grade 2, 3 and 4 begin."""
PLATELET_STEPS = (75.0, 50.0, 25.0)

UNKNOWN_GRADE = np.int8(-1)


def creatinine_clearance(creatinine: ArrayLike, weight: ArrayLike, age: ArrayLike, male: ArrayLike) -> Floats:
    """Return creatinine clearance [mL/min] by Cockcroft and Gault.

    (140 - age) W / (72 Scr), times 0.85 in women.

    creatinine: serum creatinine [umol/L]; Scr in the formula is in mg/dL.  weight: W, actual body weight
    [kg]. age: [year].  male: 1 man, 0 woman; any other value gives NaN.  NaN where an input is missing, where
    creatinine is not positive or age is over 140.
    """
    serum = np.asarray(creatinine, dtype=float) / CREATININE_UMOL_PER_MG_DL
    years = np.asarray(age, dtype=float)
    sex = np.asarray(male, dtype=float)
    factor = np.where(sex == 1, 1.0, np.where(sex == 0, 0.85, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        clearance = (140 - years) * np.asarray(weight, dtype=float) / (72 * serum) * factor
        usable = (serum > 0) & (years <= 140)
    return np.where(usable, clearance, np.nan)


ADULT_FROM = 18.0


def filtration_rate(creatinine: ArrayLike, age: ArrayLike, male: ArrayLike) -> Floats:
    """Return the estimated filtration rate [mL/min/1.73 m2] by CKD-EPI 2021, which has no term for race.

    142 min(S/k, 1)^a max(S/k, 1)^-1.2 0.9938^age, times 1.012 in women; k = 0.7 and a = -0.241 in women, 0.9
    and -0.302 in men.

    creatinine: serum creatinine [umol/L]; S is it in mg/dL.  age: [year]; NaN below 18.  male: 1 or 0; any
    other value gives NaN.  Little muscle raises it falsely.  It is indexed to body surface: labels dose by
    creatinine clearance [mL/min], which it does not replace.
    """
    years = np.asarray(age, dtype=float)
    sex = np.asarray(male, dtype=float)
    scale = np.where(sex == 1, 0.9, np.where(sex == 0, 0.7, np.nan))
    exponent = np.where(sex == 1, -0.302, -0.241)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray(creatinine, dtype=float) / CREATININE_UMOL_PER_MG_DL / scale
        rate = 142 * np.minimum(ratio, 1) ** exponent * np.maximum(ratio, 1) ** -1.2 * 0.9938**years
        usable = (ratio > 0) & (years >= ADULT_FROM)
    return np.where(usable, rate * np.where(sex == 0, 1.012, 1.0), np.nan)


def corrected_calcium(calcium: ArrayLike, albumin: ArrayLike) -> Floats:
    """Return calcium corrected for albumin [mmol/L], Ca + 0.02 (40 - albumin).

    calcium: total [mmol/L].  albumin: [g/L]; NaN without it.  Poor in severe hypoalbuminaemia, where ionised
    calcium is preferred.
    """
    return np.asarray(calcium, dtype=float) + 0.02 * (40 - np.asarray(albumin, dtype=float))


def grade_low_count(count: ArrayLike, lower_limit: ArrayLike, steps: Sequence[float]) -> Grades:
    """Return the CTCAE grade of a low count.

    Grade 1 begins below the lower limit of normal, the next ones below each of ``steps``.

    The printed range "<a - b" is a > x >= b.  count, lower_limit: same unit.  A missing count gives -1; with
    a missing limit the higher grades are still decided and the rest is -1.
    """
    values, limits = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(lower_limit, dtype=float))
    grade = np.where(np.isnan(values) | np.isnan(limits), UNKNOWN_GRADE, 0).astype(np.int8)
    bounds = [limits, *(np.full_like(limits, step) for step in steps)]
    for number, bound in enumerate(bounds, start=1):
        grade = np.where(compare(values, Comparison.BELOW, bound) == TRUE, np.int8(number), grade)
    return grade


def neutropenia_grade(neutrophils: ArrayLike, lower_limit: ArrayLike) -> Grades:
    """Return the CTCAE v5 grade, 0 to 4, of a neutrophil count; both arguments in 10^9/L; -1 unknown."""
    return grade_low_count(neutrophils, lower_limit, NEUTROPHIL_STEPS)


def thrombocytopenia_grade(platelets: ArrayLike, lower_limit: ArrayLike) -> Grades:
    """Return the CTCAE v5 grade, 0 to 4, of a platelet count; both arguments in 10^9/L; -1 unknown."""
    return grade_low_count(platelets, lower_limit, PLATELET_STEPS)
