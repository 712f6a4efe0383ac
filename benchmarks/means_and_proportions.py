"""Time stacks of analyses against one analysis after the other by named peers, in one run.

Run: python benchmarks/means_and_proportions.py [trials]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

from euexia.statistics import ancova, dunnett, logistic
from euexia.statistics.location_shift import hodges_lehmann, mann_whitney
from euexia.statistics.stratified_proportions import cmh, stratum_counts

PEERS = 100
"""Trials that the peers analyse one by one."""

SIZE = 100
"""Patients of a trial, in two arms."""

RNG = np.random.default_rng(1)
TRIALS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
ARM = RNG.integers(0, 2, (TRIALS, SIZE))
BASELINE, SITE = RNG.normal(60, 10, ARM.shape), RNG.integers(0, 3, ARM.shape)
CHANGE = 0.5 * ARM + 0.05 * BASELINE + RNG.normal(size=ARM.shape)
RESPONSE = (CHANGE > 3.2).astype(float)
TREATED = ARM == 1
STATISTICS = RNG.normal(size=(TRIALS, 2))


def lstsq(t: int) -> None:
    """Fit one trial by numpy's least squares, with the covariance."""
    design = np.column_stack([np.ones(SIZE), ARM[t], BASELINE[t], SITE[t] == 1, SITE[t] == 2])
    np.linalg.lstsq(design, CHANGE[t], rcond=None)
    np.linalg.inv(design.T @ design)


def mannwhitneyu(t: int) -> None:
    """Test one trial by scipy."""
    stats.mannwhitneyu(CHANGE[t, TREATED[t]], CHANGE[t, ~TREATED[t]], method="asymptotic")


def all_differences(t: int) -> None:
    """Sort the pairwise differences of one trial, no more."""
    np.sort(np.subtract.outer(CHANGE[t, TREATED[t]], CHANGE[t, ~TREATED[t]]).ravel())


def minimise(t: int) -> None:
    """Maximise the likelihood of one trial by scipy, no more."""
    design = np.column_stack([np.ones(SIZE), ARM[t], (BASELINE[t] - 60) / 10])
    sign = 1.0 - 2.0 * RESPONSE[t]
    optimize.minimize(lambda b: np.logaddexp(0, sign * (design @ b)).sum(), np.zeros(3), method="BFGS")


def cmh_of(trials: slice) -> None:
    """Test some trials within strata."""
    cmh(*stratum_counts(RESPONSE[trials], TREATED[trials], ~TREATED[trials], SITE[trials], 3))


def multivariate_t(t: int) -> None:
    """Integrate one tail of one trial by scipy."""
    bound = np.full(2, np.abs(STATISTICS[t]).max())
    stats.multivariate_t(shape=[[1.0, 0.5], [0.5, 1.0]], df=50, seed=1).cdf(bound, lower_limit=-bound)


ROWS: list[tuple[str, Callable[[], object], str, Callable[[int], None]]] = [
    (
        "ancova.estimate",
        lambda: ancova.estimate(CHANGE, ARM, arms=2, covariates=[BASELINE], factors=[SITE]),
        "numpy lstsq",
        lstsq,
    ),
    ("mann_whitney", lambda: mann_whitney(CHANGE, TREATED, ~TREATED), "scipy mannwhitneyu", mannwhitneyu),
    (
        "hodges_lehmann",
        lambda: hodges_lehmann(CHANGE, TREATED, ~TREATED),
        "numpy sort of differences",
        all_differences,
    ),
    (
        "marginal_risk_difference",
        lambda: logistic.marginal_risk_difference(RESPONSE, ARM, covariates=[BASELINE]),
        "scipy BFGS",
        minimise,
    ),
    ("cmh", lambda: cmh_of(slice(None)), "itself, one by one", lambda t: cmh_of(slice(t, t + 1))),
    (
        "dunnett.single_step",
        lambda: dunnett.single_step(STATISTICS, np.sqrt([0.5, 0.5]), 50.0),
        "scipy multivariate_t",
        multivariate_t,
    ),
]


def seconds(work: Callable[[], object]) -> float:
    """Return the shorter of two runs."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print trials per second of the stack and of the peer, and the ratio."""
    for name, stack, peer, one in ROWS:
        ours = TRIALS / seconds(stack)
        theirs = PEERS / seconds(lambda one=one: [one(t) for t in range(PEERS)])  # type: ignore[misc]
        print(f"{name:26s}{ours:10,.0f}/s   {peer:26s}{theirs:10,.0f}/s   ratio {ours / theirs:6.1f}")


if __name__ == "__main__":
    main()
