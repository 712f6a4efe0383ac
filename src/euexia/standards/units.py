"""Units as CDISC terminology, UCUM and laboratories print them, to the canonical unit of a measure."""

from __future__ import annotations

from euexia.core import quantities
from euexia.core.errors import UnitError
from euexia.criteria.laboratory import CREATININE_UMOL_PER_MG_DL
from euexia.criteria.measures import MEASURES
from euexia.standards.codes import book

MOLAR = {"creatinine": CREATININE_UMOL_PER_MG_DL, "bilirubin": 17.1}
"""Canonical amount of substance in 1 mg/dL: the conventional factors of clinical chemistry."""
MASS_CONCENTRATION = "concentration"
ENZYMES = ("ast", "alt")
"""Measures whose canonical value is a multiple of the upper limit of normal."""
ENZYME_UNITS = ("u/l", "iu/l", "[iu]/l", "ukat/l")


def size_of(unit: str, measure: str) -> float:
    """Return the canonical size of one ``unit`` of a measure.

    Raises UnitError when the unit is unknown, of another dimension, or missing where it matters.
    """
    known = MEASURES[measure]
    if known.is_coded:
        return 1.0
    canonical = quantities.canonical_unit(known.kind)
    if not unit.strip():
        if canonical == "1" and measure not in ENZYMES:
            return 1.0
        raise UnitError(f"{known.label} has no unit. Say it: {known.unit or canonical}, for example.")
    spelled = spell(unit)
    if unit.strip() == known.unit:
        return 1.0
    try:
        return _factor(spelled, measure, known.kind)
    except UnitError as error:
        raise UnitError(f"'{unit}' is no unit of {known.label} ({known.unit or canonical}).") from error


def spell(unit: str) -> str:
    """Return the unit as ``core.quantities`` writes it; itself where it is not in the list."""
    return book().units.get(unit.strip().lower(), unit.strip())


def needs_upper_limit(unit: str, measure: str) -> bool:
    """Say whether a reading must be divided by its upper limit of normal: an activity of an enzyme."""
    return measure in ENZYMES and unit.strip().lower() in ENZYME_UNITS


def _factor(unit: str, measure: str, kind: str) -> float:
    molar = MOLAR.get(measure)
    if molar is not None:
        try:
            per = quantities.factor("mg/dL", MASS_CONCENTRATION)
            return molar * quantities.factor(unit, MASS_CONCENTRATION) / per
        except UnitError:
            pass  # an amount of substance, as the canonical unit is
    return quantities.factor(unit, kind)
