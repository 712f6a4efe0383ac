"""How a table is laid out: which column is what, and in which unit, format and notation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from euexia.assess.vocabulary import is_known, known_names
from euexia.core import datafile
from euexia.core.choices import did_you_mean
from euexia.core.errors import DataFileError, Fault
from euexia.formats.text_numbers import Decimal

__all__ = ["Column", "Decimal", "Layout", "TableMapping", "load", "loads"]

KIND = "mapping"


class Layout(StrEnum):
    """What a row of the table is."""

    TIDY = "tidy"
    """One reading: patient, date, measure, value, unit."""
    WIDE = "wide"
    """One patient on one date, with a column for each measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column of a wide table, or a measure's name in a tidy one, stands for."""

    measure: str
    unit: str = ""
    """Unit of all its values; in a tidy table only where the row gives none."""
    days_before: float = 0.0
    """The reading was taken so many days before the date of the row (a weight remembered)."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Canonical value of each code, such as ``{M: 1, F: 0}``."""
    scale: float = 1.0
    """What the written number is multiplied with before its unit is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """The content of a mapping file; without one, a table is tidy and its columns have their own names."""

    layout: Layout = Layout.TIDY
    patient: str = "patient"
    """Column of the patient's identifier; empty: each row is a patient of its own, named by its number."""
    date: str = "date"
    """Column of the date; empty: every row is of ``fixed_date``."""
    fixed_date: str = ""
    date_format: str = ""
    """How a date is written, such as ``%d.%m.%Y``; empty: ISO, 2026-01-31."""
    decimal: Decimal = Decimal.POINT
    encoding: str = "utf-8"
    measure: str = "measure"
    value: str = "value"
    unit: str = "unit"
    """Column of the unit; empty: units come from ``columns``."""
    columns: Mapping[str, Column] = field(default_factory=dict)
    """Wide: what each column is.  Tidy: what a measure is called in this table."""
    skip_others: bool = False
    """Measures (tidy) that are not known are left out instead of being faults."""


def load(path: Path) -> TableMapping:
    """Return the mapping in a YAML file; raise DataFileError with every fault."""
    return loads(datafile.read_text(path), path.name)


def loads(text: str, file: str) -> TableMapping:
    """Return the mapping in YAML text; ``file`` is the name used in messages.  Raises DataFileError."""
    found = datafile.loads(text, file, KIND, TableMapping)
    faults = tuple(
        Fault(
            line=None,
            place=f"columns.{name}.measure",
            problem=f"there is no measure called '{column.measure}'.",
            remedy=did_you_mean(column.measure, known_names()),
        )
        for name, column in found.columns.items()
        if not is_known(column.measure)
    )
    if found.layout is Layout.WIDE and not found.columns:
        missing = Fault(
            line=None, place="columns", problem="a wide table needs them.", remedy="Name each column."
        )
        faults = (*faults, missing)
    if not found.date and not found.fixed_date:
        undated = Fault(line=None, place="date", problem="neither 'date' nor 'fixed_date' is given.")
        faults = (*faults, undated)
    if faults:
        raise DataFileError(file, KIND, faults)
    return found
