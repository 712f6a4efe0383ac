"""Rank tests and shifts against R; script, input, raw output and origin in reference/ranks."""

import numpy as np
import pytest

from builders.expected import read_columns, read_expected
from euexia.statistics.location_shift import Route, hodges_lehmann, mann_whitney
from euexia.statistics.proportions import Alternative
from euexia.statistics.ranked_ancova import conover_iman, quade, stratified_rank_ancova
from euexia.statistics.stratified_scores import van_elteren

EXPECTED = read_expected("ranks", "ranks.csv")
INPUT = read_columns("ranks", "input.csv")
SIDES = (Alternative.TWO_SIDED, Alternative.GREATER, Alternative.LESS)


def cases(quantity):
    return sorted(case for case, found in EXPECTED.items() if quantity in found)


def data(case):
    columns = {key: column[np.newaxis] for key, column in INPUT[case].items()}
    treated = columns["treated"] == 1
    return columns["y"], treated, ~treated, columns["x"], columns["stratum"].astype(int)


@pytest.mark.parametrize("case", cases("u"))
def test_the_asymptotic_test_agrees_with_wilcox_test(case):
    """wilcox.test(exact = FALSE), with and without continuity correction, ties corrected; equal to 1e-10."""
    y, treated, controls, *_ = data(case)
    for correct, name in ((True, "asymptotic_corrected"), (False, "asymptotic")):
        for side, p_value in zip(SIDES, EXPECTED[case][name], strict=True):
            found = mann_whitney(
                y, treated, controls, alternative=side, route=Route.ASYMPTOTIC, correct=correct
            )
            assert found.statistic[0] == EXPECTED[case]["u"][0]
            assert found.p_value[0] == pytest.approx(p_value, rel=1e-10)


@pytest.mark.parametrize("case", cases("exact"))
def test_the_exact_test_agrees_with_wilcox_test(case):
    """wilcox.test(exact = TRUE) of values without ties; both enumerate, equal to 1e-10."""
    y, treated, controls, *_ = data(case)
    for side, p_value in zip(SIDES, EXPECTED[case]["exact"], strict=True):
        found = mann_whitney(y, treated, controls, alternative=side)
        assert found.exact[0]
        assert found.p_value[0] == pytest.approx(p_value, rel=1e-10)


@pytest.mark.parametrize("case", cases("coin_exact"))
def test_the_exact_test_with_ties_agrees_with_coin(case):
    """coin::wilcox_test(distribution = 'exact') permutes the midranks; equal to 1e-9."""
    y, treated, controls, *_ = data(case)
    for side, p_value in zip(SIDES, EXPECTED[case]["coin_exact"], strict=True):
        found = mann_whitney(y, treated, controls, alternative=side, route=Route.EXACT)
        assert found.p_value[0] == pytest.approx(p_value, rel=1e-9)


@pytest.mark.parametrize("case", cases("hodges_lehmann"))
def test_the_exact_shift_agrees_with_wilcox_test(case):
    """wilcox.test(conf.int = TRUE, conf.level = 0.9): order statistics of the differences, equal to 1e-12.

    Of three against four no pair of order statistics but the outermost has 90 %, and R and we give those.
    """
    y, treated, controls, *_ = data(case)
    found = hodges_lehmann(y, treated, controls, level=0.9)
    limits = (found.estimate[0], found.low[0], found.high[0])
    assert limits == pytest.approx(tuple(EXPECTED[case]["hodges_lehmann"]), rel=1e-12)
    assert found.level[0] >= 0.9


@pytest.mark.parametrize("case", cases("asymptotic_shift"))
def test_the_asymptotic_shift_agrees_with_wilcox_test(case):
    """wilcox.test(exact = FALSE, conf.int = TRUE) inverts its test by root finding, with ties' variance.

    Ours are order statistics with the variance without ties.  Without ties they differ by at most a gap
    between neighbouring differences (some 5,000 of them here); of rounded values, by at most one unit.
    """
    y, treated, controls, *_ = data(case)
    found = hodges_lehmann(y, treated, controls, level=0.9, route=Route.ASYMPTOTIC)
    assert found.estimate[0] == EXPECTED[case]["median_of_differences"][0]
    _, low, high = EXPECTED[case]["asymptotic_shift"]
    close = 0.01 if case == "large" else 1.0 + 1e-4
    assert found.low[0] == pytest.approx(low, abs=close)
    assert found.high[0] == pytest.approx(high, abs=close)


@pytest.mark.parametrize("case", cases("van_elteren"))
def test_van_elterens_test_agrees_with_coin(case):
    """coin::independence_test of ranks over n + 1 within strata, two and three arms; equal to 1e-9."""
    y, treated, _, _, stratum = data(case)
    found = van_elteren(y, treated.astype(int), stratum)
    assert (found.statistic[0], found.p_value[0]) == pytest.approx(
        tuple(EXPECTED[case]["van_elteren"]), rel=1e-9
    )
    three = np.arange(y.shape[1])[np.newaxis] % 3
    found = van_elteren(y, three, stratum, arms=3)
    assert (found.statistic[0], found.p_value[0]) == pytest.approx(
        tuple(EXPECTED[case]["three_arms"]), rel=1e-9
    )


@pytest.mark.parametrize("case", cases("stratified_rank_ancova"))
def test_the_stratified_rank_ancova_agrees_with_coin(case):
    """Residuals of standardised ranks from lm in each stratum, tested by coin given the strata; to 1e-8."""
    y, treated, _, x, stratum = data(case)
    found = stratified_rank_ancova(y, treated.astype(int), arms=2, covariates=[x], stratum=stratum)
    assert (found.statistic[0], found.p_value[0]) == pytest.approx(
        tuple(EXPECTED[case]["stratified_rank_ancova"]), rel=1e-8
    )


@pytest.mark.parametrize("case", cases("quade"))
def test_rank_ancovas_agree_with_lm(case):
    """Quade: anova of the residuals of ranks; Conover and Iman: F of the arm in lm of ranks; to 1e-8."""
    y, treated, _, x, _ = data(case)
    for method, name in ((quade, "quade"), (conover_iman, "conover_iman")):
        found = method(y, treated.astype(int), arms=2, covariates=[x])
        assert (found.statistic[0], found.p_value[0]) == pytest.approx(tuple(EXPECTED[case][name]), rel=1e-8)
