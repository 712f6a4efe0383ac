"""Which numbers of the model one patient's course hangs on, and which of them readings could tell apart.

Every number ranges from its stated low to its stated high.  The patient stays the one described: for every
set of numbers the run-in is solved anew, so that weight, C-reactive protein and GDF-15 of day 0 are met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from euexia import drugs
from euexia.core.choices import choose
from euexia.core.errors import InputError, NumericalError
from euexia.model.antibody import Injection
from euexia.observe.measurement import ErrorModel, instruments
from euexia.parameters import Parameter, ParameterSet
from euexia.physiology import observables
from euexia.physiology.body import constants
from euexia.physiology.inputs import INPUTS, PatientInputs
from euexia.population.archetypes import VirtualPatient
from euexia.study import global_indices
from euexia.study.drivers import with_values
from euexia.study.global_indices import Method
from euexia.study.regimen import Regimen
from euexia.study.simulated import engine_for
from euexia.study.single_patient import (
    NEAR,
    WEEK,
    check_weight,
    injection_days,
    patient_columns,
    personal_inputs,
    stacked,
)

Floats = NDArray[np.float64]

WEEKS = 12
WEIGHT = "body_weight"
LONGEST = 52
SIZES: Mapping[Method, int] = {Method.MORRIS: 10, Method.SOBOL: 64}
"""Size of the sample, unless said otherwise."""
NOT_VARIED = ("dose", "interval", "grip_per_muscle")
"""Numbers that are a choice, or that the patient's own measurement replaces."""
VISIT = 4
"""Weeks between the readings that are asked whether they tell numbers apart."""
VISIBLE = 1.0
"""Least effect of a number's range on any reading, in SDs of its error, that could be seen."""
ALIKE = 0.98
"""Cosine of two numbers' effects on the readings from which on they cannot be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What one number does to the change of one observable from day 0 on."""

    parameter: Parameter
    at_low: float
    """The change when this number alone stands at its low end."""
    at_high: float
    own: float
    overall: float
    spread: float
    error: float
    """Half-width of the 95 % interval of ``overall``."""

    @property
    def swing(self) -> float:
        """Return how far the number alone moves the change."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiability:
    """What readings every four weeks could say about the numbers."""

    measures: tuple[str, ...]
    hidden: tuple[str, ...]
    """Numbers whose whole range moves no reading by as much as its error."""
    alike: tuple[tuple[str, ...], ...]
    """Groups of the others that move all readings in the same way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What one patient's course hangs on."""

    patient: VirtualPatient
    regimen: Regimen
    weeks: int
    method: Method
    size: int
    seed: int
    runs: int
    astray: int
    """Runs in which the disease cannot lead to the weight of today; the nearest weight stands in."""
    stated: Mapping[str, float]
    """Change of each observable with every number as stated."""
    influences: Mapping[str, tuple[Influence, ...]]
    """By observable; the largest overall first."""
    identifiability: Identifiability
    parameters_hash: str


class Person(NamedTuple):
    """Everything that the numbers of the model do not change."""

    patient: VirtualPatient
    regimen: Regimen
    parameters: ParameterSet
    inputs: PatientInputs
    days: tuple[float, ...]


def analyse(
    patient: VirtualPatient,
    regimen: Regimen,
    *,
    parameters: ParameterSet,
    of: Sequence[str],
    names: Sequence[str] = (),
    weeks: int = WEEKS,
    method: Method = Method.MORRIS,
    size: int | None = None,
    seed: int = 1,
) -> Sensitivity:
    """Return what the change of each observable from day 0 to the last week hangs on.

    of: observables.  names: numbers of the model, or whole blocks; all that have a range and act here, if
    empty.  size: trajectories of Morris or base samples of Sobol.  Raises UnknownNameError, or InputError for
    weeks, a size or a number that cannot be.
    """
    if not 1 <= weeks <= LONGEST:
        raise InputError(f"A course of {weeks} weeks cannot be analysed. Ask for 1 to {LONGEST} weeks.")
    order = {name: place for place, name in enumerate(observables.NAMES)}
    places = [choose("observable", name, order) for name in of]
    varied = varied_parameters(parameters, regimen, names)
    chosen = SIZES[method] if size is None else size
    runs = global_indices.runs_needed(method, chosen, len(varied))
    inputs = _checked_inputs(patient, parameters)
    days = tuple(sorted({*(float(week * WEEK) for week in range(0, weeks, VISIT)), weeks * WEEK}))
    person = Person(patient, regimen, parameters, inputs, days)
    courses = follow(person, [entry.name for entry in varied], one_at_a_time(varied))
    bounds = {entry.name: _range(entry) for entry in varied}

    astray: list[int] = []

    def change(sample: Floats) -> Floats:
        found = follow(person, list(bounds), sample)
        astray.append(_astray(found, inputs))
        return (found[:, -1] - found[:, 0])[:, places]

    indices = global_indices.measure(bounds, change, method=method, size=chosen, seed=seed)
    single = (courses[:, -1] - courses[:, 0])[:, places]
    return Sensitivity(
        patient=patient,
        regimen=regimen,
        weeks=weeks,
        method=method,
        size=chosen,
        seed=seed,
        runs=runs + len(single),
        astray=sum(astray) + _astray(courses, inputs),
        stated={name: float(single[0, place]) for place, name in enumerate(of)},
        influences={
            name: _influences(varied, single[1:, place], indices[place]) for place, name in enumerate(of)
        },
        identifiability=identify(varied, courses),
        parameters_hash=parameters.hash,
    )


def _checked_inputs(patient: VirtualPatient, parameters: ParameterSet) -> PatientInputs:
    """Return the inputs of a patient whom the model, as stated, can bring to the weight of today."""
    from euexia.simulate.individual import premorbid

    engine = engine_for(parameters)
    inputs = personal_inputs(engine, patient, parameters)
    body, _, history = engine.run_in(inputs)
    check_weight(patient, float(history[0.0][WEIGHT][0]), float(premorbid(body).weight[0]))
    return inputs


def _astray(courses: Floats, inputs: PatientInputs) -> int:
    """Return how many courses begin with another weight; raise NumericalError for one that is not finite."""
    broken = int(np.sum(~np.isfinite(courses).all(axis=(1, 2))))
    if broken:
        raise NumericalError(
            f"In {broken} of {len(courses)} runs the model gave no finite number. Vary fewer numbers, or "
            "narrow their ranges in an overlay."
        )
    return int(np.sum(np.abs(courses[:, 0, observables.NAMES.index(WEIGHT)] - inputs.weight[0]) >= NEAR))


def varied_parameters(
    parameters: ParameterSet, regimen: Regimen, names: Sequence[str] = ()
) -> tuple[Parameter, ...]:
    """Return the numbers that are varied: those named, or all that have a range and act here.

    What is 0 as stated is a mechanism that is off; it is varied only when it is named.
    """
    if not names:
        return tuple(e for e in _acting(parameters, regimen) if _has_range(e) and e.value != 0)
    blocks = {_block(entry) for entry in parameters.values()}
    found: dict[str, Parameter] = {}
    for name in names:
        if name in blocks:
            found.update({e.name: e for e in parameters.values() if _block(e) == name and _has_range(e)})
        else:
            found[name] = parameters[name]
    fixed = [name for name, entry in found.items() if not _has_range(entry)]
    if fixed or not found:
        raise InputError(
            f"Without a range, or a matter of choice, and so not to be varied: {', '.join(fixed or names)}. "
            "Leave them out, or give 'low' and 'high' in an overlay."
        )
    return tuple(found.values())


def _acting(parameters: ParameterSet, regimen: Regimen) -> tuple[Parameter, ...]:
    """Return the numbers that the equations or the treatments read."""
    read = {
        f"{block}.{name}"
        for block, values in constants(parameters)._asdict().items()
        for name in values._fields
    }
    given = {part.drug.name for part in regimen.parts}
    return tuple(entry for entry in parameters.values() if entry.name in read or _block(entry) in given)


def _block(entry: Parameter) -> str:
    return entry.name.partition(".")[0]


def _has_range(entry: Parameter) -> bool:
    chosen = entry.name.partition(".")[2] in NOT_VARIED
    return not chosen and entry.low is not None and entry.high is not None and entry.low < entry.high


def _range(entry: Parameter) -> tuple[float, float]:
    if entry.low is None or entry.high is None:
        raise InputError(f"'{entry.name}' has no range.")
    return entry.low, entry.high


def one_at_a_time(varied: Sequence[Parameter]) -> Floats:
    """Return all numbers as stated, then each at its low and at its high end, shape (1 + 2 n, n)."""
    stated = np.array([entry.value for entry in varied])
    sample = np.tile(stated, (1 + 2 * len(varied), 1))
    for place, entry in enumerate(varied):
        sample[1 + 2 * place : 3 + 2 * place, place] = _range(entry)
    return sample


def _influences(
    varied: Sequence[Parameter], single: Floats, indices: global_indices.Indices
) -> tuple[Influence, ...]:
    """Return the influences on one observable; single: its change at each end of each number."""
    found = [
        Influence(
            parameter=entry,
            at_low=float(single[2 * place]),
            at_high=float(single[2 * place + 1]),
            own=float(indices.own[place]),
            overall=float(indices.overall[place]),
            spread=float(indices.spread[place]),
            error=float(indices.error[place]),
        )
        for place, entry in enumerate(varied)
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.overall, -entry.swing, entry.parameter.name)))


def follow(person: Person, names: Sequence[str], sample: Floats) -> Floats:
    """Return every observable of the patient for each set of numbers.

    sample: values of the named numbers, shape (runs, numbers).  Result: shape (runs, days, observables).
    """
    from euexia.simulate.individual import MOST

    parts = [
        _follow_some(person, names, sample[start : start + MOST]) for start in range(0, len(sample), MOST)
    ]
    return np.concatenate(parts)


def _follow_some(person: Person, names: Sequence[str], sample: Floats) -> Floats:
    from euexia.simulate.individual import IndividualEngine

    sets = [with_values(person.parameters, dict(zip(names, row.tolist(), strict=True))) for row in sample]
    engine = IndividualEngine(sets)
    cast = PatientInputs(**{name: np.repeat(getattr(person.inputs, name), len(sets)) for name in INPUTS})
    columns = patient_columns(person.patient, [person.regimen])
    body, state, _ = engine.run_in(cast)
    acting = stacked([drugs.effects(person.regimen.steady, columns, numbers) for numbers in sets])
    doses = injection_days([person.regimen], person.days[-1])
    seen = []
    stops = sorted({*person.days, *doses})
    for place, day in enumerate(stops):
        if place:
            state = engine.advance(state, body, acting, start=stops[place - 1], days=day - stops[place - 1])
        if day in person.days:
            truth = engine.observe(state, body, day=day)
            seen.append(np.stack([truth[name] for name in observables.NAMES], axis=-1))
        for name in doses.get(day, ()):
            state = engine.inject(state, _injections(person, name, columns, sets))
    return np.stack(seen, axis=1)


def _injections(
    person: Person, name: str, columns: Mapping[str, Any], sets: Sequence[ParameterSet]
) -> Injection:
    """Return one dose for every set of numbers, each value of shape (runs,)."""
    single = next(part.amount for part in person.regimen.injections if part.drug.name == name)
    each = [drugs.injection(name, single, columns, numbers) for numbers in sets]
    fields = tuple(Injection.__dataclass_fields__)
    return Injection(
        **{field: np.array([float(np.ravel(getattr(one, field))[0]) for one in each]) for field in fields}
    )


def identify(varied: Sequence[Parameter], courses: Floats) -> Identifiability:
    """Return what readings could say about each number, moved alone across its range.

    courses: of ``one_at_a_time``, shape (1 + 2 n, days, observables).  Effects are counted in SDs of each
    reading's error.
    """
    measures, errors = reading_errors(courses[0])
    places = [observables.NAMES.index(name) for name in measures]
    moved = (courses[2::2] - courses[1::2])[..., places] / errors
    effects = moved.reshape(len(varied), -1)
    seen = np.max(np.abs(effects), axis=1, initial=0.0) >= VISIBLE
    names = [entry.name for entry in varied]
    return Identifiability(
        measures=measures,
        hidden=tuple(name for name, visible in zip(names, seen, strict=True) if not visible),
        alike=_groups([name for name, s in zip(names, seen, strict=True) if s], effects[seen]),
    )


def reading_errors(course: Floats) -> tuple[tuple[str, ...], Floats]:
    """Return the measures that are read with a stated error, and its SD, shape (days, measures).

    course: the patient as stated, shape (days, observables).
    """
    known = instruments()
    measures, errors = [], []
    for place, name in enumerate(observables.NAMES):
        found = known.get(name)
        if found is None or found.spread <= 0 or found.error in (ErrorModel.NONE, ErrorModel.COMPUTED):
            continue
        relative = found.error is ErrorModel.LOG_NORMAL
        measures.append(name)
        errors.append(found.spread * (np.abs(course[:, place]) if relative else np.ones(len(course))))
    return tuple(measures), np.stack(errors, axis=-1)


def _groups(names: Sequence[str], effects: Floats) -> tuple[tuple[str, ...], ...]:
    """Return groups of names whose effects point the same way, or opposite ways."""
    directions = effects / np.linalg.norm(effects, axis=1, keepdims=True) if len(effects) else effects
    near = np.abs(directions @ directions.T) >= ALIKE
    groups: list[tuple[str, ...]] = []
    left = list(range(len(names)))
    while left:
        group, new = set(), {left[0]}
        while new:
            group |= new
            new = {other for one in new for other in left if near[one, other]} - group
        left = [place for place in left if place not in group]
        if len(group) > 1:
            groups.append(tuple(names[place] for place in sorted(group)))
    return tuple(groups)
