"""CTCAE grades from laboratory values and weight, by version of the criteria.

Printed ranges read "<a - b" as a > x >= b and ">a - b" as a < x <= b.  A grade is the worst of its legs; a
leg whose limit or baseline is missing is unknown, and the grade is told only where that leg cannot change it.
-1 is unknown.  Of version 6 only the rows of neutrophils and platelets were found: the others exist in
version 5 alone, and asking for them in version 6 is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.core.logic import TRUE, Comparison, Truth, all_of, any_of, compare, from_flag, negate
from euexia.criteria.bands import highest
from euexia.criteria.laboratory import NEUTROPHIL_STEPS, PLATELET_STEPS, grade_low_count

Grades = NDArray[np.int8]
Floats = NDArray[np.float64]


class Ctcae(StrEnum):
    """Version of the Common Terminology Criteria for Adverse Events; always stated by the caller."""

    V5 = "5.0"
    V6 = "6.0"


class LowTerm(StrEnum):
    """Quantities that are graded for being low."""

    NEUTROPHILS = "neutrophils"
    PLATELETS = "platelets"
    LYMPHOCYTES = "lymphocytes"
    WHITE_CELLS = "white_cells"
    HAEMOGLOBIN = "haemoglobin"
    ALBUMIN = "albumin"
    CORRECTED_CALCIUM = "corrected_calcium"
    FILTRATION = "egfr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Bounds below which grade 2, 3 ... begin; grade 1 begins below ``first``, else below normal."""

    steps: tuple[float, ...]
    first: float | None = None


LOW_ROWS: Mapping[Ctcae, Mapping[LowTerm, Row]] = {
    Ctcae.V5: {
        LowTerm.NEUTROPHILS: Row(steps=NEUTROPHIL_STEPS),
        LowTerm.PLATELETS: Row(steps=PLATELET_STEPS),
        LowTerm.LYMPHOCYTES: Row(steps=(0.8, 0.5, 0.2)),
        LowTerm.WHITE_CELLS: Row(steps=(3.0, 2.0, 1.0)),
        LowTerm.HAEMOGLOBIN: Row(steps=(100.0, 80.0)),
        LowTerm.ALBUMIN: Row(steps=(30.0, 20.0)),
        LowTerm.CORRECTED_CALCIUM: Row(steps=(2.0, 1.75, 1.5)),
        LowTerm.FILTRATION: Row(steps=(60.0, 30.0, 15.0)),
    },
    Ctcae.V6: {
        LowTerm.NEUTROPHILS: Row(first=1.5, steps=(1.0, 0.5, 0.1)),
        LowTerm.PLATELETS: Row(steps=(75.0, 50.0, 10.0)),
    },
}
"""Counts in 10^9/L, haemoglobin and albumin in g/L, calcium in mmol/L, filtration in mL/min/1.73 m2."""


def only_version_5(term: str, version: Ctcae) -> None:
    """Raise InputError for a version in which the row of the term was not found."""
    if version is not Ctcae.V5:
        raise InputError(
            f"The row of '{term}' in CTCAE {version.value} was not found: only version 5.0 is known here."
        )


def low_grade(term: LowTerm, value: ArrayLike, lower_limit: ArrayLike, *, version: Ctcae) -> Grades:
    """Return the grade of a low value, as far as the value alone decides it.

    value, lower_limit: value and lower limit of normal, in the unit of LOW_ROWS.  Clinical grades (life
    threatening, death) and transfusion are added with ``at_least_grade``.  Raises InputError for a row that
    was not found in that version.
    """
    if term not in LOW_ROWS[version]:
        only_version_5(term.value, version)
    row = LOW_ROWS[version][term]
    return grade_low_count(value, lower_limit if row.first is None else row.first, row.steps)


def at_least_grade(grade: Grades, floor: int, holds: ArrayLike) -> Grades:
    """Return the grade raised to ``floor`` where a clinical condition of that grade holds.

    holds: 1, 0 or NaN (not known).  Where it is not known, a grade below the floor becomes unknown.
    """
    condition = from_flag(holds)
    raised = np.where(condition == TRUE, np.maximum(grade, floor), -1)
    settled = negate(condition) == TRUE
    return np.where(settled | (grade >= floor), grade, raised).astype(np.int8)


WEIGHT_LOSS_STEPS = (0.05, 0.10, 0.20)


def weight_loss_grade(loss: ArrayLike, fluid_retention: ArrayLike = 0.0, *, version: Ctcae) -> Grades:
    """Return the grade of weight loss, 0 to 3: from 5, 10 and 20 % of the baseline of the trial.

    loss: share lost since trial baseline (not usual weight).  fluid_retention: 1 makes the grade unknown,
    since oedema can mask the loss.
    """
    only_version_5("weight loss", version)
    grade = highest([compare(loss, Comparison.AT_LEAST, step) for step in WEIGHT_LOSS_STEPS])
    return np.where(from_flag(fluid_retention) == TRUE, np.int8(-1), grade).astype(np.int8)


def creatinine_grade(
    creatinine: ArrayLike, upper_limit: ArrayLike, baseline: ArrayLike, *, version: Ctcae
) -> Grades:
    """Return the grade of increased creatinine, 0 to 4.

    1: > ULN.  2: > 1.5 ULN or > 1.5 baseline.  3: > 3 ULN or > 3 baseline.  4: > 6 ULN.

    creatinine, upper_limit, baseline: same unit, any.
    """
    only_version_5("creatinine", version)
    limit, start = np.asarray(upper_limit, dtype=float), np.asarray(baseline, dtype=float)
    levels = [
        compare(creatinine, Comparison.ABOVE, limit),
        any_of([_times(creatinine, 1.5, limit), _times(creatinine, 1.5, start)]),
        any_of([_times(creatinine, 3.0, limit), _times(creatinine, 3.0, start)]),
        _times(creatinine, 6.0, limit),
    ]
    return highest(levels)


class LiverTerm(StrEnum):
    """Liver tests that are graded by multiples of the upper limit, or of an abnormal baseline."""

    ALT = "alt"
    BILIRUBIN = "bilirubin"


_LIVER_STEPS: Mapping[LiverTerm, tuple[float, float, float]] = {
    LiverTerm.ALT: (3.0, 5.0, 20.0),
    LiverTerm.BILIRUBIN: (1.5, 3.0, 10.0),
}
_LIVER_FIRST: Mapping[LiverTerm, tuple[Comparison, float]] = {
    LiverTerm.ALT: (Comparison.AT_LEAST, 1.5),
    LiverTerm.BILIRUBIN: (Comparison.ABOVE, 1.0),
}
"""Where grade 1 begins, in multiples of an abnormal baseline."""


def liver_grade(
    term: LiverTerm, value: ArrayLike, upper_limit: ArrayLike, baseline: ArrayLike, *, version: Ctcae
) -> Grades:
    """Return the grade of ALT (> 1, 3, 5, 20) or bilirubin (> 1, 1.5, 3, 10 times the upper limit), 0 to 4.

    If the baseline was above the upper limit the multiples are of the baseline, and grade 1 begins at 1.5
    times (ALT) or above it (bilirubin).  Without a baseline only values up to the upper limit are graded.

    value, upper_limit, baseline: same unit, any.
    """
    only_version_5(term.value, version)
    limit, start = np.asarray(upper_limit, dtype=float), np.asarray(baseline, dtype=float)
    normal = compare(start, Comparison.AT_MOST, limit)
    comparison, first = _LIVER_FIRST[term]
    above_normal = compare(value, Comparison.ABOVE, limit)
    levels = [_either(normal, above_normal, compare(value, comparison, first * start))]
    levels += [
        _either(normal, _times(value, step, limit), _times(value, step, start)) for step in _LIVER_STEPS[term]
    ]
    return highest([all_of([above_normal, level]) for level in levels])


HIGH_CALCIUM_STEPS = (2.9, 3.1, 3.4)


def high_calcium_grade(corrected_calcium: ArrayLike, upper_limit: ArrayLike, *, version: Ctcae) -> Grades:
    """Return the grade of high corrected calcium [mmol/L], 0 to 4: above ULN, 2.9, 3.1 and 3.4."""
    only_version_5("corrected calcium", version)
    bounds = (np.asarray(upper_limit, dtype=float), *HIGH_CALCIUM_STEPS)
    return highest([compare(corrected_calcium, Comparison.ABOVE, bound) for bound in bounds])


FEVER_SINGLE, FEVER_SUSTAINED, FEBRILE_COUNT = 38.3, 38.0, 1.0


def febrile_neutropenia(
    neutrophils: ArrayLike, temperature: ArrayLike, temperature_held_an_hour: ArrayLike, *, version: Ctcae
) -> Truth:
    """Return whether there is febrile neutropenia, grade 3.

    Neutrophils < 1.0 AND (a single temperature > 38.3 OR >= 38.0 held for more than an hour).

    neutrophils: [10^9/L].  temperature: highest single reading [degree Celsius].  temperature_held_an_hour:
    highest temperature that was kept up for more than an hour.
    """
    only_version_5("febrile neutropenia", version)
    fever = any_of(
        [
            compare(temperature, Comparison.ABOVE, FEVER_SINGLE),
            compare(temperature_held_an_hour, Comparison.AT_LEAST, FEVER_SUSTAINED),
        ]
    )
    return all_of([compare(neutrophils, Comparison.BELOW, FEBRILE_COUNT), fever])


def limb_oedema_grade(discrepancy: ArrayLike, *, version: Ctcae) -> Grades:
    """Return the grade of limb oedema, 0 to 3: 5-10, > 10-30, > 30 % difference between the limbs.

    discrepancy: share by which the larger limb exceeds the other [1].
    """
    only_version_5("limb oedema", version)
    return highest(
        [
            compare(discrepancy, Comparison.AT_LEAST, 0.05),
            compare(discrepancy, Comparison.ABOVE, 0.10),
            compare(discrepancy, Comparison.ABOVE, 0.30),
        ]
    )


def _times(value: ArrayLike, factor: float, reference: Floats) -> Truth:
    """Return whether the value is above so many times the reference."""
    return compare(value, Comparison.ABOVE, factor * reference)


def _either(condition: Truth, if_true: Truth, if_false: Truth) -> Truth:
    """Return one truth where the condition holds and the other where it does not; both where unknown."""
    return any_of([all_of([condition, if_true]), all_of([negate(condition), if_false])])
