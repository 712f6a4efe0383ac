"""A trial's entry in a public register, with its posted results: frozen values, whatever the file's form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredArm:
    """One arm as registered."""

    label: str
    type: str = ""
    """``EXPERIMENTAL``, ``PLACEBO_COMPARATOR`` ... as the register writes it, in capitals."""
    description: str = ""
    interventions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredIntervention:
    """One intervention as registered; ``type`` in capitals (``DRUG``, ``BEHAVIORAL``)."""

    type: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredOutcome:
    """One planned outcome."""

    measure: str
    time_frame: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedValue:
    """One number of a posted table: a group's, in a class and category of a measure."""

    group: str
    """Title of the group."""
    value: float | None
    text: str = ""
    """As printed, where it is no number (``NA``)."""
    spread: float | None = None
    low: float | None = None
    high: float | None = None
    n: float | None = None
    category: str = ""
    """Titles of class and category, where a table has several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedComparison:
    """One posted statistical comparison."""

    groups: tuple[str, ...]
    method: str = ""
    parameter: str = ""
    value: float | None = None
    p: float | None = None
    p_below: bool = False
    low: float | None = None
    high: float | None = None
    level: float | None = None
    """Confidence level of the limits, in per cent."""
    dispersion: str = ""
    spread: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedMeasure:
    """One posted table: a baseline characteristic or an outcome."""

    title: str
    parameter: str
    """``MEAN``, ``MEDIAN``, ``COUNT_OF_PARTICIPANTS`` ..., in capitals; empty: no data posted."""
    unit: str
    dispersion: str = ""
    """``STANDARD_DEVIATION``, ``95% CONFIDENCE INTERVAL`` ..., in capitals."""
    type: str = ""
    """``PRIMARY``, ``SECONDARY``; empty for a baseline characteristic."""
    time_frame: str = ""
    population: str = ""
    values: tuple[PostedValue, ...] = ()
    comparisons: tuple[PostedComparison, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCount:
    """How many patients of a group reached a milestone, or left for a reason, in a period."""

    period: str
    what: str
    group: str
    count: float
    is_reason: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRecord:
    """What a register says about a trial.

    sizes are patients, ages as written (``18 Years``).  masking, allocation and model are in the register's
    words, in capitals.
    """

    registry: str
    title: str
    official_title: str = ""
    summary: str = ""
    description: str = ""
    conditions: tuple[str, ...] = ()
    phase: str = ""
    allocation: str = ""
    model: str = ""
    masking: str = ""
    enrolment: int | None = None
    enrolment_is_actual: bool = False
    start: str = ""
    completion: str = ""
    status: str = ""
    arms: tuple[RegisteredArm, ...] = ()
    interventions: tuple[RegisteredIntervention, ...] = ()
    primary: tuple[RegisteredOutcome, ...] = ()
    secondary: tuple[RegisteredOutcome, ...] = ()
    eligibility: str = ""
    sex: str = ""
    minimum_age: str = ""
    maximum_age: str = ""
    flow: tuple[FlowCount, ...] = ()
    baseline: tuple[PostedMeasure, ...] = ()
    outcomes: tuple[PostedMeasure, ...] = ()

    @property
    def has_results(self) -> bool:
        """Return whether results were posted."""
        return bool(self.flow or self.baseline or self.outcomes)
