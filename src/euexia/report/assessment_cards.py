"""One page for each patient, to be read in half a minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from euexia.assess.assessment import LEADING
from euexia.assess.record import to_date
from euexia.assess.trend import Trend
from euexia.assess.vocabulary import term, terms
from euexia.core.logic import TRUE
from euexia.core.studytime import DAYS_PER_WEEK
from euexia.criteria.catalogue import DEFINITIONS
from euexia.report.assessment_figures import weight_panel
from euexia.report.assessment_material import AssessmentMaterial, Wanted, missing_of
from euexia.report.assessment_words import answer, label, reading_name
from euexia.report.drawing import Panel
from euexia.report.formatting import number, percent, plural

INFLAMED = 10.0
"""CRP [mg/L] above which the Glasgow scores count inflammation (Forrest 2003, McMillan 2007)."""
LITTLE_APPETITE = 37.0
"""FAACT A/CS points up to which appetite counts as impaired (Blauwhoff-Buskermolen 2016)."""
LITTLE_INTAKE = 20.0
"""Energy [kcal/kg/day] below which intake counts as anorexia (Evans 2008)."""
READINGS = (
    "body_weight",
    "bmi",
    "handgrip_strength",
    "skeletal_muscle_area",
    "crp",
    "albumin",
    "ecog",
    "energy_intake",
    "faact_acs",
)
SCORES = ("cachexia", "nutritional risk", "performance", "prognosis", "renal function", "response", "score")
"""Concepts whose scores a card shows."""
ORDER = {"yes": 0, "unknown": 1, "no": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One definition on a card."""

    label: str
    state: str
    """``yes``, ``no`` or ``unknown``; empty for a score."""
    answer: str
    why: str
    shown: bool
    """Whether a score stands among the readings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the page of one patient says."""

    patient: str
    date: str
    facts: str
    status: tuple[Line, ...]
    scores: tuple[Line, ...]
    trend: tuple[str, ...]
    drivers: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    doubts: tuple[str, ...]
    readings: tuple[tuple[str, str], ...]
    panel: Panel | None


def card(material: AssessmentMaterial, index: int) -> Card:
    """Return the card of one patient."""
    change = material.trend(index)
    weights = material.checked.record.of("body_weight").of_patient(int(material.last.at.patient[index]))
    lines = list(_lines(material, index))
    name = material.name(index)
    return Card(
        patient=name,
        date=material.date(index),
        facts=_facts(material, index),
        status=tuple(sorted((line for line in lines if line.state), key=lambda line: ORDER[line.state])),
        scores=tuple(line for line in lines if line.shown and line.answer != "unknown"),
        trend=tuple(trend_words(change)),
        drivers=tuple(_drivers(material, index)),
        wanted=material.wanted(index),
        doubts=tuple(f"{finding.date}: {finding.text}" for finding in material.findings.get(name, ())),
        readings=tuple(_readings(material, index)),
        panel=weight_panel(weights, change, "weight"),
    )


def _value(material: AssessmentMaterial, name: str, index: int) -> float:
    return float(material.last.columns[name][index])


def _facts(material: AssessmentMaterial, index: int) -> str:
    sex = {1.0: "man", 0.0: "woman"}.get(_value(material, "male", index), "sex unknown")
    age, height = _value(material, "age", index), _value(material, "height", index)
    years = f"{age:.0f} years" if np.isfinite(age) else "age unknown"
    tall = f"{height:.0f} cm" if np.isfinite(height) else "height unknown"
    return f"{sex[:1].upper()}{sex[1:]}, {years}, {tall}"


def _lines(material: AssessmentMaterial, index: int) -> Iterator[Line]:
    for name, outcome in material.outcomes.items():
        said = answer(outcome, index)
        main = DEFINITIONS[name].concept in LEADING and outcome.truth is not None
        state = said.split(",")[0] if main else ""
        met = [arm.replace("_", " ") for arm, truth in outcome.met.items() if int(truth[index]) == TRUE]
        missing = [reading_name(part) for part in missing_of(outcome, index)]
        why = ", ".join(met) if state != "unknown" else f"missing: {', '.join(missing) or 'a usable reading'}"
        shown = not state and DEFINITIONS[name].concept in SCORES
        yield Line(label=label(name), state=state, answer=said, why=why if state != "no" else "", shown=shown)


def trend_words(change: Trend) -> Iterator[str]:
    """Give what the weights and CT scans say, in sentences."""
    if not np.isfinite(change.weight):
        yield "No body weight was read."
        return
    day = to_date(change.weighed_on)
    if np.isfinite(change.loss):
        verb = "lost" if change.loss > 0 else "gained"
        yield (
            f"{percent(abs(change.loss))} of body weight {verb} in {change.reference_age:.0f} days: "
            f"{change.reference_weight:.1f} to {change.weight:.1f} kg ({day})."
        )
    else:
        yield f"Body weight {change.weight:.1f} kg ({day}); no weight of about 6 months before."
    if change.slope is not None:
        middle, low, high = change.slope.share_per_week()
        yield (
            f"Trend {number(100 * middle, 2)} % a week (95 % interval {number(100 * low, 2)} to "
            f"{number(100 * high, 2)}), from {change.slope.readings} weights in {change.slope.days:.0f} days."
        )
    else:
        yield "Too few weights for a trend: it takes three in two weeks or more."
    if change.projection is not None:
        ahead = change.projection
        latest = _weeks(ahead.latest) if np.isfinite(ahead.latest) else "never, if it stops falling"
        yield (
            f"If it goes on, a loss of {100 * ahead.degree:.0f} % ({ahead.weight:.1f} kg) comes in about "
            f"{_weeks(ahead.days)} ({_weeks(ahead.soonest)} to {latest})."
        )
    if np.isfinite(change.muscle_per_100_days):
        yield f"Muscle area {number(100 * change.muscle_per_100_days)} % per 100 days, first to last CT."


def _weeks(days: float) -> str:
    return plural(round(days / DAYS_PER_WEEK), "week")


def _drivers(material: AssessmentMaterial, index: int) -> Iterator[str]:
    crp = _value(material, "crp", index)
    if np.isnan(crp):
        yield "Inflammation: unknown, no C-reactive protein in force."
    elif crp > INFLAMED:
        yield f"Inflammation: C-reactive protein {crp:.0f} mg/L (above {INFLAMED:g})."
    else:
        yield f"Inflammation: not by C-reactive protein ({crp:.0f} mg/L)."
    yield _appetite(material, index)


def _appetite(material: AssessmentMaterial, index: int) -> str:
    score, intake = _value(material, "faact_acs", index), _value(material, "energy_intake", index)
    stated = _value(material, "anorexia", index) if "anorexia" in terms() else float("nan")
    per_kg = intake / _value(material, "body_weight", index)
    signs = (
        (
            score,
            score <= LITTLE_APPETITE,
            f"FAACT A/CS {score:.0f} points (up to {LITTLE_APPETITE:g} is impaired)",
        ),
        (
            per_kg,
            per_kg < LITTLE_INTAKE,
            f"intake {per_kg:.0f} kcal/kg a day (below {LITTLE_INTAKE:g} is little)",
        ),
        (stated, stated == 1, f"loss of appetite stated: {'yes' if stated == 1 else 'no'}"),
    )
    known = [(impaired, text) for value, impaired, text in signs if np.isfinite(value)]
    if not known:
        return "Appetite: unknown, neither asked nor measured."
    word = "impaired" if any(impaired for impaired, _ in known) else "not impaired"
    return f"Appetite: {word}; {'; '.join(text for _, text in known)}."


def _readings(material: AssessmentMaterial, index: int) -> Iterator[tuple[str, str]]:
    for name in READINGS:
        if name not in terms():
            continue
        value = _value(material, name, index)
        if np.isfinite(value):
            yield reading_name(name), term(name).printed(value)


def summary(found: Card) -> str:
    """Return the card in one sentence, for the list of patients."""
    yes = [line.label for line in found.status if line.state == "yes"]
    unknown = sum(line.state == "unknown" for line in found.status)
    open_ = f"; {plural(unknown, 'definition')} unknown" if unknown else ""
    return (", ".join(yes) if yes else "no definition is known to hold") + open_
