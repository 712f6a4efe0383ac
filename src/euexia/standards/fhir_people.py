"""The patients of FHIR as subjects of a trial: arm and participation by ResearchSubject (R4 and R5)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from euexia.core.errors import Fault
from euexia.formats import fhir as formats
from euexia.formats.fhir import Collection, Resource
from euexia.formats.tree import every, part, text
from euexia.standards.fhir_observations import Tally, date_of, patient_of
from euexia.standards.mapping import TrialMapping
from euexia.standards.mapping_people import SINGLE_ARM, People
from euexia.standards.understanding import Remark, conflict, left_out

SEXES: Mapping[str, float] = {"female": 0.0, "male": 1.0}
RANDOMISED = "randomized"
"""Milestone of a ResearchSubject of R5."""
LEFT = ("withdrawn",)
NOT_IN_TRIAL = (
    "candidate",
    "potential-candidate",
    "screening",
    "ineligible",
    "not-registered",
    "pending-on-study",
)
"""States before a subject takes part."""


def identifiers(collection: Collection) -> dict[str, str]:
    """Return the identifier of each patient by kind and id: the id of the resource."""
    return {f"Patient/{one.id}": one.id or one.place for one in collection.of("Patient")}


def people(collection: Collection, mapping: TrialMapping, tally: Tally) -> tuple[People, list[Remark]]:
    """Return the subjects: participants of the study where there is one, else every patient."""
    names = identifiers(collection)
    patients = {name: one for one, name in zip(collection.of("Patient"), names.values(), strict=True)}
    parts, remarks = _participants(collection, mapping, names, tally)
    if not parts:
        arms = mapping.arms[:1] or (SINGLE_ARM,)
        text_ = f"no ResearchSubject: every patient is taken as a subject of the one arm '{arms[0]}'."
        remarks.append(conflict("arm", "ResearchSubject", text_, len(patients)))
        found = People(
            identifiers=list(patients), arm=np.full(len(patients), arms[0], dtype=object), arms=arms
        )
    else:
        armed = {name: _arm(one, mapping, tally) for name, one in parts.items()}
        kept = [name for name, arm in armed.items() if arm]
        found = People(
            identifiers=kept,
            arm=np.array([armed[name] for name in kept], dtype=object),
            arms=mapping.arms or tuple(dict.fromkeys(armed[name] for name in kept)),
            unrandomised=frozenset(set(patients) - set(kept)),
        )
        _participation(found, parts, tally, remarks)
        if found.unrandomised:
            told = "patients who do not take part in the study, or have no arm, are left out."
            remarks.append(left_out("not randomised", "ResearchSubject", told, len(found.unrandomised)))
    _facts(found, patients, tally)
    return found, remarks


def _participants(
    collection: Collection, mapping: TrialMapping, names: Mapping[str, str], tally: Tally
) -> tuple[dict[str, Resource], list[Remark]]:
    """Return the ResearchSubject of each patient, of one study."""
    studies: dict[str, list[Resource]] = {}
    for one in collection.of("ResearchSubject"):
        studies.setdefault(text(one.body, "study", "reference").rpartition("/")[2], []).append(one)
    chosen = mapping.trial if mapping.trial in studies else ""
    if len(studies) > 1 and not chosen:
        problem = f"subjects of {len(studies)} studies: {', '.join(studies)}."
        remedy = "Say in the mapping which is meant: 'trial: …'."
        tally.faults.append(Fault(line=None, place="ResearchSubject", problem=problem, remedy=remedy))
        return {}, []
    found: dict[str, Resource] = {}
    for one in studies.get(chosen or next(iter(studies), ""), []):
        who = patient_of(one, collection, names, "individual", "subject")
        if not who:
            tally.add(
                "left out", "unknown subject", "a ResearchSubject whose patient is not in the files.", one
            )
        elif who in found:
            problem = f"'{who}' is a subject of the study twice ({found[who].place})."
            tally.faults.append(Fault(line=None, place=one.place, problem=problem))
        elif _state(one) in NOT_IN_TRIAL:
            tally.add("left out", "not in the trial", f"subjects who are {_state(one)}.", one)
        else:
            found[who] = one
    return found, []


def _state(one: Resource) -> str:
    """Return the state of participation: R4's status, or the last state of R5's progress."""
    states = [formats.codes(part(step, "subjectState")) for step in every(one.body, "progress")]
    codes = [code for listed in states for _, code in listed[:1]]
    status = text(one.body, "status")
    return codes[-1] if codes else status


def _arm(one: Resource, mapping: TrialMapping, tally: Tally) -> str:
    """Return the arm to which a subject was assigned; the mapping may rename it."""
    assigned = text(one.body, "assignedArm") or text(one.body, "assignedComparisonGroup")
    actual = text(one.body, "actualArm") or text(one.body, "actualComparisonGroup")
    if assigned and actual and assigned != actual:
        problem = f"assigned to '{assigned}' but treated in '{actual}'; the assigned arm is kept."
        tally.add("conflict", "arm", problem, one)
    codes = mapping.subjects.arm.codes if mapping.subjects.arm is not None else {}
    arm = codes.get(assigned, assigned)
    if arm and mapping.arms and arm not in mapping.arms:
        problem = f"'{arm}' is no arm of the mapping: {', '.join(mapping.arms)}."
        tally.faults.append(Fault(line=None, place=one.place, problem=problem))
    return arm


def _participation(found: People, parts: Mapping[str, Resource], tally: Tally, remarks: list[Remark]) -> None:
    """Read the day of randomisation, and of withdrawal."""
    randomised, withdrawn, assumed = [], [], 0
    for name in found.identifiers:
        one = parts[name]
        said = _milestone(one)
        started = said or text(one.body, "period", "start")
        assumed += bool(started) and not said
        randomised.append(date_of(started, one, tally) if started else np.nan)
        left = _state(one) in LEFT
        end = text(one.body, "period", "end")
        if left and not end:
            problem = "a withdrawn subject without the end of participation."
            tally.faults.append(
                Fault(line=None, place=one.place, problem=problem, remedy="Give 'period.end'.")
            )
        withdrawn.append(date_of(end, one, tally) if left and end else np.nan)
    found.dates["randomised"] = np.array(randomised, dtype=float)
    found.dates["withdrawal"] = np.array(withdrawn, dtype=float)
    if assumed:
        told = "no date of randomisation: the start of participation stands for it."
        remarks.append(conflict("randomisation", "ResearchSubject.period", told, assumed))


def _milestone(one: Resource) -> str:
    """Return the date of randomisation in R5's progress; empty where there is none."""
    for step in every(one.body, "progress"):
        listed = {code.lower() for _, code in formats.codes(part(step, "milestone"))}
        if RANDOMISED in listed:
            return text(step, "startDate")
    return ""


def _facts(found: People, patients: Mapping[str, Resource], tally: Tally) -> None:
    """Read sex, birth and death of the subjects."""
    sex, birth, death = [], [], []
    for name in found.identifiers:
        one = patients[name]
        gender = text(one.body, "gender")
        sex.append(SEXES.get(gender, np.nan))
        if gender not in SEXES:
            tally.add("left out", "sex", f"gender '{gender or 'not said'}' is no sex of this model.", one)
        born = text(one.body, "birthDate")
        birth.append(date_of(born, one, tally) if born else np.nan)
        died = text(one.body, "deceasedDateTime")
        if part(one.body, "deceasedBoolean") is True and not died:
            problem = "the patient died, but no date says when."
            tally.faults.append(
                Fault(line=None, place=one.place, problem=problem, remedy="Give 'deceasedDateTime'.")
            )
        death.append(_whole(died, one, tally))
    found.numbers["sex"] = np.array(sex, dtype=float)
    found.dates["birth"] = np.array(birth, dtype=float)
    found.dates["death"] = np.array(death, dtype=float)


def _whole(moment: str, one: Resource, tally: Tally) -> float:
    """Return the day of death; a partial date is a fault, for nobody may live on for want of a day."""
    if not moment:
        return np.nan
    day = date_of(moment, one, tally)
    if np.isnan(day):
        problem = f"'{moment}' as the date of death is not whole."
        tally.faults.append(Fault(line=None, place=one.place, problem=problem, remedy="Write the day."))
    return day
