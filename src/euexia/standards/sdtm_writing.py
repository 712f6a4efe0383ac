"""One trial as SDTM datasets.

Where SDTM has no perfect home: body composition and handgrip go to MK (Musculoskeletal System Findings),
walking, stair climbing and chair stands to FT, performance status to RS, the sum of diameters to TR, answers
yes or no to FA, energy and activity to the custom domain XN.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from euexia.criteria.measures import MEASURES
from euexia.formats.dataset import Column, Dataset, text_column
from euexia.standards import sdtm_events
from euexia.standards.building import build, constant, either, sequence
from euexia.standards.codes import Code, book, printed_name
from euexia.standards.dates import iso_dates, study_days
from euexia.standards.one_trial import OneTrial, Reading

Floats = NDArray[np.float64]
Columns = dict[str, Column]

NOT_RECORDED_SITE = "001"
UNKNOWN_COUNTRY = "UNK"
UNKNOWN_RACE = "UNKNOWN"
UNSCHEDULED = "unscheduled"
"""Beginning of the names of visits that nobody was expected at."""


def sdtm(trial: OneTrial) -> tuple[Dataset, ...]:
    """Return the SDTM datasets of a trial, the trial design first."""
    domains = dict.fromkeys(book().measures[reading.measure].domain for reading in readings_to_write(trial))
    tables = {
        "TS": _summary(trial),
        "TA": _arms(trial),
        "TV": _visits(trial),
        "DM": _demographics(trial),
        "SUPPDM": _supplement(trial),
        "DS": sdtm_events.disposition(trial),
        "EX": sdtm_events.exposure(trial),
        "AE": sdtm_events.events(trial),
        "SV": _subject_visits(trial),
        **{domain: findings(trial, domain) for domain in sorted(domains)},
    }
    return tuple(
        build(name, trial.study, columns, keep=("VISITDY", "VISIT"))
        for name, columns in tables.items()
        if len(next(iter(columns.values())))
    )


def findings(trial: OneTrial, domain: str) -> Columns:
    """Return the findings of a domain, subject by subject, then by day and test."""
    parts = [
        _of_measure(trial, reading)
        for reading in readings_to_write(trial)
        if book().measures[reading.measure].domain == domain
    ]
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((merged.pop("_test"), merged.pop("_planned"), merged["_subject"]))
    subject = merged.pop("_subject")[order]
    columns: Columns = {name: column[order] for name, column in merged.items()}
    named = {name.replace("--", domain): column for name, column in columns.items()}
    records = len(subject)
    return {
        "STUDYID": constant(trial.study, records),
        "DOMAIN": constant(domain, records),
        "USUBJID": trial.identifiers[subject],
        f"{domain}SEQ": sequence(subject),
        **named,
    }


def readings_to_write(trial: OneTrial) -> tuple[Reading, ...]:
    """Return the readings to write; the height of a subject is one where no visit reads it."""
    height = trial.column("height")
    if any(reading.measure == "height" for reading in trial.readings) or np.isnan(height).all():
        return trial.readings
    day = np.where(np.isnan(height), np.nan, 0.0)[:, np.newaxis]
    visit = next((one for one in trial.visits if one[1] == 0), ("baseline", 0.0))
    return (
        *trial.readings,
        Reading(measure="height", visits=(visit,), day=day, value=height[:, np.newaxis]),
    )


def _of_measure(trial: OneTrial, reading: Reading) -> Columns:
    """Return a row for every value, and one NOT DONE for every visit missed while under observation."""
    code = book().measures[reading.measure]
    planned = np.array([day for _, day in reading.visits])
    with np.errstate(invalid="ignore"):
        expected = ~(planned > trial.end[:, np.newaxis])
    expected &= np.array([not name.startswith(UNSCHEDULED) for name, _ in reading.visits], dtype=bool)
    known = ~np.isnan(reading.value)
    subject, visit = np.nonzero(known | expected | ~np.isnan(reading.day))
    value, day, has = reading.value[subject, visit], reading.day[subject, visit], known[subject, visit]
    text = _texts(reading.measure, value)
    names = np.array([printed_name(name) for name, _ in reading.visits], dtype=object)
    numbers = _numbers(trial, reading)
    rows = len(subject)
    unit = either(has, code.unit or None)
    return {
        "_subject": subject,
        "_planned": planned[visit],
        "_test": np.full(rows, list(book().measures).index(reading.measure)),
        **_named(code, rows),
        "--ORRES": text,
        "--ORRESU": unit,
        "--STRESC": text,
        "--STRESN": np.where(has & (not MEASURES[reading.measure].is_coded), value, np.nan),
        "--STRESU": unit,
        "--STAT": either(has, None, "NOT DONE"),
        "--LOBXFL": _flags(last_before(day, has, subject)),
        "--DRVFL": either(has & code.derived, "Y"),
        "VISITNUM": numbers[visit],
        "VISIT": names[visit],
        "VISITDY": study_days(planned)[visit],
        "--DTC": iso_dates(trial.zero[subject] + day),
        "--DY": study_days(day),
    }


def _named(code: Code, rows: int) -> Columns:
    return {
        "--TESTCD": constant(code.code, rows),
        "--TEST": constant(code.name, rows),
        "--OBJ": constant(code.about or None, rows),
        "--CAT": constant(code.category or None, rows),
    }


def _numbers(trial: OneTrial, reading: Reading) -> Floats:
    known = {visit: float(number) for number, visit in enumerate(trial.visits, start=1)}
    return np.array([known.get(visit, len(known) + 1.0) for visit in reading.visits])


def _texts(measure: str, value: Floats) -> Column:
    """Return results as text that reads back to the same number: Y, N, a category, or digits."""
    known = MEASURES[measure]
    if known.is_flag:
        words: Mapping[float, str] = {0.0: "N", 1.0: "Y"}
        return text_column([words.get(one) for one in value.tolist()])
    if known.is_category:
        names = dict(enumerate(known.categories))
        return text_column([None if one != one else names[int(one)].upper() for one in value.tolist()])
    return text_column([None if one != one else digits(one) for one in value.tolist()])


def digits(value: float) -> str:
    """Return the shortest decimal text of a number that reads back the same."""
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def last_before(day: Floats, known: NDArray[np.bool_], subject: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say which row of each subject is the last value on or before day 0; of equals the one listed last."""
    with np.errstate(invalid="ignore"):
        usable = np.flatnonzero(known & (day <= 0))
    best: dict[int, int] = {}
    for row in usable.tolist():
        who = int(subject[row])
        if who not in best or day[row] >= day[best[who]]:
            best[who] = row
    flags = np.zeros(len(day), dtype=bool)
    flags[list(best.values())] = True
    return flags


def _flags(chosen: NDArray[np.bool_]) -> Column:
    return either(chosen, "Y")


def _summary(trial: OneTrial) -> Columns:
    rows = (
        ("SSTDTC", "Study Start Date", iso_dates(np.array([trial.opened]))[0]),
        ("TITLE", "Trial Title", trial.title),
        ("PLANSUB", "Planned Number of Subjects", str(len(trial.subjects))),
    )
    return {
        "STUDYID": constant(trial.study, len(rows)),
        "DOMAIN": constant("TS", len(rows)),
        "TSSEQ": np.ones(len(rows)),
        "TSPARMCD": text_column([row[0] for row in rows]),
        "TSPARM": text_column([row[1] for row in rows]),
        "TSVAL": text_column([row[2] for row in rows]),
    }


def _arms(trial: OneTrial) -> Columns:
    count = len(trial.arms)
    return {
        "STUDYID": constant(trial.study, count),
        "DOMAIN": constant("TA", count),
        "ARMCD": text_column(trial.arm_codes),
        "ARM": text_column(trial.arm_labels),
        "TAETORD": np.ones(count),
        "ETCD": text_column([f"TRT{number}" for number in range(1, count + 1)]),
        "ELEMENT": text_column(trial.arm_labels),
        "EPOCH": constant("TREATMENT", count),
    }


def _visits(trial: OneTrial) -> Columns:
    count = len(trial.visits)
    days = study_days(np.array([day for _, day in trial.visits]))
    return {
        "STUDYID": constant(trial.study, count),
        "DOMAIN": constant("TV", count),
        "VISITNUM": np.arange(1.0, count + 1),
        "VISIT": text_column([printed_name(name) for name, _ in trial.visits]),
        "VISITDY": days,
        "TVSTRL": text_column([f"Study day {day:.0f}" for day in days]),
    }


def _demographics(trial: OneTrial) -> Columns:
    count = len(trial.subjects)
    code, label = (np.array(names, dtype=object)[trial.arm] for names in (trial.arm_codes, trial.arm_labels))
    dead = ~np.isnan(trial.column("death_day"))
    age = trial.column("age")
    end = iso_dates(trial.zero + np.floor(trial.end))
    stop = np.fmin(trial.column("treatment_stop_day"), trial.end)
    return {
        "STUDYID": constant(trial.study, count),
        "DOMAIN": constant("DM", count),
        "USUBJID": trial.identifiers,
        "SUBJID": trial.subjects,
        "RFSTDTC": iso_dates(trial.zero),
        "RFENDTC": end,
        "RFXSTDTC": iso_dates(trial.zero) if trial.doses else constant(None, count),
        "RFXENDTC": iso_dates(trial.zero + np.floor(stop)) if trial.doses else constant(None, count),
        "RFPENDTC": iso_dates(trial.zero + np.floor(trial.column("last_contact_day"))),
        "DTHDTC": iso_dates(trial.zero + np.floor(trial.column("death_day"))),
        "DTHFL": either(dead, "Y"),
        "SITEID": constant(NOT_RECORDED_SITE, count),
        "AGE": age,
        "AGEU": either(np.isnan(age), None, "YEARS"),
        "SEX": sexes(trial),
        "RACE": constant(UNKNOWN_RACE, count),
        "ARMCD": code,
        "ARM": label,
        "ACTARMCD": code,
        "ACTARM": label,
        "COUNTRY": constant(UNKNOWN_COUNTRY, count),
    }


def sexes(trial: OneTrial) -> Column:
    """Return the sex of each subject as CDISC codes it: F, M, or U where it is not known."""
    sex = trial.column("sex")
    column = either(sex == 1, "M", "U")
    column[sex == 0] = "F"
    return column


def _supplement(trial: OneTrial) -> Columns:
    """Say of whom the day of randomisation is not known, so that the opening of the trial stands for it."""
    subject = np.flatnonzero(trial.invented)
    count = len(subject)
    return {
        "STUDYID": constant(trial.study, count),
        "RDOMAIN": constant("DM", count),
        "USUBJID": trial.identifiers[subject],
        "QNAM": constant("RFSTASSU", count),
        "QLABEL": constant("Reference Start Date Is Assumed", count),
        "QVAL": constant("Y", count),
        "QORIG": constant("Assigned", count),
    }


def _subject_visits(trial: OneTrial) -> Columns:
    """Return the first and the last day of each visit of each subject at which anything was read."""
    first = np.full((len(trial.subjects), len(trial.visits)), np.inf)
    last = -first
    for reading in trial.readings:
        places = [trial.visits.index(visit) for visit in reading.visits]
        day = np.where(np.isnan(reading.value), np.nan, reading.day)
        first[:, places] = np.fmin(first[:, places], day)
        last[:, places] = np.fmax(last[:, places], day)
    subject, visit = np.nonzero(np.isfinite(first))
    start, stop, zero = first[subject, visit], last[subject, visit], trial.zero[subject]
    names = np.array([printed_name(name) for name, _ in trial.visits], dtype=object)
    planned = np.array([day for _, day in trial.visits])
    return {
        "STUDYID": constant(trial.study, len(subject)),
        "DOMAIN": constant("SV", len(subject)),
        "USUBJID": trial.identifiers[subject],
        "VISITNUM": visit + 1.0,
        "VISIT": names[visit],
        "VISITDY": study_days(planned)[visit],
        "SVSTDTC": iso_dates(zero + start),
        "SVENDTC": iso_dates(zero + stop),
        "SVSTDY": study_days(start),
        "SVENDY": study_days(stop),
    }
