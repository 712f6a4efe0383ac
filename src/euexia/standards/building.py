"""Columns to a CDISC dataset with its labels, types, lengths and keys, as the list of datasets says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from euexia.formats.dataset import (
    Column,
    Dataset,
    DataType,
    Metadata,
    TargetType,
    Variable,
    is_blank,
)
from euexia.standards.codes import VariableEntry, layout

NUMBER_LENGTH = 8
LONGEST_TEXT = 200
TYPES = {
    "text": DataType.STRING,
    "integer": DataType.INTEGER,
    "float": DataType.FLOAT,
    "date": DataType.DATE,
}
KEPT = ("required", "expected")


def build(name: str, study: str, columns: Mapping[str, Column], *, keep: tuple[str, ...] = ()) -> Dataset:
    """Return a dataset whose variables stand in the order of the list.

    A permissible variable without a value is left out unless it is in ``keep``; without a column it is empty.
    """
    entry = layout(name)
    records = len(next(iter(columns.values())))
    chosen: dict[str, Column] = {}
    variables = []
    for one in entry.variables:
        column = columns.get(one.name)
        if column is None:
            column = _blank(one, records)
        if one.core not in KEPT and one.name not in keep and bool(is_blank(column).all()):
            continue
        chosen[one.name] = column
        variables.append(_variable(one, column, name, entry.keys))
    return Dataset(
        name=name,
        label=entry.label,
        variables=tuple(variables),
        columns=chosen,
        metadata=Metadata(
            study_oid=study,
            metadata_version_oid=f"MDV.{study}",
            metadata_ref="define.xml",
            item_group_oid=f"IG.{name}",
            originator="Euexia",
            system="Euexia",
        ),
    )


def constant(text: str | None, records: int) -> Column:
    """Return a column of one text."""
    column = np.empty(records, dtype=object)
    column[:] = text
    return column


def either(chosen: npt.NDArray[np.bool_], text: Column | str | None, other: str | None = None) -> Column:
    """Return a column of a text where a condition holds, and of another elsewhere."""
    column = constant(other, len(chosen))
    column[chosen] = text[chosen] if isinstance(text, np.ndarray) else text
    return column


def sequence(subject: Column) -> Column:
    """Number the records of each subject from 1; the records of a subject stand together or not."""
    seen: dict[object, int] = {}
    numbers = np.empty(len(subject), dtype=np.float64)
    for row, who in enumerate(subject.tolist()):
        seen[who] = seen.get(who, 0) + 1
        numbers[row] = seen[who]
    return numbers


def _blank(entry: VariableEntry, records: int) -> Column:
    return np.full(records, np.nan) if TYPES[entry.type].is_number else constant(None, records)


def _variable(entry: VariableEntry, column: Column, dataset: str, keys: tuple[str, ...]) -> Variable:
    kind = TYPES[entry.type]
    is_date = kind is DataType.DATE
    return Variable(
        name=entry.name,
        label=entry.label,
        data_type=kind,
        target_type=TargetType.INTEGER if is_date else None,
        length=NUMBER_LENGTH if kind.is_number or is_date else _length(column),
        display_format="E8601DA." if is_date else "",
        key_sequence=keys.index(entry.name) + 1 if entry.name in keys else None,
        origin=entry.origin,
        oid=f"IT.{dataset}.{entry.name}",
    )


def _length(column: Column) -> int:
    return max((len(text.encode()) for text in set(column.tolist()) if text), default=1)
