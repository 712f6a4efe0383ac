"""The columns of a subject: what is known of a person beside readings, and nothing latent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from euexia.core.quantities import canonical_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectColumn:
    """One column of the subjects table."""

    meaning: str
    kind: str = ""
    """Kind of quantity; empty for a code."""
    allowed: tuple[float, ...] = ()
    """Codes that may occur; empty for a quantity."""
    may_be_missing: bool = False

    @property
    def unit(self) -> str:
        """Return the canonical unit; empty for a code."""
        return canonical_unit(self.kind) if self.kind else ""


SUBJECT_COLUMNS: Mapping[str, SubjectColumn] = {
    "arm": SubjectColumn(meaning="Arm the subject was randomised to, as an index into the arms"),
    "age": SubjectColumn(meaning="Age at randomisation", kind="years", may_be_missing=True),
    "sex": SubjectColumn(meaning="Sex: 0 woman, 1 man", allowed=(0.0, 1.0), may_be_missing=True),
    "height": SubjectColumn(meaning="Height", kind="height", may_be_missing=True),
    "enrolled_day": SubjectColumn(
        meaning="Calendar day of randomisation, counted from the opening of the trial",
        kind="duration",
        may_be_missing=True,
    ),
    "death_day": SubjectColumn(
        meaning="Day of death from randomisation; empty: did not die under observation",
        kind="duration",
        may_be_missing=True,
    ),
    "withdrawal_day": SubjectColumn(
        meaning="Day of withdrawal from the trial; empty: did not withdraw",
        kind="duration",
        may_be_missing=True,
    ),
    "treatment_stop_day": SubjectColumn(
        meaning="Day on which study treatment was stopped for good before its planned end; empty: it was not",
        kind="duration",
        may_be_missing=True,
    ),
    "crossover_day": SubjectColumn(
        meaning="Day on which the subject changed to the treatment of another arm; empty: did not change",
        kind="duration",
        may_be_missing=True,
    ),
    "rescue_day": SubjectColumn(
        meaning="Day on which rescue began (tube or parenteral feeding, or a corticosteroid against loss of "
        "appetite); empty: it did not",
        kind="duration",
        may_be_missing=True,
    ),
    "last_contact_day": SubjectColumn(
        meaning="Last day on which the subject was known to be under observation",
        kind="duration",
        may_be_missing=True,
    ),
}
"""Every column a subject may have.  What is not here, a sponsor could not have."""

TERMS: Mapping[str, str] = {
    "neutropenia": "Neutrophil count decreased",
    "thrombocytopenia": "Platelet count decreased",
    "venous_thromboembolism": "Venous thromboembolism",
    "rash": "Rash",
    "serious_adverse_event": "Serious adverse event of any kind",
}
"""Adverse events that the trials of this package record, and how they are printed."""
