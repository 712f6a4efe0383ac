"""What the columns of tables mean for a trial: the content of a mapping file, strictly typed.

The same language serves plain tables, the instruments of REDCap and the resources of FHIR: where each fact
about a subject stands, where readings, doses and adverse events stand, and when visits were planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from euexia.core import datafile
from euexia.core.choices import did_you_mean
from euexia.core.errors import DataFileError, Fault
from euexia.criteria.measures import MEASURES
from euexia.formats.text_dates import DateOrder
from euexia.formats.text_numbers import Decimal
from euexia.trialdata.columns import SUBJECT_COLUMNS

KIND = "mapping"


class DayZero(StrEnum):
    """What day 0 of a subject is."""

    RANDOMISATION = "randomisation"
    FIRST_READING = "first reading"


class Several(StrEnum):
    """What is done where a subject has several different readings of a measure at one visit and day."""

    REFUSE = "refuse"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one fact about each subject stands."""

    column: str
    table: str = ""
    """Table (file or instrument); empty: the one of ``subjects``."""
    unit: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    """What each code means, such as ``{"1": man, "2": woman}``."""
    is_day: bool = False
    """The column holds days from day 0, not dates."""
    flag: str = ""
    """Column that says whether the event happened (yes, no)."""
    guess: str = ""
    """Why a template proposed this; a mapping that was looked through has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """The table with one row for each subject, and where facts stand."""

    table: str = ""
    arm: Place | None = None
    randomised: Place | None = None
    sex: Place | None = None
    age: Place | None = None
    birth: Place | None = None
    height: Place | None = None
    enrolled: Place | None = None
    death: Place | None = None
    withdrawal: Place | None = None
    treatment_stop: Place | None = None
    crossover: Place | None = None
    rescue: Place | None = None
    last_contact: Place | None = None


EVENTS = ("death", "withdrawal", "treatment_stop", "crossover", "rescue", "last_contact")
"""Facts about a subject that are a day; ``death`` is kept as ``death_day``, and so on."""
assert all(f"{name}_day" in SUBJECT_COLUMNS for name in EVENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column of readings (or a name in a long table) stands for."""

    measure: str
    unit: str = ""
    unit_column: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    """Canonical value of each code."""
    scale: float = 1.0
    """What the written number is multiplied with before its unit is read."""
    visit: str = ""
    """Name of the planned visit of all its values."""
    date: str = ""
    """Column of its date; empty: that of the table."""
    day: str = ""
    guess: str = ""
    """Why a template proposed this; a mapping that was looked through has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Readings of one table: wide (``columns``), or long (``measure`` and ``value`` are columns)."""

    table: str = ""
    date: str = ""
    day: str = ""
    """Column of days from day 0, where there is no date."""
    visit: str = ""
    """Column of the visit's name."""
    measure: str = ""
    value: str = ""
    unit: str = ""
    """Long: column of the unit."""
    columns: Mapping[str, Column] = field(default_factory=dict)
    """Wide: what each column is.  Long: what each name in the column ``measure`` is."""
    skip_others: bool = False
    """Long: names that are neither in ``columns`` nor measures are left out and counted, not refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doses:
    """Doses of one drug: from which day which dose per day."""

    drug: str
    dose: Place
    table: str = ""
    date: str = ""
    day: str = ""
    visit: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvents:
    """Adverse events: a row each."""

    term: Place
    grade: Place
    table: str = ""
    date: str = ""
    day: str = ""
    serious: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A planned visit: its day from day 0, the days it may fall on, and what it is called in the data."""

    day: float
    first: float | None = None
    last: float | None = None
    names: tuple[str, ...] = ()
    guess: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialMapping:
    """The content of a mapping file."""

    trial: str = "trial"
    """Identifier of the trial."""
    identifier: str = "subject"
    """Column of the subject's identifier, in every table."""
    arms: tuple[str, ...] = ()
    """Names of the arms in order; empty: in order of appearance."""
    day_zero: DayZero = DayZero.RANDOMISATION
    dates: DateOrder = DateOrder.YMD
    decimal: Decimal | None = None
    """None: a point, or what a REDCap export tells beyond doubt."""
    missing: tuple[str, ...] = ()
    """Codes that say that nothing was read, such as -99."""
    encoding: str = "utf-8"
    dictionary: str = ""
    """REDCap: file of the data dictionary, beside the mapping."""
    several: Several = Several.REFUSE
    visits: Mapping[str, Visit] = field(default_factory=dict)
    subjects: Subjects = field(default_factory=Subjects)
    readings: tuple[Readings, ...] = ()
    dosing: tuple[Doses, ...] = ()
    adverse_events: tuple[AdverseEvents, ...] = ()
    observations: Mapping[str, str] = field(default_factory=dict)
    """FHIR: measure of further codes of observations."""
    drugs: Mapping[str, str] = field(default_factory=dict)
    """FHIR: name of the drug of each code or text of a medication; others are left out and counted."""


def load(path: Path) -> TrialMapping:
    """Return the mapping in a YAML file; DataFileError with every fault."""
    return _checked(datafile.load(path, KIND, TrialMapping), path.name)


def loads(text: str, name: str) -> TrialMapping:
    """Return the mapping in a YAML text; DataFileError with every fault."""
    return _checked(datafile.loads(text, name, KIND, TrialMapping), name)


def _checked(found: TrialMapping, name: str) -> TrialMapping:
    faults = (*_measure_faults(found), *_layout_faults(found), *_undated_faults(found), *_visit_faults(found))
    if faults:
        raise DataFileError(name, KIND, faults)
    return found


def _measure_faults(found: TrialMapping) -> Iterator[Fault]:
    named = [
        (f"readings.{number}.columns.{name}.measure", column.measure)
        for number, readings in enumerate(found.readings, 1)
        for name, column in readings.columns.items()
    ]
    named += [(f"observations.{code}", measure) for code, measure in found.observations.items()]
    for place, measure in named:
        if measure not in MEASURES:
            problem = f"there is no measure called '{measure}'."
            yield Fault(line=None, place=place, problem=problem, remedy=did_you_mean(measure, MEASURES))


def _layout_faults(found: TrialMapping) -> Iterator[Fault]:
    for number, readings in enumerate(found.readings, 1):
        place = f"readings.{number}"
        if bool(readings.measure) != bool(readings.value):
            remedy = "Give both for a long table, neither for a wide one."
            yield Fault(line=None, place=place, problem="only one of 'measure' and 'value'.", remedy=remedy)
        elif not readings.measure and not readings.columns:
            yield Fault(line=None, place=place, problem="a wide table needs 'columns'.")
        for name, column in readings.columns.items():
            yield from _moment_faults(found, readings, column, f"{place}.columns.{name}")


def _undated_faults(found: TrialMapping) -> Iterator[Fault]:
    for number, doses in enumerate(found.dosing, 1):
        if not (doses.date or doses.day or doses.visit):
            yield Fault(line=None, place=f"dosing.{number}", problem="it needs 'date', 'day' or 'visit'.")
    for number, events in enumerate(found.adverse_events, 1):
        if not (events.date or events.day):
            yield Fault(line=None, place=f"adverse_events.{number}", problem="it needs 'date' or 'day'.")


def _moment_faults(found: TrialMapping, readings: Readings, column: Column, place: str) -> Iterator[Fault]:
    if not any((readings.date, readings.day, readings.visit, column.date, column.day, column.visit)):
        remedy = "Give date, day or visit, for the table or the column."
        yield Fault(line=None, place=place, problem="nothing says when it was read.", remedy=remedy)
    if column.visit and column.visit not in found.visits:
        remedy = did_you_mean(column.visit, found.visits)
        yield Fault(
            line=None, place=f"{place}.visit", problem=f"there is no visit '{column.visit}'.", remedy=remedy
        )


def _visit_faults(found: TrialMapping) -> Iterator[Fault]:
    known: dict[str, str] = {}
    for name, visit in found.visits.items():
        if visit.first is not None and visit.last is not None and not visit.first <= visit.day <= visit.last:
            problem = f"day {visit.day:g} is not within {visit.first:g} to {visit.last:g}."
            yield Fault(line=None, place=f"visits.{name}", problem=problem)
        for other in (name, *visit.names):
            if known.setdefault(other, name) != name:
                problem = f"'{other}' names the visit '{known[other]}' too."
                yield Fault(line=None, place=f"visits.{name}", problem=problem)
