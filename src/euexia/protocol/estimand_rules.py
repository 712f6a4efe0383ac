"""Which strategy makes sense for which event of which kind of endpoint, and why another does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from euexia.protocol.analysis_plan import (
    DEATH,
    AnalysisSet,
    ComponentKind,
    Endpoint,
    EndpointKind,
    Estimand,
    Strategy,
    Summary,
)

MEANS = frozenset({EndpointKind.CHANGE, EndpointKind.PERCENT_CHANGE, EndpointKind.LONGITUDINAL})
"""Endpoints whose values are averaged: no value of theirs means failure."""
LAST_VALUE = frozenset({EndpointKind.CHANGE, EndpointKind.PERCENT_CHANGE, EndpointKind.EVENT_COUNT})
"""Endpoints of which there is a last value on treatment."""
NOT_IN_A_HIERARCHY = frozenset({Strategy.HYPOTHETICAL, Strategy.WHILE_ALIVE, Strategy.TREATMENT_POLICY})
"""Strategies for death that contradict a step that compares survival."""
DEATH_EVENT, STOP_EVENT, MISSING_EVENT, RESCUE_EVENT = "death", "discontinuation", "missing", "rescue"

EVENTS_IN_WORDS: Mapping[str, str] = {
    DEATH_EVENT: "death",
    STOP_EVENT: "stopped treatment",
    MISSING_EVENT: "a missing reading",
    RESCUE_EVENT: "rescue treatment",
}


def strategies(estimand: Estimand) -> Mapping[str, Strategy]:
    """Return the strategy for each intercurrent event, by the event."""
    return {
        DEATH_EVENT: estimand.death,
        STOP_EVENT: estimand.discontinuation,
        MISSING_EVENT: estimand.missing,
        RESCUE_EVENT: estimand.rescue,
    }


def refusals(estimand: Estimand, kind: EndpointKind) -> Iterator[tuple[str, str, str]]:
    """Give every strategy that cannot be carried out: the event, the problem and the way out."""
    for event, strategy in strategies(estimand).items():
        if strategy is Strategy.COMPOSITE_FAILURE:
            yield from _composite(estimand, kind, event)
        if strategy is Strategy.WHILE_ON_TREATMENT:
            yield from _on_treatment(kind, event)


def endpoint_refusals(estimand: Estimand, endpoint: Endpoint) -> Iterator[tuple[str, str, str]]:
    """Give what the events of an endpoint itself do not allow."""
    composite = estimand.death is Strategy.COMPOSITE_FAILURE
    if endpoint.kind is EndpointKind.TIME_TO_EVENT and DEATH in endpoint.first_of and not composite:
        problem = "death is one of the awaited events, so it counts as one."
        yield DEATH_EVENT, problem, "Write 'death: composite_failure' or take death from 'first_of'."
    hierarchical = endpoint.kind is EndpointKind.HIERARCHICAL
    with_survival = any(step.what is ComponentKind.SURVIVAL for step in endpoint.order)
    if hierarchical and with_survival and estimand.death in NOT_IN_A_HIERARCHY:
        problem = "survival is one of the steps, so a death counts as what it is."
        yield DEATH_EVENT, problem, "Write 'death: composite_failure'."
    survival_first = bool(endpoint.order) and endpoint.order[0].what is ComponentKind.SURVIVAL
    if hierarchical and composite and not survival_first:
        problem = "death can count as the worst outcome only where survival is compared first."
        yield DEATH_EVENT, problem, "Begin 'order' with {what: survival}."


def _composite(estimand: Estimand, kind: EndpointKind, event: str) -> Iterator[tuple[str, str, str]]:
    ranked = estimand.summary is Summary.RANKS and kind is not EndpointKind.LONGITUDINAL
    if kind in MEANS and not ranked:
        remedy = "Use while_alive, hypothetical or a responder endpoint; ranks know a worst value."
        yield event, "a change has no value that means failure, so a mean cannot count it as one.", remedy
    if kind is EndpointKind.HIERARCHICAL and event != DEATH_EVENT:
        problem = "what is missing in one step is a tie there, and the next step is compared."
        yield event, problem, f"Write '{event}: hypothetical' (or treatment_policy)."


def _on_treatment(kind: EndpointKind, event: str) -> Iterator[tuple[str, str, str]]:
    if event not in (STOP_EVENT, RESCUE_EVENT):
        problem = f"while on treatment says nothing about {EVENTS_IN_WORDS[event]}."
        yield event, problem, "Use it for discontinuation or rescue."
    elif kind not in LAST_VALUE:
        problem = f"an endpoint of kind {kind.value} has no last value on treatment."
        yield event, problem, "Use hypothetical, or while_alive."


def population_note(population: AnalysisSet) -> str | None:
    """Return what must be said of an analysis set that is not everybody randomised."""
    match population:
        case AnalysisSet.ALL_RANDOMISED:
            return None
        case AnalysisSet.TREATED:
            return (
                "Only those who began treatment are analysed: the arms compared may not be the arms "
                "randomised."
            )
        case AnalysisSet.PER_PROTOCOL:
            return (
                "Per protocol: those who stopped treatment early or were rescued are left out. Both come "
                "after randomisation and may depend on treatment, so the arms compared are not the arms "
                "randomised."
            )
        case _:
            assert_never(population)
