"""Closed-form designs against rpact, and Simon's designs against trying every one, in one run.

Run: ``python benchmarks/design.py`` (under a minute; R is asked if it is there, with rpact).  Results are
compared before times are.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable

import numpy as np

from euexia.design.boundaries import Futility
from euexia.design.group_sequential import GroupSequentialDesign, course, design
from euexia.design.monitoring import conditional_power
from euexia.design.spending import Boundary
from euexia.design.two_stage import Aim, simon
from euexia.design.two_stage_reference import feasible_designs

REPEATS = 30
HARDER = ((0.2, 0.4, 0.05, 0.9), (0.3, 0.45, 0.05, 0.9), (0.5, 0.6, 0.05, 0.8))
LARGEST_PLAIN = 20

R_SCRIPT = """
suppressMessages(library(rpact)); setLogLevel("DISABLED")
one <- function() {
  d <- getDesignGroupSequential(kMax = 5, alpha = 0.025, beta = 0.1, typeOfDesign = "asHSD", gammaA = -4,
                                typeBetaSpending = "bsHSD", gammaB = -2, bindingFutility = FALSE)
  getDesignCharacteristics(d)
}
found <- one(); time <- system.time(for (i in 1:30) one())[["elapsed"]] / 30
cat(found$inflationFactor, time)
"""


def five_looks() -> GroupSequentialDesign:
    """Return a design of five looks with futility that spends the second error."""
    rule = Futility(boundary=Boundary.HWANG_SHIH_DECANI, shape=-2.0)
    plan = design(Boundary.HWANG_SHIH_DECANI, [1, 2, 3, 4, 5], 0.025, 0.9, shape=-4.0, futility=rule)
    course(plan, [0.0, plan.drift / 2, plan.drift])
    return plan


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Return the mean time of a call."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def main() -> None:
    """Compare results, then times."""
    plan = five_looks()
    own = seconds(five_looks, REPEATS)
    print(f"five looks, futility, inflation {plan.inflation:.5f}: {1000 * own:.1f} ms")
    if shutil.which("Rscript"):
        ask = ["Rscript", "-e", R_SCRIPT]
        said = subprocess.run(ask, capture_output=True, text=True, check=False)
        if said.returncode == 0:
            inflation, peer = map(float, said.stdout.split())
            same = abs(inflation - plan.inflation) < 1e-4
            verdict = "same" if same else "NOT THE SAME"
            print(f"rpact: {1000 * peer:.1f} ms, {peer / own:.1f} times as long; inflation {verdict}")
    z = np.random.default_rng(1).normal(1.5, 1.0, 10_000)
    stack = seconds(lambda: conditional_power(plan, 2, z), 1)
    print(f"conditional power of 10,000 trials, three looks to come: {stack:.2f} s")
    start = time.perf_counter()
    tried = dict(feasible_designs(0.1, 0.45, 0.1, 0.8, LARGEST_PLAIN))
    plain = time.perf_counter() - start
    fast = seconds(lambda: simon(0.1, 0.45, 0.1, 0.8, Aim.OPTIMAL), REPEATS)
    best = simon(0.1, 0.45, 0.1, 0.8, Aim.OPTIMAL)
    same = abs(min(tried.values()) - best.expected_size) < 1e-9
    print(f"Simon, optimal, .10 against .45: {1000 * fast:.1f} ms, binomial tables kept")
    print(f"every design up to {LARGEST_PLAIN} by loops: {plain:.1f} s, {'same' if same else 'NOT THE SAME'}")
    for null, alternative, alpha, power in HARDER:
        found = simon(null, alternative, alpha, power, Aim.OPTIMAL)
        took = seconds(lambda: simon(null, alternative, alpha, power, Aim.OPTIMAL), 1)  # noqa: B023
        print(f"Simon, optimal, {null:g} against {alternative:g}, {found.size} patients: {took:.2f} s")


if __name__ == "__main__":
    main()
