"""What the columns of a table probably mean: a first mapping, for a person to correct."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from euexia.assess.checks import OTHER_UNITS
from euexia.assess.vocabulary import ALIASES, Term, is_known, proper, term, terms
from euexia.core import quantities
from euexia.core.errors import UnitError
from euexia.studio.tables import Table

EXAMPLES = 3
NUMBER = re.compile(r"^-?\d+(?:[.,]\d+)?$")
LOOKED_AT = 200
PATIENT = (
    "patient",
    "patient_id",
    "patientid",
    "subject",
    "subject_id",
    "usubjid",
    "id",
    "mrn",
    "hospital_id",
)
DATE = ("date", "visit_date", "seen", "day", "assessed", "assessment_date", "datum", "dtc")
WORDS: Mapping[str, str] = {
    "weight": "body_weight",
    "wt": "body_weight",
    "gewicht": "body_weight",
    "ht": "height",
    "groesse": "height",
    "gender": "male",
    "sex": "male",
    "grip": "handgrip_strength",
    "handgrip": "handgrip_strength",
    "hgs": "handgrip_strength",
    "c_reactive_protein": "crp",
    "sma": "skeletal_muscle_area",
    "smi": "skeletal_muscle_index",
    "performance_status": "ecog",
    "who": "ecog",
    "alter": "age",
}
"""Headings that people use, and the measure they mean."""
DATES: Sequence[tuple[str, str]] = (
    (r"^\d{4}-\d{2}-\d{2}", ""),
    (r"^\d{1,2}\.\d{1,2}\.\d{4}$", "%d.%m.%Y"),
    (r"^\d{1,2}/\d{1,2}/\d{4}$", "%d/%m/%Y"),
    (r"^\d{4}/\d{1,2}/\d{1,2}$", "%Y/%m/%d"),
)
SEX: Mapping[str, float] = {
    "m": 1.0,
    "male": 1.0,
    "man": 1.0,
    "f": 0.0,
    "w": 0.0,
    "female": 0.0,
    "woman": 0.0,
}


def columns(table: Table) -> list[dict[str, Any]]:
    """Return each column with some of its values."""
    return [
        {"name": name, "examples": _examples(table, index)[:EXAMPLES]}
        for index, name in enumerate(table.columns)
    ]


def mapping(table: Table) -> dict[str, Any]:
    """Return what the columns probably mean."""
    plain = {_plain(name): name for name in table.columns}
    found: dict[str, Any] = {
        "layout": "tidy" if {"measure", "value"} <= set(plain) else "wide",
        "patient": next((plain[name] for name in PATIENT if name in plain), ""),
        "date": next((plain[name] for name in DATE if name in plain), ""),
    }
    dates = _examples(table, table.columns.index(found["date"])) if found["date"] else []
    found["date_format"] = _date_format(dates)
    found["decimal"] = _decimal(table)
    if found["layout"] == "tidy":
        return {**found, **{name: plain.get(name, "") for name in ("measure", "value", "unit")}}
    taken = {found["patient"], found["date"]}
    known = {
        name: guess
        for index, name in enumerate(table.columns)
        if name not in taken and (guess := _column(name, _examples(table, index))) is not None
    }
    return {**found, "columns": known}


def _examples(table: Table, index: int) -> list[str]:
    values = (row[index].strip() for row in table.rows[:LOOKED_AT])
    return list(dict.fromkeys(value for value in values if value))


def _plain(name: str) -> str:
    """Return a heading without case, brackets and punctuation."""
    bare = re.sub(r"[\[(].*?[\])]", "", name).strip().lower()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


@cache
def _labels() -> Mapping[str, str]:
    found = {_plain(entry.label): name for name, entry in terms().items()}
    found |= {_plain(entry.short): name for name, entry in terms().items()}
    return {**found, **{_plain(alias): name for alias, name in ALIASES.items()}, **WORDS}


def _column(name: str, examples: Sequence[str]) -> dict[str, Any] | None:
    """Return what a column of a wide table probably is; None if nothing fits."""
    plain = _plain(name)
    measure = plain if is_known(plain) else _labels().get(plain)
    unit = _bracketed(name)
    if measure is None:
        stem, _, ending = plain.rpartition("_")
        measure = stem if is_known(stem) else _labels().get(stem)
        unit = unit or ending
    if measure is None:
        return None
    measure = proper(measure)
    known = term(measure)
    if known.is_coded:
        codes = {value: SEX[value.lower()] for value in examples if value.lower() in SEX}
        return {"measure": measure, **({"values": codes} if codes and measure == "male" else {})}
    return {"measure": measure, "unit": _fitting(unit, known, examples)}


def _bracketed(name: str) -> str:
    matched = re.search(r"[\[(](.*?)[\])]", name)
    return matched.group(1).strip() if matched else ""


def _fitting(unit: str, known: Term, examples: Sequence[str]) -> str:
    """Return the unit in which the values are plausible: the one named, the usual one, or another."""
    numbers = [float(value.replace(",", ".")) for value in examples if NUMBER.match(value)]
    usual = "" if known.canonical == "1" else known.canonical
    for candidate in filter(None, (unit, usual, *OTHER_UNITS.get(known.kind, ()))):
        try:
            size = quantities.factor(candidate, known.kind)
        except UnitError:
            continue
        if all(known.low <= number * size <= known.high for number in numbers):
            return candidate
    return usual


def _date_format(examples: Sequence[str]) -> str:
    for pattern, written in DATES:
        if examples and all(re.match(pattern, value) for value in examples):
            return written
    return ""


def _decimal(table: Table) -> str:
    """Return ``comma`` if numbers are written with one."""
    cells = [cell for row in table.rows[:LOOKED_AT] for cell in row]
    commas = sum(bool(re.match(r"^-?\d+,\d+$", cell.strip())) for cell in cells)
    points = sum(bool(re.match(r"^-?\d+\.\d+$", cell.strip())) for cell in cells)
    return "comma" if commas > points else "point"
