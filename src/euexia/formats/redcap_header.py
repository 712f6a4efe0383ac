"""What the columns of a REDCap export are: raw field names, or the labels that people read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from euexia.formats.redcap_dictionary import STATUS, Dictionary, Field, FieldKind, plain

EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
GROUP, SURVEY = "redcap_data_access_group", "redcap_survey_identifier"
STRUCTURE: Mapping[str, str] = {
    EVENT: "Event Name",
    INSTRUMENT: "Repeat Instrument",
    INSTANCE: "Repeat Instance",
    GROUP: "Data Access Group",
    SURVEY: "Survey Identifier",
}
"""Columns that REDCap adds, and their labels."""
_MANGLED = re.compile(r"\.\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One column of an export: a field, one choice of a checkbox field, or a status.

    name: the raw name.  heading: as a labelled export heads it.
    """

    name: str
    heading: str
    field: Field
    choice: str = ""
    """Code of the choice, for a column of a checkbox."""


def parts(dictionary: Dictionary) -> tuple[Part, ...]:
    """Return the columns that an export can have beside those of its structure, in order."""
    found: list[Part] = []
    for form in dictionary.forms:
        stamp = Field(name=f"{form}_timestamp", form=form, kind=FieldKind.TEXT, validation="datetime_ymd")
        found.append(Part(name=stamp.name, heading="Survey Timestamp", field=stamp))
        for field in dictionary.of(form):
            found += _of_field(field)
        status = Field(name=f"{form}_complete", form=form, kind=FieldKind.DROPDOWN, choices=STATUS)
        found.append(Part(name=status.name, heading="Complete?", field=status))
    return tuple(found)


def checkbox_name(field: str, code: str) -> str:
    """Return the column of a choice: ``race`` and ``-1`` give ``race____1``, as REDCap names it."""
    return f"{field}___{re.sub(r'[^a-z0-9]', '_', code.lower())}"


def _of_field(field: Field) -> list[Part]:
    if field.kind is FieldKind.DESCRIPTIVE:
        return []
    if field.kind is not FieldKind.CHECKBOX:
        return [Part(name=field.name, heading=field.label, field=field)]
    whole = Part(name=field.name, heading=field.label, field=field)  # exports may combine the choices
    split = [
        Part(
            name=checkbox_name(field.name, code),
            heading=f"{field.label} (choice={label})",
            field=field,
            choice=code,
        )
        for code, label in field.choices.items()
    ]
    return [*split, whole]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns of one export by their raw names.

    columns: raw name to the heading in the file.  strangers: headings that are in no dictionary.
    unlabelled: checkbox columns whose choice the dictionary does not have.
    """

    columns: Mapping[str, str]
    parts: Mapping[str, Part]
    strangers: tuple[str, ...]
    unlabelled: tuple[str, ...]
    has_labels: bool


def header(names: Sequence[str], dictionary: Dictionary) -> Header:
    """Return what each column of an export is: by raw names if the record's field is among them."""
    known = parts(dictionary)
    if dictionary.record_field in names:
        return _raw(names, known)
    return _labelled(names, known)


def _raw(names: Sequence[str], known: Sequence[Part]) -> Header:
    by_name = {part.name: part for part in known}
    checkboxes = {part.field.name: part.field for part in known if part.field.kind is FieldKind.CHECKBOX}
    found: dict[str, Part] = {}
    unlabelled = []
    for name in names:
        stem, _, code = name.partition("___")
        if name in by_name:
            found[name] = by_name[name]
        elif code and stem in checkboxes:
            found[name] = Part(name=name, heading=name, field=checkboxes[stem], choice=code)
            unlabelled.append(name)
    strangers = tuple(name for name in names if name not in found and name not in STRUCTURE)
    columns = {name: name for name in names if name in found or name in STRUCTURE}
    return Header(
        columns=columns,
        parts=found,
        strangers=strangers,
        unlabelled=tuple(unlabelled),
        has_labels=False,
    )


def _labelled(names: Sequence[str], known: Sequence[Part]) -> Header:
    """Match headings to labels in the order of the dictionary, for labels may stand more than once."""
    columns: dict[str, str] = {}
    found: dict[str, Part] = {}
    strangers = []
    labels = {label: name for name, label in STRUCTURE.items()}
    at = 0
    for name in names:
        heading = plain(_MANGLED.sub("", name))
        if heading in labels and labels[heading] not in columns:
            columns[labels[heading]] = name
            continue
        place = _next(known, at, heading, found)
        if place is None:
            strangers.append(name)
            continue
        found[known[place].name], columns[known[place].name] = known[place], name
        at = place + 1
    return Header(columns=columns, parts=found, strangers=tuple(strangers), unlabelled=(), has_labels=True)


def _next(known: Sequence[Part], at: int, heading: str, found: Mapping[str, Part]) -> int | None:
    """Return the place of the next part with a heading that is not yet found, beginning at a place."""
    order = (*range(at, len(known)), *range(at))
    return next(
        (
            place
            for place in order
            if plain(known[place].heading) == heading and known[place].name not in found
        ),
        None,
    )
