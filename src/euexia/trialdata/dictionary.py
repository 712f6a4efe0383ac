"""The data dictionary: what every column of every table means, its type, unit and allowed values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Protocol

from euexia.criteria.measures import MEASURES, Measure
from euexia.trialdata.columns import SUBJECT_COLUMNS, TERMS
from euexia.trialdata.trialdata import TrialData

SEPARATOR = " | "
"""Stands between allowed values."""

FINDINGS: Mapping[int, str] = {1: "not met", 0: "met", -1: "unknown"}
"""How an eligibility criterion was found, by its code in the screening log."""
SEXES: Mapping[float, str] = {0.0: "woman", 1.0: "man"}

TEXT, NUMBER, WHOLE, FLAG = "text", "number", "whole number", "true or false"


class LabelledArm(Protocol):
    """An arm that has a name and a label for people."""

    @property
    def name(self) -> str:
        """Return its identifier."""

    @property
    def label(self) -> str:
        """Return how it is printed."""


class WithArms(Protocol):
    """Whatever knows the labels of the arms; a trial protocol does."""

    @property
    def arms(self) -> Sequence[LabelledArm]:
        """Return the arms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the dictionary; ``where`` narrows a column to some of its rows (``measure = crp``)."""

    table: str
    column: str
    where: str = ""
    meaning: str
    type: str
    unit: str = ""
    allowed: str = ""


_TRIAL = "Number of the trial in the stack, from 1; a real trial is 1"
_SUBJECT = "Identifier of the subject within the stack"
_SUBJECT_DAY = "day from randomisation"

FIXED: tuple[Entry, ...] = (
    Entry(table="subjects", column="protocol", meaning="Identifier of the trial protocol", type=TEXT),
    Entry(table="subjects", column="trial", meaning=_TRIAL, type=WHOLE),
    Entry(table="subjects", column="subject", meaning=_SUBJECT, type=TEXT),
    Entry(table="readings", column="trial", meaning=_TRIAL, type=WHOLE),
    Entry(table="readings", column="subject", meaning=_SUBJECT, type=TEXT),
    Entry(table="readings", column="visit", meaning="Name of the planned visit", type=TEXT),
    Entry(table="readings", column="planned_day", meaning=f"Planned {_SUBJECT_DAY}", type=NUMBER, unit="day"),
    Entry(
        table="readings",
        column="day",
        meaning=f"Actual {_SUBJECT_DAY}; empty: no visit",
        type=NUMBER,
        unit="day",
    ),
    Entry(
        table="readings",
        column="value",
        meaning="The reading; empty: not measured",
        type=NUMBER,
        unit="as in the column unit",
    ),
    Entry(table="readings", column="unit", meaning="Unit of the value", type=TEXT),
    Entry(table="dosing", column="trial", meaning=_TRIAL, type=WHOLE),
    Entry(table="dosing", column="subject", meaning=_SUBJECT, type=TEXT),
    Entry(
        table="dosing",
        column="planned_day",
        meaning=f"Planned {_SUBJECT_DAY} of the decision",
        type=NUMBER,
        unit="day",
    ),
    Entry(
        table="dosing",
        column="dose",
        meaning="Dose in force from this decision to the next; empty: after death or withdrawal",
        type=NUMBER,
        unit="mg/day",
    ),
    Entry(table="adverse_events", column="trial", meaning=_TRIAL, type=WHOLE),
    Entry(table="adverse_events", column="subject", meaning=_SUBJECT, type=TEXT),
    Entry(
        table="adverse_events",
        column="day",
        meaning=f"Onset, {_SUBJECT_DAY}",
        type=NUMBER,
        unit="day",
    ),
    Entry(
        table="adverse_events", column="grade", meaning="CTCAE grade", type=WHOLE, allowed="1 | 2 | 3 | 4 | 5"
    ),
    Entry(table="adverse_events", column="serious", meaning="Whether the event was serious", type=FLAG),
    Entry(table="screening", column="trial", meaning=_TRIAL, type=WHOLE),
    Entry(
        table="screening",
        column="candidate",
        meaning="Identifier of the candidate, in order of arrival",
        type=TEXT,
    ),
    Entry(
        table="screening",
        column="day",
        meaning="Calendar day of screening, from the opening of the trial",
        type=NUMBER,
        unit="day",
    ),
    Entry(table="screening", column="enrolled", meaning="Whether the candidate was randomised", type=FLAG),
    Entry(table="screening", column="reasons", meaning="Criteria that were not met", type=TEXT),
    Entry(table="screening_criteria", column="trial", meaning=_TRIAL, type=WHOLE),
    Entry(table="screening_criteria", column="candidate", meaning="Identifier of the candidate", type=TEXT),
    Entry(
        table="screening_criteria",
        column="finding",
        meaning="Whether the criterion was met",
        type=TEXT,
        allowed=SEPARATOR.join(FINDINGS.values()),
    ),
)


def entries(data: TrialData, protocol: WithArms | None) -> tuple[Entry, ...]:
    """Return the dictionary of the tables of some trial data; a protocol adds the labels of its arms."""
    return (*FIXED, *_subject_entries(data, protocol), *_measure_entries(data), *_list_entries(data))


def rows(data: TrialData, protocol: WithArms | None) -> list[tuple[str, ...]]:
    """Return the dictionary as rows of text, in the order of the fields of Entry."""
    return [astuple(entry) for entry in entries(data, protocol)]


def _subject_entries(data: TrialData, protocol: WithArms | None) -> Iterator[Entry]:
    for name, column in SUBJECT_COLUMNS.items():
        if name == "arm":
            yield _choice("subjects", "arm", "Arm the subject was randomised to", data.arms)
        elif name == "sex" and name in data.subjects:
            yield _choice("subjects", "sex", "Sex; empty: not known", tuple(SEXES.values()))
        elif name in data.subjects:
            yield Entry(table="subjects", column=name, meaning=column.meaning, type=NUMBER, unit=column.unit)
    for arm in protocol.arms if protocol is not None else ():
        yield Entry(table="subjects", column="arm", where=f"arm = {arm.name}", meaning=arm.label, type=TEXT)


def _measure_entries(data: TrialData) -> Iterator[Entry]:
    yield _choice("readings", "measure", "What was measured", tuple(data.readings))
    for name in data.readings:
        measure = MEASURES[name]
        yield Entry(
            table="readings",
            column="value",
            where=f"measure = {name}",
            meaning=f"{measure.label}. {measure.note}".strip(),
            type=NUMBER,
            unit=measure.unit,
            allowed=_allowed(measure),
        )


def _allowed(measure: Measure) -> str:
    if measure.is_flag:
        return f"0 no{SEPARATOR}1 yes"
    if measure.is_category:
        return SEPARATOR.join(f"{code} {name}" for code, name in enumerate(measure.categories))
    return f"{measure.low:g} to {measure.high:g}"


def _list_entries(data: TrialData) -> Iterator[Entry]:
    yield _choice("dosing", "drug", "Drug", tuple(data.dosing))
    for drug, dosing in data.dosing.items():
        yield Entry(
            table="dosing",
            column="reason",
            where=f"drug = {drug}",
            meaning="Why this dose; empty: nothing was decided",
            type=TEXT,
            allowed=SEPARATOR.join(dosing.reasons),
        )
    yield _choice("adverse_events", "term", "What happened", tuple(TERMS))
    for term, label in TERMS.items():
        yield Entry(table="adverse_events", column="term", where=f"term = {term}", meaning=label, type=TEXT)
    if data.screening is not None:
        yield _choice("screening_criteria", "criterion", "Eligibility criterion", data.screening.criteria)


def _choice(table: str, column: str, meaning: str, allowed: tuple[str, ...]) -> Entry:
    return Entry(table=table, column=column, meaning=meaning, type=TEXT, allowed=SEPARATOR.join(allowed))
