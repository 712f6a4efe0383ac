"""Ensemble Kalman inversion on models whose posterior is known."""

import numpy as np
import pytest

from euexia.core.errors import NumericalError
from euexia.core.streams import Purpose, normal
from euexia.study.calibration_ensemble import MOST_STEP, Data, advance, step_size

MEMBERS, NUMBERS, TARGETS = 2000, 4, 7


def linear() -> tuple[np.ndarray, Data]:
    """Return a linear model and data, all fixed."""
    model = normal(7, Purpose.PARAMETER, 0, np.arange(TARGETS)[:, None], 90, np.arange(NUMBERS)[None, :])
    value = normal(7, Purpose.PARAMETER, 0, np.arange(TARGETS), 91, 0)
    return model, Data(value=value, covariance=0.25 * np.eye(TARGETS) + 0.05)


def run(members: np.ndarray, model: np.ndarray, data: Data, seed: int = 1) -> np.ndarray:
    """Take every step of a linear model."""
    reached, number = 0.0, 0
    while reached < 1.0:
        step = advance(
            members, members @ model.T, data, reached=reached, seed=seed, ensemble=0, number=number
        )
        assert step.size <= MOST_STEP + 1e-12
        members, reached, number = step.members, step.reached, number + 1
    return members


def first(seed: int = 1) -> np.ndarray:
    """Return standard normal members."""
    return normal(seed, Purpose.PARAMETER, 0, np.arange(MEMBERS)[:, None], 92, np.arange(NUMBERS)[None, :])


def test_a_linear_model_gives_the_posterior_of_the_closed_form() -> None:
    """Reference: mean and covariance of the conjugate normal posterior, prior N(0, 1).

    With 2,000 members the Monte-Carlo error of a mean is 0.02 posterior SDs; 0.1 allows for the steps.
    """
    model, data = linear()
    precision = model.T @ np.linalg.solve(data.covariance, model) + np.eye(NUMBERS)
    covariance = np.linalg.inv(precision)
    mean = covariance @ model.T @ np.linalg.solve(data.covariance, data.value)
    members = run(first(), model, data)
    deviation = np.sqrt(np.diag(covariance))
    assert np.abs((members.mean(axis=0) - mean) / deviation).max() < 0.1
    assert np.abs(members.std(axis=0) / deviation - 1).max() < 0.06
    correlation = covariance / np.outer(deviation, deviation)
    assert np.abs(np.corrcoef(members, rowvar=False) - correlation).max() < 0.06


def test_a_number_that_nothing_depends_on_keeps_its_prior() -> None:
    """What data do not speak of must stay as uncertain as it was (SD 1, within Monte-Carlo error)."""
    model, data = linear()
    model = model.copy()
    model[:, 2] = 0.0
    members = run(first(), model, data)
    assert members[:, 2].std() == pytest.approx(1.0, abs=0.06)


def test_the_same_seed_gives_the_same_bits_and_another_one_others() -> None:
    """Chance is addressed."""
    model, data = linear()
    np.testing.assert_array_equal(run(first(), model, data), run(first(), model, data))
    assert not np.array_equal(run(first(), model, data), run(first(), model, data, seed=2))


def test_a_few_members_that_fail_are_replaced_and_many_are_refused_by_number() -> None:
    """A member with NaN starts again between two others; a fifth of them is an error that says how many."""
    model, data = linear()
    members = first()[:100]
    said = members @ model.T
    said[:3] = np.nan
    step = advance(members, said, data, reached=0.0, seed=1, ensemble=0, number=0)
    assert step.failed == 3
    assert np.isfinite(step.members).all()
    said[:20] = np.nan
    with pytest.raises(NumericalError, match="20 of 100 members failed in step 0"):
        advance(members, said, data, reached=0.0, seed=1, ensemble=0, number=0)


def test_the_last_step_ends_at_one() -> None:
    """A small misfit would allow a long step; none goes beyond the posterior."""
    assert step_size(np.array([1.0, 1.1, 0.9]), 7, 0.95) == pytest.approx(0.05)
