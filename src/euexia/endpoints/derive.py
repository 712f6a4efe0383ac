"""From trial data to endpoints, a whole stack of trials at once.  No estimand has decided yet."""

from __future__ import annotations

from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.choices import choose
from euexia.core.errors import InputError, TrialDataError
from euexia.core.logic import UNKNOWN, Truth
from euexia.criteria import tumour_response
from euexia.endpoints import windows
from euexia.endpoints.event_times import event_times
from euexia.endpoints.hierarchy import steps
from euexia.endpoints.histories import chosen_events, column, happened, history_of, readings_of
from euexia.endpoints.people import (
    HAPPENED,
    baseline_columns,
    off_treatment,
    populations,
    rescue_day,
    rescued_by,
)
from euexia.endpoints.series import change_of, mean_change, visit_series
from euexia.endpoints.table import DerivedEndpoint, EndpointTable
from euexia.protocol import condition as conditions
from euexia.protocol.analysis_plan import Endpoint, EndpointKind
from euexia.protocol.condition import MeasureHistory
from euexia.protocol.protocol import Protocol
from euexia.protocol.statement import Condition
from euexia.trialdata.checks import check
from euexia.trialdata.columns import TERMS
from euexia.trialdata.trialdata import TrialData

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TUMOUR_SIZE = "tumour_size"


def derive(trial_data: TrialData, protocol: Protocol) -> EndpointTable:
    """Derive every endpoint of the protocol for every randomised subject of every trial.

    Raises TrialDataError if the arrays are not trial data of this protocol, InputError if an endpoint asks
    for what no visit reads.
    """
    data = check(trial_data, plausible=False)
    _refuse_infinite(data)
    arms = tuple(arm.name for arm in protocol.arms)
    if data.arms != arms:
        raise TrialDataError(
            f"The trial data have the arms {', '.join(data.arms)}, but protocol '{protocol.id}' has "
            f"{', '.join(arms)}. Name and order must agree."
        )
    return EndpointTable(
        protocol_id=protocol.id,
        arms=arms,
        arm=np.asarray(data.subjects["arm"], dtype=np.int64),
        endpoints={
            endpoint.name: derive_endpoint(data, protocol, endpoint) for endpoint in protocol.endpoints
        },
        columns=baseline_columns(data, protocol),
    )


def _refuse_infinite(data: TrialData) -> None:
    """Raise TrialDataError if a reading is infinite: nothing that is derived from it would mean anything."""
    found = [measure for measure, part in data.readings.items() if np.isinf(part.value).any()]
    if found:
        raise TrialDataError(
            f"There are infinite readings of {', '.join(sorted(found))}. Correct them, or leave them empty "
            "if they were not taken."
        )


def derive_endpoint(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    """Derive one endpoint; a value is NaN where the readings do not decide it."""
    match endpoint.kind:
        case EndpointKind.RESPONDER:
            return _responder(data, protocol, endpoint)
        case EndpointKind.CHANGE | EndpointKind.PERCENT_CHANGE:
            return _change(data, protocol, endpoint)
        case EndpointKind.LONGITUDINAL:
            return _longitudinal(data, protocol, endpoint)
        case EndpointKind.TIME_TO_EVENT:
            return _time_to_event(data, protocol, endpoint)
        case EndpointKind.HIERARCHICAL:
            return _hierarchical(data, protocol, endpoint)
        case EndpointKind.EVENT_COUNT:
            return _event_count(data, protocol, endpoint)
        case EndpointKind.CATEGORY:
            return _category(data, protocol, endpoint)
        case _:
            assert_never(endpoint.kind)


def _responder(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    if endpoint.condition is None:
        raise InputError(
            f"Endpoint '{endpoint.name}' is a responder endpoint without a condition. Give it one."
        )
    readings = {
        measure: history_of(data, protocol, endpoint, measure)
        for measure in conditions.measures_of(endpoint.condition)
    }
    leaves = list(conditions.leaves(endpoint.condition))
    response = _as_floats(conditions.evaluate(endpoint.condition, readings))
    return _endpoint(
        data,
        protocol,
        endpoint,
        value=response,
        components={
            conditions.in_words(leaf): _as_floats(conditions.evaluate(leaf, readings)) for leaf in leaves
        },
        changes={leaf.measure: _compared(leaf, readings) for leaf in leaves if leaf.measure is not None},
    )


def _change(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    """Derive the change on the endpoint's day, or its mean over several days, each by its own visit."""
    measure = _measure(endpoint)
    readings = readings_of(data, endpoint, measure)
    first = windows.baseline(readings).value
    off = off_treatment(data)
    if endpoint.days:
        value, treated = mean_change(protocol, endpoint, readings, measure, off)
    else:
        window = windows.window_of(protocol, endpoint, measure)
        value = change_of(first, windows.nearest(readings, endpoint.day, window).value, endpoint.kind)
        last = windows.last_until(readings, np.fmin(off, endpoint.day))
        treated = change_of(first, last, endpoint.kind)
    return _endpoint(data, protocol, endpoint, value=value, baseline=first, on_treatment=treated)


def _longitudinal(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    measure = _measure(endpoint)
    readings = readings_of(data, endpoint, measure)
    series = visit_series(protocol, endpoint, readings, measure)
    return _endpoint(
        data,
        protocol,
        endpoint,
        value=series.value[..., -1],
        baseline=windows.baseline(readings).value,
        series=series,
    )


def _time_to_event(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    times = event_times(data, protocol, endpoint)
    value = np.fmin(np.fmin(times.awaited, times.competing), times.end)
    return _endpoint(data, protocol, endpoint, value=value, times=times)


def _hierarchical(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    found = steps(data, protocol, endpoint)
    known = np.ones((data.trials, data.size), dtype=bool)
    for step in found:
        known &= ~np.isnan(step.value)
    return _endpoint(data, protocol, endpoint, value=np.where(known, 1.0, np.nan), steps=found)


def _event_count(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    asked_in = f"endpoint '{endpoint.name}'"
    choose("adverse event", endpoint.events or "", TERMS, asked_in=asked_in)
    count, treated = (_counted(data, endpoint, until) for until in (None, off_treatment(data)))
    return _endpoint(data, protocol, endpoint, value=count, on_treatment=treated)


def _counted(data: TrialData, endpoint: Endpoint, until: Floats | None) -> Floats:
    """Return how many events each subject had, up to the own day ``until`` where one is given."""
    events = data.events
    chosen = chosen_events(events, endpoint.events or "", endpoint.day)
    if until is not None:
        chosen = chosen & ~(events.day > until[events.trial, events.subject])
    count = np.zeros((data.trials, data.size))
    np.add.at(count, (events.trial[chosen], events.subject[chosen]), 1.0)
    return count


def _category(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    measure = _measure(endpoint)
    if measure != TUMOUR_SIZE:
        raise InputError(
            f"Endpoint '{endpoint.name}' asks for categories of '{measure}', but only '{TUMOUR_SIZE}' has "
            f"any "
            "(RECIST 1.1). Make it a change or a responder endpoint."
        )
    readings = readings_of(data, endpoint, measure)
    first = windows.baseline(readings)
    now = windows.nearest(readings, endpoint.day, windows.window_of(protocol, endpoint, measure))
    nadir = windows.smallest_until(readings, first.day, now.day)
    category = tumour_response.target_response(first.value, nadir, now.value)
    value = np.where(category == tumour_response.NOT_EVALUABLE, np.nan, category.astype(float))
    return _endpoint(
        data, protocol, endpoint, value=value, baseline=first.value, categories=tumour_response.CATEGORIES
    )


def _endpoint(
    data: TrialData, protocol: Protocol, endpoint: Endpoint, *, value: Floats, **parts: Any
) -> DerivedEndpoint:
    """Add to a derived value what happened to the subject by the endpoint's day."""
    dead = happened(data, "death_day", endpoint.day)
    treated_until = min(endpoint.day, protocol.schedule.treatment)
    with np.errstate(invalid="ignore"):
        stopped = column(data, "treatment_stop_day") < treated_until
    rescued = rescued_by(data, protocol, endpoint.day)
    own = {"baseline": np.full(value.shape, np.nan), **parts}
    return DerivedEndpoint(
        name=endpoint.name,
        value=value,
        dead=dead,
        withdrawn=happened(data, "withdrawal_day", endpoint.day) & ~dead,
        stopped=stopped,
        rescued=rescued,
        exposure=_exposure(data, endpoint.day),
        exposure_on_treatment=_exposure(data, np.fmin(off_treatment(data), endpoint.day)),
        days={name: column(data, f"{name}_day") for name in HAPPENED} | {"rescue": rescue_day(data)},
        populations=populations(data, protocol, endpoint),
        **own,
    )


def _compared(leaf: Condition, readings: dict[str, MeasureHistory]) -> Floats:
    return conditions.quantity(leaf, readings[leaf.measure or ""])


def _measure(endpoint: Endpoint) -> str:
    if endpoint.measure is None:
        raise InputError(f"Endpoint '{endpoint.name}' ({endpoint.kind}) names no measure. Give it one.")
    return endpoint.measure


def _exposure(data: TrialData, day: float | Floats) -> Floats:
    """Return the days from randomisation under observation, up to ``day``."""
    ends = [column(data, name) for name in ("death_day", "withdrawal_day", "last_contact_day")]
    last = np.fmin.reduce([np.broadcast_to(day, (data.trials, data.size)), *ends])
    return np.asarray(np.maximum(last, 0.0), dtype=float)


def _as_floats(truth: Truth) -> Floats:
    return np.where(truth == UNKNOWN, np.nan, truth.astype(float))
