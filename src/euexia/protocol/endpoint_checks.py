"""What must be true of endpoints, estimands and analyses beyond the form of the file."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.protocol.analysis_checks import check_analyses
from euexia.protocol.analysis_plan import EVENTS, Endpoint, EndpointKind, Role
from euexia.protocol.composed_endpoint_checks import check_order, check_time_to_event
from euexia.protocol.condition import leaves
from euexia.protocol.endpoint_visit_checks import check_day, check_reading
from euexia.protocol.estimand_checks import check_estimands
from euexia.protocol.reading import Parts
from euexia.protocol.statement import Quantity


def check_analysis_plan(reader: Reader, parts: Parts) -> None:
    """Note every fault in endpoints, estimands and analyses."""
    for endpoint in parts.readable("endpoints"):
        _check_endpoint(reader, parts, endpoint)
    check_estimands(reader, parts)
    check_analyses(reader, parts)
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
            _check_condition(reader, parts, endpoint, f"{place}.condition")
        case EndpointKind.CHANGE | EndpointKind.PERCENT_CHANGE | EndpointKind.LONGITUDINAL:
            _check_measured(reader, parts, endpoint, place)
            _check_days(reader, parts, endpoint, f"{place}.days")
        case EndpointKind.CATEGORY:
            _check_measured(reader, parts, endpoint, place)
            if endpoint.measure not in (None, "tumour_size"):
                problem = f"there is no categorical definition for '{endpoint.measure}'."
                remedy = "RECIST categories are defined for 'tumour_size'."
                reader.fault_at(f"{place}.measure", problem, remedy)
        case EndpointKind.EVENT_COUNT:
            _require(reader, endpoint, "events", ("condition", "measure"), place)
            _check_events(reader, parts, endpoint, place)
        case EndpointKind.TIME_TO_EVENT:
            check_time_to_event(reader, parts, endpoint, place)
        case EndpointKind.HIERARCHICAL:
            check_order(reader, parts, endpoint, place)
        case _:
            assert_never(endpoint.kind)
    _check_keys_of_other_kinds(reader, endpoint, place)


def _check_condition(reader: Reader, parts: Parts, endpoint: Endpoint, place: str) -> None:
    for leaf in leaves(endpoint.condition) if endpoint.condition else ():
        changes = leaf.of is not Quantity.VALUE and leaf.over is None
        check_reading(reader, parts, endpoint, leaf.measure or "", place, baseline=changes)


def _check_measured(reader: Reader, parts: Parts, endpoint: Endpoint, place: str) -> None:
    _require(reader, endpoint, "measure", ("condition", "events"), place)
    if endpoint.measure is not None:
        check_reading(reader, parts, endpoint, endpoint.measure, f"{place}.measure", baseline=True)


def _check_days(reader: Reader, parts: Parts, endpoint: Endpoint, place: str) -> None:
    """Note days of an endpoint on which nothing is read, or that do not end on its own day."""
    if not endpoint.days:
        return
    if list(endpoint.days) != sorted(set(endpoint.days)) or endpoint.days[-1] != endpoint.day:
        remedy = "Write each once, in increasing order, the endpoint's own day last."
        reader.fault_at(place, f"the days do not lead up to day {endpoint.day:g}.", remedy)
    for day in endpoint.days:
        check_reading(
            reader, parts, replace(endpoint, day=day), endpoint.measure or "", place, baseline=False
        )


def _check_keys_of_other_kinds(reader: Reader, endpoint: Endpoint, place: str) -> None:
    of_change = (EndpointKind.CHANGE, EndpointKind.PERCENT_CHANGE, EndpointKind.LONGITUDINAL)
    for name, kinds in (
        ("days", of_change),
        ("first_of", (EndpointKind.TIME_TO_EVENT,)),
        ("competing", (EndpointKind.TIME_TO_EVENT,)),
        ("order", (EndpointKind.HIERARCHICAL,)),
    ):
        if getattr(endpoint, name) and endpoint.kind not in kinds:
            problem = f"an endpoint of kind {endpoint.kind.value} has no '{name}'."
            reader.fault_at(f"{place}.{name}", problem, f"Take '{name}' away or change the kind.")


def _require(reader: Reader, endpoint: Endpoint, wanted: str, unwanted: tuple[str, ...], place: str) -> None:
    if getattr(endpoint, wanted) is None:
        reader.fault_at(
            place, f"an endpoint of kind {endpoint.kind.value} needs '{wanted}'.", f"Add '{wanted}:'."
        )
    for name in unwanted:
        if getattr(endpoint, name) is not None:
            problem = f"an endpoint of kind {endpoint.kind.value} has no '{name}'."
            reader.fault_at(f"{place}.{name}", problem, f"Take '{name}' away or change the kind.")


def _check_events(reader: Reader, parts: Parts, endpoint: Endpoint, place: str) -> None:
    if endpoint.events is not None and endpoint.events not in EVENTS:
        problem = f"there is no event called '{endpoint.events}'."
        reader.fault_at(f"{place}.events", problem, did_you_mean(endpoint.events, EVENTS))
    check_day(reader, parts, endpoint, place)
