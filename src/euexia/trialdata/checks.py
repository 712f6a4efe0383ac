"""What makes arrays trial data: shapes, closed vocabularies, and no reading of the dead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from euexia.core.choices import did_you_mean
from euexia.core.errors import TrialDataError
from euexia.criteria.measures import MEASURES
from euexia.trialdata.columns import SUBJECT_COLUMNS
from euexia.trialdata.trialdata import NOT_RANDOMISED, Dosing, Events, Floats, Readings, TrialData

DAY_TOLERANCE = 1e-6
"""A reading this share of a day after death was taken at death."""


def check(data: TrialData, *, plausible: bool = True) -> TrialData:
    """Return the trial data unchanged, or raise TrialDataError with every fault found.

    plausible: also refuse readings outside the plausible range of their measure (wanted for data typed by
    people).
    """
    faults = list(_subject_faults(data))
    if not faults:  # the rest reads shapes and arms from the subjects
        faults += _event_faults(data.events, data.trials, data.size)
        faults += _screening_faults(data)
        for measure, readings in data.readings.items():
            faults += _reading_faults(measure, readings, data)
            if plausible and measure in MEASURES:
                faults += _plausibility_faults(measure, readings)
        for drug, dosing in data.dosing.items():
            faults += _dosing_faults(drug, dosing, data)
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise TrialDataError(f"These arrays are not trial data ({count}):\n{lines}")
    return data


def _subject_faults(data: TrialData) -> Iterator[str]:
    unknown = sorted(set(data.subjects) - set(SUBJECT_COLUMNS))
    for name in unknown:
        yield (
            f"subjects have a column '{name}' that a sponsor could not have. "
            f"{did_you_mean(name, SUBJECT_COLUMNS)}"
        )
    if "arm" not in data.subjects:
        yield "subjects have no column 'arm'. Give the index of each subject's arm."
        return
    arm = np.asarray(data.subjects["arm"])
    if arm.ndim != 2 or arm.size == 0:
        yield f"'arm' has the shape {arm.shape}. Give (trials, subjects); one real trial is a stack of one."
        return
    for name in SUBJECT_COLUMNS:
        if name in data.subjects:
            yield from _column_faults(name, np.asarray(data.subjects[name]), arm != NOT_RANDOMISED)
    indices = np.arange(NOT_RANDOMISED, len(data.arms))
    wrong = np.unique(arm[~np.isin(arm, indices)])
    if wrong.size:
        yield f"'arm' holds {_list(wrong)}, but there are {len(data.arms)} arms: {', '.join(data.arms)}."
    if len(set(data.arms)) != len(data.arms):
        yield f"two arms share a name: {', '.join(data.arms)}."


def _column_faults(name: str, values: Floats, held: NDArray[np.bool_]) -> Iterator[str]:
    column = SUBJECT_COLUMNS[name]
    if values.shape != held.shape:
        yield f"'{name}' has the shape {values.shape}, but 'arm' has {held.shape}. Give one value a subject."
        return
    missing = np.isnan(values.astype(float))
    if (missing & held).any() and not column.may_be_missing:
        absent = int((missing & held).sum())
        yield f"'{name}' is missing for {absent} subjects. Every randomised subject has one."
    if column.allowed:
        wrong = np.unique(values[~missing & ~np.isin(values, column.allowed)])
        if wrong.size:
            yield f"'{name}' holds {_list(wrong)}. Allowed: {_list(np.array(column.allowed))}."


def _reading_faults(measure: str, readings: Readings, data: TrialData) -> Iterator[str]:
    if measure not in MEASURES:
        yield f"readings of '{measure}', which nobody can measure. {did_you_mean(measure, MEASURES)}"
        return
    shape = (data.trials, data.size, len(readings.visits))
    for name, array in (("value", readings.value), ("day", readings.day)):
        if array.shape != shape:
            yield f"readings of '{measure}': '{name}' has the shape {array.shape}, expected {shape}."
            return
    if readings.planned.shape != (len(readings.visits),):
        yield f"readings of '{measure}': {len(readings.visits)} visits, {readings.planned.size} planned days."
        return
    known = ~np.isnan(readings.value)
    if (known & np.isnan(readings.day)).any():
        yield f"readings of '{measure}': a value without the day on which it was read."
    for event, verb in (("death_day", "death"), ("withdrawal_day", "withdrawal")):
        after = known & (readings.day > _day_of(data, event)[..., np.newaxis] + DAY_TOLERANCE)
        if after.any():
            trial, subject, visit = (int(index[0]) for index in np.nonzero(after))
            yield (
                f"readings of '{measure}': {int(after.sum())} after {verb}, for example subject {subject} "
                f"of trial "
                f"{trial} on day {readings.day[trial, subject, visit]:g}. Correct the day or the date of "
                f"{verb}."
            )


def _plausibility_faults(measure: str, readings: Readings) -> Iterator[str]:
    bounds = MEASURES[measure]
    beyond = (readings.value < bounds.low) | (readings.value > bounds.high)
    if beyond.any():
        worst = readings.value[beyond][0]
        yield (
            f"readings of '{measure}': {int(beyond.sum())} outside {bounds.low:g} to {bounds.high:g} "
            f"{bounds.unit}, "
            f"for example {worst:g}. Correct them or leave them missing; nothing is clipped."
        )


def _dosing_faults(drug: str, dosing: Dosing, data: TrialData) -> Iterator[str]:
    shape = (data.trials, data.size, dosing.planned.size)
    if dosing.drug != drug:
        yield f"dosing filed under '{drug}' is of '{dosing.drug}'."
    if dosing.dose.shape != shape or dosing.reason.shape != shape:
        yield (
            f"dosing of '{drug}': dose has the shape {dosing.dose.shape} and reason {dosing.reason.shape}; "
            f"expected {shape}."
        )
        return
    if (dosing.dose < 0).any():
        yield f"dosing of '{drug}': a dose below 0. A dose is 0 or more; missing after death or withdrawal."
    if ((dosing.reason < -1) | (dosing.reason >= len(dosing.reasons))).any():
        yield f"dosing of '{drug}': a reason that is not an index into its {len(dosing.reasons)} reasons."


def _event_faults(events: Events, trials: int, size: int) -> Iterator[str]:
    columns = (events.trial, events.subject, events.day, events.term, events.grade, events.serious)
    if len({column.shape for column in columns}) != 1 or events.trial.ndim != 1:
        yield "adverse events: columns of unequal length. Give one row for each event."
        return
    if not _within(events.trial, trials) or not _within(events.subject, size):
        yield f"adverse events: a trial or subject that does not exist ({trials} trials of {size} subjects)."
    if not np.isin(events.grade, np.arange(1, 6)).all():
        yield "adverse events: a grade outside 1 to 5."


def _screening_faults(data: TrialData) -> Iterator[str]:
    log = data.screening
    if log is None:
        return
    rows = log.trial.shape
    if log.candidate.shape != rows or log.day.shape != rows or log.enrolled.shape != rows:
        yield "screening log: columns of unequal length. Give one row for each candidate."
    if log.failed.shape != (*rows, len(log.criteria)):
        expected = (*rows, len(log.criteria))
        yield f"screening log: 'failed' has the shape {log.failed.shape}, expected {expected}."
    elif not np.isin(log.failed, (-1, 0, 1)).all():
        yield "screening log: 'failed' holds something else than 1, 0 and -1."
    if not _within(log.trial, data.trials):
        yield f"screening log: a trial that does not exist ({data.trials} trials)."


def _day_of(data: TrialData, event: str) -> Floats:
    """Return the day of an event, infinite where it did not happen."""
    if event not in data.subjects:
        return np.full((data.trials, data.size), np.inf)
    day = data.subjects[event]
    return np.where(np.isnan(day), np.inf, day)


def _within(index: np.ndarray[tuple[int, ...], np.dtype[np.int64]], count: int) -> bool:
    return bool(((index >= 0) & (index < count)).all())


def _list(values: Floats) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:5])
    return shown + (" …" if values.size > 5 else "")
