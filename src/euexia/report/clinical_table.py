"""A table as clinical study reports print it: number, title, population, columns, footnotes, source."""

from __future__ import annotations

from dataclasses import dataclass

from euexia.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalRow:
    """One row: a label, indented by ``indent`` steps, and a cell per column; a heading has no cells."""

    label: str
    cells: tuple[str, ...] = ()
    indent: int = 0

    @property
    def is_heading(self) -> bool:
        """Return whether the row only heads those below it."""
        return not self.cells


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalTable:
    """One numbered table.

    columns: heads of the columns beside the labels; a line break separates an arm from its ``(N=79)``.
    population: whom it is of, printed under the title.  source: what it was made from, and how to make it
    again.
    """

    number: str
    title: str
    population: str
    columns: tuple[str, ...]
    rows: tuple[ClinicalRow, ...]
    stub: str = ""
    """Head of the column of labels."""
    footnotes: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        """Raise InputError if a row does not fit the columns."""
        for row in self.rows:
            if row.cells and len(row.cells) != len(self.columns):
                raise InputError(
                    f"Table {self.number}: the row '{row.label}' has {len(row.cells)} cells for "
                    f"{len(self.columns)} columns."
                )

    @property
    def file_name(self) -> str:
        """Return its name as a file, without an ending: ``table-14.2.1``."""
        return f"table-{self.number}"
