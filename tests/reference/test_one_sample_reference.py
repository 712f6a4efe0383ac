"""Tests of one rate against R; script, raw output and origin in reference/one_sample."""

import numpy as np
import pytest

from builders.expected import read_expected
from euexia.statistics.one_sample_tests import (
    blaker_p_values,
    likelihood_p_values,
    mid_p_interval,
    mid_p_value,
)
from euexia.statistics.proportions import clopper_pearson, probability_at_least

EXPECTED = read_expected("one_sample", "one_sample.csv")


@pytest.mark.parametrize("case", sorted(EXPECTED))
def test_tests_of_one_rate_agree_with_r(case):
    """binom.test, and definitions written out in R; all exact, equal to 1e-9, roots to 1e-9."""
    x, n, null = EXPECTED[case]["given"]
    assert likelihood_p_values(x, n, null) == pytest.approx(EXPECTED[case]["likelihood"][0], rel=1e-9)
    assert blaker_p_values(x, n, null) == pytest.approx(EXPECTED[case]["blaker"][0], rel=1e-9)
    assert mid_p_value(x, n, null) == pytest.approx(EXPECTED[case]["mid_p"][0], rel=1e-9)
    limits = mid_p_interval(x, n, 0.95)
    assert limits == pytest.approx(tuple(EXPECTED[case]["mid_p_interval"]), abs=1e-9)


def test_how_the_tests_of_one_rate_stand_to_each_other():
    """Blaker's p-value is at most twice the smaller tail; the mid-p interval lies inside the exact one."""
    counts, size, null = np.arange(31), 30, 0.2
    lower = probability_at_least(size - counts, size, 1 - null)
    twice = np.minimum(1.0, 2.0 * np.minimum(probability_at_least(counts, size, null), lower))
    assert (blaker_p_values(counts, size, null) <= twice + 1e-12).all()
    low, high = mid_p_interval(counts, size, 0.95)
    exact_low, exact_high = clopper_pearson(counts, size, 0.95)
    assert (low >= exact_low - 1e-12).all()
    assert (high <= exact_high + 1e-12).all()


def test_nobody_observed_is_unknown():
    assert np.isnan(likelihood_p_values([0, 1], [0, 2], 0.3)).tolist() == [True, False]
    assert np.isnan(mid_p_value(0, 0, 0.3))
    assert np.isnan(mid_p_interval(0, 0, 0.95)).all()
