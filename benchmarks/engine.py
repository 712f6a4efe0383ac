"""Virtual patients per second: the engine on one and on two processes, and SciPy's LSODA on the same model.

Run: ``python benchmarks/engine.py`` (about a minute).  Everything is measured in one run on one machine,
compilation apart.  The trial is 84 days of lenalidomide with twice-weekly dose changes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from builders.patients import choose, random_columns, random_patients
from euexia import drugs, parameters
from euexia.model.effects import CHANNELS, Effects
from euexia.simulate.engine import Engine
from euexia.simulate.reference import Reference

PARAMETERS = parameters.load()
SPANS = tuple(
    (start, length) for week in range(12) for start, length in ((7.0 * week, 3.0), (7.0 * week + 3, 4.0))
)
"""Twice-weekly checks for 12 weeks."""
LEVELS = (5.0, 10.0, 15.0, 20.0, 25.0, 0.0)
COMPARED = ("body_weight", "lean_mass_ct", "handgrip_strength", "crp", "faact_acs", "cumulative_death")


def acting(check: int, columns: dict[str, Any]) -> Effects:
    """Return the effects between one check and the next; the dose changes at every check."""
    dose = np.full(np.shape(columns["creatinine_clearance"]), LEVELS[check % len(LEVELS)])
    return drugs.effects({"lenalidomide": dose}, columns, PARAMETERS)


def trial(engine: Engine, body: Any, state: Any, columns: dict[str, Any]) -> Any:
    """Return the state after 12 weeks of twice-weekly dose changes."""
    for check, (start, days) in enumerate(SPANS):
        state = engine.advance(state, body, acting(check, columns), start=start, days=days)
    return state


def work(count: int, seed: int, ready: Any, timings: Any) -> None:
    """Time run-in and trial of so many patients in this process, once everybody has compiled."""
    engine = Engine(PARAMETERS)
    inputs, columns = random_patients(count, seed), random_columns(count)
    few = choose(inputs, np.arange(2))
    body, state, _ = engine.run_in(few)
    trial(engine, body, state, {name: values[:2] for name, values in columns.items()})
    ready.wait()
    begun = time.perf_counter()
    body, state, _ = engine.run_in(inputs)
    between = time.perf_counter()
    trial(engine, body, state, columns)
    timings.put((between - begun, time.perf_counter() - between))


def measure(processes: int, count: int) -> tuple[float, float]:
    """Return patients per second of run-in and of trial, all processes together."""
    context = multiprocessing.get_context("spawn")
    ready, timings = context.Barrier(processes), context.Queue()
    workers = [context.Process(target=work, args=(count, seed, ready, timings)) for seed in range(processes)]
    for worker in workers:
        worker.start()
    found = [timings.get() for _ in workers]
    for worker in workers:
        worker.join()
    return sum(count / run_in for run_in, _ in found), sum(count / run for _, run in found)


def reference(count: int) -> tuple[float, float, dict[str, float]]:
    """Return LSODA's patients per second (run-in, trial), and the engine's worst relative errors."""
    engine, slow = Engine(PARAMETERS), Reference(PARAMETERS, tolerance=1e-9)
    pool = random_patients(2 * count + 4, seed=5)
    premorbid = engine.run_in(pool)[0][0]
    inside = np.flatnonzero((premorbid < 1.49 * pool.weight) & (premorbid > 0.981 * pool.weight))[:count]
    inputs, columns = choose(pool, inside), random_columns(count)
    body, state, _ = engine.run_in(inputs)
    fast = engine.observe(trial(engine, body, state, columns), body, day=84.0)
    taken = [0.0, 0.0]
    worst = dict.fromkeys(COMPARED, 0.0)
    for patient in range(count):
        begun = time.perf_counter()
        one = slow.run_in(inputs, patient)
        between = time.perf_counter()
        mine = {name: values[patient] for name, values in columns.items()}
        for check, (start, days) in enumerate(SPANS):
            effects = acting(check, mine)
            plain = Effects(**{name: float(getattr(effects, name)) for name in CHANNELS})
            one = slow.advance(one, plain, start, start + days)
        taken[0] += between - begun
        taken[1] += time.perf_counter() - between
        truth = slow.observe(one, 84.0, plain)
        for name in COMPARED:
            worst[name] = max(worst[name], abs(float(fast[name][patient]) / truth[name] - 1))
    return count / taken[0], count / taken[1], worst


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=20480, help="patients per process of the engine")
    parser.add_argument("--reference", type=int, default=12, help="patients of the LSODA reference")
    options = parser.parse_args()
    one, two = measure(1, options.patients), measure(2, options.patients)
    run_in, run, worst = reference(options.reference)

    def both(run_in_rate: float, trial_rate: float) -> float:
        return 1 / (1 / run_in_rate + 1 / trial_rate)

    rows = [
        ("engine, 1 process", *one),
        ("engine, 2 processes", *two),
        ("SciPy LSODA 1e-9, 1 process", run_in, run),
    ]
    print(f"{'patients per second':30s}{'run-in':>12s}{'trial, 84 d':>14s}{'both':>12s}")
    for name, first, second in rows:
        print(f"{name:30s}{first:12,.4g}{second:14,.4g}{both(first, second):12,.4g}")
    ratios = [a / b for a, b in zip((*one, both(*one)), (run_in, run, both(run_in, run)), strict=True)]
    print(f"{'ratio, 1 process each':30s}{ratios[0]:12,.0f}{ratios[1]:14,.0f}{ratios[2]:12,.0f}")
    print(
        "worst relative error on day 84: " + ", ".join(f"{name} {error:.1e}" for name, error in worst.items())
    )


if __name__ == "__main__":
    main()
