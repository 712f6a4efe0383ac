"""One virtual patient under several treatments, side by side.

There is no chance in it: the same person lives several lives, so every difference is the treatment's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia import drugs, population
from euexia.core.errors import InputError
from euexia.model.effects import CHANNELS, Effects
from euexia.observe import measurement
from euexia.parameters import ParameterSet
from euexia.physiology.body import constants
from euexia.physiology.inputs import PatientInputs
from euexia.physiology.premorbid import grip_factor
from euexia.population.archetypes import VirtualPatient
from euexia.population.distribution import Distribution, value_at
from euexia.population.patient_fields import patient_fields
from euexia.study.regimen import Regimen
from euexia.study.simulated import engine_for

Floats = NDArray[np.float64]

TYPICAL = "inflammatory_cachexia"
"""Population whose typical member stands in for personal effects that nobody can know of one patient."""
WEEK = 7.0
MEASURES = (
    "body_weight",
    "fat_mass",
    "lean_mass_dxa",
    "skeletal_muscle_area",
    "handgrip_strength",
    "crp",
    "free_gdf15",
    "energy_intake",
    "appetite",
    "faact_acs",
)
"""Observables that are followed, where the model has them."""
NEAR = 0.01
"""Difference of weight [kg] above which the model's patient is not the one that was asked for."""
LONGEST = 104.0
"""Most weeks that may be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientCourse:
    """What becomes of one patient under each regimen.

    days: shape (days,), weekly from day 0.  values: observable to shape (regimens, days).  before: observable
    on days -180 to -14, shape (days,), the same for all regimens.
    """

    patient: VirtualPatient
    regimens: tuple[Regimen, ...]
    reference: int | None
    """Index of the regimen that the others are compared with."""
    days: Floats
    values: Mapping[str, Floats]
    days_before: Floats
    before: Mapping[str, Floats]
    premorbid_weight: float
    parameters_hash: str

    def at_week(self, measure: str, week: float) -> Floats:
        """Return the values of a measure in a week, shape (regimens,); NaN beyond the end."""
        found = np.flatnonzero(self.days == week * WEEK)
        return self.values[measure][:, found[0]] if found.size else np.full(len(self.regimens), np.nan)


def simulate_patient(
    patient: VirtualPatient,
    regimens: Sequence[Regimen],
    *,
    weeks: float,
    parameters: ParameterSet,
    reference: Regimen | None = None,
) -> PatientCourse:
    """Return the courses of one patient under each regimen.

    weeks: length of the course, 1 to 104.  reference: what the others are compared with; put first, unless it
    is among the regimens already.  Raises InputError (weeks, a covariate that a treatment needs).
    """
    if not (1 <= weeks <= LONGEST and math.isfinite(weeks)):
        raise InputError(f"A course of {weeks:g} weeks cannot be simulated. Ask for 1 to {LONGEST:g} weeks.")
    chosen = _with_reference(regimens, reference)
    columns = patient_columns(patient, chosen)
    engine = engine_for(parameters)
    inputs = personal_inputs(engine, patient, parameters)
    body, state, history = engine.run_in(inputs)
    check_weight(patient, float(history[0.0]["body_weight"][0]), _premorbid_weight(body))
    days = np.arange(0.0, math.ceil(weeks) + 1) * WEEK
    lives = len(chosen)
    body, state = np.repeat(body, lives, axis=1), np.repeat(state, lives, axis=1)
    truths = follow(engine, body, state, chosen, columns, parameters, days)
    followed = [name for name in MEASURES if name in truths[0]]
    past = sorted(day for day in history if day < 0)
    return PatientCourse(
        patient=patient,
        regimens=chosen,
        reference=None if reference is None else [entry.label for entry in chosen].index(reference.label),
        days=days,
        values={name: np.stack([truth[name] for truth in truths], axis=1) for name in followed},
        days_before=np.array(past),
        before={
            name: np.array([history[day][name][0] for day in past])
            for name in followed
            if name in history[0.0]
        },
        premorbid_weight=_premorbid_weight(body),
        parameters_hash=parameters.hash,
    )


def read_course(course: PatientCourse, seed: int) -> dict[str, Floats]:
    """Return what instruments would have read, shape (regimens, days); the errors are the same in each life.

    Only of measures that an instrument reads.
    """
    lives = np.zeros((len(course.regimens), 1), dtype=np.int64)
    address = measurement.Address(seed=seed, trial=lives, candidate=lives)
    return {
        name: measurement.read(name, values, address, course.days)
        for name, values in course.values.items()
        if name in measurement.instruments()
    }


def _with_reference(regimens: Sequence[Regimen], reference: Regimen | None) -> tuple[Regimen, ...]:
    all_of_them = regimens if reference is None else (reference, *regimens)
    return tuple({entry.label: entry for entry in reversed(all_of_them)}.values())[::-1]


def check_weight(patient: VirtualPatient, reached: float, before: float) -> None:
    """Raise InputError unless the model's patient weighs today what was asked for.

    reached: weight on day 0 [kg].  before: the heaviest or lightest premorbid weight that was tried [kg].
    """
    wanted = patient.inputs()["weight"]
    if not abs(reached - wanted) < NEAR:
        raise InputError(
            f"The inputs of '{patient.name}' contradict each other: from a healthy {before:.1f} kg the "
            f"disease leads to {reached:.1f} kg today, not to {wanted:.1f} kg. Check weight, height, CRP and "
            "GDF-15, or give the disease more time (run_in_days) or less effect (appetite_gdf15_effect)."
        )


def _premorbid_weight(body: Any) -> float:
    from euexia.simulate.individual import premorbid

    return float(premorbid(body).weight[0])


def personal_inputs(engine: Any, patient: VirtualPatient, parameters: ParameterSet) -> PatientInputs:
    """Return the inputs of one patient, with the own factor of handgrip that gives the strength said.

    Strength feeds back on nothing in absolute terms, so one trial run-in tells the factor.
    """
    plain = PatientInputs.of(**patient.inputs(), handgrip_effect=1.0)
    today = patient.value("handgrip_strength")
    before = patient.value("premorbid_handgrip_strength")
    if today is None and before is None:
        return plain
    body, state, _ = engine.run_in(plain)
    if today is not None:
        usual = float(engine.observe(state, body, day=0.0)["handgrip_strength"][0])
        return PatientInputs.of(**patient.inputs(), handgrip_effect=today / usual)
    return PatientInputs.of(**patient.inputs(), handgrip_effect=_grip_factor(parameters, body, plain, before))


def _grip_factor(parameters: ParameterSet, body: Any, plain: PatientInputs, wanted: float | None) -> float:
    """Return the factor by which a premorbid handgrip strength [kg] differs from that of the muscle."""
    from euexia.simulate.individual import premorbid

    numbers = constants(parameters).premorbid
    usual = numbers.grip_per_muscle * grip_factor(plain.age, plain.male, numbers)
    return float((wanted or 0.0) / (usual[0] * premorbid(body).skeletal_muscle[0]))


def patient_columns(patient: VirtualPatient, regimens: Sequence[Regimen]) -> dict[str, float]:
    """Return what the treatments of some regimens ask of the patient.

    What a file can say must be said there; personal effects that nobody can know are those of a typical
    patient.  Raises InputError that names every missing covariate and how to give it.
    """
    known = patient.covariates()
    needed = {
        name: part.drug.label for regimen in regimens for part in regimen.parts for name in part.drug.needs
    }
    missing = [name for name in needed if name not in known and name in patient_fields()]
    if missing:
        wanted = "; ".join(
            f"{needed[name]} needs '{name}': add '{name}: {patient_fields()[name].example}' to the inputs"
            for name in missing
        )
        raise InputError(f"The patient '{patient.name}' cannot be given this. {wanted}.")
    return {**{name: typical(name) for name in needed if name not in known}, **known}


def typical(column: str) -> float:
    """Return a personal effect of a typical patient: the middle of its distribution."""
    found = population.load(TYPICAL).columns
    if column not in found or found[column].distribution in (Distribution.DERIVED, Distribution.CATEGORICAL):
        raise InputError(
            f"No typical value of '{column}' is known: the population '{TYPICAL}' has no such column. "
            "Add it there."
        )
    chosen = found[column]
    numbers: dict[str, Any] = dict(chosen.numbers())
    return float(value_at(chosen.distribution, numbers, np.zeros(1))[0])


def follow(
    engine: Any,
    body: Any,
    state: Any,
    regimens: Sequence[Regimen],
    columns: Mapping[str, Any],
    parameters: ParameterSet,
    days: Floats,
) -> list[Mapping[str, Floats]]:
    """Return the truth on each of the days, life by life; body and state have one column per regimen."""
    from euexia.simulate.individual import appetite

    acting = stacked([drugs.effects(entry.steady, columns, parameters) for entry in regimens])
    doses = injection_days(regimens, float(days[-1]))
    truths: list[Mapping[str, Floats]] = []
    stops = sorted({*days.tolist(), *doses})
    for place, day in enumerate(stops):
        if place:
            last = stops[place - 1]
            state = engine.advance(state, body, acting, start=last, days=day - last)
        if day in days:
            truths.append({**engine.observe(state, body, day=day), "appetite": appetite(state)})
        for name in doses.get(day, ()):
            single = np.array([_dose_on(entry, name, day) for entry in regimens])
            state = engine.inject(state, drugs.injection(name, single, columns, parameters))
    return truths


def stacked(effects: Sequence[Effects]) -> Effects:
    """Return the effects of several lives as one, each channel of shape (lives,)."""
    return Effects(
        **{name: np.array([float(np.ravel(getattr(one, name))[0]) for one in effects]) for name in CHANNELS}
    )


def injection_days(regimens: Sequence[Regimen], end: float) -> dict[float, tuple[str, ...]]:
    """Return which drugs are injected on which days, day 0 the first; none on the last day."""
    found: dict[float, dict[str, None]] = {}
    for regimen in regimens:
        for part in regimen.injections:
            for number in range(math.ceil(end / part.every)):
                found.setdefault(number * part.every, {})[part.drug.name] = None
    return {day: tuple(names) for day, names in found.items()}


def _dose_on(regimen: Regimen, drug: str, day: float) -> float:
    """Return the single dose [mg] of a drug on a day, 0 if there is none."""
    for part in regimen.injections:
        if part.drug.name == drug and day % part.every == 0:
            return part.amount
    return 0.0
