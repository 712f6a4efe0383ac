"""Write SAS transport files, versions 5 and 8, whole or not at all.

What SAS cannot hold is refused with row and column; what it holds differently is told in the notes: that
empty text becomes missing, that trailing blanks are lost, that decimals become doubles.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, assert_never

import numpy as np
import numpy.typing as npt

from euexia.core.errors import Fault, InputError
from euexia.formats import dates
from euexia.formats.dataset import Column, Dataset, DataType, Note, Variable, odd
from euexia.formats.files import fault, not_writable, replacing
from euexia.formats.ibm import MISSING_BYTES, to_fields, unfit
from euexia.formats.xpt_layout import RECORD, VERSIONS, Names, header, stamp

BLOCK_BYTES = 16_000_000
SIZES = {5: (8, 40, 200), 8: (32, 256, 32_767)}
SHORT_NAME, SHORT_LABEL = 8, 40
DATE_FORMATS = {DataType.DATE: "DATE9.", DataType.DATETIME: "DATETIME20.", DataType.TIME: "TIME8."}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMAT = re.compile(r"(?P<name>\$?(?:[A-Za-z_][A-Za-z0-9_]*?)?)(?P<width>\d*)(?:\.(?P<decimals>\d*))?")
_EIGHT_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One variable as it will be written: numbers with their codes, or bytes of every different text."""

    variable: Variable
    width: int
    display_format: tuple[bytes, int, int]
    input_format: tuple[bytes, int, int]
    numbers: npt.NDArray[np.float64] | None = None
    codes: npt.NDArray[np.uint8] | None = None
    texts: Column | None = None
    encoded: dict[str | None, bytes] | None = None


def write(
    path: str | Path, datasets: Dataset | Sequence[Dataset], *, version: int = 5, encoding: str = "utf-8"
) -> tuple[Note, ...]:
    """Write datasets to a SAS transport file, and note what it holds differently.

    version: 5 (names of 8 bytes, labels of 40, text of 200) or 8 (32, 256, 32767).
    Raises OutputError naming every name, label and value that the version cannot hold.
    """
    path = Path(path)
    names = {one.version: one for one in VERSIONS}.get(version)
    if names is None:
        raise InputError(f"There is no SAS transport version {version}. Known: 5, 8.")
    several = (datasets,) if isinstance(datasets, Dataset) else tuple(datasets)
    faults: list[Fault] = []
    notes: list[Note] = []
    prepared = [_prepare(dataset, names, encoding, faults, notes) for dataset in several]
    if not several:
        faults.append(fault("file", "there is no dataset to write."))
    if faults:
        what = ", ".join(dataset.name for dataset in several) or str(path)
        raise not_writable(what, f"SAS transport V{version}", faults)
    with replacing(path) as file:
        _write_library(file, several[0], names)
        for dataset, fields in zip(several, prepared, strict=True):
            _write_member(file, dataset, fields, names, encoding)
    return tuple(notes)


def _prepare(
    dataset: Dataset, names: Names, encoding: str, faults: list[Fault], notes: list[Note]
) -> tuple[_Field, ...]:
    """Check a dataset against the version and encode what is different in it."""
    longest_name, longest_label, longest_text = SIZES[names.version]
    faults += _name_faults(dataset.name, longest_name, f"dataset {dataset.name}")
    faults += _label_faults(dataset.label, SHORT_LABEL, encoding, f"dataset {dataset.name}")
    seen: set[str] = set()
    fields = []
    for variable in dataset.variables:
        place = f"variable {dataset.name}.{variable.name}"
        faults += _name_faults(variable.name, longest_name, place)
        faults += _label_faults(variable.label, longest_label, encoding, place)
        if variable.name.upper() in seen:
            faults.append(fault(place, "SAS does not tell names apart by case; this one is there twice."))
        seen.add(variable.name.upper())
        fields.append(_field(dataset, variable, longest_text, encoding, faults, notes))
    faults += _blank_end(dataset, fields, names.version)
    return tuple(fields)


def _name_faults(name: str, longest: int, place: str) -> list[Fault]:
    """Say why SAS cannot have this name."""
    if _NAME.fullmatch(name) and len(name) <= longest:
        return []
    problem = f"'{name}' is no name: letters, digits and _, at most {longest}, not beginning with a digit."
    return [fault(place, problem, "" if longest > SHORT_NAME else "Version 8 holds names of up to 32.")]


def _label_faults(label: str, longest: int, encoding: str, place: str) -> list[Fault]:
    """Say why the label does not fit."""
    try:
        size = len(label.encode(encoding))
    except UnicodeEncodeError:
        return [fault(place, f"its label '{label}' cannot be encoded as {encoding}.")]
    return (
        [] if size <= longest else [fault(place, f"its label has {size} bytes; there is room for {longest}.")]
    )


def _field(
    dataset: Dataset, variable: Variable, longest: int, encoding: str, faults: list[Fault], notes: list[Note]
) -> _Field:
    """Turn one column into what is written."""
    place = f"{dataset.name}.{variable.name}"
    numbers = _numbers(dataset[variable.name], variable, place, faults, notes)
    shown = variable.display_format or ("" if numbers is None else DATE_FORMATS.get(variable.data_type, ""))
    display, entry = _format(shown, place, faults), _format(variable.input_format, place, faults)
    if numbers is None:
        texts = dataset[variable.name]
        encoded = _encoded(texts, place, encoding, longest, faults, notes)
        width = max([min(variable.length or 1, longest), *(len(one) for one in encoded.values())])
        return _Field(
            variable=variable, width=width, display_format=display, input_format=entry,
            texts=texts, encoded={text: one.ljust(width) for text, one in encoded.items()},
        )  # fmt: skip
    codes = _codes(dataset.missing_codes.get(variable.name), place, faults)
    for row in np.flatnonzero(unfit(numbers)).tolist():
        problem = f"{numbers[row]!r} is beyond the numbers of SAS transport (16**-65 to 16**63)."
        faults.append(fault(f"row {row + 1}, column {place}", problem))
    return _Field(
        variable=variable, width=_EIGHT_BYTES, display_format=display, input_format=entry, numbers=numbers,
        codes=codes,
    )  # fmt: skip


def _numbers(
    column: Column, variable: Variable, place: str, faults: list[Fault], notes: list[Note]
) -> npt.NDArray[np.float64] | None:
    """Return the column as SAS numbers; None if it is text."""
    match variable.data_type:
        case DataType.INTEGER | DataType.FLOAT | DataType.DOUBLE | DataType.BOOLEAN:
            return column
        case DataType.DECIMAL:
            notes.append(odd(f"column {place}", "decimals are written as doubles."))
            return _decimals(column, place, faults)
        case DataType.DATE | DataType.DATETIME | DataType.TIME:
            return None if variable.target_type is None else _moments(column, variable, place, faults)
        case DataType.STRING | DataType.URI:
            return None
        case _:
            assert_never(variable.data_type)


def _decimals(column: Column, place: str, faults: list[Fault]) -> npt.NDArray[np.float64]:
    numbers = np.full(len(column), np.nan)
    for row, text in enumerate(column):
        try:
            numbers[row] = float(text) if text else np.nan
        except ValueError:
            faults.append(fault(f"row {row + 1}, column {place}", f"'{text}' is no decimal number."))
    return numbers


def _moments(column: Column, variable: Variable, place: str, faults: list[Fault]) -> npt.NDArray[np.float64]:
    """Turn ISO text into the numbers of SAS; a partial moment has none."""
    numbers = dates.sas_numbers(column, variable.data_type)
    for row in np.flatnonzero(np.isnan(numbers)).tolist():
        if column[row]:
            problem = (
                f"'{column[row]}' is not a complete {variable.data_type.value}, so SAS has no number for it."
            )
            remedy = "Write the variable as text: leave out its target type."
            faults.append(fault(f"row {row + 1}, column {place}", problem, remedy))
    return numbers


def _codes(column: Column | None, place: str, faults: list[Fault]) -> npt.NDArray[np.uint8] | None:
    """Turn missing codes into their bytes."""
    if column is None:
        return None
    known: dict[str | None, int] = {f".{chr(byte)}": byte for byte in MISSING_BYTES if byte != ord(".")}
    known |= {None: 0, "": 0, ".": 0}
    for row, code in enumerate(column):
        if code not in known:
            faults.append(
                fault(f"row {row + 1}, column {place}", f"'{code}' is no missing code: ._, .A to .Z.")
            )
    return np.array([known.get(code, 0) for code in column], dtype=np.uint8)


def _encoded(
    column: Column, place: str, encoding: str, longest: int, faults: list[Fault], notes: list[Note]
) -> dict[str | None, bytes]:
    """Encode every different text of a column once."""
    encoded: dict[str | None, bytes] = {None: b""}
    bare = 0
    for row, text in enumerate(column):
        if text in encoded:
            continue
        try:
            encoded[text] = text.encode(encoding)
        except UnicodeEncodeError:
            encoded[text] = b""
            faults.append(
                fault(f"row {row + 1}, column {place}", f"'{text}' cannot be encoded as {encoding}.")
            )
        problem = _unwritable(encoded[text], longest)
        if problem:
            faults.append(fault(f"row {row + 1}, column {place}", problem))
        bare += text.endswith(" ")
    if "" in encoded:
        notes.append(odd(f"column {place}", "empty text is written as blanks, which SAS reads as missing."))
    if bare:
        notes.append(odd(f"column {place}", f"{bare} different texts lose their trailing blanks."))
    return encoded


def _unwritable(text: bytes, longest: int) -> str:
    """Say why a text cannot be written; empty if it can."""
    if len(text) > longest:
        return f"{text[:20]!r}... has {len(text)} bytes; there is room for {longest}."
    return f"{text!r} holds a NUL byte." if b"\0" in text else ""


def _format(text: str, place: str, faults: list[Fault]) -> tuple[bytes, int, int]:
    """Take ``DATE9.`` apart: name, width, decimals."""
    found = _FORMAT.fullmatch(text)
    if found is None or len(found["name"]) > SHORT_NAME:
        faults.append(fault(f"variable {place}", f"'{text}' is not a SAS format with a name of at most 8."))
        return b"", 0, 0
    return found["name"].encode("ascii"), int(found["width"] or 0), int(found["decimals"] or 0)


def _blank_end(dataset: Dataset, fields: Sequence[_Field], version: int) -> list[Fault]:
    """Refuse what version 5 would lose: a blank last observation that looks like padding."""
    width = sum(one.width for one in fields)
    if (
        version != 5
        or not dataset.records
        or width >= RECORD
        or any(one.numbers is not None for one in fields)
    ):
        return []
    if any((one.texts[-1] or "").strip(" ") for one in fields if one.texts is not None):
        return []
    problem = "the last observation is blank, which version 5 cannot tell from padding."
    return [fault(f"row {dataset.records}", problem, "Leave it out, or write version 8.")]


def _write_library(file: BinaryIO, first: Dataset, names: Names) -> None:
    created = stamp(first.metadata.created)
    system = _system(first)
    file.write(header(names.library))
    file.write((b"SAS     SAS     SASLIB  " + system + b" " * 24 + created).ljust(RECORD))
    file.write(stamp(first.metadata.modified or first.metadata.created).ljust(RECORD))


def _system(dataset: Dataset) -> bytes:
    """Name version and system in 16 bytes."""
    bare = dataset.metadata.system.removeprefix("SAS on ").encode("ascii", "replace")[:8]
    return (dataset.metadata.system_version.encode("ascii", "replace")[:8] or b"9.4").ljust(8) + bare.ljust(8)


def _write_member(
    file: BinaryIO, dataset: Dataset, fields: Sequence[_Field], names: Names, encoding: str
) -> None:
    """Write one dataset: descriptor, variables, long labels, observations."""
    file.write(header(names.member, b"0" * 16 + b"01600000000140"))
    file.write(header(names.descriptor))
    name_size = SHORT_NAME if names.version == 5 else 32
    about = b"SAS     " + dataset.name.encode("ascii").ljust(name_size) + b"SASDATA " + _system(dataset)
    file.write(about.ljust(RECORD - 16) + stamp(dataset.metadata.created))
    label = dataset.label.encode(encoding).ljust(SHORT_LABEL)
    modified = stamp(dataset.metadata.modified or dataset.metadata.created)
    file.write((modified + b" " * 16 + label).ljust(RECORD))
    file.write(header(names.variables, f"{len(fields):010d}".encode("ascii") + b"0" * 20))
    described = b"".join(_descriptors(fields, names.version, encoding))
    file.write(_padded(described))
    if names.version == 8:
        file.write(_long_labels(fields, encoding))
        file.write(header(names.observations, f"{dataset.records:15d}".encode("ascii")))
    else:
        file.write(header(names.observations))
    _write_observations(file, dataset.records, fields)


def _padded(raw: bytes) -> bytes:
    """Fill up to a multiple of 80 with blanks."""
    return raw + b" " * (-len(raw) % RECORD)


def _descriptors(fields: Sequence[_Field], version: int, encoding: str) -> list[bytes]:
    """Describe the variables: NAMESTR of TS-140, 140 bytes each."""
    described, position = [], 0
    for number, one in enumerate(fields, start=1):
        kind = 2 if one.numbers is None else 1
        name, label = one.variable.name.encode("ascii"), one.variable.label.encode(encoding)
        shown, entry = one.display_format, one.input_format
        long = name.ljust(32) + struct.pack(">h", len(label)) if version == 8 else b""
        head = struct.pack(">4h", kind, 0, one.width, number)
        described.append(
            head + name[:SHORT_NAME].ljust(SHORT_NAME) + label[:SHORT_LABEL].ljust(SHORT_LABEL)
            + shown[0].ljust(8) + struct.pack(">3h2x", shown[1], shown[2], 0)
            + entry[0].ljust(8) + struct.pack(">2hi", entry[1], entry[2], position) + long.ljust(52, b"\0")
        )  # fmt: skip
        position += one.width
    return described


def _long_labels(fields: Sequence[_Field], encoding: str) -> bytes:
    """Write the labels that do not fit in 40 bytes, if any."""
    records = []
    for number, one in enumerate(fields, start=1):
        name, label = one.variable.name.encode("ascii"), one.variable.label.encode(encoding)
        if len(label) > SHORT_LABEL:
            records.append(struct.pack(">3H", number, len(name), len(label)) + name + label)
    if not records:
        return b""
    return header(b"LABELV8", str(len(records)).encode("ascii")) + _padded(b"".join(records))


def _write_observations(file: BinaryIO, records: int, fields: Sequence[_Field]) -> None:
    """Write the observations in blocks, padded at the end."""
    width = sum(one.width for one in fields)
    at_once = max(1, BLOCK_BYTES // max(width, 1))
    for first in range(0, records, at_once):
        here = slice(first, min(records, first + at_once))
        rows = np.empty((here.stop - here.start, width), dtype=np.uint8)
        position = 0
        for one in fields:
            rows[:, position : position + one.width] = _field_bytes(one, here)
            position += one.width
        file.write(rows.data)
    file.write(b" " * (-(records * width) % RECORD))


def _field_bytes(one: _Field, here: slice) -> npt.NDArray[np.uint8]:
    """Give the bytes of one variable in some observations."""
    if one.numbers is not None:
        return to_fields(one.numbers[here], None if one.codes is None else one.codes[here])
    encoded = one.encoded or {}
    raw = b"".join([encoded[text] for text in (() if one.texts is None else one.texts[here])])
    return np.frombuffer(raw, dtype=np.uint8).reshape(-1, one.width)
