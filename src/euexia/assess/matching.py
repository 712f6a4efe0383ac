"""Which trials a patient may enter: the protocol's own eligibility, on real readings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia.assess.columns import Columns, Settings
from euexia.assess.record import SPAN, Occasions, Record, Series, value_at
from euexia.core.logic import FALSE, TRUE, UNKNOWN, Truth, all_of
from euexia.criteria.measures import MEASURES, format_value
from euexia.protocol.condition import (
    MeasureHistory,
    Readings,
    evaluate,
    in_words,
    leaves,
    measures_of,
    once,
    percent,
    quantity,
)
from euexia.protocol.protocol import Criterion, Protocol
from euexia.protocol.statement import Condition, Quantity

Floats = NDArray[np.float64]

HISTORIES = ("body_weight",)
"""Measures whose course counts; of all others only the reading in force does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How one patient stands to one line of a protocol's eligibility."""

    patient: str
    protocol: str
    criterion: str
    text: str
    truth: int
    """1 met, 0 not met, -1 unknown."""
    reading: str
    """What was read, and how far it is from what is asked."""
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Screening:
    """Eligibility of every patient for one protocol; truths of shape (patients, criteria)."""

    protocol: Protocol
    record: Record
    at: Occasions
    readings: Readings
    truths: Truth

    @property
    def eligible(self) -> Truth:
        """Return whether each patient may enter: TRUE, FALSE or UNKNOWN."""
        return all_of([self.truths[:, column] for column in range(self.truths.shape[1])])

    def lines(self, patient: int) -> Iterator[Match]:
        """Give every criterion of one patient."""
        for column, criterion in enumerate(self.protocol.eligibility):
            yield self._line(patient, criterion, int(self.truths[patient, column]))

    def hindrances(self, patient: int) -> Iterator[Match]:
        """Give the criteria that are not met, then those that are unknown."""
        lines = list(self.lines(patient))
        yield from (line for line in lines if line.truth == FALSE)
        yield from (line for line in lines if line.truth == UNKNOWN)

    def _line(self, patient: int, criterion: Criterion, truth: int) -> Match:
        found, missing = [], []
        for leaf in leaves(criterion.require):
            held = int(np.broadcast_to(evaluate(leaf, self.readings), (len(self.at),))[patient])
            if held == UNKNOWN:
                missing.append(_what_is_missing(leaf))
            elif held == truth or truth == UNKNOWN:
                found.append(_distance(leaf, self.readings, patient, met=held == TRUE))
        return Match(
            patient=self.record.patients[self.at.patient[patient]],
            protocol=self.protocol.id,
            criterion=criterion.id,
            text=criterion.text,
            truth=truth,
            reading="; ".join(dict.fromkeys(found)),
            missing=tuple(dict.fromkeys(missing)) if truth == UNKNOWN else (),
        )


def screen(protocol: Protocol, record: Record, at: Occasions, settings: Settings | None = None) -> Screening:
    """Return the eligibility of each patient-date, by the code that screens virtual patients."""
    columns = Columns(record, at, settings or Settings())
    wanted = {name for line in protocol.eligibility for name in measures_of(line.require)}
    readings = {name: history(record, name, at, columns) for name in sorted(wanted)}
    truths = [np.broadcast_to(evaluate(line.require, readings), (len(at),)) for line in protocol.eligibility]
    return Screening(
        protocol=protocol, record=record, at=at, readings=readings, truths=np.stack(truths, axis=1)
    )


def history(record: Record, name: str, at: Occasions, columns: Columns) -> MeasureHistory:
    """Return the readings of a measure up to each patient-date, the one in force last."""
    now = columns[name]
    series = record.of(name)
    if name not in HISTORIES or not len(series):
        return once(now)
    _, age = value_at(series, at, carry=columns.settings.carry)
    read = Occasions(patient=at.patient, day=at.day - np.nan_to_num(age).astype(np.int64))
    days, values = _dense(series, read)
    days = np.append(days, read.day[:, np.newaxis].astype(float), axis=1)
    values = np.append(values, now[:, np.newaxis], axis=1)
    return MeasureHistory(days=days, values=values, now=values.shape[1] - 1, baseline=0)


def _dense(series: Series, at: Occasions) -> tuple[Floats, Floats]:
    """Return days and values before each patient-date, shape (patient-dates, readings), padded with NaN."""
    first = np.searchsorted(series.keys(), at.patient * SPAN, side="left")
    last = np.searchsorted(series.keys(), at.keys(), side="left")
    width = max(int((last - first).max(initial=0)), 1)
    place = last[:, np.newaxis] - width + np.arange(width)
    inside = place >= first[:, np.newaxis]
    index = np.clip(place, 0, len(series) - 1)
    days = np.where(inside, series.day[index].astype(float), -np.inf)
    return days, np.where(inside, series.value[index], np.nan)


def _what_is_missing(leaf: Condition) -> str:
    measure = MEASURES[leaf.measure or ""]
    if leaf.over is not None:
        return f"{measure.short} of about {leaf.over:.0f} days before"
    return measure.short


def _distance(leaf: Condition, readings: Readings, patient: int, *, met: bool) -> str:
    """Return what was read against what is asked, with the difference where it is not met."""
    measure = MEASURES[leaf.measure or ""]
    found = readings[measure.id]
    if leaf.is_true is not None:
        return f"{measure.short}: {'yes' if float(found.value[patient]) == 1 else 'no'}"
    value = float(np.broadcast_to(quantity(leaf, found), (len(found.value),))[patient])
    threshold = leaf.threshold if leaf.threshold is not None else float("nan")
    relative = leaf.of in (Quantity.PERCENT_CHANGE, Quantity.PERCENT_LOSS)
    gap = abs(value - threshold)
    size = f"{100 * gap:.3g} percentage points" if relative else format_value(gap, measure, exact=True)
    shown = percent(value) if relative else format_value(value, measure, exact=True)
    return f"{shown}; asked: {in_words(leaf)}" + ("" if met else f", missed by {size}")
