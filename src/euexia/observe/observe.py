"""From the truth to trial data: readings, events and the fate of every patient, as written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from euexia.core.streams import Purpose
from euexia.observe import adverse_events
from euexia.observe.adverse_events import EventRows
from euexia.observe.measurement import Address, read_all
from euexia.observe.schedule import actual_day, attends, measured_at, screening_visits, trial_visits
from euexia.protocol.protocol import Schedule, Visit
from euexia.simulate.events import first_event
from euexia.simulate.trajectories import Trajectories
from euexia.trialdata.trialdata import Readings

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """How long each patient is under observation; shape (patients,) each.

    death, withdrawal: day, NaN where it does not happen under observation.  end: exact last day under
    observation.
    """

    death: Floats
    withdrawal: Floats
    end: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Readings that were written down when eligibility was decided.

    visit: name.  day: of the readings, at most 0.  values: by measure, shape (patients,).
    """

    visit: str
    day: float
    values: Mapping[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known of the patients apart from their trajectories.

    columns: their characteristics, as they are.  before: truth at the days before randomisation, by day and
    measure.  noted: readings that decided on eligibility.
    """

    columns: Mapping[str, Floats]
    before: Mapping[float, Mapping[str, Floats]]
    noted: tuple[Noted, ...] = ()


def fate(trajectories: Trajectories, address: Address, follow_up: float) -> Fate:
    """Return when each patient dies or withdraws; a death after withdrawal is not known to the trial."""
    place = (address.seed,)
    died = first_event(
        *place,
        Purpose.DEATH,
        address.trial,
        address.candidate,
        0,
        trajectories.days,
        trajectories.truth["cumulative_death"],
    )
    left = first_event(
        *place,
        Purpose.DROPOUT,
        address.trial,
        address.candidate,
        0,
        trajectories.days,
        trajectories.truth["cumulative_dropout"],
    )
    death = np.where(died <= follow_up, died, np.inf)
    withdrawal = np.where(left <= follow_up, left, np.inf)
    end = np.minimum(np.minimum(death, withdrawal), follow_up)
    return Fate(
        death=np.where((death <= withdrawal) & np.isfinite(death), death, np.nan),
        withdrawal=np.where(withdrawal < death, withdrawal, np.nan),
        end=end,
    )


def present(visit: Visit, fates: Fate, address: Address) -> tuple[Flags, Floats]:
    """Return who is seen at a visit and the day of it (NaN for who is not).

    A patient is seen who comes and is under observation on the planned day; the day written down is then
    not later than the last day under observation.
    """
    last = np.floor(fates.end)
    seen = attends(visit, address) & (visit.day <= last)
    return seen, np.where(seen, np.minimum(actual_day(visit, address), last), np.nan)


def truth_at(trajectories: Trajectories, person: Person, day: float) -> dict[str, Floats]:
    """Return everything that is true on a planned day: trajectories, and else what does not change."""
    if day < 0:
        return {**person.columns, **person.before[day]}
    index = trajectories.at(day)
    return {**person.columns, **{name: values[:, index] for name, values in trajectories.truth.items()}}


def readings(
    schedule: Schedule, trajectories: Trajectories, person: Person, address: Address, fates: Fate
) -> dict[str, Readings]:
    """Return every reading of every patient, by measure; arrays of shape (patients, visits).

    What decided on eligibility is taken over as it was read; everybody in the trial was there.  Screening on
    day 0 is part of the visit of that day.
    """
    visits = trial_visits(schedule)
    of_trial = [measure for visit in visits for measure in measured_at(visit)]
    columns: dict[str, list[tuple[Visit, Floats, Floats]]] = {measure: [] for measure in of_trial}
    noted = {entry.day: entry.values for entry in person.noted}
    after = (
        (visit, {**_read(visit, trajectories, person, address), **noted.get(visit.day, {})})
        for visit in visits
    )
    for visit, values in (*_before(schedule, trajectories, person, address), *after):
        seen, day = present(visit, fates, address)
        for measure, value in values.items():
            columns.setdefault(measure, []).append((visit, day, np.where(seen, value, np.nan)))
    return {
        measure: Readings(
            visits=tuple(visit.name for visit, _, _ in entries),
            planned=np.array([visit.day for visit, _, _ in entries]),
            day=np.stack([day for _, day, _ in entries], axis=1),
            value=np.stack([value for _, _, value in entries], axis=1),
        )
        for measure, entries in columns.items()
    }


def _read(visit: Visit, trajectories: Trajectories, person: Person, address: Address) -> dict[str, Floats]:
    return read_all(measured_at(visit), truth_at(trajectories, person, visit.day), address, visit.day)


def _before(
    schedule: Schedule, trajectories: Trajectories, person: Person, address: Address
) -> Iterator[tuple[Visit, dict[str, Floats]]]:
    """Yield the visits before randomisation with their readings, in order of their days."""
    planned = {visit.day: visit for visit in screening_visits(schedule)}
    noted = {entry.day: entry for entry in person.noted if entry.day < 0}
    for day in sorted({*planned, *noted}):
        values = _read(planned[day], trajectories, person, address) if day in planned else {}
        if day not in noted:
            yield planned[day], values
            continue
        name = planned[day].name if day in planned else noted[day].visit
        known = {**values, **noted[day].values}
        yield Visit(name=name, day=day, measures=tuple(known)), known


def events(
    found: Mapping[str, Readings], trajectories: Trajectories, address: Address, fates: Fate
) -> EventRows:
    """Return every adverse event under observation."""
    rules = adverse_events.rules()
    parts = [
        adverse_events.from_counts(term, found[rule.reading])
        for term, rule in rules.counts.items()
        if rule.reading in found
    ]
    parts += [
        adverse_events.from_hazard(term, trajectories, address, fates.end)
        for term, rule in rules.hazards.items()
        if rule.hazard in trajectories.truth
    ]
    return adverse_events.join(parts)


def stack(values: Readings, trials: int) -> Readings:
    """Return readings of flat patients as readings of a stack of trials, (trials, subjects, visits)."""
    shape = (trials, -1, len(values.visits))
    return replace(values, day=values.day.reshape(shape), value=values.value.reshape(shape))
