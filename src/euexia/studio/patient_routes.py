"""Virtual patients over the wire: what can be said of one, and what becomes of one."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, replace
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from euexia import drugs, parameters
from euexia.core.choices import choose
from euexia.core.errors import DataFileError, Fault, InputError
from euexia.drugs.drug import Drug
from euexia.population import archetypes
from euexia.population.archetypes import VirtualPatient
from euexia.population.patient_fields import CHOICES, PatientField, patient_fields
from euexia.studio.controls import WRITTEN, Control
from euexia.studio.designs import in_words
from euexia.studio.jobs import done
from euexia.studio.patients import PatientAsked
from euexia.study.regimen import NOTHING, usual

router = APIRouter(prefix="/api/patient")

FRACTION = "fraction"
FIRST = "inflammatory"
STEPS = 100.0
LONGEST_TEXT = 40
SECONDS = 120.0
KIND = "virtual patient"
"""After which a patient is given up."""


class TreatmentAsked(BaseModel):
    """One treatment: its amount (mg, or per cent of uptake) and the days between doses."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=LONGEST_TEXT)
    amount: float | None = Field(default=None, ge=0, le=1e5)
    every: float | None = Field(default=None, gt=0, le=365)


class PatientRequest(BaseModel):
    """A patient, a regimen, and how long it is followed."""

    model_config = ConfigDict(extra="forbid")

    archetype: str = Field(default=FIRST, max_length=LONGEST_TEXT)
    patient: dict[str, float | str | bool] = Field(default_factory=dict, max_length=60)
    treatments: list[TreatmentAsked] = Field(default_factory=list, max_length=8)
    weeks: float = Field(default=24.0, ge=1, le=104)
    drivers: bool = False


@router.get("/controls")
def patient_controls() -> dict[str, Any]:
    """List what can be said of a patient, typical patients, and treatments with their usual amounts."""
    return _listed()


@cache
def _listed() -> dict[str, Any]:
    numbers = parameters.load()
    return {
        "archetypes": [_archetype(archetypes.load(name)) for name in archetypes.names()],
        "first": FIRST,
        "treatments": [_treatment(drug, numbers) for drug in drugs.DRUGS.values()],
    }


@router.post("")
async def follow_patient(request: Request, asked: PatientRequest) -> dict[str, Any]:
    """Follow one virtual patient under one regimen; there is no chance in it."""
    text = patient_text(asked)
    regimen = regimen_text(asked)
    work = PatientAsked(text=text, regimen=regimen, weeks=asked.weeks, drivers=asked.drivers)
    try:
        found: dict[str, Any] = await done(request, "patient", work, SECONDS)
    except DataFileError as error:  # the page knows the values by their own names
        faults = tuple(replace(fault, place=fault.place.removeprefix("inputs.")) for fault in error.faults)
        raise DataFileError("The patient", KIND, faults) from error
    return {**found, "code": _code(asked, text, regimen)}


def patient_text(asked: PatientRequest) -> str:
    """Return the patient's file.  Raises UnknownNameError or InputError."""
    known = {control.path: control for control in _controls(archetypes.load(_known(asked.archetype)))}
    said = {name: in_words(control) for name, control in known.items() if control.origin}
    for name, value in asked.patient.items():
        if name not in known:
            raise InputError(f"Nothing called '{name[:LONGEST_TEXT]}' can be said of a patient.")
        try:
            said[name] = _written(known[name], value)
        except InputError as error:
            fault = Fault(line=None, place=name, problem=str(error))
            raise DataFileError("The patient", KIND, (fault,)) from error
    for first, second in archetypes.EITHER_OR:
        if first in asked.patient and second not in asked.patient:
            said.pop(second, None)
        if second in asked.patient and first not in asked.patient:
            said.pop(first, None)
    lines = [f"  {name}: {_quoted(value)}" for name, value in said.items()]
    return "\n".join(["patient: mine", "title: A patient of the studio", "inputs:", *lines]) + "\n"


def regimen_text(asked: PatientRequest) -> str:
    """Return the regimen in words, as ``euexia patient --treat`` reads it.  Raises UnknownNameError."""
    parts = []
    for treatment in asked.treatments:
        drug = drugs.DRUGS[choose("treatment", treatment.name, drugs.DRUGS).name]
        standard = usual(drug.name, parameters.load()).parts[0]
        amount = treatment.amount
        if drug.amount == FRACTION:
            share = 100 * standard.amount if amount is None else amount
            parts.append(f"{drug.name.replace('_', ' ')} {share:g} %")
            continue
        every = standard.every if treatment.every is None else treatment.every
        dose = standard.amount if amount is None else amount
        rhythm = "daily" if every == 1 else f"every {every:g} days"
        parts.append(f"{drug.name.replace('_', ' ')} {dose:g} mg {rhythm}")
    return " + ".join(parts) or NOTHING


def _known(name: str) -> str:
    return choose("typical patient", name, {entry: entry for entry in archetypes.names()})


def _written(control: Control, value: float | str | bool) -> str:
    if control.kind == "choice":
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if value not in control.choices:
            raise InputError(f"'{control.label}' is one of {', '.join(control.choices)}.")
        return str(value)
    if isinstance(value, bool | str) or value != value or abs(value) > 1e9:
        raise InputError(f"'{control.label}' takes a number in {control.unit or 'no unit'}.")
    return f"{value:.10g} {control.unit}".strip()


def _quoted(value: str) -> str:
    return json.dumps(value) if value in ("yes", "no") else value


def _code(asked: PatientRequest, text: str, regimen: str) -> dict[str, str]:
    words = ["euexia", "patient", "patient.yaml", "--treat", regimen, "--weeks", f"{asked.weeks:g}"]
    also = "\neuexia explain patient.yaml" if asked.drivers else ""
    python = (
        "from euexia import parameters\n"
        "from euexia.population import archetypes\n"
        "from euexia.study.regimen import parse\n"
        "from euexia.study.single_patient import simulate_patient\n\n"
        "numbers = parameters.load()\n"
        'patient = archetypes.load("patient.yaml")\n'
        f"regimen = parse({json.dumps(regimen)}, numbers)\n"
        f"course = simulate_patient(patient, [regimen], weeks={asked.weeks:g}, parameters=numbers)"
    )
    return {
        "yaml": text,
        "command": f"# save the patient as patient.yaml, then:\n{shlex.join(words)}{also}",
        "python": f"# save the patient as patient.yaml first\n{python}",
    }


def _archetype(patient: VirtualPatient) -> dict[str, Any]:
    return {
        "name": patient.name,
        "title": patient.title,
        "about": patient.about,
        "controls": [asdict(control) for control in _controls(patient)],
    }


@cache
def _fields() -> dict[str, PatientField]:
    return dict(patient_fields())


def _controls(patient: VirtualPatient) -> tuple[Control, ...]:
    """Return what can be said of a patient, at the values of a typical one.

    ``origin`` is empty where a value is a default or is not said at all.
    """
    found = []
    for name, field in _fields().items():
        said = patient.said.get(name)
        written = field.written if said is None else said.written
        is_own = said is not None and not said.by_default
        status = said.status.value if said is not None and said.status is not None else ""
        origin = said.source.where if said is not None and said.source is not None else ""
        shared: dict[str, Any] = {
            "path": name,
            "label": field.meaning.partition(";")[0],
            "group": "Patient" if field.is_required else "More about the patient",
            "help": field.meaning,
            "status": status,
            "origin": (origin or "as said") if is_own else "",
        }
        if field.kind in CHOICES:
            options = tuple(list(CHOICES[field.kind])[:2])
            found.append(Control(kind="choice", value=written, choices=options, **shared))
            continue
        found.append(_number(written, field, shared))
    return tuple(found)


def _number(written: str, field: PatientField, shared: dict[str, Any]) -> Control:
    value, unit = _parts(written)
    low, high = _parts(field.low)[0], _parts(field.high)[0]
    step = 10.0 ** round(_log10((high - low) / STEPS))
    return Control(kind="number", value=value, unit=unit, low=low, high=high, step=step, **shared)


def _parts(written: str) -> tuple[float, str]:
    matched = WRITTEN.match(written)
    if matched is None:
        return 0.0, ""
    return float(matched.group(1)), matched.group(2)


def _log10(value: float) -> float:
    import math

    return math.log10(value) if value > 0 else 0.0


def _treatment(drug: Drug, numbers: Any) -> dict[str, Any]:
    standard = usual(drug.name, numbers).parts[0]
    is_care = drug.amount == FRACTION
    highest = drugs.highest_amount(drug.name, numbers)
    amount = Control(
        path="amount",
        label="Uptake" if is_care else "Dose",
        group=drug.label,
        kind="number",
        value=100 * standard.amount if is_care else standard.amount,
        unit="%" if is_care else "mg",
        low=0.0,
        high=100.0 if is_care else highest,
        step=5.0 if is_care else max(10.0 ** round(_log10(highest / STEPS)), 0.1),
        help="Share that is taken up." if is_care else "Each dose.",
    )
    every = Control(
        path="every",
        label="Days between doses",
        group=drug.label,
        kind="number",
        value=standard.every,
        unit="days",
        low=1.0,
        high=84.0,
        step=1.0,
        help="1 is daily, 28 every four weeks.",
    )
    return {
        "name": drug.name,
        "label": drug.label,
        "is_care": is_care,
        "controls": [asdict(entry) for entry in ((amount,) if is_care else (amount, every))],
    }
