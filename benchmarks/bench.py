"""Everything at once: ``python benchmarks/bench.py`` prints one table of ratios and writes it to results/.

Needs the development environment with diffrax and libroadrunner; deSolve is measured where R has it.  The
solvers do the same task (``bench_task``) in one process each, in turn, several rounds; a ratio is that of
Euexia's rate to the solver's in the same round, and medians over the rounds are given.  ``--rounds 1`` is a
quick look.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import bench_solvers as solvers
from bench_commands import GLANCES, SIZE, Spent, demo, run_trials, spend
from bench_solvers import LADDER, Ready, TwoProcesses
from bench_task import TARGET, TRUTH, Case, cases, error

RESULTS = Path(__file__).parent / "results"
SOLVERS = "Solvers: 12 weeks of lenalidomide, all observables at 24 visits"
OURS = "Euexia, 1 process"
NOT_BUILT = "not measured: Debian does not package it, and nothing was built from source here"
LIBRARIES = ("euexia", "jax", "numpy", "scipy", "diffrax", "libroadrunner", "distributed")

Rows = list[dict[str, Any]]


def loosest(build: Callable[[Sequence[Case], float], Ready], known: Sequence[Case]) -> Ready:
    """Return a solver at the loosest tolerance that meets the target."""
    for tolerance in LADDER:
        ready = build(known, tolerance)
        if worst(ready, known) <= TARGET:
            return ready
    return ready


def worst(ready: Ready, known: Sequence[Case]) -> float:
    """Return the largest relative error of any observable."""
    return max(error(found, case.truth) for found, case in zip(ready.answers, known, strict=True))


def peers() -> dict[str, Callable[[Sequence[Case], float], Ready]]:
    """Return the other solvers that can be measured here."""
    found: dict[str, Callable[[Sequence[Case], float], Ready]] = {
        "SciPy": solvers.scipy,
        "libRoadRunner": solvers.roadrunner,
        "diffrax (Tsit5)": solvers.diffrax,
        "diffrax (Dopri8)": partial(solvers.diffrax, solver="Dopri8"),
    }
    asked = ["Rscript", "-e", "library(deSolve)"]
    if shutil.which("Rscript") and not subprocess.run(asked, capture_output=True, check=False).returncode:
        found["deSolve"] = solvers.desolve
    return found


def solver_rows(rounds: int) -> Rows:
    """Return rate, error and ratio of every solver."""
    known = cases()
    ready = {OURS: solvers.euexia(known)}
    two = TwoProcesses(known)
    both = Ready(ready[OURS].setting, 2 * solvers.AT_ONCE, two.run, ready[OURS].answers)
    ready["Euexia, 2 processes"] = both
    ready |= {name: loosest(build, known) for name, build in peers().items()}
    rates: dict[str, list[float]] = {name: [] for name in ready}
    ratios: dict[str, list[float]] = {name: [] for name in ready}
    for _ in range(rounds):
        for name, solver in ready.items():
            before = ready[OURS].rate()
            rates[name].append(solver.rate())
            ratios[name].append((before + ready[OURS].rate()) / 2 / rates[name][-1])
    return [
        {
            "what": name,
            "setting": solver.setting,
            "patients per second": statistics.median(rates[name]),
            "worst error": worst(solver, known),
            "times slower": statistics.median(ratios[name]),
        }
        for name, solver in ready.items()
    ]


def in_turn(works: Mapping[str, Callable[[], Spent]], rounds: int) -> dict[str, dict[str, float]]:
    """Return the median cost of commands that are run in turn."""
    found: dict[str, list[Spent]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            found[name].append(work())
    return {
        name: {
            "seconds": statistics.median(one.seconds for one in spent),
            "processor seconds": statistics.median(one.processor_seconds for one in spent),
        }
        for name, spent in found.items()
    }


def command_rows(trials: int, rounds: int) -> Rows:
    """Return what whole commands cost: start-up, the demo, trials on processes and on Dask."""
    works: dict[str, Callable[[], Spent]] = {
        f"start-up: euexia {text}": partial(spend, text.split()) for text in GLANCES
    }
    works |= {"demo, nothing compiled": partial(demo, cold=True), "demo again": partial(demo, cold=False)}
    for workers in ("1", "2"):
        name = f"{trials} trials of {SIZE} patients, {workers} workers"
        works[name] = partial(run_trials, trials, "--workers", workers)
    name = f"{trials} trials of {SIZE} patients, Dask on this machine, 2 workers"
    works[name] = partial(run_trials, trials, "--scheduler", "local", "--workers", "2")
    return [{"what": name, **cost} for name, cost in in_turn(works, rounds).items()]


def machine() -> dict[str, Any]:
    """Return where and with what this was measured."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "processors": os.cpu_count(),
        "load before": os.getloadavg()[0],
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def table(title: str, rows: Rows) -> str:
    """Return rows as a Markdown table."""
    heads = list(rows[0])
    lines = [f"## {title}", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        shown = (f"{row[head]:.3g}" if isinstance(row[head], float) else str(row[head]) for head in heads)
        lines.append(f"| {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="repeats of everything, interleaved")
    parser.add_argument("--trials", type=int, default=400, help="trials of the longest run")
    parser.add_argument("--only", choices=("solvers", "commands"), help="one half of it")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    about = machine()
    measured = {}
    if options.only != "commands":
        measured["Solvers: 12 weeks of lenalidomide, all observables at 24 visits"] = solver_rows(
            options.rounds
        )
    if options.only != "solvers":
        measured["Commands"] = command_rows(options.trials, options.rounds)
    about["load after"] = os.getloadavg()[0]
    about["rounds"] = options.rounds
    text = "# Benchmark\n\n"
    text += "\n".join(table(title, rows) for title, rows in measured.items())
    text += (
        f"\nWorst error: the largest relative error of any observable on any visit of any case, against "
        f"LSODA at {TRUTH:g}; solvers are at the loosest power of ten that meets {TARGET:g}. Compilation and "
        f"start are apart.\n\nmrgsolve: {NOT_BUILT}.\n\n"
        + "".join(f"- {name}: {value}\n" for name, value in about.items())
    )
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "bench.md").write_text(text, encoding="utf-8")
    (options.out / "bench.json").write_text(json.dumps({**measured, "machine": about}, indent=1) + "\n")
    print(text)


if __name__ == "__main__":
    main()
