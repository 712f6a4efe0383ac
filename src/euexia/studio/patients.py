"""One virtual patient for the page: courses, doses, the body's cross-talk and drivers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from euexia import drugs, parameters
from euexia.core.errors import InputError
from euexia.criteria.measures import MEASURES
from euexia.parameters import ParameterSet
from euexia.population import archetypes
from euexia.population.archetypes import VirtualPatient
from euexia.studio import crosstalk
from euexia.studio.crosstalk import Today
from euexia.study import drivers, single_patient
from euexia.study.regimen import Regimen, parse
from euexia.study.simulated import engine_for

SHOWN = (
    "body_weight",
    "fat_mass",
    "skeletal_muscle_area",
    "handgrip_strength",
    "appetite",
    "energy_intake",
    "daily_steps",
    "crp",
    "free_gdf15",
    "faact_acs",
)
"""Observables of the page."""
WITHOUT_MEASURE = {
    "appetite": ("Appetite", "of health"),
    "fat_mass": ("Fat mass", "kg"),
    "free_gdf15": ("GDF-15 that is free to act", "ng/mL"),
}
LIFE = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientAsked:
    """What the page asks: a patient's file, a regimen in words, and how long."""

    text: str
    regimen: str
    weeks: float
    drivers: bool = False


def answer(asked: PatientAsked) -> dict[str, Any]:
    """Return the course of a patient under a regimen.  Raises InputError or DataFileError."""
    if not 1 <= asked.weeks <= single_patient.LONGEST:
        raise InputError(f"{asked.weeks:g} weeks: between 1 and {single_patient.LONGEST:g} can be asked for.")
    numbers = parameters.load()
    patient = archetypes.read(asked.text, "patient.yaml")
    regimen = parse(asked.regimen, numbers)
    found = _course(patient, regimen, asked.weeks, numbers)
    if asked.drivers:
        found["drivers"] = _drivers(patient, numbers)
    return found


def _course(patient: VirtualPatient, regimen: Regimen, weeks: float, numbers: ParameterSet) -> dict[str, Any]:
    engine = engine_for(numbers)
    columns = single_patient.patient_columns(patient, (regimen,))
    inputs = single_patient.personal_inputs(engine, patient, numbers)
    body, state, history = engine.run_in(inputs)
    person = _person(body)
    reached = float(history[0.0]["body_weight"][0])
    single_patient.check_weight(patient, reached, float(person.premorbid.weight[0]))
    days = np.arange(0.0, math.ceil(weeks) + 1) * single_patient.WEEK
    truths, moments = _follow(engine, body, state, regimen, columns, numbers, days)
    past = sorted(day for day in history if day < 0)
    known = [name for name in SHOWN if name in truths[0]]
    return {
        "title": patient.title,
        "regimen": regimen.label,
        "premorbid_weight": float(person.premorbid.weight[0]),
        "days": days.tolist(),
        "observables": [
            {
                "name": name,
                "label": label_of(name),
                "unit": unit_of(name),
                "values": [float(truth[name][LIFE]) for truth in truths],
                "before": [float(history[day][name][LIFE]) for day in past] if name in history[0.0] else [],
            }
            for name in known
        ],
        "days_before": past,
        "dose": [_dose(part, days) for part in regimen.parts],
        "nodes": crosstalk.nodes(),
        "links": crosstalk.strengths(moments, LIFE),
    }


def label_of(name: str) -> str:
    """Return the label of an observable."""
    return WITHOUT_MEASURE[name][0] if name in WITHOUT_MEASURE else MEASURES[name].label


def unit_of(name: str) -> str:
    """Return the unit of an observable."""
    return WITHOUT_MEASURE[name][1] if name in WITHOUT_MEASURE else MEASURES[name].unit


def _dose(part: Any, days: Any) -> dict[str, Any]:
    is_care = part.drug.amount == "fraction"
    return {
        "name": part.drug.name,
        "label": part.drug.label,
        "unit": "%" if is_care else "mg",
        "every": part.every,
        "values": [100 * part.amount if is_care else part.amount for _ in days],
    }


def _person(body: Any) -> Any:
    from euexia.simulate.engine_kernels import BODY, nest

    return nest(BODY, body)


def _follow(
    engine: Any,
    body: Any,
    state: Any,
    regimen: Regimen,
    columns: Mapping[str, Any],
    numbers: ParameterSet,
    days: Any,
) -> tuple[list[Mapping[str, Any]], list[Today]]:
    """Return the truth of each day, and what the cross-talk is computed from."""
    from euexia.simulate.individual import appetite

    acting = single_patient.stacked([drugs.effects(regimen.steady, columns, numbers)])
    doses = single_patient.injection_days((regimen,), float(days[-1]))
    amounts = {part.drug.name: part for part in regimen.injections}
    truths: list[Mapping[str, Any]] = []
    moments: list[Today] = []
    stops = sorted({*days.tolist(), *doses})
    for place, day in enumerate(stops):
        if place:
            state = engine.advance(state, body, acting, start=stops[place - 1], days=day - stops[place - 1])
        if day in days:
            truths.append({**engine.observe(state, body, day=day), "appetite": appetite(state)})
            moments.append(_moment(state, body, acting, numbers))
        for name in doses.get(day, ()):
            single = np.array([amounts[name].amount])
            state = engine.inject(state, drugs.injection(name, single, columns, numbers))
    return truths, moments


def _moment(state: Any, body: Any, acting: Any, numbers: ParameterSet) -> Today:
    """Return a day as the cross-talk needs it; an antibody, where there is one, is part of the state."""
    from euexia.model.antibody import Antibody
    from euexia.physiology import whole_body
    from euexia.physiology.body import constants
    from euexia.simulate.engine_kernels import CARRIED, nest

    c, person = constants(numbers), _person(body)
    plain = nest(CARRIED, state).state
    rows = len(state) - len(Antibody._fields)
    if rows >= CARRIED.num_leaves:
        antibody = Antibody(*state[rows:])
        felt = whole_body.bound_drive(plain.disease, antibody, person, acting, c)
    else:
        felt = whole_body.drive(plain.disease, acting, c)
    return Today(state=plain, felt=felt, body=person, effects=acting, constants=c)


def _drivers(patient: VirtualPatient, numbers: ParameterSet) -> dict[str, Any]:
    why = drivers.explain(patient, parameters=numbers)
    return {
        "weeks": why.weeks,
        "outcomes": [
            {"name": name, "label": MEASURES[name].label, "unit": MEASURES[name].unit}
            for name in drivers.OUTCOMES
        ],
        "periods": [
            {
                "name": period.name,
                "lost": {name: period.lost(name) for name in drivers.OUTCOMES},
                "shares": [
                    {
                        "name": channel.name,
                        "label": channel.label,
                        "meaning": f"Switched off: {channel.off}.",
                        "values": {name: period.shares[name][channel.name] for name in drivers.OUTCOMES},
                    }
                    for channel in why.channels
                ],
            }
            for period in (why.until_today, why.ahead)
        ],
    }
