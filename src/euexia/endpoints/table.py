"""Derived endpoints of a stack of trials, before any estimand has decided about death or missing values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTable:
    """All endpoints of a stack of trials."""

    protocol_id: str
    arms: tuple[str, ...]
    arm: NDArray[np.int64]
    """Index into arms, shape (trials, subjects)."""
    endpoints: Mapping[str, DerivedEndpoint]
