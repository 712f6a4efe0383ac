"""Trial data as tidy tables: one row for each subject, reading, dose, adverse event and candidate.

The arrays and the tables say the same; ``from_tables(to_tables(data))`` gives the data back bit for bit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.criteria.measures import MEASURES
from euexia.trialdata.checks import check
from euexia.trialdata.columns import SUBJECT_COLUMNS
from euexia.trialdata.dictionary import FINDINGS, SEXES, Entry, WithArms, rows
from euexia.trialdata.files import read_frames, write_frames
from euexia.trialdata.reading import from_tables
from euexia.trialdata.trialdata import NOT_RANDOMISED, ScreeningLog, TrialData

__all__ = ["from_tables", "read", "subject_identifiers", "to_tables", "write"]

Frames = Mapping[str, pd.DataFrame]
Texts = NDArray[np.object_]


def to_tables(data: TrialData, protocol: WithArms | None = None) -> Frames:
    """Return the tables by name, in the order of ``files.TABLES``.

    protocol: adds the labels of its arms to the dictionary.  A stack without a screening log has empty
    screening tables.
    """
    check(data, plausible=False)
    subjects = subject_identifiers(data.trials, data.size)
    there = set(subjects[data.subjects["arm"] != NOT_RANDOMISED])
    return {
        "subjects": _of(there, _subjects(data, subjects)),
        "readings": _of(there, _readings(data, subjects)),
        "dosing": _of(there, _dosing(data, subjects)),
        "adverse_events": _adverse_events(data, subjects),
        "screening": _screening(data.screening, data.trials),
        "screening_criteria": _screening_criteria(data.screening, data.trials),
        "dictionary": pd.DataFrame(rows(data, protocol), columns=list(Entry.__dataclass_fields__)),
    }


def write(folder: str | os.PathLike[str], data: TrialData, protocol: WithArms | None = None) -> None:
    """Write every table as CSV and as Parquet into a folder that is new or empty.

    Parquet files carry unit and meaning in the metadata of each field.  Either everything is written or
    nothing.
    Raises OutputError if the folder holds something or cannot be written.
    """
    write_frames(folder, to_tables(data, protocol))


def read(folder: str | os.PathLike[str]) -> TrialData:
    """Read back what ``write`` wrote, from its Parquet files, or from its CSV files where those are missing.

    Raises TrialDataError if the files are not trial data.
    """
    return from_tables(read_frames(folder))


def subject_identifiers(trials: int, size: int, letter: str = "S") -> Texts:
    """Return identifiers such as ``T0001-S001``, shape (trials, size)."""
    trial_names = np.array([f"T{trial + 1:04d}" for trial in range(trials)], dtype=object)
    names = np.array([f"-{letter}{index + 1:03d}" for index in range(size)], dtype=object)
    return np.asarray(trial_names[:, np.newaxis] + names[np.newaxis, :])


def _of(there: set[str], frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the subjects who are there: a place that nobody holds has none."""
    held = frame["subject"].isin(there)
    return frame if held.all() else frame[held].reset_index(drop=True)


def _subjects(data: TrialData, identifiers: Texts) -> pd.DataFrame:
    arms = np.array(data.arms, dtype=object)
    columns: dict[str, object] = {
        "protocol": data.protocol_id,
        "trial": np.repeat(np.arange(1, data.trials + 1), data.size),
        "subject": identifiers.ravel(),
        "arm": arms[data.subjects["arm"].astype(int).ravel()],
    }
    for name in SUBJECT_COLUMNS:
        if name in data.subjects and name not in columns:
            values = data.subjects[name].ravel()
            columns[name] = [SEXES.get(value, "") for value in values] if name == "sex" else values
    return pd.DataFrame(columns)


def _readings(data: TrialData, identifiers: Texts) -> pd.DataFrame:
    frames = [
        _long(
            identifiers,
            readings.value.shape[-1],
            measure=measure,
            visit=np.array(readings.visits, dtype=object),
            planned_day=readings.planned,
            day=readings.day,
            value=readings.value,
            unit=MEASURES[measure].unit,
        )
        for measure, readings in data.readings.items()
    ]
    empty = _long(identifiers, 0, measure="", visit="", planned_day=np.nan, day=np.nan, value=np.nan, unit="")
    return pd.concat(frames, ignore_index=True) if frames else empty


def _dosing(data: TrialData, identifiers: Texts) -> pd.DataFrame:
    frames = []
    for drug, dosing in data.dosing.items():
        words = np.array([*dosing.reasons, ""], dtype=object)  # -1, no decision, is the last
        frames.append(
            _long(
                identifiers,
                dosing.planned.size,
                drug=drug,
                planned_day=dosing.planned,
                dose=dosing.dose,
                reason=words[dosing.reason],
            )
        )
    empty = _long(identifiers, 0, drug="", planned_day=np.nan, dose=np.nan, reason="")
    return pd.concat(frames, ignore_index=True) if frames else empty


def _long(identifiers: Texts, occasions: int, **columns: object) -> pd.DataFrame:
    """Return one row for each subject and occasion; columns broadcast to (trials, subjects, occasions)."""
    shape = (*identifiers.shape, occasions)
    trial = np.arange(1, identifiers.shape[0] + 1)[:, np.newaxis, np.newaxis]
    every = {"trial": trial, "subject": identifiers[..., np.newaxis], **columns}
    return pd.DataFrame({name: _spread(values, shape) for name, values in every.items()})


def _spread(values: object, shape: tuple[int, ...]) -> NDArray[np.generic]:
    array = np.asarray(values, dtype=object) if isinstance(values, str) else np.asarray(values)
    return np.broadcast_to(array, shape).ravel()


def _adverse_events(data: TrialData, identifiers: Texts) -> pd.DataFrame:
    events = data.events
    return pd.DataFrame(
        {
            "trial": events.trial + 1,
            "subject": identifiers[events.trial, events.subject],
            "day": events.day,
            "term": events.term.astype(object),
            "grade": events.grade,
            "serious": events.serious,
        }
    )


def _screening(log: ScreeningLog | None, trials: int) -> pd.DataFrame:
    if log is None:
        log = _nobody()
    texts = np.array(log.criteria, dtype=object)
    return pd.DataFrame(
        {
            "trial": log.trial + 1,
            "candidate": _candidates(log, trials),
            "day": log.day,
            "enrolled": log.enrolled,
            "reasons": np.array(["; ".join(texts[row == 1]) for row in log.failed], dtype=object),
        }
    )


def _screening_criteria(log: ScreeningLog | None, trials: int) -> pd.DataFrame:
    if log is None:
        log = _nobody()
    criteria = len(log.criteria)
    findings = np.array([FINDINGS[code] for code in (0, 1, -1)], dtype=object)  # -1 is the last
    return pd.DataFrame(
        {
            "trial": np.repeat(log.trial + 1, criteria),
            "candidate": np.repeat(_candidates(log, trials), criteria),
            "criterion": np.tile(np.array(log.criteria, dtype=object), log.trial.size),
            "finding": findings[log.failed.astype(int)].ravel(),
        }
    )


def _candidates(log: ScreeningLog, trials: int) -> Texts:
    names = subject_identifiers(trials, int(log.candidate.max(initial=-1)) + 1, letter="C")
    return np.asarray(names[log.trial, log.candidate])


def _nobody() -> ScreeningLog:
    none = np.zeros(0, dtype=np.int64)
    return ScreeningLog(
        trial=none,
        candidate=none,
        day=np.zeros(0),
        enrolled=np.zeros(0, dtype=bool),
        failed=np.zeros((0, 0), dtype=np.int8),
        criteria=(),
    )
