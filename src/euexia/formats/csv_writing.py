"""Write a dataset as comma-separated text: quoted text, bare numbers; an empty field is a missing value."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from euexia.core.errors import Fault
from euexia.formats.dataset import Dataset, DataType, Note, Variable, odd
from euexia.formats.files import fault, not_writable, replacing

KIND = "CSV"
BLOCK = 20_000
WHOLE_AS_INTEGER = 1e15


def write(path: str | Path, dataset: Dataset) -> tuple[Note, ...]:
    """Write UTF-8 CSV (packed if the path ends in .gz), and note what has no place there.

    Text is quoted and numbers are not, so that ``""`` is empty text and nothing at all is missing.
    Raises OutputError for infinite numbers, texts with NUL bytes, and a dataset without variables.
    """
    path = Path(path)
    faults = [one for variable in dataset.variables for one in _faults(dataset, variable)]
    if not dataset.variables:
        faults.append(fault("dataset", "there is no variable to write."))
    if faults:
        raise not_writable(dataset.name, KIND, faults)
    header = ",".join(_quoted(name) for name in dataset.names)
    with replacing(path) as file:
        packed = (
            gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") if path.suffix == ".gz" else None
        )
        out = packed or file
        out.write(f"{header}\n".encode())
        for first in range(0, dataset.records, BLOCK):
            columns = [_block(dataset, one, first) for one in dataset.variables]
            out.write("".join([",".join(row) + "\n" for row in zip(*columns, strict=True)]).encode())
        if packed is not None:
            packed.close()
    notes = [odd(f"dataset {dataset.name}", "labels, types and formats have no place in CSV.")]
    if dataset.missing_codes:
        notes.append(odd(f"dataset {dataset.name}", "missing codes have no place in CSV."))
    return tuple(notes)


def _block(dataset: Dataset, variable: Variable, first: int) -> list[str]:
    """Write some values of a column."""
    values = dataset[variable.name][first : first + BLOCK].tolist()
    cache = {value: _written(value, variable.data_type) for value in set(values)}
    return [cache[value] for value in values]


def _written(value: object, data_type: DataType) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return _quoted(value)
    number = float(str(value))
    if data_type is DataType.BOOLEAN:
        return "true" if number else "false"
    return (
        str(int(number))
        if number.is_integer() and abs(number) < 1e15 and not _negative_zero(number)
        else repr(number)
    )


def _negative_zero(number: float) -> bool:
    return number == 0 and bool(np.signbit(number))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _faults(dataset: Dataset, variable: Variable) -> list[Fault]:
    """Name values that CSV cannot hold."""
    column, place = dataset[variable.name], f"{dataset.name}.{variable.name}"
    if variable.data_type.is_number:
        rows = np.flatnonzero(np.isinf(column)).tolist()
        return [fault(f"row {row + 1}, column {place}", "is infinite.") for row in rows]
    return [
        fault(f"row {row}, column {place}", "holds a NUL byte.")
        for row, text in enumerate(column, start=1)
        if text and "\0" in text
    ]
