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
from euexia.protocol.analysis_options import Multiplicity
from euexia.protocol.analysis_plan import Analysis, Endpoint, Estimand
from euexia.protocol.design import Crossover, Interim, Masking, Programme, Route
from euexia.protocol.published import Published
from euexia.protocol.statement import LATER, Condition, Quantity, Status


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
    route: Route | None = field(default=None, metadata=LATER)
    """How it is given; for readers, the treatment itself decides what it does."""
    loading: Annotated[tuple[float, ...], Unit("oral_dose")] = field(default=(), metadata=LATER)
    """Single doses at the start, one per interval, before ``dose`` takes over."""
    begins: Annotated[float, Unit("duration")] = field(default=0.0, metadata=LATER)
    """Days after randomisation (or crossover) on which it begins."""
    lasts: Annotated[float, Unit("duration")] | None = field(default=None, metadata=LATER)
    """Length of the treatment; None: to the end of the arm's treatment."""
    programme: Programme | None = field(default=None, metadata=LATER)
    """Of exercise: what is trained, how often and how hard; None: a full programme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm of the trial."""

    name: str
    label: str
    ratio: int
    treatments: tuple[Treatment, ...] = ()
    duration: Annotated[float, Unit("duration")] | None = field(default=None, metadata=LATER)
    """Length of treatment in this arm; None: that of the schedule."""


class Action(StrEnum):
    """What a dosing rule does when a clause holds."""

    STOP = "stop"
    HOLD = "hold"
    REDUCE = "reduce"
    RAISE = "raise"
    KEEP = "keep"
    RECHECK = "recheck"
    """Keep the dose and look again at the next check."""


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
    confirm: int = field(default=1, metadata=LATER)
    """At how many checks in a row the condition must hold before the clause acts."""
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
    at: tuple[str, ...] = field(default=(), metadata=LATER)
    """Visits (by name, or by the name of a series) at which the rule is applied; empty: every dose check."""
    status: Status = Status.ASSUMED
    source: str = ""


class RandomisationMethod(StrEnum):
    """How arms are allotted."""

    PERMUTED_BLOCKS = "permuted_blocks"
    """In blocks that hold the ratio, within strata."""
    SIMPLE = "simple"
    """Each patient for themselves, with the probabilities of the ratio."""
    MINIMISATION = "minimisation"
    """To the arm that makes the factors most alike, with a probability (Pocock and Simon 1975)."""


class Imbalance(StrEnum):
    """How unlike the arms are in one level of a factor of minimisation."""

    RANGE = "range"
    """Largest minus smallest share of patients."""
    VARIANCE = "variance"
    """Variance of the shares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A baseline quantity by which randomisation is stratified: cut at values, or by its named values."""

    measure: str
    cuts: tuple[float, ...] = ()
    """A value at a cut belongs above it; none for a yes/no or categorical measure."""
    of: Quantity = field(default=Quantity.VALUE, metadata=LATER)
    """``value``, or a change up to screening over the time ``over``."""
    over: Annotated[float, Unit("duration")] | None = field(default=None, metadata=LATER)
    weight: float = field(default=1.0, metadata=LATER)
    """Of the factor in minimisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomisation:
    """How patients are allotted to arms."""

    method: RandomisationMethod
    block_size: int | None = None
    """Of permuted blocks: a multiple of the sum of the arms' ratios."""
    strata: tuple[Stratum, ...] = ()
    """Strata of permuted blocks, factors of minimisation."""
    probability: Annotated[float, Unit("fraction")] = field(default=0.8, metadata=LATER)
    """Of minimisation: that the patient gets the arm that balances best."""
    imbalance: Imbalance = field(default=Imbalance.RANGE, metadata=LATER)


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
    """By endpoint name; a further estimand of an endpoint has a name of its own."""
    analyses: tuple[Analysis, ...]
    multiplicity: Multiplicity | None = field(default=None, metadata=LATER)
    masking: Masking = field(default=Masking.NOT_STATED, metadata=LATER)
    """Who does not know the arm; it has no modelled effect."""
    crossovers: tuple[Crossover, ...] = field(default=(), metadata=LATER)
    interims: tuple[Interim, ...] = field(default=(), metadata=LATER)
    published: tuple[Published, ...] = field(default=(), compare=False)
    """Published results beside which simulated figures are set; nothing is simulated from them."""
    assumptions: tuple[Assumption, ...] = ()
    conditions: tuple[str, ...] = ()
    """Diseases the trial is for."""
    objective: str = ""
    hypothesis: str = ""
    source_text: str = field(default="", compare=False, repr=False)
    """The YAML text it was read from."""
    source_name: str = field(default="", compare=False, repr=False)
