"""The likelihood by patterns against that patient by patient, and its derivatives by differences."""

import numpy as np
import pytest

from builders.repeated import judged_design, stack
from euexia.statistics.covariance import entries, from_entries
from euexia.statistics.mmrm_likelihood import curvature, evaluate, sweep
from euexia.statistics.mmrm_moments import buckets, moments, pattern_codes, subject_designs
from euexia.statistics.mmrm_reference import generalised_least_squares, minus_twice_log_likelihood

VISITS = 3


@pytest.fixture
def trial():
    values, arm, baseline = stack(1, 25, VISITS, seed=5, missing=0.2)
    design, names = judged_design(arm[0].astype(float), baseline[0], VISITS)
    ((_, written),) = subject_designs(design[None], tuple(names))
    codes = pattern_codes(values, np.zeros((1, 25), dtype=np.int64))
    ((_, patterns),) = buckets(codes, 1, VISITS)
    return values[0], design, moments(values, written.columns, codes, patterns, written.lift, 1)


SIGMA = np.array([[4.0, 2.0, 1.0], [2.0, 6.0, 3.0], [1.0, 3.0, 9.0]])


@pytest.mark.parametrize("restricted", [True, False])
def test_value_is_that_of_the_definition(trial, restricted):
    """One matrix per patient (mmrm_reference) and sums by pattern: the same to rounding."""
    values, design, sums = trial
    found = evaluate(sums, SIGMA[None, None], restricted=restricted)
    expected = minus_twice_log_likelihood(values, design, SIGMA, restricted=restricted)
    beta, covariance = generalised_least_squares(values, design, SIGMA)
    assert found.objective[0] == pytest.approx(expected, rel=1e-11)
    assert found.coefficients[0] == pytest.approx(beta, rel=1e-8)
    assert found.spread[0] == pytest.approx(covariance, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("restricted", [True, False])
def test_gradient_and_hessian_by_differences(trial, restricted):
    """Central differences of the definition, step 1e-3 of entries of size 1-9: relative error about 1e-6."""
    values, design, sums = trial
    value = evaluate(sums, SIGMA[None, None], restricted=restricted)
    shape = curvature(sums, value, restricted=restricted)
    point = entries(SIGMA)
    moves = 1e-3 * np.eye(point.size)

    def objective(at):
        return minus_twice_log_likelihood(values, design, from_entries(at, VISITS), restricted=restricted)

    gradient = [(objective(point + move) - objective(point - move)) / 2e-3 for move in moves]
    assert shape.gradient[0] == pytest.approx(gradient, rel=1e-4, abs=1e-5)
    hessian = [
        [
            (
                objective(point + one + two)
                - objective(point + one - two)
                - objective(point - one + two)
                + objective(point - one - two)
            )
            / 4e-6
            for two in moves
        ]
        for one in moves
    ]
    assert shape.observed[0] == pytest.approx(np.array(hessian), rel=1e-3, abs=1e-4)

    def spread(at):
        return generalised_least_squares(values, design, from_entries(at, VISITS))[1]

    slopes = [(spread(point + move) - spread(point - move)) / 2e-3 for move in moves]
    assert shape.slopes[0] == pytest.approx(np.array(slopes), rel=1e-4, abs=1e-6)


def test_expected_information_is_the_mean_of_the_observed(trial):
    """Over data drawn from the model the Hessians average to the expected one, within Monte-Carlo error."""
    values, design, _ = trial
    draw = np.random.default_rng(3)
    factor = np.linalg.cholesky(SIGMA)
    trials = 2000
    drawn = draw.normal(size=(trials, *values.shape)) @ factor.T
    drawn[:, np.isnan(values)] = np.nan
    ((_, written),) = subject_designs(design[None], tuple(f"x{k}" for k in range(design.shape[2])))
    codes = pattern_codes(drawn, np.zeros(drawn.shape[:2], dtype=np.int64))
    ((_, patterns),) = buckets(codes, 1, VISITS)
    columns = np.broadcast_to(written.columns, (trials, *written.columns.shape[1:]))
    many = moments(drawn, columns, codes, patterns, written.lift, 1)
    sigma = np.broadcast_to(SIGMA, (trials, 1, VISITS, VISITS))
    shape = curvature(many, evaluate(many, sigma, restricted=True), restricted=True)
    error = shape.observed.std(axis=0) / np.sqrt(trials)
    assert (np.abs(shape.observed.mean(axis=0) - shape.expected[0]) < 4.5 * error + 1e-12).all()


def test_sweep_inverts_and_notices():
    """Inverse and determinant as NumPy's; what is not positive definite is said to be so."""
    matrices = np.stack(
        [SIGMA, np.eye(3), np.diag([1.0, -1.0, 1.0]), np.ones((3, 3)), np.full((3, 3), np.nan)]
    )
    inverse, logarithm, positive = sweep(matrices)
    assert positive.tolist() == [True, True, False, False, False]
    assert inverse[0] == pytest.approx(np.linalg.inv(SIGMA), rel=1e-12)
    assert logarithm[0] == pytest.approx(np.linalg.slogdet(SIGMA)[1], rel=1e-12)


def test_equal_columns_are_kept_once():
    """Arm by visit and baseline by visit are 1, arm and baseline of the patient, lifted to the visits."""
    values, arm, baseline = stack(2, 12, 3)
    eye = np.eye(3)
    parts = [np.ones_like(baseline), arm, baseline]
    design = np.concatenate([part[..., None, None] * eye for part in parts], axis=-1)
    ((places, written),) = subject_designs(design, tuple("abcdefghi"))
    assert places.tolist() == [0, 1]
    assert written.columns.shape == (2, 12, 3)
    rebuilt = np.einsum("nik,atk->nita", written.columns, written.lift)
    assert np.array_equal(rebuilt, design)
    assert values.shape == (2, 12, 3)
