r"""What one person's readings say of what cannot be seen: a posterior over the inputs of the model.

Before the readings the person is any member of a population of that sex, age and height.  A reading y of a
measure whose truth is m has the error of its instrument,

.. math:: y \sim N(m, s^2 + r^2 / 12) \quad\text{or}\quad \log y \sim N(\log m, s^2),

with the spread s and the resolution r that simulated trials use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from euexia import drugs, population
from euexia.core.errors import InputError, NumericalError
from euexia.criteria.measures import MEASURES
from euexia.observe import measurement
from euexia.observe.measurement import ErrorModel
from euexia.parameters import ParameterSet
from euexia.physiology.inputs import INPUTS, PatientInputs
from euexia.population.distribution import Distribution
from euexia.population.spec import PopulationSpec, with_what_they_need
from euexia.simulate.referral import inputs_of
from euexia.study import posterior
from euexia.study.personal_record import PersonalRecord
from euexia.study.regimen import Regimen
from euexia.study.simulated import engine_for

Floats = NDArray[np.float64]

HISTORY = (-180.0, -60.0, -28.0, -14.0)
"""Days of the run-in whose truth the engine keeps; between them the truth is a straight line."""
PARTICLES = 1024
MOST_DISAGREEMENT = 0.35
"""Difference of the islands' means above which a sample has not converged, in standard deviations."""
SURPRISE = 4.0
"""Distance from what is believed above which a reading is not explained, in standard deviations."""
IMPOSSIBLE = -1e12
"""Log likelihood of a person whom the model cannot follow to the last reading."""
NEAR_ZERO, NEAR_ONE = 1e-12, 1 - 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """What is believed of one person after the readings; arrays of shape (particles,) unless said.

    inputs: of the model.  body, state: of the engine, on ``day``, the day of the last reading.  explained:
    truth behind each reading, shape (readings, particles).  surprise: distance of each reading from what is
    believed, in standard deviations, shape (readings,).
    """

    record: PersonalRecord
    population: str
    parameters: ParameterSet
    given: Regimen
    seed: int
    inputs: PatientInputs
    sample: posterior.Sample
    day: float
    body: Any
    state: Any
    explained: Floats
    surprise: Floats
    prior_sd: Mapping[str, float]
    """Standard deviation of each input that varies, before the readings."""

    @property
    def particles(self) -> int:
        """Return how many draws there are."""
        return int(self.inputs.weight.size)

    @property
    def columns(self) -> dict[str, Floats]:
        """Return the inputs, and what is known besides, as columns."""
        known = {name: np.full(self.particles, value) for name, value in self.record.known.items()}
        return {**known, **{name: getattr(self.inputs, name) for name in INPUTS}}

    def learned(self) -> dict[str, float]:
        """Return what share of the spread of each input the readings have taken away."""
        return {
            name: 1 - float(np.std(getattr(self.inputs, name))) / before
            for name, before in self.prior_sd.items()
            if before > 0
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prior:
    """The people whom a person could be."""

    spec: PopulationSpec
    known: Mapping[str, float]
    names: tuple[str, ...]
    """Columns that are drawn, one coordinate each."""

    @classmethod
    def of(cls, spec: PopulationSpec, known: Mapping[str, float]) -> _Prior:
        needed = with_what_they_need(spec, INPUTS)
        fixed = {name: value for name, value in known.items() if name in needed}
        drawn = tuple(
            name
            for name, column in spec.columns.items()
            if name in needed
            and name not in fixed
            and column.distribution not in (Distribution.CONSTANT, Distribution.DERIVED)
        )
        return cls(spec=spec, known=fixed, names=drawn)

    def people(self, coordinates: Floats) -> PatientInputs:
        """Return the inputs of the model at coordinates, shape (particles, dimensions)."""
        quantiles = np.clip(ndtr(coordinates), NEAR_ZERO, NEAR_ONE)
        found = population.at_quantiles(
            self.spec,
            {name: quantiles[:, place] for place, name in enumerate(self.names)},
            {name: np.full(len(coordinates), value) for name, value in self.known.items()},
            only=frozenset(INPUTS),
        )
        return inputs_of({name: np.array(found[name]) for name in INPUTS})


def infer(
    record: PersonalRecord,
    *,
    spec: PopulationSpec,
    parameters: ParameterSet,
    given: Regimen,
    particles: int = PARTICLES,
    seed: int = 1,
    progress: Callable[[float], None] | None = None,
) -> Inference:
    """Return what is believed of a person after the readings.

    spec: population of whom the person is one.  given: treatment since the first visit.  particles: draws in
    all.  Raises InputError for a record that the model cannot explain, by the name of each reading, and
    NumericalError where the draws have not converged.
    """
    prior = _Prior.of(spec, record.known)
    follow = _Follower(record, parameters, given)
    sample = posterior.draw(
        lambda places: follow.log_likelihood(prior.people(places)),
        len(prior.names),
        particles=particles,
        seed=seed,
        progress=progress,
    )
    if not sample.disagreement <= MOST_DISAGREEMENT:
        raise NumericalError(
            f"What is inferred of patient '{record.patient}' has not converged: two independent sets of "
            f"draws differ by {sample.disagreement:.2f} standard deviations. Ask for more --particles, or "
            "leave out readings that contradict each other."
        )
    inputs = prior.people(sample.coordinates)
    body, state, truths = follow.truths(inputs)
    before = prior.people(posterior.prior_places(len(prior.names), particles=particles, seed=seed))
    found = Inference(
        record=record,
        population=spec.population,
        parameters=parameters,
        given=given,
        seed=seed,
        inputs=inputs,
        sample=sample,
        day=max(record.last_day, 0.0),
        body=body,
        state=state,
        explained=truths,
        surprise=follow.surprise(truths),
        prior_sd={name: float(np.std(getattr(before, name))) for name in INPUTS},
    )
    _check_explained(found)
    return found


def _check_explained(found: Inference) -> None:
    """Raise InputError with every reading that the model does not explain."""
    readings = zip(found.record.readings, found.explained, found.surprise, strict=True)
    strange = [
        f"  - {MEASURES[reading.measure].label.lower()} {reading.value:g} on day {reading.day:g} "
        f"(row {reading.row}); expected {np.mean(truth):.3g}"
        for reading, truth, surprise in readings
        if not abs(surprise) <= SURPRISE
    ]
    if strange:
        lines = "\n".join(strange)
        raise InputError(
            f"The model does not explain these readings of patient '{found.record.patient}', whoever it "
            f"takes the person for:\n{lines}\nCheck them; something that the model does not know may have "
            "happened (fluid, an infection, an operation). Without those rows the rest can be used."
        )


class _Follower:
    """Follows possible people through the days of the readings."""

    def __init__(self, record: PersonalRecord, parameters: ParameterSet, given: Regimen) -> None:
        if given.injections:
            raise InputError(
                f"'{given.label}' is injected; a record under injections cannot be used. Give the readings "
                "from before."
            )
        self._engine = engine_for(parameters)
        self._parameters, self._given, self._record = parameters, given, record
        self._days = sorted({0.0, *(max(reading.day, 0.0) for reading in record.readings)})
        values = np.array([reading.value for reading in record.readings])
        instruments = [measurement.instruments()[reading.measure] for reading in record.readings]
        self._logarithmic = np.array([one.error is ErrorModel.LOG_NORMAL for one in instruments])
        self._factor = np.array([one.factor for one in instruments])
        rounding = np.array([one.resolution for one in instruments]) / np.sqrt(12)
        spread = np.array([one.spread for one in instruments])
        self._spread = np.where(self._logarithmic, spread, np.hypot(spread, rounding))
        least = np.array([one.resolution / 2 or np.finfo(float).tiny for one in instruments])
        self._read = np.where(self._logarithmic, np.log(np.maximum(values, least)), values)

    def truths(self, inputs: PatientInputs) -> tuple[Any, Any, Floats]:
        """Return body and state on the last day, and the truth of each reading, shape (readings, people)."""
        body, state, history = self._engine.run_in(inputs, HISTORY)
        seen: dict[float, Mapping[str, Floats]] = {**history}
        columns = {name: getattr(inputs, name) for name in INPUTS}
        acting = drugs.effects(self._given.steady, columns, self._parameters)
        for last, day in pairwise(self._days):
            state = self._engine.advance(state, body, acting, start=last, days=day - last)
            seen[day] = self._engine.observe(state, body, day=day)
        rows = [
            _between(seen, reading.day, measurement.behind(reading.measure))
            for reading in self._record.readings
        ]
        return body, state, np.stack(rows) * self._factor[:, None]

    def log_likelihood(self, inputs: PatientInputs) -> Floats:
        """Return the log likelihood of each person, shape (people,)."""
        _, _, truths = self.truths(inputs)
        score = (self._read[:, None] - self._as_read(truths)) / self._spread[:, None]
        found = np.asarray(-np.sum(score**2, axis=0) / 2)
        return np.where(np.isfinite(found), found, IMPOSSIBLE)

    def surprise(self, truths: Floats) -> Floats:
        """Return how far each reading lies from what is believed, in standard deviations: (readings,)."""
        expected = self._as_read(truths)
        spread = np.hypot(self._spread, expected.std(axis=1))
        return np.asarray((self._read - expected.mean(axis=1)) / spread)

    def _as_read(self, truths: Floats) -> Floats:
        """Return truths on the scale on which the instrument errs."""
        positive = np.maximum(truths, np.finfo(float).tiny)
        return np.where(self._logarithmic[:, None], np.log(positive), truths)


def _between(seen: Mapping[float, Mapping[str, Floats]], day: float, measure: str) -> Floats:
    """Return the truth on a day; between days that the engine keeps, on a straight line."""
    if day in seen:
        return seen[day][measure]
    before, after = max(d for d in seen if d < day), min(d for d in seen if d > day)
    share = (day - before) / (after - before)
    return (1 - share) * seen[before][measure] + share * seen[after][measure]
