"""Trends: the robust slope, what it projects, and muscle per hundred days."""

import numpy as np
import pytest
from scipy import stats

from euexia.assess.columns import Reference, Settings
from euexia.assess.record import NOTHING, Record, Series
from euexia.assess.trend import Slope, project, slope_of, trend_of


def series(readings):
    days, values = zip(*readings, strict=True)
    size = len(days)
    return Series.sorted([0] * size, days, values, range(size))


def test_a_straight_line_gives_its_own_slope():
    slope = slope_of(series([(0, 80.0), (7, 79.3), (14, 78.6), (28, 77.2)]))
    assert slope.per_day == pytest.approx(-0.1)
    assert slope.level == pytest.approx(77.2)
    assert slope.share_per_week()[0] == pytest.approx(-0.7 / 77.2)


def test_one_wrong_weight_hardly_moves_the_slope():
    """The least-squares slope of the same readings is more than ten times as steep."""
    readings = [(0, 80.0), (7, 79.3), (14, 78.6), (21, 77.9), (28, 77.2), (35, 40.0)]
    days, values = zip(*readings, strict=True)
    assert slope_of(series(readings)).per_day == pytest.approx(-0.1, abs=0.05)
    assert stats.linregress(days, values).slope < -0.7


@pytest.mark.parametrize("readings", [[(0, 80.0), (30, 79.0)], [(0, 80.0), (3, 79.0), (6, 78.0)]])
def test_too_few_or_too_near_readings_have_no_slope(readings):
    assert slope_of(series(readings)) is None
    assert slope_of(NOTHING) is None


def test_only_the_window_counts():
    old = [(0, 100.0), (300, 80.0), (310, 80.0), (320, 80.0)]
    assert slope_of(series(old)).per_day == pytest.approx(0.0)


def falling(per_day, low, high):
    return Slope(per_day=per_day, low=low, high=high, level=78.0, readings=5, days=60)


def test_the_next_degree_of_loss_is_projected():
    """From 78 of 80 kg at 0.1 kg a day, 5 % (76 kg) is reached in 20 days; at 0.2 in 10, at 0.05 in 40."""
    ahead = project(78.0, 80.0, falling(-0.1, -0.2, -0.05))
    assert (ahead.degree, ahead.weight) == (0.05, pytest.approx(76.0))
    assert (ahead.days, ahead.soonest, ahead.latest) == pytest.approx((20.0, 10.0, 40.0))


def test_a_degree_that_is_passed_gives_way_to_the_next():
    assert project(75.9, 80.0, falling(-0.1, -0.2, -0.05)).degree == 0.10


def test_an_interval_that_holds_gain_has_no_latest_day():
    assert np.isinf(project(78.0, 80.0, falling(-0.1, -0.2, 0.02)).latest)


def test_nothing_is_projected_without_a_fall():
    assert project(78.0, 80.0, falling(0.0, -0.1, 0.1)) is None
    assert project(78.0, 80.0, None) is None
    assert project(78.0, float("nan"), falling(-0.1, -0.2, -0.05)) is None
    assert project(60.0, 80.0, falling(-0.1, -0.2, -0.05)) is None


def test_the_whole_trend_of_a_patient():
    """80 to 75 kg in 182 days is 6.25 %; muscle 140 to 133 cm2 in 100 days is -5 % per 100 days."""
    weights = series([(0, 80.0), (60, 82.0), (120, 77.0), (182, 75.0)])
    record = Record(
        patients=("P",),
        series={"body_weight": weights, "skeletal_muscle_area": series([(0, 140.0), (100, 133.0)])},
    )
    found = trend_of(record, 0, Settings())
    assert (found.weight, found.reference_weight, found.loss) == pytest.approx((75.0, 80.0, 0.0625))
    assert found.muscle_per_100_days == pytest.approx(-0.05)
    largest = trend_of(record, 0, Settings(reference=Reference.MAXIMUM))
    assert largest.reference_weight == 82.0
    assert largest.reference_age == 122.0


def test_a_patient_without_weights_has_no_trend():
    record = Record(patients=("P",), series={"skeletal_muscle_area": series([(0, 140.0), (10, 139.0)])})
    found = trend_of(record, 0, Settings())
    assert np.isnan(found.weight)
    assert found.slope is None
    assert np.isnan(found.muscle_per_100_days)
