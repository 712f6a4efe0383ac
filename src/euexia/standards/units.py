"""Units as CDISC terminology, UCUM and laboratories print them, to the canonical unit of a measure."""

from __future__ import annotations

from euexia.core import quantities
from euexia.core.errors import UnitError
from euexia.criteria.measures import MEASURES
from euexia.criteria.written_units import measure_factor
from euexia.standards.codes import book

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
        return measure_factor(spelled, measure, known.kind)
    except UnitError as error:
        raise UnitError(f"'{unit}' is no unit of {known.label} ({known.unit or canonical}).") from error


def spell(unit: str) -> str:
    """Return the unit as ``core.quantities`` writes it; itself where it is not in the list."""
    return book().units.get(unit.strip().lower(), unit.strip())


def needs_upper_limit(unit: str, measure: str) -> bool:
    """Say whether a reading must be divided by its upper limit of normal: an activity of an enzyme."""
    return measure in ENZYMES and unit.strip().lower() in ENZYME_UNITS
