"""Conditional power, predictive power, intervals and final analyses: laws that tie them to the design."""

import numpy as np
import pytest
from scipy import stats

from euexia.core.errors import InputError
from euexia.design.binomial_sequential import binomial_course
from euexia.design.boundaries import Futility
from euexia.design.group_sequential import course, design
from euexia.design.monitoring import conditional_power, final_analysis, predictive_power, repeated_interval
from euexia.design.spending import Boundary
from euexia.design.two_stage import evaluate

PLAN = design(
    Boundary.SPENDING_OBRIEN_FLEMING,
    [0.4, 0.7, 1.0],
    0.025,
    0.8,
    futility=Futility(boundary=Boundary.SPENDING_POCOCK),
)


@pytest.mark.parametrize("drift", [0.0, 1.5, 3.0])
def test_conditional_power_averages_to_power(drift):
    """The law of total probability over Z at the first look, by trapezoids between the boundaries."""
    z = np.linspace(PLAN.lower[0], PLAN.upper[0], 4001)
    density = stats.norm.pdf(z, drift * np.sqrt(0.4))
    going_on = np.trapezoid(conditional_power(PLAN, 1, z, drift) * density, z)
    found = course(PLAN, drift)
    assert going_on + found.efficacy[0] == pytest.approx(float(found.rejection), abs=1e-7)


def test_conditional_power_at_the_last_interim_by_hand():
    """P(Z >= u | z) with one step left is a normal tail."""
    z, drift, time = 1.7, 2.5, PLAN.information[1]
    expected = stats.norm.sf((PLAN.upper[2] - z * np.sqrt(time) - drift * (1 - time)) / np.sqrt(1 - time))
    assert conditional_power(PLAN, 2, z, drift) == pytest.approx(expected)


def test_conditional_power_of_a_stack_is_that_of_each():
    z = np.random.default_rng(1).normal(1, 1, 50)
    stack = conditional_power(PLAN, 1, z)
    assert np.array_equal(stack, [conditional_power(PLAN, 1, one) for one in z])


def test_predictive_power_with_a_firm_opinion_is_conditional_power():
    """A prior of hardly any width leaves one drift."""
    found = predictive_power(PLAN, 1, 1.2, prior_drift=2.0, prior_deviation=1e-6)
    assert found == pytest.approx(float(conditional_power(PLAN, 1, 1.2, 2.0)), abs=1e-6)


def test_predictive_power_without_opinion_in_closed_form():
    """One step left, flat prior: P(Z_K >= u) with variance 1 / t of what is to come (Spiegelhalter 1986)."""
    z, time = 1.9, PLAN.information[1]
    expected = stats.norm.cdf((z / np.sqrt(time) - PLAN.upper[2]) * np.sqrt(time / (1 - time)))
    assert predictive_power(PLAN, 2, z) == pytest.approx(expected, abs=1e-9)


def test_a_trial_that_ends_on_the_boundary_has_spent_its_alpha():
    """The stage-wise p-value on the boundary is the alpha spent by then, futility not binding."""
    plan = design(Boundary.SPENDING_POCOCK, [1, 2, 3], 0.025, 0.8)
    spent = np.cumsum(course(plan, 0.0).efficacy)
    found = [float(final_analysis(plan, k, plan.upper[k - 1]).p_value) for k in (1, 2, 3)]
    assert found == pytest.approx(spent)
    assert final_analysis(plan, 3, plan.upper[2]).low == pytest.approx(0.0, abs=1e-8)


def test_the_first_analysis_is_an_ordinary_one():
    found = final_analysis(PLAN, 1, 3.6)
    scale = np.sqrt(PLAN.information[0])
    assert found.p_value == pytest.approx(stats.norm.sf(3.6))
    assert found.drift * scale == pytest.approx(3.6, abs=1e-7)
    assert np.array([found.low, found.high]) * scale == pytest.approx(
        [3.6 - 1.959964, 3.6 + 1.959964], abs=1e-6
    )


def test_the_repeated_interval_excludes_zero_when_the_boundary_is_crossed():
    low, high = repeated_interval(PLAN, 2, [PLAN.upper[1], PLAN.upper[1] + 0.1], [1.0, 1.0])
    assert low == pytest.approx([0.0, 0.1])
    assert (high > low).all()


def test_two_looks_at_a_count_are_simons_design():
    """Simon's design as a trial with looks: stop at r1 or fewer, reject above r."""
    given = evaluate(1, 10, 5, 29, 0.1, 0.3)
    found = binomial_course([10, 29], [1, 5], [11, 6], [0.1, 0.3])
    assert found.upper.sum(axis=1) == pytest.approx([given.level, given.power])
    assert found.expected_size[0] == pytest.approx(given.expected_size)
    assert (found.upper + found.lower).sum(axis=1) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: conditional_power(PLAN, 3, 1.0), "is the last one"),
        (lambda: conditional_power(PLAN, 0, 1.0), "Count them from 1"),
        (lambda: final_analysis(PLAN, 4, 1.0), "the design has 3"),
        (lambda: predictive_power(PLAN, 1, 1.0, prior_deviation=0.0), "'prior_deviation' is 0"),
        (lambda: binomial_course([50, 40], [0, 0], [5, 5], [0.1]), "patients that increase"),
        (lambda: binomial_course([50], [5], [5], [0.1]), "lower boundary"),
        (lambda: binomial_course([50], [0, 1], [5], [0.1]), "one number for each analysis"),
        (lambda: binomial_course([50], [0], [5], [1.0]), "'rate' is 1"),
    ],
)
def test_what_cannot_be_asked_is_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()
