"""Reference-based imputation of a public trial: published estimates, and what R makes of the same data."""

import csv

import numpy as np
import pytest

from builders.antidepressant import TABLE, Antidepressant, antidepressant
from euexia.statistics import conditional_mean, multiple_imputation
from euexia.statistics.imputation_data import Strategy, prepare
from euexia.statistics.imputation_model import fit
from euexia.statistics.imputation_moments import moments
from euexia.statistics.pooling import pool
from euexia.statistics.posterior_draws import Draws, Prior

PUBLISHED = {
    Strategy.MISSING_AT_RANDOM: (-2.830, 1.123, -5.040, -0.610, 0.0128),
    Strategy.COPY_REFERENCE: (-2.394, 1.112, -4.592, -0.197, 0.0329),
    Strategy.JUMP_TO_REFERENCE: (-2.148, 1.135, -4.390, 0.095, 0.0603),
    Strategy.COPY_INCREMENTS: (-2.479, 1.112, -4.676, -0.282, 0.0273),
}
"""CAMIS (PSI and PHUSE), comparison of software, reference-based imputation by a joint model in R (rbmi) with
5,000 imputations: estimate, standard error, limits and p of drug - placebo at visit 7."""


@pytest.fixture(scope="module")
def trial() -> Antidepressant:
    return antidepressant()


def imputed(trial: Antidepressant, strategy: Strategy, **options):
    return multiple_imputation.estimate(
        trial.change,
        trial.baseline,
        trial.arm,
        trial.event,
        strategy,
        constant_covariates=trial.female,
        **options,
    )


def test_only_one_patient_has_a_gap(trial):
    """Patient 3618 missed visit 5 and came back: no event, imputed at random (description of the data)."""
    gaps = np.isnan(trial.change) & (np.arange(4) < trial.event[:, np.newaxis])
    assert [trial.patient[row] for row in np.flatnonzero(gaps.any(axis=1))] == ["3618"]
    assert trial.change.shape == (172, 4)


def test_the_imputation_model_is_the_mixed_model_of_all_observed(trial):
    """CAMIS, MMRM of all observed values: -2.829 (1.117); to 4 decimals -2.8287 (1.1166), -2 RLL 3492.915."""
    trials = prepare(trial.change, trial.baseline, trial.arm, constant_covariates=trial.female)
    sums = moments(trials, by_arm=False)
    model = fit(sums.layout, sums.products, sums.counts)
    columns = model.coefficients.shape[2]
    contrast = np.zeros(4 * columns)
    contrast[3 * columns : 3 * columns + 2] = -1.0, 1.0
    difference = contrast @ model.coefficients.ravel() * trials.scale[0]
    error = np.sqrt(contrast @ model.uncertainty[0] @ contrast) * trials.scale[0]
    assert difference == pytest.approx(-2.8287, abs=5e-5)
    assert error == pytest.approx(1.1166, abs=5e-5)


@pytest.mark.parametrize("strategy", PUBLISHED)
def test_five_hundred_imputations_agree_with_the_published_five_thousand(trial, strategy):
    """|difference| <= 0.05: 2.5 Monte-Carlo errors (0.018 at 500, 0.006 at 5,000); errors within 2 %."""
    result = imputed(trial, strategy, seed=20, imputations=500).pooled
    estimate, error, *_ = PUBLISHED[strategy]
    assert result.estimate[0] == pytest.approx(estimate, abs=0.05)
    assert result.standard_error[0] == pytest.approx(error, rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", PUBLISHED)
def test_five_thousand_imputations_agree_with_the_published_ones(trial, strategy):
    """|difference| <= 0.025: 3 Monte-Carlo errors of the difference of two runs, sqrt(2) x 0.006."""
    result = imputed(trial, strategy, seed=20, imputations=5000).pooled
    estimate, error, low, high, p_value = PUBLISHED[strategy]
    assert result.estimate[0] == pytest.approx(estimate, abs=0.025)
    assert result.standard_error[0] == pytest.approx(error, abs=0.01)
    assert (result.low[0], result.high[0]) == pytest.approx((low, high), abs=0.04)
    assert result.p_value[0] == pytest.approx(p_value, abs=0.003)


@pytest.mark.parametrize("strategy", PUBLISHED)
def test_conditional_means_are_the_limit_of_the_imputations(trial, strategy):
    """|difference| to 5,000 published imputations <= 0.02: 3 of their Monte-Carlo errors of 0.006."""
    result = conditional_mean.estimate(
        trial.change, trial.baseline, trial.arm, trial.event, strategy, constant_covariates=trial.female
    )
    assert result.estimate[0] == pytest.approx(PUBLISHED[strategy][0], abs=0.02)
    assert result.size[0] == 172
    assert result.imputed[0] == 43


def test_the_published_analysis_has_one_covariance_for_both_arms(trial):
    """With a covariance by arm the limit at random is -2.801, 5 Monte-Carlo errors (0.006) off."""
    published = PUBLISHED[Strategy.MISSING_AT_RANDOM][0]
    limits = [
        conditional_mean.estimate(
            trial.change,
            trial.baseline,
            trial.arm,
            constant_covariates=trial.female,
            by_arm=by_arm,
            jackknife=False,
        ).estimate[0]
        for by_arm in (False, True)
    ]
    assert abs(limits[0] - published) < 0.001
    assert abs(limits[1] - published) > 0.02


def test_a_jackknife_is_shorter_than_rubin_where_the_reference_is_borrowed(trial):
    """The frequentist error under jump to reference, 0.876, is well below Rubin's published 1.135."""
    given = (trial.change, trial.baseline, trial.arm, trial.event)
    errors = {
        strategy: conditional_mean.estimate(
            *given, strategy, constant_covariates=trial.female
        ).standard_error[0]
        for strategy in PUBLISHED
    }
    assert errors[Strategy.MISSING_AT_RANDOM] == pytest.approx(1.123, rel=0.01)
    assert errors[Strategy.JUMP_TO_REFERENCE] == pytest.approx(0.876, abs=0.001)
    assert errors[Strategy.JUMP_TO_REFERENCE] < errors[Strategy.COPY_REFERENCE] < 1.05


@pytest.mark.parametrize("draws", Draws)
@pytest.mark.parametrize("prior", Prior)
def test_ways_of_drawing_agree(trial, draws, prior):
    """Approximate and Bayesian draws describe the same uncertainty: within 3 % of each other's error."""
    result = imputed(
        trial, Strategy.JUMP_TO_REFERENCE, seed=3, imputations=300, draws=draws, prior=prior
    ).pooled
    assert result.estimate[0] == pytest.approx(-2.148, abs=0.07)
    assert result.standard_error[0] == pytest.approx(1.135, rel=0.03)


FOLDER = TABLE.parent
DATASETS = ("unbalanced", "heavily_missing", "tiny", "monotone")


def printed(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


def simulated(name: str):
    """Return values, baseline, arm, event of one of the simulated trials that R read."""
    rows = [row for row in printed("simulated.csv") if row["dataset"] == name]
    subjects, visits = (len({row[key] for row in rows}) for key in ("subject", "visit"))
    number = {subject: place for place, subject in enumerate(dict.fromkeys(row["subject"] for row in rows))}
    values, baseline = np.full((subjects, visits), np.nan), np.zeros(subjects)
    arm, event = np.zeros((2, subjects), dtype=np.int64)
    for row in rows:
        place = number[row["subject"]]
        if row["value"] != "NA":
            values[place, int(row["visit"]) - 1] = float(row["value"])
        baseline[place], arm[place] = float(row["baseline"]), int(row["arm"])
        event[place] = int(row["event"]) - 1
    return values, baseline, arm, event


def input_of(name: str, trial: Antidepressant):
    if name == "antidepressant":
        return (trial.change, trial.baseline, trial.arm, trial.event), trial.female
    return simulated(name), None


@pytest.mark.parametrize("name", [*DATASETS, "antidepressant"])
def test_the_model_is_that_of_r_s_generalised_least_squares(trial, name):
    """R 4.2.2, nlme 3.1-162, gls with corSymm and varIdent, REML (conditional_means.R): equal to 1e-4.

    gls stops at about that accuracy of the covariance; estimates agree to 1e-5 of their standard error.
    """
    given, constant = input_of(name, trial)
    trials = prepare(*given, constant_covariates=constant)
    sums = moments(trials, by_arm=False)
    model = fit(sums.layout, sums.products, sums.counts)
    expected = {
        row["quantity"]: float(row["value"]) for row in printed("mixed_models.csv") if row["dataset"] == name
    }
    visits, columns = model.coefficients.shape[1:]
    contrast = np.zeros((visits, columns))
    contrast[-1, :2] = -1.0, 1.0
    scale = trials.scale[0]
    error = np.sqrt(contrast.ravel() @ model.uncertainty[0] @ contrast.ravel()) * scale
    assert error == pytest.approx(expected["standard_error"], rel=1e-4)
    difference = (contrast * model.coefficients[0]).sum() * scale
    assert difference == pytest.approx(expected["difference"], abs=1e-5 * error)
    rows, places = np.triu_indices(visits)
    entries = [expected[f"covariance{number + 1}"] for number in range(rows.size)]
    np.testing.assert_allclose(model.covariance[0, 0][rows, places] * scale**2, entries, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", [*DATASETS, "antidepressant"])
@pytest.mark.parametrize("strategy", Strategy)
def test_conditional_means_are_those_written_out_in_r(trial, name, strategy):
    """The same strategies written out subject by subject on R's gls; jackknife for the simulated trials."""
    given, constant = input_of(name, trial)
    found = conditional_mean.estimate(*given, strategy, constant_covariates=constant)
    (row,) = (
        row
        for row in printed("conditional_means.csv")
        if (row["dataset"], row["strategy"]) == (name, strategy.value)
    )
    assert found.estimate[0] == pytest.approx(float(row["estimate"]), abs=2e-5)
    if row["jackknife"] != "NA":
        assert found.standard_error[0] == pytest.approx(float(row["jackknife"]), rel=1e-4)


def test_rubin_s_rules_are_those_of_mice():
    """R 4.2.2, mice 3.15.0, pool() of 50 analyses with 97 complete degrees of freedom: equal to 1e-8."""
    draws = printed("mice_draws.csv")
    found = pool(
        [float(row["estimate"]) for row in draws],
        [float(row["variance"]) for row in draws],
        complete_freedom=97.0,
    )
    expected = printed("mice.csv")[1]
    for name in ("estimate", "standard_error", "freedom", "p_value", "low", "high"):
        assert float(getattr(found, name)) == pytest.approx(float(expected[name]), rel=1e-8), name


def test_imputation_at_random_is_that_of_mice_on_monotone_dropout():
    """R 4.2.2, mice 3.15.0, method norm, 2,000 imputations, against as many by data augmentation.

    Estimates within 4 Monte-Carlo errors of the difference, standard errors within 4 % (sampling of the
    variance between imputations, and a prior that differs by up to 3 of 97 degrees of freedom).
    """
    found = multiple_imputation.estimate(
        *simulated("monotone"), seed=2022, imputations=2000, iterations=40, prior=Prior.JEFFREYS
    ).pooled
    expected = printed("mice.csv")[0]
    error = np.sqrt(2.0) * found.monte_carlo_error[0]
    assert found.estimate[0] == pytest.approx(float(expected["estimate"]), abs=4.0 * error)
    assert found.standard_error[0] == pytest.approx(float(expected["standard_error"]), rel=0.04)
    assert found.freedom[0] == pytest.approx(float(expected["freedom"]), rel=0.1)
