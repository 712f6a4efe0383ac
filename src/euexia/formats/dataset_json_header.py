"""What a Dataset-JSON 1.1 file says about its dataset and variables, checked field by field.

Field names: CDISC Dataset-JSON v1.1 and its JSON Schema. Fields beyond the standard are kept as extensions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from euexia.core.choices import did_you_mean
from euexia.core.errors import Fault
from euexia.formats.dataset import Dataset, DataType, Metadata, Note, TargetType, Variable, odd
from euexia.formats.files import fault

VERSION = "1.1.0"
MOMENT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"
    r"([+-]([01]\d|2[0-3]):[0-5]\d|Z)?"
)
TEXTS = {
    "studyOID": "study_oid",
    "metaDataVersionOID": "metadata_version_oid",
    "metaDataRef": "metadata_ref",
    "itemGroupOID": "item_group_oid",
    "fileOID": "file_oid",
    "originator": "originator",
    "datasetJSONCreationDateTime": "created",
    "dbLastModifiedDateTime": "modified",
}
REQUIRED = (
    "datasetJSONCreationDateTime",
    "datasetJSONVersion",
    "itemGroupOID",
    "records",
    "name",
    "label",
    "columns",
)
OTHERS = ("datasetJSONVersion", "records", "name", "label", "columns", "rows", "sourceSystem")
COLUMN_TEXTS = {"itemOID": "oid", "name": "name", "label": "label", "displayFormat": "display_format"}
COLUMN_NUMBERS = ("length", "keySequence")
COLUMN_REQUIRED = ("itemOID", "name", "label", "dataType")
TYPES = {one.value: one for one in DataType}
TARGETS = {one.value: one for one in TargetType}


def metadata(header: Mapping[str, Any], form: str, faults: list[Fault], notes: list[Note]) -> Metadata:
    """Read what is said about the dataset as a whole."""
    faults += [fault(key, "is required and missing.") for key in REQUIRED if key not in header]
    version = header.get("datasetJSONVersion")
    if version is not None and not re.fullmatch(r"1\.1(\.\d+)?", str(version)):
        problem = f"is '{version}'; this reader knows 1.1."
        faults.append(fault("datasetJSONVersion", problem))
    found = {name: _text(header, key, key, faults) for key, name in TEXTS.items()}
    notes += [
        odd(key, f"'{found[TEXTS[key]]}' is not a date and time as the standard has it.")
        for key in ("datasetJSONCreationDateTime", "dbLastModifiedDateTime")
        if found[TEXTS[key]] and not MOMENT.fullmatch(found[TEXTS[key]])
    ]
    extensions = {key: value for key, value in header.items() if key not in TEXTS and key not in OTHERS}
    notes += [odd(key, "is not a field of the standard; it is kept as an extension.") for key in extensions]
    system = header.get("sourceSystem")
    if system is not None and not isinstance(system, Mapping):
        faults.append(fault("sourceSystem", "is no object with a name and a version."))
    system = system if isinstance(system, Mapping) else {}
    beyond = {key: value for key, value in system.items() if key not in ("name", "version")}
    if beyond:
        extensions["sourceSystem"] = beyond
        notes.append(
            odd("sourceSystem", f"has more than the standard: {', '.join(beyond)}; kept as extension.")
        )
    return Metadata(
        **found, system=_text(system, "name", "sourceSystem.name", faults),
        system_version=_text(system, "version", "sourceSystem.version", faults), format=form,
        encoding="utf-8", extensions=extensions,
    )  # fmt: skip


def variables(header: Mapping[str, Any], faults: list[Fault], notes: list[Note]) -> tuple[Variable, ...]:
    """Read the columns' descriptions."""
    columns = header.get("columns", [])
    if not isinstance(columns, list):
        faults.append(fault("columns", "is no list."))
        return ()
    found = [_variable(column, index, faults, notes) for index, column in enumerate(columns, start=1)]
    described = tuple(one for one in found if one is not None)
    names = [one.name for one in described]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [fault("columns", f"the variable '{name}' is there twice.") for name in twice]
    return described


def header_of(dataset: Dataset, created: str, faults: list[Fault], notes: list[Note]) -> dict[str, Any]:
    """Say about a dataset what Dataset-JSON says, in its order, without rows."""
    about = dataset.metadata
    header: dict[str, Any] = {"datasetJSONCreationDateTime": created, "datasetJSONVersion": VERSION}
    header |= {"fileOID": about.file_oid, "dbLastModifiedDateTime": about.modified}
    header["originator"] = about.originator
    if about.system or about.system_version:
        header["sourceSystem"] = {"name": about.system, "version": about.system_version}
    header |= {"studyOID": about.study_oid, "metaDataVersionOID": about.metadata_version_oid}
    header["metaDataRef"] = about.metadata_ref
    header = {key: value for key, value in header.items() if value != ""}
    header["itemGroupOID"] = about.item_group_oid or f"IG.{dataset.name}"
    header |= {"records": dataset.records, "name": dataset.name, "label": dataset.label}
    header["columns"] = [_column(dataset.name, one) for one in dataset.variables]
    faults += [
        fault(key, f"'{header[key]}' is not a date and time like 2026-01-31T12:00:00.")
        for key in ("datasetJSONCreationDateTime", "dbLastModifiedDateTime")
        if key in header and not MOMENT.fullmatch(header[key])
    ]
    if about.extensions or any(one.extensions for one in dataset.variables):
        text = "fields beyond the standard are not written, so that the file is valid."
        notes.append(odd(f"dataset {dataset.name}", text))
    return header


def null_text(about: Metadata) -> str | None:
    """Find the text that a file declares to stand for null, among its system extensions (NULLCHAR)."""
    beyond = about.extensions.get("sourceSystem", {})
    for group in beyond.get("systemExtensions", ()) if isinstance(beyond, Mapping) else ():
        for one in group.get("extensions", ()) if isinstance(group, Mapping) else ():
            if (
                isinstance(one, Mapping)
                and one.get("name") == "NULLCHAR"
                and isinstance(one.get("value"), str)
            ):
                return str(one["value"])
    return None


def _text(values: Mapping[str, Any], key: str, place: str, faults: list[Fault]) -> str:
    """Read a field that is text; the empty text if it is not there."""
    value = values.get(key, "")
    if isinstance(value, str):
        return value
    faults.append(fault(place, f"is {value!r}, which is no text."))
    return ""


def _variable(column: Any, index: int, faults: list[Fault], notes: list[Note]) -> Variable | None:
    """Read the description of one column."""
    if not isinstance(column, Mapping):
        faults.append(fault(f"column {index}", "is no object."))
        return None
    place = f"column {column.get('name', index)}"
    faults += [
        fault(place, f"'{key}' is required and missing.") for key in COLUMN_REQUIRED if key not in column
    ]
    texts = {name: _text(column, key, f"{place}, {key}", faults) for key, name in COLUMN_TEXTS.items()}
    length, sequence = (_number(column, key, place, notes) for key in COLUMN_NUMBERS)
    known = {*COLUMN_TEXTS, *COLUMN_NUMBERS, "dataType", "targetDataType"}
    beyond = {key: value for key, value in column.items() if key not in known}
    if beyond:
        notes.append(odd(place, f"has more than the standard: {', '.join(beyond)}; kept as extension."))
    data_type = _choice(column, "dataType", TYPES, place, faults)
    target = _choice(column, "targetDataType", TARGETS, place, faults)
    if data_type is None or not texts["name"]:
        return None
    return Variable(
        name=texts["name"], label=texts["label"], oid=texts["oid"], display_format=texts["display_format"],
        data_type=data_type, target_type=target, length=length, key_sequence=sequence, extensions=beyond,
    )  # fmt: skip


def _number(column: Mapping[str, Any], key: str, place: str, notes: list[Note]) -> int | None:
    """Read a field that is a whole number from 1; what is not is noted and left out."""
    value = column.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    notes.append(odd(place, f"{key} is {value!r}, which is no whole number from 1; it is left out."))
    return None


def _choice(
    column: Mapping[str, Any], key: str, options: Mapping[str, Any], place: str, faults: list[Fault]
) -> Any:
    """Read a field with a closed list of values."""
    value = column.get(key)
    if value is None or (isinstance(value, str) and value in options):
        return None if value is None else options[value]
    faults.append(fault(place, f"there is no {key} {value!r}.", did_you_mean(str(value), options)))
    return None


def _column(dataset: str, variable: Variable) -> dict[str, Any]:
    """Say about a variable what Dataset-JSON says."""
    column: dict[str, Any] = {
        "itemOID": variable.oid or f"IT.{dataset}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        "dataType": variable.data_type.value,
    }
    if variable.target_type is not None:
        column["targetDataType"] = variable.target_type.value
    if variable.length is not None:
        column["length"] = variable.length
    if variable.display_format:
        column["displayFormat"] = variable.display_format
    if variable.key_sequence is not None:
        column["keySequence"] = variable.key_sequence
    return column
