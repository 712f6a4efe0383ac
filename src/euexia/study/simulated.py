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
from euexia.core.choices import choose
from euexia.core.errors import InputError
from euexia.drugs.variation import personal_factors
from euexia.model.effects import Effects
from euexia.observe import Noted, Person, events, fate, readings, stack
from euexia.observe.observe import Fate
from euexia.observe.schedule import planned_days, trial_visits
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol, Treatment
from euexia.simulate.function import FUNCTION, FunctionEngine
from euexia.simulate.randomisation import allot
from euexia.simulate.run import run
from euexia.simulate.trajectories import Trajectories
from euexia.simulate.treatment import uptake
from euexia.study import run_in
from euexia.study.injections import Injector, injection_days
from euexia.study.prescribing import Prescriber
from euexia.study.recruitment import Cohort, recruit, stratum_of
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

AGE = "age"
SCREENING = "screening"
"""Name of the visit that decides on eligibility, unless the protocol names it."""


@cache
def _reference() -> ParameterSet:
    return parameter_files.load()


_ENGINES: dict[str, Any] = {}
"""Compiled engines of this process, by the hash of their parameters."""


def engine_for(parameters: ParameterSet) -> Any:
    """Return the engine of a parameter set; the same numbers share one compiled engine."""
    from euexia.simulate.engine import Engine

    if parameters.hash not in _ENGINES:
        engine = _ENGINES[parameters.hash] = Engine(parameters)
        engine.compile_ahead()
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
    _check_drugs(protocol)
    _check_run_in(protocol)
    chosen = _reference() if parameters is None else parameters
    numbers = np.arange(first_trial, first_trial + trials, dtype=np.int64)
    spec = population.load(protocol.population)
    cohort, log = recruit(protocol, spec, chosen, engine_for(chosen), trials=numbers, seed=seed)
    arm = allot(protocol, seed, numbers, stratum_of(protocol, cohort)).ravel()
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
        subjects=_subjects(recruited, fates, prescriber.stop_day()),
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
    care = _care(recruited)
    taken = _taken(recruited)
    columns, schedule = _columns(recruited), recruited.protocol.schedule
    engine = engine_for(parameters)
    injected = () if without_effect else injection_days(recruited.protocol)
    asked = [name for name in FUNCTION if any(name in visit.measures for visit in trial_visits(schedule))]
    inject = Injector(recruited.protocol, recruited.arm, columns, taken, parameters, engine)

    def effects_of(day: float, doses: Mapping[str, Floats]) -> Effects:
        given = {} if without_effect else {drug: dose * taken[drug] for drug, dose in doses.items()}
        return drugs.effects({**care, **given}, columns, parameters)

    def rates_of(effects: Effects) -> dict[str, Any]:
        rates = drugs.event_rates(effects, parameters)
        return {f"cumulative_{name.removesuffix('_rate')}": rate for name, rate in rates.items()}

    return run(
        FunctionEngine(engine, columns, parameters) if asked else engine,
        cohort.body,
        cohort.state,
        sorted({*planned_days(schedule), *injected}),
        prescriber.decide,
        effects_of,
        keep=(*OBSERVED, *asked),
        rates_of=rates_of,
        origin=schedule.run_in,
        inject=inject if injected else None,
    )


def _check_drugs(protocol: Protocol) -> None:
    place = protocol.source_name or f"protocol '{protocol.id}'"
    for treatment in (*protocol.background, *(t for arm in protocol.arms for t in arm.treatments)):
        choose("drug", treatment.drug, drugs.DRUGS, asked_in=place)


def _check_run_in(protocol: Protocol) -> None:
    schedule = protocol.schedule
    if not 0 <= schedule.run_in <= -schedule.screening:
        raise InputError(
            f"Protocol '{protocol.id}' has a run-in of {schedule.run_in:g} days, but screens on day "
            f"{schedule.screening:g}. Screen before the run-in begins, or shorten schedule.run_in."
        )


def _columns(recruited: Recruited) -> dict[str, Floats]:
    """Return what treatments may know of the patients: the population's columns, and their own factors."""
    address, protocol = recruited.cohort.address, recruited.protocol
    dosed = {t.drug for arm in protocol.arms for t in arm.treatments if t.dose is not None}
    own = personal_factors(dosed, recruited.parameters, address.seed, address.trial, address.candidate)
    return {**own, **recruited.cohort.columns}


def _uptake(recruited: Recruited, treatment: Treatment) -> Floats:
    address = recruited.cohort.address
    return uptake(address.seed, treatment.drug, treatment.adherence, address.trial, address.candidate)


def _care(recruited: Recruited) -> dict[str, Floats]:
    """Return the uptake of care without a dose: background care of all, and that of single arms."""
    care = run_in.background_care(recruited.protocol, recruited.cohort.address)
    for index, arm in enumerate(recruited.protocol.arms):
        for treatment in arm.treatments:
            if treatment.dose is None:
                before = care.get(treatment.drug, np.zeros(recruited.arm.shape))
                care[treatment.drug] = np.where(recruited.arm == index, _uptake(recruited, treatment), before)
    return care


def _taken(recruited: Recruited) -> dict[str, Floats]:
    """Return the share of each dosed drug that each patient takes."""
    shares: dict[str, Floats] = {}
    for index, arm in enumerate(recruited.protocol.arms):
        for treatment in arm.treatments:
            if treatment.dose is not None:
                before = shares.get(treatment.drug, np.ones(recruited.arm.shape))
                shares[treatment.drug] = np.where(
                    recruited.arm == index, _uptake(recruited, treatment), before
                )
    return shares


def _subjects(recruited: Recruited, fates: Fate, stop_day: Floats) -> dict[str, Floats]:
    """Return the subject columns, shape (trials, subjects); days of events are whole days."""
    cohort = recruited.cohort
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
    return {name: values.reshape(cohort.trials.size, cohort.size) for name, values in flat.items()}
