"""From a value as written in a table to the canonical unit of its measure."""

from __future__ import annotations

from euexia.assess.vocabulary import Term
from euexia.core.errors import UnitError
from euexia.criteria import written_units


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
    try:
        return written_units.factor(written, term.id, term.kind)
    except UnitError as error:
        problem = f"'{unit}' is no unit of {term.label}."
        raise UnitError(f"{problem} Write {term.canonical}, or a unit of the same dimension.") from error
