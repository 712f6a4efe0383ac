"""Robust variance and margins of repeated-measures models, from the plan to the number."""

from dataclasses import replace

import numpy as np
import pytest

from builders.plans import eventful_stack, full_protocol
from builders.protocols import make_analysis
from euexia.analyse.run import run
from euexia.core.errors import InputError
from euexia.endpoints import derive
from euexia.protocol.analysis_options import FreedomChoice, MarginChoice, Options, VarianceChoice
from euexia.protocol.analysis_plan import Method
from euexia.trialdata.trialdata import first_trials


def analysed(data, **options):
    """Return the result of a model of weight, with these options."""
    chosen = Options(strata=("sex",), **options)
    protocol = full_protocol(make_analysis("weight", "weight", Method.MMRM, options=chosen))
    return run(derive(data, protocol), protocol)[0]


@pytest.fixture(scope="module")
def stack():
    return eventful_stack(3, 60)


def test_the_sandwich_changes_errors_and_nothing_else(stack):
    """The coefficients are those of the model; only their variance is told from the residuals."""
    model, robust = analysed(stack), analysed(stack, variance=VarianceChoice.SANDWICH)
    np.testing.assert_array_equal(robust.estimate, model.estimate)
    ratio = robust.numbers["standard_error"] / model.numbers["standard_error"]
    assert np.all((ratio > 0.6) & (ratio < 1.7))
    assert np.all(ratio != 1.0)
    assert any("sandwich" in note for note in robust.notes)


def test_options_give_the_same_bits_alone_and_in_a_stack(stack):
    options = {"variance": VarianceChoice.SANDWICH, "margins": MarginChoice.EQUAL}
    whole = analysed(stack, **options)
    alone = analysed(first_trials(stack, 1), **options)
    for name in ("estimate", "low", "high", "p_value"):
        assert getattr(alone, name)[0] == getattr(whole, name)[0]


def test_equal_margins_take_both_sexes_alike(stack):
    """Means move by the sexes' imbalance times the effect of sex; their difference does not."""
    observed, equal = analysed(stack), analysed(stack, margins=MarginChoice.EQUAL)
    np.testing.assert_allclose(equal.estimate, observed.estimate, rtol=1e-9)
    moved = equal.numbers["mean"] - observed.numbers["mean"]
    np.testing.assert_allclose(
        moved, equal.numbers["mean_control"] - observed.numbers["mean_control"], atol=1e-9
    )
    assert np.all(moved != 0.0)


def test_sexes_as_often_as_each_other_have_equal_margins_that_are_observed():
    """With every second patient a woman and nobody missing, observed margins are equal margins."""
    data = eventful_stack(1, 40)
    weight = data.readings["body_weight"]
    rng = np.random.default_rng(3)
    value = 60.0 + rng.normal(0.0, 3.0, weight.value.shape)
    data = replace(
        data,
        subjects={
            **data.subjects,
            "sex": (np.arange(40) % 2.0)[np.newaxis],
            "death_day": np.full((1, 40), np.nan),
            "withdrawal_day": np.full((1, 40), np.nan),
        },
        readings={
            **data.readings,
            "body_weight": replace(
                weight, value=value, day=np.broadcast_to(weight.planned, weight.day.shape)
            ),
        },
    )
    observed, equal = analysed(data), analysed(data, margins=MarginChoice.EQUAL)
    np.testing.assert_allclose(equal.numbers["mean"], observed.numbers["mean"], rtol=1e-10)


def test_kenward_roger_does_not_go_with_the_sandwich(stack):
    with pytest.raises(InputError, match="Kenward and Roger adjust"):
        analysed(
            stack,
            variance=VarianceChoice.SANDWICH,
            degrees_of_freedom=FreedomChoice.KENWARD_ROGER,
        )
