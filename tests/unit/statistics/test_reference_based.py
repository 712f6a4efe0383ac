"""Joint distributions under the strategies, and what follows for the missing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euexia.statistics.imputation_data import Strategy
from euexia.statistics.reference_based import joint_covariance, joint_mean, regression_on_observed

OWN = np.array([[1.0], [2.0], [3.0], [4.0]])
REFERENCE = np.array([[0.5], [0.7], [0.9], [1.1]])


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Strategy.MISSING_AT_RANDOM, [1.0, 2.0, 3.0, 4.0]),
        (Strategy.JUMP_TO_REFERENCE, [1.0, 2.0, 0.9, 1.1]),
        (Strategy.COPY_REFERENCE, [0.5, 0.7, 0.9, 1.1]),
        (Strategy.COPY_INCREMENTS, [1.0, 2.0, 2.2, 2.4]),
        (Strategy.LAST_MEAN_CARRIED_FORWARD, [1.0, 2.0, 2.0, 2.0]),
    ],
)
def test_means_by_hand(strategy, expected):
    """An event before the third of four visits; worked by hand from the definitions."""
    np.testing.assert_allclose(joint_mean(OWN, REFERENCE, 2, strategy)[:, 0], expected)


def test_means_when_the_event_is_before_the_first_visit():
    """Everything then is the reference's; the last mean has nowhere to come from."""
    for strategy in (Strategy.JUMP_TO_REFERENCE, Strategy.COPY_REFERENCE, Strategy.COPY_INCREMENTS):
        np.testing.assert_allclose(joint_mean(OWN, REFERENCE, 0, strategy), REFERENCE)
    np.testing.assert_allclose(joint_mean(OWN, REFERENCE, 0, Strategy.MISSING_AT_RANDOM), OWN)
    assert np.isnan(joint_mean(OWN, REFERENCE, 0, Strategy.LAST_MEAN_CARRIED_FORWARD)).all()


@pytest.mark.parametrize("strategy", Strategy)
def test_without_an_event_only_copy_reference_leaves_the_own_arm(strategy):
    expected = REFERENCE if strategy is Strategy.COPY_REFERENCE else OWN
    np.testing.assert_allclose(joint_mean(OWN, REFERENCE, 4, strategy), expected)


def covariance(seed):
    half = np.random.default_rng(seed).normal(size=(4, 7))
    return half @ half.T / 7.0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 3))
def test_jumping_keeps_the_past_and_takes_the_reference_s_regression(seed, event):
    """Carpenter, Roger and Kenward 2013: history own, regression and residual those of the reference."""
    own, reference = covariance(seed), covariance(seed + 5000)
    joint = joint_covariance(own, reference, event, Strategy.JUMP_TO_REFERENCE)
    before, after = slice(0, event), slice(event, 4)
    np.testing.assert_allclose(joint, joint.T)
    np.testing.assert_allclose(joint[before, before], own[before, before])
    assert (np.linalg.eigvalsh(joint) > 0.0).all()
    for matrix in (joint, reference):
        slope = np.linalg.solve(matrix[before, before], matrix[before, after])
        residual = matrix[after, after] - slope.T @ matrix[before, after]
        if matrix is joint:
            found = slope, residual
    np.testing.assert_allclose(found[0], slope, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found[1], residual, rtol=1e-6, atol=1e-8)


def test_one_covariance_for_all_arms_is_not_changed_by_any_strategy():
    for strategy in Strategy:
        for event in range(5):
            np.testing.assert_allclose(
                joint_covariance(covariance(1), covariance(1), event, strategy), covariance(1), rtol=1e-9
            )


def test_regression_on_what_was_observed_is_that_of_the_normal_distribution():
    """Against solving by LAPACK, visits 0 and 2 of four observed; nobody and everybody observed."""
    matrix = covariance(2)
    weights, residual = regression_on_observed(matrix, (0, 2))
    seen, gone = [0, 2], [1, 3]
    slope = np.linalg.solve(matrix[np.ix_(seen, seen)], matrix[np.ix_(seen, gone)]).T
    np.testing.assert_allclose(weights[np.ix_(gone, seen)], slope)
    np.testing.assert_allclose(
        residual[np.ix_(gone, gone)], matrix[np.ix_(gone, gone)] - slope @ matrix[np.ix_(seen, gone)]
    )
    assert not weights[seen].any()
    np.testing.assert_allclose(regression_on_observed(matrix, ())[1], matrix)
    assert not regression_on_observed(matrix, (0, 1, 2, 3))[1].any()
