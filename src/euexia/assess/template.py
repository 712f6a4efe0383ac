"""An example table, an example mapping and a data dictionary, to begin with."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from euexia.assess.vocabulary import ALIASES, terms
from euexia.core.errors import InputError, OutputError
from euexia.criteria.catalogue import DEFINITIONS

TABLE, WIDE, MAPPING, DICTIONARY = "patients.csv", "wide.csv", "wide-mapping.yaml", "data-dictionary.csv"

EXAMPLE = """\
patient,date,measure,value,unit
A-001,2026-01-12,body_weight,80,kg
A-001,2026-05-11,body_weight,77.2,kg
A-001,2026-06-15,body_weight,75.9,kg
A-001,2026-07-13,body_weight,75,kg
A-001,2026-07-13,height,178,cm
A-001,2026-07-13,sex,M,
A-001,2026-07-13,age,67,year
A-001,2026-07-13,crp,4.2,mg/dL
A-001,2026-07-13,albumin,3.1,g/dL
A-001,2026-07-13,handgrip_strength,26,kg
A-001,2026-07-13,ecog,1,
A-002,2026-01-20,body_weight,132,lb
A-002,2026-07-20,body_weight,129.6,lb
A-002,2026-07-20,height,63,in
A-002,2026-07-20,sex,F,
A-002,2026-07-20,age,72,year
A-002,2026-07-20,crp,6,mg/L
"""
"""Readings of two invented people."""

WIDE_EXAMPLE = """\
hospital_id;seen;weight;weight_half_a_year_ago;height;gender;CRP
B-001;13.07.2026;75,0;80,0;1,78;1;42
B-002;20.07.2026;58,8;60,0;1,60;2;6
"""

WIDE_MAPPING = """\
# What the columns of wide.csv mean.  euexia assess wide.csv --mapping wide-mapping.yaml
layout: wide                  # one row for each patient on one date; tidy: one row for each reading
patient: hospital_id
date: seen
date_format: "%d.%m.%Y"       # leave out for ISO dates such as 2026-07-13
decimal: comma                # leave out for a decimal point
columns:
  weight: {measure: body_weight, unit: kg}
  weight_half_a_year_ago: {measure: body_weight, unit: kg, days_before: 182}
  height: {measure: height, unit: m}
  gender: {measure: male, values: {"1": 1, "2": 0}}
  CRP: {measure: crp, unit: mg/L}
"""


def dictionary() -> str:
    """Return the data dictionary as CSV: every name a table may use, and which definitions ask for it."""
    asking: dict[str, list[str]] = {}
    for definition in DEFINITIONS.values():
        for entry in definition.inputs:
            asking.setdefault(entry.name, []).append(definition.id)
    names = {proper: alias for alias, proper in ALIASES.items()}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        (
            "measure",
            "meaning",
            "canonical_unit",
            "values",
            "plausible_from",
            "plausible_to",
            "also",
            "asked_by",
        )
    )
    for name, term in terms().items():
        words = " | ".join(term.codes) if term.is_coded else "number"
        bounds = ("", "") if term.is_coded else (f"{term.low:g}", f"{term.high:g}")
        meaning = f"{term.label}. {term.note}".strip()
        users = " ".join(asking.get(name, ()))
        writer.writerow((name, meaning, term.canonical, words, *bounds, names.get(name, ""), users))
    return buffer.getvalue()


def write_template(folder: Path) -> tuple[str, ...]:
    """Write the examples and the dictionary into a new or empty folder; return the names of the files.

    Raises InputError for a folder that holds anything, OutputError when it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"'{folder}' exists and is not empty; nothing was changed. Choose another folder.")
    contents = {TABLE: EXAMPLE, WIDE: WIDE_EXAMPLE, MAPPING: WIDE_MAPPING, DICTIONARY: dictionary()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"'{folder}' cannot be written: {error.strerror or error}.") from error
    return tuple(contents)
