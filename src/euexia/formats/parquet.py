"""Parquet files as datasets; what is said about variables travels in the file's own metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from euexia.core.errors import Fault
from euexia.formats.dataset import (
    LARGEST_EXACT_INTEGER,
    Column,
    Dataset,
    DataType,
    Metadata,
    Note,
    Variable,
    odd,
)
from euexia.formats.dataset_json_header import header_of, metadata, variables
from euexia.formats.files import fault, not_writable, refusal, replacing

if TYPE_CHECKING:
    import pyarrow

KIND = "Parquet file"
KEY = b"dataset-json-1.1"
UNKNOWN_CREATION = "1970-01-01T00:00:00"


def read(path: str | Path) -> Dataset:
    """Read a Parquet file; DataFileError names columns that hold no plain values."""
    import pyarrow
    from pyarrow import parquet

    path = Path(path)
    faults: list[Fault] = []
    try:
        table = parquet.ParquetFile(path).read()
    except (OSError, pyarrow.ArrowException) as error:
        raise refusal(str(path), KIND, [fault("file", f"cannot be read: {error}.")]) from error
    about, described, label, notes = _said(table, faults)
    columns: dict[str, Column] = {}
    found = []
    for name in table.column_names:
        one, columns[name] = _column(name, table.column(name), described.get(name), faults)
        found.append(one)
    twice = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    faults += [fault(f"column {name}", "is there twice.") for name in twice]
    if faults:
        raise refusal(str(path), KIND, faults)
    return Dataset(
        name=label[0] or path.stem.upper(), label=label[1], variables=tuple(found), columns=columns,
        metadata=about, notes=tuple(notes),
    )  # fmt: skip


def write(path: str | Path, dataset: Dataset) -> tuple[Note, ...]:
    """Write a Parquet file, and note what has no place there; OutputError if a column cannot be held."""
    import pyarrow
    from pyarrow import parquet

    path = Path(path)
    faults: list[Fault] = []
    notes: list[Note] = []
    header = header_of(dataset, dataset.metadata.created or UNKNOWN_CREATION, faults, notes)
    if not dataset.variables:
        faults.append(fault("dataset", "there is no variable to write."))
    arrays = [_array(dataset, one, faults) for one in dataset.variables]
    if faults:
        raise not_writable(dataset.name, KIND, faults)
    if dataset.missing_codes:
        notes.append(odd(f"dataset {dataset.name}", "missing codes have no place in Parquet."))
    table = pyarrow.table(dict(zip(dataset.names, arrays, strict=True)))
    table = table.replace_schema_metadata({KEY: json.dumps(header, ensure_ascii=False).encode()})
    with replacing(path) as file:
        parquet.write_table(table, file)
    return tuple(notes)


def _said(
    table: pyarrow.Table, faults: list[Fault]
) -> tuple[Metadata, dict[str, Variable], tuple[str, str], list[Note]]:
    """Read what the file says about its dataset, if one of our kind wrote it."""
    notes: list[Note] = []
    raw = (table.schema.metadata or {}).get(KEY)
    if raw is None:
        return Metadata(format=KIND), {}, ("", ""), notes
    header: dict[str, Any] = json.loads(raw)
    if header.get("datasetJSONCreationDateTime") == UNKNOWN_CREATION:
        header["datasetJSONCreationDateTime"] = ""
    described = {one.name: one for one in variables(header, faults, notes)}
    about = metadata(header, KIND, faults, [])
    return about, described, (str(header.get("name", "")), str(header.get("label", ""))), notes


def _column(
    name: str, column: pyarrow.ChunkedArray, known: Variable | None, faults: list[Fault]
) -> tuple[Variable, Column]:
    """Turn an Arrow column into numbers or text."""
    data_type, array = _plain(column)
    if data_type is None:
        problem = f"holds {column.type}, which is neither a number nor text nor a date."
        faults.append(fault(f"column {name}", problem))
        return Variable(name=name), np.full(len(column), None, dtype=object)
    one = known if known is not None else Variable(name=name, data_type=data_type)
    if one.data_type.is_number != data_type.is_number:
        faults.append(
            fault(f"column {name}", f"is said to be {one.data_type.value} but holds {column.type}.")
        )
    if not data_type.is_number:
        return one, _objects(array)
    numbers = array.cast("float64", safe=False).to_numpy(zero_copy_only=False).astype(np.float64)
    if data_type is DataType.INTEGER:
        problem = "is beyond 2**53 and cannot be held exactly."
        rows = np.flatnonzero(np.abs(numbers) > LARGEST_EXACT_INTEGER).tolist()
        faults += [fault(f"row {row + 1}, column {name}", problem) for row in rows]
    return one, numbers


def _plain(column: pyarrow.ChunkedArray) -> tuple[DataType | None, Any]:
    """Say which data type an Arrow type is, and give its values as numbers or text."""
    import pyarrow
    from pyarrow import types

    array = column.combine_chunks()
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if types.is_integer(kind):
        return DataType.INTEGER, array
    if types.is_boolean(kind):
        return DataType.BOOLEAN, array
    if types.is_floating(kind):
        return DataType.DOUBLE, array
    if types.is_null(kind) or types.is_string(kind) or types.is_large_string(kind):
        return DataType.STRING, array.cast(pyarrow.string())
    moments = (
        (types.is_date, DataType.DATE),
        (types.is_timestamp, DataType.DATETIME),
        (types.is_time, DataType.TIME),
    )
    dated = next((data_type for is_it, data_type in moments if is_it(kind)), None)
    if dated is not None:
        return dated, pyarrow.array([_iso(value) for value in array.to_pylist()], pyarrow.string())
    if types.is_decimal(kind):
        return DataType.DECIMAL, array.cast(pyarrow.string())
    return None, array


def _iso(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())


def _objects(array: Any) -> Column:
    """Turn an Arrow array of text into an object column, every different text once."""
    encoded = array.dictionary_encode()
    values = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    chosen: Column = values[encoded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)]
    return chosen


def _array(dataset: Dataset, variable: Variable, faults: list[Fault]) -> Any:
    """Turn a column into an Arrow array."""
    import pyarrow

    column = dataset[variable.name]
    missing = np.isnan(column) if variable.data_type.is_number else None
    try:
        if variable.data_type is DataType.BOOLEAN:
            return pyarrow.array(np.nan_to_num(column) != 0, pyarrow.bool_(), mask=missing)
        kind = pyarrow.float64() if variable.data_type.is_number else pyarrow.string()
        return pyarrow.array(column, kind, mask=missing)
    except (pyarrow.ArrowException, UnicodeEncodeError) as error:
        faults.append(fault(f"column {dataset.name}.{variable.name}", f"cannot be held: {error}."))
        return pyarrow.nulls(len(column))
