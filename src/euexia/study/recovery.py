"""What each treatment could give one patient back, and how sure the model can be of it.

The patient's own measurements are kept; everything else is drawn: each number of the model from its stated
range, each personal effect that the patient's file leaves open from its spread between patients.  Every draw
lives untreated and under each treatment, so a difference is the treatment's.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia import drugs, population
from euexia.core.errors import InputError, NumericalError
from euexia.core.streams import Purpose, normal, uniform
from euexia.model.antibody import Injection
from euexia.parameters import ParameterSet
from euexia.physiology.inputs import INPUTS, PatientInputs
from euexia.population.archetypes import VirtualPatient
from euexia.study.drivers import OUTCOMES, WEEKS_AHEAD, with_values
from euexia.study.regimen import Regimen, parse, usual
from euexia.study.simulated import engine_for
from euexia.study.single_patient import (
    NEAR,
    TYPICAL,
    WEEK,
    injection_days,
    patient_columns,
    personal_inputs,
    stacked,
    typical,
)

Floats = NDArray[np.float64]

DRAWS = 200
LOWEST, HIGHEST = 0.05, 0.95
"""Shares of the draws below the two ends of an interval: the middle 90 % lie between."""
WEIGHT = "body_weight"
FEWEST = 10
"""Draws below which no interval is given."""
PERSONAL = (
    "activity_level",
    "appetite_gdf15_effect",
    "appetite_inflammation_effect",
    "expenditure_effect",
    "feedback",
    "muscle_effect",
    "quality_effect",
    "tumour_growth",
    "tumour_kill",
    "tumour_mass",
)
"""Inputs that are drawn where the patient's file leaves them out."""
NOT_DRAWN = ("dose", "interval", "grip_per_muscle")
"""Numbers that are a choice, or that the patient's own measurement replaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Difference of an outcome from no treatment, in its unit."""

    stated: float
    """With every number at its stated value."""
    low: float
    high: float
    """The middle 90 % of the draws lie between low and high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What one treatment gives back at the end of the weeks ahead."""

    regimen: Regimen
    gains: Mapping[str, Gain]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoveries:
    """What every treatment could give back."""

    weeks: int
    draws: int
    used: int
    """Draws in which this patient can have come to the weight of today; the intervals are of these."""
    seed: int
    treatments: tuple[Recovery, ...]
    left_out: Mapping[str, str]
    """Treatment to the reason why it could not be simulated."""


def recover(
    patient: VirtualPatient,
    *,
    parameters: ParameterSet,
    regimens: Sequence[Regimen] | None = None,
    weeks: int = WEEKS_AHEAD,
    draws: int = DRAWS,
    seed: int = 1,
) -> Recoveries:
    """Return what each regimen could give a patient back.

    regimens: every treatment at its usual dose, or taken up in full, if None.  draws: how many, at most 500.
    """
    from euexia.simulate.individual import IndividualEngine

    wanted = [usual(name, parameters) for name in drugs.DRUGS] if regimens is None else list(regimens)
    left_out = {entry.label: reason for entry in wanted if (reason := _hindrance(patient, entry))}
    given = [entry for entry in wanted if entry.label not in left_out]
    sets = [parameters, *(drawn_set(parameters, seed, number) for number in range(draws))]
    cast = drawn_inputs(personal_inputs(engine_for(parameters), patient, parameters), patient, seed, draws)
    columns = drawn_columns(patient_columns(patient, given), cast, parameters, seed, draws)
    engine = IndividualEngine(sets)
    body, state, history = engine.run_in(cast)
    possible = _possible(history[0.0][WEIGHT], patient)
    untreated = _outcome(engine, body, state, parse("none", parameters), columns, sets, weeks)
    treatments = []
    for regimen in given:
        reached = _outcome(engine, body, state, regimen, columns, sets, weeks)
        gains = {name: _gain((reached[name] - untreated[name])[possible]) for name in OUTCOMES}
        treatments.append(Recovery(regimen=regimen, gains=gains))
    return Recoveries(
        weeks=weeks,
        draws=draws,
        used=int(possible.sum()) - 1,
        seed=seed,
        treatments=tuple(treatments),
        left_out=left_out,
    )


def _possible(weight: Floats, patient: VirtualPatient) -> NDArray[np.bool_]:
    """Return the draws in which the patient weighs today what was said; the first, as stated, always does.

    Raises NumericalError if they are too few.
    """
    found = np.abs(weight - patient.inputs()["weight"]) < NEAR
    found[0] = True
    if found.sum() <= FEWEST:
        raise NumericalError(
            f"In only {found.sum() - 1} of {found.size - 1} draws can the patient '{patient.name}' weigh "
            "today what the file says, too few for an interval. Ask for more draws, or check weight, CRP and "
            "GDF-15."
        )
    return np.asarray(found)


def _hindrance(patient: VirtualPatient, regimen: Regimen) -> str:
    """Return why a patient cannot be given a regimen, nothing if he can."""
    try:
        patient_columns(patient, [regimen])
    except InputError as error:
        return str(error)
    return ""


def _gain(differences: Floats) -> Gain:
    drawn = differences[1:]
    low, high = np.quantile(drawn[np.isfinite(drawn)], (LOWEST, HIGHEST))
    return Gain(stated=float(differences[0]), low=float(low), high=float(high))


def drawn_set(parameters: ParameterSet, seed: int, number: int) -> ParameterSet:
    """Return the numbers of the model of one draw.

    Each number that has a range falls below or above its stated value with equal chance, evenly as far as the
    end of the range.  A number that is 0 is a mechanism that is off, and stays off.
    """
    values = {}
    for name, entry in parameters.items():
        if entry.low is None or entry.high is None or entry.value == 0:
            continue
        if name.partition(".")[2] in NOT_DRAWN:
            continue
        chance = float(uniform(seed, Purpose.PARAMETER, 0, number, 0, zlib.crc32(name.encode())))
        end, share = (entry.low, 1 - 2 * chance) if chance < 1 / 2 else (entry.high, 2 * chance - 1)
        values[name] = entry.value + share * (end - entry.value)
    return with_values(parameters, values)


def drawn_inputs(inputs: PatientInputs, patient: VirtualPatient, seed: int, draws: int) -> PatientInputs:
    """Return the patient as stated, and then once for every draw."""
    columns = {name: np.repeat(getattr(inputs, name), draws + 1) for name in INPUTS}
    open_fields = [name for name in PERSONAL if patient.said[name].by_default]
    sampled = population.sample(
        population.load(TYPICAL), seed, 0, np.arange(draws), only=frozenset(open_fields)
    )
    for name in open_fields:
        columns[name][1:] *= sampled[name] / typical(name)
    return PatientInputs(**columns)


def drawn_columns(
    stated: Mapping[str, float], cast: PatientInputs, parameters: ParameterSet, seed: int, draws: int
) -> dict[str, Floats]:
    """Return what treatments ask of the patient, as stated and then for every draw, shape (draws + 1,)."""
    columns = {name: np.full(draws + 1, value) for name, value in stated.items()}
    columns.update({name: getattr(cast, name) for name in INPUTS})
    spec = population.load(TYPICAL)
    personal = [name for name in stated if name not in INPUTS and name in spec.columns]
    personal = [name for name in personal if spec.columns[name].formula is None]
    sampled = population.sample(spec, seed, 0, np.arange(draws), only=frozenset(personal))
    for name in personal:
        columns[name][1:] = sampled[name]
    for name, spread in _own_factors(parameters).items():
        if name not in columns:
            deviation = np.sqrt(np.log1p(spread**2))
            address = zlib.crc32(name.encode())
            chance = normal(seed, Purpose.PARAMETER, 0, np.arange(draws), 1, address)
            columns[name] = np.concatenate([[1.0], np.exp(deviation * chance)])
    return columns


def _own_factors(parameters: ParameterSet) -> dict[str, float]:
    """Return the spread of every number of a treatment that differs between patients, by its column."""
    return {
        f"{drug}_{short}_effect": entry.spread
        for drug in drugs.DRUGS
        for short, entry in parameters.block(drug).items()
        if entry.spread > 0
    }


def _outcome(
    engine: Any,
    body: Any,
    state: Any,
    regimen: Regimen,
    columns: Mapping[str, Floats],
    sets: Sequence[ParameterSet],
    weeks: int,
) -> Mapping[str, Floats]:
    """Return what is observed at the end of the weeks under a regimen, shape (draws + 1,)."""
    people = [
        {name: float(values[number]) for name, values in columns.items()} for number in range(len(sets))
    ]
    acting = stacked(
        [drugs.effects(regimen.steady, own, numbers) for own, numbers in zip(people, sets, strict=True)]
    )
    end = weeks * WEEK
    stops = sorted({0.0, *injection_days([regimen], end), end})
    doses = injection_days([regimen], end)
    for place, day in enumerate(stops):
        if place:
            state = engine.advance(state, body, acting, start=stops[place - 1], days=day - stops[place - 1])
        for name in doses.get(day, ()):
            single = next(part.amount for part in regimen.injections if part.drug.name == name)
            brought = [drugs.injection(name, single, own, s) for own, s in zip(people, sets, strict=True)]
            state = engine.inject(state, _together(brought))
    found: Mapping[str, Floats] = engine.observe(state, body, day=end)
    return found


def _together(injections: Sequence[Injection]) -> Injection:
    """Return the injections of several people as one, each value of shape (people,)."""
    names = ("depot", "absorption", "elimination", "serum_dissociation", "site_half_effect")
    return Injection(**{name: np.array([float(getattr(one, name)) for one in injections]) for name in names})
