"""One trial of a stack, with the identifiers, dates and visit numbers that CDISC wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from euexia.protocol.protocol import Protocol
from euexia.standards.codes import arm_codes
from euexia.standards.dates import since_epoch
from euexia.trialdata.columns import SUBJECT_COLUMNS
from euexia.trialdata.tables import subject_identifiers
from euexia.trialdata.trialdata import Readings, TrialData

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Texts = NDArray[np.object_]
Visit = tuple[str, float]

OPENED = date(2024, 1, 1)
"""Opening of a trial that has no calendar of its own, as a simulated one."""
LONGEST_STUDY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The readings of one measure in one trial: arrays of shape (subjects, visits)."""

    measure: str
    visits: tuple[Visit, ...]
    day: Floats
    value: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTrial:
    """One trial, ready to be written.

    columns: subject columns, shape (subjects,), NaN where the trial data have none.  zero: calendar day of
    day 0, days since 1960-01-01.  invented: whose day of randomisation is not known, so that the opening of
    the trial stands for it.  visits: every visit of any measure, in order of planned day; their place is the
    visit number.  treatment: planned end of treatment [day], NaN if no protocol says it.
    """

    study: str
    title: str
    opened: float
    subjects: Texts
    identifiers: Texts
    arms: tuple[str, ...]
    arm_codes: tuple[str, ...]
    arm_labels: tuple[str, ...]
    arm: Integers
    zero: Floats
    invented: NDArray[np.bool_]
    columns: Mapping[str, Floats]
    readings: tuple[Reading, ...]
    visits: tuple[Visit, ...]
    doses: Mapping[str, tuple[Floats, Floats, Texts]]
    """For each drug planned days (decisions,), dose and reason, both (subjects, decisions)."""
    event_subject: Integers
    event_day: Floats
    event_term: Texts
    event_grade: Integers
    event_serious: NDArray[np.bool_]

    def column(self, name: str) -> Floats:
        """Return a subject column."""
        return self.columns[name]

    def number_of(self, visit: Visit) -> int:
        """Return the number of a visit, from 1."""
        return self.visits.index(visit) + 1

    @property
    def end(self) -> Floats:
        """Day of the end of participation: death, withdrawal or last contact, NaN if none is known."""
        first = np.fmin(self.column("death_day"), self.column("withdrawal_day"))
        return np.where(np.isnan(first), self.column("last_contact_day"), first)


def one_trial(
    data: TrialData, trial: int, protocol: Protocol | None = None, opened: date = OPENED
) -> OneTrial:
    """Return one trial of a stack with its identifiers.

    opened: the calendar day from which ``enrolled_day`` counts.
    """
    study = data.protocol_id.upper()[:LONGEST_STUDY]
    labels = {} if protocol is None else {arm.name: arm.label for arm in protocol.arms}
    names = subject_identifiers(data.trials, data.size)[trial]
    blank = np.full(data.size, np.nan)
    columns = {
        name: np.asarray(data.subjects[name][trial], dtype=float) if name in data.subjects else blank
        for name in SUBJECT_COLUMNS
    }
    enrolled = np.floor(columns["enrolled_day"])
    start = since_epoch(opened)
    readings = tuple(_reading(measure, part, trial) for measure, part in data.readings.items())
    events = data.events
    mine = events.trial == trial
    return OneTrial(
        study=study,
        title=data.protocol_id if protocol is None else protocol.title,
        opened=start,
        subjects=names,
        identifiers=np.array([f"{study}-{name}" for name in names], dtype=object),
        arms=data.arms,
        arm_codes=arm_codes(data.arms),
        arm_labels=tuple(labels.get(name, name) for name in data.arms),
        arm=data.subjects["arm"][trial].astype(np.int64),
        zero=start + np.where(np.isnan(enrolled), 0.0, enrolled),
        invented=np.isnan(enrolled),
        columns=columns,
        readings=readings,
        visits=_ordered([visit for reading in readings for visit in reading.visits]),
        doses={
            drug: (
                part.planned,
                part.dose[trial],
                np.array([*part.reasons, None], dtype=object)[part.reason[trial]],
            )
            for drug, part in data.dosing.items()
        },
        event_subject=events.subject[mine],
        event_day=events.day[mine],
        event_term=events.term[mine].astype(object),
        event_grade=events.grade[mine],
        event_serious=events.serious[mine],
    )


def _reading(measure: str, part: Readings, trial: int) -> Reading:
    planned = np.floor(part.planned).tolist()
    return Reading(
        measure=measure,
        visits=tuple(zip(part.visits, planned, strict=True)),
        day=np.floor(part.day[trial]),
        value=part.value[trial],
    )


def _ordered(visits: Sequence[Visit]) -> tuple[Visit, ...]:
    return tuple(sorted(dict.fromkeys(visits), key=lambda visit: visit[1]))
