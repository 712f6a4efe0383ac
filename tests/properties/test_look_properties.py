"""Cuts of trial data and boundaries of running trials, for any days and any information."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.trials import make_events, make_readings, make_trial
from euexia.design.monitored_trials import Look, MonitoringPlan, complete, futile_below, limits
from euexia.design.spending import Boundary as Kind
from euexia.study.look_decisions import combined, conditional_power
from euexia.trialdata.cut import cut, first_subjects, held, without_empty_places

DAYS = st.floats(min_value=-5.0, max_value=200.0)
SUBJECTS = 6


def trial(enrolled, deaths):
    """Return one trial with readings on days 0, 28 and 56, and an event of each subject on day 20."""
    shape = (1, SUBJECTS, 3)
    day = np.broadcast_to(np.array([0.0, 28.0, 56.0]), shape)
    died = np.asarray(deaths, dtype=float)[np.newaxis]
    value = np.where(day > np.where(np.isnan(died), np.inf, died)[..., np.newaxis], np.nan, 50.0)
    return make_trial(
        np.arange(SUBJECTS) % 2,
        readings={"crp": make_readings(day, value)},
        events=make_events([(0, place, 20.0, "rash", 1, False) for place in range(SUBJECTS)]),
        enrolled_day=np.sort(np.asarray(enrolled, dtype=float))[np.newaxis],
        death_day=died,
        last_contact_day=np.where(np.isnan(died), 56.0, died),
    )


TRIALS = st.builds(
    trial,
    st.lists(st.integers(0, 100), min_size=SUBJECTS, max_size=SUBJECTS),
    st.lists(st.one_of(st.just(np.nan), st.integers(1, 56)), min_size=SUBJECTS, max_size=SUBJECTS),
)


def same(first, second):
    """Assert that two trials hold the same subjects, readings and events."""
    for name, column in first.subjects.items():
        np.testing.assert_array_equal(second.subjects[name], column, err_msg=name)
    for name, part in first.readings.items():
        np.testing.assert_array_equal(second.readings[name].value, part.value)
    np.testing.assert_array_equal(first.events.subject, second.events.subject)


@given(TRIALS, DAYS, DAYS)
@settings(max_examples=60, deadline=None)
def test_a_later_cut_takes_nothing_from_an_earlier_one(data, one, other):
    early, late = np.array([min(one, other)]), np.array([max(one, other)])
    same(cut(cut(data, late), early), cut(data, early))


@given(TRIALS, DAYS)
@settings(max_examples=60, deadline=None)
def test_nothing_of_a_cut_lies_after_its_day(data, day):
    seen = cut(data, np.array([day]))
    calendar = data.subjects["enrolled_day"]
    for name in ("death_day", "last_contact_day"):
        known = seen.subjects[name]
        assert not (calendar + known > day + 1e-9)[~np.isnan(known)].any()
    read = ~np.isnan(seen.readings["crp"].value)
    assert not (calendar[..., np.newaxis] + seen.readings["crp"].day > day + 1e-5)[read].any()
    assert (calendar[0, seen.events.subject] + seen.events.day <= day).all()
    assert (held(seen) == (calendar <= day)).all()


@given(TRIALS, st.integers(1, SUBJECTS))
@settings(max_examples=30, deadline=None)
def test_fewer_patients_leave_no_empty_place_behind(data, count):
    short = without_empty_places(first_subjects(data, np.array([count])))
    assert short.size == count
    assert held(short).all()
    assert (short.events.subject < count).all()


@given(
    st.lists(st.floats(0.05, 1.0), min_size=3, max_size=3, unique=True),
    st.sampled_from([Kind.SPENDING_OBRIEN_FLEMING, Kind.SPENDING_POCOCK]),
    st.sampled_from([1, 2]),
)
@settings(max_examples=30, deadline=None)
def test_boundaries_do_not_depend_on_who_else_is_looked_at(times, kind, sides):
    """A trial among others has the very floats that it has alone."""
    plan = complete(
        MonitoringPlan(
            looks=(Look(information=0.3, spends=kind), Look(information=0.6, spends=kind)),
            alpha=0.025 * sides,
            sides=sides,
        )
    )
    own = np.sort(np.array([times]))
    others = np.concatenate([own, [[0.3, 0.6, 1.0]], own + 0.07, [[0.2, 0.4, 0.9]]])
    alone, among = limits(plan, own, last=True), limits(plan, others, last=True)
    np.testing.assert_array_equal(alone.upper[0], among.upper[0])
    assert (alone.upper[0] > 0).all()


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.floats(1.5, 3.0))
@settings(max_examples=60, deadline=None)
def test_the_limit_of_a_conditional_power_has_that_conditional_power(power, information, final):
    limit = futile_below(power, np.array([information]), final)
    found = conditional_power(limit, np.array([information]), final)
    np.testing.assert_allclose(found, power, rtol=1e-6)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.05, 0.95))
@settings(max_examples=60, deadline=None)
def test_two_stages_as_planned_combine_to_the_plain_statistic(first, final, information):
    t = np.array([information])
    both = combined(np.array([first]), np.array([final]), (t, np.ones(1)), t)
    np.testing.assert_allclose(both, final, atol=1e-9)
