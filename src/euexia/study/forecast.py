"""What lies ahead of one person: courses, drivers, and what treatments may give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euexia import drugs, population
from euexia.core.errors import InputError
from euexia.criteria.laboratory import creatinine_clearance
from euexia.drugs.variation import personal_factors
from euexia.observe import measurement
from euexia.physiology.inputs import INPUTS
from euexia.simulate.referral import inputs_of
from euexia.study import drivers
from euexia.study.inference import Inference
from euexia.study.regimen import Regimen, parse
from euexia.study.simulated import engine_for
from euexia.study.single_patient import WEEK, injection_days

Floats = NDArray[np.float64]

MEASURES = ("body_weight", "skeletal_muscle_area", "handgrip_strength", "crp", "gdf15", "faact_acs")
"""What is forecast."""
OUTCOMES = ("body_weight", "skeletal_muscle_area", "handgrip_strength", "faact_acs")
"""What a treatment is judged by; more is better."""
EXPLAINED = 32
"""Draws whose drivers are computed."""
LONGEST = 52.0
"""Most weeks ahead."""
MIDDLE = {"0.5": (0.25, 0.75), "0.8": (0.1, 0.9), "0.9": (0.05, 0.95), "0.95": (0.025, 0.975)}
"""Quantiles between which a share of the draws lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What becomes of the person under one regimen, were they to live.

    days: from the last reading, weekly.  truth: measure to shape (days, particles).  reading: the same with
    the instrument's error.  alive: chance of being alive, shape (days, particles).
    """

    regimen: Regimen
    days: Floats
    truth: Mapping[str, Floats]
    reading: Mapping[str, Floats]
    alive: Floats

    def interval(self, measure: str, share: str = "0.9", *, reading: bool = False) -> Floats:
        """Return low, median and high by day, shape (3, days)."""
        low, high = MIDDLE[share]
        values = (self.reading if reading else self.truth)[measure]
        return np.asarray(np.nanquantile(values, (low, 0.5, high), axis=1))

    @property
    def beyond(self) -> float:
        """Return the share of the draws in which the person wastes beyond what the model can follow."""
        return float(np.mean(np.isnan(self.truth[OUTCOMES[0]][-1])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """Difference of an outcome from the reference at the end, in its unit; 90 % of the draws lie between."""

    median: float
    low: float
    high: float
    chance: float
    """Share of the draws in which the treatment does better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a mechanism has taken, in the outcome's unit; 90 % of the draws lie between."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What lies ahead, by regimen; the first is the reference.

    shares: outcome to mechanism to what it has taken from health to the first visit.  left_out: regimen to
    the reason why it could not be followed.
    """

    inference: Inference
    weeks: float
    courses: tuple[Course, ...]
    shares: Mapping[str, Mapping[str, Share]]
    left_out: Mapping[str, str]

    def benefit(self, course: Course, outcome: str) -> Benefit:
        """Return what a regimen gives beyond the reference at the end, person by person of the draws."""
        gain = course.truth[outcome][-1] - self.courses[0].truth[outcome][-1]
        gain = gain[np.isfinite(gain)]
        low, median, high = np.quantile(gain, (MIDDLE["0.9"][0], 0.5, MIDDLE["0.9"][1]))
        return Benefit(
            median=float(median), low=float(low), high=float(high), chance=float(np.mean(gain > 0))
        )


def forecast(found: Inference, regimens: Sequence[Regimen], *, weeks: float) -> Forecast:
    """Return the courses of a person under no treatment and under each regimen.

    weeks: from the last reading, 1 to 52.  Raises InputError.
    """
    if not 1 <= weeks <= LONGEST:
        raise InputError(f"A forecast of {weeks:g} weeks cannot be made. Ask for 1 to {LONGEST:g} weeks.")
    wanted = {regimen.label: regimen for regimen in (parse("none", found.parameters), *regimens)}
    left_out = {label: why for label, regimen in wanted.items() if (why := _hindrance(found, regimen))}
    courses = [_course(found, regimen, weeks) for label, regimen in wanted.items() if label not in left_out]
    return Forecast(
        inference=found, weeks=weeks, courses=tuple(courses), shares=_shares(found), left_out=left_out
    )


def _hindrance(found: Inference, regimen: Regimen) -> str:
    """Return why a regimen cannot be followed, nothing if it can."""
    spec = population.load(found.population)
    missing = sorted(
        name
        for part in regimen.parts
        for name in part.drug.needs
        if name not in INPUTS and name not in spec.columns
    )
    return f"The record says nothing of {', '.join(missing)}." if missing else ""


def _columns(found: Inference, regimen: Regimen) -> dict[str, Floats]:
    """Return what treatments ask of each draw: inputs, what is known, and what differs between people."""
    people = np.arange(found.particles)
    columns, names = found.columns, {part.drug.name for part in regimen.parts}
    spec = population.load(found.population)
    asked = {name for part in regimen.parts for name in part.drug.needs if name not in columns}
    if "creatinine_clearance" in asked and "creatinine" in columns:
        columns["creatinine_clearance"] = np.asarray(
            creatinine_clearance(columns["creatinine"], columns["weight"], columns["age"], columns["male"])
        )
        asked.discard("creatinine_clearance")
    sampled = population.sample(spec, found.seed, 0, people, only=frozenset(asked))
    drawn = {name: sampled[name] for name in asked}
    own = personal_factors(names, found.parameters, found.seed, np.zeros_like(people), people)
    return {**own, **drawn, **columns}


def _course(found: Inference, regimen: Regimen, weeks: float) -> Course:
    engine, parameters = engine_for(found.parameters), found.parameters
    columns = _columns(found, regimen)
    acting = drugs.effects(dict(regimen.steady), columns, parameters)
    days: Floats = np.arange(math.ceil(weeks) + 1, dtype=np.float64) * WEEK
    doses = injection_days([regimen], float(days[-1]))
    amounts = {part.drug.name: part.amount for part in regimen.injections}
    state, seen, last = found.state, [], 0.0
    for day in sorted({*days.tolist(), *doses}):
        state = engine.advance(state, found.body, acting, start=found.day + last, days=day - last)
        if day in days:
            seen.append(engine.observe(state, found.body, day=found.day + day))
        for name in doses.get(day, ()):
            single = np.full(found.particles, amounts[name])
            state = engine.inject(state, drugs.injection(name, single, columns, parameters))
        last = day
    truth = {name: np.stack([truths[name] for truths in seen]) for name in MEASURES}
    hazard = np.stack([truths["cumulative_death"] for truths in seen])
    return Course(
        regimen=regimen,
        days=days,
        truth=truth,
        reading={name: _read(name, values, days, found.seed) for name, values in truth.items()},
        alive=np.where(np.isfinite(hazard), np.exp(hazard[0] - hazard), 0.0),
    )


def _read(measure: str, truth: Floats, days: Floats, seed: int) -> Floats:
    """Return what instruments would read, shape (days, particles)."""
    people = np.arange(truth.shape[1])[:, None]
    address = measurement.Address(seed=seed, trial=np.zeros_like(people), candidate=people)
    return np.asarray(measurement.read(measure, truth.T, address, days).T)


def _shares(found: Inference) -> dict[str, dict[str, Share]]:
    """Return what each mechanism took from health to the first visit, over some of the draws."""
    from euexia.simulate.individual import premorbid

    chosen = np.linspace(0, found.particles - 1, EXPLAINED).astype(np.int64)
    inputs = inputs_of({name: getattr(found.inputs, name)[chosen] for name in INPUTS})
    weight = np.asarray(premorbid(found.body).weight)[chosen]
    until = [period for period, _ in drivers.periods(inputs, weight, parameters=found.parameters, weeks=1)]
    return {
        outcome: {
            channel.name: _share(np.array([period.shares[outcome][channel.name] for period in until]))
            for channel in drivers.CHANNELS
        }
        for outcome in drivers.OUTCOMES
    }


def _share(values: Floats) -> Share:
    low, median, high = np.quantile(values, (MIDDLE["0.9"][0], 0.5, MIDDLE["0.9"][1]))
    return Share(median=float(median), low=float(low), high=float(high))
