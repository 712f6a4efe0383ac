"""Conditions: one language for eligibility, dosing rules and responder definitions.

A condition is TRUE, FALSE or UNKNOWN for every patient; a reading that is missing makes it UNKNOWN, never
FALSE.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.choices import did_you_mean
from euexia.core.errors import InputError, UnknownNameError
from euexia.core.logic import UNKNOWN, Truth, all_of, any_of, compare
from euexia.core.studytime import DAYS_PER_MONTH, DAYS_PER_WEEK
from euexia.criteria import laboratory
from euexia.criteria.measures import FLAG, MEASURES, format_value
from euexia.criteria.weight_loss import fraction_lost, value_at_look_back
from euexia.protocol.statement import Condition, Quantity

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MeasureHistory:
    """The readings of one measure in many patients.

    days: day of each reading, shape (visits,) or (..., visits).  values: canonical unit, shape (..., visits);
    NaN missing. now: index of the reading that is decided upon.  baseline: index of the baseline reading,
    None if there is none.
    """

    days: Floats
    values: Floats
    now: int
    baseline: int | None = None

    @property
    def value(self) -> Floats:
        """Return the reading of now, shape (...)."""
        return np.asarray(self.values[..., self.now], dtype=float)


Readings = Mapping[str, MeasureHistory]


def once(values: ArrayLike, day: float = 0.0) -> MeasureHistory:
    """Return the history of something read only once (a flag, the age); values: shape (...)."""
    column = np.asarray(values, dtype=float)[..., np.newaxis]
    return MeasureHistory(days=np.array([day]), values=column, now=0, baseline=0)


def evaluate(condition: Condition, readings: Readings) -> Truth:
    """Return for every patient whether the condition holds: TRUE, FALSE or UNKNOWN, shape (...).

    Raises UnknownNameError if a measure of the condition has no history at all (give NaN for one that was not
    read).
    """
    if condition.any:
        return any_of([evaluate(part, readings) for part in condition.any])
    if condition.all:
        return all_of([evaluate(part, readings) for part in condition.all])
    history = _history(condition, readings)
    if condition.is_true is not None:
        flags = history.value
        wanted = 1.0 if condition.is_true else 0.0
        return np.where(np.isnan(flags), UNKNOWN, flags == wanted).astype(np.int8)
    if condition.one_of:
        categories = MEASURES[condition.measure or ""].categories
        codes = [float(categories.index(name)) for name in condition.one_of]
        return np.where(np.isnan(history.value), UNKNOWN, np.isin(history.value, codes)).astype(np.int8)
    if condition.comparison is None or condition.threshold is None:
        raise InputError(
            f"The condition on '{condition.measure}' compares with nothing. Give it a threshold."
        )
    return compare(quantity(condition, history), condition.comparison, condition.threshold)


def quantity(leaf: Condition, history: MeasureHistory) -> Floats:
    """Return what a leaf compares: the reading, its change or its relative change, shape (...)."""
    now = history.value
    match leaf.of:
        case Quantity.VALUE:
            return now
        case Quantity.CHANGE:
            return now - reference(leaf, history)
        case Quantity.PERCENT_CHANGE:
            return -fraction_lost(reference(leaf, history), now)
        case Quantity.PERCENT_LOSS:
            return fraction_lost(reference(leaf, history), now)
        case _:
            assert_never(leaf.of)


def reference(leaf: Condition, history: MeasureHistory) -> Floats:
    """Return the reading a change is counted from, at the look-back day or baseline; shape (...)."""
    if leaf.over is not None:
        return value_at_look_back(history.days, history.values, history.now, leaf.over)
    if history.baseline is None:
        return np.full_like(history.value, np.nan)
    return np.asarray(history.values[..., history.baseline], dtype=float)


def _history(leaf: Condition, readings: Readings) -> MeasureHistory:
    measure = leaf.measure or ""
    if measure not in readings:
        raise UnknownNameError(
            f"There are no readings of '{measure}', which a condition needs. Give NaN where it was not read. "
            f"{did_you_mean(measure, readings)}"
        )
    return readings[measure]


def with_creatinine_clearance(readings: Readings) -> Readings:
    """Return the readings with creatinine clearance computed from creatinine, body weight, age and sex.

    Weight and creatinine must have the same visits (the same ``now``); age and ``male`` are read once.
    """
    creatinine, weight = readings["creatinine"], readings["body_weight"]
    clearance = laboratory.creatinine_clearance(
        creatinine.values,
        weight.values,
        readings["age"].value[..., np.newaxis],
        readings["male"].value[..., np.newaxis],
    )
    history = MeasureHistory(creatinine.days, clearance, creatinine.now, creatinine.baseline)
    return {**readings, "creatinine_clearance": history}


def leaves(condition: Condition) -> Iterator[Condition]:
    """Give every comparison of a condition, in the order written."""
    parts = condition.any + condition.all
    if not parts:
        yield condition
    for part in parts:
        yield from leaves(part)


def measures_of(condition: Condition) -> tuple[str, ...]:
    """Return the measures a condition reads, each once, in the order written."""
    return tuple(dict.fromkeys(leaf.measure for leaf in leaves(condition) if leaf.measure is not None))


def look_backs(condition: Condition) -> Mapping[str, tuple[float, ...]]:
    """Return for each measure how many days back its history is needed, longest first."""
    found: dict[str, set[float]] = {}
    for leaf in leaves(condition):
        if leaf.measure is not None and leaf.over is not None:
            found.setdefault(leaf.measure, set()).add(leaf.over)
    return {measure: tuple(sorted(days, reverse=True)) for measure, days in found.items()}


def in_words(condition: Condition) -> str:
    """Return the condition as people say it."""
    if condition.any:
        return " or ".join(_in_brackets(part) for part in condition.any)
    if condition.all:
        return " and ".join(_in_brackets(part) for part in condition.all)
    return _leaf_in_words(condition)


def _in_brackets(part: Condition) -> str:
    return f"({in_words(part)})" if len(part.any + part.all) > 1 else in_words(part)


def _leaf_in_words(leaf: Condition) -> str:
    measure = MEASURES[leaf.measure or ""]
    if measure.kind == FLAG:
        return f"{measure.short}: {'yes' if leaf.is_true else 'no'}"
    if leaf.one_of:
        names = [name.replace("_", " ") for name in leaf.one_of]
        return f"{measure.short}: {' or '.join(names)}"
    sign = leaf.comparison.symbol if leaf.comparison is not None else "?"
    threshold = leaf.threshold if leaf.threshold is not None else float("nan")
    since = f"in {duration_in_words(leaf.over)}" if leaf.over is not None else "from baseline"
    match leaf.of:
        case Quantity.VALUE:
            return f"{measure.short} {sign} {format_value(threshold, measure, exact=True)}"
        case Quantity.CHANGE:
            return f"change of {measure.short} {since} {sign} {format_value(threshold, measure, exact=True)}"
        case Quantity.PERCENT_CHANGE:
            return f"change of {measure.short} {since} {sign} {percent(threshold)}"
        case Quantity.PERCENT_LOSS:
            return f"fall of {measure.short} {since} {sign} {percent(threshold)}"
        case _:
            assert_never(leaf.of)


def percent(fraction: float) -> str:
    """Return a fraction as a percentage, without needless zeros."""
    return f"{100 * fraction:.4g} %"


def duration_in_words(days: float) -> str:
    """Return a duration in the largest unit in which it is a whole number."""
    for size, name in ((DAYS_PER_MONTH, "month"), (DAYS_PER_WEEK, "week"), (1.0, "day")):
        count = days / size
        if abs(count - round(count)) < 1e-6 and round(count) > 0:
            return f"{round(count)} {name}" + ("s" if round(count) > 1 else "")
    return f"{days:.4g} days"
