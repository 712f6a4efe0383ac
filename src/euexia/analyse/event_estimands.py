"""What intercurrent events do to a time to event: they count, compete, censor, or change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from euexia.analyse.settled import (
    CENSORED,
    COMPETING,
    DEATH,
    DISCONTINUATION,
    EVENT,
    MISSING,
    OBSERVED,
    OUTSIDE,
    RESCUE,
    Codes,
    Flags,
    Floats,
    Settled,
)
from euexia.core.errors import InputError
from euexia.endpoints.table import DerivedEndpoint, EventTimes
from euexia.protocol.analysis_plan import Estimand, Strategy

COMPETES = frozenset({Strategy.WHILE_ALIVE, Strategy.WHILE_ON_TREATMENT})


def settle(
    derived: DerivedEndpoint,
    estimand: Estimand,
    members: Flags | None,
    words: str,
    said: tuple[str, ...],
) -> Settled:
    """Settle a time to event: its days, and whether it ended in the event, a competing one, or neither.

    What comes first ends the time; on the same day the event goes before a competing one, and that before
    the end of observation.
    """
    if derived.times is None:
        raise InputError(f"Endpoint '{derived.name}' has no times. Derive it from trial data.")
    time, code = _ended(derived, derived.times, estimand)
    decided = _decided(derived, estimand, members, time, code)
    leaves = decided.get(OUTSIDE, np.zeros(time.shape, dtype=bool))
    for name, _, strategy in _happenings(derived, estimand):
        if strategy is Strategy.EXCLUDE:
            leaves = leaves | decided[name]
    time = np.where(leaves, np.nan, time)
    return Settled(
        value=time,
        included=~leaves,
        decided=decided,
        words=words,
        notes=said,
        time=time,
        code=np.where(leaves, CENSORED, code).astype(np.int8),
    )


def _ended(derived: DerivedEndpoint, times: EventTimes, estimand: Estimand) -> tuple[Floats, Codes]:
    """Return the days until the time ended, and how."""
    never = np.inf
    awaited = np.nan_to_num(times.awaited, nan=never)
    competing = np.nan_to_num(times.competing, nan=never)
    censored = np.full(awaited.shape, never)
    for name, day, strategy in _happenings(derived, estimand):
        when = np.nan_to_num(day, nan=never)
        if strategy is Strategy.COMPOSITE_FAILURE:
            awaited = np.minimum(awaited, when)
        elif name == MISSING:
            continue  # who leaves is censored at the end of observation
        elif strategy in COMPETES or (name == DEATH and strategy is Strategy.TREATMENT_POLICY):
            competing = np.minimum(competing, when)
        elif strategy is Strategy.HYPOTHETICAL:
            censored = np.minimum(censored, when)
    first = np.minimum(awaited, competing)
    seen = np.isfinite(first) & (first <= censored)
    # A death may lie after the last reading: the end of watching censors only those with no event.
    time = np.where(seen, first, np.minimum(censored, times.end))
    code = np.where(seen, np.where(awaited <= competing, EVENT, COMPETING), CENSORED)
    return time, code.astype(np.int8)


def _happenings(derived: DerivedEndpoint, estimand: Estimand) -> Iterator[tuple[str, Floats, Strategy]]:
    """Give each intercurrent event with its day up to the endpoint's day and its strategy."""
    nothing = np.full(derived.value.shape, np.nan)
    for name, column, who, strategy in (
        (DEATH, "death", derived.dead, estimand.death),
        (DISCONTINUATION, "treatment_stop", derived.stopped, estimand.discontinuation),
        (RESCUE, "rescue", derived.rescued, estimand.rescue),
        (MISSING, "withdrawal", derived.withdrawn, estimand.missing),
    ):
        if name == RESCUE and strategy is Strategy.TREATMENT_POLICY:
            continue
        day = derived.days.get(column, nothing)
        yield name, nothing if who is None else np.where(who, day, np.nan), strategy


def _decided(
    derived: DerivedEndpoint,
    estimand: Estimand,
    members: Flags | None,
    time: Floats,
    code: Codes,
) -> dict[str, Flags]:
    """Return by what each subject was decided: an intercurrent event decides if it ended the time."""
    taken = np.zeros(time.shape, dtype=bool) if members is None else ~members
    decided = {} if members is None else {OUTSIDE: ~members}
    for name, day, strategy in _happenings(derived, estimand):
        happened = ~np.isnan(day)
        if name == DEATH and strategy is Strategy.EXCLUDE:
            acts = happened & ~taken
        elif name == MISSING and strategy is not Strategy.COMPOSITE_FAILURE:
            acts = happened & ~taken & (code == CENSORED)
        elif name != DEATH and strategy is Strategy.TREATMENT_POLICY:
            acts = np.zeros(time.shape, dtype=bool)
        else:
            acts = happened & ~taken & (day <= time)
        decided[name] = acts
        taken = taken | acts
    decided[OBSERVED] = ~taken
    return decided
