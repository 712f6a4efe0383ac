"""From a USDM document of others to a draft protocol file, with a mark at everything it does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from euexia.criteria.measures import MEASURES
from euexia.formats.registry_record import (
    RegisteredArm,
    RegisteredIntervention,
    RegisteredOutcome,
    RegistryRecord,
)
from euexia.protocol.record import record_of
from euexia.protocol.registry import draft_of, todo
from euexia.protocol.vocabulary import identifier, outcome_meaning
from euexia.standards.usdm_study import UsdmArm, UsdmStudy, UsdmTreatment, UsdmVisit

REGISTERED = re.compile(r"NCT\d{8}")
ARM_TYPES = (
    ("placebo", "PLACEBO_COMPARATOR"),
    ("sham", "SHAM_COMPARATOR"),
    ("no intervention", "NO_INTERVENTION"),
    ("control", "NO_INTERVENTION"),
    ("active comparator", "ACTIVE_COMPARATOR"),
)
"""Words of USDM for an arm, and those of a register."""
INTERVENTION_TYPES = (
    ("biolog", "BIOLOGICAL"),
    ("behav", "BEHAVIORAL"),
    ("supplement", "DIETARY_SUPPLEMENT"),
    ("device", "DEVICE"),
    ("procedure", "PROCEDURE"),
    ("radiation", "RADIATION"),
)
MASKING = (
    ("double", "double_blind"),
    ("observer", "assessor"),
    ("single", "patient"),
    ("open", "open_label"),
)


def drafted(study: UsdmStudy, file: str) -> str:
    """Return a draft protocol file of a trial; loading it names what a person still has to decide."""
    return draft_of(
        record_of(_registered(study)),
        file,
        source="USDM document",
        schedule=tuple(_schedule(study)),
        further=tuple(_further(study)),
    )


def _registered(study: UsdmStudy) -> RegistryRecord:
    primary = [item for item in study.endpoints if "primary" in item.level.lower()]
    others = [item for item in study.endpoints if item not in primary]
    youngest, oldest = study.ages
    objectives = [text for level, text in study.objectives if "primary" in level.lower()]
    return RegistryRecord(
        registry=next((item for item in study.identifiers if REGISTERED.fullmatch(item)), ""),
        title=study.title,
        summary=" ".join([*(f"Objective: {text}" for text in objectives), study.rationale]),
        conditions=study.indications,
        enrolment=int(study.size) if study.size.isdigit() else None,
        masking=study.blinding,
        model=study.model,
        arms=tuple(_arm(arm, study) for arm in study.arms),
        interventions=tuple(_intervention(item) for item in study.treatments),
        primary=tuple(RegisteredOutcome(measure=item.text or item.label) for item in primary),
        secondary=tuple(RegisteredOutcome(measure=item.text or item.label) for item in others),
        eligibility="\n".join(_criteria(study)),
        minimum_age="" if youngest is None else f"{youngest:g} Years",
        maximum_age="" if oldest is None else f"{oldest:g} Years",
    )


def _arm(arm: UsdmArm, study: UsdmStudy) -> RegisteredArm:
    lowered = arm.type.lower()
    return RegisteredArm(
        label=arm.label,
        type=next((name for words, name in ARM_TYPES if words in lowered), "EXPERIMENTAL"),
        description=arm.description,
        interventions=tuple(item.label for item in study.treatments if item.name in arm.treatments),
    )


def _intervention(item: UsdmTreatment) -> RegisteredIntervention:
    lowered = item.type.lower()
    kind = next((name for words, name in INTERVENTION_TYPES if words in lowered), "DRUG")
    return RegisteredIntervention(type=kind, name=item.label, description=item.description)


def _criteria(study: UsdmStudy) -> Iterator[str]:
    for excludes, title in ((False, "Inclusion:"), (True, "Exclusion:")):
        lines = [item for item in study.criteria if item.excludes is excludes]
        yield from [title] if lines else []
        yield from (f"- {item.text}" for item in lines)


def _further(study: UsdmStudy) -> Iterator[str]:
    lowered = study.blinding.lower()
    masking = next((name for words, name in MASKING if words in lowered), None)
    if masking is not None:
        yield f"masking: {masking}   # {study.blinding}"
    if study.estimands:
        yield "# The document names estimands; their strategies want the words of Euexia, below:"
    for estimand in study.estimands:
        events = "; ".join(f"{event}: {strategy}" for event, strategy in estimand.events)
        yield f"#   {estimand.endpoint}: {estimand.population}; {events}"
    if study.treatments:
        yield "# The document describes its treatments:"
    for item in study.treatments:
        lasts = "" if item.lasts is None else f"for {item.lasts:g} days"
        said = (item.description, item.dose, item.route, item.frequency, lasts)
        yield f"#   {item.label}: {'; '.join(part for part in said if part)}"
    yield from [f"# Phase: {study.phase}"] if study.phase else []


def _schedule(study: UsdmStudy) -> Iterator[str]:
    """Give the schedule as the document has it; nothing if it has no visit with a day."""
    timed = [visit for visit in study.visits if visit.day is not None]
    if not any(visit.day is not None and visit.day >= 0 for visit in timed):
        return
    before = [visit for visit in timed if _day(visit) < 0]
    later = [visit for visit in timed if _day(visit) >= 0]
    treated = [visit for visit in later if "follow" not in visit.epoch.lower()]
    yield "schedule:   # days count from the fixed reference of the timeline, read as randomisation"
    first = (
        f"{_day(before[0]):g} days   # {before[0].label}"
        if before
        else todo("day of screening, for example -7 days")
    )
    yield f"  screening: {first}"
    yield f"  treatment: {_day((treated or later)[-1]):g} days   # guessed: the last visit before follow-up"
    yield f"  follow_up: {_day(later[-1]):g} days   # guessed: the last visit"
    for visit in before[1:]:
        yield f"  # before day 0 besides: {visit.label}, day {_day(visit):g}"
    for visit in study.visits:
        if visit.day is None:
            yield f"  # without a day: {visit.label}"
    yield "  visits:"
    taken: set[str] = set()
    for visit in later:
        yield from _visit(visit, taken)


def _day(visit: UsdmVisit) -> float:
    return visit.day or 0.0


def _visit(visit: UsdmVisit, taken: set[str]) -> Iterator[str]:
    name = identifier(visit.label)
    while name in taken:
        name += "_again"
    taken.add(name)
    known = dict.fromkeys(measure for item in visit.activities if (measure := _measure(item)) is not None)
    unknown = [item for item in visit.activities if _measure(item) is None]
    yield f"    {name}:"
    yield f"      day: {_day(visit):g} days"
    if visit.day:
        yield f"      window: {_window(visit)}"
        yield f"      attendance: {todo('share of patients who come, in %')}"
    yield f"      measures: [{', '.join(known)}]   # guessed from the activities"
    if unknown:
        yield f"      # further activities: {'; '.join(unknown)}"


def _window(visit: UsdmVisit) -> str:
    if visit.early is None and visit.late is None:
        return todo("how many days early or late it may be")
    early, late = visit.early or 0.0, visit.late or 0.0
    if early == late:
        return f"{early:g} days"
    return f"{max(early, late):g} days   # {early:g} days early, {late:g} days late"


def _measure(activity: str) -> str | None:
    """Return the measure that an activity reads: by its label, else by its words."""
    for name, measure in MEASURES.items():
        if activity.lower() in (name, measure.label.lower(), measure.short.lower()):
            return name
    meaning = outcome_meaning(activity)
    return None if meaning is None or meaning.vague else meaning.measure
