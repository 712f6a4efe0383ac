"""Read the evidence that comes with the package: one file per published study."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from euexia.core import datafile
from euexia.core.choices import choose
from euexia.core.errors import DataFileError, Fault, UnitError
from euexia.evidence.quantity import canonical
from euexia.evidence.row import Row, Statistic, Study, Use

KIND = "evidence file"
FOLDERS = ("trials", "natural_history")


def shipped() -> tuple[str, ...]:
    """Return the identifiers of all studies that come with the package."""
    return tuple(sorted(_paths()))


@cache
def load(study: str) -> Study:
    """Return one study.  Raises UnknownNameError, or DataFileError with every fault of its file."""
    path = choose("published study", study, _paths())
    found = datafile.load(path, KIND, Study)
    faults = list(_faults(found, study))
    if faults:
        raise DataFileError(path.name, KIND, tuple(faults))
    return found


def find_row(study: str, row: str) -> Row:
    """Return one row of a study.  Raises UnknownNameError for a study or a row that is not there."""
    return choose("published result", row, load(study).rows, asked_in=f"study '{study}'")


def _paths() -> dict[str, Any]:
    root = files("euexia") / "data" / "evidence"
    return {
        path.name.removesuffix(".yaml"): path
        for folder in FOLDERS
        for path in (root / folder).iterdir()
        if path.name.endswith(".yaml")
    }


def _faults(study: Study, name: str) -> Iterator[Fault]:
    """Give what the types of an evidence file cannot say."""
    if study.id != name:
        yield Fault(line=None, place="id", problem=f"it is '{study.id}', but the file is called '{name}'.")
    for key, row in study.rows.items():
        for problem, remedy in _row_faults(row):
            yield Fault(line=None, place=f"rows.{key}", problem=problem, remedy=remedy)


def _row_faults(row: Row) -> Iterator[tuple[str, str]]:
    if row.use is not Use.CONTEXT and not row.verified:
        yield f"it is for {row.use}, but not verified.", "Verify it at its source, or use it as context."
    if row.use is not Use.CONTEXT and row.value is None:
        yield f"it is for {row.use}, but has no value.", "Give the value, or use it as context."
    if row.value is None and not (
        row.values or row.text or row.p is not None or row.note or row.low is not None
    ):
        yield "it says nothing.", "Give value, text, p, limits or a note."
    if row.statistic is Statistic.WORDS and row.value is not None:
        yield "it is said in words, but has a value.", "Name the kind of its value under 'statistic'."
    if (row.low is None) != (row.high is None) or (row.limits is None) != (row.low is None):
        yield "low, high and limits go together.", "Give all three or none."
    if row.low is not None and row.high is not None and row.low > row.high:
        yield f"low {row.low:g} is above high {row.high:g}.", "Exchange them."
    try:
        canonical(row)
    except UnitError as error:
        yield str(error), "Correct the unit, or take 'observable' away."
