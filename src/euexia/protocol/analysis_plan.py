"""The analysis plan of a protocol as data: endpoints, estimands, analyses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from euexia.core.datafile import Unit
from euexia.protocol.statement import Condition, Status


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


class AnalysisSet(StrEnum):
    """Whose values are analysed."""

    ALL_RANDOMISED = "all_randomised"
    """Every randomised patient, in the arm allotted."""


class Summary(StrEnum):
    """What the values of an arm are summed up to."""

    PROPORTION = "proportion"
    MEAN = "mean"
    RATE = "rate"
    COUNTS = "counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """What is estimated: how intercurrent events and missing values are dealt with."""

    endpoint: str
    population: AnalysisSet = AnalysisSet.ALL_RANDOMISED
    death: Strategy = Strategy.COMPOSITE_FAILURE
    discontinuation: Strategy = Strategy.TREATMENT_POLICY
    """Treatment stopped for any reason other than death."""
    missing: Strategy = Strategy.COMPOSITE_FAILURE
    """No reading in the window although alive: withdrawn, or the visit missed."""
    summary: Summary = Summary.PROPORTION
    status: Status = Status.ASSUMED
    source: str = ""


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
    status: Status = Status.VERIFIED
    source: str = ""
