"""The cells of a REDCap export, column by column: codes, checkboxes, dates, numbers, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.formats.complaints import Complaints, Integers
from euexia.formats.dataset import Column, DataType, number_column, text_column
from euexia.formats.redcap_dictionary import Field, FieldKind
from euexia.formats.redcap_header import Part
from euexia.formats.text_dates import DateOrder, iso
from euexia.formats.text_numbers import Decimal

Texts = NDArray[np.object_]
Verdict = tuple[Any, str, str]
"""Value, problem and remedy of one text; the problem is empty where there is none."""

TICKED: Mapping[str, float] = {"1": 1.0, "0": 0.0, "checked": 1.0, "unchecked": 0.0}
"""What stands in the column of one choice: raw, and labelled."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How an export writes values: codes or labels, its decimal mark, and its words for nothing."""

    labels: bool
    decimal: Decimal
    missing: frozenset[str] = frozenset()


def data_type(part: Part) -> DataType:
    """Return the data type of a column."""
    if part.choice:
        return DataType.BOOLEAN
    if part.field.date_order:
        return DataType.DATETIME if part.field.has_time else DataType.DATE
    return DataType.DOUBLE if part.field.is_number else DataType.STRING


def typed(texts: Texts, part: Part, style: Style, rows: Integers, complaints: Complaints) -> Column:
    """Return a column of values; cells that cannot be read are complained of and missing."""
    reader = _reader(part, style)
    verdicts = {text: reader(text) for text in set(texts) if text and text not in style.missing}
    for text, (_, problem, remedy) in sorted(verdicts.items()):
        if problem:
            complaints.add(rows[texts == text], part.name, problem, remedy)
    read: list[Any] = [
        verdicts[text][0] if text in verdicts and not verdicts[text][1] else None for text in texts
    ]
    return number_column(read) if data_type(part).is_number else text_column(read)


def decimal_of(columns: Mapping[str, Texts], fields: Mapping[str, Field]) -> tuple[Decimal, str]:
    """Return the decimal mark of an export's numbers, and what was concluded from what.

    A comma is a decimal comma where a number can be nothing else (``75,3``) and none has a point.
    """
    numbers = [
        text
        for name, texts in columns.items()
        if name in fields and fields[name].is_number
        for text in set(texts)
        if _NUMBER.fullmatch(text) or _COMMA.fullmatch(text)
    ]
    sure = [text for text in numbers if _COMMA.fullmatch(text) and not _THOUSANDS.fullmatch(text)]
    pointed = any("." in text for text in numbers)
    if sure and not pointed:
        return Decimal.COMMA, f"numbers have decimal commas ('{sure[0]}'); they were read as such."
    return Decimal.POINT, ""


def uses_labels(columns: Mapping[str, Texts], parts: Mapping[str, Part]) -> bool | None:
    """Say whether choices stand as labels; None where nothing tells, or columns tell different things."""
    told = set()
    for name, part in parts.items():
        choices = part.field.choices
        for text in set(columns.get(name, ())) - {""}:
            if part.choice:
                told |= {True} if text in ("Checked", "Unchecked") else {False} if text in "01" else set()
            elif choices and part.field.kind is not FieldKind.CHECKBOX:
                told |= _told(text, choices)
    return told.pop() if len(told) == 1 else None


def _told(text: str, choices: Mapping[str, str]) -> set[bool]:
    code, label = text in choices, text in choices.values()
    return {label} if code != label else set()


def _reader(part: Part, style: Style) -> Callable[[str], Verdict]:
    """Return what reads the texts of a column."""
    field = part.field
    if part.choice:
        return _tick
    if field.kind is FieldKind.CHECKBOX:
        return lambda text: _several(text, field, style)
    if field.choices:
        return lambda text: _code(text, field, style)
    if field.date_order:
        return lambda text: _date(text, field)
    if field.is_number:
        return lambda text: _number(text, field, style)
    return lambda text: (text, "", "")


def _tick(text: str) -> Verdict:
    value = TICKED.get(text.lower())
    if value is None:
        return np.nan, f"'{text}' does not say whether the box is ticked.", "Write 1 or 0."
    return value, "", ""


def _several(text: str, field: Field, style: Style) -> Verdict:
    """Read the choices of a checkbox field that were combined into one column, as codes joined by commas."""
    codes = {label: code for code, label in field.choices.items()} if style.labels else {}
    found = [codes.get(one.strip(), one.strip()) for one in text.split(",")]
    strange = [one for one in found if one not in field.choices]
    if strange:
        remedy = "Export without combining the choices of checkboxes, or export codes."
        return None, f"'{strange[0]}' is no choice of '{field.name}'.", remedy
    return ",".join(found), "", ""


def _code(text: str, field: Field, style: Style) -> Verdict:
    codes = [code for code, label in field.choices.items() if label == text]
    if not style.labels and text in field.choices:
        return text, "", ""
    if len(codes) == 1:
        return codes[0], "", ""
    if codes:
        problem = f"'{text}' is the label of more than one choice: {', '.join(codes)}."
        return None, problem, "Export raw codes."
    if text in field.choices:
        return text, "", ""
    known = "; ".join(f"{code} {label}".strip() for code, label in field.choices.items())
    return None, f"'{text}' is no choice of '{field.name}'.", f"Choices: {known}."


def _date(text: str, field: Field) -> Verdict:
    found, problem = iso(text, DateOrder(field.date_order))
    return found, problem, "Write the date as the dictionary says." if problem else ""


def _number(text: str, field: Field, style: Style) -> Verdict:
    comma = style.decimal is Decimal.COMMA or field.has_decimal_comma
    point = text.replace(",", ".", 1) if comma and "." not in text else text
    if _NUMBER.fullmatch(point):
        return float(point), "", ""
    if _COMMA.fullmatch(text):
        remedy = "Say 'decimal: comma' in the mapping, or export with decimal points."
        return np.nan, f"'{text}' may be a decimal comma or a thousands sign.", remedy
    if field.kind is FieldKind.CALC and not field.validation:
        return np.nan, f"'{text}' is no number, as a calculated field gives.", ""
    return np.nan, f"'{text}' is no number.", "If it says that nothing was read, list it under 'missing'."
