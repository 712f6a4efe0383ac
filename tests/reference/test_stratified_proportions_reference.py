"""Proportions within strata against R; script, raw output and origin in reference/proportions_stratified."""

import numpy as np
import pytest

from builders.expected import read_expected
from euexia.statistics.diagnosis import Diagnosis
from euexia.statistics.stratified_proportions import (
    cmh,
    mantel_haenszel_difference,
    mantel_haenszel_odds_ratio,
    miettinen_nurminen_stratified,
    newcombe_stratified,
)
from euexia.statistics.stratified_tables import breslow_day, general_association

EXPECTED = read_expected("proportions_stratified", "proportions.csv")


def cases(quantity):
    return sorted(case for case, found in EXPECTED.items() if quantity in found)


def counts(case):
    return tuple(EXPECTED[case][name][np.newaxis] for name in ("x1", "n1", "x0", "n0"))


@pytest.mark.parametrize("case", cases("cmh"))
def test_the_cmh_test_agrees_with_mantelhaen_test(case):
    """mantelhaen.test with and without continuity correction; equal to 1e-10."""
    for correct, name in ((False, "cmh"), (True, "cmh_corrected")):
        found = cmh(*counts(case), correct=correct)
        assert (found.statistic[0], found.p_value[0]) == pytest.approx(
            tuple(EXPECTED[case][name]), rel=1e-10, abs=1e-12
        )


@pytest.mark.parametrize("case", cases("odds_ratio"))
def test_the_common_odds_ratio_agrees_with_mantelhaen_test(case):
    """Estimate and interval of mantelhaen.test (Robins, Breslow and Greenland); equal to 1e-10."""
    found = mantel_haenszel_odds_ratio(*counts(case), 0.95)
    assert (found.estimate[0], found.low[0], found.high[0]) == pytest.approx(
        tuple(EXPECTED[case]["odds_ratio"]), rel=1e-10
    )


@pytest.mark.parametrize("case", cases("sato"))
def test_the_risk_difference_agrees_with_the_formula_written_out(case):
    """Mantel-Haenszel difference and Sato's standard error; equal to 1e-10."""
    found = mantel_haenszel_difference(*counts(case), 0.95)
    assert (found.estimate[0], found.error[0]) == pytest.approx(tuple(EXPECTED[case]["sato"]), rel=1e-10)


@pytest.mark.parametrize("case", cases("score_interval"))
def test_the_score_interval_agrees_with_a_numerical_route(case):
    """Restricted maxima and limits by root finding; equal to 1e-7, the accuracy of R's roots near 0 and 1."""
    found = miettinen_nurminen_stratified(*counts(case), 0.95)
    assert (found.low[0], found.high[0]) == pytest.approx(tuple(EXPECTED[case]["score_interval"]), abs=1e-7)


@pytest.mark.parametrize("case", cases("newcombe"))
def test_the_stratified_newcombe_interval_agrees_with_the_formula_written_out(case):
    """Stratified Wilson limits joined as Yan and Su print them; equal to 1e-10."""
    found = newcombe_stratified(*counts(case), 0.95)
    assert (found.low[0], found.high[0]) == pytest.approx(tuple(EXPECTED[case]["newcombe"]), abs=1e-10)


@pytest.mark.parametrize("case", cases("breslow_day"))
def test_homogeneity_agrees_with_a_numerical_route(case):
    """Breslow and Day without and with Tarone's correction, expected counts by root finding; to 1e-7."""
    for tarone, expected in zip((False, True), EXPECTED[case]["breslow_day"], strict=True):
        found = breslow_day(*counts(case), tarone=tarone)
        assert found.statistic[0] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("case", cases("association"))
def test_larger_tables_agree_with_mantelhaen_test(case):
    """The generalised test of mantelhaen.test: statistic, degrees of freedom, p-value; equal to 1e-9."""
    rows, columns, strata = EXPECTED[case]["dim"].astype(int)
    table = EXPECTED[case]["counts"].reshape(strata, columns, rows).swapaxes(1, 2)
    found = general_association(table[np.newaxis])
    assert (found.statistic[0], found.freedom[0], found.p_value[0]) == pytest.approx(
        tuple(EXPECTED[case]["association"]), rel=1e-9
    )


def test_admissions_to_berkeley():
    """Breslow and Day's test of UCBAdmissions: 18.826 on 5 degrees of freedom, p = 0.002071 (DescTools)."""
    found = breslow_day(*counts("admissions"), tarone=False)
    assert found.statistic[0] == pytest.approx(18.826, abs=5e-4)
    assert found.freedom[0] == 5
    assert found.p_value[0] == pytest.approx(0.002071, abs=5e-7)


def test_one_sided_tables_have_a_name():
    """Nobody responds anywhere: no test, no odds ratio, and the diagnosis says why."""
    nothing = ([[0, 0]], [[10, 5]], [[0, 0]], [[9, 8]])
    assert cmh(*nothing).diagnosis[0] == Diagnosis.NO_INFORMATIVE_STRATUM
    assert np.isnan(cmh(*nothing).p_value[0])
    assert np.isnan(mantel_haenszel_odds_ratio(*nothing, 0.95).estimate[0])
    assert np.isnan(breslow_day(*nothing).statistic[0])
