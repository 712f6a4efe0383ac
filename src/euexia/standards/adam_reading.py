"""ADaM datasets to gathered tables: ADSL, the datasets of basic structure by their parameter codes, ADAE."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.criteria.measures import MEASURES
from euexia.formats.dataset import Column, Dataset
from euexia.standards import columns as of
from euexia.standards.adam_writing import SUBJECT_DATES
from euexia.standards.codes import coded_value, measures_of_parameters, plain_name
from euexia.standards.conversion import converted
from euexia.standards.dates import from_study_days
from euexia.standards.sdtm_people import People, refuse_twice, sexes
from euexia.standards.understanding import Remark, conflict, left_out, understood

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

OWN = "STUDYSDT"
"""A variable of ADSL that only this project writes: all days stand in variables of its own."""
LEFT = ("DISCONTINUED",)
DEATHS = ("DEATH", "DIED")
UPPER_LIMITS = ("ANRHI", "A1HI")


def is_basic(dataset: Dataset) -> bool:
    """Say whether a dataset has the basic structure with readings, not times to events."""
    return {"PARAMCD", "AVAL", "USUBJID"} <= set(dataset.names) and "CNSR" not in dataset


def people(adsl: Dataset, remarks: list[Remark]) -> People:
    """Return the subjects of ADSL, and the days of what happened to them."""
    refuse_twice(adsl)
    zero = of.first_date(adsl, remarks, "RANDDT", "TRTSDT", "RFSTDTC")
    planned = of.first_text(adsl, "ARMCD", "TRT01P", "ARM")
    keep = ~np.isin(np.array([arm.strip().upper() for arm in planned], dtype=object), NOT_PLANNED)
    if not keep.all():
        text = "subjects without a planned treatment are not in the trial data."
        remarks.append(understood("not randomised", "ADSL", text, int((~keep).sum())))
        adsl, zero, planned = adsl.take(keep), zero[keep], planned[keep]
    days = _own_days(adsl, zero, remarks) if OWN in adsl else _days(adsl, zero, remarks)
    opening = of.dates(adsl, OWN, remarks)
    known = ~np.isnan(opening)
    first = float(opening[known][0]) if known.any() else _earliest(zero, remarks)
    assumed = of.text(adsl, "RANDDTF") != np.array("", dtype=object)
    table = pd.DataFrame(
        {
            "subject": of.text(adsl, "USUBJID"),
            "arm": planned,
            "age": of.numbers(adsl, "AGE", remarks),
            "sex": sexes(adsl, remarks),
            "height": of.numbers(adsl, "HEIGHTBL", remarks),
            "enrolled_day": np.where(assumed, np.nan, zero - first),
            **days,
        }
    )
    labels = dict(zip(planned.tolist(), of.first_text(adsl, "TRT01P", "ARM").tolist(), strict=True))
    return People(table=table, zero=zero, arms=_arm_order(adsl, planned, remarks), labels=labels)


NOT_PLANNED = ("SCRNFAIL", "SCREEN FAILURE", "NOTASSGN", "NOT ASSIGNED", "")


def _earliest(zero: Floats, remarks: list[Remark]) -> float:
    text = "the opening of the trial is not given; the first day 0 stands for it."
    remarks.append(understood("calendar", "ADSL", text))
    return float(np.nanmin(zero)) if not np.isnan(zero).all() else np.nan


def _arm_order(adsl: Dataset, planned: Column, remarks: list[Remark]) -> tuple[str, ...]:
    """Return the arms by the number of the planned treatment."""
    number = of.numbers(adsl, "TRT01PN", remarks)
    order = np.argsort(np.where(np.isnan(number), np.inf, number), kind="stable")
    return tuple(dict.fromkeys(planned[order].tolist()))


def _own_days(adsl: Dataset, zero: Floats, remarks: list[Remark]) -> dict[str, Floats]:
    return {column: of.dates(adsl, name, remarks) - zero for name, column in SUBJECT_DATES.items()}


def _days(adsl: Dataset, zero: Floats, remarks: list[Remark]) -> dict[str, Floats]:
    """Return death, withdrawal, treatment stop and last contact from the usual variables of ADSL."""
    end = of.first_date(adsl, remarks, "EOSDT", "RFENDT", "RFENDTC") - zero
    reason = _capitals(of.first_text(adsl, "DCSREAS", "DCDECOD", "DCREASCD"))
    status = _capitals(of.text(adsl, "EOSSTT"))
    completed = _capitals(of.text(adsl, "DCDECOD")) == "COMPLETED"
    left = np.isin(status, LEFT) | (of.text(adsl, "DISCONFL") == np.array("Y", dtype=object))
    left &= ~completed
    dead = (_capitals(of.text(adsl, "DTHFL")) == "Y") | np.isin(reason, DEATHS)
    death = of.dates(adsl, "DTHDT", remarks) - zero
    by_end = np.isnan(death) & dead & np.isin(reason, DEATHS)
    if by_end.any():
        text = "no date of death; the end of the study of those who left by death stands for it."
        remarks.append(understood("death", "ADSL", text, int(by_end.sum())))
    death = np.where(by_end, end, death)
    lost = dead & np.isnan(death)
    if lost.any():
        who = of.text(adsl, "USUBJID")[int(lost.argmax())]
        text = f"'{who}' died (DTHFL), but no day is given; not recorded."
        remarks.append(conflict("death", "ADSL.DTHFL", text, int(lost.sum())))
    last = of.dates(adsl, "TRTEDT", remarks) - zero
    withdrawn = left & np.isnan(death)
    contact = of.first_date(adsl, remarks, "LSTALVDT", "EOSDT", "RFENDT", "RFENDTC") - zero
    blank = np.full(len(zero), np.nan)
    return {
        "death_day": death,
        "withdrawal_day": np.where(withdrawn, end, np.nan),
        "treatment_stop_day": np.where(withdrawn, last, np.nan),
        "crossover_day": blank,
        "rescue_day": blank,
        "last_contact_day": np.where(np.isnan(death), contact, death),
    }


def _capitals(column: Column) -> NDArray[np.object_]:
    return np.array([one.strip().upper() for one in column], dtype=object)


def findings(
    dataset: Dataset, zero: Mapping[str, float], remarks: list[Remark], read_from: dict[str, str]
) -> pd.DataFrame:
    """Return the readings of a dataset of basic structure whose parameters are measures.

    Rows with a DTYPE are derived (LOCF and the like) and never taken for readings; a reading that stands
    under several analysis visits is taken once.  Days are ADY where it is given, else ADT.
    """
    codes = of.text(dataset, "PARAMCD")
    measures = measures_of_parameters()
    known = np.isin(codes, list(measures))
    others = pd.Series(codes[~known], dtype=object).value_counts()
    if len(others):
        shown = ", ".join(map(str, others.index[:8])) + (" ..." if len(others) > 8 else "")
        text = f"no measure of ours: {shown}."
        remarks.append(left_out("parameter", f"{dataset.name}.PARAMCD", text, int(others.sum())))
    known &= ~_derived(dataset, known, remarks)
    rows = np.flatnonzero(known)
    part = dataset.take(rows)
    measure = np.array([measures[one] for one in codes[rows]], dtype=object)
    for one, name in dict(zip(codes[rows].tolist(), measure.tolist(), strict=True)).items():
        read_from.setdefault(name, f"{dataset.name}: PARAMCD {one}")
    table = pd.DataFrame(
        {
            "subject": of.text(part, "USUBJID"),
            "measure": measure,
            "visit": _visits(part),
            "planned": from_study_days(of.numbers(part, "AWTARGET", remarks)),
            "day": _days_of(part, zero, remarks),
            "value": _values(part, measure, rows, remarks),
            "rank": (of.text(part, "ANL01FL") == np.array("Y", dtype=object)).astype(float),
            "source": dataset.name,
            "row": rows + 1,
        }
    )
    return _once(table, part, remarks)


def _derived(dataset: Dataset, known: Flags, remarks: list[Remark]) -> Flags:
    kind = of.text(dataset, "DTYPE")
    derived: Flags = np.asarray(kind != np.array("", dtype=object), dtype=np.bool_)
    if (derived & known).any():
        words = ", ".join(sorted(set(kind[derived & known].tolist())))
        text = f"derived rows (DTYPE {words}) are no readings; left out."
        remarks.append(understood("derived", dataset.name, text, int((derived & known).sum())))
    return derived


def _visits(part: Dataset) -> Column:
    """Return the analysis visit, else the visit, as identifiers."""
    analysis, visit = of.text(part, "AVISIT"), of.text(part, "VISIT")
    words = np.where(analysis == np.array("", dtype=object), visit, analysis)
    known = {word: plain_name(word) or "unscheduled" for word in set(words.tolist())}
    return np.array([known[word] for word in words.tolist()], dtype=object)


def _days_of(part: Dataset, zero: Mapping[str, float], remarks: list[Remark]) -> Floats:
    """Return days from day 0: ADY, moved if it counts from treatment, else the date."""
    subject = of.text(part, "USUBJID")
    start = np.array([zero.get(who, np.nan) for who in subject.tolist()])
    by_date = of.dates(part, "ADT", remarks) - start
    by_day = from_study_days(of.numbers(part, "ADY", remarks))
    treated = of.dates(part, "TRTSDT", remarks)
    moved = by_day + np.where(np.isnan(treated), 0.0, treated - start)
    with np.errstate(invalid="ignore"):
        differs = ~np.isnan(by_date) & ~np.isnan(by_day) & (by_date != by_day) & (by_date != moved)
        wrong = ~np.isnan(by_date) & ~np.isnan(by_day) & (by_date != by_day)
        shifted = wrong & (by_date == moved) & (np.abs(treated - start) < FAR)
    if differs.any() or (wrong & ~shifted).any():
        row = int((wrong & ~shifted).argmax())
        text = f"ADY says day {by_day[row]:g} and ADT day {by_date[row]:g} from day 0 of ADSL; ADY is taken."
        remarks.append(
            conflict("day", f"{part.name}, subject '{subject[row]}'", text, int((wrong & ~shifted).sum()))
        )
    return np.where(np.isnan(by_day) | shifted, by_date, by_day)


FAR = 366.0
"""Days; a start of treatment so far from randomisation is a date of another calendar."""


def _values(part: Dataset, measure: Column, rows: NDArray[np.intp], remarks: list[Remark]) -> Floats:
    """Return AVAL in canonical units: the unit is AVALU or stands in brackets in PARAM."""
    number = of.numbers(part, "AVAL", remarks)
    unit = of.text(part, "AVALU") if "AVALU" in part else _units_in(of.text(part, "PARAM"))
    limit = of.numbers(part, next((name for name in UPPER_LIMITS if name in part), UPPER_LIMITS[0]), remarks)
    value = converted(measure, number, unit, limit, part.name, rows, remarks)
    words = of.text(part, "AVALC")
    for row in np.flatnonzero([MEASURES[name].is_coded for name in measure.tolist()]).tolist():
        worded = coded_value(measure[row], words[row])
        value[row] = worded if worded == worded else number[row]
    return value


def _units_in(names: Column) -> Column:
    """Return what stands in the last brackets of each parameter."""
    known = {name: _bracketed(name) for name in set(names.tolist())}
    return np.array([known[name] for name in names.tolist()], dtype=object)


def _bracketed(name: str) -> str:
    return name.rstrip()[:-1].rpartition("(")[2].strip() if name.rstrip().endswith(")") else ""


def _once(table: pd.DataFrame, part: Dataset, remarks: list[Remark]) -> pd.DataFrame:
    """Keep a reading once that stands under several analysis visits: the flagged one, else the first."""
    source = next((name for name in part.names if name.endswith("SEQ")), "")
    if not source:
        return table
    table = table.assign(sequence=of.numbers(part, source, remarks))
    ordered = table.sort_values("rank", ascending=False, kind="stable")
    key = ["subject", "measure", "day", "value", "sequence"]
    again = ordered.duplicated(key) & ordered["sequence"].notna()
    if again.any():
        text = "the same reading under another analysis visit; taken once."
        remarks.append(understood("analysis visit", part.name, text, int(again.sum())))
    return ordered[~again].sort_index().drop(columns="sequence")
