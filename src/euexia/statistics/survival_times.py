"""Lifetimes of a stack of trials, sorted once: what curves, tests and regressions of them share.

Times are compared exactly: two times are tied when they are the same number.  Whole numbers are welcome.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.errors import InputError
from euexia.statistics.survival_diagnosis import Diagnosis, Findings

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """Times and events of a stack of trials in the order of their subjects; all shape (trials, subjects)."""

    time: Floats
    event: Booleans
    inside: Booleans
    """False where the time is missing: no such subject."""
    findings: Findings
    """What is wrong with the times; such trials are emptied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The same sorted by stratum and time, those without a time last; all shape (trials, subjects).

    A tie is a run of subjects of one stratum with the same time.
    """

    order: Integers
    time: Floats
    event: Booleans
    inside: Booleans
    first: Integers
    """Where the tie of this subject begins."""
    last: Integers
    """Where the tie of this subject ends."""
    start: Integers
    """Where the stratum of this subject begins."""
    end: Integers
    """Where the stratum of this subject ends."""

    @property
    def at_risk(self) -> Floats:
        """Return how many of the stratum are at risk just before this subject's time."""
        return np.where(self.inside, self.end + 1 - self.first, 0).astype(float)

    def sort(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return values of shape (trials, subjects) in the sorted order."""
        return np.take_along_axis(values, self.order, axis=1)

    def unsort(self, values: Floats) -> Floats:
        """Return sorted values in the order in which the subjects were given."""
        given = np.empty_like(values)
        np.put_along_axis(given, self.order, values, axis=1)
        return given

    def in_tie(self, values: Floats) -> Floats:
        """Return the sum of values over the tie of each subject."""
        return _between(values, self.first, self.last)

    def still_at_risk(self, values: Floats) -> Floats:
        """Return the sum of values over those of the stratum at risk at each subject's time."""
        backward = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
        padded = np.concatenate([backward, np.zeros_like(backward[:, :1])], axis=1)
        return at(padded, self.first) - at(padded, self.end + 1)

    def up_to(self, values: Floats) -> Floats:
        """Return the sum of values over those of the stratum with no later time."""
        return _between(values, self.start, self.last)

    def before(self, values: Floats) -> Floats:
        """Return the sum of values over those of the stratum with an earlier time."""
        running = np.concatenate([np.zeros_like(values[:, :1]), np.cumsum(values, axis=1)], axis=1)
        return at(running, self.first) - at(running, self.start)


def at(values: Floats, place: Integers) -> Floats:
    """Return values at the places, along the second axis."""
    rows = np.arange(values.shape[0])[:, np.newaxis] * values.shape[1]
    return np.asarray(values.ravel().take(place + rows), dtype=float)


def stack(values: ArrayLike, name: str, shape: tuple[int, ...] | None = None) -> Floats:
    """Return values as floats of shape (trials, subjects); one data set becomes a stack of one.

    Raises InputError when the shape differs from the one that is expected.
    """
    array = np.asarray(values, dtype=float)
    array = array[np.newaxis, :] if array.ndim == 1 else array
    if array.ndim != 2 or (shape is not None and array.shape != shape):
        wanted = "(subjects,) or (trials, subjects)" if shape is None else str(shape)
        raise InputError(f"'{name}' has shape {array.shape}. Give the shape {wanted}.")
    return array


def lifetimes(time: ArrayLike, event: ArrayLike) -> Lifetimes:
    """Return checked times; a trial with a negative or an infinite one is emptied and diagnosed.

    time: NaN where there is no such subject.  event: 1 or True where the time ends in the event, 0 where it
    is censored.  Raises InputError when the shapes differ or an event is neither.
    """
    times = stack(time, "time")
    events = stack(event, "event", times.shape)
    inside = ~np.isnan(times)
    if not np.isin(events[inside], (0.0, 1.0)).all():
        raise InputError("'event' has values other than 0 and 1. Give 1 for an event and 0 for censoring.")
    findings = Findings(times.shape[0])
    findings.note(np.isinf(times).any(axis=1), Diagnosis.INFINITE_VALUE)
    findings.note((inside & (times < 0)).any(axis=1), Diagnosis.NEGATIVE_TIME)
    findings.note(~inside.any(axis=1), Diagnosis.NO_SUBJECTS)
    inside = inside & findings.sound[:, np.newaxis]
    return Lifetimes(
        time=np.where(inside, times, np.nan), event=(events == 1) & inside, inside=inside, findings=findings
    )


def codes(values: ArrayLike | None, name: str, inside: Booleans) -> Integers:
    """Return group or stratum numbers, 0 where there is no such subject; all 0 when none are given.

    Raises InputError when a number of a subject with a time is missing, negative or not whole.
    """
    if values is None:
        return np.zeros(inside.shape, dtype=np.int64)
    numbers = np.where(inside, stack(values, name, inside.shape), 0.0)
    if not (np.isfinite(numbers).all() and (numbers >= 0).all() and (numbers == np.floor(numbers)).all()):
        raise InputError(f"'{name}' must number every subject 0, 1, 2, ...: some are missing or not such.")
    return numbers.astype(np.int64)


def ordered(lives: Lifetimes, strata: Integers | None = None) -> Ordered:
    """Return the subjects of every trial sorted by stratum and time, with the ends of ties and strata."""
    time = np.where(lives.inside, lives.time, np.inf)
    if strata is None:
        order = np.argsort(time, axis=1, kind="stable")
        stratum = np.where(lives.inside, 0, 1)
    else:
        stratum = np.where(lives.inside, strata, np.iinfo(np.int64).max)
        order = np.lexsort((time, stratum), axis=1)
    time, stratum = np.take_along_axis(time, order, axis=1), np.take_along_axis(stratum, order, axis=1)
    new_stratum = np.ones(time.shape, dtype=bool)
    new_stratum[:, 1:] = stratum[:, 1:] != stratum[:, :-1]
    new_tie = new_stratum.copy()
    new_tie[:, 1:] |= time[:, 1:] != time[:, :-1]
    first, last = _runs(new_tie)
    start, end = _runs(new_stratum)
    inside = np.take_along_axis(lives.inside, order, axis=1)
    return Ordered(
        order=order,
        time=np.where(inside, time, np.nan),
        event=np.take_along_axis(lives.event, order, axis=1),
        inside=inside,
        first=first,
        last=last,
        start=start,
        end=end,
    )


def _runs(new: Booleans) -> tuple[Integers, Integers]:
    """Return the first and the last place of the run of each place; new: where runs begin."""
    place = np.broadcast_to(np.arange(new.shape[1]), new.shape)
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    closing = np.ones(new.shape, dtype=bool)
    closing[:, :-1] = new[:, 1:]
    backward = np.where(closing, place, new.shape[1] - 1)[:, ::-1]
    return first, np.minimum.accumulate(backward, axis=1)[:, ::-1]


def _between(values: Floats, first: Integers, last: Integers) -> Floats:
    running = np.concatenate([np.zeros_like(values[:, :1]), np.cumsum(values, axis=1)], axis=1)
    return at(running, last + 1) - at(running, first)
