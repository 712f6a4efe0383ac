"""From trial data to endpoints, a whole stack of trials at once.  No estimand has decided yet."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from euexia.core.choices import choose
from euexia.core.errors import InputError, TrialDataError
from euexia.core.logic import UNKNOWN, Truth
from euexia.criteria import tumour_response
from euexia.endpoints import windows
from euexia.endpoints.table import DerivedEndpoint, EndpointTable
from euexia.protocol import condition as conditions
from euexia.protocol.analysis_plan import Endpoint, EndpointKind
from euexia.protocol.condition import MeasureHistory
from euexia.protocol.protocol import Protocol
from euexia.protocol.statement import Condition
from euexia.trialdata.checks import check
from euexia.trialdata.columns import TERMS
from euexia.trialdata.trialdata import Readings, TrialData

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SERIOUS = "serious_adverse_event"
TUMOUR_SIZE = "tumour_size"


def derive(trial_data: TrialData, protocol: Protocol) -> EndpointTable:
    """Derive every endpoint of the protocol for every randomised subject of every trial.

    Raises TrialDataError if the arrays are not trial data of this protocol, InputError if an endpoint asks
    for what no visit reads.
    """
    data = check(trial_data, plausible=False)
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
    )


def derive_endpoint(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    """Derive one endpoint; a value is NaN where the readings do not decide it."""
    match endpoint.kind:
        case EndpointKind.RESPONDER:
            return _responder(data, protocol, endpoint)
        case EndpointKind.CHANGE:
            return _change(data, protocol, endpoint)
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
        measure: _history(data, protocol, endpoint, measure)
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
    measure = _measure(endpoint)
    readings = _readings(data, endpoint, measure)
    first = windows.baseline(readings)
    now = windows.nearest(readings, endpoint.day, windows.window_of(protocol, endpoint, measure))
    return _endpoint(data, protocol, endpoint, value=now.value - first.value, baseline=first.value)


def _event_count(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    asked_in = f"endpoint '{endpoint.name}'"
    choose("adverse event", endpoint.events or "", TERMS, asked_in=asked_in)
    events = data.events
    chosen = events.term == endpoint.events
    if endpoint.events == SERIOUS:
        chosen = chosen | events.serious
    chosen = chosen & (events.day >= 0) & (events.day <= endpoint.day + windows.DAY_TOLERANCE)
    count = np.zeros((data.trials, data.size))
    np.add.at(count, (events.trial[chosen], events.subject[chosen]), 1.0)
    return _endpoint(data, protocol, endpoint, value=count)


def _category(data: TrialData, protocol: Protocol, endpoint: Endpoint) -> DerivedEndpoint:
    measure = _measure(endpoint)
    if measure != TUMOUR_SIZE:
        raise InputError(
            f"Endpoint '{endpoint.name}' asks for categories of '{measure}', but only '{TUMOUR_SIZE}' has "
            f"any "
            "(RECIST 1.1). Make it a change or a responder endpoint."
        )
    readings = _readings(data, endpoint, measure)
    first = windows.baseline(readings)
    now = windows.nearest(readings, endpoint.day, windows.window_of(protocol, endpoint, measure))
    nadir = windows.smallest_until(readings, first.day, now.day)
    category = tumour_response.target_response(first.value, nadir, now.value)
    value = np.where(category == tumour_response.NOT_EVALUABLE, np.nan, category.astype(float))
    return _endpoint(
        data, protocol, endpoint, value=value, baseline=first.value, categories=tumour_response.CATEGORIES
    )


def _endpoint(
    data: TrialData,
    protocol: Protocol,
    endpoint: Endpoint,
    *,
    value: Floats,
    baseline: Floats | None = None,
    categories: tuple[str, ...] = (),
    components: dict[str, Floats] | None = None,
    changes: dict[str, Floats] | None = None,
) -> DerivedEndpoint:
    """Add to a derived value what happened to the subject by the endpoint's day."""
    dead = _happened(data, "death_day", endpoint.day)
    treated_until = min(endpoint.day, protocol.schedule.treatment)
    with np.errstate(invalid="ignore"):
        stopped = _column(data, "treatment_stop_day") < treated_until
    return DerivedEndpoint(
        name=endpoint.name,
        value=value,
        baseline=np.full(value.shape, np.nan) if baseline is None else baseline,
        dead=dead,
        withdrawn=_happened(data, "withdrawal_day", endpoint.day) & ~dead,
        stopped=stopped,
        exposure=_exposure(data, endpoint.day),
        categories=categories,
        components=components,
        changes=changes,
    )


def _history(data: TrialData, protocol: Protocol, endpoint: Endpoint, measure: str) -> MeasureHistory:
    """Return what a condition reads of one measure: all readings, then the baseline, then now."""
    readings = _readings(data, endpoint, measure)
    first = windows.baseline(readings)
    now = windows.nearest(readings, endpoint.day, windows.window_of(protocol, endpoint, measure))
    days, values = [first.day, now.day], [first.value, now.value]
    return MeasureHistory(
        days=np.concatenate([readings.day, np.stack(days, axis=-1)], axis=-1),
        values=np.concatenate([readings.value, np.stack(values, axis=-1)], axis=-1),
        now=-1 + readings.day.shape[-1] + len(days),
        baseline=readings.day.shape[-1],
    )


def _compared(leaf: Condition, readings: dict[str, MeasureHistory]) -> Floats:
    return conditions.quantity(leaf, readings[leaf.measure or ""])


def _measure(endpoint: Endpoint) -> str:
    if endpoint.measure is None:
        raise InputError(f"Endpoint '{endpoint.name}' ({endpoint.kind}) names no measure. Give it one.")
    return endpoint.measure


def _readings(data: TrialData, endpoint: Endpoint, measure: str) -> Readings:
    if measure not in data.readings:
        raise TrialDataError(
            f"The trial data hold no readings of '{measure}', which endpoint '{endpoint.name}' needs. "
            f"They hold: {', '.join(sorted(data.readings)) or 'none at all'}."
        )
    return data.readings[measure]


def _column(data: TrialData, name: str) -> Floats:
    """Return a column of days; NaN throughout (it never happened) where the data do not have it."""
    if name not in data.subjects:
        return np.full((data.trials, data.size), np.nan)
    return np.asarray(data.subjects[name], dtype=float)


def _happened(data: TrialData, name: str, day: float) -> Flags:
    with np.errstate(invalid="ignore"):
        return np.asarray(_column(data, name) <= day + windows.DAY_TOLERANCE, dtype=bool)


def _exposure(data: TrialData, day: float) -> Floats:
    """Return the days from randomisation under observation, up to ``day``."""
    ends = [_column(data, name) for name in ("death_day", "withdrawal_day", "last_contact_day")]
    last = np.fmin.reduce([np.full((data.trials, data.size), day), *ends])
    return np.asarray(np.maximum(last, 0.0), dtype=float)


def _as_floats(truth: Truth) -> Floats:
    return np.where(truth == UNKNOWN, np.nan, truth.astype(float))
