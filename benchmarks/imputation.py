"""Imputation: seconds for one trial and fits per second for a stack, beside plain ways and R in the same run.

Run: ``python benchmarks/imputation.py [trials]`` (default 1,000 trials of 200 patients: half a minute on a
free core, and as long again for R where ``Rscript`` with mice and nlme is installed).  Published for the
antidepressant trial (172 patients, 4 visits, 500 imputations): 26 s with the R package rbmi, 23 s with the
five SAS macros, each on its authors' machine.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from builders.antidepressant import antidepressant
from builders.longitudinal import dropout_trials
from euexia.statistics import conditional_mean, imputation_reference, multiple_imputation
from euexia.statistics.imputation_data import Strategy

JUMP = Strategy.JUMP_TO_REFERENCE
PUBLISHED = {"rbmi": 26.0, "SAS": 23.0}
R_DATA = 'd <- read.csv("simulated.csv"); d <- d[d$dataset == "monotone", ]\n'
R_FIT = """
library(nlme)
d <- d[!is.na(d$value), ]; d$v <- factor(d$visit); d$a <- factor(d$arm)
t <- system.time(for (k in 1:5)
  gls(value ~ 0 + v:a + v:baseline, data = d, method = "REML",
      correlation = corSymm(form = ~ visit | subject), weights = varIdent(form = ~ 1 | v)))
cat(t[["elapsed"]] / 5)
"""
R_MICE = """
suppressPackageStartupMessages(library(mice))
w <- reshape(d[, c("subject", "arm", "baseline", "visit", "value")], direction = "wide",
             idvar = c("subject", "arm", "baseline"), timevar = "visit", sep = "")[, -1]
t <- system.time({
  i <- mice(w, m = 500, method = "norm", visitSequence = "monotone", maxit = 1, seed = 1, printFlag = FALSE)
  pool(with(i, lm(value4 ~ arm + baseline)))})
cat(t[["elapsed"]])
"""


def fastest(work: Callable[[], object], times: int = 3) -> float:
    """Return the least of some measured durations [s]."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def in_r(program: str) -> float | None:
    """Return the seconds that a program prints, None without R."""
    folder = Path(__file__).parents[1] / "reference" / "imputation"
    if shutil.which("Rscript") is None:
        return None
    ran = subprocess.run(
        ["Rscript", "-e", R_DATA + program], cwd=folder, capture_output=True, text=True, check=False
    )
    return float(ran.stdout) if ran.returncode == 0 else None


def one_trial() -> None:
    """Time the antidepressant trial."""
    trial = antidepressant()
    given = (trial.change, trial.baseline, trial.arm, trial.event, JUMP)
    options = {"constant_covariates": trial.female}
    many = fastest(lambda: multiple_imputation.estimate(*given, **options, seed=1, imputations=500))
    means = fastest(lambda: conditional_mean.estimate(*given, **options))
    print("172 patients x 4 visits, jump to reference")
    print(f"  multiple imputation, 500, Bayesian      {many:8.3f} s")
    print(f"  conditional means, 173 fits, jackknife  {means:8.3f} s")
    for name, seconds in PUBLISHED.items():
        ratios = f"{seconds / many:6.0f} times, and {seconds / means:6.0f} times"
        print(f"  published {name:5s} {seconds:.0f} s: {ratios}")


def beside_peers() -> None:
    """Time the same simulated trial here, in plain Python and in R."""
    path = Path(__file__).parents[1] / "reference" / "imputation" / "simulated.csv"
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == "monotone"]
    values = np.array([float(row["value"]) if row["value"] != "NA" else np.nan for row in rows]).reshape(
        -1, 4
    )
    baseline, arm, event = (
        np.array([float(row[key]) for row in rows[::4]]) for key in ("baseline", "arm", "event")
    )
    arm, event = arm.astype(np.int64), event.astype(np.int64) - 1
    data = imputation_reference.DataSet(
        values=values, covariates=(baseline - 20.0)[:, np.newaxis], arm=arm, event=event, strategy=JUMP
    )
    means = fastest(lambda: conditional_mean.estimate(values, baseline, arm, event, JUMP))
    plain = fastest(lambda: imputation_reference.conditional_mean_estimate(data), 1) * 101
    many = fastest(
        lambda: multiple_imputation.estimate(values, baseline, arm, event, seed=1, imputations=500)
    )
    print("100 patients x 4 visits, monotone dropout, measured in this run")
    print(f"  conditional means, 101 fits, jackknife  {means:8.3f} s")
    print(f"  the plain way (EM; one fit x 101)       {plain:8.1f} s: {plain / means:8.0f} times")
    fit, mice = in_r(R_FIT), in_r(R_MICE)
    if fit is not None:
        print(f"  R nlme::gls, its fit alone x 101        {fit * 101:8.1f} s: {fit * 101 / means:8.0f} times")
    print(f"  multiple imputation at random, 500      {many:8.3f} s")
    if mice is not None:
        print(f"  R mice, norm, 500, lm and pool          {mice:8.1f} s: {mice / many:8.1f} times")


def stack(trials: int) -> None:
    """Time a stack of trials."""
    given = dropout_trials(trials, 100, seed=5)
    spent = fastest(lambda: conditional_mean.estimate(*given, JUMP), 1)
    once = fastest(lambda: conditional_mean.estimate(*given, JUMP, jackknife=False), 1)
    print(f"{trials:,} trials x 200 patients x 4 visits, jump to reference, one process")
    rates = f"{trials / spent:8.1f} trials/s, {trials * 201 / spent:10,.0f} fits/s"
    print(f"  with jackknife     {spent:6.1f} s: {rates}")
    print(f"  estimates alone    {once:6.1f} s: {trials / once:8.1f} trials/s")


if __name__ == "__main__":
    one_trial()
    beside_peers()
    stack(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
