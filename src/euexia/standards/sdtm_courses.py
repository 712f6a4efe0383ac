"""Doses and adverse events of SDTM and ADaM to gathered tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.core import quantities
from euexia.core.errors import UnitError
from euexia.formats.dataset import Column, Dataset
from euexia.standards import columns as of
from euexia.standards.codes import book, plain_name, terms_by_decode
from euexia.standards.dates import from_study_days
from euexia.standards.understanding import Remark, left_out, understood

Floats = NDArray[np.float64]

SEVERITIES = {"MILD": 1.0, "MODERATE": 2.0, "SEVERE": 3.0}
LIFE_THREATENING, FATAL = 4.0, 5.0


def doses(dataset: Dataset, zero: Mapping[str, float], remarks: list[Remark]) -> pd.DataFrame:
    """Return the doses of EX in mg a day, each in force from its first day to the start of the next record.

    Where every record begins on the planned day of its visit (VISITDY), that is the day of the decision.
    """
    subject = of.text(dataset, "USUBJID")
    start = np.array([zero.get(who, np.nan) for who in subject.tolist()])
    first = of.days_from(dataset, "EXSTDTC", "EXSTDY", start, remarks)
    planned = from_study_days(of.numbers(dataset, "VISITDY", remarks))
    amount = of.numbers(dataset, "EXDOSE", remarks) * _sizes(dataset, remarks)
    drug = np.array([plain_name(name) or "treatment" for name in of.text(dataset, "EXTRT")], dtype=object)
    table = pd.DataFrame(
        {
            "subject": subject,
            "drug": drug,
            "planned": np.where(_agrees(planned, first), planned, first),
            "dose": amount,
            "reason": of.text(dataset, "EXADJ"),
        }
    )
    lost = table["planned"].isna() | table["dose"].isna()
    if lost.any():
        place = f"{dataset.name}, row {int(np.flatnonzero(lost)[0]) + 1}"
        text = "a dose without a start, an amount or a known frequency; left out."
        remarks.append(left_out("dose", place, text, int(lost.sum())))
    return table[~lost]


def _agrees(planned: Floats, first: Floats) -> NDArray[np.bool_]:
    """Say where a planned day stands for the actual one: only where every dose was given as planned."""
    with np.errstate(invalid="ignore"):
        exact = np.isnan(first) | (planned == first)
    return np.full(len(planned), bool(exact.all())) & ~np.isnan(planned)


def _sizes(dataset: Dataset, remarks: list[Remark]) -> Floats:
    """Return the mg a day of one unit given at the frequency of each row; NaN where one is unknown."""
    units, often = of.text(dataset, "EXDOSU"), of.text(dataset, "EXDOSFRQ")
    known: dict[tuple[str, str], float] = {}
    for pair in set(zip(units.tolist(), often.tolist(), strict=True)):
        known[pair] = _size(*pair)
        if np.isnan(known[pair]):
            text = f"a dose in '{pair[0]}' with the frequency '{pair[1]}' is no amount in mg a day; left out."
            remarks.append(left_out("dose unit", f"{dataset.name}.EXDOSU", text))
    return np.array([known[pair] for pair in zip(units.tolist(), often.tolist(), strict=True)])


def _size(unit: str, frequency: str) -> float:
    times = book().frequencies.get(frequency.strip().upper() or "QD", np.nan)
    try:
        return times * quantities.factor(unit.strip().lower(), "oral_dose")
    except UnitError:
        return np.nan


def events(dataset: Dataset, zero: Mapping[str, float], remarks: list[Remark]) -> pd.DataFrame:
    """Return the adverse events of AE or ADAE: our term where the coded term is one of ours, else its own."""
    subject = of.text(dataset, "USUBJID")
    start = np.array([zero.get(who, np.nan) for who in subject.tolist()])
    date, number = ("ASTDT", "ASTDY") if "ASTDT" in dataset or "ASTDY" in dataset else ("AESTDTC", "AESTDY")
    day = of.days_from(dataset, date, number, start, remarks)
    return pd.DataFrame(
        {
            "subject": subject,
            "day": day,
            "term": _terms(of.first_text(dataset, "AEDECOD", "AETERM")),
            "grade": _grades(dataset, remarks),
            "serious": of.text(dataset, "AESER") == np.array("Y", dtype=object),
        }
    )


def _terms(words: Column) -> Column:
    ours = terms_by_decode()
    known = {word: ours.get(word.strip().upper(), plain_name(word)) for word in set(words.tolist())}
    return np.array([known[word] for word in words.tolist()], dtype=object)


def _grades(dataset: Dataset, remarks: list[Remark]) -> Floats:
    """Return CTCAE grades; without them the severity in words, life-threatening 4 and fatal 5."""
    name = next((one for one in ("ATOXGRN", "AETOXGRN", "AETOXGR", "ATOXGR") if one in dataset), "")
    grade = of.numbers(dataset, name, remarks) if name else np.full(dataset.records, np.nan)
    severity = of.first_text(dataset, "AESEV", "ASEV")
    worded = np.array([SEVERITIES.get(one.strip().upper(), np.nan) for one in severity], dtype=np.float64)
    for flag, value in (("AESLIFE", LIFE_THREATENING), ("AESDTH", FATAL)):
        worded = np.where(of.text(dataset, flag) == np.array("Y", dtype=object), value, worded)
    spare = np.isnan(grade) & ~np.isnan(worded)
    if spare.any():
        text = "no grade; mild, moderate, severe, life-threatening, fatal are taken as grades 1 to 5."
        remarks.append(understood("grade", f"{dataset.name}.AESEV", text, int(spare.sum())))
    return np.where(spare, worded, grade)
