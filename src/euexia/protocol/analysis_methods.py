"""What each method can analyse, what it sums up to, and which options it understands: one closed table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from math import inf

from euexia.protocol.analysis_options import FreedomChoice, Options, VarianceChoice
from euexia.protocol.analysis_plan import Analysis, Endpoint, EndpointKind, Estimand, Method, Summary

RESPONSE = frozenset({EndpointKind.RESPONDER})
COUNTED = frozenset({EndpointKind.RESPONDER, EndpointKind.EVENT_COUNT})
ONE_CHANGE = frozenset({EndpointKind.CHANGE, EndpointKind.PERCENT_CHANGE})
SERIES = frozenset({EndpointKind.LONGITUDINAL})
TIMES = frozenset({EndpointKind.TIME_TO_EVENT})
ORDERED = frozenset({EndpointKind.HIERARCHICAL})

MODEL = frozenset({"covariates", "strata"})
KENWARD_ROGER = (FreedomChoice.KENWARD_ROGER, FreedomChoice.KENWARD_ROGER_LINEAR)
IMPUTATION = frozenset({"covariates", "reference"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFacts:
    """What is true of one method, whatever the trial.

    kinds: endpoints it can analyse.  summaries: what its estimand may sum up to.  options: those it
    understands.  compares: it needs a control arm.
    """

    kinds: frozenset[EndpointKind]
    summaries: frozenset[Summary]
    words: str
    options: frozenset[str] = frozenset()
    compares: bool = True


def _facts(
    kinds: frozenset[EndpointKind],
    summary: Summary,
    words: str,
    options: frozenset[str] = frozenset(),
) -> MethodFacts:
    return MethodFacts(kinds=kinds, summaries=frozenset({summary}), words=words, options=options)


SHARE = frozenset({Summary.PROPORTION, Summary.RATE})
WINS = frozenset({"strata"})

METHODS: Mapping[Method, MethodFacts] = {
    Method.EXACT_BINOMIAL: MethodFacts(
        kinds=RESPONSE,
        summaries=frozenset({Summary.PROPORTION}),
        words="exact binomial test",
        compares=False,
    ),
    Method.FISHER: MethodFacts(
        kinds=COUNTED,
        summaries=SHARE,
        words="Fisher's exact test, with the difference in response rates",
    ),
    Method.BOSCHLOO: MethodFacts(
        kinds=COUNTED,
        summaries=SHARE,
        words="Boschloo's exact test, with the difference in response rates",
    ),
    Method.MEAN_DIFFERENCE: _facts(
        ONE_CHANGE, Summary.MEAN, "difference in mean change, adjusted for the baseline value"
    ),
    Method.EVENT_RATE: MethodFacts(
        kinds=frozenset({EndpointKind.EVENT_COUNT}),
        summaries=frozenset({Summary.RATE}),
        words="share of patients with an event, and events per patient-week",
        compares=False,
    ),
    Method.CATEGORY_TABLE: MethodFacts(
        kinds=frozenset({EndpointKind.CATEGORY}),
        summaries=frozenset({Summary.COUNTS}),
        words="counts of each category",
        compares=False,
    ),
    Method.MIETTINEN_NURMINEN: _facts(
        RESPONSE, Summary.PROPORTION, "score test and interval of the difference in response rates"
    ),
    Method.NEWCOMBE: _facts(
        RESPONSE, Summary.PROPORTION, "difference in response rates with Newcombe's interval"
    ),
    Method.CMH: _facts(
        RESPONSE,
        Summary.PROPORTION,
        "Cochran-Mantel-Haenszel test within strata, with the difference in response rates",
        frozenset({"strata"}),
    ),
    Method.LOGISTIC: _facts(
        RESPONSE,
        Summary.PROPORTION,
        "logistic regression, with the difference in response rates by g-computation",
        MODEL | {"firth"},
    ),
    Method.ANCOVA: _facts(
        ONE_CHANGE,
        Summary.MEAN,
        "analysis of covariance, difference in least-squares means",
        MODEL | {"margins", "variance"},
    ),
    Method.RANKED_ANCOVA: _facts(ONE_CHANGE, Summary.RANKS, "analysis of covariance of ranks", MODEL),
    Method.HODGES_LEHMANN: _facts(
        ONE_CHANGE, Summary.MEDIAN, "median of all differences between patients (Hodges-Lehmann)"
    ),
    Method.MEDIAN_DIFFERENCE: _facts(
        ONE_CHANGE,
        Summary.MEDIAN,
        "difference in medians with a bootstrap interval",
        frozenset({"resamples", "seed"}),
    ),
    Method.POSTERIOR_MEAN: _facts(
        ONE_CHANGE | SERIES,
        Summary.MEAN,
        "posterior of the difference in means, with its credible interval",
        MODEL | {"prior_mean", "prior_sd", "benefit"},
    ),
    Method.MMRM: _facts(
        SERIES,
        Summary.MEAN,
        "mixed model for repeated measures over all visits",
        MODEL | {"covariance", "grouped", "degrees_of_freedom", "likelihood", "margins", "variance"},
    ),
    Method.LOG_RANK: _facts(
        TIMES, Summary.HAZARD, "log-rank test, with Kaplan-Meier curves", frozenset({"strata"})
    ),
    Method.COX: _facts(TIMES, Summary.HAZARD, "hazard ratio by Cox's model", MODEL | {"variance"}),
    Method.RESTRICTED_MEAN: _facts(
        TIMES,
        Summary.RESTRICTED_MEAN,
        "difference in mean time without event up to a day",
        frozenset({"horizon"}),
    ),
    Method.CUMULATIVE_INCIDENCE: _facts(
        TIMES,
        Summary.INCIDENCE,
        "difference in incidence at a day, other ends of follow-up competing",
        frozenset({"horizon"}),
    ),
    Method.WIN_RATIO: _facts(ORDERED, Summary.WINS, "win ratio", WINS),
    Method.WIN_ODDS: _facts(ORDERED, Summary.WINS, "win odds", WINS),
    Method.NET_BENEFIT: _facts(ORDERED, Summary.WINS, "net benefit", WINS),
    Method.RANK_COMPOSITE: _facts(
        ORDERED, Summary.RANKS, "rank of death and function together, compared by a rank test"
    ),
    Method.SURVIVOR_BOUNDS: _facts(
        ONE_CHANGE,
        Summary.SURVIVOR_BOUNDS,
        "bounds of the effect in those who would survive under both treatments",
        frozenset({"resamples", "seed"}),
    ),
    Method.REFERENCE_BASED: _facts(
        SERIES,
        Summary.MEAN,
        "values after an event imputed by their conditional mean, jackknife standard error",
        IMPUTATION,
    ),
    Method.MULTIPLE_IMPUTATION: _facts(
        SERIES,
        Summary.MEAN,
        "values after an event imputed many times, combined by Rubin's rules",
        IMPUTATION | {"imputations", "seed"},
    ),
    Method.IMPUTED_RESPONSE: _facts(
        SERIES,
        Summary.PROPORTION,
        "response derived from values that were imputed many times, combined by Rubin's rules",
        IMPUTATION | {"imputations", "seed", "responds_at"},
    ),
    Method.TIPPING_POINT: _facts(
        SERIES,
        Summary.MEAN,
        "how far imputed values must be shifted until the result turns",
        IMPUTATION | {"imputations", "seed", "deltas"},
    ),
}
"""Every method."""


def methods_for(kind: EndpointKind) -> tuple[Method, ...]:
    """Return the methods that can analyse a kind of endpoint."""
    return tuple(method for method, facts in METHODS.items() if kind in facts.kinds)


def summaries_for(kind: EndpointKind) -> tuple[Summary, ...]:
    """Return what an endpoint of a kind may be summed up to, the plainest first."""
    if kind is EndpointKind.EVENT_COUNT:
        return (Summary.RATE,)
    offered = {summary for method in methods_for(kind) for summary in METHODS[method].summaries}
    return tuple(s for s in Summary if s in offered and (s is not Summary.RATE))


def chosen_options(options: Options) -> tuple[str, ...]:
    """Return the names of the options that say something."""
    plain = Options()
    return tuple(
        entry.name for entry in fields(options) if getattr(options, entry.name) != getattr(plain, entry.name)
    )


def option_faults(analysis: Analysis, endpoint: Endpoint) -> Iterator[tuple[str, str, str]]:
    """Give every option that does not fit: its name, the problem and the way out."""
    options, facts = analysis.chosen, METHODS[analysis.method]
    for name in chosen_options(options):
        if name not in facts.options:
            known = ", ".join(sorted(facts.options)) or "none"
            problem = f"'{analysis.method.value}' has no option '{name}'."
            yield name, problem, f"Options it understands: {known}."
    if "baseline" in options.covariates and endpoint.kind not in ONE_CHANGE | SERIES:
        problem = f"an endpoint of kind {endpoint.kind.value} has no baseline value."
        yield "covariates", problem, "Name a measure that is read on day 0."
    yield from _lacking(analysis)
    if options.variance is VarianceChoice.SANDWICH and options.degrees_of_freedom in KENWARD_ROGER:
        problem = "Kenward and Roger adjust the variance of the model, not a robust one."
        yield "degrees_of_freedom", problem, "Use satterthwaite, or leave it out."
    if options.horizon is not None and not 0 < options.horizon <= endpoint.day:
        problem = f"day {options.horizon:g} is not between 0 and the endpoint's day {endpoint.day:g}."
        yield "horizon", problem, "Give an earlier day or follow the endpoint longer."
    for name, least in (("imputations", 2), ("resamples", 100), ("seed", 0)):
        number = getattr(options, name)
        if number is not None and number < least:
            yield name, f"{number} is too few.", f"Give {least} or more."


def _lacking(analysis: Analysis) -> Iterator[tuple[str, str, str]]:
    """Give the options without which a method says nothing."""
    if analysis.method is Method.CMH and not analysis.chosen.strata:
        yield "strata", "a stratified test needs strata.", "Add 'strata: [sex]' or the like."
    if analysis.chosen.prior_mean is not None and analysis.chosen.prior_sd is None:
        yield "prior_sd", "a prior has a mean but no spread.", "Add 'prior_sd', or leave both out."
    if analysis.chosen.prior_sd is not None and not 0 < analysis.chosen.prior_sd < inf:
        yield "prior_sd", f"{analysis.chosen.prior_sd:g} is no spread.", "Give a positive number."
    if analysis.method is Method.IMPUTED_RESPONSE and analysis.chosen.responds_at is None:
        yield "responds_at", "nothing says which change is a response.", "Add 'responds_at: 5 %' or the like."


def summary_fault(analysis: Analysis, estimand: Estimand) -> str | None:
    """Return why the estimand's summary measure is not what the method estimates; None if it is."""
    facts = METHODS[analysis.method]
    if estimand.summary in facts.summaries:
        return None
    wanted = " or ".join(sorted(summary.value for summary in facts.summaries))
    return (
        f"'{analysis.method.value}' estimates the summary measure {wanted}, but estimand "
        f"'{estimand.endpoint}' is summed up as {estimand.summary.value}."
    )
