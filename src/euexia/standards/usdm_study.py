"""What the standard part of a USDM document says of a trial, as plain values; ours and others' alike."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdmTreatment:
    """One intervention: what it is, and its first administration as far as it is written."""

    name: str
    label: str
    type: str
    role: str
    description: str = ""
    dose: str = ""
    """Such as ``100 Milligram``; empty if none is written."""
    route: str = ""
    frequency: str = ""
    lasts: float | None = None
    """Days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdmArm:
    """One arm, with the interventions of its elements."""

    name: str
    label: str
    type: str
    description: str = ""
    treatments: tuple[str, ...] = ()
    """Names of interventions, in the order of the cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdmVisit:
    """One encounter of the main timeline; ``day`` is None where the timings do not lead to the anchor."""

    name: str
    label: str
    day: float | None
    early: float | None = None
    late: float | None = None
    """The window, in days before and after; None if none is written."""
    epoch: str = ""
    activities: tuple[str, ...] = ()
    """Labels of what is done, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdmEndpoint:
    """One endpoint, with the level of itself (primary, secondary ...)."""

    name: str
    label: str
    text: str
    level: str
    objective: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdmEstimand:
    """One estimand: of which endpoint, in whom, and what becomes of intercurrent events."""

    name: str
    endpoint: str
    population: str
    events: tuple[tuple[str, str], ...] = ()
    """Event and strategy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdmCriterion:
    """One line of eligibility."""

    name: str
    identifier: str
    category: str
    text: str

    @property
    def excludes(self) -> bool:
        """Return whether it keeps people out."""
        return "exclu" in self.category.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdmStudy:
    """The standard part of a document with one design."""

    name: str
    title: str
    identifiers: tuple[str, ...]
    rationale: str
    model: str
    blinding: str
    phase: str
    size: str
    """Planned enrolment as written, such as ``187`` or ``150 to 160``; empty if none is."""
    ages: tuple[float | None, float | None] = (None, None)
    """Youngest and oldest planned, in years."""
    sexes: tuple[str, ...] = ()
    indications: tuple[str, ...] = ()
    arms: tuple[UsdmArm, ...] = ()
    epochs: tuple[str, ...] = ()
    treatments: tuple[UsdmTreatment, ...] = ()
    visits: tuple[UsdmVisit, ...] = ()
    endpoints: tuple[UsdmEndpoint, ...] = ()
    objectives: tuple[tuple[str, str], ...] = ()
    """Level and text."""
    estimands: tuple[UsdmEstimand, ...] = ()
    criteria: tuple[UsdmCriterion, ...] = ()
    populations: tuple[str, ...] = field(default=())
    """Analysis sets."""
