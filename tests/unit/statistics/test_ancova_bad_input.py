"""What cannot be estimated is named, and the neighbours in the stack do not notice."""

import numpy as np
import pytest

from euexia.core.errors import InputError
from euexia.statistics import ancova
from euexia.statistics.ancova import Margins
from euexia.statistics.contrasts import contrast, pairs, trend, versus_control
from euexia.statistics.diagnosis import Diagnosis, words
from euexia.statistics.ranked_ancova import quade, stratified_rank_ancova
from euexia.statistics.two_arm_ancova import adjusted_difference, t_p_value

SIZE = 24


def good_trial(seed=1):
    rng = np.random.default_rng(seed)
    arm = np.arange(SIZE) % 3
    x, site = rng.normal(50, 10, SIZE), np.arange(SIZE) // 8
    return rng.normal(arm, 1.0), arm, x, site


def spoilt():
    """Return a stack with one good trial and one of every fault."""
    y, arm, x, site = (np.repeat(part[np.newaxis], 8, axis=0).copy() for part in good_trial())
    y[1] = np.nan
    y[2, 0] = np.inf
    y[3] = 2.5
    arm[4] = np.where(arm[4] == 2, 1, arm[4])
    site[5] = arm[5]
    x[6, 3] = -np.inf
    y[7, 4:] = np.nan
    return y, arm, x, site


FAULTS = [
    Diagnosis.FINE,
    Diagnosis.NOBODY,
    Diagnosis.INFINITE_VALUE,
    Diagnosis.IDENTICAL_VALUES,
    Diagnosis.EMPTY_ARM,
    Diagnosis.CONFOUNDED,
    Diagnosis.INFINITE_VALUE,
    Diagnosis.NO_FREEDOM,
]


@pytest.mark.parametrize("robust", [False, True])
def test_every_fault_is_named_and_nothing_plausible_is_returned(robust):
    y, arm, x, site = spoilt()
    fit = ancova.estimate(y, arm, arms=3, covariates=[x], factors=[site], robust=robust)
    assert fit.diagnosis.tolist() == FAULTS
    found = ancova.compare(fit, pairs(3))
    assert np.isfinite(found.p_value[0]).all()
    assert np.isnan(found.p_value[[1, 2, 3, 5, 6, 7]]).all()
    assert np.isnan(found.low[[1, 2, 3, 5, 6, 7]]).all()
    # Without the third arm the first two are still compared, and nothing is said about the third.
    assert np.isfinite(found.p_value[4, 0])
    assert np.isnan(found.estimate[4, 1:]).all()
    assert all(len(text) > 5 for text in words(fit.diagnosis))


def test_a_covariate_that_is_constant_is_left_out():
    """Its slope is unknown, and the comparison is that without it, with one more degree of freedom."""
    y, arm, _, _ = (part[np.newaxis] for part in good_trial())
    plain = ancova.estimate(y, arm, arms=3)
    flat = ancova.estimate(y, arm, arms=3, covariates=[np.full_like(y, 1e6 / 3)])
    np.testing.assert_array_equal(flat.means, plain.means)
    assert flat.freedom[0] == plain.freedom[0] == SIZE - 3
    assert np.isnan(flat.slopes[0, 0])


def test_an_absent_level_counts_for_nothing_in_equal_margins():
    """Level 1 of a site that nobody attends: means are averaged over the two that are left."""
    y, arm, _, site = (part[np.newaxis] for part in good_trial())
    gone = np.where(site == 1, 2, site)
    renumbered = np.where(gone == 2, 1, gone)
    one, two = (
        ancova.estimate(y, arm, arms=3, factors=[s], margins=Margins.EQUAL) for s in (gone, renumbered)
    )
    np.testing.assert_allclose(one.means, two.means, rtol=1e-13)


def test_a_dose_that_a_stratum_gives_away_has_no_slope():
    y, arm, _, _ = (part[np.newaxis] for part in good_trial())
    found = ancova.dose_response(y, arm.astype(float), factors=[arm])
    assert np.isnan([found.estimate.item(), found.p_value.item()]).all()


def test_weights_of_contrasts():
    """Later less earlier; every arm less the control; the slope of means on doses."""
    assert pairs(3).tolist() == [[-1, 1, 0], [-1, 0, 1], [0, -1, 1]]
    assert versus_control(3, control=1).tolist() == [[1, -1, 0], [0, -1, 1]]
    assert trend([0, 1, 2]) == pytest.approx([-0.5, 0, 0.5])
    means, covariance = np.array([[1.0, 3.0, 5.0]]), np.eye(3)[np.newaxis]
    found = contrast(means, covariance, np.array([np.inf]), trend([0, 1, 2]))
    assert found.estimate.item() == pytest.approx(2.0)


def test_wrong_arguments_are_refused():
    with pytest.raises(InputError, match="trials, subjects"):
        ancova.estimate([1.0, 2.0], [0, 1], arms=2)
    with pytest.raises(InputError, match="there are 2 arms"):
        ancova.estimate([[1.0, 2.0]], [[0, 2]], arms=2)
    with pytest.raises(InputError, match="two different doses"):
        trend([5, 5])


def test_the_closed_form_says_nothing_of_an_empty_arm():
    """The plain difference of an arm without patients is unknown, and so is its p-value."""
    y, one, nobody = np.ones((1, 4)), np.ones((1, 4), dtype=bool), np.zeros((1, 4), dtype=bool)
    fit = adjusted_difference(y, y, one, nobody)
    assert np.isnan(fit.difference[0])
    assert np.isnan(fit.error[0])
    assert t_p_value.__doc__


def test_rank_analyses_name_their_faults():
    y, arm, x, site = spoilt()
    found = quade(y, arm, arms=3, covariates=[x])
    assert found.diagnosis[1] == Diagnosis.NOBODY
    assert found.diagnosis[3] == Diagnosis.IDENTICAL_VALUES
    assert np.isnan(found.p_value[[1, 3]]).all()
    stratified = stratified_rank_ancova(y, arm, arms=3, covariates=[x], stratum=site)
    assert stratified.diagnosis[[1, 3, 5]].tolist() == [
        Diagnosis.NOBODY,
        Diagnosis.NO_INFORMATIVE_STRATUM,
        Diagnosis.NO_INFORMATIVE_STRATUM,
    ]
    assert np.isnan(stratified.p_value[[1, 3, 5]]).all()
