"""What must be true of times to events and of hierarchical endpoints."""

from __future__ import annotations

from typing import assert_never

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.protocol.analysis_plan import (
    CONDITION,
    EVENTS,
    HAPPENINGS,
    PROGRESSION,
    Component,
    ComponentKind,
    Endpoint,
)
from euexia.protocol.condition import leaves
from euexia.protocol.endpoint_visit_checks import check_day, check_read_after, check_reading
from euexia.protocol.reading import Parts


def check_time_to_event(reader: Reader, parts: Parts, endpoint: Endpoint, place: str) -> None:
    """Note what is wrong with the events a time to event waits for."""
    awaited = (*endpoint.first_of, *endpoint.competing)
    if not endpoint.first_of:
        reader.fault_at(place, "a time to event needs 'first_of'.", "Write for example 'first_of: [death]'.")
    for name in awaited:
        if name not in HAPPENINGS:
            problem = f"there is no event called '{name}'."
            reader.fault_at(f"{place}.first_of", problem, did_you_mean(name, HAPPENINGS))
    for name in set(endpoint.first_of) & set(endpoint.competing):
        problem = f"'{name}' is awaited and competing at once."
        reader.fault_at(f"{place}.competing", problem, "Keep it in one of the two.")
    unwanted = ("measure", "events") if CONDITION in awaited else ("measure", "events", "condition")
    remedy = "Name what is awaited in 'first_of'; 'condition' may be one of them."
    _check_unwanted(reader, endpoint, unwanted, place, remedy)
    _check_awaited_readings(reader, parts, endpoint, place)
    check_day(reader, parts, endpoint, place)


def _check_unwanted(
    reader: Reader, endpoint: Endpoint, unwanted: tuple[str, ...], place: str, remedy: str
) -> None:
    for name in unwanted:
        if getattr(endpoint, name) is not None:
            problem = f"this endpoint of kind {endpoint.kind.value} has no '{name}'."
            reader.fault_at(f"{place}.{name}", problem, remedy)


def _check_awaited_readings(reader: Reader, parts: Parts, endpoint: Endpoint, place: str) -> None:
    awaited = (*endpoint.first_of, *endpoint.competing)
    if CONDITION in awaited and endpoint.condition is None:
        reader.fault_at(place, "the awaited condition is missing.", "Add 'condition:'.")
    for leaf in leaves(endpoint.condition) if endpoint.condition else ():
        check_read_after(reader, parts, endpoint, leaf.measure or "", f"{place}.condition")
    if PROGRESSION in awaited:
        check_read_after(reader, parts, endpoint, "tumour_size", f"{place}.first_of")


def check_order(reader: Reader, parts: Parts, endpoint: Endpoint, place: str) -> None:
    """Note what is wrong with the steps of a hierarchical endpoint."""
    remedy = "Name what is compared in 'order'."
    _check_unwanted(reader, endpoint, ("measure", "events", "condition"), place, remedy)
    if not endpoint.order:
        remedy = "Write for example 'order: [{what: survival}, {what: change, measure: body_weight}]'."
        reader.fault_at(place, "a hierarchical endpoint needs 'order'.", remedy)
    for index, component in enumerate(endpoint.order, start=1):
        _check_component(reader, parts, endpoint, component, f"{place}.order.{index}")
    check_day(reader, parts, endpoint, place)


def _check_component(
    reader: Reader, parts: Parts, endpoint: Endpoint, component: Component, place: str
) -> None:
    if component.tie_within < 0:
        reader.fault_at(f"{place}.tie_within", "a tie cannot be negative.", "Write 0 or more.")
    match component.what:
        case ComponentKind.SURVIVAL:
            return
        case ComponentKind.EVENTS:
            if component.events not in EVENTS:
                problem = f"there is no event called '{component.events}'."
                reader.fault_at(f"{place}.events", problem, did_you_mean(str(component.events), EVENTS))
        case ComponentKind.CHANGE | ComponentKind.PERCENT_CHANGE | ComponentKind.VALUE:
            baseline = component.what is not ComponentKind.VALUE
            check_reading(reader, parts, endpoint, component.measure or "", place, baseline=baseline)
        case _:
            assert_never(component.what)
