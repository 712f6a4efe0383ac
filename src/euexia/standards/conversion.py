"""Results of findings to canonical values: standard units first, else as collected; every unit named."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from euexia.core.errors import UnitError
from euexia.criteria.measures import MEASURES
from euexia.formats.dataset import Column, Dataset
from euexia.standards import columns as of
from euexia.standards import units
from euexia.standards.codes import coded_value
from euexia.standards.understanding import Remark, conflict, left_out, refuse

Floats = NDArray[np.float64]


def canonical(
    part: Dataset, domain: str, measure: Column, rows: NDArray[np.intp], remarks: list[Remark]
) -> Floats:
    """Return the results of an SDTM findings domain in the canonical unit of each measure.

    Where the standard result is missing the collected one is taken; text that is no number stays missing.
    rows: of the file, for messages.  Raises TrialDataError for a unit that is none of its measure.
    """
    number, unit = of.numbers(part, f"{domain}STRESN", remarks), of.text(part, f"{domain}STRESU")
    words = of.text(part, f"{domain}STRESC")
    collected = of.text(part, f"{domain}ORRES")
    words = np.where(words == np.array("", dtype=object), collected, words)
    done = of.capitals(part, f"{domain}STAT") != np.array("NOT DONE", dtype=object)
    number = np.where(done, number, np.nan)
    spare = np.isnan(number) & done & (words != np.array("", dtype=object))
    coded = np.isin(measure, [name for name in set(measure.tolist()) if MEASURES[name].is_coded])
    parsed = _parsed(words, spare & ~coded, f"{part.name}.{domain}STRESC", rows, remarks)
    from_words = spare & ~coded & ~np.isnan(parsed)
    number = np.where(from_words, parsed, number)
    no_unit = (unit == np.array("", dtype=object)) & ~np.isnan(number)
    unit = np.where(no_unit & from_words, of.text(part, f"{domain}ORRESU"), unit)
    limit = of.numbers(part, f"{domain}STNRHI", remarks)
    value = converted(measure, number, unit, limit, part.name, rows, remarks)
    answers = done & coded
    value[answers] = [
        coded_value(name, word) for name, word in zip(measure[answers], words[answers], strict=True)
    ]
    _tell_answers(
        answers & np.isnan(value) & (words != np.array("", dtype=object)), words, part, rows, remarks
    )
    return value


def _tell_answers(
    odd: NDArray[np.bool_], words: Column, part: Dataset, rows: NDArray[np.intp], remarks: list[Remark]
) -> None:
    if odd.any():
        first = int(odd.argmax())
        text = f"'{words[first]}' is neither Y nor N nor a known category; taken as missing."
        remarks.append(left_out("answer", f"{part.name}, row {int(rows[first]) + 1}", text, int(odd.sum())))


def converted(
    measure: Column,
    number: Floats,
    unit: Column,
    limit: Floats,
    name: str,
    rows: NDArray[np.intp],
    remarks: list[Remark],
) -> Floats:
    """Return numbers in canonical units, by the unit of each row; enzymes as multiples of their limit."""
    value = np.full(len(number), np.nan)
    faults = []
    table = pd.DataFrame({"measure": measure, "unit": unit})
    several: dict[str, list[str]] = {}
    for pair, places in _places(table).items():
        what, written = pair
        here = places[~np.isnan(number[places])]
        if not here.size or MEASURES[what].is_coded:
            continue
        several.setdefault(what, []).append(written or "no unit")
        if units.needs_upper_limit(written, what):
            value[here] = _multiples(number[here], limit[here], what, name, rows[here], remarks)
            continue
        try:
            size = units.size_of(written, what)
        except UnitError as error:
            faults.append(f"{name}, row {int(rows[here[0]]) + 1} and {here.size - 1} more: {error}")
            continue
        value[here] = number[here] if size == 1.0 else number[here] * size
    if faults:
        raise refuse(name, faults)
    for what, found in several.items():
        if len(found) > 1:
            text = f"'{what}' is in {', '.join(found)}; all converted to {MEASURES[what].unit}."
            remarks.append(conflict("unit", name, text))
    return value


def _places(table: pd.DataFrame) -> dict[tuple[str, str], NDArray[np.intp]]:
    """Return the rows of each pair of measure and unit, in order of appearance."""
    found, groups = table.groupby(["measure", "unit"], sort=False).ngroup().to_numpy(), {}
    order = np.argsort(found, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(found[order])) + 1) if len(table) else ():
        first = int(rows[0])
        groups[(str(table["measure"].iat[first]), str(table["unit"].iat[first]))] = rows
    return groups


def _multiples(
    number: Floats, limit: Floats, measure: str, name: str, rows: NDArray[np.intp], remarks: list[Remark]
) -> Floats:
    """Return activities as multiples of the upper limit of normal of their row."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(limit > 0, number / limit, np.nan)
    lost = int(np.isnan(value).sum())
    if lost:
        where = f"{name}, row {int(rows[int(np.isnan(value).argmax())]) + 1}"
        text = f"'{measure}' is an activity without an upper limit of normal; left missing."
        remarks.append(left_out("upper limit", where, text, lost))
    return value


def _parsed(
    words: Column, wanted: NDArray[np.bool_], place: str, rows: NDArray[np.intp], remarks: list[Remark]
) -> Floats:
    """Return collected texts as numbers; ``<5`` is none."""
    parsed = np.full(len(words), np.nan)
    if not wanted.any():
        return parsed
    found = pd.to_numeric(pd.Series(words[wanted], dtype=object), errors="coerce").to_numpy(dtype=float)
    parsed[wanted] = found
    odd = np.flatnonzero(wanted)[np.isnan(found)]
    if odd.size:
        text = f"'{words[odd[0]]}' is no number; taken as missing."
        remarks.append(left_out("not a number", f"{place}, row {int(rows[odd[0]]) + 1}", text, int(odd.size)))
    return parsed
