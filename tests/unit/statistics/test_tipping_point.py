"""Delta adjustment: linear, the same by both ways of imputing, and found where p meets the level."""

import numpy as np
import pytest

from builders.longitudinal import dropout_trials
from euexia.core.errors import InputError
from euexia.statistics import conditional_mean, multiple_imputation, tipping_point
from euexia.statistics.imputation_data import Strategy


@pytest.fixture(scope="module")
def trials():
    return dropout_trials(3, 40, seed=21, effect=-2.5)


@pytest.fixture(scope="module")
def result(trials):
    return conditional_mean.estimate(*trials, Strategy.MISSING_AT_RANDOM)


@pytest.mark.parametrize("cumulative", [False, True])
def test_delta_moves_the_estimate_as_shifting_the_imputed_values_does(trials, cumulative):
    """By hand: the imputed values of the last visit shifted, by visits since the event if cumulative."""
    result = conditional_mean.estimate(*trials, Strategy.COPY_REFERENCE, cumulative_delta=cumulative)
    values, baseline, arm, event = (part[0] for part in trials)
    design = np.column_stack([arm == 0, arm == 1, baseline]).astype(float)
    weight = np.linalg.pinv(design).T @ [-1.0, 1.0, 0.0]
    times = np.where(np.isnan(values[:, -1]) & (event <= 3), 4.0 - event if cumulative else 1.0, 0.0)
    np.testing.assert_allclose(
        result.delta_effect[0],
        [(weight * times)[arm == 0].sum(), (weight * times)[arm == 1].sum()],
        rtol=1e-8,
    )


def test_shifted_jackknife_is_the_jackknife_of_shifted_estimates(result):
    value, error, _ = tipping_point.shifted_estimate(result, 1.5, -0.5)
    expected = result.leave_one_out + result.leave_one_out_delta @ [-0.5, 1.5]
    np.testing.assert_allclose(value, result.estimate + result.delta_effect @ [-0.5, 1.5])
    deviation = expected - expected.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(error, np.sqrt(79.0 / 80.0 * (deviation**2).sum(axis=1)))


def test_no_delta_is_the_estimate_itself(result):
    surface = tipping_point.surface(result, [0.0, 1.0], [0.0, 2.0])
    assert surface.estimate.shape == (3, 2, 2)
    np.testing.assert_allclose(surface.estimate[:, 0, 0], result.estimate)
    np.testing.assert_allclose(surface.standard_error[:, 0, 0], result.standard_error)
    np.testing.assert_allclose(surface.p_value[:, 0, 0], result.p_value)


def test_at_the_tipping_point_p_meets_the_level(result):
    """Significant trials tip at 0.05 exactly (60 halvings); one that is not significant tips at 0."""
    found = tipping_point.tipping_point(result, 40.0)
    significant = result.p_value < 0.05
    assert significant.any()
    assert found.tips[~significant].all()
    np.testing.assert_array_equal(found.delta[~significant], 0.0)
    np.testing.assert_allclose(found.p_value[significant & found.tips], 0.05, rtol=1e-6)
    before = tipping_point.shifted_estimate(result, found.delta * 0.99, 0.0)[2]
    assert (before[significant & found.tips] < 0.05).all()


def test_no_tipping_point_within_the_limit(result):
    found = tipping_point.tipping_point(result, -0.01)
    significant = result.p_value < 0.05
    assert np.isnan(found.delta[significant]).all()
    assert not found.tips[significant].any()
    np.testing.assert_allclose(found.p_value[significant], result.p_value[significant])


def test_multiple_imputation_with_delta_is_one_point_of_its_surface(trials):
    values, baseline, arm, event = (part[0] for part in trials)
    options = {"strategy": Strategy.JUMP_TO_REFERENCE, "seed": 4, "imputations": 30, "iterations": 10}
    completed = multiple_imputation.complete(values, baseline, arm, event, **options)
    surface = tipping_point.imputed_surface(completed, [0.0, 1.0, 3.0], [0.0, -1.0], cumulative=True)
    one = multiple_imputation.estimate(
        values, baseline, arm, event, **options, delta=(-1.0, 3.0), cumulative_delta=True
    ).pooled
    assert surface.estimate[0, 2, 1] == pytest.approx(one.estimate[0])
    assert surface.p_value[0, 2, 1] == pytest.approx(one.p_value[0])
    np.testing.assert_allclose(
        np.diff(surface.estimate[0, :, 0]) / [1.0, 2.0], surface.estimate[0, 1, 0] - surface.estimate[0, 0, 0]
    )


def test_tipping_points_of_both_ways_lie_close(trials, result):
    """Rubin's variance is at least the jackknife's under MAR to within a few per cent, so tips lie close."""
    values, baseline, arm, event = (part[0] for part in trials)
    completed = multiple_imputation.complete(
        values, baseline, arm, event, seed=4, imputations=200, iterations=15
    )
    imputed = tipping_point.imputed_tipping_point(completed, 40.0)
    means = tipping_point.tipping_point(result, 40.0)
    assert imputed.tips[0]
    assert imputed.p_value[0] == pytest.approx(0.05, rel=1e-6)
    assert imputed.delta[0] == pytest.approx(means.delta[0], rel=0.25)


def test_limits_and_levels_are_checked(result):
    with pytest.raises(InputError, match="'limit' is 0"):
        tipping_point.tipping_point(result, 0.0)
    with pytest.raises(InputError, match="'significance' is 5"):
        tipping_point.tipping_point(result, 1.0, significance=5.0)
    with pytest.raises(InputError, match="finite"):
        tipping_point.surface(result, [np.nan])
