"""Read delimited text (``.csv``, ``.tsv``, ``.csv.gz``) as a dataset, guessing nothing in silence.

Delimited text has no types. A column becomes numbers when every value is plainly one; codes such as
``007`` stay text, and variables that say what the columns are come first. Encoding, delimiter and decimal
comma are taken from the file only where they are beyond doubt, and noted; else the reader asks for them.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    understood,
)
from euexia.formats.files import fault, read_bytes, refusal

if TYPE_CHECKING:
    import pyarrow

KIND = "table of delimited text"
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SAMPLE = 200
BLOCK = 16_000_000
NEARLY = 0.5
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,15})")
_NUMBER = re.compile(r"-?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]\d+)?")
_COMMA = re.compile(r"-?(0|[1-9]\d*),\d+")
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(,\d{3})+")


@dataclass(slots=True)
class _Found:
    """What reading has found so far."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def read(
    path: str | Path, *, encoding: str | None = None, delimiter: str | None = None,
    decimal: str | None = None, nulls: Sequence[str] = (), variables: Sequence[Variable] = (),
    name: str = "",
) -> Dataset:  # fmt: skip
    """Read a delimited table; what is given is used, what is not is found out and noted, or asked for.

    encoding: of the text; UTF-8 unless a byte-order mark says otherwise.  decimal: "." or ",".
    nulls: texts that stand for a missing value ("NA", "."); a field with nothing in it always does.
    variables: what is known of the columns; they then have these types whatever the values look like.
    Raises DataFileError naming what cannot be read, by row and column.
    """
    path = Path(path)
    found = _Found()
    text, used = _text(path, encoding, found)
    if not text.strip():
        raise refusal(str(path), KIND, [fault("file", "it is empty.")])
    mark = _delimiter(text, delimiter, path, found)
    names = next(csv.reader(io.StringIO(text), delimiter=mark))
    found.faults += _name_faults(names)
    table = None if found.faults else _table(text, names, mark, nulls, found)
    if table is None or found.faults:
        raise refusal(str(path), KIND, found.faults)
    known = {one.name: one for one in variables}
    described, columns = [], {}
    for column in names:
        values = _objects(table.column(column))
        one, columns[column] = _typed(column, values, known.get(column), decimal, mark, found)
        described.append(one)
    if found.faults:
        raise refusal(str(path), KIND, found.faults)
    return Dataset(
        name=name or path.name.split(".")[0].upper(), variables=tuple(described), columns=columns,
        metadata=Metadata(format=KIND, encoding=used), notes=tuple(found.notes),
    )  # fmt: skip


def _text(path: Path, encoding: str | None, found: _Found) -> tuple[str, str]:
    """Read, unpack and decode the file."""
    raw = read_bytes(path, KIND)
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            problem = f"the compressed file is damaged or truncated ({error})."
            raise refusal(str(path), KIND, [fault("file", problem)]) from error
    marked = next((name for mark, name in MARKS if raw.startswith(mark)), None)
    used = encoding or marked or "utf-8"
    if marked and not encoding:
        found.notes.append(understood("file", f"its byte-order mark says {marked}."))
    try:
        text = raw.decode(used)
    except UnicodeDecodeError as error:
        raise refusal(str(path), KIND, [_undecoded(raw, error, used)]) from error
    except LookupError as error:
        raise refusal(str(path), KIND, [fault("file", f"there is no encoding called '{used}'.")]) from error
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise refusal(str(path), KIND, [fault(f"line {row}", "holds a NUL byte: this is no text.")])
    return text, used


def _undecoded(raw: bytes, error: UnicodeDecodeError, used: str) -> Fault:
    """Say in which line and field the first byte stands that does not fit."""
    line = raw.count(b"\n", 0, error.start) + 1
    begin = raw.rfind(b"\n", 0, error.start) + 1
    around = raw[max(begin, error.start - 10) : error.start + 10].split(b"\n")[0]
    problem = f"byte 0x{raw[error.start]:02x} in {around!r} is not {used}."
    remedy = f"Say the encoding; in cp1252 this would be '{around.decode('cp1252', 'replace')}'."
    return fault(f"byte {error.start - begin + 1}", problem, remedy, line=line)


def _delimiter(text: str, given: str | None, path: Path, found: _Found) -> str:
    """Return the delimiter: the one that gives every row as many fields as the header has."""
    if given:
        return given
    lines = text[:BLOCK]
    fitting = [mark for mark in DELIMITERS if _fits(lines, mark)]
    if len(fitting) > 1:
        names = " or ".join(DELIMITERS[mark] for mark in fitting)
        problem = f"the delimiter could be {names}."
        raise refusal(str(path), KIND, [fault("file", problem, "Say which it is.")])
    if fitting:
        if fitting[0] != ",":
            found.notes.append(understood("file", f"its delimiter is the {DELIMITERS[fitting[0]]}."))
        return fitting[0]
    # Nothing fits throughout: take what divides the header, and let the rows that do not fit be named.
    first = text.split("\n", 1)[0]
    return max(DELIMITERS, key=first.count)


def _fits(lines: str, mark: str) -> bool:
    """Say whether a delimiter gives the first rows the same number of fields, two or more."""
    rows = csv.reader(io.StringIO(lines), delimiter=mark)
    widths = set()
    try:
        for _, row in zip(range(SAMPLE), rows, strict=False):
            if row:
                widths.add(len(row))
    except csv.Error:
        return False
    return len(widths) == 1 and widths.pop() > 1


def _name_faults(names: Sequence[str]) -> list[Fault]:
    """Say what is wrong with the header."""
    faults = [
        fault(f"column {index}", "has no name.", line=1) for index, name in enumerate(names, 1) if not name
    ]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    return faults + [fault(f"column {name}", "is there twice.", line=1) for name in twice]


def _table(
    text: str, names: Sequence[str], mark: str, nulls: Sequence[str], found: _Found
) -> pyarrow.Table | None:
    """Split the text into columns of text; rows with too few or too many fields are faults."""
    import pyarrow
    from pyarrow import csv as arrow_csv

    def remember(row: Any) -> str:
        problem = f"has {row.actual_columns} fields where the header has {row.expected_columns}."
        found.faults.append(fault(f"row {(row.number or 2) - 1}", problem))
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pyarrow.BufferReader(text.encode().removeprefix(codecs.BOM_UTF8)),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mark,
                newlines_in_values=True,
                invalid_row_handler=remember,
                # Where there is one column, an empty line is a missing value.
                ignore_empty_lines=len(names) > 1,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pyarrow.string()), null_values=["", *nulls],
                strings_can_be_null=True, quoted_strings_can_be_null=False,
            ),
        )  # fmt: skip
    except pyarrow.ArrowInvalid as error:
        found.faults.append(fault("file", f"cannot be divided into rows and fields ({error})."))
        return None
    return table


def _objects(column: pyarrow.ChunkedArray) -> Column:
    """Turn an Arrow column of text into an object column, every different text once."""
    encoded = column.combine_chunks().dictionary_encode()
    values = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    chosen: Column = values[encoded.indices.fill_null(len(values) - 1).to_numpy()]
    return chosen


def _typed(
    name: str, values: Column, known: Variable | None, decimal: str | None, mark: str, found: _Found
) -> tuple[Variable, Column]:
    """Give a column the type that is known, or that its values plainly have."""
    different = {value for value in values if value is not None}
    if known is not None:
        numbers = _forced(name, values, known, decimal, found) if known.data_type.is_number else None
        return known, values if numbers is None else numbers
    if not different:
        return Variable(name=name), values
    if decimal == ",":
        return _with_comma(name, values, different)
    if all(_is_number(text) for text in different):
        return _numbers(name, values, {text: float(text) for text in different})
    if all(_is_number(text) or _COMMA.fullmatch(text) for text in different) and decimal is None:
        return _maybe_comma(name, values, different, mark, found)
    _note_near_numbers(name, different, found)
    return Variable(name=name), values


def _is_number(text: str) -> bool:
    """Say whether a text is plainly a number: not a code with leading zeros, not beyond exact integers."""
    if _WHOLE.fullmatch(text):
        return text != "-0" and abs(int(text)) <= LARGEST_EXACT_INTEGER
    return bool(_NUMBER.fullmatch(text))


def _numbers(name: str, values: Column, read_as: Mapping[str, float]) -> tuple[Variable, Column]:
    """Make a column of numbers."""
    table: dict[str | None, float] = {None: np.nan}
    table.update(read_as)
    column = np.array([table[value] for value in values], dtype=np.float64)
    whole = all(_WHOLE.fullmatch(text) for text in read_as)
    return Variable(name=name, data_type=DataType.INTEGER if whole else DataType.DOUBLE), column


def _with_comma(name: str, values: Column, different: set[str]) -> tuple[Variable, Column]:
    """Read numbers whose decimal sign was said to be a comma."""
    points = {text: text.replace(",", ".", 1) for text in different if "." not in text}
    if len(points) == len(different) and all(_is_number(text) for text in points.values()):
        return _numbers(name, values, {text: float(point) for text, point in points.items()})
    return Variable(name=name), values


def _maybe_comma(
    name: str, values: Column, different: set[str], mark: str, found: _Found
) -> tuple[Variable, Column]:
    """Read numbers with commas if they can only be decimal commas; else leave them as text and say so."""
    place, example = f"column {name}", next(text for text in sorted(different) if "," in text)
    pointed = any("." in text for text in different)
    surely = any("," in text and not _THOUSANDS.fullmatch(text) for text in different)
    if surely and not pointed and mark != ",":
        found.notes.append(odd(place, f"has decimal commas ('{example}'); they were read as decimal points."))
        return _with_comma(name, values, different)
    why = "has decimal points too" if pointed else f"'{example}' may be a decimal comma or a thousands sign"
    found.notes.append(
        odd(place, f"is left as text, for it has commas in numbers: {why}. Say decimal=',' or '.'.")
    )
    return Variable(name=name), values


def _note_near_numbers(name: str, different: set[str], found: _Found) -> None:
    """Say which few texts keep a column from being numbers."""
    others = sorted(text for text in different if not _is_number(text))
    if len(others) <= max(1, len(different) * NEARLY) and len(others) <= 3 < len(different):
        shown = ", ".join(f"'{text}'" for text in others)
        text = f"is left as text: all other values are numbers, but not {shown}. Say nulls=... if missing."
        found.notes.append(odd(f"column {name}", text))


def _forced(name: str, values: Column, known: Variable, decimal: str | None, found: _Found) -> Column:
    """Read a column that is known to be numbers; what is none is a fault by row."""
    words = {"true": 1.0, "false": 0.0} if known.data_type is DataType.BOOLEAN else {}
    table: dict[str | None, float] = {None: np.nan}
    column = np.full(len(values), np.nan)
    for row, text in enumerate(values):
        if text not in table:
            point = text.replace(",", ".", 1) if decimal == "," else text
            plain = point if _NUMBER.fullmatch(point.strip().lstrip("+")) else ""
            table[text] = words[text.lower()] if text.lower() in words else _float(plain)
        column[row] = table[text]
        if text and np.isnan(column[row]):
            problem = f"'{text}' is not a number, as the data type {known.data_type.value} needs."
            found.faults.append(fault(f"row {row + 1}, column {name}", problem))
    return column


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
