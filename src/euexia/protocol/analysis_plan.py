"""The analysis plan of a protocol as data: endpoints, estimands, analyses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from euexia.core.datafile import Unit
from euexia.protocol.analysis_options import Options
from euexia.protocol.statement import LATER, Condition, Status


class Role(StrEnum):
    """Place of an endpoint in the trial."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


EVENTS = (
    "neutropenia",
    "thrombocytopenia",
    "venous_thromboembolism",
    "rash",
    "serious_adverse_event",
)
"""Adverse events that a trial records, and that an endpoint may count."""


class EndpointKind(StrEnum):
    """What an endpoint is, and so which analyses fit."""

    RESPONDER = "responder"
    """TRUE / FALSE / UNKNOWN at a week, from ``condition``."""
    CHANGE = "change"
    """Change of ``measure`` from baseline to a week."""
    EVENT_COUNT = "event_count"
    """Number of events named in ``events`` up to a week."""
    CATEGORY = "category"
    """A category of ``measure`` at a week (RECIST)."""
    PERCENT_CHANGE = "percent_change"
    """Relative change of ``measure`` from baseline to a week."""
    LONGITUDINAL = "longitudinal"
    """Change of ``measure`` from baseline at every planned visit up to a week."""
    TIME_TO_EVENT = "time_to_event"
    """Days from randomisation to the first of the events in ``first_of``."""
    HIERARCHICAL = "hierarchical"
    """Several outcomes in ``order`` of importance; patients are compared pair by pair."""


DEATH, PROGRESSION, CONDITION = "death", "progression", "condition"
HAPPENINGS = (DEATH, PROGRESSION, CONDITION, *EVENTS)
"""What a time to event may wait for; ``condition`` is the endpoint's own."""


class ComponentKind(StrEnum):
    """What one step of a hierarchical endpoint compares."""

    SURVIVAL = "survival"
    """Who lived longer, within the time both were followed."""
    CHANGE = "change"
    PERCENT_CHANGE = "percent_change"
    VALUE = "value"
    EVENTS = "events"
    """Who had fewer adverse events of a kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One step of a hierarchical endpoint; patients who tie are compared by the next."""

    what: ComponentKind
    measure: str | None = None
    events: str | None = None
    tie_within: float = 0.0
    """Differences smaller than this are a tie; in the unit of what is compared."""
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint of the trial."""

    name: str
    label: str
    kind: EndpointKind
    role: Role
    day: Annotated[float, Unit("duration")]
    measure: str | None = None
    condition: Condition | None = None
    events: str | None = None
    """Term of the adverse events that are counted, one of ``EVENTS``."""
    days: Annotated[tuple[float, ...], Unit("duration")] = field(default=(), metadata=LATER)
    """Which visits of a longitudinal endpoint count, every one up to ``day`` if left out; of a change, the
    days over which it is averaged."""
    first_of: tuple[str, ...] = field(default=(), metadata=LATER)
    """The events a time to event ends with, each one of ``HAPPENINGS``."""
    competing: tuple[str, ...] = field(default=(), metadata=LATER)
    """Events after which the awaited one can no longer be seen."""
    order: tuple[Component, ...] = field(default=(), metadata=LATER)
    higher_is_better: bool = True
    status: Status = Status.VERIFIED
    source: str = ""


class Strategy(StrEnum):
    """What an intercurrent event does to the endpoint (ICH E9(R1))."""

    COMPOSITE_FAILURE = "composite_failure"
    """The event counts as failure (non-response; worst rank)."""
    WHILE_ALIVE = "while_alive"
    """The value before the event counts; later ones are UNKNOWN."""
    TREATMENT_POLICY = "treatment_policy"
    """The event is ignored: the observed value counts."""
    HYPOTHETICAL = "hypothetical"
    """Values after the event are treated as missing."""
    EXCLUDE = "survivors_only"
    """Patients with the event leave the analysis; must be asked for by name and is said in the output."""
    WHILE_ON_TREATMENT = "while_on_treatment"
    """The last value before treatment was stopped or rescue began counts."""


class AnalysisSet(StrEnum):
    """Whose values are analysed."""

    ALL_RANDOMISED = "all_randomised"
    """Every randomised patient, in the arm allotted."""
    TREATED = "treated"
    """Those who began treatment; by name only, with a note in the output."""
    PER_PROTOCOL = "per_protocol"
    """Those who neither stopped treatment early nor were rescued; by name only, with a note."""


class Summary(StrEnum):
    """What the values of an arm are summed up to."""

    PROPORTION = "proportion"
    MEAN = "mean"
    RATE = "rate"
    COUNTS = "counts"
    MEDIAN = "median"
    RANKS = "ranks"
    HAZARD = "hazard"
    RESTRICTED_MEAN = "restricted_mean"
    INCIDENCE = "incidence"
    WINS = "wins"
    SURVIVOR_BOUNDS = "survivor_bounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """What is estimated: how intercurrent events and missing values are dealt with."""

    endpoint: str
    """Name of the entry: the endpoint's own, or with ``of`` that of a further estimand of it."""
    of: str | None = field(default=None, metadata=LATER)
    population: AnalysisSet = AnalysisSet.ALL_RANDOMISED
    subgroup: Condition | None = field(default=None, metadata=LATER)
    """Only those of whom this is true at baseline."""
    death: Strategy = Strategy.COMPOSITE_FAILURE
    discontinuation: Strategy = Strategy.TREATMENT_POLICY
    """Treatment stopped for any reason other than death."""
    missing: Strategy = Strategy.COMPOSITE_FAILURE
    """No reading in the window although alive: withdrawn, or the visit missed."""
    rescue: Strategy = field(default=Strategy.TREATMENT_POLICY, metadata=LATER)
    """Rescue nutrition or a corticosteroid against loss of appetite."""
    summary: Summary = Summary.PROPORTION
    status: Status = Status.ASSUMED
    source: str = ""

    @property
    def about(self) -> str:
        """Return the endpoint it is of."""
        return self.of or self.endpoint


class Method(StrEnum):
    """How an endpoint is analysed."""

    EXACT_BINOMIAL = "exact_binomial"
    """One arm against a fixed response rate, exact one-sided test."""
    FISHER = "fisher"
    """Two arms, Fisher's exact test."""
    BOSCHLOO = "boschloo"
    """Two arms, Boschloo's unconditional exact test."""
    MEAN_DIFFERENCE = "mean_difference"
    """Two arms, difference in mean change (ANCOVA with baseline as covariate)."""
    EVENT_RATE = "event_rate"
    """Two arms, share of patients with at least one event and events per patient-week."""
    CATEGORY_TABLE = "category_table"
    """Counts of each category per arm."""
    MIETTINEN_NURMINEN = "miettinen_nurminen"
    """Two arms, difference in response rates by score test and interval."""
    NEWCOMBE = "newcombe"
    """Two arms, difference in response rates, interval from two Wilson intervals."""
    CMH = "cmh"
    """Two arms, response rates within strata (Cochran-Mantel-Haenszel)."""
    LOGISTIC = "logistic"
    """Two arms, logistic regression, marginal risk difference by g-computation."""
    ANCOVA = "ancova"
    """Two arms, difference in least-squares means with covariates and strata."""
    RANKED_ANCOVA = "ranked_ancova"
    """Two arms, ANCOVA of ranks; a death may count as the worst rank."""
    HODGES_LEHMANN = "hodges_lehmann"
    """Two arms, median of all pairwise differences, with the rank test it fits."""
    MEDIAN_DIFFERENCE = "median_difference"
    """Two arms, difference in medians (or another quantile), bootstrap interval."""
    POSTERIOR_MEAN = "posterior_mean"
    """Two arms, posterior of the difference in means, credible interval and probability of benefit."""
    MMRM = "mmrm"
    """Two arms, mixed model for repeated measures over all visits."""
    LOG_RANK = "log_rank"
    """Two arms, log-rank test, Kaplan-Meier curves."""
    COX = "cox"
    """Two arms, hazard ratio by Cox's model."""
    RESTRICTED_MEAN = "restricted_mean"
    """Two arms, difference in mean time without event up to a day."""
    CUMULATIVE_INCIDENCE = "cumulative_incidence"
    """Two arms, difference in incidence at a day with competing events."""
    WIN_RATIO = "win_ratio"
    WIN_ODDS = "win_odds"
    NET_BENEFIT = "net_benefit"
    RANK_COMPOSITE = "rank_composite"
    """Two arms, death and function in one rank."""
    SURVIVOR_BOUNDS = "survivor_bounds"
    """Two arms, bounds of the effect in those who would survive under both."""
    REFERENCE_BASED = "reference_based"
    """Two arms, values after an event imputed by their conditional mean; jackknife."""
    MULTIPLE_IMPUTATION = "multiple_imputation"
    """Two arms, values after an event drawn many times; Rubin's rules."""
    IMPUTED_RESPONSE = "imputed_response"
    """Two arms, response derived from completed values, drawn many times; Rubin's rules."""
    TIPPING_POINT = "tipping_point"
    """Two arms, how far imputed values must be shifted until the result turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One planned analysis."""

    name: str
    endpoint: str
    method: Method
    arm: str
    control: str | None = None
    null: Annotated[float, Unit("fraction")] | None = None
    """Response rate under the null hypothesis (fraction)."""
    alternative: Annotated[float, Unit("fraction")] | None = None
    """Response rate the design hopes for (fraction)."""
    alpha: Annotated[float, Unit("fraction")] = 0.05
    one_sided: bool = False
    primary: bool = False
    estimand: str | None = field(default=None, metadata=LATER)
    """Which entry of ``estimands``; the endpoint's own if left out."""
    options: Options | None = field(default=None, metadata=LATER)
    status: Status = Status.VERIFIED
    source: str = ""

    @property
    def chosen(self) -> Options:
        """Return the options; the plain ones where none are written."""
        return self.options or Options()

    @property
    def estimand_name(self) -> str:
        """Return the entry of ``estimands`` it estimates."""
        return self.estimand or self.endpoint
