"""Events from cumulative hazards."""

import numpy as np
import pytest
from scipy import stats

from euexia.core.streams import Purpose
from euexia.simulate.events import crossing_day, first_event, repeated_events
from euexia.simulate.treatment import uptake

DAYS = np.array([0.0, 3.0, 7.0, 28.0])


def test_the_day_is_interpolated_inside_the_span():
    """By hand: hazard 0.5 from day 3 to 7, 0.25 of it needed after day 3, so half-way: day 5."""
    cumulative = np.array([[0.0, 0.25, 0.75, 0.75]])
    assert crossing_day(DAYS, cumulative, np.array([0.5])) == pytest.approx([5.0])


def test_no_event_without_enough_hazard():
    assert np.isnan(crossing_day(DAYS, np.array([[0.0, 0.1, 0.2, 0.3]]), np.array([0.31]))).all()


def test_a_flat_stretch_has_no_event():
    """The hazard stands still from day 7 on: an event that needs all of it comes by day 7."""
    assert crossing_day(DAYS, np.array([[0.0, 0.1, 0.3, 0.3]]), np.array([0.3])) == pytest.approx([7.0])


def test_waiting_times_of_a_constant_hazard_are_exponential():
    """Kolmogorov-Smirnov, 20,000 patients, rate 0.01 a day over 1,000 days; fails by chance 1 in 10,000."""
    days = np.linspace(0, 1000, 21)
    count = np.arange(20_000)
    cumulative = np.broadcast_to(0.01 * days, (count.size, days.size))
    day = first_event(1, Purpose.DEATH, np.zeros_like(count), count, 0, days, cumulative)
    known = day[~np.isnan(day)]
    assert stats.kstest(known, stats.truncexpon(10, scale=100).cdf).pvalue > 1e-4


def test_repeated_events_are_poisson():
    """Mean and variance 0.84 events in 84 days at 0.01 a day; standard error of the mean 0.0065."""
    days = np.array([0.0, 56.0, 84.0])
    count = np.arange(20_000)
    cumulative = np.broadcast_to(0.01 * days, (count.size, days.size))
    events = np.zeros(count.size)
    for patients, day in repeated_events(
        1, Purpose.SERIOUS_EVENT, np.zeros_like(count), count, days, cumulative
    ):
        events[patients] += 1
        assert (day <= 84).all()
    assert events.mean() == pytest.approx(0.84, abs=0.03)
    assert events.var() == pytest.approx(0.84, abs=0.05)


def test_more_hazard_brings_the_same_event_earlier():
    """The threshold is the patient's own: a treatment that doubles the hazard halves the waiting time."""
    days = np.array([0.0, 1000.0])
    count = np.arange(100)
    once = np.broadcast_to(0.01 * days, (100, 2))
    slow = first_event(1, Purpose.DEATH, 0 * count, count, 0, days, once)
    fast = first_event(1, Purpose.DEATH, 0 * count, count, 0, days, 2 * once)
    assert fast == pytest.approx(slow / 2)


@pytest.mark.parametrize("mean", [0.3, 0.5, 0.9])
def test_uptake_has_its_mean(mean):
    """E U^((1-m)/m) = m; 40,000 draws, standard error below 0.002."""
    count = np.arange(40_000)
    shares = uptake(1, "prokinetic", mean, np.zeros_like(count), count)
    assert shares.mean() == pytest.approx(mean, abs=0.008)
    assert ((shares >= 0) & (shares <= 1)).all()


def test_full_adherence_is_full_and_none_is_none():
    count = np.arange(10)
    assert (uptake(1, "x", 1.0, count, count) == 1).all()
    assert (uptake(1, "x", 0.0, count, count) == 0).all()
