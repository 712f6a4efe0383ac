"""Observations of FHIR as readings: by known codes and those of a mapping, units through UCUM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from euexia.core.errors import Fault, UnitError
from euexia.criteria.measures import MEASURES
from euexia.formats import fhir as formats
from euexia.formats.fhir import Collection, Resource
from euexia.formats.text_dates import DateOrder, day_number, iso
from euexia.formats.tree import every, part, text
from euexia.standards.fhir_codes import codes, measures_by_code
from euexia.standards.mapping import TrialMapping
from euexia.standards.mapping_rows import Rows, size_of
from euexia.standards.understanding import Remark, conflict, left_out, understood

NO_CODE = "code not known"
SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One value that is a reading, before it is a row."""

    measure: str
    code: str
    subject: str
    value: float
    moment: str
    date: float
    visit: str
    resource: Resource


@dataclass(slots=True)
class Tally:
    """What was met while resources were read: counted by topic, with the place of the first."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By kind of remark, topic and text."""
    places: dict[tuple[str, str, str], str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, make: str, topic: str, textual: str, resource: Resource) -> None:
        """Count one case."""
        key = (make, topic, textual)
        self.counts[key] += 1
        self.places.setdefault(key, resource.place)

    def remarks(self) -> list[Remark]:
        """Return one remark for each case, with its count."""
        makers = {"left out": left_out, "conflict": conflict, "understood": understood}
        return [
            makers[make](topic, self.places[make, topic, textual], textual, count)
            for (make, topic, textual), count in self.counts.items()
        ]


def readings(
    collection: Collection, mapping: TrialMapping, subjects: Mapping[str, str], tally: Tally
) -> tuple[list[Rows], dict[str, str]]:
    """Return the readings of every observation of a subject, and the code each measure was read from.

    subjects: identifier of each patient by the resource's kind and id.
    """
    known = {**measures_by_code(), **mapping.observations}
    found: list[Found] = []
    for resource in collection.of("Observation"):
        found += _of_observation(resource, collection, mapping, subjects, known, tally)
    found.sort(key=lambda one: (one.measure, one.subject, one.moment))
    blocks, told = [], {}
    for measure in dict.fromkeys(one.measure for one in found):
        own = [one for one in found if one.measure == measure]
        blocks.append(_rows(measure, own))
        told[measure] = "Observation " + ", ".join(sorted({one.code for one in own}))
    return blocks, told


def patient_of(resource: Resource, collection: Collection, subjects: Mapping[str, str], *names: str) -> str:
    """Return the identifier of the patient a resource is about; empty if there is none among the subjects."""
    for name in names or ("subject", "patient"):
        found = collection.referred(part(resource.body, name), resource)
        if found is not None:
            return subjects.get(f"{found.kind}/{found.id}", "")
    return ""


def visit_of(resource: Resource, collection: Collection, mapping: TrialMapping) -> str:
    """Return the name of the encounter, where the mapping gives that name to a visit."""
    encounter = collection.referred(part(resource.body, "encounter"), resource)
    if encounter is None or not mapping.visits:
        return ""
    names = {one.lower(): name for name, visit in mapping.visits.items() for one in (name, *visit.names)}
    told = [formats.words(one) for one in every(encounter.body, "type")]
    told += [text(one, "value") for one in every(encounter.body, "identifier")] + [encounter.id]
    return next((names[one.lower()] for one in told if one.lower() in names), "")


def date_of(moment: str, resource: Resource, tally: Tally) -> float:
    """Return the day number of a date, NaN (remarked on, or a fault) for a partial or impossible one."""
    if not moment:
        tally.add("left out", "no date", f"{resource.kind} without a date.", resource)
        return np.nan
    written, problem = iso(moment, DateOrder.YMD)
    if problem:
        tally.faults.append(Fault(line=None, place=resource.place, problem=problem))
        return np.nan
    day = day_number(written)
    if np.isnan(day):
        problem = f"'{moment}' is not a whole date, and no day is made of it."
        tally.add("left out", "partial date", problem, resource)
    return day


def _of_observation(
    resource: Resource,
    collection: Collection,
    mapping: TrialMapping,
    subjects: Mapping[str, str],
    known: Mapping[str, str],
    tally: Tally,
) -> Iterator[Found]:
    """Give the readings of one observation: its own value and those of its components."""
    status = text(resource.body, "status")
    if status in codes().ignored_status:
        tally.add("left out", "status", f"observations that are {status}.", resource)
        return
    if status in codes().unsettled_status:
        tally.add("conflict", "status", f"observations that are {status}; they are used.", resource)
    subject = patient_of(resource, collection, subjects)
    for body in (resource.body, *every(resource.body, "component")):
        measure, code = _measure(body, known)
        if not measure:
            if _has_value(body):
                shown = f"'{formats.words(part(body, 'code'))}' ({code or 'no code'})"
                name = f"{shown} is not a known code; a mapping can name it under 'observations'."
                tally.add("left out", NO_CODE, name, resource)
        elif not subject:
            tally.add("left out", "unknown subject", "observations of nobody in the trial.", resource)
        else:
            value = _value(body, measure, resource, tally)
            moment = _moment(resource, tally)
            date = np.nan if np.isnan(value) else date_of(moment, resource, tally)
            if not np.isnan(date):
                visit = visit_of(resource, collection, mapping)
                yield Found(
                    measure=measure, code=code, subject=subject, value=value, moment=moment, date=date,
                    visit=visit, resource=resource,
                )  # fmt: skip


def _moment(resource: Resource, tally: Tally) -> str:
    """Return when an observation was made; where nothing says so, when it was issued."""
    moment, lasted = formats.moment(resource.body, "effective")
    if lasted:
        tally.add("understood", "period", "periods of several days; the first day is taken.", resource)
    issued = text(resource.body, "issued")
    if not moment and issued:
        tally.add(
            "conflict", "issued", "no date of the observation; the day of its issue is taken.", resource
        )
    return moment or issued


def _measure(body: Any, known: Mapping[str, str]) -> tuple[str, str]:
    """Return the measure of a code and the code; the first code, and no measure, if none is known."""
    listed = [code for _, code in formats.codes(part(body, "code"))]
    code = next((one for one in listed if one in known), "")
    return (known[code], code) if code else ("", listed[0] if listed else "")


def _has_value(body: Any) -> bool:
    return any(name.startswith("value") for name in body)


def _value(body: Any, measure: str, resource: Resource, tally: Tally) -> float:
    """Return the canonical value, NaN (counted) where there is none."""
    if part(body, "dataAbsentReason") is not None or not _has_value(body):
        reason = formats.words(part(body, "dataAbsentReason")) or "no reason said"
        tally.add("left out", "no value", f"{measure} without a value ({reason}).", resource)
        return np.nan
    whole = part(body, "valueInteger")
    if isinstance(whole, (int, float)) and not isinstance(whole, bool):
        return _scaled(float(whole), "", measure, body, resource, tally)
    quantity = part(body, "valueQuantity")
    number = part(quantity, "value")
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        tally.add("left out", "no number", f"{measure} with a value that is no number.", resource)
        return np.nan
    if text(quantity, "comparator"):
        problem = f"{measure} {text(quantity, 'comparator')} a limit; it has no value."
        tally.add("left out", "comparator", problem, resource)
        return np.nan
    return _scaled(
        float(number), text(quantity, "code") or text(quantity, "unit"), measure, body, resource, tally
    )


def _scaled(number: float, unit: str, measure: str, body: Any, resource: Resource, tally: Tally) -> float:
    """Return a number in the canonical unit; an activity of an enzyme as a multiple of its upper limit."""
    if measure in ("ast", "alt") and unit in codes().enzyme_units:
        limits = [part(one, "high", "value") for one in every(body, "referenceRange")]
        if limits and isinstance(limits[0], (int, float)) and limits[0] > 0:
            return number / float(limits[0])
        tally.add(
            "left out", "upper limit", f"{measure} in {unit} without an upper limit of normal.", resource
        )
        return np.nan
    if MEASURES[measure].is_coded:
        return number
    try:
        return number * size_of(unit, measure)
    except UnitError as error:
        tally.faults.append(Fault(line=None, place=f"{resource.place}, valueQuantity", problem=str(error)))
        return np.nan


def _rows(measure: str, found: list[Found]) -> Rows:
    """Return readings as rows."""
    count = len(found)
    return Rows(
        name=measure,
        table="Observation",
        column="Observation " + ", ".join(sorted({one.code for one in found})),
        subject=np.array([one.subject for one in found], dtype=object),
        value=np.array([one.value for one in found], dtype=float),
        date=np.array([one.date for one in found], dtype=float),
        day=np.full(count, np.nan),
        visit=np.array([one.visit for one in found], dtype=object),
        row=np.array([one.resource.number for one in found], dtype=np.int64),
        file=", ".join(dict.fromkeys(one.resource.file for one in found)),
        reason=np.full(count, "", dtype=object),
    )
