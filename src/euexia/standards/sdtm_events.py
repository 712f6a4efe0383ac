"""What happens to the subjects of one trial as SDTM datasets: disposition, adverse events, exposure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.formats.dataset import Column, text_column
from euexia.standards.building import constant, either, sequence
from euexia.standards.codes import book, printed_name
from euexia.standards.dates import iso_dates, study_days
from euexia.standards.one_trial import OneTrial

Floats = NDArray[np.float64]
Columns = dict[str, Column]

DISPOSITION = (
    ("", "RANDOMIZED", "RANDOMIZED", "PROTOCOL MILESTONE", None),
    ("death_day", "DEATH", "DEATH", "DISPOSITION EVENT", "STUDY PARTICIPATION"),
    (
        "withdrawal_day",
        "WITHDRAWN FROM STUDY",
        "WITHDRAWAL BY SUBJECT",
        "DISPOSITION EVENT",
        "STUDY PARTICIPATION",
    ),
    (
        "treatment_stop_day",
        "TREATMENT STOPPED BEFORE ITS PLANNED END",
        "OTHER",
        "DISPOSITION EVENT",
        "STUDY TREATMENT",
    ),
    (
        "crossover_day",
        "CROSSED OVER TO THE TREATMENT OF ANOTHER ARM",
        "TREATMENT CROSSOVER",
        "OTHER EVENT",
        None,
    ),
    ("rescue_day", "RESCUE BEGAN", "RESCUE THERAPY", "OTHER EVENT", None),
    ("completed", "COMPLETED", "COMPLETED", "DISPOSITION EVENT", "STUDY PARTICIPATION"),
)
"""Subject column, DSTERM, DSDECOD, DSCAT, DSSCAT."""


def disposition(trial: OneTrial) -> Columns:
    """Return randomisation, death, withdrawal, treatment stop, crossover, rescue and completion."""
    parts = []
    for place, (name, *words) in enumerate(DISPOSITION):
        day = _disposition_day(trial, name)
        subject = np.flatnonzero(~np.isnan(day))
        parts.append((subject, np.floor(day[subject]), np.full(len(subject), place), words))
    subject = np.concatenate([part[0] for part in parts])
    day = np.concatenate([part[1] for part in parts])
    kind = np.concatenate([part[2] for part in parts])
    order = np.lexsort((kind, day, subject))
    subject, day, kind = subject[order], day[order], kind[order]
    word = np.array([words for *_, words in parts], dtype=object)[kind]
    return {
        "STUDYID": constant(trial.study, len(subject)),
        "DOMAIN": constant("DS", len(subject)),
        "USUBJID": trial.identifiers[subject],
        "DSSEQ": sequence(subject),
        "DSTERM": word[:, 0],
        "DSDECOD": word[:, 1],
        "DSCAT": word[:, 2],
        "DSSCAT": word[:, 3],
        "DSSTDTC": iso_dates(trial.zero[subject] + day),
        "DSSTDY": study_days(day),
    }


def _disposition_day(trial: OneTrial, name: str) -> Floats:
    if name == "completed":
        went = ~np.isnan(trial.column("death_day")) | ~np.isnan(trial.column("withdrawal_day"))
        return np.where(went, np.nan, trial.column("last_contact_day"))
    return trial.column(name) if name else np.zeros(len(trial.subjects))


def events(trial: OneTrial) -> Columns:
    """Return the adverse events."""
    order = np.lexsort((trial.event_day, trial.event_subject))
    subject, day, term = trial.event_subject[order], np.floor(trial.event_day[order]), trial.event_term[order]
    terms, decodes = event_words(term)
    count = len(subject)
    return {
        "STUDYID": constant(trial.study, count),
        "DOMAIN": constant("AE", count),
        "USUBJID": trial.identifiers[subject],
        "AESEQ": sequence(subject),
        "AETERM": terms,
        "AEDECOD": decodes,
        "AESER": either(trial.event_serious[order], "Y", "N"),
        "AETOXGR": text_column([str(grade) for grade in trial.event_grade[order]]),
        "AESTDTC": iso_dates(trial.zero[subject] + day),
        "AESTDY": study_days(day),
    }


def event_words(term: Column) -> tuple[Column, Column]:
    """Return how adverse events are reported and coded."""
    decodes = {name: entry.decode for name, entry in book().terms.items()}
    reported = text_column([printed_name(name) for name in term])
    return reported, text_column([decodes.get(name, printed_name(name)) for name in term])


def exposure(trial: OneTrial) -> Columns:
    """Return the doses: a record for each decision, until the day before the next."""
    parts = [_of_drug(trial, drug) for drug in trial.doses]
    if not parts:
        return {"STUDYID": constant(trial.study, 0)}
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((merged["_planned"], merged["_subject"]))
    merged = {name: column[order] for name, column in merged.items()}
    subject, planned, last = (merged.pop(name) for name in ("_subject", "_planned", "_last"))
    zero = trial.zero[subject]
    return {
        "STUDYID": constant(trial.study, len(subject)),
        "DOMAIN": constant("EX", len(subject)),
        "USUBJID": trial.identifiers[subject],
        "EXSEQ": sequence(subject),
        **merged,
        "EXDOSU": constant("mg", len(subject)),
        "EXDOSFRQ": constant("QD", len(subject)),
        "VISITDY": study_days(planned),
        "EXSTDTC": iso_dates(zero + planned),
        "EXENDTC": iso_dates(zero + last),
        "EXSTDY": study_days(planned),
        "EXENDY": study_days(last),
    }


def _of_drug(trial: OneTrial, drug: str) -> Columns:
    """Return a row for each decision: the dose in force until the day before the next, or until the end."""
    planned, dose, reason = trial.doses[drug]
    days = np.floor(planned)
    following = np.append(days[1:] - 1, np.inf)
    subject, decision = np.nonzero(~np.isnan(dose))
    end = np.floor(np.fmin(trial.end, trial.column("treatment_stop_day")))[subject]
    last = np.fmin(following[decision], np.where(np.isnan(end), np.inf, end))
    return {
        "_subject": subject,
        "_planned": days[decision],
        "_last": np.where(np.isinf(last), np.nan, np.maximum(last, days[decision])),
        "EXTRT": constant(printed_name(drug), len(subject)),
        "EXDOSE": dose[subject, decision],
        "EXADJ": reason[subject, decision],
    }
