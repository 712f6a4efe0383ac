"""The frame of all definitions: three-valued criteria, points with intervals, readings and their refusal."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euexia.core import logic
from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison
from euexia.criteria.criterion import (
    Criterion,
    above,
    all_of,
    any_measured,
    any_of,
    below,
    by_sex,
    choose,
    count_at_least,
    first_known,
    fixed,
    stated,
)
from euexia.criteria.definition import numbers
from euexia.criteria.inflammation import mgps
from euexia.criteria.outcome import Status
from euexia.criteria.points import band, gated, graded, item, points_for_count, points_if, total, worst

NAN = float("nan")
TRUTHS = (TRUE, FALSE, UNKNOWN)


def one(truth: int, name: str = "x") -> Criterion:
    array = np.array([truth], dtype=np.int8)
    return Criterion(array, {name: array == UNKNOWN} if truth == UNKNOWN else {})


@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, TRUTHS)))
def test_operators_are_the_logic_of_the_core(left: int, right: int) -> None:
    a, b = one(left, "a"), one(right, "b")
    pair = [a.truth, b.truth]
    assert (a & b).truth == all_of([a, b]).truth == logic.all_of(pair)
    assert (a | b).truth == any_of([a, b]).truth == logic.any_of(pair)
    assert (~a).truth == logic.negate(a.truth)
    for count in (1, 2):
        assert count_at_least(count, [a, b]).truth == logic.at_least(count, pair)


@given(st.lists(st.sampled_from(TRUTHS), min_size=3, max_size=3))
def test_a_missing_reading_is_named_only_where_it_matters(truths: list[int]) -> None:
    """In a | (b & c), a reading is named exactly if filling it and the others can still change the answer."""
    a, b, c = (one(truth, name) for truth, name in zip(truths, "abc", strict=True))
    rule = a | (b & c)
    open_ = rule.truth[0] == UNKNOWN
    for name, position in zip("abc", range(3), strict=True):
        named = name in rule.missing and bool(rule.missing[name][0])
        if truths[position] != UNKNOWN:
            assert not named
            continue
        others = [TRUTHS[:2] if truth == UNKNOWN else (truth,) for truth in truths]
        turns = False
        for world in product(*others):
            flipped = list(world)
            flipped[position] = TRUE if world[position] == FALSE else FALSE
            before = world[0] or (world[1] and world[2])
            after = flipped[0] or (flipped[1] and flipped[2])
            turns = turns or bool(before) != bool(after)
        assert named == (turns and open_)


def test_first_known_and_any_measured() -> None:
    assert first_known(one(UNKNOWN), one(FALSE)).truth == FALSE
    assert first_known(one(FALSE), one(TRUE)).truth == FALSE
    assert any_measured([one(UNKNOWN), one(FALSE)]).truth == FALSE
    assert any_measured([one(UNKNOWN), one(TRUE)]).truth == TRUE
    both = any_measured([one(UNKNOWN, "a"), one(UNKNOWN, "b")])
    assert both.truth == UNKNOWN
    assert set(both.missing) == {"a", "b"}


def test_choose_asks_only_for_the_branch_taken() -> None:
    chosen = choose(np.array([True]), one(UNKNOWN, "a"), one(UNKNOWN, "b"))
    assert set(chosen.missing) == {"a"}
    assert choose(np.array([False]), one(UNKNOWN), fixed([TRUE])).truth == TRUE


def test_unknown_sex_has_no_threshold() -> None:
    cut = by_sex([1, 0, NAN, 2], 28.0, 18.0)
    assert below([20, 20, 20, 20], cut).truth.tolist() == [TRUE, FALSE, UNKNOWN, UNKNOWN]


def test_needs_are_named() -> None:
    male, grip = np.array([1, NAN]), np.array([NAN, 20.0])
    found = below(grip, by_sex(male, 28, 18), male=male, grip=grip)
    assert found.missing["grip"].tolist() == [True, False]
    assert found.missing["male"].tolist() == [False, True]


def test_stated_takes_nothing_but_yes_and_no() -> None:
    assert stated(flag=[1, 0, NAN, 0.5]).truth.tolist() == [TRUE, FALSE, UNKNOWN, UNKNOWN]


# --- Points -------------------------------------------------------------------------------------------------

STEPS = ((Comparison.AT_LEAST, 2.0, 1.0), (Comparison.ABOVE, 5.0, 3.0))


def test_graded() -> None:
    points = graded([1.9, 2.0, 5.0, 5.1, NAN], STEPS, first=0)
    assert points.low.tolist() == [0, 1, 1, 3, 0]
    assert points.high.tolist() == [0, 1, 1, 3, 3]


def test_sum_and_worst_are_intervals() -> None:
    known, gap = item([2.0], 0, 4, a=[2.0]), item([NAN], 0, 4, b=[NAN])
    summed = total([known, gap])
    assert (summed.low[0], summed.high[0]) == (2, 6)
    assert np.isnan(summed.value[0])
    assert set(summed.missing) == {"b"}
    highest = worst([known, gap])
    assert (highest.low[0], highest.high[0]) == (2, 4)
    assert worst([item([4.0], 0, 4, a=[4.0]), gap]).missing == {}
    assert summed.reaches(Comparison.AT_LEAST, 2).truth == TRUE
    assert summed.reaches(Comparison.AT_LEAST, 3).truth == UNKNOWN
    assert summed.reaches(Comparison.AT_LEAST, 7).truth == FALSE


def test_points_of_criteria() -> None:
    assert (points_if(one(UNKNOWN), 2).low[0], points_if(one(UNKNOWN), 2).high[0]) == (0, 2)
    counted = points_for_count([one(TRUE), one(TRUE), one(UNKNOWN)], (0, 1, 2))
    assert counted.value[0] == 2
    assert counted.missing == {}
    opened = gated(item([3.0], 0, 4, a=[3.0]), one(UNKNOWN, "gate"))
    assert (opened.low[0], opened.high[0]) == (0, 3)
    assert set(opened.missing) == {"gate"}


def test_band() -> None:
    assert band([14.9, 15, 47, NAN], Comparison.AT_LEAST, (15, 29, 47)).tolist() == [0, 1, 3, -1]


# --- Readings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column",
    [
        [1.0, None, 3.0],
        np.array([1.0, np.nan, 3.0], dtype=np.float32),
        pd.Series([1.0, None, 3.0]),
        pd.Series([1, None, 3], dtype="Int64"),
        pd.Series([1, None, 3], dtype=object),
    ],
)
def test_missing_of_any_kind_becomes_nan(column: object) -> None:
    assert numbers(column).tolist() == pytest.approx([1.0, NAN, 3.0], nan_ok=True)


def test_flags_of_any_kind_become_numbers() -> None:
    assert numbers(pd.Series([True, None], dtype="boolean")).tolist() == pytest.approx([1, NAN], nan_ok=True)
    assert numbers(pd.Series([True, False])).tolist() == [1, 0]
    assert np.isnan(numbers(None))


def test_scalars_and_columns_mix() -> None:
    outcome = mgps(crp=[[5.0], [45.0]], albumin=[30.0, 40.0, 36.0])
    assert outcome.value is not None
    assert outcome.value.tolist() == [[0, 0, 0], [2, 1, 1]]


def test_an_implausible_reading_does_not_undo_what_another_decides() -> None:
    """Albumin in g/dL is refused; CRP of 5 decides alone, CRP of 45 does not."""
    outcome = mgps(crp=[5.0, 45.0], albumin=4.0)
    assert outcome.invalid["albumin"].all()
    assert outcome.status.tolist() == [Status.OK, Status.INVALID]
    assert "albumin" not in outcome.missing


def test_the_boundary_of_a_sum_of_decimals() -> None:
    assert above(0.1 + 0.2, 0.3).truth == FALSE
