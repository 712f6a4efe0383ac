"""Read SAS transport files, versions 5 and 8, a block of observations at a time.

Numbers become doubles, exactly; numbers shown as dates, times or datetimes become ISO 8601 text. Text loses
its trailing blanks, as in SAS; blank text is missing. Text is decoded as declared, else as UTF-8 (which ASCII
is); any other encoding must be declared, for nothing in the file names it.
"""

from __future__ import annotations

import codecs
import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from euexia.core.errors import Fault, InputError
from euexia.formats import dates
from euexia.formats.dataset import (
    Column,
    Dataset,
    DataType,
    Metadata,
    Note,
    TargetType,
    Variable,
    odd,
    understood,
)
from euexia.formats.files import fault, refusal
from euexia.formats.ibm import to_doubles
from euexia.formats.xpt_layout import KIND, RECORD, Buffer, Field, Member, members

BLOCK_BYTES = 16_000_000
Rows = npt.NDArray[np.uint8]


@dataclass(slots=True)
class _Watch:
    """What is noticed while text is decoded."""

    encoding: str
    declared: bool
    beyond_ascii: bool = False
    padded_with_nul: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def read(path: str | Path, *, encoding: str | None = None) -> tuple[Dataset, ...]:
    """Read every dataset of a SAS transport file.

    encoding: what its text is encoded in ("latin-1", "cp1252", ...); UTF-8 if it is not said.
    Raises DataFileError naming what is truncated, damaged or not so encoded, with row and column.
    """
    path = Path(path)
    chosen = _known(encoding or "utf-8")
    try:
        if path.stat().st_size == 0:
            raise refusal(str(path), KIND, [fault("byte 0", "the file is empty.")])
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
            found = members(buffer, str(path))
            return tuple(
                _dataset(buffer, member, str(path), chosen, encoding is not None) for member in found
            )
    except OSError as error:
        raise refusal(str(path), KIND, [fault("file", f"cannot be read: {error.strerror}.")]) from error


def _known(encoding: str) -> str:
    """Return the canonical name of an encoding."""
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise InputError(
            f"There is no encoding called '{encoding}'. Known: utf-8, latin-1, cp1252 ..."
        ) from error


def _dataset(buffer: Buffer, member: Member, file: str, encoding: str, declared: bool) -> Dataset:
    """Read one member."""
    watch = _Watch(encoding=encoding, declared=declared)
    variables = tuple(_variable(one, watch) for one in member.fields)
    about = {key: _plain(raw, key, watch) for key, raw in (("name", member.name), ("label", member.label))}
    system = _plain(member.system, "system", watch)
    version = _plain(member.system_version, "version", watch)
    records, notes = _records(buffer, member, file)
    columns, codes = _columns(buffer, member, variables, records, watch)
    if watch.faults:
        raise refusal(file, KIND, watch.faults)
    described, dated, more = _with_dates(variables, columns)
    return Dataset(
        name=about["name"], label=about["label"], variables=described, columns=dated, missing_codes=codes,
        metadata=Metadata(
            system=f"SAS on {system}" if system else "", system_version=version, created=member.created,
            modified=member.modified, format=f"SAS transport V{member.version}",
            encoding=encoding if watch.beyond_ascii else "ascii",
        ),
        notes=(*notes, *_encoding_notes(watch), *more),
    )  # fmt: skip


def _variable(one: Field, watch: _Watch) -> Variable:
    name = _plain(one.name, "variable", watch)
    return Variable(
        name=name,
        label=_plain(one.label, f"label of {name}", watch),
        data_type=DataType.DOUBLE if one.is_number else DataType.STRING,
        length=one.length,
        display_format=_plain(one.display_format, f"format of {name}", watch),
        input_format=_plain(one.input_format, f"informat of {name}", watch),
    )


def _plain(raw: bytes, place: str, watch: _Watch) -> str:
    """Decode text of a header."""
    decoded = _decode(raw, watch, place)
    if isinstance(decoded, Fault):
        watch.faults.append(fault(place, decoded.problem, decoded.remedy))
        return ""
    return decoded or ""


def _records(buffer: Buffer, member: Member, file: str) -> tuple[int, list[Note]]:
    """Count the observations, and refuse the file if the last is not whole."""
    width, size = member.width, member.end - member.start
    if width == 0:
        return 0, [odd("file", "the dataset has no variables.")]
    if member.declared_records is not None:
        return _declared_records(member, size, file), []
    count, rest = divmod(size, width)
    tail = bytes(buffer[member.end - rest : member.end])
    if tail.strip(b" ") or rest >= RECORD:
        place = f"byte {member.end}, row {count + 1}"
        problem = f"the file ends {rest} bytes into an observation of {width}: it is truncated."
        raise refusal(file, KIND, [fault(place, problem, "Copy it again, in binary mode.")])
    blank = b" " * width
    whole = count
    while count and member.start + (count - 1) * width > member.end - RECORD:
        if bytes(buffer[member.start + (count - 1) * width : member.start + count * width]) != blank:
            break
        count -= 1
    if count < whole and not any(one.is_number for one in member.fields):
        text = "blank observations at the very end cannot be told from padding and are left out."
        return count, [odd("file", f"{whole - count} {text}")]
    return count, []


def _declared_records(member: Member, size: int, file: str) -> int:
    """Check that the observations that version 8 counts are there."""
    count = member.declared_records or 0
    needed = -(-count * member.width // RECORD) * RECORD
    if needed == size:
        return count
    there = size // member.width
    problem = f"{count} observations of {member.width} bytes are declared, but there is room for {there}"
    hint = "it is truncated." if needed > size else "there is something after them."
    raise refusal(
        file, KIND, [fault(f"byte {member.end}", f"{problem}: {hint}", "Copy it again, in binary mode.")]
    )


def _blocks(buffer: Buffer, member: Member, records: int) -> Iterator[tuple[int, Rows]]:
    """Give the observations in blocks, with the number of the first."""
    at_once = max(1, BLOCK_BYTES // max(member.width, 1))
    for first in range(0, records, at_once):
        last = min(records, first + at_once)
        raw = buffer[member.start + first * member.width : member.start + last * member.width]
        yield first, np.frombuffer(raw, dtype=np.uint8).reshape(last - first, member.width)


def _columns(
    buffer: Buffer, member: Member, variables: tuple[Variable, ...], records: int, watch: _Watch
) -> tuple[dict[str, Column], dict[str, Column]]:
    """Read every column, block by block."""
    columns: dict[str, Column] = {
        variable.name: np.empty(records, dtype=np.float64 if one.is_number else object)
        for one, variable in zip(member.fields, variables, strict=True)
    }
    marks: dict[str, npt.NDArray[np.uint8]] = {}
    known: dict[str, dict[bytes, str | None]] = {variable.name: {} for variable in variables}
    for first, rows in _blocks(buffer, member, records):
        for one, variable in zip(member.fields, variables, strict=True):
            here = slice(first, first + len(rows))
            raw = np.ascontiguousarray(rows[:, one.position : one.position + one.length])
            if one.is_number:
                columns[variable.name][here], codes = to_doubles(raw)
                if np.any(special := np.where(codes == ord("."), 0, codes)):
                    marks.setdefault(variable.name, np.zeros(records, dtype=np.uint8))[here] = special
            else:
                columns[variable.name][here] = _text(raw, first, variable.name, known[variable.name], watch)
    return columns, {name: _code_text(codes) for name, codes in marks.items()}


def _code_text(codes: npt.NDArray[np.uint8]) -> Column:
    """Write missing codes as SAS does: ``._``, ``.A`` ..."""
    words = np.array([f".{chr(code)}" if code else None for code in range(128)], dtype=object)
    chosen: Column = words[codes]
    return chosen


def _text(raw: Rows, first: int, name: str, known: dict[bytes, str | None], watch: _Watch) -> Column:
    """Decode a column of text of a block; every different value once."""
    import pyarrow

    records, width = raw.shape
    kind = pyarrow.binary(width)
    packed = pyarrow.FixedSizeBinaryArray.from_buffers(kind, records, [None, pyarrow.py_buffer(raw)])
    encoded = packed.dictionary_encode()
    indices = encoded.indices.to_numpy()
    values = np.empty(len(encoded.dictionary), dtype=object)
    for index, value in enumerate(encoded.dictionary.to_pylist()):
        if value not in known:
            decoded = _decode(value, watch, name)
            if isinstance(decoded, Fault):
                rows = np.flatnonzero(indices == index) + first + 1
                watch.faults.append(_in_rows(decoded, rows, name))
                decoded = None
            known[value] = decoded
        values[index] = known[value]
    column: Column = values[indices]
    return column


def _in_rows(problem: Fault, rows: npt.NDArray[np.intp], name: str) -> Fault:
    """Say in which rows a value stands."""
    more = f" (and {len(rows) - 1} more rows)" if len(rows) > 1 else ""
    return fault(f"row {rows[0]}, column {name}", problem.problem + more, problem.remedy)


def _decode(raw: bytes, watch: _Watch, name: str) -> str | Fault | None:
    """Decode one text without its trailing blanks; None for blank text."""
    bare = raw.rstrip(b" ")
    if bare.endswith(b"\0"):
        watch.padded_with_nul.add(name)
        bare = bare.rstrip(b" \0")
    if b"\0" in bare:
        return fault(name, f"{bare!r} holds a NUL byte.", "The file is damaged, or this is no text.")
    if not bare:
        return None
    try:
        text = bare.decode(watch.encoding)
    except UnicodeDecodeError as error:
        return _wrong_encoding(bare, error, watch)
    watch.beyond_ascii = watch.beyond_ascii or not text.isascii()
    return text


def _wrong_encoding(raw: bytes, error: UnicodeDecodeError, watch: _Watch) -> Fault:
    """Say which byte does not fit, and what the text would be in other encodings."""
    bad = raw[error.start]
    problem = f"byte 0x{bad:02x} of {raw!r} is not {watch.encoding}."
    if watch.declared:
        return fault("", problem, "Declare the encoding the file was written in.")
    shown = raw.decode("cp1252", "replace")
    return fault("", problem, f"Declare the encoding: in cp1252 this would be '{shown}'.")


def _encoding_notes(watch: _Watch) -> list[Note]:
    """Say what was found about the encoding."""
    notes = []
    if watch.beyond_ascii and not watch.declared:
        notes.append(
            understood("file", "the text goes beyond ASCII and is valid UTF-8; it was read as UTF-8.")
        )
    notes += [odd(f"column {name}", "is padded with NUL bytes.") for name in sorted(watch.padded_with_nul)]
    return notes


def _with_dates(
    variables: tuple[Variable, ...], columns: dict[str, Column]
) -> tuple[tuple[Variable, ...], dict[str, Column], list[Note]]:
    """Turn numbers that are shown as dates or times into ISO text."""
    described, notes = [], []
    for variable in variables:
        kind = dates.sas_format_type(variable.display_format) if variable.data_type.is_number else None
        if kind is None:
            described.append(variable)
            continue
        texts, wrong = dates.iso_text(columns[variable.name], kind)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            example = f"row {row + 1}: {columns[variable.name][row]:g}"
            text = f"{wrong.sum()} values are no {kind.value} ({example}); the column is left as numbers."
            notes.append(odd(f"column {variable.name}", f"is shown as {variable.display_format}, but {text}"))
            described.append(variable)
            continue
        columns[variable.name] = texts
        described.append(_as_moment(variable, kind))
    return tuple(described), columns, notes


def _as_moment(variable: Variable, kind: DataType) -> Variable:
    return replace(variable, data_type=kind, target_type=TargetType.INTEGER)
