"""One table of a REDCap export, divided into tidy datasets: one for each instrument.

REDCap exports all instruments in one table: a row for each record, event and repeated instance, in which the
cells of all other instruments are empty.  Here each instrument has its own rows, with record, event and
instance as keys.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from euexia.core.errors import Fault
from euexia.formats.complaints import Complaints, Integers
from euexia.formats.dataset import Dataset, DataType, Note, Variable, odd, text_column, understood
from euexia.formats.files import fault, refusal
from euexia.formats.redcap_dictionary import Dictionary, FieldKind
from euexia.formats.redcap_header import EVENT, GROUP, INSTANCE, INSTRUMENT, Header, Part, header
from euexia.formats.redcap_values import Style, Texts, data_type, decimal_of, typed, uses_labels
from euexia.formats.text_numbers import Decimal

if TYPE_CHECKING:
    from pandas import DataFrame

KIND = "REDCap export"
MOST_FAULTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """The rows of one instrument, and where in the export each came from."""

    dataset: Dataset
    rows: Integers
    """Row of the export, its header being row 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What an export holds: its instruments, what was odd, and the cells that could not be read.

    faults: by column, so that whoever does not need a column need not mind its faults.
    """

    file: str
    dictionary: Dictionary
    instruments: Mapping[str, Instrument]
    notes: tuple[Note, ...] = ()
    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)

    def refuse(self, columns: Collection[str] | None = None) -> None:
        """Raise DataFileError with every fault of some columns, or of all."""
        wanted = [
            one
            for column, found in self.faults.items()
            if columns is None or column in columns
            for one in found
        ]
        if wanted:
            raise refusal(self.file, KIND, wanted)


def divide(
    frame: DataFrame,
    dictionary: Dictionary,
    file: str,
    *,
    decimal: Decimal | None = None,
    missing: Collection[str] = (),
) -> Export:
    """Return the instruments of an export.

    frame: all cells as text, its index the row numbers.  decimal: the decimal mark; None: as the numbers
    tell beyond doubt.  missing: missing-data codes beside those of the dictionary.
    Raises DataFileError for duplicated keys and for columns that are in no dictionary.
    """
    head = header(list(frame.columns), dictionary)
    columns: dict[str, Texts] = {
        name: frame[written].str.strip().to_numpy(dtype=object) for name, written in head.columns.items()
    }
    rows = frame.index.to_numpy(dtype=np.int64)
    _check(head, columns, dictionary, rows, file)
    notes = _notes(head)
    style, told = _style(head, columns, dictionary, decimal, missing)
    complaints: dict[str, Complaints] = {}
    instruments: dict[str, Instrument] = {}
    for form in dictionary.forms:
        found = _instrument(form, head, columns, dictionary, style, rows, complaints)
        if found is not None:
            instruments[form] = found
    _strays(columns, head, rows, dictionary, complaints)
    faults = {name: one.faults(MOST_FAULTS) for name, one in complaints.items() if one.rows}
    return Export(
        file=file,
        dictionary=dictionary,
        instruments=instruments,
        notes=(*notes, *told),
        faults=faults,
    )


def _check(
    head: Header, columns: Mapping[str, Texts], dictionary: Dictionary, rows: Integers, file: str
) -> None:
    """Refuse an export without its record field, with columns of no dictionary, or with keys twice."""
    record = dictionary.record_field
    if record not in columns:
        problem = f"no column is the record's identifier '{record}' of the dictionary."
        raise refusal(file, KIND, [fault("header", problem, "Is the dictionary of this project?", line=1)])
    remedy = "Is the dictionary of the same project, and as new as the export?"
    faults = [
        fault(f"column '{name}'", "no field of the dictionary is called so.", remedy, line=1)
        for name in head.strangers
    ]
    keys: dict[tuple[str, ...], int] = {}
    names = [name for name in (record, EVENT, INSTRUMENT, INSTANCE) if name in columns]
    for row, key in zip(rows, zip(*(columns[name] for name in names), strict=True), strict=True):
        if not key[0]:
            faults.append(fault(f"column '{record}'", "the record has no identifier.", line=int(row)))
        elif key in keys:
            shown = ", ".join(part for part in key if part)
            problem = f"the key ({shown}) stands in row {keys[key]} already."
            faults.append(fault(f"column '{record}'", problem, "Keep one of them.", line=int(row)))
        keys.setdefault(key, int(row))
    if faults:
        raise refusal(file, KIND, faults)


def _notes(head: Header) -> list[Note]:
    notes = [
        odd(f"column '{name}'", "a box of a choice that the dictionary does not have; read under its code.")
        for name in head.unlabelled
    ]
    if head.has_labels:
        notes.append(understood("header", "labels were matched to fields in the order of the dictionary."))
    for part in head.parts.values():
        field = part.field
        empty = field.kind is FieldKind.CHECKBOX and part.choice and not field.choices.get(part.choice, "-")
        if empty:
            notes.append(odd(f"column '{part.name}'", f"choice '{part.choice}' has no label."))
        if field.kind is FieldKind.CALC:
            notes.append(
                understood(f"column '{field.name}'", "calculated by REDCap; taken as it was exported.")
            )
    return notes


def _style(
    head: Header,
    columns: Mapping[str, Texts],
    dictionary: Dictionary,
    decimal: Decimal | None,
    missing: Collection[str],
) -> tuple[Style, list[Note]]:
    """Settle how values are written, and note what was concluded."""
    notes = []
    labels = uses_labels(columns, head.parts)
    if labels is None:
        labels = head.has_labels
    elif labels:
        notes.append(understood("the file", "choices stand as labels; they were turned into codes."))
    if decimal is None:
        fields = {name: part.field for name, part in head.parts.items() if not part.choice}
        decimal, told = decimal_of(columns, fields)
        notes += [odd("the file", told)] if told else []
    codes = frozenset({*missing, *dictionary.missing_codes})
    if labels:
        codes |= frozenset(dictionary.missing_codes.values())
    met = {code for texts in columns.values() for code in codes.intersection(texts)}
    notes += [understood("the file", f"'{code}' is a missing-data code.") for code in sorted(met)]
    return Style(labels=labels, decimal=decimal, missing=codes), notes


def _instrument(
    form: str,
    head: Header,
    columns: Mapping[str, Texts],
    dictionary: Dictionary,
    style: Style,
    rows: Integers,
    complaints: dict[str, Complaints],
) -> Instrument | None:
    """Return the rows in which anything of an instrument is filled in; None if it has no column."""
    record = dictionary.record_field
    own = [part for part in head.parts.values() if part.field.form == form and part.name != record]
    if not own:
        return None
    mine = _is_of(form, columns, dictionary, len(rows))
    filled = np.zeros(len(rows), dtype=bool)
    for part in own:
        filled |= _is_filled(columns[part.name], part)
    kept = filled & mine
    others = [name for name in (EVENT, INSTANCE, GROUP) if name in columns and any(columns[name][kept])]
    keys = [record, *others]
    values = {name: text_column([text or None for text in columns[name][kept]]) for name in keys}
    variables = [
        Variable(name=name, key_sequence=place) for place, name in enumerate(keys, 1) if name != GROUP
    ]
    for part in own:
        complaint = complaints.setdefault(part.name, Complaints())
        values[part.name] = typed(columns[part.name][kept], part, style, rows[kept], complaint)
        variables.append(_variable(part))
    variables += [Variable(name=GROUP)] if GROUP in values else []
    dataset = Dataset(
        name=form,
        variables=tuple(sorted(variables, key=lambda one: list(values).index(one.name))),
        columns=values,
    )
    return Instrument(dataset=dataset, rows=rows[kept])


def _variable(part: Part) -> Variable:
    field = part.field
    label = f"{field.label} ({field.choices.get(part.choice, part.choice)})" if part.choice else field.label
    told = {"choices": dict(field.choices)} if field.choices else {}
    return Variable(name=part.name, label=label, data_type=data_type(part), extensions=told)


def _is_filled(texts: Texts, part: Part) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say where a cell says something: an empty box and the status 'incomplete' say nothing."""
    nothing = {""}
    if part.choice:
        nothing |= {"0", "Unchecked"}
    if part.name == f"{part.field.form}_complete":
        nothing |= {"0", "Incomplete"}
    return np.array([text not in nothing for text in texts], dtype=bool)


def _is_of(
    form: str, columns: Mapping[str, Texts], dictionary: Dictionary, count: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say which rows may hold an instrument: its own repeated ones, and those of no repeated instrument."""
    if INSTRUMENT not in columns:
        return np.ones(count, dtype=bool)
    return np.array([not text or _form_named(text) == form for text in columns[INSTRUMENT]], dtype=bool)


def _form_named(text: str) -> str:
    """Return the name of an instrument from its name or its label."""
    return "_".join(text.lower().replace("_", " ").split())


def _strays(
    columns: Mapping[str, Texts],
    head: Header,
    rows: Integers,
    dictionary: Dictionary,
    complaints: dict[str, Complaints],
) -> None:
    """Complain of values that stand in the rows of another instrument."""
    for part in head.parts.values():
        if part.name == dictionary.record_field:
            continue
        mine = _is_of(part.field.form, columns, dictionary, len(rows))
        stray = ~mine & _is_filled(columns[part.name], part)
        problem = f"a value of instrument '{part.field.form}' in a row of another repeated instrument."
        complaints.setdefault(part.name, Complaints()).add(rows[stray], part.name, problem)


def with_notes(export: Export, notes: Collection[Note]) -> Export:
    """Add notes."""
    return replace(export, notes=(*export.notes, *notes))


__all__ = ["DataType", "Export", "Instrument", "divide", "with_notes"]
