"""One trial as ADaM datasets: ADSL, a basic structure for each kind of reading, ADAE, ADTTE."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.criteria.measures import MEASURES
from euexia.formats.dataset import Column, Dataset, text_column
from euexia.standards import sdtm_events, sdtm_writing
from euexia.standards.building import build, constant, either, sequence
from euexia.standards.codes import book, coded_value, measures_of_domain
from euexia.standards.dates import iso_dates, study_days
from euexia.standards.one_trial import OneTrial

Floats = NDArray[np.float64]
Columns = dict[str, Column]

PERCENT = 100.0


def adam(trial: OneTrial) -> tuple[Dataset, ...]:
    """Return the ADaM datasets of a trial."""
    measures = [reading.measure for reading in sdtm_writing.readings_to_write(trial)]
    domains = {book().measures[measure].dataset: book().measures[measure].domain for measure in measures}
    tables = {
        "ADSL": _subjects(trial),
        **{name: _basic(trial, domains[name]) for name in sorted(domains)},
        "ADAE": _events(trial),
        "ADTTE": _times(trial),
    }
    return tuple(
        build(name, trial.study, columns, keep=("DTYPE", "DTHDT", "WDRWDT", "EOTDT", "LSTCNDT"))
        for name, columns in tables.items()
        if len(next(iter(columns.values())))
    )


def _subjects(trial: OneTrial) -> Columns:
    count = len(trial.subjects)
    code, label = (np.array(names, dtype=object)[trial.arm] for names in (trial.arm_codes, trial.arm_labels))
    age, death = trial.column("age"), trial.column("death_day")
    went = ~np.isnan(death) | ~np.isnan(trial.column("withdrawal_day"))
    reason = either(~np.isnan(death), "DEATH", None)
    reason[np.isnan(death) & went] = "WITHDRAWAL BY SUBJECT"
    stop = np.fmin(trial.column("treatment_stop_day"), trial.end)
    randomised = iso_dates(trial.zero)
    return {
        "STUDYID": constant(trial.study, count),
        "USUBJID": trial.identifiers,
        "SUBJID": trial.subjects,
        "SITEID": constant(sdtm_writing.NOT_RECORDED_SITE, count),
        "AGE": age,
        "AGEU": either(np.isnan(age), None, "YEARS"),
        "SEX": sdtm_writing.sexes(trial),
        "RACE": constant(sdtm_writing.UNKNOWN_RACE, count),
        "ARM": label,
        "ARMCD": code,
        "TRT01P": label,
        "TRT01PN": trial.arm + 1.0,
        "RANDDT": randomised,
        "RANDDTF": either(trial.invented, "Y"),
        "TRTSDT": randomised if trial.doses else constant(None, count),
        "TRTEDT": iso_dates(trial.zero + np.floor(stop)) if trial.doses else constant(None, count),
        "ITTFL": constant("Y", count),
        "HEIGHTBL": trial.column("height"),
        "STUDYSDT": constant(iso_dates(np.array([trial.opened]))[0], count),
        "DTHFL": either(np.isnan(death), None, "Y"),
        "EOSSTT": either(went, "DISCONTINUED", "COMPLETED"),
        "EOSDT": iso_dates(trial.zero + np.floor(trial.end)),
        "DCSREAS": reason,
        **{
            name: iso_dates(trial.zero + np.floor(trial.column(column)))
            for name, column in SUBJECT_DATES.items()
        },
    }


SUBJECT_DATES = {
    "DTHDT": "death_day",
    "WDRWDT": "withdrawal_day",
    "EOTDT": "treatment_stop_day",
    "CROSSDT": "crossover_day",
    "RESCDT": "rescue_day",
    "LSTCNDT": "last_contact_day",
}
"""Variables of ADSL that hold the day of something that happened, as a date."""


def _basic(trial: OneTrial, domain: str) -> Columns:
    """Return the readings of a domain that hold a value, with baseline and change."""
    rows = sdtm_writing.findings(trial, domain)
    kept = rows[f"{domain}STAT"] == np.array(None, dtype=object)
    source = {name: column[kept] for name, column in rows.items()}
    place = {name: index for index, name in enumerate(trial.identifiers)}
    subject = np.array([place[name] for name in source["USUBJID"]], dtype=np.int64)
    measure = np.array([measures_of_domain(domain)[code] for code in source[f"{domain}TESTCD"]], dtype=object)
    value = _values(measure, source[f"{domain}STRESN"], source[f"{domain}STRESC"])
    first = source[f"{domain}LOBXFL"] == np.array("Y", dtype=object)
    base = _baseline(subject, measure, value, first)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        after = source[f"{domain}DY"] > 1
        change = np.where(after, value - base, np.nan)
        share = np.where(after & (base != 0), PERCENT * change / base, np.nan)
    share = np.where(np.isinf(share), np.nan, share)  # of a baseline too small to divide by
    coded = np.array([MEASURES[name].is_coded for name in measure], dtype=bool)
    names = list(book().measures)
    label = np.array(trial.arm_labels, dtype=object)[trial.arm]
    return {
        "STUDYID": source["STUDYID"],
        "USUBJID": source["USUBJID"],
        "TRTP": label[subject],
        "TRTPN": trial.arm[subject] + 1.0,
        "PARAMCD": source[f"{domain}TESTCD"],
        "PARAM": text_column([book().measures[name].parameter for name in measure]),
        "PARAMN": np.array([names.index(name) + 1.0 for name in measure]),
        "AVISIT": source["VISIT"],
        "AVISITN": source["VISITNUM"],
        "AWTARGET": source["VISITDY"],
        "ADT": source[f"{domain}DTC"],
        "ADY": source[f"{domain}DY"],
        "AVAL": value,
        "AVALC": either(coded, source[f"{domain}STRESC"]),
        "BASE": np.where(coded, np.nan, base),
        "CHG": np.where(coded, np.nan, change),
        "PCHG": np.where(coded, np.nan, share),
        "ABLFL": source[f"{domain}LOBXFL"],
        "ANL01FL": constant("Y", len(subject)),
        "SRCDOM": constant(domain, len(subject)),
        "SRCSEQ": source[f"{domain}SEQ"],
    }


def _values(measure: Column, number: Floats, text: Column) -> Floats:
    """Return the value of each row: the number, or the code of an answer."""
    return np.array(
        [
            coded_value(name, str(word)) if MEASURES[name].is_coded else plain
            for name, plain, word in zip(measure.tolist(), number.tolist(), text.tolist(), strict=True)
        ],
        dtype=np.float64,
    )


def _baseline(subject: NDArray[np.int64], measure: Column, value: Floats, first: NDArray[np.bool_]) -> Floats:
    known = {
        (who, what): number
        for who, what, number in zip(
            subject[first].tolist(), measure[first].tolist(), value[first].tolist(), strict=True
        )
    }
    pairs = zip(subject.tolist(), measure.tolist(), strict=True)
    return np.array([known.get(pair, np.nan) for pair in pairs], dtype=np.float64)


def _events(trial: OneTrial) -> Columns:
    order = np.lexsort((trial.event_day, trial.event_subject))
    subject, day = trial.event_subject[order], np.floor(trial.event_day[order])
    terms, decodes = sdtm_events.event_words(trial.event_term[order])
    grade = trial.event_grade[order]
    label = np.array(trial.arm_labels, dtype=object)[trial.arm]
    with np.errstate(invalid="ignore"):
        emergent = day >= 0
    return {
        "STUDYID": constant(trial.study, len(subject)),
        "USUBJID": trial.identifiers[subject],
        "AESEQ": sequence(subject),
        "AETERM": terms,
        "AEDECOD": decodes,
        "AESER": either(trial.event_serious[order], "Y", "N"),
        "AETOXGR": text_column([str(one) for one in grade]),
        "ATOXGRN": grade.astype(np.float64),
        "ASTDT": iso_dates(trial.zero[subject] + day),
        "ASTDY": study_days(day),
        "TRTEMFL": either(emergent, "Y"),
        "TRTA": label[subject],
        "TRTAN": trial.arm[subject] + 1.0,
    }


def _times(trial: OneTrial) -> Columns:
    """Return overall survival, and survival in the trial: to death or withdrawal."""
    death, withdrawal = (np.floor(trial.column(name)) for name in ("death_day", "withdrawal_day"))
    last = np.floor(trial.column("last_contact_day"))
    either = np.fmin(death, withdrawal)
    parts = [
        _time(trial, "OS", "Overall Survival (days)", death, last, "Death"),
        _time(trial, "TTDW", "Time to Death or Withdrawal (days)", either, last, "Death or withdrawal"),
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _time(trial: OneTrial, code: str, name: str, event: Floats, last: Floats, words: str) -> Columns:
    """Return the time to an event for everybody with an event or a last contact."""
    censored = np.isnan(event)
    day = np.where(censored, last, event)
    subject = np.flatnonzero(~np.isnan(day))
    count = len(subject)
    label = np.array(trial.arm_labels, dtype=object)[trial.arm]
    told = either(censored, "Last contact", words)
    return {
        "STUDYID": constant(trial.study, count),
        "USUBJID": trial.identifiers[subject],
        "TRTP": label[subject],
        "TRTPN": trial.arm[subject] + 1.0,
        "PARAMCD": constant(code, count),
        "PARAM": constant(name, count),
        "AVAL": day[subject] + 1,
        "STARTDT": iso_dates(trial.zero[subject]),
        "ADT": iso_dates(trial.zero[subject] + day[subject]),
        "CNSR": censored[subject].astype(np.float64),
        "EVNTDESC": told[subject],
    }
