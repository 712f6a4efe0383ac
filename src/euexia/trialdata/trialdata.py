"""Trial data: a stack of trials as arrays.  A real trial is a stack of one.

Nothing latent fits in: only what a sponsor could have.  Every randomised subject keeps a row; NaN is missing
and stays missing until an estimand decides.  Days count from randomisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NOT_RANDOMISED = -1
"""Arm of a place that nobody holds: trials of a stack may differ in size.  Such a place has no values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """All readings of one measure.

    planned: planned day of each visit, shape (visits,).  visits: their names.
    day: actual day, shape (trials, subjects, visits).  value: canonical unit, same shape; NaN where not
    measured.
    """

    visits: tuple[str, ...]
    planned: Floats
    day: Floats
    value: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Dosing:
    """The dose in force from each decision to the next, with the reason.

    planned: day of each decision, shape (decisions,).  dose: mg per day, shape (trials, subjects,
    decisions), NaN after death or withdrawal.  reason: index into ``reasons``, same shape, -1 where no
    decision was taken.
    """

    drug: str
    planned: Floats
    dose: Floats
    reason: Integers
    reasons: tuple[str, ...]
    """What was decided, for example ``crp_guided.raise_for_crp``; ``start``, ``keep``, ``resume``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Adverse events, one row each (flat arrays of equal length)."""

    trial: Integers
    subject: Integers
    day: Floats
    term: NDArray[np.str_]
    """neutropenia, thrombocytopenia, venous_thromboembolism, rash, serious_adverse_event"""
    grade: Integers
    serious: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningLog:
    """Candidates looked at, one row each (flat arrays), in order of arrival within a trial."""

    trial: Integers
    candidate: Integers
    day: Floats
    """Calendar day of screening, from the opening of the trial."""
    enrolled: NDArray[np.bool_]
    failed: NDArray[np.int8]
    """Shape (rows, criteria): 1 criterion not met, 0 met, -1 unknown or not looked at."""
    criteria: tuple[str, ...]


FlatTable = TypeVar("FlatTable", Events, ScreeningLog)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """A stack of trials.

    subjects: columns of shape (trials, subjects): ``arm`` (index into arms, NOT_RANDOMISED where the trial
    has no such subject), ``age`` [year], ``sex`` (0
    woman, 1 man), ``height`` [cm], ``enrolled_day`` [calendar day], ``death_day``, ``withdrawal_day``,
    ``treatment_stop_day`` (NaN: did not happen), ``last_contact_day``.
    """

    protocol_id: str
    arms: tuple[str, ...]
    subjects: Mapping[str, Floats]
    readings: Mapping[str, Readings]
    dosing: Mapping[str, Dosing]
    events: Events
    screening: ScreeningLog | None

    @property
    def trials(self) -> int:
        """Return the number of trials in the stack."""
        return int(self.subjects["arm"].shape[0])

    @property
    def size(self) -> int:
        """Return the number of randomised subjects per trial."""
        return int(self.subjects["arm"].shape[1])


def first_trials(data: TrialData, count: int) -> TrialData:
    """Return the first trials of a stack; all of them if it holds no more than ``count``."""
    log = data.screening
    return replace(
        data,
        subjects={name: column[:count] for name, column in data.subjects.items()},
        readings={
            name: replace(part, day=part.day[:count], value=part.value[:count])
            for name, part in data.readings.items()
        },
        dosing={
            drug: replace(part, dose=part.dose[:count], reason=part.reason[:count])
            for drug, part in data.dosing.items()
        },
        events=rows_of(data.events, data.events.trial < count),
        screening=None if log is None else rows_of(log, log.trial < count),
    )


def rows_of(table: FlatTable, chosen: NDArray[np.bool_]) -> FlatTable:
    """Return the chosen rows of flat arrays; what is no array stays."""
    columns = {entry.name: getattr(table, entry.name) for entry in fields(table)}
    picked: dict[str, Any] = {
        name: column[chosen] for name, column in columns.items() if isinstance(column, np.ndarray)
    }
    return replace(table, **picked)
