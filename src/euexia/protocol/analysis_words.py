"""Endpoints, estimands and analyses in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_plan import (
    Analysis,
    Endpoint,
    EndpointKind,
    Estimand,
    Method,
    Role,
    Strategy,
    Summary,
)
from euexia.protocol.condition import duration_in_words, in_words, percent
from euexia.protocol.protocol import Protocol
from euexia.protocol.sections import Bullets, Section, Table
from euexia.protocol.statement import Status

FAILURE: Mapping[EndpointKind, str] = {
    EndpointKind.RESPONDER: "counts as no response",
    EndpointKind.CHANGE: "counts as failure",
    EndpointKind.EVENT_COUNT: "counts as an event",
    EndpointKind.CATEGORY: "counts as failure",
}
SUMMARIES: Mapping[Summary, str] = {
    Summary.PROPORTION: "share of patients who respond",
    Summary.MEAN: "mean change",
    Summary.RATE: "share of patients with an event, and events per time",
    Summary.COUNTS: "number of patients in each category",
}


def endpoint_section(protocol: Protocol) -> Section:
    """Return what is looked at."""
    primary = [endpoint for endpoint in protocol.endpoints if endpoint.role is Role.PRIMARY]
    others = [endpoint for endpoint in protocol.endpoints if endpoint.role is not Role.PRIMARY]
    rows = tuple(
        (endpoint.role.value, endpoint.label, duration_in_words(endpoint.day), _measured(endpoint))
        for endpoint in (*primary, *others)
    )
    return Section(
        title="Endpoints", blocks=(Table(columns=("Role", "Endpoint", "At", "What it is"), rows=rows),)
    )


def _measured(endpoint: Endpoint) -> str:
    mark = " (assumed)" if endpoint.status is Status.ASSUMED else ""
    match endpoint.kind:
        case EndpointKind.RESPONDER:
            rule = in_words(endpoint.condition) if endpoint.condition is not None else ""
            return f"response: {rule}{mark}"
        case EndpointKind.CHANGE:
            return f"change of {_short(endpoint)} from baseline{mark}"
        case EndpointKind.EVENT_COUNT:
            return f"number of {str(endpoint.events).replace('_', ' ')}s from day 0{mark}"
        case EndpointKind.CATEGORY:
            return f"category of {_short(endpoint)} against baseline and its smallest value{mark}"
        case _:
            assert_never(endpoint.kind)


def _short(endpoint: Endpoint) -> str:
    return MEASURES[endpoint.measure].short if endpoint.measure is not None else ""


def estimand_section(protocol: Protocol) -> Section:
    """Return what is done about death, stopped treatment and missing readings."""
    rows = tuple(
        (
            endpoint.label,
            strategy_in_words(estimand.death, endpoint.kind),
            strategy_in_words(estimand.discontinuation, endpoint.kind),
            strategy_in_words(estimand.missing, endpoint.kind),
            SUMMARIES[estimand.summary] + (" (assumed)" if estimand.status is Status.ASSUMED else ""),
        )
        for endpoint, estimand in _pairs(protocol)
    )
    columns = ("Endpoint", "Death before", "Treatment stopped", "Reading missing", "Summed up as")
    return Section(title="What counts when things go otherwise", blocks=(Table(columns=columns, rows=rows),))


def _pairs(protocol: Protocol) -> list[tuple[Endpoint, Estimand]]:
    return [(endpoint, protocol.estimands[endpoint.name]) for endpoint in protocol.endpoints]


def strategy_in_words(strategy: Strategy, kind: EndpointKind) -> str:
    """Return what a strategy makes of an event, for an endpoint of this kind."""
    match strategy:
        case Strategy.COMPOSITE_FAILURE:
            return FAILURE[kind]
        case Strategy.WHILE_ALIVE:
            return "what was seen up to then counts"
        case Strategy.TREATMENT_POLICY:
            return "makes no difference: what is observed counts"
        case Strategy.HYPOTHETICAL:
            return "values are treated as missing"
        case Strategy.EXCLUDE:
            return "the patient leaves this analysis"
        case _:
            assert_never(strategy)


def analysis_section(protocol: Protocol) -> Section:
    """Return the planned analyses, the primary ones first."""
    ordered = sorted(protocol.analyses, key=lambda analysis: not analysis.primary)
    return Section(
        title="Analyses", blocks=(Bullets(items=tuple(_analysis(protocol, item) for item in ordered)),)
    )


def _analysis(protocol: Protocol, analysis: Analysis) -> str:
    labels = {arm.name: arm.label for arm in protocol.arms}
    endpoint = next(item.label for item in protocol.endpoints if item.name == analysis.endpoint)
    who = labels[analysis.arm]
    if analysis.control is not None:
        who += f" against {labels[analysis.control]}"
    lead = "Primary: " if analysis.primary else ""
    side = "one-sided" if analysis.one_sided else "two-sided"
    mark = " (assumed)" if analysis.status is Status.ASSUMED else ""
    how = f"{_method(analysis)}; {side} level {percent(analysis.alpha)}"
    if analysis.method is Method.CATEGORY_TABLE:
        how = _method(analysis)
    return f"{lead}{endpoint}, {who}: {how}{mark}."


def _method(analysis: Analysis) -> str:
    match analysis.method:
        case Method.EXACT_BINOMIAL:
            hoped = f", hoping for {percent(analysis.alternative)}" if analysis.alternative else ""
            return f"exact binomial test against a response rate of {percent(analysis.null or 0.0)}{hoped}"
        case Method.FISHER:
            return "Fisher's exact test, with the difference in response rates"
        case Method.BOSCHLOO:
            return "Boschloo's exact test, with the difference in response rates"
        case Method.MEAN_DIFFERENCE:
            return "difference in mean change, adjusted for the baseline value"
        case Method.EVENT_RATE:
            return "share of patients with an event, and events per patient-week"
        case Method.CATEGORY_TABLE:
            return "counts of each category"
        case _:
            assert_never(analysis.method)
