"""Draws, completed data sets and Rubin's rules."""

import numpy as np
import pytest
from scipy import stats

from builders.longitudinal import dropout_trials
from euexia.statistics import conditional_mean, imputation_reference, multiple_imputation
from euexia.statistics.imputation_data import Strategy
from euexia.statistics.pooling import Direction, Responder, pool, pool_responses
from euexia.statistics.posterior_draws import Address, Draws, Prior, inverse_wishart

SEED = 11


@pytest.fixture(scope="module")
def trial():
    return tuple(part[0] for part in dropout_trials(1, 40, seed=3))


def test_rubin_s_rules_number_by_number():
    """Against the rules written out in plain Python."""
    random = np.random.default_rng(1)
    estimates, variances = random.normal(1.0, 0.3, 20), random.uniform(0.1, 0.2, 20)
    found = pool(estimates, variances, 57.0)
    expected = imputation_reference.rubin(estimates, variances, 57.0)
    assert (float(found.estimate), float(found.standard_error), float(found.freedom)) == pytest.approx(
        expected
    )
    quantile = stats.t.ppf(0.975, expected[2])
    assert float(found.high - found.estimate) == pytest.approx(quantile * expected[1])
    assert float(found.p_value) == pytest.approx(2.0 * stats.t.sf(expected[0] / expected[1], expected[2]))


def test_nothing_imputed_leaves_the_complete_analysis():
    """Without variance between imputations: (57 + 1)/(57 + 3) 57 degrees of freedom (Barnard and Rubin)."""
    found = pool(np.full(5, 2.0), np.full(5, 0.25), 57.0)
    assert float(found.standard_error) == 0.5
    assert float(found.freedom) == pytest.approx(58.0 / 60.0 * 57.0)
    assert float(found.missing_information) == 0.0
    assert np.isinf(pool(np.full(5, 2.0), np.full(5, 0.25)).freedom)


def test_the_same_seed_gives_the_same_bits_however_it_is_cut(trial, monkeypatch):
    """More imputations, other chunks or a place in a stack change no completed value."""
    options = {"strategy": Strategy.JUMP_TO_REFERENCE, "seed": SEED, "iterations": 12}
    for draws in Draws:
        many = multiple_imputation.complete(*trial, **options, imputations=12, draws=draws)
        few = multiple_imputation.complete(*trial, **options, imputations=5, draws=draws)
        np.testing.assert_array_equal(many.values[:5], few.values)
        with monkeypatch.context() as patch:
            patch.setattr(multiple_imputation, "_DRAWS_AT_ONCE", 3)
            pieces = multiple_imputation.complete(*trial, **options, imputations=12, draws=draws)
        np.testing.assert_array_equal(many.values, pieces.values)
    other = multiple_imputation.complete(*trial, Strategy.JUMP_TO_REFERENCE, seed=SEED + 1, imputations=5)
    assert (other.values[:, few.missing] != few.values[:, few.missing]).all()


def test_a_trial_gives_the_same_bits_alone_and_in_a_stack():
    values, baseline, arm, event = dropout_trials(3, 20, seed=6, gaps=0.08)
    options = {"strategy": Strategy.COPY_REFERENCE, "seed": SEED, "imputations": 8, "iterations": 10}
    stack = multiple_imputation.estimate(values, baseline, arm, event, **options)
    for k in range(3):
        alone = multiple_imputation.estimate(
            values[k], baseline[k], arm[k], event[k], first_trial=k, **options
        )
        np.testing.assert_array_equal(stack.estimates[k], alone.estimates[0])
        assert stack.pooled.p_value[k] == alone.pooled.p_value[0]


def test_what_was_observed_stays(trial):
    completed = multiple_imputation.complete(*trial, seed=SEED, imputations=4)
    seen = ~np.isnan(trial[0])
    np.testing.assert_allclose(completed.values[:, seen], np.broadcast_to(trial[0][seen], (4, seen.sum())))
    assert not np.isnan(completed.values).any()
    np.testing.assert_array_equal(completed.missing, ~seen)


@pytest.mark.parametrize("strategy", Strategy)
def test_imputations_scatter_about_the_conditional_means(trial, strategy):
    """400 imputations: their mean within 4 Monte-Carlo errors of the deterministic estimate."""
    pooled = multiple_imputation.estimate(*trial, strategy, seed=SEED, imputations=400, iterations=25).pooled
    limit = conditional_mean.estimate(*trial, strategy, jackknife=False)
    assert abs(pooled.estimate[0] - limit.estimate[0]) < 4.0 * pooled.monte_carlo_error[0]


def test_data_augmentation_agrees_with_exact_monotone_draws():
    """Dropout alone, at random: exact draws visit by visit exist (plain way).

    800 draws of each kind: means within 4 Monte-Carlo errors, standard deviations of the estimates within
    12 % (4 errors of 1/sqrt(2 x 800) each, and priors that differ by 3 of 77 degrees of freedom).
    """
    values, baseline, arm, event = (
        part[0] for part in dropout_trials(1, 40, seed=12, gaps=0.0, leaving=-1.5)
    )
    data = imputation_reference.DataSet(
        values=values,
        covariates=(baseline - 20.0)[:, np.newaxis],
        arm=arm,
        event=event,
        strategy=Strategy.MISSING_AT_RANDOM,
    )
    random = np.random.default_rng(7)
    exact = np.array(
        [
            imputation_reference.ancova_difference(
                data, imputation_reference.monotone_draw(data, random)[:, -1]
            )
            for _ in range(800)
        ]
    )
    found = multiple_imputation.estimate(
        values, baseline, arm, event, seed=SEED, imputations=800, iterations=25, prior=Prior.JEFFREYS
    )
    scale = exact.std() / np.sqrt(800.0)
    assert abs(found.estimates.mean() - exact.mean()) < 4.0 * np.sqrt(2.0) * scale
    assert found.estimates.std() == pytest.approx(exact.std(), rel=0.12)


def test_longer_chains_tell_nothing_new(trial):
    """From 15 to 60 iterations the spread of the estimates stays, within 12 % (3 Monte-Carlo errors)."""
    spread = [
        multiple_imputation.estimate(*trial, seed=SEED, imputations=800, iterations=length).estimates.std()
        for length in (15, 60)
    ]
    assert spread[0] == pytest.approx(spread[1], rel=0.12)


def test_inverse_wishart_has_its_mean():
    """E = R / (nu - p - 1) (textbook); 20,000 draws, entries within 5 %."""
    squares = np.array([[40.0, 10.0, 0.0], [10.0, 30.0, -5.0], [0.0, -5.0, 20.0]])
    address = Address(seed=SEED, trial=0, draws=np.arange(20_000))
    drawn = inverse_wishart(np.broadcast_to(squares, (20_000, 3, 3)), 25.0, address, 0)
    np.testing.assert_allclose(drawn.mean(axis=0), squares / 21.0, rtol=0.02, atol=0.02)
    assert (np.linalg.eigvalsh(drawn) > 0.0).all()


def test_responders_are_told_from_imputed_values(trial):
    """A gain of at least 15 % of baseline: shares and difference pooled as written out by hand."""
    rule = Responder(threshold=15.0, direction=Direction.AT_LEAST, percent=True)
    options = {"strategy": Strategy.JUMP_TO_REFERENCE, "seed": SEED, "imputations": 40, "iterations": 10}
    result = multiple_imputation.estimate(*trial, **options, responder=rule)
    completed = multiple_imputation.complete(*trial, **options).values[:, :, -1]
    responds = 100.0 * completed / trial[1] >= 15.0
    shares = [responds[:, trial[2] == code].mean(axis=1) for code in (1, 0)]
    found = result.responses[0]
    assert found is not None
    assert float(found.difference.estimate) == pytest.approx((shares[0] - shares[1]).mean())
    within = sum((share * (1.0 - share) / 40.0).mean() for share in shares)
    between = (shares[0] - shares[1]).var(ddof=1)
    assert float(found.difference.standard_error) == pytest.approx(np.sqrt(within + 1.025 * between))
    by_function = multiple_imputation.estimate(
        *trial, **options, responder=lambda change, baseline: change >= 0.15 * baseline
    )
    assert by_function.responses[0] is not None
    assert float(by_function.responses[0].treated.estimate) == float(found.treated.estimate)


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        (Direction.AT_LEAST, [False, True, True]),
        (Direction.ABOVE, [False, False, True]),
        (Direction.AT_MOST, [True, True, False]),
        (Direction.BELOW, [True, False, False]),
    ],
)
def test_sides_of_a_threshold(direction, expected):
    rule = Responder(threshold=2.0, direction=direction)
    assert rule(np.array([1.0, 2.0, 3.0]), np.ones(3)).tolist() == expected


def test_everybody_responds():
    """A share of 1 has no variance, and none is invented."""
    pooled = pool_responses(np.ones((3, 10), dtype=bool), np.repeat([0, 1], 5), 1, 0, 0.95)
    assert float(pooled.difference.estimate) == 0.0
    assert float(pooled.difference.p_value) == 1.0
