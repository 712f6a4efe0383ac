"""Figures of simulated trials, computed as the published ones were: of the same patients and visits."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.core.studytime import DAYS_PER_WEEK
from euexia.evidence.twin import SHARES, Average, Figure, Of
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEAR = 0.5
"""A planned visit is meant when it is within half a day of a week that is asked for."""
_CM_PER_M = 100.0
_PERCENT = 100.0


def figure_of(data: TrialData, figure: Figure) -> Floats:
    """Return one figure of every trial, shape (trials,); NaN where nobody could be analysed.

    Raises UnknownNameError for an arm or measure that the trial does not have, InputError for a week without
    a visit.
    """
    found = _of_arms(data, figure, figure.arms)
    return found - _of_arms(data, figure, figure.control) if figure.control else found


def _of_arms(data: TrialData, figure: Figure, arms: tuple[str, ...]) -> Floats:
    members = _members(data, arms)
    if figure.after is not None:
        members = members & _in_trial(data, figure.after)
    return _share_of(data, figure, members) if figure.of in SHARES else _size_of(data, figure, members)


def _size_of(data: TrialData, figure: Figure, members: Flags) -> Floats:
    if figure.of is Of.LEVELS:
        later = _at(data, figure, figure.weeks[0])
        return _mean(later, members) - _mean(_at(data, figure, 0.0), members)
    change = _per_height(data, figure, _change(data, figure))
    if figure.of is Of.SPREAD:
        return _spread(change, members)
    return _average(change, members, figure.average)


def _share_of(data: TrialData, figure: Figure, members: Flags) -> Floats:
    if figure.of is Of.GAINED:
        gain = _change(data, figure) / _at(data, figure, 0.0)
        return _share(gain > figure.percent / _PERCENT, members & np.isfinite(gain))
    if figure.of is Of.READ:
        seen = [np.isfinite(_at(data, figure, week)) for week in figure.weeks]
        return _share(np.logical_or.reduce(seen), members)
    if figure.of is Of.IN_TRIAL:
        return _share(_in_trial(data, max(figure.weeks)), members)
    return _share(data.subjects["death_day"] <= max(figure.weeks) * DAYS_PER_WEEK, members)


def _members(data: TrialData, arms: tuple[str, ...]) -> Flags:
    places = {name: place for place, name in enumerate(data.arms)}
    asked = f"trial '{data.protocol_id}'"
    wanted = [choose("arm", name, places, asked_in=asked) for name in arms]
    return np.isin(data.subjects["arm"], wanted)


def _in_trial(data: TrialData, week: float) -> Flags:
    """Return who neither died nor withdrew by a week (NaN: it did not happen)."""
    day = week * DAYS_PER_WEEK
    gone = (data.subjects["death_day"] <= day) | (data.subjects["withdrawal_day"] <= day)
    return np.asarray(~gone)


def _at(data: TrialData, figure: Figure, week: float) -> Floats:
    """Return what is read in a week, shape (trials, subjects)."""
    values = _reading(data, figure.measure, week)
    return values - _reading(data, figure.minus, week) if figure.minus else values


def _reading(data: TrialData, measure: str, week: float) -> Floats:
    part = choose("measure", measure, data.readings, asked_in=f"trial '{data.protocol_id}'")
    near = np.flatnonzero(np.abs(part.planned - week * DAYS_PER_WEEK) < NEAR)
    if not near.size:
        raise InputError(
            f"Trial '{data.protocol_id}' does not read '{measure}' in week {week:g}. Its visits are on days "
            f"{', '.join(f'{day:g}' for day in part.planned)}; correct the weeks of the twin."
        )
    return np.asarray(part.value[..., near[-1]])


def _change(data: TrialData, figure: Figure) -> Floats:
    """Return the change from day 0, averaged over the weeks in which there is a reading."""
    start = _at(data, figure, 0.0)
    changes = np.stack([_at(data, figure, week) - start for week in figure.weeks])
    known = np.isfinite(changes)
    total = np.where(known, changes, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _per_height(data: TrialData, figure: Figure, values: Floats) -> Floats:
    if not figure.squared_height:
        return values
    return np.asarray(values / (data.subjects["height"] / _CM_PER_M) ** 2)


def _average(values: Floats, members: Flags, average: Average) -> Floats:
    match average:
        case Average.MEAN:
            return _mean(values, members)
        case Average.MEDIAN:
            kept = np.where(members & np.isfinite(values), values, np.nan)
            found = np.full(len(kept), np.nan)
            some = np.isfinite(kept).any(axis=1)
            found[some] = np.nanmedian(kept[some], axis=1)
            return found
        case _:
            assert_never(average)


def _mean(values: Floats, members: Flags) -> Floats:
    kept = members & np.isfinite(values)
    count = kept.sum(axis=1)
    total = np.where(kept, values, 0.0).sum(axis=1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _spread(values: Floats, members: Flags) -> Floats:
    kept = members & np.isfinite(values)
    count = kept.sum(axis=1)
    away = np.where(kept, values - _mean(values, members)[:, None], 0.0)
    squares = (away**2).sum(axis=1)
    return np.asarray(np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan))


def _share(true: Flags, members: Flags) -> Floats:
    count = members.sum(axis=1)
    return np.asarray(np.where(count > 0, (true & members).sum(axis=1) / np.maximum(count, 1), np.nan))
