"""The FEV trial against PROC MIXED: listings, figures and origin in reference/mmrm.

PROC MIXED stops when g'H^-1 g / |l| is below 1e-8, that is about 0.005 standard errors away from the maximum,
and prints four digits; we go on to 1e-6.  Its likelihoods are therefore larger than ours by up to 1e-4, its
coefficients differ by up to 1e-4 relatively, its covariances by 1e-3, its degrees of freedom by up to 0.5.
"""

from functools import cache

import numpy as np
import pytest

from builders.repeated import FOLDER, lines
from euexia.statistics.covariance import Structure
from euexia.statistics.margins import Margins, coefficients, differences, ls_means, type_iii_tests
from euexia.statistics.mmrm_freedom import contrasts
from euexia.statistics.mmrm_model import estimate_mmrm
from euexia.statistics.mmrm_result import Freedom, Method, information_criteria
from euexia.statistics.mmrm_robust import robust_contrasts

FACTORS = {
    "RACE": ("Asian", "Black or African American", "White"),
    "SEX": ("Male", "Female"),
    "ARMCD": ("PBO", "TRT"),
    "AVISIT": ("VIS1", "VIS2", "VIS3", "VIS4"),
}
FULL = ("RACE", "SEX", "ARMCD", "AVISIT", "ARMCD:AVISIT")


@cache
def table():
    """Return the columns; FEV1 NaN where missing."""
    rows = lines("fev.csv")
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    columns["FEV1"] = np.array([float(row["FEV1"] or "nan") for row in rows])
    return columns


@cache
def model(terms=FULL, method=Method.REML, structure=Structure.UNSTRUCTURED, group=None,
          freedom=Freedom.SATTERTHWAITE):  # fmt: skip
    """Fit the trial."""
    return estimate_mmrm(
        table(),
        response="FEV1",
        subject="USUBJID",
        visit="AVISIT",
        terms=terms,
        factors=FACTORS,
        group=group,
        structures=(structure,),
        method=method,
        freedom=freedom,
    )


def by_label(found, quantity):
    """Return label -> value."""
    return dict(zip(found.labels, getattr(found.estimates, quantity)[0], strict=True))


def test_likelihood_and_criteria():
    """sas_log_reml.txt: -2 Res Log Likelihood 3386.44987722 (last iteration), AIC 3406.4, BIC 3439.4."""
    found = model().fit
    assert found.objective[0] == pytest.approx(3386.44987722, abs=1e-4)
    assert found.objective[0] <= 3386.44987722
    aic, bic = information_criteria(found, subjects=200)
    assert (aic[0], bic[0]) == pytest.approx((3406.4, 3439.4), abs=0.05)
    assert (found.observations[0], found.subjects[0]) == (537, 197)


@pytest.mark.parametrize(
    ("label", "estimate", "error", "freedom"),
    [
        ("intercept", 30.7774, 0.8865, 219),
        ("RACE[Black or African American]", 1.5305, 0.6244, 169),
        ("RACE[White]", 5.6436, 0.6656, 157),
        ("SEX[Female]", 0.3262, 0.5319, 166),
        ("ARMCD[TRT]", 3.7745, 1.0741, 146),
        ("AVISIT[VIS2]", 4.8396, 0.8016, 144),
        ("AVISIT[VIS3]", 10.3422, 0.8227, 156),
        ("AVISIT[VIS4]", 15.0537, 1.3129, 138),
        ("ARMCD[TRT]:AVISIT[VIS2]", -0.04231, 1.1292, 139),
        ("ARMCD[TRT]:AVISIT[VIS3]", -0.6939, 1.1876, 158),
        ("ARMCD[TRT]:AVISIT[VIS4]", 0.6240, 1.8510, 130),
    ],
)
def test_coefficients(label, estimate, error, freedom):
    """sas_log_reml.txt, Solution for Fixed Effects."""
    found = coefficients(model())
    assert by_label(found, "estimate")[(label,)] == pytest.approx(estimate, abs=3e-4)
    assert by_label(found, "error")[(label,)] == pytest.approx(error, abs=2e-4)
    assert by_label(found, "freedom")[(label,)] == pytest.approx(freedom, abs=0.6)


def test_covariance():
    """sas_log_reml.txt, Covariance Parameter Estimates, put in the order VIS1..VIS4."""
    expected = (40.5509, 14.3982, 26.5692, 4.9744, 2.7851, 14.8970, 13.3731, 7.4790, 0.9017, 95.5528)
    found = model().fit.sigma[0, 0][np.tril_indices(4)]
    assert found == pytest.approx(expected, rel=1e-4, abs=6e-3)


def test_ls_means_and_differences():
    """sas_log_reml.txt, Least Squares Means and their differences (equal margins)."""
    means = ls_means(model(), ("ARMCD", "AVISIT"))
    expected = {
        "PBO": (
            (33.3318, 0.7554, 148),
            (38.1715, 0.6117, 147),
            (43.6740, 0.4617, 130),
            (48.3855, 1.1886, 134),
        ),
        "TRT": (
            (37.1063, 0.7626, 143),
            (41.9037, 0.6023, 144),
            (46.7546, 0.5086, 130),
            (52.7841, 1.1877, 133),
        ),
    }
    for arm, rows in expected.items():
        for visit, row in zip(FACTORS["AVISIT"], rows, strict=True):
            check(means, (arm, visit), *row)
    apart = differences(model(), means, within="AVISIT")
    rows = ((3.7745, 1.0741, 146), (3.7322, 0.8588, 145), (3.0806, 0.6896, 131), (4.3985, 1.6805, 133))
    for visit, row in zip(FACTORS["AVISIT"], rows, strict=True):
        check(apart, ("TRT", visit, "PBO", visit), *row)
    last = ("TRT", "VIS4", "PBO", "VIS4")
    assert by_label(apart, "p_value")[last] == pytest.approx(0.0099, abs=5e-5)
    assert by_label(apart, "low")[last] == pytest.approx(1.0746, abs=2e-4)
    assert by_label(apart, "high")[last] == pytest.approx(7.7225, abs=2e-4)
    across = differences(model(), means)
    assert len(across.labels) == 28
    check(across, ("TRT", "VIS4", "PBO", "VIS1"), 19.4523, 1.4078, 225)


def check(found, label, estimate, error, freedom, *, within=2e-4):
    assert by_label(found, "estimate")[label] == pytest.approx(estimate, abs=within)
    assert by_label(found, "error")[label] == pytest.approx(error, abs=2e-4)
    assert by_label(found, "freedom")[label] == pytest.approx(freedom, abs=0.6)


def test_type_iii_tests():
    """sas_log_reml.txt, Type 3 Tests of Fixed Effects."""
    expected = {
        "RACE": (2, 166, 36.92),
        "SEX": (1, 166, 0.38),
        "ARMCD": (1, 169, 31.67),
        "AVISIT": (3, 148, 142.11),
        "ARMCD:AVISIT": (3, 148, 0.26),
    }
    found = {row.term: row.test for row in type_iii_tests(model())}
    for term, (numerator, denominator, statistic) in expected.items():
        assert found[term].numerator[0] == numerator
        assert found[term].denominator[0] == pytest.approx(denominator, abs=0.6)
        assert found[term].statistic[0] == pytest.approx(statistic, rel=2e-4, abs=5e-3)
    assert found["ARMCD:AVISIT"].p_value[0] == pytest.approx(0.8555, abs=5e-5)


def test_maximum_likelihood():
    """sas_log.txt: -2 Log Likelihood 3397.57220025, AIC 3439.6, BIC 3508.8, solution and type 3 tests."""
    found = model(method=Method.ML)
    assert found.fit.objective[0] == pytest.approx(3397.57220025, abs=1e-4)
    aic, bic = information_criteria(found.fit, subjects=200)
    assert (aic[0], bic[0]) == pytest.approx((3439.6, 3508.8), abs=0.05)
    rows = coefficients(found)
    check(rows, ("intercept",), 30.7748, 0.8767, 222)
    check(rows, ("ARMCD[TRT]:AVISIT[VIS4]",), 0.6250, 1.8367, 131)
    tests = {row.term: row.test for row in type_iii_tests(found)}
    assert tests["AVISIT"].statistic[0] == pytest.approx(144.50, abs=0.02)
    assert tests["AVISIT"].denominator[0] == pytest.approx(150, abs=0.6)
    expected = (39.7740, 14.0451, 25.9989, 4.7227, 2.5419, 14.4620, 12.9820, 7.2159, 0.6609, 93.9227)
    assert found.fit.sigma[0, 0][np.tril_indices(4)] == pytest.approx(expected, rel=1e-4, abs=6e-3)


@pytest.mark.parametrize(
    ("method", "objective", "rows"),
    [
        (Method.REML, 3666.96698281, ((41.0762, 0.5504, 156), (3.8265, 0.6421, 161), (-0.1404, 0.6434, 161))),
        (Method.ML, 3668.40243767, ((41.0840, 0.5452, 158), (3.8276, 0.6362, 163), (-0.1382, 0.6374, 164))),
    ],
)
def test_two_main_effects(method, objective, rows):
    """sas_coef_ci_reml_un.txt and sas_coef_ci_ml_un.txt: FEV1 ~ ARMCD + SEX, unstructured.

    Here PROC MIXED ends at a likelihood 1.5e-5 above ours, 0.002 standard errors from the maximum.
    """
    found = model(terms=("ARMCD", "SEX"), method=method)
    assert found.fit.objective[0] == pytest.approx(objective, abs=1e-4)
    for label, row in zip(("intercept", "ARMCD[TRT]", "SEX[Female]"), rows, strict=True):
        check(coefficients(found), (label,), *row, within=1e-3)


def test_intercept_alone():
    """Intercept only, unstructured: 42.8338, standard error 0.3509, 171 degrees of freedom (PROC MIXED)."""
    check(coefficients(model(terms=())), ("intercept",), 42.8338, 0.3509, 171, within=1e-3)


def listed():
    """Return the figures of sas.csv gathered by the model that they belong to."""
    result = {}
    for row in lines("sas.csv"):
        key = row["mean"], row["structure"], row["by_arm"], row["method"]
        result.setdefault(key, []).append(row)
    return result


@pytest.mark.parametrize("key", listed(), ids="-".join)
def test_other_structures(key):
    """reference/mmrm/sas.csv: other structures, by arm, Kenward-Roger and robust errors (PROC MIXED)."""
    mean, structure, by_arm, method = key
    terms = () if mean == "1" else (mean,)
    asked = {
        "terms": terms,
        "structure": Structure(structure),
        "group": "ARMCD" if by_arm == "yes" else None,
        "method": Method(method),
    }
    found = {
        "": model(**asked),
        "kenward_roger_": model(**asked, freedom=Freedom.KENWARD_ROGER) if method == "reml" else None,
        "kenward_roger_linear_": model(**asked, freedom=Freedom.KENWARD_ROGER_LINEAR)
        if method == "reml"
        else None,
    }
    for row in listed()[key]:
        value, expected = answer(found, row["quantity"], row["name"]), float(row["value"])
        if row["quantity"] == "objective":
            assert value == pytest.approx(expected, abs=1e-4)
        elif row["quantity"].endswith("freedom"):
            assert value == pytest.approx(expected, abs=0.6)
        elif row["quantity"] == "sigma":
            assert value == pytest.approx(expected, rel=2e-3)
        else:
            assert value == pytest.approx(expected, rel=2e-4)


def answer(found, quantity, name):
    plain = found[""]
    if quantity == "objective":
        return plain.fit.objective[0]
    if quantity == "sigma":
        group, row, column = (int(part) for part in name.split(":"))
        return plain.fit.sigma[0, group, row - 1, column - 1]
    place = plain.terms.names.index(name)
    rows = np.eye(len(plain.terms.names))
    if quantity.startswith("robust"):
        robust = robust_contrasts(plain.fit, plain.values, plain.design, rows, freedom=Freedom.BETWEEN_WITHIN)
        return getattr(robust, quantity.removeprefix("robust_"))[0, place]
    prefix = next(
        start for start in ("kenward_roger_linear_", "kenward_roger_", "") if quantity.startswith(start)
    )
    chosen = found[prefix]
    if quantity == "coefficient":
        return chosen.fit.coefficients[0, place]
    return getattr(contrasts(chosen.fit, rows, freedom=chosen.freedom), quantity.removeprefix(prefix))[
        0, place
    ]


def test_observed_margins_weigh_by_observations():
    """With observed margins: the mean prediction of each arm over all observations, by its definition."""
    found = model(terms=("RACE", "SEX", "ARMCD"))
    rows = found.rows
    means = ls_means(found, ("ARMCD",), margins=Margins.OBSERVED)
    for place, arm in enumerate(FACTORS["ARMCD"]):
        values = {name: rows[name] for name in ("RACE", "SEX")} | {"ARMCD": np.full(537, place)}
        expected = (found.terms.matrix(values) @ found.fit.coefficients[0]).mean()
        assert by_label(means, "estimate")[(arm,)] == pytest.approx(expected, rel=1e-12)


def test_listings_are_there():
    """The raw listings that the figures above were read from are kept."""
    assert "3386.44987722" in (FOLDER / "sas" / "sas_log_reml.txt").read_text(encoding="utf-8")
    assert "3397.57220025" in (FOLDER / "sas" / "sas_log.txt").read_text(encoding="utf-8")
