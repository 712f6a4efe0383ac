"""What simulated trials rest on besides the numbers of the model, in words and by status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from euexia import population
from euexia.criteria.measures import MEASURES
from euexia.observe import adverse_events, measurement
from euexia.observe.measurement import ErrorModel, Instrument
from euexia.parameters.parameter import Source, Status
from euexia.population.distribution import Distribution
from euexia.population.spec import Column
from euexia.protocol.protocol import Protocol

POPULATION = "Population"
INSTRUMENT = "Reading"
ADVERSE_EVENT = "Adverse event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One entry of a data file: where it belongs, its name, what it says, and how well that is known."""

    area: str
    name: str
    meaning: str
    value: str
    status: Status
    source: Source


def entries(protocol: Protocol) -> tuple[Stated, ...]:
    """Return every entry on the patients, on how they are read and on how adverse events are recorded.

    A population that does not ship with the package is left out.
    """
    return (*_population(protocol.population), *_instruments(), *_adverse_events())


def _population(name: str) -> Iterator[Stated]:
    if name not in population.names():
        return
    for column, entry in population.load(name).columns.items():
        yield Stated(
            area=POPULATION,
            name=column,
            meaning=entry.meaning,
            value=column_in_words(entry),
            status=entry.status,
            source=entry.source,
        )


def column_in_words(column: Column) -> str:
    """Return how a column varies between patients, as the file has it."""
    kind = column.distribution
    if kind is Distribution.DERIVED:
        return "computed from other columns"
    if kind is Distribution.CATEGORICAL:
        shares = zip(column.values, column.shares, strict=True)
        return ", ".join(f"{value:g}: {100 * share:g} %" for value, share in shares)
    unit = "" if column.unit == "1" else f" {column.unit}"
    pure = {"cv": "coefficient of variation", "log_sd": "SD of the logarithm", "probability": "probability"}
    named = {"value": "", "mean": "mean", "median": "median", "sd": "SD", "scale": "scale"}
    limits = {"low": "at least", "high": "at most"}
    words = []
    for key, label in {**named, **pure, **limits}.items():
        number = getattr(column, key)
        if number is None:
            continue
        women = f" (women {column.women[key]:g})" if key in column.women else ""
        words.append(f"{label} {number:g}{women}{'' if key in pure else unit}".strip())
    if kind in (Distribution.CONSTANT, Distribution.BERNOULLI):
        return ", ".join(words)
    return f"{kind.value.replace('_', '-')}: {', '.join(words)}"


def _instruments() -> Iterator[Stated]:
    for name, entry in measurement.instruments().items():
        yield Stated(
            area=INSTRUMENT,
            name=name,
            meaning=f"Reading of {MEASURES[name].short}",
            value=instrument_in_words(entry, MEASURES[name].unit),
            status=entry.status,
            source=entry.source,
        )


def instrument_in_words(instrument: Instrument, unit: str) -> str:
    """Return how a reading scatters, and how finely it is recorded."""
    match instrument.error:
        case ErrorModel.NONE:
            words = "read exactly"
        case ErrorModel.COMPUTED:
            words = "computed from other readings"
        case ErrorModel.NORMAL:
            words = f"error with SD {instrument.spread:g} {unit}"
        case ErrorModel.LOG_NORMAL:
            words = f"relative error, SD of the logarithm {instrument.spread:g}"
        case _:
            assert_never(instrument.error)
    return f"{words}, recorded to {instrument.resolution:g} {unit}" if instrument.resolution else words


def _adverse_events() -> Iterator[Stated]:
    rules = adverse_events.rules()
    for term, count in rules.counts.items():
        measure = MEASURES[count.reading]
        yield Stated(
            area=ADVERSE_EVENT,
            name=term,
            meaning=f"Found at readings of {measure.short}",
            value=f"grade 1 below {count.lower_limit:g} {measure.unit}",
            status=count.status,
            source=count.source,
        )
    for term, rule in rules.hazards.items():
        yield Stated(
            area=ADVERSE_EVENT,
            name=term,
            meaning="Grades, once the event happens",
            value=", ".join(f"grade {grade}: {100 * share:g} %" for grade, share in rule.grades.items()),
            status=rule.status,
            source=rule.source,
        )
