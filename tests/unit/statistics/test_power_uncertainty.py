"""Expected power and its error, shares of its variance, the value of knowing: against closed forms."""

import numpy as np
import pytest

from euexia.statistics.power_uncertainty import (
    beta_of,
    chance_above,
    conditional_mean,
    expected_better,
    shares,
    split,
    value_of_knowing,
)


def test_the_variance_of_the_power_is_told_from_monte_carlo():
    """P uniform on 0.2..0.8: variance 0.6^2/12 = 0.03; 10 trials add mean(p (1-p)) / 10 = 0.022."""
    generator = np.random.default_rng(1)
    powers = generator.uniform(0.2, 0.8, 40_000)
    seen = generator.binomial(10, powers) / 10
    found = split(seen, 10)
    assert found.variance == pytest.approx(0.03, rel=0.03)
    assert found.monte_carlo == pytest.approx(0.022, rel=0.03)
    assert found.expected == pytest.approx(0.5, abs=0.005)
    assert found.error**2 == pytest.approx(found.error_of_draws**2 + found.error_of_trials**2)


def test_powers_that_are_all_alike_have_no_variance():
    found = split(np.full(50, 0.5), 10)
    assert found.variance == 0
    assert chance_above(0.5, 0.0, 0.8) == 0
    assert chance_above(0.9, 0.0, 0.8) == 1


def test_a_uniform_power_is_a_beta_distribution():
    """Uniform on 0..1: mean 1/2, variance 1/12; above 0.8 with 0.2; E max(p, 1/2) = 5/8."""
    assert beta_of(1 / 2, 1 / 12) == pytest.approx((1.0, 1.0))
    assert chance_above(1 / 2, 1 / 12, 0.8) == pytest.approx(0.2)
    assert expected_better(1 / 2, 1 / 12, 1 / 2) == pytest.approx(5 / 8)


def test_shares_of_an_additive_power():
    """P = 0.5 + 0.3 a + 0.15 b on uniform -1..1: variances 0.03 and 0.0075, shares 0.8 and 0.2, c none."""
    generator = np.random.default_rng(2)
    numbers = generator.uniform(-1, 1, (4000, 3))
    powers = 0.5 + 0.3 * numbers[:, 0] + 0.15 * numbers[:, 1]
    seen = generator.binomial(20, powers) / 20
    rows = generator.integers(0, 4000, (60, 4000))
    one, two, none = shares(numbers, seen, 20, limit=0.5, resamples=rows)
    assert one.index == pytest.approx(0.8, abs=4 * one.index_error)
    assert two.index == pytest.approx(0.2, abs=4 * two.index_error)
    assert abs(none.index) < 0.02
    assert one.slope == pytest.approx(0.54, abs=0.04)
    # knowing a: E max(0.5 + 0.3 a, 0.5) - 0.5 = 0.3 E max(a, 0) = 0.075
    assert one.value == pytest.approx(0.075, abs=0.006)
    assert none.value < 0.005


def test_a_number_without_effect_is_drawn_in_to_the_mean():
    generator = np.random.default_rng(3)
    rank = (np.arange(50) + 0.5) / 50
    drawn = [conditional_mean(rank, generator.normal(size=50)) for _ in range(200)]
    adjusted = [share for _, share in drawn]
    assert np.mean(adjusted) == pytest.approx(0, abs=0.015)
    assert all(np.ptp(fitted) == pytest.approx(0) for fitted, share in drawn if share <= 0)


def test_knowing_is_worth_nothing_when_it_never_changes_the_decision():
    assert value_of_knowing(np.array([0.85, 0.9]), 0.8) == pytest.approx(0)
    assert value_of_knowing(np.array([0.1, 0.2]), 0.8) == pytest.approx(0)
    assert value_of_knowing(np.array([0.6, 1.0]), 0.8) == pytest.approx(0.1)
