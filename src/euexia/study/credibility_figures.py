"""The figures on which credibility rests, each computed anew from the code and the data that ship."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia import drugs, parameters, population, protocol
from euexia.criteria.differences import DIFFERENCES
from euexia.evidence.row import Use
from euexia.model.effects import CHANNELS, NEUTRAL, Effects
from euexia.parameters.parameter import Status
from euexia.physiology.inputs import INPUTS, PatientInputs
from euexia.population import archetypes
from euexia.simulate.referral import inputs_of
from euexia.study import calibrated_set, validation
from euexia.study.regimen import parse
from euexia.study.simulated import engine_for, simulate
from euexia.study.single_patient import simulate_patient

Floats = NDArray[np.float64]

POPULATION, PROTOCOL, ARCHETYPE = "inflammatory_cachexia", "lenalidomide", "nsclc"
SEED = 20230
SOLVED, MANY = 6, 512
"""People whom the slow reference solves, and people of the other checks."""
TWELVE_WEEKS, FIVE_YEARS = 84.0, 1826.0
DECISION = 10_000
"""Trials of a run on which a decision rests."""
HEALTHY = {"crp": 0.5, "gdf15": 0.3, "tumour_mass": 1e-9, "tumour_growth": 0.001, "trial_intake": 0.0}
"""Inputs of a person without the disease."""
COMPARED = ("body_weight", "lean_mass_ct", "fat_mass", "handgrip_strength", "crp", "energy_intake")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, its unit, what it is, and where it is shown at greater length."""

    value: float
    unit: str
    meaning: str
    shown: str


def _people(count: int) -> PatientInputs:
    columns = population.sample(
        population.load(POPULATION), SEED, 0, np.arange(count), only=frozenset(INPUTS)
    )
    return inputs_of({name: columns[name] for name in INPUTS})


def _weight_after(inputs: PatientInputs, days: float, engine: Any, effects: Effects = NEUTRAL) -> Floats:
    body, state, _ = engine.run_in(inputs)
    later = engine.advance(state, body, effects, start=0.0, days=days)
    return np.asarray(engine.observe(later, body, day=days)["body_weight"])


def engine_error() -> Figure:
    """Compare the fast engine with LSODA at a tolerance of 1e-9, drug and disease on."""
    from euexia.simulate.reference import Reference

    chosen = parameters.load()
    engine, slow = engine_for(chosen), Reference(chosen, tolerance=1e-9)
    inputs = _people(SOLVED)
    columns = {name: getattr(inputs, name) for name in INPUTS}
    acting = drugs.effects({"anamorelin": np.full(SOLVED, 100.0)}, columns, chosen)
    body, state, _ = engine.run_in(inputs)
    fast = engine.observe(
        engine.advance(state, body, acting, start=0.0, days=TWELVE_WEEKS), body, day=TWELVE_WEEKS
    )
    worst = 0.0
    for person in range(SOLVED):
        mine = {name: values[person] for name, values in columns.items()}
        effects = drugs.effects({"anamorelin": 100.0}, mine, chosen)
        plain = Effects(**{name: float(np.ravel(getattr(effects, name))[0]) for name in CHANNELS})
        one = slow.advance(slow.run_in(inputs, person), plain, 0.0, TWELVE_WEEKS)
        truth = slow.observe(one, TWELVE_WEEKS, plain)
        worst = max(worst, *(abs(float(fast[name][person]) / truth[name] - 1) for name in COMPARED))
    return Figure(
        value=worst,
        unit="1",
        meaning=(
            f"Worst relative error against LSODA at 1e-9: {len(COMPARED)} observables after 12 weeks, "
            f"{SOLVED} people"
        ),
        shown="tests/reference/test_engine_against_lsoda.py (200 people)",
    )


def healthy_drift() -> Figure:
    """Follow healthy people for five years."""
    sick = _people(MANY)
    healthy = {name: np.full(MANY, HEALTHY.get(name, 0.0)) for name in HEALTHY}
    well = PatientInputs(
        **{**{name: getattr(sick, name) for name in INPUTS}, **healthy, "chemotherapy": np.zeros(MANY)}
    )
    drift = _weight_after(well, FIVE_YEARS, engine_for(parameters.load())) / well.weight - 1
    return Figure(
        value=float(100 * np.max(np.abs(drift))),
        unit="%",
        meaning=f"Largest drift of weight of {MANY} people without the disease in 5 years",
        shown="tests/unit/physiology/test_validation_list.py, item 1",
    )


def null_effect_difference() -> Figure:
    """Count what differs between a dose of zero and no treatment."""
    chosen = parameters.load()
    inputs = _people(MANY)
    engine = engine_for(chosen)
    columns = {name: getattr(inputs, name) for name in INPUTS}
    none = _weight_after(inputs, TWELVE_WEEKS, engine, drugs.effects({}, columns, chosen))
    differing = 0
    for name, drug in drugs.DRUGS.items():
        if drug.injection is not None or set(drug.needs) - set(columns):
            continue
        zero = drugs.effects({name: np.zeros(MANY)}, columns, chosen)
        differing += int(np.sum(_weight_after(inputs, TWELVE_WEEKS, engine, zero) != none))
    return Figure(
        value=float(differing),
        unit="weights",
        meaning=f"Weights of {MANY} people that differ, in any bit, between dose zero and no treatment",
        shown="tests/contracts/test_drugs_contract.py (every treatment)",
    )


def step_change() -> Figure:
    """Halve every step of the engine."""
    from euexia.simulate.engine import Engine

    chosen, inputs = parameters.load(), _people(MANY)
    coarse = _weight_after(inputs, TWELVE_WEEKS, engine_for(chosen))
    fine = _weight_after(inputs, TWELVE_WEEKS, Engine(chosen, step=0.5, refine=2))
    return Figure(
        value=float(np.max(np.abs(coarse - fine))),
        unit="kg",
        meaning=f"Largest change of weight after 12 weeks when every step is halved, {MANY} people",
        shown="docs/decisions/0001-engine.md",
    )


def block_difference() -> Figure:
    """Simulate the same trials at once and one by one."""
    small = dataclasses.replace(protocol.load(PROTOCOL), size=20)
    together = simulate(small, trials=4, seed=SEED)
    differing = 0
    for trial in range(4):
        alone = simulate(small, trials=1, seed=SEED, first_trial=trial)
        for name, readings in together.readings.items():
            differing += _differing(readings.value[trial], alone.readings[name].value[0])
        for name, values in together.subjects.items():
            differing += _differing(values[trial], alone.subjects[name][0])
    return Figure(
        value=float(differing),
        unit="numbers",
        meaning="Numbers of 4 trials that differ, in any bit, when trials are simulated one by one",
        shown="tests/unit/study/test_replicate.py",
    )


def _differing(one: Floats, other: Floats) -> int:
    return int(np.sum(~((one == other) | (np.isnan(one) & np.isnan(other)))))


def power_error() -> Figure:
    """Bound the Monte-Carlo error of a power."""
    return Figure(
        value=100 * math.sqrt(0.25 / DECISION),
        unit="%",
        meaning=f"Largest possible Monte-Carlo standard error of a power at {DECISION:,} trials",
        shown="every report states the error of each figure",
    )


def expenditure_per_lean() -> Figure:
    """Compare resting expenditure per fat-free mass half a year before and at the first visit."""
    engine = engine_for(parameters.load())
    _, _, history = engine.run_in(_people(MANY))

    def per_lean(truth: Mapping[str, Floats]) -> Floats:
        return np.asarray(truth["resting_expenditure"] / (truth["body_weight"] - truth["fat_mass"]))

    rise = per_lean(history[0.0]) / per_lean(history[-180.0]) - 1
    return Figure(
        value=float(100 * np.mean(rise)),
        unit="%",
        meaning="Mean rise of resting expenditure per kilogram of fat-free mass in half a year of disease",
        shown="docs/explanation/model.md",
    )


def lean_without_strength() -> Figure:
    """Give the reference patient with lung cancer anamorelin for 12 weeks."""
    chosen = parameters.load()
    patient, none = archetypes.load(ARCHETYPE), parse("none", chosen)
    course = simulate_patient(
        patient, [parse("anamorelin 100 mg daily", chosen)], weeks=12, parameters=chosen, reference=none
    )
    lean, grip = (
        float(np.diff(course.at_week(name, 12.0))[0]) for name in ("lean_mass_dxa", "handgrip_strength")
    )
    least = DIFFERENCES["handgrip_mcid"].low
    return Figure(
        value=lean if grip < least else 0.0,
        unit="kg",
        meaning=(
            f"Lean mass that anamorelin gives in 12 weeks while handgrip gains {grip:+.1f} kg, less than "
            f"{least:g} kg (else 0)"
        ),
        shown="docs/images/dissociation.svg",
    )


def unsourced_parameters() -> Figure:
    """Count numbers without a meaning, a unit, a status or a source."""
    lacking = [
        name
        for name, entry in parameters.load().items()
        if not (entry.meaning and entry.kind and entry.source.key and entry.source.where)
    ]
    return Figure(
        value=float(len(lacking)),
        unit="numbers",
        meaning="Numbers of the model without meaning, unit or source",
        shown="euexia parameters",
    )


def assumed_parameters() -> Figure:
    """Return the share of the model's numbers that rest on assumption."""
    entries = list(dict(parameters.load().items()).values())
    assumed = sum(entry.status is Status.ASSUMED for entry in entries)
    return Figure(
        value=100 * assumed / len(entries),
        unit="%",
        meaning=f"Share of the model's {len(entries)} numbers that are assumed",
        shown="euexia parameters --status assumed",
    )


def calibration_converged() -> Figure:
    """Say whether the calibrated set that ships has converged."""
    return Figure(
        value=float(calibrated_set.load_summary(calibrated_set.LATEST)["converged"]),
        unit="1",
        meaning=f"Whether the posterior of {calibrated_set.LATEST} converged (1 yes, 0 no)",
        shown="docs/explanation/validation.md",
    )


def calibration_rows() -> Figure:
    """Count the published figures that were fitted."""
    return Figure(
        value=float(len(calibrated_set.load_summary(calibrated_set.LATEST)["targets"])),
        unit="figures",
        meaning="Published figures to which the model was fitted",
        shown="docs/explanation/validation.md",
    )


def _held_out(predictor: str) -> Mapping[str, Any]:
    """Return how a predictor did on held-out figures, as euexia validate found and a test repeats."""
    scores = calibrated_set.load_validation(calibrated_set.LATEST)["scores"]
    found: Mapping[str, Any] = next(
        entry for entry in scores if (entry["predictor"], entry["use"]) == (predictor, Use.HOLDOUT)
    )
    return found


def holdout_coverage_95() -> Figure:
    """Count the held-out figures that lie in their 95 % prediction interval."""
    draws = calibrated_set.load_validation(calibrated_set.LATEST)["draws"]
    return Figure(
        value=float(_held_out(validation.CALIBRATED)["coverage"]["wide"]),
        unit="1",
        meaning=f"Share of held-out figures inside their 95 % prediction interval ({draws} trials a twin)",
        shown="docs/explanation/validation.md, euexia validate",
    )


def holdout_error_ratio() -> Figure:
    """Compare the model's error on held-out figures with that of the better predictor without a model."""
    key = "mean_absolute_error_in_sds"
    naive = min(
        float(_held_out(predictor)[key]) for predictor in (validation.PLACEBO_ARMS, validation.DRUG_EFFECTS)
    )
    return Figure(
        value=float(_held_out(validation.CALIBRATED)[key]) / naive,
        unit="1",
        meaning="Error on held-out figures, over that of the better predictor without a model",
        shown="docs/explanation/validation.md, euexia validate",
    )


FIGURES: Mapping[str, Callable[[], Figure]] = {
    "engine_error": engine_error,
    "healthy_drift": healthy_drift,
    "null_effect_difference": null_effect_difference,
    "step_change": step_change,
    "block_difference": block_difference,
    "power_error": power_error,
    "calibration_converged": calibration_converged,
    "calibration_rows": calibration_rows,
    "holdout_coverage_95": holdout_coverage_95,
    "holdout_error_ratio": holdout_error_ratio,
    "expenditure_per_lean": expenditure_per_lean,
    "lean_without_strength": lean_without_strength,
    "unsourced_parameters": unsourced_parameters,
    "assumed_parameters": assumed_parameters,
}
"""Every figure a criterion may name."""
