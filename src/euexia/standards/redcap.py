"""REDCap exports with their data dictionary and a mapping, and project XML with a mapping, to trial data."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from euexia.core.errors import InputError
from euexia.formats import redcap as formats
from euexia.formats.dataset import Dataset, Note, NoteKind
from euexia.formats.redcap_header import EVENT, STRUCTURE
from euexia.formats.text_dates import DateOrder
from euexia.formats.text_numbers import Decimal
from euexia.protocol.protocol import Protocol
from euexia.standards.mapping import TrialMapping, load
from euexia.standards.mapping_reading import read_tables
from euexia.standards.mapping_tables import Table, Texts
from euexia.standards.understanding import Remark, Understanding, conflict, understood
from euexia.trialdata.trialdata import TrialData

STANDARD = "REDCap"
ARM = "redcap_arm"
"""Column with the number of the arm that a longitudinal project puts into the names of its events."""
LONGEST_HEADING = 100_000
_ARM = re.compile(r".*_arm_(\d+)[a-z]?")
_DICTIONARY = re.compile(r"^dictionary:", re.MULTILINE)


def recognise(path: Path, mapping: Path | None) -> bool:
    """Say whether a path is a project XML, or an export whose dictionary lies beside it or in the mapping."""
    if path.is_file() and path.suffix.lower() == ".xml":
        return formats.is_project(path)
    told = "" if mapping is None or not mapping.is_file() else mapping.read_text("utf-8", errors="replace")
    if _DICTIONARY.search(told) or _is_export(path, mapping):
        return True
    return path.is_dir() and any(formats.is_dictionary(file) for file in _tables(path))


def _is_export(path: Path, mapping: Path | None) -> bool:
    """Say whether a table has the columns of REDCap's structure, or lies beside a dictionary."""
    if not path.is_file() or path.suffix.lower() != ".csv":
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        heading = file.readline(LONGEST_HEADING)
    if any(name in heading for name in STRUCTURE):
        return True
    return mapping is None and export_and_dictionary(path)[1] not in (None, path)


def read(path: Path, mapping: Path | None, protocol: Protocol | None) -> tuple[TrialData, Understanding]:
    """Read an export as the mapping says.

    Raises InputError without a mapping or a dictionary, DataFileError with every fault, TrialDataError where
    no trial comes out.
    """
    if mapping is None:
        raise InputError(
            f"'{path}' is a REDCap export; which of its fields is what, only a mapping says. Begin one with "
            f"'euexia map-template {path} --out mapping.yaml', and look through its guesses."
        )
    told = load(mapping)
    export = read_export(path, told, mapping.parent)
    tables = tables_of(export, told)
    inside = replace(told, dates=DateOrder.YMD, decimal=told.decimal or Decimal.POINT)
    data, understanding, _ = read_tables(
        tables,
        inside,
        protocol,
        standard=STANDARD,
        source=export.file,
        remarks=[_remark(note, export.file) for note in export.notes],
        unread=export.faults,
    )
    return data, understanding


def read_export(path: Path, mapping: TrialMapping, beside: Path) -> formats.Export:
    """Return the export of a path; its dictionary is the one that the mapping names, or lies beside it."""
    export, dictionary = export_and_dictionary(path)
    if mapping.dictionary:
        named = beside / mapping.dictionary
        dictionary = named if named.exists() else path.parent / mapping.dictionary
    return formats.read(
        export,
        dictionary,
        decimal=mapping.decimal,
        missing=mapping.missing,
        encoding=mapping.encoding,
        keep_going=True,
    )


def export_and_dictionary(path: Path) -> tuple[Path, Path | None]:
    """Return the export of a folder and the dictionary beside it; a file is the export itself.

    Raises InputError for a folder with no export or with several.
    """
    if not path.is_dir():
        beside = [file for file in _tables(path.parent) if formats.is_dictionary(file)]
        return path, beside[0] if len(beside) == 1 else None
    dictionaries = [file for file in _tables(path) if formats.is_dictionary(file)]
    others = [file for file in _tables(path) if file not in dictionaries]
    if len(others) != 1 or len(dictionaries) != 1:
        names = ", ".join(file.name for file in (*dictionaries, *others)) or "no table"
        raise InputError(f"'{path}' must hold one export and one data dictionary; it holds {names}.")
    return others[0], dictionaries[0]


def tables_of(export: formats.Export, mapping: TrialMapping) -> dict[str, Table]:
    """Return the instruments as tables of text: codes, ISO dates, numbers with the mapping's decimal mark."""
    comma = mapping.decimal is Decimal.COMMA
    found = {}
    for name, instrument in export.instruments.items():
        dataset = instrument.dataset
        columns = {column: _texts(dataset, column, comma=comma) for column in dataset.names}
        if EVENT in columns:
            columns[ARM] = np.array([_arm(event) for event in columns[EVENT]], dtype=object)
        found[name] = Table(name=name, file=export.file, columns=columns, rows=instrument.rows)
    return found


def _texts(dataset: Dataset, name: str, *, comma: bool) -> Texts:
    column = dataset[name]
    if not dataset.variable(name).data_type.is_number:
        return np.array([text or "" for text in column], dtype=object)
    texts = ["" if np.isnan(number) else repr(float(number)).removesuffix(".0") for number in column]
    return np.array([text.replace(".", ",") if comma else text for text in texts], dtype=object)


def _arm(event: str) -> str:
    found = _ARM.fullmatch(event)
    return found.group(1) if found else ""


def _remark(note: Note, file: str) -> Remark:
    make = understood if note.kind is NoteKind.UNDERSTOOD else conflict
    return make("export", f"{file}, {note.place}", note.text)


def _tables(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
