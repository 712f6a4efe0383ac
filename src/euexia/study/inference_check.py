"""Is individual inference as sure as it should be?  Simulated patients, whose truth is known, judge it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from euexia import drugs, population
from euexia.core.errors import EuexiaError
from euexia.drugs.variation import personal_factors
from euexia.observe import measurement
from euexia.parameters import ParameterSet
from euexia.physiology.inputs import INPUTS, PatientInputs
from euexia.population.spec import PopulationSpec
from euexia.simulate.referral import inputs_of
from euexia.study import executor, inference
from euexia.study.forecast import MIDDLE, Forecast, forecast
from euexia.study.personal_record import PersonalReading, PersonalRecord
from euexia.study.regimen import Regimen, parse
from euexia.study.simulated import engine_for

Floats = NDArray[np.float64]

VISITS = (0.0, 14.0, 28.0, 42.0, 56.0)
HISTORY = (-180.0, -60.0)
READ = ("body_weight", "crp", "gdf15", "handgrip_strength")
WEEKS = 8.0
TREATMENT = "anamorelin 100 mg daily"
START = date(2026, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Whether one interval held what came: of a patient, a measure, a share, of the truth or of a reading."""

    patient: int
    what: str
    measure: str
    share: str
    held: bool
    error: float
    """Distance of the median from what came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    spec: PopulationSpec
    parameters: ParameterSet
    seed: int
    patient: int
    particles: int


def check(
    *, patients: int, population_name: str, parameters: ParameterSet, seed: int, particles: int, workers: int
) -> Iterator[list[Hit] | str]:
    """Yield, patient by patient, what was held, or why nothing could be inferred.

    Each simulated patient is read like a real one for eight weeks and forecast for eight more.
    """
    spec = population.load(population_name)
    tasks = [
        _Task(spec=spec, parameters=parameters, seed=seed, patient=number, particles=particles)
        for number in range(patients)
    ]
    yield from executor.completed(_judged, tasks, workers)


def _judged(task: _Task) -> list[Hit] | str:
    person = _person(task)
    nothing, treated = parse("none", task.parameters), parse(TREATMENT, task.parameters)
    truth, later = _lives(task, person, (nothing, treated))
    try:
        found = inference.infer(
            _record(task, person, truth),
            spec=task.spec,
            parameters=task.parameters,
            given=nothing,
            particles=task.particles,
            seed=task.seed + 1 + task.patient,
        )
        ahead = forecast(found, [treated], weeks=WEEKS)
    except EuexiaError as error:
        return str(error)
    return list(_hits(task, ahead, later))


def _person(task: _Task) -> PatientInputs:
    columns = population.sample(task.spec, task.seed, 0, np.array([task.patient]), only=frozenset(INPUTS))
    return inputs_of({name: columns[name] for name in INPUTS})


def _address(task: _Task) -> measurement.Address:
    return measurement.Address(
        seed=task.seed, trial=np.zeros(1, dtype=np.int64), candidate=np.array([task.patient])
    )


def _lives(
    task: _Task, person: PatientInputs, regimens: tuple[Regimen, ...]
) -> tuple[Mapping[float, Mapping[str, Floats]], list[Mapping[str, Floats]]]:
    """Return the truth until the last visit, and that at the end of the forecast under each regimen."""
    engine = engine_for(task.parameters)
    body, state, history = engine.run_in(person, inference.HISTORY)
    seen = {**history}
    own = {name: getattr(person, name) for name in INPUTS}
    neutral = drugs.effects({}, own, task.parameters)
    for last, day in pairwise(VISITS):
        state = engine.advance(state, body, neutral, start=last, days=day - last)
        seen[day] = engine.observe(state, body, day=day)
    later = []
    for regimen in regimens:
        names = [part.drug.name for part in regimen.parts]
        where = _address(task)
        factors = personal_factors(names, task.parameters, task.seed, where.trial, where.candidate)
        acting = drugs.effects(dict(regimen.steady), {**own, **factors}, task.parameters)
        end = engine.advance(state, body, acting, start=VISITS[-1], days=7 * WEEKS)
        later.append(engine.observe(end, body, day=VISITS[-1] + 7 * WEEKS))
    return seen, later


def _record(
    task: _Task, person: PatientInputs, truth: Mapping[float, Mapping[str, Floats]]
) -> PersonalRecord:
    readings: list[PersonalReading] = []
    for day in (*HISTORY, *VISITS):
        for measure in READ if day >= 0 else READ[:1]:
            value = float(measurement.read(measure, truth[day][measure], _address(task), day)[0])
            readings.append(PersonalReading(measure=measure, day=day, value=value, row=len(readings) + 2))
    return PersonalRecord(
        patient=f"simulated {task.patient}",
        first_visit=START,
        known={name: float(getattr(person, name)[0]) for name in ("male", "age", "height")},
        readings=tuple(readings),
        left_out=(),
    )


def _hits(task: _Task, ahead: Forecast, later: list[Mapping[str, Floats]]) -> Iterator[Hit]:
    course, end = ahead.courses[0], VISITS[-1] + 7 * WEEKS
    hit = partial(Hit, patient=task.patient)
    for measure in READ:
        truth = float(later[0][measure][0])
        read = float(measurement.read(measure, later[0][measure], _address(task), end)[0])
        for share in MIDDLE:
            for what, came, reading in (("truth", truth, False), ("reading", read, True)):
                low, middle, high = course.interval(measure, share, reading=reading)[:, -1]
                held = bool(low <= came <= high)
                yield hit(what=what, measure=measure, share=share, held=held, error=float(middle - came))
    for measure in ("body_weight", "handgrip_strength"):
        gain = float((later[1][measure] - later[0][measure])[0])
        benefit = ahead.benefit(ahead.courses[1], measure)
        held = bool(benefit.low <= gain <= benefit.high)
        yield hit(what="benefit", measure=measure, share="0.9", held=held, error=benefit.median - gain)
