"""Logistic models against R; script, input, raw output and origin in reference/logistic."""

import numpy as np
import pytest

from builders.expected import read_columns, read_expected
from euexia.statistics import logistic
from euexia.statistics.diagnosis import Diagnosis
from euexia.statistics.logistic import Variance

EXPECTED = read_expected("logistic", "logistic.csv")
INPUT = read_columns("logistic", "input.csv")


def cases(quantity):
    return sorted(case for case, found in EXPECTED.items() if quantity in found)


def data(case):
    columns = {key: column[np.newaxis] for key, column in INPUT[case].items()}
    model = {"covariates": [columns["x"]], "factors": [columns["site"].astype(int)]}
    return columns["y"], columns["arm"].astype(int), model


@pytest.mark.parametrize("case", cases("profile"))
def test_the_odds_ratio_agrees_with_glm(case):
    """glm: coefficient equal to 1e-8; the profile interval by root finding equal to 1e-7.

    glm's covariance is that of its last step but one, so errors are equal to 1e-7 only.
    """
    y, arm, model = data(case)
    found = logistic.odds_ratio(y, arm, **model)
    estimate, error = EXPECTED[case]["log_odds_ratio"]
    assert np.log(found.estimate[0]) == pytest.approx(estimate, rel=1e-8)
    assert found.error[0] == pytest.approx(error, rel=1e-7)
    limits = (np.log(found.low[0]), np.log(found.high[0]))
    assert limits == pytest.approx(tuple(EXPECTED[case]["profile"]), abs=1e-7)
    assert limits == pytest.approx(tuple(EXPECTED[case]["confint"]), abs=2e-3)


@pytest.mark.parametrize("case", cases("risks"))
@pytest.mark.parametrize("variance", Variance)
def test_marginal_risks_agree_with_r(case, variance):
    """Predictions of glm averaged over all; covariance from numerical derivatives or as printed; to 1e-6."""
    y, arm, model = data(case)
    arms = EXPECTED[case]["risks"].size
    found = logistic.marginal_risks(y, arm, arms=arms, **model, variance=variance)
    assert found.risks[0] == pytest.approx(EXPECTED[case]["risks"], rel=1e-8)
    assert found.covariance[0].ravel() == pytest.approx(EXPECTED[case][variance.value], rel=1e-6, abs=1e-10)


@pytest.mark.parametrize("case", cases("firth"))
def test_firths_penalty_agrees_with_a_general_optimiser(case):
    """Penalised likelihood by optim with numerical gradients, so to 1e-4 only; its profile to 2e-3.

    Where responses are completely separated the profile far out has several maxima, and from different starts
    the limit -7.41 moves by 0.03.
    """
    y, arm, model = data(case)
    found = logistic.odds_ratio(y, arm, **model, firth=True)
    estimate, error = EXPECTED[case]["firth"]
    assert np.log(found.estimate[0]) == pytest.approx(estimate, abs=1e-4)
    assert found.error[0] == pytest.approx(error, rel=1e-4)
    limits = (np.log(found.low[0]), np.log(found.high[0]))
    assert limits == pytest.approx(
        tuple(EXPECTED[case]["firth_profile"]), abs=0.05 if case == "separated" else 2e-3
    )


@pytest.mark.parametrize(
    ("case", "diagnosis"),
    [("quasi_separated", Diagnosis.PARTLY_SEPARATED), ("separated", Diagnosis.SEPARATED)],
)
def test_separation_is_named_and_not_estimated(case, diagnosis):
    """Where glm prints coefficients near infinity with a warning, nothing is estimated."""
    y, arm, model = data(case)
    odds = logistic.odds_ratio(y, arm, **model)
    marginal = logistic.marginal_risk_difference(y, arm, **model)
    for found in (odds, marginal):
        assert found.diagnosis[0] == diagnosis
        assert np.isnan([found.estimate[0], found.low[0], found.high[0], found.p_value[0]]).all()


def test_a_stack_gives_the_same_bits_as_each_case_alone():
    """Cases of different sizes and fates, one of them separated, in one stack and alone."""
    chosen = ["plain", "small", "quasi_separated", "rare"]
    widest = max(INPUT[case]["y"].size for case in chosen)

    def filled(key, empty):
        return np.stack(
            [
                np.concatenate([INPUT[case][key], np.full(widest - INPUT[case][key].size, empty)])
                for case in chosen
            ]
        )

    y, arm, x, site = filled("y", np.nan), filled("arm", -1), filled("x", np.nan), filled("site", -1)
    for firth in (False, True):
        for method in (logistic.odds_ratio, logistic.marginal_risk_difference):
            stack = method(y, arm, covariates=[x], factors=[site.astype(int)], firth=firth)
            for place in range(len(chosen)):
                here = slice(place, place + 1)
                alone = method(
                    y[here], arm[here], covariates=[x[here]], factors=[site[here].astype(int)], firth=firth
                )
                for name in stack.__slots__:
                    np.testing.assert_array_equal(getattr(stack, name)[place], getattr(alone, name)[0])
