"""What must be true of planned analyses, and of how they share one level, beyond the form of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from euexia.core.choices import did_you_mean
from euexia.core.datafile import Reader
from euexia.protocol.analysis_methods import METHODS, methods_for, option_faults, summary_fault
from euexia.protocol.analysis_options import Multiplicity, Procedure
from euexia.protocol.analysis_plan import Analysis, Endpoint, Method
from euexia.protocol.reading import Parts
from euexia.protocol.schedule_checks import visits_on

COVARIATES = ("baseline", "age")
"""Covariates that are no reading of day 0."""
STRATA = ("sex", "randomisation")
"""Strata that are no reading of day 0."""
WHOLE = 1.0 + 1e-9
"""The most that shares may add up to, rounding allowed."""


def check_analyses(reader: Reader, parts: Parts) -> None:
    """Note every fault in the analyses and in how they share one level."""
    for analysis in parts.readable("analyses"):
        _check_analysis(reader, parts, analysis)
    multiplicity: Multiplicity | None = parts.values.get("multiplicity")
    if multiplicity is not None:
        analyses = {analysis.name: analysis for analysis in parts.readable("analyses")}
        known = dict.fromkeys(parts.known("analyses"))
        for name in multiplicity.analyses:
            if name not in known:
                problem = f"there is no analysis called '{name}'."
                reader.fault_at("multiplicity.analyses", problem, did_you_mean(name, known))
        for key, problem, remedy in multiplicity_faults(multiplicity, analyses):
            reader.fault_at(f"multiplicity.{key}", problem, remedy)


def multiplicity_faults(
    multiplicity: Multiplicity, analyses: dict[str, Analysis]
) -> Iterator[tuple[str, str, str]]:
    """Give what cannot be done of a plan for several tests: the key, the problem and the way out."""
    named = [analyses[name] for name in multiplicity.analyses if name in analyses]
    if len(set(multiplicity.analyses)) != len(multiplicity.analyses) or len(multiplicity.analyses) < 2:
        yield "analyses", "several different tests must be named.", "Name at least two, each once."
    for analysis in named:
        if analysis.method is Method.CATEGORY_TABLE:
            yield "analyses", f"'{analysis.name}' tests nothing.", "Take it away."
    if not 0 < multiplicity.alpha <= 0.5:
        problem = f"a significance level of {100 * multiplicity.alpha:g} % cannot be used."
        yield "alpha", problem, "Give a level between 0 % and 50 %."
    if multiplicity.procedure is Procedure.DUNNETT:
        yield from _dunnett_faults(named)
    yield from _graph_faults(multiplicity)


def _dunnett_faults(named: list[Analysis]) -> Iterator[tuple[str, str, str]]:
    if len({(analysis.control, analysis.endpoint) for analysis in named}) > 1:
        problem = "Dunnett compares several arms with one control, on one endpoint."
        yield "procedure", problem, "Use holm or hochberg."
    for analysis in named:
        if analysis.method not in (Method.MEAN_DIFFERENCE, Method.ANCOVA, Method.MMRM):
            problem = f"'{analysis.name}' compares no means, so Dunnett's distribution does not hold."
            yield "procedure", problem, "Use holm or hochberg."


def _graph_faults(multiplicity: Multiplicity) -> Iterator[tuple[str, str, str]]:
    graphical = multiplicity.procedure is Procedure.GRAPHICAL
    if not graphical:
        for key in ("weights", "transitions"):
            if getattr(multiplicity, key):
                yield key, f"'{multiplicity.procedure.value}' has no '{key}'.", "Use them with graphical."
        return
    if not multiplicity.weights:
        yield "weights", "a graph needs weights.", "Write for example 'weights: {first: 0.5, second: 0.5}'."
    yield from _share_faults("weights", multiplicity.weights, multiplicity.analyses, "")
    for name, row in multiplicity.transitions.items():
        yield from _share_faults(f"transitions.{name}", row, multiplicity.analyses, name)


def _share_faults(
    key: str, row: Mapping[str, float], analyses: tuple[str, ...], own: str
) -> Iterator[tuple[str, str, str]]:
    for name in (*row, *((own,) if own else ())):
        if name not in analyses:
            problem = f"'{name}' is not one of the analyses of the graph."
            yield key, problem, did_you_mean(name, analyses)
    if any(share < 0 for share in row.values()) or sum(row.values()) > WHOLE:
        yield key, "shares must lie between 0 and 1 and add up to no more than 1.", "Correct them."
    if own in row:
        yield key, "a weight cannot go to itself.", "Take it away."


def _check_analysis(reader: Reader, parts: Parts, analysis: Analysis) -> None:
    place = f"analyses.{analysis.name}"
    endpoints = {endpoint.name: endpoint for endpoint in parts.readable("endpoints")}
    if analysis.endpoint not in parts.known("endpoints"):
        problem = f"there is no endpoint called '{analysis.endpoint}'."
        reader.fault_at(
            f"{place}.endpoint", problem, did_you_mean(analysis.endpoint, parts.known("endpoints"))
        )
    elif analysis.endpoint in endpoints:
        _check_method(reader, parts, analysis, endpoints[analysis.endpoint])
    for role in ("arm", "control"):
        name = getattr(analysis, role)
        if name is not None and name not in parts.known("arms"):
            problem = f"there is no arm called '{name}'."
            reader.fault_at(f"{place}.{role}", problem, did_you_mean(name, parts.known("arms")))
    _check_comparison(reader, analysis, place)
    if not 0 < analysis.alpha <= 0.5:
        problem = f"a significance level of {100 * analysis.alpha:g} % cannot be used."
        reader.fault_at(f"{place}.alpha", problem, "Give a level between 0 % and 50 %.")


def _check_method(reader: Reader, parts: Parts, analysis: Analysis, endpoint: Endpoint) -> None:
    place = f"analyses.{analysis.name}"
    if endpoint.kind not in METHODS[analysis.method].kinds:
        methods = ", ".join(method.value for method in methods_for(endpoint.kind))
        problem = f"'{analysis.method.value}' does not suit an endpoint of kind {endpoint.kind.value}."
        reader.fault_at(f"{place}.method", problem, f"Use {methods}.")
        return
    for name, problem, remedy in option_faults(analysis, endpoint):
        reader.fault_at(f"{place}.options.{name}", problem, remedy)
    _check_columns(reader, parts, analysis)
    _check_its_estimand(reader, parts, analysis)


def _check_columns(reader: Reader, parts: Parts, analysis: Analysis) -> None:
    """Note covariates and strata that nobody reads on day 0."""
    at_baseline = {name for visit in visits_on(parts, 0.0) for name in visit.measures}
    wanted = (("covariates", COVARIATES), ("strata", STRATA))
    for role, plain in wanted:
        for name in getattr(analysis.chosen, role):
            known = {*plain, *at_baseline}
            if name not in known and parts.is_whole("visits"):
                problem = f"'{name}' is not known of patients on day 0."
                reader.fault_at(
                    f"analyses.{analysis.name}.options.{role}", problem, did_you_mean(name, known)
                )


def _check_its_estimand(reader: Reader, parts: Parts, analysis: Analysis) -> None:
    place = f"analyses.{analysis.name}"
    estimands = {estimand.endpoint: estimand for estimand in parts.readable("estimands")}
    if analysis.estimand is not None and analysis.estimand not in parts.known("estimands"):
        problem = f"there is no estimand called '{analysis.estimand}'."
        remedy = did_you_mean(analysis.estimand, parts.known("estimands"))
        reader.fault_at(f"{place}.estimand", problem, remedy)
    estimand = estimands.get(analysis.estimand_name)
    if estimand is None:
        return
    if estimand.about != analysis.endpoint:
        problem = f"estimand '{estimand.endpoint}' is of '{estimand.about}', not of '{analysis.endpoint}'."
        reader.fault_at(f"{place}.estimand", problem, "Name an estimand of the same endpoint.")
    problem_of_summary = summary_fault(analysis, estimand)
    if problem_of_summary is not None:
        remedy = "Change the summary, or add an estimand with 'of:' and name it in the analysis."
        reader.fault_at(f"{place}.method", problem_of_summary, remedy)


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
