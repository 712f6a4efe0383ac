"""Simulated trials: the whole chain from a protocol to trial data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia import drugs, population
from euexia import parameters as parameter_files
from euexia.core.errors import InputError
from euexia.drugs import exercise
from euexia.drugs.variation import personal_factors
from euexia.model.effects import Effects
from euexia.observe import Noted, Person, events, fate, readings, stack
from euexia.observe.measurement import behind
from euexia.observe.observe import Fate, present
from euexia.observe.schedule import planned_days, trial_visits
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol
from euexia.simulate.fluctuation import Fluctuation
from euexia.simulate.function import FUNCTION, FunctionEngine
from euexia.simulate.randomisation import allot
from euexia.simulate.run import run
from euexia.simulate.trajectories import Trajectories
from euexia.study import feasibility, run_in
from euexia.study.courses import change_days
from euexia.study.injections import Injector, injection_days
from euexia.study.prescribing import Course, Prescriber
from euexia.study.recruitment import Cohort, factors_of, recruit, stratum_of
from euexia.study.screening import WEIGHT, weight_history
from euexia.trialdata.trialdata import Events, ScreeningLog, TrialData

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OBSERVED = (
    "body_weight",
    "lean_mass_ct",
    "skeletal_muscle_area",
    "fat_mass_ct",
    "handgrip_strength",
    "crp",
    "gdf15",
    "energy_intake",
    "resting_expenditure",
    "daily_steps",
    "faact_acs",
    "tumour_size",
    "neutrophils",
    "platelets",
)
"""Observables of the engine that a visit may measure."""
ON_REQUEST = ("lean_mass_dxa",)
"""Others, kept only where a visit asks for them."""

AGE = "age"
SCREENING = "screening"
"""Name of the visit that decides on eligibility, unless the protocol names it."""


@cache
def _reference() -> ParameterSet:
    return parameter_files.load()


_ENGINES: dict[str, Any] = {}
"""The latest engines of this process, by the hash of their parameters."""
MOST_ENGINES = 16


def engine_for(parameters: ParameterSet) -> Any:
    """Return the engine of a parameter set; the first one begins to compile what all of them share."""
    from euexia.simulate.engine import Engine

    if parameters.hash not in _ENGINES:
        engine = Engine(parameters)
        if not _ENGINES:
            engine.compile_ahead()
        while len(_ENGINES) >= MOST_ENGINES:
            del _ENGINES[next(iter(_ENGINES))]
        _ENGINES[parameters.hash] = engine
    return _ENGINES[parameters.hash]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recruited:
    """A block of trials up to randomisation: the same patients serve every scenario."""

    protocol: Protocol
    parameters: ParameterSet
    cohort: Cohort
    screening: ScreeningLog
    arm: Integers
    """Index into the protocol's arms, shape (patients,)."""


def simulate(
    protocol: Protocol,
    *,
    trials: int = 1,
    seed: int = 1,
    first_trial: int = 0,
    parameters: ParameterSet | None = None,
    without_effect: bool = False,
) -> TrialData:
    """Simulate trials of a protocol.

    trials: how many.  seed: the same seed gives the same bits.  first_trial: number of the first; trial 7 is
    the same trial whether it is simulated alone or among others.  parameters: of the model; the reference set
    if None.
    without_effect: the study drug is given and dosed, but does nothing; same patients, same chance.
    Nobody looks before the end; ``adaptive_simulation.simulate`` carries looks out.
    Raises InputError (no patients for the protocol, trials below 1) or UnknownNameError (unknown drug or
    population).
    """
    recruited = recruit_trials(
        protocol, trials=trials, seed=seed, first_trial=first_trial, parameters=parameters
    )
    return conduct(recruited, without_effect=without_effect)


def recruit_trials(
    protocol: Protocol,
    *,
    trials: int = 1,
    seed: int = 1,
    first_trial: int = 0,
    parameters: ParameterSet | None = None,
) -> Recruited:
    """Screen and randomise the patients of a block of trials; arguments as for simulate."""
    if trials < 1:
        raise InputError(f"The number of trials is {trials}; it must be at least 1.")
    feasibility.check(protocol)
    chosen = _reference() if parameters is None else parameters
    numbers = np.arange(first_trial, first_trial + trials, dtype=np.int64)
    spec = population.load(protocol.population)
    cohort, log = recruit(protocol, spec, chosen, engine_for(chosen), trials=numbers, seed=seed)
    factors = factors_of(protocol, cohort)
    arm = allot(protocol, seed, numbers, stratum_of(protocol, cohort), factors).ravel()
    return Recruited(protocol=protocol, parameters=chosen, cohort=cohort, screening=log, arm=arm)


def conduct(recruited: Recruited, *, without_effect: bool = False) -> TrialData:
    """Treat, follow and observe recruited patients; return what the trials wrote down."""
    protocol, cohort = recruited.protocol, recruited.cohort
    prescriber = Prescriber(protocol, cohort.columns, cohort.address, recruited.arm)
    trajectories = follow(recruited, prescriber, without_effect=without_effect)
    fates = fate(trajectories, cohort.address, protocol.schedule.follow_up)
    person = Person(columns=cohort.columns, before=cohort.before, noted=noted(protocol, cohort))
    found = readings(protocol.schedule, trajectories, person, cohort.address, fates)
    rows = events(found, trajectories, cohort.address, fates)
    trials = cohort.trials.size
    return TrialData(
        protocol_id=protocol.id,
        arms=tuple(arm.name for arm in protocol.arms),
        subjects=_subjects(recruited, fates, prescriber),
        readings={measure: stack(values, trials) for measure, values in found.items()},
        dosing=prescriber.dosing(fates.end, trials),
        events=Events(
            trial=rows.patient // cohort.size,
            subject=rows.patient % cohort.size,
            day=rows.day,
            term=rows.term,
            grade=rows.grade,
            serious=rows.serious,
        ),
        screening=recruited.screening,
    )


def noted(protocol: Protocol, cohort: Cohort) -> tuple[Noted, ...]:
    """Return the readings that decided on eligibility, as trial data have them.

    The age is left out: it is a column of the subjects.
    """
    taken = {visit.name for visit in protocol.schedule.visits}
    screening = {name: values for name, values in cohort.screening.items() if name != AGE}
    entries = {protocol.schedule.screening: (SCREENING, screening)}
    for day, name in weight_history(protocol).items():
        entries[day] = (name, {WEIGHT: cohort.weights[day]})
    return tuple(
        Noted(visit=f"{name}_for_eligibility" if name in taken else name, day=day, values=values)
        for day, (name, values) in sorted(entries.items())
    )


def follow(recruited: Recruited, prescriber: Prescriber, *, without_effect: bool) -> Trajectories:
    """Return the truth of every patient over the trial."""
    parameters, cohort = recruited.parameters, recruited.cohort
    columns, schedule = _columns(recruited), recruited.protocol.schedule
    engine = engine_for(parameters)
    injected = () if without_effect else injection_days(recruited.protocol)
    measured = {behind(name) for visit in trial_visits(schedule) for name in visit.measures}
    asked = [name for name in FUNCTION if name in measured]
    inject = Injector(prescriber, columns, parameters, engine)
    background = run_in.background_care(recruited.protocol, cohort.address)
    address = cohort.address
    passing = Fluctuation.of(parameters, address.seed, address.trial, address.candidate)

    def effects_of(day: float, doses: Mapping[str, Floats]) -> Effects:
        if without_effect:
            return drugs.effects(background, columns, parameters)
        taken = prescriber.taken(day)
        given = {drug: dose * taken[drug] for drug, dose in doses.items()}
        care = _care(background, prescriber, day, parameters)
        return drugs.effects({**care, **given}, columns, parameters)

    def rates_of(effects: Effects) -> dict[str, Any]:
        rates = drugs.event_rates(effects, parameters)
        return {f"cumulative_{name.removesuffix('_rate')}": rate for name, rate in rates.items()}

    return run(
        FunctionEngine(engine, columns, parameters) if asked else engine,
        cohort.body,
        cohort.state,
        sorted({*planned_days(schedule), *injected, *change_days(recruited.protocol)}),
        prescriber.decide,
        effects_of,
        keep=(*OBSERVED, *asked, *(name for name in ON_REQUEST if name in measured)),
        rates_of=rates_of,
        origin=schedule.run_in,
        inject=inject if injected else None,
        spans=passing.spans if passing is not None else None,
    )


def _columns(recruited: Recruited) -> dict[str, Floats]:
    """Return what treatments may know of the patients: the population's columns, and their own factors."""
    address, protocol = recruited.cohort.address, recruited.protocol
    dosed = {t.drug for arm in protocol.arms for t in arm.treatments if t.dose is not None}
    own = personal_factors(dosed, recruited.parameters, address.seed, address.trial, address.candidate)
    return {**own, **recruited.cohort.columns}


def _amount(course: Course, parameters: ParameterSet) -> Floats:
    """Return how much of a treatment without a dose each member takes up, as a share of the whole."""
    programme = course.span.treatment.programme
    if programme is None:
        return course.taken
    kind = exercise.Type(programme.type.value)
    whole = exercise.programme(kind, programme.sessions, programme.load, course.taken, 1, parameters)
    return np.asarray(whole, dtype=float)


def _care(
    background: Mapping[str, Floats], prescriber: Prescriber, day: float, parameters: ParameterSet
) -> dict[str, Floats]:
    """Return the uptake of care without a dose from a day on: background care of all, and that of arms."""
    care = dict(background)
    for course, active in prescriber.care(day):
        drug = course.span.treatment.drug
        amount = care.get(drug, np.zeros(prescriber.patients)).copy()
        amount[course.members[active]] = _amount(course, parameters)[active]
        care[drug] = amount
    return care


def _subjects(recruited: Recruited, fates: Fate, prescriber: Prescriber) -> dict[str, Floats]:
    """Return the subject columns, shape (trials, subjects); days of events are whole days.

    The day of crossover is a column only of trials that plan one.
    """
    cohort, stop_day = recruited.cohort, prescriber.stop_day()
    flat = {
        "arm": recruited.arm.astype(float),
        "age": np.floor(cohort.columns["age"]),
        "sex": cohort.columns["male"],
        "height": np.rint(cohort.columns["height"]),
        "enrolled_day": np.floor(cohort.enrolled_day),
        "death_day": np.floor(fates.death),
        "withdrawal_day": np.floor(fates.withdrawal),
        "treatment_stop_day": np.where(stop_day <= fates.end, stop_day, np.nan),
        "last_contact_day": np.floor(fates.end),
    }
    if recruited.protocol.crossovers:
        flat["crossover_day"] = _crossover_day(recruited, fates, prescriber.crossed)
    return {name: values.reshape(cohort.trials.size, cohort.size) for name, values in flat.items()}


def _crossover_day(recruited: Recruited, fates: Fate, crossed: Floats) -> Floats:
    """Return the day of each change as written down: that of the visit, where the patient was seen at one."""
    day = crossed.copy()
    for visit in trial_visits(recruited.protocol.schedule):
        seen, came = present(visit, fates, recruited.cohort.address)
        day = np.where((crossed == visit.day) & seen, came, day)
    return np.where(day <= np.floor(fates.end), day, np.nan)
