"""Several tests that share one level: adjusted p-values and decisions."""

import numpy as np
import pytest

from builders.plans import eventful_stack, full_protocol
from builders.protocols import make_analysis
from euexia import analyse, endpoints
from euexia.analyse.result import Result
from euexia.analyse.several import adjusted_p_values, with_adjustment
from euexia.core.errors import InputError
from euexia.protocol.analysis_options import Multiplicity, Procedure
from euexia.protocol.analysis_plan import Method


def result(name, p_value, **numbers):
    """Return the result of a test of which only the p-value matters."""
    nothing = np.full(len(p_value), np.nan)
    return Result(
        analysis=name,
        endpoint="weight",
        method="ancova",
        arm=name,
        control="control",
        estimand="",
        measure_of_effect="",
        unit="",
        estimate=numbers.pop("estimate", nothing),
        low=nothing,
        high=nothing,
        level=0.95,
        p_value=np.array(p_value),
        reject=np.array(p_value) <= 0.05,
        alpha=0.05,
        one_sided=False,
        numbers=numbers,
    )


FAMILY = [result("first", [0.01, 0.04]), result("second", [0.02, np.nan]), result("third", [0.04, 0.01])]


def adjusted(procedure, **keys):
    plan = Multiplicity(procedure=procedure, analyses=("first", "second", "third"), **keys)
    return adjusted_p_values(FAMILY, plan)


@pytest.mark.parametrize(
    ("procedure", "expected"),
    [
        (Procedure.CO_PRIMARY, [0.04, 0.04, 0.04]),
        (Procedure.BONFERRONI, [0.03, 0.06, 0.12]),
        (Procedure.HOLM, [0.03, 0.04, 0.04]),
        (Procedure.HOCHBERG, [0.03, 0.04, 0.04]),
        (Procedure.FIXED_SEQUENCE, [0.01, 0.02, 0.04]),
    ],
)
def test_adjusted_p_values(procedure, expected):
    """By hand from 0.01, 0.02 and 0.04: Holm 3 x 0.01, 2 x 0.02, 0.04, each no less than the one before."""
    np.testing.assert_allclose(adjusted(procedure)[0], expected, rtol=1e-12)


def test_a_graph_of_equal_shares_is_holm():
    weights = dict.fromkeys(("first", "second", "third"), 1 / 3)
    transitions = {one: {other: 0.5 for other in weights if other != one} for one in weights}
    found = adjusted(Procedure.GRAPHICAL, weights=weights, transitions=transitions)
    np.testing.assert_allclose(found[0], adjusted(Procedure.HOLM)[0], rtol=1e-9)


def test_a_co_primary_test_that_was_not_estimated_fails_the_trial():
    np.testing.assert_array_equal(adjusted(Procedure.CO_PRIMARY)[1], [1, 1, 1])


def test_nothing_is_rejected_after_a_failure_in_a_fixed_sequence():
    plan = Multiplicity(procedure=Procedure.FIXED_SEQUENCE, analyses=("second", "first", "third"))
    results = {r.analysis: r for r in with_adjustment(FAMILY, plan)}
    assert not results["first"].adjusted.reject[1]
    assert results["first"].reject[1]
    assert "fixed sequence" in results["first"].notes[-1]


def test_dunnett_lies_between_no_adjustment_and_bonferroni():
    """Two arms of 20 against 20, t of 2.3 and 1.0 on 57 degrees of freedom."""
    family = [
        result(
            name,
            [p],
            estimate=np.array([t]),
            standard_error=np.array([1.0]),
            degrees_of_freedom=np.array([57.0]),
            analysed=np.array([20.0]),
            analysed_control=np.array([20.0]),
        )
        for name, t, p in (("low", 1.0, 0.3215), ("high", 2.3, 0.0251))
    ]
    plan = Multiplicity(procedure=Procedure.DUNNETT, analyses=("low", "high"))
    low, high = adjusted_p_values(family, plan)[0]
    assert 0.0251 < high < 0.0502
    assert low == pytest.approx(0.3215, abs=1e-3)


def test_a_plan_that_names_nothing_or_shares_too_much_is_refused():
    analyses = (make_analysis("lean", "lean", Method.ANCOVA), make_analysis("weight", "weight", Method.MMRM))
    plan = full_protocol(
        *analyses,
        multiplicity=Multiplicity(
            procedure=Procedure.GRAPHICAL, analyses=("lean", "wait"), weights={"lean": 0.8, "wait": 0.3}
        ),
    )
    with pytest.raises(InputError) as caught:
        analyse.check_plan(plan)
    assert "names 'wait'" in str(caught.value)
    assert "add up to no more than 1" in str(caught.value)


def test_co_primary_through_the_whole_plan():
    analyses = (make_analysis("lean", "lean", Method.ANCOVA), make_analysis("weight", "weight", Method.MMRM))
    plan = full_protocol(
        *analyses, multiplicity=Multiplicity(procedure=Procedure.CO_PRIMARY, analyses=("lean", "weight"))
    )
    lean, weight = analyse.run(endpoints.derive(eventful_stack(3), plan), plan)
    np.testing.assert_array_equal(lean.adjusted.reject, lean.reject & weight.reject)
    np.testing.assert_array_equal(lean.adjusted.reject, weight.adjusted.reject)
