"""What intercurrent events do to a series of visits, and to the steps of a hierarchical endpoint."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

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
)
from euexia.core.errors import InputError
from euexia.endpoints.table import DerivedEndpoint
from euexia.protocol.analysis_plan import Estimand, Strategy

SET_ASIDE = frozenset({Strategy.HYPOTHETICAL, Strategy.WHILE_ALIVE})
"""Strategies under which values after the event do not count."""


def settle_series(
    derived: DerivedEndpoint,
    estimand: Estimand,
    members: Flags | None,
    words: str,
    said: tuple[str, ...],
) -> Settled:
    """Settle the change at every visit; a subject with any value left is analysed."""
    if derived.series is None:
        raise InputError(f"Endpoint '{derived.name}' has no visits. Derive it from trial data.")
    value = derived.series.value
    for day, strategy in _ways_off(derived, estimand):
        if strategy in SET_ASIDE:
            value = np.where(derived.series.day > day[..., np.newaxis], np.nan, value)
    decided = _decided(derived, estimand, members, np.isnan(value[..., -1]))
    leaves = _leaves(estimand, decided)
    value = np.where(leaves[..., np.newaxis], np.nan, value)
    return Settled(
        value=value[..., -1],
        included=np.asarray(~np.isnan(value).all(axis=-1), dtype=bool),
        decided=decided,
        words=words,
        notes=said,
        series=value,
        eligible=~leaves,
    )


def settle_steps(
    derived: DerivedEndpoint,
    estimand: Estimand,
    members: Flags | None,
    words: str,
    said: tuple[str, ...],
) -> Settled:
    """Settle the steps of a hierarchical endpoint: everybody is compared, a missing step is a tie."""
    steps = derived.steps
    for (_, strategy), who in zip(
        _ways_off(derived, estimand), (derived.stopped, _flags(derived.rescued, derived)), strict=True
    ):
        if strategy in SET_ASIDE:
            steps = tuple(
                step if step.event is not None else replace(step, value=np.where(who, np.nan, step.value))
                for step in steps
            )
    unread = np.zeros(derived.value.shape, dtype=bool)
    for step in steps:
        unread |= np.isnan(step.value)
    decided = _decided(derived, estimand, members, unread)
    leaves = _leaves(estimand, decided)
    steps = tuple(replace(step, value=np.where(leaves, np.nan, step.value)) for step in steps)
    return Settled(
        value=np.where(leaves, np.nan, 1.0),
        included=~leaves,
        decided=decided,
        words=words,
        notes=said,
        steps=steps,
    )


def _ways_off(derived: DerivedEndpoint, estimand: Estimand) -> tuple[tuple[Floats, Strategy], ...]:
    nothing = np.full(derived.value.shape, np.nan)
    return (
        (derived.days.get("treatment_stop", nothing), estimand.discontinuation),
        (derived.days.get("rescue", nothing), estimand.rescue),
    )


def _flags(flags: Flags | None, derived: DerivedEndpoint) -> Flags:
    return np.zeros(derived.value.shape, dtype=bool) if flags is None else flags


def _decided(
    derived: DerivedEndpoint, estimand: Estimand, members: Flags | None, unread: Flags
) -> dict[str, Flags]:
    """Return by what each subject was decided, the first that fits: exactly one for each."""
    taken = np.zeros(derived.value.shape, dtype=bool) if members is None else ~members
    decided = {} if members is None else {OUTSIDE: ~members}
    whole_death = estimand.death in (Strategy.EXCLUDE, Strategy.COMPOSITE_FAILURE)
    for name, who, strategy in (
        (DEATH, derived.dead & (unread | whole_death), None),
        (DISCONTINUATION, derived.stopped, estimand.discontinuation),
        (RESCUE, _flags(derived.rescued, derived), estimand.rescue),
        (MISSING, unread, None),
    ):
        if name == RESCUE and strategy is Strategy.TREATMENT_POLICY:
            continue
        acts = who & ~taken
        if strategy is Strategy.TREATMENT_POLICY:
            acts = np.zeros_like(acts)
        decided[name] = acts
        taken = taken | acts
    decided[OBSERVED] = ~taken
    return decided


def _leaves(estimand: Estimand, decided: dict[str, Flags]) -> Flags:
    """Return who is not analysed at all: outside the population, or left out by name."""
    leaves = decided.get(OUTSIDE, np.zeros_like(decided[OBSERVED]))
    for name, strategy in (
        (DEATH, estimand.death),
        (DISCONTINUATION, estimand.discontinuation),
        (RESCUE, estimand.rescue),
        (MISSING, estimand.missing),
    ):
        if strategy is Strategy.EXCLUDE and name in decided:
            leaves = leaves | decided[name]
    return leaves
