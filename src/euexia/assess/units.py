"""From a value as written in a table to the canonical unit of its measure."""

from __future__ import annotations

from euexia.assess.vocabulary import Term
from euexia.core import quantities
from euexia.core.errors import UnitError
from euexia.criteria.laboratory import CREATININE_UMOL_PER_MG_DL

SPELLINGS = {
    "×10⁹/l": "10^9/L",
    "x10^9/l": "10^9/L",
    "x10e9/l": "10^9/L",
    "10*9/l": "10^9/L",
    "10^3/ul": "10^9/L",
    "10*3/ul": "10^9/L",
    "k/ul": "10^9/L",
    "g/l": "g/L",
    "cells/mm3": "1/uL",
    "cells/ul": "1/uL",
    "/mm3": "1/uL",
    "/ul": "1/uL",
    "yr": "year",
    "yrs": "year",
    "years": "year",
    "lbs": "lb",
    "kilograms": "kg",
    "cm2": "cm^2",
    "cm²": "cm^2",
    "mm2": "mm^2",
    "mm²": "mm^2",
    "score": "points",
    "uln": "points",
    "x uln": "points",
    "× uln": "points",
    "steps": "1/day",
    "steps/day": "1/day",
    "kcal": "kcal/day",
    "kj": "kJ/day",
}
"""Ways of writing a unit that tables use, in small letters, and what they mean."""

MOLAR = {
    "creatinine": CREATININE_UMOL_PER_MG_DL,
    "bilirubin": 17.1,
    "calcium": 0.2495,
}
"""Canonical amount of substance in 1 mg/dL, by measure: clinical chemistry's conventional factors."""

MASS_PER_VOLUME = "concentration"


def size_of(unit: str, term: Term) -> float:
    """Return the canonical size of one ``unit`` of a measure.

    Raises UnitError when the unit is unknown, of another dimension, or missing where it matters.
    """
    written = unit.strip()
    if term.is_coded:
        return 1.0
    if not written:
        if term.canonical == "1":
            return 1.0
        raise UnitError(f"{term.label} has no unit. Write {term.canonical}, or the unit it was measured in.")
    if written == term.unit:
        return 1.0
    spelled = SPELLINGS.get(written.lower(), written)
    try:
        return _factor(spelled, term)
    except UnitError as error:
        try:
            return _factor(spelled.lower(), term)
        except UnitError:
            problem = f"'{unit}' is no unit of {term.label}."
            raise UnitError(f"{problem} Write {term.canonical}, or a unit of the same dimension.") from error


def _factor(unit: str, term: Term) -> float:
    molar = MOLAR.get(term.id)
    if molar is not None and _is_mass_concentration(unit):
        per = quantities.factor("mg/dL", MASS_PER_VOLUME)
        return molar * quantities.factor(unit, MASS_PER_VOLUME) / per
    return quantities.factor(unit, term.kind)


def _is_mass_concentration(unit: str) -> bool:
    try:
        quantities.factor(unit, MASS_PER_VOLUME)
    except UnitError:
        return False
    return True
