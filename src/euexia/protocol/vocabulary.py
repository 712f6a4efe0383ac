"""What the words of trial records mean in Euexia: small tables, first match wins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from euexia.protocol.analysis_plan import EndpointKind
from euexia.protocol.statement import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an outcome's words are read as.  ``of``: how a response in it is usually counted."""

    pattern: str
    kind: EndpointKind = EndpointKind.CHANGE
    measure: str | None = None
    events: str | None = None
    of: Quantity = Quantity.CHANGE
    higher_is_better: bool = True
    vague: bool = False
    """The words name what is looked at but not how it is measured."""


OUTCOMES: tuple[Meaning, ...] = (
    Meaning(
        pattern=r"lean (body )?mass|fat[- ]free mass|muscle mass",
        measure="lean_mass_ct",
        of=Quantity.PERCENT_CHANGE,
    ),
    Meaning(
        pattern=r"muscle (cross[- ]sectional )?area",
        measure="skeletal_muscle_area",
        of=Quantity.PERCENT_CHANGE,
    ),
    Meaning(pattern=r"hand ?grip|grip strength|muscle strength", measure="handgrip_strength"),
    Meaning(
        pattern=r"\bsaes?\b|serious adverse",
        kind=EndpointKind.EVENT_COUNT,
        events="serious_adverse_event",
        higher_is_better=False,
    ),
    Meaning(
        pattern=r"neutropeni", kind=EndpointKind.EVENT_COUNT, events="neutropenia", higher_is_better=False
    ),
    Meaning(
        pattern=r"thrombocytopeni",
        kind=EndpointKind.EVENT_COUNT,
        events="thrombocytopenia",
        higher_is_better=False,
    ),
    Meaning(
        pattern=r"adverse event|toxicit|tolerability|\bsafety\b",
        kind=EndpointKind.EVENT_COUNT,
        higher_is_better=False,
    ),
    Meaning(
        pattern=r"tumou?r|recist",
        vague=True,
        kind=EndpointKind.CATEGORY,
        measure="tumour_size",
        higher_is_better=False,
    ),
    Meaning(
        pattern=r"\bcrp\b|c[- ]reactive",
        measure="crp",
        of=Quantity.PERCENT_LOSS,
        higher_is_better=False,
    ),
    Meaning(
        pattern=r"inflammat", measure="crp", of=Quantity.PERCENT_LOSS, higher_is_better=False, vague=True
    ),
    Meaning(
        pattern=r"gdf[- ]?15|growth differentiation",
        measure="gdf15",
        of=Quantity.PERCENT_LOSS,
        higher_is_better=False,
    ),
    Meaning(pattern=r"faact|eating[- ]related|appetite|anorexia", measure="faact_acs"),
    Meaning(pattern=r"intake", measure="energy_intake", vague=True),
    Meaning(pattern=r"resting (energy|metabolic)|calorimetr", measure="resting_expenditure"),
    Meaning(pattern=r"physical (function|activity)|steps?\b", measure="daily_steps", vague=True),
    Meaning(pattern=r"albumin", measure="albumin"),
    Meaning(pattern=r"fat mass|adipose", measure="fat_mass_ct", of=Quantity.PERCENT_CHANGE),
    Meaning(pattern=r"weight", measure="body_weight", of=Quantity.PERCENT_CHANGE),
)

CARE: tuple[tuple[str, str], ...] = (
    (r"prokinetic|metoclopramide|domperidone", "prokinetic"),
    (r"activity|exercise|training", "activity_counselling"),
    (r"nutrition|diet", "nutrition_counselling"),
)
"""Care of everyone: words of a record, and the treatment's name in Euexia."""

GUIDES: tuple[tuple[str, str], ...] = (
    (r"crp|c-reactive", "crp"),
    (r"gdf-?15", "gdf15"),
    (r"weight", "body_weight"),
    (r"neutrophil", "neutrophils"),
)
"""What a dose can be guided by: words of a record, and the measure."""


def outcome_meaning(text: str) -> Meaning | None:
    """Return what an outcome's words are read as, None if they say nothing known."""
    lowered = text.lower()
    return next((meaning for meaning in OUTCOMES if re.search(meaning.pattern, lowered)), None)


def look_up(text: str, table: tuple[tuple[str, str], ...]) -> str | None:
    """Return the first entry of a table whose words occur in a text."""
    lowered = text.lower()
    return next((name for pattern, name in table if re.search(pattern, lowered)), None)


def identifier(text: str) -> str:
    """Return words as a name for a file: lower case, joined by underscores."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "unnamed"
