"""Analysis of covariance against R; script, input, raw output and origin in reference/ancova."""

import csv

import numpy as np
import pytest

from builders.expected import ROOT, read_columns, read_expected
from euexia.statistics import ancova
from euexia.statistics.ancova import Margins
from euexia.statistics.contrasts import pairs
from euexia.statistics.diagnosis import Diagnosis

EXPECTED = read_expected("ancova", "ancova.csv")
INPUT = read_columns("ancova", "input.csv")
SIMULATED = sorted(INPUT)


def columns(case):
    """Return the arguments of a case, as a stack of one trial."""
    data = {key: column[np.newaxis] for key, column in INPUT[case].items()}
    arm, site, sex = (data[key].astype(int) for key in ("arm", "site", "sex"))
    return data["y"], arm, {"covariates": [data["x"], data["z"]], "factors": [site, sex]}


def pilot():
    with (ROOT / "ancova" / "cdisc_pilot_adas_week24.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    change, baseline, dose = (
        np.array([[float(row[key]) for row in rows]]) for key in ("CHG", "BASE", "TRTPN")
    )
    sites = sorted({row["SITEGR1"] for row in rows})
    site = np.array([[sites.index(row["SITEGR1"]) for row in rows]])
    arm = np.searchsorted([0, 54, 81], dose)
    return change, arm, {"covariates": [baseline], "factors": [site]}, dose


def fit_of(case, **options):
    y, arm, model = pilot()[:3] if case == "cdisc_pilot" else columns(case)
    return ancova.estimate(y, arm, arms=3, **model, **options)


@pytest.mark.parametrize("case", [*SIMULATED, "cdisc_pilot"])
@pytest.mark.parametrize("margins", Margins)
def test_least_squares_means_agree_with_emmeans(case, margins):
    """R's emmeans with proportional or equal weights; equal to 1e-8: both are exact.

    Standard errors of the offset case are left out: its covariate is near a million with a spread of ten, and
    the covariance that R computes without centring keeps three digits (see the test of the offset below).
    """
    fit = fit_of(case, margins=margins)
    name = {"observed": "proportional", "equal": "equal"}[margins.value]
    expected = EXPECTED[case]
    assert fit.means[0] == pytest.approx(expected[f"{name}_mean"], rel=1e-8)
    errors = np.sqrt(np.diagonal(fit.covariance[0]))
    if case != "offset":
        assert errors == pytest.approx(expected[f"{name}_mean_error"], rel=1e-8)


def test_an_offset_of_a_covariate_changes_nothing():
    """A covariate near a million with a spread of ten, and the same covariate less a million."""
    y, arm, model = columns("offset")
    x, z = model["covariates"]
    far = ancova.estimate(y, arm, arms=3, **model)
    near = ancova.estimate(y, arm, arms=3, covariates=[x - 1e6, z], factors=model["factors"])
    np.testing.assert_allclose(far.means, near.means, rtol=1e-10)
    np.testing.assert_allclose(far.covariance, near.covariance, rtol=1e-8)


@pytest.mark.parametrize("case", [*SIMULATED, "cdisc_pilot"])
def test_differences_agree_with_emmeans(case):
    """All pairs: estimate, standard error, t interval and p-value, without adjustment; equal to 1e-8."""
    expected = EXPECTED[case]
    found = ancova.compare(fit_of(case), pairs(3))
    names = {"difference": "estimate", "error": "error", "low": "low", "high": "high", "p": "p_value"}
    for theirs, ours in names.items():
        assert getattr(found, ours)[0] == pytest.approx(expected[theirs], rel=1e-8, abs=1e-12), theirs
    assert found.freedom[0] == pytest.approx(expected["df"])


@pytest.mark.parametrize("case", [*SIMULATED, "cdisc_pilot"])
def test_terms_agree_with_type_three_tests(case):
    """car::Anova(type = 3) with contr.sum: F, numerator degrees of freedom, p; equal to 1e-7."""
    fit, expected = fit_of(case), EXPECTED[case]
    assert fit.statistics[0] == pytest.approx(expected["f"], rel=1e-7)
    assert fit.term_freedom[0] == pytest.approx(expected["f_df"])
    assert fit.p_values[0] == pytest.approx(expected["f_p"], rel=1e-7)


@pytest.mark.parametrize("case", [*SIMULATED, "cdisc_pilot"])
def test_robust_errors_agree_with_sandwich(case):
    """sandwich::vcovHC(type = 'HC3') in emmeans.  R warns of two leverages of 1 in the tiny case: refused."""
    fit, expected = fit_of(case, robust=True), EXPECTED[case]
    found = ancova.compare(fit, pairs(3))
    if case == "tiny":
        assert fit.diagnosis[0] == Diagnosis.FULL_LEVERAGE
        assert np.isnan(found.error).all()
        return
    assert found.error[0] == pytest.approx(expected["hc3_error"], rel=1e-7)
    assert found.p_value[0] == pytest.approx(expected["hc3_p"], rel=1e-6)


@pytest.mark.parametrize("case", [*SIMULATED, "cdisc_pilot"])
def test_the_slope_on_the_dose_agrees_with_lm(case):
    """R's lm with the dose in place of the arms; slope, standard error and p-value equal to 1e-7."""
    if case == "cdisc_pilot":
        y, _, model, dose = pilot()
    else:
        y, arm, model = columns(case)
        dose = np.array([0.0, 1.0, 3.0])[arm]
    found = ancova.dose_response(y, dose, **model)
    assert (found.estimate.item(), found.error.item(), found.p_value.item()) == pytest.approx(
        tuple(EXPECTED[case]["trend"]), rel=1e-7
    )


def test_a_stack_gives_the_same_bits_as_each_case_alone():
    """Cases of different sizes, filled up with NaN: nothing a neighbour does moves a number."""
    widest = max(INPUT[case]["y"].size for case in SIMULATED)

    def filled(key, empty):
        return np.stack(
            [
                np.concatenate([INPUT[case][key], np.full(widest - INPUT[case][key].size, empty)])
                for case in SIMULATED
            ]
        )

    y, arm = filled("y", np.nan), filled("arm", -1).astype(int)
    model = {
        "covariates": [filled("x", np.nan), filled("z", np.nan)],
        "factors": [filled("site", -1).astype(int), filled("sex", -1).astype(int)],
    }
    stack = ancova.estimate(y, arm, arms=3, **model)
    for place in range(len(SIMULATED)):
        here = slice(place, place + 1)
        alone = ancova.estimate(
            y[here], arm[here], arms=3, **{key: [part[here] for part in model[key]] for key in model}
        )
        for name in stack.__slots__:
            np.testing.assert_array_equal(getattr(stack, name)[place], getattr(alone, name)[0], err_msg=name)


def test_the_published_table_of_the_cdisc_pilot():
    """Table 14-3.01 of the CDISC pilot's clinical study report (SAS, 2006): ADAS-Cog(11), week 24, LOCF.

    Change from baseline 2.5 (5.80), 2.0 (5.55), 1.5 (4.26) in 79, 81, 74 patients; dose response p = 0.245;
    low - placebo -0.5 (0.82), -2.1 to 1.1, p 0.569; high - placebo -1.0 (0.84), -2.7 to 0.7, p 0.233;
    high - low -0.5 (0.84), -2.2 to 1.1, p 0.520.  Rounded as printed.
    """
    y, arm, model, dose = pilot()
    groups = [y[arm == a] for a in range(3)]
    assert [group.size for group in groups] == [79, 81, 74]
    assert [round(group.mean(), 1) for group in groups] == [2.5, 2.0, 1.5]
    assert [round(group.std(ddof=1), 2) for group in groups] == [5.80, 5.55, 4.26]
    found = ancova.compare(fit_of("cdisc_pilot"), pairs(3))
    assert found.estimate[0].round(1).tolist() == [-0.5, -1.0, -0.5]
    assert found.error[0].round(2).tolist() == [0.82, 0.84, 0.84]
    assert found.low[0].round(1).tolist() == [-2.1, -2.7, -2.2]
    assert found.high[0].round(1).tolist() == [1.1, 0.7, 1.1]
    assert found.p_value[0].round(3).tolist() == [0.569, 0.233, 0.520]
    assert round(ancova.dose_response(y, dose, **model).p_value.item(), 3) == 0.245
