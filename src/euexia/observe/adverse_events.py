"""Adverse events as a trial records them: found at laboratory readings, or reported by patients."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core import datafile
from euexia.core.choices import choose
from euexia.core.streams import Purpose, uniform
from euexia.criteria.laboratory import neutropenia_grade, thrombocytopenia_grade
from euexia.observe.measurement import Address
from euexia.parameters.parameter import Source, Status
from euexia.simulate.events import first_event, repeated_events
from euexia.simulate.trajectories import Trajectories
from euexia.trialdata.trialdata import Readings

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

GRADERS: Mapping[str, Callable[[ArrayLike, ArrayLike], NDArray[np.int8]]] = {
    "neutropenia": neutropenia_grade,
    "thrombocytopenia": thrombocytopenia_grade,
}
"""CTCAE grade of a count, by term."""

_NEVER = 6
"""No CTCAE grade: an event that is not recorded as serious by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRule:
    """An event that is found when a count is read."""

    reading: str
    lower_limit: float
    status: Status
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardRule:
    """An event that comes from a cumulative hazard of the model."""

    number: int
    hazard: str
    grades: Mapping[str, float]
    repeats: bool
    serious_from: int
    status: Status
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRules:
    """The content of adverse_events.yaml."""

    counts: Mapping[str, CountRule]
    hazards: Mapping[str, HazardRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRows:
    """Adverse events of flat patients: one row each, arrays of equal length."""

    patient: Integers
    day: Floats
    term: NDArray[np.str_]
    grade: Integers
    serious: NDArray[np.bool_]


def _source() -> Traversable:
    return files("euexia") / "data" / "observation" / "adverse_events.yaml"


@cache
def rules() -> EventRules:
    """Return how adverse events are recorded, from the file shipped with the package."""
    return datafile.load(_source(), "list of adverse events", EventRules)


def fingerprint() -> str:
    """Return the SHA-256 of the file that says how adverse events are recorded."""
    return hashlib.sha256(datafile.read_text(_source()).encode()).hexdigest()


def rows(patient: Integers, day: Floats, term: str, grade: Integers, *, serious_from: int) -> EventRows:
    """Return rows of one term; days are recorded as whole days."""
    return EventRows(
        patient=np.asarray(patient, dtype=np.int64),
        day=np.floor(day),
        term=np.full(patient.shape, term, dtype=f"<U{len(term)}"),
        grade=np.asarray(grade, dtype=np.int64),
        serious=np.asarray(grade >= serious_from),
    )


def join(parts: list[EventRows]) -> EventRows:
    """Return all rows in order of patient, day and term."""
    patient = np.concatenate([part.patient for part in parts])
    day = np.concatenate([part.day for part in parts])
    term = np.concatenate([part.term for part in parts])
    order = np.lexsort((term, day, patient))
    return EventRows(
        patient=patient[order],
        day=day[order],
        term=term[order],
        grade=np.concatenate([part.grade for part in parts])[order],
        serious=np.concatenate([part.serious for part in parts])[order],
    )


def from_counts(term: str, readings: Readings) -> EventRows:
    """Return the events found at the readings of a count, after randomisation.

    An event is recorded when the grade is worse than any before, the baseline's included: a count that comes
    and goes around the limit of a grade is one event.  Readings before day 0 are not looked at.  readings: of
    flat patients, shape (patients, visits).
    """
    rule = rules().counts[term]
    grade = choose("adverse event", term, GRADERS)(readings.value, rule.lower_limit).astype(np.int64)
    worst = np.zeros(grade.shape[0], dtype=np.int64)
    nobody = np.array([], dtype=np.int64)
    found = [rows(nobody, np.array([]), term, nobody, serious_from=_NEVER)]
    for visit in np.flatnonzero(readings.planned >= 0):
        now = grade[:, visit]
        if readings.planned[visit] > 0:
            patient = np.flatnonzero(now > worst)
            found.append(rows(patient, readings.day[patient, visit], term, now[patient], serious_from=_NEVER))
        worst = np.maximum(worst, now)
    return join(found)


def from_hazard(term: str, trajectories: Trajectories, address: Address, end: Floats) -> EventRows:
    """Return the events of one term that come from a hazard, up to each patient's end of observation.

    end: last day under observation (not rounded), shape (patients,).
    """
    rule = rules().hazards[term]
    cumulative = trajectories.truth[rule.hazard]
    purpose = Purpose.SERIOUS_EVENT if rule.repeats else Purpose.ADVERSE_EVENT
    if rule.repeats:
        events = repeated_events(
            address.seed, purpose, address.trial, address.candidate, trajectories.days, cumulative
        )
        patients, days, numbers = _flatten(events)
    else:
        day = first_event(
            address.seed,
            purpose,
            address.trial,
            address.candidate,
            rule.number,
            trajectories.days,
            cumulative,
        )
        patients = np.flatnonzero(~np.isnan(day))
        days, numbers = day[patients], np.zeros(patients.shape, dtype=np.int64)
    seen = days <= end[patients]
    patients, days, numbers = patients[seen], days[seen], numbers[seen]
    grade = _grades(rule, address, patients, numbers)
    return rows(patients, days, term, grade, serious_from=rule.serious_from)


def _flatten(events: Iterable[tuple[Integers, Floats]]) -> tuple[Integers, Floats, Integers]:
    found = list(events)
    if not found:
        return np.array([], dtype=np.int64), np.array([]), np.array([], dtype=np.int64)
    numbers = [np.full(patients.shape, number, dtype=np.int64) for number, (patients, _) in enumerate(found)]
    return (
        np.concatenate([patients for patients, _ in found]),
        np.concatenate([days for _, days in found]),
        np.concatenate(numbers),
    )


def _grades(rule: HazardRule, address: Address, patients: Integers, numbers: Integers) -> Integers:
    """Draw the grade of each event; numbers: which event of the patient it is."""
    draws = uniform(
        address.seed,
        Purpose.TOXICITY,
        address.trial[patients],
        address.candidate[patients],
        numbers,
        rule.number,
    )
    levels = np.array([int(grade) for grade in rule.grades])
    edges = np.cumsum(list(rule.grades.values()))[:-1]
    return np.asarray(levels[np.searchsorted(edges, draws, side="right")], dtype=np.int64)
