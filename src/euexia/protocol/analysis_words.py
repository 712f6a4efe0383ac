"""Endpoints, estimands and analyses in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from euexia.criteria.measures import MEASURES
from euexia.protocol.analysis_methods import METHODS, chosen_options
from euexia.protocol.analysis_options import Multiplicity, Procedure
from euexia.protocol.analysis_plan import (
    CONDITION,
    Analysis,
    AnalysisSet,
    Component,
    ComponentKind,
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
from euexia.protocol.sections import Bullets, Paragraph, Section, Table
from euexia.protocol.statement import Status

FAILURE: Mapping[EndpointKind, str] = {
    EndpointKind.RESPONDER: "counts as no response",
    EndpointKind.CHANGE: "counts as the worst value",
    EndpointKind.EVENT_COUNT: "counts as an event",
    EndpointKind.CATEGORY: "counts as failure",
    EndpointKind.PERCENT_CHANGE: "counts as the worst value",
    EndpointKind.LONGITUDINAL: "counts as failure",
    EndpointKind.TIME_TO_EVENT: "counts as an event",
    EndpointKind.HIERARCHICAL: "counts as the worst outcome, the earlier the worse",
}
SUMMARIES: Mapping[Summary, str] = {
    Summary.PROPORTION: "share of patients who respond",
    Summary.MEAN: "mean change",
    Summary.RATE: "share of patients with an event, and events per time",
    Summary.COUNTS: "number of patients in each category",
    Summary.MEDIAN: "median",
    Summary.RANKS: "ranks of all patients",
    Summary.HAZARD: "rate at which events come (hazard)",
    Summary.RESTRICTED_MEAN: "mean time without event up to a day",
    Summary.INCIDENCE: "share of patients with the event by a day",
    Summary.WINS: "pairs of patients won and lost",
    Summary.SURVIVOR_BOUNDS: "bounds of the mean difference in those who would survive either way",
}
TIMES: Mapping[Strategy, str] = {
    Strategy.COMPOSITE_FAILURE: "counts as an event",
    Strategy.WHILE_ALIVE: "ends the time in which the event can come (competing)",
    Strategy.WHILE_ON_TREATMENT: "ends the time in which the event can come (competing)",
    Strategy.TREATMENT_POLICY: "makes no difference: follow-up goes on",
    Strategy.HYPOTHETICAL: "time is censored there",
    Strategy.EXCLUDE: "the patient leaves this analysis",
}
"""What each strategy makes of an event, for a time to event."""
POPULATIONS: Mapping[AnalysisSet, str] = {
    AnalysisSet.ALL_RANDOMISED: "",
    AnalysisSet.TREATED: "those who began treatment",
    AnalysisSet.PER_PROTOCOL: "those who kept to treatment without rescue",
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
        case EndpointKind.CHANGE | EndpointKind.PERCENT_CHANGE:
            relative = "relative " if endpoint.kind is EndpointKind.PERCENT_CHANGE else ""
            mean = f", mean of {_days(endpoint)}" if endpoint.days else ""
            return f"{relative}change of {_short(endpoint)} from baseline{mean}{mark}"
        case EndpointKind.EVENT_COUNT:
            return f"number of {str(endpoint.events).replace('_', ' ')}s from day 0{mark}"
        case EndpointKind.CATEGORY:
            return f"category of {_short(endpoint)} against baseline and its smallest value{mark}"
        case EndpointKind.LONGITUDINAL:
            visits = _days(endpoint) or "every visit up to then"
            return f"change of {_short(endpoint)} from baseline at {visits}{mark}"
        case EndpointKind.TIME_TO_EVENT:
            return (
                f"days to the first of: {_awaited(endpoint, endpoint.first_of)}{_competing(endpoint)}{mark}"
            )
        case EndpointKind.HIERARCHICAL:
            steps = "; then ".join(_component(component) for component in endpoint.order)
            return f"patients compared pair by pair, first {steps}{mark}"
        case _:
            assert_never(endpoint.kind)


def _days(endpoint: Endpoint) -> str:
    return ", ".join(duration_in_words(day) for day in endpoint.days)


def _awaited(endpoint: Endpoint, names: tuple[str, ...]) -> str:
    said = [
        in_words(endpoint.condition)
        if name == CONDITION and endpoint.condition is not None
        else name.replace("_", " ")
        for name in names
    ]
    return ", ".join(said)


def _competing(endpoint: Endpoint) -> str:
    return f" (competing: {_awaited(endpoint, endpoint.competing)})" if endpoint.competing else ""


def _component(component: Component) -> str:
    measure = MEASURES[component.measure] if component.measure is not None else None
    unit = measure.unit if measure is not None else ""
    short = measure.short if measure is not None else ""
    match component.what:
        case ComponentKind.SURVIVAL:
            text, tie = "survival", duration_in_words(component.tie_within)
        case ComponentKind.EVENTS:
            text, tie = f"number of {str(component.events).replace('_', ' ')}s", f"{component.tie_within:g}"
        case ComponentKind.CHANGE:
            text, tie = f"change of {short}", f"{component.tie_within:g} {unit}"
        case ComponentKind.PERCENT_CHANGE:
            text, tie = f"relative change of {short}", percent(component.tie_within)
        case ComponentKind.VALUE:
            text, tie = short, f"{component.tie_within:g} {unit}"
        case _:
            assert_never(component.what)
    return f"{text} (a difference below {tie} is a tie)" if component.tie_within else text


def _short(endpoint: Endpoint) -> str:
    return MEASURES[endpoint.measure].short if endpoint.measure is not None else ""


def estimand_section(protocol: Protocol) -> Section:
    """Return what is done about death, stopped treatment, rescue and missing readings."""
    with_rescue = any(estimand.rescue is not Strategy.TREATMENT_POLICY for _, estimand in _pairs(protocol))
    rows = tuple(
        (
            _whose(endpoint, estimand),
            strategy_in_words(estimand.death, endpoint.kind),
            strategy_in_words(estimand.discontinuation, endpoint.kind),
            *((strategy_in_words(estimand.rescue, endpoint.kind),) if with_rescue else ()),
            strategy_in_words(estimand.missing, endpoint.kind),
            SUMMARIES[estimand.summary] + (" (assumed)" if estimand.status is Status.ASSUMED else ""),
        )
        for endpoint, estimand in _pairs(protocol)
    )
    rescue = ("Rescue begun",) if with_rescue else ()
    columns = ("Endpoint", "Death before", "Treatment stopped", *rescue, "Reading missing", "Summed up as")
    return Section(title="What counts when things go otherwise", blocks=(Table(columns=columns, rows=rows),))


def _whose(endpoint: Endpoint, estimand: Estimand) -> str:
    """Return the endpoint, and of whom if not of everybody randomised."""
    of = [POPULATIONS[estimand.population]] if POPULATIONS[estimand.population] else []
    if estimand.subgroup is not None:
        of.append(f"those with {in_words(estimand.subgroup)}")
    further = f" ({estimand.endpoint.replace('_', ' ')})" if estimand.of is not None else ""
    return f"{endpoint.label}{further}" + (f", only {' and '.join(of)}" if of else "")


def _pairs(protocol: Protocol) -> list[tuple[Endpoint, Estimand]]:
    """Return each endpoint with its estimand, then with its further ones."""
    return [
        (endpoint, estimand)
        for endpoint in protocol.endpoints
        for estimand in (
            protocol.estimands[endpoint.name],
            *(further for further in protocol.estimands.values() if further.of == endpoint.name),
        )
    ]


def strategy_in_words(strategy: Strategy, kind: EndpointKind) -> str:
    """Return what a strategy makes of an event, for an endpoint of this kind."""
    if kind is EndpointKind.TIME_TO_EVENT:
        return TIMES[strategy]
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
        case Strategy.WHILE_ON_TREATMENT:
            return "the last value on treatment counts"
        case _:
            assert_never(strategy)


def analysis_section(protocol: Protocol) -> Section:
    """Return the planned analyses, the primary ones first, and how they share one level."""
    ordered = sorted(protocol.analyses, key=lambda analysis: not analysis.primary)
    items = tuple(_analysis(protocol, item) for item in ordered)
    blocks: list[Bullets | Paragraph] = [Bullets(items=items)]
    if protocol.multiplicity is not None:
        blocks.append(Paragraph(text=multiplicity_in_words(protocol.multiplicity)))
    return Section(title="Analyses", blocks=tuple(blocks))


def multiplicity_in_words(multiplicity: Multiplicity) -> str:
    """Return how several tests share one level."""
    names = ", ".join(name.replace("_", " ") for name in multiplicity.analyses)
    level = percent(multiplicity.alpha)
    match multiplicity.procedure:
        case Procedure.CO_PRIMARY:
            return f"The trial succeeds only if all of these do, each at the level {level}: {names}."
        case Procedure.BONFERRONI | Procedure.HOLM | Procedure.HOCHBERG | Procedure.DUNNETT:
            name = multiplicity.procedure.value.capitalize()
            return f"These share the level {level} by the procedure of {name}: {names}."
        case Procedure.FIXED_SEQUENCE:
            return f"Tested in this order at the level {level}, up to the first that fails: {names}."
        case Procedure.GRAPHICAL:
            return f"These share the level {level} by weights that move on rejection (a graph): {names}."
        case _:
            assert_never(multiplicity.procedure)


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
    if analysis.method is Method.EXACT_BINOMIAL:
        hoped = f", hoping for {percent(analysis.alternative)}" if analysis.alternative else ""
        return f"exact binomial test against a response rate of {percent(analysis.null or 0.0)}{hoped}"
    return f"{METHODS[analysis.method].words}{_options(analysis)}"


def _options(analysis: Analysis) -> str:
    """Return the options of a method in brackets, nothing if there are none."""
    said = [
        f"{name.replace('_', ' ')}: {_option(getattr(analysis.chosen, name))}"
        for name in chosen_options(analysis.chosen)
    ]
    return f" ({'; '.join(said)})" if said else ""


def _option(value: object) -> str:
    if isinstance(value, tuple):
        return ", then ".join(_option(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
