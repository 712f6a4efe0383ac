"""An estimand as people say it, and what must be said beside a result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from euexia.protocol.analysis_plan import AnalysisSet, EndpointKind, Estimand, Strategy
from euexia.protocol.condition import in_words as condition_in_words
from euexia.protocol.estimand_rules import population_note

UNKNOWN_LEAVES = frozenset(
    {
        EndpointKind.RESPONDER,
        EndpointKind.CHANGE,
        EndpointKind.CATEGORY,
        EndpointKind.PERCENT_CHANGE,
    }
)
"""Kinds of which a patient without the one value is not analysed."""


def in_words(estimand: Estimand, kind: EndpointKind) -> str:
    """Return an estimand as people say it."""
    rescue = ""
    if estimand.rescue is not Strategy.TREATMENT_POLICY:
        rescue = f" Rescue: {_say(estimand.rescue)}."
    if kind in (EndpointKind.EVENT_COUNT, EndpointKind.TIME_TO_EVENT):
        say = _say_events if kind is EndpointKind.EVENT_COUNT else _say_times
        return (
            f"{_say_population(estimand)} Death: {say(estimand.death)}. "
            f"Treatment stopped: {say(estimand.discontinuation)}.{rescue} "
            f"Withdrawn: {say(estimand.missing)}."
        )
    return (
        f"{_say_population(estimand)} Death: {_say(estimand.death)}. "
        f"Treatment stopped: {_say(estimand.discontinuation)}.{rescue} "
        f"No reading: {_say_missing(estimand.missing)}."
    )


def _say_population(estimand: Estimand) -> str:
    match estimand.population:
        case AnalysisSet.ALL_RANDOMISED:
            who = "All randomised patients"
        case AnalysisSet.TREATED:
            who = "Randomised patients who began treatment"
        case AnalysisSet.PER_PROTOCOL:
            who = "Randomised patients who kept to treatment without rescue"
        case _:
            assert_never(estimand.population)
    if estimand.subgroup is None:
        return f"{who}."
    return f"{who}, only with {condition_in_words(estimand.subgroup)} at baseline."


def _say_times(strategy: Strategy) -> str:
    match strategy:
        case Strategy.COMPOSITE_FAILURE:
            return "counts as an event"
        case Strategy.EXCLUDE:
            return "left out of the analysis"
        case Strategy.HYPOTHETICAL:
            return "time is censored there"
        case Strategy.WHILE_ALIVE | Strategy.WHILE_ON_TREATMENT:
            return "ends the time in which the event can come (competing)"
        case Strategy.TREATMENT_POLICY:
            return "makes no difference, follow-up goes on"
        case _:
            assert_never(strategy)


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
        case Strategy.WHILE_ON_TREATMENT:
            return "the last value on treatment counts"
        case _:
            assert_never(strategy)


def _say_missing(strategy: Strategy) -> str:
    match strategy:
        case Strategy.COMPOSITE_FAILURE:
            return "counts as failure"
        case Strategy.EXCLUDE:
            return "left out of the analysis"
        case (
            Strategy.WHILE_ALIVE
            | Strategy.WHILE_ON_TREATMENT
            | Strategy.TREATMENT_POLICY
            | Strategy.HYPOTHETICAL
        ):
            return "not analysed, taken to be like the others of the arm"
        case _:
            assert_never(strategy)


def _say_events(strategy: Strategy) -> str:
    match strategy:
        case Strategy.COMPOSITE_FAILURE:
            return "counts as an event"
        case Strategy.EXCLUDE:
            return "left out of the analysis"
        case Strategy.WHILE_ON_TREATMENT:
            return "events on treatment count"
        case Strategy.WHILE_ALIVE | Strategy.TREATMENT_POLICY | Strategy.HYPOTHETICAL:
            return "events under observation count"
        case _:
            assert_never(strategy)


def notes(estimand: Estimand, kind: EndpointKind) -> Iterator[str]:
    """Give what a reader of a result must know of its estimand."""
    if estimand.death is Strategy.EXCLUDE:
        yield (
            "Survivors only: those who died are left out. Death comes after randomisation and may depend on "
            "treatment, so the arms compared are no longer the arms randomised."
        )
    if estimand.discontinuation is Strategy.EXCLUDE:
        yield "Those who stopped treatment are left out: the arms compared are not the arms randomised."
    if estimand.rescue is Strategy.EXCLUDE:
        yield "Those who were rescued are left out: the arms compared are not the arms randomised."
    population = population_note(estimand.population)
    if population is not None:
        yield population
    if estimand.subgroup is not None:
        yield "A subgroup: those of whom it is not known at baseline are outside."
    if kind in UNKNOWN_LEAVES:
        yield from _notes_on_unknown(estimand)
    if kind is EndpointKind.LONGITUDINAL:
        yield from _notes_on_visits(estimand)


def _notes_on_visits(estimand: Estimand) -> Iterator[str]:
    if Strategy.HYPOTHETICAL in (estimand.discontinuation, estimand.rescue):
        yield "Values after treatment was stopped or rescue began are set aside, as if missing at random."
    if estimand.death is not Strategy.EXCLUDE:
        yield (
            "Values after death do not exist; the model speaks of what would have been read in the living. "
            "The number who died is under 'death'."
        )
    yield (
        "Patients with some visits missing are analysed by those they attended (missing at random given "
        "them); the number without the last visit is under 'missing'."
    )


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
