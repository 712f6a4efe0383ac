"""Every analysis a protocol plans, on every trial of a stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from euexia.analyse import estimands
from euexia.analyse.methods import ESTIMATORS
from euexia.analyse.plan import Planned, look_up
from euexia.analyse.result import Result
from euexia.analyse.several import with_adjustment, without_adjustment
from euexia.core.errors import InputError
from euexia.endpoints.table import EndpointTable
from euexia.protocol.analysis_checks import multiplicity_faults
from euexia.protocol.analysis_methods import METHODS, option_faults, summary_fault
from euexia.protocol.analysis_options import Multiplicity
from euexia.protocol.analysis_plan import Analysis, Endpoint, EndpointKind, Method
from euexia.protocol.estimand_rules import endpoint_refusals
from euexia.protocol.protocol import Protocol

FITS: Mapping[Method, frozenset[EndpointKind]] = {method: facts.kinds for method, facts in METHODS.items()}
"""Which kinds of endpoint a method can analyse."""


def run(table: EndpointTable, protocol: Protocol, *, curves: bool | None = None) -> tuple[Result, ...]:
    """Do every planned analysis, in the order of the protocol.

    curves: whether results also hold the lines of figures; if nothing is said, only for a single trial.
    Raises InputError with every fault of the plan before anything is computed.
    """
    check_plan(protocol)
    wanted = table.arm.shape[0] == 1 if curves is None else curves
    results = [
        estimate(look_up(table, protocol, analysis, with_curves=wanted)) for analysis in protocol.analyses
    ]
    if protocol.multiplicity is not None:
        return with_adjustment(results, protocol.multiplicity)
    return tuple(without_adjustment(results, protocol))


def estimate(planned: Planned) -> Result:
    """Do one analysis by its method."""
    return ESTIMATORS[planned.analysis.method](planned)


def check_plan(protocol: Protocol) -> None:
    """Raise InputError with every reason why the analyses of a protocol cannot be done, whatever the data."""
    faults = [fault for analysis in protocol.analyses for fault in _faults(analysis, protocol)]
    if protocol.multiplicity is not None:
        faults += _multiplicity_faults(protocol.multiplicity, protocol)
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in dict.fromkeys(faults))
        raise InputError(f"The analyses of protocol '{protocol.id}' cannot be done as planned:\n{lines}")


def _multiplicity_faults(plan: Multiplicity, protocol: Protocol) -> Iterator[str]:
    analyses = {analysis.name: analysis for analysis in protocol.analyses}
    for name in plan.analyses:
        if name not in analyses:
            yield f"multiplicity names '{name}', not one of {', '.join(analyses)}."
    for key, problem, remedy in multiplicity_faults(plan, analyses):
        yield f"multiplicity, {key}: {problem} {remedy}"


def _faults(analysis: Analysis, protocol: Protocol) -> Iterator[str]:
    endpoints = {endpoint.name: endpoint for endpoint in protocol.endpoints}
    endpoint = endpoints.get(analysis.endpoint)
    if endpoint is None:
        yield f"'{analysis.name}' is of endpoint '{analysis.endpoint}', not one of {', '.join(endpoints)}."
        return
    fits = endpoint.kind in FITS[analysis.method]
    if not fits:
        fitting = ", ".join(method for method, kinds in FITS.items() if endpoint.kind in kinds)
        yield (
            f"'{analysis.name}' analyses the {endpoint.kind} endpoint '{analysis.endpoint}' by "
            f"{analysis.method}, which does not fit. Methods that fit: {fitting}."
        )
    if METHODS[analysis.method].compares and analysis.control is None:
        yield f"'{analysis.name}' compares by {analysis.method} but names no control arm. Give 'control'."
    if analysis.method is Method.EXACT_BINOMIAL and analysis.null is None:
        yield f"'{analysis.name}' tests against a fixed rate but gives no 'null'. Give one, for example 5 %."
    if not 0.0 < analysis.alpha < 0.5:
        yield f"'{analysis.name}' has alpha {analysis.alpha:g}. Give one between 0 and 0.5, for example 5 %."
    for name, problem, remedy in option_faults(analysis, endpoint):
        yield f"'{analysis.name}', option {name}: {problem} {remedy}"
    yield from _estimand_faults(analysis, endpoint, protocol, fits=fits)


def _estimand_faults(
    analysis: Analysis, endpoint: Endpoint, protocol: Protocol, *, fits: bool
) -> Iterator[str]:
    estimand = protocol.estimands.get(analysis.estimand_name)
    if estimand is None:
        yield (
            f"endpoint '{analysis.endpoint}' of '{analysis.name}' has no estimand"
            f"{f' called {analysis.estimand}' if analysis.estimand else ''}. Add it to 'estimands'."
        )
        return
    if estimand.about != analysis.endpoint:
        yield (
            f"'{analysis.name}' is of endpoint '{analysis.endpoint}', but its estimand '{estimand.endpoint}' "
            f"is of '{estimand.about}'. Name an estimand of the same endpoint."
        )
    yield from estimands.faults(estimand, endpoint.kind)
    for event, problem, remedy in endpoint_refusals(estimand, endpoint):
        yield f"The estimand of '{estimand.endpoint}', {event}: {problem} {remedy}"
    problem_of_summary = summary_fault(analysis, estimand)
    if fits and problem_of_summary is not None:
        yield (
            f"'{analysis.name}': {problem_of_summary} Change the summary, or add an estimand with 'of:' and "
            "name it in the analysis."
        )
