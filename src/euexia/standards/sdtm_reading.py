"""SDTM datasets to gathered tables: who, in which arm, from which day; findings by their test codes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.formats.dataset import Column, Dataset
from euexia.standards import columns as of
from euexia.standards.codes import measures_of_domain, plain_name
from euexia.standards.conversion import canonical
from euexia.standards.dates import from_study_days
from euexia.standards.understanding import Remark, conflict, left_out, understood

Floats = NDArray[np.float64]

SPECIMENS = ("", "SERUM", "PLASMA", "BLOOD", "WHOLE BLOOD", "SERUM OR PLASMA")
"""Specimens of the laboratory measures; a creatinine of urine is another quantity."""
INVESTIGATOR = "INVESTIGATOR"
NOT_RANDOMISED = ("SCRNFAIL", "NOTASSGN", "NOTTRT", "")
"""Codes of planned arms that are none."""


def randomised(dm: Dataset, remarks: list[Remark]) -> NDArray[np.bool_]:
    """Say which rows of DM are subjects with a planned arm."""
    codes = np.array([code.strip().upper() for code in of.first_text(dm, "ARMCD", "ARM")], dtype=object)
    words = np.array([word.strip().upper() for word in of.text(dm, "ARM")], dtype=object)
    out = np.isin(codes, NOT_RANDOMISED) | np.isin(words, ("SCREEN FAILURE", "NOT ASSIGNED"))
    if out.any():
        text = "subjects without a planned arm (screen failures, not assigned) are not in the trial data."
        remarks.append(understood("not randomised", "DM", text, int(out.sum())))
    return ~out


def day_zero(dm: Dataset, ds: Dataset | None, remarks: list[Remark]) -> Floats:
    """Return the day of randomisation since 1960-01-01: of DS, else the reference start of DM."""
    reference = of.first_date(dm, remarks, "RFSTDTC", "RFXSTDTC")
    people = pd.Index(of.text(dm, "USUBJID"))
    if ds is None:
        return reference
    chosen = of.text(ds, "DSDECOD") == np.array("RANDOMIZED", dtype=object)
    day = np.where(chosen, of.dates(ds, "DSSTDTC", remarks), np.nan)
    own = of.by_subject(of.text(ds, "USUBJID"), day, people)
    differs = ~np.isnan(own) & ~np.isnan(reference) & (own != reference)
    if differs.any():
        who = people[int(np.flatnonzero(differs)[0])]
        text = (
            f"randomised on another day than the reference start ('{who}' for example); "
            "days count from randomisation."
        )
        remarks.append(conflict("day 0", "DS and DM", text, int(differs.sum())))
    return np.where(np.isnan(own), reference, own)


def findings(
    dataset: Dataset, domain: str, zero: Mapping[str, float], remarks: list[Remark], read_from: dict[str, str]
) -> pd.DataFrame:
    """Return the readings of a findings domain whose test codes are measures, in canonical units.

    zero: day 0 of each subject.  read_from: is told what each measure was read from.
    """
    measures = measures_of_domain(domain)
    codes = of.text(dataset, f"{domain}TESTCD")
    known = np.isin(codes, list(measures))
    known &= _of_interest(dataset, domain, remarks)
    _tell_unknown(dataset.name, domain, codes, measures, remarks)
    rows = np.flatnonzero(known)
    part = dataset.take(rows)
    code = codes[rows]
    measure = np.array([measures[one] for one in code], dtype=object)
    for one, name in dict(zip(code.tolist(), measure.tolist(), strict=True)).items():
        read_from.setdefault(name, f"{dataset.name}: {domain}TESTCD {one}")
    subject = of.text(part, "USUBJID")
    value = canonical(part, domain, measure, rows, remarks)
    start = np.array([zero.get(who, np.nan) for who in subject.tolist()])
    visit = of.text(part, "VISIT")
    number = of.text(part, "VISITNUM")
    return pd.DataFrame(
        {
            "subject": subject,
            "measure": measure,
            "visit": _visit_names(visit, number),
            "planned": from_study_days(of.numbers(part, "VISITDY", remarks)),
            "day": of.days_from(part, f"{domain}DTC", f"{domain}DY", start, remarks),
            "value": value,
            "rank": np.zeros(len(rows)),
            "source": dataset.name,
            "row": rows + 1,
        }
    )


def _visit_names(visit: Column, number: Column) -> Column:
    """Return visits as identifiers; a visit without a name has its number."""
    pairs = set(zip(visit.tolist(), number.tolist(), strict=True))
    names = {
        pair: plain_name(pair[0]) or (f"visit_{plain_name(pair[1])}" if pair[1] else "unscheduled")
        for pair in pairs
    }
    return np.array([names[pair] for pair in zip(visit.tolist(), number.tolist(), strict=True)], dtype=object)


def _of_interest(dataset: Dataset, domain: str, remarks: list[Remark]) -> NDArray[np.bool_]:
    """Leave out other specimens, other evaluators than the investigator, and rows that are derived anew."""
    keep = np.ones(dataset.records, dtype=bool)
    if domain == "LB":
        specimen = of.capitals(dataset, "LBSPEC")
        category = of.capitals(dataset, "LBCAT")
        urine = np.isin(category, [word for word in set(category.tolist()) if "URIN" in word])
        keep = np.isin(specimen, SPECIMENS) & ~urine
        if not keep.all():
            text = "rows of urine or another specimen than blood are left out."
            remarks.append(understood("specimen", dataset.name, text, int((~keep).sum())))
    who = of.capitals(dataset, f"{domain}EVAL")
    if (who == INVESTIGATOR).any():
        others = keep & (who != INVESTIGATOR) & (who != "")
        if others.any():
            text = "rows of other evaluators than the investigator are left out."
            remarks.append(understood("evaluator", dataset.name, text, int(others.sum())))
        keep &= ~others
    return keep


def _tell_unknown(
    name: str, domain: str, codes: Column, measures: Mapping[str, str], remarks: list[Remark]
) -> None:
    others = pd.Series(codes[~np.isin(codes, list(measures))], dtype=object).value_counts()
    if len(others):
        shown = ", ".join(map(str, others.index[:8])) + (" ..." if len(others) > 8 else "")
        remarks.append(
            left_out(
                "test code", f"{name}.{domain}TESTCD", f"no measure of ours: {shown}.", int(others.sum())
            )
        )
