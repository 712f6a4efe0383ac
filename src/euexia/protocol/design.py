"""Parts of a design beyond arms and visits: masking, programmes, crossover, interim looks; frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from euexia.core.datafile import Unit
from euexia.protocol.statement import LATER, Condition, Status


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


class Shape(StrEnum):
    """Critical values of a fixed shape over the looks as planned, instead of a spending function."""

    OBRIEN_FLEMING = "obrien_fleming"
    """High early, falling with the square root of the information."""
    POCOCK = "pocock"
    """The same at every look."""
    WANG_TSIATIS = "wang_tsiatis"
    """A power of the information between the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """When a look ends the trial: exactly one of the keys that say a limit."""

    p_value: Annotated[float, Unit("fraction")] | None = None
    """Efficacy: stop at or below it.  Futility: stop above it, or where the effect is the wrong way."""
    spending: Spending | None = None
    parameter: float | None = None
    """Of kim_demets (power), hwang_shih_decani (gamma) and wang_tsiatis (Delta)."""
    error: Annotated[float, Unit("fraction")] | None = None
    """Error that is spent in all: alpha for efficacy (the analysis's own if left out), beta for futility."""
    shape: Shape | None = field(default=None, metadata=LATER)
    """Efficacy: critical values of a fixed shape at the looks as planned."""
    conditional_power: Annotated[float, Unit("fraction")] | None = field(default=None, metadata=LATER)
    """Futility: stop where success at the end, should the trend go on, is less probable than this."""
    responders: int | None = field(default=None, metadata=LATER)
    """Futility of a response rate against a fixed one: stop at so many responders or fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Arms that leave the trial at a look; at least one goes on, or the trial stops."""

    analyses: tuple[str, ...]
    """One comparison for each arm that may leave."""
    p_value: Annotated[float, Unit("fraction")] | None = None
    """Arms leave above it, or where the effect is the wrong way."""
    responders: int | None = None
    """Arms leave with so many responders or fewer."""
    keep: int | None = None
    """No more than so many arms go on, those with the largest statistic."""
    refill: bool = True
    """Whether the places of an arm that leaves are given to those that go on; if not, the trial shrinks."""


class ResizeRule(StrEnum):
    """How a size is estimated again."""

    PROMISING_ZONE = "promising_zone"
    """From the effect so far: more patients where they make success likely enough."""
    BLINDED_VARIANCE = "blinded_variance"
    """From the spread of all values together, arms unseen."""
    BLINDED_RATE = "blinded_rate"
    """From the response rate of all patients together, arms unseen."""


class FinalTest(StrEnum):
    """How the final test keeps its level although the size followed the effect."""

    INVERSE_NORMAL = "inverse_normal"
    """The statistics of the two stages, with the weights that were planned."""
    CONVENTIONAL = "conventional"
    """The plain statistic; sound where more patients come only at a conditional power of half or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """A size that is estimated again at a look; it never becomes smaller than planned."""

    by: ResizeRule
    maximum: int
    """Most patients in all."""
    power: Annotated[float, Unit("fraction")] = 0.9
    """Of the promising zone: conditional power that is aimed at."""
    promising_from: Annotated[float, Unit("fraction")] = 0.5
    """Of the promising zone: least conditional power at which patients are added."""
    test: FinalTest = FinalTest.INVERSE_NORMAL
    assumed: float | None = None
    """Of the blinded rules: standard deviation (unit of the endpoint) or rate behind the planned size."""


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
    """Whether simulated trials carry out this look; those that do not say so."""
    number_of_events: int | None = field(default=None, metadata=LATER)
    """Of a time to event: number of events at the look; ``information`` says which share that is."""
    co_primary: tuple[str, ...] = field(default=(), metadata=LATER)
    """Analyses that must succeed too: the weakest of them all decides."""
    delay: Annotated[float, Unit("duration")] = field(default=0.0, metadata=LATER)
    """Time from the cut of the data to the decision; patients who come meanwhile are in the trial."""
    pause: bool = field(default=False, metadata=LATER)
    """Whether nobody is randomised from the last patient of the look until the decision."""
    drop: Drop | None = field(default=None, metadata=LATER)
    resize: Resize | None = field(default=None, metadata=LATER)
    status: Status = Status.ASSUMED
    source: str = ""
