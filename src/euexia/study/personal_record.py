"""One person's readings as the model can use them: days from the first visit, and what was left out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from euexia.assess.record import Record, Series, to_date
from euexia.core.errors import InputError
from euexia.core.studytime import SIX_MONTHS
from euexia.criteria.measures import MEASURES
from euexia.observe import measurement
from euexia.observe.measurement import ErrorModel
from euexia.physiology import observables
from euexia.population.archetypes import HEAVIEST, LEANEST
from euexia.population.spec import PopulationSpec

PERSON = ("male", "age", "height")
"""What must be known of the person."""
WEIGHT = "body_weight"
OPENING = ("crp", "gdf15", "handgrip_strength")
"""A visit at which one of these is read is the first visit; weights before it are the history."""
ALSO_KNOWN = ("creatinine",)
"""What treatments may ask of the person, where it was read."""
MOST_NAMED = 5
_CM_PER_M = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalReading:
    """One reading.  day: counted from the first visit.  row: of the file."""

    measure: str
    day: float
    value: float
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalRecord:
    """What is known of one person.

    known: sex (male 0 or 1), age [year], height [cm], and what else is taken as read.  left_out: why readings
    were not used, in words.
    """

    patient: str
    first_visit: date
    known: dict[str, float]
    readings: tuple[PersonalReading, ...]
    left_out: tuple[str, ...]

    @property
    def last_day(self) -> float:
        """Return the day of the last reading that is used."""
        return max((reading.day for reading in self.readings), default=0.0)


def usable() -> tuple[str, ...]:
    """Return the measures whose readings the model can explain, with an error of its own."""
    return tuple(
        name
        for name, instrument in measurement.instruments().items()
        if instrument.error in (ErrorModel.NORMAL, ErrorModel.LOG_NORMAL)
        and measurement.behind(name) in observables.NAMES
    )


def personal_record(record: Record, patient: str | None, spec: PopulationSpec) -> PersonalRecord:
    """Return one patient of a table.

    patient: identifier; may be None where the table has only one.  spec: population whose limits the record
    must keep.  Raises InputError for a patient who is not there, who lacks what must be known, whose record
    has nothing to learn from, or lies outside the range in which the model holds.
    """
    name = _chosen(record, patient)
    place = record.patients.index(name)
    series = {measure: found.of_patient(place) for measure, found in record.series.items()}
    series = {measure: found for measure, found in series.items() if len(found)}
    known = _known(series, name)
    origin = _origin(series)
    readings, early = [], 0
    for measure in (name for name in usable() if name in series):
        found = series[measure]
        for day, value, row in zip(found.day - origin, found.value, found.row, strict=True):
            if day >= (-SIX_MONTHS if measure == WEIGHT else 0):
                one = PersonalReading(measure=measure, day=float(day), value=float(value), row=int(row))
                readings.append(one)
            else:
                early += 1
    person = PersonalRecord(
        patient=name,
        first_visit=to_date(origin),
        known=known,
        readings=tuple(readings),
        left_out=tuple(_left_out(series, early)),
    )
    _check_range(person, spec)
    return person


def _chosen(record: Record, patient: str | None) -> str:
    """Return the identifier of the patient that was asked for."""
    some = ", ".join(record.patients[:MOST_NAMED]) + (", ..." if len(record.patients) > MOST_NAMED else "")
    if patient is None:
        if len(record.patients) == 1:
            return record.patients[0]
        raise InputError(
            f"The table holds {len(record.patients)} patients ({some}). Name one with --patient."
        )
    if patient not in record.patients:
        raise InputError(f"The table holds no patient '{patient}'. It holds {some}.")
    return patient


def _known(series: Mapping[str, Series], name: str) -> dict[str, float]:
    """Return what is taken as read; raise InputError with everything that is missing."""
    missing = [what for what in (*PERSON, WEIGHT) if what not in series]
    if missing:
        words = ", ".join(MEASURES[what].label.lower() if what in MEASURES else what for what in missing)
        raise InputError(
            f"Of patient '{name}' the model must know more: {words}. Add rows of "
            f"{', '.join(what.replace('male', 'sex') for what in missing)} to the table."
        )
    return {what: float(series[what].value[0]) for what in (*PERSON, *ALSO_KNOWN) if what in series}


def _origin(series: Mapping[str, Series]) -> int:
    """Return the day of the first visit; where only weights were read, that of the last of them."""
    opening = [int(series[measure].day[0]) for measure in OPENING if measure in series]
    return min(opening) if opening else int(series[WEIGHT].day[-1])


def _left_out(series: Mapping[str, Series], early: int) -> Iterator[str]:
    if early:
        yield (
            f"{early} readings are older than the history that the model follows: weights of "
            f"{SIX_MONTHS:g} days before the first visit."
        )
    unused = sorted(set(series) - {*usable(), *PERSON, *ALSO_KNOWN})
    if unused:
        yield f"The model has no part that explains {', '.join(unused)}; these were not used."


def _check_range(person: PersonalRecord, spec: PopulationSpec) -> None:
    """Raise InputError with everything that lies outside the range in which the model holds."""
    height = person.known["height"] / _CM_PER_M
    said = [("age", person.known["age"], ""), ("height", person.known["height"], "")]
    for reading in person.readings:
        where = f" on day {reading.day:g} (row {reading.row})"
        if reading.measure == WEIGHT:
            said.append(("body_mass_index", reading.value / height**2, where))
        elif reading.measure in spec.columns:
            said.append((reading.measure, reading.value, where))
    outside = []
    for name, value, where in said:
        numbers = spec.columns[name].numbers()
        low, high = numbers.get("low", -math.inf), numbers.get("high", math.inf)
        if name == "body_mass_index":
            low, high = LEANEST, HEAVIEST
        if not low <= value <= high:
            outside.append(
                f"  - {name.replace('_', ' ')} {value:.4g}{where}; the model holds from {low:g} to {high:g}"
            )
    if outside:
        lines = "\n".join(outside)
        raise InputError(
            f"The record of patient '{person.patient}' lies outside the range of the model:\n{lines}\n"
            "Check these readings and their units; if they are right, the model cannot speak of this person."
        )
