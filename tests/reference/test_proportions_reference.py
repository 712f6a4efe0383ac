"""Tests and intervals of proportions against R; script, raw output and origin in reference/proportions."""

import csv
from pathlib import Path

import numpy as np
import pytest

from euexia.analyse.events import rate_ratio
from euexia.statistics.proportion_intervals import miettinen_nurminen, newcombe
from euexia.statistics.proportions import (
    Alternative,
    clopper_pearson,
    fisher_p_values,
    probability_at_least,
)

OUTPUT = Path(__file__).parent / "proportions" / "proportions.txt"
LINES = [line for line in OUTPUT.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
ROWS = list(csv.DictReader(LINES))


def rows(what):
    return [row for row in ROWS if row["what"] == what]


def counts(row):
    return tuple(int(row[name]) for name in ("x1", "n1", "x0", "n0"))


@pytest.mark.parametrize("row", rows("binomial"), ids=lambda row: f"{row['x1']}/{row['n1']}")
def test_the_exact_binomial_test_and_interval_agree_with_r(row):
    """binom.test(x, n, 0.05) and its 90 % interval; equal to 1e-10, both are exact."""
    x, n = int(row["x1"]), int(row["n1"])
    assert probability_at_least(x, n, 0.05) == pytest.approx(float(row["p_greater"]), rel=1e-10)
    less = probability_at_least(n - x, n, 0.95)
    assert less == pytest.approx(float(row["p_less"]), rel=1e-10)
    low, high = clopper_pearson(x, n, 0.90)
    assert (low, high) == pytest.approx((float(row["low"]), float(row["high"])), rel=1e-10)


@pytest.mark.parametrize("row", rows("fisher"), ids=lambda row: "-".join(map(str, counts(row))))
def test_fishers_test_agrees_with_r(row):
    """fisher.test in all three directions; R sums probabilities in another order, equal to 1e-9."""
    x1, n1, x0, n0 = counts(row)
    for alternative, name in (
        (Alternative.TWO_SIDED, "p_two_sided"),
        (Alternative.GREATER, "p_greater"),
        (Alternative.LESS, "p_less"),
    ):
        p_value = fisher_p_values(n1, n0, alternative)[x1, x0]
        assert p_value == pytest.approx(float(row[name]), rel=1e-9)


@pytest.mark.parametrize("row", rows("newcombe"), ids=lambda row: "-".join(map(str, counts(row))))
def test_newcombes_interval_agrees_with_r(row):
    """Wilson intervals by prop.test without correction, joined as in method 10."""
    low, high = newcombe(*counts(row), 0.95)
    assert (low, high) == pytest.approx((float(row["low"]), float(row["high"])), abs=1e-10)


@pytest.mark.parametrize("row", rows("miettinen_nurminen"), ids=lambda row: "-".join(map(str, counts(row))))
def test_the_score_interval_agrees_with_a_numerical_route_in_r(row):
    """Restricted likelihood maximised and score statistic inverted numerically; equal to 1e-8."""
    low, high = miettinen_nurminen(*counts(row), 0.95)
    assert (low, high) == pytest.approx((float(row["low"]), float(row["high"])), abs=1e-8)


def test_published_intervals_of_the_difference():
    """0/16 against 15/72 and 7/34 against 1/34, as printed by the R package contingencytables.

    It accompanies Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables, chapter 4.
    """
    low, high = miettinen_nurminen(0, 16, 15, 72, 0.95)
    assert (round(float(low), 4), round(float(high), 4)) == (-0.3164, -0.0056)
    low, high = newcombe(7, 34, 1, 34, 0.95)
    assert (round(float(low), 4), round(float(high), 4)) == (0.0189, 0.3404)
    assert fisher_p_values(16, 72)[0, 15] == pytest.approx(0.06287, abs=5e-6)


@pytest.mark.parametrize("row", rows("rate_ratio"), ids=lambda row: "-".join(map(str, counts(row))))
def test_the_rate_ratio_agrees_with_r(row):
    """poisson.test of two samples: the exact conditional interval."""
    events, time, control_events, control_time = (np.array([float(part)]) for part in counts(row))
    _, low, high = rate_ratio(events, time, control_events, control_time, 0.95)
    assert (low.item(), high.item()) == pytest.approx((float(row["low"]), float(row["high"])), rel=1e-9)
