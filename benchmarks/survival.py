"""Log-rank tests and Cox regressions per second in a stack of trials, against R's survival, in one run.

Run: ``python benchmarks/survival.py`` (about half a minute; needs R with survival for the peer).  R fits the
first trials of the stack, one call each, and must agree before its time counts.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from euexia.statistics import cox, log_rank

R_SCRIPT = """
library(survival); d <- read.csv(commandArgs(TRUE)[1]); parts <- split(d, d$trial)
timed <- function(f) { f(parts[[1]]); t <- system.time(x <- sapply(parts, f))[["elapsed"]]; c(t, x) }
cat(timed(function(p) survdiff(Surv(time, event) ~ group, p)$chisq), "\\n")
cat(timed(function(p) survdiff(Surv(time, event) ~ group + strata(stratum), p)$chisq), "\\n")
cat(timed(function(p) coef(coxph(Surv(time, event) ~ group, p))), "\\n")
cat(timed(function(p) coef(coxph(Surv(time, event) ~ group + age + strata(stratum), p))[1]), "\\n")
"""


def draw(trials: int, patients: int) -> dict[str, np.ndarray]:
    """Return trials in whole weeks with a hazard ratio of 0.8 and three strata."""
    rng = np.random.default_rng(1)
    shape = (trials, patients)
    group = rng.integers(0, 2, shape)
    death, end = rng.exponential(40 / 0.8 ** (1 - group)), rng.uniform(10, 60, shape)
    return {
        "time": np.ceil(np.minimum(death, end)),
        "event": (death <= end).astype(float),
        "group": group,
        "stratum": rng.integers(0, 3, shape),
        "age": np.round(rng.normal(65, 9, shape)),
    }


def ours(data: dict[str, np.ndarray]) -> dict[str, tuple[float, np.ndarray]]:
    """Return the seconds and the results of every method."""
    lives = data["time"], data["event"]
    both = np.stack([data["group"].astype(float), data["age"]], axis=2)
    methods = {
        "log-rank": lambda: log_rank.test(*lives, data["group"]).statistic,
        "log-rank, 3 strata": lambda: log_rank.test(*lives, data["group"], data["stratum"]).statistic,
        "Cox, Efron": lambda: cox.fit(*lives, data["group"]).coefficient[:, 0],
        "Cox, Efron, 2 covariates, 3 strata": lambda: cox.fit(*lives, both, data["stratum"]).coefficient[
            :, 0
        ],
    }
    results = {}
    for name, method in methods.items():
        begun = time.perf_counter()
        found = method()
        results[name] = (time.perf_counter() - begun, found)
    return results


def in_r(data: dict[str, np.ndarray], trials: int) -> list[np.ndarray]:
    """Return, for every method, R's seconds and its results for the first trials."""
    patients = data["time"].shape[1]
    rows = [np.repeat(np.arange(trials), patients), *(values[:trials].ravel() for values in data.values())]
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "trials.csv", Path(folder) / "survival.R"
        header = ",".join(["trial", *data])
        np.savetxt(table, np.column_stack(rows), delimiter=",", header=header, comments="", fmt="%g")
        script.write_text(R_SCRIPT, encoding="utf-8")
        command = ["Rscript", str(script), str(table)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [np.array(line.split(), dtype=float) for line in printed.splitlines()]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--patients", type=int, default=200, help="in both arms together")
    parser.add_argument("--peer-trials", type=int, default=300)
    chosen = parser.parse_args()
    data = draw(chosen.trials, chosen.patients)
    found = ours(data)
    few = min(chosen.peer_trials, chosen.trials)
    peers = in_r(data, few) if shutil.which("Rscript") else [None] * len(found)
    print(
        f"{chosen.trials} trials of {chosen.patients} patients; R's survival one call per trial, {few} trials"
    )
    for (name, (seconds, values)), peer in zip(found.items(), peers, strict=True):
        rate = chosen.trials / seconds
        print(f"{name}: {rate:.0f} trials/s", end="")
        if peer is not None:
            assert np.allclose(values[:few], peer[1:], rtol=1e-4, atol=1e-6)
            print(f"; R {few / peer[0]:.0f} trials/s, ratio {rate * peer[0] / few:.0f}", end="")
        print()


if __name__ == "__main__":
    main()
