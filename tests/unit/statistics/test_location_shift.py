"""Shifts of location: by hand, in a stack, by bootstrap, and what cannot be told."""

import numpy as np
import pytest
from scipy.stats import binom

from euexia.core.errors import InputError
from euexia.statistics.diagnosis import Diagnosis
from euexia.statistics.location_shift import Route, hodges_lehmann, mann_whitney
from euexia.statistics.median_difference import Interval, median_difference
from euexia.statistics.ranks import midranks

RNG = np.random.default_rng(5)
STACK = np.round(RNG.normal(size=(6, 30)), 1)
STACK[RNG.random(STACK.shape) < 0.1] = np.nan
TREATED = np.arange(30) % 2 == 0


def test_midranks_by_hand():
    """Ranks of 3, 1, 3, missing, 2 are 3.5, 1, 3.5, none, 2; one tie of two gives 2^3 - 2 = 6."""
    values = np.array([[3.0, 1.0, 3.0, np.nan, 2.0]])
    ranks, ties = midranks(values, ~np.isnan(values))
    assert ranks.tolist() == [[3.5, 1.0, 3.5, 0.0, 2.0]]
    assert ties.tolist() == [6.0]


def test_two_against_two_by_hand():
    """All treated above: one of six deals, so p = 1/6 to one side and 2/6 to both; shift 3.5 - 1.5."""
    y, treated = np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([False, False, True, True])
    found = mann_whitney(y, treated, ~treated)
    assert (found.statistic[0], found.probability[0]) == (4.0, 1.0)
    assert found.p_value[0] == pytest.approx(1 / 3)
    shift = hodges_lehmann(y, treated, ~treated)
    assert shift.estimate[0] == 2.0
    assert shift.diagnosis[0] == Diagnosis.TOO_FEW
    assert np.isnan([shift.low[0], shift.high[0], shift.level[0]]).all()


@pytest.mark.parametrize("route", Route)
def test_a_stack_gives_the_same_bits_as_one_trial(route):
    whole = mann_whitney(STACK, TREATED, ~TREATED, route=route)
    shifts = hodges_lehmann(STACK, TREATED, ~TREATED, route=route)
    medians = median_difference(STACK, TREATED, ~TREATED, seed=3, replicates=200)
    for trial in range(len(STACK)):
        one = STACK[trial : trial + 1]
        alone = median_difference(one, TREATED, ~TREATED, seed=3, replicates=200, trial_numbers=[trial])
        for stack, single in (
            (whole, mann_whitney(one, TREATED, ~TREATED, route=route)),
            (shifts, hodges_lehmann(one, TREATED, ~TREATED, route=route)),
            (medians, alone),
        ):
            for name in stack.__slots__:
                np.testing.assert_array_equal(getattr(stack, name)[trial], getattr(single, name)[0])


def test_faults_are_named():
    """Nobody, an empty arm, an infinite value, all values the same."""
    y = np.repeat(np.arange(30.0)[np.newaxis], 4, axis=0)
    y[0] = np.nan
    y[1, TREATED] = np.nan
    y[2, 0] = np.inf
    y[3] = 1.0
    test = mann_whitney(y, TREATED, ~TREATED)
    assert test.diagnosis.tolist() == [
        Diagnosis.NOBODY,
        Diagnosis.EMPTY_ARM,
        Diagnosis.FINE,  # an infinite value is a rank like any other
        Diagnosis.IDENTICAL_VALUES,
    ]
    assert np.isnan(test.p_value[[0, 1, 3]]).all()
    shift = hodges_lehmann(y, TREATED, ~TREATED)
    assert shift.diagnosis[:3].tolist() == [Diagnosis.NOBODY, Diagnosis.EMPTY_ARM, Diagnosis.INFINITE_VALUE]
    assert np.isnan(shift.estimate[:3]).all()
    assert (shift.low[3], shift.high[3]) == (0.0, 0.0)
    medians = median_difference(y, TREATED, ~TREATED, seed=1, replicates=20)
    assert medians.diagnosis.tolist() == [
        Diagnosis.NOBODY,
        Diagnosis.EMPTY_ARM,
        Diagnosis.INFINITE_VALUE,
        Diagnosis.IDENTICAL_VALUES,
    ]
    assert np.isnan(medians.low).all()


def test_wrong_arguments_are_refused():
    with pytest.raises(InputError, match="both treated and control"):
        mann_whitney(STACK, TREATED, np.ones(30, dtype=bool))
    with pytest.raises(InputError, match="trials, subjects"):
        hodges_lehmann(STACK[0], TREATED, ~TREATED)
    with pytest.raises(InputError, match="replicates"):
        median_difference(STACK, TREATED, ~TREATED, seed=1, replicates=0)


def bootstrap_distribution(values):
    """Return the sorted values of an odd sample and the exact chance that each is a resample's median.

    The median is at most the k-th value if more than half of the draws are among the first k: binomial.
    """
    size = values.size
    upto = binom.sf((size - 1) // 2, size, np.arange(1, size + 1) / size)
    return np.sort(values), np.diff(upto, prepend=0.0)


def test_the_bootstrap_agrees_with_its_exact_distribution():
    """Percentile limits of 40,000 replicates lie where the exact distribution has its tails.

    Arms of 21 and 15.  The exact chance below each limit must hold 2.5 % and 97.5 % within 4 Monte-Carlo
    errors (0.0031) at the step of a discrete distribution where the limit falls.
    """
    y = np.random.default_rng(2).gamma(2.0, 3.0, (1, 36))
    treated = np.arange(36) < 21
    found = median_difference(y, treated, ~treated, seed=11, replicates=40_000)
    (a, p), (b, q) = (bootstrap_distribution(y[0, arm]) for arm in (treated, ~treated))
    differences, chance = np.subtract.outer(a, b).ravel(), np.outer(p, q).ravel()
    for limit, tail in ((found.low[0], 0.025), (found.high[0], 0.975)):
        assert chance[differences < limit - 1e-9].sum() <= tail + 0.0031
        assert chance[differences <= limit + 1e-9].sum() >= tail - 0.0031
    mean = (differences * chance).sum()
    spread = np.sqrt(((differences - mean) ** 2 * chance).sum())
    assert found.error[0] == pytest.approx(spread, rel=0.02)


def test_the_bias_corrected_interval_of_symmetric_data_is_near_the_percentile_one():
    """Mirror images in both arms: no bias and no acceleration, up to Monte-Carlo error."""
    side = np.linspace(1, 8, 8)
    arm = np.concatenate([-side, [0.0], side])
    y, treated = np.concatenate([arm, arm])[np.newaxis], np.arange(34) < 17
    one, two = (
        median_difference(y, treated, ~treated, seed=2, replicates=20_000, interval=interval)
        for interval in Interval
    )
    assert one.estimate[0] == two.estimate[0] == 0
    assert two.low[0] == pytest.approx(one.low[0], abs=1.0)
    assert two.high[0] == pytest.approx(one.high[0], abs=1.0)
