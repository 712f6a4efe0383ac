"""Conformance of the content of datasets: dates, study days, subjects, baselines, units, changes, death."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.formats import dates as iso
from euexia.formats.dataset import Dataset, DataType, is_blank
from euexia.standards import columns as of
from euexia.standards.dates import study_days
from euexia.standards.rule_material import Found, Together, breaches, is_set, prefix, starts

CLOSE = 1e-9
STUDY_DAYS = (
    ("{}DTC", "{}DY"), ("{}STDTC", "{}STDY"), ("{}ENDTC", "{}ENDY"), ("ADT", "ADY"), ("ASTDT", "ASTDY"),
)  # fmt: skip
SPANS = (("{}STDTC", "{}ENDTC"), ("ASTDT", "AENDT"), ("TRTSDT", "TRTEDT"), ("RFSTDTC", "RFENDTC"))


def _dates(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    for variable in dataset.variables:
        if variable.name.endswith("DTC") or variable.data_type is DataType.DATE:
            faults = iso.faults(dataset[variable.name], DataType.DATETIME, variable.name)
            if faults:
                row = int(faults[0].place.split(",")[0].removeprefix("row "))
                yield Found(variable=variable.name, row=row, text=faults[0].problem, count=len(faults))


def _no_day_zero(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    for name in dataset.names:
        if name.endswith("DY") and dataset.variable(name).data_type.is_number:
            day = of.numbers(dataset, name, [])
            with np.errstate(invalid="ignore"):
                yield from breaches(name, ~np.isnan(day) & ((day == 0) | (day != np.floor(day))))


def _in_subjects(dataset: Dataset, together: Together) -> Iterator[Found]:
    known = together.datasets.get("DM") or together.datasets.get("ADSL")
    if known is not None and "USUBJID" in dataset:
        column = of.text(dataset, "USUBJID")
        yield from breaches("USUBJID", ~np.isin(column, of.text(known, "USUBJID")), column)


def _one_baseline(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    start = prefix(dataset)
    for flag, code in (
        ("ABLFL", "PARAMCD"),
        (f"{start}LOBXFL", f"{start}TESTCD"),
        (f"{start}BLFL", f"{start}TESTCD"),
    ):
        if flag in dataset and code in dataset:
            columns = {"who": of.text(dataset, "USUBJID"), "code": of.text(dataset, code)}
            columns |= {"type": of.text(dataset, "BASETYPE")}
            chosen = pd.DataFrame(columns)[of.text(dataset, flag) == np.array("Y", dtype=object)]
            twice = np.zeros(dataset.records, dtype=bool)
            twice[chosen.index[chosen.duplicated()]] = True
            yield from breaches(flag, twice, columns["code"])


def _study_days(dataset: Dataset, together: Together) -> Iterator[Found]:
    begun = starts(together)
    for date, day in _named(STUDY_DAYS, prefix(dataset)):
        if date in dataset and day in dataset and "USUBJID" in dataset:
            start = np.array([begun.get(who, np.nan) for who in of.text(dataset, "USUBJID")])
            wanted = study_days(of.dates(dataset, date, []) - start)
            said = of.numbers(dataset, day, [])
            with np.errstate(invalid="ignore"):
                wrong = ~np.isnan(wanted) & ~np.isnan(said) & (wanted != said)
            yield from breaches(day, wrong, of.text(dataset, day))


def _named(pairs: tuple[tuple[str, str], ...], start: str) -> tuple[tuple[str, str], ...]:
    return tuple((first.format(start), second.format(start)) for first, second in pairs)


def _not_done(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    start = prefix(dataset)
    status, result = f"{start}STAT", f"{start}ORRES"
    if status in dataset and result in dataset:
        undone = of.text(dataset, status) == np.array("NOT DONE", dtype=object)
        yield from breaches(status, undone & is_set(of.text(dataset, result)), of.text(dataset, result))


def _standard_unit(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    start = prefix(dataset)
    unit, code = f"{start}STRESU", f"{start}TESTCD"
    if unit in dataset and code in dataset:
        table = pd.DataFrame({"code": of.text(dataset, code), "unit": of.text(dataset, unit)})
        specimen = of.text(dataset, f"{start}SPEC") + of.text(dataset, f"{start}CAT")
        pairs = table.assign(specimen=specimen)[is_set(table["unit"].to_numpy())].drop_duplicates()
        several = pairs[pairs.duplicated(["code", "specimen"])]
        if len(several):
            text = f"'{several['unit'].iloc[0]}' for {several['code'].iloc[0]}"
            yield Found(variable=unit, row=int(several.index[0]) + 1, text=text, count=len(several))


def _change(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    if {"AVAL", "BASE", "CHG"} <= set(dataset.names):
        value, base, change = (of.numbers(dataset, name, []) for name in ("AVAL", "BASE", "CHG"))
        with np.errstate(invalid="ignore"):
            off = np.abs(change - (value - base)) > CLOSE * np.maximum(np.abs(value), np.abs(base))
        yield from breaches("CHG", off, of.text(dataset, "CHG"))


def _ends_before(dataset: Dataset, together: Together) -> Iterator[Found]:
    del together
    for first, last in _named(SPANS, prefix(dataset)):
        if first in dataset and last in dataset:
            with np.errstate(invalid="ignore"):
                wrong = of.dates(dataset, last, []) < of.dates(dataset, first, [])
            yield from breaches(last, wrong, of.text(dataset, last))


def _same_treatment(dataset: Dataset, together: Together) -> Iterator[Found]:
    subjects = together.datasets.get("ADSL")
    if subjects is not None and "TRTP" in dataset and "TRT01P" in subjects:
        pairs = zip(of.text(subjects, "USUBJID").tolist(), of.text(subjects, "TRT01P").tolist(), strict=True)
        planned = dict(pairs)
        said = of.text(dataset, "TRTP")
        wanted = np.array([planned.get(who, "") for who in of.text(dataset, "USUBJID")], dtype=object)
        yield from breaches("TRTP", is_set(wanted) & (said != wanted), said)


def _after_death(dataset: Dataset, together: Together) -> Iterator[Found]:
    died = _deaths(together)
    start = prefix(dataset)
    for name in (f"{start}DTC", f"{start}STDTC", "ADT", "ASTDT"):
        if died and name in dataset and "USUBJID" in dataset and dataset.name not in ("DM", "ADSL"):
            last = np.array([died.get(who, np.nan) for who in of.text(dataset, "USUBJID")])
            with np.errstate(invalid="ignore"):
                late = of.dates(dataset, name, []) > last
            yield from breaches(name, late & ~is_blank(dataset[name]), of.text(dataset, name))


def _deaths(together: Together) -> dict[str, float]:
    for name, date in (("DM", "DTHDTC"), ("ADSL", "DTHDT")):
        subjects = together.datasets.get(name)
        if subjects is not None and date in subjects:
            days: NDArray[np.float64] = of.dates(subjects, date, [])
            pairs = zip(of.text(subjects, "USUBJID").tolist(), days.tolist(), strict=True)
            return {who: day for who, day in pairs if day == day}
    return {}


TESTS: Mapping[str, Callable[[Dataset, Together], Iterable[Found]]] = {
    "dates": _dates,
    "no_day_zero": _no_day_zero,
    "in_subjects": _in_subjects,
    "one_baseline": _one_baseline,
    "study_days": _study_days,
    "not_done": _not_done,
    "standard_unit": _standard_unit,
    "change": _change,
    "ends_before": _ends_before,
    "same_treatment": _same_treatment,
    "after_death": _after_death,
}
"""Tests of the content of a dataset, by name."""
