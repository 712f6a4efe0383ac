"""Exact probabilities: closed forms, other routes, and refusals."""

import numpy as np
import pytest
from scipy import stats

from euexia.core.errors import InputError
from euexia.statistics.proportions import (
    Alternative,
    boschloo_p_values,
    check_probability,
    check_size,
    clopper_pearson,
    critical_count,
    fisher_p_values,
    probabilities,
    probability_at_least,
    two_arm_probabilities,
)


def test_upper_tail_by_hand():
    """P(X >= 1) of two coins is 3/4; nothing is at least 0 with certainty, and 3 of 2 is impossible."""
    np.testing.assert_allclose(probability_at_least([0, 1, 2, 3], 2, 0.5), [1, 0.75, 0.25, 0])


def test_upper_tail_keeps_its_digits_where_it_is_small():
    """All of 20 at 5 % is 0.05^20."""
    assert probability_at_least(20, 20, 0.05) == pytest.approx(0.05**20, rel=1e-12)


def test_probabilities_sum_to_one_at_the_ends_too():
    np.testing.assert_allclose(probabilities(30, [0.0, 0.2, 1.0]).sum(axis=-1), 1.0)


def test_critical_count_is_the_first_whose_tail_is_small_enough():
    sizes = np.arange(1, 60)
    found = critical_count(sizes, 0.05, 0.05)
    assert (probability_at_least(found, sizes, 0.05) <= 0.05).all()
    assert (probability_at_least(found - 1, sizes, 0.05) > 0.05).all()


def test_no_count_is_enough_when_the_level_is_too_small():
    """Both of two at 20 % happens in 4 % of trials, so 1 % cannot be kept: 3 of 2 are needed."""
    assert critical_count(2, 0.2, 0.01) == 3


def test_interval_of_nobody_is_unknown():
    low, high = clopper_pearson([0, 3], [0, 20], 0.95)
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    # R 4.2.2 binom.test(3, 20): 0.03207094 to 0.37892683
    assert (low[1], high[1]) == pytest.approx((0.03207094, 0.37892683), abs=1e-8)


def test_fisher_agrees_with_scipy_on_every_table():
    for alternative, word in (
        (Alternative.TWO_SIDED, "two-sided"),
        (Alternative.GREATER, "greater"),
        (Alternative.LESS, "less"),
    ):
        table = fisher_p_values(7, 5, alternative)
        for a in range(8):
            for b in range(6):
                expected = stats.fisher_exact([[a, 7 - a], [b, 5 - b]], alternative=word).pvalue
                assert table[a, b] == pytest.approx(expected, rel=1e-10), (a, b, word)


def test_boschloo_agrees_with_scipy():
    """Scipy 1.17 (arms are columns) searches the common rate by another method; equal to 1e-6."""
    for alternative, word in ((Alternative.TWO_SIDED, "two-sided"), (Alternative.GREATER, "greater")):
        table = boschloo_p_values(12, 8, alternative)
        for a, b in ((9, 1), (6, 2), (5, 3), (12, 0), (2, 5)):
            expected = stats.boschloo_exact([[a, b], [12 - a, 8 - b]], alternative=word, n=64).pvalue
            assert table[a, b] == pytest.approx(expected, abs=1e-6), (a, b, word)


def test_boschloo_is_never_less_powerful_than_fisher():
    """Boschloo 1970: as a one-sided test it rejects whenever Fisher's does."""
    fisher = fisher_p_values(15, 9, Alternative.GREATER)
    assert (boschloo_p_values(15, 9, Alternative.GREATER) <= fisher + 1e-9).all()


def test_both_exact_tests_keep_their_level():
    for test in (fisher_p_values, boschloo_p_values):
        for rate in (0.05, 0.2, 0.5):
            rejected = test(20, 10) <= 0.05
            assert two_arm_probabilities(20, 10, rate, rate)[rejected].sum() <= 0.05 + 1e-6


def test_tables_cannot_be_changed_by_whoever_asked():
    with pytest.raises(ValueError, match="read-only"):
        fisher_p_values(3, 3)[0, 0] = 0.0


def test_refusals_name_the_thing_and_the_way_out():
    with pytest.raises(InputError, match=r"'alpha' is 5. Give a number strictly between 0 and 1"):
        check_probability("alpha", 5)
    with pytest.raises(InputError, match=r"'size' is 0. Give a whole number of patients"):
        check_size("size", 0)
