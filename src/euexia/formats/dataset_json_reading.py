"""Read Dataset-JSON 1.1: ``.json``, ``.ndjson`` and ``.dsjc`` (compressed), a batch of rows at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from euexia.core.errors import Fault
from euexia.formats import dates
from euexia.formats.dataset import (
    LARGEST_EXACT_INTEGER,
    MOMENTS,
    Column,
    Dataset,
    DataType,
    Note,
    Variable,
    odd,
    understood,
)
from euexia.formats.dataset_json_header import metadata, null_text, variables
from euexia.formats.files import fault, refusal
from euexia.formats.json_stream import Feed, Inflated, JsonError, lines, object_with_rows

KIND = "Dataset-JSON 1.1 file"
JSON = "Dataset-JSON 1.1"
GZIP = b"\x1f\x8b"
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
WANTED: dict[DataType, tuple[frozenset[type], str]] = {
    **{one: (frozenset({str}), "text") for one in DataType if not one.is_number},
    DataType.DECIMAL: (frozenset({str}), "a decimal as text"),
    DataType.INTEGER: (frozenset({int, float}), "a number"),
    DataType.FLOAT: (frozenset({int, float}), "a number"),
    DataType.DOUBLE: (frozenset({int, float}), "a number"),
    DataType.BOOLEAN: (frozenset({bool}), "true or false"),
}


@dataclass(slots=True)
class _Table:
    """Columns as they grow."""

    pieces: list[list[Column]] = field(default_factory=list)
    known: dict[Any, Any] = field(default_factory=dict)
    records: int = 0
    nulls: int = 0
    faults: list[Fault] = field(default_factory=list)


def read(path: str | Path) -> Dataset:
    """Read a Dataset-JSON 1.1 file in any of its three forms.

    Compressed files are zlib as the specification says, or gzip as many are; the notes say which.
    Raises DataFileError naming every field, row and column that is wrong.
    """
    path = Path(path)
    notes: list[Note] = []
    try:
        with path.open("rb") as file:
            return _read(file, path, notes)
    except OSError as error:
        raise refusal(str(path), KIND, [fault("file", f"cannot be read: {error.strerror}.")]) from error
    except JsonError as error:
        raise refusal(str(path), KIND, [fault("file", str(error))]) from error
    except RecursionError as error:
        raise refusal(str(path), KIND, [fault("file", "is nested too deeply.")]) from error


def _read(file: BinaryIO, path: Path, notes: list[Note]) -> Dataset:
    """Read an open file by what its name and first bytes say."""
    first = file.read(2)
    file.seek(0)
    if not first:
        raise JsonError("the file is empty.")
    if path.suffix.lower() == ".dsjc" or first == GZIP:
        form = "gzip" if first == GZIP else "zlib"
        text = "as the specification says" if form == "zlib" else "where the specification says zlib"
        notes.append(understood("file", f"it is compressed with {form}, {text}."))
        return _by_lines(Feed(Inflated(file)), path, f"Dataset-JSON 1.1 compressed ({form})", notes)
    if path.suffix.lower() == ".ndjson":
        return _by_lines(Feed(file), path, "Dataset-NDJSON 1.1", notes)
    header: dict[str, Any] = {}
    rows = list(_batches(object_with_rows(Feed(file), header), header))
    return _dataset(header, rows, path, JSON, notes)


def _by_lines(feed: Feed, path: Path, form: str, notes: list[Note]) -> Dataset:
    """Read a header line and the rows after it."""
    header = feed.value("the first line")
    if not isinstance(header, dict):
        raise JsonError("the first line is not the object that describes the dataset.")
    if "rows" in header:
        raise JsonError("the first line holds rows: this is the JSON form; give the file the ending .json.")
    rows = list(_batches(lines(feed), header | {"rows": None}))
    return _dataset(header | {"rows": None}, rows, path, form, notes)


def _batches(batches: Iterator[list[Any]], header: dict[str, Any]) -> Iterator[tuple[_Table, int]]:
    """Turn batches of rows into columns as they come; batches before the columns are kept as they are."""
    table = _Table()
    waiting: list[list[Any]] = []
    described: tuple[Variable, ...] | None = None
    replace_null: str | None = None
    for batch in batches:
        waiting.append(batch)
        if "columns" in header and described is None:
            described = variables(header, [], [])
            replace_null = null_text(metadata(header, "", [], []))
        if described is not None:
            for one in waiting:
                _add(table, one, described, replace_null)
            waiting = []
    described = variables(header, [], []) if described is None else described
    replace_null = null_text(metadata(header, "", [], []))
    for one in waiting:
        _add(table, one, described, replace_null)
    yield table, len(described)


def _add(table: _Table, rows: list[Any], described: Sequence[Variable], null: str | None) -> None:
    """Add rows to the columns."""
    wide = len(described)
    wrong = [index for index, row in enumerate(rows) if type(row) is not list or len(row) != wide]
    for index in wrong:
        row = rows[index]
        shown = f"has {len(row)} values for {wide} columns" if isinstance(row, list) else "is no list"
        table.faults.append(fault(f"row {table.records + index + 1}", f"{shown}."))
    if not wrong:
        columns = zip(*rows, strict=True) if rows else iter([()] * wide)
        table.pieces.append(
            [_column(table, values, one, null) for values, one in zip(columns, described, strict=True)]
        )
    table.records += len(rows)


def _column(table: _Table, values: tuple[Any, ...], one: Variable, null: str | None) -> Column:
    """Turn the values of a batch into a column, checked against the data type."""
    wanted, words = WANTED[one.data_type]
    found = set(map(type, values)) - {type(None)}
    if null is not None and not found <= wanted and str in found:
        kept = tuple(None if value == null else value for value in values)
        table.nulls += sum(value == null for value in values)
        values, found = kept, set(map(type, kept)) - {type(None)}
    if not found <= wanted:
        _name(table, values, one, lambda value: value is not None and type(value) not in wanted, words)
        return np.full(len(values), np.nan if one.data_type.is_number else None)
    if one.data_type.is_number:
        try:
            return np.array(values, dtype=np.float64)
        except OverflowError:
            _name(
                table,
                values,
                one,
                lambda value: isinstance(value, int) and _huge(value),
                "a number we can hold",
            )
            return np.full(len(values), np.nan)
    column = np.empty(len(values), dtype=object)
    column[:] = list(map(table.known.setdefault, values, values))
    return column


def _huge(value: float) -> bool:
    return abs(value) > LARGEST_EXACT_INTEGER


def _name(
    table: _Table, values: Sequence[Any], one: Variable, is_wrong: Callable[[Any], bool], words: str
) -> None:
    """Name the values that are not of their type."""
    for index, value in enumerate(values, start=1):
        if is_wrong(value):
            place = f"row {table.records + index}, column {one.name}"
            problem = f"{value!r} is not {words}, as the data type {one.data_type.value} needs."
            table.faults.append(fault(place, problem))


def _dataset(
    header: dict[str, Any], tables: list[tuple[_Table, int]], path: Path, form: str, notes: list[Note]
) -> Dataset:
    """Put header and columns together, or refuse the file with everything that is wrong."""
    faults: list[Fault] = []
    about = metadata(header, form, faults, notes)
    described = variables(header, faults, notes)
    ((table, _),) = tables
    faults += _count_faults(header, table.records, form == JSON, notes) + table.faults
    columns: dict[str, Column] = {}
    if not table.faults:
        columns = {one.name: _joined(table, index, one) for index, one in enumerate(described)}
        for one in described:
            faults += _value_faults(one, columns[one.name], notes)
    texts = {key: header.get(key) if isinstance(header.get(key), str) else "" for key in ("name", "label")}
    faults += [
        fault(key, "is no text.") for key in texts if key in header and not isinstance(header[key], str)
    ]
    if faults:
        raise refusal(str(path), KIND, faults)
    if table.nulls:
        text = f"the file declares {null_text(about)!r} to stand for null; {table.nulls} values were read so."
        notes.append(understood("file", text))
    return Dataset(
        name=texts["name"] or "", label=texts["label"] or "", variables=described, columns=columns,
        metadata=about, notes=tuple(notes),
    )  # fmt: skip


def _joined(table: _Table, index: int, one: Variable) -> Column:
    """Join the pieces of a column, and let them go."""
    pieces = [piece[index] for piece in table.pieces]
    for piece in table.pieces:
        piece[index] = np.empty(0)
    if not pieces:
        return np.empty(0, dtype=np.float64 if one.data_type.is_number else object)
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def _count_faults(header: dict[str, Any], records: int, whole: bool, notes: list[Note]) -> list[Fault]:
    """Compare the declared number of records with the rows; a file of lines that has fewer is truncated."""
    declared = header.get("records")
    if declared is None:
        return []
    if not isinstance(declared, int) or isinstance(declared, bool) or declared < 0:
        return [fault("records", f"is {declared!r}, which is no whole number from 0.")]
    if "rows" not in header:
        notes.append(odd("rows", f"are not there; {declared} records are described without data."))
        return []
    if declared == records:
        return []
    text = f"{declared} are declared, and there are {records} rows."
    if whole:
        notes.append(odd("records", text))
        return []
    hint = "The file may be truncated." if records < declared else "Something was added to it."
    return [fault("records", text, hint)]


def _value_faults(one: Variable, column: Column, notes: list[Note]) -> list[Fault]:
    """Name the values that their data type cannot have."""
    if one.data_type in MOMENTS:
        return dates.faults(column, one.data_type, one.name)
    if one.data_type is DataType.DECIMAL:
        return _decimal_faults(one, column)
    if one.data_type is not DataType.INTEGER:
        return []
    with np.errstate(invalid="ignore"):
        huge, broken = np.abs(column) > LARGEST_EXACT_INTEGER, column != np.floor(column)
    if np.any(broken & ~np.isnan(column)):
        rows = np.flatnonzero(broken & ~np.isnan(column))
        text = f"{len(rows)} values are not whole (row {rows[0] + 1}: {column[rows[0]]:g})"
        notes.append(odd(f"column {one.name}", f"is declared an integer, but {text}; they are kept."))
    problem = "is beyond 2**53 and cannot be held exactly; make it a decimal or text."
    return [fault(f"row {row + 1}, column {one.name}", problem) for row in np.flatnonzero(huge).tolist()]


def _decimal_faults(one: Variable, column: Column) -> list[Fault]:
    problems = []
    for row, text in enumerate(column, start=1):
        if text and not DECIMAL.fullmatch(text):
            problems.append(fault(f"row {row}, column {one.name}", f"'{text}' is no decimal number."))
    return problems
