"""The treatment effect at every visit: by hand where that is possible, in blocks, and what is refused."""

import numpy as np
import pytest
from scipy import stats

from builders.repeated import stack
from euexia.core.errors import InputError
from euexia.statistics import mmrm_visits
from euexia.statistics.mmrm_result import Diagnosis, Freedom
from euexia.statistics.mmrm_visits import treatment_by_visit
from euexia.statistics.proportions import Alternative


def test_complete_data_without_baseline_is_the_t_test():
    """Complete data, unstructured, arm by visit: each visit's test is the two-sample t test of that visit.

    The equivalence is textbook: the REML covariance is then the pooled one, with n - 2 degrees of freedom.
    The iterations end within 1e-6 standard errors of it.
    """
    values, arm, _ = stack(3, 30, 4, seed=1, missing=0.0, monotone=0.0)
    found = treatment_by_visit(values, arm)
    for trial in range(3):
        one, other = values[trial, arm[trial] == 1], values[trial, arm[trial] == 0]
        expected = stats.ttest_ind(one, other)
        assert found.differences.statistic[trial, 0] == pytest.approx(expected.statistic, rel=1e-6)
        assert found.differences.freedom[trial, 0] == pytest.approx(28.0, rel=1e-6)
        assert found.differences.p_value[trial, 0] == pytest.approx(expected.pvalue, rel=1e-6)
        assert found.means.estimate[trial, 1] == pytest.approx(one.mean(axis=0))


def test_complete_data_kenward_roger_is_the_t_test_too():
    """Kenward-Roger then adjusts nothing: W(Q - P Phi P) is zero for complete data of this kind."""
    values, arm, _ = stack(1, 30, 3, seed=2, missing=0.0, monotone=0.0)
    plain = treatment_by_visit(values, arm)
    adjusted = treatment_by_visit(values, arm, freedom=Freedom.KENWARD_ROGER)
    assert adjusted.differences.error == pytest.approx(plain.differences.error, rel=1e-8)
    assert adjusted.differences.freedom == pytest.approx(plain.differences.freedom, rel=1e-8)


def test_one_visit_is_ancova():
    """One visit with baseline: least squares, residual degrees of freedom."""
    values, arm, baseline = stack(1, 30, 1, seed=3, missing=0.0, monotone=0.0)
    found = treatment_by_visit(values, arm, baseline)
    design = np.stack([np.ones(30), arm[0], baseline[0]], axis=1)
    beta, squares, _, _ = np.linalg.lstsq(design, values[0, :, 0], rcond=None)
    error = np.sqrt(squares[0] / 27 * np.linalg.inv(design.T @ design)[1, 1])
    assert found.differences.estimate[0, 0, 0] == pytest.approx(beta[1])
    assert found.differences.error[0, 0, 0] == pytest.approx(error, rel=1e-8)
    assert found.differences.freedom[0, 0, 0] == pytest.approx(27.0, rel=1e-6)


def test_three_arms_and_absent_rows():
    """Rows of arm -1 count for nothing; each arm is compared with arm 0."""
    values, _, baseline = stack(2, 60, 3, seed=4)
    arm = np.arange(60) % 3
    padded = np.concatenate([values, np.full((2, 5, 3), 9.0)], axis=1)
    more = np.concatenate([baseline, np.full((2, 5), np.nan)], axis=1)
    found = treatment_by_visit(values, arm, baseline)
    with_rows = treatment_by_visit(padded, np.concatenate([arm, np.full(5, -1)]), more)
    assert found.differences.estimate.shape == (2, 2, 3)
    assert with_rows.differences.estimate == pytest.approx(found.differences.estimate, rel=1e-9)
    assert np.array_equal(with_rows.counts, found.counts)
    assert found.counts.sum() == np.isfinite(values).sum()


def test_blocks_do_not_change_results(monkeypatch):
    """Blocks of 4 trials give, bit for bit, what one block gives."""
    values, arm, baseline = stack(10, 30, 3, seed=5)
    whole = treatment_by_visit(values, arm, baseline, by_arm=True)
    monkeypatch.setattr(mmrm_visits, "_BLOCK", 4)
    parts = treatment_by_visit(values, arm, baseline, by_arm=True)
    assert np.array_equal(whole.differences.p_value, parts.differences.p_value)
    assert np.array_equal(whole.sigma, parts.sigma)


def test_alternatives_and_levels():
    """One-sided p-values add to one; a narrower level gives a narrower interval."""
    values, arm, baseline = stack(1, 30, 3, seed=6)
    up = treatment_by_visit(values, arm, baseline, alternative=Alternative.GREATER, level=0.8)
    down = treatment_by_visit(values, arm, baseline, alternative=Alternative.LESS)
    assert up.differences.p_value + down.differences.p_value == pytest.approx(1.0)
    assert (up.differences.high < down.differences.high).all()


def test_covariates_move_means_to_their_average():
    """A covariate that is zero everywhere else changes nothing but the LS means' position."""
    values, arm, baseline = stack(1, 40, 3, seed=7)
    female = (np.arange(40) % 3 == 0).astype(float)[:, None]
    found = treatment_by_visit(values, arm, baseline, covariates=female)
    shifted = treatment_by_visit(values + 5.0 * female[None], arm, baseline, covariates=female)
    assert shifted.differences.estimate == pytest.approx(found.differences.estimate, abs=1e-7)
    assert shifted.names[-1] == "covariate1"


def test_an_arm_without_patients_is_a_diagnosis():
    """Two arms asked for, one there: columns of the other are aliased, results are NaN."""
    values, _, baseline = stack(2, 30, 3, seed=8)
    arm = np.stack([np.zeros(30), np.arange(30) % 2]).astype(int)
    found = treatment_by_visit(values, arm, baseline)
    assert found.diagnosis.tolist() == [Diagnosis.ALIASED_COLUMNS, Diagnosis.FITTED]
    assert np.isnan(found.differences.estimate[0]).all()
    assert np.isnan(found.means.p_value[0]).all()
    assert np.isfinite(found.differences.p_value[1]).all()


def test_a_stratum_without_patients_is_left_out():
    """Indicators that no patient has, or that follow from earlier ones, change nothing, bit for bit."""
    values, arm, baseline = stack(3, 40, 3, seed=9)
    strata = np.zeros((3, 40, 2))
    strata[:, :, 0] = np.arange(40) % 3 == 0
    strata[0, :, 1] = np.arange(40) % 3 == 1
    strata[1, :, 1] = 1.0 - strata[1, :, 0]
    found = treatment_by_visit(values, arm, baseline, covariates=strata)
    fewer = treatment_by_visit(values, arm, baseline, covariates=strata[..., :1])
    assert (found.diagnosis == Diagnosis.FITTED).all()
    assert found.left_out[:, -1].tolist() == [False, True, True]
    assert np.array_equal(found.differences.p_value[1:], fewer.differences.p_value[1:])
    assert np.isnan(found.coefficients[1:, -1]).all()
    assert np.isfinite(found.coefficients[0]).all()
    alone = treatment_by_visit(values[1], arm[1], baseline[1], covariates=strata[1])
    assert np.array_equal(alone.means.estimate[0], found.means.estimate[1])


def test_a_covariate_that_is_the_arm_is_not_left_out_in_silence():
    """Arm and stratum say the same: the effect of either cannot be told, and none is given."""
    values, arm, baseline = stack(1, 40, 3, seed=9)
    found = treatment_by_visit(values, arm, baseline, covariates=arm[0][:, None].astype(float))
    assert found.diagnosis[0] == Diagnosis.ALIASED_COLUMNS
    assert not found.left_out.any()
    assert np.isnan(found.differences.estimate).all()


def test_what_is_no_comparison_is_refused():
    """One arm in the whole stack, arms beyond their number, covariates of the wrong length."""
    values, arm, baseline = stack(1, 12, 3)
    with pytest.raises(InputError, match="needs two"):
        treatment_by_visit(values, np.zeros(12, dtype=int), baseline)
    with pytest.raises(InputError, match="goes up to 2"):
        treatment_by_visit(values, arm + 1, baseline, arms=2)
    with pytest.raises(InputError, match="'covariates' have shape"):
        treatment_by_visit(values, arm, baseline, covariates=np.ones((5, 1)))
