"""Looking back by search gives what looking back by loop gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euexia.assess.columns import Columns, Reference, Settings
from euexia.assess.record import (
    Occasions,
    Record,
    Series,
    largest_within,
    occasions,
    value_at,
    value_before,
    value_for_good,
)
from euexia.criteria.weight_loss import MONTH, tolerance, value_at_look_back

NAN = float("nan")


def series(*readings):
    """Return a series from (patient, day, value)."""
    who, when, what = zip(*readings, strict=True)
    return Series.sorted(who, when, what, range(2, 2 + len(readings)))


def at(*occasion):
    who, when = zip(*occasion, strict=True)
    return Occasions(patient=np.array(who), day=np.array(when))


READINGS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 400), st.floats(30, 120)),
    min_size=1,
    max_size=25,
    unique_by=lambda reading: reading[:2],
)


@given(readings=READINGS, days=st.sampled_from([7.0, 28.0, 2 * MONTH, 6 * MONTH]))
def test_the_search_agrees_with_the_protocols_look_back(readings, days):
    """``criteria.weight_loss.value_at_look_back`` is the one that screens virtual patients."""
    found = series(*readings)
    occasion = Occasions(patient=found.patient, day=found.day)
    searched, _ = value_before(found, occasion, days=days)
    for index in range(len(found)):
        own = found.of_patient(int(found.patient[index]))
        now = int(np.searchsorted(own.day, found.day[index]))
        looped = value_at_look_back(own.day.astype(float), own.value, now, days)
        np.testing.assert_equal(searched[index], float(looped))


@given(readings=READINGS, days=st.sampled_from([60.0, 180.0]))
def test_the_largest_within_agrees_with_a_loop(readings, days):
    found = series(*readings)
    occasion = Occasions(patient=found.patient, day=found.day)
    largest, age = largest_within(found, occasion, days=days)
    for index in range(len(found)):
        before = found.patient == found.patient[index]
        before &= (found.day < found.day[index]) & (found.day >= found.day[index] - days)
        expected = found.value[before].max() if before.any() else NAN
        np.testing.assert_equal(largest[index], expected)
        assert np.isnan(age[index]) == (not before.any())


def test_a_reading_stays_in_force_for_the_stated_days():
    weights = series((0, 100, 70.0))
    value, age = value_at(weights, at((0, 99), (0, 100), (0, 130), (0, 131), (1, 100)), carry=30)
    np.testing.assert_equal(value, [NAN, 70.0, 70.0, NAN, NAN])
    np.testing.assert_equal(age, [NAN, 0.0, 30.0, NAN, NAN])


def test_the_tolerances_of_the_look_back_hold_to_the_day():
    """30 days beside 6 months (182.6 days): 153 to 212 days before."""
    weights = series((0, 0, 80.0), (0, 213, 70.0))
    assert tolerance(6 * MONTH) == 30
    near, _ = value_before(weights, at((0, 212), (0, 213), (0, 153), (0, 152)), days=6 * MONTH)
    np.testing.assert_equal(near, [80.0, NAN, 80.0, NAN])


def test_of_two_equally_near_weights_the_earlier_counts():
    weights = series((0, 5, 81.0), (0, 15, 79.0), (0, 24, 70.0))
    assert value_before(weights, at((0, 24)), days=14)[0].tolist() == [81.0]


def test_sex_and_height_count_for_every_date_and_age_grows():
    record = Record(
        patients=("P",),
        series={
            "male": series((0, 500, 1.0)),
            "age": series((0, 500, 60.0)),
            "body_weight": series((0, 0, 70.0)),
        },
    )
    when = at((0, 100), (0, 500), (0, 500 + 366))
    columns = Columns(record, when, Settings())
    assert columns["male"].tolist() == [1.0, 1.0, 1.0]
    assert columns["age"].tolist() == [58.0, 60.0, 61.0]
    assert value_for_good(record.of("male"), when)[0].tolist() == [1.0, 1.0, 1.0]


def test_an_illness_lasts_until_it_is_denied():
    record = Record(patients=("P",), series={"chronic_illness": series((0, 100, 1.0), (0, 900, 0.0))})
    columns = Columns(record, at((0, 99), (0, 100), (0, 800), (0, 900)), Settings())
    np.testing.assert_equal(columns["chronic_illness"], [NAN, 1.0, 1.0, 0.0])


def test_a_loss_counts_back_from_the_weight_in_force():
    """80 kg, 75 kg 182 days later: 6.25 %; ten days on, the same weight is still the one in force."""
    record = Record(patients=("P",), series={"body_weight": series((0, 0, 80.0), (0, 182, 75.0))})
    columns = Columns(record, at((0, 182), (0, 192), (0, 213)), Settings())
    np.testing.assert_allclose(columns["weight_loss_6_months"], [0.0625, 0.0625, NAN])


def test_the_reference_is_the_one_that_is_asked_for():
    """82 kg was the largest weight of the half year, 80 kg the one at its beginning."""
    weights = series((0, 0, 80.0), (0, 90, 82.0), (0, 182, 75.0))
    record = Record(patients=("P",), series={"body_weight": weights})
    when = at((0, 182))
    beginning = Columns(record, when, Settings(reference=Reference.AT_LOOK_BACK))
    largest = Columns(record, when, Settings(reference=Reference.MAXIMUM))
    assert beginning["weight_loss_6_months"] == pytest.approx([5 / 80])
    assert largest["weight_loss_6_months"] == pytest.approx([7 / 82])


def test_occasions_are_every_date_with_a_reading():
    record = Record(
        patients=("P", "Q"),
        series={"crp": series((0, 5, 1.0), (1, 7, 1.0)), "ecog": series((0, 5, 1.0), (0, 9, 1.0))},
    )
    every, last = occasions(record), occasions(record, last_only=True)
    assert list(zip(every.patient.tolist(), every.day.tolist(), strict=True)) == [(0, 5), (0, 9), (1, 7)]
    assert list(zip(last.patient.tolist(), last.day.tolist(), strict=True)) == [(0, 9), (1, 7)]
    assert len(occasions(Record(patients=(), series={}))) == 0
