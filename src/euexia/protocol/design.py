"""Parts of a design beyond arms and visits: masking, programmes, crossover, interim looks; frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from euexia.core.datafile import Unit
from euexia.protocol.statement import Condition, Status


class Masking(StrEnum):
    """Who does not know the arm."""

    NOT_STATED = "not_stated"
    OPEN_LABEL = "open_label"
    """Everybody knows the arm."""
    PATIENT = "patient"
    """Patients do not know it; those who treat and measure do."""
    ASSESSOR = "assessor"
    """Those who measure do not know it; patients do."""
    DOUBLE_BLIND = "double_blind"
    """Neither patients nor those who treat and measure know it."""


class Route(StrEnum):
    """How a treatment is given."""

    ORAL = "oral"
    SUBCUTANEOUS = "subcutaneous"
    INTRAVENOUS = "intravenous"
    BEHAVIOURAL = "behavioural"
    """Something the patient does: exercise, eating."""


class ExerciseType(StrEnum):
    """What is trained."""

    RESISTANCE = "resistance"
    COMBINED = "combined"
    ENDURANCE = "endurance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What an exercise programme prescribes."""

    type: ExerciseType
    sessions: Annotated[float, Unit("event_rate")]
    """Sessions per time, such as ``3 1/week``."""
    load: Annotated[float, Unit("fraction")]
    """Share of the most the patient can do; adjusted to what the patient can do at the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover:
    """A change of treatment after randomisation: from the treatments of some arms to those of one.

    The patient keeps the arm allotted.  Times of the new treatments count from the day of the change; a
    change from baseline in their rules still counts from day 0.
    """

    name: str
    arms: tuple[str, ...]
    """Arms whose patients change; the target itself among them goes on with its treatments."""
    to: str
    """Arm whose treatments they take from then on."""
    day: Annotated[float, Unit("duration")]
    """Day of the change; with ``when`` the first day on which it may come."""
    when: Condition | None = None
    """What must hold at a dose check; without it everyone changes on ``day``."""
    lasts: Annotated[float, Unit("duration")] | None = None
    """Length of treatment after the change; None: to the end of follow-up."""
    uptake: Annotated[float, Unit("fraction")] = 1.0
    """Share of the patients who agree to change."""
    status: Status = Status.ASSUMED
    source: str = ""


class Spending(StrEnum):
    """How an error is spent over interim looks."""

    OBRIEN_FLEMING = "obrien_fleming"
    """Lan-DeMets, like O'Brien and Fleming: little early."""
    POCOCK = "pocock"
    """Lan-DeMets, like Pocock: evenly."""
    KIM_DEMETS = "kim_demets"
    """A power of the information fraction."""
    HWANG_SHIH_DECANI = "hwang_shih_decani"
    """The gamma family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """When a look ends the trial: a p value given as a number, or a function that spends an error."""

    p_value: Annotated[float, Unit("fraction")] | None = None
    """Efficacy: stop at or below it.  Futility: stop above it."""
    spending: Spending | None = None
    parameter: float | None = None
    """Of kim_demets (power) and hwang_shih_decani (gamma)."""
    error: Annotated[float, Unit("fraction")] | None = None
    """Error that is spent in all: alpha for efficacy, beta for futility."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interim:
    """One planned look at the data before the end."""

    name: str
    analysis: str
    """Name of the planned analysis that is done early."""
    information: Annotated[float, Unit("fraction")] | None = None
    """Share of the information of the final analysis."""
    patients: int | None = None
    """Number of patients who have reached the endpoint's day, instead of ``information``."""
    efficacy: Boundary | None = None
    futility: Boundary | None = None
    binding: bool = False
    """Whether the trial must stop where the futility boundary is crossed."""
    executed: bool = False
    """Whether simulated trials carry out this look; so far none is, and every run says so."""
    status: Status = Status.ASSUMED
    source: str = ""
