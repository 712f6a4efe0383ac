"""Several trials, read one by one, as a stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from euexia.standards.understanding import Understanding, refuse
from euexia.trialdata.trialdata import Dosing, Events, Readings, TrialData

Read = tuple[TrialData, Understanding]
Floats = NDArray[np.float64]


def stack(trials: Sequence[Read], path: Path) -> Read:
    """Return trials of the same arms and size as one stack; a visit that one lacks is missing there.

    Raises TrialDataError if arms or numbers of subjects differ.
    """
    parts = [data for data, _ in trials]
    first = parts[0]
    faults = [
        f"trial {number} has {data.size} subjects in the arms {', '.join(data.arms)}, trial 1 "
        f"{first.size} in {', '.join(first.arms)}. Read them one by one, or with the protocol."
        for number, data in enumerate(parts[1:], start=2)
        if data.size != first.size or data.arms != first.arms
    ]
    if faults:
        raise refuse(str(path), faults)
    names = dict.fromkeys(name for data in parts for name in data.subjects)
    blank = np.full((1, first.size), np.nan)
    stacked = replace(
        first,
        subjects={name: np.concatenate([data.subjects.get(name, blank) for data in parts]) for name in names},
        readings={
            measure: _readings([data.readings.get(measure) for data in parts], first.size)
            for measure in dict.fromkeys(name for data in parts for name in data.readings)
        },
        dosing={
            drug: _dosing(drug, [data.dosing.get(drug) for data in parts], first.size)
            for drug in dict.fromkeys(name for data in parts for name in data.dosing)
        },
        events=_events([data.events for data in parts]),
    )
    told = [understanding for _, understanding in trials]
    return stacked, replace(
        told[0],
        remarks=tuple(
            replace(remark, place=f"trial {number}, {remark.place}")
            for number, one in enumerate(told, start=1)
            for remark in one.remarks
        ),
        sources=tuple(
            replace(source, name=f"trial {number}: {source.name}")
            for number, one in enumerate(told, start=1)
            for source in one.sources
        ),
        subjects=tuple(one.subjects[0] for one in told),
        day_zero=tuple(one.day_zero[0] for one in told),
    )


def _readings(parts: Sequence[Readings | None], size: int) -> Readings:
    there = [part for part in parts if part is not None]
    visits = sorted(
        dict.fromkeys(
            pair for part in there for pair in zip(part.visits, part.planned.tolist(), strict=True)
        ),
        key=lambda visit: visit[1],
    )
    day, value = (np.full((len(parts), size, len(visits)), np.nan) for _ in range(2))
    for trial, part in enumerate(parts):
        if part is not None:
            places = [visits.index(pair) for pair in zip(part.visits, part.planned.tolist(), strict=True)]
            day[trial][:, places] = part.day[0]
            value[trial][:, places] = part.value[0]
    return Readings(
        visits=tuple(name for name, _ in visits),
        planned=np.array([planned for _, planned in visits]),
        day=day,
        value=value,
    )


def _dosing(drug: str, parts: Sequence[Dosing | None], size: int) -> Dosing:
    there = [part for part in parts if part is not None]
    planned = np.unique(np.concatenate([part.planned for part in there]))
    reasons = tuple(dict.fromkeys(reason for part in there for reason in part.reasons))
    dose = np.full((len(parts), size, len(planned)), np.nan)
    reason = np.full(dose.shape, -1, dtype=np.int64)
    for trial, part in enumerate(parts):
        if part is not None:
            places = np.searchsorted(planned, part.planned)
            codes = np.array([*(reasons.index(one) for one in part.reasons), -1], dtype=np.int64)
            dose[trial][:, places] = part.dose[0]
            reason[trial][:, places] = codes[part.reason[0]]
    return Dosing(drug=drug, planned=planned, dose=dose, reason=reason, reasons=reasons)


def _events(parts: Sequence[Events]) -> Events:
    return Events(
        trial=np.concatenate([np.full(part.trial.size, trial) for trial, part in enumerate(parts)]),
        subject=np.concatenate([part.subject for part in parts]),
        day=np.concatenate([part.day for part in parts]),
        term=np.concatenate([part.term for part in parts]),
        grade=np.concatenate([part.grade for part in parts]),
        serious=np.concatenate([part.serious for part in parts]),
    )
