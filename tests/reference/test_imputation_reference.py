"""Reference-based imputation of a public trial: published estimates, and what R makes of the same data."""

import numpy as np
import pytest

from builders.antidepressant import Antidepressant, antidepressant
from euexia.statistics import conditional_mean, multiple_imputation
from euexia.statistics.imputation_data import Strategy, prepare
from euexia.statistics.imputation_model import fit
from euexia.statistics.imputation_moments import moments
from euexia.statistics.posterior_draws import Draws, Prior

PUBLISHED = {
    Strategy.MISSING_AT_RANDOM: (-2.830, 1.123, -5.040, -0.610, 0.0128),
    Strategy.COPY_REFERENCE: (-2.394, 1.112, -4.592, -0.197, 0.0329),
    Strategy.JUMP_TO_REFERENCE: (-2.148, 1.135, -4.390, 0.095, 0.0603),
    Strategy.COPY_INCREMENTS: (-2.479, 1.112, -4.676, -0.282, 0.0273),
}
"""CAMIS (PSI and PHUSE), comparison of software, reference-based imputation by a joint model in R (rbmi) with
5,000 imputations: estimate, standard error, limits and p of drug - placebo at visit 7."""


@pytest.fixture(scope="module")
def trial() -> Antidepressant:
    return antidepressant()


def imputed(trial: Antidepressant, strategy: Strategy, **options):
    return multiple_imputation.estimate(
        trial.change,
        trial.baseline,
        trial.arm,
        trial.event,
        strategy,
        constant_covariates=trial.female,
        **options,
    )


def test_only_one_patient_has_a_gap(trial):
    """Patient 3618 missed visit 5 and came back: no event, imputed at random (description of the data)."""
    gaps = np.isnan(trial.change) & (np.arange(4) < trial.event[:, np.newaxis])
    assert [trial.patient[row] for row in np.flatnonzero(gaps.any(axis=1))] == ["3618"]
    assert trial.change.shape == (172, 4)


def test_the_imputation_model_is_the_mixed_model_of_all_observed(trial):
    """CAMIS, MMRM of all observed values: -2.829 (1.117); to 4 decimals -2.8287 (1.1166), -2 RLL 3492.915."""
    trials = prepare(trial.change, trial.baseline, trial.arm, constant_covariates=trial.female)
    sums = moments(trials, by_arm=False)
    model = fit(sums.layout, sums.products, sums.counts)
    columns = model.coefficients.shape[2]
    contrast = np.zeros(4 * columns)
    contrast[3 * columns : 3 * columns + 2] = -1.0, 1.0
    difference = contrast @ model.coefficients.ravel() * trials.scale[0]
    error = np.sqrt(contrast @ model.uncertainty[0] @ contrast) * trials.scale[0]
    assert difference == pytest.approx(-2.8287, abs=5e-5)
    assert error == pytest.approx(1.1166, abs=5e-5)


@pytest.mark.parametrize("strategy", PUBLISHED)
def test_five_hundred_imputations_agree_with_the_published_five_thousand(trial, strategy):
    """|difference| <= 0.05: 2.5 Monte-Carlo errors (0.018 at 500, 0.006 at 5,000); errors within 2 %."""
    result = imputed(trial, strategy, seed=20, imputations=500).pooled
    estimate, error, *_ = PUBLISHED[strategy]
    assert result.estimate[0] == pytest.approx(estimate, abs=0.05)
    assert result.standard_error[0] == pytest.approx(error, rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", PUBLISHED)
def test_five_thousand_imputations_agree_with_the_published_ones(trial, strategy):
    """|difference| <= 0.025: 3 Monte-Carlo errors of the difference of two runs, sqrt(2) x 0.006."""
    result = imputed(trial, strategy, seed=20, imputations=5000).pooled
    estimate, error, low, high, p_value = PUBLISHED[strategy]
    assert result.estimate[0] == pytest.approx(estimate, abs=0.025)
    assert result.standard_error[0] == pytest.approx(error, abs=0.01)
    assert (result.low[0], result.high[0]) == pytest.approx((low, high), abs=0.04)
    assert result.p_value[0] == pytest.approx(p_value, abs=0.003)


@pytest.mark.parametrize("strategy", PUBLISHED)
def test_conditional_means_are_the_limit_of_the_imputations(trial, strategy):
    """|difference| to 5,000 published imputations <= 0.02: 3 of their Monte-Carlo errors of 0.006."""
    result = conditional_mean.estimate(
        trial.change, trial.baseline, trial.arm, trial.event, strategy, constant_covariates=trial.female
    )
    assert result.estimate[0] == pytest.approx(PUBLISHED[strategy][0], abs=0.02)
    assert result.size[0] == 172
    assert result.imputed[0] == 43


@pytest.mark.parametrize("draws", Draws)
@pytest.mark.parametrize("prior", Prior)
def test_ways_of_drawing_agree(trial, draws, prior):
    """Approximate and Bayesian draws describe the same uncertainty: within 3 % of each other's error."""
    result = imputed(
        trial, Strategy.JUMP_TO_REFERENCE, seed=3, imputations=300, draws=draws, prior=prior
    ).pooled
    assert result.estimate[0] == pytest.approx(-2.148, abs=0.07)
    assert result.standard_error[0] == pytest.approx(1.135, rel=0.03)
