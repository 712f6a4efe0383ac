"""What death, stopped treatment, rescue and missing readings do to an endpoint (ICH E9(R1)).

Every randomised subject is accounted for: decided by the own readings, by the strategy for death, by the one
for stopped treatment, for rescue, or by the one for missing readings; and whether it is analysed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import numpy as np

from euexia.analyse import event_estimands, visit_estimands
from euexia.analyse.estimand_words import in_words, notes
from euexia.analyse.settled import (
    DEATH,
    DISCONTINUATION,
    MISSING,
    OBSERVED,
    OUTSIDE,
    RESCUE,
    Flags,
    Floats,
    Settled,
    count,
    leave_out,
)
from euexia.core.errors import InputError
from euexia.endpoints.table import DerivedEndpoint
from euexia.protocol.analysis_plan import EndpointKind, Estimand, Strategy, Summary
from euexia.protocol.estimand_rules import EVENTS_IN_WORDS, refusals

__all__ = [
    "DEATH",
    "DISCONTINUATION",
    "MISSING",
    "OBSERVED",
    "OUTSIDE",
    "RESCUE",
    "Settled",
    "apply",
    "count",
    "faults",
    "in_words",
    "leave_out",
]


def apply(
    derived: DerivedEndpoint, estimand: Estimand, kind: EndpointKind, *, higher_is_better: bool = True
) -> Settled:
    """Settle an endpoint by an estimand.

    Death is looked at first, then stopped treatment, then rescue, then missing readings.  Raises InputError
    if the estimand does not fit the kind of endpoint.
    """
    wrong = tuple(faults(estimand, kind))
    if wrong:
        raise InputError("\n".join(wrong))
    words, said = in_words(estimand, kind), tuple(notes(estimand, kind))
    members = derived.populations.get(estimand.endpoint)
    if kind is EndpointKind.LONGITUDINAL:
        return visit_estimands.settle_series(derived, estimand, members, words, said)
    if kind is EndpointKind.HIERARCHICAL:
        return visit_estimands.settle_steps(derived, estimand, members, words, said)
    if kind is EndpointKind.TIME_TO_EVENT:
        return event_estimands.settle(derived, estimand, members, words, said)
    return _settle_value(derived, estimand, kind, members, words, said, higher_is_better)


def _settle_value(
    derived: DerivedEndpoint,
    estimand: Estimand,
    kind: EndpointKind,
    members: Flags | None,
    words: str,
    said: tuple[str, ...],
    higher_is_better: bool,
) -> Settled:
    value, unread = derived.value, _unread(derived, kind)
    failure = _failure(derived, kind, estimand, higher_is_better)
    outside = np.zeros(value.shape, dtype=bool) if members is None else ~members
    decided: dict[str, Flags] = {} if members is None else {OUTSIDE: ~members}
    exposure = derived.exposure
    for name, who, strategy in (
        (DEATH, derived.dead, estimand.death),
        (DISCONTINUATION, derived.stopped, estimand.discontinuation),
        (RESCUE, _rescued(derived), estimand.rescue),
        (MISSING, unread, estimand.missing),
    ):
        if name == RESCUE and strategy is Strategy.TREATMENT_POLICY:
            continue
        who = who & ~outside
        acts = who & _acts(name, strategy, value, kind)
        value = np.where(acts, _replacement(strategy, failure, derived.on_treatment), value)
        if strategy is Strategy.WHILE_ON_TREATMENT and derived.exposure_on_treatment is not None:
            exposure = np.where(acts, derived.exposure_on_treatment, exposure)
        decided[name] = acts
        # The dead are never also discontinued or missing: the first event that fits them has decided.
        outside = outside | acts | (who if name == DEATH else False)
    if members is not None:
        value = np.where(members, value, np.nan)
    decided[OBSERVED] = ~np.logical_or.reduce(list(decided.values()))
    return Settled(
        value=value,
        included=~np.isnan(value),
        decided=decided,
        words=words,
        notes=said,
        exposure=exposure,
    )


def _rescued(derived: DerivedEndpoint) -> Flags:
    return np.zeros(derived.value.shape, dtype=bool) if derived.rescued is None else derived.rescued


def faults(estimand: Estimand, kind: EndpointKind) -> Iterator[str]:
    """Give every reason why an estimand cannot be estimated for a kind of endpoint."""
    for event, problem, remedy in refusals(estimand, kind):
        happening = EVENTS_IN_WORDS[event]
        strategy = getattr(estimand, event)
        if strategy is Strategy.COMPOSITE_FAILURE and kind is not EndpointKind.HIERARCHICAL:
            yield (
                f"The estimand of '{estimand.endpoint}' counts {happening} as failure, but a mean change has "
                "no value for failure. Use while_alive, treatment_policy or hypothetical, or make the "
                "endpoint a responder endpoint."
            )
        else:
            yield f"The estimand of '{estimand.endpoint}', {happening}: {problem} {remedy}"


def _unread(derived: DerivedEndpoint, kind: EndpointKind) -> Flags:
    """Return who has no complete reading: for events, those who left before the day."""
    unknown = np.isnan(derived.value)
    return unknown | derived.withdrawn if kind is EndpointKind.EVENT_COUNT else unknown


def _failure(
    derived: DerivedEndpoint, kind: EndpointKind, estimand: Estimand, higher_is_better: bool
) -> Floats:
    """Return the value of a failure: no response, one event at least, the worst category, the worst rank."""
    match kind:
        case EndpointKind.RESPONDER:
            return np.zeros(derived.value.shape)
        case EndpointKind.EVENT_COUNT:
            return np.fmax(derived.value, 1.0)
        case EndpointKind.CATEGORY:
            return np.full(derived.value.shape, len(derived.categories) - 1.0)
        case EndpointKind.CHANGE | EndpointKind.PERCENT_CHANGE:
            if estimand.summary is not Summary.RANKS:
                return np.full(derived.value.shape, np.nan)  # refused before
            return _worse_than_all(derived.value, higher_is_better)
        case EndpointKind.LONGITUDINAL | EndpointKind.TIME_TO_EVENT | EndpointKind.HIERARCHICAL:
            return np.full(derived.value.shape, np.nan)  # settled elsewhere
        case _:
            assert_never(kind)


def _worse_than_all(value: Floats, higher_is_better: bool) -> Floats:
    """Return a value worse than every one of the trial; only its rank counts."""
    known = np.isfinite(value)
    sign = 1.0 if higher_is_better else -1.0
    worst = np.where(known, sign * value, 0.0).min(axis=1, keepdims=True, initial=0.0) - 1.0
    return np.broadcast_to(sign * worst, value.shape)


def _acts(name: str, strategy: Strategy, value: Floats, kind: EndpointKind) -> Flags:
    """Return where a strategy decides about those who had the event; elsewhere the own readings do."""
    nowhere, everywhere = np.zeros(value.shape, dtype=bool), np.ones(value.shape, dtype=bool)
    unknown = np.isnan(value)
    on_the_way = name in (DISCONTINUATION, RESCUE)
    match strategy:
        case Strategy.COMPOSITE_FAILURE | Strategy.EXCLUDE | Strategy.WHILE_ON_TREATMENT:
            return everywhere
        case Strategy.HYPOTHETICAL:
            # Events until somebody left are known; the rest is taken to be as in the others of the arm.
            return unknown if name == MISSING or kind is EndpointKind.EVENT_COUNT else everywhere
        case Strategy.WHILE_ALIVE:
            return everywhere if on_the_way and kind is not EndpointKind.EVENT_COUNT else unknown
        case Strategy.TREATMENT_POLICY:
            return nowhere if on_the_way else unknown
        case _:
            assert_never(strategy)


def _replacement(strategy: Strategy, failure: Floats, on_treatment: Floats | None) -> Floats:
    match strategy:
        case Strategy.COMPOSITE_FAILURE:
            return failure
        case Strategy.WHILE_ON_TREATMENT:
            return np.full(failure.shape, np.nan) if on_treatment is None else on_treatment
        case Strategy.EXCLUDE | Strategy.HYPOTHETICAL | Strategy.WHILE_ALIVE | Strategy.TREATMENT_POLICY:
            return np.full(failure.shape, np.nan)
        case _:
            assert_never(strategy)
