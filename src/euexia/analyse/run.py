"""Every analysis a protocol plans, on every trial of a stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from euexia.analyse import estimands
from euexia.analyse.categories import category_table
from euexia.analyse.events import event_rate
from euexia.analyse.means import mean_difference
from euexia.analyse.plan import Planned, look_up
from euexia.analyse.responses import boschloo, exact_binomial, fisher
from euexia.analyse.result import Result
from euexia.core.errors import InputError
from euexia.endpoints.table import EndpointTable
from euexia.protocol.analysis_plan import Analysis, EndpointKind, Method
from euexia.protocol.protocol import Protocol

FITS: Mapping[Method, frozenset[EndpointKind]] = {
    Method.EXACT_BINOMIAL: frozenset({EndpointKind.RESPONDER}),
    Method.FISHER: frozenset({EndpointKind.RESPONDER, EndpointKind.EVENT_COUNT}),
    Method.BOSCHLOO: frozenset({EndpointKind.RESPONDER, EndpointKind.EVENT_COUNT}),
    Method.MEAN_DIFFERENCE: frozenset({EndpointKind.CHANGE}),
    Method.EVENT_RATE: frozenset({EndpointKind.EVENT_COUNT}),
    Method.CATEGORY_TABLE: frozenset({EndpointKind.CATEGORY}),
}
"""Which kinds of endpoint a method can analyse."""

TWO_ARMS = frozenset({Method.FISHER, Method.BOSCHLOO, Method.MEAN_DIFFERENCE})
"""Methods that need a control."""


def run(table: EndpointTable, protocol: Protocol) -> tuple[Result, ...]:
    """Do every planned analysis, in the order of the protocol.

    Raises InputError with every fault of the plan before anything is computed.
    """
    check_plan(protocol)
    results = [estimate(look_up(table, protocol, analysis)) for analysis in protocol.analyses]
    return tuple(_with_multiplicity(results, protocol))


def estimate(planned: Planned) -> Result:
    """Do one analysis by its method."""
    method = planned.analysis.method
    match method:
        case Method.EXACT_BINOMIAL:
            return exact_binomial(planned)
        case Method.FISHER:
            return fisher(planned)
        case Method.BOSCHLOO:
            return boschloo(planned)
        case Method.MEAN_DIFFERENCE:
            return mean_difference(planned)
        case Method.EVENT_RATE:
            return event_rate(planned)
        case Method.CATEGORY_TABLE:
            return category_table(planned)
        case _:
            assert_never(method)


def check_plan(protocol: Protocol) -> None:
    """Raise InputError with every reason why the analyses of a protocol cannot be done, whatever the data."""
    faults = [fault for analysis in protocol.analyses for fault in _faults(analysis, protocol)]
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in dict.fromkeys(faults))
        raise InputError(f"The analyses of protocol '{protocol.id}' cannot be done as planned:\n{lines}")


def _faults(analysis: Analysis, protocol: Protocol) -> Iterator[str]:
    kinds = {endpoint.name: endpoint.kind for endpoint in protocol.endpoints}
    kind = kinds.get(analysis.endpoint)
    if kind is None:
        yield f"'{analysis.name}' is of endpoint '{analysis.endpoint}', not one of {', '.join(kinds)}."
        return
    if kind not in FITS[analysis.method]:
        fitting = ", ".join(method for method, kinds in FITS.items() if kind in kinds)
        yield (
            f"'{analysis.name}' analyses the {kind} endpoint '{analysis.endpoint}' by {analysis.method}, "
            f"which does "
            f"not fit. Methods that fit: {fitting}."
        )
    if analysis.method in TWO_ARMS and analysis.control is None:
        yield f"'{analysis.name}' compares by {analysis.method} but names no control arm. Give 'control'."
    if analysis.method is Method.EXACT_BINOMIAL and analysis.null is None:
        yield f"'{analysis.name}' tests against a fixed rate but gives no 'null'. Give one, for example 5 %."
    if not 0.0 < analysis.alpha < 0.5:
        yield f"'{analysis.name}' has alpha {analysis.alpha:g}. Give one between 0 and 0.5, for example 5 %."
    estimand = protocol.estimands.get(analysis.endpoint)
    if estimand is None:
        yield f"endpoint '{analysis.endpoint}' of '{analysis.name}' has no estimand. Add it to 'estimands'."
    else:
        yield from estimands.faults(estimand, kind)


def _with_multiplicity(results: list[Result], protocol: Protocol) -> Iterator[Result]:
    """Add to each primary test that is one of several what that does to the chance of a false success."""
    primary = {analysis.name for analysis in protocol.analyses if analysis.primary}
    for result in results:
        family = [
            other
            for other in results
            if other.analysis in primary
            and (other.method, other.endpoint) == (result.method, result.endpoint)
        ]
        if result.analysis in primary and len(family) > 1:
            yield replace(result, notes=(*result.notes, _multiplicity(family)))
        else:
            yield result


def _multiplicity(family: list[Result]) -> str:
    arms, alpha = ", ".join(result.arm for result in family), family[0].alpha
    text = (
        f"{len(family)} arms ({arms}) are each tested at {100 * alpha:g} %, without adjustment; Bonferroni "
        f"would "
        f"test each at {100 * alpha / len(family):g} %"
    )
    if any("level" not in result.design or result.control is not None for result in family):
        return f"{text}."
    none = 1.0
    for result in family:  # arms without a common control are independent
        none *= 1.0 - result.design["level"]
    return f"{text}. If no arm works, at least one test rejects with probability {100 * (1 - none):.1f} %."
