"""What must be true of endpoints, estimands and analyses beyond the form of the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_plan import (
    EVENTS,
    Analysis,
    Endpoint,
    EndpointKind,
    Estimand,
    Method,
    Role,
    Strategy,
    Summary,
)
from euexia.protocol.condition import leaves
from euexia.protocol.protocol import Schedule
from euexia.protocol.reading import Parts
from euexia.protocol.schedule_checks import is_measured, visits_on
from euexia.protocol.statement import Quantity

SUMMARIES: Mapping[EndpointKind, Summary] = {
    EndpointKind.RESPONDER: Summary.PROPORTION,
    EndpointKind.CHANGE: Summary.MEAN,
    EndpointKind.EVENT_COUNT: Summary.RATE,
    EndpointKind.CATEGORY: Summary.COUNTS,
}
METHODS: Mapping[EndpointKind, tuple[Method, ...]] = {
    EndpointKind.RESPONDER: (Method.EXACT_BINOMIAL, Method.FISHER, Method.BOSCHLOO),
    EndpointKind.CHANGE: (Method.MEAN_DIFFERENCE,),
    EndpointKind.EVENT_COUNT: (Method.EVENT_RATE,),
    EndpointKind.CATEGORY: (Method.CATEGORY_TABLE,),
}


def check_analysis_plan(reader: Reader, parts: Parts) -> None:
    """Note every fault in endpoints, estimands and analyses."""
    for endpoint in parts.readable("endpoints"):
        _check_endpoint(reader, parts, endpoint)
    _check_estimands(reader, parts)
    for analysis in parts.readable("analyses"):
        _check_analysis(reader, parts, analysis)
    if parts.is_whole("endpoints") and not _primary(parts):
        reader.fault_at("endpoints", "there is no primary endpoint.", "Give one of them 'role: primary'.")
    if parts.is_whole("analyses") and parts.is_whole("endpoints"):
        planned = {analysis.endpoint for analysis in parts.readable("analyses") if analysis.primary}
        for name in _primary(parts):
            if name not in planned:
                problem = f"no primary analysis of the primary endpoint '{name}' is planned."
                reader.fault_at("analyses", problem, "Mark one with 'primary: true'.")


def _primary(parts: Parts) -> list[str]:
    return [endpoint.name for endpoint in parts.readable("endpoints") if endpoint.role is Role.PRIMARY]


def _check_endpoint(reader: Reader, parts: Parts, endpoint: Endpoint) -> None:
    place = f"endpoints.{endpoint.name}"
    match endpoint.kind:
        case EndpointKind.RESPONDER:
            _require(reader, endpoint, "condition", ("measure", "events"), place)
            for leaf in leaves(endpoint.condition) if endpoint.condition else ():
                changes = leaf.of is not Quantity.VALUE and leaf.over is None
                _check_reading(
                    reader, parts, endpoint, leaf.measure or "", f"{place}.condition", baseline=changes
                )
        case EndpointKind.CHANGE | EndpointKind.CATEGORY:
            _require(reader, endpoint, "measure", ("condition", "events"), place)
            if endpoint.measure is not None:
                _check_reading(reader, parts, endpoint, endpoint.measure, f"{place}.measure", baseline=True)
        case EndpointKind.EVENT_COUNT:
            _require(reader, endpoint, "events", ("condition", "measure"), place)
            _check_events(reader, parts, endpoint, place)
        case _:
            assert_never(endpoint.kind)
    if endpoint.kind is EndpointKind.CATEGORY and endpoint.measure not in (None, "tumour_size"):
        problem = f"there is no categorical definition for '{endpoint.measure}'."
        reader.fault_at(f"{place}.measure", problem, "RECIST categories are defined for 'tumour_size'.")


def _require(reader: Reader, endpoint: Endpoint, wanted: str, unwanted: tuple[str, ...], place: str) -> None:
    if getattr(endpoint, wanted) is None:
        reader.fault_at(
            place, f"an endpoint of kind {endpoint.kind.value} needs '{wanted}'.", f"Add '{wanted}:'."
        )
    for name in unwanted:
        if getattr(endpoint, name) is not None:
            problem = f"an endpoint of kind {endpoint.kind.value} has no '{name}'."
            reader.fault_at(f"{place}.{name}", problem, f"Take '{name}' away or change the kind.")


def _check_reading(
    reader: Reader, parts: Parts, endpoint: Endpoint, measure: str, place: str, *, baseline: bool
) -> None:
    if measure not in MEASURES:
        reader.fault_at(place, f"there is no measure called '{measure}'.", did_you_mean(measure, MEASURES))
        return
    if not parts.is_whole("visits"):
        return
    for day in (0.0, endpoint.day) if baseline else (endpoint.day,):
        if not any(is_measured(measure, visit) for visit in visits_on(parts, day)):
            days = [f"{visit.day:g}" for visit in parts.readable("visits") if is_measured(measure, visit)]
            measured = f"It is measured on day {', '.join(days)}." if days else "No visit measures it."
            problem = f"no visit measures '{measure}' on day {day:g}."
            reader.fault_at(place, problem, f"{measured} Add it to a visit on that day.")


def _check_events(reader: Reader, parts: Parts, endpoint: Endpoint, place: str) -> None:
    if endpoint.events is not None and endpoint.events not in EVENTS:
        problem = f"there is no event called '{endpoint.events}'."
        reader.fault_at(f"{place}.events", problem, did_you_mean(endpoint.events, EVENTS))
    schedule: Schedule | None = parts.values.get("schedule")
    if schedule is not None and not 0 < endpoint.day <= schedule.follow_up:
        problem = (
            f"events are counted from day 0 to {schedule.follow_up:g} only, not to day {endpoint.day:g}."
        )
        reader.fault_at(f"{place}.day", problem, "Count to an earlier day or lengthen 'schedule.follow_up'.")


def _check_estimands(reader: Reader, parts: Parts) -> None:
    kinds = {endpoint.name: endpoint.kind for endpoint in parts.readable("endpoints")}
    for name in parts.known("endpoints"):
        if name not in parts.known("estimands"):
            problem = f"the endpoint '{name}' has no estimand."
            remedy = f"Add '{name}:' with death, discontinuation, missing and summary."
            reader.fault_at("estimands", problem, remedy)
    for name in parts.known("estimands"):
        if name not in parts.known("endpoints"):
            problem = f"there is no endpoint called '{name}'."
            reader.fault_at(f"estimands.{name}", problem, did_you_mean(name, parts.known("endpoints")))
    for estimand in parts.readable("estimands"):
        if estimand.endpoint in kinds:
            _check_strategies(reader, estimand, kinds[estimand.endpoint])


def _check_strategies(reader: Reader, estimand: Estimand, kind: EndpointKind) -> None:
    place = f"estimands.{estimand.endpoint}"
    chosen = {
        "death": estimand.death,
        "discontinuation": estimand.discontinuation,
        "missing": estimand.missing,
    }
    for event, strategy in chosen.items():
        if kind is EndpointKind.CHANGE and strategy is Strategy.COMPOSITE_FAILURE:
            problem = "a change has no value that means failure, so a mean cannot count it as one."
            reader.fault_at(
                f"{place}.{event}", problem, "Use while_alive, hypothetical or a responder endpoint."
            )
        if event != "discontinuation" and kind is not EndpointKind.EVENT_COUNT:
            _check_value_exists(reader, f"{place}.{event}", event, strategy)
    if estimand.summary is not SUMMARIES[kind]:
        problem = f"'{estimand.summary.value}' does not sum up an endpoint of kind {kind.value}."
        reader.fault_at(f"{place}.summary", problem, f"Write 'summary: {SUMMARIES[kind].value}'.")


def _check_value_exists(reader: Reader, place: str, event: str, strategy: Strategy) -> None:
    if strategy is not Strategy.TREATMENT_POLICY:
        return
    problem = {
        "death": "the observed value cannot count: after death there is none.",
        "missing": "the observed value cannot count where none was observed.",
    }[event]
    reader.fault_at(place, problem, "Use composite_failure, while_alive, hypothetical or survivors_only.")


def _check_analysis(reader: Reader, parts: Parts, analysis: Analysis) -> None:
    place = f"analyses.{analysis.name}"
    kinds = {endpoint.name: endpoint.kind for endpoint in parts.readable("endpoints")}
    if analysis.endpoint not in parts.known("endpoints"):
        problem = f"there is no endpoint called '{analysis.endpoint}'."
        reader.fault_at(
            f"{place}.endpoint", problem, did_you_mean(analysis.endpoint, parts.known("endpoints"))
        )
    elif analysis.endpoint in kinds and analysis.method not in METHODS[kinds[analysis.endpoint]]:
        kind = kinds[analysis.endpoint]
        methods = ", ".join(method.value for method in METHODS[kind])
        problem = f"'{analysis.method.value}' does not suit an endpoint of kind {kind.value}."
        reader.fault_at(f"{place}.method", problem, f"Use {methods}.")
    for role in ("arm", "control"):
        name = getattr(analysis, role)
        if name is not None and name not in parts.known("arms"):
            problem = f"there is no arm called '{name}'."
            reader.fault_at(f"{place}.{role}", problem, did_you_mean(name, parts.known("arms")))
    _check_comparison(reader, analysis, place)
    if not 0 < analysis.alpha <= 0.5:
        problem = f"a significance level of {100 * analysis.alpha:g} % cannot be used."
        reader.fault_at(f"{place}.alpha", problem, "Give a level between 0 % and 50 %.")


def _check_comparison(reader: Reader, analysis: Analysis, place: str) -> None:
    single = analysis.method is Method.EXACT_BINOMIAL
    if single and analysis.control is not None:
        problem = "an arm against a fixed rate has no control arm."
        reader.fault_at(f"{place}.control", problem, "Take 'control' away or use fisher or boschloo.")
    if not single and analysis.control in (None, analysis.arm):
        remedy = "Name another arm as 'control'."
        reader.fault_at(f"{place}.control", f"'{analysis.method.value}' compares two arms.", remedy)
    if single and analysis.null is None:
        reader.fault_at(place, "the response rate under the null hypothesis is missing.", "Add 'null:'.")
    for name in ("null", "alternative"):
        rate = getattr(analysis, name)
        if rate is not None and not 0 < rate < 1:
            problem = f"a response rate of {100 * rate:g} % cannot be tested."
            reader.fault_at(f"{place}.{name}", problem, "Give a rate between 0 % and 100 %.")
    if (
        analysis.null is not None
        and analysis.alternative is not None
        and analysis.alternative <= analysis.null
    ):
        problem = "the rate hoped for is not above the rate under the null hypothesis."
        reader.fault_at(f"{place}.alternative", problem, "Exchange or correct the two.")
