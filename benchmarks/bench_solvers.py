"""The solvers of the benchmark, each doing the same task as well as it honestly can.

A solver is ready when everything that is done once has been done: compiled, loaded, warmed up.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from bench_desolve import DeSolve
from bench_task import DAYS, PARAMETERS, Case, Table, by_lsoda

from euexia.model.effects import CHANNELS, Effects
from euexia.physiology import observables
from euexia.physiology.body import constants
from euexia.physiology.whole_body import change
from euexia.population import archetypes
from euexia.simulate.engine import Engine
from euexia.study.single_patient import personal_inputs

LADDER = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
"""Tolerances that are tried; the loosest that meets the target is used."""
AT_ONCE = 5120
BATCH = 500
"""Patients of one call of the differentiable solver: more is slower."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A solver at a setting."""

    setting: str
    patients: int
    run: Callable[[], Any]
    answers: Sequence[Table]
    """Of each case."""

    def rate(self) -> float:
        """Return patients per second."""
        begun = time.perf_counter()
        took = self.run()
        return self.patients / (took if isinstance(took, float) else time.perf_counter() - begun)


def _patients(cases: Sequence[Case], count: int) -> tuple[Engine, Any, Any, Any]:
    """Return an engine with the cases over and over: body, state on day 0 and effects."""
    engine = Engine(PARAMETERS)
    found = [engine.run_in(personal_inputs(engine, archetypes.load(case.name), PARAMETERS)) for case in cases]
    times = -(-count // len(cases))
    body, state = (np.tile(np.concatenate([f[k] for f in found], axis=1), times)[:, :count] for k in (0, 1))
    effects = Effects(
        **{
            name: np.tile([float(getattr(case.course.effects, name)) for case in cases], times)[:count]
            for name in CHANNELS
        }
    )
    return engine, body, state, effects


def _trial(engine: Engine, body: Any, state: Any, effects: Any) -> list[dict[str, Any]]:
    """Step and observe from visit to visit."""
    rows = []
    for start, end in pairwise(DAYS):
        state = engine.advance(state, body, effects, start=start, days=end - start)
        rows.append(engine.observe(state, body, day=end))
    return rows


def euexia(cases: Sequence[Case]) -> Ready:
    """Return Euexia's engine in this process."""
    given = _patients(cases, AT_ONCE)
    rows = _trial(*given)
    answers = [
        {name: np.array([row[name][place] for row in rows]) for name in observables.NAMES}
        for place in range(len(cases))
    ]
    return Ready("step 1 day, float64", AT_ONCE, lambda: _trial(*given), answers)


class TwoProcesses:
    """Euexia's engine in two processes that work at the same time."""

    def __init__(self, cases: Sequence[Case]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection[Any, Any]] = []
        for _ in range(2):
            mine, theirs = context.Pipe()
            context.Process(target=_serve, args=(theirs, cases), daemon=True).start()
            self._pipes.append(mine)
        for pipe in self._pipes:
            pipe.recv()

    def run(self) -> None:
        """Let both do their patients."""
        for pipe in self._pipes:
            pipe.send(True)
        for pipe in self._pipes:
            pipe.recv()


def _serve(pipe: Connection[Any, Any], cases: Sequence[Case]) -> None:
    ready = euexia(cases)
    pipe.send(True)
    with suppress(EOFError):  # the benchmark has ended
        while pipe.recv():
            ready.run()
            pipe.send(True)


def scipy(cases: Sequence[Case], tolerance: float) -> Ready:
    """Return SciPy's LSODA on the Python equations."""
    answers = [by_lsoda(case.course, tolerance) for case in cases]
    return Ready(f"LSODA, rtol {tolerance:g}", 1, lambda: by_lsoda(cases[0].course, tolerance), answers)


def roadrunner(cases: Sequence[Case], tolerance: float) -> Ready:
    """Return libRoadRunner's CVODE on the exported model."""
    import roadrunner as library

    library.Logger.setLevel(library.Logger.LOG_FATAL)
    runners = []
    for case in cases:
        runner = library.RoadRunner(case.sbml)
        runner.integrator.relative_tolerance = tolerance
        runner.integrator.absolute_tolerance = tolerance * 1e-3
        runner.timeCourseSelections = list(observables.NAMES)
        runners.append(runner)

    def run() -> list[Table]:
        tables: list[Table] = []
        for runner in runners:
            runner.resetToOrigin()
            table = np.asarray(runner.simulate(times=DAYS.tolist()))
            tables.append({name: table[1:, place] for place, name in enumerate(observables.NAMES)})
        return tables

    return Ready(f"CVODE, rtol {tolerance:g}", len(cases), run, run())


def desolve(cases: Sequence[Case], tolerance: float) -> Ready:
    """Return deSolve's lsoda on compiled C."""
    solver = DeSolve(cases, DAYS)
    answers = solver.answers(tolerance)
    patients = 20 * len(cases)
    return Ready(
        f"lsoda, C, rtol {tolerance:g}", patients, lambda: solver.seconds(tolerance, patients), answers
    )


def diffrax(cases: Sequence[Case], tolerance: float, solver: str = "Tsit5") -> Ready:
    """Return diffrax on the same equations: compiled, vectorised over patients, double precision."""
    import diffrax as library
    import jax
    import jax.numpy as jnp

    c = constants(PARAMETERS)

    def rates(day: Any, state: Any, own: Any) -> Any:
        body, acting = own
        return change(state, day, 1.0, body, Effects(**acting), c)

    def one(state: Any, body: Any, acting: dict[str, Any]) -> Any:
        found = library.diffeqsolve(
            library.ODETerm(rates),
            getattr(library, solver)(),
            t0=0.0,
            t1=float(DAYS[-1]),
            dt0=0.1,
            y0=state,
            args=(body, acting),
            saveat=library.SaveAt(ts=jnp.asarray(DAYS[1:])),
            stepsize_controller=library.PIDController(rtol=tolerance, atol=tolerance * 1e-3),
            max_steps=100_000,
        ).ys
        fixed = (acting["intake_addition"], acting["receptor_occupancy"])

        def reading(state: Any, day: Any) -> Any:
            values = observables.observables(state, body, day, 1.0, *fixed, c)
            return jnp.stack([jnp.asarray(values[name]) for name in observables.NAMES])

        return jax.vmap(reading)(found, jnp.asarray(DAYS[1:]))

    def stack(parts: Sequence[Any]) -> Any:
        many = [parts[place % len(parts)] for place in range(BATCH)]
        return jax.tree.map(lambda *values: jnp.asarray([float(value) for value in values]), *many)

    given = (
        stack([case.course.state for case in cases]),
        stack([case.course.body for case in cases]),
        stack([{name: getattr(case.course.effects, name) for name in CHANNELS} for case in cases]),
    )
    compiled = jax.jit(jax.vmap(one))
    found = np.asarray(compiled(*given))
    answers = [
        {name: found[place, :, row] for row, name in enumerate(observables.NAMES)}
        for place in range(len(cases))
    ]
    setting = f"{solver}, rtol {tolerance:g}, {BATCH} at once"
    return Ready(setting, BATCH, lambda: np.asarray(compiled(*given)), answers)
