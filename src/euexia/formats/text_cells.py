"""Tables of text from CSV, Excel and Parquet files, in pieces that fit into memory."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from euexia.core.choices import choose
from euexia.core.errors import InputError

if TYPE_CHECKING:
    from pandas import DataFrame
    from pandas.io.parsers import TextFileReader

ROWS_AT_ONCE = 400_000
SEPARATORS = ",;\t|"
FORMATS = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".gz": "csv", ".xlsx": "excel", ".parquet": "parquet"}
"""Format by the ending of a file's name."""


def read_pieces(path: Path, encoding: str) -> Iterator[DataFrame]:
    """Give the rows of a table as text, piece by piece; the index is the row number, the header being row 1.

    Raises InputError for a file that is missing, empty, of another format or encoding, or damaged.
    """
    kind = choose("table format", path.suffix.lower(), FORMATS, asked_in=f"'{path}'")
    if not path.is_file():
        raise InputError(f"There is no file '{path}'." if not path.exists() else f"'{path}' is no file.")
    if path.stat().st_size == 0:
        raise InputError(f"'{path}' is empty. A table needs a header row and at least one reading.")
    readers = {"csv": _read_csv, "excel": _read_excel, "parquet": _read_parquet}
    first = 2
    for piece in readers[kind](path, encoding):
        piece.columns = [str(name).strip() for name in piece.columns]
        piece.index = range(first, first + len(piece))  # type: ignore[assignment]
        first += len(piece)
        yield piece
    if first == 2:
        raise InputError(f"'{path}' has a header but no readings.")


def headings(path: Path, encoding: str) -> list[str]:
    """Return the headings of delimited text as they stand, twice if they stand twice; none of other files."""
    import gzip

    if FORMATS.get(path.suffix.lower()) != "csv":
        return []
    name = "utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rt", encoding=name, newline="") as file:
        rows = csv.reader(file, delimiter=_separator(path, name))
        return [heading.strip() for heading in next(rows, [])]


def _read_csv(path: Path, encoding: str) -> Iterator[DataFrame]:
    import pandas as pd

    name = "utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding
    try:
        pieces = pd.read_csv(
            path,
            sep=_separator(path, name),
            dtype=str,
            keep_default_na=False,
            chunksize=ROWS_AT_ONCE,
            encoding=name,
            skip_blank_lines=False,
            index_col=False,
            on_bad_lines="error",
            engine="c",
        )
        with pieces:
            while (piece := _next_piece(pieces)) is not None:
                yield piece
    except UnicodeDecodeError as error:
        raise InputError(
            f"'{path}' is not text in {encoding} (byte {error.object[error.start]:#04x}: {error.reason}). "
            "Save it as UTF-8, or state its encoding, such as latin-1 (--encoding; in a mapping, encoding:)."
        ) from error
    except LookupError as error:
        raise InputError(
            f"There is no encoding called '{encoding}'. Try utf-8, latin-1 or cp1252."
        ) from error
    except pd.errors.EmptyDataError as error:
        raise InputError(
            f"'{path}' is empty. A table needs a header row and at least one reading."
        ) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise InputError(
            f"'{path}' is not a table: {str(error).strip()}. Each row needs as many cells."
        ) from error


def _next_piece(pieces: TextFileReader) -> DataFrame | None:
    """Return the next rows, None at the end; a row with too many cells is an error, never cut off."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            return pieces.get_chunk()
        except StopIteration:
            return None


def _separator(path: Path, encoding: str) -> str:
    """Return what separates the cells of the header row."""
    import gzip

    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rt", encoding=encoding, newline="") as file:
        header = str(file.readline())
    try:
        return csv.Sniffer().sniff(header, SEPARATORS).delimiter
    except csv.Error:
        return ","


def _read_excel(path: Path, encoding: str) -> Iterator[DataFrame]:
    import pandas as pd

    del encoding  # an Excel file knows its own
    try:
        found = pd.read_excel(path, dtype=str, keep_default_na=False, engine="openpyxl")
    except ImportError as error:
        raise InputError(
            f"Reading the Excel file '{path}' needs the package openpyxl. Install it with "
            "'pip install euexia[excel]', or save the sheet as CSV."
        ) from error
    except (BadZipFile, ValueError, KeyError, OSError) as error:
        raise InputError(f"'{path}' is no Excel workbook that can be read: {error}.") from error
    yield found


def _read_parquet(path: Path, encoding: str) -> Iterator[DataFrame]:
    import pyarrow
    import pyarrow.parquet

    del encoding  # Parquet text is UTF-8
    try:
        file = pyarrow.parquet.ParquetFile(path)
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
            yield batch.to_pandas().map(_as_text)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise InputError(f"'{path}' is no Parquet file that can be read: {error}.") from error


def _as_text(value: object) -> str:
    """Return a cell as it would stand in a CSV file."""
    import pandas as pd

    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    return str(value)
