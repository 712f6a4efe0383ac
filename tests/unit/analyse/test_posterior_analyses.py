"""Posteriors as a planned analysis: what they share with the models beneath, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest

from builders.plans import eventful_stack, full_protocol
from builders.protocols import make_analysis
from euexia import analyse, endpoints
from euexia.core.errors import InputError
from euexia.protocol.analysis_options import Options
from euexia.protocol.analysis_plan import Method

DATA = eventful_stack(3, 60)


def result_of(endpoint, method, plan=None, data=DATA, **keys):
    analysis = make_analysis("asked", endpoint, method, **keys)
    protocol = full_protocol(analysis)
    if plan is not None:
        protocol = plan(protocol)
    (found,) = analyse.run(endpoints.derive(data, protocol), protocol)
    return found


@pytest.mark.parametrize(("endpoint", "method"), [("lean", Method.ANCOVA), ("weight", Method.MMRM)])
def test_with_a_flat_prior_it_is_the_model_beneath(endpoint, method):
    """The posterior of a linear model with a flat prior has the limits of its confidence interval."""
    posterior, model = result_of(endpoint, Method.POSTERIOR_MEAN), result_of(endpoint, method)
    for name in ("estimate", "low", "high"):
        np.testing.assert_allclose(getattr(posterior, name), getattr(model, name), rtol=1e-12)
    np.testing.assert_allclose(posterior.p_value, model.p_value, rtol=1e-9)
    assert posterior.measure_of_effect.startswith("posterior median")


def test_a_sceptical_prior_draws_the_effect_to_nothing():
    flat = result_of("weight", Method.POSTERIOR_MEAN)
    sceptical = result_of("weight", Method.POSTERIOR_MEAN, options=Options(prior_sd=0.1))
    assert (np.abs(sceptical.estimate) < np.abs(flat.estimate)).all()
    assert ((sceptical.high - sceptical.low) < (flat.high - flat.low)).all()


def test_the_probability_of_a_benefit_falls_as_more_is_asked_for():
    asked = [0.0, 0.5, 2.0]
    told = [
        result_of("weight", Method.POSTERIOR_MEAN, options=Options(benefit=value)).numbers[
            "probability_above"
        ]
        for value in asked
    ]
    assert (told[0] > told[1]).all()
    assert (told[1] > told[2]).all()
    np.testing.assert_array_equal(
        told[0], result_of("weight", Method.POSTERIOR_MEAN).numbers["probability_of_benefit"]
    )


def test_where_lower_is_better_benefit_is_a_fall():
    def reversed_(protocol):
        return replace(
            protocol, endpoints=tuple(replace(part, higher_is_better=False) for part in protocol.endpoints)
        )

    up = result_of("weight", Method.POSTERIOR_MEAN, options=Options(benefit=0.0))
    down = result_of("weight", Method.POSTERIOR_MEAN, reversed_, options=Options(benefit=0.0))
    np.testing.assert_allclose(
        up.numbers["probability_of_benefit"] + down.numbers["probability_of_benefit"], 1.0, rtol=1e-12
    )


def test_one_sided_success_is_a_probability_of_benefit():
    found = result_of("weight", Method.POSTERIOR_MEAN, one_sided=True)
    np.testing.assert_allclose(found.p_value, 1.0 - found.numbers["probability_of_benefit"])
    assert found.level == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(prior_mean=1.0), "a mean but no spread"),
        (Options(prior_sd=0.0), "no spread"),
        (Options(prior_sd=float("inf")), "no spread"),
        (Options(imputations=5), "no option 'imputations'"),
    ],
)
def test_options_that_say_nothing_are_refused(options, said):
    with pytest.raises(InputError, match=said):
        result_of("weight", Method.POSTERIOR_MEAN, options=options)


def test_a_prior_is_no_option_of_other_methods():
    with pytest.raises(InputError, match="no option 'prior_sd'"):
        result_of("lean", Method.ANCOVA, options=Options(prior_sd=1.0))
