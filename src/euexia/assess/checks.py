"""What looks wrong in a record, before any score is computed; nothing is ever corrected.

A reading that cannot be trusted is withheld from scores (they become UNKNOWN rather than wrong) and is shown
with its row.  The limits are decisions of this project for catching slips of the pen; none is a clinical
threshold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from euexia.assess.jumps import ALLOWED, find_jumps
from euexia.assess.record import Record, Series, to_date
from euexia.assess.units import size_of
from euexia.assess.vocabulary import Term, term
from euexia.core.errors import UnitError
from euexia.core.studytime import DAYS_PER_YEAR

Flags = NDArray[np.bool_]

SAME = 0.02
"""Two readings of one day that differ by less than this share do not contradict each other."""
AGE_SLACK = 1.5
"""Years by which age and date may disagree."""
LOW_CRP, LOW_CRP_SHARE, LOW_CRP_READINGS = 5.0, 0.9, 10
"""A file with so many readings of CRP, such a share of them below so many mg/L, is asked about its unit."""

OTHER_UNITS: Mapping[str, tuple[str, ...]] = {
    "albumin": ("g/dL",),
    "area": ("mm^2",),
    "cell_count": ("1/uL",),
    "concentration": ("mg/dL",),
    "creatinine": ("mg/dL",),
    "bilirubin": ("mg/dL",),
    "energy_rate": ("kJ/day",),
    "haemoglobin": ("g/dL",),
    "height": ("m", "in", "mm"),
    "mass": ("lb", "g"),
}
"""Units that are taken for the canonical one by mistake, by kind."""


class Kind(StrEnum):
    """What sort of thing looks wrong."""

    IMPOSSIBLE = "impossible value"
    JUMP = "jump"
    DUPLICATE = "duplicate reading"
    CONFLICT = "contradicting readings"
    UNIT = "unit mistake suspected"
    IDENTITY = "identity in doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that looks wrong; ``rows`` are rows of the file, the header being row 1."""

    kind: Kind
    patient: str
    measure: str
    rows: tuple[int, ...]
    date: str
    text: str
    withheld: bool
    """Whether the readings are kept out of every score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A record with the readings that may be used, and what was found."""

    record: Record
    findings: tuple[Finding, ...]


class _Notes:
    """Findings, and the readings they withhold."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.findings: list[Finding] = []
        self.withheld: dict[str, Flags] = {}

    def add(self, kind: Kind, name: str, index: NDArray[np.int64], text: str, *, withhold: bool) -> None:
        """Note a finding about the readings at the indices of a series."""
        series = self.record.of(name)
        if withhold:
            self.withheld.setdefault(name, np.zeros(len(series), dtype=bool))[index] = True
        dates = dict.fromkeys(str(to_date(day)) for day in series.day[index])
        self.findings.append(
            Finding(
                kind=kind,
                patient=self.record.patients[series.patient[index[0]]],
                measure=name,
                rows=tuple(int(row) for row in series.row[index]),
                date=", ".join(dates),
                text=text,
                withheld=withhold,
            )
        )


def check(record: Record) -> Checked:
    """Return the record without the readings that cannot be trusted, and everything that looks wrong."""
    notes = _Notes(record)
    for name, series in record.series.items():
        meant = term(name)
        _check_range(notes, name, series, meant)
        _check_same_day(notes, name, series, meant)
        if name in ALLOWED:
            _check_jumps(notes, name, series, meant)
    _check_identity(notes)
    _check_names(notes)
    _check_low_crp(notes)
    findings = sorted(notes.findings, key=_urgency)
    return Checked(record=record.without(notes.withheld), findings=tuple(findings))


def _urgency(found: Finding) -> tuple[bool, bool, tuple[int, ...], str]:
    """Return the order of showing: what is withheld first, mere repetitions last."""
    return (not found.withheld, found.kind is Kind.DUPLICATE, found.rows, found.measure)


def _check_range(notes: _Notes, name: str, series: Series, meant: Term) -> None:
    for index in np.flatnonzero((series.value < meant.low) | (series.value > meant.high)):
        value = float(series.value[index])
        other = _other_unit(value, meant, notes.record.units.get(name, ()))
        text = (
            f"{meant.label} {value:g} {meant.unit} lies outside {meant.low:g} to {meant.high:g}"
            f"{' ' if meant.unit else ''}{meant.unit}."
        )
        kind = Kind.UNIT if other else Kind.IMPOSSIBLE
        notes.add(kind, name, np.array([index]), f"{text}{other}", withhold=True)


def _other_unit(value: float, meant: Term, written: tuple[str, ...]) -> str:
    """Return the unit in which a value would be plausible, in words; empty if there is none."""
    for unit in OTHER_UNITS.get(meant.kind, ()):
        try:
            size = size_of(unit, meant)
        except UnitError:
            continue
        if meant.low <= value * size <= meant.high:
            return f" It would fit if the number were in {unit}."
        if unit in written and meant.low <= value / size <= meant.high:
            return f" It would fit if the number were in {meant.canonical}, not {unit}."
    return ""


def _check_same_day(notes: _Notes, name: str, series: Series, meant: Term) -> None:
    keys = series.keys()
    again = np.flatnonzero(keys[1:] == keys[:-1]) + 1 if len(keys) > 1 else np.empty(0, dtype=np.int64)
    for key in np.unique(keys[again]):
        index = _span(keys, key)
        values = series.value[index]
        low, high = float(values.min()), float(values.max())
        if low == high:
            text = f"{meant.label} {meant.printed(low)} is entered {len(index)} times; it counts once."
            notes.add(Kind.DUPLICATE, name, index, text, withhold=False)
            notes.withheld.setdefault(name, np.zeros(len(series), dtype=bool))[index[1:]] = True
            continue
        differs = meant.is_coded or high - low > SAME * max(abs(low), abs(high))
        listed = " and ".join(meant.printed(float(value)) for value in values)
        what = "None of them is used." if differs else "The last one entered is used."
        text = f"{meant.label} is {listed} on the same day. {what}"
        notes.add(Kind.CONFLICT, name, index, text, withhold=differs)


def _span(keys: NDArray[np.int64], key: np.int64) -> NDArray[np.int64]:
    first, last = np.searchsorted(keys, [key, key + 1])
    return np.arange(first, last, dtype=np.int64)


def _check_jumps(notes: _Notes, name: str, series: Series, meant: Term) -> None:
    for jump in find_jumps(series, name):
        values = [meant.printed(float(series.value[index])) for index in jump.suspects]
        others = ", ".join(meant.printed(value) for value in jump.neighbours)
        beside = f" beside readings of {others}" if others else ""
        if jump.is_shift:
            text = f"{meant.label} changes its level ({others}): another scale, or another person?"
            notes.add(Kind.IDENTITY, name, jump.suspects, text, withhold=False)
            continue
        between = "" if len(values) == 1 else f" Which of {' and '.join(values)} is right cannot be told."
        ratio = f" The ratio is that of {jump.unit_pair}." if jump.unit_pair else ""
        text = f"{meant.label} {values[0]} stands{beside}.{between}{ratio} No score uses it."
        kind = Kind.UNIT if jump.unit_pair else Kind.JUMP
        notes.add(kind, name, jump.suspects, text, withhold=True)


def _check_identity(notes: _Notes) -> None:
    """Note patients of two sexes, and ages that do not go with the dates."""
    sexes = notes.record.of("male")
    for index in _groups(sexes):
        if len(set(sexes.value[index])) > 1:
            text = "The sex changes from reading to reading; none of them is used."
            notes.add(Kind.IDENTITY, "male", index, text, withhold=True)
    ages = notes.record.of("age")
    for index in _groups(ages):
        born = ages.day[index] / DAYS_PER_YEAR - ages.value[index]
        if born.max() - born.min() > AGE_SLACK:
            text = "Ages and dates do not go together: two people under one identifier?"
            notes.add(Kind.IDENTITY, "age", index, text, withhold=True)


def _groups(series: Series) -> Iterator[NDArray[np.int64]]:
    """Give the indices of each patient who has more than one reading."""
    if not len(series):
        return
    bounds = np.flatnonzero(np.diff(series.patient)) + 1
    for part in np.split(np.arange(len(series), dtype=np.int64), bounds):
        if len(part) > 1:
            yield part


def _check_names(notes: _Notes) -> None:
    """Note identifiers that differ only in case, spaces, dashes or leading zeros."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in notes.record.patients:
        plain = "".join(letter for letter in name.lower() if letter.isalnum()).lstrip("0")
        alike[plain].append(name)
    for names in alike.values():
        if len(names) > 1:
            listed = " and ".join(f"'{name}'" for name in names)
            notes.findings.append(
                Finding(
                    kind=Kind.IDENTITY,
                    patient=names[0],
                    measure="",
                    rows=(),
                    date="",
                    text=f"{listed} may be one person; they are assessed as different people.",
                    withheld=False,
                )
            )


def _check_low_crp(notes: _Notes) -> None:
    series = notes.record.of("crp")
    if len(series) < LOW_CRP_READINGS or "mg/dL" in notes.record.units.get("crp", ()):
        return
    if np.mean(series.value < LOW_CRP) >= LOW_CRP_SHARE:
        text = (
            f"{np.mean(series.value < LOW_CRP):.0%} of all C-reactive protein is below {LOW_CRP:g} mg/L. "
            "Were some given in mg/dL? They are used as they are."
        )
        finding = Finding(
            kind=Kind.UNIT, patient="", measure="crp", rows=(), date="", text=text, withheld=False
        )
        notes.findings.append(finding)
