"""One model, three solvers: Euexia's engine, libRoadRunner on the exported file, SciPy's LSODA.

Run: ``python benchmarks/exchange.py`` (needs libroadrunner; half a minute).  The shipped archetypes, 24 weeks
under lenalidomide from the same state of day 0, read every second week; nothing but the stepping is timed.
Errors are the largest relative ones of any observable against LSODA at a relative tolerance of 1e-11.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import roadrunner

from euexia import parameters
from euexia.model import sbml
from euexia.model.effects import CHANNELS, Effects
from euexia.physiology import observables
from euexia.population import archetypes
from euexia.simulate.engine import Engine
from euexia.simulate.reference import Patient, Reference
from euexia.study import exchange, regimen
from euexia.study.exchange import Course
from euexia.study.single_patient import personal_inputs

WEEKS = 24
DAYS = np.arange(0.0, WEEKS * 7 + 1, 14.0)
TREATMENT = "lenalidomide 25 mg daily"
REPEATS = 5
MANY = 512
"""Patients that the engine steps at once."""
SHARES = ("weight_loss_6_months",)
"""Observables that may be 0: their error is absolute."""

Table = Mapping[str, Any]


def timed(work: Callable[[], Table], repeats: int) -> tuple[float, Table]:
    """Return the best time of several [s], and the result."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        found = work()
        best = min(best, time.perf_counter() - start)
    return best, found


def by_lsoda(course: Course, tolerance: float) -> Table:
    """Return every observable after day 0, by SciPy on the Python equations."""
    reference = Reference(parameters.load(), tolerance=tolerance)
    patient = Patient(course.body, course.state, {})
    rows = []
    for start, end in pairwise(DAYS):
        patient = reference.advance(patient, course.effects, float(start), float(end))
        rows.append(reference.observe(patient, float(end), course.effects))
    return {name: np.array([row[name] for row in rows]) for name in observables.NAMES}


def by_roadrunner(runner: Any) -> Table:
    """Return every observable after day 0, by CVODE on compiled equations."""
    runner.resetToOrigin()
    table = np.asarray(runner.simulate(times=DAYS.tolist()))
    return {name: table[1:, place] for place, name in enumerate(observables.NAMES)}


def by_engine(engine: Engine, body: Any, state: Any, effects: Effects) -> Table:
    """Return every observable of the first patient after day 0."""
    rows = []
    for start, end in pairwise(DAYS):
        state = engine.advance(state, body, effects, start=start, days=end - start)
        rows.append(engine.observe(state, body, day=end))
    return {name: np.array([row[name][0] for row in rows]) for name in observables.NAMES}


def error(found: Table, truth: Table) -> float:
    """Return the largest relative difference."""
    return max(
        float(np.max(np.abs(found[name] - value) / (1.0 if name in SHARES else np.abs(value))))
        for name, value in truth.items()
    )


def main() -> None:
    """Print time per patient and error of each solver."""
    numbers = parameters.load()
    given = regimen.parse(TREATMENT, numbers)
    engine = Engine(numbers)
    rows: dict[str, list[tuple[float, float]]] = {}
    for name in archetypes.names():
        patient = archetypes.load(name)
        course = exchange.course_of(patient, given, parameters=numbers, weeks=WEEKS)
        truth = by_lsoda(course, 1e-11)
        text = sbml.write(exchange.document(course, numbers, name, name, ("Benchmark.",)))
        for tolerance in (1e-5, 1e-10):
            runner = roadrunner.RoadRunner(text)
            runner.integrator.relative_tolerance = tolerance
            runner.integrator.absolute_tolerance = tolerance * 1e-3
            runner.timeCourseSelections = list(observables.NAMES)
            took, found = timed(lambda runner=runner: by_roadrunner(runner), REPEATS)
            rows.setdefault(f"libRoadRunner (CVODE, tolerance {tolerance:g})", []).append(
                (took, error(found, truth))
            )
        took, found = timed(lambda course=course: by_lsoda(course, 1e-5), 1)
        rows.setdefault("SciPy (LSODA, tolerance 1e-05)", []).append((took, error(found, truth)))
        body, state, _ = engine.run_in(personal_inputs(engine, patient, numbers))
        body, state = (np.repeat(matrix, MANY, axis=1) for matrix in (body, state))
        acting = Effects(**{channel: getattr(course.effects, channel) for channel in CHANNELS})
        by_engine(engine, body, state, acting)
        took, found = timed(
            lambda body=body, state=state, acting=acting: by_engine(engine, body, state, acting), REPEATS
        )
        rows.setdefault(f"Euexia's engine ({MANY} at once)", []).append((took / MANY, error(found, truth)))
    ours = np.mean([took for took, _ in rows[f"Euexia's engine ({MANY} at once)"]])
    print(f"{'solver':44} {'ms per patient':>15} {'times ours':>12} {'worst error':>12}")
    for solver, values in rows.items():
        mean = float(np.mean([took for took, _ in values]))
        print(f"{solver:44} {1e3 * mean:15.3f} {mean / ours:12.0f} {max(e for _, e in values):12.1e}")


if __name__ == "__main__":
    main()
