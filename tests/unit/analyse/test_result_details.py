"""What a result holds beside its numbers: curves, the choices of a method, its code, who was left out."""

from dataclasses import replace

import numpy as np
import pytest

import euexia
from builders.plans import ALL_ANALYSES, eventful_stack, full_protocol
from builders.protocols import make_analysis
from euexia import analyse, endpoints, protocol
from euexia.protocol.analysis_options import CovarianceChoice, Options
from euexia.protocol.analysis_plan import Method

BY_METHOD = {analysis.method: analysis for analysis in ALL_ANALYSES}
ONE = eventful_stack(trials=1, size=80)


def result_of(method, data=ONE, curves=None, **keys):
    plan = full_protocol(replace(BY_METHOD[method], **keys))
    (result,) = analyse.run(endpoints.derive(data, plan), plan, curves=curves)
    return result


def test_means_at_every_visit_end_in_the_estimate():
    result = result_of(Method.MMRM)
    assert set(result.curves) == {"means.drug", "means.control", "difference"}
    difference = result.curves["difference"]
    np.testing.assert_array_equal(difference.x, [[14, 28, 42, 56]])
    assert difference.y[0, -1] == result.estimate[0]
    gap = result.curves["means.drug"].y - result.curves["means.control"].y
    np.testing.assert_allclose(gap, difference.y, rtol=1e-9)


@pytest.mark.parametrize("method", [Method.LOG_RANK, Method.COX, Method.RESTRICTED_MEAN])
def test_curves_of_survival_begin_at_one_and_fall(method):
    for curve in result_of(method).curves.values():
        height = curve.y[0][~np.isnan(curve.y[0])]
        assert (curve.x[0, 0], height[0]) == (0.0, 1.0)
        assert (np.diff(height) <= 0).all()
        assert curve.steps


def test_incidence_begins_at_nothing_and_ends_in_the_estimate():
    result = result_of(Method.CUMULATIVE_INCIDENCE)
    drug = result.curves["incidence.drug"]
    height = drug.y[0][~np.isnan(drug.y[0])]
    assert height[0] == 0.0
    assert height[-1] == pytest.approx(result.numbers["incidence"][0])


def test_a_stack_has_curves_only_if_asked():
    data = eventful_stack(trials=2)
    assert result_of(Method.MMRM, data).curves == {}
    assert result_of(Method.MMRM, data, curves=True).curves["difference"].y.shape == (2, 4)


def test_the_covariance_that_was_used_is_told():
    chosen = (CovarianceChoice.COMPOUND_SYMMETRY, CovarianceChoice.UNSTRUCTURED)
    result = result_of(Method.MMRM, options=Options(covariance=chosen))
    assert result.choices == {"covariance": ("compound_symmetry",)}
    assert result.numbers["structures_tried"].item() == 1


def test_patients_are_counted_over_both_arms():
    result = result_of(Method.ANCOVA)
    assert result.randomised.item() == 80
    assert result.analysed.item() == sum(
        result.numbers[name].item() for name in ("analysed", "analysed_control")
    )


def test_who_lacks_a_covariate_is_left_out_and_counted():
    age = ONE.subjects["age"].copy()
    age[0, :3] = np.nan
    data = replace(ONE, subjects={**ONE.subjects, "age": age})
    result = result_of(Method.ANCOVA, data)
    assert result.settled["without_covariate"].item() == 3
    assert result.settled["not_analysed"].item() + result.numbers["analysed"].item() == 40


def test_the_tipping_point_is_where_the_p_value_meets_alpha():
    """A shift by the tipping point gives p = alpha; curves come in order of the shift."""
    data = eventful_stack(trials=1, size=80, seed=10)
    shift = result_of(Method.TIPPING_POINT, data, alpha=0.4).numbers["tipping_shift"].item()
    assert shift < 0
    again = result_of(Method.TIPPING_POINT, data, alpha=0.4, options=Options(deltas=(0.0, shift)))
    low, high = again.curves["tipping"].low[0, 1], again.curves["tipping"].high[0, 1]
    assert min(abs(low), abs(high)) == pytest.approx(0.0, abs=1e-6)


def test_the_code_of_a_result_does_it_again():
    plan = protocol.load("lenalidomide")
    analysis = plan.analyses[0]
    code = analyse.plan.reproduction(plan, analysis)
    trial_data = euexia.simulate(plan, trials=1, seed=1)
    found = {"trial_data": trial_data}
    exec(code, found)
    assert found["result"].analysis == analysis.name
    assert found["result"].code == code


def test_the_mixed_model_is_that_of_the_statistics():
    """The adapter gives control 0 and arm 1; the difference is arm less control."""
    result = result_of(Method.MMRM)
    assert result.estimate.item() == pytest.approx(
        result.numbers["mean"].item() - result.numbers["mean_control"].item(), rel=1e-9
    )
    turned = full_protocol(make_analysis("turned", "weight", Method.MMRM, arm="control", control="drug"))
    (other,) = analyse.run(endpoints.derive(ONE, turned), turned)
    assert other.estimate.item() == pytest.approx(-result.estimate.item(), rel=1e-5)
