"""The data dictionary of a REDCap project: its fields, their instruments, choices and validation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from euexia.core.choices import did_you_mean
from euexia.core.errors import Fault
from euexia.formats.files import fault, refusal
from euexia.formats.text_cells import read_pieces

KIND = "REDCap data dictionary"


class FieldKind(StrEnum):
    """The field types of REDCap."""

    TEXT = "text"
    NOTES = "notes"
    CALC = "calc"
    DROPDOWN = "dropdown"
    RADIO = "radio"
    CHECKBOX = "checkbox"
    YESNO = "yesno"
    TRUEFALSE = "truefalse"
    SLIDER = "slider"
    FILE = "file"
    DESCRIPTIVE = "descriptive"
    SQL = "sql"


SYNONYMS: Mapping[str, str] = {"textarea": "notes", "select": "dropdown"}
"""Names of field types inside the project XML."""
VALIDATIONS: Mapping[str, str] = {"int": "integer", "float": "number"}
"""Names of validations inside the project XML."""
YES_NO: Mapping[str, str] = {"1": "Yes", "0": "No"}
TRUE_FALSE: Mapping[str, str] = {"1": "True", "0": "False"}
STATUS: Mapping[str, str] = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
"""How far an instrument was filled in."""

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "kind": ("Field Type", "field_type"),
    "label": ("Field Label", "field_label"),
    "choices": ("Choices, Calculations, OR Slider Labels", "Choices OR Calculations",
                "select_choices_or_calculations"),
    "validation": ("Text Validation Type OR Show Slider Number",
                   "text_validation_type_or_show_slider_number"),
    "low": ("Text Validation Min", "text_validation_min"),
    "high": ("Text Validation Max", "text_validation_max"),
    "branching": ("Branching Logic (Show field only if...)", "branching_logic"),
    "identifier": ("Identifier?", "identifier"),
    "note": ("Field Note", "field_note"),
}  # fmt: skip
"""What each column is called in the project's own download and by its programming interface."""
NEEDED = ("name", "form", "kind", "label", "choices")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field; ``choices`` maps codes to labels in order (empty label: a choice without one)."""

    name: str
    form: str
    kind: FieldKind
    label: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    calculation: str = ""
    validation: str = ""
    low: str = ""
    high: str = ""
    branching: str = ""
    note: str = ""
    identifies: bool = False
    """Marked as identifying a person."""

    @property
    def is_number(self) -> bool:
        """Say whether its values are numbers by the dictionary."""
        written = self.validation.startswith(("integer", "number"))
        return self.kind in (FieldKind.CALC, FieldKind.SLIDER) or (self.kind is FieldKind.TEXT and written)

    @property
    def has_decimal_comma(self) -> bool:
        """Say whether its numbers are entered with a decimal comma."""
        return "comma_decimal" in self.validation

    @property
    def date_order(self) -> str:
        """Return ``ymd``, ``dmy`` or ``mdy`` for a date or datetime, empty for anything else."""
        found = re.fullmatch(r"date(?:time)?(?:_seconds)?_(ymd|dmy|mdy)", self.validation)
        return found.group(1) if found and self.kind is FieldKind.TEXT else ""

    @property
    def has_time(self) -> bool:
        """Say whether it holds a time beside the date."""
        return self.validation.startswith("datetime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary:
    """The fields in order; the first is the record's identifier."""

    fields: tuple[Field, ...]
    missing_codes: Mapping[str, str] = field(default_factory=dict)
    """Missing-data codes of the project and what they mean; only the project XML tells them."""

    @property
    def record_field(self) -> str:
        """Return the name of the field that identifies a record."""
        return self.fields[0].name

    @property
    def forms(self) -> tuple[str, ...]:
        """Return the instruments in order."""
        return tuple(dict.fromkeys(one.form for one in self.fields))

    def of(self, form: str) -> tuple[Field, ...]:
        """Return the fields of an instrument."""
        return tuple(one for one in self.fields if one.form == form)


def is_dictionary(path: Path) -> bool:
    """Say whether a delimited file has the headings of a data dictionary."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            first = file.readline(2000)
    except OSError:
        return False
    return all(any(name in first for name in HEADINGS[key]) for key in ("name", "form", "kind"))


def read_dictionary(path: Path | str, *, encoding: str = "utf-8") -> Dictionary:
    """Return the data dictionary in a CSV file; DataFileError with every fault."""
    place = Path(path)
    fields: list[Field] = []
    faults: list[Fault] = []
    for piece in read_pieces(place, encoding):
        columns = {
            key: next((name for name in names if name in piece.columns), "")
            for key, names in HEADINGS.items()
        }
        missing = [HEADINGS[key][0] for key in NEEDED if not columns[key]]
        if missing:
            problem = f"has no column '{missing[0]}'."
            raise refusal(
                place.name, KIND, [fault("header", problem, "Download the dictionary again.", line=1)]
            )
        for row, cells in zip(piece.index, piece.itertuples(index=False), strict=True):
            told = dict(zip(piece.columns, map(_text, cells), strict=True))
            entry = {key: told.get(name, "") if name else "" for key, name in columns.items()}
            found = _field(entry, int(row), faults)
            fields += [found] if found else []
    faults += _twice(fields)
    if faults:
        raise refusal(place.name, KIND, faults)
    return Dictionary(fields=tuple(fields))


def choices_of(written: str) -> Iterator[tuple[str, str]]:
    """Give code and label of each choice in ``1, First | 2, Second``; a choice without a label has none."""
    for part in written.replace("\n", "|").split("|"):
        if part.strip():
            code, _, label = part.partition(",")
            yield code.strip(), plain(label)


def plain(text: str) -> str:
    """Return a label without its tags and line breaks."""
    return " ".join(_TAG.sub("", text).split())


def _text(cell: object) -> str:
    text = str(cell).strip()
    return "" if text == "NA" else text


def _field(entry: Mapping[str, str], row: int, faults: list[Fault]) -> Field | None:
    """Return the field of a row; its faults are noted, and None returned, where it has any."""
    if not any(entry.values()):
        return None
    name, kind = entry["name"], SYNONYMS.get(entry["kind"], entry["kind"])
    before = len(faults)
    if not _NAME.fullmatch(name):
        faults.append(fault("field name", f"'{name}' is no name of a REDCap field.", line=row))
    if kind not in tuple(FieldKind):
        known = did_you_mean(kind, tuple(FieldKind))
        faults.append(fault(f"field '{name}'", f"there is no field type '{kind}'. {known}", line=row))
    if len(faults) > before:
        return None
    faults += _choice_faults(name, FieldKind(kind), entry["choices"], row)
    return made(entry, FieldKind(kind))


def made(entry: Mapping[str, str], kind: FieldKind) -> Field:
    """Return a field of what a dictionary or a project XML says about it."""
    coded = kind in (FieldKind.DROPDOWN, FieldKind.RADIO, FieldKind.CHECKBOX, FieldKind.SQL)
    choices: Mapping[str, str] = dict(choices_of(entry["choices"])) if coded else {}
    choices = {FieldKind.YESNO: YES_NO, FieldKind.TRUEFALSE: TRUE_FALSE}.get(kind, choices)
    validation = entry["validation"] if kind is FieldKind.TEXT else ""
    return Field(
        name=entry["name"],
        form=entry["form"],
        kind=kind,
        label=plain(entry["label"]),
        choices=choices,
        calculation=entry["choices"] if kind is FieldKind.CALC else "",
        validation=VALIDATIONS.get(validation, validation),
        low=entry["low"],
        high=entry["high"],
        branching=entry["branching"],
        note=entry["note"],
        identifies=entry["identifier"] == "y",
    )


def _choice_faults(name: str, kind: FieldKind, written: str, row: int) -> Iterator[Fault]:
    """Say which choices of a field stand twice."""
    if kind in (FieldKind.DROPDOWN, FieldKind.RADIO, FieldKind.CHECKBOX):
        codes = [code for code, _ in choices_of(written)]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield fault(f"field '{name}'", f"choice '{code}' stands twice.", line=row)
        if not codes:
            yield fault(f"field '{name}'", f"a {kind} field without choices.", line=row)


def _twice(fields: Sequence[Field]) -> list[Fault]:
    names = [one.name for one in fields]
    found = [
        fault(f"field '{name}'", "it stands twice.") for name in sorted(set(names)) if names.count(name) > 1
    ]
    return found if fields else [fault("the file", "holds no fields.")]
