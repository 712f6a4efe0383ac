"""A registry record: free text, and lines of conditions, interventions and outcomes separated by ``|``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from euexia.core.errors import InputError
from euexia.core.studytime import DAYS_PER_MONTH, DAYS_PER_WEEK, DAYS_PER_YEAR
from euexia.formats.registry import is_structured, read_registry_record
from euexia.formats.registry_record import RegisteredArm, RegisteredOutcome, RegistryRecord

TYPES = (
    "DRUG",
    "BIOLOGICAL",
    "DEVICE",
    "PROCEDURE",
    "RADIATION",
    "BEHAVIORAL",
    "GENETIC",
    "DIETARY_SUPPLEMENT",
    "DIETARY SUPPLEMENT",
    "COMBINATION_PRODUCT",
    "DIAGNOSTIC_TEST",
    "OTHER",
)
"""Kinds of intervention, as registers write them before a colon."""

_INTERVENTION = re.compile(rf"^({'|'.join(TYPES)}):\s*(.+)$", re.IGNORECASE)
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNT = rf"\d+(?:\.\d+)?|{'|'.join(_WORDS)}"
_TIME = re.compile(
    rf"\b({_COUNT})[\s-]*(day|week|month|year)s?\b|\b(day|week|month|year)\s*(\d+)\b", re.IGNORECASE
)
_DAYS = {"day": 1.0, "week": DAYS_PER_WEEK, "month": DAYS_PER_MONTH, "year": DAYS_PER_YEAR}
_FORM = (
    "A record has a title, a text, and one line each of conditions, interventions "
    "('DRUG: name|OTHER: name'), primary outcomes and secondary outcomes "
    "('measure, after 8 weeks|measure, after 8 weeks')."
)


@dataclass(frozen=True, slots=True)
class Intervention:
    """One intervention: its kind (DRUG, OTHER ...), its name, and what stands in brackets behind it."""

    type: str
    name: str
    details: tuple[str, ...] = ()
    written: str = ""
    """The name with its brackets, as registered."""

    @property
    def is_drug(self) -> bool:
        """Return whether it is given as a medicine."""
        return self.type in ("DRUG", "BIOLOGICAL", "COMBINATION_PRODUCT")

    @property
    def is_placebo(self) -> bool:
        """Return whether it is a placebo."""
        return "placebo" in self.name.lower()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome: its words, and when it is read; None if the record does not say when in days to years."""

    text: str
    days: float | None
    written: str
    """The time as written, such as ``8 weeks``."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a registry record says."""

    title: str
    text: str
    conditions: tuple[str, ...]
    interventions: tuple[Intervention, ...]
    primary: tuple[Outcome, ...]
    secondary: tuple[Outcome, ...]
    registry: str = ""
    size: int | None = None
    """Patients planned, or in fact included."""
    arms: tuple[RegisteredArm, ...] = ()
    """Empty for a record of lines, which names no arms."""
    allocation: str = ""
    masking: str = ""
    minimum_age: str = ""
    maximum_age: str = ""
    criteria: str = ""
    """Eligibility in the register's own words."""


def read_record(text: str, name: str) -> Record:
    """Return what a registry record says; ``name`` is the file's, for messages.

    text: JSON (API version 2 of ClinicalTrials.gov, or its older form), XML, or lines with ``|`` between
    entries. Raises InputError if the text is empty, is no record, or names no outcomes.
    """
    if is_structured(text):
        return record_of(read_registry_record(text, name))
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{name} is empty. {_FORM}")
    index = next((number for number, line in enumerate(lines) if _interventions(line)), None)
    if index is None:
        raise InputError(f"{name} is not a trial record: no line names interventions. {_FORM}")
    if index < 2:
        raise InputError(f"{name} is not a trial record: nothing stands above the interventions. {_FORM}")
    following = lines[index + 1 :]
    primary = _outcomes(following[0]) if following else ()
    if not primary:
        raise InputError(
            f"{name} is a record without outcomes: below the interventions '{lines[index][:60]}' no line "
            f"says what is measured and when, so no endpoint can be drafted. {_FORM}"
        )
    secondary = _outcomes(following[1]) if len(following) > 1 else ()
    return Record(
        title=lines[0],
        text="\n".join(lines[1 : index - 1]) or lines[0],
        conditions=tuple(part.strip() for part in lines[index - 1].split("|") if part.strip()),
        interventions=_interventions(lines[index]),
        primary=primary,
        secondary=secondary,
    )


def record_of(registered: RegistryRecord) -> Record:
    """Return what a register says in its own form, as the lines would say it."""
    return Record(
        title=registered.official_title or registered.title,
        text="\n".join(part for part in (registered.summary, registered.description) if part),
        conditions=registered.conditions,
        interventions=tuple(_intervention(item.type, item.name) for item in registered.interventions),
        primary=tuple(_registered_outcome(outcome) for outcome in registered.primary),
        secondary=tuple(_registered_outcome(outcome) for outcome in registered.secondary),
        registry=registered.registry,
        size=registered.enrolment,
        arms=registered.arms,
        allocation=registered.allocation,
        masking=registered.masking,
        minimum_age=registered.minimum_age,
        maximum_age=registered.maximum_age,
        criteria=registered.eligibility,
    )


def _registered_outcome(outcome: RegisteredOutcome) -> Outcome:
    timed = _outcome(f"{outcome.measure}, {outcome.time_frame}" if outcome.time_frame else outcome.measure)
    return Outcome(outcome.measure, timed.days, timed.written)


def _interventions(line: str) -> tuple[Intervention, ...]:
    """Return the interventions of a line, empty if it is not one of them."""
    found = [_INTERVENTION.match(part.strip()) for part in line.split("|")]
    if not found or not all(found):
        return ()
    return tuple(_intervention(match.group(1), match.group(2)) for match in found if match is not None)


def _intervention(kind: str, text: str) -> Intervention:
    bracket = re.search(r"\(([^)]*)\)", text)
    details = tuple(part.strip() for part in bracket.group(1).split(",") if part.strip()) if bracket else ()
    name = re.sub(r"\s*\([^)]*\)", "", text).strip()
    return Intervention(kind.upper().replace(" ", "_"), name, details, text.strip())


def _outcomes(line: str) -> tuple[Outcome, ...]:
    """Return the outcomes of a line, empty if it reads like prose rather than like outcomes."""
    parts = [part.strip() for part in line.split("|") if part.strip()]
    timed = [part for part in parts if _TIME.search(part)]
    looks_like_prose = len(parts) == 1 and (not timed or len(re.findall(r"\.\s+[A-Z]", line)) > 1)
    return () if looks_like_prose else tuple(_outcome(part) for part in parts)


def _outcome(part: str) -> Outcome:
    words = re.sub(r"^(and|or)\s+", "", part, flags=re.IGNORECASE)
    label = words.rpartition(",")[0] if _TIME.search(words.rpartition(",")[2]) else words
    found = list(_TIME.finditer(words))
    if not found:
        return Outcome(words, None, "")
    count, unit = _last_time(found)
    return Outcome(
        (label or words).strip(), count * _DAYS[unit], f"{count:g} {unit}{'' if count == 1 else 's'}"
    )


def _last_time(found: list[re.Match[str]]) -> tuple[float, str]:
    """Return the latest time named (``baseline, week 4 and week 12`` is 12 weeks) as count and unit."""
    times = []
    for match in found:
        count, unit = (match.group(1), match.group(2)) if match.group(1) else (match.group(4), match.group(3))
        number = _WORDS.index(count.lower()) + 1 if count.lower() in _WORDS else float(count)
        times.append((float(number), unit.lower()))
    return max(times, key=lambda time: time[0] * _DAYS[time[1]])


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, without line breaks."""
    flat = re.sub(r"\s+", " ", text)
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+(?=[A-Z])", flat) if part.strip()]
