"""Events from cumulative hazards: one comes when its hazard has added up to a threshold drawn before.

A threshold is exponential with mean 1 (for repeated events a sum of them), so that the same patient, under a
treatment that changes the hazard, has the event earlier or later, and not by another roll of the dice.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from euexia.core.streams import Purpose, exponential

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def crossing_day(days: Floats, cumulative: Floats, threshold: Floats) -> Floats:
    """Return the day on which the cumulative hazard reaches the threshold, NaN if it does not.

    The hazard is taken as constant from one day to the next.
    days: increasing, shape (days,).  cumulative: never falling, from 0, shape (patients, days).  threshold:
    (patients,).
    """
    later = (cumulative < threshold[:, None]).sum(axis=1)
    reached = later < days.size
    after = np.clip(later, 1, days.size - 1)
    rows = np.arange(threshold.size)
    low, high = cumulative[rows, after - 1], cumulative[rows, after]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(high > low, (threshold - low) / (high - low), 0.0)
    day = days[after - 1] + np.clip(share, 0.0, 1.0) * (days[after] - days[after - 1])
    return np.where(reached, day, np.nan)


def first_event(
    seed: int,
    purpose: Purpose,
    trial: Integers,
    candidate: Integers,
    item: int,
    days: Floats,
    cumulative: Floats,
) -> Floats:
    """Return the day of an event that can happen once, NaN if it does not; shape (patients,)."""
    return crossing_day(days, cumulative, exponential(seed, purpose, trial, candidate, 0, item))


def repeated_events(
    seed: int, purpose: Purpose, trial: Integers, candidate: Integers, days: Floats, cumulative: Floats
) -> Iterator[tuple[Integers, Floats]]:
    """Yield the first, second ... event of a Poisson process: indices of who has it, and its day."""
    patients = np.arange(trial.size)
    threshold = np.zeros(trial.size)
    number = 0
    while patients.size:
        threshold = threshold + exponential(seed, purpose, trial[patients], candidate[patients], number, 0)
        day = crossing_day(days, cumulative[patients], threshold)
        happened = ~np.isnan(day)
        patients, threshold = patients[happened], threshold[happened]
        if patients.size:
            yield patients, day[happened]
        number += 1
