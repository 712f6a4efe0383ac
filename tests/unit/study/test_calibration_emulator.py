"""The emulator on functions that are known."""

import numpy as np
import pytest

from euexia.core.streams import Purpose, normal
from euexia.study.calibration_emulator import learn
from euexia.study.calibration_ensemble import Data
from euexia.study.calibration_prior import Prior, Scale

SETS, NUMBERS = 300, 4
PRIOR = Prior(
    names=("a", "b", "c", "d"),
    scales=(Scale.PLAIN,) * NUMBERS,
    mean=np.array([1.0, 0.0, -2.0, 5.0]),
    sd=np.array([0.5, 1.0, 2.0, 0.1]),
    low=np.zeros(NUMBERS),
    high=np.ones(NUMBERS),
)


def quadratic(free: np.ndarray) -> np.ndarray:
    """Return two figures that are quadratic in scaled numbers."""
    z = (free - PRIOR.mean) / PRIOR.sd
    return np.stack([1 + 2 * z[:, 0] - z[:, 1] * z[:, 2], 3 + z[:, 3] ** 2], axis=1)


def noise() -> np.ndarray:
    """Return noise of SD 0.2, addressed."""
    return 0.2 * normal(3, Purpose.PARAMETER, 0, np.arange(SETS)[:, None], 93, np.arange(2)[None, :])


def test_a_quadratic_model_comes_out_of_noisy_sets_and_the_error_is_the_noise() -> None:
    """Reference: the function itself; with 300 sets and 15 features noise of 0.2 leaves about 0.05."""
    free = PRIOR.draws(SETS, 1, 1)
    emulator = learn(PRIOR, free, quadratic(free) + noise())
    fresh = PRIOR.draws(100, 2, 1)
    assert np.abs(emulator(fresh) - quadratic(fresh)).mean() < 0.06
    assert emulator.error == pytest.approx([0.2, 0.2], rel=0.15)


def test_sets_that_failed_are_left_out() -> None:
    """NaN in one figure leaves the whole set out, and nothing else changes."""
    free = PRIOR.draws(SETS, 1, 1)
    said = quadratic(free)
    said[:5, 0] = np.nan
    np.testing.assert_array_equal(
        learn(PRIOR, free, said).coefficients, learn(PRIOR, free[5:], said[5:]).coefficients
    )


def test_its_error_is_added_to_what_is_compared_with() -> None:
    """Variances add."""
    free = PRIOR.draws(SETS, 1, 1)
    emulator = learn(PRIOR, free, quadratic(free) + noise())
    found = emulator.data(Data(value=np.zeros(2), covariance=np.eye(2)))
    np.testing.assert_allclose(np.diag(found.covariance), 1 + emulator.error**2)
