"""Repeated-measures models per second, against nlme::gls and statsmodels' MixedLM, in one run.

Run: ``python benchmarks/mmrm.py`` (a minute or two; R with nlme and, in any interpreter named by --peer,
statsmodels are measured if they are there).  The trials have 200 patients, 4 visits, about a seventh of the
values missing and an unstructured covariance, REML; ours include Satterthwaite degrees of freedom of every
visit's effect, the others do not have them.  gls is timed inside R, MixedLM (random intercept and visits, the
nearest it has) inside its interpreter: no start-up is counted.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads only get into each other's way

import numpy as np

from euexia.statistics.mmrm_visits import VisitEffects, treatment_by_visit

SUBJECTS, VISITS = 200, 4
FEW = 20
"""Trials that the slow ones fit."""

GLS = """
suppressMessages(library(nlme))
arguments <- commandArgs(TRUE)
data <- read.csv(arguments[1]); data$factor <- factor(data$visit)
seconds <- c(); effects <- c()
for (trial in unique(data$trial)) {
  part <- data[data$trial == trial, ]
  begun <- proc.time()[["elapsed"]]
  model <- gls(value ~ factor * arm + factor * baseline, data = part, method = "REML",
               correlation = corSymm(form = ~ visit | patient), weights = varIdent(form = ~ 1 | visit))
  seconds <- c(seconds, proc.time()[["elapsed"]] - begun)
  effects <- c(effects, coef(model)[["arm"]])
}
cat(sprintf("[[%s],[%s]]", paste(seconds, collapse = ","), paste(sprintf("%.10f", effects), collapse = ",")))
"""

MIXED = """
import csv, json, sys, time, warnings
import numpy as np
import statsmodels.regression.mixed_linear_model as mixed
warnings.simplefilter("ignore")
rows = list(csv.DictReader(open(sys.argv[1])))
seconds = []
for trial in dict.fromkeys(row["trial"] for row in rows):
    part = [row for row in rows if row["trial"] == trial]
    y = np.array([float(row["value"]) for row in part])
    visit = np.array([int(row["visit"]) for row in part]) - 1
    eye = np.eye(4)[visit]
    arm = np.array([float(row["arm"]) for row in part])[:, None]
    base = np.array([float(row["baseline"]) for row in part])[:, None]
    x = np.concatenate([eye, eye * arm, eye * base], axis=1)
    groups = np.array([int(row["patient"]) for row in part])
    begun = time.perf_counter()
    mixed.MixedLM(y, x, groups, exog_re=eye[:, 1:]).fit(reml=True)
    seconds.append(time.perf_counter() - begun)
print(json.dumps(seconds))
"""


def draw(trials: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, arm and baseline of simulated trials with dropout and gaps."""
    generator = np.random.default_rng(seed)
    factor = np.linalg.cholesky(
        np.array(
            [[16.0, 9.0, 7.0, 5.0], [9.0, 20.0, 12.0, 9.0], [7.0, 12.0, 25.0, 15.0], [5.0, 9.0, 15.0, 30.0]]
        )
    )
    baseline = generator.normal(70.0, 12.0, (trials, SUBJECTS))
    arm = np.arange(SUBJECTS) % 2
    values = generator.normal(size=(trials, SUBJECTS, VISITS)) @ factor.T + 0.1 * baseline[..., None]
    values += arm[:, None] * np.linspace(0.0, 2.0, VISITS)
    gone = generator.random(values.shape) < 0.08
    gone[..., 0] = False
    values[np.cumsum(gone, axis=-1) > 0] = np.nan
    values[generator.random(values.shape) < 0.04] = np.nan
    return values, arm, baseline


def part(job: tuple[int, int]) -> tuple[float, np.ndarray]:
    """Fit a share of the trials in a process of its own; return its seconds and p-values."""
    trials, seed = job
    values, arm, baseline = draw(trials, seed)
    begun = time.perf_counter()
    found = treatment_by_visit(values, arm, baseline)
    return time.perf_counter() - begun, found.differences.p_value


def write(path: Path, values: np.ndarray, arm: np.ndarray, baseline: np.ndarray) -> None:
    """Write trials in long form for the others."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["trial", "patient", "arm", "baseline", "visit", "value"])
        for trial, patient, visit in zip(*np.nonzero(np.isfinite(values)), strict=True):
            before, value = baseline[trial, patient], values[trial, patient, visit]
            rows.writerow([trial, patient, arm[patient], before, visit + 1, value])


def run(command: list[str], script: str, path: Path) -> object | None:
    """Run a script on the trials in another interpreter; None where that is not there."""
    program = shutil.which(command[0])
    if program is None:
        return None
    source = path.with_suffix(".script")
    source.write_text(script, encoding="utf-8")
    done = subprocess.run([program, *command[1:], str(source), str(path)], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def single(values: np.ndarray, arm: np.ndarray, baseline: np.ndarray) -> tuple[float, list[VisitEffects]]:
    """Return the median seconds of one fit, and the fits."""
    seconds, found = [], []
    treatment_by_visit(values[0], arm, baseline[:1])
    for trial in range(values.shape[0]):
        begun = time.perf_counter()
        found.append(treatment_by_visit(values[trial], arm, baseline[trial : trial + 1]))
        seconds.append(time.perf_counter() - begun)
    return float(np.median(seconds)), found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--peer", default=sys.executable, help="a Python interpreter with statsmodels")
    chosen = parser.parse_args()
    values, arm, baseline = draw(FEW, 1)
    ours, found = single(values, arm, baseline)
    lines = [f"single fit {SUBJECTS} x {VISITS}, unstructured REML, Satterthwaite: {1e3 * ours:.1f} ms"]
    gls = None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trials.csv"
        write(path, values, arm, baseline)
        said = run(["Rscript"], GLS, path)
        if said is not None:
            gls = float(np.median(said[0]))
            worst = max(
                abs(fit.differences.estimate[0, 0, 0] - e) for fit, e in zip(found, said[1], strict=True)
            )
            lines.append(
                f"nlme::gls, same trials: {1e3 * gls:.0f} ms, {gls / ours:.0f} times ours; "
                f"effects agree to {worst:.0e}"
            )
        mixed = run([chosen.peer], MIXED, path)
        if mixed is not None:
            median = float(np.median(mixed))
            lines.append(
                f"statsmodels MixedLM, same trials: {1e3 * median:.0f} ms, {median / ours:.0f} times ours"
            )
    share = chosen.trials // chosen.cores
    begun = time.perf_counter()
    with ProcessPoolExecutor(chosen.cores) as pool:
        parts = list(pool.map(part, [(share, 100 + core) for core in range(chosen.cores)]))
    whole = time.perf_counter() - begun
    rate = share * chosen.cores / max(seconds for seconds, _ in parts)
    lines.append(
        f"{share * chosen.cores} trials on {chosen.cores} cores: {rate:.0f} fits/s "
        f"({whole:.1f} s with drawing and start-up)"
    )
    if gls is not None:
        lines.append(f"that is {rate * gls:.0f} times the rate of single gls fits")
    again, arm, before = draw(share, 100)
    checked = range(0, share, max(1, share // 50))
    same = all(
        np.array_equal(
            treatment_by_visit(again[t], arm, before[t : t + 1]).differences.p_value[0], parts[0][1][t]
        )
        for t in checked
    )
    lines.append(f"{len(checked)} of them fitted alone: {'bit for bit the same' if same else 'NOT the same'}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
