"""What must be true of estimands: each endpoint has one, and each strategy can be carried out."""

from __future__ import annotations

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.protocol.analysis_methods import summaries_for
from euexia.protocol.analysis_plan import Endpoint, EndpointKind, Estimand, Strategy
from euexia.protocol.condition import leaves
from euexia.protocol.estimand_rules import (
    DEATH_EVENT,
    MISSING_EVENT,
    endpoint_refusals,
    refusals,
    strategies,
)
from euexia.protocol.reading import Parts
from euexia.protocol.schedule_checks import is_measured, visits_on
from euexia.protocol.statement import Quantity

KNOWN_OF_SUBJECTS = ("age",)
"""What is known of every patient without a visit."""


def check_estimands(reader: Reader, parts: Parts) -> None:
    """Note every fault in the estimands."""
    _check_names(reader, parts)
    endpoints = {endpoint.name: endpoint for endpoint in parts.readable("endpoints")}
    for estimand in parts.readable("estimands"):
        place = f"estimands.{estimand.endpoint}"
        if estimand.of is not None and estimand.of not in parts.known("endpoints"):
            problem = f"there is no endpoint called '{estimand.of}'."
            reader.fault_at(f"{place}.of", problem, did_you_mean(estimand.of, parts.known("endpoints")))
        _check_subgroup(reader, parts, estimand, place)
        if estimand.about in endpoints:
            _check_strategies(reader, estimand, endpoints[estimand.about])


def _check_names(reader: Reader, parts: Parts) -> None:
    """Note endpoints without an estimand, and estimands of nothing."""
    for name in parts.known("endpoints"):
        if name not in parts.known("estimands"):
            problem = f"the endpoint '{name}' has no estimand."
            remedy = f"Add '{name}:' with death, discontinuation, missing and summary."
            reader.fault_at("estimands", problem, remedy)
    further = {estimand.endpoint for estimand in parts.readable("estimands") if estimand.of is not None}
    for name in parts.known("estimands"):
        if name not in further and name not in parts.known("endpoints"):
            problem = f"there is no endpoint called '{name}'."
            reader.fault_at(f"estimands.{name}", problem, did_you_mean(name, parts.known("endpoints")))


def _check_subgroup(reader: Reader, parts: Parts, estimand: Estimand, place: str) -> None:
    for leaf in leaves(estimand.subgroup) if estimand.subgroup is not None else ():
        if leaf.of is not Quantity.VALUE:
            problem = "a subgroup is of values at baseline, not of changes."
            reader.fault_at(f"{place}.subgroup", problem, "Take 'of' away.")
        read = any(is_measured(leaf.measure or "", visit) for visit in visits_on(parts, 0.0))
        if parts.is_whole("visits") and not read and leaf.measure not in KNOWN_OF_SUBJECTS:
            problem = f"no visit measures '{leaf.measure}' on day 0."
            reader.fault_at(f"{place}.subgroup", problem, "Add it to the day-0 visit.")


def _check_strategies(reader: Reader, estimand: Estimand, endpoint: Endpoint) -> None:
    place, kind = f"estimands.{estimand.endpoint}", endpoint.kind
    for event, problem, remedy in (*refusals(estimand, kind), *endpoint_refusals(estimand, endpoint)):
        reader.fault_at(f"{place}.{event}", problem, remedy)
    if kind not in (EndpointKind.EVENT_COUNT, EndpointKind.TIME_TO_EVENT):
        for event in (DEATH_EVENT, MISSING_EVENT):
            _check_value_exists(reader, f"{place}.{event}", event, strategies(estimand)[event])
    if estimand.summary not in summaries_for(kind):
        problem = f"'{estimand.summary.value}' does not sum up an endpoint of kind {kind.value}."
        fitting = " or ".join(f"'summary: {summary.value}'" for summary in summaries_for(kind))
        reader.fault_at(f"{place}.summary", problem, f"Write {fitting}.")


def _check_value_exists(reader: Reader, place: str, event: str, strategy: Strategy) -> None:
    if strategy is not Strategy.TREATMENT_POLICY:
        return
    problem = {
        "death": "the observed value cannot count: after death there is none.",
        "missing": "the observed value cannot count where none was observed.",
    }[event]
    reader.fault_at(place, problem, "Use composite_failure, while_alive, hypothetical or survivors_only.")
