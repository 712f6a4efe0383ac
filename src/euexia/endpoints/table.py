"""Derived endpoints of a stack of trials, before any estimand has decided about death or missing values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSeries:
    """Change from baseline at every planned visit up to the endpoint's day.

    planned: planned day of each visit, shape (visits,).  value: the change, shape (trials, subjects, visits),
    NaN where nothing was read.  day: the day it was read on, same shape.
    """

    visits: tuple[str, ...]
    planned: Floats
    value: Floats
    day: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTimes:
    """Days of what a time to event waits for, shape (trials, subjects); NaN: it did not happen.

    awaited: first of the awaited events.  competing: first of the events after which it can no longer be
    seen.  end: last day on which the awaited event could have been seen; never NaN.
    """

    awaited: Floats
    competing: Floats
    end: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a hierarchical endpoint, arrays of shape (trials, subjects).

    value: what is compared; of survival the last day alive.  event: of survival, whether that day ended in
    death; None for every other step.
    """

    label: str
    value: Floats
    event: NDArray[np.bool_] | None
    tie_within: float
    higher_is_better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedEndpoint:
    """One endpoint, by trial and subject, shape (trials, subjects) throughout.

    value: RESPONDER: 1 TRUE, 0 FALSE, NaN UNKNOWN; CHANGE: change from baseline; EVENT_COUNT: number of
    events; CATEGORY: index into categories; NaN unknown.  baseline: baseline value (CHANGE), else NaN.
    dead: died on or before the endpoint's day.  withdrawn: withdrew before it, alive.  stopped: stopped
    treatment before it. components: for a responder, the value of each leaf of its condition (same coding),
    by its text.
    """

    name: str
    value: Floats
    baseline: Floats
    dead: NDArray[np.bool_]
    withdrawn: NDArray[np.bool_]
    stopped: NDArray[np.bool_]
    exposure: Floats
    """Days under observation up to the endpoint's day (for event rates)."""
    categories: tuple[str, ...] = ()
    components: Mapping[str, Floats] | None = None
    changes: Mapping[str, Floats] | None = None
    """For a responder: the change of each measure of its condition, as compared (for the waterfall)."""
    rescued: NDArray[np.bool_] | None = None
    """Rescue begun by the endpoint's day."""
    on_treatment: Floats | None = None
    """The value at the last reading (or of the events) before treatment was stopped or rescue began."""
    exposure_on_treatment: Floats | None = None
    days: Mapping[str, Floats] = field(default_factory=dict)
    """Day of ``death``, ``withdrawal``, ``treatment_stop`` and ``rescue``; NaN: it did not happen."""
    populations: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """Who belongs to the population of an estimand, by its name, where that is not everybody."""
    series: VisitSeries | None = None
    times: EventTimes | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTable:
    """All endpoints of a stack of trials."""

    protocol_id: str
    arms: tuple[str, ...]
    arm: NDArray[np.int64]
    """Index into arms, shape (trials, subjects)."""
    endpoints: Mapping[str, DerivedEndpoint]
    columns: Mapping[str, Floats] = field(default_factory=dict)
    """Covariates and strata that the analyses ask for, shape (trials, subjects); NaN unknown."""
