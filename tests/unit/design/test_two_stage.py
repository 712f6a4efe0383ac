"""Simon's designs: the fast search against trying every design; published tables are in tests/reference."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euexia.core.errors import InputError
from euexia.design.two_stage import Aim, admissible, evaluate, rejection_curve, rejection_probability, simon
from euexia.design.two_stage_reference import feasible_designs, rejects


def plain(found):
    return found.first_limit, found.first_size, found.limit, found.size


def test_rejection_probability_by_hand():
    """Two and two patients, on above 0, reject above 2: P(3 or 4 of 4), never with 0 of the first 2."""
    p = 0.5
    expected = 4 * p**3 * (1 - p) + p**4
    assert rejection_probability(0, 2, 2, 4, p) == pytest.approx(expected)
    assert rejects((0, 2, 2, 4), p) == pytest.approx(expected)


@settings(max_examples=6, deadline=None)
@given(
    null=st.floats(0.05, 0.3),
    gain=st.floats(0.45, 0.6),
    alpha=st.floats(0.08, 0.2),
    power=st.floats(0.6, 0.85),
)
def test_no_feasible_design_is_better(null, gain, alpha, power):
    """Every design of up to 11 patients is tried, plainly, with loops over both counts."""
    found = dict(feasible_designs(null, null + gain, alpha, power, 11))
    if not found:
        return
    optimal = simon(null, null + gain, alpha, power, Aim.OPTIMAL)
    assert optimal.expected_size <= min(found.values()) + 1e-9
    if optimal.size <= 11:
        assert optimal.expected_size == pytest.approx(min(found.values()))
    smallest = min(size for *_, size in found)
    minimax = simon(null, null + gain, alpha, power, Aim.MINIMAX)
    assert minimax.size == smallest
    least = min(mean for design, mean in found.items() if design[3] == smallest)
    assert minimax.expected_size == pytest.approx(least)


def test_the_admissible_set_runs_from_minimax_to_optimal():
    corners = admissible(0.2, 0.4, 0.05, 0.8)
    assert corners[0].design == simon(0.2, 0.4, 0.05, 0.8, Aim.MINIMAX)
    assert corners[-1].design == simon(0.2, 0.4, 0.05, 0.8, Aim.OPTIMAL)
    assert corners[0].greatest_weight == 1
    assert corners[-1].least_weight == 0
    for before, after in pairwise(corners):
        assert before.least_weight == after.greatest_weight
        assert before.design.expected_size > after.design.expected_size


@pytest.mark.parametrize("weight", [0.0, 0.05, 0.14, 0.3, 0.7, 1.0])
def test_an_admissible_design_is_best_for_its_weight(weight):
    """Among the admissible designs and Simon's two; the hull cannot miss a better one between them."""
    corners = admissible(0.2, 0.4, 0.05, 0.8)

    def cost(corner):
        return weight * corner.design.size + (1 - weight) * corner.design.expected_size

    own = [corner for corner in corners if corner.least_weight <= weight <= corner.greatest_weight]
    assert cost(own[0]) == pytest.approx(min(map(cost, corners)))


def test_sizes_near_a_hundred_take_seconds_at_most():
    """The optimal design for .30 against .45 has 110 patients; 5 s allowed for 0.1."""
    start = time.perf_counter()
    assert plain(simon(0.3, 0.45, 0.05, 0.9, Aim.OPTIMAL)) == (13, 40, 40, 110)
    assert time.perf_counter() - start < 5


def test_the_curve_passes_through_level_and_power():
    found = simon(0.1, 0.3, 0.05, 0.8, Aim.OPTIMAL)
    assert rejection_curve(found, [0.1, 0.3]) == pytest.approx([found.level, found.power])
    again = evaluate(*plain(found), 0.1, 0.3)
    assert (again.level, again.power) == pytest.approx((found.level, found.power))
    assert (again.expected_size, again.early_stop) == pytest.approx((found.expected_size, found.early_stop))


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((0.3, 0.1, 0.05, 0.8), "not above 'null'"),
        ((0.1, 0.3, 0.7, 0.8), "'alpha' is 0.7"),
        ((0.1, 0.3, 0.05, 0.04), "a coin would do"),
        ((0.0, 0.3, 0.05, 0.8), "'null' is 0"),
        ((0.1, 0.3, 0.05, 1.0), "'power' is 1"),
    ],
)
def test_numbers_that_make_no_design_are_refused(numbers, said):
    with pytest.raises(InputError, match=said):
        simon(*numbers, Aim.OPTIMAL)


def test_a_search_that_finds_nothing_says_so():
    with pytest.raises(InputError, match="No two-stage design of up to 10 patients"):
        simon(0.05, 0.06, 0.05, 0.8, Aim.OPTIMAL, largest=10)
    with pytest.raises(InputError, match="can be shown to be optimal"):
        simon(0.1, 0.3, 0.1, 0.9, Aim.OPTIMAL, largest=25)
    with pytest.raises(InputError, match="is no two-stage design"):
        evaluate(3, 2, 4, 26, 0.1, 0.3)
