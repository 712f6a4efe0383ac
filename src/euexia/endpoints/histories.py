"""What the trial data tell of each subject: readings of a measure, and days on which things happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import TrialDataError
from euexia.endpoints import windows
from euexia.protocol.analysis_plan import Endpoint
from euexia.protocol.condition import MeasureHistory
from euexia.protocol.protocol import Protocol
from euexia.trialdata.trialdata import Events, Readings, TrialData

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SERIOUS = "serious_adverse_event"


def history_of(data: TrialData, protocol: Protocol, endpoint: Endpoint, measure: str) -> MeasureHistory:
    """Return what a condition reads of one measure: all readings, then the baseline, then now."""
    readings = readings_of(data, endpoint, measure)
    return history_at(readings, endpoint.day, windows.window_of(protocol, endpoint, measure))


def history_at(readings: Readings, day: float, window: float) -> MeasureHistory:
    """Return what a condition reads of one measure on a day: all readings, then the baseline, then now."""
    first = windows.baseline(readings)
    now = windows.nearest(readings, day, window)
    return MeasureHistory(
        days=np.concatenate([readings.day, np.stack([first.day, now.day], axis=-1)], axis=-1),
        values=np.concatenate([readings.value, np.stack([first.value, now.value], axis=-1)], axis=-1),
        now=readings.day.shape[-1] + 1,
        baseline=readings.day.shape[-1],
    )


def readings_of(data: TrialData, endpoint: Endpoint, measure: str) -> Readings:
    """Return the readings of a measure; raise TrialDataError if the data hold none."""
    if measure not in data.readings:
        raise TrialDataError(
            f"The trial data hold no readings of '{measure}', which endpoint '{endpoint.name}' needs. "
            f"They hold: {', '.join(sorted(data.readings)) or 'none at all'}."
        )
    return data.readings[measure]


def column(data: TrialData, name: str) -> Floats:
    """Return a column of days; NaN throughout (it never happened) where the data do not have it."""
    if name not in data.subjects:
        return np.full((data.trials, data.size), np.nan)
    return np.asarray(data.subjects[name], dtype=float)


def happened(data: TrialData, name: str, day: float) -> Flags:
    """Return who had something happen on or before a day."""
    with np.errstate(invalid="ignore"):
        return np.asarray(column(data, name) <= day + windows.DAY_TOLERANCE, dtype=bool)


def chosen_events(events: Events, term: str, day: float) -> Flags:
    """Return which adverse events are of a term and lie between randomisation and a day."""
    chosen = events.term == term
    if term == SERIOUS:
        chosen = chosen | events.serious
    return np.asarray(chosen & (events.day >= 0) & (events.day <= day + windows.DAY_TOLERANCE), dtype=bool)
