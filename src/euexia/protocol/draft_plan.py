"""What a registry record lets us guess: arms, endpoints, response rates, and the times of the trial."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from euexia.formats.registry_record import RegisteredArm
from euexia.protocol.analysis_plan import EndpointKind, Role
from euexia.protocol.record import Intervention, Outcome, Record, sentences
from euexia.protocol.vocabulary import CARE, GUIDES, Meaning, identifier, look_up, outcome_meaning

_GROUP = re.compile(r"\((?:treatment )?(group|arm|cohort)\s+([A-Z0-9]+)\)", re.IGNORECASE)
_DOSE = re.compile(r"(\d+(?:\.\d+)?)\s*mg\b(?!\s*(?:/|per)\s*(?:kg|m))", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent|per cent)")
CONTROLS = ("PLACEBO_COMPARATOR", "NO_INTERVENTION", "SHAM_COMPARATOR")
"""Types of registered arms that are given nothing active."""
_UNTREATED = re.compile(r"placebo|observation|no (?:treatment|intervention)|usual care", re.IGNORECASE)
_GUIDED = re.compile(r"guided|adapted|titrat|adjusted", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedArm:
    """An arm as guessed from the text; no drug means control."""

    name: str
    label: str
    drug: str = ""
    dose: str = ""
    """As written (``25 mg``), empty if the record does not say."""
    is_care: bool = False
    """The treatment is no medicine (a record without drugs): it has an uptake, no dose."""
    guide: str = ""
    """Measure the dose is guided by; ``unknown`` if it is guided by something the record does not say."""

    @property
    def rule(self) -> str:
        """Return the name of the arm's dosing rule, empty for a fixed dose."""
        return self.name if self.guide else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEndpoint:
    """An endpoint as read from one outcome, or from all primary ones that make up a response."""

    name: str
    role: Role
    kind: EndpointKind
    outcomes: tuple[Outcome, ...]
    meanings: tuple[Meaning | None, ...]

    @property
    def label(self) -> str:
        """Return the record's own words."""
        return " and ".join(outcome.text for outcome in self.outcomes)

    @property
    def days(self) -> float | None:
        """Return the last day it is read; None if the record does not say."""
        known = [outcome.days for outcome in self.outcomes if outcome.days is not None]
        return max(known) if known else None

    @property
    def measures(self) -> tuple[str, ...]:
        """Return the measures it needs, as far as they are known."""
        return tuple(meaning.measure for meaning in self.meanings if meaning is not None and meaning.measure)


def response_rates(record: Record) -> tuple[str, str] | None:
    """Return the response rates without and with treatment, as written; None if not stated."""
    for sentence in sentences(record.text):
        rates = _PERCENT.findall(sentence)
        if "respon" in sentence.lower() and len(rates) >= 2 and float(rates[-1]) > float(rates[0]):
            return f"{rates[0]} %", f"{rates[-1]} %"
    return None


def sentence_with(record: Record, *patterns: str) -> str:
    """Return the first sentence of the record that holds one of the patterns, empty if none does."""
    for pattern in patterns:
        for sentence in sentences(record.text):
            if re.search(pattern, sentence, re.IGNORECASE):
                return sentence
    return ""


def plan_arms(record: Record) -> tuple[PlannedArm, ...]:
    """Return one arm for each group named in the text, else for each drug listed; and the control."""
    if record.arms:
        return _registered_arms(record)
    drugs = [item for item in record.interventions if item.is_drug and not item.is_placebo]
    arms = [_arm_of_group(clause, name, drugs) for clause, name in _groups(record.text)] if drugs else []
    if not arms:
        arms = [_arm_of_drug(drug) for drug in drugs] or [_arm_of_care(item) for item in care_of(record)]
    placebo = any(item.is_placebo for item in record.interventions)
    control = PlannedArm(name="control", label="Placebo" if placebo else "Control")
    return (*_distinct(arms), control)


def _registered_arms(record: Record) -> tuple[PlannedArm, ...]:
    """Return one arm for each registered one; the first that is given nothing active is the control."""
    control = next((arm for arm in record.arms if arm.type in CONTROLS), None) or next(
        (arm for arm in record.arms if _UNTREATED.search(arm.label)), None
    )
    arms = [_registered_arm(arm, record) for arm in record.arms if arm is not control]
    label = "Control" if control is None else control.label
    return (*_distinct(arms), PlannedArm(name="control", label=label))


def _registered_arm(arm: RegisteredArm, record: Record) -> PlannedArm:
    listed = [item for item in record.interventions if item.written in arm.interventions]
    given = [item for item in listed if not item.is_placebo]
    name = identifier(arm.label)[:40].strip("_")
    drug = next((item for item in given if item.is_drug), None)
    if drug is None:
        care = look_up(" ".join([arm.label, *(item.name for item in given)]), CARE)
        return PlannedArm(name=name, label=arm.label, drug=care or name, is_care=True)
    guided = _GUIDED.search(f"{arm.label} {arm.description}")
    guide = (look_up(f"{arm.label} {arm.description}", GUIDES) or "unknown") if guided else ""
    dose = "" if guide else _dose(f"{arm.label} {drug.name} {arm.description}")
    substance = identifier(_substance(drug))
    return PlannedArm(name=name, label=arm.label, drug=substance, dose=dose, guide=guide)


def _groups(text: str) -> list[tuple[str, str]]:
    """Return for each group named in brackets what is said before it, and its name; each once."""
    found: dict[str, str] = {}
    for sentence in sentences(text):
        start = 0
        for match in _GROUP.finditer(sentence):
            found.setdefault(
                f"{match.group(1).lower()} {match.group(2).upper()}", sentence[start : match.start()]
            )
            start = match.end()
    return [(clause, name) for name, clause in found.items()]


def _arm_of_group(clause: str, group: str, drugs: list[Intervention]) -> PlannedArm:
    named = [drug for drug in drugs if _substance(drug).lower() in clause.lower()]
    drug = (named or drugs)[0]
    if _GUIDED.search(clause):
        guide = look_up(clause, GUIDES) or "unknown"
        name = "guided" if guide == "unknown" else f"{guide}_guided"
        label = f"{_substance(drug)}, dose guided ({group})"
        return PlannedArm(name=name, label=label, drug=identifier(_substance(drug)), guide=guide)
    dose = _dose(clause) or next((_dose(item.name) for item in drugs if item in named or not named), "")
    label = f"{_substance(drug)}, fixed dose ({group})"
    return PlannedArm(name="fixed", label=label, drug=identifier(_substance(drug)), dose=dose)


def _arm_of_drug(drug: Intervention) -> PlannedArm:
    name = identifier(_substance(drug))
    return PlannedArm(name=name, label=drug.name, drug=name, dose=_dose(drug.name))


def _arm_of_care(item: Intervention) -> PlannedArm:
    name = look_up(item.name, CARE) or identifier(item.name)
    return PlannedArm(name=name, label=item.name, drug=name, is_care=True)


def care_of(record: Record) -> list[Intervention]:
    """Return the interventions that are no medicine and no placebo."""
    return [item for item in record.interventions if not item.is_drug and not item.is_placebo]


def _substance(drug: Intervention) -> str:
    return _DOSE.split(drug.name)[0].strip() or drug.name


def _dose(text: str) -> str:
    match = _DOSE.search(text)
    return f"{match.group(1)} mg" if match else ""


def _distinct(arms: Iterable[PlannedArm]) -> list[PlannedArm]:
    """Return arms with distinct names: the second 'fixed' becomes 'fixed_2'."""
    result: list[PlannedArm] = []
    for arm in arms:
        taken = sum(arm.name == other.name.rpartition("_")[0] or arm.name == other.name for other in result)
        result.append(arm if not taken else replace(arm, name=f"{arm.name}_{taken + 1}"))
    return result


def plan_endpoints(record: Record) -> tuple[PlannedEndpoint, ...]:
    """Return the endpoints; with response rates in the text the primary outcomes make up one response."""
    endpoints = []
    if response_rates(record) is not None:
        meanings = tuple(outcome_meaning(outcome.text) for outcome in record.primary)
        endpoints.append(
            PlannedEndpoint(
                name="response",
                role=Role.PRIMARY,
                kind=EndpointKind.RESPONDER,
                outcomes=record.primary,
                meanings=meanings,
            )
        )
    else:
        endpoints += [_endpoint(outcome, Role.PRIMARY) for outcome in record.primary]
    endpoints += [_endpoint(outcome, Role.SECONDARY) for outcome in record.secondary]
    return tuple(_with_distinct_names(endpoints))


def _endpoint(outcome: Outcome, role: Role) -> PlannedEndpoint:
    meaning = outcome_meaning(outcome.text)
    kind = EndpointKind.CHANGE if meaning is None else meaning.kind
    return PlannedEndpoint(
        name=identifier(outcome.text)[:40].strip("_"),
        role=role,
        kind=kind,
        outcomes=(outcome,),
        meanings=(meaning,),
    )


def _with_distinct_names(endpoints: Iterable[PlannedEndpoint]) -> list[PlannedEndpoint]:
    result: dict[str, PlannedEndpoint] = {}
    for endpoint in endpoints:
        name = endpoint.name
        number = 2
        while name in result:
            name = f"{endpoint.name}_{number}"
            number += 1
        result[name] = replace(endpoint, name=name)
    return list(result.values())
