"""What death, stopped treatment and missing readings do to an endpoint (ICH E9(R1)).

Every randomised subject is accounted for: decided by the own readings, by the strategy for death, by the one
for stopped treatment or by the one for missing readings; and whether it is analysed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.endpoints.table import DerivedEndpoint
from euexia.protocol.analysis_plan import EndpointKind, Estimand, Strategy

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

OBSERVED, DEATH, DISCONTINUATION, MISSING = "observed", "death", "discontinuation", "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An endpoint after the estimand has decided; arrays have the shape (trials, subjects).

    value: NaN for a subject who is not analysed.  included: who is analysed.  decided: by what each
    subject's value was decided (``observed``, ``death``, ``discontinuation``, ``missing``): exactly one is
    true for each subject.
    """

    value: Floats
    included: Flags
    decided: Mapping[str, Flags]
    words: str
    notes: tuple[str, ...]


def apply(derived: DerivedEndpoint, estimand: Estimand, kind: EndpointKind) -> Settled:
    """Settle an endpoint by an estimand.

    Death is looked at first, then stopped treatment, then missing readings.  Raises InputError if the
    estimand does not fit the kind of endpoint.
    """
    wrong = tuple(faults(estimand, kind))
    if wrong:
        raise InputError("\n".join(wrong))
    value, unread = derived.value, _unread(derived, kind)
    failure = _failure(derived, kind)
    outside = np.zeros(value.shape, dtype=bool)
    decided: dict[str, Flags] = {}
    for name, who, strategy in (
        (DEATH, derived.dead, estimand.death),
        (DISCONTINUATION, derived.stopped, estimand.discontinuation),
        (MISSING, unread, estimand.missing),
    ):
        who = who & ~outside
        acts = who & _acts(name, strategy, value, kind)
        value = np.where(acts, _replacement(strategy, failure), value)
        decided[name] = acts
        # The dead are never also discontinued or missing: the first event that fits them has decided.
        outside = outside | acts | (who if name == DEATH else False)
    decided[OBSERVED] = ~(decided[DEATH] | decided[DISCONTINUATION] | decided[MISSING])
    return Settled(
        value=value,
        included=~np.isnan(value),
        decided=decided,
        words=in_words(estimand, kind),
        notes=tuple(_notes(estimand, kind)),
    )


def faults(estimand: Estimand, kind: EndpointKind) -> Iterator[str]:
    """Give every reason why an estimand cannot be estimated for a kind of endpoint."""
    if kind is EndpointKind.CHANGE:
        for event, strategy in _strategies(estimand):
            if strategy is Strategy.COMPOSITE_FAILURE:
                yield (
                    f"The estimand of '{estimand.endpoint}' counts {event} as failure, but a mean change has "
                    "no value for failure. Use while_alive, treatment_policy or hypothetical, or make the "
                    "endpoint a responder endpoint."
                )


def in_words(estimand: Estimand, kind: EndpointKind) -> str:
    """Return an estimand as people say it."""
    if kind is EndpointKind.EVENT_COUNT:
        return (
            f"All randomised patients. Death: {_say_events(estimand.death)}. "
            f"Treatment stopped: {_say_events(estimand.discontinuation)}. "
            f"Withdrawn: {_say_events(estimand.missing)}."
        )
    return (
        f"All randomised patients. Death: {_say(estimand.death)}. "
        f"Treatment stopped: {_say(estimand.discontinuation)}. No reading: {_say_missing(estimand.missing)}."
    )


def count(settled: Settled, members: Flags) -> dict[str, Floats]:
    """Return per trial how many of an arm were decided by what, and how many are not analysed.

    members: who belongs to the arm, shape (trials, subjects).
    """
    numbers = {name: (flags & members).sum(axis=1).astype(float) for name, flags in settled.decided.items()}
    return {**numbers, "not_analysed": (members & ~settled.included).sum(axis=1).astype(float)}


def _unread(derived: DerivedEndpoint, kind: EndpointKind) -> Flags:
    """Return who has no complete reading: for events, those who left before the day."""
    unknown = np.isnan(derived.value)
    return unknown | derived.withdrawn if kind is EndpointKind.EVENT_COUNT else unknown


def _failure(derived: DerivedEndpoint, kind: EndpointKind) -> Floats:
    """Return the value of a failure: no response, one event at least, the worst category."""
    match kind:
        case EndpointKind.RESPONDER:
            return np.zeros(derived.value.shape)
        case EndpointKind.EVENT_COUNT:
            return np.fmax(derived.value, 1.0)
        case EndpointKind.CATEGORY:
            return np.full(derived.value.shape, len(derived.categories) - 1.0)
        case EndpointKind.CHANGE:
            return np.full(derived.value.shape, np.nan)  # refused before
        case _:
            assert_never(kind)


def _acts(name: str, strategy: Strategy, value: Floats, kind: EndpointKind) -> Flags:
    """Return where a strategy decides about those who had the event; elsewhere the own readings do."""
    nowhere, everywhere = np.zeros(value.shape, dtype=bool), np.ones(value.shape, dtype=bool)
    unknown = np.isnan(value)
    match strategy:
        case Strategy.COMPOSITE_FAILURE | Strategy.EXCLUDE:
            return everywhere
        case Strategy.HYPOTHETICAL:
            # Events until somebody left are known; the rest is taken to be as in the others of the arm.
            return unknown if name == MISSING or kind is EndpointKind.EVENT_COUNT else everywhere
        case Strategy.WHILE_ALIVE:
            return everywhere if name == DISCONTINUATION and kind is not EndpointKind.EVENT_COUNT else unknown
        case Strategy.TREATMENT_POLICY:
            return unknown if name != DISCONTINUATION else nowhere
        case _:
            assert_never(strategy)


def _replacement(strategy: Strategy, failure: Floats) -> Floats:
    match strategy:
        case Strategy.COMPOSITE_FAILURE:
            return failure
        case Strategy.EXCLUDE | Strategy.HYPOTHETICAL | Strategy.WHILE_ALIVE | Strategy.TREATMENT_POLICY:
            return np.full(failure.shape, np.nan)
        case _:
            assert_never(strategy)


def _strategies(estimand: Estimand) -> tuple[tuple[str, Strategy], ...]:
    return (
        ("death", estimand.death),
        ("stopped treatment", estimand.discontinuation),
        ("a missing reading", estimand.missing),
    )


def _say(strategy: Strategy) -> str:
    match strategy:
        case Strategy.COMPOSITE_FAILURE:
            return "counts as failure"
        case Strategy.WHILE_ALIVE:
            return "readings before it count, later ones are unknown"
        case Strategy.TREATMENT_POLICY:
            return "ignored, the observed value counts"
        case Strategy.HYPOTHETICAL:
            return "set aside, as if it had not happened"
        case Strategy.EXCLUDE:
            return "left out of the analysis (survivors only)"
        case _:
            assert_never(strategy)


def _say_missing(strategy: Strategy) -> str:
    match strategy:
        case Strategy.COMPOSITE_FAILURE:
            return "counts as failure"
        case Strategy.EXCLUDE:
            return "left out of the analysis"
        case Strategy.WHILE_ALIVE | Strategy.TREATMENT_POLICY | Strategy.HYPOTHETICAL:
            return "not analysed, taken to be like the others of the arm"
        case _:
            assert_never(strategy)


def _say_events(strategy: Strategy) -> str:
    match strategy:
        case Strategy.COMPOSITE_FAILURE:
            return "counts as an event"
        case Strategy.EXCLUDE:
            return "left out of the analysis"
        case Strategy.WHILE_ALIVE | Strategy.TREATMENT_POLICY | Strategy.HYPOTHETICAL:
            return "events under observation count"
        case _:
            assert_never(strategy)


def _notes(estimand: Estimand, kind: EndpointKind) -> Iterator[str]:
    if estimand.death is Strategy.EXCLUDE:
        yield (
            "Survivors only: those who died are left out. Death comes after randomisation and may depend on "
            "treatment, so the arms compared are no longer the arms randomised."
        )
    if estimand.discontinuation is Strategy.EXCLUDE:
        yield "Those who stopped treatment are left out: the arms compared are not the arms randomised."
    if kind is not EndpointKind.EVENT_COUNT:
        yield from _notes_on_unknown(estimand)


def _notes_on_unknown(estimand: Estimand) -> Iterator[str]:
    if estimand.death not in (Strategy.COMPOSITE_FAILURE, Strategy.EXCLUDE):
        yield "Patients who died without a reading are not analysed; their number is under 'death'."
    if estimand.discontinuation in (Strategy.HYPOTHETICAL, Strategy.WHILE_ALIVE):
        yield "Readings after a stop of treatment are set aside; their number is under 'discontinuation'."
    if estimand.missing is not Strategy.COMPOSITE_FAILURE:
        yield (
            "Patients without a reading are not analysed and are taken to be like the others of their arm "
            "(missing at random); their number is under 'missing'."
        )
