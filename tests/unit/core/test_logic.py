"""Three-valued logic and exact comparison."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from euexia.core.logic import FALSE, TRUE, UNKNOWN, Comparison, all_of, any_of, at_least, compare, negate

VALUES = (TRUE, FALSE, UNKNOWN)
truths = st.sampled_from(VALUES)


def _truth(value):
    return np.array([value], dtype=np.int8)


def test_truth_tables():
    """Kleene's strong tables, written out."""
    for a, b in itertools.product(VALUES, repeat=2):
        both, either = all_of([_truth(a), _truth(b)])[0], any_of([_truth(a), _truth(b)])[0]
        assert both == (FALSE if FALSE in (a, b) else UNKNOWN if UNKNOWN in (a, b) else TRUE)
        assert either == (TRUE if TRUE in (a, b) else UNKNOWN if UNKNOWN in (a, b) else FALSE)


@given(st.lists(truths, min_size=1, max_size=6), st.integers(1, 6))
def test_at_least_is_what_every_filling_in_agrees_on(values, count):
    """UNKNOWN exactly when some fillings of the unknowns reach the count and others do not."""
    fillings = itertools.product(*[(v,) if v != UNKNOWN else (TRUE, FALSE) for v in values])
    outcomes = {sum(filling) >= count for filling in fillings}
    expected = UNKNOWN if len(outcomes) == 2 else TRUE if outcomes == {True} else FALSE
    assert at_least(count, [_truth(v) for v in values])[0] == expected


@given(st.lists(truths, min_size=1, max_size=6))
def test_de_morgan(values):
    arrays = [_truth(v) for v in values]
    assert negate(all_of(arrays)) == any_of([negate(a) for a in arrays])


def test_exact_five_per_cent_is_not_above_five():
    """For 800 weights from 40.0 to 119.9 kg a loss to 95 % is exactly 5 %; plain floats often fire."""
    weight = np.arange(400, 1200) / 10
    loss = 100 * (weight - weight * 0.95) / weight
    assert (loss > 5).sum() > 100
    assert (compare(loss, Comparison.ABOVE, 5.0) == FALSE).all()
    assert (compare(loss, Comparison.AT_LEAST, 5.0) == TRUE).all()
    assert (compare(loss, Comparison.BELOW, 5.0) == FALSE).all()
    assert (compare(loss, Comparison.AT_MOST, 5.0) == TRUE).all()


def test_missing_is_unknown():
    for comparison in Comparison:
        assert compare(np.nan, comparison, 1.0) == UNKNOWN
        assert compare(1.0, comparison, np.nan) == UNKNOWN
