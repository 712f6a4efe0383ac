"""Exact power of Fisher's test."""

import numpy as np
import pytest
from scipy import stats

from euexia.core.errors import InputError
from euexia.design.two_arm import fisher_design
from euexia.statistics.proportions import Alternative


def test_power_by_another_enumeration():
    """The same sum with scipy's p-values and binomial probabilities."""
    power = sum(
        stats.binom.pmf(a, 9, 0.6) * stats.binom.pmf(b, 6, 0.1)
        for a in range(10)
        for b in range(7)
        if stats.fisher_exact([[a, 9 - a], [b, 6 - b]]).pvalue <= 0.05
    )
    assert fisher_design(9, 6, 0.6, 0.1, 0.05).power == pytest.approx(power, rel=1e-10)


def test_the_level_is_kept_and_power_grows_with_the_difference():
    designs = [fisher_design(40, 20, rate, 0.05, 0.05) for rate in (0.05, 0.25, 0.45)]
    assert designs[0].level == designs[0].power <= 0.05
    assert np.all(np.diff([design.power for design in designs]) > 0)


def test_one_side_has_more_power():
    two = fisher_design(40, 20, 0.25, 0.05, 0.05)
    one = fisher_design(40, 20, 0.25, 0.05, 0.05, Alternative.GREATER)
    assert one.power > two.power


def test_numbers_that_make_no_design_are_refused():
    with pytest.raises(InputError, match="'rate' is 1"):
        fisher_design(40, 20, 1.0, 0.05, 0.05)
