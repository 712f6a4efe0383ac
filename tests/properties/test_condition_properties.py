"""What holds of every condition whatever is read and whatever is missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euexia import protocol
from euexia.core.logic import UNKNOWN
from euexia.criteria.measures import MEASURES
from euexia.protocol.condition import MeasureHistory, Readings, evaluate, measures_of
from euexia.protocol.statement import Condition

LENALIDOMIDE = protocol.load("lenalidomide")
CONDITIONS = [criterion.require for criterion in LENALIDOMIDE.eligibility] + [
    clause.when for rule in LENALIDOMIDE.rules.values() for clause in rule.clauses
]
DAYS = np.array([-190.0, -68.0, -35.0, -7.0])
PATIENTS = 6


def draw_readings(condition: Condition, data: st.DataObject) -> Readings:
    readings = {}
    for name in measures_of(condition):
        measure = MEASURES[name]
        flag = st.sampled_from([0.0, 1.0])
        number = flag if measure.is_flag else st.floats(measure.low, measure.high)
        size = PATIENTS * len(DAYS)
        values = data.draw(st.lists(number, min_size=size, max_size=size))
        readings[name] = MeasureHistory(DAYS, np.reshape(values, (PATIENTS, len(DAYS))), now=3, baseline=0)
    return readings


def with_gaps(readings: Readings, data: st.DataObject) -> Readings:
    result = {}
    for name, history in readings.items():
        size = history.values.size
        gone = np.reshape(
            data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), history.values.shape
        )
        values = np.where(gone, np.nan, history.values)
        result[name] = MeasureHistory(history.days, values, history.now, history.baseline)
    return result


@pytest.mark.parametrize("condition", CONDITIONS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_decision_without_a_reading_stands_with_it(condition: Condition, data: st.DataObject) -> None:
    """A missing reading of now may make a condition UNKNOWN, never decide it otherwise (strong Kleene).

    Only the reading of now is taken away: another one near the look-back day may stand in for a missing one.
    """
    full = draw_readings(condition, data)
    gaps = {}
    for name, history in with_gaps(full, data).items():
        values = full[name].values.copy()
        values[:, 3] = history.values[:, 3]
        gaps[name] = MeasureHistory(history.days, values, 3, 0)
    before, after = evaluate(condition, gaps), evaluate(condition, full)
    assert ((before == UNKNOWN) | (before == after)).all()


@pytest.mark.parametrize("condition", CONDITIONS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_order_of_patients_changes_nothing(condition: Condition, data: st.DataObject) -> None:
    readings = with_gaps(draw_readings(condition, data), data)
    order = data.draw(st.permutations(range(PATIENTS)))
    shuffled = {
        name: MeasureHistory(history.days, history.values[order], history.now, history.baseline)
        for name, history in readings.items()
    }
    assert (evaluate(condition, shuffled) == evaluate(condition, readings)[order]).all()
