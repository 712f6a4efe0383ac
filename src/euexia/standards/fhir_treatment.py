"""Doses and adverse events of FHIR (R4 and R5): administrations, statements with a schedule, AdverseEvent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from euexia.core.errors import Fault, UnitError
from euexia.criteria import written_units
from euexia.formats import fhir as formats
from euexia.formats.fhir import Collection, Resource
from euexia.formats.tree import every, part, text
from euexia.standards.fhir_codes import codes
from euexia.standards.fhir_observations import Tally, date_of, patient_of
from euexia.standards.mapping import TrialMapping
from euexia.standards.mapping_assembly import Happening
from euexia.standards.mapping_rows import Rows
from euexia.trialdata.columns import TERMS

ADMINISTRATION = "MedicationAdministration"
STATEMENTS = ("MedicationStatement", "MedicationUsage")
GIVEN = ("completed", "in-progress")
TAKEN = ("active", "completed", "recorded", "intended")
FATAL = "fatal"
DEADLY = 5
"""CTCAE grade of an adverse event that ended in death."""


def doses(
    collection: Collection, mapping: TrialMapping, subjects: Mapping[str, str], tally: Tally
) -> list[Rows]:
    """Return doses in mg a day: administrations of a day added, statements as they are."""
    found: dict[tuple[str, str, float], tuple[float, Resource]] = {}
    for kind in (ADMINISTRATION, *STATEMENTS):
        for one in collection.of(kind):
            drug = _drug(one, collection, mapping)
            if not drug:
                name = formats.words(_medication(one, collection)) or "not said"
                tally.add("left out", "medication", f"'{name}' is no drug of the mapping.", one)
                continue
            who = patient_of(one, collection, subjects)
            amount = _given(one, tally) if kind == ADMINISTRATION else _stated(one, tally)
            if not who or np.isnan(amount):
                continue
            moment, _ = formats.moment(one.body, "effective", "occurence", "occurrence")
            date = date_of(moment, one, tally)
            if np.isnan(date):
                continue
            before = found.get((drug, who, date), (0.0, one))[0]
            found[drug, who, date] = (before + amount, one)
    return [_rows(drug, found) for drug in dict.fromkeys(drug for drug, _, _ in found)]


def happenings(collection: Collection, subjects: Mapping[str, str], tally: Tally) -> list[Happening]:
    """Return the adverse events that say how severe they were; the rest is left out and counted."""
    return list(_happenings(collection, subjects, tally))


def _happenings(collection: Collection, subjects: Mapping[str, str], tally: Tally) -> Iterator[Happening]:
    names = {label.lower(): name for name, label in TERMS.items()}
    for one in collection.of("AdverseEvent"):
        if text(one.body, "status") in codes().ignored_status:
            tally.add("left out", "status", "adverse events entered in error.", one)
            continue
        concept = part(one.body, "event") or part(one.body, "code")
        told = formats.words(concept)
        grade = _grade(one, tally)
        if not grade:
            tally.add("left out", "grade", "adverse events without a severity.", one)
            continue
        moment, _ = formats.moment(one.body, "date", "occurrence")
        seriousness = [code for _, code in formats.codes(part(one.body, "seriousness"))]
        yield Happening(
            subject=patient_of(one, collection, subjects),
            date=date_of(moment, one, tally),
            day=np.nan,
            term=names.get(told.lower(), told),
            grade=grade,
            serious=any(code.lower() == "serious" for code in seriousness),
            place=one.place,
        )


def _grade(one: Resource, tally: Tally) -> int:
    """Return the grade: 5 for a fatal outcome, else by the words of severity; 0 where nothing says so."""
    outcomes = [code for each in every(one.body, "outcome") for _, code in formats.codes(each)]
    if FATAL in outcomes:
        return DEADLY
    listed = [code for _, code in formats.codes(part(one.body, "severity"))]
    grade = next((codes().severity[code] for code in listed if code in codes().severity), 0)
    if grade:
        tally.add("understood", "severity", "mild, moderate and severe are taken as grades 1, 2 and 3.", one)
    return grade


def _medication(one: Resource, collection: Collection) -> Any:
    """Return the concept of a medication: in place (R4, R5), or of the Medication it refers to."""
    concept = part(one.body, "medicationCodeableConcept") or part(one.body, "medication", "concept")
    if concept is not None:
        return concept
    reference = part(one.body, "medicationReference") or part(one.body, "medication", "reference")
    found = collection.referred(reference, one)
    return None if found is None else part(found.body, "code")


def _drug(one: Resource, collection: Collection, mapping: TrialMapping) -> str:
    """Return the name of a drug that the mapping gives to a code or a text."""
    concept = _medication(one, collection)
    told = [code for _, code in formats.codes(concept)] + [
        text(each, "display") for each in every(concept, "coding")
    ]
    return next(
        (mapping.drugs[name] for name in (*told, formats.words(concept)) if name in mapping.drugs), ""
    )


def _given(one: Resource, tally: Tally) -> float:
    """Return the amount of an administration [mg]; NaN, counted, where none was given or said."""
    status = text(one.body, "status")
    if status == "not-done":
        return 0.0
    if status not in GIVEN:
        tally.add("left out", "status", f"administrations that are {status}.", one)
        return np.nan
    return _milligrams(part(one.body, "dosage", "dose"), one, tally)


def _stated(one: Resource, tally: Tally) -> float:
    """Return the dose of a statement [mg/day]: dose, times how often a day; NaN where it is not said."""
    status = text(one.body, "status")
    if status == "not-taken":
        return 0.0
    if status not in TAKEN:
        tally.add("left out", "status", f"statements that are {status}.", one)
        return np.nan
    total = 0.0
    for dosage in every(one.body, "dosage"):
        repeat = part(dosage, "timing", "repeat")
        often, period, unit = (part(repeat, name) for name in ("frequency", "period", "periodUnit"))
        amounts = [part(rate, "doseQuantity") for rate in every(dosage, "doseAndRate")]
        if (
            not isinstance(often, int)
            or not isinstance(period, (int, float))
            or not unit
            or len(amounts) != 1
        ):
            tally.add("left out", "schedule", "statements that do not say the dose and how often.", one)
            return np.nan
        days = float(period) * written_units.factor(str(unit), "period", "duration")
        total += _milligrams(amounts[0], one, tally) * often / days
    return total if every(one.body, "dosage") else np.nan


def _milligrams(quantity: Any, one: Resource, tally: Tally) -> float:
    number = part(quantity, "value")
    if not isinstance(number, (int, float)):
        tally.add("left out", "dose", "doses that are not said.", one)
        return np.nan
    unit = text(quantity, "code") or text(quantity, "unit")
    try:
        return float(number) * written_units.factor(unit, "dose", "oral_dose")
    except UnitError:
        problem = f"'{unit}' is no unit of a dose."
        tally.faults.append(Fault(line=None, place=f"{one.place}, dose", problem=problem, remedy="Give mg."))
        return np.nan


def _rows(drug: str, found: Mapping[tuple[str, str, float], tuple[float, Resource]]) -> Rows:
    own = [(who, date, amount, one) for (name, who, date), (amount, one) in found.items() if name == drug]
    return Rows(
        name=drug,
        table=ADMINISTRATION,
        column="dose",
        subject=np.array([who for who, _, _, _ in own], dtype=object),
        value=np.array([amount for _, _, amount, _ in own], dtype=float),
        date=np.array([date for _, date, _, _ in own], dtype=float),
        day=np.full(len(own), np.nan),
        visit=np.full(len(own), "", dtype=object),
        row=np.array([one.number for _, _, _, one in own], dtype=np.int64),
        file=", ".join(dict.fromkeys(one.file for _, _, _, one in own)),
        reason=np.full(len(own), "given", dtype=object),
    )
