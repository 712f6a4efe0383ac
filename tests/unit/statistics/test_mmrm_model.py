"""Models of one data set in long form: terms, LS means, type III tests, and what is refused."""

import numpy as np
import pytest

from builders.repeated import stack
from euexia.core.errors import InputError, NumericalError
from euexia.statistics.covariance import Structure
from euexia.statistics.margins import Margins, coefficients, differences, ls_means, type_iii_tests
from euexia.statistics.mmrm_freedom import contrasts, joint_test
from euexia.statistics.mmrm_model import estimate_mmrm
from euexia.statistics.mmrm_result import Diagnosis, Freedom
from euexia.statistics.mmrm_visits import treatment_by_visit
from euexia.statistics.model_terms import read_terms

FACTORS = {"arm": ("placebo", "drug"), "visit": ("week 4", "week 8", "week 12"), "site": ("a", "b", "c")}
TERMS = ("arm", "visit", "arm:visit", "baseline", "baseline:visit")


def table(subjects=40, seed=21, **changes):
    """Return a simulated trial as columns."""
    values, arm, baseline = stack(1, subjects, 3, seed=seed)
    rows = [(patient, visit) for patient in range(subjects) for visit in range(3)]
    columns = {
        "patient": [f"p{patient:03d}" for patient, _ in rows],
        "visit": [FACTORS["visit"][visit] for _, visit in rows],
        "arm": [FACTORS["arm"][arm[0, patient]] for patient, _ in rows],
        "site": ["abc"[(patient * 7) % 3] for patient, _ in rows],
        "baseline": [baseline[0, patient] for patient, _ in rows],
        "value": [values[0, patient, visit] for patient, visit in rows],
    }
    return {name: np.array(column) for name, column in (columns | changes).items()}


def estimate(data, terms=TERMS, **asked):
    return estimate_mmrm(
        data, response="value", subject="patient", visit="visit", terms=terms, factors=FACTORS, **asked
    )


def test_front_and_stack_agree():
    """The long form and treatment_by_visit write the same model in two ways: effects equal to rounding."""
    data = table()
    found = estimate(data)
    apart = differences(found, ls_means(found, ("arm", "visit")), within="visit")
    values, arm, baseline = stack(1, 40, 3, seed=21)
    expected = treatment_by_visit(values, arm, baseline)
    for name in ("estimate", "error", "freedom", "p_value", "low"):
        assert getattr(apart.estimates, name)[0] == pytest.approx(
            getattr(expected.differences, name)[0, 0], rel=1e-6
        )
    means = ls_means(found, ("arm", "visit")).estimates
    assert means.estimate[0] == pytest.approx(expected.means.estimate[0].ravel(), rel=1e-8)
    assert found.fit.objective[0] == pytest.approx(expected.objective[0], abs=1e-8)


def test_order_of_rows_does_not_matter():
    """Rows shuffled: the same model."""
    data = table()
    order = np.random.default_rng(0).permutation(data["value"].size)
    shuffled = estimate({name: column[order] for name, column in data.items()})
    assert shuffled.fit.coefficients == pytest.approx(estimate(data).fit.coefficients, rel=1e-10)


def test_columns_are_named_and_coded_once():
    """Reference levels have no column; an interaction without its main effect has them all."""
    model = read_terms(("arm", "visit", "arm:visit"), FACTORS)
    assert model.names[:3] == ("intercept", "arm[drug]", "visit[week 8]")
    assert len(model.names) == 6
    nested = read_terms(("visit", "arm:visit"), FACTORS)
    assert "arm[drug]:visit[week 4]" in nested.names
    assert len(nested.names) == 6
    assert len(read_terms(("visit", "baseline:visit"), FACTORS).names) == 6


@pytest.mark.parametrize("terms", [("arm", "visit", "arm:visit"), ("visit", "arm:visit")])
def test_nested_and_crossed_say_the_same(terms):
    """Two codings of one model: likelihood (of ML, which no coding can move) and LS means are equal."""
    found = estimate(table(), terms)
    crossed = estimate(table(), ("arm", "visit", "arm:visit"))
    one, other = ls_means(found, ("arm", "visit")), ls_means(crossed, ("arm", "visit"))
    assert one.estimates.estimate == pytest.approx(other.estimates.estimate, rel=1e-8)
    assert one.estimates.error == pytest.approx(other.estimates.error, rel=1e-6)


def test_type_iii_is_the_test_of_equal_ls_means():
    """Type III of the arm: its LS means, averaged over visits with equal weights, are equal."""
    found = estimate(table(), ("arm", "visit", "arm:visit", "site"))
    tests = {row.term: row.test for row in type_iii_tests(found)}
    apart = differences(found, ls_means(found, ("arm",)))
    assert tests["arm"].statistic[0] == pytest.approx(apart.estimates.statistic[0, 0] ** 2, rel=1e-8)
    assert tests["arm"].p_value[0] == pytest.approx(apart.estimates.p_value[0, 0], rel=1e-8)
    sites = ls_means(found, ("site",)).combinations
    joint = joint_test(found.fit, sites[1:] - sites[0])
    assert tests["site"].statistic[0] == pytest.approx(joint.statistic[0], rel=1e-8)


def test_kenward_roger_of_one_row_and_of_several():
    """One row: F is t squared, with the same degrees of freedom (the scale is then one)."""
    found = estimate(table(), freedom=Freedom.KENWARD_ROGER)
    rows = np.eye(len(found.terms.names))[1:2]
    one = contrasts(found.fit, rows, freedom=Freedom.KENWARD_ROGER)
    joint = joint_test(found.fit, rows, freedom=Freedom.KENWARD_ROGER)
    assert joint.statistic[0] == pytest.approx(one.statistic[0, 0] ** 2, rel=1e-8)
    assert joint.denominator[0] == pytest.approx(one.freedom[0, 0], rel=1e-8)


def test_margins_and_covariates_are_as_asked():
    """Equal margins are the plain mean over sites; covariates sit where they are put."""
    found = estimate(table(), (*TERMS, "site"))
    cells = ls_means(found, ("arm", "site")).estimates.estimate.reshape(2, 3)
    assert ls_means(found, ("arm",)).estimates.estimate[0] == pytest.approx(cells.mean(axis=1))
    observed = ls_means(found, ("arm",), margins=Margins.OBSERVED).estimates.estimate[0]
    assert observed != pytest.approx(cells.mean(axis=1), rel=1e-9)
    slope = ls_means(found, ("visit",), at={"baseline": 71.0}).estimates.estimate
    base = ls_means(found, ("visit",), at={"baseline": 70.0}).estimates.estimate
    first = found.terms.names.index("baseline")
    assert (slope - base)[0, 0] == pytest.approx(found.fit.coefficients[0, first])


def test_group_and_words():
    """A covariance by arm; the words say what was tried, used and left out."""
    found = estimate(table(), group="arm")
    assert found.fit.sigma.shape == (1, 2, 3, 3)
    assert found.group_levels == ("placebo", "drug")
    assert found.words().startswith("unstructured: Fitted.")
    assert f"{found.left_out} rows left out" in found.words()
    assert coefficients(found).labels[0] == ("intercept",)


def test_spatial_structure_takes_the_times():
    """Equally spaced times: spatial exponential is AR(1), whatever the unit."""
    asked = {"structures": (Structure.SPATIAL_EXPONENTIAL,)}
    weeks = estimate(table(), **asked, times={"week 4": 4, "week 8": 8, "week 12": 12})
    order = estimate(table(), structures=(Structure.AUTOREGRESSIVE,))
    assert weeks.fit.objective == pytest.approx(order.fit.objective, abs=1e-7)


def drop_drug(data):
    data["arm"] = np.where(data["arm"] == "drug", "placebo", data["arm"])


def drop_site(data):
    data["value"] = np.where(data["site"] == "b", np.nan, data["value"])


def make_infinite(data):
    data["value"][3] = np.inf


def repeat_row(data):
    data["visit"][1] = data["visit"][0]


def strange_level(data):
    data["site"][2] = "d"


def no_visit(data):
    data["value"] = np.where(data["visit"] == "week 12", np.nan, data["value"])


def constant(data):
    data["value"] = np.where(np.isnan(data["value"]), np.nan, 3.0)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (drop_drug, r"'arm\[drug\]'"),
        (drop_site, r"'site\[b\]'"),
        (make_infinite, "infinite"),
        (repeat_row, "'p000' has several rows for visit 'week 4'"),
        (strange_level, r"Column 'site' holds \['d'\]"),
        (no_visit, r"Visits without observation: \['week 12'\]"),
        (constant, "do not vary"),
    ],
)
def test_bad_data_is_refused_by_name(spoil, words):
    """One arm, an absent level, infinity, a doubled row, an unknown level, an empty visit, one value."""
    data = table()
    spoil(data)
    with pytest.raises(InputError, match=words):
        estimate(data, (*TERMS, "site"))


def test_what_no_structure_fits_is_a_numerical_error():
    """The second visit repeats the first: the structure asked for cannot be fitted, and the error says so."""
    data = table()
    value = data["value"].reshape(-1, 3)
    value[:, 1] = value[:, 0] + 1.0
    with pytest.raises(NumericalError, match="No covariance structure could be fitted"):
        estimate(data, structures=(Structure.UNSTRUCTURED,))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"terms": ("arm", "arm")}, "entered twice"),
        ({"terms": ("arm:",)}, "is not a term"),
        ({"terms": ("weight",)}, "no column 'weight'"),
        ({"terms": ("patient",)}, "Column 'patient' is not numeric"),
        ({"group": "baseline2"}, "no column 'baseline2'"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(change, words):
    """Each message names the term or the column."""
    with pytest.raises(InputError, match=words):
        estimate(table(), **{"terms": TERMS, **change})


def test_asking_for_what_the_model_has_not():
    """LS means of a covariate, contrasts of the wrong length, an adjustment that was not prepared."""
    found = estimate(table())
    with pytest.raises(InputError, match="'baseline' is no factor"):
        ls_means(found, ("baseline",))
    with pytest.raises(InputError, match="give 9 numbers each"):
        contrasts(found.fit, np.eye(3))
    with pytest.raises(InputError, match="no adjusted covariance"):
        contrasts(found.fit, np.eye(9), freedom=Freedom.KENWARD_ROGER)
    with pytest.raises(InputError, match="not independent"):
        joint_test(found.fit, np.ones((2, 9)))
    with pytest.raises(InputError, match="'level'"):
        contrasts(found.fit, np.eye(9), level=95)


def test_every_diagnosis_has_words():
    """Each ends in a full stop and tells what it means."""
    for diagnosis in Diagnosis:
        assert diagnosis.words.endswith(".")
