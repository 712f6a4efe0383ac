"""Repeated measurements for tests: data sets of the R comparisons, and small simulated stacks."""

import csv
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[2] / "reference" / "mmrm"


def lines(name):
    """Return the rows of a CSV file in reference/mmrm, without its comments."""
    text = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in text if not line.startswith("#")))


def judged_sets():
    """Return name -> values (subjects, visits), arm and baseline (subjects,), times (visits,)."""
    rows = lines("data.csv")
    result = {}
    for name in dict.fromkeys(row["set"] for row in rows):
        part = [row for row in rows if row["set"] == name]
        times = {int(row["visit"]): float(row["time"]) for row in part}
        patients = list(dict.fromkeys(row["patient"] for row in part))
        values = np.full((len(patients), len(times)), np.nan)
        arm, baseline = np.zeros((2, len(patients)))
        for row in part:
            place = patients.index(row["patient"])
            values[place, int(row["visit"]) - 1] = float(row["value"])
            arm[place], baseline[place] = float(row["arm"]), float(row["baseline"])
        result[name] = values, arm, baseline, tuple(times[visit] for visit in sorted(times))
    return result


def judged_design(arm, baseline, visits):
    """Return the design of value ~ factor * arm + baseline, and the names R gives its columns."""
    subjects = arm.size
    visit = np.broadcast_to(np.eye(visits)[:, 1:], (subjects, visits, visits - 1))
    treated = np.broadcast_to(arm[:, None, None], (subjects, visits, 1))
    before = np.broadcast_to(baseline[:, None, None], (subjects, visits, 1))
    design = np.concatenate([np.ones_like(treated), visit, treated, before, visit * treated], axis=2)
    later = range(2, visits + 1)
    names = [
        "(Intercept)",
        *(f"factor{k}" for k in later),
        "arm",
        "baseline",
        *(f"factor{k}:arm" for k in later),
    ]
    return design, names


def stack(trials=6, subjects=40, visits=4, seed=1, missing=0.1, monotone=0.1):
    """Return simulated values, arm and baseline of a stack of trials."""
    draw = np.random.default_rng(seed)
    factor = np.tril(draw.uniform(0.3, 1.0, (visits, visits))) + np.eye(visits)
    baseline = draw.normal(70.0, 10.0, (trials, subjects))
    arm = np.broadcast_to(np.arange(subjects) % 2, (trials, subjects))
    values = draw.normal(size=(trials, subjects, visits)) @ factor.T + 0.1 * baseline[..., None]
    values = values + arm[..., None] * 0.3 * np.arange(visits)
    gone = draw.random(values.shape) < monotone
    gone[..., 0] = False
    values[np.cumsum(gone, axis=-1) > 0] = np.nan
    values[draw.random(values.shape) < missing] = np.nan
    return values, arm, baseline
