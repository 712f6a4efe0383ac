"""Printed values of published rows in the units of this package."""

from __future__ import annotations

from dataclasses import replace

from euexia.core import quantities
from euexia.core.choices import choose
from euexia.core.errors import UnitError
from euexia.criteria.measures import MEASURES, Measure
from euexia.evidence.row import Row, Statistic
from euexia.protocol.statement import Quantity

PERCENT = "%"
SHARES = (Quantity.PERCENT_CHANGE, Quantity.PERCENT_LOSS)


def canonical(row: Row) -> Row | None:
    """Return a row in the canonical unit of what it observes; None where it observes nothing of this package.

    Percentages become fractions, and so do percent changes; counts and words keep their values.  Raises
    UnitError when the printed unit cannot be converted, UnknownNameError for an unknown observable.
    """
    if not row.observable or row.statistic in (Statistic.WORDS, Statistic.COUNT):
        return None
    measure = choose("measure", row.observable, MEASURES, asked_in=f"row of {row.measure}")
    if row.of in SHARES or row.statistic is Statistic.PERCENT:
        if row.unit != PERCENT:
            raise UnitError(f"a share of '{row.measure}' is printed in '{row.unit}', not in %.")
        return _scaled(row, 0.01, "1")
    if not row.unit and row.value is None:
        return None
    return _scaled(row, _factor(row.unit, measure), measure.unit)


def _factor(unit: str, measure: Measure) -> float:
    """Return by what a printed value is multiplied to be in the canonical unit of a measure."""
    canonical_unit = quantities.canonical_unit(measure.kind)
    if unit in (measure.unit, canonical_unit, "points" if canonical_unit == "1" else canonical_unit):
        return 1.0
    return float(quantities.convert(1.0, unit, measure.kind))


def _scaled(row: Row, factor: float, unit: str) -> Row:
    def scale(value: float | None) -> float | None:
        return None if value is None else value * factor

    return replace(
        row,
        value=scale(row.value),
        values=tuple(value * factor for value in row.values),
        low=scale(row.low),
        high=scale(row.high),
        sd=scale(row.sd),
        se=scale(row.se),
        unit=unit,
    )
