"""Tables of patients as they come over the wire: told by their content, unpacked only within limits."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from euexia.core.errors import InputError
from euexia.studio.settings import Limits

if TYPE_CHECKING:
    from pandas import DataFrame

ZIP, PARQUET, GZIP = b"PK\x03\x04", b"PAR1", b"\x1f\x8b"
WORKBOOK = "xl/workbook.xml"
SEPARATORS = ",;\t|"
SAMPLE = 4096
MOST_ENTRIES = 2000
LONGEST_CELL = 20_000
GZIP_HEADER = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells as text, column by column."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def frame(self) -> DataFrame:
        """Return the table as a data frame; the index is the row number, the header being row 1."""
        import pandas as pd

        found = pd.DataFrame(list(self.rows), columns=list(self.columns), dtype=str)
        found.index = range(2, 2 + len(found))  # type: ignore[assignment]
        return found


def read(content: bytes, name: str, limits: Limits) -> Table:
    """Return the table in a file.  Raises InputError for what is no table, or too large.

    name: as the file was called; it is only shown, never opened, and decides nothing.
    """
    if not content:
        raise InputError("The file is empty. A table needs a header row and at least one reading.")
    if content.startswith(ZIP):
        rows = _workbook(content, limits)
    elif content.startswith(PARQUET):
        rows = _parquet(content, limits)
    else:
        text = _unpacked(content, limits) if content.startswith(GZIP) else content
        rows = _delimited(_decoded(text))
    return _table(name, rows, limits)


def _table(name: str, rows: Iterator[list[str]], limits: Limits) -> Table:
    """Return rows as a table, counting while they come."""
    header = _header(next(rows, []), limits)
    width = len(header)
    found: list[tuple[str, ...]] = []
    for number, row in enumerate(rows, start=2):
        _check_row(number, row, width, limits)
        found.append((*row[:width], *([""] * (width - len(row)))))
    if not any(any(row) for row in found):
        raise InputError("The table has headings but no readings.")
    return Table(name=name, columns=tuple(header), rows=tuple(found))


def _check_row(number: int, row: list[str], width: int, limits: Limits) -> None:
    """Raise InputError for a row that makes the table too large, or that is not of its width."""
    if number - 1 > limits.upload_rows:
        raise InputError(f"The table has more than the {limits.upload_rows:,} rows that are read here.")
    if width * (number - 1) > limits.upload_cells:
        raise InputError(f"The table has more than the {limits.upload_cells:,} cells that are read here.")
    if any(row[width:]):
        raise InputError(f"Row {number} has more cells than there are headings.")
    if any(len(cell) > LONGEST_CELL for cell in row):
        raise InputError(f"A cell of row {number} is longer than {LONGEST_CELL:,} characters.")


def _header(row: list[str], limits: Limits) -> list[str]:
    header = [cell.strip() for cell in row]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise InputError("The first row of the table holds no headings.")
    if len(header) > limits.upload_columns:
        raise InputError(f"The table has more than {limits.upload_columns} columns.")
    return header


def _unpacked(content: bytes, limits: Limits) -> bytes:
    """Return what a gzip file holds, as far as it is allowed to grow."""
    most = min(limits.unpacked_bytes, int(len(content) * limits.compression_ratio))
    try:
        unpacker = zlib.decompressobj(GZIP_HEADER)
        found = unpacker.decompress(content, most + 1)
    except zlib.error as error:
        raise InputError(f"The packed file is damaged: {error}.") from error
    if len(found) > most:
        raise InputError(
            "The packed file grows too large when it is unpacked. Send it unpacked, or in parts."
        )
    return found


def _decoded(content: bytes) -> str:
    if b"\x00" in content[:SAMPLE]:
        raise InputError("The file is no table: neither text (CSV), nor an Excel workbook, nor Parquet.")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _delimited(text: str) -> Iterator[list[str]]:
    try:
        separator = csv.Sniffer().sniff(text[:SAMPLE].splitlines()[0], SEPARATORS).delimiter
    except (csv.Error, IndexError):
        separator = ","
    csv.field_size_limit(LONGEST_CELL * 2)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise InputError(f"The file is no table: {error}.") from error


def _workbook(content: bytes, limits: Limits) -> Iterator[list[str]]:
    """Yield the rows of the first sheet of an Excel workbook, which is a zip file."""
    _check_zip(content, limits)
    try:
        openpyxl: Any = import_module("openpyxl")
    except ImportError as error:
        raise InputError(
            "Excel workbooks need the package openpyxl. Install it with pip install 'euexia[excel]', or save "
            "the sheet as CSV."
        ) from error
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size is not believed
        for row in sheet.iter_rows(values_only=True, max_row=limits.upload_rows + 2):
            if len(row) > limits.upload_columns + 1:
                raise InputError(f"The table has more than {limits.upload_columns} columns.")
            yield [_as_text(value) for value in row]
    except InputError:
        raise
    except Exception as error:  # a damaged workbook may fail in any way
        raise InputError(f"The Excel workbook cannot be read ({type(error).__name__}).") from error


def _check_zip(content: bytes, limits: Limits) -> None:
    """Raise InputError for an archive that is no workbook, or that would grow too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InputError("The file looks like an archive and cannot be read.") from error
    if WORKBOOK not in {entry.filename for entry in entries}:
        raise InputError("The file is an archive, no Excel workbook. Send one table.")
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MOST_ENTRIES or unpacked > limits.unpacked_bytes or ratio > limits.compression_ratio:
        raise InputError("The workbook grows too large when it is unpacked. Save the sheet as CSV.")


def _parquet(content: bytes, limits: Limits) -> Iterator[list[str]]:
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        size = sum(
            file.metadata.row_group(index).total_byte_size for index in range(file.metadata.num_row_groups)
        )
        if file.metadata.num_rows > limits.upload_rows or file.metadata.num_columns > limits.upload_columns:
            raise InputError("The table has more rows or columns than are read here.")
        if size > limits.unpacked_bytes or size > limits.compression_ratio * max(len(content), SAMPLE):
            raise InputError("The file grows too large when it is unpacked.")
        yield [str(name) for name in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=SAMPLE):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield [_as_text(value) for value in row]
    except InputError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise InputError("The Parquet file cannot be read.") from error


def _as_text(value: object) -> str:
    """Return a cell as it would stand in a CSV file."""
    from datetime import date, datetime, time

    if value is None or value != value:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
