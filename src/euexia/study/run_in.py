"""The run-in of a trial: everyone has background care before randomisation.

The engine's own day 0, on which the population's numbers hold, is the first day of the run-in; without a
run-in it is randomisation.  Care (background care, intake added by the trial, chemotherapy) begins on that
day, and with it the trial's effect on how patients rate their symptoms.  Study treatment begins with
randomisation.  Whoever dies or leaves in the run-in is not randomised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia import drugs
from euexia.core.streams import Purpose, exponential
from euexia.observe.measurement import Address
from euexia.observe.schedule import screening_visits
from euexia.parameters import ParameterSet
from euexia.physiology.inputs import LEAST_RUN_IN
from euexia.protocol.protocol import Protocol, Schedule
from euexia.simulate.treatment import uptake

Floats = NDArray[np.float64]

STAYED = "Alive and in the trial at the end of the run-in"
"""What the screening log asks besides eligibility when there is a run-in."""

LOSSES: Mapping[Purpose, str] = {Purpose.DEATH: "cumulative_death", Purpose.DROPOUT: "cumulative_dropout"}
"""What ends a run-in early, with its cumulative hazard."""
BEFORE_RANDOMISATION = 1
"""Item of the draws of a loss in the run-in; after randomisation it is 0, so one never moves the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterRunIn:
    """Candidates on the day of randomisation.

    state: of the engine.  stayed: who is alive and has not left, shape (candidates,).  truth: of the planned
    visits within the run-in, by day, shape (candidates,) each.
    """

    state: Floats
    stayed: NDArray[np.bool_]
    truth: Mapping[float, Mapping[str, Floats]]


def engine_day(schedule: Schedule, day: float) -> float:
    """Return a day of the trial as the engine counts it: from the first day of the run-in."""
    return max(day + schedule.run_in, -LEAST_RUN_IN) if day < 0 else day + schedule.run_in


def background_care(protocol: Protocol, address: Address) -> dict[str, Floats]:
    """Return the share of each background treatment that is taken up, shape (patients,)."""
    return {
        care.drug: uptake(address.seed, care.drug, care.adherence, address.trial, address.candidate)
        for care in protocol.background
    }


def go_through(
    protocol: Protocol,
    parameters: ParameterSet,
    engine: Any,
    *,
    body: Any,
    state: Any,
    columns: Mapping[str, Floats],
    address: Address,
) -> AfterRunIn:
    """Take candidates through the run-in under background care alone.

    body, state: of the engine on its day 0.  columns: of the population, shape (candidates,).
    """
    schedule = protocol.schedule
    effects = drugs.effects(background_care(protocol, address), columns, parameters)
    visits = {
        now: visit.day for visit in screening_visits(schedule) if (now := engine_day(schedule, visit.day)) > 0
    }
    truth: dict[float, Mapping[str, Floats]] = {}
    for start, end in pairwise(sorted({0.0, *visits, schedule.run_in})):
        state = engine.advance(state, body, effects, start=start, days=end - start)
        if end in visits:
            truth[visits[end]] = engine.observe(state, body, day=end)
    last = engine.observe(state, body, day=schedule.run_in)
    lost = [
        last[hazard]
        >= exponential(address.seed, purpose, address.trial, address.candidate, 0, BEFORE_RANDOMISATION)
        for purpose, hazard in LOSSES.items()
    ]
    return AfterRunIn(state=state, stayed=~np.logical_or.reduce(lost), truth=truth)
