"""The posterior of a difference: against numerical integration of prior times likelihood, and by hand."""

import numpy as np
import pytest
from scipy import integrate, stats

from euexia.core.errors import InputError
from euexia.statistics.posterior_difference import NormalPrior, posterior

ESTIMATE, ERROR, FREEDOM = np.array([1.4]), np.array([0.8]), np.array([27.0])


def integrated(density, low, high):
    """Return the integral of an unnormalised density, the plainest way."""
    return integrate.quad(density, low, high, epsabs=1e-12)[0]


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (-0.5, 3.0), (2.0, 0.4)])
def test_a_normal_prior_agrees_with_prior_times_likelihood(mean, sd):
    def density(delta):
        return stats.norm.pdf(delta, mean, sd) * stats.norm.pdf(delta, ESTIMATE[0], ERROR[0])

    whole = integrated(density, -15, 15)
    found = posterior(ESTIMATE, ERROR, FREEDOM, NormalPrior(mean=mean, sd=sd))
    assert found.above(1.0)[0] == pytest.approx(integrated(density, 1.0, 15) / whole, rel=1e-8)
    low, high = found.interval(0.95)
    assert integrated(density, -15, low[0]) / whole == pytest.approx(0.025, rel=1e-7)
    assert integrated(density, high[0], 15) / whole == pytest.approx(0.025, rel=1e-7)
    assert integrated(density, -15, found.median[0]) / whole == pytest.approx(0.5, rel=1e-8)


def test_a_flat_prior_leaves_the_t_distribution_of_the_estimate():
    found = posterior(ESTIMATE, ERROR, FREEDOM)
    assert found.median[0] == 1.4
    assert found.interval(0.9)[1][0] == pytest.approx(stats.t.ppf(0.95, 27, 1.4, 0.8))
    assert found.above(0.0)[0] == pytest.approx(stats.t.sf(0.0, 27, 1.4, 0.8))


def test_a_posterior_by_hand():
    """Estimate 2 with error 1, prior 0 with sd 1: half way, variance 1/2."""
    found = posterior(np.array([2.0]), np.array([1.0]), FREEDOM, NormalPrior(mean=0.0, sd=1.0))
    assert found.median[0] == pytest.approx(1.0)
    assert found.scale[0] == pytest.approx(np.sqrt(0.5))


def test_a_wide_prior_says_nothing_and_a_narrow_one_everything():
    wide = posterior(ESTIMATE, ERROR, FREEDOM, NormalPrior(mean=0.0, sd=1e6))
    narrow = posterior(ESTIMATE, ERROR, FREEDOM, NormalPrior(mean=0.3, sd=1e-6))
    assert wide.median[0] == pytest.approx(1.4)
    assert narrow.median[0] == pytest.approx(0.3, abs=1e-5)


def test_a_trial_without_an_estimate_has_no_posterior():
    estimate, error = np.array([np.nan, 1.0, 1.0]), np.array([1.0, 0.0, np.nan])
    for prior in (None, NormalPrior(mean=0.0, sd=1.0)):
        found = posterior(estimate, error, np.full(3, 10.0), prior)
        assert np.isnan(found.median).all()
        assert np.isnan(found.above(0.0)).all()
        assert np.isnan(found.interval(0.95)).all()


def test_each_trial_of_a_stack_is_as_alone():
    rng = np.random.default_rng(3)
    estimate, error, freedom = rng.normal(size=40), rng.uniform(0.2, 2, 40), rng.uniform(3, 90, 40)
    for prior in (None, NormalPrior(mean=0.2, sd=0.7)):
        whole = posterior(estimate, error, freedom, prior)
        for one in range(40):
            alone = posterior(estimate[[one]], error[[one]], freedom[[one]], prior)
            assert alone.median[0] == whole.median[one]
            assert alone.above(0.3)[0] == whole.above(0.3)[one]
            assert alone.interval(0.95)[0][0] == whole.interval(0.95)[0][one]


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 0.0), (0.0, -1.0), (np.nan, 1.0), (0.0, np.inf)])
def test_a_prior_that_is_none_is_refused(mean, sd):
    with pytest.raises(InputError, match="says nothing"):
        posterior(ESTIMATE, ERROR, FREEDOM, NormalPrior(mean=mean, sd=sd))
