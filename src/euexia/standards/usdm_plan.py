"""Objectives, endpoints, estimands, eligibility and population of a protocol as USDM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from euexia.core.logic import Comparison
from euexia.protocol.analysis_plan import AnalysisSet, Endpoint, EndpointKind, Estimand, Role, Strategy
from euexia.protocol.analysis_words import SUMMARIES, strategy_in_words
from euexia.protocol.condition import duration_in_words, in_words
from euexia.protocol.protocol import Criterion, Protocol
from euexia.standards import usdm_codes as codes
from euexia.standards.usdm_extension import attribute, plain
from euexia.standards.usdm_objects import Maker, Object, chained
from euexia.standards.usdm_treatments import Structure

SETS: Mapping[AnalysisSet, str] = {
    AnalysisSet.ALL_RANDOMISED: "Every randomised patient, in the arm allotted",
    AnalysisSet.TREATED: "Those who began treatment",
    AnalysisSet.PER_PROTOCOL: "Those who neither stopped treatment early nor were rescued",
}
EVENTS: Mapping[str, str] = {
    "death": "Death",
    "discontinuation": "Treatment stopped for any reason other than death",
    "rescue": "Rescue nutrition or a corticosteroid against loss of appetite begun",
}
"""Intercurrent events, by the field of an estimand that says what becomes of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aims:
    """What the trial is to show."""

    objectives: list[Object]
    estimands: list[Object]
    sets: list[Object]


def aims(maker: Maker, protocol: Protocol, structure: Structure) -> Aims:
    """Return objectives with their endpoints, estimands and analysis sets."""
    endpoints = {endpoint.name: _endpoint(maker, endpoint) for endpoint in protocol.endpoints}
    objectives = []
    for role in Role:
        mine = [endpoints[item.name] for item in protocol.endpoints if item.role is role]
        if mine:
            objectives.append(_objective(maker, protocol, role, mine))
    used = dict.fromkeys(estimand.population for estimand in protocol.estimands.values())
    sets = {item: _analysis_set(maker, item) for item in used}
    kinds = {endpoint.name: endpoint for endpoint in protocol.endpoints}
    estimands = [
        _estimand(
            maker,
            estimand,
            kinds[estimand.about],
            variable=endpoints[estimand.about]["id"],
            population=sets[estimand.population]["id"],
            interventions=_compared(protocol, estimand, structure),
        )
        for estimand in protocol.estimands.values()
    ]
    return Aims(objectives=objectives, estimands=estimands, sets=list(sets.values()))


def _compared(protocol: Protocol, estimand: Estimand, structure: Structure) -> list[str]:
    named = [
        name
        for analysis in protocol.analyses
        if analysis.estimand_name == estimand.endpoint
        for name in (analysis.arm, analysis.control)
    ]
    return structure.of(*(named or [arm.name for arm in protocol.arms]))


def _endpoint(maker: Maker, endpoint: Endpoint) -> Object:
    safety = endpoint.kind is EndpointKind.EVENT_COUNT
    return maker.make(
        "Endpoint",
        extensions=[attribute(maker, "endpoint", plain(endpoint))],
        name=endpoint.name,
        label=endpoint.label,
        description=None,
        text=f"{endpoint.label}, at {duration_in_words(endpoint.day)}",
        dictionaryId=None,
        notes=[],
        purpose="Safety" if safety else "Efficacy",
        level=maker.code(codes.ENDPOINT_LEVEL[endpoint.role]),
    )


def _objective(maker: Maker, protocol: Protocol, role: Role, endpoints: list[Object]) -> Object:
    primary = protocol.objective or protocol.question
    text = primary if role is Role.PRIMARY else "To assess the secondary endpoints"
    return maker.make(
        "Objective",
        name=role.value,
        label=f"{role.value.capitalize()} objective",
        description=None,
        text=text,
        dictionaryId=None,
        notes=[],
        level=maker.code(codes.OBJECTIVE_LEVEL[role]),
        endpoints=endpoints,
    )


def _analysis_set(maker: Maker, found: AnalysisSet) -> Object:
    return maker.make(
        "AnalysisPopulation",
        name=found.value,
        label=found.value.replace("_", " ").capitalize(),
        description=None,
        text=SETS[found],
        subsetOfIds=[],
        notes=[],
    )


def _estimand(
    maker: Maker,
    estimand: Estimand,
    endpoint: Endpoint,
    *,
    variable: str,
    population: str,
    interventions: list[str],
) -> Object:
    only = f", only those with {in_words(estimand.subgroup)}" if estimand.subgroup is not None else ""
    missing = strategy_in_words(estimand.missing, endpoint.kind)
    return maker.make(
        "Estimand",
        extensions=[attribute(maker, "estimand", plain(estimand))],
        name=estimand.endpoint,
        label=f"{endpoint.label}: {SUMMARIES[estimand.summary]}",
        description=None,
        populationSummary=SETS[estimand.population] + only,
        analysisPopulationId=population,
        interventionIds=interventions,
        variableOfInterestId=variable,
        intercurrentEvents=[
            _event(maker, estimand, endpoint, field)
            for field in EVENTS
            if field != "rescue" or estimand.rescue is not Strategy.TREATMENT_POLICY
        ],
        notes=[
            maker.note(f"A reading that is missing: {missing}. Summed up as: {SUMMARIES[estimand.summary]}.")
        ],
    )


def _event(maker: Maker, estimand: Estimand, endpoint: Endpoint, field: str) -> Object:
    strategy: Strategy = getattr(estimand, field)
    return maker.make(
        "IntercurrentEvent",
        name=f"{estimand.endpoint}_{field}",
        label=EVENTS[field],
        description=strategy_in_words(strategy, endpoint.kind),
        text=EVENTS[field],
        dictionaryId=None,
        notes=[],
        strategy=codes.STRATEGIES[strategy],
    )


def eligibility(maker: Maker, protocol: Protocol) -> tuple[list[Object], list[Object]]:
    """Return the criteria of the design, and their texts."""
    items = [_item(maker, criterion) for criterion in protocol.eligibility]
    criteria = [
        maker.make(
            "EligibilityCriterion",
            name=criterion.id,
            label=None,
            description=None,
            category=maker.code(codes.INCLUSION),
            identifier=f"I{number:02d}",
            criterionItemId=item["id"],
            notes=[],
        )
        for number, (criterion, item) in enumerate(zip(protocol.eligibility, items, strict=True), start=1)
    ]
    return chained(criteria), items


def _item(maker: Maker, criterion: Criterion) -> Object:
    return maker.make(
        "EligibilityCriterionItem",
        extensions=[attribute(maker, "criterion", plain(criterion))],
        name=criterion.id,
        label=None,
        description=f"Read as: {in_words(criterion.require)}",
        text=criterion.text,
        dictionaryId=None,
        notes=[],
    )


def population(maker: Maker, protocol: Protocol, criteria: list[Object]) -> Object:
    """Return whom the trial is of."""
    return maker.make(
        "StudyDesignPopulation",
        name="population",
        label=None,
        description="; ".join(protocol.conditions) or None,
        includesHealthySubjects=False,
        plannedEnrollmentNumber=maker.quantity(protocol.size),
        plannedCompletionNumber=None,
        plannedSex=[] if _sex_is_asked(protocol) else [maker.code(codes.MALE), maker.code(codes.FEMALE)],
        criterionIds=[criterion["id"] for criterion in criteria],
        plannedAge=_age(maker, protocol),
        notes=[],
        cohorts=[],
    )


def _sex_is_asked(protocol: Protocol) -> bool:
    return any(criterion.require.measure == "male" for criterion in protocol.eligibility)


def _age(maker: Maker, protocol: Protocol) -> Object | None:
    """Return the planned ages, None where the criteria do not give both ends."""
    ends: dict[bool, float] = {}
    for criterion in protocol.eligibility:
        leaf = criterion.require
        if leaf.measure == "age" and leaf.threshold is not None and leaf.comparison is not None:
            ends[leaf.comparison in (Comparison.AT_LEAST, Comparison.ABOVE)] = leaf.threshold
    if len(ends) < 2:
        return None
    return maker.make(
        "Range",
        minValue=maker.quantity(ends[True], codes.YEARS),
        maxValue=maker.quantity(ends[False], codes.YEARS),
        isApproximate=False,
    )
