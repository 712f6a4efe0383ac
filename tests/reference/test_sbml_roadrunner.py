"""Exported models, executed by libRoadRunner, against our reference engine and our fast engine.

Ten patients (the archetypes and random ones), each untreated and under one of several treatments, 24 weeks.
Start: the same state of day 0.  The reference (LSODA, rtol 1e-10) must agree to 1e-6 relative; the fast
engine to its stated accuracy of 1e-4, and to 1e-6 when its step is shortened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from euexia import drugs, parameters
from euexia.model import sbml
from euexia.model.effects import NEUTRAL
from euexia.population import archetypes
from euexia.population.archetypes import VirtualPatient
from euexia.simulate.engine import Engine
from euexia.simulate.reference import Patient, Reference
from euexia.study import exchange, regimen
from euexia.study.exchange import Course
from euexia.study.single_patient import patient_columns, personal_inputs, stacked

libsbml = pytest.importorskip("libsbml")
roadrunner = pytest.importorskip("roadrunner")

pytestmark = pytest.mark.slow

PARAMETERS = parameters.load()
REFERENCE = Reference(PARAMETERS, tolerance=1e-10)
WEEKS = 24
DAYS = np.arange(0.0, WEEKS * 7 + 1, 14.0)
GOAL = 1e-6
MORE = {
    "young_woman": "woman, 25 year, 160 cm, 52 kg, 5 mg/L, 0.8 ng/mL, 0.1 kg, 0.004 1/day, no",
    "old_woman": "woman, 84 year, 155 cm, 44 kg, 35 mg/L, 3 ng/mL, 0.3 kg, 0.006 1/day, no",
    "heavy_man": "man, 58 year, 180 cm, 118 kg, 15 mg/L, 1.2 ng/mL, 0.15 kg, 0.005 1/day, yes",
    "lean_man": "man, 71 year, 178 cm, 53 kg, 60 mg/L, 2 ng/mL, 0.4 kg, 0.009 1/day, yes",
    "quiet_disease": "man, 66 year, 172 cm, 74 kg, 2 mg/L, 0.6 ng/mL, 0.05 kg, 0.003 1/day, no",
}
FIELDS = ("sex", "age", "height", "weight", "crp", "gdf15", "tumour_mass", "tumour_growth", "chemotherapy")
TREATMENTS = (
    "lenalidomide 25 mg daily",
    "ponsegromab 200 mg every 4 weeks",
    "anamorelin 100 mg daily + exercise 60 %",
    "oral supplements + nutrition counselling 50 %",
    "ponsegromab 400 mg every 4 weeks + lenalidomide 10 mg daily",
)


def patients() -> list[VirtualPatient]:
    """Return the shipped archetypes, and more to make ten."""
    found = [archetypes.load(name) for name in archetypes.names()]
    for name, written in MORE.items():
        values = zip(FIELDS, written.split(", "), strict=True)
        lines = [f"patient: {name}", "inputs:", *(f"  {field}: {value}" for field, value in values)]
        text = "\n".join([*lines, "  creatinine_clearance: 70 mL/min"])
        found.append(archetypes.read(text, f"{name}.yaml"))
    return found[:10]


PATIENTS = {patient.name: patient for patient in patients()}
CASES = [
    (name, treatment)
    for number, name in enumerate(PATIENTS)
    for treatment in ("none", TREATMENTS[number % len(TREATMENTS)])
]


def exported(name: str, treatment: str, stop_week: float | None = None) -> tuple[Course, str]:
    """Return a course and the model that is written of it."""
    given = regimen.parse(treatment, PARAMETERS)
    course = exchange.course_of(
        PATIENTS[name], given, parameters=PARAMETERS, weeks=WEEKS, stop_week=stop_week
    )
    return course, sbml.write(exchange.document(course, PARAMETERS, name, name, ("Test.",)))


def by_roadrunner(text: str) -> Mapping[str, Any]:
    """Return every result of a model on the days."""
    runner = roadrunner.RoadRunner(text)
    runner.integrator.relative_tolerance = 1e-11
    runner.integrator.absolute_tolerance = 1e-13
    runner.integrator.maximum_num_steps = 100_000
    names = [*runner.model.getGlobalParameterIds()]
    runner.timeCourseSelections = ["time", *names]
    table = np.asarray(runner.simulate(times=DAYS.tolist()))
    assert table[:, 0] == pytest.approx(DAYS)
    return {name: table[:, column + 1] for column, name in enumerate(names)}


def by_reference(course: Course) -> list[Mapping[str, float]]:
    """Return every observable after day 0 on the days, integrated by LSODA from the same start."""
    patient = Patient(course.body, course.state, {})
    stops = sorted({*DAYS.tolist(), *course.injections, *([course.stop] if course.stop else [])})
    seen = []
    for place, day in enumerate(stops):
        acting = course.effects if course.stop is None or day <= course.stop else NEUTRAL
        if place:
            patient = REFERENCE.advance(patient, acting, stops[place - 1], day)
        if day > 0 and day in DAYS:
            seen.append(REFERENCE.observe(patient, day, acting))
        if day in course.injections:
            patient = REFERENCE.inject(patient, course.injections[day])
    return seen


def worst(course: Course, found: Mapping[str, Any]) -> float:
    """Return the largest relative difference from the reference over all observables and days after 0.

    A weight loss is one minus a ratio of weights and may be 0: it is held against that ratio, 1.
    """
    largest = 0.0
    for place, seen in enumerate(by_reference(course)):
        for name, value in seen.items():
            scale = 1.0 if name == "weight_loss_6_months" else abs(value)
            largest = max(largest, abs(found[name][place + 1] - value) / scale)
    return largest


@pytest.mark.parametrize(("name", "treatment"), CASES)
def test_roadrunner_agrees_with_the_reference(name: str, treatment: str) -> None:
    """Largest difference measured: 4e-9."""
    course, text = exported(name, treatment)
    found = by_roadrunner(text)
    difference = worst(course, found)
    print(f"{name}, {treatment}: {difference:.1e}")
    assert difference < GOAL


def test_roadrunner_agrees_when_treatment_stops() -> None:
    """After the stop every channel is neutral and no injection follows."""
    course, text = exported("nsclc", "ponsegromab 200 mg every 4 weeks + lenalidomide 25 mg daily", 10.0)
    assert max(course.injections) < 70
    found = by_roadrunner(text)
    held = found["crp"][DAYS == 70][0]
    assert found["crp"][DAYS == 84][0] > held * 1.05
    assert worst(course, found) < GOAL


@pytest.mark.parametrize(("step", "goal"), [(1.0, 1e-4), (0.125, GOAL)])
def test_roadrunner_agrees_with_the_engine(step: float, goal: float) -> None:
    """The engine's own accuracy at its usual step of a day, and at a short one."""
    given = regimen.parse("lenalidomide 25 mg daily + oral supplements", PARAMETERS)
    patient = PATIENTS["nsclc"]
    _, text = exported("nsclc", "lenalidomide 25 mg daily + oral supplements")
    found = by_roadrunner(text)
    engine = Engine(PARAMETERS, step=step)
    body, state, _ = engine.run_in(personal_inputs(engine, patient, PARAMETERS))
    acting = stacked([drugs.effects(given.steady, patient_columns(patient, [given]), PARAMETERS)])
    largest = 0.0
    for place in range(1, DAYS.size):
        start = DAYS[place - 1]
        state = engine.advance(state, body, acting, start=start, days=DAYS[place] - start)
        for name, value in engine.observe(state, body, day=DAYS[place]).items():
            scale = 1.0 if name == "weight_loss_6_months" else abs(value[0])
            largest = max(largest, abs(found[name][place] - value[0]) / scale)
    print(f"engine, step {step:g}: {largest:.1e}")
    assert largest < goal


@pytest.mark.parametrize("treatment", ["none", *TREATMENTS])
def test_libsbml_finds_nothing_wrong(treatment: str) -> None:
    """Neither an error nor a warning, of units included."""
    _, text = exported("nsclc", treatment, 12.0)
    document = libsbml.readSBMLFromString(text)
    document.checkConsistency()
    problems = [document.getError(number).getMessage() for number in range(document.getNumErrors())]
    assert problems == []
