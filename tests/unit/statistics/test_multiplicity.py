"""Several hypotheses: by hand, by simulation, and what is refused."""

import numpy as np
import pytest

from euexia.core.errors import InputError
from euexia.statistics import dunnett, graphical, multiplicity
from euexia.statistics.multiplicity import Method
from euexia.statistics.plain_methods import dunnett_tail
from euexia.statistics.proportions import Alternative


def test_co_primary_endpoints_need_both():
    """The larger p-value counts; an endpoint that could not be tested is not met."""
    assert multiplicity.intersection_union([[0.01, 0.04], [0.2, 0.001], [0.01, np.nan]]).tolist() == [
        0.04,
        0.2,
        1.0,
    ]


def test_three_p_values_by_hand():
    """0.01, 0.02, 0.04: Holm 3 x 0.01, 2 x 0.02, 0.04; Hochberg the least from the top."""
    p = [0.04, 0.01, 0.02]
    assert multiplicity.adjust(p, Method.HOLM) == pytest.approx([0.04, 0.03, 0.04])
    assert multiplicity.adjust(p, Method.HOCHBERG) == pytest.approx([0.04, 0.03, 0.04])
    assert multiplicity.adjust(p, Method.BONFERRONI) == pytest.approx([0.12, 0.03, 0.06])
    assert multiplicity.adjust(p, Method.FIXED_SEQUENCE) == pytest.approx([0.04, 0.04, 0.04])


@pytest.mark.parametrize("method", Method)
def test_what_could_not_be_tested_stays_unknown_and_helps_nobody(method):
    found = multiplicity.adjust([[0.01, np.nan, 0.02], [0.01, 1.0, 0.02]], method)
    assert np.isnan(found[0, 1])
    np.testing.assert_array_equal(found[0, [0, 2]], found[1, [0, 2]])


def test_a_fallback_graph_by_hand():
    """Weights 1/2, 1/2 and one arrow down: the second has 1/2 of alpha, and all if the first is rejected."""
    plan = graphical.graph([0.5, 0.5], [[0, 1], [0, 0]])
    assert graphical.adjust([0.01, 0.04], plan) == pytest.approx([0.02, 0.04])
    assert graphical.adjust([0.04, 0.01], plan) == pytest.approx([0.08, 0.02])
    assert graphical.adjust([0.9, 0.9], plan) == pytest.approx([1.0, 1.0])


def test_a_hypothesis_that_no_alpha_reaches_is_never_rejected():
    plan = graphical.graph([1.0, 0.0], [[0, 0], [0, 0]])
    assert graphical.adjust([[0.0, 0.0]], plan).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(
    ("weights", "transitions", "fault"),
    [
        ([0.7, 0.7], [[0, 1], [1, 0]], "sum to 1.4"),
        ([-0.1, 0.7], [[0, 1], [1, 0]], "negative"),
        ([0.5, 0.5], [[0.5, 0.5], [1, 0]], "to itself"),
        ([0.5, 0.5], [[0, 1.5], [1, 0]], "row"),
        ([0.5, 0.5], [[0, 1]], "one row and column"),
    ],
)
def test_graphs_that_would_spend_too_much_are_refused(weights, transitions, fault):
    with pytest.raises(InputError, match=fault):
        graphical.graph(weights, transitions)


def test_wrong_p_values_are_refused():
    with pytest.raises(InputError, match="between 0 and 1"):
        multiplicity.adjust([0.1, 1.2], Method.HOLM)
    with pytest.raises(InputError, match="shape"):
        multiplicity.adjust(0.1, Method.HOLM)
    with pytest.raises(InputError, match="too many subsets"):
        multiplicity.closed_testing(np.full(15, 0.1), multiplicity.simes)
    with pytest.raises(InputError, match="2 hypotheses"):
        graphical.adjust([0.1, 0.1, 0.1], graphical.complete(2))
    with pytest.raises(InputError, match="loading"):
        dunnett.single_step([1.0, 2.0], [1.0, 0.5], 10)


def test_dunnett_agrees_with_simulation():
    """Half a million draws of four unequal arms: the chance of a |T| beyond 2.2 to 4 Monte-Carlo errors."""
    sizes = np.array([12, 5, 9, 30])
    found = dunnett.single_step([2.2, 0.0, 0.0], dunnett.loadings(sizes[1:], sizes[0]), 52)[0, 0]
    draws = 500_000
    simulated = dunnett_tail(2.2, sizes, 52, draws, seed=1)
    assert found == pytest.approx(simulated, abs=4 * np.sqrt(simulated * (1 - simulated) / draws))


def test_simultaneous_intervals_exclude_zero_when_the_test_rejects():
    t = np.array([[2.6, 1.2, -3.0]])
    loading = np.array([0.7, 0.6, 0.5])
    found = dunnett.intervals(t, np.ones_like(t), loading, 25, 0.95)
    rejected = dunnett.single_step(t, loading, 25) <= 0.05
    np.testing.assert_array_equal(rejected, (found.low > 0) | (found.high < 0))


def test_loadings_are_found_from_a_covariance():
    """Means of four arms: the covariance of three differences from the first has one factor, exactly."""
    sizes = np.array([10.0, 6.0, 20.0, 15.0])
    covariance = np.diag(1 / sizes[1:]) + 1 / sizes[0]
    found, miss = dunnett.loadings_of(covariance)
    np.testing.assert_allclose(found, dunnett.loadings(sizes[1:], sizes[0]), rtol=1e-12)
    assert miss < 1e-12


def test_a_comparison_that_failed_leaves_the_family():
    """With one of two unknown, the other is Student's own p-value."""
    found = dunnett.single_step([[2.086, np.nan]], [0.7, 0.7], 20)
    assert found[0, 0] == pytest.approx(0.05, abs=5e-5)
    assert np.isnan(found[0, 1])
    stepped = dunnett.step_down([[np.nan, 2.086]], [0.7, 0.7], 20, alternative=Alternative.TWO_SIDED)
    assert np.isnan(stepped[0, 0])
    assert stepped[0, 1] == pytest.approx(0.05, abs=5e-5)
