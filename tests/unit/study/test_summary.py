"""Summaries over trials: errors by closed form, and no trace of how the trials were cut into blocks."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from euexia.study import summary
from euexia.study.block import BINS, SeriesBlock, _reduce_series, limits_of


def test_error_of_a_share():
    """Binomial: 30 of 100 trials, standard error sqrt(0.3 * 0.7 / 100) = 0.0458."""
    estimate = summary.proportion(np.arange(100) < 30)
    assert estimate.value == pytest.approx(0.3)
    assert estimate.error == pytest.approx(0.045826, abs=1e-6)
    assert estimate.trials == 100


def test_error_of_a_mean_leaves_out_trials_without_a_value():
    """Values 1, 2, 3: mean 2, standard deviation 1, standard error 1 / sqrt(3)."""
    estimate = summary.mean(np.array([1.0, np.nan, 2.0, 3.0]))
    assert (estimate.value, estimate.trials) == (2.0, 3)
    assert estimate.error == pytest.approx(1 / np.sqrt(3))
    assert np.isnan(summary.mean(np.array([np.nan])).value)


def test_error_of_a_ratio_is_the_binomial_one_for_equal_arms():
    """With equal arms the delta-method error comes near sqrt(p (1 - p) / patients)."""
    generator = np.random.default_rng(1)
    patients = np.full(4000, 50)
    responders = generator.binomial(50, 0.2, 4000)
    estimate = summary.ratio(responders, patients)
    assert estimate.error == pytest.approx(np.sqrt(0.2 * 0.8 / (4000 * 50)), rel=0.05)


def _series(values, arm, arms=2):
    one_hot = arm[..., None] == np.arange(arms)
    return _reduce_series(np.arange(values.shape[-1], dtype=float), values, one_hot, "body_weight")


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_blocking_leaves_no_trace(cut, seed):
    generator = np.random.default_rng(seed)
    values = generator.normal(65, 10, (6, 9, 3))
    values[generator.random(values.shape) < 0.2] = np.nan
    arm = generator.integers(0, 2, (6, 9))
    whole = _series(values, arm)
    parts = [_series(values[:cut], arm[:cut]), _series(values[cut:], arm[cut:])]
    for name in ("count", "total", "square"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert_array_equal(joined, getattr(whole, name))
    assert_array_equal(parts[0].histogram + parts[1].histogram, whole.histogram)


def test_series_agrees_with_numpy():
    """Mean, standard deviation and median of 5000 weights, against NumPy on the same values."""
    generator = np.random.default_rng(2)
    values = generator.normal(65, 8, (50, 100, 2))
    arm = np.zeros((50, 100), dtype=int)

    @dataclasses.dataclass
    class OneBlock:
        series: dict[str, SeriesBlock]

    found = summary._series("body_weight", [OneBlock({"body_weight": _series(values, arm)})])[0]
    flat = values.reshape(-1, 2)
    low, high = limits_of("body_weight")
    assert_allclose(found.mean, flat.mean(axis=0), rtol=1e-12)
    assert_allclose(found.sd, flat.std(axis=0, ddof=1), rtol=1e-9)
    assert_allclose(found.quantiles["0.5"], np.median(flat, axis=0), atol=(high - low) / BINS)
    assert_array_equal(found.count, [5000, 5000])
