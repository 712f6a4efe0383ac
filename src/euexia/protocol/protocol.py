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
from euexia.protocol.analysis_plan import Analysis, Endpoint, Estimand
from euexia.protocol.statement import Condition, Status


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
