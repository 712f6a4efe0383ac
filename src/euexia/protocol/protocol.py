"""A trial protocol as data: frozen values, no behaviour.

Every physical value below is in the canonical unit of its kind; in the YAML file it is written with its unit.
Days count from randomisation (day 0); screening days are negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from euexia.core.datafile import Unit
from euexia.core.logic import Comparison


class Status(StrEnum):
    """How well a value is known."""

    VERIFIED = "verified"
    DERIVED = "derived"
    CALIBRATED = "calibrated"
    ASSUMED = "assumed"


class Quantity(StrEnum):
    """What is taken from the readings of one measure."""

    VALUE = "value"
    CHANGE = "change"
    PERCENT_CHANGE = "percent_change"
    PERCENT_LOSS = "percent_loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A three-valued statement about readings: either one comparison, or several statements joined.

    Exactly one of the forms is used: ``any``; ``all``; ``measure`` with one of ``above``, ``at_least``,
    ``below``, ``at_most`` or ``is_true``.  Thresholds are stored canonical (fractions for percentages).
    """

    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    measure: str | None = None
    of: Quantity = Quantity.VALUE
    over: Annotated[float, Unit("duration")] | None = None
    """Look-back of a loss or change; None means since baseline."""
    comparison: Comparison | None = None
    threshold: float | None = None
    is_true: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One line of the eligibility list."""

    id: str
    text: str
    """In plain words, as the screening log prints it."""
    require: Condition
    stage: int = 1
    """1: chart, examination and blood; 2: weight history, looked at only when stage 1 is passed."""
    status: Status = Status.VERIFIED
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """A treatment of an arm, or of the background care of all arms."""

    drug: str
    """Name in the treatment registry (euexia.drugs.DRUGS)."""
    dose: Annotated[float, Unit("oral_dose")] | None = None
    """Fixed daily dose, or starting dose of a rule; None for behavioural care."""
    every: Annotated[float, Unit("duration")] = 1.0
    rule: str | None = None
    """Name of a dosing rule; None keeps the dose."""
    adherence: Annotated[float, Unit("fraction")] = 1.0
    """Mean share of the treatment that is taken up, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm of the trial."""

    name: str
    label: str
    ratio: int
    treatments: tuple[Treatment, ...] = ()


class Action(StrEnum):
    """What a dosing rule does when a clause holds."""

    STOP = "stop"
    HOLD = "hold"
    REDUCE = "reduce"
    RAISE = "raise"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One line of a dosing rule: when the condition holds, do the action."""

    id: str
    do: Action
    when: Condition
    after: Annotated[float, Unit("duration")] = 0.0
    """Least time at the present dose before the clause may act."""
    levels: int = 1
    """How many dose levels to go up or down."""
    to: Annotated[float, Unit("oral_dose")] | None = None
    """For REDUCE: the highest dose allowed while the condition holds, instead of going down by ``levels``."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DosingRule:
    """A response-guided dosing rule.

    At each check the clauses are read in order and the first whose condition is TRUE acts; UNKNOWN never
    acts, and while an earlier clause is UNKNOWN the dose is not raised.  While a dose is held the patient
    takes nothing; when no hold clause is TRUE or UNKNOWN any more, the dose resumes ``resume_levels_down``
    levels below the held one (never below the lowest level, and within what a reduce clause that holds
    allows).  A stop is for good.
    """

    name: str
    levels: Annotated[tuple[float, ...], Unit("oral_dose")]
    """Dose levels in increasing order; the first is the lowest that is given."""
    clauses: tuple[Clause, ...]
    resume_levels_down: int = 1
    status: Status = Status.ASSUMED
    source: str = ""


class RandomisationMethod(StrEnum):
    """How arms are allotted."""

    PERMUTED_BLOCKS = "permuted_blocks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A baseline quantity by which randomisation is stratified, cut at the given values."""

    measure: str
    cuts: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomisation:
    """How patients are allotted to arms."""

    method: RandomisationMethod
    block_size: int
    """A multiple of the sum of the arms' ratios."""
    strata: tuple[Stratum, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """How candidates come to screening: a Poisson process."""

    candidates_per_month: float
    status: Status = Status.ASSUMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One planned visit."""

    name: str
    day: Annotated[float, Unit("duration")]
    measures: tuple[str, ...]
    window: Annotated[float, Unit("duration")] = 0.0
    """The visit may fall up to this many days early or late."""
    dose_check: bool = False
    """Dosing rules are applied at this visit, on its readings."""
    attendance: Annotated[float, Unit("fraction")] = 1.0
    """Probability that a patient who is in the trial attends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Times of the trial, in days from randomisation."""

    screening: Annotated[float, Unit("duration")]
    """Day of the screening visit (negative)."""
    treatment: Annotated[float, Unit("duration")]
    """Length of treatment from day 0."""
    follow_up: Annotated[float, Unit("duration")]
    """Day to which safety is followed, from day 0."""
    visits: tuple[Visit, ...]
    run_in: Annotated[float, Unit("duration")] = 0.0
    """Days before randomisation on which background care already runs."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """Something the public record does not say, and what is done instead."""

    about: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A whole trial protocol."""

    id: str
    title: str
    registry: str
    question: str
    population: str
    """Name of the population file."""
    size: int
    """Patients to be randomised."""
    eligibility: tuple[Criterion, ...]
    arms: tuple[Arm, ...]
    randomisation: Randomisation
    accrual: Accrual
    background: tuple[Treatment, ...]
    rules: Mapping[str, DosingRule]
    schedule: Schedule
    endpoints: tuple[Endpoint, ...]
    estimands: Mapping[str, Estimand]
    """By endpoint name."""
    analyses: tuple[Analysis, ...]
    assumptions: tuple[Assumption, ...] = ()
    conditions: tuple[str, ...] = ()
    """Diseases the trial is for."""
    objective: str = ""
    hypothesis: str = ""
    source_text: str = field(default="", compare=False, repr=False)
    """The YAML text it was read from."""
    source_name: str = field(default="", compare=False, repr=False)
