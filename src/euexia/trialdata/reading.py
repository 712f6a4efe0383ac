"""Tidy tables back to arrays, with every fault of a table said at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.core.choices import did_you_mean
from euexia.core.errors import TrialDataError
from euexia.criteria.measures import MEASURES
from euexia.trialdata.checks import check
from euexia.trialdata.columns import SUBJECT_COLUMNS
from euexia.trialdata.dictionary import FINDINGS, SEPARATOR, SEXES
from euexia.trialdata.trialdata import Dosing, Events, Readings, ScreeningLog, TrialData

Frames = Mapping[str, pd.DataFrame]
Places = pd.DataFrame
"""Row (trial) and column (subject) of each subject, by identifier."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "subjects": ("protocol", "trial", "subject", "arm"),
    "readings": ("trial", "subject", "measure", "visit", "planned_day", "day", "value", "unit"),
    "dosing": ("trial", "subject", "drug", "planned_day", "dose", "reason"),
    "adverse_events": ("trial", "subject", "day", "term", "grade", "serious"),
    "screening": ("trial", "candidate", "day", "enrolled"),
    "screening_criteria": ("trial", "candidate", "criterion", "finding"),
}
"""Columns that a table must have."""


def from_tables(frames: Frames) -> TrialData:
    """Return the trial data that the tables describe.

    The tables subjects and readings must be there; the dictionary gives the order of arms and reasons, which
    otherwise is the order of appearance.  Raises TrialDataError with every fault of the columns, then of the
    content.
    """
    _check_columns(frames)
    subjects = frames["subjects"]
    places = _places(subjects)
    shape = (int(places["row"].max()) + 1, int(places["column"].max()) + 1)
    arms = _listed(frames, "subjects", "arm", subjects["arm"])
    columns = {"arm": _codes(subjects["arm"], arms, "arm").reshape(shape)}
    for name in SUBJECT_COLUMNS:
        if name in subjects and name != "arm":
            columns[name] = _subject_column(subjects[name], name).reshape(shape)
    readings, dosing = frames["readings"], frames.get("dosing")
    data = TrialData(
        protocol_id=str(subjects["protocol"].iloc[0]),
        arms=arms,
        subjects=columns,
        readings={
            str(measure): _readings(rows, places, shape)
            for measure, rows in readings.groupby("measure", sort=False)
        },
        dosing={}
        if dosing is None
        else {
            str(drug): _dosing(rows, str(drug), places, shape, frames)
            for drug, rows in dosing.groupby("drug", sort=False)
        },
        events=_events(frames.get("adverse_events"), places),
        screening=_screening(frames),
    )
    return check(data, plausible=False)


def _check_columns(frames: Frames) -> None:
    faults = [f"there is no table '{name}'" for name in ("subjects", "readings") if name not in frames]
    for name, frame in frames.items():
        missing = [column for column in COLUMNS.get(name, ()) if column not in frame]
        faults += [f"table '{name}' has no column '{column}'" for column in missing]
    if "subjects" in frames:
        known = {*COLUMNS["subjects"], *SUBJECT_COLUMNS}
        faults += [
            f"table 'subjects' has a column '{column}' that a sponsor could not have. "
            f"{did_you_mean(column, known)}"
            for column in map(str, frames["subjects"].columns)
            if column not in known
        ]
        if frames["subjects"].empty:
            faults.append("table 'subjects' has no rows")
    if "readings" in frames and not faults:
        faults += _unit_faults(frames["readings"])
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise TrialDataError(f"These tables are not trial data:\n{lines}")


def _unit_faults(readings: pd.DataFrame) -> list[str]:
    faults = []
    for measure, unit in readings[["measure", "unit"]].drop_duplicates().itertuples(index=False):
        if measure not in MEASURES:
            way_out = did_you_mean(measure, MEASURES)
            faults.append(f"readings of '{measure}', which nobody can measure. {way_out}")
        elif unit != MEASURES[measure].unit:
            faults.append(
                f"readings of '{measure}' are in '{unit}'. Convert them to '{MEASURES[measure].unit}' first."
            )
    return faults


def _places(subjects: pd.DataFrame) -> Places:
    """Return where each subject stands in the stack; every trial must have as many."""
    twice = subjects["subject"][subjects["subject"].duplicated()]
    if not twice.empty:
        raise TrialDataError(f"Subject '{twice.iloc[0]}' has two rows in table 'subjects'. Keep one.")
    row = pd.factorize(subjects["trial"])[0]
    column = subjects.groupby("trial", sort=False).cumcount().to_numpy()
    sizes = np.bincount(row)
    if (sizes != sizes[0]).any():
        raise TrialDataError(
            f"The trials of the stack have {sizes.min()} to {sizes.max()} subjects. "
            "Read trials of different size one by one."
        )
    if (np.diff(row) < 0).any():
        raise TrialDataError("The rows of table 'subjects' are not sorted by trial. Sort them.")
    return pd.DataFrame({"row": row, "column": column}, index=pd.Index(subjects["subject"]))


def _at(rows: pd.DataFrame, places: Places, table: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the place of each row's subject."""
    index = places.index.get_indexer(pd.Index(rows["subject"]))
    if (index < 0).any():
        stranger = rows["subject"].iloc[int((index < 0).argmax())]
        raise TrialDataError(f"Table '{table}' names subject '{stranger}', who is not in table 'subjects'.")
    found = places.iloc[index]
    return found["row"].to_numpy(dtype=np.int64), found["column"].to_numpy(dtype=np.int64)


def _readings(rows: pd.DataFrame, places: Places, shape: tuple[int, int]) -> Readings:
    visits = rows[["visit", "planned_day"]].drop_duplicates()
    keys, named = pd.MultiIndex.from_frame(visits), pd.MultiIndex.from_frame(rows[list(visits)])
    at = (*_at(rows, places, "readings"), keys.get_indexer(named))
    measure = str(rows["measure"].iloc[0])
    return Readings(
        visits=tuple(map(str, visits["visit"])),
        planned=visits["planned_day"].to_numpy(dtype=float),
        day=_filled(rows["day"], at, (*shape, len(visits)), f"readings of '{measure}'"),
        value=_filled(rows["value"], at, (*shape, len(visits)), f"readings of '{measure}'"),
    )


def _dosing(rows: pd.DataFrame, drug: str, places: Places, shape: tuple[int, int], frames: Frames) -> Dosing:
    planned = rows["planned_day"].drop_duplicates()
    at = (*_at(rows, places, "dosing"), pd.Index(planned).get_indexer(pd.Index(rows["planned_day"])))
    reasons = _listed(frames, "dosing", "reason", rows["reason"][rows["reason"] != ""], f"drug = {drug}")
    reason = np.full((*shape, len(planned)), -1, dtype=np.int64)
    reason[at] = _codes(rows["reason"], reasons, "reason").astype(np.int64)
    return Dosing(
        drug=drug,
        planned=planned.to_numpy(dtype=float),
        dose=_filled(rows["dose"], at, (*shape, len(planned)), f"dosing of '{drug}'"),
        reason=reason,
        reasons=reasons,
    )


def _filled(
    values: pd.Series[float],
    at: tuple[NDArray[np.int64], ...],
    shape: tuple[int, ...],
    what: str,
) -> NDArray[np.float64]:
    """Return an array of NaN with the values at their places; a place may be named once."""
    flat = np.ravel_multi_index(at, shape)
    if np.unique(flat).size != flat.size:
        raise TrialDataError(f"The {what} hold two rows for the same subject and visit. Keep one.")
    array = np.full(shape, np.nan)
    array[at] = values.to_numpy(dtype=float)
    return array


def _events(rows: pd.DataFrame | None, places: Places) -> Events:
    if rows is None:
        rows = pd.DataFrame({column: [] for column in COLUMNS["adverse_events"]})
    trial, subject = _at(rows, places, "adverse_events")
    return Events(
        trial=trial,
        subject=subject,
        day=rows["day"].to_numpy(dtype=float),
        term=np.array([str(term) for term in rows["term"]], dtype=np.str_),
        grade=rows["grade"].to_numpy(dtype=np.int64),
        serious=rows["serious"].to_numpy(dtype=bool),
    )


def _screening(frames: Frames) -> ScreeningLog | None:
    rows, findings = frames.get("screening"), frames.get("screening_criteria")
    listed = _allowed(frames, "screening_criteria", "criterion", "")
    if rows is None or findings is None or (rows.empty and listed is None):
        return None
    criteria = tuple(dict.fromkeys(map(str, findings["criterion"]))) or listed or ()
    trials = pd.Index(frames["subjects"]["trial"].unique())
    codes = {text: code for code, text in FINDINGS.items()}
    failed = np.array([codes[text] for text in findings["finding"]], dtype=np.int8)
    return ScreeningLog(
        trial=np.asarray(trials.get_indexer(pd.Index(rows["trial"])), dtype=np.int64),
        candidate=np.array([int(name.rpartition("-C")[2]) - 1 for name in rows["candidate"]], dtype=np.int64),
        day=rows["day"].to_numpy(dtype=float),
        enrolled=rows["enrolled"].to_numpy(dtype=bool),
        failed=failed.reshape(len(rows), len(criteria)),
        criteria=criteria,
    )


def _subject_column(values: pd.Series[Any], name: str) -> NDArray[np.float64]:
    if name == "sex":
        codes: dict[str, float] = {word: code for code, word in SEXES.items()}
        return np.array([codes.get(str(word), np.nan) for word in values], dtype=np.float64)
    return np.asarray(values, dtype=np.float64)


def _listed(
    frames: Frames, table: str, column: str, values: pd.Series[str], where: str = ""
) -> tuple[str, ...]:
    """Return the allowed values by the dictionary, or else those that occur."""
    return _allowed(frames, table, column, where) or tuple(dict.fromkeys(map(str, values)))


def _allowed(frames: Frames, table: str, column: str, where: str) -> tuple[str, ...] | None:
    if "dictionary" not in frames:
        return None
    told = frames["dictionary"]
    line = told[(told["table"] == table) & (told["column"] == column) & (told["where"] == where)]
    if line.empty:
        return None
    text = str(line["allowed"].iloc[0])
    return tuple(text.split(SEPARATOR)) if text else ()


def _codes(values: pd.Series[str], options: tuple[str, ...], column: str) -> NDArray[np.float64]:
    """Return the index of each value among the options; -1 for an empty one."""
    codes = {option: float(index) for index, option in enumerate(options)} | {"": -1.0}
    unknown = sorted({str(value) for value in values} - set(codes))
    if unknown:
        raise TrialDataError(
            f"Column '{column}' holds '{unknown[0]}', which the dictionary does not allow. "
            f"{did_you_mean(unknown[0], options)}"
        )
    return np.array([codes[str(value)] for value in values])
