"""The steps of a hierarchical endpoint: survival, then what people can do, then what they weigh."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.criteria.measures import MEASURES
from euexia.endpoints import windows
from euexia.endpoints.histories import chosen_events, column, readings_of
from euexia.endpoints.series import change_of
from euexia.endpoints.table import Step
from euexia.protocol.analysis_plan import Component, ComponentKind, Endpoint, EndpointKind
from euexia.protocol.protocol import Protocol
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def steps(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> tuple[Step, ...]:
    """Return each step of a hierarchical endpoint as arrays of shape (trials, subjects)."""
    if not endpoint.order:
        raise InputError(f"Endpoint '{endpoint.name}' compares nothing. Name its steps in 'order'.")
    return tuple(_step(data, protocol, endpoint, component) for component in endpoint.order)


def _step(data: TrialData, protocol: Protocol, endpoint: Endpoint, component: Component) -> Step:
    event: Flags | None = None
    match component.what:
        case ComponentKind.SURVIVAL:
            value, event = survival(data, endpoint.day)
        case ComponentKind.EVENTS:
            value = _count(data, component.events or "", endpoint.day)
        case ComponentKind.CHANGE | ComponentKind.PERCENT_CHANGE | ComponentKind.VALUE:
            value = _measured(data, protocol, endpoint, component)
        case _:
            assert_never(component.what)
    fewer_is_better = component.what is ComponentKind.EVENTS
    return Step(
        label=_label(component),
        value=value,
        event=event,
        tie_within=component.tie_within,
        higher_is_better=component.higher_is_better and not fewer_is_better,
    )


def survival(data: TrialData, day: float) -> tuple[Floats, Flags]:
    """Return the last day known alive, up to ``day``, and whether it ended in death."""
    death = column(data, "death_day")
    with np.errstate(invalid="ignore"):
        died = death <= day + windows.DAY_TOLERANCE
    ends = [column(data, name) for name in ("withdrawal_day", "last_contact_day")]
    followed = np.fmin.reduce([np.full(death.shape, day), *ends])
    return np.where(died, death, np.maximum(followed, 0.0)), np.asarray(died, dtype=bool)


def _count(data: TrialData, term: str, day: float) -> Floats:
    events = data.events
    chosen = chosen_events(events, term, day)
    count = np.zeros((data.trials, data.size))
    np.add.at(count, (events.trial[chosen], events.subject[chosen]), 1.0)
    return count


def _measured(data: TrialData, protocol: Protocol, endpoint: Endpoint, component: Component) -> Floats:
    measure = component.measure or ""
    readings = readings_of(data, endpoint, measure)
    window = windows.window_of(protocol, endpoint, measure)
    now = windows.nearest(readings, endpoint.day, window).value
    if component.what is ComponentKind.VALUE:
        return now
    relative = component.what is ComponentKind.PERCENT_CHANGE
    kind = EndpointKind.PERCENT_CHANGE if relative else EndpointKind.CHANGE
    return change_of(windows.baseline(readings).value, now, kind)


def _label(component: Component) -> str:
    if component.measure is not None and component.measure in MEASURES:
        return f"{component.what.value.replace('_', ' ')} of {MEASURES[component.measure].short}"
    return component.events.replace("_", " ") if component.events is not None else component.what.value
