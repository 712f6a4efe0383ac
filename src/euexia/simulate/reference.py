"""The reference engine: SciPy's LSODA on the very same equations, one patient at a time.

Slow and trusted.  Tests and benchmarks hold the fast engine against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.model.antibody import Antibody, Injection, antibody_change
from euexia.model.effects import NEUTRAL, Effects
from euexia.parameters import ParameterSet
from euexia.physiology import observables as readings
from euexia.physiology import whole_body
from euexia.physiology.body import (
    Baseline,
    Body,
    Constants,
    Disease,
    Hazard,
    Host,
    Marrow,
    Personal,
    State,
    constants,
    personal,
)
from euexia.physiology.inputs import INPUTS, PatientInputs

Vector = NDArray[np.float64]

BRACKET = (0.98, 1.5)
"""Premorbid weight is sought between these multiples of the weight on day 0."""
_SIZES = tuple(len(part._fields) for part in (Disease, Host, Marrow, Hazard))
_CUTS = np.cumsum(_SIZES)[:-1]


def unpack(vector: Vector) -> State:
    """Return the state from its numbers in order."""
    numbers: Iterator[float] = iter(vector.tolist())
    parts: list[Any] = [
        part(*(next(numbers) for _ in part._fields)) for part in (Disease, Host, Marrow, Hazard)
    ]
    return State(*parts)


def pack(state: State) -> Vector:
    """Return the numbers of a state in order."""
    return np.array([float(value) for part in state for value in part])


@dataclass(frozen=True, slots=True)
class Patient:
    """One virtual patient after the run-in, solved to the tolerance of the reference."""

    body: Body
    state: State
    history: Mapping[float, State]
    antibody: Antibody | None = None
    """An antibody that binds GDF-15, after the first injection."""


class Reference:
    """LSODA with a stated relative tolerance."""

    def __init__(self, parameters: ParameterSet, *, tolerance: float = 1e-9) -> None:
        self._constants: Constants = constants(parameters)
        self._tolerance = tolerance

    def run_in(self, inputs: PatientInputs, patient: int = 0, days: Sequence[float] = (-180.0,)) -> Patient:
        """Return one patient on day 0, the premorbid weight solved so that the weight is the given one."""
        from scipy.optimize import brentq

        row = {name: float(getattr(inputs, name)[patient]) for name in INPUTS}
        own = personal(_Row(row), self._constants)
        weight = row["weight"]

        def missed(premorbid_weight: float) -> float:
            _, states = self._run_in(premorbid_weight, row, own, ())
            return float(whole_body.body_weight(states[0.0].host, self._constants)) - weight

        low, high = (share * weight for share in BRACKET)
        premorbid_weight = float(brentq(missed, low, high, xtol=1e-10, rtol=1e-14))
        body, states = self._run_in(premorbid_weight, row, own, sorted({-180.0, *days}))
        return Patient(self._with_baseline(body, states), states[0.0], states)

    def advance(self, patient: Patient, effects: Effects, start: float, end: float) -> Patient:
        """Return the patient at the end of a span over which the effects are constant."""
        if patient.antibody is not None:
            return self._advance_bound(patient, patient.antibody, effects, start, end)

        def rates(day: float, vector: Vector) -> Vector:
            return pack(whole_body.change(unpack(vector), day, 1.0, patient.body, effects, self._constants))

        vector = self._solve(rates, start, end, pack(patient.state), (end,))[end]
        return replace(patient, state=unpack(vector))

    def inject(self, patient: Patient, injection: Injection) -> Patient:
        """Return the patient just after an injection of numbers; a dose of 0 is none."""
        if injection.depot == 0:
            return patient
        before = patient.antibody
        return replace(
            patient,
            antibody=Antibody(
                depot=injection.depot + (before.depot if before else 0.0),
                central=before.central if before else 0.0,
                absorption=injection.absorption,
                elimination=injection.elimination,
                serum_dissociation=injection.serum_dissociation,
                site_half_effect=injection.site_half_effect,
            ),
        )

    def _advance_bound(
        self, patient: Patient, antibody: Antibody, effects: Effects, start: float, end: float
    ) -> Patient:
        """Return the patient at the end of a span, the antibody integrated beside the state."""

        def rates(day: float, vector: Vector) -> Vector:
            now = antibody._replace(depot=vector[-2], central=vector[-1])
            moving = whole_body.change(
                unpack(vector[:-2]), day, 1.0, patient.body, effects, self._constants, now
            )
            return np.concatenate([pack(moving), antibody_change(now)])

        first = np.concatenate([pack(patient.state), [antibody.depot, antibody.central]])
        vector = self._solve(rates, start, end, first, (end,))[end]
        left = antibody._replace(depot=float(vector[-2]), central=float(vector[-1]))
        return replace(patient, state=unpack(vector[:-2]), antibody=left)

    def observe(self, patient: Patient, day: float, effects: Effects = NEUTRAL) -> dict[str, float]:
        """Return every observable."""
        after = 1.0 if day > 0 else 0.0
        addition, occupancy = effects.intake_addition, effects.receptor_occupancy
        values = readings.observables(
            patient.state, patient.body, day, after, addition, occupancy, self._constants, patient.antibody
        )
        return {name: float(value) for name, value in values.items()}

    def _run_in(
        self, premorbid_weight: float, row: Mapping[str, float], own: Personal, days: Sequence[float]
    ) -> tuple[Body, dict[float, State]]:
        c = self._constants
        person = whole_body.premorbid_person(
            premorbid_weight, row["height"], row["age"], row["male"], row["activity_level"], c
        )
        body = Body(person, own, Baseline(own.tumour_mass, person.weight, 0.0, 0.0))
        first = -own.run_in_days
        mass = own.tumour_mass * np.exp(own.tumour_growth * first)
        signal = c.inflammation.signal_healthy + own.inflammation_drive * mass
        disease = Disease(
            mass, signal, c.inflammation.crp_per_signal * signal, c.gdf15.healthy + own.gdf15_drive * mass
        )
        host = whole_body.healthy_host(person, c)
        start = State(disease, host, Marrow(own.neutrophils, own.platelets), Hazard(0.0, 0.0, 0.0))

        def rates(day: float, vector: Vector) -> Vector:
            return pack(whole_body.change(unpack(vector), day, 0.0, body, NEUTRAL, c))

        found = self._solve(rates, first, 0.0, pack(start), (*days, 0.0))
        return body, {day: unpack(vector) for day, vector in found.items()}

    def _with_baseline(self, body: Body, states: Mapping[float, State]) -> Body:
        before = whole_body.body_weight(states[-180.0].host, self._constants)
        now = whole_body.body_weight(states[0.0].host, self._constants)
        baseline = Baseline(states[0.0].disease.crp, before, (now - before) / 180.0, 1 - now / before)
        return body._replace(baseline=baseline)

    def _solve(
        self,
        rates: Callable[[float, Vector], Vector],
        start: float,
        end: float,
        vector: Vector,
        days: Sequence[float],
    ) -> dict[float, Vector]:
        from scipy.integrate import solve_ivp

        solution = solve_ivp(
            rates,
            (start, end),
            vector,
            method="LSODA",
            t_eval=sorted(set(days)),
            rtol=self._tolerance,
            atol=1e-12,
        )
        return {float(day): solution.y[:, index] for index, day in enumerate(solution.t)}


class _Row:
    """One patient's inputs as plain numbers."""

    def __init__(self, values: Mapping[str, float]) -> None:
        self.__dict__.update(values)
