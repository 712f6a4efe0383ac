"""The imputation model and conditional means: against slow and plain ways, alone and in a stack."""

import numpy as np
import pytest

from builders.longitudinal import dropout_trials
from euexia.statistics import conditional_mean, imputation_reference, mmrm
from euexia.statistics.imputation_data import Strategy, dropout_visit, prepare
from euexia.statistics.imputation_model import fit
from euexia.statistics.imputation_moments import moments, sweep
from euexia.statistics.posterior_draws import leave_one_out, without_one

SAME = (
    "estimate",
    "standard_error",
    "delta_effect",
    "leave_one_out",
    "leave_one_out_delta",
    "low",
    "p_value",
)


def plain(values, baseline, arm, event, strategy):
    """Return one trial as the plain methods want it, baseline about its mean for numerical ease."""
    return imputation_reference.DataSet(
        values=values,
        covariates=(baseline - baseline.mean())[:, np.newaxis],
        arm=arm,
        event=event,
        strategy=strategy,
    )


def small_trials(count=2, per_arm=10, visits=3, **options):
    return dropout_trials(count, per_arm, visits=visits, seed=5, leaving=-1.5, **options)


def test_inverse_and_determinant_of_positive_definite_matrices():
    """Against LAPACK; singular and indefinite matrices are told."""
    random = np.random.default_rng(3)
    half = random.normal(size=(5, 4, 6))
    matrices = half @ half.transpose(0, 2, 1)
    inverse, log_determinant, positive = sweep(matrices)
    np.testing.assert_allclose(inverse, np.linalg.inv(matrices), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(log_determinant, np.linalg.slogdet(matrices)[1], rtol=1e-10)
    assert positive.all()
    bad = np.array([[[1.0, 1.0], [1.0, 1.0]], [[1.0, 2.0], [2.0, 1.0]], [[0.0, 0.0], [0.0, 2.0]]])
    assert not sweep(bad)[2].any()


@pytest.mark.parametrize("restricted", [True, False])
def test_scoring_finds_what_em_finds(restricted):
    """Two trials with dropout and gaps; EM runs until it stands still (1e-12), scoring to 1e-9."""
    values, baseline, arm, event = small_trials(gaps=0.1)
    trials = prepare(values, baseline, arm, event, Strategy.JUMP_TO_REFERENCE)
    sums = moments(trials, by_arm=False)
    found = fit(sums.layout, sums.products, sums.counts, restricted=restricted)
    assert found.fine.all()
    for k in range(2):
        data = plain(values[k], baseline[k], arm[k], event[k], Strategy.JUMP_TO_REFERENCE)
        coefficients, covariance = imputation_reference.fit_by_em(data, restricted=restricted)
        np.testing.assert_allclose(found.covariance[k, 0] * trials.scale[k] ** 2, covariance, rtol=1e-6)
        means = found.coefficients[k, :, :2] * trials.scale[k] + trials.centre[k]
        np.testing.assert_allclose(means, coefficients[:, :2], rtol=1e-6)


def test_monotone_maximum_likelihood_is_a_chain_of_regressions():
    """With dropout alone the likelihood factors (textbook) into regressions on design and earlier visits."""
    values, baseline, arm, event = small_trials(count=1, per_arm=20, gaps=0.0)
    trials = prepare(values, baseline, arm, event, Strategy.COPY_REFERENCE)
    sums = moments(trials, by_arm=False)
    sigma = fit(sums.layout, sums.products, sums.counts, restricted=False).covariance[0, 0]
    outcome, design = trials.outcome[0], trials.design[0]
    for visit in range(3):
        seen = ~np.isnan(outcome[:, visit])
        columns = np.concatenate([design, outcome[:, :visit]], axis=1)[seen]
        slopes, squares, *_ = np.linalg.lstsq(columns, outcome[seen, visit], rcond=None)
        before = sigma[:visit, :visit]
        regression = np.linalg.solve(before, sigma[:visit, visit]) if visit else np.zeros(0)
        np.testing.assert_allclose(regression, slopes[3:], rtol=1e-6, atol=1e-8)
        assert sigma[visit, visit] - regression @ sigma[:visit, visit] == pytest.approx(
            squares[0] / seen.sum(), rel=1e-6
        )


def test_covariance_by_arm_is_that_of_each_arm_alone():
    """Without covariates arms share nothing, so two fits of one arm each say the same."""
    values, _, arm, event = small_trials(count=1, per_arm=20, gaps=0.1)
    trials = prepare(values, np.zeros((1, 40, 0)), arm, event, Strategy.COPY_REFERENCE)
    sums = moments(trials, by_arm=True)
    both = fit(sums.layout, sums.products, sums.counts)
    for code in (0, 1):
        data = imputation_reference.DataSet(
            values=values[0, arm[0] == code],
            covariates=np.zeros((20, 0)),
            arm=np.zeros(20, dtype=np.int64),
            event=event[0, arm[0] == code],
            strategy=Strategy.COPY_REFERENCE,
        )
        _, alone = imputation_reference.fit_by_em(data)
        np.testing.assert_allclose(both.covariance[0, code] * trials.scale[0] ** 2, alone, rtol=1e-6)


@pytest.mark.parametrize("by_arm", [False, True])
def test_the_imputation_model_is_the_mixed_model_for_repeated_measures(by_arm):
    """The package's own MMRM, another implementation, on the same values: covariance and REML to 1e-6."""
    values, baseline, arm, event = dropout_trials(3, 25, seed=17, gaps=0.08)
    trials = prepare(values, baseline, arm, event)
    sums = moments(trials, by_arm=by_arm)
    found = fit(sums.layout, sums.products, sums.counts)
    design = np.einsum("jv,tsc->tsjvc", np.eye(4), trials.design).reshape(3, 50, 4, -1)
    judge = mmrm.fit(trials.outcome, design, groups=arm if by_arm else None)
    np.testing.assert_allclose(found.covariance, judge.sigma, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.coefficients.reshape(3, -1), judge.coefficients, atol=1e-6)
    np.testing.assert_allclose(found.uncertainty, judge.coefficient_covariance, atol=1e-6)


@pytest.mark.parametrize("strategy", Strategy)
def test_conditional_means_and_jackknife_agree_with_the_plain_way(strategy):
    """20 subjects, 21 fits by EM; estimates agree to 1e-5 of their standard error."""
    values, baseline, arm, event = small_trials(count=1)
    expected, error, without = imputation_reference.jackknife(
        plain(values[0], baseline[0], arm[0], event[0], strategy)
    )
    result = conditional_mean.estimate(values[0], baseline[0], arm[0], event[0], strategy)
    assert result.diagnosis_text == ("estimated",)
    assert result.estimate[0] == pytest.approx(expected, abs=1e-5 * error)
    assert result.standard_error[0] == pytest.approx(error, rel=1e-5)
    np.testing.assert_allclose(result.leave_one_out[0], without, atol=1e-4 * error)


@pytest.mark.parametrize("by_arm", [False, True])
@pytest.mark.parametrize("jackknife", [False, True])
def test_a_trial_gives_the_same_bits_alone_and_in_a_stack(by_arm, jackknife, monkeypatch):
    """Neighbours with other patterns of missing visits change nothing, whatever the chunk."""
    values, baseline, arm, event = dropout_trials(3, 24, seed=8, gaps=0.04)
    options = {"strategy": Strategy.COPY_INCREMENTS, "by_arm": by_arm, "jackknife": jackknife}
    stack = conditional_mean.estimate(values, baseline, arm, event, **options)
    monkeypatch.setattr(conditional_mean, "_FITS_AT_ONCE", 2)
    pieces = conditional_mean.estimate(values, baseline, arm, event, **options)
    for name in SAME:
        np.testing.assert_array_equal(getattr(stack, name), getattr(pieces, name))
    for k in range(3):
        alone = conditional_mean.estimate(values[k], baseline[k], arm[k], event[k], **options)
        for name in SAME:
            np.testing.assert_array_equal(getattr(stack, name)[k], getattr(alone, name)[0])


def test_leaving_one_out_from_the_full_fit_is_leaving_one_out():
    """Walking from the full fit ends where a fit from the beginning ends, to 1e-6 of the variance."""
    values, baseline, arm, event = dropout_trials(2, 30, seed=9)
    trials = prepare(values, baseline, arm, event, Strategy.JUMP_TO_REFERENCE)
    near = without_one(trials, by_arm=True)
    sums = moments(trials, by_arm=True)
    products, counts = sums.without_one(slice(None))
    fresh = fit(sums.layout, products, counts)
    assert near.fine.all()
    np.testing.assert_allclose(near.covariance, fresh.covariance, atol=2e-6)
    np.testing.assert_allclose(near.coefficients, fresh.coefficients, atol=2e-6)
    full = fit(sums.layout, sums.products, sums.counts)
    again = leave_one_out(sums, full, restricted=True)
    np.testing.assert_array_equal(near.covariance, again.covariance)


def test_units_do_not_matter():
    """Grams instead of kilograms: a thousand times the estimate and its error."""
    values, baseline, arm, event = dropout_trials(1, 25, seed=2)
    one = conditional_mean.estimate(values, baseline, arm, event, Strategy.LAST_MEAN_CARRIED_FORWARD)
    other = conditional_mean.estimate(
        1000.0 * values, 7.0 - baseline, arm, event, Strategy.LAST_MEAN_CARRIED_FORWARD
    )
    np.testing.assert_allclose(other.estimate, 1000.0 * one.estimate, rtol=1e-8)
    np.testing.assert_allclose(other.standard_error, 1000.0 * one.standard_error, rtol=1e-5)


def test_nothing_missing_is_plain_ancova():
    """Complete data: the ANCOVA of the last visit; the jackknife is that of least squares (by hand)."""
    random = np.random.default_rng(0)
    arm = np.repeat([0, 1], 15)
    baseline, values = random.normal(size=30), random.normal(size=(30, 3))
    result = conditional_mean.estimate(values, baseline, arm, strategy=Strategy.MISSING_AT_RANDOM)
    design = np.column_stack([arm == 0, arm == 1, baseline]).astype(float)

    def difference(kept):
        return np.linalg.lstsq(design[kept], values[kept, -1], rcond=None)[0] @ [-1.0, 1.0, 0.0]

    without = np.array([difference(np.arange(30) != k) for k in range(30)])
    assert result.estimate[0] == pytest.approx(difference(np.ones(30, dtype=bool)), rel=1e-9)
    assert result.standard_error[0] == pytest.approx(
        np.sqrt(29.0 / 30.0 * ((without - without.mean()) ** 2).sum()), rel=1e-9
    )
    assert result.imputed[0] == 0


def test_values_after_the_event_are_kept_but_do_not_inform_the_model():
    """An outlier after the event moves the analysis by its own weight and no imputed value."""
    values, baseline, arm, event = dropout_trials(1, 25, seed=2, gaps=0.0)
    subject = int(np.flatnonzero((event[0] == 2) & (arm[0] == 1))[0])
    values[0, subject, 2:] = 3.0
    with_mild = conditional_mean.estimate(values, baseline, arm, event, Strategy.JUMP_TO_REFERENCE)
    values[0, subject, 3] = 13.0
    with_high = conditional_mean.estimate(values, baseline, arm, event, Strategy.JUMP_TO_REFERENCE)
    design = np.column_stack([arm[0] == 0, arm[0] == 1, baseline[0]]).astype(float)
    weight = (np.linalg.pinv(design).T @ [-1.0, 1.0, 0.0])[subject]
    assert with_high.estimate[0] - with_mild.estimate[0] == pytest.approx(10.0 * weight, rel=1e-6)


def test_empty_places_of_a_trial_are_nobody():
    """A place with arm -1 gives the estimate of the trial without it."""
    values, baseline, arm, event = dropout_trials(1, 20, seed=4)
    full = conditional_mean.estimate(values, baseline, arm, event, Strategy.COPY_REFERENCE)
    padded = [
        np.concatenate([part, part[:, :3]], axis=1)
        for part in (values, np.full_like(baseline, np.nan), arm, event)
    ]
    padded[1][:, :40], padded[2][:, 40:] = baseline, -1
    result = conditional_mean.estimate(*padded, Strategy.COPY_REFERENCE)
    np.testing.assert_allclose(result.estimate, full.estimate, rtol=1e-10)
    np.testing.assert_allclose(result.standard_error, full.standard_error, rtol=1e-6)
    assert result.size[0] == 40
    assert np.isnan(result.leave_one_out[0, 40:]).all()


def test_dropout_is_told_from_gaps():
    """Seen at the last visit, gone after the first, a gap and gone, never seen: by hand."""
    nan = np.nan
    values = [[1.0, nan, 2.0], [1.0, nan, nan], [nan, 1.0, nan], [nan, nan, nan]]
    assert dropout_visit(values).tolist() == [3, 1, 2, 0]


@pytest.mark.slow
@pytest.mark.parametrize("strategy", [Strategy.MISSING_AT_RANDOM, Strategy.JUMP_TO_REFERENCE])
def test_errors_of_the_first_kind_are_kept_under_informative_dropout(strategy):
    """No effect, 46 % gone at the last visit, 50 per arm, 600 trials: up to 5 % and 2.6 Monte-Carlo errors.

    The jackknife errs on the long side (here by 6 to 13 %, told to 3 %), never far on the short.
    """
    trials = dropout_trials(600, 50, seed=50, effect=0.0, leaving=-1.6, gaps=0.0)
    result = conditional_mean.estimate(*trials, strategy)
    assert not result.diagnosis.any()
    assert (result.p_value < 0.05).mean() <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 600)
    assert 0.94 < result.standard_error.mean() / result.estimate.std() < 1.2


def test_three_arms_share_the_model_and_two_are_compared():
    """Arm 2 against arm 1 with arm 1 as reference, against the plain way; strategies per subject."""
    values, baseline, arm, event = (part[0] for part in dropout_trials(1, 27, visits=3, seed=31))
    arm = np.arange(54) % 3
    data = imputation_reference.DataSet(
        values=values,
        covariates=(baseline - 20.0)[:, np.newaxis],
        arm=arm,
        event=event,
        strategy=Strategy.COPY_INCREMENTS,
        reference=1,
        treated=2,
    )
    chosen = np.full(54, str(Strategy.COPY_INCREMENTS))
    result = conditional_mean.estimate(values, baseline, arm, event, chosen, reference=1, treated=2)
    assert result.estimate[0] == pytest.approx(
        imputation_reference.conditional_mean_estimate(data), abs=1e-5 * result.standard_error[0]
    )
