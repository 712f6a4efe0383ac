"""The closed-form ANCOVA against R's lm; script, input, raw output and origin in reference/ancova."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import stdtrit

from euexia.statistics.proportions import Alternative
from euexia.statistics.two_arm_ancova import adjusted_difference, t_p_value

FOLDER = Path(__file__).parent / "ancova"


def read(name):
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_ancova_agrees_with_r():
    """lm(change ~ treated + baseline) of three trials at once, of unequal size; equal to 1e-10."""
    data, expected = read("ancova.csv"), read("ancova.txt")
    trials = sorted({row["trial"] for row in data})
    largest = max(sum(row["trial"] == trial for row in data) for trial in trials)
    change, baseline = np.full((2, len(trials), largest), np.nan)
    treated, controls = np.zeros((2, len(trials), largest), dtype=bool)
    for index, trial in enumerate(trials):
        for place, row in enumerate(row for row in data if row["trial"] == trial):
            change[index, place], baseline[index, place] = float(row["change"]), float(row["baseline"])
            (treated if row["treated"] == "1" else controls)[index, place] = True
    fit = adjusted_difference(change, baseline, treated, controls)
    half = stdtrit(fit.freedom, 0.975) * fit.error
    p_values = t_p_value(fit, fit.freedom, Alternative.TWO_SIDED)
    for index, row in enumerate(expected):
        found = (
            fit.difference[index],
            fit.error[index],
            fit.freedom[index],
            fit.difference[index] - half[index],
            fit.difference[index] + half[index],
            p_values[index],
            fit.slope[index],
        )
        names = ("difference", "error", "df", "low", "high", "p", "slope")
        assert found == pytest.approx(tuple(float(row[name]) for name in names), rel=1e-10)
