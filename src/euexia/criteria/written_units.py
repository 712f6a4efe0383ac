"""From a unit as people, tables and laboratories write it to the canonical unit of what was measured."""

from __future__ import annotations

from euexia.core import quantities, ucum
from euexia.core.errors import UnitError
from euexia.criteria.laboratory import CREATININE_UMOL_PER_MG_DL

SPELLINGS = {
    "×10⁹/l": "10^9/L",
    "x10^9/l": "10^9/L",
    "x10e9/l": "10^9/L",
    "10*9/l": "10^9/L",
    "10^3/ul": "10^9/L",
    "10*3/ul": "10^9/L",
    "10*3/mm3": "10^9/L",
    "k/ul": "10^9/L",
    "gi/l": "10^9/L",
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
    "kgf": "kg",
    "cm2": "cm^2",
    "cm²": "cm^2",
    "mm2": "mm^2",
    "mm²": "mm^2",
    "kg/m2": "kg/m^2",
    "kg/m²": "kg/m^2",
    "cm2/m2": "cm^2/m^2",
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


def factor(unit: str, name: str, kind: str) -> float:
    """Return the canonical size of one written ``unit`` of what is called ``name`` and is of a kind.

    Spellings of tables come first, then the unit as it stands, in small letters, and as UCUM.  Raises
    UnitError when the unit is unknown or of another dimension.
    """
    written = unit.strip()
    tried = SPELLINGS.get(written.lower(), written)
    for candidate in dict.fromkeys((tried, tried.lower())):
        try:
            return measure_factor(candidate, name, kind)
        except UnitError:
            continue
    return measure_factor(ucum.spelled(written), name, kind)


def measure_factor(unit: str, name: str, kind: str) -> float:
    """Return the canonical size of one ``unit``, spelled as ``core.quantities`` has it, of what is named.

    A mass per volume becomes an amount of substance by the factor of ``MOLAR``.  Raises UnitError when
    the unit is unknown or of another dimension.
    """
    molar = MOLAR.get(name)
    if molar is not None and _is_mass_concentration(unit):
        per = quantities.factor("mg/dL", MASS_PER_VOLUME)
        return molar * quantities.factor(unit, MASS_PER_VOLUME) / per
    return quantities.factor(unit, kind)


def _is_mass_concentration(unit: str) -> bool:
    try:
        quantities.factor(unit, MASS_PER_VOLUME)
    except UnitError:
        return False
    return True
