"""Write Dataset-JSON 1.1: ``.json``, ``.ndjson`` and ``.dsjc`` (zlib), a block of rows at a time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np

from euexia.core.errors import Fault, InputError
from euexia.formats import dates
from euexia.formats.dataset import MOMENTS, Column, Dataset, DataType, Note, Variable, odd
from euexia.formats.dataset_json_header import header_of
from euexia.formats.files import fault, not_writable, replacing

KIND = "Dataset-JSON 1.1"
BLOCK = 20_000
WHOLE_AS_INTEGER = 1e15
ENDINGS = (".json", ".ndjson", ".dsjc")
NULL = "null"


def write(path: str | Path, dataset: Dataset, *, created: str = "") -> tuple[Note, ...]:
    """Write a dataset in the form that the ending of the path names, and note what is left out.

    created: the moment of creation in ISO 8601; else that of the dataset's metadata, else now.
    Raises OutputError naming what Dataset-JSON cannot hold: infinite numbers, impossible dates.
    """
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path.name} ends in '{path.suffix}'; Dataset-JSON ends in {', '.join(ENDINGS)}.")
    notes: list[Note] = []
    faults = [one for variable in dataset.variables for one in _value_faults(dataset, variable)]
    moment = created or dataset.metadata.created or datetime.now(UTC).isoformat(timespec="seconds")
    header = header_of(dataset, moment, faults, notes)
    if faults:
        raise not_writable(dataset.name, KIND, faults)
    if dataset.missing_codes:
        text = f"the missing codes of {', '.join(dataset.missing_codes)} have no place in Dataset-JSON."
        notes.append(odd(f"dataset {dataset.name}", text))
    with replacing(path) as file:
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
        _write(file, path.suffix.lower(), text, dataset)
    return tuple(notes)


def _write(file: BinaryIO, ending: str, header: str, dataset: Dataset) -> None:
    """Write header and rows in one of the three forms."""
    if ending == ".json":
        file.write(header[:-1].encode() + b',"rows":[')
        for number, rows in enumerate(_blocks(dataset)):
            file.write((",\n" if number else "").encode() + ",\n".join(rows).encode())
        file.write(b"]}")
        return
    packer = zlib.compressobj() if ending == ".dsjc" else None
    give: Callable[[bytes], bytes] = (lambda raw: raw) if packer is None else packer.compress
    file.write(give(header.encode() + b"\n"))
    for rows in _blocks(dataset):
        file.write(give("".join([row + "\n" for row in rows]).encode()))
    if packer is not None:
        file.write(packer.flush())


def _blocks(dataset: Dataset) -> Iterator[list[str]]:
    """Give the rows as JSON text, block by block; every different value is written once."""
    known: list[dict[object, str]] = [{} for _ in dataset.variables]
    writers = [_writer(variable) for variable in dataset.variables]
    for first in range(0, dataset.records, BLOCK):
        columns = []
        for variable, cache, write_one in zip(dataset.variables, known, writers, strict=True):
            values = dataset[variable.name][first : first + BLOCK].tolist()
            for value in set(values) - cache.keys():
                cache[value] = write_one(value)
            columns.append([cache[value] for value in values] if cache else [])
        yield [f"[{','.join(row)}]" for row in zip(*columns, strict=True)]


def _writer(variable: Variable) -> Callable[[object], str]:
    """Say how one value is written."""
    if variable.data_type is DataType.BOOLEAN:
        return lambda value: NULL if value != value else ("true" if value else "false")
    if variable.data_type.is_number:
        return _number
    return _text


def _text(value: object) -> str:
    return NULL if value is None else json.dumps(value, ensure_ascii=False)


def _number(value: object) -> str:
    """Write a number with as few digits as give it back exactly."""
    if not isinstance(value, float) or value != value:
        return NULL
    if value.is_integer() and abs(value) < WHOLE_AS_INTEGER and not (value == 0 and np.signbit(value)):
        return str(int(value))
    return repr(value)


def _value_faults(dataset: Dataset, variable: Variable) -> list[Fault]:
    """Name the values that Dataset-JSON cannot hold."""
    column, place = dataset[variable.name], f"{dataset.name}.{variable.name}"
    if variable.data_type in MOMENTS:
        return dates.faults(column, variable.data_type, place)
    if not variable.data_type.is_number:
        return _unpaired(column, place)
    problem = "is infinite, and JSON has no such number."
    return [
        fault(f"row {row + 1}, column {place}", problem) for row in np.flatnonzero(np.isinf(column)).tolist()
    ]


def _unpaired(column: Column, place: str) -> list[Fault]:
    """Name texts that are no Unicode (half a surrogate pair), which UTF-8 cannot hold."""
    broken = {text for text in set(column.tolist()) if text and not _encodes(text)}
    if not broken:
        return []
    rows = [row for row, text in enumerate(column.tolist(), start=1) if text in broken]
    return [
        fault(f"row {row}, column {place}", "holds half a surrogate pair, which is no text.") for row in rows
    ]


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
