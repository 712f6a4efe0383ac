"""Trial data as they were on a calendar day, and trials of fewer patients; for real and simulated data alike.

A place that nobody holds (yet) has the arm NOT_RANDOMISED and no values, so that it belongs to no arm and
nothing of it is analysed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import TrialDataError
from euexia.trialdata.trialdata import NOT_RANDOMISED, Dosing, Readings, ScreeningLog, TrialData, rows_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

DAY_TOLERANCE = 1e-6
"""A reading this share of a day after the cut was taken at it."""
ENROLLED, LAST_CONTACT = "enrolled_day", "last_contact_day"
HAPPENINGS = ("death_day", "withdrawal_day", "treatment_stop_day", "rescue_day", "crossover_day")
"""Columns of days on which something happened; later than the cut they have not happened yet."""


def enrolled_day(data: TrialData) -> Floats:
    """Return the calendar day on which each subject was randomised, infinite where nobody was.

    Raises TrialDataError if the data do not have it.
    """
    if ENROLLED not in data.subjects:
        raise TrialDataError(
            f"The trial data have no column '{ENROLLED}', so nobody can tell what was known when. Give the "
            "calendar day on which each subject was randomised, counted from the opening of the trial."
        )
    day = np.asarray(data.subjects[ENROLLED], dtype=float)
    return np.where(held(data) & ~np.isnan(day), day, np.inf)


def held(data: TrialData) -> Flags:
    """Return which places of the trials are held by a randomised subject."""
    return np.asarray(data.subjects["arm"] != NOT_RANDOMISED, dtype=bool)


def cut(data: TrialData, day: Floats, *, due: float = 0.0) -> TrialData:
    """Return what was known at the end of a calendar day.

    day: of each trial, shape (trials,).  due: only subjects who have been in the trial for so many days;
    with 0 everybody who was randomised by then.  Later readings, doses and events are not there yet, and
    whatever happened later has not happened.  Screening is left out.
    """
    known_for = np.asarray(day, dtype=float)[:, np.newaxis] - enrolled_day(data)
    seen = kept(data, known_for >= due)
    passed = np.where(held(seen), known_for, -np.inf)
    subjects = dict(seen.subjects)
    for name in HAPPENINGS:
        if name in subjects:
            with np.errstate(invalid="ignore"):
                subjects[name] = np.where(subjects[name] <= passed, subjects[name], np.nan)
    if LAST_CONTACT in subjects:
        subjects[LAST_CONTACT] = np.where(held(seen), np.fmin(subjects[LAST_CONTACT], passed), np.nan)
    events = data.events
    return replace(
        seen,
        subjects=subjects,
        readings={name: _read_by(part, passed) for name, part in seen.readings.items()},
        dosing={drug: _decided_by(part, passed) for drug, part in seen.dosing.items()},
        events=rows_of(events, events.day <= passed[events.trial, events.subject]),
        screening=None,
    )


def kept(data: TrialData, who: Flags) -> TrialData:
    """Return the trials with those subjects only; the places of the others are held by nobody.

    who: shape (trials, subjects).  The screening log stays as it is.
    """
    aside = ~np.asarray(who, dtype=bool)
    subjects = {
        name: np.where(aside, float(NOT_RANDOMISED) if name == "arm" else np.nan, column)
        for name, column in data.subjects.items()
    }
    each = aside[..., np.newaxis]
    events = data.events
    return replace(
        data,
        subjects=subjects,
        readings={
            name: replace(
                part, day=np.where(each, np.nan, part.day), value=np.where(each, np.nan, part.value)
            )
            for name, part in data.readings.items()
        },
        dosing={
            drug: replace(
                part, dose=np.where(each, np.nan, part.dose), reason=np.where(each, -1, part.reason)
            )
            for drug, part in data.dosing.items()
        },
        events=rows_of(events, ~aside[events.trial, events.subject]),
    )


def first_subjects(data: TrialData, count: Integers) -> TrialData:
    """Return the trials with the first so many subjects of each, and the candidates up to the last of them.

    count: shape (trials,).
    """
    short = kept(data, np.arange(data.size) < np.asarray(count)[:, np.newaxis])
    log = data.screening
    return short if log is None else replace(short, screening=rows_of(log, _places(log) < count[log.trial]))


def without_empty_places(data: TrialData) -> TrialData:
    """Return the same trials without the places that nobody holds in any of them."""
    there = np.flatnonzero(held(data).any(axis=0))
    if there.size in (0, data.size):
        return data
    place = np.full(data.size, NOT_RANDOMISED)
    place[there] = np.arange(there.size)
    return replace(
        data,
        subjects={name: column[:, there] for name, column in data.subjects.items()},
        readings={
            name: replace(part, day=part.day[:, there], value=part.value[:, there])
            for name, part in data.readings.items()
        },
        dosing={
            drug: replace(part, dose=part.dose[:, there], reason=part.reason[:, there])
            for drug, part in data.dosing.items()
        },
        events=replace(data.events, subject=place[data.events.subject]),
    )


def postponed(data: TrialData, first: Integers, days: Floats) -> TrialData:
    """Return the trials with all who come from a place on so many days later, screening included.

    first: place of the first who is later, days: how much, both of shape (trials,).
    """
    later = np.arange(data.size) >= np.asarray(first)[:, np.newaxis]
    subjects: dict[str, Any] = dict(data.subjects)
    subjects[ENROLLED] = subjects[ENROLLED] + np.where(later, np.asarray(days)[:, np.newaxis], 0.0)
    log = data.screening
    if log is not None:
        after = _places(log) >= np.asarray(first)[log.trial]
        log = replace(log, day=log.day + np.where(after, np.asarray(days)[log.trial], 0.0))
    return replace(data, subjects=subjects, screening=log)


def _places(log: ScreeningLog) -> Integers:
    """Return how many of the trial were enrolled before each candidate; rows stand in order of arrival."""
    if not log.trial.size:
        return np.zeros(0, dtype=np.int64)
    before = np.cumsum(log.enrolled, dtype=np.int64) - log.enrolled
    starts = np.searchsorted(log.trial, log.trial, side="left")
    return np.asarray(before - before[starts], dtype=np.int64)


def _read_by(part: Readings, passed: Floats) -> Readings:
    with np.errstate(invalid="ignore"):
        known = part.day <= passed[..., np.newaxis] + DAY_TOLERANCE
    return replace(part, value=np.where(known, part.value, np.nan))


def _decided_by(part: Dosing, passed: Floats) -> Dosing:
    known = part.planned <= passed[..., np.newaxis]
    return replace(part, dose=np.where(known, part.dose, np.nan), reason=np.where(known, part.reason, -1))
