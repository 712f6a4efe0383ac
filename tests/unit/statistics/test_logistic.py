"""Logistic models: closed forms, separation, and what cannot be estimated."""

import numpy as np
import pytest

from euexia.core.errors import InputError
from euexia.statistics import logistic
from euexia.statistics.diagnosis import Diagnosis
from euexia.statistics.logistic import Variance, marginal_risks, odds_ratio, risk_difference, risk_ratio
from euexia.statistics.separation import separation


def table(x1, n1, x0, n0):
    """Return responses and arms of a table of two arms, as a stack of one trial."""
    response = np.repeat([1.0, 0.0, 1.0, 0.0], [x1, n1 - x1, x0, n0 - x0])[np.newaxis]
    arm = np.repeat([1, 1, 0, 0], [x1, n1 - x1, x0, n0 - x0])[np.newaxis]
    return response, arm


def test_without_covariates_it_is_the_table():
    """7/20 against 3/18: rates, differences and odds are those of the table; Woolf's error."""
    y, arm = table(7, 20, 3, 18)
    found = marginal_risks(y, arm, arms=2, variance=Variance.DELTA)
    assert found.risks[0] == pytest.approx([3 / 18, 7 / 20], rel=1e-10)
    variance = 7 / 20 * 13 / 20 / 20 + 3 / 18 * 15 / 18 / 18
    assert risk_difference(found).error[0] ** 2 == pytest.approx(variance, rel=1e-9)
    assert risk_ratio(found).estimate[0] == pytest.approx((7 / 20) / (3 / 18), rel=1e-10)
    odds = odds_ratio(y, arm, profile=False)
    assert odds.estimate[0] == pytest.approx(7 * 15 / (13 * 3), rel=1e-10)
    assert odds.error[0] ** 2 == pytest.approx(1 / 7 + 1 / 13 + 1 / 3 + 1 / 15, rel=1e-9)


def test_firths_penalty_without_covariates_adds_half_a_patient():
    """Of a saturated model Firth's penalty adds 1/2 to each cell, here of 0/10 against 5/10."""
    y, arm = table(0, 10, 5, 10)
    assert odds_ratio(y, arm).diagnosis[0] == Diagnosis.PARTLY_SEPARATED
    found = odds_ratio(y, arm, firth=True, profile=False)
    assert found.estimate[0] == pytest.approx(0.5 * 5.5 / (10.5 * 5.5), rel=1e-7)


def test_separation_by_hand():
    constant = np.ones(6)
    x = np.arange(6.0)
    design = np.column_stack([constant, x])
    assert separation(design, (x > 2).astype(float)) == Diagnosis.SEPARATED
    assert separation(design, np.array([0.0, 1, 0, 1, 0, 1])) == Diagnosis.FINE
    ties = np.column_stack([constant, [0.0, 0, 1, 1, 1, 2]])
    assert separation(ties, np.array([0.0, 0, 0, 1, 1, 1])) == Diagnosis.PARTLY_SEPARATED


def faulty():
    """Return a stack: fine, nobody, an empty arm, an infinite covariate, confounding, one outcome."""
    y, arm = (np.repeat(part, 6, axis=0).copy() for part in table(7, 20, 6, 20))
    rng = np.random.default_rng(1)
    x, site = rng.normal(size=y.shape), rng.integers(0, 2, y.shape)
    y[1] = np.nan
    y[2, arm[2] == 0] = np.nan
    x[3, 0] = np.inf
    site[4] = arm[4]
    y[5] = 0.0
    return y, arm, x, site


def test_every_fault_is_named():
    y, arm, x, site = faulty()
    for method in (odds_ratio, logistic.marginal_risk_difference):
        found = method(y, arm, covariates=[x], factors=[site])
        assert found.diagnosis.tolist() == [
            Diagnosis.FINE,
            Diagnosis.NOBODY,
            Diagnosis.EMPTY_ARM,
            Diagnosis.INFINITE_VALUE,
            Diagnosis.CONFOUNDED,
            Diagnosis.ONE_OUTCOME,
        ]
        assert np.isfinite(found.low[0])
        assert np.isnan(found.estimate[1:]).all()
        assert np.isnan(found.p_value[1:]).all()


def test_a_covariate_that_is_constant_is_left_out():
    y, arm = table(7, 20, 3, 18)
    plain, flat = (odds_ratio(y, arm, covariates=c) for c in ([], [np.full(y.shape, 1e6 / 3)]))
    np.testing.assert_allclose(
        [flat.estimate, flat.low, flat.high], [plain.estimate, plain.low, plain.high], rtol=1e-12
    )


def test_responses_other_than_yes_and_no_are_refused():
    with pytest.raises(InputError, match="other than 0, 1"):
        odds_ratio([[0.0, 1.0, 2.0]], [[0, 1, 1]])


@pytest.mark.slow
def test_the_robust_interval_covers():
    """2,000 trials of 200 with a wrong model (a squared covariate left out): coverage 95 % within 4 errors.

    The truth is the mean difference of risks over the distribution of the covariate, from a million draws.
    """
    rng = np.random.default_rng(8)
    trials, size = 2000, 200

    def chance(arm, x):
        return 1 / (1 + np.exp(-(-0.5 + 0.8 * arm + 0.7 * x + 0.5 * x**2 - 0.4 * arm * x)))

    many = rng.normal(size=1_000_000)
    truth = (chance(1, many) - chance(0, many)).mean()
    x, arm = rng.normal(size=(trials, size)), rng.integers(0, 2, (trials, size))
    y = (rng.random((trials, size)) < chance(arm, x)).astype(float)
    found = logistic.marginal_risk_difference(y, arm, covariates=[x])
    covered = ((found.low <= truth) & (truth <= found.high)).mean()
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / trials)
