"""Stacks of trials made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.trialdata.trialdata import Dosing, Events, Readings, ScreeningLog, TrialData

Floats = NDArray[np.float64]
DAYS = ("enrolled_day", "death_day", "withdrawal_day", "treatment_stop_day", "last_contact_day")
ORDINARY = {"lean_mass_ct": 40.0, "handgrip_strength": 26.0, "crp": 50.0, "tumour_size": 80.0}
"""A reading nobody would wonder at."""


def make_readings(day: ArrayLike, value: ArrayLike, planned: ArrayLike | None = None) -> Readings:
    """Return readings; day and value broadcast to (trials, subjects, visits); planned: the first days."""
    days, values = np.broadcast_arrays(np.asarray(day, dtype=float), np.asarray(value, dtype=float))
    expected = np.asarray(days.reshape(-1, days.shape[-1])[0] if planned is None else planned, dtype=float)
    return Readings(
        visits=tuple(f"day_{when:g}" for when in expected),
        planned=expected,
        day=days.copy(),
        value=values.copy(),
    )


def make_events(rows: list[tuple[int, int, float, str, int, bool]] | None = None) -> Events:
    """Return adverse events from rows (trial, subject, day, term, grade, serious)."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    return Events(
        trial=np.array(columns[0], dtype=np.int64),
        subject=np.array(columns[1], dtype=np.int64),
        day=np.array(columns[2], dtype=float),
        term=np.array(columns[3], dtype=np.str_),
        grade=np.array(columns[4], dtype=np.int64),
        serious=np.array(columns[5], dtype=bool),
    )


def make_trial(
    arm: ArrayLike,
    *,
    readings: Mapping[str, Readings] | None = None,
    events: Events | None = None,
    dosing: Mapping[str, Dosing] | None = None,
    screening: ScreeningLog | None = None,
    arms: tuple[str, ...] = ("drug", "control"),
    **columns: Any,
) -> TrialData:
    """Return trial data; arm: (subjects,) or (trials, subjects).  Readings not given are ordinary.

    columns: subject columns such as ``death_day``, broadcast to the shape of arm; days not given never
    happened.
    """
    arms_of = np.atleast_2d(np.asarray(arm, dtype=float))
    shape = arms_of.shape
    subjects = {name: np.full(shape, np.nan) for name in DAYS}
    subjects |= {"arm": arms_of}
    for name, values in columns.items():
        subjects[name] = np.broadcast_to(np.asarray(values, dtype=float), shape).copy()
    given = dict(readings or {})
    for measure, ordinary in ORDINARY.items():
        day = np.broadcast_to(np.array([0.0, 56.0]), (*shape, 2))
        given.setdefault(measure, make_readings(day, np.where(_left(subjects, day), np.nan, ordinary)))
    return TrialData(
        protocol_id="two_arms",
        arms=arms,
        subjects=subjects,
        readings=given,
        dosing=dict(dosing or {}),
        events=events or make_events(),
        screening=screening,
    )


def pairs(first: ArrayLike, last: ArrayLike, day: ArrayLike = 56.0) -> Readings:
    """Return readings of day 0 and of ``day`` (planned 56) from two arrays of shape (trials, subjects)."""
    start, end, when = np.broadcast_arrays(
        *(np.atleast_2d(np.asarray(a, dtype=float)) for a in (first, last, day))
    )
    return make_readings(
        np.stack([np.zeros_like(when), when], axis=-1), np.stack([start, end], axis=-1), [0.0, 56.0]
    )


def _left(subjects: Mapping[str, Floats], day: Floats) -> NDArray[np.bool_]:
    gone = np.fmin(subjects["death_day"], subjects["withdrawal_day"])[..., np.newaxis]
    return np.asarray(day > gone, dtype=bool)
